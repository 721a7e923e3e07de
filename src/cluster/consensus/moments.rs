//! The moments of the protocol: what is promised, given or nearly over, and can still be taken away.

use crate::cluster::kit::moments;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::Consensus;
use super::look::{disk, ids, lead, leaders, server};
use super::message::{Answer, Msg};
use super::server::{Role, Server, Timer};
use super::settings::{Reads, Settings};

const ENTRY_UNSYNCED: &str = "an entry is written, not synced";
const VOTE_UNSYNCED: &str = "a vote is written, not synced";
const TERM_UNSYNCED: &str = "a term is begun, not synced";
const CANDIDATE: &str = "a candidate waits for votes";
const OFFICE: &str = "a leader has committed nothing of its term";
const OLD_TERM: &str = "an older entry is on a majority, not committed";
const OUTDATED: &str = "an older leader still leads";
const READ_WAITS: &str = "a read waits for a majority";
const SUSPICION: &str = "a follower is about to stand";
const HANDS_OVER: &str = "a leader hands over";
const REQUEST: &str = "a request is asked";
const ENTRY_SENT: &str = "an entry is in the air";
const ENTRY_STORED: &str = "an acknowledgement of an entry is in the air";
const TOLD: &str = "a client is being told";
const VOTE_ASKED: &str = "a vote is asked";
const VOTE_GIVEN: &str = "a vote is in the air";
const TOLD_TO_STAND: &str = "a successor is told to stand";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (ENTRY_UNSYNCED, On::Disk),
    (VOTE_UNSYNCED, On::Disk),
    (TERM_UNSYNCED, On::Disk),
    (CANDIDATE, On::Node),
    (OFFICE, On::Node),
    (OLD_TERM, On::Node),
    (OUTDATED, On::Node),
    (READ_WAITS, On::Node),
    (SUSPICION, On::Node),
    (HANDS_OVER, On::Node),
    (REQUEST, On::Wire),
    (ENTRY_SENT, On::Wire),
    (ENTRY_STORED, On::Wire),
    (TOLD, On::Wire),
    (VOTE_ASKED, On::Wire),
    (VOTE_GIVEN, On::Wire),
    (TOLD_TO_STAND, On::Wire),
];

impl Moments for Consensus {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        let newest = ids(sim).map(|id| disk(sim, id).term).max().unwrap_or(0);
        for id in ids(sim) {
            on_disk(sim, id, out);
            if let Some(server) = server(sim, id) {
                in_memory(sim, id, server, newest, out);
            }
        }
        out.extend(sim.flights().filter_map(|flight| in_the_air(sim, flight)));
    }

    /// The time for several elections, and for every request to end.
    fn patience(settings: &Settings) -> Span {
        moments::patience(ELECTIONS, settings.election_timeout.1, settings.request_timeout)
    }

    /// The leaders, where only a leader answers: another server that is asked by name answers with what it has, which breaks promises
    /// that were never made.
    fn open_to(sim: &Sim<Self>) -> Vec<NodeId> {
        if matches!(sim.settings().reads, Reads::Any | Reads::WaitForPosition) {
            return Vec::new();
        }
        let mut leaders = leaders(sim);
        leaders.reverse();
        leaders
    }
}

/// Votes are split now and then, each costs one timeout; this many are plenty for one to succeed.
const ELECTIONS: u64 = 12;

fn on_disk(sim: &Sim<Consensus>, id: NodeId, out: &mut Vec<Moment>) {
    let store = sim.node(id).store();
    let (written, synced) = (store.current(), store.durable());
    let behind = [
        (ENTRY_UNSYNCED, written.position() != synced.position()),
        (VOTE_UNSYNCED, written.voted_for != synced.voted_for),
        (TERM_UNSYNCED, written.term != synced.term),
    ];
    moments::that_are(id, &behind, out);
}

fn in_memory(sim: &Sim<Consensus>, id: NodeId, server: &Server, newest: u64, out: &mut Vec<Moment>) {
    match &server.role {
        Role::Candidate(_) => out.push(Moment::of(CANDIDATE, id)),
        Role::Leader(lead) => {
            let own = disk(sim, id);
            let copied = lead.reached(own.last(), |peer| peer.matched).unwrap_or(0);
            let is_outdated = own.term < newest;
            let are = [
                (OFFICE, server.commit < lead.start),
                (OLD_TERM, copied > server.commit && own.term_at(copied) < own.term),
                (READ_WAITS, !server.reads.is_empty()),
                (HANDS_OVER, lead.is_handing_over()),
            ];
            moments::that_are(id, &are, out);
            if is_outdated {
                let peer = ids(sim).find(|other| *other != id && disk(sim, *other).term == newest);
                out.push(Moment { peer, ..Moment::of(OUTDATED, id) });
            }
        }
        Role::Follower => {}
    }
    let waits = sim.node(id).timers().iter().filter(|running| running.timer == Timer::Election);
    let near = waits.filter(|running| moments::is_about_to_fire((running.set, running.due), sim.now()));
    out.extend(near.map(|_| moments::beside_leader(SUSPICION, id, server.leader)));
}

fn in_the_air(sim: &Sim<Consensus>, flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Ask { .. } => REQUEST,
        Msg::Told { answer: Answer::Done(_), .. } => TOLD,
        Msg::Append(append) if !append.entries.is_empty() => ENTRY_SENT,
        Msg::Appended { matched: Ok(upto), .. } if is_news(sim, flight, *upto) => ENTRY_STORED,
        Msg::RequestVote(_) => VOTE_ASKED,
        Msg::Vote { granted: true, .. } => VOTE_GIVEN,
        Msg::TimeoutNow { .. } => TOLD_TO_STAND,
        _ => return None,
    };
    Some(moments::in_the_air(name, flight))
}

/// Whether an acknowledgement tells its leader of an entry that it does not count there yet; most answer heartbeats.
fn is_news(sim: &Sim<Consensus>, flight: &Flight<Msg>, upto: u64) -> bool {
    lead(sim, flight.leg.to).is_some_and(|lead| lead.peers.iter().any(|peer| peer.id == flight.leg.from && peer.matched < upto))
}
