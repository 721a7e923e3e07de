//! What goes over the wire: bodies of Maelstrom's messages as they were written.

use std::sync::Arc;

use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
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

impl Labelled for Msg {
    /// In the order of [`Kind`].
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::REQUEST,
        MessageDoc::REPLY,
        MessageDoc::new(Sign::Data, "message", "a program talks to another"),
        MessageDoc::new(Sign::Ack, "answer", "a program answers another"),
        MessageDoc::new(Sign::Vote, "request to a service", "a program asks a service of the network"),
        MessageDoc::new(Sign::Ack, "answer of a service", "the service answers"),
    ];

    fn label(&self) -> String {
        self.label.to_string()
    }
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        self.kind as u8
    }

    fn bytes(&self) -> u64 {
        // What stands around the body: both names and their keys.
        self.body.len() as u64 + 32
    }
}
