//! What goes over the wire: the calls of figure 2 and their answers, and what clients ask.

use std::sync::Arc;

use crate::check::operation::{Op, Ret};
use crate::cluster::kit::register;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;
use crate::sim::time::Time;

use super::log::{Command, Entry};

/// A message between clients and servers, or between servers.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client asks. `position`: a server that is not the leader must have applied the log up to here. `picked`: this server and no other.
    Ask { request: RequestId, op: Op, position: u64, picked: bool },
    /// A server answers a client.
    Told { request: RequestId, answer: Answer },
    /// `RequestVote`, or the question whether it would be granted.
    RequestVote(Ballot),
    /// Its answer, with the term of the voter.
    Vote { ballot: Ballot, term: u64, granted: bool },
    /// `AppendEntries`; without entries it is a heartbeat.
    Append(Append),
    /// Its answer, with the term of the follower. `Ok`: its log is the leader's up to here, on its disk. `Err`: try from here.
    Appended { term: u64, stamp: Stamp, matched: Result<u64, u64> },
    /// Leadership transfer: stand for election at once (dissertation, 3.10).
    TimeoutNow { term: u64 },
}

/// What a candidate asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// The term that it wants to lead.
    pub term: u64,
    /// (term of its last entry, index).
    pub position: (u64, u64),
    /// Whether it only asks if it would be elected (dissertation, 9.6).
    pub pre: bool,
    /// Whether its leader told it to stand, so that the leader need not be protected.
    pub transfer: bool,
}

/// When a leader sent something: which round of heartbeats it belongs to, and its clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The round, counted from 1 in each term.
    pub round: u64,
    /// The leader's clock.
    pub sent: Time,
}

/// A leader's entries for a follower.
#[derive(Clone, Debug)]
pub struct Append {
    /// The leader's term.
    pub term: u64,
    /// The index and the term of the entry before them.
    pub prev: (u64, u64),
    /// The entries.
    pub entries: Arc<[Arc<Entry>]>,
    /// The leader's commit index.
    pub commit: u64,
    /// When it was sent.
    pub stamp: Stamp,
}

/// What a server tells a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It took effect.
    Done(Done),
    /// Not here: the leader, as far as known.
    Elsewhere(Option<NodeId>),
    /// It did not and will not take effect, because.
    Refused(&'static str),
}

/// The result of an operation that took effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The result.
    pub ret: Ret,
    /// The request whose write it saw or made.
    pub wrote: Option<RequestId>,
    /// The position in the log that the answer reflects.
    pub position: u64,
    /// Who answered.
    pub server: NodeId,
}

packs!(struct Done { ret, wrote, position, server });

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Ask { .. } => 0,
            Msg::Told { .. } => 1,
            Msg::Append(append) if append.entries.is_empty() => HEARTBEAT,
            Msg::Append(_) => 2,
            Msg::Appended { .. } => 3,
            Msg::RequestVote(_) | Msg::Vote { .. } | Msg::TimeoutNow { .. } => 4,
        }
    }

    /// A header of 40 bytes, and what it carries.
    fn bytes(&self) -> u64 {
        let payload = match self {
            Msg::Append(Append { entries, .. }) => entries.iter().map(|entry| entry.bytes()).sum(),
            Msg::Ask { op, .. } => op.key().len() as u64 + 8,
            Msg::Told { .. } => 16,
            _ => 8,
        };
        40 + payload
    }
}

/// The number of a heartbeat among the [`Labelled::KINDS`].
pub(super) const HEARTBEAT: u8 = 5;

impl Msg {
    /// The requests that it carries to a log.
    pub fn carried(&self) -> impl Iterator<Item = RequestId> {
        let entries = match self {
            Msg::Append(Append { entries, .. }) => &entries[..],
            _ => &[],
        };
        entries.iter().filter_map(|entry| Some(entry.request()?.0))
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::REQUEST,
        MessageDoc::REPLY,
        MessageDoc::new(Sign::Data, "entries", "the leader has a follower append entries to its log"),
        MessageDoc::new(Sign::Ack, "acknowledgement", "a follower has them, or lacks what comes before"),
        MessageDoc::new(Sign::Vote, "election message", "a candidate asks for votes, or is given or refused one"),
        MessageDoc::new(Sign::Heartbeat, "heartbeat", "the leader says that it leads"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask { op, .. } => register::label(op),
            Msg::Told { answer, .. } => answer.label(),
            Msg::RequestVote(ballot) if ballot.pre => format!("would you?, term {}", ballot.term),
            Msg::RequestVote(ballot) => format!("vote?, term {}", ballot.term),
            Msg::Vote { granted: true, ballot, .. } => format!("yes, term {}", ballot.term),
            Msg::Vote { term, .. } => format!("no, term {term}"),
            Msg::Append(append) => append.label(),
            Msg::Appended { matched: Ok(index), .. } => format!("has {index}"),
            Msg::Appended { matched: Err(index), term, .. } => format!("no, from {index} (term {term})"),
            Msg::TimeoutNow { term } => format!("stand!, term {term}"),
        }
    }
}

impl Append {
    fn label(&self) -> String {
        match &self.entries[..] {
            [] => format!("heartbeat, term {}", self.term),
            [entry] => entry.label(),
            [first, more @ ..] => format!("{}, +{}", first.label(), more.len()),
        }
    }
}

impl Entry {
    /// As a message or a cell says it.
    pub fn label(&self) -> String {
        match &self.command {
            Command::NoOp => "no-op".to_string(),
            Command::Do { op, .. } => register::label(op),
        }
    }
}

impl Answer {
    fn label(&self) -> String {
        match self {
            Answer::Done(done) => register::told(&done.ret),
            Answer::Elsewhere(Some(leader)) => format!("ask {leader}"),
            Answer::Elsewhere(None) => "no leader".to_string(),
            Answer::Refused(_) => "refused".to_string(),
        }
    }
}
