//! The moments of the protocol: what is in somebody's hands and can still be taken away.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::facts::workers;
use super::message::{Msg, Verdict};
use super::settings::Settings;
use super::worker::Phase;
use super::{BROKER, DATABASE, Timer, WorkQueue, watch};

const QUEUE_UNSYNCED: &str = "a change of the queue is written, not synced";
const EFFECT_UNSYNCED: &str = "a result is written, not synced";
const MOVING: &str = "a message is out of the queue, and no dead letter yet";
const WORKS: &str = "a worker is at work";
const OVERTAKEN: &str = "a worker is at work on what is not its own any more";
const UNACKED: &str = "a result is written, and its message not acknowledged";
const LEASE_ENDS: &str = "a lease is about to end";
const SENT: &str = "a send is in the air";
const TOLD: &str = "a confirmation is in the air";
const HANDED: &str = "a message is handed out";
const ACK: &str = "an acknowledgement is in the air";
const RESULT: &str = "a result is in the air";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (QUEUE_UNSYNCED, On::Disk),
    (EFFECT_UNSYNCED, On::Disk),
    (MOVING, On::Disk),
    (WORKS, On::Node),
    (OVERTAKEN, On::Node),
    (UNACKED, On::Node),
    (LEASE_ENDS, On::Node),
    (SENT, On::Wire),
    (TOLD, On::Wire),
    (HANDED, On::Wire),
    (ACK, On::Wire),
    (RESULT, On::Wire),
];

impl Moments for WorkQueue {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        on_disks(sim, out);
        for (id, worker) in workers(sim) {
            let own = |receipt| watch::queue(sim).is_some_and(|queue| queue.held(receipt).is_some());
            let at = worker.at().filter(|_| worker.phase == Phase::Working);
            out.extend(at.map(|job| Moment::of(if own(job.receipt) { WORKS } else { OVERTAKEN }, id)));
        }
        let ends = |left: Span| kit::is_nearly_over(left, sim.settings().visibility);
        let timers = sim.node(BROKER).timers().iter();
        out.extend(timers.filter(|t| t.timer == Timer::Lease && ends(t.due.since(sim.now()))).map(|_| Moment::of(LEASE_ENDS, BROKER)));
        out.extend(sim.flights().filter_map(in_the_air));
    }

    /// Whoever is up asks for work within two polls, and every lease has ended by then.
    fn patience(settings: &Settings) -> Span {
        let leases = settings.visibility.scaled(LEASES) + settings.delay.max(settings.retry_delay);
        leases + settings.poll.scaled(LEASES) + settings.request_timeout.scaled(LEASES) + settings.restart
    }
}

fn on_disks(sim: &Sim<WorkQueue>, out: &mut Vec<Moment>) {
    let (queue, ledger) = (sim.node(BROKER).store(), sim.node(DATABASE).store());
    let (written, synced) = (&queue.current().queue, &queue.durable().queue);
    let moving = written.moving > synced.moving || synced.moving > written.dead.len() as u64;
    let behind =
        [(QUEUE_UNSYNCED, BROKER, queue.has_unsynced()), (MOVING, BROKER, moving), (EFFECT_UNSYNCED, DATABASE, ledger.has_unsynced())];
    out.extend(behind.into_iter().filter(|(.., is)| *is).map(|(name, node, _)| Moment::of(name, node)));
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let (name, node) = match &flight.msg {
        Msg::Ask { .. } => (SENT, flight.leg.from),
        Msg::Told { answer: Ok(_), .. } => (TOLD, flight.leg.from),
        Msg::Deliver(_) => (HANDED, flight.leg.from),
        Msg::Ack { .. } => (ACK, flight.leg.from),
        Msg::Apply(_) => (RESULT, flight.leg.from),
        Msg::Applied { verdict: Verdict::New, .. } => return Some(of_flight(UNACKED, flight.leg.to, None, flight)),
        _ => return None,
    };
    Some(of_flight(name, node, Some(flight.leg.to), flight))
}

fn of_flight(name: &'static str, node: NodeId, peer: Option<NodeId>, flight: &Flight<Msg>) -> Moment {
    Moment { name, node, peer, message: Some(flight.leg.id) }
}

/// After so many leases somebody works on what is ready: one that was held by the dead, and one for what was handed to nobody.
const LEASES: f64 = 2.0;
