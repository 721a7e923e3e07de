//! The facts of the store.

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact, float, int, nodes_up, percentile, wires};
use crate::cluster::kit::register;
use crate::cluster::live::Percentile;

use super::Quorum;
use super::copies::{behind, divergent, lost, resurrected, siblings};
use super::look::{decided, disk, servers};

/// What became of copies.
static COPIES: [Fact<Quorum>; 8] = [
    nodes_up(),
    fact(
        "behind",
        FactKind::Named(Keys::Nodes),
        "For each server, running or not: of how many keys its copy is older than an acknowledged write.",
        |live| FactValue::Named(behind(live).into_iter().map(|(id, keys)| (id.to_string(), keys as f64)).collect()),
    ),
    int("behind_max", "Of how many keys the server furthest behind has an older copy than an acknowledged write.", |live| {
        FactValue::int(behind(live).into_iter().map(|(_, keys)| keys).max().unwrap_or(0))
    }),
    int("divergent_keys", "Keys that do not have the same value on all of their replicas that run.", |live| {
        FactValue::int(divergent(live.sim()))
    }),
    int("siblings_max", "The most values side by side that any copy of a key has; 1 without any conflict.", |live| {
        FactValue::int(siblings(live.sim()))
    }),
    int(
        "acked_lost",
        "Acknowledged writes that no copy, hint or message holds any more, nor anything that may take their place: what ran beside them or came later.",
        |live| FactValue::int(lost(live)),
    ),
    int("overwritten", "Acknowledged writes that a write which ran beside them took the place of, where only one value is kept.", |live| {
        FactValue::int(live.watched().overwritten)
    }),
    int(
        "resurrected",
        "Keys whose last acknowledged write is a delete that no replica knows of any more, while some still have a value.",
        |live| FactValue::int(resurrected(live)),
    ),
];

/// What the last quorum was, and writes that did not reach one.
static QUORUMS: [Fact<Quorum>; 3] = [
    fact(
        "decided_by",
        FactKind::Text,
        "The server whose answer was the last that was needed, of the last request that had enough.",
        |live| {
            let watch = live.watched();
            let last = watch.last.and_then(|(who, request)| decided(live.sim(), who, request)).and_then(|gather| gather.decided);
            last.map_or_else(|| FactValue::Absent("nothing is decided yet".into()), |(server, _)| FactValue::Text(server.to_string()))
        },
    ),
    int("half_read", "Writes that were not acknowledged, for too few servers stored them, and that a client read all the same.", |live| {
        FactValue::int(live.watched().half_read.len())
    }),
    int("collecting", "Requests for which a coordinator still collects answers.", |live| {
        let nodes = live.sim().ids().filter_map(|id| live.sim().node(id).state());
        FactValue::int(nodes.flat_map(|node| node.coordinator.iter()).filter(|(_, gather)| !gather.told).count())
    }),
];

/// What brought copies together.
static MENDED: [Fact<Quorum>; 6] = [
    int("read_repairs", "Copies that read repair made newer.", |live| FactValue::int(live.watched().mended.reads)),
    int("hints", "Hints that are kept now.", |live| FactValue::int(servers(live.sim()).map(|id| disk(live.sim(), id).hints.len()).sum())),
    int("hints_delivered", "Hints that were delivered.", |live| FactValue::int(live.watched().handed_over)),
    int("hints_expired", "Hints that were thrown away for their age.", |live| FactValue::int(live.watched().expired)),
    int("hint_repairs", "Copies that a hint made newer.", |live| FactValue::int(live.watched().mended.hints)),
    int("entropy_repairs", "Copies that anti-entropy or a rebuild made newer.", |live| FactValue::int(live.watched().mended.entropy)),
];

/// The far tail of latency.
static TAILS: [Fact<Quorum>; 2] = [
    float(
        "write_ms_p999",
        "The 99.9th percentile of the time from call to acknowledgement of writes; none with fewer than 1,000.",
        |live| percentile(&live.meter().change_latency, Percentile::P999),
    ),
    float("read_ms_p999", "The 99.9th percentile of the time from call to answer of reads; none with fewer than 1,000.", |live| {
        percentile(&live.meter().look_latency, Percentile::P999)
    }),
];

static OPERATIONS: [Fact<Quorum>; 8] = register::outcomes();
static STALENESS: [Fact<Quorum>; 2] = register::staleness();
static LATENCIES: [Fact<Quorum>; 6] = register::latencies();
static WIRES: [Fact<Quorum>; 5] = wires();

/// Every fact, in the order in which they are printed.
pub(super) static TABLES: &[&[Fact<Quorum>]] = &[&COPIES, &OPERATIONS, &STALENESS, &QUORUMS, &MENDED, &LATENCIES, &TAILS, &WIRES];
