//! The facts of a gateway.

use crate::algo::breaker::Rules;
use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, float, int};
use crate::cluster::kit::served::{self, Served, Serves, lately};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::lane::{Lane, Phase};
use super::node::Gateway;
use super::service::Disk;
use super::watch::{Calls, Counts, Watch};
use super::words::{Path, Service};
use super::{Shop, gateways};

type One = Live<Shop>;

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<Shop>]] =
    &[&RATES, &TIMES, ANSWERS, WORKERS, CALLS, BREAKERS, RETRIES, PAYMENTS, TOKENS, DESIGN, &UP, &WIRES];

static RATES: [Fact<Shop>; 8] = served::rates();
static TIMES: [Fact<Shop>; 5] = served::times();
static UP: [Fact<Shop>; 1] = [facts::nodes_up()];
static WIRES: [Fact<Shop>; 5] = facts::wires();

const PATHS: FactKind = FactKind::Named(Keys::These(&["home", "orders", "pay"]));
const SERVICES: FactKind = FactKind::Named(Keys::These(&["profile", "catalogue", "orders", "payments"]));

impl Serves for Shop {
    fn served(watch: &Watch) -> &Served {
        &watch.served
    }
}

/// How requests ended.
static ANSWERS: &[Fact<Shop>] = &[
    fact("mean_ms_of", PATHS, "The same mean for each path. So `mean_ms_of.home`.", |live| {
        by_path(|path| live.watched().by_path[path as usize].mean().map(Span::as_ms))
    }),
    fact("p99_ms_of", PATHS, "The 99th percentile for each path, where there are enough answers.", |live| {
        by_path(|path| lately(&live.watched().by_path[path as usize], 990).number(None))
    }),
    float("slowest_ms", "The longest time so far from a request's coming to the gateway to its answer there, in milliseconds.", |live| {
        FactValue::Float(live.watched().counts.slowest.as_ms())
    }),
    int("answers", "Requests that gateways answered so far, in whatever way.", |live| count(live, |c| c.answered)),
    int("partial", "Answers of gateways that left a part out or had an old one, and said so.", |live| count(live, |c| c.partial)),
    int("late", "Requests that gateways answered because their `timeout` was over.", |live| count(live, |c| c.late)),
    int("refused_full", "Requests at gateways that found neither a worker nor room in the line.", |live| count(live, |c| c.full)),
    int("rejected", "Requests at gateways that came without a good token: 401.", |live| count(live, |c| c.rejected)),
];

/// Workers of the gateways.
static WORKERS: &[Fact<Shop>] = &[
    int("busy", "Workers of the gateways that have a request.", |live| sum(live, |gateway| gateway.slots.len())),
    int("waiting", "Requests that wait for a worker.", |live| sum(live, |gateway| gateway.line.len())),
    int("busy_most", "The most workers of one gateway that had a request, so far.", |live| count(live, |c| c.busy_most)),
    int("waiting_most", "The most requests that waited for a worker of one gateway, so far.", |live| count(live, |c| c.waiting_most)),
    fact("waits_for", SERVICES, "For each service: how many workers wait for it. So `waits_for.payments`.", |live| {
        by_lane(live, Lane::holding)
    }),
    int("waits_for_most", "The most workers of one gateway that waited for the same service, so far.", |live| {
        count(live, |c| c.held_most as usize)
    }),
    int("lost_workers", "Workers that wait on though their user was answered.", |live| {
        sum(live, |gateway| gateway.jobs.values().filter(|job| job.told).count())
    }),
];

/// Calls to services.
static CALLS: &[Fact<Shop>] = &[
    fact("calls", SERVICES, "For each service: calls that the gateways made so far, retries included.", |live| {
        each(live, |calls| calls.made.total() as f64)
    }),
    fact("calls_per_s", SERVICES, "For each service: calls in the last second.", |live| {
        let now = live.sim().now();
        each(live, |calls| calls.made.per_second(now))
    }),
    fact("call_failures", SERVICES, "For each service: calls so far that came to nothing: an error, no room, no answer in time.", |live| {
        each(live, |calls| calls.failed.total() as f64)
    }),
    fact("call_failures_per_s", SERVICES, "The same in the last second.", |live| {
        let now = live.sim().now();
        each(live, |calls| calls.failed.per_second(now))
    }),
    fact("under_way", SERVICES, "For each service: calls under way.", |live| by_lane(live, |lane| lane.active)),
    fact("refused_bulkhead", SERVICES, "For each service: parts so far that were not called because the bulkhead was full.", |live| {
        each(live, |calls| calls.refused_bulkhead as f64)
    }),
    float("calls_per_request", "Calls that the gateways made so far for each request that they answered.", |live| {
        per(live.watched().called(), live.watched().counts.answered, "no request was answered")
    }),
    int("db_calls", "Questions that reached the database so far.", |live| count(live, |c| c.queries)),
    float("db_calls_per_request", "Questions that reached the database so far, for each request of a user that has ended.", |live| {
        per(live.watched().counts.queries as u64, live.meter().ended(), "no request has ended")
    }),
];

/// Breakers.
static BREAKERS: &[Fact<Shop>] = &[
    fact("breaker_profile", FactKind::Text, "The state of the breaker before profile: closed, open or half-open.", |live| {
        breaker(live, Service::Profile)
    }),
    fact("breaker_catalogue", FactKind::Text, "The same before catalogue.", |live| breaker(live, Service::Catalogue)),
    fact("breaker_orders", FactKind::Text, "The same before orders.", |live| breaker(live, Service::Orders)),
    fact("breaker_payments", FactKind::Text, "The same before payments.", |live| breaker(live, Service::Payments)),
    int("breakers_open", "Breakers that are open.", |live| breakers(live, |lane, _, _| lane.told == Phase::Open)),
    int("breakers_stuck", "Breakers that have waited for the end of a trial for longer than they were open.", |live| {
        breakers(live, |lane, now, rules| live.sim().settings().breaker && lane.breaker.is_stuck(now, rules))
    }),
    fact("opened", SERVICES, "For each service: how often its breaker opened so far.", |live| each(live, |calls| calls.opened as f64)),
    fact(
        "refused_breaker",
        SERVICES,
        "For each service: parts so far that were not called because its breaker let them not through.",
        |live| each(live, |calls| calls.refused_breaker as f64),
    ),
];

/// What is tried again.
static RETRIES: &[Fact<Shop>] = &[
    int("first_tries", "First tries of calls so far.", |live| count(live, |c| c.first)),
    int("retries", "Further tries so far.", |live| FactValue::int(live.watched().retries.total() as usize)),
    float("retries_per_s", "Further tries in the last second.", |live| {
        FactValue::Float(live.watched().retries.per_second(live.sim().now()))
    }),
    float("attempts_per_call", "Tries so far for each first try: 1 without retries.", |live| {
        let first = live.watched().counts.first;
        per(live.watched().called(), first, "nothing was called")
    }),
    int("retrying", "Retries that wait or are under way.", |live| sum_lanes(live, |lane| lane.retrying + lane.resting)),
    int("retries_waiting", "Retries that wait.", |live| sum_lanes(live, |lane| lane.resting)),
    int("over_budget", "Retries so far that the budget did not allow.", |live| count(live, |c| c.over_budget)),
    int("retries_at_once", "The most retries that were sent within the same 10 ms, so far.", |live| {
        FactValue::int(live.watched().most_at_once as usize)
    }),
];

/// Payments.
static PAYMENTS: &[Fact<Shop>] = &[
    int("payments", "Payments that were made and are on the disk, each time counted.", |live| FactValue::int(paid(live).payments)),
    int("payments_twice", "Payments that were made more than once.", |live| FactValue::int(paid(live).twice.0)),
    int("payments_known", "How often so far a payment was known and not made again.", |live| count(live, |c| c.known)),
];

/// Tokens.
static TOKENS: &[Fact<Shop>] = &[
    int("unauthorised", "What services were asked to do so far for requests without a token that was good when they came.", |live| {
        count(live, |c| c.unauthorised)
    }),
    int("past_gateway", "What services did so far for users that came past the gateway.", |live| count(live, |c| c.past)),
    int("auth_asked", "Tokens so far that auth was asked about.", |live| count(live, |c| c.checked)),
    int("auth_remembered", "Tokens so far that the gateway remembered to be good.", |live| count(live, |c| c.believed)),
];

/// The design in words.
static DESIGN: &[Fact<Shop>] = &[
    fact("aggregation", FactKind::Text, "The setting of this name.", |live| setting(live, "aggregation")),
    fact("fallback", FactKind::Text, "The setting of this name.", |live| setting(live, "fallback")),
    fact("idempotency", FactKind::Text, "The setting of this name.", |live| setting(live, "idempotency")),
    fact("auth", FactKind::Text, "The setting of this name.", |live| setting(live, "auth")),
];

fn count(live: &One, of: impl Fn(&Counts) -> usize) -> FactValue {
    FactValue::int(of(&live.watched().counts))
}

fn per(n: u64, of: usize, none: &str) -> FactValue {
    match of {
        0 => FactValue::Absent(none.into()),
        of => FactValue::Sampled { value: n as f64 / of as f64, of: of as u64 },
    }
}

fn by_path(of: impl Fn(Path) -> Option<f64>) -> FactValue {
    FactValue::Named(Path::ALL.into_iter().filter_map(|path| Some((path.name().to_string(), of(path)?))).collect())
}

fn named(of: impl Fn(Service) -> f64) -> FactValue {
    FactValue::Named(Service::ALL.into_iter().map(|service| (service.name().to_string(), of(service))).collect())
}

fn each(live: &One, of: impl Fn(&Calls) -> f64) -> FactValue {
    named(|service| of(&live.watched().services[service as usize]))
}

fn by_lane(live: &One, of: impl Fn(&Lane) -> u32) -> FactValue {
    named(|service| {
        gateways(live.sim()).map(|(_, gateway)| f64::from(of(&gateway.lanes[service as usize]))).fold(0.0, |sum, more| sum + more)
    })
}

fn sum(live: &One, of: impl Fn(&Gateway) -> usize) -> FactValue {
    FactValue::int(gateways(live.sim()).map(|(_, gateway)| of(gateway)).sum())
}

fn sum_lanes(live: &One, of: impl Fn(&Lane) -> u32) -> FactValue {
    sum(live, |gateway| gateway.lanes.iter().map(|lane| of(lane) as usize).sum())
}

fn breakers(live: &One, is: impl Fn(&Lane, u64, &Rules) -> bool) -> FactValue {
    let (sim, rules) = (live.sim(), live.sim().settings().rules());
    let of = |(id, gateway): (NodeId, &Gateway)| {
        let now = sim.node(id).clock().steady(sim.now()).0;
        gateway.lanes.iter().filter(|lane| is(lane, now, &rules)).count()
    };
    FactValue::int(gateways(sim).map(of).sum())
}

/// Of several gateways that of the first.
fn breaker(live: &One, service: Service) -> FactValue {
    let first = gateways(live.sim()).next();
    let says = |(_, gateway): (_, &Gateway)| FactValue::Text(gateway.lanes[service as usize].told.says().into());
    first.map_or_else(|| FactValue::Absent("the gateway is down".into()), says)
}

fn paid(live: &One) -> &Disk {
    live.sim().node(Service::Payments.node()).store().durable()
}

fn setting(live: &One, name: &str) -> FactValue {
    FactValue::Text(live.sim().settings().get(name))
}

/// The documentation of every fact.
pub(super) static FACTS: [FactDoc; facts::count(TABLES)] = facts::docs(TABLES);
