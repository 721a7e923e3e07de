//! What goes over the wire.

use std::sync::Arc;

use crate::algo::version::Dot;
use crate::check::operation::Ret;
use crate::cluster::kit::register;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;

use super::change::{Batch, Change, Context, Vector};
use super::request::Request;

/// A message between clients and leaders, or between leaders.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client asks. `seen`: what it has seen of the row. `picked`: this leader and no other.
    Ask { request: RequestId, ask: Arc<Request>, seen: Context, picked: bool },
    /// A leader answers its client.
    Told { request: RequestId, answer: Answer },
    /// Changes, in the order in which the sender took them in. `after`: the one that its stream had before the first of them.
    /// `with_past`: each says what it depends on.
    Changes { changes: Batch, after: Option<Dot<NodeId>>, with_past: bool },
    /// The sender has all changes up to these on its disk.
    Have { seen: Vector },
}

/// What a leader tells a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It was done.
    Done(Box<Done>),
    /// The home of the row is another leader.
    Elsewhere(NodeId),
    /// It did not and will not happen.
    Refused(String),
}

/// The result of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The result.
    pub ret: Ret,
    /// The word for it, where there is a better one.
    pub word: Option<&'static str>,
    /// The request whose write is seen first, or the write itself.
    pub wrote: Option<RequestId>,
    /// The requests of the siblings beside it.
    pub beside: Arc<[RequestId]>,
    /// The change that it made.
    pub dot: Option<Dot<NodeId>>,
    /// The writes that the row holds, so that what was seen can be judged; none of this travels.
    pub shows: Arc<[Arc<Change>]>,
    /// What the client has now seen of the row.
    pub seen: Context,
    /// What the leader has taken in of everybody; for the judges, it does not travel.
    pub applied: Vector,
}

packs!(struct Done { ret, word, wrote, beside, dot, shows, seen, applied });

impl Done {
    /// What the client is told, in a word or two.
    pub fn told(&self) -> String {
        self.word.map_or_else(|| register::told(&self.ret), str::to_string)
    }
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Ask { .. } => 0,
            Msg::Told { .. } => 1,
            Msg::Changes { .. } => 2,
            Msg::Have { .. } => 3,
        }
    }

    /// A header of 40 bytes, and what it carries.
    fn bytes(&self) -> u64 {
        40 + match self {
            Msg::Ask { .. } | Msg::Told { .. } => 16,
            Msg::Changes { changes, with_past, .. } => 8 + changes.iter().map(|change| change.bytes(*with_past)).sum::<u64>(),
            Msg::Have { seen } => 10 * seen.iter().count() as u64,
        }
    }
}

impl Msg {
    /// The changes that it carries.
    pub fn carried(&self) -> &[Arc<Change>] {
        if let Msg::Changes { changes, .. } = self { changes } else { &[] }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::REQUEST,
        MessageDoc::REPLY,
        MessageDoc::new(Sign::Data, "change", "writes of one leader go to the others"),
        MessageDoc::new(Sign::Ack, "confirmation", "a leader says up to where it has them"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask { ask, .. } => ask.label(),
            Msg::Told { answer: Answer::Done(done), .. } => done.told(),
            Msg::Told { answer: Answer::Elsewhere(home), .. } => format!("ask {home}"),
            Msg::Told { answer: Answer::Refused(_), .. } => "refused".to_string(),
            Msg::Changes { changes, .. } => match &changes[..] {
                [] => "no change".to_string(),
                [only] => only.label(),
                [first, rest @ ..] => format!("{}, +{}", first.label(), rest.len()),
            },
            Msg::Have { .. } => "has it".to_string(),
        }
    }
}
