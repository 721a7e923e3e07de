//! The facts of the cluster.

use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, count, docs, fact, float, int, nodes_up, percentile, wires};
use crate::cluster::live::{Live, Percentile};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::Fleet;
use super::inventory::Tier;
use super::judge;
use super::reach;
use super::watch::CAUSES;

/// How often it is there.
static AVAILABILITY: [Fact<Fleet>; 13] = [
    float("availability", "The share of the time so far in which a page was to be had, 0 to 1.", |live| {
        live.watched().service.share(live.sim().now()).map_or_else(|| none("no time has passed"), FactValue::Float)
    }),
    float(
        "availability_requests",
        "The share of the requests so far that were answered, of those that are no garbage and no intruder's.",
        |live| {
            let ended = &live.watched().ended;
            share(ended.answered, ended.unanswered())
        },
    ),
    float("nines", "The nines of `availability`: 2 is 99 %, 3 is 99.9 %, 3.3 is 99.95 %.", |live| {
        let share = live.watched().service.share(live.sim().now()).filter(|share| *share < 1.0);
        share.map_or_else(|| none("it was never down"), |share| FactValue::Float(-libm::log10(1.0 - share)))
    }),
    fact("up", FactKind::Bool, "Whether a page is to be had now.", |live| FactValue::Bool(live.watched().service.is_up())),
    int("outages", "How often the service went down.", |live| FactValue::int(live.watched().service.outages as usize)),
    float("down_min", "Minutes that the service was down so far.", |live| {
        FactValue::Float(in_minutes(live.watched().service.down(live.sim().now())))
    }),
    float("allowed_min", "Minutes that it may be down in the time so far, or in the first 30 days, by its target.", |live| {
        FactValue::Float(in_minutes(judge::allowed(live)))
    }),
    float("longest_outage_s", "The longest time without a page, in seconds.", |live| {
        FactValue::Float(live.watched().service.longest(live.sim().now()).as_secs())
    }),
    float("mtbf_h", "Mean hours from one outage of the service to the next, as measured.", |live| {
        per(in_hours(Span(live.sim().now().0)), live.watched().service.outages)
    }),
    float("mttr_h", "Mean hours that an outage of the service lasted, as measured.", |live| {
        let service = &live.watched().service;
        per(in_hours(service.down(live.sim().now())), service.outages)
    }),
    float("days", "Days so far.", |live| FactValue::Float(live.sim().now().as_secs() / 86_400.0)),
    int("single_points", "Servers whose loss alone stops some kind of request, however long one waits for checks.", |live| {
        single(live, |all| FactValue::int(all.len()))
    }),
    fact("single_point_names", FactKind::Text, "Their names.", |live| {
        single(live, |all| FactValue::Text(all.into_iter().map(|id| name(live, id)).collect::<Vec<_>>().join(" ")))
    }),
];

/// The servers.
static SERVERS: [Fact<Fleet>; 11] = [
    int("servers", "Servers that are paid for.", |live| FactValue::int(live.sim().server_ids().count())),
    float("server_hours", "Hours that all servers together were there, which is what they cost.", |live| {
        FactValue::Float(live.watched().server_hours(live.sim().now()))
    }),
    int("crashes", "How often a server went down, by itself or by hand.", |live| {
        FactValue::int(crashes(live, live.sim().server_ids()) as usize)
    }),
    fact("server_up", FactKind::Named(Keys::Any), "For each server: the share of the time so far that it ran, 0 to 1.", |live| {
        each(live, |live, id| live.watched().server(id).share(live.sim().now()).unwrap_or(1.0))
    }),
    fact("server_crashes", FactKind::Named(Keys::Any), "For each server: how often it went down.", |live| {
        each(live, |live, id| live.watched().server(id).outages as f64)
    }),
    float("server_up_mean", "The mean of `server_up` over the servers that `fails` names.", |live| {
        let (up, down) = up_and_down(live);
        let all = (up + down).as_secs();
        if all > 0.0 { FactValue::Float(up.as_secs() / all) } else { none("no time has passed") }
    }),
    float("server_mttf_h", "Mean hours that a server ran until it went down, as measured, over the servers that `fails` names.", |live| {
        per(in_hours(up_and_down(live).0), crashes(live, failing(live)))
    }),
    float("server_mttr_h", "Mean hours that such a server was down, its wait for a crew included, as measured.", |live| {
        per(in_hours(up_and_down(live).1), crashes(live, failing(live)))
    }),
    int("in_repair", "Servers at which a crew works.", |live| in_state(live, Some(true))),
    int("waiting_for_crew", "Servers that are down and wait for a crew.", |live| in_state(live, Some(false))),
    fact("working", FactKind::Named(Keys::These(&["front", "app", "db"])), "For each tier: servers that run and answer.", |live| {
        FactValue::Named(Tier::ALL.map(|tier| (tier.name().to_string(), reach::working(live.sim(), tier) as f64)).into())
    }),
];

/// What a bad end is called, in the order of [`super::message::How::ALL`], and last no answer.
const CAUSE: [&str; CAUSES] = ["no-token", "garbled", "busy", "disk-full", "too-few", "nobody", "damaged", "late", "few-copies", "silence"];

/// Whether answers are right, and how requests ended.
static ANSWERS: [Fact<Fleet>; 14] = [
    int("asked", "Requests so far that are no garbage and no intruder's.", |live| FactValue::int(live.watched().offered.total() as usize)),
    int("answered", "Requests that were answered, rightly or wrongly; garbage and intruders apart.", |live| {
        FactValue::int(live.watched().ended.answered as usize)
    }),
    int("unanswered", "Requests that ended without an answer; garbage and intruders apart.", |live| {
        FactValue::int(live.watched().ended.unanswered() as usize)
    }),
    fact("failed_by", FactKind::Named(Keys::These(&CAUSE)), "For each cause: requests that ended without an answer for it.", |live| {
        let failed = &live.watched().ended.failed;
        FactValue::Named(CAUSE.iter().zip(failed).map(|(name, n)| ((*name).to_string(), *n as f64)).collect())
    }),
    int("wrong", "Answers with a wrong price, and bills with what nobody ordered.", |live| {
        FactValue::int(live.watched().ended.wrong.count as usize)
    }),
    int("garbled", "Garbled requests that ended.", |live| FactValue::int(live.watched().ended.garbled.0 as usize)),
    int("garbled_accepted", "Garbled requests that were accepted.", |live| FactValue::int(live.watched().ended.garbled.1 as usize)),
    int("intruders", "Requests without a valid token that ended.", |live| FactValue::int(live.watched().ended.intruders.0 as usize)),
    int("intruders_served", "Requests without a valid token that were served.", |live| {
        FactValue::int(live.watched().ended.intruders.1 as usize)
    }),
    int("rotten", "Rows on databases that are not as they were written.", |live| {
        let damaged = |id| live.sim().node(id).store().current().damaged();
        FactValue::int(live.sim().settings().inventory().of(Tier::Db).map(damaged).sum())
    }),
    int("stale", "Rows on databases that run whose price is not the one that the shop set last, though their sum is right.", |live| {
        let databases = live.sim().settings().inventory().of(Tier::Db).filter(|id| live.sim().node(*id).is_up());
        FactValue::int(databases.map(|id| live.watched().stale(live.sim(), id)).sum())
    }),
    int("rotted", "How often a row rotted so far.", |live| FactValue::int(live.watched().rotted as usize)),
    float("offered_per_s", "Requests that began, a second, in the last second.", |live| {
        FactValue::Float(live.watched().offered.per_second(live.sim().now()))
    }),
    float("goodput_per_s", "Requests that were answered in time, a second, in the last second.", |live| {
        FactValue::Float(live.watched().good.per_second(live.sim().now()))
    }),
];

/// Carts, and times.
static CARTS: [Fact<Fleet>; 9] = [
    int("carts_added", "Additions that were acknowledged.", |live| FactValue::int(live.watched().ended.added as usize)),
    int("carts_open", "Acknowledged additions to carts that are not bought yet.", |live| FactValue::int(live.watched().kept())),
    int("carts_missing", "Acknowledged additions to carts that only servers have which are down.", |live| {
        FactValue::int(live.watched().lost_and_missing(live.sim()).1.len())
    }),
    int("carts_lost", "Acknowledged additions to carts that no server has any more.", |live| {
        FactValue::int(live.watched().lost_and_missing(live.sim()).0.len())
    }),
    int("bills_short", "Bills that lacked what had been acknowledged before.", |live| {
        FactValue::int(live.watched().ended.short.count as usize)
    }),
    float("page_ms_p50", "Half of all pages so far took at most this long.", |live| {
        percentile(&live.meter().look_latency, Percentile::P50)
    }),
    float("page_ms_p99", "99 of 100 of all pages so far took at most this long.", |live| {
        percentile(&live.meter().look_latency, Percentile::P99)
    }),
    float("add_ms_p50", "Half of all additions and checkouts so far took at most this long.", |live| {
        percentile(&live.meter().change_latency, Percentile::P50)
    }),
    fact("path", FactKind::Text, "The servers that a request goes to now: front, application server, database.", |live| {
        let path = live.watched().path;
        path.map_or_else(|| none("no request is answered"), |path| FactValue::Text(path.map(|id| name(live, id)).join(" ")))
    }),
];
static UP: [Fact<Fleet>; 1] = [nodes_up()];
static WIRES: [Fact<Fleet>; 5] = wires();

/// Every fact, in the order in which they are printed.
pub(super) static TABLES: &[&[Fact<Fleet>]] = &[&AVAILABILITY, &SERVERS, &ANSWERS, &CARTS, &UP, &WIRES];

/// The documentation of every fact, in the order in which they are printed.
pub(super) static FACTS: &[FactDoc] = &docs::<Fleet, { count(TABLES) }>(TABLES);

fn none(why: &str) -> FactValue {
    FactValue::Absent(why.into())
}

fn name(live: &Live<Fleet>, id: NodeId) -> String {
    live.sim().settings().inventory().name(id)
}

fn in_hours(span: Span) -> f64 {
    span.as_secs() / 3600.0
}

fn in_minutes(span: Span) -> f64 {
    span.as_secs() / 60.0
}

/// A sum over so many cases as their mean.
fn per(sum: f64, of: u64) -> FactValue {
    if of == 0 { none("it has not happened yet") } else { FactValue::Sampled { value: sum / of as f64, of } }
}

/// The share of the good among all.
fn share(good: u64, bad: u64) -> FactValue {
    let of = good + bad;
    if of == 0 { none("no request has ended") } else { FactValue::Sampled { value: good as f64 / of as f64, of } }
}

fn single(live: &Live<Fleet>, of: impl Fn(Vec<NodeId>) -> FactValue) -> FactValue {
    reach::single_points(live.sim()).map_or_else(|| none("some requests are not answered as it is"), of)
}

fn each(live: &Live<Fleet>, value: fn(&Live<Fleet>, NodeId) -> f64) -> FactValue {
    FactValue::Named(live.sim().server_ids().map(|id| (name(live, id), value(live, id))).collect())
}

fn crashes(live: &Live<Fleet>, servers: impl Iterator<Item = NodeId>) -> u64 {
    servers.map(|id| live.watched().server(id).outages).sum()
}

/// The servers that fail by themselves, where servers do.
fn failing(live: &Live<Fleet>) -> impl Iterator<Item = NodeId> {
    live.sim().server_ids().filter(|id| live.sim().settings().fails_alone(*id))
}

/// How long these ran and were down, all together.
fn up_and_down(live: &Live<Fleet>) -> (Span, Span) {
    let now = live.sim().now();
    failing(live).fold((Span::ZERO, Span::ZERO), |(up, down), id| {
        let was_down = live.watched().server(id).down(now);
        (up + (Span(now.0) - was_down), down + was_down)
    })
}

fn in_state(live: &Live<Fleet>, repair: Option<bool>) -> FactValue {
    FactValue::int(live.sim().server_ids().filter(|id| live.sim().repair(*id) == repair).count())
}
