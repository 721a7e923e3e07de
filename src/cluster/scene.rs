//! What is on the stage: plain data that clusters fill and screens draw.

use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::{Span, Time};

/// A picture of the cluster at one moment. Fill it with [`Scene::clear`] first; vectors are reused between frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// The moment shown; at or after the cluster's last event.
    pub at: Time,
    /// Settings in a few words: `async · failover after 300 ms · no fencing`.
    pub caption: String,
    /// Zones (data centres, regions) in the order they are laid out; empty when there is only one place.
    pub zones: Vec<String>,
    /// Servers, in the order of their numbers.
    pub nodes: Vec<NodeView>,
    /// Clients, in the order of their numbers.
    pub clients: Vec<ClientView>,
    /// Wires worth drawing (who talks to whom); pairs once, lower node first.
    pub links: Vec<LinkView>,
    /// Messages on their way, in the order of their numbers.
    pub flights: Vec<FlightView>,
    /// Cuts in force.
    pub walls: Vec<WallView>,
    /// Message, loss and deaths of the last moment: what just happened, newest last.
    pub sparks: Vec<Spark>,
}

impl Scene {
    /// Empties the scene and keeps its memory.
    pub fn clear(&mut self) {
        self.caption.clear();
        self.zones.clear();
        self.nodes.clear();
        self.clients.clear();
        self.links.clear();
        self.flights.clear();
        self.walls.clear();
        self.sparks.clear();
    }
}

/// What a node is at the moment. Each has a shape, a word and a colour on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Leader, primary, owner: ★, double border.
    Leader,
    /// Follower, replica, member: ○, rounded border.
    #[default]
    Follower,
    /// Candidate, suspect, deciding: ◇, dashed border.
    Candidate,
}

/// Whether a node works.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Health {
    /// It works.
    #[default]
    Up,
    /// It crashed.
    Down,
    /// Its process is stopped.
    Paused,
    /// It works this many times slower.
    Slow(f64),
}

/// How a value is to be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    #[default]
    Plain,
    /// Older than the newest acknowledged value.
    Stale,
    /// Differs from another copy in a way that no order of writes explains.
    Conflict,
    /// Acknowledged; kept.
    Good,
    /// Wrong, refused, lost.
    Bad,
}

/// One server.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeView {
    /// Which.
    pub id: NodeId,
    /// Index into [`Scene::zones`].
    pub zone: Option<usize>,
    /// Shape and colour.
    pub role: Role,
    /// The word for the role in this cluster: `leader`, `replica`, `broker`.
    pub role_word: &'static str,
    /// Epoch or term, where there is one.
    pub epoch: Option<u64>,
    /// Up, down, paused, slow.
    pub health: Health,
    /// A small table: the most important first. The stage shows as many as fit.
    pub rows: Vec<Row>,
    /// Timers that run: the most important first.
    pub timers: Vec<TimerView>,
    /// Messages that arrived and wait to be handled.
    pub inbox: usize,
    /// Whether it changed at the last event.
    pub changed: bool,
}

/// One entry of a node's table, such as `x 7` or `log 12` or `lag 2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What: a key, or a word such as `log`.
    pub label: String,
    /// Its value, as text.
    pub value: String,
    /// How it is to be seen.
    pub tone: Tone,
}

/// A timer that fills up.
#[derive(Clone, Debug, PartialEq)]
pub struct TimerView {
    /// The name that `fire n2 NAME` takes.
    pub name: &'static str,
    /// 0 when just set, 1 when it goes off.
    pub fraction: f64,
    /// Virtual time left.
    pub left: Span,
}

/// One client.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientView {
    /// Which.
    pub id: NodeId,
    /// Index into [`Scene::zones`].
    pub zone: Option<usize>,
    /// The last thing it asked, short: `write x 7`; empty before the first.
    pub asked: String,
    /// What it was told: `ok`, `7`, `refused`, `timeout`; empty while it waits.
    pub told: String,
    /// How to see what it was told.
    pub tone: Tone,
    /// Requests without an answer yet.
    pub waiting: usize,
    /// The server that its requests go to now, where that is fixed.
    pub server: Option<NodeId>,
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

/// What a message is for: its shape and colour on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlightKind {
    /// A client's request: ▸.
    Request,
    /// The answer to one: ◂.
    Reply,
    /// Data between servers: ◆.
    Replication,
    /// An acknowledgement between servers: ◇ small.
    Ack,
    /// Election and configuration: ◇.
    Vote,
    /// I am alive: •.
    Heartbeat,
    /// Rumours between members: ○.
    Gossip,
}

impl FlightKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [FlightKind; 7] = [
        FlightKind::Request,
        FlightKind::Reply,
        FlightKind::Replication,
        FlightKind::Ack,
        FlightKind::Vote,
        FlightKind::Heartbeat,
        FlightKind::Gossip,
    ];

    /// Its number in a trace.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The kind with this number; numbers beyond the last start again from the first.
    pub fn numbered(number: u8) -> FlightKind {
        FlightKind::ALL[usize::from(number) % FlightKind::ALL.len()]
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
    /// 0 at the sender, 1 at the receiver: (now - sent) / (due - sent).
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
    /// A node refused something.
    Refused,
    /// A node changed its role.
    Changed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_in_the_order_of_their_numbers() {
        for (number, kind) in (0..).zip(FlightKind::ALL) {
            assert_eq!((kind.number(), FlightKind::numbered(number)), (number, kind));
        }
    }
}
