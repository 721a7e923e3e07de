//! What a server answers, and how `redis-cli` prints it.

use std::fmt;

use super::args::{Text, quote};

/// An answer, as in RESP2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `OK`, `QUEUED`, `PONG`.
    Status(&'static str),
    /// The command took no effect; why.
    Error(String),
    /// A whole number.
    Int(i64),
    /// A text.
    Bulk(Text),
    /// Nothing is there.
    Nil,
    /// Several answers.
    Array(Vec<Reply>),
    /// Names of keys: the first of them, and how many there are. A million are counted, not stored.
    Names {
        /// At most [`Reply::NAMED`].
        some: Vec<Text>,
        /// How many in all.
        all: u64,
    },
}

crate::packs!(enum Reply {
    0 = Status { 0: word },
    1 = Error { 0: text },
    2 = Int { 0: number },
    3 = Bulk { 0: text },
    4 = Nil {},
    5 = Array { 0: replies },
    6 = Names { some: some, all: all }
});

/// An error.
pub fn error(text: impl Into<String>) -> Reply {
    Reply::Error(text.into())
}

impl Reply {
    /// So many names of keys are kept at most.
    pub const NAMED: usize = 1000;
    /// `OK`.
    pub const OK: Reply = Reply::Status("OK");

    /// 1 or 0.
    pub fn bit(is: bool) -> Reply {
        Reply::Int(i64::from(is))
    }

    /// A number of things.
    pub fn count(count: usize) -> Reply {
        Reply::Int(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A text, or nothing.
    pub fn maybe(text: Option<Text>) -> Reply {
        text.map_or(Reply::Nil, Reply::Bulk)
    }

    /// Texts.
    pub fn texts(texts: impl IntoIterator<Item = Text>) -> Reply {
        Reply::Array(texts.into_iter().map(Reply::Bulk).collect())
    }

    /// What went wrong.
    pub fn error(&self) -> Option<&str> {
        if let Reply::Error(text) = self { Some(text) } else { None }
    }
}

/// So many elements of an answer are printed.
const SHOWN: usize = 20;

/// The elements with their numbers, and how many more there are.
fn list(f: &mut fmt::Formatter<'_>, some: impl Iterator<Item = Reply>, all: u64) -> fmt::Result {
    if all == 0 {
        return f.write_str("(empty array)");
    }
    let mut shown = 0;
    for reply in some.take(SHOWN) {
        let space = if shown > 0 { " " } else { "" };
        shown += 1;
        match reply {
            Reply::Array(inner) if !inner.is_empty() => write!(f, "{space}{shown}) [{}]", Reply::Array(inner))?,
            other => write!(f, "{space}{shown}) {other}")?,
        }
    }
    if all > shown { write!(f, " ... ({all} in all)") } else { Ok(()) }
}

impl fmt::Display for Reply {
    /// As `redis-cli` does, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Status(text) => f.write_str(text),
            Reply::Error(text) => write!(f, "(error) {text}"),
            Reply::Int(number) => write!(f, "(integer) {number}"),
            Reply::Bulk(text) => f.write_str(&quote(text)),
            Reply::Nil => f.write_str("(nil)"),
            Reply::Array(all) => list(f, all.iter().cloned(), all.len() as u64),
            Reply::Names { some, all } => list(f, some.iter().cloned().map(Reply::Bulk), *all),
        }
    }
}
