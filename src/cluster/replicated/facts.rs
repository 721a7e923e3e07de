//! The facts of the cluster, and its entry in the registry.

use crate::check::operation::Value;
use crate::check::verdict::Guarantee;
use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, count, docs, fact, float, int, mean, nodes_up, percentile, wires};
use crate::cluster::kit::places;
use crate::cluster::kit::register;
use crate::cluster::live::{Live, Percentile, start};
use crate::cluster::model::{Model, PACE};
use crate::command::Language;
use crate::persistent::OrdSet;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Span;

use super::entry::Disk;
use super::server::{Role, Server};
use super::statements::STATEMENTS;
use super::{Replicated, Settings};
use crate::cluster::kit::settings::Declared as _;

/// Leader and followers over a log.
pub static MODEL: Model = Model {
    name: "replicated",
    about: "Leader and followers over a replicated log (Designing Data-Intensive Applications, chapter 5).",
    nodes: (3, 9),
    clients: (2, 9),
    settings: Settings::DOCS,
    facts: FACTS,
    series: &["lag_ms_max", "lag_entries_max", "leaders", "open"],
    language: Language { calls: &super::statements::CALLS, verbs: &super::operator::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &Guarantee::REGISTER,
    pokes: &[
        ("promote n2", "makes n2 the leader of a new epoch by hand, whether or not the old leader still leads"),
        ("join n4", "adds a follower with a copy of the newest leader's log and its position there; `join n4 in eu` in that zone"),
        ("join n4 empty", "adds a follower that has nothing: the whole log has to come"),
        ("fire n2 detection", "n2 has waited long enough for its leader, as far as it can tell"),
        ("c1 write x 7", "goes to the server that c1 believes to lead; a follower sends c1 on"),
        ("c1 write x 7 to n2", "goes to n2 and nowhere else; a follower refuses"),
        (
            "c1 sql \"UPDATE books SET stock = 0 LIMIT 1\"",
            "runs a statement at the leader; what the log carries of it, the setting `log-format` says",
        ),
        ("c1 read x", "goes where the setting `reads` says"),
        ("c1 read x from n3", "goes to n3 and nowhere else"),
    ],
    moments: super::moments::NAMES,
    healthy: "leaders == 1 && stranded == 0 && lag_entries_max == 0 && divergent_keys == 0",
    pace: PACE,
    start: start::<Replicated>,
};

/// The facts of leaders and logs.
static LEADERS: [Fact<Replicated>; 6] = [
    int(
        "leaders",
        "Servers that run and believe that they lead; under `fencing lease`, that also have a lease by their own clock.",
        |live| FactValue::int(leaders(live.sim()).len()),
    ),
    fact("leader", FactKind::Text, "Their names, such as `n1` or `n1 n2`; empty when nobody leads.", |live| {
        FactValue::Text(leaders(live.sim()).iter().map(NodeId::to_string).collect::<Vec<_>>().join(" "))
    }),
    int("epoch", "The newest epoch that has, or had, a leader.", |live| FactValue::int(live.watched().epoch() as usize)),
    int("candidates", "Servers that ask for votes, or are elected and not in office yet.", |live| {
        FactValue::int(ids(live.sim()).filter(|id| is_candidate(live.sim(), *id)).count())
    }),
    int("following", "Servers that run and follow the newest leader; none while nobody leads.", |live| {
        of_leader(live, |leader| FactValue::int(ids(live.sim()).filter(|id| follows(live.sim(), *id, leader)).count()))
    }),
    int("failovers", "How often a server became leader after the first one.", |live| FactValue::int(live.watched().failovers)),
];
/// What became of writes.
static LOST: [Fact<Replicated>; 7] = [
    int(
        "acked_lost",
        "Acknowledged writes that are in no server's log and on no way to one, a crashed server's disk included, or that a merge overruled.",
        |live| FactValue::int(lost(live).len()),
    ),
    int("acked_missing", "Acknowledged writes that are not in the newest leader's log; none while nobody leads.", |live| {
        of_leader(live, |leader| FactValue::int(live.watched().ledger.missing(leader, &live.watched().register)))
    }),
    int("discarded", "Writes that rejoining servers threw away, acknowledged or not.", |live| FactValue::int(live.watched().discarded)),
    int("overruled", "Writes that a merge threw away for newer ones of the same key, whichever side had them.", |live| {
        FactValue::int(live.watched().ledger.overruled())
    }),
    int("conflicting_writes", "Writes that a leader took of a key that another leader also wrote after their logs had parted.", |live| {
        FactValue::int(live.watched().conflicts)
    }),
    int("divergent_keys", "Keys that do not have the same value on all servers that run.", |live| {
        FactValue::int(live.watched().ledger.divergent())
    }),
    int("stranded", "Servers that stopped because their log has parted from their leader's.", |live| {
        FactValue::int(ids(live.sim()).filter(|id| is_stranded(live.sim(), *id)).count())
    }),
];
/// How far followers are behind.
static LAG: [Fact<Replicated>; 7] = [
    fact(
        "lag_entries",
        FactKind::Named(Keys::Nodes),
        "For each server that runs and follows: entries of the newest leader's log that it has not applied. No value for a server that is down or got its changes blindly, or while nobody leads.",
        |live| of_followers(live, |lags| FactValue::Named(lags.iter().map(|(id, entries, _)| (id.to_string(), *entries as f64)).collect())),
    ),
    fact(
        "lag_ms",
        FactKind::Named(Keys::Nodes),
        "For each such server: the age of the oldest of these entries, by the leader's clock.",
        |live| of_followers(live, |lags| FactValue::Named(lags.iter().map(|(id, _, age)| (id.to_string(), age.as_ms())).collect())),
    ),
    int(
        "lag_entries_max",
        "Entries of the leader that the server furthest behind lacks; none while nobody leads or no other server runs.",
        |live| of_followers(live, |lags| FactValue::int(lags.iter().map(|(_, entries, _)| *entries).max().unwrap_or(0) as usize)),
    ),
    float(
        "lag_ms_max",
        "The age of the oldest entry of the leader that another server lacks, by the leader's clock; none while nobody leads or no other server runs.",
        |live| of_followers(live, |lags| FactValue::Float(lags.iter().map(|(_, _, age)| *age).max().unwrap_or_default().as_ms())),
    ),
    float(
        "apply_ms_mean",
        "Mean time from acknowledgement to application: from when a leader sent its ok until a follower applied the write, for each follower that did; 0 where it had applied it before.",
        |live| mean(&live.watched().ledger.apply),
    ),
    float(
        "apply_ms_p99",
        "99th percentile of the time from acknowledgement to application of writes at followers; none with fewer than 100.",
        |live| percentile(&live.watched().ledger.apply, Percentile::P99),
    ),
    float(
        "unavailable_ms",
        "How long no write could be acknowledged, in total: no client reached a leader that may serve, can write, and reaches as many followers that run and can write as its replication waits for.",
        |live| FactValue::Float(live.meter().unavailable.as_ms()),
    ),
];
/// What is stored.
static DATA: [Fact<Replicated>; 1] = [fact(
    "values",
    FactKind::Named(Keys::Any),
    "For each key that holds a whole number: that number, as the newest leader has applied it. So a rule over keys is a condition: `values.north + values.south == 10`.",
    |live| of_leader(live, |leader| FactValue::Named(numbers(live.sim(), leader))),
)];
static UP: [Fact<Replicated>; 1] = [nodes_up()];
static OUTCOMES: [Fact<Replicated>; 8] = register::outcomes();
static STALENESS: [Fact<Replicated>; 2] = register::staleness();
static LATENCIES: [Fact<Replicated>; 6] = register::latencies();
static PLACES: [Fact<Replicated>; 3] = places::facts();
static WIRES: [Fact<Replicated>; 5] = wires();

/// Every fact, in the order in which they are printed.
pub(super) static TABLES: &[&[Fact<Replicated>]] =
    &[&LEADERS, &UP, &OUTCOMES, &LOST, &DATA, &STALENESS, &LAG, &LATENCIES, &PLACES, &STATEMENTS, &WIRES];

/// The documentation of every fact, in the order in which they are printed.
pub static FACTS: &[FactDoc] = &docs::<Replicated, { count(TABLES) }>(TABLES);

pub(super) fn of_leader(live: &Live<Replicated>, value: impl FnOnce(NodeId) -> FactValue) -> FactValue {
    leaders(live.sim()).last().map_or_else(|| FactValue::Absent("nobody leads".into()), |leader| value(*leader))
}

fn of_followers(live: &Live<Replicated>, value: impl FnOnce(&[(NodeId, u64, Span)]) -> FactValue) -> FactValue {
    of_leader(live, |leader| match &lags(live.sim(), Some(leader))[..] {
        [] => FactValue::Absent("no other server runs and has a position".into()),
        lags => value(lags),
    })
}

/// The whole numbers that a server holds, by their keys.
fn numbers(sim: &Sim<Replicated>, id: NodeId) -> Vec<(String, f64)> {
    let data = server(sim, id).into_iter().flat_map(|server| &server.data);
    data.filter_map(|(key, cell)| match cell.value {
        Value::Int(value) => Some((key.to_string(), value as f64)),
        Value::Text(_) => None,
    })
    .collect()
}

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

/// Acknowledged writes that are in no log and on no way to one, or were overruled.
pub(super) fn lost(live: &Live<Replicated>) -> OrdSet<u32> {
    live.watched().ledger.lost(live.sim())
}

/// Whether it stopped because its log has parted from its leader's.
pub(super) fn is_stranded(sim: &Sim<Replicated>, id: NodeId) -> bool {
    server(sim, id).is_some_and(|server| matches!(server.role, Role::Stranded))
}

/// Whether it wants to lead, or is about to.
fn is_candidate(sim: &Sim<Replicated>, id: NodeId) -> bool {
    server(sim, id).is_some_and(|server| matches!(server.role, Role::Candidate(_) | Role::Elected))
}

/// Whether it runs and follows this leader in its epoch.
fn follows(sim: &Sim<Replicated>, id: NodeId, leader: NodeId) -> bool {
    let follower = server(sim, id).filter(|server| matches!(server.role, Role::Follower));
    follower.is_some_and(|server| server.leader == Some(leader)) && disk(sim, id).epoch == disk(sim, leader).epoch
}

/// For each server that runs and follows: entries of the leader's log that it has not applied, and the age of the oldest. A server
/// whose changes came without their places has no position to be compared.
pub(super) fn lags(sim: &Sim<Replicated>, leader: Option<NodeId>) -> Vec<(NodeId, u64, Span)> {
    let Some(leader) = leader else { return Vec::new() };
    let log = disk(sim, leader);
    let now = sim.node(leader).clock().local(sim.now());
    let lag = |id: NodeId| {
        let server = server(sim, id).filter(|_| disk(sim, id).blind_after.is_none())?;
        let behind = log.last().saturating_sub(server.applied);
        let oldest = log.get(server.applied + 1).map_or(Span::ZERO, |entry| now.since(entry.stamp));
        Some((id, behind, oldest))
    };
    ids(sim).filter(|id| *id != leader).filter_map(lag).collect()
}
