//! The facts of the cluster.

use std::collections::BTreeSet;

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact, float, int, nodes_up, wires};
use crate::cluster::kit::register;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;

use super::Ring;
use super::judge::{hits_lost, index_wrong, lost};
use super::look::{moving, node};
use super::map::Shared;
use super::settings::Index;

fn map(live: &Live<Ring>) -> Option<&Shared> {
    live.watched().map.as_ref()
}

/// For each member a number.
fn each(live: &Live<Ring>, number: impl Fn(NodeId) -> f64) -> Vec<(String, f64)> {
    map(live).into_iter().flat_map(|map| map.members()).map(|id| (id.to_string(), number(id))).collect()
}

fn named(live: &Live<Ring>, number: impl Fn(NodeId) -> f64) -> FactValue {
    FactValue::Named(each(live, number))
}

fn held(live: &Live<Ring>, id: NodeId) -> f64 {
    live.watched().held.get(&id).copied().unwrap_or(0) as f64
}

/// The share of all keys that each member would have if there were very many.
fn shares(live: &Live<Ring>) -> Vec<(String, f64)> {
    let shares = map(live).map(|map| map.table.shares()).unwrap_or_default();
    shares.into_iter().map(|(id, share)| (NodeId::server(id).to_string(), share)).collect()
}

/// The greatest of some numbers over their mean.
fn greatest_over_mean(all: &[(String, f64)]) -> FactValue {
    let sum: f64 = all.iter().map(|(_, x)| x).sum();
    let most = all.iter().map(|(_, x)| *x).fold(0.0, f64::max);
    if sum > 0.0 { FactValue::Float(most * all.len() as f64 / sum) } else { FactValue::Absent("nothing to compare yet".into()) }
}

/// Their standard deviation over their mean.
fn variation(all: &[(String, f64)]) -> FactValue {
    let n = all.len() as f64;
    let mean = all.iter().map(|(_, x)| x).sum::<f64>() / n.max(1.0);
    let squares: f64 = all.iter().map(|(_, x)| (x - mean) * (x - mean)).sum();
    if mean > 0.0 { FactValue::Float(libm::sqrt(squares / n) / mean) } else { FactValue::Absent("nothing to compare yet".into()) }
}

fn share(part: usize, all: usize) -> FactValue {
    if all == 0 { FactValue::Absent("there are no keys".into()) } else { FactValue::Float(part as f64 / all as f64) }
}

fn moved_bytes(live: &Live<Ring>) -> usize {
    live.watched().moved.keys * live.sim().settings().row_bytes as usize
}

/// Who keeps what.
static MAP: [Fact<Ring>; 14] = [
    nodes_up(),
    int("version", "The number of the newest map: it grows by one with each change.", |live| {
        FactValue::int(map(live).map_or(0, |map| map.version as usize))
    }),
    int("members", "Nodes that keep keys by the newest map.", |live| FactValue::int(map(live).map_or(0, |map| map.members().count()))),
    int(
        "map_entries",
        "Lines of the newest map that all must agree on: ranges, tokens, nodes, or entries of a table, and keys that lie elsewhere.",
        |live| FactValue::int(map(live).map_or(0, |map| map.table.entries())),
    ),
    int("spilled", "Keys that the map lists because their node is full by the bound.", |live| {
        FactValue::int(map(live).map_or(0, |map| map.table.pinned.len()))
    }),
    int("keys_total", "Keys that there are.", |live| FactValue::int(live.watched().keys.len())),
    fact("keys", FactKind::Named(Keys::Nodes), "For each member: how many keys it owns by the newest map.", |live| {
        named(live, |id| held(live, id))
    }),
    float("keys_max_over_mean", "The most keys of a member over the mean of all.", |live| {
        greatest_over_mean(&each(live, |id| held(live, id)))
    }),
    float("keys_cv", "The standard deviation of the members' keys over their mean.", |live| variation(&each(live, |id| held(live, id)))),
    fact("share", FactKind::Named(Keys::Nodes), "For each member: its share of the space of hashes; of ranges there is none.", |live| {
        FactValue::Named(shares(live))
    }),
    float("share_max_over_mean", "The greatest share of the space of hashes that a member has, over the mean.", |live| {
        greatest_over_mean(&shares(live))
    }),
    float("share_cv", "The standard deviation of the members' shares of the space of hashes over their mean.", |live| {
        variation(&shares(live))
    }),
    int("copies_min", "The fewest different servers that are to have a copy of any key.", |live| {
        let fewest = |map: &Shared| live.watched().keys.keys().map(|key| map.homes(key).into_iter().collect::<BTreeSet<_>>().len()).min();
        FactValue::int(map(live).and_then(fewest).unwrap_or(0))
    }),
    int("index_wrong", "Keys that a global index has no entry for, and entries that are not true any more.", |live| {
        match live.sim().settings().index {
            Index::Local => FactValue::Absent("the index lies with the keys".into()),
            Index::Global => FactValue::int(index_wrong(live.sim())),
        }
    }),
];

/// What the last change moves.
static CHANGE: [Fact<Ring>; 12] = [
    int("moved_keys", "Keys that the last change of the map gives to another node.", |live| FactValue::int(live.watched().moved.keys)),
    float("moved_share", "The share of all keys that the last change of the map gives to another node.", |live| {
        share(live.watched().moved.keys, live.watched().keys.len())
    }),
    int("moved_bytes", "The bytes of the keys, with their values, that the last change of the map gives to another node.", |live| {
        FactValue::int(moved_bytes(live))
    }),
    int("moved_old", "Keys that the last change of the map moves between two nodes which were there before and still are.", |live| {
        FactValue::int(live.watched().moved.between_old)
    }),
    fact("gave", FactKind::Named(Keys::Nodes), "For each member: how many of these keys it had.", |live| {
        named(live, |id| live.watched().moved.gave.get(&id).copied().unwrap_or(0) as f64)
    }),
    fact("took", FactKind::Named(Keys::Nodes), "For each member: how many of these keys it gets.", |live| {
        named(live, |id| live.watched().moved.took.get(&id).copied().unwrap_or(0) as f64)
    }),
    int("givers", "Nodes that give keys away in the last change.", |live| FactValue::int(live.watched().moved.gave.len())),
    int("takers", "Nodes that get keys in the last change.", |live| FactValue::int(live.watched().moved.took.len())),
    int("moving", "Rows that wait to be handed over, or are on their way.", |live| FactValue::int(moving(live.sim()))),
    int("handed_keys", "Rows that were sent to new owners so far; what was written meanwhile is sent again.", |live| {
        FactValue::int(live.watched().counts.handed as usize)
    }),
    int("unsettled", "Servers that have not done all that the newest map asks of them.", |live| FactValue::int(live.watched().busy.len())),
    float("move_ms", "How long it took from the last change until all had done their part, in milliseconds.", |live| {
        let moved = &live.watched().moved;
        match moved.ended {
            Some(ended) => FactValue::Float(ended.since(moved.began).as_ms()),
            None => FactValue::Absent("keys are moving".into()),
        }
    }),
];

/// What nodes do, and how evenly.
static LOAD: [Fact<Ring>; 9] = [
    fact(
        "load",
        FactKind::Named(Keys::Nodes),
        "For each member: the requests and parts of queries that it carried out since the last change of the map.",
        |live| named(live, |id| live.watched().load_of(id) as f64),
    ),
    float(
        "load_max_over_mean",
        "The requests and parts of queries that the busiest member carried out since the last change of the map, over the mean.",
        |live| greatest_over_mean(&each(live, |id| live.watched().load_of(id) as f64)),
    ),
    float(
        "hottest_share",
        "The share of all requests and parts of queries since the last change of the map that the busiest member carried out.",
        |live| {
            let all: u64 = live.watched().load.values().sum();
            share(live.watched().load.values().max().copied().unwrap_or(0) as usize, all as usize)
        },
    ),
    fact("rate", FactKind::Named(Keys::Nodes), "For each member: how many a second it carried out, over the last second.", |live| {
        named(live, |id| live.watched().rates.get(&id).map_or(0.0, |rate| rate.per_second(live.sim().now())))
    }),
    int("touched", "Nodes that the last query asked: scan, or find.", |live| {
        FactValue::int(live.watched().last_query.map_or(0, |(nodes, _)| nodes as usize))
    }),
    int("rows_found", "Keys that it found.", |live| FactValue::int(live.watched().last_query.map_or(0, |(_, found)| found))),
    float("touched_mean", "Nodes that a query asked, on average.", |live| per(live.watched().touched, live.watched().queries)),
    float(
        "cost",
        "Nodes that worked on an answered request, on average: one where the key says whom to ask, all of those asked for a query, one for each part of a counter.",
        |live| per(live.watched().worked, live.watched().answered),
    ),
    float("hits_lost", "Acknowledged hits that no counter counts.", |live| FactValue::Float(hits_lost(live) as f64)),
];

fn per(sum: u64, count: u64) -> FactValue {
    if count == 0 {
        FactValue::Absent("nothing was answered yet".into())
    } else {
        FactValue::Sampled { value: sum as f64 / count as f64, of: count }
    }
}

/// What went wrong while keys moved.
static ROUTING: [Fact<Ring>; 10] = [
    int("misrouted", "Requests that came to a node for a key of another.", |live| FactValue::int(live.watched().counts.misrouted as usize)),
    int("redirected", "Requests that came to a node for a key of another, and whose client was sent on.", |live| {
        FactValue::int(live.watched().counts.redirected as usize)
    }),
    int("forwarded", "Requests that came to a node for a key of another, and that it passed on.", |live| {
        FactValue::int(live.watched().counts.forwarded as usize)
    }),
    int("refused_moving", "Requests that were refused because their key was between two owners.", |live| {
        FactValue::int(live.watched().counts.refused_moving as usize)
    }),
    int("waited_moving", "Requests that waited for that reason.", |live| FactValue::int(live.watched().counts.waited as usize)),
    int("parked", "Requests that wait now.", |live| {
        FactValue::int(live.sim().server_ids().filter_map(|id| node(live.sim(), id)).map(|node| node.parked.len()).sum())
    }),
    int("missed_reads", "Reads that found nothing of a key that had a value for certain all the time.", |live| {
        FactValue::int(live.watched().missed_reads)
    }),
    int("double_owned", "Answers of a node while another would have answered for the key too.", |live| {
        FactValue::int(live.watched().double_owned)
    }),
    int("acked_lost", "Acknowledged writes that the owner of their key does not have, nor anything later.", |live| {
        FactValue::int(lost(live))
    }),
    fact("stale_maps", FactKind::Named(Keys::Nodes), "For each client: how many versions its map is behind the newest.", |live| {
        let newest = map(live).map_or(0, |map| map.version);
        let clients = live.sim().ids().filter(|id| id.is_client());
        let behind =
            |id: NodeId| super::look::client(live.sim(), id).map(|client| (id.to_string(), f64::from(newest - client.map.version)));
        FactValue::Named(clients.filter_map(behind).collect())
    }),
];

static OPERATIONS: [Fact<Ring>; 8] = register::outcomes();
static STALENESS: [Fact<Ring>; 2] = register::staleness();
static LATENCIES: [Fact<Ring>; 6] = register::latencies();
static WIRES: [Fact<Ring>; 5] = wires();

/// Every fact, in the order in which they are printed.
pub(super) static TABLES: &[&[Fact<Ring>]] = &[&MAP, &CHANGE, &LOAD, &ROUTING, &OPERATIONS, &STALENESS, &LATENCIES, &WIRES];
