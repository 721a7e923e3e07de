//! A set that things are put into and taken out of.

use std::collections::{BTreeMap, BTreeSet};

use crate::algo::version::Dot;

/// A set in which an addition beats a removal that has not seen it (OR-Set, specification 15 of Shapiro et al. 2011). Each addition has
/// a dot of its own; a removal takes the dots that it has seen, and remembers them, as it may come before the additions elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddWins<A, T> {
    /// The additions of each item that nobody has removed.
    added: BTreeMap<T, BTreeSet<Dot<A>>>,
    removed: BTreeSet<Dot<A>>,
}

impl<A, T> Default for AddWins<A, T> {
    fn default() -> Self {
        AddWins { added: BTreeMap::new(), removed: BTreeSet::new() }
    }
}

impl<A: Ord + Copy, T: Ord + Clone> AddWins<A, T> {
    /// What an addition changes: a delta to be joined, here and everywhere.
    #[must_use]
    pub fn with(item: T, dot: Dot<A>) -> AddWins<A, T> {
        AddWins { added: BTreeMap::from([(item, BTreeSet::from([dot]))]), removed: BTreeSet::new() }
    }

    /// What a removal changes: all additions of the item that this copy knows are undone.
    #[must_use]
    pub fn without(&self, item: &T) -> AddWins<A, T> {
        AddWins { added: BTreeMap::new(), removed: self.added.get(item).cloned().unwrap_or_default() }
    }

    /// Learns all that another copy knows.
    pub fn join(&mut self, other: &AddWins<A, T>) {
        self.removed.extend(&other.removed);
        for (item, dots) in &other.added {
            self.added.entry(item.clone()).or_default().extend(dots);
        }
        let removed = &self.removed;
        self.added.retain(|_, dots| {
            dots.retain(|dot| !removed.contains(dot));
            !dots.is_empty()
        });
    }

    /// The additions that nobody has removed, with their items, in order.
    pub fn additions(&self) -> impl Iterator<Item = (&T, Dot<A>)> {
        self.added.iter().flat_map(|(item, dots)| dots.iter().map(move |dot| (item, *dot)))
    }

    /// The additions that were removed, in order.
    pub fn removals(&self) -> impl Iterator<Item = Dot<A>> {
        self.removed.iter().copied()
    }

    /// A set of such additions and removals.
    #[must_use]
    pub fn of(additions: impl IntoIterator<Item = (T, Dot<A>)>, removals: impl IntoIterator<Item = Dot<A>>) -> AddWins<A, T> {
        let mut set = AddWins { added: BTreeMap::new(), removed: removals.into_iter().collect() };
        for (item, dot) in additions {
            set.added.entry(item).or_default().insert(dot);
        }
        set
    }

    /// What is in it, in order.
    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.added.keys()
    }

    /// Whether an item is in it.
    pub fn contains(&self, item: &T) -> bool {
        self.added.contains_key(item)
    }

    /// Whether nobody has put anything into it or taken it out.
    pub fn is_unused(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}
