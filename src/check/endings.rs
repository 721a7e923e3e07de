//! What became of the data, seen from outside: by what clients read at the end. Reads that see every acknowledged write, and agree,
//! speak for durability and convergence. Reads that do not, prove nothing: the write may be on a copy that answers later, and a log
//! does not show whether copies were still catching up. So a recorded history never says no.

use super::ground::{Act, Item};
use super::verdict::{Guarantee, Verdict};
use super::words::Words;
use super::{unknown, untested, yes};

/// A key that somebody wrote: its writes, and its reads that were called after all of those that were acknowledged had returned.
struct Ending<'a> {
    reads: Vec<&'a Item>,
    writes: Vec<&'a Item>,
}

/// The ending of each written key; the words say which key has none.
fn endings(words: Words<'_>) -> Result<Vec<Ending<'_>>, String> {
    let mut endings: Vec<Ending> = words.ground.keys.iter().map(|_| Ending { reads: Vec::new(), writes: Vec::new() }).collect();
    for item in words.ground.items.iter().filter(|i| i.act.writes()) {
        endings[item.key as usize].writes.push(item);
    }
    let end = |e: &Ending| e.writes.iter().filter(|w| w.sure).map(|w| w.end).max().unwrap_or(0);
    let ends: Vec<u64> = endings.iter().map(end).collect();
    for item in words.ground.items.iter().filter(|i| matches!(i.act, Act::Read(_))) {
        if item.start > ends[item.key as usize] {
            endings[item.key as usize].reads.push(item);
        }
    }
    endings.retain(|e| !e.writes.is_empty());
    match endings.iter().find(|e| e.reads.is_empty()) {
        Some(unread) => Err(format!("nobody read {} after its last write", words.ground.operation(unread.writes[0]).op.key())),
        None => Ok(endings),
    }
}

/// Whether the last read of each key saw nothing older than an acknowledged write.
pub(crate) fn durable_by_reads(words: Words) -> Verdict {
    let endings = match endings(words) {
        Ok(endings) => endings,
        Err(why) => return untested(Guarantee::DURABLE, &why),
    };
    if !endings.iter().flat_map(|e| &e.writes).any(|w| w.sure) {
        return untested(Guarantee::DURABLE, "no write was acknowledged");
    }
    for Ending { reads, writes } in &endings {
        let Some(read) = reads.iter().max_by_key(|r| r.start) else { continue };
        if let Some(write) = missing(read, writes, words) {
            let why = format!("{} at the end, although {}: lost, or the read was stale", words.did(read), words.had(write));
            return Verdict { witness: words.ground.ids([*read, write]), ..unknown(Guarantee::DURABLE, why) };
        }
    }
    yes(Guarantee::DURABLE)
}

/// An acknowledged write that a value read at the end speaks against: an append that no later write could have covered and that is
/// not in the text; or a write called after whatever could have made the value had returned.
fn missing<'a>(read: &Item, writes: &[&'a Item], words: Words) -> Option<&'a Item> {
    let Act::Read(value) = read.act else { return None };
    let text_of = |v| words.ground.values.get(v).map_or_else(String::new, ToString::to_string);
    let text = text_of(value);
    let replaces = |by: &&&Item| matches!(by.act, Act::Write(_) | Act::Swap(..));
    // The last return among those that replace all; one of unknown outcome may come at any time.
    let last_return = writes.iter().filter(replaces).map(|by| by.end).max();
    let appended = writes.iter().any(|w| matches!(w.act, Act::Append(_)));
    let makes = |by: &&&Item| matches!(by.act, Act::Write(v) | Act::Swap(_, v) if v == value);
    let made = writes.iter().filter(makes).map(|by| by.end).max().unwrap_or(0);
    writes.iter().copied().filter(|w| w.sure).find(|write| match write.act {
        Act::Append(piece) => !text.contains(&text_of(piece)) && last_return.is_none_or(|end| end < write.start),
        _ => !appended && made < write.start,
    })
}

/// Whether all reads at the end agree.
pub(crate) fn convergent_by_reads(words: Words) -> Verdict {
    let guarantee = Guarantee::CONVERGENT;
    let endings = match endings(words) {
        Ok(endings) => endings,
        Err(why) => return untested(guarantee, &why),
    };
    if endings.is_empty() {
        return untested(guarantee, "nothing was written");
    }
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
