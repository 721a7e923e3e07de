//! What a client asked and what it was told: all that screens and reports know of a client, whatever the model.

use std::collections::VecDeque;

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

/// What one line of a history tells of an exchange.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// It began.
    Called(Exchange),
    /// The one with this number ended.
    Ended(u32, Stamp, Outcome),
}

/// The newest exchanges of a run, kept up line by line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Newest {
    /// The number of the first of them.
    pub first: usize,
    /// They, in the order of their calls.
    pub list: VecDeque<Exchange>,
}

impl Newest {
    /// The exchange with this number; `None` where it is too old, or not called yet.
    pub fn get(&self, number: usize) -> Option<&Exchange> {
        self.list.get(number.checked_sub(self.first)?)
    }

    /// Takes in the next line. The end of one that is too old is of no interest.
    pub fn hear(&mut self, told: Told) {
        match told {
            Told::Called(exchange) => {
                debug_assert_eq!(self.first + self.list.len(), exchange.id as usize, "requests are numbered in order");
                self.list.push_back(exchange);
            }
            Told::Ended(id, at, outcome) => {
                let index = (id as usize).checked_sub(self.first);
                if let Some(exchange) = index.and_then(|index| self.list.get_mut(index)) {
                    (exchange.ended, exchange.outcome) = (Some(at), outcome);
                }
            }
        }
    }

    /// Keeps no more than so many.
    pub fn keep(&mut self, most: usize) {
        let spare = self.list.len().saturating_sub(most);
        self.list.drain(..spare);
        self.first += spare;
    }
}
