//! What is worth a sentence.

use std::sync::Arc;

use crate::algo::mvcc::Version;
use crate::check::isolation::Read;
use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::{NodeId, RequestId};

use super::disk::Committed;
use super::message::{Failed, Op, Tx};
use super::shop::{RowId, Shop};
use super::statement::Statement;

/// What a node did.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A client begins a try of an ask in one shop.
    Began { unit: Tx, request: RequestId, op: Op, shop: Shop, transaction: bool },
    /// A client sends a statement. `last`: with it the ask is carried out.
    Sends { unit: Tx, server: NodeId, statement: Arc<Statement>, last: bool },
    /// A client heard what it came to: so many rows read, looked at and changed.
    Heard { unit: Tx, rows: u32, looked: u32, changed: u32 },
    /// A client asks for a commit, or rolls back.
    Frames { unit: Tx, commit: bool },
    /// A try has ended, in a few words.
    Ended { unit: Tx, end: Key, good: bool },
    /// A client tries again.
    Again { unit: Tx },
    /// A server ran a statement: what it read, what it looked at to change it, and what it wrote.
    Ran { tx: Tx, reads: Vec<Read<RowId, Tx>>, locked: Vec<Read<RowId, Tx>>, wrote: Vec<(RowId, Version<Tx>)> },
    /// A statement waits for a lock.
    Waits { tx: Tx, holder: Tx },
    /// What a transaction wrote counts from now on: the log up to this entry has it.
    Installed { tx: Tx, wrote: Vec<(RowId, Version<Tx>)>, at: u64 },
    /// A transaction is aborted, and nothing of the rows that it wrote is left.
    Dropped { tx: Tx, wrote: usize, why: Option<Failed> },
    /// A shard has promised to commit.
    Promised { tx: Tx },
    /// A coordinator has decided.
    Decided { tx: Tx, commit: bool },
    /// A shard has promised and hears no decision. `locked`: it keeps the locks.
    InDoubt { tx: Tx, locked: bool },
    /// A shard has promised, hears no decision, and aborts.
    GaveUp { tx: Tx },
    /// A server is up again with its log up to this entry. `committed`: what counts by the log, whether it was told of before or not.
    /// `anew`: its disk was empty, and it is set up as at the start.
    Recovered { at: u64, undone: Vec<Tx>, promised: Vec<Tx>, committed: Vec<Committed>, anew: bool },
    /// A server cannot write.
    DiskFull,
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        matches!(
            self,
            Note::Dropped { .. }
                | Note::Waits { .. }
                | Note::Decided { .. }
                | Note::InDoubt { .. }
                | Note::GaveUp { .. }
                | Note::Recovered { .. }
                | Note::DiskFull
                | Note::Again { .. }
        )
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Installed { wrote, .. } if !wrote.is_empty() => NoteMark::Applies,
            Note::Dropped { wrote: 1.., .. } | Note::GaveUp { .. } => NoteMark::Discards,
            Note::Decided { .. } | Note::Promised { .. } | Note::InDoubt { .. } | Note::Waits { .. } => NoteMark::Decides,
            Note::DiskFull | Note::Dropped { .. } => NoteMark::Refuses,
            _ => NoteMark::Small,
        }
    }

    fn text(&self, who: NodeId, name: Names<'_>) -> String {
        let who = name(who);
        match self {
            Note::Began { shop, transaction: true, .. } => format!("{who} begins a transaction over {}", shop.name()),
            Note::Began { shop, .. } => format!("{who} begins with {}, without a transaction", shop.name()),
            Note::Sends { statement, .. } => format!("{who} sends {}", statement.short()),
            Note::Heard { changed: 1.., .. } => format!("{who} hears that it is changed"),
            Note::Heard { rows, looked, .. } => format!("{who} hears of {rows} rows, of {looked} looked at"),
            Note::Frames { commit: true, .. } => format!("{who} asks for the commit"),
            Note::Frames { .. } => format!("{who} rolls back"),
            Note::Ended { end, .. } => format!("{who} is done: {end}"),
            Note::Again { .. } => format!("{who} tries again from the start"),
            Note::Ran { wrote, tx, .. } if wrote.is_empty() => format!("{who} reads for {tx}"),
            Note::Ran { wrote, tx, .. } => format!("{who} changes {} for {tx}", rows(wrote)),
            Note::Waits { tx, holder } => format!("at {who} {tx} waits for {holder}, which has locked a row that it needs"),
            Note::Installed { tx, wrote, .. } if wrote.is_empty() => format!("{who} ends {tx}, which has changed nothing"),
            Note::Installed { tx, wrote, .. } => format!("{who} commits {tx}: {}", rows(wrote)),
            Note::Dropped { tx, wrote: 0, why, .. } => format!("{who} ends {tx}{}", reason(*why)),
            Note::Dropped { tx, why, .. } => format!("{who} undoes what {tx} has changed{}", reason(*why)),
            Note::Promised { tx } => format!("{who} promises to commit {tx}"),
            Note::Decided { tx, commit: true } => format!("{who} decides: {tx} is committed"),
            Note::Decided { tx, .. } => format!("{who} decides: {tx} is aborted"),
            Note::InDoubt { tx, locked } => {
                let locks = if *locked { "keeps" } else { "has dropped" };
                format!("{who} has promised {tx}, hears no decision, and {locks} its locks")
            }
            Note::GaveUp { tx } => format!("{who} has promised {tx}, hears no decision, and aborts it"),
            Note::Recovered { anew: true, .. } => format!("{who} is up again with an empty disk, and is set up as at the start"),
            Note::Recovered { undone, promised, .. } => {
                let undone = if undone.is_empty() { String::new() } else { format!(", undoes {} unfinished", undone.len()) };
                let promised = if promised.is_empty() { String::new() } else { format!(", is in doubt about {}", promised.len()) };
                format!("{who} is up again from its log{undone}{promised}")
            }
            Note::DiskFull => format!("{who} cannot write: its disk is full"),
        }
    }
}

fn rows(wrote: &[(RowId, Version<Tx>)]) -> String {
    let mut names: Vec<String> = wrote.iter().map(|(id, _)| id.to_string()).collect();
    names.dedup();
    names.join(", ")
}

fn reason(why: Option<Failed>) -> String {
    why.map_or_else(String::new, |why| format!(", {}", why.why()))
}
