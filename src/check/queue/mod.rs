//! What a queue of messages promised and kept: at most once, at least once, effect once, in order, in order per group.
//!
//! A message is what its producer meant, and has the business key that the producer gave it: sending it again, or handing it to a second
//! worker, does not make it another one. So "once" is judged by that key and never by the number of a delivery (Hohpe and Woolf 2003,
//! *Enterprise Integration Patterns*: Idempotent Receiver). A worker that *did* a message went through its work to the end; the message
//! *took effect* where the result is kept. The two differ where a second result is recognised and dropped.

#[cfg(test)]
mod brute;
mod order;

pub use order::{in_group_order, in_order};

use super::operation::Key;
use super::verdict::Holds;

/// Everything that became of one message. Times are event numbers: only their order counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The business key: what makes it this message and no other.
    pub key: Key,
    /// The group within which order matters; `None`: it has no group.
    pub group: Option<Key>,
    /// Each time a producer sent it, in the order of the calls.
    pub sends: Vec<Send>,
    /// Each time it was handed to a worker.
    pub handed: Vec<u64>,
    /// Whether a worker had it and let it fall: the worker died, or its work failed.
    pub dropped: bool,
    /// Each time a worker did it, and which worker.
    pub done: Vec<(u64, u32)>,
    /// Each time it took effect: its place among the effects of all messages, in the order in which they were made.
    pub effects: Vec<u64>,
    /// Where it is now.
    pub place: Place,
}

/// One attempt of a producer to hand a message to the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Send {
    /// Names it in witnesses.
    pub id: u32,
    /// When the producer called.
    pub call: u64,
    /// When it was told that the queue has the message; `None` where it was not told so.
    pub accepted: Option<u64>,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Somebody has it who may yet do it: the queue, a worker, the network.
    Held,
    /// It stands among the dead letters.
    Parked,
    /// An operator threw it away.
    Removed,
    /// Nobody has it.
    Gone,
}

impl Message {
    /// When a producer was first told that the queue has it.
    pub fn accepted(&self) -> Option<u64> {
        self.sends.iter().filter_map(|send| send.accepted).min()
    }

    /// Whether it was accepted, took no effect, and nobody has it any more.
    pub fn is_lost(&self) -> bool {
        self.place == Place::Gone && self.effects.is_empty() && self.accepted().is_some()
    }

    /// Whether a second worker could have done it, or the same one again: it was sent or handed out twice, or fallen from somebody's hands.
    fn is_tempting(&self) -> bool {
        self.sends.len() > 1 || self.handed.len() > 1 || self.dropped
    }

    fn ids(&self) -> Vec<u32> {
        self.sends.iter().map(|send| send.id).collect()
    }
}

/// What a judge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whether it held.
    pub holds: Holds,
    /// One sentence: why. Empty where it held.
    pub why: String,
    /// The sends of the messages that break it, by id, in the order of their calls.
    pub witness: Vec<u32>,
}

impl Judged {
    fn broken(why: String, mut witness: Vec<u32>) -> Judged {
        witness.sort_unstable();
        witness.dedup();
        Judged { holds: Holds::No, why, witness }
    }

    /// What nothing broke: kept where it was put to the test.
    fn kept(tested: bool, untested: &str) -> Judged {
        let (holds, why) = if tested { (Holds::Yes, "") } else { (Holds::Untested, untested) };
        Judged { holds, why: why.to_string(), witness: Vec::new() }
    }
}

/// What a worker is called in a sentence.
pub type Workers<'a> = &'a dyn Fn(u32) -> String;

/// No message was done twice. Tested once a message was done that could have been done again: it was sent or handed out more than once, or
/// a worker let it fall.
pub fn at_most_once(messages: &[Message], workers: Workers) -> Judged {
    let second = |m: &&Message| m.done.iter().map(|(at, _)| *at).nth(1);
    if let Some(twice) = messages.iter().filter(|m| m.done.len() > 1).min_by_key(second) {
        return Judged::broken(told_twice(twice, workers), twice.ids());
    }
    Judged::kept(messages.iter().any(Message::is_tempting), "no message had an occasion to be done twice")
}

fn told_twice(message: &Message, workers: Workers) -> String {
    let (first, second) = (workers(message.done[0].1), workers(message.done[1].1));
    let by = if first == second { format!("both times by {first}") } else { format!("by {first} and by {second}") };
    match message.done.len() {
        2 => format!("{} was done twice, {by}", message.key),
        times => format!("{} was done {times} times, first {by}", message.key),
    }
}

/// No accepted message is lost: it takes effect, or is parked among the dead letters, or still on its way. Tested once an accepted message
/// has left the queue.
pub fn at_least_once(messages: &[Message]) -> Judged {
    if let Some(lost) = first_lost(messages) {
        return Judged::broken(told_lost(lost), lost.ids());
    }
    let left = |m: &Message| m.accepted().is_some() && (m.place != Place::Held || !m.effects.is_empty());
    Judged::kept(messages.iter().any(left), "no accepted message has left the queue yet")
}

/// The lost message that was accepted first.
fn first_lost(messages: &[Message]) -> Option<&Message> {
    messages.iter().filter(|m| m.is_lost()).min_by_key(|m| m.accepted())
}

fn told_lost(message: &Message) -> String {
    let how = if message.done.is_empty() { "was never done" } else { "was done without any effect" };
    format!("{} was accepted, {how}, and nobody has it any more", message.key)
}

/// Each accepted message takes effect once: neither twice nor, unless it is parked or still on its way, never. Tested once a message that
/// could have taken effect twice did so once.
pub fn effect_once(messages: &[Message]) -> Judged {
    let second = |m: &&Message| m.effects.get(1).copied();
    if let Some(twice) = messages.iter().filter(|m| m.effects.len() > 1).min_by_key(second) {
        let times = if twice.effects.len() == 2 { "twice".to_string() } else { format!("{} times", twice.effects.len()) };
        return Judged::broken(format!("{} took effect {times}", twice.key), twice.ids());
    }
    if let Some(lost) = first_lost(messages) {
        return Judged::broken(told_lost(lost), lost.ids());
    }
    let tempted = |m: &Message| m.is_tempting() && !m.effects.is_empty();
    Judged::kept(messages.iter().any(tempted), "no message had an occasion to take effect twice")
}
