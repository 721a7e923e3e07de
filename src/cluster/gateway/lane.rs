//! The way from a gateway to one service: its breaker, its bulkhead, and its budget of retries.

use imbl::Vector;

use crate::algo::breaker::{Breaker, Outcome, Permit, State};
use crate::sim::time::{Span, Time};

use super::message::Fail;
use super::settings::Settings;
use super::words::{BudgetCounts, TrippedBy};

/// The state of a breaker, in a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It lets everything through.
    #[default]
    Closed,
    /// It lets nothing through.
    Open,
    /// It lets trials through.
    HalfOpen,
}

impl Phase {
    /// The word.
    pub fn says(self) -> &'static str {
        match self {
            Phase::Closed => "closed",
            Phase::Open => "open",
            Phase::HalfOpen => "half-open",
        }
    }
}

impl From<State> for Phase {
    fn from(state: State) -> Phase {
        match state {
            State::Closed => Phase::Closed,
            State::Open { .. } => Phase::Open,
            State::HalfOpen { .. } => Phase::HalfOpen,
        }
    }
}

/// What a gateway knows of one service.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// Its breaker; closed where there is none.
    pub breaker: Breaker,
    /// The state of the breaker that was told last.
    pub(super) told: Phase,
    /// Calls under way.
    pub active: u32,
    /// Of these, retries.
    pub retrying: u32,
    /// Retries that wait.
    pub resting: u32,
    /// Requests that wait for their turn, and which part of each does.
    pub(super) queued: Vector<(u32, usize)>,
}

impl Lane {
    /// How many workers wait for this service.
    pub fn holding(&self) -> u32 {
        self.active + self.resting + self.queued.len() as u32
    }

    /// Whether one more may be called. A retry of what has just failed has its place already.
    pub(super) fn has_room(&self, settings: &Settings) -> bool {
        self.has_room_for(1, settings)
    }

    /// Whether so many more may be called.
    pub(super) fn has_room_for(&self, more: u32, settings: &Settings) -> bool {
        settings.bulkhead.is_none_or(|most| self.active + self.resting + more <= most)
    }

    /// The leave of the breaker to make a call.
    pub(super) fn ask(&mut self, now: Time, settings: &Settings) -> Result<Option<Permit>, Fail> {
        if !settings.breaker {
            return Ok(None);
        }
        self.breaker.ask(now.0, &settings.rules()).map(Some).ok_or(Fail::Open)
    }

    /// A call has begun.
    pub(super) fn began(&mut self, is_retry: bool) {
        self.active += 1;
        self.retrying += u32::from(is_retry);
    }

    /// A call has ended, however.
    pub(super) fn ended(&mut self, is_retry: bool, permit: Option<Permit>, outcome: Outcome, (now, settings): (Time, &Settings)) {
        self.active -= 1;
        self.retrying -= u32::from(is_retry);
        if let Some(permit) = permit.filter(|_| settings.breaker) {
            self.breaker.ended(permit, outcome, now.0, &settings.rules());
        }
    }

    /// Whether the budget lets so many more retries wait, at least one.
    pub(super) fn affords(&self, more: u32, settings: &Settings) -> bool {
        let counted = match settings.budget_counts {
            BudgetCounts::Waiting => self.retrying + self.resting,
            BudgetCounts::Active => self.retrying,
        };
        settings.budgeted().is_none_or(|budget| budget.allows(counted + more - 1, self.active))
    }

    /// What the breaker's state has become, where it is another than was told, and for how long it stays so at most.
    pub(super) fn turned(&mut self, now: Time, settings: &Settings) -> Option<(Phase, Option<Span>)> {
        let state = if settings.breaker { self.breaker.state(now.0, &settings.rules()) } else { State::Closed };
        let phase = Phase::from(state);
        if std::mem::replace(&mut self.told, phase) == phase {
            return None;
        }
        let lasts = if let State::Open { until } = state { Some(Time(until).since(now)) } else { None };
        Some((phase, lasts))
    }
}

/// What a call tells the breaker.
pub(super) fn outcome(failed: Option<Fail>, settings: &Settings) -> Outcome {
    match failed {
        None => Outcome::Good,
        Some(Fail::Missing) if settings.breaker_counts == TrippedBy::Failures => Outcome::Void,
        Some(_) => Outcome::Bad,
    }
}
