//! What became of the data: are acknowledged writes still there, and do the copies agree? A simulator knows what its replicas
//! hold; from outside only what clients read at the end can tell, which is [`super::endings`].

use super::endings::{convergent_by_reads, durable_by_reads};
use super::ground::Item;
use super::operation::{Key, Replicas, Value};
use super::verdict::{Guarantee, Holds, Verdict};
use super::words::Words;
use super::{unknown, untested, yes};

/// Durability: no acknowledged write is lost.
pub(crate) fn durable(words: Words, replicas: Option<&Replicas>) -> Verdict {
    let Some(replicas) = replicas else { return durable_by_reads(words) };
    let id = |i: &Item| words.ground.operation(i).id;
    let write = |i: &Item| format!("{}, acknowledged to {},", words.made(i), words.who(i));
    let gone: Vec<&Item> = words.ground.items.iter().filter(|i| replicas.lost.binary_search(&id(i)).is_ok()).collect();
    if let Some(first) = gone.first() {
        let others = if gone.len() > 1 { format!(", and {} more", gone.len() - 1) } else { String::new() };
        return no(Guarantee::DURABLE, format!("{} is gone{others}", write(first)), words.ground.ids(gone));
    }
    if let Some(first) = replicas.lost.first() {
        return no(Guarantee::DURABLE, format!("what request {first} changed, which was acknowledged, is gone"), Vec::new());
    }
    if let Some((astray, place)) = replicas.astray.first() {
        let item = words.ground.items.iter().find(|i| id(i) == *astray);
        return unknown(Guarantee::DURABLE, item.map_or_else(|| place.clone(), |i| format!("{} {place}", write(i))));
    }
    if replicas.risked { yes(Guarantee::DURABLE) } else { untested(Guarantee::DURABLE, "nothing has put an acknowledged write at risk") }
}

/// Convergence: once nothing is on its way, all replicas hold the same. From outside only agreement at the end can be seen.
pub(crate) fn convergent(words: Words, replicas: Option<&Replicas>) -> Verdict {
    let guarantee = Guarantee::CONVERGENT;
    let Some(replicas) = replicas else { return convergent_by_reads(words) };
    if replicas.states.len() < 2 {
        return untested(guarantee, "fewer than two copies run");
    }
    if replicas.states.iter().all(|(_, state)| state.is_empty()) {
        return untested(guarantee, "nothing is written yet");
    }
    match (first_difference(&replicas.states, words), &replicas.unsettled) {
        (None, None) => yes(guarantee),
        (None, Some(why)) => unknown(guarantee, format!("the copies are equal, but {why}")),
        (Some(difference), None) => no(guarantee, difference, Vec::new()),
        (Some(difference), Some(why)) => unknown(guarantee, format!("{why}: {difference}")),
    }
}

/// The first key on which a replica differs from the first one, in words.
fn first_difference(states: &[(String, Vec<(Key, Value)>)], words: Words) -> Option<String> {
    let (name, first) = states.first()?;
    let (other, second) = states.iter().skip(1).find(|(_, state)| state != first)?;
    let of = |state: &[(Key, Value)], key: &Key| state.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    let keys = first.iter().chain(second).map(|(key, _)| key);
    let key = keys.filter(|key| of(first, key) != of(second, key)).min()?;
    let word = |value: Option<Value>| value.map_or_else(|| words.unwritten().to_string(), |v| v.to_string());
    Some(format!("{name} holds {} at {key}, {other} holds {}", word(of(first, key)), word(of(second, key))))
}

fn no(guarantee: Guarantee, why: String, witness: Vec<u32>) -> Verdict {
    Verdict { guarantee, holds: Holds::No, why, witness }
}
