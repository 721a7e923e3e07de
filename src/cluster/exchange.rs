//! What a client asked and what it was told: all that screens and reports know of a client, whatever the model.

use crate::command::{Call, Poke};
use crate::sim::history::Cause;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

/// One request of a client, from its call to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Its number, from 0 in the order of the calls.
    pub id: u32,
    /// Who asked.
    pub client: NodeId,
    /// What.
    pub call: Call,
    /// When it was asked.
    pub called: Stamp,
    /// When it ended; `None` while it is open.
    pub ended: Option<Stamp>,
    /// How it ended.
    pub outcome: Outcome,
}

/// A place in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The number of the event.
    pub event: u64,
    /// The virtual time.
    pub at: Time,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has not ended yet.
    Open,
    /// It took effect, and this is what the client was told: `ok`, `7`.
    Ok(String),
    /// A server refused it, so it did not and will not take effect; why.
    Refused(Cause),
    /// It did not and will not take effect; why.
    Failed(Cause),
    /// Nobody knows whether it took effect, or will; why.
    Unknown(Cause),
}

impl Outcome {
    /// In a word or two: `ok`, `7`, `refused`, `timeout`; empty while it is open.
    pub fn short(&self) -> &str {
        match self {
            Outcome::Open => "",
            Outcome::Ok(told) => told,
            Outcome::Refused(_) => "refused",
            Outcome::Failed(why) | Outcome::Unknown(why) if *why == Cause::NoAnswer => "timeout",
            Outcome::Failed(_) => "failed",
            Outcome::Unknown(_) => "unknown",
        }
    }

    /// Whether the client was told that it took effect.
    pub fn is_ok(&self) -> bool {
        matches!(self, Outcome::Ok(_))
    }
}

impl Exchange {
    /// `c1 write x 7`, as it would be typed.
    pub fn asked(&self) -> String {
        Poke::Ask { client: self.client, call: self.call.clone(), server: None }.to_string()
    }
}
