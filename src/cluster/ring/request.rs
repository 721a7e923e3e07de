//! What clients ask, and what they are told.

use std::sync::Arc;

use crate::check::operation::{Key, Op, Ret, Value};
use crate::cluster::kit::register::{label as op_label, nothing};
use crate::packs;
use crate::sim::id::RequestId;

/// What a client asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// A read, a write or a delete of one key.
    Key(Op),
    /// A counter grows by one.
    Add(Key),
    /// What a counter stands at.
    Count(Key),
    /// Many keys at once.
    Query(Query),
}

/// A question about many keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Those from the first up to the second, exclusive; or those that begin so.
    Scan(Key, Option<Key>),
    /// Those that have this value.
    Find(Value),
}

packs!(enum Request { 0 = Key { 0: op }, 1 = Add { 0: key }, 2 = Count { 0: key }, 3 = Query { 0: query } });
packs!(enum Query { 0 = Scan { 0: from, 1: upto }, 1 = Find { 0: value } });

impl Request {
    /// Whether it can change anything.
    pub fn changes(&self) -> bool {
        match self {
            Request::Key(op) => op.is_write(),
            Request::Add(_) => true,
            Request::Count(_) | Request::Query(_) => false,
        }
    }

    /// The operation of a register that it is, if it is one.
    pub fn op(&self) -> Option<&Op> {
        if let Request::Key(op) = self { Some(op) } else { None }
    }

    /// As a message says it.
    pub fn label(&self) -> String {
        match self {
            Request::Key(Op::Write { key, value }) if *value == nothing() => format!("delete {key}"),
            Request::Key(Op::Read { key }) => format!("get {key}"),
            Request::Key(op) => op_label(op),
            Request::Add(key) => format!("hit {key}"),
            Request::Count(key) => format!("hits {key}"),
            Request::Query(query) => query.label(),
        }
    }
}

impl Query {
    /// As a message says it.
    pub fn label(&self) -> String {
        match self {
            Query::Scan(from, None) => format!("scan {from}"),
            Query::Scan(from, Some(upto)) => format!("scan {from} {upto}"),
            Query::Find(value) => format!("find {value}"),
        }
    }

    /// Whether a key with this value is asked for.
    pub fn asks_for(&self, key: &str, value: &Value) -> bool {
        match self {
            Query::Scan(from, None) => key.starts_with(&**from),
            Query::Scan(from, Some(upto)) => &**from <= key && key < &**upto,
            Query::Find(wanted) => value == wanted,
        }
    }
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The result.
    pub ret: Ret,
    /// The same as it is judged: what was there at the start counts as nothing, because no client wrote it.
    pub judged: Ret,
    /// The request whose write a read saw, or the write itself.
    pub wrote: Option<RequestId>,
    /// How many nodes worked on it.
    pub nodes: u32,
    /// What a query found, in the order of the keys.
    pub found: Option<Arc<[(Key, Value)]>>,
}

packs!(struct Done { ret, judged, wrote, nodes, found });

impl Done {
    /// A write that is done.
    pub fn wrote(request: RequestId) -> Done {
        Done { ret: Ret::Done, judged: Ret::Done, wrote: Some(request), nodes: 1, found: None }
    }
}
