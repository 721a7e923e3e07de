//! What clients ask of the store.

use crate::check::operation::{Key, Op, Value};
use crate::cluster::kit::register::nothing;
use crate::packs;
use crate::sim::id::NodeId;

/// A read, a write or a delete, and the replicas that it should be asked of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked, as the checkers know it: a delete writes the empty text, which they hold for nothing.
    pub op: Op,
    /// For a read: the replicas to ask. Others are asked only to make up the number that is needed.
    pub among: Vec<NodeId>,
}

packs!(struct Request { op, among });

impl Request {
    /// Asked of whoever has the key.
    pub fn all(op: Op) -> Request {
        Request { op, among: Vec::new() }
    }

    /// The key.
    pub fn key(&self) -> &Key {
        self.op.key()
    }

    /// The value that it writes; nothing for a read and for a delete.
    pub fn value(&self) -> Option<&Value> {
        match &self.op {
            Op::Write { value, .. } => Some(value).filter(|value| **value != nothing()),
            _ => None,
        }
    }

    /// As a message says it: `x=7`, `read x`, `delete x`.
    pub fn label(&self) -> String {
        match self.value() {
            Some(value) => format!("{}={value}", self.key()),
            None if self.op.is_write() => format!("delete {}", self.key()),
            None => format!("read {}", self.key()),
        }
    }
}
