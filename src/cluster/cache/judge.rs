//! What the cluster can be held to: the guarantees of registers, and how old an answer may be.

use std::collections::BTreeMap;

use crate::check::operation::{Key, Replicas, Value};
use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::cluster::kit::reach::parted;
use crate::cluster::kit::register;
use crate::cluster::kit::register::Newest;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::age::TooOld;
use super::request::{INITIAL, Row};
use super::shelf::Shelf;
use super::watch::{Watch, apps, cache, shelves};
use super::{Caching, DATABASE, name};

/// No answer is older than what was acknowledged.
const FRESH: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "fresh",
    about: "No read returns a value that was replaced by a write acknowledged before the read was called.",
    of_state: false,
});
/// Answers are old for a while at most.
const BOUNDED_STALENESS: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "bounded_staleness",
    about: "A read returns no value that was replaced for longer than the TTL and `stale-for` together.",
    of_state: false,
});

/// Every guarantee, in the order of the screen.
pub(super) static GUARANTEES: [Guarantee; 10] = {
    let mut all = [FRESH; Guarantee::REGISTER.len() + 2];
    let mut at = 0;
    while at < Guarantee::REGISTER.len() {
        all[at] = Guarantee::REGISTER[at];
        at += 1;
    }
    all[at + 1] = BOUNDED_STALENESS;
    all
};

/// Judges all of them.
pub(super) fn judge(live: &Live<Caching>) -> Verdicts {
    let operations = register::operations(live);
    let mut verdicts = register::judge_these(live, &operations);
    verdicts.push(fresh(live));
    verdicts.push(bounded(live));
    verdicts
}

fn verdict(guarantee: Guarantee, holds: Holds, why: String) -> Verdict {
    Verdict { guarantee, holds, why, witness: Vec::new() }
}

fn fresh(live: &Live<Caching>) -> Verdict {
    let register = &live.watched().register;
    match register.stale_reads {
        0 if register.all_newest().next().is_none() => verdict(FRESH, Holds::Untested, "nothing was written yet".into()),
        0 => verdict(FRESH, Holds::Yes, String::new()),
        1 => verdict(FRESH, Holds::No, "A read returned a value that had been replaced.".into()),
        stale => verdict(FRESH, Holds::No, format!("{stale} reads returned values that had been replaced.")),
    }
}

fn bounded(live: &Live<Caching>) -> Verdict {
    let Watch { register, ages, .. } = live.watched();
    if let Some(TooOld { age, most }) = ages.too_old {
        let why = format!("A read returned a value that had been replaced for {age}; {most} is the most.");
        return verdict(BOUNDED_STALENESS, Holds::No, why);
    }
    if ages.most(live.sim()).is_none() {
        return verdict(BOUNDED_STALENESS, Holds::Untested, "there are entries without a TTL, so nothing bounds their age".into());
    }
    match register.all_newest().next() {
        None => verdict(BOUNDED_STALENESS, Holds::Untested, "nothing was written yet".into()),
        Some(_) => verdict(BOUNDED_STALENESS, Holds::Yes, String::new()),
    }
}

/// What the database has, or would have after a restart.
pub(super) fn row(sim: &Sim<Caching>, key: &Key) -> Row {
    sim.node(DATABASE).store().durable().rows.get(key).cloned().unwrap_or_default()
}

/// The entry of a key that the database does not have yet.
fn dirty(sim: &Sim<Caching>, key: &Key) -> Option<Row> {
    let entry = cache(sim)?.shelf.entries.get(key)?;
    entry.is_dirty.then(|| entry.row.clone())
}

/// Whether a row is older than an acknowledged write.
fn is_older(live: &Live<Caching>, row: &Row, newest: &Newest) -> bool {
    let acked = |wrote: u32| live.watched().register.acked.get(wrote);
    row.wrote.is_none_or(|wrote| wrote != newest.request && acked(wrote.0).is_some_and(|other| other.event < newest.call))
}

/// Keys whose newest acknowledged write is in neither the database nor the cache, and those whose newest is only in the cache.
fn unkept(live: &Live<Caching>) -> (Vec<u32>, Vec<u32>) {
    let sim = live.sim();
    let (mut lost, mut unwritten) = (Vec::new(), Vec::new());
    for (key, newest) in live.watched().register.all_newest().filter(|(key, newest)| is_older(live, &row(sim, key), newest)) {
        let kept = dirty(sim, key).is_some_and(|row| !is_older(live, &row, newest));
        if kept { unwritten.push(newest.request.0) } else { lost.push(newest.request.0) }
    }
    lost.sort_unstable();
    unwritten.sort_unstable();
    (lost, unwritten)
}

/// How many acknowledged writes are lost: of each key the last one counts.
pub(super) fn lost(live: &Live<Caching>) -> usize {
    unkept(live).0.len()
}

/// What the judges are told.
pub(super) fn replicas(live: &Live<Caching>) -> Replicas {
    let sim = live.sim();
    let (lost, unwritten) = unkept(live);
    let mut astray: Vec<(u32, String)> =
        unwritten.into_iter().map(|request| (request, "is only in the memory of the cache".to_string())).collect();
    if !sim.node(DATABASE).is_up() {
        let kept = live.watched().register.all_newest().filter(|(_, newest)| lost.binary_search(&newest.request.0).is_err());
        astray.extend(kept.map(|(_, newest)| (newest.request.0, "is on db, which is down".to_string())));
        astray.sort();
        astray.dedup_by_key(|(request, _)| *request);
    }
    Replicas { lost, astray, risked: live.watched().risked, states: states(sim), unwritten: Some(INITIAL), unsettled: unsettled(sim) }
}

/// What readers would see of all keys that are cached or written: of the database, and through each cache.
fn states(sim: &Sim<Caching>) -> Vec<(String, Vec<(Key, Value)>)> {
    let rows = &sim.node(DATABASE).store().durable().rows;
    let value = |row: &Row| row.value.clone();
    let base: BTreeMap<Key, Value> = rows.iter().filter_map(|(key, row)| Some((key.clone(), value(row)?))).collect();
    let through = |shelf: &Shelf| {
        let mut seen = base.clone();
        for (key, entry) in &shelf.entries {
            match value(&entry.row) {
                Some(value) => drop(seen.insert(key.clone(), value)),
                None => drop(seen.remove(key)),
            }
        }
        seen
    };
    let own = std::iter::once(("db".to_string(), base.clone()));
    let all = own.chain(shelves(sim).map(|(id, shelf)| (name(id), through(shelf))));
    all.map(|(name, state)| (name, state.into_iter().collect())).collect()
}

/// Whether a cache serves something else than the database has.
fn is_wrong(sim: &Sim<Caching>, key: &Key, shelf: &Shelf) -> bool {
    let value = row(sim, key).value;
    shelf.entries.get(key).is_some_and(|entry| entry.row.value != value)
}

/// Whether something may yet change a copy of a key: a message, a node that is in the middle of something, the database's log.
pub(super) fn is_moving(sim: &Sim<Caching>, key: &Key) -> bool {
    let waiting = sim.ids().flat_map(|id| sim.node(id).inbox());
    let touched = sim.flights().map(|flight| &flight.msg).chain(waiting).any(|msg| msg.touches() == Some(key));
    touched
        || sim.node(DATABASE).store().has_unsynced()
        || sim.node(DATABASE).store().current().outbox.contains_key(key)
        || cache(sim).is_some_and(|cache| cache.is_at(key))
        || apps(sim).any(|(_, app)| app.is_at(key))
}

/// The keys of which a cache serves something else than the database has, while nothing about them is under way.
pub(super) fn differing(sim: &Sim<Caching>) -> impl Iterator<Item = (NodeId, &Key)> {
    let of = move |(id, shelf)| {
        let wrong = move |key: &&Key| is_wrong(sim, key, shelf) && !is_moving(sim, key);
        shelf_keys(shelf).filter(wrong).map(move |key| (id, key))
    };
    shelves(sim).flat_map(of)
}

fn shelf_keys(shelf: &Shelf) -> impl Iterator<Item = &Key> {
    shelf.entries.keys()
}

/// Why copies may still come together by themselves.
fn unsettled(sim: &Sim<Caching>) -> Option<String> {
    if let Some(why) = parted(sim) {
        return Some(why);
    }
    if let Some(id) = sim.server_ids().find(|id| !sim.node(*id).is_up() || sim.node(*id).is_paused()) {
        return Some(format!("{} is {}", name(id), if sim.node(id).is_up() { "paused" } else { "down" }));
    }
    for (id, shelf) in shelves(sim) {
        let wrong: Vec<&Key> = shelf.entries.keys().filter(|key| is_wrong(sim, key, shelf)).collect();
        if let Some(key) = wrong.iter().find(|key| is_moving(sim, key)) {
            return Some(format!("something about {key} is under way"));
        }
        let ends = |key: &&&Key| shelf.entries.get(**key).is_some_and(|entry| entry.ends.is_some());
        if let Some(key) = wrong.iter().find(ends) {
            return Some(format!("the entry of {key} in {} has not expired yet", name(id)));
        }
    }
    None
}
