//! Versions of rows.

use crate::check::isolation::Version;

/// A committed version of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<V, T> {
    /// The number of the commit that brought it, from 0 for what was there at the start.
    pub at: u64,
    /// Who wrote it.
    pub version: Version<T>,
    /// What it holds; `None`: the row is deleted.
    pub value: Option<V>,
}

/// What a transaction sees of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen<V, T> {
    /// Which version; `None`: there has never been such a row, as far as it sees.
    pub version: Option<Version<T>>,
    /// What it holds; `None`: there is no such row.
    pub value: Option<V>,
}

impl<V, T> Seen<V, T> {
    /// No such row.
    pub const NOTHING: Seen<V, T> = Seen { version: None, value: None };
}
