//! One of the limiters that answer at once, by its name: what is kept of a key, and how it is asked.

use super::{Answer, Bucket, Counter, Estimate, Fixed, Flow, Gcra, Log, Quota};

/// How requests are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meter {
    /// A count for each window.
    Fixed,
    /// The times of the last window.
    Log,
    /// Two counts, weighed.
    Counter,
    /// Tokens.
    Bucket,
    /// The next arrival time.
    Gcra,
}

/// A limit in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How requests are measured.
    pub meter: Meter,
    /// How many in how long.
    pub quota: Quota,
    /// How many at once after a calm (buckets only).
    pub burst: u32,
    /// When one more fits (sliding counter only).
    pub estimate: Estimate,
}

impl Rules {
    /// The flow of a bucket.
    pub fn flow(&self) -> Flow {
        Flow::of(self.quota, self.burst)
    }
}

/// What is kept of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A count for each window.
    Fixed(Fixed),
    /// The times of the last window.
    Log(Log),
    /// Two counts, weighed.
    Counter(Counter),
    /// Tokens.
    Bucket(Bucket),
    /// The next arrival time.
    Gcra(Gcra),
}

/// How full something is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Requests that count, or tokens that are left.
    pub held: f64,
    /// Of so many.
    pub size: f64,
    /// Whether `held` is used up against the limit instead of left over.
    pub counts_up: bool,
}

impl State {
    /// That of a key that nobody asked for yet.
    pub fn new(now: u64, rules: &Rules) -> State {
        match rules.meter {
            Meter::Fixed => State::Fixed(Fixed::default()),
            Meter::Log => State::Log(Log::default()),
            Meter::Counter => State::Counter(Counter::default()),
            Meter::Bucket => State::Bucket(Bucket::full(now, rules.flow())),
            Meter::Gcra => State::Gcra(Gcra::default()),
        }
    }

    /// Whether one more may pass.
    pub fn ask(&mut self, now: u64, rules: &Rules) -> Answer {
        match self {
            State::Fixed(fixed) => fixed.ask(now, rules.quota),
            State::Log(log) => log.ask(now, rules.quota),
            State::Counter(counter) => counter.ask(now, rules.quota, rules.estimate),
            State::Bucket(bucket) => bucket.ask(now, rules.flow()),
            State::Gcra(gcra) => gcra.ask(now, rules.flow()),
        }
    }

    /// How many numbers are kept.
    pub fn numbers(&self) -> usize {
        match self {
            State::Fixed(_) | State::Bucket(_) => 2,
            State::Log(log) => log.len(),
            State::Counter(_) => 3,
            State::Gcra(_) => 1,
        }
    }

    /// How full it is at this time.
    pub fn level(&self, now: u64, rules: &Rules) -> Level {
        let used = |held: f64| Level { held, size: f64::from(rules.quota.limit), counts_up: true };
        let tokens = |(level, size): (u128, u128)| {
            let cost = rules.flow().cost as f64;
            Level { held: level as f64 / cost, size: size as f64 / cost, counts_up: false }
        };
        match self {
            State::Fixed(fixed) => used(f64::from(fixed.count(now, rules.quota))),
            State::Log(log) => used(f64::from(log.count(now, rules.quota))),
            State::Counter(counter) => used(counter.count(now, rules.quota) as f64 / rules.quota.window as f64),
            State::Bucket(bucket) => tokens(bucket.level(now, rules.flow())),
            State::Gcra(gcra) => tokens(gcra.level(now, rules.flow())),
        }
    }
}
