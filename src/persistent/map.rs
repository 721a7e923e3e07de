//! A sorted map.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Bound, Index, RangeBounds};
use std::sync::Arc;

use super::iter::Iter;
use super::node::Node;

/// A map in the order of its keys. Copies share what neither wrote since.
pub struct OrdMap<K, V> {
    /// `None`: it is empty.
    root: Option<Arc<Node<K, V>>>,
}

/// How one map differs from another at a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a, K, V> {
    /// Only the newer has it.
    Add(&'a K, &'a V),
    /// Both have it, with values that differ.
    Update {
        /// The entry of the older.
        old: (&'a K, &'a V),
        /// The entry of the newer.
        new: (&'a K, &'a V),
    },
    /// Only the older has it.
    Remove(&'a K, &'a V),
}

impl<K, V> OrdMap<K, V> {
    /// A map without entries.
    pub const fn new() -> Self {
        OrdMap { root: None }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.root.as_ref().map_or(0, |root| root.count())
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Takes every entry out.
    pub fn clear(&mut self) {
        self.root = None;
    }

    /// The same map, and not only an equal one.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        match (&self.root, &other.root) {
            (Some(mine), Some(theirs)) => Arc::ptr_eq(mine, theirs),
            (mine, theirs) => mine.is_none() && theirs.is_none(),
        }
    }

    /// All entries in the order of their keys.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter::new(self.root.as_deref(), 0, self.len())
    }

    /// All keys in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// All values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// The entry with the least key.
    pub fn get_min(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// The entry with the greatest key.
    pub fn get_max(&self) -> Option<(&K, &V)> {
        self.iter().next_back()
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.root.as_ref()?.get(key).map(|(_, value)| value)
    }

    /// The entry of a key.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.root.as_ref()?.get(key).map(|(key, value)| (key, value))
    }

    /// Whether a key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// The entries whose keys lie in a range, in their order.
    pub fn range<R: RangeBounds<Q>, Q: Ord + ?Sized>(&self, range: R) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let Some(root) = &self.root else { return self.iter() };
        let from = match range.start_bound() {
            Bound::Included(key) => root.rank(key, false),
            Bound::Excluded(key) => root.rank(key, true),
            Bound::Unbounded => 0,
        };
        let to = match range.end_bound() {
            Bound::Included(key) => root.rank(key, true),
            Bound::Excluded(key) => root.rank(key, false),
            Bound::Unbounded => self.len(),
        };
        Iter::new(Some(root), from, to)
    }

    /// The last entry at a key or before it.
    pub fn get_prev<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let before = self.root.as_ref()?.rank(key, true);
        self.iter().nth(before.checked_sub(1)?)
    }

    /// The first entry at a key or behind it.
    pub fn get_next<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.iter().nth(self.root.as_ref()?.rank(key, false))
    }
}

impl<K: Ord, V: PartialEq> OrdMap<K, V> {
    /// What a newer map has otherwise, in the order of the keys. What both share is not looked at.
    pub fn diff<'a>(&'a self, newer: &'a Self) -> impl Iterator<Item = Change<'a, K, V>> {
        let (mut olds, mut news) = (Walk::of(self), Walk::of(newer));
        std::iter::from_fn(move || {
            loop {
                olds.pass_shared(&mut news);
                let order = match (olds.entry(), news.entry()) {
                    (None, None) => return None,
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (Some(old), Some(new)) => old.0.cmp(new.0),
                };
                let (old, new) = (olds.step(order.is_le()), news.step(order.is_ge()));
                match (old, new) {
                    (Some(old), Some(new)) if old.1 == new.1 => {}
                    (Some(old), Some(new)) => return Some(Change::Update { old, new }),
                    (Some((key, value)), None) => return Some(Change::Remove(key, value)),
                    (None, Some((key, value))) => return Some(Change::Add(key, value)),
                    (None, None) => return None,
                }
            }
        })
    }
}

/// A way through the entries of a map that can pass whole parts.
struct Walk<'a, K, V> {
    map: &'a OrdMap<K, V>,
    at: usize,
}

impl<'a, K, V> Walk<'a, K, V> {
    fn of(map: &'a OrdMap<K, V>) -> Self {
        Walk { map, at: 0 }
    }

    fn entry(&self) -> Option<(&'a K, &'a V)> {
        self.map.iter().nth(self.at)
    }

    /// The entry here, left behind, if it is this way's turn.
    fn step(&mut self, is_due: bool) -> Option<(&'a K, &'a V)> {
        let entry = if is_due { self.entry() } else { None };
        self.at += usize::from(entry.is_some());
        entry
    }

    /// Leaves behind what both have in common from here on.
    fn pass_shared(&mut self, other: &mut Self) {
        let (Some(mine), Some(theirs)) = (&self.map.root, &other.map.root) else { return };
        loop {
            let shared = mine.shared(self.at, theirs, other.at);
            if shared == 0 {
                return;
            }
            self.at += shared;
            other.at += shared;
        }
    }
}

impl<K: Ord + Clone, V: Clone> OrdMap<K, V> {
    /// A map with one entry.
    pub fn unit(key: K, value: V) -> Self {
        OrdMap { root: Some(Arc::new(Node::Leaf(vec![(key, value)]))) }
    }

    /// Sets the value of a key: the value that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let Some(root) = &mut self.root else {
            *self = OrdMap::unit(key, value);
            return None;
        };
        let (old, more) = Arc::make_mut(root).put(key, value);
        if let Some(more) = more {
            *root = Arc::new(Node::over(Arc::clone(root), more));
        }
        old
    }

    /// Takes the entry of a key out: its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.remove_with_key(key).map(|(_, value)| value)
    }

    /// Takes the entry of a key out.
    pub fn remove_with_key<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        // What is not there copies nothing.
        if !self.contains_key(key) {
            return None;
        }
        let root = self.root.as_mut()?;
        let taken = Arc::make_mut(root).take(key);
        while let Some(only) = root.only() {
            *root = only;
        }
        if root.count() == 0 {
            self.root = None;
        }
        taken
    }

    /// The value of a key, to be written.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.contains_key(key) {
            return None;
        }
        Arc::make_mut(self.root.as_mut()?).get_mut(key)
    }

    /// Sees every value in the order of the keys, to be written.
    pub fn each_mut(&mut self, mut see: impl FnMut(&K, &mut V)) {
        if let Some(root) = &mut self.root {
            Arc::make_mut(root).each_mut(&mut see);
        }
    }

    /// Keeps the entries that are to stay.
    pub fn retain(&mut self, mut stays: impl FnMut(&K, &V) -> bool) {
        let gone: Vec<K> = self.iter().filter(|(key, value)| !stays(key, value)).map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.remove(&key);
        }
    }

    /// The place of a key, whether something stands there or not.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry { map: self, key }
    }
}

/// The place of a key in a map.
pub struct Entry<'a, K, V> {
    map: &'a mut OrdMap<K, V>,
    key: K,
}

impl<'a, K: Ord + Clone, V: Clone> Entry<'a, K, V> {
    /// Its value, which is made if there is none.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        if !self.map.contains_key(&self.key) {
            self.map.insert(self.key.clone(), make());
        }
        match self.map.get_mut(&self.key) {
            Some(value) => value,
            None => unreachable!("it stands there now"),
        }
    }

    /// Its value, which is this one if there is none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// Its value, which is the usual one if there is none.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes its value, if there is one.
    pub fn and_modify(self, change: impl FnOnce(&mut V)) -> Self {
        self.map.get_mut(&self.key).map(change);
        self
    }
}

impl<K, V> Clone for OrdMap<K, V> {
    fn clone(&self) -> Self {
        OrdMap { root: self.root.clone() }
    }
}

impl<K, V> Default for OrdMap<K, V> {
    fn default() -> Self {
        OrdMap::new()
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for OrdMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.ptr_eq(other) || (self.len() == other.len() && self.iter().eq(other.iter()))
    }
}

impl<K: Eq, V: Eq> Eq for OrdMap<K, V> {}

impl<K: PartialOrd, V: PartialOrd> PartialOrd for OrdMap<K, V> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.iter().partial_cmp(other.iter())
    }
}

impl<K: Ord, V: Ord> Ord for OrdMap<K, V> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl<K: Hash, V: Hash> Hash for OrdMap<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.iter().for_each(|entry| entry.hash(state));
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for OrdMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord + Borrow<Q>, V, Q: Ord + ?Sized> Index<&Q> for OrdMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        match self.get(key) {
            Some(value) => value,
            None => panic_of_a_missing_key(),
        }
    }
}

#[expect(clippy::panic, reason = "as every index does: who is not sure asks `get`")]
fn panic_of_a_missing_key() -> ! {
    panic!("the map has no such key")
}

impl<K: Ord + Clone, V: Clone> Extend<(K, V)> for OrdMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for OrdMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = OrdMap::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord + Clone, V: Clone, const N: usize> From<[(K, V); N]> for OrdMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<'a, K, V> IntoIterator for &'a OrdMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Clone, V: Clone> IntoIterator for OrdMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>().into_iter()
    }
}
