//! Messages, wires, and what happens to them.

use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::{Span, Time};

/// The sign of a message: its look on stage, timeline and in queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// A client's request, or work: ▸.
    Request,
    /// The answer to one: ◂.
    Reply,
    /// Data between servers: ◆.
    Data,
    /// An acknowledgement between servers: ◇, quiet.
    Ack,
    /// Election, configuration, decision: ◇.
    Vote,
    /// I am alive: •.
    Heartbeat,
    /// Rumours between members: ○.
    Gossip,
}

impl Sign {
    /// Every sign.
    pub const ALL: [Sign; 7] = [Sign::Request, Sign::Reply, Sign::Data, Sign::Ack, Sign::Vote, Sign::Heartbeat, Sign::Gossip];

    /// Whether it is there all the time, so that a single one is no news.
    pub fn is_quiet(self) -> bool {
        matches!(self, Sign::Ack | Sign::Heartbeat)
    }
}

/// What a message is for: a sign for the eye, and the word that its model has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlightKind {
    /// How it looks.
    pub sign: Sign,
    /// What it is called in a sentence: `heartbeat`, `read repair`, `delivery`.
    pub word: &'static str,
}

impl FlightKind {
    /// What a client asks.
    pub const REQUEST: FlightKind = FlightKind::new(Sign::Request, "request");
    /// What it is answered.
    pub const REPLY: FlightKind = FlightKind::new(Sign::Reply, "reply");

    /// A kind of messages.
    pub const fn new(sign: Sign, word: &'static str) -> FlightKind {
        FlightKind { sign, word }
    }
}

/// A kind of messages, and what one of them says or is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageDoc {
    /// The kind.
    pub kind: FlightKind,
    /// In a few words, without a full stop.
    pub about: &'static str,
}

impl MessageDoc {
    /// What a client asks.
    pub const REQUEST: MessageDoc = MessageDoc { kind: FlightKind::REQUEST, about: "a client asks" };
    /// What it is answered.
    pub const REPLY: MessageDoc = MessageDoc { kind: FlightKind::REPLY, about: "a client is answered" };

    /// A kind of messages with this sign and word.
    pub const fn new(sign: Sign, word: &'static str, about: &'static str) -> MessageDoc {
        MessageDoc { kind: FlightKind::new(sign, word), about }
    }
}

/// What will become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It will arrive.
    Arrives,
    /// It will be lost on the wire (it moves until then).
    Lost,
    /// It is held where it is.
    Held,
    /// A cut stands in its way now.
    Walled,
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct FlightView {
    /// Its number, for `drop #12`.
    pub id: MsgId,
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// 0 at the sender, 1 at the receiver: the part of its way that it has gone, without the time that it was held.
    pub progress: f64,
    /// What it is for.
    pub kind: FlightKind,
    /// What it says, short: `append x=9`. What comes before a comma can stand alone where room is scarce.
    pub label: String,
    /// What will become of it.
    pub fate: Fate,
    /// When it was sent.
    pub sent: Time,
    /// When it arrives or dies, as things are now.
    pub due: Time,
}

/// Many messages on one way, as a rate.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowView {
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// Messages a second; 0 for a way that is open and not used.
    pub rate: f64,
    /// Of these, the share that comes to nothing: refused or lost; 0 to 1.
    pub errors: f64,
    /// One message among them that is followed by name, at the speed of a real one.
    pub sample: Option<Sample>,
    /// What stops it or lets little through, such as a breaker: `open 3 s`; empty for a free way.
    pub note: String,
}

/// The one message of a flow that is followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its number.
    pub id: MsgId,
    /// 0 at the sender, 1 at the receiver.
    pub progress: f64,
    /// What it says, short: `view`.
    pub label: String,
}

/// A wire.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkView {
    /// One end.
    pub a: NodeId,
    /// The other end.
    pub b: NodeId,
    /// Whether a cut stops messages from `a` to `b`.
    pub cut_ab: bool,
    /// Whether a cut stops messages from `b` to `a`.
    pub cut_ba: bool,
    /// Something unusual in a word or two, such as `loss 20%`; empty when normal.
    pub note: String,
}

/// A cut in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WallView {
    /// One side.
    pub left: Vec<NodeId>,
    /// The other side.
    pub right: Vec<NodeId>,
    /// Whether messages from left to right only are stopped.
    pub one_way: bool,
}

/// Something that just happened, to be marked for a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Spark {
    /// What happened.
    pub kind: SparkKind,
    /// How long ago, in virtual time.
    pub age: Span,
    /// From where.
    pub from: NodeId,
    /// To where (the same as `from` when it is about one node).
    pub to: NodeId,
    /// Where on the way from `from` to `to`, 0 to 1.
    pub progress: f64,
    /// A word: why it was lost, or what arrived.
    pub label: String,
}

/// What a spark marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SparkKind {
    /// A message died: ✕.
    Lost,
    /// A message was recognised as a copy of one that had arrived, and thrown away.
    Copy,
    /// A node refused something.
    Refused,
    /// A node changed its role.
    Changed,
}
