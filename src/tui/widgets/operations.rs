//! The operations that what happened points into.

use crate::cluster::exchange::Exchange;
use crate::cluster::tell::Names;

/// The newest client operations, by their index among all of them.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    first: usize,
    list: Vec<Exchange>,
    names: Names,
}

impl Operations {
    /// These, of which the first has this index.
    pub fn new((first, list): (usize, Vec<Exchange>)) -> Operations {
        Operations { first, list, names: Names::default() }
    }

    /// The same, in a cluster whose nodes are called so.
    pub fn among(self, names: Names) -> Operations {
        Operations { names, ..self }
    }

    /// What nodes are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The operation with this index; `None` where it is too old, or not called yet.
    pub fn get(&self, index: usize) -> Option<&Exchange> {
        self.list.get(index.checked_sub(self.first)?)
    }

    /// Whether it was called too long ago to be among these.
    pub fn is_past(&self, index: usize) -> bool {
        index < self.first
    }

    /// From the oldest to the newest.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.list.iter()
    }

    /// The newest.
    pub fn last(&self) -> Option<&Exchange> {
        self.list.last()
    }
}

impl From<Vec<Exchange>> for Operations {
    /// All that there are.
    fn from(list: Vec<Exchange>) -> Operations {
        Operations::new((0, list))
    }
}
