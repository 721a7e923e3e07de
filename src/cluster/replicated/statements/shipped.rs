//! What an entry of the log carries of a transaction.

use std::sync::Arc;

use crate::algo::sql::{Change, Effect, Statement, Tables};
use crate::persistent::OrdMap;
use crate::sim::id::RequestId;

use super::super::message::count;

/// A committed transaction as the log carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// The requests that it was made of, one or more; the last is the one that is told of it.
    pub requests: Arc<[RequestId]>,
    /// What it did.
    pub body: Body,
}

/// What a log carries of what a transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Its statements.
    Text(Arc<[Statement]>),
    /// Rows as they were and as they are.
    Rows(Arc<Effect>),
    /// What the disk holds from now on.
    Records(Arc<Effect>),
}

/// What a server itself ran, by the index of the entry. It stands on the disk beside the log.
#[derive(Clone, Debug, Default)]
pub struct Redo(OrdMap<u64, Arc<Effect>>);

impl Redo {
    /// What it ran for an entry.
    pub fn get(&self, index: u64) -> Option<&Arc<Effect>> {
        self.0.get(&index)
    }

    /// It ran this for an entry.
    pub fn keep(&mut self, index: u64, effect: Arc<Effect>) {
        self.0.insert(index, effect);
    }

    /// The log ends here from now on.
    pub fn truncate(&mut self, last: u64) {
        while let Some(index) = self.0.get_max().map(|(index, _)| *index).filter(|index| *index > last) {
            self.0.remove(&index);
        }
    }

    /// Applies to tables what was run for an entry or what the entry says itself. `false`: only running it would tell.
    pub fn apply(&self, index: u64, shipped: &Shipped, tables: &mut Tables, place: &dyn Fn(u64) -> u64) -> bool {
        use crate::algo::sql::Placed::{ByValue, Exactly};
        match (self.get(index), &shipped.body) {
            (Some(effect), _) | (None, Body::Records(effect)) => effect.apply(tables, &Exactly),
            (None, Body::Rows(effect)) => effect.apply(tables, &ByValue(place)),
            (None, Body::Text(_)) => return false,
        };
        true
    }
}

impl Shipped {
    /// The request that is told of it.
    pub fn request(&self) -> Option<RequestId> {
        self.requests.last().copied()
    }

    /// The size of its body in bytes.
    pub fn bytes(&self) -> u64 {
        match &self.body {
            Body::Text(statements) => statements.iter().map(|statement| statement.to_string().len() as u64).sum(),
            Body::Rows(effect) => effect.image_bytes(),
            Body::Records(effect) => effect.record_bytes(),
        }
    }

    /// What it says, short.
    pub fn label(&self) -> String {
        match &self.body {
            Body::Text(statements) => statements.iter().map(Statement::to_string).collect::<Vec<_>>().join("; "),
            Body::Rows(effect) => format!("rows: {}", said(effect)),
            Body::Records(effect) => format!("disk: {}", said(effect)),
        }
    }
}

/// `books 2 → Dune 10 5`; of several rows only how many.
fn said(effect: &Effect) -> String {
    let [Change::Row { table, before, after, .. }] = &effect.changes[..] else {
        return count(effect.rows() as usize, "row", "rows");
    };
    let cells = |row: &Option<Arc<[_]>>| row.iter().flat_map(|row| row.iter()).map(ToString::to_string).collect::<Vec<_>>().join(" ");
    match after {
        Some(_) => format!("{table} {}", cells(after)),
        None => format!("{table} {} gone", cells(before)),
    }
}
