//! What goes over the wire, what clients ask, and what they are told.

use std::fmt;

use crate::algo::limit::{Answer, State};
use crate::check::operation::Key;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::NodeId;
use crate::sim::protocol::Wire;
use crate::sim::time::Span;

use super::settings::Basis;

/// What a client asks: one request, or a burst of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// How many requests; `None`: one, and no burst.
    pub burst: Option<u32>,
    /// Whose they are; `None`: the client's own.
    pub user: Option<Key>,
    /// How long after the call the first is sent.
    pub after: Span,
    /// Over how long they are spread, evenly.
    pub over: Span,
}

packs!(struct Op { burst, user, after, over });

impl Op {
    /// One request, now.
    pub fn one(user: Option<Key>) -> Op {
        Op { burst: None, user, after: Span::ZERO, over: Span::ZERO }
    }

    /// How many requests.
    pub fn count(&self) -> u32 {
        self.burst.unwrap_or(1)
    }
}

/// How many of a client's requests were let through and served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ret {
    /// So many.
    pub passed: u32,
    /// Of so many.
    pub of: u32,
    /// Whether it was a burst.
    pub burst: bool,
}

packs!(struct Ret { passed, of, burst });

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.burst { write!(f, "{} of {} passed", self.passed, self.of) } else { f.write_str("ok") }
    }
}

/// A request on its way: whose it is, and what its caller knows it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The client that sent it, and so its address.
    pub caller: NodeId,
    /// Its number at that client.
    pub call: u32,
    /// The user.
    pub user: Key,
}

/// What a client hears of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was served.
    Served,
    /// It passed, and the service had no room.
    Overloaded,
    /// It was one too many; the client may come back after so long.
    TooMany(Span),
    /// The limiter cannot count.
    CannotCount,
}

/// What a limiter wants of the shared store.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// Count one more if it fits, and say whether it does.
    Take,
    /// Say what is kept of the key.
    Read,
    /// Keep this, if that is what is counted by.
    Write(State, Basis),
}

/// What the store says.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Whether one more may pass.
    Decided(Answer),
    /// What is kept of the key.
    Kept(Option<State>),
    /// It is kept.
    Written,
    /// It cannot write.
    Full,
}

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client asks.
    Ask(Ticket),
    /// A limiter tells a client how it ended.
    Told { call: u32, told: Told },
    /// A limiter lets a request through to the service.
    Work(Ticket),
    /// The service is done with it, or had no room.
    Done { ticket: Ticket, served: bool },
    /// A limiter asks the shared store about a key.
    Count { number: u32, ticket: Ticket, key: Key, want: Want },
    /// The store answers.
    Counted { number: u32, said: Said },
}

/// The number of a request to a limiter in a trace.
pub(super) const ASK: u8 = 0;

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Ask(_) => ASK,
            Msg::Told { told: Told::Served, .. } => 1,
            Msg::Told { .. } => 2,
            Msg::Work(_) => 3,
            Msg::Done { .. } => 4,
            Msg::Count { .. } => 5,
            Msg::Counted { .. } => 6,
        }
    }

    /// Requests and their answers are about as large as small calls over HTTP; a refusal is little more than its header.
    fn bytes(&self) -> u64 {
        match self {
            Msg::Ask(_) | Msg::Work(_) => 400,
            Msg::Told { told: Told::Served, .. } | Msg::Done { .. } => 1000,
            Msg::Told { .. } => 150,
            Msg::Count { want, .. } => 60 + if let Want::Write(state, _) = want { 8 * state.numbers() as u64 } else { 0 },
            Msg::Counted { said, .. } => 40 + if let Said::Kept(Some(state)) = said { 8 * state.numbers() as u64 } else { 0 },
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Request, "request", "a client asks"),
        MessageDoc::new(Sign::Reply, "answer", "it was served"),
        MessageDoc::new(Sign::Reply, "refusal", "it was not served: too many requests, no room, or an error"),
        MessageDoc::new(Sign::Request, "request that passed", "a limiter lets a request through to the service"),
        MessageDoc::new(Sign::Reply, "answer of the service", "the service is done with it, or had no room"),
        MessageDoc::new(Sign::Data, "question to the store", "a limiter asks the shared store for a count"),
        MessageDoc::new(Sign::Reply, "answer of the store", "the count, or how much may pass"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask(ticket) | Msg::Work(ticket) => ticket.user.to_string(),
            Msg::Told { told, .. } => told.short().to_string(),
            Msg::Done { served: true, .. } => "ok".to_string(),
            Msg::Done { served: false, .. } => "503".to_string(),
            Msg::Count { key, want: Want::Take, .. } => format!("take {key}"),
            Msg::Count { key, want: Want::Read, .. } => format!("read {key}"),
            Msg::Count { key, want: Want::Write(..), .. } => format!("write {key}"),
            Msg::Counted { said: Said::Decided(answer), .. } => if answer.is_pass() { "passes" } else { "too many" }.to_string(),
            Msg::Counted { said: Said::Kept(_), .. } => "counts".to_string(),
            Msg::Counted { said: Said::Written, .. } => "written".to_string(),
            Msg::Counted { said: Said::Full, .. } => "disk full".to_string(),
        }
    }
}

impl Told {
    /// As the number of its HTTP status.
    pub fn short(self) -> &'static str {
        match self {
            Told::Served => "200",
            Told::TooMany(_) => "429",
            Told::Overloaded | Told::CannotCount => "503",
        }
    }

    /// Why a request did not end well, for its user.
    pub fn why(self) -> String {
        match self {
            Told::Served => "ok".into(),
            Told::TooMany(after) => format!("429, retry after {}", after.up_to_ms()),
            Told::Overloaded => "503, the service has no room".into(),
            Told::CannotCount => "503, the limiter cannot count".into(),
        }
    }
}
