//! The order in which messages take effect.
//!
//! One message was sent before another when its producer was told that the queue has it before the other was first sent; of two whose
//! sends overlap, nobody can say which came first. Effects are in order when of any two messages, one sent before the other, the first has
//! had all its effects before the second has its first one. So a message that is overtaken breaks the order, and so does one that takes
//! effect a second time behind its successor, and one that never takes effect while its successor does: the gap that a dead letter leaves.
//! What an operator threw away is missed by nobody.

use std::collections::BTreeMap;

use super::{Judged, Message, Place};
use crate::check::operation::Key;

/// All messages take effect in the order in which they were sent. Tested once a message took effect that was sent after another one.
pub fn in_order(messages: &[Message]) -> Judged {
    judge(&[messages.iter().collect()], "no two messages had an order to keep")
}

/// The messages of each group take effect in the order in which they were sent. Tested once a message took effect that was sent after
/// another one of its group.
pub fn in_group_order(messages: &[Message]) -> Judged {
    let mut groups: BTreeMap<&Key, Vec<&Message>> = BTreeMap::new();
    for message in messages {
        if let Some(group) = &message.group {
            groups.entry(group).or_default().push(message);
        }
    }
    let groups: Vec<Vec<&Message>> = groups.into_values().collect();
    judge(&groups, "no two messages of one group had an order to keep")
}

/// Which message was still to take effect when, or after, another one did that was sent later; the moment when that was clear; and whether
/// any two had an order to keep.
#[derive(Default)]
struct Found<'a> {
    worst: Option<(u64, &'a Message, &'a Message)>,
    tested: bool,
}

fn judge(groups: &[Vec<&Message>], untested: &str) -> Judged {
    let mut found = Found::default();
    for group in groups {
        look_through(group, &mut found);
    }
    match found.worst {
        Some((_, first, second)) => Judged::broken(told(first, second), [first.ids(), second.ids()].concat()),
        None => Judged::kept(found.tested, untested),
    }
}

/// With the messages in the order in which they were accepted, those sent before another one are the first so many of them.
fn look_through<'a>(group: &[&'a Message], found: &mut Found<'a>) {
    let due = |m: &&&Message| m.accepted().is_some() && !(m.place == Place::Removed && m.effects.is_empty());
    let mut earlier: Vec<&Message> = group.iter().filter(due).copied().collect();
    earlier.sort_by_key(|m| m.accepted());
    // Of the first so many, the one whose effects end last.
    let mut latest: Vec<&Message> = Vec::with_capacity(earlier.len());
    for message in &earlier {
        let later = latest.last().filter(|last| ends(last) >= ends(message));
        latest.push(later.copied().unwrap_or(message));
    }
    for second in group {
        let Some(effect) = second.effects.iter().min().copied() else { continue };
        let called = second.sends.iter().map(|send| send.call).min().unwrap_or(0);
        let before = earlier.partition_point(|m| m.accepted().is_some_and(|at| at < called));
        let Some(first) = before.checked_sub(1).map(|last| latest[last]) else { continue };
        found.tested = true;
        let clear = breaks(first, effect);
        if let Some(at) = clear.filter(|at| found.worst.is_none_or(|(worst, ..)| *at < worst)) {
            found.worst = Some((at, first, second));
        }
    }
}

/// When the effects of a message are over; never, where it has none.
fn ends(message: &Message) -> u64 {
    message.effects.iter().max().copied().unwrap_or(u64::MAX)
}

/// When it was clear that a message was not through with its effects when a later one took effect, at this time.
fn breaks(first: &Message, effect: u64) -> Option<u64> {
    let was_through = first.effects.iter().any(|at| *at < effect);
    if was_through { first.effects.iter().filter(|at| **at > effect).min().copied() } else { Some(effect) }
}

fn told(first: &Message, second: &Message) -> String {
    let sent = format!("{} was sent before {}", first.key, second.key);
    let start = second.effects.iter().min().copied().unwrap_or(u64::MAX);
    match (first.effects.iter().any(|at| *at < start), first.effects.is_empty(), first.place) {
        (true, ..) => format!("{sent} and took effect again after it"),
        (false, false, _) => format!("{sent} and took effect after it"),
        (false, true, Place::Parked) => format!("{sent}, which took effect; {} stands among the dead letters", first.key),
        (false, true, _) => format!("{sent}, which took effect; {} did not", first.key),
    }
}
