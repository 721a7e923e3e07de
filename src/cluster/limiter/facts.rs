//! The facts of a limiter.

use crate::check::operation::Key;
use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, float, int, mean};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::Live;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::node::Limiter;
use super::settings::{Counters, Settings};
use super::store::Store;
use super::stream::{Stream, Worst};
use super::table::Table;
use super::watch::{Counts, Watch};
use super::{FIRST, RateLimiter, STORE};

type One = Live<RateLimiter>;

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<RateLimiter>]] = &[RUN, WORST, KEPT, TIMES, DESIGN, &WIRES];

static WIRES: [Fact<RateLimiter>; 5] = facts::wires();

/// What became of requests.
static RUN: &[Fact<RateLimiter>] = &[
    int("asked", "Requests that reached a limiter so far, those that came back included.", |live| count(live, |c| c.asked)),
    int("passed", "Requests that the limiters let through so far.", |live| count(live, |c| c.passed)),
    int("refused", "Requests that the limiters refused so far.", |live| count(live, |c| c.refused)),
    float("passed_percent", "Of 100 requests that were let through or refused, how many were let through.", |live| {
        let Counts { passed, refused, .. } = live.watched().counts;
        match passed + refused {
            0 => FactValue::Absent("nobody has asked".into()),
            of => FactValue::Sampled { value: 100.0 * passed as f64 / of as f64, of: of as u64 },
        }
    }),
    int("waiting", "Requests that wait in leaky queues now.", |live| {
        FactValue::int(limiters(live.sim()).map(|(_, limiter)| limiter.queued()).sum())
    }),
    fact("passed_of", FactKind::Named(Keys::Any), "Of each user: how many requests passed. So `passed_of.anna`.", |live| {
        users(live, |(passed, _)| passed)
    }),
    fact("refused_of", FactKind::Named(Keys::Any), "Of each user: how many requests were refused.", |live| {
        users(live, |(_, refused)| refused)
    }),
    int(
        "refused_innocent",
        "Requests that were refused though fewer than `limit` of their own user had passed in the last window.",
        |live| count(live, |c| c.refused_innocent),
    ),
    int("innocent_users", "Users whom that happened to.", |live| FactValue::int(live.watched().innocent.len())),
    int("came_back", "Requests that a caller sent again after a refusal.", |live| count(live, |c| c.came_back)),
    int("fail_open", "Requests that passed though they could not be counted.", |live| count(live, |c| c.fail_open)),
    int("fail_closed", "Requests that were refused because they could not be counted.", |live| count(live, |c| c.fail_closed)),
    int("store_asked_again", "Questions to the store that were asked again.", |live| count(live, |c| c.asked_again)),
    int("counted_twice", "Requests that the store counted once more.", |live| count(live, |c| c.counted_twice)),
    int("overloaded", "Requests that passed and found no room at the service.", |live| count(live, |c| c.overloaded)),
    int("open", "Asks of clients that have not ended.", |live| FactValue::int(live.meter().open())),
    facts::nodes_up(),
];

/// The fullest windows, since limit, counting or `watch` was last changed.
static WORST: &[Fact<RateLimiter>] = &[
    int(
        "worst_window",
        "The most requests of one key that passed in any window as long as `watch`, by true time, since limit, counting or `watch` was last changed.",
        |live| FactValue::int(worst(live).map_or(0, |(_, worst)| worst.count)),
    ),
    float("worst_from_ms", "When the first request of the fullest window passed, in milliseconds since the start.", |live| {
        at(live, |worst| worst.from)
    }),
    float("worst_to_ms", "When the last request of the fullest window passed, in milliseconds since the start.", |live| {
        at(live, |worst| worst.to)
    }),
    fact("worst_key", FactKind::Text, "The key of that window.", |live| {
        worst(live).map_or_else(|| FactValue::Absent("nothing has passed".into()), |(key, _)| FactValue::Text(key.to_string()))
    }),
    int(
        "worst_user",
        "The most requests of one user that passed in any window as long as `watch`, by true time, since limit, counting or `watch` was last changed.",
        |live| most(&live.watched().by_user),
    ),
    int(
        "worst_address",
        "The most requests of one address that passed in any window as long as `watch`, by true time, since limit, counting or `watch` was last changed.",
        |live| most(&live.watched().by_address),
    ),
    int(
        "worst_all",
        "The most requests of all together that passed in any window as long as `watch`, by true time, since limit, counting or `watch` was last changed.",
        |live| FactValue::int(live.watched().together.watched.count),
    ),
    int("worst_aligned", "The most of one key that passed in a window from one whole multiple of `window` to the next.", |live| {
        FactValue::int(live.watched().most_aligned)
    }),
    int("worst_at_service", "The most of one key that reached the service in any window as long as `watch`.", |live| {
        most(&live.watched().at_service)
    }),
    int("in_window", "How many of the busiest key passed in the `watch` that ends now.", |live| {
        let (now, watch) = (live.sim().now(), live.sim().settings().watched());
        FactValue::int(live.watched().by_key.values().map(|stream| stream.count_to(now, watch)).max().unwrap_or(0))
    }),
    int("burst_asked", "The most requests that reached the limiters within 10 ms, so far.", |live| {
        FactValue::int(live.watched().burst_asked.watched.count)
    }),
    int("burst_at_service", "The most requests that reached the service within 10 ms, so far.", |live| {
        FactValue::int(live.watched().burst_at_service.watched.count)
    }),
];

/// What the counters hold.
static KEPT: &[Fact<RateLimiter>] = &[
    int(
        "memory_per_key",
        "The most numbers that one counter keeps for a key now: 2 of a fixed window or a bucket, 3 of a sliding counter, 1 of GCRA, one for each request in a log, and 1 and one for each that waits in a queue.",
        |live| {
            let tables = tables(live.sim());
            FactValue::int(tables.map(numbers).max().unwrap_or(0))
        },
    ),
    int("keys_known", "How many keys the fullest counter knows.", |live| {
        FactValue::int(tables(live.sim()).map(|table| table.states.len() + table.queues.len()).max().unwrap_or(0))
    }),
    float(
        "level",
        "Of the key that was counted last, where it was counted: tokens that are left, requests that count in this window, the estimate of the sliding counter, or how many wait.",
        level,
    ),
];

/// How long things take, and how often they happen.
static TIMES: &[Fact<RateLimiter>] = &[
    float("retry_after_ms", "What the last refusal said: come back in so many milliseconds.", |live| {
        live.watched().retry_after.map_or_else(|| FactValue::Absent("nobody was refused".into()), |after| FactValue::Float(after.as_ms()))
    }),
    float("wait_ms_max", "The longest wait in a leaky queue so far, in milliseconds.", |live| {
        FactValue::Float(live.watched().longest_wait.as_ms())
    }),
    float("wait_ms_mean", "The mean wait of those that waited in a leaky queue, in milliseconds.", |live| mean(&live.watched().waits)),
    float("call_ms_mean", "The mean time from a request that is served to its answer, as its caller sees it, in milliseconds.", |live| {
        calls(live.sim())
    }),
    float("asked_per_s", "Requests that reached the limiters in the last second.", |live| rate(live, |w, now| w.asking.per_second(now))),
    float("passed_per_s", "Requests that passed in the last second.", |live| rate(live, |w, now| w.passing.per_second(now))),
    float("refused_per_s", "Requests that were refused in the last second.", |live| rate(live, |w, now| w.refusing.per_second(now))),
];

/// The design in words.
static DESIGN: &[Fact<RateLimiter>] = &[
    fact("algorithm", FactKind::Text, "The setting of this name.", |live| setting(live, "algorithm")),
    fact("counters", FactKind::Text, "The setting of this name.", |live| setting(live, "counters")),
    fact("step", FactKind::Text, "The setting of this name.", |live| setting(live, "step")),
    fact("by", FactKind::Text, "The setting of this name.", |live| setting(live, "by")),
];

fn count(live: &One, of: impl Fn(&Counts) -> usize) -> FactValue {
    FactValue::int(of(&live.watched().counts))
}

fn users(live: &One, of: impl Fn((usize, usize)) -> usize) -> FactValue {
    FactValue::Named(live.watched().users.iter().map(|(user, counts)| (user.to_string(), of(*counts) as f64)).collect())
}

fn worst(live: &One) -> Option<(&Key, Worst)> {
    Watch::worst(&live.watched().by_key)
}

fn at(live: &One, of: impl Fn(Worst) -> Time) -> FactValue {
    let ms = |(_, worst): (&Key, Worst)| FactValue::Float(Span(of(worst).0).as_ms());
    worst(live).map_or_else(|| FactValue::Absent("nothing has passed".into()), ms)
}

fn most(streams: &OrdMap<Key, Stream>) -> FactValue {
    FactValue::int(Watch::worst(streams).map_or(0, |(_, worst)| worst.count))
}

fn rate(live: &One, of: impl Fn(&Watch, Time) -> f64) -> FactValue {
    FactValue::Float(of(live.watched(), live.sim().now()))
}

fn setting(live: &One, name: &str) -> FactValue {
    FactValue::Text(live.sim().settings().get(name))
}

/// How long requests that were served took, as the clients remember it.
fn calls(sim: &Sim<RateLimiter>) -> FactValue {
    let served = (0..sim.clients()).filter_map(|client| match sim.node(NodeId::client(client)).state() {
        Some(RateLimiter::Caller(caller)) => Some(caller.served),
        _ => None,
    });
    match served.fold((0, Span::ZERO), |(count, sum), (more, took)| (count + more, sum + took)) {
        (0, _) => FactValue::Absent("nobody was served".into()),
        (of, sum) => FactValue::Sampled { value: sum.as_ms() / of as f64, of },
    }
}

/// The limiters that run.
pub(super) fn limiters(sim: &Sim<RateLimiter>) -> impl Iterator<Item = (NodeId, &Limiter)> {
    sim.server_ids().filter(|id| id.index() >= FIRST).filter_map(|id| match sim.node(id).state() {
        Some(RateLimiter::Limiter(limiter)) => Some((id, &**limiter)),
        _ => None,
    })
}

/// The store, if it runs.
pub(super) fn store(sim: &Sim<RateLimiter>) -> Option<&Store> {
    match sim.node(STORE).state() {
        Some(RateLimiter::Store(store)) => Some(store),
        _ => None,
    }
}

/// The counters that are in use, each with its node.
pub(super) fn counters(sim: &Sim<RateLimiter>) -> Vec<(NodeId, &Table)> {
    if sim.settings().counters == Counters::Shared {
        return store(sim).map(|store| (STORE, &store.table)).into_iter().collect();
    }
    limiters(sim).map(|(id, limiter)| (id, &limiter.table)).collect()
}

fn tables(sim: &Sim<RateLimiter>) -> impl Iterator<Item = &Table> {
    counters(sim).into_iter().map(|(_, table)| table)
}

fn numbers(table: &Table) -> usize {
    let states = table.states.values().map(crate::algo::limit::State::numbers);
    let queues = table.queues.values().map(|queue| 1 + queue.len());
    states.chain(queues).max().unwrap_or(0)
}

/// The time that a node goes by.
pub(super) fn clock(sim: &Sim<RateLimiter>, id: NodeId, at: Time) -> u64 {
    let clock = sim.node(id).clock();
    let Time(now) = match sim.settings().clock {
        super::settings::Clock::Monotonic => clock.steady(at),
        super::settings::Clock::Wall => clock.local(at),
    };
    now
}

/// The limit that a node counts by.
pub(super) fn rules_of(sim: &Sim<RateLimiter>, id: NodeId) -> crate::algo::limit::Rules {
    let settings: &Settings = sim.settings();
    if id == STORE { settings.whole() } else { settings.rules(id.index() - FIRST, usize::from(sim.servers()) - FIRST) }
}

fn level(live: &One) -> FactValue {
    let sim = live.sim();
    let of = |(id, key): &(NodeId, Key)| {
        let (_, table) = counters(sim).into_iter().find(|(counter, _)| counter == id)?;
        if sim.settings().queues() {
            return Some(table.queues.get(key)?.len() as f64);
        }
        Some(table.states.get(key)?.level(clock(sim, *id, sim.now()), &rules_of(sim, *id)).held)
    };
    live.watched().last.as_ref().and_then(of).map_or_else(|| FactValue::Absent("nothing was counted".into()), FactValue::Float)
}

/// The documentation of every fact.
pub(super) static FACTS: [FactDoc; facts::count(TABLES)] = facts::docs(TABLES);
