//! What happened lately: rates and lengths of time over a window that slides with virtual time. Cheap to clone.

use crate::cluster::live::spread::{bucket, least_of};
use crate::persistent::OrdMap;
use crate::sim::log::Log;
use crate::sim::time::{Span, Time};

/// The length of the window.
pub const WINDOW: Span = Span::s(1);

/// Full slices of a window: a rate is as new as one of them is long.
const SLICES: u64 = 10;
const SLICE: u64 = WINDOW.0 / SLICES;
/// The full slices, and the one that grows.
const RING: usize = SLICES as usize + 1;

/// How often something happens, or how much of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    slices: [u64; RING],
    /// The number of the newest slice since the start of the run.
    newest: u64,
    total: u64,
}

impl Rate {
    /// It happened once more.
    pub fn add(&mut self, now: Time) {
        self.add_many(now, 1);
    }

    /// So much more of it.
    pub fn add_many(&mut self, now: Time, many: u64) {
        let slice = now.0 / SLICE;
        for fresh in (self.newest + 1..=slice).rev().take(RING) {
            self.slices[fresh as usize % RING] = 0;
        }
        self.newest = slice;
        self.slices[slice as usize % RING] += many;
        self.total += many;
    }

    /// How often in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How often a second, over the full slices of the window: the slice that grows would make every rate too small. 0 at the start.
    pub fn per_second(&self, now: Time) -> f64 {
        let slice = now.0 / SLICE;
        let first = slice.saturating_sub(SLICES);
        let kept = |at: &u64| *at <= self.newest && self.newest - at < RING as u64;
        let sum: u64 = (first..slice).filter(kept).map(|at| self.slices[at as usize % RING]).sum();
        let spanned = Span((slice - first) * SLICE);
        if spanned == Span::ZERO { 0.0 } else { sum as f64 / spanned.as_secs() }
    }

    /// For a picture: `40/s`, or how often so far where no window has passed: a rate of one request in 5 ms says nothing.
    pub fn label(&self, now: Time) -> String {
        if now.0 < WINDOW.0 { self.total.to_string() } else { format!("{:.0}/s", self.per_second(now)) }
    }
}

/// Lengths of time that ended within the window. The mean is exact, percentiles are too low by less than one part in 1,024.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    ended: Log<(Time, Span)>,
    /// How many of them are older than the window.
    passed: usize,
    /// How many have this leading part.
    counts: OrdMap<u16, u32>,
    sum: u64,
}

impl Recent {
    /// A length ended now.
    pub fn add(&mut self, now: Time, length: Span) {
        self.pass(now);
        self.ended.push((now, length));
        *self.counts.entry(bucket(length.0)).or_insert(0) += 1;
        self.sum = self.sum.saturating_add(length.0);
    }

    /// Forgets what is older than the window.
    pub fn pass(&mut self, now: Time) {
        while let Some((ended, length)) = self.ended.get(self.passed).copied()
            && now.since(ended) > WINDOW
        {
            self.passed += 1;
            self.sum = self.sum.saturating_sub(length.0);
            let part = bucket(length.0);
            match self.counts.get_mut(&part) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(self.counts.remove(&part)),
            }
        }
        self.ended.forget(self.passed);
    }

    /// The bytes that a clone holds alone once the run has gone on: all counts, and half of the lengths, as the next clone has others of
    /// them.
    pub fn kept_bytes(&self) -> u64 {
        // A node of such a map is two thirds full, and has a head.
        let counts = self.counts.len() * 3 * size_of::<(u16, u32)>();
        (counts + self.count() as usize * size_of::<(Time, Span)>() / 2) as u64
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        (self.ended.len() - self.passed) as u64
    }

    /// The mean; `None` of none.
    pub fn mean(&self) -> Option<Span> {
        self.sum.checked_div(self.count()).map(Span)
    }

    /// The smallest length that this share of all, in thousandths, does not exceed; `None` of so few that it would be the greatest.
    pub fn permille(&self, share: u64) -> Option<Span> {
        let n = self.count();
        let above = n - (n * share).div_ceil(1000);
        if above == 0 {
            return None;
        }
        let mut passed = 0;
        let reaches = |(_, count): &(&u16, &u32)| {
            passed += u64::from(**count);
            passed > above
        };
        self.counts.iter().rev().find(reaches).map(|(part, _)| Span(least_of(*part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_rate_is_that_of_the_last_second() {
        let mut rate = Rate::default();
        let at = |ms: u64| Time::ZERO + Span::ms(ms);
        for ms in (0..2000).step_by(10) {
            rate.add(at(ms));
        }
        assert!((rate.per_second(at(2000)) - 100.0).abs() < 1e-9);
        assert_eq!((Rate::default().label(at(999)), rate.label(at(2000))), ("0".to_string(), "100/s".to_string()));
        assert!((rate.per_second(at(2550)) - 50.0).abs() < 1e-9, "{}", rate.per_second(at(2550)));
        assert!(rate.per_second(at(3100)).abs() < 1e-9);
        rate.add(at(9_000));
        assert!((rate.per_second(at(9_100)) - 1.0).abs() < 1e-9);
        assert_eq!(rate.total(), 201);
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_last_second(all in proptest::collection::vec((0u64..100_000_000, 0u64..1_000_000_000), 1..300)) {
            let (mut recent, mut now, mut past) = (Recent::default(), Time::ZERO, Vec::new());
            for (gap, length) in all {
                now += Span(gap);
                recent.add(now, Span(length));
                past.push((now, length));
                past.retain(|(ended, _)| now.since(*ended) <= WINDOW);
                let mut sorted: Vec<u64> = past.iter().map(|(_, length)| *length).collect();
                sorted.sort_unstable();
                prop_assert_eq!(recent.count(), sorted.len() as u64);
                prop_assert_eq!(recent.mean(), Some(Span(sorted.iter().sum::<u64>() / sorted.len() as u64)));
                for share in [500, 950, 990, 999] {
                    let rank = (sorted.len() * share).div_ceil(1000);
                    match recent.permille(share as u64) {
                        None => prop_assert_eq!(rank, sorted.len()),
                        Some(found) => prop_assert!(found.0 <= sorted[rank - 1] && sorted[rank - 1] - found.0 <= sorted[rank - 1] >> 9),
                    }
                }
            }
        }
    }
}
