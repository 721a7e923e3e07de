//! What clients are told of statements, and what is worth a sentence.

use std::sync::Arc;

use crate::algo::sql::{Name, Ran, Row, Statement};
use crate::cluster::NoteMark;
use crate::sim::id::NodeId;

use super::super::message::count;

/// What a client is told of a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// In a few words: `1 row, id 7`.
    pub text: String,
    /// Whether a change has taken effect for good: not while its transaction is open.
    pub changed: bool,
    /// The keys that were given to new rows for good.
    pub keys: Vec<(Name, i64)>,
}

/// The most rows that an answer shows.
const SHOWN: usize = 3;

impl Told {
    /// A word, and nothing changed.
    pub(super) fn word(text: &str) -> Told {
        Told { text: text.to_string(), ..Told::default() }
    }

    /// What a statement did.
    pub(super) fn of(statement: &Statement, ran: &Ran) -> Told {
        let text = match statement {
            Statement::Select(_) => read(&ran.read),
            Statement::Create(_) => "ok".to_string(),
            _ => count(ran.effect.rows() as usize, "row", "rows") + &given(&ran.keys),
        };
        let table = if let Statement::Insert(insert) = statement { Some(&insert.table) } else { None };
        let keys = table.into_iter().flat_map(|table| ran.keys.iter().map(|key| (table.clone(), *key))).collect();
        Told { text, changed: true, keys }
    }

    /// The same, of a statement in a transaction that is open.
    pub(super) fn so_far(self) -> Told {
        Told { text: format!("{}, not committed", self.text), changed: false, keys: Vec::new() }
    }
}

/// `, id 7`
fn given(keys: &[i64]) -> String {
    match keys {
        [] => String::new(),
        [key] => format!(", key {key}"),
        [first, ..] => format!(", keys {first} to {}", keys[keys.len() - 1]),
    }
}

fn read(rows: &[Row]) -> String {
    let row = |row: &Row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let shown = rows.iter().take(SHOWN).map(row).collect::<Vec<_>>().join("; ");
    match rows.len() {
        0 => "no row".to_string(),
        n if n > SHOWN => format!("{shown}; and {} more", n - SHOWN),
        _ => shown,
    }
}

/// What a server does with a statement that is worth a sentence.
#[derive(Clone, Debug)]
pub enum Note {
    /// A leader committed a transaction into its log.
    Committed {
        /// The index of its entry.
        index: u64,
        /// How many rows it changed.
        rows: u64,
        /// The size of its body in the log, in bytes.
        bytes: u64,
    },
    /// A follower ran a statement again.
    RanAgain {
        /// The statement.
        text: Arc<str>,
        /// How many rows it changed here.
        rows: u64,
    },
    /// A follower cannot run what its leader ran.
    CannotRun {
        /// The statement.
        text: Arc<str>,
        /// Why not.
        why: Arc<str>,
    },
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        matches!(self, Note::CannotRun { .. })
    }

    /// How it shows on the node's lane.
    pub fn mark(&self) -> NoteMark {
        match self {
            Note::CannotRun { .. } => NoteMark::Refuses,
            Note::Committed { .. } | Note::RanAgain { .. } => NoteMark::Applies,
        }
    }

    /// One sentence: what and why.
    pub fn text(&self, me: NodeId) -> String {
        match self {
            Note::Committed { index, rows, bytes } => {
                let rows = count(*rows as usize, "row", "rows");
                format!("{me} changes {rows} and puts {bytes} bytes into its log as entry {index}.")
            }
            Note::RanAgain { text, rows } => {
                format!("{me} runs `{text}` again, by itself: {}.", count(*rows as usize, "row", "rows"))
            }
            Note::CannotRun { text, why } => format!("{me} cannot run `{text}`: {why}. It goes on without."),
        }
    }
}
