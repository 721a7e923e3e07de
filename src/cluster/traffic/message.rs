//! What goes over the wire, how a request ends, and the timers.

use crate::check::operation::Key;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;
use crate::sim::time::{Span, Time};

use super::roster::FRONT;

/// What clients ask: one page, as one visitor of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Who asks: to a rule that goes by the visitor, to sessions, caches and shards.
    pub visitor: Key,
    /// Whether it changes what the database has of this visitor.
    pub order: bool,
}

packs!(struct Visit { visitor, order });

/// What a visitor brings along of earlier answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// The server that has its session; the front where there is none.
    pub server: NodeId,
    /// The number of its session; 0: it has none.
    pub session: u32,
}

impl Cookie {
    /// Nothing.
    pub const NONE: Cookie = Cookie { server: FRONT, session: 0 };
}

/// The answer to a user, or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// To which request.
    pub request: RequestId,
    /// Whose it is.
    pub user: NodeId,
    /// Who asked the front: the user, or a cache before it.
    pub back: NodeId,
    /// How it ended.
    pub how: How,
    /// Bytes of this part.
    pub bytes: u32,
    /// Bytes that are still to come.
    pub left: u32,
    /// What its visitor has to bring along.
    pub cookie: Cookie,
    /// The session that its visitor brought, where nobody knew it; else 0.
    pub lost: u32,
    /// The version of what the database has of its visitor; 0 where nobody asked.
    pub version: u32,
    /// Its visitor.
    pub who: u32,
}

/// What a replica that has missed writes is given.
#[derive(Clone, Debug)]
pub struct Copied {
    /// Which history of its leader that is: see [`super::database::Rows`].
    pub history: u32,
    /// The versions by visitor.
    pub versions: OrdMap<u32, u32>,
    /// The number of the last write in them.
    pub number: u32,
    /// How many of these writes were missed.
    pub many: u32,
}

/// A message.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A user asks the front, or a cache before it.
    Ask { request: RequestId, visitor: Key, order: bool, user: NodeId, back: NodeId, cookie: Cookie },
    /// The front hands a request to a server.
    Work { call: u32, who: u32, order: bool },
    /// A server asks the database for what it has under a key, or changes it.
    Query { call: u32, key: u32, order: bool },
    /// A server asks the cache for what it has under a key.
    Look { call: u32, key: u32 },
    /// A server asks the store for the session of a visitor.
    Recall { call: u32, who: u32 },
    /// The answer to any of these four.
    Done { call: u32, how: How, bytes: u32, session: u32, version: u32 },
    /// The front answers a user, or a part of it.
    Told(Answer),
    /// A user has the part and wants the next.
    More(Answer),
    /// What the database said, for the cache.
    Fill { key: u32, version: u32 },
    /// The cache throws out what it has under a key.
    Forget { key: u32 },
    /// One of so many servers has served a request, and the others take note.
    Word { servers: u32 },
    /// What a server has to stand still for others.
    Stall { takes: Span },
    /// A leader passes on a write, and when it was made.
    Apply { history: u32, number: u32, key: u32, version: u32, at: Time },
    /// A replica carries it out.
    Replay { history: u32, number: u32, key: u32, version: u32 },
    /// A replica has missed something; the last write that it knows, and of which history.
    Missing { history: u32, known: u32 },
    /// What it missed.
    Copy(Box<Copied>),
    /// A replica carries that out.
    Catch(Box<Copied>),
    /// The front looks whether a server lives.
    Check { round: u32 },
    /// It does.
    Fine { round: u32 },
    /// A server is new, or has started again.
    Joins,
    /// The front knows it.
    Joined,
}

/// How a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// With its page.
    Served,
    /// The queue of a server, or of the database, was full.
    Full,
    /// A server answered with an error.
    Error,
    /// The front heard nothing from the server in time.
    Late,
    /// The front knew no server that it may use.
    Nobody,
    /// A cache does not have it.
    Missed,
}

impl How {
    /// Every bad end with the words for it.
    pub const BAD: [(How, &'static str); 4] = [
        (How::Full, "a queue is full"),
        (How::Error, "the server answered with an error"),
        (How::Late, "the server did not answer in time"),
        (How::Nobody, "no server may be used"),
    ];

    /// The words for an end.
    pub fn says(self) -> &'static str {
        match self {
            How::Served => "ok",
            How::Missed => "not in the cache",
            _ => How::BAD.iter().find(|(how, _)| *how == self).map_or("", |(_, says)| says),
        }
    }
}

/// Bytes of every message beside what it carries.
pub(super) const HEADER: u64 = 100;
/// Bytes of one version under one key.
const ENTRY: u64 = 8;

/// The number of a request of a user.
pub(super) const REQUEST: u8 = 0;
/// The number of a request that the front hands to a server.
pub(super) const WORK: u8 = 1;
/// The number of a question to the database.
pub(super) const QUERY: u8 = 2;
/// The number of an answer with a page.
pub(super) const ANSWER: u8 = 3;
/// The number of an answer without one.
pub(super) const ERROR: u8 = 4;
/// The number of a health check; its answer has the next.
pub(super) const CHECK: u8 = 5;
/// The number of a write at the database.
pub(super) const WRITE: u8 = 9;
/// The number of a write that a leader passes on.
pub(super) const APPLY: u8 = 18;
/// The number of a look into the cache.
pub(super) const LOOK: u8 = 10;
/// The number of the answer of a cache that does not have it.
pub(super) const MISS: u8 = 11;

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Ask { .. } => REQUEST,
            Msg::Work { .. } => WORK,
            Msg::Query { order: false, .. } => QUERY,
            Msg::Done { how, .. } | Msg::Told(Answer { how, .. }) => match how {
                How::Served => ANSWER,
                How::Missed => MISS,
                _ => ERROR,
            },
            Msg::Check { .. } => CHECK,
            Msg::Fine { .. } => CHECK + 1,
            Msg::Joins => CHECK + 2,
            Msg::Joined => CHECK + 3,
            Msg::Query { order: true, .. } => WRITE,
            Msg::Look { .. } => LOOK,
            Msg::Recall { .. } => 12,
            Msg::More(_) => 13,
            Msg::Fill { .. } => 14,
            Msg::Forget { .. } => 15,
            Msg::Word { .. } => 16,
            Msg::Stall { .. } => 17,
            Msg::Apply { .. } => APPLY,
            Msg::Replay { .. } => 19,
            Msg::Missing { .. } | Msg::Copy(_) | Msg::Catch(_) => 20,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Msg::Done { bytes, .. } | Msg::Told(Answer { bytes, .. }) => HEADER + u64::from(*bytes),
            Msg::Copy(copied) => HEADER + ENTRY * copied.versions.len() as u64,
            _ => HEADER,
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Request, "request", "a user asks the front"),
        MessageDoc::new(Sign::Request, "work", "the front hands a request to a server"),
        MessageDoc::new(Sign::Data, "query", "a server asks the database"),
        MessageDoc::new(Sign::Reply, "answer", "it was served"),
        MessageDoc::new(Sign::Reply, "error", "it was not served"),
        MessageDoc::new(Sign::Heartbeat, "health check", "the front asks whether a server lives"),
        MessageDoc::new(Sign::Heartbeat, "sign of life", "it does"),
        MessageDoc::new(Sign::Vote, "joins", "a server is new, or has started again"),
        MessageDoc::new(Sign::Vote, "joined", "the front knows it"),
        MessageDoc::new(Sign::Data, "write", "a server changes something in the database"),
        MessageDoc::new(Sign::Data, "look", "a server asks the cache"),
        MessageDoc::new(Sign::Reply, "miss", "the cache has nothing under this key"),
        MessageDoc::new(Sign::Data, "session", "a server asks the store who the visitor is"),
        MessageDoc::new(Sign::Ack, "acknowledgement", "a user has this part of an answer and wants the next"),
        MessageDoc::new(Sign::Ack, "fill", "what the database said, for the cache"),
        MessageDoc::new(Sign::Ack, "forget", "the cache is to throw a key out"),
        MessageDoc::new(Sign::Gossip, "word of a request", "servers tell each other what they have served (crosstalk)"),
        MessageDoc::new(Sign::Gossip, "standstill", "a server waits for what all of them share"),
        MessageDoc::new(Sign::Data, "replication", "the leader passes a write on"),
        MessageDoc::new(Sign::Data, "replay", "a replica carries it out"),
        MessageDoc::new(Sign::Vote, "what was missed", "a replica asks for what it missed, and gets it"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask { visitor, order, .. } => format!("{}, {visitor}", if *order { "order" } else { "view" }),
            Msg::Work { .. } => "work".into(),
            Msg::Query { order: false, .. } => "query".into(),
            Msg::Query { order: true, .. } => "write".into(),
            Msg::Look { .. } => "look".into(),
            Msg::Recall { .. } => "session".into(),
            Msg::Done { how, .. } | Msg::Told(Answer { how, .. }) => how.says().into(),
            Msg::More(_) => "got it".into(),
            Msg::Fill { .. } => "fill".into(),
            Msg::Forget { .. } => "forget".into(),
            Msg::Word { .. } => "word".into(),
            Msg::Stall { takes } => format!("stand still, {takes}"),
            Msg::Apply { .. } => "apply".into(),
            Msg::Replay { .. } => "replay".into(),
            Msg::Missing { .. } => "what did I miss".into(),
            Msg::Copy(copied) | Msg::Catch(copied) => format!("catch up, {} writes", copied.many),
            Msg::Check { .. } => "check".into(),
            Msg::Fine { .. } => "alive".into(),
            Msg::Joins => "joins".into(),
            Msg::Joined => "joined".into(),
        }
    }
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The oldest call has waited long enough.
    Tries,
    /// Look at every server.
    Check,
    /// Whoever has not answered the check by now has missed it.
    Missed,
    /// Learn how much every server has.
    News,
    /// A server is warm.
    Warm,
    /// A server has had as long to finish as it may.
    Drain,
    /// The front has not said that it knows this server.
    Join,
    /// Look whether there are too few or too many servers.
    Scale,
    /// A request has waited long enough to be tried again.
    Again,
    /// The leader has not said what this replica missed.
    Missing,
}
