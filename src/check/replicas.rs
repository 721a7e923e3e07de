//! What became of the data: are acknowledged writes still there, and do the copies agree? A simulator knows what its replicas
//! hold; from outside only what clients read at the end can tell.

use super::ground::{Act, Item};
use super::operation::{Key, Replicas, Value};
use super::verdict::{Guarantee, Holds, Verdict};
use super::words::Words;
use super::{unknown, untested, yes};

/// Durability: no acknowledged write is lost. Without replicas the last read of each key, called after every write of the key
/// returned, must not see something older than an acknowledged write; where it does, the write is lost or the read was stale, and
/// a log does not tell which.
pub(crate) fn durable(words: Words, replicas: Option<&Replicas>) -> Verdict {
    let Some(replicas) = replicas else { return durable_by_reads(words) };
    let id = |i: &Item| words.ground.operation(i).id;
    let write = |i: &Item| format!("{}{}, acknowledged to {},", words.made(i), words.at_key(i), words.who(i));
    let gone: Vec<&Item> = words.ground.items.iter().filter(|i| replicas.lost.binary_search(&id(i)).is_ok()).collect();
    if let Some(first) = gone.first() {
        let others = if gone.len() > 1 { format!(", and {} more", gone.len() - 1) } else { String::new() };
        return no(Guarantee::Durable, format!("{} is gone{others}", write(first)), words.ground.ids(gone));
    }
    if let Some((astray, place)) = replicas.astray.first() {
        let item = words.ground.items.iter().find(|i| id(i) == *astray);
        return unknown(Guarantee::Durable, item.map_or_else(|| place.clone(), |i| format!("{} {place}", write(i))));
    }
    if replicas.risked { yes(Guarantee::Durable) } else { untested(Guarantee::Durable, "nothing has put an acknowledged write at risk") }
}

/// Convergence: once nothing is on its way, all replicas hold the same. From outside only agreement at the end can be seen.
pub(crate) fn convergent(words: Words, replicas: Option<&Replicas>) -> Verdict {
    let guarantee = Guarantee::Convergent;
    let Some(replicas) = replicas else { return convergent_by_reads(words) };
    if replicas.states.len() < 2 {
        return untested(guarantee, "fewer than two copies run");
    }
    if replicas.states.iter().all(|(_, state)| state.is_empty()) {
        return untested(guarantee, "nothing is written yet");
    }
    match (first_difference(&replicas.states), &replicas.unsettled) {
        (None, None) => yes(guarantee),
        (None, Some(why)) => unknown(guarantee, format!("the copies are equal, but {why}")),
        (Some(difference), None) => no(guarantee, difference, Vec::new()),
        (Some(difference), Some(why)) => unknown(guarantee, format!("{why}: {difference}")),
    }
}

/// The first key on which a replica differs from the first one, in words.
fn first_difference(states: &[(String, Vec<(Key, Value)>)]) -> Option<String> {
    let (name, first) = states.first()?;
    let (other, second) = states.iter().skip(1).find(|(_, state)| state != first)?;
    let of = |state: &[(Key, Value)], key: &Key| state.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    let keys = first.iter().chain(second).map(|(key, _)| key);
    let key = keys.filter(|key| of(first, key) != of(second, key)).min()?;
    let word = |value: Option<Value>| value.map_or_else(|| "nothing".to_string(), |v| v.to_string());
    Some(format!("{name} holds {} at {key}, {other} holds {}", word(of(first, key)), word(of(second, key))))
}

/// A key's reads that were called after all its writes had returned, and its acknowledged writes.
struct Ending<'a> {
    reads: Vec<&'a Item>,
    writes: Vec<&'a Item>,
}

/// The ending of each written key; the words say why there is nothing to judge.
fn endings(words: Words<'_>) -> Result<Vec<Ending<'_>>, String> {
    let mut endings: Vec<Ending> = words.ground.keys.iter().map(|_| Ending { reads: Vec::new(), writes: Vec::new() }).collect();
    for item in words.ground.items.iter().filter(|i| i.sure && i.act.writes()) {
        endings[item.key as usize].writes.push(item);
    }
    let ends: Vec<u64> = endings.iter().map(|e| e.writes.iter().map(|w| w.end).max().unwrap_or(0)).collect();
    for item in words.ground.items.iter().filter(|i| matches!(i.act, Act::Read(_))) {
        if item.start > ends[item.key as usize] {
            endings[item.key as usize].reads.push(item);
        }
    }
    endings.retain(|e| !e.writes.is_empty());
    match endings.iter().find(|e| e.reads.is_empty()) {
        Some(unread) => Err(format!("nobody read {} after its last write", words.ground.operation(unread.writes[0]).op.key())),
        None if endings.is_empty() => Err("no write was acknowledged".to_string()),
        None => Ok(endings),
    }
}

fn durable_by_reads(words: Words) -> Verdict {
    let endings = match endings(words) {
        Ok(endings) => endings,
        Err(why) => return untested(Guarantee::Durable, &why),
    };
    for Ending { reads, writes } in &endings {
        let Some(read) = reads.iter().max_by_key(|r| r.start) else { continue };
        if let Some(write) = writes.iter().find(|w| missing(w, read, writes, words)) {
            let why = format!("{} at the end, although {}: lost, or the read was stale", words.did(read), words.had(write));
            return unknown(Guarantee::Durable, why);
        }
    }
    yes(Guarantee::Durable)
}

/// Whether a value read at the end shows that an acknowledged write is lost: an append that no later write could have covered is
/// not in the text; or whatever could have made the value had returned before the write was called.
fn missing(write: &Item, read: &Item, writes: &[&Item], words: Words) -> bool {
    let Act::Read(value) = read.act else { return false };
    let ground = words.ground;
    let covered =
        |by: &&Item| by.op != write.op && by.key == write.key && matches!(by.act, Act::Write(_) | Act::Swap(..)) && !by.before(write);
    if let Act::Append(_) = write.act {
        let text = ground.values.get(value).map_or_else(String::new, ToString::to_string);
        return !text.contains(&words.made(write)) && !ground.items.iter().any(|by| covered(&by));
    }
    let appended = writes.iter().any(|w| matches!(w.act, Act::Append(_)));
    let makes = |by: &&Item| by.key == write.key && matches!(by.act, Act::Write(v) | Act::Swap(_, v) if v == value);
    !appended && ground.items.iter().filter(makes).all(|by| by.before(write))
}

fn convergent_by_reads(words: Words) -> Verdict {
    let guarantee = Guarantee::Convergent;
    let endings = match endings(words) {
        Ok(endings) => endings,
        Err(why) => return untested(guarantee, &why),
    };
    for Ending { reads, .. } in &endings {
        let last = reads[reads.len() - 1];
        if let Some(other) = reads.iter().find(|r| r.act != last.act) {
            let why = format!(
                "{}, {} after the last write; a log does not show whether copies were still catching up",
                words.did(other),
                words.did(last)
            );
            return unknown(guarantee, why);
        }
        if reads.iter().all(|r| r.session == last.session) {
            return untested(guarantee, "too few clients read at the end to compare copies");
        }
    }
    yes(guarantee)
}

fn no(guarantee: Guarantee, why: String, witness: Vec<u32>) -> Verdict {
    Verdict { guarantee, holds: Holds::No, why, witness }
}
