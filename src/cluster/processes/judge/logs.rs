//! Logs of messages with offsets: the anomalies that Maelstrom names (`doc/workloads.md`, kafka).

use std::collections::{BTreeMap, BTreeSet};

use crate::check::operation::{Key, Value};
use crate::sim::id::NodeId;

use super::super::op::{Op, Ret};
use super::{Asked, Found};

/// A place in a log.
type Place<'a> = (&'a Key, i64);

/// Messages with their places, by what was asked: acknowledged, or seen.
fn places(asked: &[Asked]) -> impl Iterator<Item = (Place<'_>, &Value, &Asked)> {
    asked.iter().flat_map(|one| match (&one.op, one.told()) {
        (Op::Send(key, value), Some(Ret::Offset(offset))) => vec![((key, *offset), value, one)],
        (_, Some(Ret::Polled { messages, .. })) => messages.iter().map(|m| ((&m.key, m.offset), &m.value, one)).collect(),
        _ => Vec::new(),
    })
}

/// Offsets that are acknowledged, with who has one.
fn acknowledged(asked: &[Asked]) -> BTreeMap<Place<'_>, &Asked> {
    places(asked).filter(|(.., one)| matches!(one.op, Op::Send(..))).map(|(place, _, one)| (place, one)).collect()
}

/// No two messages have one offset of a log, and no message has two.
pub(super) fn one_offset(asked: &[Asked]) -> Found {
    let mut at: BTreeMap<Place<'_>, (&Value, u32)> = BTreeMap::new();
    let mut of: BTreeMap<(&Key, &Value), (i64, u32)> = BTreeMap::new();
    for ((key, offset), value, one) in places(asked) {
        match at.get(&(key, offset)) {
            Some((other, id)) if *other != value => {
                let why = format!("inconsistent offsets: in log {key}, offset {offset} holds both {other} and {value}");
                return Found::Broken(why, vec![*id, one.id]);
            }
            _ => _ = at.insert((key, offset), (value, one.id)),
        }
        match of.get(&(key, value)) {
            Some((other, id)) if *other != offset && is_sent_once(asked, key, value) => {
                let why = format!("duplicate: in log {key}, {value} has the offsets {other} and {offset}");
                return Found::Broken(why, vec![*id, one.id]);
            }
            _ => _ = of.insert((key, value), (offset, one.id)),
        }
    }
    if at.is_empty() { Found::Untested("no message has an offset yet") } else { Found::Kept }
}

fn is_sent_once(asked: &[Asked], key: &Key, value: &Value) -> bool {
    asked.iter().filter(|one| matches!(&one.op, Op::Send(k, v) if k == key && v == value)).count() == 1
}

/// An offset that was acknowledged is seen by somebody, where somebody sees a greater one of its log.
pub(super) fn no_lost_writes(asked: &[Asked]) -> Found {
    let mut seen: BTreeMap<Place<'_>, u32> = BTreeMap::new();
    for (place, _, one) in places(asked).filter(|(.., one)| !matches!(one.op, Op::Send(..))) {
        seen.entry(place).or_insert(one.id);
    }
    let sent = acknowledged(asked);
    for ((key, offset), one) in &sent {
        if seen.contains_key(&(key, *offset)) {
            continue;
        }
        let Some(((_, higher), _)) = seen.range((*key, offset + 1)..=(*key, i64::MAX)).next() else { continue };
        // A look that began before the message was acknowledged may have passed its offset while it was empty.
        let ended = one.end.as_ref().map_or(0, |(event, _)| *event);
        let Some(look) = passed_over(asked, key, *offset, ended) else { continue };
        let value = if let Op::Send(_, value) = &one.op { value.to_string() } else { String::new() };
        let why = format!(
            "lost write: {value} was acknowledged at offset {offset} of log {key}, offset {higher} was seen, and nobody sees {offset}"
        );
        return Found::Broken(why, vec![one.id, look]);
    }
    match (sent.is_empty(), seen.is_empty()) {
        (true, _) => Found::Untested("no message was acknowledged yet"),
        (_, true) => Found::Untested("nobody has seen a message yet"),
        _ => Found::Kept,
    }
}

/// The newest look after an event that shows offsets of a log on both sides of one, or from its start beyond it.
fn passed_over(asked: &[Asked], log: &Key, offset: i64, after: u64) -> Option<u32> {
    let passes = |one: &&Asked| {
        if one.call <= after {
            return false;
        }
        let Some(Ret::Polled { messages }) = one.told() else { return false };
        let of_log = messages.iter().filter(|m| m.key == *log).map(|m| m.offset);
        let (least, most) = of_log.fold((i64::MAX, i64::MIN), |(least, most), at| (least.min(at), most.max(at)));
        most > offset && (least < offset || matches!(one.op, Op::Poll { all: true }))
    };
    asked.iter().rev().find(passes).map(|one| one.id)
}

/// What a client has seen of a log: its last offset, and in which answer.
type Seen<'a> = BTreeMap<(NodeId, &'a Key), (i64, u32)>;

/// The offsets that a client sees of a log grow, within one answer and from one to the next, and pass over none that is known.
pub(super) fn monotonic(asked: &[Asked]) -> Found {
    let known: BTreeSet<Place<'_>> = places(asked).map(|(place, ..)| place).collect();
    let since = acknowledged(asked);
    let mut last: Seen<'_> = BTreeMap::new();
    let mut looked = false;
    let mut by_end: Vec<&Asked> = asked.iter().filter(|one| one.end.is_some()).collect();
    by_end.sort_by_key(|one| one.end.as_ref().map(|(event, _)| *event));
    for one in by_end {
        match (&one.op, one.told()) {
            (Op::Assign, Some(_)) => last.retain(|(client, _), _| *client != one.client),
            (Op::Poll { all }, Some(Ret::Polled { messages })) => {
                looked |= !messages.is_empty();
                let mut own: Seen<'_> = BTreeMap::new();
                let before = if *all { &mut own } else { &mut last };
                for message in messages.iter() {
                    let at = (one.client, &message.key);
                    let earlier = before.insert(at, (message.offset, one.id));
                    if let Some(broken) = earlier.and_then(|earlier| step((earlier, message.offset), (one, &message.key), &known, &since)) {
                        return broken;
                    }
                }
            }
            _ => {}
        }
    }
    if looked { Found::Kept } else { Found::Untested("nobody has seen a message yet") }
}

/// What is wrong with one offset after another.
fn step(
    ((before, answer), now): ((i64, u32), i64),
    (one, log): (&Asked, &Key),
    known: &BTreeSet<Place<'_>>,
    sent: &BTreeMap<Place<'_>, &Asked>,
) -> Option<Found> {
    let kind = if answer == one.id { "internal" } else { "external" };
    let ids = vec![answer, one.id];
    if now <= before {
        return Some(Found::Broken(format!("{kind} nonmonotonic poll: {} saw offset {before} of log {log}, then {now}", one.client), ids));
    }
    let passed = known.range((log, before + 1)..(log, now)).next()?;
    // It must have been there when the question was asked.
    let writer = sent.get(passed).filter(|writer| writer.end.as_ref().is_some_and(|(event, _)| *event < one.call))?;
    let why = format!("{kind} poll skip: {} saw offset {before} of log {log}, then {now}, and passed over {}", one.client, passed.1);
    Some(Found::Broken(why, [writer.id].into_iter().chain(ids).collect()))
}
