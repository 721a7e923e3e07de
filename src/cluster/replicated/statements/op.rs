//! What a client asks: something of a key, or a statement.

use std::sync::Arc;

use crate::algo::sql::Statement;
use crate::check::operation::{self, Key};
use crate::cluster::kit::register;
use crate::packs;

/// What a client asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Something of a key.
    Key(operation::Op),
    /// A statement.
    Table(Arc<Statement>),
}

packs!(enum Op { 0 = Key { 0: op }, 1 = Table { 0: statement } });
packs!(shared Statement);

impl From<operation::Op> for Op {
    fn from(op: operation::Op) -> Op {
        Op::Key(op)
    }
}

impl Op {
    /// Whether it can change anything.
    pub fn is_write(&self) -> bool {
        match self {
            Op::Key(op) => op.is_write(),
            Op::Table(statement) => statement.changes(),
        }
    }

    /// The key that it touches.
    pub fn key(&self) -> Option<&Key> {
        self.register().map(operation::Op::key)
    }

    /// What it asks of a register.
    pub fn register(&self) -> Option<&operation::Op> {
        if let Op::Key(op) = self { Some(op) } else { None }
    }

    /// Its size on the wire in bytes.
    pub fn bytes(&self) -> u64 {
        match self {
            Op::Key(op) => op.key().len() as u64 + 8,
            Op::Table(statement) => statement.to_string().len() as u64,
        }
    }

    /// As a message says it.
    pub fn label(&self) -> String {
        match self {
            Op::Key(op) => register::label(op),
            Op::Table(statement) => statement.to_string(),
        }
    }
}
