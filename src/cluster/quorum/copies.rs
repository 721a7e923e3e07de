//! What became of the copies: who is behind, what is lost, what differs.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::operation::{Key, Replicas, Value};
use crate::cluster::kit::astray::only_on;
use crate::cluster::kit::reach::parted;
use crate::cluster::live::Live;
use crate::cluster::live::Moments;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Quorum;
use super::cell::Cell;
use super::look::{disk, homes, servers};
use super::settings::{Placement, Versions};
use super::watch::Acked;

/// Every key that any disk has a copy of.
pub(super) fn keys(sim: &Sim<Quorum>) -> BTreeSet<Key> {
    servers(sim).flat_map(|id| disk(sim, id).cells.keys()).cloned().collect()
}

fn runs(sim: &Sim<Quorum>, id: NodeId) -> bool {
    sim.node(id).is_up()
}

/// Two copies together. Where nothing orders them, the one that was asked for later stands for both.
fn together(a: Option<Cell>, b: &Cell, rule: Versions) -> Cell {
    let asked = |cell: &Cell| cell.writes().map(|written| written.request).max();
    match a {
        None => b.clone(),
        Some(a) if rule == Versions::Arrival => {
            if asked(b) > asked(&a) {
                b.clone()
            } else {
                a
            }
        }
        Some(a) => a.taking(b, rule).unwrap_or(a),
    }
}

/// The newest of a key that its replicas hold, the running ones alone or all; hints and messages on their way included.
fn newest(sim: &Sim<Quorum>, key: &Key, counts: impl Fn(NodeId) -> bool) -> Option<Cell> {
    let rule = sim.settings().versions;
    let homes = homes(sim, key);
    let held = servers(sim).filter(|id| counts(*id)).flat_map(|id| {
        let disk = disk(sim, id);
        let hints = disk.hints.iter().filter(|((_, of), _)| of == key).map(|(_, hint)| &hint.cell);
        let own = disk.cells.get(key).filter(|_| homes.contains(&id));
        own.into_iter().chain(hints)
    });
    let on_their_way = sim.flights().filter(|flight| !flight.lost).flat_map(|flight| flight.msg.carried());
    let flying = on_their_way.filter(|(of, _)| *of == key).map(|(_, cell)| cell);
    held.chain(flying).fold(None, |newest, cell| Some(together(newest, cell, rule)))
}

/// For each server, running or not: of how many keys its copy is older than an acknowledged write.
pub(super) fn behind(live: &Live<Quorum>) -> Vec<(NodeId, usize)> {
    let sim = live.sim();
    let lacks = |id: NodeId, acked: &Acked, key: &Key| match disk(sim, id).cells.get(key) {
        Some(cell) => !covers(live, key, cell, acked),
        None => !acked.cell.is_tombstone(),
    };
    let count = |id: NodeId| {
        let acked = live.watched().acked.iter().filter(|(key, _)| homes(sim, key).contains(&id));
        acked.filter(|(key, acked)| acked.iter().any(|acked| lacks(id, acked, key))).count()
    };
    servers(sim).map(|id| (id, count(id))).collect()
}

/// What is to be said of an acknowledged write.
enum Fate {
    Kept,
    /// Nobody has it or anything that may take its place.
    Lost,
    /// Only nodes that are down do.
    Down(Vec<NodeId>),
}

/// A write is kept where a copy covers it; one that was acknowledged before it was called may not take its place. A tombstone that
/// everybody has forgotten is kept while no older value is there.
fn fate(live: &Live<Quorum>, key: &Key, acked: &Acked) -> Fate {
    let (sim, rule) = (live.sim(), live.sim().settings().versions);
    let keeps = |cell: Option<Cell>| {
        let purged = live.watched().purged.get(key);
        match (&cell, purged) {
            (None, _) if acked.cell.is_tombstone() => true,
            (None, purged) => purged.is_some_and(|purged| purged.covers(&acked.cell, rule)),
            (Some(cell), _) => covers(live, key, cell, acked) && !is_older(live, cell, acked),
        }
    };
    if keeps(newest(sim, key, |id| runs(sim, id))) {
        return Fate::Kept;
    }
    if !keeps(newest(sim, key, |_| true)) {
        return Fate::Lost;
    }
    let holds = |id: &NodeId| !runs(sim, *id) && keeps(newest(sim, key, |other| other == *id));
    let down: Vec<NodeId> = servers(sim).filter(holds).collect();
    if down.is_empty() { Fate::Lost } else { Fate::Down(down) }
}

/// Whether a copy is as new as an acknowledged write. Without a rule any is that is not older for certain.
pub(super) fn covers(live: &Live<Quorum>, key: &Key, cell: &Cell, acked: &Acked) -> bool {
    let succession = &live.watched().succession;
    match live.sim().settings().versions {
        Versions::Arrival => !is_older(live, cell, acked),
        Versions::Vector if succession.stands(key, acked.request) => {
            cell.writes().any(|written| succession.speaks_for(key, written.request, acked.request))
        }
        rule => cell.covers(&acked.cell, rule),
    }
}

/// Whether all that a copy holds was acknowledged before a write was called, so that it is older however it is stamped.
fn is_older(live: &Live<Quorum>, cell: &Cell, acked: &Acked) -> bool {
    let register = &live.watched().register;
    cell.writes().all(|written| register.acked.get(written.request.0).is_some_and(|other| other.event < acked.call))
}

/// Acknowledged writes with their fates, by request.
fn fates(live: &Live<Quorum>) -> BTreeMap<u32, Fate> {
    let all = live.watched().acked.iter().flat_map(|(key, acked)| acked.iter().map(move |acked| (key, acked)));
    all.map(|(key, acked)| (acked.request.0, fate(live, key, acked))).collect()
}

/// How many acknowledged writes are lost.
pub(super) fn lost(live: &Live<Quorum>) -> usize {
    fates(live).into_values().filter(|fate| matches!(fate, Fate::Lost)).count()
}

/// Keys whose newest acknowledged write is a delete, that no replica knows of any more and some still have.
pub(super) fn resurrected(live: &Live<Quorum>) -> usize {
    let (sim, rule) = (live.sim(), live.sim().settings().versions);
    let is_back = |(key, acked): (&Key, &Vec<Acked>)| {
        let Some(delete) = acked.last().filter(|acked| acked.cell.is_tombstone()) else { return false };
        let copies: Vec<&Cell> = homes(sim, key).into_iter().filter_map(|id| disk(sim, id).cells.get(key)).collect();
        !copies.is_empty() && copies.iter().all(|cell| !cell.covers(&delete.cell, rule))
    };
    live.watched().acked.iter().filter(|(key, acked)| is_back((key, acked))).count()
}

/// The contents of the first, second, ... copy of every key. Where its node is down, the key's other copies speak for it.
fn states(sim: &Sim<Quorum>) -> Vec<(String, Vec<(Key, Value)>)> {
    let copies = sim.settings().n as usize;
    let mut states: Vec<(String, Vec<(Key, Value)>)> = (1..=copies).map(|i| (format!("copy {i}"), Vec::new())).collect();
    for key in keys(sim) {
        let homes = homes(sim, &key);
        let Some(first) = homes.iter().find(|id| runs(sim, **id)) else { continue };
        for ((name, state), home) in states.iter_mut().zip(&homes) {
            let from = if runs(sim, *home) { home } else { first };
            if sim.settings().placement == Placement::Same {
                *name = home.to_string();
            }
            state.extend(disk(sim, *from).cells.get(&key).and_then(Cell::value).map(|value| (key.clone(), value)));
        }
    }
    states
}

/// Keys that do not have the same value on all replicas that run.
pub(super) fn divergent(sim: &Sim<Quorum>) -> usize {
    let value = |id: NodeId, key: &Key| disk(sim, id).cells.get(key).and_then(Cell::value);
    let differs = |key: &Key| {
        let mut values = homes(sim, key).into_iter().filter(|id| runs(sim, *id)).map(|id| value(id, key));
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    keys(sim).iter().filter(|key| differs(key)).count()
}

/// The most siblings that any copy of a key has.
pub(super) fn siblings(sim: &Sim<Quorum>) -> usize {
    servers(sim).flat_map(|id| disk(sim, id).cells.values()).map(|cell| cell.live().count()).max().unwrap_or(0)
}

/// What the judges are told.
pub(super) fn replicas(live: &Live<Quorum>) -> Replicas {
    let mut lost = Vec::new();
    let mut astray = Vec::new();
    for (request, fate) in fates(live) {
        match fate {
            Fate::Kept => {}
            Fate::Lost => lost.push(request),
            Fate::Down(down) => astray.push((request, only_on(&down))),
        }
    }
    Replicas { lost, astray, risked: live.watched().risked, states: states(live.sim()), unsettled: unsettled(live), ..Replicas::default() }
}

/// Why copies may still come together by themselves.
fn unsettled(live: &Live<Quorum>) -> Option<String> {
    let sim = live.sim();
    if let Some(why) = parted(sim) {
        return Some(why);
    }
    if let Some(id) = servers(sim).find(|id| !runs(sim, *id) || sim.node(*id).is_paused()) {
        return Some(format!("{id} is {}", if runs(sim, id) { "paused" } else { "down" }));
    }
    if let Some(id) = servers(sim).find(|id| sim.node(*id).store().is_full()) {
        return Some(format!("the disk of {id} is full"));
    }
    if sim.flights().any(|flight| flight.is_held() && !flight.leg.from.is_client() && !flight.leg.to.is_client()) {
        return Some("a message between servers is held".to_string());
    }
    if sim.flights().any(|flight| flight.msg.carried().next().is_some()) {
        return Some("copies are on their way".to_string());
    }
    if servers(sim).any(|id| !disk(sim, id).hints.is_empty()) {
        return Some("hints wait to be handed over".to_string());
    }
    let quiet = live.watched().stirred + <Quorum as Moments>::patience(sim.settings());
    (sim.settings().anti_entropy.is_some() && sim.now() < quiet).then(|| "anti-entropy is at work".to_string())
}
