//! From real time to virtual time: speeds, pauses, and waits that are skipped.

use std::time::Duration;

use crate::sim::time::{Span, Time};
use crate::tui::clock::Moment;

/// The speeds, in multiples of the lesson's pace.
pub const SPEEDS: [f64; 7] = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0];

/// The index of 1x among [`SPEEDS`].
const NORMAL: usize = 3;

/// Real time from frame to frame while playing.
const FRAME: Duration = Duration::from_micros(33_333);

/// How much too early a frame may come: timers are not exact.
const EARLY: Duration = Duration::from_millis(2);

/// Real time from frame to frame while playing without motion, when no event comes first.
const STILL_FRAME: Duration = Duration::from_millis(250);

/// A wait longer than this, in real seconds at the present speed, is skipped.
const BORING_SECONDS: f64 = 1.5;

/// What is left of a skipped wait, in real seconds at the present speed, so that the eye is ready.
const LEAD_IN_SECONDS: f64 = 0.25;

/// How long the mark of a skipped wait stays, in real time.
const MARK: Duration = Duration::from_millis(1500);

/// The most real time that one frame may cover: after a stall the lesson goes on where it was.
const LONGEST: Duration = Duration::from_millis(100);

/// How virtual time goes by.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Virtual time in one second of real time at 1x.
    pub per_second: Span,
    speed: usize,
    /// When the last frame was, while playing.
    playing: Option<Moment>,
    /// The last wait that was skipped, and until when that is shown.
    skipped: Option<(Span, Moment)>,
}

/// What became of a frame's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Nothing: paused, or too early.
    No,
    /// The clock is to go on by this much.
    By(Span),
    /// A wait of this much is to be skipped, up to just before the next event.
    Skip(Span),
}

impl Pace {
    /// Paused, at 1x.
    pub fn new(per_second: Span) -> Pace {
        Pace { per_second, speed: NORMAL, playing: None, skipped: None }
    }

    /// Whether it plays.
    pub fn playing(&self) -> bool {
        self.playing.is_some()
    }

    /// Plays from now on.
    pub fn play(&mut self, now: Moment) {
        self.playing = Some(now);
    }

    /// Stops.
    pub fn pause(&mut self) {
        self.playing = None;
        self.skipped = None;
    }

    /// The present speed, in multiples of the lesson's pace.
    pub fn speed(&self) -> f64 {
        SPEEDS[self.speed]
    }

    /// Faster or slower; false at the end of the list.
    pub fn change(&mut self, by: isize) -> bool {
        let wanted = self.speed.saturating_add_signed(by).min(SPEEDS.len() - 1);
        std::mem::replace(&mut self.speed, wanted) != wanted
    }

    /// The speed in words: `1x`.
    pub fn words(&self) -> String {
        format!("{}x", self.speed())
    }

    /// Virtual time in this many real seconds at the present speed.
    pub fn span(&self, seconds: f64) -> Span {
        self.per_second.scaled(seconds * self.speed())
    }

    /// The wait that was skipped a moment ago, for a mark.
    pub fn skipped(&self) -> Option<Span> {
        self.skipped.map(|(span, _)| span)
    }

    /// When the next frame is due, with the clock at `at` and the next event at `next`; `None` while paused.
    pub fn deadline(&self, at: Time, next: Option<Time>, motion: bool) -> Option<Moment> {
        let last = self.playing?;
        if motion {
            return Some(last + FRAME);
        }
        let wait = next.map_or(STILL_FRAME, |next| self.real(next.since(at)));
        Some(last + wait.clamp(FRAME, STILL_FRAME))
    }

    fn real(&self, span: Span) -> Duration {
        let per_second = self.span(1.0).0.max(1) as f64;
        Duration::from_secs_f64((span.0 as f64 / per_second).min(3600.0))
    }

    /// Real time went on to `now`. The run is at `at`; the next event comes at `next`, and it is known until `end`. `quiet` says
    /// that nothing is to be seen moving.
    pub fn advance(&mut self, now: Moment, (at, next, end): (Time, Option<Time>, Time), quiet: bool) -> Tick {
        if self.skipped.is_some_and(|(_, until)| now >= until) {
            self.skipped = None;
        }
        let Some(last) = self.playing else { return Tick::No };
        let passed = now.saturating_sub(last).min(LONGEST);
        if passed + EARLY < FRAME {
            return Tick::No;
        }
        self.playing = Some(now);
        if let Some(wait) = self.boring(next.unwrap_or(end).since(at)).filter(|_| quiet) {
            self.skipped = Some((wait, now + MARK));
            return Tick::Skip(wait);
        }
        Tick::By(self.span(passed.as_secs_f64()))
    }

    /// How much of this wait is to be skipped.
    fn boring(&self, wait: Span) -> Option<Span> {
        (wait > self.span(BORING_SECONDS)).then(|| wait - self.span(LEAD_IN_SECONDS))
    }

    /// The process was stopped meanwhile: none of that time counts.
    pub fn resume(&mut self, now: Moment) {
        if self.playing.is_some() {
            self.playing = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Time = Time(1_000_000_000);

    fn ms(n: u64) -> Moment {
        Moment::from_millis(n)
    }

    /// Advances a pace of 100 ms a second, with the next event so many milliseconds ahead.
    fn advance(pace: &mut Pace, now: Moment, next: u64) -> Tick {
        pace.advance(now, (AT, Some(AT + Span::ms(next)), AT), true)
    }

    #[test]
    fn virtual_time_follows_the_lesson_and_the_speed() {
        let mut pace = Pace::new(Span::ms(100));
        assert_eq!(advance(&mut pace, ms(500), 50), Tick::No, "it is paused");
        pace.play(ms(500));
        assert_eq!(advance(&mut pace, ms(550), 50), Tick::By(Span::ms(5)));
        assert!(pace.change(1));
        assert_eq!(advance(&mut pace, ms(600), 50), Tick::By(Span::ms(10)));
    }

    #[test]
    fn a_stall_is_no_leap() {
        let mut pace = Pace::new(Span::ms(100));
        pace.play(ms(0));
        assert_eq!(advance(&mut pace, ms(60_000), 50), Tick::By(Span::ms(10)));
    }

    #[test]
    fn a_wait_in_which_nothing_happens_is_skipped_with_a_mark() {
        let mut pace = Pace::new(Span::ms(100));
        pace.play(ms(0));
        assert_eq!(advance(&mut pace, ms(50), 400), Tick::Skip(Span::ms(375)));
        assert_eq!(pace.skipped(), Some(Span::ms(375)));
        assert_eq!(advance(&mut pace, ms(1600), 25), Tick::By(Span::ms(10)));
        assert_eq!(pace.skipped(), None, "the mark goes away");
    }

    #[test]
    fn nothing_is_skipped_while_something_moves() {
        let mut pace = Pace::new(Span::ms(100));
        pace.play(ms(0));
        let moved = pace.advance(ms(50), (AT, Some(AT + Span::s(9)), AT), false);
        assert_eq!(moved, Tick::By(Span::ms(5)));
    }

    #[test]
    fn a_frame_is_due_only_while_playing() {
        let mut pace = Pace::new(Span::ms(100));
        assert_eq!(pace.deadline(AT, None, true), None);
        pace.play(ms(0));
        assert_eq!(pace.deadline(AT, None, true), Some(FRAME));
        assert_eq!(pace.deadline(AT, Some(AT + Span::ms(10)), false), Some(ms(100)), "without motion: at the next event");
    }
}
