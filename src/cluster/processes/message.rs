//! What goes over the wire: bodies of Maelstrom's messages as they were written.

use std::sync::Arc;

use crate::cluster::scene::{FlightKind, Sign};
use crate::sim::protocol::Wire;

/// A message on the wire.
#[derive(Clone, Debug)]
pub struct Msg {
    /// What its sender is called.
    pub src: Arc<str>,
    /// Its body, as JSON.
    pub body: Arc<str>,
    /// What it says, short.
    pub label: Arc<str>,
    /// Its kind.
    pub kind: Kind,
}

/// The kinds of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client asks.
    Request,
    /// A client is answered.
    Reply,
    /// A program talks to another.
    Talk,
    /// A program answers another.
    Answer,
    /// A program asks a service.
    Ask,
    /// A service answers.
    Told,
}

const KINDS: [(Kind, FlightKind); 6] = [
    (Kind::Request, FlightKind::REQUEST),
    (Kind::Reply, FlightKind::REPLY),
    (Kind::Talk, FlightKind::new(Sign::Data, "message")),
    (Kind::Answer, FlightKind::new(Sign::Ack, "answer")),
    (Kind::Ask, FlightKind::new(Sign::Vote, "request to a service")),
    (Kind::Told, FlightKind::new(Sign::Ack, "answer of a service")),
];

/// The kind with this number, on the stage.
pub(super) fn on_stage(number: u8) -> FlightKind {
    KINDS[usize::from(number) % KINDS.len()].1
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        KINDS.iter().position(|(kind, _)| *kind == self.kind).unwrap_or(0) as u8
    }

    fn bytes(&self) -> u64 {
        // What stands around the body: both names and their keys.
        self.body.len() as u64 + 32
    }
}
