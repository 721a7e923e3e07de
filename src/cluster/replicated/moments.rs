//! The moments of the protocol: what is promised, given or nearly over, and can still be taken away.

use crate::cluster::kit::moments;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::Replicated;
use super::facts::{disk, ids, leaders, server};
use super::message::{Answer, Msg};
use super::server::{Role, Server, Timer};
use super::settings::{FollowerReads, Reads, Settings};

const ENTRY_UNSYNCED: &str = "an entry is written, not synced";
const PROMISE_UNSYNCED: &str = "a promise is written, not synced";
const EPOCH_UNSYNCED: &str = "an epoch is begun, not synced";
const CANDIDATE: &str = "a candidate waits for votes";
const ELECTED: &str = "a leader is elected, and has not taken office";
const OFFICE: &str = "a leader has only just taken office";
const OUTDATED: &str = "an older leader still leads";
const LEASE_ENDS: &str = "a lease is about to end";
const SUSPICION: &str = "a follower is about to suspect its leader";
const REQUEST: &str = "a write is asked";
const ENTRY_SENT: &str = "an entry is in the air";
const ENTRY_STORED: &str = "an acknowledgement of an entry is in the air";
const TOLD: &str = "a client is being told";
const VOTE_ASKED: &str = "a vote is asked";
const VOTE_GIVEN: &str = "a vote is in the air";
const APPOINTED: &str = "an appointment is in the air";
const OFFERED: &str = "an offer to merge is in the air";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (ENTRY_UNSYNCED, On::Disk),
    (PROMISE_UNSYNCED, On::Disk),
    (EPOCH_UNSYNCED, On::Disk),
    (CANDIDATE, On::Node),
    (ELECTED, On::Disk),
    (OFFICE, On::Node),
    (OUTDATED, On::Node),
    (LEASE_ENDS, On::Node),
    (SUSPICION, On::Node),
    (REQUEST, On::Wire),
    (ENTRY_SENT, On::Wire),
    (ENTRY_STORED, On::Wire),
    (TOLD, On::Wire),
    (VOTE_ASKED, On::Wire),
    (VOTE_GIVEN, On::Wire),
    (APPOINTED, On::Wire),
    (OFFERED, On::Wire),
];

impl Moments for Replicated {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        let newest = ids(sim).map(|id| disk(sim, id).newest_epoch()).max().unwrap_or(0);
        for id in ids(sim) {
            on_disk(sim, id, out);
            if let Some(server) = server(sim, id) {
                in_memory(sim, id, server, newest, out);
            }
        }
        out.extend(sim.flights().filter_map(|flight| in_the_air(sim, flight)));
    }

    /// The time for several elections, for every request to end, and for what piled up to be applied.
    fn patience(settings: &Settings) -> Span {
        moments::patience(ELECTIONS, settings.detection_timeout, settings.request_timeout)
    }

    /// The leaders, where only a leader answers: a follower that is asked by name answers with what it has, which breaks promises that
    /// were never made.
    fn open_to(sim: &Sim<Self>) -> Vec<NodeId> {
        let settings = sim.settings();
        if settings.reads != Reads::Leader || settings.follower_reads != FollowerReads::Refuse {
            return Vec::new();
        }
        let mut leaders = leaders(sim);
        leaders.reverse();
        leaders
    }
}

/// Elections collide now and then, each costs up to two timeouts; ten are plenty for one to succeed.
const ELECTIONS: u64 = 10;

fn on_disk(sim: &Sim<Replicated>, id: NodeId, out: &mut Vec<Moment>) {
    let store = sim.node(id).store();
    let (written, synced) = (store.current(), store.durable());
    let behind = [
        (ENTRY_UNSYNCED, written.position() != synced.position()),
        (PROMISE_UNSYNCED, written.promised != synced.promised),
        (EPOCH_UNSYNCED, written.epoch != synced.epoch),
    ];
    moments::that_are(id, &behind, out);
}

fn in_memory(sim: &Sim<Replicated>, id: NodeId, server: &Server, newest: u64, out: &mut Vec<Moment>) {
    match &server.role {
        Role::Candidate(_) => out.push(Moment::of(CANDIDATE, id)),
        Role::Elected => out.push(Moment::of(ELECTED, id)),
        Role::Leader(lead) => {
            if server.commit < lead.start {
                out.push(Moment::of(OFFICE, id));
            }
            if disk(sim, id).epoch < newest {
                let peer = ids(sim).find(|other| *other != id && disk(sim, *other).newest_epoch() == newest);
                out.push(Moment { peer, ..Moment::of(OUTDATED, id) });
            }
        }
        Role::Follower | Role::Stranded => {}
    }
    for running in sim.node(id).timers() {
        let name = match running.timer {
            Timer::Lease => LEASE_ENDS,
            Timer::Detection => SUSPICION,
            _ => continue,
        };
        if moments::is_about_to_fire((running.set, running.due), sim.now()) {
            out.push(moments::beside_leader(name, id, server.leader));
        }
    }
}

fn in_the_air(sim: &Sim<Replicated>, flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Ask { op, .. } if op.is_write() => REQUEST,
        Msg::Told { answer: Answer::Done(_), .. } => TOLD,
        Msg::Append(append) if !append.entries.is_empty() => ENTRY_SENT,
        Msg::Ack { upto, .. } if is_news(sim, flight, *upto) => ENTRY_STORED,
        Msg::Elect { .. } => VOTE_ASKED,
        Msg::Vote { granted: true, .. } => VOTE_GIVEN,
        Msg::Appoint { .. } => APPOINTED,
        Msg::Offer { .. } => OFFERED,
        _ => return None,
    };
    Some(moments::in_the_air(name, flight))
}

/// Whether an acknowledgement tells its leader of an entry that it does not count there yet; most answer heartbeats.
fn is_news(sim: &Sim<Replicated>, flight: &Flight<Msg>, upto: u64) -> bool {
    let Some(Role::Leader(lead)) = server(sim, flight.leg.to).map(|server| &server.role) else { return false };
    lead.peers.iter().any(|peer| peer.id == flight.leg.from && peer.matched < upto)
}
