//! The phi accrual failure detector (Hayashibara, Defago, Yared and Katayama, SRDS 2004): how unlikely a silence is, given the gaps
//! between the heartbeats that came.

use std::f64::consts::SQRT_2;

use imbl::Vector;

use crate::sim::time::Span;

/// The suspicion after `t` without a heartbeat, where gaps are normal with this mean and deviation, all in one unit: minus the logarithm
/// to the base 10 of the probability that the next one is later still (section 4.2). Infinite where that is too small for a number.
pub fn phi(t: f64, mean: f64, sd: f64) -> f64 {
    of_score((t - mean) / sd)
}

/// After how long without a heartbeat that suspicion is reached.
pub fn phi_after(phi: f64, mean: f64, sd: f64) -> f64 {
    mean + sd * score_of(phi)
}

/// Suspicion at so many deviations above the mean.
fn of_score(z: f64) -> f64 {
    -libm::log10(0.5 * libm::erfc(z / SQRT_2))
}

/// The bounds of the search below: suspicions from nearly nothing to some 300.
const SCORES: (f64, f64) = (-9.0, 37.0);
/// Halvings of the search: more make no difference to a number.
const HALVINGS: usize = 60;

/// How many deviations above the mean a suspicion is reached, by halving: suspicion grows with the score.
fn score_of(phi: f64) -> f64 {
    let (mut low, mut high) = SCORES;
    for _ in 0..HALVINGS {
        let middle = low.midpoint(high);
        if of_score(middle) < phi { low = middle } else { high = middle }
    }
    high
}

/// The newest gaps between heartbeats, in whole microseconds. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Gaps {
    newest: Vector<u32>,
    sum: u64,
    squares: u128,
}

impl Gaps {
    /// A gap ended; no more than so many are kept.
    pub fn add(&mut self, gap: Span, most: usize) {
        let us = u32::try_from(gap.0 / 1000).unwrap_or(u32::MAX);
        self.newest.push_back(us);
        self.sum += u64::from(us);
        self.squares += u128::from(us).pow(2);
        while self.newest.len() > most {
            let Some(oldest) = self.newest.pop_front() else { return };
            self.sum -= u64::from(oldest);
            self.squares -= u128::from(oldest).pow(2);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.newest.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.newest.is_empty()
    }

    /// Mean and deviation in milliseconds; `None` of fewer than two.
    pub fn spread(&self) -> Option<(f64, f64)> {
        let n = self.len() as u128;
        if n < 2 {
            return None;
        }
        // Exact: n times the sum of squares is never less than the square of the sum.
        let scatter = (n * self.squares).saturating_sub(u128::from(self.sum).pow(2)) as f64;
        let (mean, sd) = (self.sum as f64 / n as f64, libm::sqrt(scatter) / n as f64);
        Some((mean / 1000.0, sd / 1000.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values of a normal with mean 1,000 and deviation 200.
    #[test]
    fn suspicion_is_as_published() {
        for (t, expected) in [(1000.0, 0.301), (1200.0, 0.7995), (1500.0, 2.2069), (2000.0, 6.5426)] {
            assert!((phi(t, 1000.0, 200.0) - expected).abs() < 0.0005, "{t}: {}", phi(t, 1000.0, 200.0));
        }
        for (threshold, expected) in [(1.0, 1256.3), (2.0, 1465.3), (3.0, 1618.0), (5.0, 1853.0), (8.0, 2122.4), (12.0, 2406.9)] {
            let after = phi_after(threshold, 1000.0, 200.0);
            assert!((after - expected).abs() < 0.05, "{threshold}: {after}");
            assert!((phi(after, 1000.0, 200.0) - threshold).abs() < 1e-6);
        }
    }

    proptest! {
        #[test]
        fn mean_and_deviation_are_those_of_the_newest(all in proptest::collection::vec(1u64..5_000, 2..60), most in 2usize..20) {
            let mut gaps = Gaps::default();
            for ms in &all {
                gaps.add(Span::ms(*ms), most);
            }
            let kept = &all[all.len().saturating_sub(most)..];
            let n = kept.len() as f64;
            let mean = kept.iter().sum::<u64>() as f64 / n;
            let sd = libm::sqrt(kept.iter().map(|ms| (*ms as f64 - mean) * (*ms as f64 - mean)).sum::<f64>() / n);
            let (found_mean, found_sd) = gaps.spread().unwrap();
            prop_assert!((found_mean - mean).abs() < 1e-6 && (found_sd - sd).abs() < 1e-5, "{found_mean} {mean}, {found_sd} {sd}");
        }
    }
}
