//! A circuit breaker: after too many failures no more calls are made for a while; then a few trials decide.
//!
//! Closed, it counts how calls end; open, it makes none; half-open, it makes a number of trials at most, and each trial has a permit that
//! comes back however the call ends. An outcome counts only in the state in which its call began: a success from before the opening
//! closes nothing.
//!
//! Time is a number of ticks of any length. Sources: Nygard 2007, *Release It!*, chapter 5; Hystrix, "How it works"; resilience4j's
//! documentation of `CircuitBreaker`. What Envoy calls a circuit breaker has no states: it bounds how much is under way.

mod tally;
#[cfg(test)]
mod tests;

use crate::persistent::OrdMap;

pub use tally::{Tally, Window};

/// When it opens, and when it closes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Which calls count.
    pub window: Window,
    /// How many must have ended in the window before it may open, at least 1.
    pub least: u32,
    /// It opens when so many percent of them, or more, have failed: 1 to 100.
    pub percent: u32,
    /// How long it is open before a trial is made, in ticks.
    pub open_for: u64,
    /// How many trials there are, at least 1. When all of them have ended it closes, or opens again by the same percentage.
    pub trials: u32,
    /// How long it waits for its trials, in ticks, before it opens again; `None`: without limit.
    pub trials_for: Option<u64>,
}

impl Rules {
    /// Hystrix, in milliseconds: half of at least 20 calls in 10 s; after 5 s one trial.
    pub const HYSTRIX: Rules =
        Rules { window: Window::Time { ticks: 10_000, slices: 10 }, least: 20, percent: 50, open_for: 5_000, trials: 1, trials_for: None };

    /// resilience4j, in milliseconds: half of the last 100 calls, which must be full; after 60 s ten trials, waited for without limit.
    pub const RESILIENCE4J: Rules =
        Rules { window: Window::Calls(100), least: 100, percent: 50, open_for: 60_000, trials: 10, trials_for: None };
}

/// What it lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything.
    Closed,
    /// Nothing.
    Open {
        /// Until this tick; then trials.
        until: u64,
    },
    /// Trials.
    HalfOpen {
        /// Since this tick; once trials are made, since the first of them.
        since: u64,
    },
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Good,
    /// The service failed, or did not answer in time.
    Bad,
    /// It says nothing of the service: the caller gave up, or asked what cannot be answered.
    Void,
}

/// The leave to make one call. Whoever has it says once how the call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permit {
    /// How often the state had changed.
    era: u32,
    number: u32,
}

/// A breaker. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Breaker {
    state: State,
    tally: Tally,
    era: u32,
    next: u32,
    /// Trials under way, and when each began.
    out: OrdMap<Permit, u64>,
    /// How trials have ended: good and bad.
    ended: (u32, u32),
}

impl Breaker {
    /// A closed one that has seen nothing.
    pub fn new() -> Breaker {
        Breaker { state: State::Closed, tally: Tally::default(), era: 0, next: 0, out: OrdMap::new(), ended: (0, 0) }
    }

    /// The state at this time.
    pub fn state(&mut self, now: u64, rules: &Rules) -> State {
        // Where fewer trials decide than before, those that have ended may be enough.
        self.decide(now, rules);
        match (self.state, rules.trials_for) {
            (State::Open { until }, _) if now >= until => self.turn(State::HalfOpen { since: now }),
            (State::HalfOpen { since }, Some(most)) if self.trials_made() > 0 && now >= since.saturating_add(most) => self.open(now, rules),
            _ => {}
        }
        self.state
    }

    /// The leave to make a call now; `None`: it is refused.
    pub fn ask(&mut self, now: u64, rules: &Rules) -> Option<Permit> {
        let (state, made) = (self.state(now, rules), self.trials_made());
        let may = match state {
            State::Closed => true,
            State::Open { .. } => false,
            State::HalfOpen { .. } => made < rules.trials.max(1),
        };
        if !may {
            return None;
        }
        let permit = Permit { era: self.era, number: self.next };
        self.next = self.next.wrapping_add(1);
        if state != State::Closed {
            self.out.insert(permit, now);
            // The wait for trials begins with the first.
            self.state = if made == 0 { State::HalfOpen { since: now } } else { state };
        }
        Some(permit)
    }

    /// A call has ended. One that began in another state changes nothing.
    pub fn ended(&mut self, permit: Permit, outcome: Outcome, now: u64, rules: &Rules) {
        let state = self.state(now, rules);
        if permit.era != self.era {
            return;
        }
        match state {
            State::Closed => self.count(outcome, now, rules),
            State::HalfOpen { .. } => self.trial(permit, outcome, now, rules),
            State::Open { .. } => {}
        }
    }

    /// The state at this time, for whoever only looks.
    pub fn seen(&self, now: u64, rules: &Rules) -> State {
        self.clone().state(now, rules)
    }

    /// Opens, whatever it has seen: an operator wants it so. Trials follow as always.
    pub fn trip(&mut self, now: u64, rules: &Rules) {
        self.open(now, rules);
    }

    /// Closes, and forgets what it has seen: an operator wants it so.
    pub fn reset(&mut self) {
        self.turn(State::Closed);
    }

    /// Does not wait for the end of the open time: trials can be made from now on.
    pub fn probe(&mut self, now: u64) {
        if let State::Open { .. } = self.state {
            self.turn(State::HalfOpen { since: now });
        }
    }

    /// Whether it has been waiting for the end of a trial for longer than it was open.
    pub fn is_stuck(&self, now: u64, rules: &Rules) -> bool {
        let is_long = |began: &u64| now.saturating_sub(*began) > rules.open_for;
        matches!(self.seen(now, rules), State::HalfOpen { .. }) && self.out.values().any(is_long)
    }

    /// How many trials are under way, or have ended and told something.
    fn trials_made(&self) -> u32 {
        self.trials_out() + self.ended.0 + self.ended.1
    }

    /// How many trials are under way.
    pub fn trials_out(&self) -> u32 {
        self.out.len() as u32
    }

    /// How calls ended in the window of this time: good and bad.
    pub fn counts(&self, now: u64, rules: &Rules) -> (u32, u32) {
        self.tally.counts(now, rules.window)
    }

    fn count(&mut self, outcome: Outcome, now: u64, rules: &Rules) {
        if outcome == Outcome::Void {
            return;
        }
        self.tally.add(outcome == Outcome::Bad, now, rules.window);
        let (good, bad) = self.tally.counts(now, rules.window);
        if good + bad >= rules.least.max(1) && is_over((good, bad), rules) {
            self.open(now, rules);
        }
    }

    /// A trial that says nothing makes room for another.
    fn trial(&mut self, permit: Permit, outcome: Outcome, now: u64, rules: &Rules) {
        if self.out.remove(&permit).is_none() {
            return;
        }
        self.ended.0 += u32::from(outcome == Outcome::Good);
        self.ended.1 += u32::from(outcome == Outcome::Bad);
        self.decide(now, rules);
    }

    /// Half-open, it closes or opens when enough trials have ended.
    fn decide(&mut self, now: u64, rules: &Rules) {
        let (good, bad) = self.ended;
        if !matches!(self.state, State::HalfOpen { .. }) || good + bad < rules.trials.max(1) {
            return;
        }
        if is_over(self.ended, rules) { self.open(now, rules) } else { self.turn(State::Closed) }
    }

    fn open(&mut self, now: u64, rules: &Rules) {
        self.turn(State::Open { until: now.saturating_add(rules.open_for) });
    }

    fn turn(&mut self, state: State) {
        *self =
            Breaker { state, tally: Tally::default(), era: self.era.wrapping_add(1), next: self.next, out: OrdMap::new(), ended: (0, 0) };
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker::new()
    }
}

/// Whether too many have failed.
fn is_over((good, bad): (u32, u32), rules: &Rules) -> bool {
    u64::from(bad) * 100 >= u64::from(rules.percent) * (u64::from(good) + u64::from(bad)) && bad > 0
}
