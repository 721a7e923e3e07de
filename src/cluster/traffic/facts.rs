//! The facts of the cluster.

use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, count, docs, fact, float, int, mean, nodes_up, percentile, wires};
use crate::cluster::kit::settings::Takes;
use crate::cluster::live::{Live, Percentile};
use crate::sim::id::NodeId;
use crate::sim::protocol::Wire as _;
use crate::sim::station::Queueing;
use crate::sim::time::Span;

use super::message::WORK;
use super::pool::{Backend, Part};
use super::settings::{Balancing, is_app, name};
use super::{Traffic, front};

/// What users asked and got.
static RATES: [Fact<Traffic>; 7] = [
    float("offered_per_s", "Requests that users began, a second, in the last second.", |live| {
        FactValue::Float(live.watched().offered.per_second(live.sim().now()))
    }),
    float("goodput_per_s", "Requests that were answered with a page, a second, in the last second.", |live| {
        FactValue::Float(live.watched().good.per_second(live.sim().now()))
    }),
    float("failed_per_s", "Requests that ended without a page, a second, in the last second.", |live| {
        FactValue::Float(live.watched().bad.per_second(live.sim().now()))
    }),
    float("failed_share", "The share of the requests that ended in the last second without a page, 0 to 1.", |live| {
        let (seen, now) = (live.watched(), live.sim().now());
        let (good, bad) = (seen.good.per_second(now), seen.bad.per_second(now));
        if good + bad > 0.0 { FactValue::Float(bad / (good + bad)) } else { none("no request ended in the last second") }
    }),
    int("offered", "Requests that users began so far.", |live| FactValue::int(live.watched().offered.total() as usize)),
    int("served", "Requests so far that were answered with a page.", |live| FactValue::int(live.watched().good.total() as usize)),
    int("failed", "Requests so far that ended without a page.", |live| FactValue::int(live.watched().bad.total() as usize)),
];
/// Response times.
static TIMES: [Fact<Traffic>; 8] = [
    float("mean_ms", "Mean response time of the pages of the last second.", |live| {
        let response = &live.watched().response;
        sampled(response.mean(), response.count())
    }),
    float("p50_ms", "Half of the pages of the last second took at most this long.", |live| lately(live, 500)),
    float("p95_ms", "95 of 100 pages of the last second took at most this long.", |live| lately(live, 950)),
    float("p99_ms", "99 of 100 pages of the last second took at most this long.", |live| lately(live, 990)),
    float("p999_ms", "999 of 1,000 pages of the last second took at most this long.", |live| lately(live, 999)),
    float("response_ms_mean", "Mean response time of all pages so far.", |live| mean(&live.meter().look_latency)),
    float("response_ms_p50", "Half of all pages so far took at most this long.", |live| {
        percentile(&live.meter().look_latency, Percentile::P50)
    }),
    float("response_ms_p99", "99 of 100 of all pages so far took at most this long.", |live| {
        percentile(&live.meter().look_latency, Percentile::P99)
    }),
];
/// Why requests ended without a page, so far.
static CAUSES: [Fact<Traffic>; 5] = [
    int("refused_full", "Requests so far that ended without a page because a queue was full.", |live| cause(live, 0)),
    int("failed_error", "Requests so far that ended with the error of a server.", |live| cause(live, 1)),
    int("failed_late", "Requests so far that the front gave up because a server did not answer in time.", |live| cause(live, 2)),
    int("refused_nobody", "Requests so far that the front refused because it may use no server.", |live| cause(live, 3)),
    int("no_answer", "Requests so far that their users gave up.", |live| cause(live, 4)),
];
/// The servers behind the front.
static SERVERS: [Fact<Traffic>; 13] = [
    fact("queue", FactKind::Named(Keys::Any), "For each server: requests that wait.", |live| each(live, |id| waiting(live, id) as f64)),
    int("queue_max", "The longest of these queues.", |live| FactValue::int(apps(live).map(|id| waiting(live, id)).max().unwrap_or(0))),
    fact("busy", FactKind::Named(Keys::Any), "For each server: the share of the last second that its workers were busy, 0 to 1.", |live| {
        each(live, |id| live.watched().busy(live.sim(), id))
    }),
    float("busy_max", "The greatest of these shares.", |live| {
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
        let (waited, begun) = sum(live, |line| line.waited);
        sampled((waited.checked_div(u128::from(begun))).map(|ns| Span(ns as u64)), begun)
    }),
    float("service_ms_mean", "Mean time that workers of servers were busy with a request, so far.", |live| {
        let (busy, begun) = sum(live, |line| line.busy.0.into());
        sampled((busy.checked_div(u128::from(begun))).map(|ns| Span(ns as u64)), begun)
    }),
    int("servers", "Servers that were not taken out, those that start or drain among them.", |live| count_of(live, |_| true)),
    int("servers_usable", "Servers that the front may pick.", |live| {
        front(live.sim()).map_or_else(|| none("the front is down"), |front| FactValue::int(front.pool.balancer.usable().len()))
    }),
    int("servers_starting", "Servers that are not warm yet.", |live| count_of(live, |backend| matches!(backend.part, Part::Starts(_)))),
];
/// What it costs.
static COST: [Fact<Traffic>; 7] = [
    fact("balancing", FactKind::Text, "The rule by which the front picks.", |live| {
        FactValue::Text(Balancing::write(&live.sim().settings().balancing))
    }),
    float("attempts_per_request", "Requests that the front handed to servers, for each request of a user so far.", |live| {
        let given: u64 = apps(live).map(|id| live.watched().server(id).given.total()).sum();
        per(given, live.watched().offered.total())
    }),
    int("for_nobody", "Pages that came back from servers so far and that no user got, because it had given up or the front had.", |live| {
        let made: u64 = apps(live).map(|id| live.watched().server(id).served.total()).sum();
        FactValue::int(made.saturating_sub(live.watched().good.total()) as usize)
    }),
    int(
        "moved",
        "Requests so far that went to another server than the last one of their visitor; further tries are not counted.",
        |live| FactValue::int(live.watched().handed.moved as usize),
    ),
    int(
        "given_dead",
        "Requests so far that went to a server that had been down, paused or cut off for longer than checks take to notice.",
        |live| FactValue::int(live.watched().handed.to_dead as usize),
    ),
    float("server_s", "Seconds that all servers together were there, which is what they cost.", |live| {
        FactValue::Float(live.watched().server_seconds(live.sim().now()))
    }),
    int("dropped", "Requests that died with a server that was taken out.", |live| FactValue::int(live.watched().taken_out().0 as usize)),
];
static UP: [Fact<Traffic>; 1] = [nodes_up()];
static WIRES: [Fact<Traffic>; 5] = wires();

/// Every fact, in the order in which they are printed.
pub(super) static TABLES: &[&[Fact<Traffic>]] = &[&RATES, &TIMES, &CAUSES, &SERVERS, &COST, &UP, &WIRES];

/// The documentation of every fact, in the order in which they are printed.
pub(super) static FACTS: &[FactDoc] = &docs::<Traffic, { count(TABLES) }>(TABLES);

/// The application servers that were not taken out, in order.
pub(super) fn apps(live: &Live<Traffic>) -> impl Iterator<Item = NodeId> + use<> {
    live.sim().server_ids().filter(|id| is_app(*id))
}

fn none(why: &str) -> FactValue {
    FactValue::Absent(why.into())
}

fn sampled(span: Option<Span>, of: u64) -> FactValue {
    span.map_or_else(|| none("nothing to measure"), |span| FactValue::Sampled { value: span.as_ms(), of })
}

fn per(n: u64, of: u64) -> FactValue {
    if of == 0 { none("no request yet") } else { FactValue::Sampled { value: n as f64 / of as f64, of } }
}

fn lately(live: &Live<Traffic>, permille: u64) -> FactValue {
    let response = &live.watched().response;
    match response.permille(permille) {
        Some(span) => FactValue::Sampled { value: span.as_ms(), of: response.count() },
        None => FactValue::Absent(format!("too few: {} pages in the last second", response.count())),
    }
}

fn cause(live: &Live<Traffic>, number: usize) -> FactValue {
    FactValue::int(live.watched().causes[number] as usize)
}

fn each(live: &Live<Traffic>, value: impl Fn(NodeId) -> f64) -> FactValue {
    FactValue::Named(apps(live).map(|id| (name(id), value(id))).collect())
}

/// Requests that wait. Where a process stands still, checks wait too.
fn waiting(live: &Live<Traffic>, id: NodeId) -> usize {
    live.sim().line(id).waiting().filter(|held| held.msg.kind() == WORK).count()
}

fn at(live: &Live<Traffic>, id: NodeId) -> Queueing {
    live.sim().queueing(id)
}

/// The sum of something over all servers, and how many requests it is of: those that a worker took.
fn sum(live: &Live<Traffic>, of: fn(&Queueing) -> u128) -> (u128, u64) {
    let each = apps(live).map(|id| at(live, id)).map(|line| (of(&line), line.done + u64::from(line.serving)));
    each.fold((0, 0), |(sum, taken), (more, others)| (sum + more, taken + others))
}

fn count_of(live: &Live<Traffic>, is_it: impl Fn(&Backend) -> bool) -> FactValue {
    let front = front(live.sim());
    front.map_or_else(|| none("the front is down"), |front| FactValue::int(front.pool.there().filter(|backend| is_it(backend)).count()))
}
