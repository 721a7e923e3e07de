//! What the log carries of a statement, and how rows are stored.

use crate::cluster::kit::settings::words;

words! {
    /// What the log carries of a statement.
    pub enum LogFormat {
        /// Its text: every follower runs it again.
        Statement = "statement",
        /// Its text, with functions replaced by what they gave once at the leader (as `rqlite` does).
        Rewritten = "rewritten",
        /// Each row as it was and as it is; a follower finds the row by what it holds.
        Row = "row",
        /// What the disk holds from now on, by its address.
        WriteAhead = "write-ahead",
    }
}

words! {
    /// The order in which rows are stored, and found where a statement says no order.
    pub enum RowOrder {
        /// As they came, on every server.
        Same = "same",
        /// Each server has its own, as where free space happened to be.
        Own = "own",
    }
}
