//! The facts of a work queue.

use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, float, int};
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::queue::Queue;
use super::watch::{Counts, queue};
use super::worker::{Worker, is_worker};
use super::{BROKER, WorkQueue};

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<WorkQueue>]] = &[QUEUE, RUN, &WIRES];

static WIRES: [Fact<WorkQueue>; 5] = facts::wires();

/// What stands in the queue now.
static QUEUE: &[Fact<WorkQueue>] = &[
    int("ready", "Messages in the queue that may be handed out, those included that wait for their group.", |live| {
        of_queue(live, Queue::ready)
    }),
    int(
        "delayed",
        "Messages in the queue that are hidden for a while: new ones under `delay`, returned ones under `retry-delay`.",
        |live| of_queue(live, Queue::delayed),
    ),
    int("unacked", "Messages that a worker has and has not acknowledged; the queue hides them until their leases end.", |live| {
        of_queue(live, Queue::in_flight)
    }),
    int("dead", "Dead letters: messages handed out as often as `attempts` allows.", |live| of_queue(live, |queue| queue.dead.len())),
    float("oldest_ms", "How long the oldest message has been in the queue, in milliseconds; 0 when it is empty.", oldest),
    fact("held", FactKind::Named(Keys::Any), "How many messages each worker has, the one it is at included.", held),
    facts::nodes_up(),
    int("busy_workers", "Workers that work now.", |live| {
        let sim = live.sim();
        FactValue::int(workers(sim).filter(|(id, worker)| worker.at().is_some() && !sim.node(*id).is_paused()).count())
    }),
];

/// What became of the messages so far.
static RUN: &[Fact<WorkQueue>] = &[
    int("accepted", "Messages that a producer was told the queue has, each business key once.", |live| count(live, |c| c.accepted)),
    int("refused", "Sends that the broker refused.", |live| FactValue::int(live.meter().refused)),
    int("unconfirmed", "Sends whose producers do not know whether the queue has them.", |live| {
        FactValue::int(live.meter().changes.unknown)
    }),
    int("done", "Messages that a worker did to the end, each business key once.", |live| count(live, |c| c.done)),
    int("done_twice", "Messages that workers did to the end twice or more often.", |live| count(live, |c| c.done_twice)),
    int("took_effect", "Messages whose result is in the database, each business key once.", |live| count(live, |c| c.took_effect)),
    int("effect_twice", "Messages whose result is in the database twice or more often.", |live| count(live, |c| c.effect_twice)),
    int(
        "lost",
        "Messages that were accepted, have no result in the database, and that nobody has any more; dead letters are not lost.",
        |live| FactValue::int(live.watched().lost.len()),
    ),
    int("handed", "Hand-outs: messages given to a worker.", |live| count(live, |c| c.handed)),
    int("handed_again", "Hand-outs of messages that had been handed out before.", |live| count(live, |c| c.handed_again)),
    float("again_percent", "Of 100 hand-outs, how many were of messages that had been handed out before.", again),
    int("doubles", "Sends that the broker recognised as doubles, under `dedup`.", |live| count(live, |c| c.doubles)),
    int("recognised", "Results that were found to be there already, and so had no effect.", |live| count(live, |c| c.recognised)),
    int("fenced", "Results that the database refused because a newer receipt had been there, under `fencing`.", |live| {
        count(live, |c| c.fenced)
    }),
    float("per_second", "Results in the database in each second, over the last 10 seconds.", |live| {
        FactValue::Float(live.watched().rate(live.sim().now()))
    }),
];

fn of_queue(live: &Live<WorkQueue>, count: impl Fn(&Queue) -> usize) -> FactValue {
    FactValue::int(queue(live.sim()).map_or(0, count))
}

fn count(live: &Live<WorkQueue>, of: impl Fn(&Counts) -> usize) -> FactValue {
    FactValue::int(of(&live.watched().counts))
}

fn again(live: &Live<WorkQueue>) -> FactValue {
    let Counts { handed, handed_again, .. } = live.watched().counts;
    match handed {
        0 => FactValue::Absent("nothing was handed out".into()),
        of => FactValue::Sampled { value: 100.0 * handed_again as f64 / of as f64, of: of as u64 },
    }
}

fn oldest(live: &Live<WorkQueue>) -> FactValue {
    let sim = live.sim();
    let clock = sim.node(BROKER).clock().local(sim.now());
    let since = queue(sim).and_then(|queue| queue.live().next().map(|(_, message)| message.since));
    FactValue::Float(since.map_or(0.0, |since| clock.since(since.min(clock)).as_ms()))
}

fn held(live: &Live<WorkQueue>) -> FactValue {
    let sim = live.sim();
    FactValue::Named(workers(sim).map(|(id, worker)| (super::name(id), worker.held.len() as f64)).collect())
}

/// The workers that run.
pub(super) fn workers(sim: &Sim<WorkQueue>) -> impl Iterator<Item = (NodeId, &Worker)> {
    let workers = (0..sim.servers()).map(NodeId::server).filter(|id| is_worker(*id));
    workers.filter_map(|id| match sim.node(id).state() {
        Some(WorkQueue::Worker(worker)) => Some((id, worker)),
        _ => None,
    })
}

/// The documentation of every fact.
pub(super) static FACTS: [FactDoc; facts::count(TABLES)] = facts::docs(TABLES);
