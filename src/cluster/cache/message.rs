//! What goes over the wire.

use crate::algo::eviction::Asked;
use crate::check::operation::Key;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::sim::id::RequestId;
use crate::sim::protocol::Wire;

use super::request::{Done, Request, Row};

/// The order of a cache's writes: of which life of the cache, and the how manieth in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The number that the database gave the cache at its start.
    pub life: u32,
    /// Counted from then on.
    pub number: u64,
}

/// The right to fill a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The life of the cache that gave it.
    pub life: u32,
    /// A number that no other has.
    pub number: u64,
}

/// How a request ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is done.
    Done(Done),
    /// It is not, and will not be.
    Refused(&'static str),
    /// Nobody knows.
    Unknown(&'static str),
}

/// A message. `call` is the sender's number for what it waits for.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client asks an application. `from`: where in its trace a play begins.
    Ask { request: RequestId, what: Request, from: u64 },
    /// The answer.
    Told { request: RequestId, answer: Answer },
    /// Is there a value? `load`: the cache reads the database where there is none.
    Look { call: u32, key: Key, asked: Asked, load: bool },
    /// There is. `fill`: the asker is to load it anew, and may fill it with this right.
    Found { call: u32, key: Key, row: Row, source: super::request::Source, fill: Option<Token> },
    /// There is none, and the asker may fill it with this right.
    Missed { call: u32, key: Key, fill: Token },
    /// The cache does not do it.
    Refused { call: u32, why: &'static str },
    /// A value that was loaded.
    Fill { key: Key, row: Row, token: Token, asked: Asked },
    /// It was not loaded after all: somebody else may.
    Unfilled { key: Key, token: Token },
    /// A value that was just written.
    Set { call: u32, key: Key, row: Row },
    /// Take a key out: the write of this version is in the database.
    Delete { call: u32, key: Key, version: Option<u64> },
    /// The cache has done it.
    Gone { call: u32 },
    /// Write this through the cache, or into it.
    Put { call: u32, key: Key, row: Row },
    /// It is written.
    Stored { call: u32 },
    /// Nobody knows whether it is.
    Lost { call: u32 },
    /// A query: what is the value of a key?
    Read { call: u32, key: Key },
    /// It is this.
    Row { call: u32, row: Row },
    /// A query that changes a key.
    Write { call: u32, key: Key, row: Row, stamp: Option<Stamp> },
    /// It is on the disk.
    Written { call: u32, row: Row },
    /// The database does not do it.
    Failed { call: u32, why: &'static str },
    /// The database's log has the cache delete a key.
    Purge { key: Key, version: u64 },
    /// It has.
    Purged { key: Key, version: u64 },
    /// A cache that starts asks for the number of its life.
    Join,
    /// It is this.
    Joined { life: u32 },
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Ask { .. } => 0,
            Msg::Told { .. } => 1,
            Msg::Look { .. } => 2,
            Msg::Found { .. } | Msg::Missed { .. } | Msg::Refused { .. } => 3,
            Msg::Fill { .. } | Msg::Unfilled { .. } => 4,
            Msg::Delete { .. } | Msg::Purge { .. } => 5,
            Msg::Set { .. } | Msg::Put { .. } => 6,
            Msg::Read { .. } | Msg::Join => 7,
            Msg::Row { .. } | Msg::Failed { .. } | Msg::Joined { .. } => 8,
            Msg::Write { .. } => 9,
            Msg::Gone { .. } | Msg::Stored { .. } | Msg::Lost { .. } | Msg::Written { .. } | Msg::Purged { .. } => 10,
        }
    }

    /// A header of 40 bytes, a key, and a value of 1,000 where one is carried.
    fn bytes(&self) -> u64 {
        let value = match self {
            Msg::Found { .. }
            | Msg::Fill { .. }
            | Msg::Set { .. }
            | Msg::Put { .. }
            | Msg::Row { .. }
            | Msg::Write { .. }
            | Msg::Told { answer: Answer::Done(Done { source: Some(_), .. }), .. } => 1000,
            _ => 0,
        };
        40 + 16 + value
    }
}

impl Msg {
    /// The key whose copies it can change, and so whether somebody who gets it may yet do so.
    pub fn touches(&self) -> Option<&Key> {
        match self {
            Msg::Fill { key, .. }
            | Msg::Set { key, .. }
            | Msg::Delete { key, .. }
            | Msg::Put { key, .. }
            | Msg::Write { key, .. }
            | Msg::Purge { key, .. } => Some(key),
            _ => None,
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::REQUEST,
        MessageDoc::REPLY,
        MessageDoc::new(Sign::Request, "look", "an application asks the cache for a key"),
        MessageDoc::new(Sign::Reply, "answer of the cache", "the value, or that there is none"),
        MessageDoc::new(Sign::Data, "fill", "a value that was loaded is put into the cache"),
        MessageDoc::new(Sign::Vote, "delete", "a key is taken out of the cache, because it was changed"),
        MessageDoc::new(Sign::Data, "write to the cache", "a new value for the cache"),
        MessageDoc::new(Sign::Request, "query", "somebody asks the database for a key"),
        MessageDoc::new(Sign::Reply, "answer of the database", "what the database has"),
        MessageDoc::new(Sign::Data, "write to the database", "a query that changes a key"),
        MessageDoc::new(Sign::Ack, "confirmation", "it is done, or nobody knows whether it is"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask { what, .. } => what.label(),
            Msg::Told { answer: Answer::Done(done), .. } => done.told(),
            Msg::Told { answer: Answer::Refused(_), .. } | Msg::Refused { .. } | Msg::Failed { .. } => "refused".to_string(),
            Msg::Told { answer: Answer::Unknown(_), .. } | Msg::Lost { .. } => "unknown".to_string(),
            Msg::Look { key, .. } => format!("{key}?"),
            Msg::Missed { key, .. } => format!("{key}: miss"),
            Msg::Found { key, row, .. }
            | Msg::Fill { key, row, .. }
            | Msg::Set { key, row, .. }
            | Msg::Put { key, row, .. }
            | Msg::Write { key, row, .. } => {
                format!("{key}={}", row.label())
            }
            Msg::Unfilled { key, .. } => format!("no {key}"),
            Msg::Delete { key, .. } | Msg::Purge { key, .. } => format!("delete {key}"),
            Msg::Gone { .. } | Msg::Purged { .. } => "deleted".to_string(),
            Msg::Stored { .. } | Msg::Written { .. } => "ok".to_string(),
            Msg::Read { key, .. } => format!("read {key}"),
            Msg::Row { row, .. } => row.label(),
            Msg::Join => "which life?".to_string(),
            Msg::Joined { life } => format!("life {life}"),
        }
    }
}
