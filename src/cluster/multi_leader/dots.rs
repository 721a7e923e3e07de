//! What is remembered of changes, by their dots: few bytes for each, as their numbers follow one another.

use crate::algo::version::Dot;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::pack::Pack;
use crate::sim::table::Table;

/// Values by dot.
#[derive(Clone, Debug)]
pub(super) struct Dots<T> {
    /// Of each leader, by the number of its change.
    of: OrdMap<NodeId, Table<T>>,
}

impl<T> Default for Dots<T> {
    fn default() -> Self {
        Dots { of: OrdMap::default() }
    }
}

/// The number of a change among those of its leader. A run has fewer events than it can tell apart.
fn number(counter: u64) -> u32 {
    u32::try_from(counter).unwrap_or(u32::MAX)
}

impl<T: Pack> Dots<T> {
    /// How many dots have a value.
    pub(super) fn len(&self) -> usize {
        self.of.values().map(Table::len).sum()
    }

    /// Whether none has.
    pub(super) fn is_empty(&self) -> bool {
        self.of.values().all(Table::is_empty)
    }

    /// The value of a dot.
    pub(super) fn get(&self, dot: Dot<NodeId>) -> Option<T> {
        self.of.get(&dot.actor)?.get(number(dot.counter))
    }

    /// The value of the first change of a leader from this one on.
    pub(super) fn first_from(&self, dot: Dot<NodeId>) -> Option<T> {
        self.of.get(&dot.actor)?.from(number(dot.counter)).next().map(|(_, value)| value)
    }

    /// Gives a dot a value; the one that it had is returned.
    pub(super) fn insert(&mut self, dot: Dot<NodeId>, value: T) -> Option<T> {
        self.of.entry(dot.actor).or_default().insert(number(dot.counter), value)
    }
}

/// Pairs of dots: how many there are, each counted once.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs {
    /// Of the greater dot of each, the others.
    of: Dots<Vec<Dot<NodeId>>>,
    count: usize,
}

impl Pairs {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Adds a pair, whichever of the two is named first.
    pub(super) fn insert(&mut self, a: Dot<NodeId>, b: Dot<NodeId>) {
        let (less, greater) = (a.min(b), a.max(b));
        let mut others = self.of.get(greater).unwrap_or_default();
        if !others.contains(&less) {
            others.push(less);
            self.of.insert(greater, others);
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    fn dot() -> impl Strategy<Value = Dot<NodeId>> {
        (0u16..3, 1u64..300).prop_map(|(server, counter)| Dot { actor: NodeId::server(server), counter })
    }

    proptest! {
        #[test]
        fn they_are_a_map_and_a_set(given in proptest::collection::vec((dot(), dot()), 0..200)) {
            let (mut dots, mut map) = (Dots::default(), BTreeMap::new());
            let (mut pairs, mut set) = (Pairs::default(), BTreeSet::new());
            for (a, b) in given {
                prop_assert_eq!(dots.insert(a, b), map.insert(a, b));
                pairs.insert(a, b);
                set.insert((a.min(b), a.max(b)));
                prop_assert_eq!((dots.len(), dots.is_empty(), pairs.len()), (map.len(), map.is_empty(), set.len()));
                prop_assert_eq!((dots.get(a), dots.get(b)), (map.get(&a).copied(), map.get(&b).copied()));
                let next = map.range(b..).next().filter(|(found, _)| found.actor == b.actor);
                prop_assert_eq!(dots.first_from(b), next.map(|(_, value)| *value));
            }
        }
    }
}
