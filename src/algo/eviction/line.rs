//! A line of keys.

use crate::persistent::OrdMap;

/// Keys in a line, each once: new ones stand at the head, and the tail is the oldest. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Line<K: Ord + Clone> {
    places: OrdMap<u64, K>,
    of: OrdMap<K, u64>,
    next: u64,
}

impl<K: Ord + Clone> Default for Line<K> {
    fn default() -> Line<K> {
        Line { places: OrdMap::new(), of: OrdMap::new(), next: 0 }
    }
}

impl<K: Ord + Clone> Line<K> {
    pub(super) fn len(&self) -> usize {
        self.of.len()
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.of.contains_key(key)
    }

    /// Puts a key at the head, from wherever it was.
    pub(super) fn push(&mut self, key: K) {
        self.remove(&key);
        self.places.insert(self.next, key.clone());
        self.of.insert(key, self.next);
        self.next += 1;
    }

    /// The place of the tail and who stands there.
    pub(super) fn tail(&self) -> Option<&K> {
        self.places.get_min().map(|(_, key)| key)
    }

    pub(super) fn pop(&mut self) -> Option<K> {
        let key = self.tail()?.clone();
        self.remove(&key);
        Some(key)
    }

    pub(super) fn remove(&mut self, key: &K) -> bool {
        let place = self.of.remove(key);
        place.is_some_and(|place| self.places.remove(&place).is_some())
    }

    /// The first at a place or nearer to the head.
    pub(super) fn from(&self, place: u64) -> Option<(u64, &K)> {
        self.places.range(place..).next().map(|(place, key)| (*place, key))
    }

    /// From the tail to the head.
    pub(super) fn iter(&self) -> impl Iterator<Item = &K> {
        self.places.values()
    }

    /// From a place to the head, then from the tail to that place.
    pub(super) fn around(&self, place: u64) -> impl Iterator<Item = &K> {
        self.places.range(place..).chain(self.places.range(..place)).map(|(_, key)| key)
    }

    /// From the tail to the head, with a number for each.
    pub(super) fn listed(&self, count: impl Fn(&K) -> u64) -> Vec<(K, u64)> {
        self.iter().map(|key| (key.clone(), count(key))).collect()
    }
}
