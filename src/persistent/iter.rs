//! The entries of a map in the order of their keys, from both ends.

use super::node::Node;

/// Entries of a map, in the order of their keys.
pub struct Iter<'a, K, V> {
    /// The tree; `None`: it is empty.
    root: Option<&'a Node<K, V>>,
    /// The numbers of the next entry from the front, and of the one after the next from the back.
    from: usize,
    to: usize,
    /// What the leaves at both ends still hold.
    front: &'a [(K, V)],
    back: &'a [(K, V)],
}

impl<'a, K, V> Iter<'a, K, V> {
    /// The entries with these numbers.
    pub(super) fn new(root: Option<&'a Node<K, V>>, from: usize, to: usize) -> Iter<'a, K, V> {
        Iter { root, from, to: to.max(from), front: &[], back: &[] }
    }
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter { ..*self }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        if self.from == self.to {
            return None;
        }
        if self.front.is_empty() {
            let (leaf, at) = self.root?.leaf(self.from);
            self.front = &leaf[at..];
        }
        let ((key, value), rest) = self.front.split_first()?;
        self.front = rest;
        self.from += 1;
        Some((key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.to - self.from, Some(self.to - self.from))
    }

    fn nth(&mut self, over: usize) -> Option<Self::Item> {
        self.front = self.front.get(over..).unwrap_or(&[]);
        self.from = self.from.saturating_add(over).min(self.to);
        self.next()
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.from == self.to {
            return None;
        }
        if self.back.is_empty() {
            let (leaf, at) = self.root?.leaf(self.to - 1);
            self.back = &leaf[..=at];
        }
        let ((key, value), rest) = self.back.split_last()?;
        self.back = rest;
        self.to -= 1;
        Some((key, value))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}
impl<K, V> std::iter::FusedIterator for Iter<'_, K, V> {}
