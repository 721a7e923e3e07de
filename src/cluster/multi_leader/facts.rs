//! The facts of several leaders.

use crate::check::operation::Value;
use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact, float, int, nodes_up, wires};
use crate::cluster::kit::register;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::MultiLeader;
use super::fates::Fate;
use super::look::{disk, divergent, lacking, leader, running, servers, streams};

/// What became of writes.
static WRITES: [Fact<MultiLeader>; 9] = [
    nodes_up(),
    int(
        "conflicts",
        "Pairs of writes of a row of which neither leader had seen the other's when it took its own, each pair once. A pair counts when the two meet at a leader that has both.",
        |live| FactValue::int(live.watched().conflicts.len()),
    ),
    int("conflicting_writes", "Writes of rows that are in conflict with another, each once.", |live| {
        FactValue::int(live.watched().in_conflict.len())
    }),
    float("conflict_share", "Their share of all changes that leaders took, 0 to 1; none before the first.", |live| {
        match live.watched().accepted {
            0 => FactValue::Absent("no leader has taken a change".into()),
            of => FactValue::Sampled { value: live.watched().in_conflict.len() as f64 / of as f64, of: of as u64 },
        }
    }),
    int(
        "acked_lost",
        "Acknowledged changes that nobody shows any more and that nothing took the place of that had seen them: overwritten by a write beside them, by an older one with a greater stamp, by somebody who had not seen them, or lost with a disk.",
        |live| FactValue::int(live.watched().fates.in_doubt(live.sim()).values().filter(|fate| **fate == Fate::Lost).count()),
    ),
    fact(
        "acked_alone",
        FactKind::Named(Keys::Nodes),
        "For each server: acknowledged changes of its own that no other server has yet, so that its disk is their only place.",
        |live| FactValue::Named(servers(live.sim()).map(|id| (id.to_string(), live.watched().fates.alone(id) as f64)).collect()),
    ),
    int(
        "acked_alone_sum",
        "Acknowledged changes that only the server has which took them, so that its disk is their only place; all servers together.",
        |live| FactValue::int(servers(live.sim()).map(|id| live.watched().fates.alone(id)).sum()),
    ),
    int("divergent_keys", "Rows that are not the same on all servers that run, deleted rows too.", |live| {
        FactValue::int(divergent(live.sim()))
    }),
    int("siblings_max", "The most values side by side that a row has at any server that runs; 1 without any conflict.", |live| {
        let rows = running(live.sim()).flat_map(|id| disk(live.sim(), id).rows.values());
        FactValue::int(rows.map(|row| row.siblings()).max().unwrap_or(0))
    }),
];

/// What no rule for conflicts brings back.
static RULES: [Fact<MultiLeader>; 5] = [
    int("duplicate_keys", "Acknowledged inserts that got an automatic key which another one had got.", |live| {
        FactValue::int(live.watched().rules.duplicate_keys)
    }),
    int("double_bookings", "Acknowledged bookings of a room that was booked.", |live| FactValue::int(live.watched().rules.double_bookings)),
    int("oversold", "Acknowledged sales beyond what was written and added to a stock; what may have been counts too.", |live| {
        FactValue::int(live.watched().rules.oversold)
    }),
    int("early_answers", "How often a server took in a comment before the one that it answers.", |live| {
        FactValue::int(live.watched().early_answers)
    }),
    int("unanswered", "Comments that a running server has without the one that they answer.", |live| FactValue::int(orphans(live))),
];

/// How far the others are behind.
static STREAMS: [Fact<MultiLeader>; 8] = [
    fact("behind", FactKind::Named(Keys::Nodes), "For each server: changes that another server took and it has not.", |live| {
        FactValue::Named(servers(live.sim()).map(|id| (id.to_string(), behind(live, id) as f64)).collect())
    }),
    int("behind_max", "Changes that another server took and the server furthest behind has not.", |live| {
        FactValue::int(servers(live.sim()).map(|id| behind(live, id)).max().unwrap_or(0) as usize)
    }),
    fact(
        "stream_lag",
        FactKind::Named(Keys::Any),
        "For each stream, such as `n1-n2`: changes that the first has, is to bring to the second, and the second has not.",
        |live| {
            let lag = |way: (NodeId, NodeId)| (format!("{}-{}", way.0, way.1), lacking(live.sim(), way) as f64);
            FactValue::Named(streams(live.sim()).into_iter().map(lag).collect())
        },
    ),
    int("lag_max", "Changes that the stream furthest behind is to bring to its second server, and that one has not.", |live| {
        FactValue::int(streams(live.sim()).into_iter().map(|way| lacking(live.sim(), way)).max().unwrap_or(0) as usize)
    }),
    float("lag_ms_max", "How long ago the oldest change was taken that is not everywhere; 0 where all are.", |live| {
        let oldest: Option<Time> = live.watched().taken_at.values().min().copied();
        FactValue::Float(oldest.map_or(Span::ZERO, |taken| live.sim().now().since(taken)).as_ms())
    }),
    int("held_back", "Changes that came before what they depend on, or before an earlier one of their leader, and wait.", |live| {
        let leaders = servers(live.sim()).filter_map(|id| leader(live.sim(), id));
        FactValue::int(leaders.map(|leader| leader.streams.waiting.len()).sum())
    }),
    int("waited", "How often a change waited for what it depends on.", |live| FactValue::int(live.watched().waits)),
    float(
        "unavailable_ms",
        "How long no change could be accepted, in total: no client reached its leader, or that could not write.",
        |live| FactValue::Float(live.meter().unavailable.as_ms()),
    ),
];

/// What is stored, and how fast.
static DATA: [Fact<MultiLeader>; 2] = [
    fact(
        "values",
        FactKind::Named(Keys::Any),
        "For each row that holds a whole number, at each server: `values[\"stock@n1\"]`; and by its key alone where all servers that run agree.",
        |live| FactValue::Named(numbers(live)),
    ),
    fact(
        "write_ms",
        FactKind::Named(Keys::Any),
        "For each client whose change was acknowledged: how long the last of them took.",
        |live| FactValue::Named(live.watched().took.iter().map(|(client, took)| (client.to_string(), took.as_ms())).collect()),
    ),
];

static OUTCOMES: [Fact<MultiLeader>; 8] = register::outcomes();
static STALENESS: [Fact<MultiLeader>; 2] = register::staleness();
static LATENCIES: [Fact<MultiLeader>; 6] = register::latencies();
static WIRES: [Fact<MultiLeader>; 5] = wires();

/// Every fact, in the order in which they are printed.
pub(super) static TABLES: &[&[Fact<MultiLeader>]] = &[&WRITES, &OUTCOMES, &RULES, &DATA, &STALENESS, &STREAMS, &LATENCIES, &WIRES];

/// Changes that any server took and this one does not have.
fn behind(live: &Live<MultiLeader>, id: NodeId) -> u64 {
    let sim = live.sim();
    let mut all = super::change::Vector::default();
    servers(sim).for_each(|other| all.join(&disk(sim, other).seen));
    all.iter().map(|(origin, upto)| upto.saturating_sub(disk(sim, id).seen.counter(origin))).sum()
}

fn orphans(live: &Live<MultiLeader>) -> usize {
    let (sim, rule) = (live.sim(), live.sim().settings().rule());
    let at = |id: NodeId| {
        let shown = disk(sim, id).rows.values().flat_map(|row| row.live());
        shown.filter(|change| change.answers.as_ref().is_some_and(|on| disk(sim, id).value(on, rule).is_none())).count()
    };
    running(sim).map(at).sum()
}

fn numbers(live: &Live<MultiLeader>) -> Vec<(String, f64)> {
    let (sim, rule) = (live.sim(), live.sim().settings().rule());
    let mut all: Vec<(String, f64)> = Vec::new();
    for key in super::look::keys(sim) {
        let held: Vec<(NodeId, Option<Value>)> = running(sim).map(|id| (id, disk(sim, id).value(&key, rule))).collect();
        if let Some((_, Some(Value::Int(n)))) = held.first().filter(|(_, first)| held.iter().all(|(_, value)| value == first)) {
            all.push((key.to_string(), *n as f64));
        }
        all.extend(held.into_iter().filter_map(|(id, value)| match value {
            Some(Value::Int(n)) => Some((format!("{key}@{id}"), n as f64)),
            _ => None,
        }));
    }
    all
}
