//! What the cluster can be held to: the guarantees of registers, and those of partitions.

use crate::check::operation::{Key, Operation, Replicas, Value};
use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::cluster::kit::astray::only_on;
use crate::cluster::kit::reach::parted;
use crate::cluster::kit::register;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Ring;
use super::disk::Row;
use super::keys::{Named, read};
use super::look::{disk, keys, newest, row, serves};
use super::watch::Acked;

/// No two nodes answer for one key.
const SINGLE_OWNER: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "single_owner", about: "No two nodes answer for one key at the same time.", of_state: true });
/// A query leaves nothing out.
const COMPLETE: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "complete",
    about: "A scan or a search tells of each key that it asks for and that was there all the time, once, or fails.",
    of_state: false,
});

/// Every guarantee, in the order of the screen.
pub(super) static GUARANTEES: [Guarantee; 10] = [
    Guarantee::LINEARIZABLE,
    Guarantee::SEQUENTIAL,
    Guarantee::READ_YOUR_WRITES,
    Guarantee::MONOTONIC_READS,
    Guarantee::MONOTONIC_WRITES,
    Guarantee::WRITES_FOLLOW_READS,
    Guarantee::DURABLE,
    Guarantee::CONVERGENT,
    SINGLE_OWNER,
    COMPLETE,
];

/// Judges all of them.
pub(super) fn judge(live: &Live<Ring>) -> Verdicts {
    let operations: Vec<Operation> = register::operations(live);
    let mut verdicts = register::judge_these(live, &operations);
    verdicts.push(single_owner(live));
    verdicts.push(complete(live));
    verdicts
}

fn verdict(guarantee: Guarantee, holds: Holds, why: String, witness: Vec<u32>) -> Verdict {
    Verdict { guarantee, holds, why, witness }
}

fn single_owner(live: &Live<Ring>) -> Verdict {
    let watch = live.watched();
    match &watch.doubly {
        Some(key) => {
            verdict(SINGLE_OWNER, Holds::No, format!("A node answered for {key} while another would have answered too."), Vec::new())
        }
        None if watch.before.is_none() => verdict(SINGLE_OWNER, Holds::Untested, "No key has changed its owner yet.".into(), Vec::new()),
        None => verdict(SINGLE_OWNER, Holds::Yes, String::new(), Vec::new()),
    }
}

fn complete(live: &Live<Ring>) -> Verdict {
    let watch = live.watched();
    match &watch.left_out {
        Some((request, key)) => verdict(COMPLETE, Holds::No, format!("{key} was there all the time and was left out."), vec![request.0]),
        None if watch.queries == 0 => verdict(COMPLETE, Holds::Untested, "Nobody has asked for many keys yet.".into(), Vec::new()),
        None => verdict(COMPLETE, Holds::Yes, String::new(), Vec::new()),
    }
}

/// What became of an acknowledged write.
enum Fate {
    Kept,
    Lost,
    Down(Vec<NodeId>),
}

/// The row of whoever serves a key decides. It keeps a write where it is that write, or one that was not acknowledged before it was called.
fn fate(live: &Live<Ring>, key: &Key, acked: &Acked) -> Fate {
    let sim = live.sim();
    let register = &live.watched().register;
    let older = |row: &Row| match row.wrote {
        None => true,
        Some(wrote) => wrote != acked.request && register.acked.get(wrote.0).is_some_and(|other| other.event < acked.call),
    };
    if row(sim, key).is_none_or(|row| older(&row)) {
        return Fate::Lost;
    }
    let good = |id: &NodeId| disk(sim, *id).rows.get(key).is_some_and(|row| !older(row));
    let (up, down): (Vec<NodeId>, Vec<NodeId>) = sim.server_ids().filter(good).partition(|id| sim.node(*id).is_up());
    if up.is_empty() && !down.is_empty() { Fate::Down(down) } else { Fate::Kept }
}

fn fates(live: &Live<Ring>) -> impl Iterator<Item = (u32, Fate)> + '_ {
    let all = live.watched().acked.iter().flat_map(|(key, all)| all.iter().map(move |acked| (key, acked)));
    all.map(|(key, acked)| (acked.request.0, fate(live, key, acked)))
}

/// How many acknowledged writes are lost.
pub(super) fn lost(live: &Live<Ring>) -> usize {
    fates(live).filter(|(_, fate)| matches!(fate, Fate::Lost)).count()
}

/// How many acknowledged hits no part of their counters counts.
pub(super) fn hits_lost(live: &Live<Ring>) -> u64 {
    let sim = live.sim();
    let Some(map) = newest(sim) else { return 0 };
    let stands = |key: &Key| -> u64 {
        let parts = (0..map.parts(key)).filter_map(|part| row(sim, &super::keys::part(key, part))?.value);
        parts.map(|value| if let Value::Int(n) = value { n.max(0) as u64 } else { 0 }).sum()
    };
    live.watched().hits.iter().map(|(key, hits)| hits.saturating_sub(stands(key))).sum()
}

/// Keys whose entry in a global index is wrong: missing, or there though the key has another value.
pub(super) fn index_wrong(sim: &Sim<Ring>) -> usize {
    let value = |key: &str| row(sim, key).and_then(|row| row.value);
    let missing = keys(sim).iter().filter(|key| value(key).is_some_and(|held| value(&super::keys::entry(&held, key)).is_none())).count();
    let rows = sim.server_ids().flat_map(|id| disk(sim, id).rows.keys().filter(move |key| serves(sim, id, key)));
    let entries = rows.filter(|key| matches!(read(key), Named::Entry(_)));
    let stale = entries.filter(|entry| value(entry).is_some_and(|held| value(super::keys::indexed(entry)) != Some(held))).count();
    missing + stale
}

/// What the judges are told.
pub(super) fn replicas(live: &Live<Ring>) -> Replicas {
    let (mut lost, mut astray) = (Vec::new(), Vec::new());
    for (request, fate) in fates(live) {
        match fate {
            Fate::Kept => {}
            Fate::Lost => lost.push(request),
            Fate::Down(down) => astray.push((request, only_on(&down))),
        }
    }
    lost.sort_unstable();
    astray.sort();
    Replicas { lost, astray, risked: live.watched().risked, states: states(live.sim()), unsettled: unsettled(live), ..Replicas::default() }
}

/// The contents of the first, second, ... copy of every key. Where its node is down, the key's other copies speak for it.
fn states(sim: &Sim<Ring>) -> Vec<(String, Vec<(Key, Value)>)> {
    let Some(map) = newest(sim) else { return Vec::new() };
    let mut states: Vec<(String, Vec<(Key, Value)>)> = (1..=map.plan.replicas).map(|i| (format!("copy {i}"), Vec::new())).collect();
    for key in keys(sim) {
        let homes = map.homes(&key);
        let Some(first) = homes.iter().find(|id| sim.node(**id).is_up()) else { continue };
        for ((_, state), home) in states.iter_mut().zip(&homes) {
            let from = if sim.node(*home).is_up() { home } else { first };
            state.extend(disk(sim, *from).rows.get(&key).and_then(|row| row.value.clone()).map(|value| (key.clone(), value)));
        }
    }
    states.retain(|(_, state)| !state.is_empty());
    states
}

/// Why copies may still come together by themselves.
fn unsettled(live: &Live<Ring>) -> Option<String> {
    let sim = live.sim();
    if let Some(why) = parted(sim) {
        return Some(why);
    }
    if let Some(id) = sim.server_ids().find(|id| !sim.node(*id).is_up() || sim.node(*id).is_paused()) {
        return Some(format!("{id} is {}", if sim.node(id).is_up() { "paused" } else { "down" }));
    }
    if let Some(id) = sim.server_ids().find(|id| sim.node(*id).store().is_full()) {
        return Some(format!("the disk of {id} is full"));
    }
    if !live.watched().busy.is_empty() {
        return Some("keys are moving".to_string());
    }
    if sim.server_ids().any(|id| !disk(sim, id).dirty.is_empty() || !disk(sim, id).outbox.is_empty()) {
        return Some("copies are on their way".to_string());
    }
    None
}
