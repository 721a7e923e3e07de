//! Multi-version concurrency control: rows as lists of versions, transactions that read by snapshots and write under locks.
//!
//! A statement is a call that takes no time: it is done, it has to wait for others, or its transaction must be aborted. Whoever waits
//! tries again when a transaction has ended. Writers hold their locks to the end at every level, so that nobody overwrites what is not
//! committed. After Berenson et al. 1995 ("A Critique of ANSI SQL Isolation Levels"), Adya 1999, and, for serializable snapshots,
//! Cahill et al. 2008.

mod engine;
#[cfg(test)]
mod hermitage;
mod serial;
#[cfg(test)]
mod tests;
mod version;

pub use crate::check::isolation::{Reach, Version};
pub use engine::{Engine, Open, Sights, Step, Why, Written};
pub use version::{Seen, Stored};

/// How far transactions are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Reads see what others have not committed.
    ReadUncommitted,
    /// Each statement sees what is committed as it runs.
    ReadCommitted,
    /// Reads see the snapshot of the first statement, writes go on from the newest: "repeatable read" of `InnoDB`.
    RepeatableRead,
    /// Reads and writes go by the snapshot of the first statement, and the first that changes a row wins: snapshot isolation,
    /// "repeatable read" of `PostgreSQL`.
    Snapshot,
    /// Snapshots, and whoever could be in a cycle is aborted: serializable snapshot isolation.
    Serializable,
    /// What was read or written stays locked to the end: strict two-phase locking.
    Locking,
}

impl Level {
    /// Every level, from the weakest on.
    pub const ALL: [Level; 6] =
        [Level::ReadUncommitted, Level::ReadCommitted, Level::RepeatableRead, Level::Snapshot, Level::Serializable, Level::Locking];

    /// Whether reads go by the snapshot of the first statement.
    pub fn reads_snapshot(self) -> bool {
        matches!(self, Level::RepeatableRead | Level::Snapshot | Level::Serializable)
    }

    /// Whether a row that another transaction changed since the snapshot cannot be changed.
    pub fn first_updater_wins(self) -> bool {
        matches!(self, Level::Snapshot | Level::Serializable)
    }
}
