//! How much of a run the timeline shows.

use super::Lab;
use crate::sim::time::{Span, Time};
use crate::tui::app::App;
use crate::tui::keys::Key;
use crate::tui::widgets::spacetime;

/// Shown at rest, in real seconds at 1x.
const SECONDS: f64 = 20.0;
/// Steps closer and further: each doubles or halves what is seen.
const MOST: i8 = 12;

/// How much the timeline shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zoom {
    /// Steps closer than at rest; below 0: further away.
    steps: i8,
    /// All of the run.
    whole: bool,
}

impl Zoom {
    /// Shows the whole run: a script has ended.
    pub(in crate::tui) fn fit(&mut self) {
        *self = Zoom { whole: true, ..Zoom::default() };
    }

    /// One step closer, or further away. Says whether that is possible.
    fn change(&mut self, closer: bool) -> bool {
        let steps = self.steps + if closer { 1 } else { -1 };
        let possible = steps.abs() <= MOST;
        if possible {
            *self = Zoom { steps, whole: false };
        }
        possible
    }

    /// The window of a run that was seen up to `end`, when a second takes `pace`.
    pub(super) fn window(self, now: Time, end: Time, pace: Span) -> (Time, Time) {
        let end = end.max(now);
        let usual = pace.scaled(SECONDS);
        if self.whole && end > Time::ZERO + usual {
            return (Time::ZERO, end);
        }
        let span = usual.scaled(libm::exp2(-f64::from(self.steps))).max(Span(1));
        spacetime::window(now, end, span)
    }
}

/// Closer to the moment.
pub fn closer(app: &mut App, _key: Key) {
    change(app, true);
}

/// Further away: more of the run at once.
pub fn further(app: &mut App, _key: Key) {
    change(app, false);
}

fn change(app: &mut App, closer: bool) {
    let changed = app.lab_mut().is_some_and(|lab| lab.zoom.change(closer));
    if !changed {
        app.refuse(if closer { "the timeline is as close as it gets" } else { "the timeline is as far away as it gets" });
    }
}

/// Makes the other of stage and timeline the large one.
pub fn swap(app: &mut App, _key: Key) {
    if let Some(lab) = app.lab_mut() {
        lab.swapped = !lab.swapped;
    }
}

/// The lane above the first.
pub fn lanes_up(app: &mut App, _key: Key) {
    scroll(app, -1);
}

/// The lane below the last.
pub fn lanes_down(app: &mut App, _key: Key) {
    scroll(app, 1);
}

fn scroll(app: &mut App, by: isize) {
    let Some(lab) = app.lab_mut() else { return };
    let last = lab.hidden_lanes.get();
    let lane = lab.lane.min(last).saturating_add_signed(by).min(last);
    let moved = lane != lab.lane;
    lab.lane = lane;
    if !moved {
        app.refuse(if last == 0 { "every lane has a line" } else { "there are no more lanes that way" });
    }
}

impl Lab {
    /// The moments at the edges of a timeline of this run.
    pub(in crate::tui) fn window(&self, picture: &super::Picture) -> (Time, Time) {
        self.zoom.window(picture.scene.at, picture.seen, self.pace.per_second)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_window_holds_now_and_a_fit_holds_the_run(now in 0u64..1 << 50, more in 0u64..1 << 50, pace in 1u64..1 << 40, steps in -40i32..40, fit in any::<bool>()) {
            let (now, end) = (Time(now), Time(now + more));
            let mut zoom = Zoom::default();
            if fit {
                zoom.fit();
                let (from, to) = zoom.window(now, end, Span(pace));
                prop_assert!(from == Time::ZERO && to >= end, "{from} {to}");
            }
            for _ in 0..steps.abs() {
                let before = zoom.window(now, end, Span(pace));
                let changed = zoom.change(steps > 0);
                let after = zoom.window(now, end, Span(pace));
                let (wide, was) = (after.1.since(after.0), before.1.since(before.0));
                prop_assert!(!changed || fit || steps > 0 && wide <= was || steps < 0 && wide >= was, "{before:?} {after:?}");
                prop_assert!(after.0 <= now && now <= after.1);
            }
            let (from, to) = zoom.window(now, end, Span(pace));
            prop_assert!(from < to && from <= now && now <= to, "{from} {to}");
        }
    }

    #[test]
    fn each_step_halves_what_is_seen_and_a_fit_shows_all() {
        let (now, pace) = (Time::ZERO + Span::s(100), Span::s(1));
        let seen = |zoom: Zoom| {
            let (from, to) = zoom.window(now, now, pace);
            to.since(from)
        };
        let mut zoom = Zoom::default();
        assert_eq!(seen(zoom), Span::s(20));
        assert!(zoom.change(true));
        assert_eq!(seen(zoom), Span::s(10));
        zoom.fit();
        assert_eq!(zoom.window(now, now, pace), (Time::ZERO, now));
        (0..40).for_each(|_| {
            zoom.change(false);
        });
        assert!(!zoom.change(false) && zoom.change(true));
    }
}
