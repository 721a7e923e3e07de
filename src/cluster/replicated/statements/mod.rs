//! Statements over tables, and what the log carries of them (DDIA, chapter 5, "Implementation of Replication Logs").
//!
//! The leader runs a statement when it takes it. Into the log goes, as `log-format` says, its text, its text with functions replaced by what
//! they gave, the rows that changed, or what the disk holds in their places. A follower runs a text again by its *own* clock, random
//! source, counters of keys and order of rows. (`MySQL` sends the time of a statement and the first key that it gave along with the text, so
//! that `NOW()` and single inserts are safe there; `rewritten` does as much for functions, and nothing for keys.)
//!
//! Between `BEGIN` and `COMMIT` a client has a transaction at the leader: keys are handed out as its statements run, and the log gets all of
//! them at the commit, so that the order of the log is not the order of the statements. A row that one transaction changes is locked for
//! the others, who are refused and do not wait.
//!
//! What a server itself ran is kept on its disk beside the log, as the redo log of a database is: a restart runs nothing again.

mod asks;
mod copies;
mod engine;
mod facts;
mod format;
mod lead;
mod op;
mod picture;
mod replay;
mod shipped;
#[cfg(test)]
mod tests;
mod told;

pub(super) use asks::{ASKS, CALLS, asked};
pub(super) use copies::Copies;
pub(super) use engine::Engine;
pub(super) use facts::STATEMENTS;
pub(super) use format::{LogFormat, RowOrder};
pub(super) use op::Op;
pub(super) use picture::{panels, rows};
pub(super) use shipped::{Redo, Shipped};
pub(super) use told::{Note, Told};
