//! What clients ask, and what they are told.

use crate::algo::trace::Trace;
use crate::check::operation::{Key, Op, Ret, Value};
use crate::packs;
use crate::sim::id::RequestId;

/// What a key is said to hold that nobody wrote: the value from before the start.
pub(super) const INITIAL: &str = "initial";

/// A trace by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tape {
    /// The keys of the setting.
    Typed,
    /// One that is drawn.
    Drawn(Trace),
}

/// Every trace, with its word and a few words on it.
pub(super) const TAPES: [(Tape, &str, &str); 6] = [
    (Tape::Typed, "tape", "what the setting `tape` says"),
    (Tape::Drawn(Trace::Steady), "steady", "titles by Zipf"),
    (Tape::Drawn(Trace::Crawler), "crawler", "1,200 steady ones, then 300 titles that nobody asks for again"),
    (Tape::Drawn(Trace::Scan), "scan", "only titles that nobody asks for again"),
    (Tape::Drawn(Trace::Loop), "loop", "the same titles one after the other, again and again"),
    (Tape::Drawn(Trace::Fashion), "fashion", "titles by Zipf, with other bestsellers every 2,000 requests"),
];

/// What a client asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// A read or a write of one key.
    Key(Op),
    /// A write into the database, past every cache.
    Import(Op),
    /// Takes a key out of the shared cache.
    Invalidate(Key),
    /// Reads so many keys of a trace, one after the other.
    Play {
        /// Its number in [`TAPES`].
        tape: u32,
        /// How many.
        count: u32,
    },
}

packs!(enum Request { 0 = Key { 0: op }, 1 = Import { 0: op }, 2 = Invalidate { 0: key }, 3 = Play { tape: tape, count: count } });

impl Request {
    /// Whether it can change anything.
    pub fn changes(&self) -> bool {
        match self {
            Request::Key(op) => op.is_write(),
            Request::Import(_) | Request::Invalidate(_) => true,
            Request::Play { .. } => false,
        }
    }

    /// The operation of a register that it is, if it is one.
    pub fn op(&self) -> Option<&Op> {
        if let Request::Key(op) | Request::Import(op) = self { Some(op) } else { None }
    }

    /// As a message says it.
    pub fn label(&self) -> String {
        match self {
            Request::Key(Op::Read { key }) => format!("get {key}"),
            Request::Key(op) => crate::cluster::kit::register::label(op),
            Request::Import(op) => format!("import {}", crate::cluster::kit::register::label(op)),
            Request::Invalidate(key) => format!("invalidate {key}"),
            Request::Play { tape, count } => format!("play {} {count}", tape_of(*tape).1),
        }
    }
}

/// The trace of this number.
pub(super) fn tape_of(number: u32) -> (Tape, &'static str) {
    let (tape, word, _) = TAPES[number as usize % TAPES.len()];
    (tape, word)
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From a cache.
    Hit,
    /// From the database.
    Miss,
}

packs!(enum Source { 0 = Hit {}, 1 = Miss {} });

/// What a client is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The result, as it is judged.
    pub ret: Ret,
    /// The request whose write a read saw, or the write itself.
    pub wrote: Option<RequestId>,
    /// Where a read found it.
    pub source: Option<Source>,
    /// Of a play: how many hit, of how many.
    pub played: Option<(u32, u32)>,
}

packs!(struct Done { ret, wrote, source, played });

impl Done {
    /// A write that is done, or a delete.
    pub fn wrote(request: RequestId) -> Done {
        Done { ret: Ret::Done, wrote: Some(request), source: None, played: None }
    }

    /// A read.
    pub fn read(row: &Row, source: Source) -> Done {
        Done { ret: Ret::Value(row.value.clone()), wrote: row.wrote, source: Some(source), played: None }
    }

    /// What a client was told, in a word or two.
    pub fn told(&self) -> String {
        if let Some((hits, of)) = self.played {
            return format!("{hits} of {of} hit");
        }
        let value = match &self.ret {
            Ret::Value(None) => INITIAL.to_string(),
            ret => crate::cluster::kit::register::told(ret),
        };
        match self.source {
            None => value,
            Some(Source::Hit) => format!("{value}, hit"),
            Some(Source::Miss) => format!("{value}, miss"),
        }
    }
}

/// A key's value, as the database has it, or had it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The value; `None`: the one from before the start.
    pub value: Option<Value>,
    /// How often the key was written.
    pub version: u64,
    /// The request that wrote it.
    pub wrote: Option<RequestId>,
}

impl Row {
    /// The value in a word.
    pub fn label(&self) -> String {
        self.value.as_ref().map_or_else(|| INITIAL.to_string(), Value::to_string)
    }
}
