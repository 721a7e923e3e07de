//! A list that is cheap to clone: old items are shared between all clones, only the newest few are copied.
//!
//! A tree of leaves of equal size beside a short list of the newest items, as the persistent vectors of Clojure have it (Bagwell and
//! Rompf, "RRB-Trees", 2011, section 2). A clone copies the newest items; whoever changes something old copies the way to it. What
//! nobody will ask for any more can be forgotten: the items that are left keep their positions.

mod tree;

use tree::{Tree, leaf};

/// A list with O(1) clone and push, and O(log n) access.
#[derive(Clone, Debug)]
pub struct Log<T> {
    newest: Vec<T>,
    older: Tree<T>,
    /// How many leaves are forgotten.
    forgotten: usize,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Log { newest: Vec::new(), older: Tree::default(), forgotten: 0 }
    }
}

impl<T> Log<T> {
    /// Items of a leaf.
    const LEAF: usize = leaf::<T>();

    /// How many items there are, the forgotten ones counted.
    #[inline]
    pub fn len(&self) -> usize {
        self.old() + self.newest.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The position of the oldest item that is not forgotten.
    pub fn first(&self) -> usize {
        self.forgotten * Self::LEAF
    }

    /// Forgets what comes before a position. A few items stay that could have gone.
    pub fn forget(&mut self, before: usize) {
        // The last full leaf stays: the next one joins on.
        let first = (before / Self::LEAF).min(self.older.leaves().saturating_sub(1));
        if first > self.forgotten {
            self.older.forget(first);
            self.forgotten = first;
        }
    }

    /// Adds an item at the end.
    #[inline]
    pub fn push(&mut self, item: T) {
        if self.newest.len() == self.newest.capacity() {
            self.make_room();
        }
        self.newest.push(item);
    }

    /// Hands a full leaf to the past, or lets one that was just cloned grow to its full size.
    #[cold]
    fn make_room(&mut self) {
        if self.newest.len() < Self::LEAF {
            return self.newest.reserve_exact(Self::LEAF - self.newest.len());
        }
        let full = std::mem::replace(&mut self.newest, Vec::with_capacity(Self::LEAF));
        self.older.add(full);
    }

    /// How many items are in full leaves.
    #[inline]
    fn old(&self) -> usize {
        self.older.leaves() * Self::LEAF
    }

    /// The item at a position, from 0.
    #[inline]
    pub fn get(&self, at: usize) -> Option<&T> {
        let old = self.old();
        if at >= old { self.newest.get(at - old) } else { self.older.leaf(at / Self::LEAF).get(at % Self::LEAF) }
    }

    /// The position of the first item for which `before` does not hold. It holds for all that come before that, and for none after it.
    pub fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        let (mut low, mut high) = (self.first(), self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(&before) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The newest item.
    pub fn last(&self) -> Option<&T> {
        self.len().checked_sub(1).and_then(|at| self.get(at))
    }

    /// From the newest item to the oldest.
    pub fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.newest.iter().rev().chain((self.forgotten..self.older.leaves()).rev().flat_map(|number| self.older.leaf(number).iter().rev()))
    }

    /// From the oldest item that is not forgotten to the newest.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.iter_from(0)
    }

    /// From a position, counted from 0, to the newest item; without what is forgotten.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = &T> {
        let start = start.max(self.first());
        let (first, leaves) = (start / Self::LEAF, self.older.leaves());
        let older = (first..leaves).flat_map(|number| self.older.leaf(number).iter());
        older.chain(&self.newest).skip(start - first.min(leaves) * Self::LEAF)
    }

    /// The newest items for which `keep` holds, up to the first for which it does not, oldest of them first.
    pub fn tail_while(&self, keep: impl Fn(&T) -> bool) -> Vec<&T> {
        let mut tail: Vec<&T> = self.newest_first().take_while(|item| keep(item)).collect();
        tail.reverse();
        tail
    }

    /// All items, oldest first.
    pub fn all(&self) -> Vec<&T> {
        self.from(0)
    }

    /// The items from position `start` on, oldest first.
    pub fn from(&self, start: usize) -> Vec<&T> {
        self.iter_from(start).collect()
    }

    /// The few items from position `start` on, to be gone through again and again.
    #[inline]
    pub fn since(&self, start: usize) -> Since<'_, T> {
        Since { log: self, start: start.max(self.first()) }
    }
}

/// The items of a list from a position on, as [`Log::since`] gives them. To go through them takes a look-up for each that is not among
/// the newest.
#[derive(Debug)]
pub struct Since<'a, T> {
    log: &'a Log<T>,
    start: usize,
}

impl<T> Clone for Since<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Since<'_, T> {}

impl<'a, T> IntoIterator for Since<'a, T> {
    type Item = &'a T;
    type IntoIter = SinceIter<'a, T>;

    #[inline]
    fn into_iter(self) -> SinceIter<'a, T> {
        SinceIter(self)
    }
}

/// Goes through [`Since`], the oldest first.
#[derive(Debug)]
pub struct SinceIter<'a, T>(Since<'a, T>);

impl<'a, T> Iterator for SinceIter<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        let item = self.0.log.get(self.0.start)?;
        self.0.start += 1;
        Some(item)
    }
}

impl<T: Clone> Log<T> {
    /// The item at a position, from 0, to be changed.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let old = self.old();
        if at >= old { self.newest.get_mut(at - old) } else { self.older.leaf_mut(at / Self::LEAF).get_mut(at % Self::LEAF) }
    }

    /// Drops everything from a position on, counted from 0. Nothing may be forgotten.
    pub fn truncate(&mut self, len: usize) {
        assert!(self.forgotten == 0, "what is forgotten cannot become the newest");
        let old = self.old();
        if len >= old {
            return self.newest.truncate(len - old);
        }
        let (full, rest) = (len / Self::LEAF, len % Self::LEAF);
        self.newest.clear();
        self.newest.reserve_exact(Self::LEAF);
        self.newest.extend_from_slice(&self.older.leaf(full)[..rest]);
        self.older.truncate(full);
    }

    /// Becomes equal to a list that it is the beginning of, and shares what that one shares.
    pub fn catch_up(&mut self, longer: &Log<T>) {
        if self.older.leaves() == longer.older.leaves() {
            longer.newest.iter().skip(self.newest.len()).for_each(|item| self.push(item.clone()));
        } else {
            *self = longer.clone();
        }
    }
}

#[cfg(test)]
mod tests;
