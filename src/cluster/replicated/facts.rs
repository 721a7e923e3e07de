//! The facts of the cluster, and its entry in the registry.

use std::collections::BTreeSet;

use crate::check::operation::{Key, Replicas, Value};
use crate::cluster::facts::{FactDoc, FactKind, FactValue, Facts};
use crate::cluster::live::{Live, start};
use crate::cluster::model::Model;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Span;

use super::entry::Disk;
use super::server::{Role, Server};
use super::{Replicated, SETTINGS};

/// Leader and followers over a log.
pub static MODEL: Model = Model {
    name: "replicated",
    about: "Leader and followers over a replicated log (Designing Data-Intensive Applications, chapter 5).",
    nodes: (3, 9),
    clients: (2, 9),
    settings: SETTINGS,
    facts: FACTS,
    pokes: &[
        ("promote n2", "makes n2 the leader of a new epoch by hand, whether or not the old leader still leads"),
        ("fire n2 detection", "n2 has waited long enough for its leader, as far as it can tell"),
        ("c1 write x 7", "goes to the server that c1 believes to lead; a follower sends c1 on"),
        ("c1 write x 7 to n2", "goes to n2 and nowhere else; a follower refuses"),
        ("c1 read x", "goes where the setting `reads` says"),
        ("c1 read x from n3", "goes to n3 and nowhere else"),
    ],
    start: start::<Replicated>,
};

const fn doc(name: &'static str, kind: FactKind, about: &'static str) -> FactDoc {
    FactDoc { name, kind, about }
}

/// Every fact, in the order in which they are printed.
pub static FACTS: &[FactDoc] = &[
    doc(
        "leaders",
        FactKind::Int,
        "Servers that run and believe that they lead; under `fencing lease`, that also have a lease by their own clock.",
    ),
    doc("leader", FactKind::Text, "Their names, such as `n1` or `n1 n2`; empty when nobody leads."),
    doc("epoch", FactKind::Int, "The newest epoch that has, or had, a leader."),
    doc("failovers", FactKind::Int, "How often a server became leader after the first one."),
    doc("nodes_up", FactKind::Int, "Servers that are neither down nor paused."),
    doc("acked", FactKind::Int, "Writes that were acknowledged."),
    doc("failed", FactKind::Int, "Writes that failed for certain."),
    doc("unknown", FactKind::Int, "Writes whose client got no answer in time: they may have happened or not."),
    doc("reads_ok", FactKind::Int, "Reads that were answered."),
    doc("reads_failed", FactKind::Int, "Reads that were refused or got no answer."),
    doc("refused", FactKind::Int, "Requests, reads and writes, that a server refused."),
    doc("open", FactKind::Int, "Requests that wait for their answer."),
    doc(
        "acked_lost",
        FactKind::Int,
        "Acknowledged writes that are in no server's log any more, a crashed server's disk included, or that a merge overruled.",
    ),
    doc("acked_missing", FactKind::Int, "Acknowledged writes that are not in the newest leader's log."),
    doc("discarded", FactKind::Int, "Writes that rejoining servers threw away, acknowledged or not."),
    doc("overruled", FactKind::Int, "Writes that a merge threw away for a newer one of the same key."),
    doc(
        "conflicting_writes",
        FactKind::Int,
        "Writes that a leader took of a key that another leader also wrote after their logs had parted.",
    ),
    doc("divergent_keys", FactKind::Int, "Keys that do not have the same value on all servers that run."),
    doc("stranded", FactKind::Int, "Servers that stopped because their log has parted from their leader's."),
    doc("stale_reads", FactKind::Int, "Reads that returned something older than a write that was acknowledged before the read was called."),
    doc("staleness_max_ms", FactKind::Float, "Of all stale reads: how long at most the newer value had been acknowledged."),
    doc(
        "lag_entries",
        FactKind::PerNode,
        "For each server that runs and follows: entries of the newest leader's log that it has not applied.",
    ),
    doc("lag_ms", FactKind::PerNode, "For each such server: the age of the oldest of these entries, by the leader's clock."),
    doc("lag_entries_max", FactKind::Int, "The greatest of them."),
    doc("lag_ms_max", FactKind::Float, "The greatest of them."),
    doc("unavailable_ms", FactKind::Float, "How long nobody could take a write, in total."),
    doc("write_ms_mean", FactKind::Float, "Mean time from call to acknowledgement of writes."),
    doc("write_ms_p50", FactKind::Float, "Its median."),
    doc("write_ms_p99", FactKind::Float, "Its 99th percentile."),
    doc("read_ms_mean", FactKind::Float, "Mean time from call to answer of reads."),
    doc("read_ms_p50", FactKind::Float, "Its median."),
    doc("read_ms_p99", FactKind::Float, "Its 99th percentile."),
    doc("messages", FactKind::Int, "Messages sent so far, heartbeats and copies included."),
    doc("messages_per_op", FactKind::Float, "The same for each finished operation."),
    doc("bytes_per_op", FactKind::Float, "Bytes sent for each finished operation."),
    doc("in_flight", FactKind::Int, "Messages on their way."),
    doc("shed", FactKind::Int, "Requests that a workload did not make because its client had too many open ones."),
];

/// The server's state machine; `None` while it is down.
pub(super) fn server(sim: &Sim<Replicated>, id: NodeId) -> Option<&Server> {
    match sim.node(id).state() {
        Some(Replicated::Server(server)) => Some(server),
        _ => None,
    }
}

/// The disk of a server.
pub(super) fn disk(sim: &Sim<Replicated>, id: NodeId) -> &Disk {
    sim.node(id).store().current()
}

pub(super) fn ids(sim: &Sim<Replicated>) -> impl Iterator<Item = NodeId> + use<> {
    (0..sim.servers()).map(NodeId::server)
}

/// Whether a server runs and leads and, where leases are used, has one by its own clock.
pub(super) fn may_lead(sim: &Sim<Replicated>, id: NodeId) -> bool {
    let node = sim.node(id);
    !node.is_paused() && server(sim, id).is_some_and(|server| server.may_lead(sim.settings(), node.clock().local(sim.now())))
}

/// Servers that run and may lead, the newest epoch last.
pub(super) fn leaders(sim: &Sim<Replicated>) -> Vec<NodeId> {
    let mut leaders: Vec<NodeId> = ids(sim).filter(|id| may_lead(sim, *id)).collect();
    leaders.sort_by_key(|id| (disk(sim, *id).epoch, *id));
    leaders
}

/// Acknowledged writes that are in no log any more, or were overruled.
pub(super) fn lost(live: &Live<Replicated>) -> Vec<u32> {
    let sim = live.sim();
    let is_lost = |request: &u32| {
        let acked = live.tally().acked.contains_key(request);
        acked && !ids(sim).any(|id| disk(sim, id).seen.contains_key(request))
    };
    live.watched().gone.iter().copied().filter(is_lost).collect()
}

/// Acknowledged writes that the newest leader's log does not have: what others have beyond the common part, and what is lost.
fn missing(live: &Live<Replicated>, leader: Option<NodeId>) -> usize {
    let Some(leader) = leader else { return 0 };
    let sim = live.sim();
    let theirs = disk(sim, leader);
    let mut missing: BTreeSet<u32> = lost(live).into_iter().collect();
    for id in ids(sim).filter(|id| *id != leader) {
        let own = disk(sim, id);
        for index in (1..=own.last()).rev() {
            if own.epoch_at(index) == theirs.epoch_at(index) {
                break;
            }
            let request = own.get(index).and_then(super::entry::Entry::request);
            missing.extend(request.map(|r| r.0).filter(|r| !theirs.seen.contains_key(r)));
        }
    }
    missing.iter().filter(|request| live.tally().acked.contains_key(*request)).count()
}

/// Keys that do not have the same value on all servers that run.
pub(super) fn divergent(sim: &Sim<Replicated>) -> usize {
    let data: Vec<_> = ids(sim).filter_map(|id| server(sim, id)).map(|server| &server.data).collect();
    let Some((first, rest)) = data.split_first() else { return 0 };
    if rest.iter().all(|other| other.ptr_eq(first)) {
        return 0;
    }
    let keys: BTreeSet<&Key> = data.iter().flat_map(|data| data.keys()).collect();
    let value = |data: &super::entry::Data, key: &Key| data.get(key).map(|cell| cell.value.clone());
    keys.into_iter().filter(|key| rest.iter().any(|other| value(other, key) != value(first, key))).count()
}

/// For each server that runs and follows: entries of the leader's log that it has not applied, and the age of the oldest.
pub(super) fn lags(sim: &Sim<Replicated>, leader: Option<NodeId>) -> Vec<(NodeId, u64, Span)> {
    let Some(leader) = leader else { return Vec::new() };
    let log = disk(sim, leader);
    let now = sim.node(leader).clock().local(sim.now());
    let lag = |id: NodeId| {
        let server = server(sim, id)?;
        let behind = log.last().saturating_sub(server.applied);
        let oldest = log.get(server.applied + 1).map_or(Span::ZERO, |entry| now.since(entry.stamp));
        Some((id, behind, oldest))
    };
    ids(sim).filter(|id| *id != leader).filter_map(lag).collect()
}

/// Fills in the facts.
pub(super) fn facts(live: &Live<Replicated>, out: &mut Facts) {
    let (sim, tally, watch) = (live.sim(), live.tally(), live.watched());
    let leaders = leaders(sim);
    let newest = leaders.last().copied();
    out.int("leaders", leaders.len());
    out.put("leader", FactValue::Text(leaders.iter().map(NodeId::to_string).collect::<Vec<_>>().join(" ")));
    out.int("epoch", watch.epoch() as usize);
    out.int("failovers", watch.failovers);
    out.int("nodes_up", ids(sim).filter(|id| sim.node(*id).is_up() && !sim.node(*id).is_paused()).count());
    out.int("acked", tally.writes.ok);
    out.int("failed", tally.writes.failed);
    out.int("unknown", tally.writes.unknown);
    out.int("reads_ok", tally.reads.ok);
    out.int("reads_failed", tally.reads.failed);
    out.int("refused", tally.refused);
    out.int("open", sim.ids().filter(|id| id.is_client()).map(|id| sim.open_requests(id)).sum());
    out.int("acked_lost", lost(live).len());
    out.int("acked_missing", missing(live, newest));
    out.int("discarded", watch.discarded);
    out.int("overruled", watch.overruled.len());
    out.int("conflicting_writes", watch.conflicts);
    out.int("divergent_keys", divergent(sim));
    out.int("stranded", ids(sim).filter(|id| server(sim, *id).is_some_and(|s| matches!(s.role, Role::Stranded))).count());
    out.int("stale_reads", tally.stale_reads);
    out.put("staleness_max_ms", FactValue::Float(tally.staleness_max.as_ms()));
    lag_facts(&lags(sim, newest), out);
    speed_facts(live, out);
}

fn lag_facts(lags: &[(NodeId, u64, Span)], out: &mut Facts) {
    let entries = lags.iter().map(|(id, entries, _)| (id.to_string(), *entries as f64)).collect();
    let ages = lags.iter().map(|(id, _, age)| (id.to_string(), age.as_ms())).collect();
    out.put("lag_entries", FactValue::PerNode(entries));
    out.put("lag_ms", FactValue::PerNode(ages));
    out.int("lag_entries_max", lags.iter().map(|(_, entries, _)| *entries).max().unwrap_or(0) as usize);
    let age = lags.iter().map(|(_, _, age)| *age).max().unwrap_or_default();
    out.put("lag_ms_max", FactValue::Float(age.as_ms()));
}

fn speed_facts(live: &Live<Replicated>, out: &mut Facts) {
    let (sim, tally) = (live.sim(), live.tally());
    let mut ms = |name, span: Span| out.put(name, FactValue::Float(span.as_ms()));
    ms("unavailable_ms", tally.unavailable);
    ms("write_ms_mean", tally.write_latency.mean());
    ms("write_ms_p50", tally.write_latency.quantile(0.5));
    ms("write_ms_p99", tally.write_latency.quantile(0.99));
    ms("read_ms_mean", tally.read_latency.mean());
    ms("read_ms_p50", tally.read_latency.quantile(0.5));
    ms("read_ms_p99", tally.read_latency.quantile(0.99));
    let (sent, done) = (sim.sent(), [tally.writes, tally.reads].map(|c| c.ok + c.failed + c.unknown).iter().sum::<usize>());
    let each = |n: u64| n as f64 / done.max(1) as f64;
    out.int("messages", sent.messages as usize);
    out.put("messages_per_op", FactValue::Float(each(sent.messages)));
    out.put("bytes_per_op", FactValue::Float(each(sent.bytes)));
    out.int("in_flight", sim.flights().count());
    out.int("shed", sim.shed() as usize);
}

/// What the replicas hold, for the checkers.
pub(super) fn replicas(live: &Live<Replicated>) -> Replicas {
    let sim = live.sim();
    let state = |id: NodeId| {
        let server = server(sim, id)?;
        let values = server.data.iter().map(|(key, cell)| (key.clone(), cell.value.clone()));
        Some((id.to_string(), values.collect::<Vec<(Key, Value)>>()))
    };
    let carries_data = sim.flights().any(|flight| !matches!(flight.msg.flight_kind(), crate::cluster::scene::FlightKind::Heartbeat));
    let behind = lags(sim, leaders(sim).last().copied()).iter().any(|(_, entries, _)| *entries > 0);
    let quiet = !carries_data && !behind && sim.network().walls().is_empty();
    Replicas { lost: lost(live), states: ids(sim).filter_map(state).collect(), quiet }
}
