//! Rows and their versions: which rows a statement looks at, and who wrote what it saw.

use std::ops::RangeInclusive;

/// All keys from one to another, both included: a row, or whatever an index finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach<K> {
    /// The first key.
    pub from: K,
    /// The last key.
    pub to: K,
}

impl<K: Ord + Clone> Reach<K> {
    /// One row.
    pub fn one(key: K) -> Reach<K> {
        Reach { from: key.clone(), to: key }
    }

    /// Both ends.
    pub fn bounds(&self) -> RangeInclusive<&K> {
        &self.from..=&self.to
    }

    /// Whether a key is among them.
    pub fn covers(&self, key: &K) -> bool {
        self.from <= *key && *key <= self.to
    }

    /// Whether it is about a single row.
    pub fn is_one(&self) -> bool {
        self.from == self.to
    }
}

/// Who wrote a version: the how manieth write of which transaction. `None`: it was there at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version<T> {
    /// The transaction.
    pub writer: Option<T>,
    /// Which of its writes, from 1.
    pub number: u32,
}

impl<T> Version<T> {
    /// What was there at the start.
    pub const START: Version<T> = Version { writer: None, number: 0 };
}
