//! What happened, event by event, for narration and diagrams. Whether it is kept never changes a run.

use super::id::{MsgId, NodeId};
use super::time::Time;

/// One line of the trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<N> {
    /// The event during which it happened.
    pub event: u64,
    /// When.
    pub at: Time,
    /// What.
    pub what: Trace<N>,
}

/// What a trace line tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Trace<N> {
    /// A message arrived.
    Arrived(Leg),
    /// A message died.
    Lost(Leg, Death),
    /// A protocol noted something about a node.
    Note(NodeId, N),
    /// Something happened to a node that nobody did.
    Fault(NodeId, Fault),
}

/// What happens to nodes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It failed.
    Failed,
    /// It was repaired, and boots.
    Repaired,
}

/// One message's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Its number.
    pub id: MsgId,
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// When it was sent.
    pub sent: Time,
    /// The protocol's number for its kind.
    pub kind: u8,
}

impl Leg {
    /// Whether it runs over the connection of a client with a server, and not between servers.
    #[inline]
    pub fn is_on_connection(&self) -> bool {
        self.from.is_client() || self.to.is_client()
    }
}

/// Why a message died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The link lost it.
    Loss,
    /// A cut stood in its way when it should have arrived.
    Cut,
    /// The receiver was down.
    Down,
    /// Somebody dropped it.
    Dropped,
    /// The receiver's inbox was full.
    InboxFull,
    /// Too many messages were on their way already.
    NetworkFull,
    /// Another copy of it arrived before, and the connection lets only one through.
    Repeated,
}

impl Death {
    /// In a word or two.
    pub const fn why(self) -> &'static str {
        match self {
            Death::Loss => "lost",
            Death::Cut => "cut",
            Death::Down => "down",
            Death::Dropped => "dropped",
            Death::InboxFull => "inbox full",
            Death::NetworkFull => "network full",
            Death::Repeated => "a copy",
        }
    }
}
