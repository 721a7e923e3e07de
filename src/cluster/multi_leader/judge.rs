//! What a run satisfies so far.

use crate::check::operation::{Key, Operation, Replicas, Value};
use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::cluster::kit::astray::only_on;
use crate::cluster::kit::reach::parted;
use crate::cluster::kit::register::{judge_these, operations};
use crate::cluster::live::Live;

use super::MultiLeader;
use super::fates::Fate;
use super::look::{disk, lacking, leader, running, servers, streams};
use super::sessions::CAUSAL;

/// What there is once is given once.
const UNIQUE: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "unique",
    about: "No two rows of a table get the same automatic key, and no room is booked twice.",
    of_state: true,
});

/// Everything that it can be held to, in the order of the screen.
pub(super) static GUARANTEES: [Guarantee; 10] = [
    Guarantee::LINEARIZABLE,
    Guarantee::SEQUENTIAL,
    Guarantee::READ_YOUR_WRITES,
    Guarantee::MONOTONIC_READS,
    Guarantee::MONOTONIC_WRITES,
    Guarantee::WRITES_FOLLOW_READS,
    CAUSAL,
    UNIQUE,
    Guarantee::DURABLE,
    Guarantee::CONVERGENT,
];

/// Judges all of them. One order of all operations can be asked of rows that are registers and nothing more.
pub(super) fn judge(live: &Live<MultiLeader>) -> Verdicts {
    let watch = live.watched();
    let plain: Vec<Operation> = operations(live).into_iter().filter(|operation| !watch.mixed.contains(operation.op.key())).collect();
    let of_register = judge_these(live, &plain);
    let sessions = &watch.sessions;
    let verdict = |guarantee: &Guarantee| match *guarantee {
        Guarantee::READ_YOUR_WRITES => sessions.read_your_writes.verdict(*guarantee),
        Guarantee::MONOTONIC_READS => sessions.monotonic_reads.verdict(*guarantee),
        Guarantee::MONOTONIC_WRITES => sessions.monotonic_writes.verdict(*guarantee),
        Guarantee::WRITES_FOLLOW_READS => sessions.writes_follow_reads.verdict(*guarantee),
        CAUSAL => sessions.causal.verdict(*guarantee),
        UNIQUE => unique(live),
        other => of_register.iter().find(|verdict| verdict.guarantee == other).cloned().unwrap_or_else(|| untold(other)),
    };
    GUARANTEES.iter().map(verdict).collect()
}

fn untold(guarantee: Guarantee) -> Verdict {
    Verdict { guarantee, holds: Holds::Untested, why: "nothing to judge yet".to_string(), witness: Vec::new() }
}

fn unique(live: &Live<MultiLeader>) -> Verdict {
    let rules = &live.watched().rules;
    match &rules.broken {
        Some((why, witness)) => Verdict { guarantee: UNIQUE, holds: Holds::No, why: why.to_string(), witness: witness.clone() },
        None if rules.tested => Verdict { guarantee: UNIQUE, holds: Holds::Yes, why: String::new(), witness: Vec::new() },
        None => untold(UNIQUE),
    }
}

/// What the judges are told of the copies.
pub(super) fn replicas(live: &Live<MultiLeader>) -> Replicas {
    let (mut lost, mut astray) = (Vec::new(), Vec::new());
    for (request, fate) in live.watched().fates.in_doubt(live.sim()) {
        match fate {
            Fate::Kept => {}
            Fate::Coming => astray.push((request, "is shown by no server that runs, and is still on its way".to_string())),
            Fate::Lost => lost.push(request),
            Fate::Down(down) => astray.push((request, only_on(&down))),
        }
    }
    Replicas { lost, astray, risked: live.watched().risked, states: states(live), unsettled: unsettled(live), ..Replicas::default() }
}

fn states(live: &Live<MultiLeader>) -> Vec<(String, Vec<(Key, Value)>)> {
    let (sim, rule) = (live.sim(), live.sim().settings().rule());
    let of = |id| disk(sim, id).rows.iter().filter_map(|(key, row)| Some((key.clone(), row.value(rule)?))).collect();
    running(sim).map(|id| (id.to_string(), of(id))).collect()
}

/// Why copies may still come together by themselves.
fn unsettled(live: &Live<MultiLeader>) -> Option<String> {
    let sim = live.sim();
    if let Some(why) = parted(sim) {
        return Some(why);
    }
    if let Some(id) = servers(sim).find(|id| !sim.node(*id).is_up() || sim.node(*id).is_paused()) {
        return Some(format!("{id} is {}", if sim.node(id).is_up() { "paused" } else { "down" }));
    }
    if let Some(id) = servers(sim).find(|id| sim.node(*id).store().is_full()) {
        return Some(format!("the disk of {id} is full"));
    }
    let is_behind = |way: &(_, _)| lacking(sim, *way) > 0;
    let waits = servers(sim).any(|id| leader(sim, id).is_some_and(|leader| !leader.streams.waiting.is_empty()));
    (waits || streams(sim).iter().any(is_behind)).then(|| "changes are on their way".to_string())
}
