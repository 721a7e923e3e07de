//! What goes over the wire.

use std::sync::Arc;

use crate::check::operation::Key;
use crate::cluster::kit::register;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;

use super::disk::{Row, Stamp};
use super::map::Shared;
use super::request::{Done, Query, Request};
use super::settings::counted;

/// What a node is asked of one row.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// What it holds; `any`: any copy will do.
    Get { row: Key, any: bool },
    /// A client's request that changes it.
    Change { row: Key, request: Request },
}

impl What {
    /// The row.
    pub fn row(&self) -> &Key {
        match self {
            What::Get { row, .. } | What::Change { row, .. } => row,
        }
    }
}

/// A client's question to a node.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Of which request.
    pub request: RequestId,
    /// Who is to be told.
    pub client: NodeId,
    /// The version of the map by which it goes.
    pub version: u32,
    /// How many nodes have passed it on.
    pub hops: u32,
    /// What is asked.
    pub what: What,
    /// The bytes of a row, for what the message weighs.
    pub row_bytes: u32,
}

/// What rows are sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Their owner changes.
    Give,
    /// A copy is made.
    Fill,
    /// A node has lost its disk.
    Restore,
}

/// A part of what one node sends another.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The version of the map for which.
    pub version: u32,
    /// Its number, drawn for the first.
    pub number: u64,
    /// What for.
    pub purpose: Purpose,
    /// The rows.
    pub rows: Arc<[(Key, Row)]>,
    /// Whether it is the last.
    pub last: bool,
    /// How many bytes each row has.
    pub row_bytes: u32,
}

/// A node's part of the answer to a query.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The version of the map that it works on.
    pub version: u32,
    /// Whom it still awaits keys from.
    pub awaiting: Arc<[NodeId]>,
    /// Whom it has stopped to serve keys for.
    pub stopped: Arc<[NodeId]>,
    /// What it serves of what was asked for.
    pub rows: Arc<[(Key, Row)]>,
    /// The bytes of each.
    pub row_bytes: u32,
}

/// A message.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client, or a node for it, asks about one row.
    Ask(Ask),
    /// The answer.
    Told { request: RequestId, row: Key, answer: Answer },
    /// A client asks for a node's part of a query; `round` tells it from those asked before.
    Part { request: RequestId, round: u32, query: Arc<Query> },
    /// That part.
    Piece { request: RequestId, round: u32, piece: Piece },
    /// The owner of a row has a copy of it stored.
    Copy { version: u32, row: Key, as_it_is: Row, row_bytes: u32 },
    /// It is on the disk.
    Stored { row: Key, stamp: Stamp },
    /// A part of many rows.
    Rows(Batch),
    /// They are on the disk.
    Took { version: u32, number: u64, purpose: Purpose },
    /// May rows be forgotten that you own under this version of the map?
    May { version: u32 },
    /// They may.
    Forget { version: u32 },
    /// The newest map that I have.
    Have { version: u32 },
    /// Maps that you may not have.
    Maps(Arc<[Shared]>),
    /// A global index is to learn of a write.
    Index { entry: Key, row: Row, of: Key },
    /// It has.
    Indexed { entry: Key, stamp: Stamp },
    /// What do you have of that which is mine under this version of the map? 0: I have lost my disk, and know of none.
    Restore { version: u32 },
    /// I still wait for what this version of the map lets you hand over to me.
    Waits { version: u32 },
    /// You need not: I have nothing for you.
    NoMore { version: u32 },
}

/// What a node tells a client.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is done.
    Done(Done),
    /// Another node has the key, by this map.
    Moved(Shared),
    /// It is not done.
    Refused(&'static str),
}

/// The kinds that are too common to stop at when they die.
pub(super) const QUIET: [u8; 3] = [8, 9, 14];

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Ask(_) => 0,
            Msg::Told { .. } => 1,
            Msg::Part { .. } => 2,
            Msg::Piece { .. } => 3,
            Msg::Copy { .. } => 4,
            Msg::Stored { .. } => 5,
            Msg::Rows(_) => 6,
            Msg::Took { .. } => 7,
            Msg::May { .. } | Msg::Forget { .. } => 8,
            Msg::Have { .. } => 9,
            Msg::Maps(_) => 10,
            Msg::Index { .. } => 11,
            Msg::Indexed { .. } => 12,
            Msg::Restore { .. } => 13,
            Msg::Waits { .. } | Msg::NoMore { .. } => 14,
        }
    }

    /// A header of 40 bytes, and what it carries.
    fn bytes(&self) -> u64 {
        40 + match self {
            Msg::Ask(Ask { what: What::Change { .. }, row_bytes, .. }) | Msg::Copy { row_bytes, .. } => u64::from(*row_bytes),
            Msg::Rows(batch) => u64::from(batch.row_bytes) * batch.rows.len() as u64,
            Msg::Piece { piece, .. } => u64::from(piece.row_bytes) * piece.rows.len() as u64,
            Msg::Told { answer: Answer::Moved(map), .. } => map.bytes(),
            Msg::Maps(maps) => maps.iter().map(|map| map.bytes()).sum(),
            Msg::Ask(_) | Msg::Told { .. } | Msg::Part { .. } | Msg::Index { .. } | Msg::Indexed { .. } | Msg::Stored { .. } => 16,
            Msg::Took { .. }
            | Msg::May { .. }
            | Msg::Forget { .. }
            | Msg::Have { .. }
            | Msg::Restore { .. }
            | Msg::Waits { .. }
            | Msg::NoMore { .. } => 0,
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::REQUEST,
        MessageDoc::REPLY,
        MessageDoc::new(Sign::Request, "part of a query", "a client asks a node for its part of a query"),
        MessageDoc::new(Sign::Reply, "part of an answer", "that part"),
        MessageDoc::new(Sign::Data, "copy", "the owner of a row has another node keep a copy"),
        MessageDoc::new(Sign::Ack, "stored", "the copy is on the disk"),
        MessageDoc::new(Sign::Data, "hand-over", "rows move to their new owner"),
        MessageDoc::new(Sign::Ack, "taken", "the new owner has them"),
        MessageDoc::new(Sign::Ack, "question whether rows may be forgotten", "a former owner asks whether the new one has everything"),
        MessageDoc::new(Sign::Gossip, "version of the map", "nodes tell each other which map they have"),
        MessageDoc::new(Sign::Vote, "map", "a newer map of who owns what"),
        MessageDoc::new(Sign::Data, "index entry", "a global index is to learn of a write"),
        MessageDoc::new(Sign::Ack, "indexed", "it has"),
        MessageDoc::new(Sign::Request, "question for what was lost", "a node that lost its disk asks the others for its rows"),
        MessageDoc::new(
            Sign::Request,
            "question whether more is to come",
            "a new owner asks a former one whether it still has rows for it",
        ),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask(ask) => ask_label(ask),
            Msg::Told { answer: Answer::Done(done), .. } => told(done),
            Msg::Told { answer: Answer::Moved(map), .. } => format!("moved, map {}", map.version),
            Msg::Told { answer: Answer::Refused(_), .. } => "refused".to_string(),
            Msg::Part { query, .. } => query.label(),
            Msg::Piece { piece, .. } => counted(piece.rows.len(), "key", "keys"),
            Msg::Copy { row, .. } => row.to_string(),
            Msg::Stored { .. } => "stored".to_string(),
            Msg::Rows(batch) if batch.last => format!("{}, the last", counted(batch.rows.len(), "key", "keys")),
            Msg::Rows(batch) => counted(batch.rows.len(), "key", "keys"),
            Msg::Took { .. } => "taken".to_string(),
            Msg::May { .. } => "forget?".to_string(),
            Msg::Forget { .. } => "forget".to_string(),
            Msg::Have { version } => format!("map {version}?"),
            Msg::Maps(maps) => format!("map {}", maps.last().map_or(0, |map| map.version)),
            Msg::Index { entry, .. } => entry.to_string(),
            Msg::Indexed { .. } => "indexed".to_string(),
            Msg::Restore { .. } => "what of mine?".to_string(),
            Msg::Waits { .. } => "more to come?".to_string(),
            Msg::NoMore { .. } => "no more".to_string(),
        }
    }
}

fn ask_label(ask: &Ask) -> String {
    let text = match &ask.what {
        What::Get { row, .. } => format!("get {row}"),
        What::Change { request, .. } => request.label(),
    };
    if ask.hops > 0 { format!("{text}, passed on") } else { text }
}

/// What a client was told, in a word or two.
pub(super) fn told(done: &Done) -> String {
    done.found.as_ref().map_or_else(|| register::told(&done.ret), |found| counted(found.len(), "key", "keys"))
}
