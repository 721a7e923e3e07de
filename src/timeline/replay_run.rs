//! Running a replay again, and saying where it first goes another way.

use super::Timeline;
use super::replay::{Check, Replay};
use crate::cluster::{BadScenario, Stop};
use crate::command::Poke;
use crate::sim::time::{Span, Time};

/// Why a replay does not give the run that it was made from. Most often the model changed since.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// What it starts from cannot be started.
    #[error("the scenario cannot be started: {}", list(.0))]
    Scenario(Vec<BadScenario>),
    /// A fingerprint differs. Everything up to event `agreed` went the same way.
    #[error("the run went another way between event {agreed} and event {event}: fingerprint {found:016x} instead of {expected:016x}")]
    Differs {
        /// The event of the first fingerprint that differs.
        event: u64,
        /// The event of the last fingerprint that agreed; 0 for the start.
        agreed: u64,
        /// What the replay says.
        expected: u64,
        /// What the run has.
        found: u64,
    },
    /// A poke of the replay is refused.
    #[error("event {event}, `{poke}` at {}, is refused: {why}", Span(at.0))]
    Refused {
        /// The event that it became when it was recorded.
        event: u64,
        /// When.
        at: Time,
        /// What was to be done.
        poke: Box<Poke>,
        /// Why it is refused now.
        why: String,
    },
    /// An event cannot be at its time: the run has another event before, or is further already.
    #[error("nothing can be done at {} after {} events: the run is at {} then, and its next event {}", Span(at.0), event - 1, Span(now.0), when(*next))]
    Misplaced {
        /// The number of the event.
        event: u64,
        /// Its time in the replay.
        at: Time,
        /// The time of the event before it.
        now: Time,
        /// The time of what happens next.
        next: Option<Time>,
    },
    /// The run ends, or cannot go on, before an event of the replay.
    #[error("the run stops after event {reached}, before event {event} of the replay{why}")]
    Stopped {
        /// The event that is not reached.
        event: u64,
        /// The last event.
        reached: u64,
        /// Why, starting with a colon; empty when nothing is left to happen.
        why: String,
    },
}

fn list(mistakes: &[BadScenario]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn when(next: Option<Time>) -> String {
    next.map_or_else(|| "never comes".to_string(), |t| format!("at {}", Span(t.0)))
}

impl Timeline {
    /// Runs a replay. It is left at the end, with all its pokes behind.
    pub fn from_replay(replay: &Replay) -> Result<Timeline, ReplayError> {
        Timeline::new(replay.scenario.clone()).map_err(ReplayError::Scenario)?.follow(replay)
    }

    /// Does what the replay did, from the start of the same scenario, and compares.
    pub(super) fn follow(mut self, replay: &Replay) -> Result<Timeline, ReplayError> {
        let mut checks = Checks { left: &replay.checks, agreed: 0 };
        for p in &replay.pokes {
            checks.run(&mut self, p.event - 1)?;
            self.place(p.event, p.at)?;
            self.poke(&p.poke).map_err(|refused| ReplayError::Refused {
                event: p.event,
                at: p.at,
                poke: Box::new(p.poke.clone()),
                why: refused.0,
            })?;
        }
        let end = replay.end;
        checks.run(&mut self, end.event)?;
        checks.compare(&self, Check { event: end.event, fingerprint: end.fingerprint })?;
        self.place(end.event + 1, end.at)?;
        self.saw();
        Ok(self)
    }

    /// Sets the clock to the moment at which event number `event` is to be placed.
    fn place(&mut self, event: u64, at: Time) -> Result<(), ReplayError> {
        let (now, next) = (self.at(), self.next_at());
        if self.set_clock(at) { Ok(()) } else { Err(ReplayError::Misplaced { event, at, now, next }) }
    }

    /// Steps to event `n`, however many events that takes.
    fn run_to_event(&mut self, n: u64) -> Result<(), ReplayError> {
        loop {
            let why = match self.forward_to(n) {
                _ if self.events() == n => return Ok(()),
                Stop::Budget => continue,
                Stop::Limit(why) => format!(": {why}"),
                Stop::Reached => String::new(),
            };
            return Err(ReplayError::Stopped { event: n, reached: self.events(), why });
        }
    }
}

/// The fingerprints that are not compared yet.
struct Checks<'a> {
    left: &'a [Check],
    agreed: u64,
}

impl Checks<'_> {
    /// Steps to event `n` and compares every fingerprint on the way.
    fn run(&mut self, timeline: &mut Timeline, n: u64) -> Result<(), ReplayError> {
        while let Some((check, left)) = self.left.split_first().filter(|(check, _)| check.event <= n) {
            timeline.run_to_event(check.event)?;
            self.compare(timeline, *check)?;
            self.left = left;
        }
        timeline.run_to_event(n)
    }

    fn compare(&mut self, timeline: &Timeline, check: Check) -> Result<(), ReplayError> {
        let (expected, found) = (check.fingerprint, timeline.cluster().fingerprint());
        if expected != found {
            return Err(ReplayError::Differs { event: check.event, agreed: self.agreed, expected, found });
        }
        self.agreed = check.event;
        Ok(())
    }
}
