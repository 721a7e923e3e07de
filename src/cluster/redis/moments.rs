//! The moments of the protocol: what is told and not safe, and who is about to lead.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::Redis;
use super::facts::{appointed, behind, leaders, sentinel, server, servers};
use super::message::Msg;
use super::settings::Settings;

const NOT_COPIED: &str = "a write is not at a replica yet";
const PUT_OFF: &str = "a write of the log is put off";
const SYNCING: &str = "a turn waits for its sync";
const BUSY: &str = "a server works, and others wait";
const SAVING: &str = "a snapshot is being written";
const REWRITING: &str = "a log is being written anew";
const SILENT: &str = "a master is nearly taken for dead";
const CHOSEN: &str = "a replica is about to become master";
const TWO: &str = "two believe that they are master";
const ASKS: &str = "a replica is about to ask for votes, or waits for them";
const LEAVES: &str = "a slot is on its way";
const STREAM: &str = "the stream is in the air";
const ALL: &str = "everything is in the air";
const ANSWER: &str = "an answer is in the air";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (NOT_COPIED, On::Node),
    (PUT_OFF, On::Disk),
    (SYNCING, On::Disk),
    (BUSY, On::Node),
    (SAVING, On::Node),
    (REWRITING, On::Node),
    (SILENT, On::Node),
    (CHOSEN, On::Node),
    (ASKS, On::Node),
    (TWO, On::Node),
    (LEAVES, On::Node),
    (STREAM, On::Wire),
    (ALL, On::Wire),
    (ANSWER, On::Wire),
];

impl Moments for Redis {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        let masters = servers(sim).filter(|(_, node)| node.is_master()).count();
        let usual = usize::from(sim.settings().shards());
        let lags = behind(sim).any(|(_, bytes)| bytes > 0);
        let leads: Vec<NodeId> = leaders(sim).into_iter().map(|(id, _)| id).collect();
        for (id, node) in servers(sim) {
            let all = [
                (NOT_COPIED, leads.contains(&id) && lags),
                (PUT_OFF, node.files.put_off.is_some()),
                (SYNCING, node.turn.as_ref().is_some_and(|turn| turn.awaits.is_some())),
                (BUSY, node.turn.is_some() && !node.pending.is_empty()),
                (SAVING, node.files.saving.is_some()),
                (REWRITING, node.files.rewriting.is_some()),
                (ASKS, node.bus.as_ref().is_some_and(|bus| bus.election.is_some())),
                (TWO, masters > usual && node.is_master()),
                (LEAVES, node.resharding.is_some()),
            ];
            kit::that_are(id, &all, out);
        }
        out.extend(of_sentinel(sim));
        out.extend(sim.flights().filter_map(in_the_air));
    }

    /// After this a dead master has a successor, everybody knows of it, and every client knows how its request ended.
    fn patience(settings: &Settings) -> Span {
        if settings.is_cluster() {
            // A vote that failed is asked for again after four node timeouts, eight seconds at least.
            let votes = settings.node_timeout.scaled(8.0) + Span::s(20);
            return votes + settings.ping_every.scaled(4.0) + settings.ack_every.scaled(3.0) + settings.request_timeout.scaled(2.0);
        }
        let failover = settings.down_after.scaled(5.0) + settings.ping_every.scaled(4.0);
        failover + settings.ack_every.scaled(3.0) + settings.request_timeout.scaled(2.0)
    }

    fn open_to(sim: &Sim<Self>) -> Vec<NodeId> {
        if sim.settings().is_cluster() {
            return leaders(sim).into_iter().map(|(id, _)| id).collect();
        }
        let mut masters: Vec<NodeId> = servers(sim).filter(|(_, node)| node.is_master()).map(|(id, _)| id).collect();
        let newest = appointed(sim);
        masters.sort_by_key(|id| *id != newest);
        masters
    }
}

fn of_sentinel(sim: &Sim<Redis>) -> Option<Moment> {
    let (id, sentinel) = (sim.settings().sentinel()?, sentinel(sim)?);
    if let Some((chosen, _)) = sentinel.chosen {
        return Some(Moment { peer: Some(chosen), ..Moment::of(CHOSEN, id) });
    }
    let now = sim.node(id).clock().steady(sim.now());
    let silent = now.since(sentinel.seen.get(&sentinel.master)?.at);
    let wait = sim.settings().down_after;
    let nearly = silent <= wait && silent.0 > wait.0 / 2;
    nearly.then(|| Moment { peer: Some(sentinel.master), ..Moment::of(SILENT, id) })
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Stream { .. } => STREAM,
        Msg::Full { .. } => ALL,
        Msg::Told { .. } => ANSWER,
        _ => return None,
    };
    Some(kit::in_the_air(name, flight))
}

/// Whether a server can do its part.
pub(super) fn is_working(sim: &Sim<Redis>, id: NodeId) -> bool {
    server(sim, id).is_some() && !sim.node(id).is_paused()
}
