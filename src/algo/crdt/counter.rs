//! A counter that goes up and down.

use std::collections::BTreeMap;

/// A counter (PN-Counter, specification 7 of Shapiro et al. 2011): of each actor how much it added and how much it took, in all. Each
/// actor changes its own two numbers only, and they only grow, so the greater of two is the newer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter<A> {
    tallies: BTreeMap<A, Tally>,
}

/// What one actor added and took in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    added: u64,
    taken: u64,
}

impl<A> Default for Counter<A> {
    fn default() -> Self {
        Counter { tallies: BTreeMap::new() }
    }
}

impl<A: Ord + Copy> Counter<A> {
    /// What an actor changes when it adds so much, or takes it where it is below 0: a delta to be joined, here and everywhere.
    #[must_use]
    pub fn plus(&self, actor: A, amount: i64) -> Counter<A> {
        let mut tally = self.tallies.get(&actor).copied().unwrap_or_default();
        let side = if amount < 0 { &mut tally.taken } else { &mut tally.added };
        *side = side.saturating_add(amount.unsigned_abs());
        Counter { tallies: BTreeMap::from([(actor, tally)]) }
    }

    /// Learns all that another copy knows.
    pub fn join(&mut self, other: &Counter<A>) {
        for (actor, theirs) in &other.tallies {
            let mine = self.tallies.entry(*actor).or_default();
            *mine = Tally { added: mine.added.max(theirs.added), taken: mine.taken.max(theirs.taken) };
        }
    }

    /// What it stands at, within the bounds of its type.
    pub fn value(&self) -> i64 {
        let sum: i128 = self.tallies.values().map(|tally| i128::from(tally.added) - i128::from(tally.taken)).sum();
        i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
    }

    /// Of each actor how much it added and how much it took, in all.
    pub fn tallies(&self) -> impl Iterator<Item = (A, (u64, u64))> {
        self.tallies.iter().map(|(actor, tally)| (*actor, (tally.added, tally.taken)))
    }

    /// Whether nobody has counted anything.
    pub fn is_unused(&self) -> bool {
        self.tallies.is_empty()
    }
}

/// What [`Counter::tallies`] gives makes the same counter.
impl<A: Ord> FromIterator<(A, (u64, u64))> for Counter<A> {
    fn from_iter<I: IntoIterator<Item = (A, (u64, u64))>>(tallies: I) -> Self {
        Counter { tallies: tallies.into_iter().map(|(actor, (added, taken))| (actor, Tally { added, taken })).collect() }
    }
}
