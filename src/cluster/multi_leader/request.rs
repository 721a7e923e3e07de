//! What clients ask of a database with several leaders.

use crate::check::operation::{Key, Op, Value};
use crate::cluster::kit::register::{self, nothing};
use crate::packs;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A register: read, write, compare-and-set, append. A delete writes nothing.
    Plain(Op),
    /// Book a room, which is a compare-and-set from nothing to the guest.
    Book(Op),
    /// Write a comment, perhaps one that answers another, which the leader must have.
    Comment(Op, Option<Key>),
    /// A new row of a table, under the next automatic key.
    Insert {
        /// Which table.
        table: Key,
        /// What the row holds.
        value: Value,
    },
    /// Take one from a stock that is not empty.
    Buy(Key),
    /// Add to a number.
    Add(Key, i64),
    /// Put an item into a set.
    Include(Key, Value),
    /// Take an item out of a set.
    Exclude(Key, Value),
}

packs!(enum Request {
    0 = Plain { 0: op },
    1 = Book { 0: op },
    2 = Comment { 0: op, 1: answered },
    3 = Insert { table: table, value: value },
    4 = Buy { 0: key },
    5 = Add { 0: key, 1: amount },
    6 = Include { 0: key, 1: item },
    7 = Exclude { 0: key, 1: item }
});

impl Request {
    /// As an operation of a register; `None` for what a register does not know.
    pub fn register(&self) -> Option<&Op> {
        match self {
            Request::Plain(op) | Request::Book(op) | Request::Comment(op, _) => Some(op),
            _ => None,
        }
    }

    /// The row that it is about; of an insert, the table.
    pub fn key(&self) -> &Key {
        match self {
            Request::Plain(op) | Request::Book(op) | Request::Comment(op, _) => op.key(),
            Request::Insert { table, .. } => table,
            Request::Buy(key) | Request::Add(key, _) | Request::Include(key, _) | Request::Exclude(key, _) => key,
        }
    }

    /// Whether it can change anything.
    pub fn changes(&self) -> bool {
        self.register().is_none_or(Op::is_write)
    }

    /// Whether it writes a row whole without looking at what is there.
    pub fn is_blind(&self) -> bool {
        matches!(self.register(), Some(Op::Write { .. }))
    }

    /// Whether it deletes a row.
    pub fn deletes(&self) -> bool {
        matches!(self, Request::Plain(Op::Write { value, .. }) if *value == nothing())
    }

    /// As a message says it: `title=B`, `buy book`.
    pub fn label(&self) -> String {
        match self {
            _ if self.deletes() => format!("delete {}", self.key()),
            Request::Plain(op) | Request::Comment(op, _) => register::label(op),
            Request::Book(op) => format!("book {}", op.key()),
            Request::Insert { table, value } => format!("{table}+{value}"),
            Request::Buy(key) => format!("buy {key}"),
            Request::Add(key, amount) => format!("{key}+{amount}"),
            Request::Include(key, item) => format!("{item} into {key}"),
            Request::Exclude(key, item) => format!("{item} out of {key}"),
        }
    }
}
