//! Taking everybody's turn in an order drawn anew for each pass, without a list of it: a permutation of `0..n` in constant memory.
//!
//! Few are put in order by the digits of the key in the factorial number system (Lehmer 1960), so that every order is equally likely;
//! many by a Feistel network over the smallest square of a power of two that holds `n`, walked along its cycles until it falls below `n`
//! (Black and Rogaway 2002, "Ciphers with Arbitrary Finite Domains", section 4).

use super::hash::scatter;

/// Up to so many are few: a key of 64 bits has every order of them, as often as makes no difference.
const FEW: u32 = 16;
/// Rounds of the network.
const ROUNDS: u64 = 4;

/// A permutation of `0..n`, chosen by a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shuffle {
    key: u64,
    n: u32,
}

impl Shuffle {
    /// The one of this key.
    pub const fn new(key: u64, n: u32) -> Shuffle {
        Shuffle { key, n }
    }

    /// What stands at a place below `n`.
    pub fn at(self, place: u32) -> u32 {
        debug_assert!(place < self.n, "place {place} of {}", self.n);
        if self.n <= FEW {
            return self.picked(place);
        }
        let mut found = self.walked(place);
        while found >= self.n {
            found = self.walked(found);
        }
        found
    }

    /// The digits of the key say which of those that are left comes next.
    fn picked(self, place: u32) -> u32 {
        let (mut left, mut key): (u32, u64) = ((1 << self.n) - 1, self.key);
        let mut found = 0;
        for count in (self.n - place..=self.n).rev() {
            let skip = key % u64::from(count);
            key /= u64::from(count);
            found = (0..self.n).filter(|one| left & (1 << one) != 0).nth(skip as usize).unwrap_or(0);
            left &= !(1 << found);
        }
        found
    }

    /// One step of the walk: half of the bits are mixed into the other half, again and again.
    fn walked(self, place: u32) -> u32 {
        let half = (u32::BITS - self.n.saturating_sub(1).leading_zeros()).div_ceil(2).max(1);
        let mask = (1_u32 << half) - 1;
        let (mut left, mut right) = (place >> half, place & mask);
        for round in 0..ROUNDS {
            let mixed = scatter(self.key ^ (round << 56) ^ u64::from(right)) as u32 & mask;
            (left, right) = (right, left ^ mixed);
        }
        (left << half) | right
    }
}

/// Whose turn it is: everybody once in each pass, in an order of its own for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turns {
    order: Shuffle,
    next: u32,
}

impl Turns {
    /// The next of `0..n`; `draw` gives the key of the next pass. `None` of nobody.
    pub fn next(&mut self, n: u32, draw: impl FnOnce() -> u64) -> Option<u32> {
        if self.order.n != n || self.next >= n {
            *self = Turns { order: Shuffle::new(draw(), n), next: 0 };
        }
        let found = (n > 0).then(|| self.order.at(self.next));
        self.next += 1;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn everybody_has_one_place(key: u64, n in 1u32..500) {
            let mut all: Vec<u32> = (0..n).map(|place| Shuffle::new(key, n).at(place)).collect();
            all.sort_unstable();
            prop_assert!(all.into_iter().eq(0..n));
        }

        /// SWIM, section 4.3: two turns of one lie less than two passes apart.
        #[test]
        fn nobody_waits_for_two_passes(keys: Vec<u64>, n in 1u32..40) {
            let (mut turns, mut keys) = (Turns::default(), keys.into_iter().cycle());
            let mut last = vec![0; n as usize];
            for period in 1..=6 * n {
                let who = turns.next(n, || keys.next().unwrap_or(7)).unwrap() as usize;
                prop_assert!(period - last[who] < 2 * n, "{who} waited from {} to {period}", last[who]);
                last[who] = period;
            }
        }
    }

    /// Every order of four comes about equally often.
    #[test]
    fn orders_are_drawn_evenly() {
        let mut counts = std::collections::BTreeMap::new();
        let draws = 24_000;
        for key in 0..draws {
            let shuffle = Shuffle::new(scatter(key + 1), 4);
            *counts.entry([0, 1, 2, 3].map(|place| shuffle.at(place))).or_insert(0_i32) += 1;
        }
        assert_eq!(counts.len(), 24);
        assert!(counts.values().all(|count| (850..1150).contains(count)), "{counts:?}");
    }

    /// Of many, each stands at each place equally often.
    #[test]
    fn places_are_drawn_evenly() {
        for n in [17, 30, 64] {
            let mut counts = vec![0_u32; (n * n) as usize];
            for key in 0..500 * u64::from(n) {
                let shuffle = Shuffle::new(scatter(key + 1), n);
                (0..n).for_each(|place| counts[(place * n + shuffle.at(place)) as usize] += 1);
            }
            assert!(counts.iter().all(|count| (380..620).contains(count)), "{n}: {counts:?}");
        }
    }
}
