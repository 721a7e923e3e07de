//! How many servers an autoscaler wants: the rule of the horizontal pod autoscaler (Kubernetes documentation, "Horizontal Pod
//! Autoscaling", algorithm details).

use std::collections::VecDeque;

/// What an autoscaler aims at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaler {
    /// The mean of what is measured that it aims at, such as a utilisation of 0.7; above 0.
    pub target: f64,
    /// How far the ratio of measured to target may be from 1 before it acts; 0.1 is usual.
    pub tolerance: f64,
    /// The fewest servers.
    pub least: u32,
    /// The most servers.
    pub most: u32,
}

impl Scaler {
    /// How many servers it wants, when the `ready` ones measure this on average. Servers that are still starting are not ready:
    /// they measure nothing, and count as capacity only for the answer, never for the question.
    pub fn wants(&self, ready: u32, measured: f64) -> u32 {
        let ratio = measured / self.target;
        let is_near = (ratio - 1.0).abs() <= self.tolerance;
        let wanted = if is_near { ready } else { libm::ceil(f64::from(ready) * ratio) as u32 };
        wanted.clamp(self.least, self.most.max(self.least))
    }
}

/// Holds back removals: the greatest number wanted within a window is what counts, so that a short lull removes nothing.
#[derive(Clone, Debug, Default)]
pub struct Stabiliser {
    /// When, and how many were wanted: times grow, numbers fall.
    wanted: VecDeque<(u64, u32)>,
}

impl Stabiliser {
    /// Takes note of what is wanted at `now` and returns the greatest number wanted in the last `window`; both in nanoseconds.
    pub fn settle(&mut self, now: u64, wanted: u32, window: u64) -> u32 {
        while self.wanted.back().is_some_and(|(_, earlier)| *earlier <= wanted) {
            self.wanted.pop_back();
        }
        self.wanted.push_back((now, wanted));
        while self.wanted.front().is_some_and(|(at, _)| now.saturating_sub(*at) > window) {
            self.wanted.pop_front();
        }
        self.wanted.front().map_or(wanted, |(_, greatest)| *greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const USUAL: Scaler = Scaler { target: 1.0, tolerance: 0.1, least: 1, most: 100 };

    #[test]
    fn the_examples_of_the_documentation() {
        // 200m measured where 100m is wanted doubles the number, 50m halves it; within 10 % nothing is done.
        let scaler = Scaler { target: 100.0, ..USUAL };
        assert_eq!(scaler.wants(4, 200.0), 8);
        assert_eq!(scaler.wants(4, 50.0), 2);
        assert_eq!(scaler.wants(4, 109.0), 4);
        assert_eq!(scaler.wants(4, 91.0), 4);
        assert_eq!(scaler.wants(4, 111.0), 5);
        assert_eq!(Scaler { most: 6, ..scaler }.wants(4, 200.0), 6);
        assert_eq!(Scaler { least: 3, ..scaler }.wants(4, 50.0), 3);
    }

    #[test]
    fn a_lull_shorter_than_the_window_removes_nothing() {
        let mut stabiliser = Stabiliser::default();
        let settled: Vec<u32> =
            [(0, 5), (10, 2), (20, 3), (30, 2), (111, 2), (121, 2)].map(|(now, wanted)| stabiliser.settle(now, wanted, 100)).into();
        assert_eq!(settled, [5, 5, 5, 5, 3, 2]);
    }

    proptest! {
        #[test]
        fn it_stays_within_its_bounds(ready in 0u32..1000, measured in 0.0..50.0, least in 0u32..20, more in 0u32..20) {
            let scaler = Scaler { least, most: least + more, ..USUAL };
            prop_assert!((least..=least + more).contains(&scaler.wants(ready, measured)));
        }

        #[test]
        fn what_settles_is_the_greatest_of_the_window(all in proptest::collection::vec((1u64..20, 0u32..10), 1..60), window in 0u64..60) {
            let mut stabiliser = Stabiliser::default();
            let (mut now, mut past) = (0, Vec::new());
            for (gap, wanted) in all {
                now += gap;
                past.push((now, wanted));
                let greatest = past.iter().filter(|(at, _)| now - at <= window).map(|(_, wanted)| *wanted).max();
                prop_assert_eq!(Some(stabiliser.settle(now, wanted, window)), greatest);
            }
        }
    }
}
