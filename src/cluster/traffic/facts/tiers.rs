//! The way to the users, sessions, and what is behind the servers.

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact, float, int};
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::line::Line;
use crate::sim::station::Queueing;
use crate::sim::time::{Span, Time};

use super::super::message::Msg;
use super::super::tiers::{Tiers, databases, lag};
use super::super::users::Users;
use super::{Traffic, apps, named, none};

const UNLIMITED: &str = "the way to the users has no limit";

/// Bytes, and the links that they go by.
pub(super) static BYTES: [Fact<Traffic>; 7] = [
    float("page_wire_kb", "Kilobytes of a page on its way to a user.", |live| {
        FactValue::Float(f64::from(live.sim().settings().wire_page()) / 1e3)
    }),
    float("link_busy", "The share of the last second that the links to the users were busy, 0 to 1.", |live| {
        of_link(live, |live, link| live.watched().busy(live.sim(), link))
    }),
    float("link_mb_per_s", "Megabytes that the links carried to the users, a second, in the last second.", |live| {
        let settings = live.sim().settings();
        let whole = settings.link.unwrap_or_default() as f64 * f64::from(settings.links) / 1e6;
        of_link(live, |live, link| live.watched().busy(live.sim(), link) * whole)
    }),
    int("link_queue", "Pages that wait for the link.", |live| {
        count_at_link(live, |line, _| line.waiting().filter(|held| matches!(held.msg, Msg::Told(_))).count())
    }),
    int("link_dropped", "Pages that the link has dropped so far, because too many waited.", |live| {
        count_at_link(live, |_, counted| counted.rejected as usize)
    }),
    float("edge_mb_per_s", "Megabytes that caches near users sent them, a second, in the last second.", |live| {
        let settings = live.sim().settings();
        let parts = settings.window.map_or(1, |window| settings.wire_page().div_ceil(window)).max(1);
        let bytes = f64::from(settings.wire_page()) / f64::from(parts);
        sum(live, settings.roster().edges(), |tiers, id, now| tiers.of(id).parts.per_second(now) * bytes / 1e6)
    }),
    float("edge_hit_share", "The share of the requests of the last second that caches near users answered, 0 to 1.", |live| {
        hits(live, live.sim().settings().roster().edges())
    }),
];

/// Sessions.
pub(super) static SESSIONS: [Fact<Traffic>; 2] = [
    fact("sessions", FactKind::Named(Keys::Any), "For each server: sessions in its memory.", |live| {
        let held = |id: NodeId| match live.sim().node(id).state() {
            Some(Traffic::Server(server)) => Some((id, server.memory.len() as f64)),
            Some(Traffic::Store(memory)) => Some((id, memory.len() as f64)),
            _ => None,
        };
        let store = live.sim().settings().roster().store();
        named(live, apps(live).chain(store).filter_map(held))
    }),
    int("sessions_lost", "How often so far a visitor came with a session that nobody knew.", |live| of_users(live, |users| users.lost)),
];

/// The database with its replicas and shards, and the cache before it.
pub(super) static DATABASES: [Fact<Traffic>; 10] = [
    fact(
        "db_busy",
        FactKind::Named(Keys::Any),
        "For each database: the share of the last second that its workers were busy, 0 to 1.",
        |live| each_db(live, |id| live.watched().busy(live.sim(), id)),
    ),
    float("db_busy_max", "The share of the last second that the busiest database's workers were busy, 0 to 1.", |live| {
        most(databases(live).into_iter().map(|id| live.watched().busy(live.sim(), id)), "no database is asked")
    }),
    fact("db_queue", FactKind::Named(Keys::Any), "For each database: what waits there.", |live| {
        each_db(live, |id| f64::from(live.sim().queueing(id).waiting))
    }),
    fact("reads_per_s", FactKind::Named(Keys::Any), "For each database: reads that reached it in the last second.", |live| {
        each_db(live, |id| live.watched().tiers.of(id).reads.per_second(live.sim().now()))
    }),
    fact(
        "writes_per_s",
        FactKind::Named(Keys::Any),
        "For each database: writes that reached it in the last second, from servers or its leader.",
        |live| each_db(live, |id| live.watched().tiers.of(id).writes.per_second(live.sim().now())),
    ),
    float("cache_hit_share", "The share of the looks into the cache in the last second that found something, 0 to 1.", |live| {
        let cache: Vec<NodeId> = live.sim().settings().roster().cache().into_iter().collect();
        hits(live, &cache)
    }),
    int("cache_keys", "Keys that the cache has seen since it started.", |live| match live.sim().settings().roster().cache() {
        Some(cache) => match live.sim().node(cache).state() {
            Some(Traffic::Cache(kept)) => FactValue::int(kept.len()),
            _ => none("the cache is down"),
        },
        None => none("there is no cache"),
    }),
    fact(
        "lag_ms",
        FactKind::Named(Keys::Any),
        "For each replica: how long the oldest write of its leader waits that it has not carried out.",
        |live| named(live, databases(live).into_iter().filter_map(|id| Some((id, lag(live, id)?.as_ms())))),
    ),
    float("lag_ms_max", "How long the oldest write waits that a replica has not carried out, at the replica furthest behind.", |live| {
        most(databases(live).into_iter().filter_map(|id| lag(live, id)).map(Span::as_ms), "there is no replica that runs")
    }),
    int("stale_reads", "How often so far a visitor was told something older than before.", |live| of_users(live, |users| users.stale)),
];

/// The greatest of some numbers.
fn most(all: impl Iterator<Item = f64>, why: &str) -> FactValue {
    all.reduce(f64::max).map_or_else(|| none(why), FactValue::Float)
}

fn each_db(live: &Live<Traffic>, value: impl Fn(NodeId) -> f64) -> FactValue {
    named(live, databases(live).into_iter().map(|id| (id, value(id))))
}

fn of_link(live: &Live<Traffic>, value: impl Fn(&Live<Traffic>, NodeId) -> f64) -> FactValue {
    live.sim().settings().roster().link().map_or_else(|| none(UNLIMITED), |link| FactValue::Float(value(live, link)))
}

fn count_at_link(live: &Live<Traffic>, count: fn(&Line<Traffic>, &Queueing) -> usize) -> FactValue {
    let link = live.sim().settings().roster().link();
    link.map_or_else(|| none(UNLIMITED), |link| FactValue::int(count(live.sim().line(link), &live.sim().queueing(link))))
}

fn hits(live: &Live<Traffic>, caches: &[NodeId]) -> FactValue {
    let share = live.watched().tiers.hits(caches, live.sim().now());
    share.map_or_else(|| none("no cache was asked in the last second"), FactValue::Float)
}

fn sum(live: &Live<Traffic>, ids: &[NodeId], value: impl Fn(&Tiers, NodeId, Time) -> f64) -> FactValue {
    FactValue::Float(ids.iter().map(|id| value(&live.watched().tiers, *id, live.sim().now())).sum())
}

fn of_users(live: &Live<Traffic>, count: fn(&Users) -> u64) -> FactValue {
    let all = live.sim().ids().filter_map(|id| match live.sim().node(id).state() {
        Some(Traffic::Users(users)) => Some(count(users)),
        _ => None,
    });
    FactValue::int(all.sum::<u64>() as usize)
}
