//! What every checker reads: operations with the times of their call and return.

use std::sync::Arc;

use crate::packs;

/// A key of the key-value map; a register is the map with one key.
pub type Key = Arc<str>;

/// A value. Numbers and texts, as clients write them; `None` beside it means "nothing there" (nil).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A whole number.
    Int(i64),
    /// A text.
    Text(Arc<str>),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Int(n) => write!(f, "{n}"),
            Value::Text(t) => f.write_str(t),
        }
    }
}

impl From<&str> for Value {
    /// Whole numbers in their one canonical spelling become [`Value::Int`]; everything else is text, so that printing reads back.
    fn from(text: &str) -> Value {
        match text.parse::<i64>() {
            Ok(n) if n.to_string() == text => Value::Int(n),
            _ => Value::Text(text.into()),
        }
    }
}

/// What a client asks of a key-value store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Read the value of a key.
    Read {
        /// Which key.
        key: Key,
    },
    /// Set a key.
    Write {
        /// Which key.
        key: Key,
        /// The new value.
        value: Value,
    },
    /// Compare and set: becomes `value` only if it is `expected` now (`None`: only if nothing is there).
    Cas {
        /// Which key.
        key: Key,
        /// The value it must have.
        expected: Option<Value>,
        /// The value it gets.
        value: Value,
    },
    /// Append a text to what is there (nil counts as empty).
    Append {
        /// Which key.
        key: Key,
        /// What is appended.
        value: Value,
    },
}

impl Op {
    /// The key that the operation touches.
    pub fn key(&self) -> &Key {
        match self {
            Op::Read { key } | Op::Write { key, .. } | Op::Cas { key, .. } | Op::Append { key, .. } => key,
        }
    }

    /// Whether it can change anything.
    pub fn is_write(&self) -> bool {
        !matches!(self, Op::Read { .. })
    }
}

packs!(enum Value { 0 = Int { 0: number }, 1 = Text { 0: text } });

packs!(enum Op {
    0 = Read { key: key },
    1 = Write { key: key, value: value },
    2 = Cas { key: key, expected: expected, value: value },
    3 = Append { key: key, value: value }
});

packs!(enum Ret { 0 = Value { 0: value }, 1 = Done {}, 2 = Swapped {}, 3 = NotSwapped {} });

/// What a client was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ret {
    /// A read saw this; `None` is nil.
    Value(Option<Value>),
    /// A write or an append took effect.
    Done,
    /// A compare-and-set took effect.
    Swapped,
    /// A compare-and-set found another value than it expected and changed nothing.
    NotSwapped,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect, with this result.
    Ok(Ret),
    /// It did not and will not take effect.
    Failed,
    /// Nobody knows: it may take effect at any time after its call, or never.
    Unknown,
}

/// One client operation with its call and return. Times are event numbers (or line numbers of a log): only their order counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Names the operation in witnesses; unique in a history.
    pub id: u32,
    /// Who asked: the session of the session guarantees. A session may have several operations open at once.
    pub session: u32,
    /// What was asked.
    pub op: Op,
    /// When it was called.
    pub call: u64,
    /// When it returned; `None` while open or for ever unknown.
    pub ret: Option<u64>,
    /// How it ended. [`Outcome::Unknown`] while it is still open.
    pub outcome: Outcome,
}

/// What the replicas themselves hold, where it can be known (a simulator knows; a log from outside does not).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replicas {
    /// The acknowledged writes (by operation id, in order) that no surviving copy holds any more and none will get back.
    pub lost: Vec<u32>,
    /// Acknowledged writes (by operation id) that may yet be lost or come back, each with where it is: `is only on n1, which is down`.
    pub astray: Vec<(u32, String)>,
    /// Whether anything has happened that can lose an acknowledged write.
    pub risked: bool,
    /// Every live replica's name and contents, keys in order.
    pub states: Vec<(String, Vec<(Key, Value)>)>,
    /// What readers are told of a key that nobody wrote, where that is not `nothing`: `initial`.
    pub unwritten: Option<&'static str>,
    /// Why contents may still change by themselves: `a cut is open`. `None`: they will not, so they must agree.
    pub unsettled: Option<String>,
}
