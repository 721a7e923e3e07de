//! The facts of the cluster.

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact, float, int, mean, nodes_up, wires};
use crate::cluster::kit::register;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Consensus;
use super::look::{disk, ids, leaders, server};
use super::server::Role;

/// Leaders and elections.
static ELECTIONS: [Fact<Consensus>; 9] = [
    int("leaders", "Servers that run and believe that they lead.", |live| FactValue::int(leaders(live.sim()).len())),
    fact("leader", FactKind::Text, "Their names, such as `n1` or `n1 n2`; empty when nobody leads.", |live| {
        FactValue::Text(leaders(live.sim()).iter().map(NodeId::to_string).collect::<Vec<_>>().join(" "))
    }),
    int("candidates", "Servers that run and stand for election, or ask whether they would be elected.", |live| {
        let sim = live.sim();
        let stands = |id: &NodeId| server(sim, *id).is_some_and(|server| matches!(server.role, Role::Candidate(_)));
        FactValue::int(ids(sim).filter(stands).count())
    }),
    int("term", "The newest term that a server has seen.", |live| {
        FactValue::int(ids(live.sim()).map(|id| disk(live.sim(), id).term).max().unwrap_or(0) as usize)
    }),
    int("elections", "Terms in which a server stood for election.", |live| FactValue::int(live.watched().elections())),
    int(
        "failed_elections",
        "Terms in which a server stood for election and that were over without a leader, such as after a split vote.",
        |live| FactValue::int(live.watched().split),
    ),
    int("leader_changes", "How often a server became leader, the first time included.", |live| FactValue::int(live.watched().leaders)),
    float("leaderless_ms", "How long no server that runs believed that it leads, in total.", |live| {
        FactValue::Float(live.watched().leaderless(live.sim().now()).as_ms())
    }),
    float(
        "unavailable_ms",
        "How long no write could be acknowledged, in total: no client reached a leader that can write and reaches as many servers that run and can write as an entry needs.",
        |live| FactValue::Float(live.meter().unavailable.as_ms()),
    ),
];

/// Logs.
static LOGS: [Fact<Consensus>; 9] = [
    int("committed", "Entries that a server knows to be committed: the most of any.", |live| {
        FactValue::int(ids(live.sim()).filter_map(|id| server(live.sim(), id)).map(|server| server.commit).max().unwrap_or(0) as usize)
    }),
    int("uncommitted", "Entries of the newest leader's log that it has not committed; none while nobody leads.", |live| {
        of_leader(live, |leader| {
            let commit = server(live.sim(), leader).map_or(0, |server| server.commit);
            FactValue::int(disk(live.sim(), leader).last().saturating_sub(commit) as usize)
        })
    }),
    fact(
        "lag_entries",
        FactKind::Named(Keys::Nodes),
        "For each server that runs and does not lead: entries of the newest leader's log that it has not applied. No value while nobody leads.",
        |live| of_leader(live, |leader| FactValue::Named(lags(live.sim(), leader).map(|(id, lag)| (id.to_string(), lag as f64)).collect())),
    ),
    int(
        "lag_entries_max",
        "Entries of the newest leader's log that the server furthest behind has not applied; none while nobody leads.",
        |live| of_leader(live, |leader| FactValue::int(lags(live.sim(), leader).map(|(_, lag)| lag).max().unwrap_or(0) as usize)),
    ),
    int("acked_lost", "Acknowledged writes that are in no server's log and on no way to one, a crashed server's disk included.", |live| {
        FactValue::int(live.watched().ledger.lost(live.sim()).len())
    }),
    int("acked_missing", "Acknowledged writes that are not in the newest leader's log; none while nobody leads.", |live| {
        of_leader(live, |leader| FactValue::int(live.watched().ledger.missing(leader, &live.watched().register)))
    }),
    int("discarded", "Entries that servers threw away, because their leader did not have them.", |live| {
        FactValue::int(live.watched().discarded)
    }),
    int("divergent_keys", "Keys that do not have the same value on all servers that run.", |live| {
        FactValue::int(live.watched().ledger.divergent())
    }),
    float(
        "apply_ms_mean",
        "Mean time from when a leader sent its ok until a follower applied the write, for each follower that did; 0 where it had applied it before.",
        |live| mean(&live.watched().ledger.apply),
    ),
];

static UP: [Fact<Consensus>; 1] = [nodes_up()];
static OUTCOMES: [Fact<Consensus>; 8] = register::outcomes();
static STALENESS: [Fact<Consensus>; 2] = register::staleness();
static LATENCIES: [Fact<Consensus>; 6] = register::latencies();
static WIRES: [Fact<Consensus>; 5] = wires();

/// Every fact, in the order in which they are printed.
pub(super) static TABLES: &[&[Fact<Consensus>]] = &[&ELECTIONS, &UP, &OUTCOMES, &LOGS, &STALENESS, &LATENCIES, &WIRES];

fn of_leader(live: &Live<Consensus>, value: impl FnOnce(NodeId) -> FactValue) -> FactValue {
    leaders(live.sim()).last().map_or_else(|| FactValue::Absent("nobody leads".into()), |leader| value(*leader))
}

/// For each server that runs, but the leader: entries of its log that it has not applied.
fn lags(sim: &Sim<Consensus>, leader: NodeId) -> impl Iterator<Item = (NodeId, u64)> + '_ {
    let last = disk(sim, leader).last();
    let others = ids(sim).filter(move |id| *id != leader);
    others.filter_map(move |id| Some((id, last.saturating_sub(server(sim, id)?.applied))))
}
