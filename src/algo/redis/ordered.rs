//! A map that remembers the order in which its keys came: what small hashes and sets of Redis are. Cheap to clone.

use super::args::Text;
use crate::persistent::OrdMap;

/// The map.
#[derive(Clone, Debug)]
pub struct Ordered<V: Clone> {
    places: OrdMap<Text, u64>,
    items: OrdMap<u64, (Text, V)>,
    next: u64,
    /// How many bytes the keys and values have.
    pub bytes: u64,
}

impl<V: Clone> Default for Ordered<V> {
    fn default() -> Self {
        Ordered { places: OrdMap::new(), items: OrdMap::new(), next: 0, bytes: 0 }
    }
}

impl<V: Clone + PartialEq> PartialEq for Ordered<V> {
    /// Two are equal that hold the same in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.items.len() == other.items.len() && self.items.values().eq(other.items.values())
    }
}

impl<V: Clone + Weighed> Ordered<V> {
    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&V> {
        self.items.get(self.places.get(key)?).map(|(_, value)| value)
    }

    /// Whether it has a key.
    pub fn contains(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    /// Sets a key, which keeps its place where it has one. Whether it is new.
    pub fn insert(&mut self, key: &Text, value: V) -> bool {
        self.bytes += value.size();
        if let Some(place) = self.places.get(&**key) {
            if let Some((_, old)) = self.items.insert(*place, (key.clone(), value)) {
                self.bytes -= old.size();
            }
            return false;
        }
        self.bytes += key.len() as u64;
        self.places.insert(key.clone(), self.next);
        self.items.insert(self.next, (key.clone(), value));
        self.next += 1;
        true
    }

    /// Takes a key out. Whether it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let Some((_, (key, value))) = self.places.remove(key).and_then(|place| self.items.remove_with_key(&place)) else { return false };
        self.bytes -= key.len() as u64 + value.size();
        true
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = &(Text, V)> {
        self.items.values()
    }

    /// Brings the keys into another order.
    pub fn sort_by(&mut self, order: impl Fn(&Text, &Text) -> std::cmp::Ordering) {
        let mut all: Vec<(Text, V)> = self.items.values().cloned().collect();
        all.sort_by(|(a, _), (b, _)| order(a, b));
        *self = Ordered::default();
        for (key, value) in all {
            self.insert(&key, value);
        }
    }
}

/// What has a size in memory.
pub trait Weighed {
    /// In bytes.
    fn size(&self) -> u64;
}

impl Weighed for () {
    fn size(&self) -> u64 {
        0
    }
}

impl Weighed for Text {
    fn size(&self) -> u64 {
        self.len() as u64
    }
}
