//! Experiments that need no cluster.

use rand::Rng;

use super::formulas::whole;
use crate::algo::balance::{Balancer, Policy, Target};

/// The most balls: a million take a tenth of a second.
const BALLS_MAX: u32 = 2_000_000;
/// The most choices.
const CHOICES_MAX: u32 = 64;

/// The load of the fullest bin.
pub(super) fn balls_in_bins(numbers: &[f64], mut draws: &mut dyn Rng) -> Option<f64> {
    let [n, d] = [whole(numbers[0], BALLS_MAX)?, whole(numbers[1], CHOICES_MAX)?];
    let mut bins = Balancer::default();
    for _ in 0..n {
        bins.add(Target::new(1));
    }
    for _ in 0..n {
        let picked = bins.pick(Policy::Choices(d), 0, None, &mut draws)?;
        bins.target_mut(picked)?.load += 1;
    }
    bins.targets().iter().map(|bin| f64::from(bin.load)).reduce(f64::max)
}
