//! Going forward: by time, by event, to the next thing worth seeing, until something holds.

use super::Timeline;
use crate::check::verdict::Verdicts;
use crate::cluster::condition::Condition;
use crate::cluster::{Cluster, Fired, Stop, budget};
use crate::sim::time::{Span, Time};

/// The most events that one call carries out; then it stops with [`Stop::Budget`], and another call goes on.
pub const RUN_BUDGET: u64 = 4_000_000;

/// Why nothing comes any more, where nothing ends the run.
pub const NOTHING_LEFT: &str = "nothing is left to happen";

/// The most events that a search for a noteworthy one looks at.
pub(super) const SEARCH_BUDGET: u64 = 50_000;

impl Timeline {
    /// Plays on for this much virtual time; the pokes that the path holds are done again at their places.
    pub fn advance(&mut self, by: Span) -> Stop {
        self.run_to(self.at() + by)
    }

    /// Plays on up to and including everything that happens at `t`. Does nothing when that is in the past; see [`Timeline::seek`].
    pub fn run_to(&mut self, t: Time) -> Stop {
        let t = if self.sealed { t.min(self.end()) } else { t };
        let last = self.events() + RUN_BUDGET;
        let stop = loop {
            if self.at() > t {
                break Stop::Reached;
            }
            if self.events() >= last {
                break Stop::Budget;
            }
            if let Some(stop) = self.leg(t, last - self.events()) {
                break stop;
            }
        };
        self.saw();
        stop
    }

    /// Runs up to the next poke, checkpoint or `t`, whichever comes first. `None`: there is more to run.
    fn leg(&mut self, t: Time, budget: u64) -> Option<Stop> {
        if let Some(stop) = self.bound() {
            return Some(stop);
        }
        let from = self.events();
        let room = self.checkpoints.room(from, self.is_again()).min(budget);
        let stop = match self.tree.poke(self.done) {
            Some(p) if p.at <= t && p.event == from + 1 => self.poke_again().err().unwrap_or(Stop::Budget),
            Some(p) if p.at <= t => match self.cluster.run_until(p.at, room.min(p.event - from - 1)) {
                Stop::Reached => Stop::Budget,
                stop => stop,
            },
            _ => self.cluster.run_until(t, room),
        };
        self.after_event(from);
        match stop {
            Stop::Budget if self.events() == from => Some(Stop::Limit(self.lost_its_way())),
            Stop::Budget => None,
            stop => Some(stop),
        }
    }

    /// Carries out one event: a poke of the path when it is its turn, or what the cluster does next. `None` when nothing is left.
    pub fn step(&mut self) -> Option<Fired> {
        let fired = self.step_unseen();
        self.saw();
        fired
    }

    /// One event, without counting what it reaches as seen.
    pub(super) fn step_unseen(&mut self) -> Option<Fired> {
        if self.bound().is_some() {
            return None;
        }
        let from = self.events();
        let fired = match self.tree.poke(self.done) {
            Some(p) if p.event == self.events() + 1 => self.poke_again().ok(),
            _ => self.cluster.step(),
        };
        self.after_event(from);
        fired
    }

    /// Does the next poke of the path, whose turn it is.
    fn poke_again(&mut self) -> Result<Fired, Stop> {
        let Some(next) = self.tree.poke(self.done).cloned() else { return Err(Stop::Reached) };
        if !self.set_clock(next.at) {
            return Err(Stop::Limit(self.lost_its_way()));
        }
        self.cluster.apply(&next.poke).map_err(|_| Stop::Limit(self.lost_its_way()))?;
        self.done += 1;
        Ok(Fired { event: next.event, at: next.at, noteworthy: true })
    }

    /// What to say when the cluster does not do again what it did before; its determinism is broken.
    fn lost_its_way(&self) -> String {
        format!("the run did not repeat itself after event {}: this is a mistake in the model `{}`", self.events(), self.scenario.model)
    }

    /// Moves the clock within the pause before the next event. False when `t` is not in it.
    pub(super) fn set_clock(&mut self, t: Time) -> bool {
        if self.at() >= t {
            return self.at() == t;
        }
        self.cluster.next_at().is_none_or(|next| next > t) && self.cluster.run_until(t, 1) == Stop::Reached
    }

    /// Carries out events until `n` are behind; stops early, as [`Stop::Reached`], when nothing is left to happen.
    pub(super) fn forward_to(&mut self, n: u64) -> Stop {
        let last = n.min(self.events() + RUN_BUDGET);
        while self.events() < last {
            if !self.leg_of_events(last) {
                return self.why_stopped();
            }
        }
        if self.events() < n { Stop::Budget } else { Stop::Reached }
    }

    /// Carries out events up to event `last`, the next poke, checkpoint, or count of the memory, whichever comes first. False when none is possible.
    fn leg_of_events(&mut self, last: u64) -> bool {
        let from = self.events();
        let room = self.checkpoints.room(from, self.is_again()).min(budget::room(from)).min(last - from);
        match self.tree.poke(self.done) {
            _ if self.bound().is_some() => return false,
            Some(p) if p.event == from + 1 => drop(self.poke_again()),
            Some(p) => self.cluster.run_events(room.min(p.event - from - 1)),
            None => self.cluster.run_events(room),
        }
        self.after_event(from);
        self.events() > from
    }

    /// Why the run cannot go on from here, where a brake or a bound ends it: of programs that are followed, that they have come no further.
    pub fn why_not_further(&self) -> Option<String> {
        self.bound().map(|stop| match stop {
            Stop::Limit(why) => why,
            Stop::Reached | Stop::Budget => NOTHING_LEFT.to_string(),
        })
    }

    /// The same as a stop.
    fn bound(&self) -> Option<Stop> {
        if self.brake.is_pulled() {
            return Some(Stop::Limit(self.brake.why()));
        }
        if self.sealed && !self.in_past() {
            return Some(Stop::Limit(super::SO_FAR.to_string()));
        }
        budget::reached(self.cluster.as_ref()).map(Stop::Limit)
    }

    /// Carries out one event, or says why there is none.
    pub fn try_step(&mut self) -> Result<Fired, String> {
        self.step().ok_or_else(|| match self.why_stopped() {
            Stop::Limit(why) => why,
            Stop::Reached | Stop::Budget => NOTHING_LEFT.to_string(),
        })
    }

    /// Why no step was possible.
    pub(super) fn why_stopped(&mut self) -> Stop {
        match (self.bound(), self.next_at()) {
            (Some(stop), _) => stop,
            (None, None) => Stop::Reached,
            (None, Some(next)) => match self.cluster.run_until(next, 1) {
                Stop::Limit(why) => Stop::Limit(why),
                _ => Stop::Limit(self.lost_its_way()),
            },
        }
    }

    /// Goes to the next event that a learner would want to stop at. `None`, and no move, when none comes soon.
    pub fn next_noteworthy(&mut self) -> Option<Fired> {
        let from = (self.events(), self.at());
        for _ in 0..SEARCH_BUDGET {
            match self.step_unseen() {
                Some(fired) if fired.noteworthy => {
                    self.saw();
                    return Some(fired);
                }
                Some(_) => {}
                None => break,
            }
        }
        self.go(from.0, from.1);
        None
    }

    /// Plays until a condition holds, looking after every event, for at most `limit` of virtual time. `Ok(false)`: it did
    /// not hold until then. An error says why it could not be told, or why the run could not go on.
    ///
    /// Guarantees cost a search, so they are judged anew only after events that could change them: a line of the history, or a noteworthy event.
    pub fn until(&mut self, condition: &Condition, limit: Span) -> Result<bool, String> {
        let mut judged: Option<(usize, Verdicts)> = None;
        self.until_seen(limit, |cluster, noteworthy| {
            if !condition.needs_verdicts() {
                return condition.holds_in(cluster);
            }
            let lines = cluster.history_len();
            let known = judged.take().filter(|(seen, _)| *seen == lines && !noteworthy);
            let (_, verdicts) = judged.insert(known.unwrap_or_else(|| (lines, cluster.verdicts())));
            condition.holds(&condition.look_given(cluster, verdicts))
        })
    }

    /// As [`Timeline::until`], with a condition in code.
    pub fn until_with(&mut self, limit: Span, mut holds: impl FnMut(&dyn Cluster) -> Result<bool, String>) -> Result<bool, String> {
        self.until_seen(limit, |cluster, _| holds(cluster))
    }

    /// Plays until `holds` says yes of the cluster; it is also told whether what just happened is noteworthy.
    fn until_seen(&mut self, limit: Span, mut holds: impl FnMut(&dyn Cluster, bool) -> Result<bool, String>) -> Result<bool, String> {
        let end = self.at() + limit;
        let mut noteworthy = true;
        for _ in 0..RUN_BUDGET {
            if holds(self.cluster(), noteworthy)? {
                return Ok(true);
            }
            if self.next_at().is_none_or(|next| next > end) {
                self.run_to(end);
                return holds(self.cluster(), true);
            }
            noteworthy = self.try_step()?.noteworthy;
        }
        Err(format!("it did not come true in {RUN_BUDGET} events; a shorter time limit would say so sooner"))
    }
}
