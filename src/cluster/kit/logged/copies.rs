//! What the copies hold, for the checkers, and whether that may still change by itself.

use std::collections::BTreeMap;

use crate::check::operation::{Key, Replicas, Value};
use crate::cluster::kit::astray::{listed, only_on};
use crate::cluster::kit::reach::loses_all;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::{Logged, entry, has, ids, log};

/// What the replicas hold.
pub fn replicas<P: Logged>(live: &Live<P>) -> Replicas {
    let sim = live.sim();
    let state = |id: NodeId| {
        let state = sim.node(id).state()?;
        let values = state.keys().filter_map(|key| Some((key.clone(), state.value(key)?.clone())));
        Some((id.to_string(), values.chain(state.rows()).collect::<Vec<(Key, Value)>>()))
    };
    let ledger = P::ledger(live.watched());
    let lost: Vec<u32> = ledger.lost(sim).into_iter().collect();
    let astray = astray(live).into_iter().filter(|(request, _)| lost.binary_search(request).is_err()).collect();
    Replicas {
        lost,
        astray,
        risked: ledger.risked,
        states: ids(sim).filter_map(state).collect(),
        unsettled: unsettled(sim),
        ..Replicas::default()
    }
}

/// Acknowledged writes that the newest leader does not have, or while nobody leads no server that runs, and where they are.
fn astray<P: Logged>(live: &Live<P>) -> Vec<(u32, String)> {
    let sim = live.sim();
    let newest = P::leaders(sim).last().copied();
    let runs = |id: &NodeId| sim.node(*id).is_up();
    let safe: Vec<NodeId> = newest.map_or_else(|| ids(sim).filter(runs).collect(), |leader| vec![leader]);
    let mut holders: BTreeMap<u32, Vec<NodeId>> = BTreeMap::new();
    for id in ids(sim).filter(|id| !safe.contains(id)) {
        for request in beyond(sim, id, &safe).filter(|request| P::register(live.watched()).is_acked(*request)) {
            holders.entry(request).or_default().push(id);
        }
    }
    let place = |holders: Vec<NodeId>| {
        let (up, down): (Vec<NodeId>, Vec<NodeId>) = holders.into_iter().partition(runs);
        match newest.filter(|_| !up.is_empty()) {
            Some(leader) => format!("is on {}, and not on {leader}, which leads", listed(&up)),
            None => only_on(&down),
        }
    };
    holders.into_iter().map(|(request, holders)| (request, place(holders))).collect()
}

/// The requests in the log of a server after its last entry that one of the others has in the same place, which they do not have.
fn beyond<'a, P: Logged>(sim: &'a Sim<P>, id: NodeId, others: &'a [NodeId]) -> impl Iterator<Item = u32> + 'a {
    let own = move |index| entry(sim, id, index);
    let shared = move |index: &u64| others.iter().any(|other| entry(sim, *other, *index) == own(*index));
    let parted = (1..=log(sim, id).len() as u64).rev().take_while(move |index| !shared(index));
    let requests = parted.filter_map(move |index| P::request(&*own(index)?));
    requests.map(|request| request.0).filter(|request| !others.iter().any(|other| has(sim, *other, *request)))
}

/// Why the contents of the servers that run may still change without a poke; `None`: they will not.
fn unsettled<P: Logged>(sim: &Sim<P>) -> Option<String> {
    let network = sim.network();
    let pairs = || ids(sim).flat_map(|a| ids(sim).map(move |b| (a, b)));
    if pairs().any(|(a, b)| a != b && network.is_cut(a, b)) {
        return Some("a cut is open".into());
    }
    if loses_all(sim) {
        return Some("a line loses everything".into());
    }
    let leader = match P::leaders(sim)[..] {
        [] => return Some("nobody leads".into()),
        [leader] => leader,
        [a, b, ..] => return Some(format!("{a} and {b} both lead")),
    };
    if let Some(paused) = ids(sim).find(|id| sim.node(*id).is_paused()) {
        return Some(format!("{paused} is paused"));
    }
    let is_offered = ids(sim).any(|id| sim.node(id).is_up() && P::kept(sim.node(id).store().current()).next().is_some());
    let has_stopped = |id: NodeId| sim.node(id).state().is_some_and(P::has_stopped);
    let follows = |id: NodeId| has_stopped(id) || has_applied(sim, id, leader);
    let all = ids(sim).filter(|id| sim.node(*id).is_up()).all(follows);
    (is_offered || !all).then(|| "still spreading".into())
}

/// Whether a write is on its way to a log.
fn is_carried<P: Logged>(sim: &Sim<P>) -> bool {
    let waiting = ids(sim).flat_map(|id| sim.node(id).inbox());
    sim.flights().map(|flight| &flight.msg).chain(waiting).any(|msg| P::carried(msg).next().is_some())
}

/// Whether a server has all that its leader has for it, and has applied it: the leader's log, or what comes without a place and is
/// not on its way any more.
fn has_applied<P: Logged>(sim: &Sim<P>, id: NodeId, leader: NodeId) -> bool {
    let (own, theirs) = (log(sim, id), log(sim, leader));
    let same = own.len() == theirs.len() && own.last() == theirs.last();
    let has = if P::sends_places(sim.settings()) { same } else { !is_carried(sim) };
    has && sim.node(id).state().is_some_and(|state| state.applied() == own.len() as u64)
}
