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
    /// In a word or two: `ok`, `7`, `refused`, `timeout`, `502 bad gateway`, `CROSSSLOT`; empty while it is open.
    pub fn short(&self) -> &str {
        match self {
            Outcome::Open => "",
            Outcome::Ok(told) => told,
            Outcome::Refused(why) | Outcome::Failed(why) | Outcome::Unknown(why) => match coded(why) {
                Some((word, _)) => word,
                None => self.word(),
            },
        }
    }

    /// The same, and whatever was said with it: `502 bad gateway, catalogue: error`, `ERR syntax error`, `refused: the disk is full`.
    pub fn said(&self) -> String {
        match self {
            Outcome::Open | Outcome::Ok(_) => self.short().to_string(),
            Outcome::Refused(why) | Outcome::Failed(why) | Outcome::Unknown(why) => match (coded(why), why) {
                (Some((word, rest)), _) => format!("{word}{rest}"),
                (None, Cause::Said(why)) => format!("{}: {why}", self.word()),
                (None, Cause::NoAnswer | Cause::ClientDied) => self.word().to_string(),
            },
        }
    }

    /// The status or the error code that the client was given, where it was given one.
    pub fn status(&self) -> Option<&str> {
        match self {
            Outcome::Refused(why) | Outcome::Failed(why) | Outcome::Unknown(why) => coded(why).map(|(word, _)| word),
            Outcome::Open | Outcome::Ok(_) => None,
        }
    }

    /// How it ended, whatever was said.
    fn word(&self) -> &'static str {
        match self {
            Outcome::Open | Outcome::Ok(_) => "",
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

/// The statuses of HTTP (RFC 9110 and RFC 6585) and of gRPC that servers answer with, and their words.
const STATUSES: [(&str, &str); 14] = [
    ("400", "400 bad request"),
    ("401", "401 unauthorized"),
    ("403", "403 forbidden"),
    ("404", "404 not found"),
    ("407", "407 proxy login"),
    ("409", "409 conflict"),
    ("412", "412 has changed"),
    ("429", "429 too many"),
    ("500", "500 error"),
    ("502", "502 bad gateway"),
    ("503", "503 unavailable"),
    ("504", "504 gateway timeout"),
    ("DEADLINE_EXCEEDED", "deadline exceeded"),
    ("UNAVAILABLE", "unavailable"),
];

/// What a server answered that has a name of its own, and the rest of what it said: the words of a status, or an error code.
fn coded(why: &Cause) -> Option<(&str, &str)> {
    let Cause::Said(said) = why else { return None };
    let end = said.find(',').unwrap_or(said.len());
    let (number, rest) = said.split_at(end);
    let status = STATUSES.iter().find(|(known, _)| *known == number).map(|(_, word)| (*word, rest));
    status.or_else(|| error_code(said))
}

/// An error as servers write it on the wire, with its code first, in capitals: `ERR syntax error`, `MOVED 12182 n3`.
fn error_code(said: &str) -> Option<(&str, &str)> {
    let end = said.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(said.len());
    let (code, rest) = said.split_at(end);
    (end >= CODE_LEAST && (rest.is_empty() || rest.starts_with(' '))).then_some((code, rest))
}

/// The fewest letters of an error code; a sentence may begin with one or two capitals.
const CODE_LEAST: usize = 3;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_and_code_has_its_word_and_keeps_what_was_said() {
        let said = |why: &str| Outcome::Refused(Cause::from(why.to_string()));
        for (why, short, all) in [
            ("403, forward blocks ads", "403 forbidden", "403 forbidden, forward blocks ads"),
            ("429, too many from c1", "429 too many", "429 too many, too many from c1"),
            ("502, catalogue: error", "502 bad gateway", "502 bad gateway, catalogue: error"),
            ("504, too late", "504 gateway timeout", "504 gateway timeout, too late"),
            ("DEADLINE_EXCEEDED", "deadline exceeded", "deadline exceeded"),
            ("the number is older than 34", "refused", "refused: the number is older than 34"),
            ("4034, nothing", "refused", "refused: 4034, nothing"),
            ("ERR syntax error", "ERR", "ERR syntax error"),
            ("MOVED 12182 n3", "MOVED", "MOVED 12182 n3"),
            ("RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"),
            ("OK was never said", "refused", "refused: OK was never said"),
            ("NOWhere", "refused", "refused: NOWhere"),
        ] {
            assert_eq!((said(why).short(), said(why).said().as_str()), (short, all));
        }
        let words: std::collections::BTreeSet<&str> = STATUSES.iter().map(|(_, word)| *word).collect();
        assert_eq!(words.len(), STATUSES.len(), "each has a word of its own");
        let silent = Outcome::Unknown(Cause::NoAnswer);
        assert_eq!((silent.short(), silent.said().as_str()), ("timeout", "timeout"));
    }
}
