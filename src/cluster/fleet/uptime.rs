//! When something was up and down, and how its strip looks.

use imbl::Vector;

use crate::cluster::scene::{State, Stretch};
use crate::sim::time::{Span, Time};

/// The most stretches that are kept for the strip; older ones are forgotten, and still counted.
const STRETCHES: usize = 4000;

/// One thing that is up or down.
#[derive(Clone, Debug)]
pub struct Uptime {
    is_up: bool,
    since: Time,
    /// How long it was down before that.
    down: Span,
    /// How often it went down.
    pub outages: u64,
    /// The longest outage that is over.
    longest: Span,
    /// What its strip shows.
    pub stretches: Vector<Stretch>,
}

impl Default for Uptime {
    fn default() -> Self {
        let (is_up, since, down, outages, longest, stretches) = (true, Time::ZERO, Span::ZERO, 0, Span::ZERO, Vector::new());
        Uptime { is_up, since, down, outages, longest, stretches }
    }
}

impl Uptime {
    /// It is up, or down, from now on.
    pub fn turn(&mut self, now: Time, is_up: bool) {
        if is_up == self.is_up {
            return;
        }
        let passed = now.since(self.since);
        if is_up {
            (self.down, self.longest) = (self.down + passed, self.longest.max(passed));
        } else {
            self.outages += 1;
        }
        (self.is_up, self.since) = (is_up, now);
    }

    /// Its strip shows this from now on.
    pub fn show(&mut self, now: Time, state: State) {
        if self.stretches.back().is_some_and(|last| last.state == state) {
            return;
        }
        self.stretches.push_back(Stretch { from: now, state });
        if self.stretches.len() > STRETCHES {
            self.stretches.pop_front();
        }
    }

    /// Whether it is up now.
    pub fn is_up(&self) -> bool {
        self.is_up
    }

    /// How long it was down so far, the present outage included.
    pub fn down(&self, now: Time) -> Span {
        self.down + self.outage(now)
    }

    /// How long the present outage lasts; nothing while it is up.
    pub fn outage(&self, now: Time) -> Span {
        if self.is_up { Span::ZERO } else { now.since(self.since) }
    }

    /// The longest outage, the present one included.
    pub fn longest(&self, now: Time) -> Span {
        self.longest.max(self.outage(now))
    }

    /// The share of the time that it was up; `None` before any time has passed.
    pub fn share(&self, now: Time) -> Option<f64> {
        (now > Time::ZERO).then(|| 1.0 - self.down(now).0 as f64 / now.0 as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_outage_that_is_open_counts() {
        let mut seen = Uptime::default();
        let at = |s: u64| Time::ZERO + Span::s(s);
        assert_eq!(seen.share(Time::ZERO), None);
        seen.turn(at(10), false);
        assert_eq!((seen.down(at(15)), seen.outages, seen.share(at(20))), (Span::s(5), 1, Some(0.5)));
        seen.turn(at(30), true);
        seen.turn(at(90), false);
        assert_eq!((seen.down(at(91)), seen.longest(at(91)), seen.outages), (Span::s(21), Span::s(20), 2));
        assert_eq!(seen.longest(at(111)), Span::s(21));
    }

    proptest! {
        #[test]
        fn up_and_down_are_all_the_time_and_outages_are_the_edges(turns in proptest::collection::vec((1u64..1000, any::<bool>()), 1..60)) {
            let (mut seen, mut now, mut up, mut was, mut edges) = (Uptime::default(), Time::ZERO, Span::ZERO, true, 0);
            for (gap, is_up) in turns {
                up = up + Span(if was { gap } else { 0 });
                now += Span(gap);
                seen.turn(now, is_up);
                edges += u64::from(was && !is_up);
                was = is_up;
                prop_assert_eq!(up + seen.down(now), now.since(Time::ZERO));
                prop_assert_eq!((seen.outages, seen.is_up()), (edges, is_up));
            }
        }
    }
}
