//! What goes over the wire, and what is worth a sentence.

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::Labelled;
use crate::cluster::live::{Names, Worded};
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;

use super::queue::Receipt;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Put a message into the queue.
    Send {
        /// The business key; `None`: the client makes one.
        key: Option<Key>,
        /// The group within which order matters.
        group: Option<Key>,
        /// Whether it goes before others.
        urgent: bool,
    },
    /// How many there are.
    Count,
}

packs!(enum Op { 0 = Send { key: key, group: group, urgent: urgent }, 1 = Count {} });

impl Op {
    /// The business key of a send: the same at each attempt.
    pub fn key(&self, request: RequestId) -> Option<Key> {
        match self {
            Op::Send { key, .. } => Some(key.clone().unwrap_or_else(|| made_for(request))),
            Op::Count => None,
        }
    }
}

/// The key that a client makes.
fn made_for(request: RequestId) -> Key {
    format!("m{}", request.0 + 1).as_str().into()
}

/// The request for which a client would have made a key; `None`: for none.
pub(super) fn made_by(key: &Key) -> Option<RequestId> {
    key.strip_prefix('m')?.parse::<u32>().ok()?.checked_sub(1).map(RequestId)
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ret {
    /// The queue has it.
    Accepted,
    /// The queue had it already: a double was recognised.
    Known,
    /// It went out; nobody says more.
    Sent,
    /// So many are ready (or delayed), in flight, and dead.
    Counted { ready: usize, in_flight: usize, dead: usize },
}

packs!(enum Ret { 0 = Accepted {}, 1 = Known {}, 2 = Sent {}, 3 = Counted { ready: ready, in_flight: in_flight, dead: dead } });

/// What a worker gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it shows to settle it.
    pub receipt: Receipt,
    /// The business key.
    pub key: Key,
    /// The group within which order matters.
    pub group: Option<Key>,
    /// Which hand-out this is, from 1.
    pub attempt: u32,
}

/// What the database says to a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It took effect.
    New,
    /// It had taken effect before: nothing is done.
    Again,
    /// A newer receipt was here: the sender was overtaken.
    Fenced,
    /// There is no room for it.
    Full,
}

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client sends a message, or asks how many there are.
    Ask { request: RequestId, op: Op },
    /// The broker answers.
    Told { request: RequestId, answer: Result<Ret, &'static str> },
    /// A worker has room for so many; the newest receipt it has got.
    Poll { room: u32, newest: Receipt },
    /// The broker hands out a message.
    Deliver(Job),
    /// The queue may forget it. `wait`: the worker waits for the answer.
    Ack { receipt: Receipt, key: Key, wait: bool },
    /// Whether the queue has forgotten it.
    Acked { receipt: Receipt, ok: bool },
    /// The worker gives it back.
    Refuse { receipt: Receipt, key: Key },
    /// The worker needs more time.
    Renew { receipt: Receipt },
    /// A worker writes the result of its work.
    Apply(Job),
    /// What became of it.
    Applied { receipt: Receipt, verdict: Verdict },
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        self.kind_of() as u8
    }

    /// A header of 40 bytes, and what it carries.
    fn bytes(&self) -> u64 {
        let payload = match self {
            Msg::Ask { op: Op::Send { key: Some(key), .. }, .. } => key.len() as u64,
            Msg::Deliver(job) | Msg::Apply(job) => job.key.len() as u64 + 8,
            Msg::Ack { .. } | Msg::Refuse { .. } => 8,
            _ => 4,
        };
        40 + payload
    }
}

/// What a message on the wire is for; its number in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A client sends, or asks.
    Send,
    /// The broker answers a client.
    Confirm,
    /// A message is handed out.
    Delivery,
    /// A worker has done, or gives back, what it had; or is told that it may begin.
    Ack,
    /// A result of some work.
    Result,
    /// What became of it.
    Written,
    /// A worker has room, or needs more time.
    Poll,
}

impl Msg {
    /// What it is for.
    fn kind_of(&self) -> Kind {
        match self {
            Msg::Ask { .. } => Kind::Send,
            Msg::Told { .. } => Kind::Confirm,
            Msg::Deliver(_) => Kind::Delivery,
            Msg::Ack { .. } | Msg::Acked { .. } | Msg::Refuse { .. } => Kind::Ack,
            Msg::Apply(_) => Kind::Result,
            Msg::Applied { .. } => Kind::Written,
            Msg::Poll { .. } | Msg::Renew { .. } => Kind::Poll,
        }
    }

    /// The message that somebody who gets this may yet do, by its key.
    pub fn carried(&self) -> Option<Key> {
        match self {
            Msg::Deliver(job) | Msg::Apply(job) => Some(job.key.clone()),
            Msg::Ask { request, op } => op.key(*request),
            _ => None,
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Request, "send", "a producer puts a message into the queue, or asks how many there are"),
        MessageDoc::new(Sign::Reply, "confirmation", "the broker answers: it has the message, or why not"),
        MessageDoc::new(Sign::Data, "delivery", "the broker hands a message to a worker"),
        MessageDoc::new(Sign::Vote, "acknowledgement", "a worker says done, or gives it back; the broker confirms"),
        MessageDoc::new(Sign::Request, "result", "a worker writes what came of its work into the database"),
        MessageDoc::new(Sign::Reply, "answer of the database", "whether that result counts"),
        MessageDoc::new(Sign::Heartbeat, "poll", "a worker has room for more, or needs more time"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask { request, op } => op.key(*request).map_or_else(|| "count".to_string(), |key| format!("send {key}")),
            Msg::Told { answer: Ok(ret), .. } => ret.to_string(),
            Msg::Told { answer: Err(why), .. } => (*why).to_string(),
            Msg::Poll { .. } => "poll".to_string(),
            Msg::Deliver(job) => job.key.to_string(),
            Msg::Ack { key, .. } => format!("ack {key}"),
            Msg::Acked { ok: true, .. } => "forgotten".to_string(),
            Msg::Acked { ok: false, .. } => "not yours".to_string(),
            Msg::Refuse { key, .. } => format!("back {key}"),
            Msg::Renew { .. } => "renew".to_string(),
            Msg::Apply(job) => format!("write {}", job.key),
            Msg::Applied { verdict, .. } => verdict.word().to_string(),
        }
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::New => "done",
            Verdict::Again => "done before",
            Verdict::Fenced => "too late",
            Verdict::Full => "disk full",
        }
    }
}

impl std::fmt::Display for Ret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ret::Accepted => f.write_str("ok"),
            Ret::Known => f.write_str("ok, known"),
            Ret::Sent => f.write_str("sent"),
            Ret::Counted { ready, in_flight, dead } => write!(f, "{ready} ready, {in_flight} in flight, {dead} dead"),
        }
    }
}

/// What is worth a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// The broker took a message in.
    Accepted { request: RequestId, key: Key, group: Option<Key> },
    /// The broker recognised a double of a send.
    Double { key: Key },
    /// The broker handed a message to a worker.
    Handed { job: Job, worker: NodeId },
    /// The broker has forgotten a message.
    Settled { key: Key },
    /// A lease ended: others get the message.
    Expired { key: Key, worker: NodeId },
    /// A message was given back.
    Returned { key: Key, worker: NodeId },
    /// A message was handed out as often as is allowed and is out of the queue.
    Spent { key: Key },
    /// A message became a dead letter.
    Parked { key: Key, attempts: u32 },
    /// Somebody showed an old receipt.
    Outdated { worker: NodeId },
    /// The broker's disk is full: nothing changes.
    Full,
    /// A worker began its work.
    Began { key: Key },
    /// A worker did its work.
    Did { key: Key },
    /// The work on a message failed.
    Failed { key: Key, crash: bool },
    /// A worker knows the key: it has done it before.
    Skipped { key: Key },
    /// A worker got no answer.
    GaveUp { key: Key, from: NodeId },
    /// A worker did not begin: the queue says that the message is not its own.
    NotMine { key: Key },
    /// A worker that died of its work runs again.
    Restarted,
    /// The database has a result.
    Effect { key: Key },
    /// The database had the result already.
    Again { key: Key },
    /// The database refuses a worker that was overtaken.
    Fenced { key: Key },
    /// An operator sent so many dead letters back.
    Redriven { count: usize },
    /// An operator threw so many messages away.
    Purged { keys: Vec<Key> },
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(
            self,
            Note::Handed { job: Job { attempt: 1, .. }, .. }
                | Note::Began { .. }
                | Note::Accepted { .. }
                | Note::Settled { .. }
                | Note::Spent { .. }
        )
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Effect { .. } | Note::Did { .. } => NoteMark::Applies,
            Note::Expired { .. } | Note::Returned { .. } | Note::Redriven { .. } | Note::Restarted => NoteMark::Decides,
            Note::Parked { .. } | Note::Purged { .. } | Note::Failed { .. } | Note::GaveUp { .. } => NoteMark::Discards,
            Note::Again { .. } | Note::Double { .. } | Note::Fenced { .. } | Note::Outdated { .. } | Note::Full | Note::NotMine { .. } => {
                NoteMark::Refuses
            }
            Note::Accepted { .. }
            | Note::Handed { .. }
            | Note::Settled { .. }
            | Note::Began { .. }
            | Note::Skipped { .. }
            | Note::Spent { .. } => NoteMark::Small,
        }
    }

    fn text(&self, who: NodeId, name: Names<'_>) -> String {
        let who = name(who);
        match self {
            Note::Accepted { key, group: None, .. } => format!("{who} takes {key} in"),
            Note::Accepted { key, group: Some(group), .. } => format!("{who} takes {key} of group {group} in"),
            Note::Double { key } => format!("{who} knows {key} already and drops the double"),
            Note::Handed { job: Job { key, attempt: 1, .. }, worker } => format!("{who} hands {key} to {}", name(*worker)),
            Note::Handed { job: Job { key, attempt, .. }, worker } => {
                format!("{who} hands {key} to {}, for the {} time", name(*worker), nth(*attempt))
            }
            Note::Settled { key } => format!("{who} forgets {key}"),
            Note::Expired { key, worker } => format!("{who} heard nothing of {key} from {} in time; others get it", name(*worker)),
            Note::Returned { key, worker } => format!("{} gives {key} back", name(*worker)),
            Note::Spent { key } => format!("{who} takes {key} out: it was handed out as often as is allowed"),
            Note::Parked { key, attempts } => format!("{who} puts {key} with the dead letters after {attempts} hand-outs"),
            Note::Outdated { worker } => format!("{who} ignores an old receipt of {}", name(*worker)),
            Note::Full => format!("the disk of {who} is full; nothing changes"),
            Note::Began { key } => format!("{who} begins {key}"),
            Note::Did { key } => format!("{who} did {key}"),
            Note::Failed { key, crash: false } => format!("{who} fails at {key}"),
            Note::Failed { key, crash: true } => format!("{who} dies of {key} and loses all it had"),
            Note::Skipped { key } => format!("{who} remembers {key} and does not do it again"),
            Note::GaveUp { key, from } => format!("{who} got no answer about {key} from {} and lets it go", name(*from)),
            Note::NotMine { key } => format!("{who} does not begin {key}: it is not its own any more"),
            Note::Restarted => format!("{who} runs again"),
            Note::Effect { key } => format!("{key} takes effect"),
            Note::Again { key } => format!("{who} has {key} already: nothing is done twice"),
            Note::Fenced { key } => format!("{who} refuses {key}: a newer receipt was here"),
            Note::Redriven { count } => format!("{who} sends {count} dead letters back into the queue"),
            Note::Purged { keys } => format!("{who} throws {} messages away", keys.len()),
        }
    }
}

fn nth(n: u32) -> String {
    let end = match (n % 10, n % 100) {
        (1, n) if n != 11 => "st",
        (2, n) if n != 12 => "nd",
        (3, n) if n != 13 => "rd",
        _ => "th",
    };
    format!("{n}{end}")
}
