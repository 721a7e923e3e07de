//! The moments of the protocol: what only one has, who is about to be taken for dead, what is in the air.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::CommitLog;
use super::look::{consumers, lead, log, topic};
use super::message::Msg;
use super::record::Group;
use super::settings::Settings;

const ALONE: &str = "only the leader has a record";
const UNCOMMITTED: &str = "a record is not committed";
const BEHIND: &str = "a follower lacks records";
const UNSYNCED: &str = "records are written, not synced";
const WISHES: &str = "a leader waits for another in-sync set";
const WORKS: &str = "a consumer is at work";
const JOINS: &str = "a consumer waits for partitions";
const BATCH: &str = "a batch is in the air";
const ACK: &str = "an acknowledgement is in the air";
const REPLICATED: &str = "records for a follower are in the air";
const COMMIT: &str = "a commit is in the air";
const COMMITTED: &str = "the confirmation of a commit is in the air";
const WISH: &str = "a change of an in-sync set is in the air";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (ALONE, On::Node),
    (UNCOMMITTED, On::Node),
    (BEHIND, On::Node),
    (UNSYNCED, On::Disk),
    (WISHES, On::Node),
    (WORKS, On::Node),
    (JOINS, On::Node),
    (BATCH, On::Wire),
    (ACK, On::Wire),
    (REPLICATED, On::Wire),
    (COMMIT, On::Wire),
    (COMMITTED, On::Wire),
    (WISH, On::Wire),
];

impl Moments for CommitLog {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        for broker in sim.settings().roster().brokers() {
            of_broker(sim, broker, out);
        }
        for (id, consumer) in Group::ALL.into_iter().flat_map(|group| consumers(sim, group)) {
            kit::that_are(id, &[(WORKS, consumer.is_busy()), (JOINS, consumer.joins)], out);
        }
        out.extend(sim.flights().filter_map(in_the_air));
    }

    /// How long after the last fault until every partition has a leader again.
    fn patience(settings: &Settings) -> Span {
        settings.broker_session.scaled(SESSIONS) + settings.request_timeout.scaled(SESSIONS) + settings.fetch_wait
    }
}

fn of_broker(sim: &Sim<CommitLog>, id: NodeId, out: &mut Vec<Moment>) {
    kit::that_are(id, &[(UNSYNCED, sim.node(id).is_up() && sim.node(id).store().has_unsynced())], out);
    for part in topic(sim) {
        let (Some(lead), Some(log)) = (lead(sim, id, part), log(sim, id, part)) else { continue };
        let ends = || lead.followers.values().map(|progress| progress.end);
        let alone = !lead.followers.is_empty() && ends().all(|end| end < log.end);
        kit::that_are(id, &[(ALONE, alone), (UNCOMMITTED, log.high_water < log.end), (WISHES, lead.wish.is_some())], out);
        let late = lead.followers.iter().filter(|(_, progress)| progress.end < log.end);
        out.extend(late.map(|(follower, _)| Moment { peer: Some(*follower), ..Moment::of(BEHIND, id) }));
    }
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Produce(_) => BATCH,
        Msg::Produced { answer: Ok(_), .. } => ACK,
        Msg::Fetched { stretch, .. } if !stretch.records.is_empty() => REPLICATED,
        Msg::Commit { .. } => COMMIT,
        Msg::Committed { .. } => COMMITTED,
        Msg::Alter { .. } => WISH,
        _ => return None,
    };
    Some(kit::in_the_air(name, flight))
}

/// A broker that was away is back within so many sessions.
const SESSIONS: f64 = 4.0;
