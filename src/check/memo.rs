//! A set of 128-bit fingerprints, for "this was tried before". The fingerprints are random already, so they are their own hash.

/// Open addressing over a power of two of slots; 0 marks an empty one.
pub(crate) struct Seen {
    slots: Vec<u128>,
    used: usize,
}

impl Seen {
    /// Empty, with room for what a history of so many operations needs at first.
    pub(crate) fn new(operations: usize) -> Seen {
        Seen { slots: vec![0; operations.next_power_of_two().clamp(128, 1 << 16)], used: 0 }
    }

    /// Adds a fingerprint; false when it was there.
    pub(crate) fn insert(&mut self, print: u128) -> bool {
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let added = place(&mut self.slots, print.max(1));
        self.used += usize::from(added);
        added
    }

    /// Whether it holds as much as one search may: with another fingerprint it would take half a gigabyte.
    pub(crate) fn is_full(&self) -> bool {
        self.used >= FULL
    }

    fn grow(&mut self) {
        let mut wider = vec![0; self.slots.len() * 4];
        for &print in self.slots.iter().filter(|p| **p != 0) {
            place(&mut wider, print);
        }
        self.slots = wider;
    }
}

/// The most fingerprints: 128 MB of slots.
const FULL: usize = 4_000_000;

fn place(slots: &mut [u128], print: u128) -> bool {
    let mask = slots.len() - 1;
    let mut at = print as usize & mask;
    while slots[at] != 0 {
        if slots[at] == print {
            return false;
        }
        at = (at + 1) & mask;
    }
    slots[at] = print;
    true
}

/// A random-looking 128-bit word for a number below 2^63: two steps of `SplitMix64`. Equal numbers, equal words, everywhere.
pub(crate) fn word(n: u64) -> u128 {
    let high = mix(n.wrapping_mul(2).wrapping_add(1));
    let low = mix(n.wrapping_mul(2).wrapping_add(2));
    u128::from(high) << 64 | u128::from(low)
}

/// `SplitMix64` at its `n`th step.
pub(crate) fn mix(n: u64) -> u64 {
    crate::sim::draw::mix(n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_every_fingerprint_through_growth() {
        let mut seen = Seen::new(0);
        assert!((0..5000).all(|n| seen.insert(word(n))));
        assert!((0..5000).all(|n| !seen.insert(word(n))));
    }
}
