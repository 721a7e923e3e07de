//! The state machine: registers, and the requests that were carried out (Raft dissertation, 6.3).

use crate::check::operation::{Key, Op, Ret, Value};
use crate::cluster::kit::register;
use crate::packs;
use crate::persistent::OrdMap;
use crate::sim::id::RequestId;
use crate::sim::table::Table;

use super::log::{Command, Entry};

/// What applying a log up to some index has made.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// The registers.
    pub data: OrdMap<Key, Cell>,
    /// What clients were to be told of their requests.
    done: Table<Outcome>,
}

/// A value, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The value.
    pub value: Value,
    /// The request that wrote it.
    pub request: RequestId,
    /// The index of its entry.
    pub index: u64,
}

/// What a client is told of its request.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The result.
    pub ret: Ret,
    /// The request whose write it saw or made.
    pub wrote: Option<RequestId>,
}

packs!(struct Outcome { ret, wrote });

impl Machine {
    /// Applies the entry at an index. A request that was carried out before changes nothing, and its client is told the same again.
    pub fn apply(&mut self, index: u64, entry: &Entry) -> Option<Outcome> {
        let Command::Do { request, op, once } = &entry.command else { return None };
        if *once && let Some(before) = self.done(*request) {
            return Some(before);
        }
        let outcome = self.carry_out(index, *request, op);
        self.done.insert(request.0, outcome.clone());
        Some(outcome)
    }

    /// What the client of a request that was carried out was to be told.
    pub fn done(&self, request: RequestId) -> Option<Outcome> {
        self.done.get(request.0)
    }

    fn carry_out(&mut self, index: u64, request: RequestId, op: &Op) -> Outcome {
        if !op.is_write() {
            return self.look(op.key());
        }
        let (ret, value) = register::evaluate(op, self.data.get(op.key()).map(|cell| &cell.value));
        if let Some(value) = value {
            self.data.insert(op.key().clone(), Cell { value, request, index });
        }
        Outcome { ret, wrote: Some(request) }
    }

    /// What a read sees.
    pub fn look(&self, key: &Key) -> Outcome {
        let cell = self.data.get(key);
        Outcome { ret: Ret::Value(cell.map(|cell| cell.value.clone())), wrote: cell.map(|cell| cell.request) }
    }
}
