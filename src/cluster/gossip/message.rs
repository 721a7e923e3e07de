//! What goes over the wire, and what clients ask and are told.

use std::fmt;
use std::sync::Arc;

use crate::check::operation::Key;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;

use super::belief::Update;
use super::rumour::Rumour;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Tell a member something that is to reach all.
    Start(Key),
    /// Whom the member believes alive.
    Members,
}

packs!(enum Op { 0 = Start { 0: key }, 1 = Members {} });
packs!(enum Ret { 0 = Started {}, 1 = Known {}, 2 = Members { alive: alive, suspect: suspect, dead: dead } });

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ret {
    /// The rumour is out.
    Started,
    /// The member had heard it already.
    Known,
    /// How many it believes alive, itself included; whom it suspects, and whom it holds for dead.
    Members { alive: usize, suspect: Vec<NodeId>, dead: Vec<NodeId> },
}

/// So many names are told; of more, how many.
const NAMES_MAX: usize = 3;

/// `n3 n5`, `n3 n5 n6 +2`.
pub(super) fn names(ids: &[NodeId]) -> String {
    let told: Vec<String> = ids.iter().take(NAMES_MAX).map(ToString::to_string).collect();
    let more = ids.len() - told.len();
    if more == 0 { told.join(" ") } else { format!("{} +{more}", told.join(" ")) }
}

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ret::Started => f.write_str("ok"),
            Ret::Known => f.write_str("known"),
            Ret::Members { alive, suspect, dead } => {
                write!(f, "{alive} alive")?;
                if !suspect.is_empty() {
                    write!(f, ", suspect {}", names(suspect))?;
                }
                if !dead.is_empty() {
                    write!(f, ", dead {}", names(dead))?;
                }
                Ok(())
            }
        }
    }
}

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client asks.
    Ask { request: RequestId, op: Op },
    /// A member answers.
    Told { request: RequestId, answer: Result<Ret, &'static str> },
    /// A member talks to a member.
    Talk(Talk),
}

/// What one member says to another.
#[derive(Clone, Debug)]
pub struct Talk {
    /// The sender's incarnation: that it speaks says that it lives.
    pub incarnation: u32,
    /// News about members that ride along.
    pub news: Vec<Update>,
    /// What it is for.
    pub body: Body,
}

/// What members talk for.
#[derive(Clone, Debug)]
pub enum Body {
    /// Are you there? The number comes back.
    Ping(u64),
    /// I am: the answer to the ping of this number.
    Ack(u64),
    /// Ping this one for me, and bring its answer under this number.
    PingFor { target: NodeId, number: u64 },
    /// I am alive.
    Heartbeat,
    /// Everything that I know of members; tell me yours.
    Sync(Arc<[Update]>),
    /// Everything that I know of members.
    Synced(Arc<[Update]>),
    /// These rumours are told.
    Push(Arc<[Rumour]>),
    /// Which rumours are told?
    Pull,
    /// These are told; which do you tell?
    Exchange(Arc<[Rumour]>),
    /// These are told, as you asked.
    Answer(Arc<[Rumour]>),
    /// Of the rumours with these numbers, whether they were news.
    Feedback(Vec<(u32, bool)>),
}

/// The kinds that are there all the time: their deaths are no news.
const QUIET: [u8; 3] = [2, 5, 8];

/// Whether the death of a message of this kind is too common to stop at.
pub(super) fn is_quiet(kind: u8) -> bool {
    QUIET.contains(&kind)
}

/// Bytes of one piece of news: whom, which incarnation, what, by whom.
const NEWS_BYTES: u64 = 12;

impl Wire for Msg {
    fn kind(&self) -> u8 {
        let Msg::Talk(talk) = self else { return u8::from(matches!(self, Msg::Told { .. })) };
        match talk.body {
            Body::Ping(_) => 2,
            Body::Ack(_) => 3,
            Body::PingFor { .. } => 4,
            Body::Heartbeat => 5,
            Body::Sync(_) | Body::Synced(_) => 6,
            Body::Push(_) | Body::Exchange(_) | Body::Answer(_) => 7,
            Body::Pull => 8,
            Body::Feedback(_) => 9,
        }
    }

    /// A header of 40 bytes, and what it carries.
    fn bytes(&self) -> u64 {
        let Msg::Talk(Talk { news, body, .. }) = self else { return 60 };
        let rumours = |all: &[Rumour]| all.iter().map(|rumour| 6 + rumour.word.len() as u64).sum();
        let carried = match body {
            Body::Ping(_) | Body::Ack(_) => 4,
            Body::PingFor { .. } => 6,
            Body::Heartbeat | Body::Pull => 0,
            Body::Sync(all) | Body::Synced(all) => NEWS_BYTES * all.len() as u64,
            Body::Push(all) | Body::Exchange(all) | Body::Answer(all) => rumours(all),
            Body::Feedback(all) => 5 * all.len() as u64,
        };
        44 + NEWS_BYTES * news.len() as u64 + carried
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::REQUEST,
        MessageDoc::REPLY,
        MessageDoc::new(Sign::Heartbeat, "ping", "SWIM: do you live?"),
        MessageDoc::new(Sign::Ack, "answer", "yes, I do"),
        MessageDoc::new(Sign::Vote, "request to ping", "SWIM: ping that one for me, I hear nothing from it"),
        MessageDoc::new(Sign::Heartbeat, "heartbeat", "\"I am alive\", to everybody"),
        MessageDoc::new(Sign::Gossip, "exchange of views", "two members compare all that they know"),
        MessageDoc::new(Sign::Data, "rumour", "news for another member"),
        MessageDoc::new(Sign::Gossip, "call for rumours", "what do you know that I do not?"),
        MessageDoc::new(Sign::Ack, "feedback", "I knew that already"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask { op: Op::Start(word), .. } => format!("rumour {word}"),
            Msg::Ask { op: Op::Members, .. } => "members?".to_string(),
            Msg::Told { answer: Ok(ret), .. } => ret.to_string(),
            Msg::Told { answer: Err(_), .. } => "refused".to_string(),
            Msg::Talk(talk) => talk.label(),
        }
    }
}

impl Talk {
    fn label(&self) -> String {
        let told = |all: &[Rumour]| match all {
            [] => "nothing".to_string(),
            [one] => one.word.to_string(),
            [one, more @ ..] => format!("{} +{}", one.word, more.len()),
        };
        let body = match &self.body {
            Body::Ping(_) => "ping".to_string(),
            Body::Ack(_) => "here".to_string(),
            Body::PingFor { target, .. } => format!("ping {target}?"),
            Body::Heartbeat => "alive".to_string(),
            Body::Sync(all) | Body::Synced(all) => format!("all: {}", all.len()),
            Body::Push(all) | Body::Answer(all) | Body::Exchange(all) => told(all),
            Body::Pull => "news?".to_string(),
            Body::Feedback(all) => if all.iter().any(|(_, new)| *new) { "new" } else { "knew it" }.to_string(),
        };
        match &self.news[..] {
            [] => body,
            [one] => format!("{body}, {}", one.label()),
            [one, more @ ..] => format!("{body}, {} +{}", one.label(), more.len()),
        }
    }
}
