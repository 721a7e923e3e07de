//! The servers behind the front.

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact, float, int};
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::protocol::Wire as _;
use crate::sim::station::Queueing;
use crate::sim::time::Span;

use super::super::front;
use super::super::message::WORK;
use super::super::pool::{Backend, Part};
use super::{Traffic, apps, each, named, none, sampled};

/// The servers behind the front.
pub(super) static SERVERS: [Fact<Traffic>; 16] = [
    fact("queue", FactKind::Named(Keys::Any), "For each server: requests that wait.", |live| each(live, |id| waiting(live, id) as f64)),
    int("queue_max", "Requests that wait at the server with the longest queue.", |live| {
        FactValue::int(apps(live).map(|id| waiting(live, id)).max().unwrap_or(0))
    }),
    fact("busy", FactKind::Named(Keys::Any), "For each server: the share of the last second that its workers were busy, 0 to 1.", |live| {
        each(live, |id| live.watched().busy(live.sim(), id))
    }),
    float("busy_max", "The share of the last second that the busiest server's workers were busy, 0 to 1.", |live| {
        FactValue::Float(apps(live).map(|id| live.watched().busy(live.sim(), id)).fold(0.0, f64::max))
    }),
    fact("given", FactKind::Named(Keys::Any), "For each server: requests that reached it in the last second.", |live| {
        each(live, |id| live.watched().server(id).given.per_second(live.sim().now()))
    }),
    fact("given_total", FactKind::Named(Keys::Any), "For each server: requests that reached it so far.", |live| {
        each(live, |id| live.watched().server(id).given.total() as f64)
    }),
    fact("errors", FactKind::Named(Keys::Any), "For each server: errors that came back from it in the last second.", |live| {
        each(live, |id| live.watched().server(id).failed.per_second(live.sim().now()))
    }),
    fact("link_kb_per_s", FactKind::Named(Keys::Any), "For each server: kilobytes between it and the front in the last second.", |live| {
        each(live, |id| live.watched().server(id).bytes.per_second(live.sim().now()) / 1e3)
    }),
    float("waiting_ms_mean", "Mean time that requests waited at servers before a worker took them, so far.", |live| {
        let (waited, taken) = sum(live, waited);
        sampled(share(waited, taken), taken)
    }),
    float(
        "service_ms_mean",
        "Mean time that workers of servers were busy for a request, standing still for others included, so far.",
        |live| {
            let (busy, taken) = sum(live, |live, id| at(live, id).busy.0.into());
            sampled(share(busy, taken), taken)
        },
    ),
    int("servers", "Servers that were not taken out, those that start or drain among them.", |live| count_of(live, |_| true)),
    int("servers_usable", "Servers that the front may pick.", |live| {
        front(live.sim()).map_or_else(|| none("the front is down"), |front| FactValue::int(front.pool.balancer.usable().len()))
    }),
    int("servers_starting", "Servers that are not warm yet.", |live| count_of(live, |backend| matches!(backend.part, Part::Starts(_)))),
    int("servers_out", "Servers that the front believes to be dead, because they missed their checks.", |live| {
        front(live.sim()).map_or_else(
            || none("the front is down"),
            |front| FactValue::int(front.pool.there().filter(|backend| !backend.healthy).count()),
        )
    }),
    int("servers_old", "Servers that have an older version than the last deploy brings.", |live| {
        front(live.sim()).map_or_else(|| none("the front is down"), |front| FactValue::int(front.old() as usize))
    }),
    fact("deploying", FactKind::Bool, "Whether a deploy is under way.", |live| {
        FactValue::Bool(front(live.sim()).is_some_and(|front| front.deploy.is_some()))
    }),
];

/// Response times as the front sees them, server by server.
pub(super) static NODES: [Fact<Traffic>; 6] = [
    fact(
        "node_mean_ms",
        FactKind::Named(Keys::Any),
        "For each server: mean time of its pages of the last second, from the front on.",
        |live| each_of(live, |id| live.watched().laps_of(id)?.mean()),
    ),
    fact(
        "node_p50_ms",
        FactKind::Named(Keys::Any),
        "For each server: half of its pages of the last second took at most this long.",
        |live| each_of(live, |id| live.watched().laps_of(id)?.permille(500)),
    ),
    fact(
        "node_p99_ms",
        FactKind::Named(Keys::Any),
        "For each server: 99 of 100 of its pages of the last second took at most this long.",
        |live| each_of(live, |id| live.watched().laps_of(id)?.permille(990)),
    ),
    float("node_p99_ms_mean", "The mean of `node_p99_ms`. It is the p99 of nothing.", |live| {
        let all: Vec<f64> = apps(live).filter_map(|id| live.watched().laps_of(id)?.permille(990)).map(Span::as_ms).collect();
        match all.len() {
            0 => none("too few pages at every server"),
            of => FactValue::Sampled { value: all.iter().sum::<f64>() / of as f64, of: of as u64 },
        }
    }),
    fact("node_waiting_ms", FactKind::Named(Keys::Any), "For each server: mean time that requests waited there, so far.", |live| {
        each_of(live, |id| share(waited(live, id), taken(live, id)))
    }),
    fact(
        "node_service_ms",
        FactKind::Named(Keys::Any),
        "For each server: mean time that its workers were busy for a request, so far.",
        |live| each_of(live, |id| share(at(live, id).busy.0.into(), taken(live, id))),
    ),
];

/// Requests that wait. Where a process stands still, checks wait too.
fn waiting(live: &Live<Traffic>, id: NodeId) -> usize {
    live.sim().line(id).waiting().filter(|held| held.msg.kind() == WORK).count()
}

/// How long requests had waited that wait no more: checks that wait in the same line are none.
fn waited(live: &Live<Traffic>, id: NodeId) -> u128 {
    live.sim().line(id).waited(WORK)
}

fn at(live: &Live<Traffic>, id: NodeId) -> Queueing {
    live.sim().queueing(id)
}

/// How many requests a worker of this server has taken: what came, but not what waits or was refused.
fn taken(live: &Live<Traffic>, id: NodeId) -> u64 {
    let server = live.watched().server(id);
    server.given.total().saturating_sub(server.refused + waiting(live, id) as u64)
}

fn share(of: u128, taken: u64) -> Option<Span> {
    of.checked_div(u128::from(taken)).map(|ns| Span(ns as u64))
}

/// The sum of something over all servers, and how many requests it is of.
fn sum(live: &Live<Traffic>, of: fn(&Live<Traffic>, NodeId) -> u128) -> (u128, u64) {
    let each = apps(live).map(|id| (of(live, id), taken(live, id)));
    each.fold((0, 0), |(sum, taken), (more, others)| (sum + more, taken + others))
}

fn count_of(live: &Live<Traffic>, is_it: impl Fn(&Backend) -> bool) -> FactValue {
    let front = front(live.sim());
    front.map_or_else(|| none("the front is down"), |front| FactValue::int(front.pool.there().filter(|backend| is_it(backend)).count()))
}

/// For each server that has one.
fn each_of(live: &Live<Traffic>, value: impl Fn(NodeId) -> Option<Span>) -> FactValue {
    named(live, apps(live).filter_map(|id| Some((id, value(id)?.as_ms()))))
}
