//! What goes over the wire, and what is worth a sentence.

use std::sync::Arc;

use crate::check::operation::{Key, Ret};
use crate::cluster::NoteMark;
use crate::cluster::live::Labelled;
use crate::cluster::live::{Names, Worded};
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;
use crate::sim::trace::Leg;

use super::cell::{Cell, Context};
use super::request::Request;

/// The rows of some leaves of a Merkle tree.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Which leaves; none: these rows and no others.
    pub leaves: Arc<[u32]>,
    /// Their rows.
    pub rows: Arc<[(Key, Cell)]>,
    /// Whether the receiver sends back what it has in those leaves.
    pub both_ways: bool,
}

/// A message between clients and nodes, or between nodes.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client asks a node to coordinate.
    Ask { request: RequestId, ask: Arc<Request>, seen: Context },
    /// A coordinator answers its client.
    Told { request: RequestId, answer: Answer },
    /// Store this; `stands_for`: as a hint for that replica.
    Put { request: RequestId, key: Key, cell: Cell, stands_for: Option<NodeId> },
    /// It is on the disk.
    Stored { request: RequestId, stands_for: Option<NodeId> },
    /// There is no room for it.
    Full { request: RequestId, stands_for: Option<NodeId> },
    /// What do you have of this key, or for that replica?
    Get { request: RequestId, key: Key, stands_for: Option<NodeId> },
    /// This.
    Found { request: RequestId, cell: Option<Cell>, stands_for: Option<NodeId> },
    /// A read found a newer version than yours.
    Mend { key: Key, cell: Cell },
    /// A hint is handed over to the replica that it is for.
    Hand { key: Key, cell: Cell },
    /// The replica has it on its disk.
    Took { key: Key, cell: Cell },
    /// Anti-entropy: the hashes of some nodes of the sender's Merkle tree.
    Compare { nodes: Arc<[(u32, u64)]> },
    /// Anti-entropy: the rows of the leaves that differ.
    Rows(Branch),
}

/// What a coordinator tells its client.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Enough replicas answered.
    Done(Done),
    /// Too few will: a write may be on some of them.
    TooFew(String),
    /// Nobody was asked.
    Refused(&'static str),
}

/// The result of a request that enough replicas answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The result.
    pub ret: Ret,
    /// The request whose write a read saw, or the write itself.
    pub wrote: Option<RequestId>,
    /// The requests of the siblings beside it.
    pub beside: Arc<[RequestId]>,
    /// What the client has now seen of the key.
    pub seen: Context,
}

packs!(struct Done { ret, wrote, beside, seen });

/// The kinds of what a coordinator asks replicas, and of their answers.
const ASKED: std::ops::RangeInclusive<u8> = 2..=6;

/// Whether a message is a coordinator's question to a replica, or the answer to one.
pub(super) fn is_of_a_request(leg: &Leg) -> bool {
    ASKED.contains(&leg.kind)
}

/// The kind of anti-entropy's comparisons.
pub(super) const COMPARE: usize = 10;

impl Wire for Msg {
    fn kind(&self) -> u8 {
        self.kind_number() as u8
    }

    /// A header of 40 bytes, and what it carries.
    fn bytes(&self) -> u64 {
        40 + match self {
            Msg::Ask { .. } | Msg::Told { .. } | Msg::Get { .. } => 16,
            Msg::Put { cell, .. } | Msg::Mend { cell, .. } | Msg::Hand { cell, .. } | Msg::Took { cell, .. } => cell.bytes(),
            Msg::Found { cell, .. } => cell.as_ref().map_or(0, Cell::bytes),
            Msg::Stored { .. } | Msg::Full { .. } => 0,
            Msg::Compare { nodes } => 12 * nodes.len() as u64,
            Msg::Rows(branch) => branch.rows.iter().map(|(_, cell)| 16 + cell.bytes()).sum(),
        }
    }
}

impl Msg {
    /// Its place in [`Labelled::KINDS`].
    fn kind_number(&self) -> usize {
        match self {
            Msg::Ask { .. } => 0,
            Msg::Told { .. } => 1,
            Msg::Put { stands_for: None, .. } => 2,
            Msg::Put { .. } => 3,
            Msg::Stored { .. } | Msg::Full { .. } => 4,
            Msg::Get { .. } => 5,
            Msg::Found { .. } => 6,
            Msg::Mend { .. } => 7,
            Msg::Hand { .. } => 8,
            Msg::Took { .. } => 9,
            Msg::Compare { .. } => COMPARE,
            Msg::Rows(_) => 11,
        }
    }

    /// The copies that it carries.
    pub fn carried(&self) -> impl Iterator<Item = (&Key, &Cell)> {
        let (one, rows) = match self {
            Msg::Put { key, cell, .. } | Msg::Mend { key, cell } | Msg::Hand { key, cell } => (Some((key, cell)), &[][..]),
            Msg::Rows(rows) => (None, &rows.rows[..]),
            _ => (None, &[][..]),
        };
        one.into_iter().chain(rows.iter().map(|(key, cell)| (key, cell)))
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::REQUEST,
        MessageDoc::REPLY,
        MessageDoc::new(Sign::Data, "write", "the coordinator has a replica store a version"),
        MessageDoc::new(Sign::Data, "hint", "another server keeps a write for a replica that is away"),
        MessageDoc::new(Sign::Ack, "stored", "a replica has it on its disk"),
        MessageDoc::new(Sign::Request, "read", "the coordinator asks a replica what it has"),
        MessageDoc::new(Sign::Reply, "copy", "what a replica has"),
        MessageDoc::new(Sign::Data, "read repair", "a read met an older copy, and sends it the newer one"),
        MessageDoc::new(Sign::Data, "hand-over", "a hint goes to the replica that it is for"),
        MessageDoc::new(Sign::Ack, "taken", "that replica has it"),
        MessageDoc::new(Sign::Gossip, "comparison", "anti-entropy: hashes of a Merkle tree are compared"),
        MessageDoc::new(Sign::Data, "rows", "anti-entropy: the rows that differ"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask { ask, .. } => ask.label(),
            Msg::Told { answer: Answer::Done(done), .. } => told(&done.ret),
            Msg::Told { answer: Answer::TooFew(_), .. } => "too few".to_string(),
            Msg::Told { answer: Answer::Refused(_), .. } => "refused".to_string(),
            Msg::Put { key, cell, stands_for: Some(home), .. } => format!("{}, for {home}", held(key, cell)),
            Msg::Put { key, cell, .. } => held(key, cell),
            Msg::Stored { .. } => "stored".to_string(),
            Msg::Full { .. } => "full".to_string(),
            Msg::Get { key, .. } => format!("read {key}"),
            Msg::Found { cell: Some(cell), .. } => format!("{}, {}", word(cell), cell.version()),
            Msg::Found { cell: None, .. } => "nil".to_string(),
            Msg::Mend { key, cell } => format!("{}, repair", held(key, cell)),
            Msg::Hand { key, cell } => format!("{}, hint", held(key, cell)),
            Msg::Took { .. } => "has it".to_string(),
            Msg::Compare { nodes } => match nodes[..] {
                [(1, _)] => "same?".to_string(),
                _ => format!("same?, {} parts", nodes.len()),
            },
            Msg::Rows(rows) => count(rows.rows.len(), "row", "rows"),
        }
    }
}

/// `x=7`, or `x gone`.
fn held(key: &Key, cell: &Cell) -> String {
    if cell.is_tombstone() { format!("{key} gone") } else { format!("{key}={}", word(cell)) }
}

/// The value of a copy: `7`, or `gone`.
pub(super) fn word(cell: &Cell) -> String {
    cell.value().map_or_else(|| "gone".to_string(), |value| value.to_string())
}

fn told(ret: &Ret) -> String {
    match ret {
        Ret::Value(Some(value)) => value.to_string(),
        Ret::Value(None) => "nil".to_string(),
        _ => "ok".to_string(),
    }
}

/// `1 row`, `2 rows`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// What a node does that is worth a sentence.
#[derive(Clone, Debug)]
pub enum Note {
    /// A coordinator has enough answers for a request: `last` is the replica that decided it.
    Decided { request: RequestId, is_write: bool, answers: usize, last: NodeId },
    /// A read found that these replies were behind the newest one.
    Behind { key: Key, behind: usize, waits: bool },
    /// A coordinator cannot get enough answers any more, or did not in time.
    TooFew { request: RequestId, is_write: bool, answers: usize, needed: usize, full: usize },
    /// A copy became newer by read repair, a hint or anti-entropy.
    Mended { by: Mending, rows: usize },
    /// Another node is asked to stand in for a replica that did not answer.
    StandsIn { home: NodeId, holder: NodeId },
    /// A hint was delivered and is forgotten.
    HandedOver { home: NodeId, key: Key },
    /// A hint became too old and is forgotten undelivered.
    HintExpired { home: NodeId, key: Key },
    /// The grace period of a tombstone is over: the key is forgotten.
    Purged { key: Key, cell: Cell },
    /// Its disk is full.
    DiskFull,
    /// It fills another node with its rows.
    Rebuilds { to: NodeId, rows: usize },
}

/// What brought a newer version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// A read that had seen it elsewhere.
    Read,
    /// The node that kept it as a hint.
    Hint,
    /// Anti-entropy.
    Entropy,
    /// Another server that sent all that it has, old or new.
    Rebuild,
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(self, Note::Decided { .. } | Note::Behind { .. })
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Mended { .. } | Note::HandedOver { .. } | Note::Rebuilds { .. } => NoteMark::Applies,
            Note::Decided { .. } | Note::StandsIn { .. } => NoteMark::Decides,
            Note::Purged { .. } | Note::HintExpired { .. } => NoteMark::Discards,
            Note::TooFew { .. } | Note::DiskFull => NoteMark::Refuses,
            Note::Behind { .. } => NoteMark::Small,
        }
    }

    fn text(&self, me: NodeId, _: Names<'_>) -> String {
        match self {
            Note::Decided { is_write, answers, last, .. } => {
                let done = if *is_write { "stored it" } else { "answered" };
                format!("{me} has enough: {} {done}, {last} decided.", count(*answers, "replica", "replicas"))
            }
            Note::Behind { key, behind, waits } => {
                let (are, them) = if *behind == 1 { ("is", "it") } else { ("are", "them") };
                let when = if *waits { " before it answers" } else { "" };
                format!("{me} sees that {} of {key} {are} old, and mends {them}{when}.", count(*behind, "copy", "copies"))
            }
            Note::TooFew { answers, needed, full, is_write, .. } => {
                let done = if *is_write { "stored it" } else { "answered" };
                let full = if *full > 0 { format!("; {} full", count(*full, "disk is", "disks are")) } else { String::new() };
                format!("{me} has too few: {answers} of {needed} {done}{full}.")
            }
            Note::Mended { by, rows } => {
                let by = match by {
                    Mending::Read => "a read",
                    Mending::Hint => "a hint",
                    Mending::Entropy => "anti-entropy",
                    Mending::Rebuild => {
                        return format!(
                            "{me} takes {} from the copy that it was sent: as new as that one is, and no newer.",
                            count(*rows, "key", "keys")
                        );
                    }
                };
                format!("{me} has a newer version of {}: {by} brought it.", count(*rows, "key", "keys"))
            }
            Note::StandsIn { home, holder } => format!("{me} hears nothing from {home}, so {holder} keeps a hint for it."),
            Note::HandedOver { home, key } => format!("{me} handed {key} over to {home} and forgets the hint."),
            Note::HintExpired { home, key } => format!("{me} kept a hint of {key} for {home} too long and throws it away."),
            Note::Purged { key, .. } => format!("{me} forgets that {key} was deleted: the grace period of its tombstone is over."),
            Note::DiskFull => format!("{me} cannot write: its disk is full."),
            Note::Rebuilds { to, rows } => format!("{me} sends {to} all that it has: {}.", count(*rows, "key", "keys")),
        }
    }
}
