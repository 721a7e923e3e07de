//! What a gateway, the services behind it and its users can be told.

use std::sync::Arc;

use crate::algo::breaker::{Rules, Window};
use crate::algo::budget::Budget;
use crate::cluster::kit::settings::shared::{Disk, WireLatency, WireZoneLatency};
use crate::cluster::kit::settings::{Attempts, Count, Length, OrNone, Share, Switch, Takes as _, Timer, Times, settings};
use crate::cluster::kit::takes::Several;
use crate::cluster::live::Captioned;
use crate::sim::dist::Dist;
use crate::sim::retry::Retry;
use crate::sim::time::Span;

use super::words::{
    Aggregation, Auth, BudgetCounts, Fallback, Frees, Idempotency, Path, PayKey, PayRetries, RetryWhat, Service, TrippedBy, Trust,
};

settings! {
    /// The settings of the `gateway` cluster. The defaults: no limit to a call but that of the whole request, and nothing is tried again.
    pub struct Settings {
        workers: Count<1, 1000> = "50", "Workers of a gateway: a request keeps one from its start to its answer.";
        queue: Count<0, 10_000> = "100", "How many requests may wait for a worker; one more is refused.";
        home: Several<Service> = "profile catalogue orders", "The services that `home` is gathered from, in this order.";
        routes: Several<Path> = "home orders pay", "What the gateway has a route for; all else is not found.";
        aggregation: Aggregation = "parallel", "How `home` is gathered: all services at the same time, or one after the other.";
        fallback: Fallback = "none", "What `home` does without a part: fail, leave it out and say so, take the last good one and say so, or ask the same service once more for a default.";
        auth: Auth = "signature", "How a token is checked: not at all, by its signature and the time on it, or by asking `auth`.";
        auth_cache: OrNone<Timer> = "none", "How long the gateway believes what `auth` said of a token.";
        token_life: OrNone<Timer> = "none", "How long a token is good that is made from now on.";
        services_trust: Trust = "network", "What services go by for calls that come past the gateway: they trust whoever can reach them, or want a token.";
        timeout: OrNone<Timer> = "10s", "How long the gateway gives a request, its waiting included.";
        try_timeout: OrNone<Timer> = "none", "How long the gateway waits for one call to a service.";
        promised: OrNone<Timer> = "none", "Within what every request is to be answered, as `on_time` judges it; `none`: within `timeout`.";
        frees: Frees = "worker", "What the end of `timeout` sets free: the worker and the user, or only the user while the worker waits on.";
        retries: Count<0, 10> = "0", "How often a call is tried again that failed or was not answered.";
        backoff: Length = "25ms", "How long the gateway waits before the first of these; each further wait is twice as long, up to ten times this.";
        jitter: Share = "1", "The share of such a wait that is drawn.";
        retry_what: RetryWhat = "part", "What is tried again where one part of `home` failed: that part, or all of them.";
        pay_retries: PayRetries = "safe", "Which calls of `pay` are tried again: those that were surely not carried out, or all.";
        budget: OrNone<Share> = "none", "Retries that may wait or be under way to one service, as a share of the calls under way to it.";
        budget_least: Count<0, 100> = "3", "How many of these are always allowed.";
        budget_counts: BudgetCounts = "waiting", "Which retries the budget counts: those that wait too, or only those under way.";
        breaker: Switch = "off", "Whether there is a circuit breaker before each service.";
        breaker_calls: OrNone<Count<1, 1000>> = "none", "It looks back at so many calls; `none`: at those of `breaker-window`.";
        breaker_window: Timer = "10s", "How long it looks back.";
        breaker_least: Count<1, 1000> = "20", "How many calls it must have seen before it may open.";
        breaker_percent: Count<1, 100> = "50", "It opens when so many percent of them have failed.";
        breaker_open: Timer = "5s", "How long it is open before it lets calls through on trial.";
        breaker_trials: Count<1, 100> = "1", "How many calls on trial it makes, and waits for.";
        breaker_trials_for: OrNone<Timer> = "none", "How long it waits for them before it opens again; `none`: without limit.";
        breaker_counts: TrippedBy = "failures", "What it counts as failed: what services do wrong, or what users do wrong too.";
        bulkhead: OrNone<Count<1, 1000>> = "none", "How many workers may wait for one service.";
        bulkhead_wait: Length = "0s", "How long a worker waits for its turn at a service whose bulkhead is full.";
        profile_time: Times = "const(50ms)", "How long `profile` works on a call.";
        catalogue_time: Times = "const(50ms)", "How long `catalogue` works on a call.";
        orders_time: Times = "const(50ms)", "How long `orders` works on a call.";
        payments_time: Times = "const(50ms)", "How long `payments` works on a call.";
        service_workers: Count<1, 1000> = "100", "Workers of each service.";
        service_queue: Count<0, 10_000> = "100", "How many calls may wait at a service; one more is refused.";
        errors: Share = "0", "The share of calls that a service answers with an error.";
        missing: Share = "0", "The share of reads that ask for what is not there.";
        idempotency: Idempotency = "off", "How `payments` knows a payment again: not at all, by a key that is stored with it, by a key in its memory, or by a key that it looks up first and stores at the end.";
        remember: OrNone<Timer> = "none", "How long it remembers a key; `none`: for ever.";
        pay_key: PayKey = "payment", "What the key is: one for each payment, or one for each try.";
        database: Switch = "off", "Whether services ask a database, `db`, for every call.";
        db_time: Times = "const(5ms)", "How long the database works on a question.";
        db_workers: Count<1, 1000> = "100", "Workers of the database.";
        db_retries: Count<0, 10> = "0", "How often a service asks the database again for one call.";
        db_timeout: Timer = "1s", "How long a service waits for the database.";
        auth_time: Times = "const(2ms)", "How long `auth` works on a question.";
        user_timeout: Timer = "12s", "How long a user waits for an answer.";
        user_retries: Attempts = "never", "Whether and when a user tries again.";
        latency: WireLatency = "const(1ms)";
        zone_latency: WireZoneLatency = "const(40ms)";
        disk: Disk = "const(1ms)";
    }
}

/// A wait grows up to so many times the first, as in Envoy.
pub(super) const BACKOFF_MOST: f64 = 10.0;
/// What retries are judged by where there is no budget: the defaults of Envoy.
const USUAL: Budget = Budget { share: 0.2, least: 3 };
/// The slices of a window of time, as in Hystrix.
const SLICES: u32 = 10;

impl Settings {
    /// The rules of every breaker, in nanoseconds.
    pub fn rules(&self) -> Rules {
        let window = match self.breaker_calls {
            Some(calls) => Window::Calls(calls),
            None => Window::Time { ticks: self.breaker_window.0, slices: SLICES },
        };
        Rules {
            window,
            least: self.breaker_least,
            percent: self.breaker_percent,
            open_for: self.breaker_open.0,
            trials: self.breaker_trials,
            trials_for: self.breaker_trials_for.map(|span| span.0),
        }
    }

    /// How long to wait between tries.
    pub fn retry(&self) -> Retry {
        let most = self.backoff.scaled(BACKOFF_MOST);
        Retry { attempts: self.retries + 1, backoff: self.backoff, factor: 2.0, most, jitter: self.jitter, ..Retry::NEVER }
    }

    /// The budget of retries, where there is one.
    pub fn budgeted(&self) -> Option<Budget> {
        self.budget.map(|share| Budget { share, least: self.budget_least })
    }

    /// The budget that retries are judged by.
    pub fn judged_budget(&self) -> Budget {
        self.budgeted().unwrap_or(USUAL)
    }

    /// Within what every request is to be answered; `None`: nothing is promised.
    pub fn answered_within(&self) -> Option<Span> {
        self.promised.or(self.timeout)
    }

    /// How long a service works on a call.
    pub fn time_of(&self, service: Service) -> &Arc<Dist> {
        match service {
            Service::Profile => &self.profile_time,
            Service::Catalogue => &self.catalogue_time,
            Service::Orders => &self.orders_time,
            Service::Payments => &self.payments_time,
        }
    }

    /// The services that a request needs.
    pub fn services(&self, path: Path) -> &[Service] {
        match path {
            Path::Home => &self.home,
            Path::Orders => &[Service::Orders],
            Path::Pay => &[Service::Payments],
        }
    }

    /// Those of a node that answers every call with an error.
    pub fn broken(&self) -> Settings {
        Settings { errors: 1.0, ..self.clone() }
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let mut words = vec![format!("{} workers", self.workers)];
        words.push(self.timeout.map_or_else(|| "no timeout".to_string(), |span| format!("timeout {span}")));
        words.extend(self.try_timeout.map(|span| format!("{span} a call")));
        words.extend((self.retries > 0).then(|| format!("{} {}", self.retries, if self.retries == 1 { "retry" } else { "retries" })));
        words.extend(self.budget.map(|share| format!("budget {:.0} %", share * 100.0)));
        words.extend(self.breaker.then(|| "breakers".to_string()));
        words.extend(self.bulkhead.map(|most| format!("bulkheads of {most}")));
        words.extend((self.fallback != Fallback::None).then(|| format!("fallback {}", Fallback::write(&self.fallback))));
        words.extend((self.idempotency != Idempotency::Off).then(|| format!("keys {}", Idempotency::write(&self.idempotency))));
        words.join(" · ")
    }
}
