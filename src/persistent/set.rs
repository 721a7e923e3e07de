//! A sorted set.

use std::borrow::Borrow;
use std::fmt;
use std::ops::RangeBounds;

use super::iter::Iter;
use super::map::OrdMap;

/// A set in its order. Copies share what neither wrote since.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrdSet<K>(OrdMap<K, ()>);

/// The elements of a set, in their order.
type Keys<'a, K> = std::iter::Map<Iter<'a, K, ()>, fn((&'a K, &'a ())) -> &'a K>;

fn keys<K>(entries: Iter<'_, K, ()>) -> Keys<'_, K> {
    entries.map(|(key, ())| key)
}

impl<K> OrdSet<K> {
    /// A set without elements.
    pub const fn new() -> Self {
        OrdSet(OrdMap::new())
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes every element out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The same set, and not only an equal one.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }

    /// All elements in their order.
    pub fn iter(&self) -> Keys<'_, K> {
        keys(self.0.iter())
    }

    /// The least element.
    pub fn get_min(&self) -> Option<&K> {
        self.iter().next()
    }

    /// The greatest element.
    pub fn get_max(&self) -> Option<&K> {
        self.iter().next_back()
    }

    /// Whether it is there.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// The elements in a range, in their order.
    pub fn range<R: RangeBounds<Q>, Q: Ord + ?Sized>(&self, range: R) -> Keys<'_, K>
    where
        K: Borrow<Q>,
    {
        keys(self.0.range(range))
    }
}

impl<K: Ord + Clone> OrdSet<K> {
    /// A set with one element.
    pub fn unit(key: K) -> Self {
        OrdSet(OrdMap::unit(key, ()))
    }

    /// Puts an element in: whether it is new.
    pub fn insert(&mut self, key: K) -> bool {
        // What is there already copies nothing.
        !self.contains(&key) && self.0.insert(key, ()).is_none()
    }

    /// Takes an element out: itself, if it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<K>
    where
        K: Borrow<Q>,
    {
        self.0.remove_with_key(key).map(|(key, ())| key)
    }

    /// Keeps the elements that are to stay.
    pub fn retain(&mut self, mut stays: impl FnMut(&K) -> bool) {
        self.0.retain(|key, ()| stays(key));
    }
}

impl<K> Clone for OrdSet<K> {
    fn clone(&self) -> Self {
        OrdSet(self.0.clone())
    }
}

impl<K> Default for OrdSet<K> {
    fn default() -> Self {
        OrdSet::new()
    }
}

impl<K: fmt::Debug> fmt::Debug for OrdSet<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<K: Ord + Clone> Extend<K> for OrdSet<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, elements: I) {
        for element in elements {
            self.insert(element);
        }
    }
}

impl<K: Ord + Clone> FromIterator<K> for OrdSet<K> {
    fn from_iter<I: IntoIterator<Item = K>>(elements: I) -> Self {
        let mut set = OrdSet::new();
        set.extend(elements);
        set
    }
}

impl<K: Ord + Clone, const N: usize> From<[K; N]> for OrdSet<K> {
    fn from(elements: [K; N]) -> Self {
        elements.into_iter().collect()
    }
}

impl<'a, K> IntoIterator for &'a OrdSet<K> {
    type Item = &'a K;
    type IntoIter = Keys<'a, K>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Clone> IntoIterator for OrdSet<K> {
    type Item = K;
    type IntoIter = std::vec::IntoIter<K>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().cloned().collect::<Vec<_>>().into_iter()
    }
}
