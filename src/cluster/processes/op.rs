//! What clients ask, and what they are told.

use std::fmt;
use std::sync::Arc;

use crate::check::operation::{self, Key, Value};
use crate::sim::pack::Pack;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// To get this back.
    Echo(Value),
    /// A number that nobody else gets.
    Generate,
    /// To tell this to all.
    Broadcast(Value),
    /// Everything that was broadcast.
    Messages,
    /// To add this to the counter.
    Add(i64),
    /// What the counter shows.
    Total,
    /// A read, a write or a compare-and-set of a register.
    Register(operation::Op),
    /// To append a message to a log.
    Send(Key, Value),
    /// What is in the logs from where the client is; from their start where that is asked.
    Poll {
        /// Whether from the start.
        all: bool,
    },
    /// Where the client left off in the logs, by the offsets that were committed.
    Assign,
}

/// A message of a log with its offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// Which log.
    pub key: Key,
    /// Its place in it.
    pub offset: i64,
    /// The message.
    pub value: Value,
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ret {
    /// It is done.
    Done,
    /// What came back of an echo.
    Echoed(Value),
    /// A number of its own.
    Id(Value),
    /// Everything that was broadcast, in the order in which it was told.
    Messages(Arc<[Value]>),
    /// What the counter shows.
    Total(i64),
    /// What a register holds; `None`: there is none of this key.
    Value(Option<Value>),
    /// The offset that a message got.
    Offset(i64),
    /// What was in the logs, in the order in which it was told; where each log was read from.
    Polled {
        /// The messages.
        messages: Arc<[Polled]>,
    },
}

impl Pack for Op {}
impl Pack for Ret {}

impl Op {
    /// Whether it can change anything.
    pub fn changes(&self) -> bool {
        match self {
            Op::Broadcast(_) | Op::Add(_) | Op::Send(..) => true,
            Op::Register(op) => op.is_write(),
            Op::Echo(_) | Op::Generate | Op::Messages | Op::Total | Op::Poll { .. } | Op::Assign => false,
        }
    }
}

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ret::Done => f.write_str("ok"),
            Ret::Echoed(value) | Ret::Id(value) | Ret::Value(Some(value)) => value.fmt(f),
            Ret::Value(None) => f.write_str("nil"),
            Ret::Messages(all) => few(f, all.iter().map(ToString::to_string), all.len()),
            Ret::Total(total) => total.fmt(f),
            Ret::Offset(offset) => write!(f, "@{offset}"),
            Ret::Polled { messages, .. } => few(f, messages.iter().map(|m| format!("{}@{}={}", m.key, m.offset, m.value)), messages.len()),
        }
    }
}

/// The last three of a list, and how many there are.
fn few(f: &mut fmt::Formatter<'_>, all: impl Iterator<Item = String>, count: usize) -> fmt::Result {
    const TOLD: usize = 3;
    let last: Vec<String> = all.skip(count.saturating_sub(TOLD)).collect();
    match count {
        0 => f.write_str("none"),
        n if n > TOLD => write!(f, "{n}: .. {}", last.join(" ")),
        _ => f.write_str(&last.join(" ")),
    }
}
