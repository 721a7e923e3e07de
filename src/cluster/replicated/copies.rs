//! What the copies hold, for the checkers, and whether that may still change by itself.

use crate::check::operation::{Key, Replicas, Value};
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Replicated;
use super::facts::{disk, ids, is_stranded, leaders, lost, server};

/// What the replicas hold.
pub(super) fn replicas(live: &Live<Replicated>) -> Replicas {
    let sim = live.sim();
    let state = |id: NodeId| {
        let values = server(sim, id)?.data.iter().map(|(key, cell)| (key.clone(), cell.value.clone()));
        Some((id.to_string(), values.collect::<Vec<(Key, Value)>>()))
    };
    let lost: Vec<u32> = lost(live).into_iter().collect();
    let astray = astray(live).into_iter().filter(|(request, _)| lost.binary_search(request).is_err()).collect();
    let risked = live.watched().ledger.risked;
    Replicas { lost, astray, risked, states: ids(sim).filter_map(state).collect(), unsettled: unsettled(sim) }
}

/// Acknowledged writes that the newest leader does not have, or while nobody leads no server that runs, and where they are.
fn astray(live: &Live<Replicated>) -> Vec<(u32, String)> {
    let sim = live.sim();
    let newest = leaders(sim).last().copied();
    let runs = |id: &NodeId| sim.node(*id).is_up();
    let safe: Vec<NodeId> = newest.map_or_else(|| ids(sim).filter(runs).collect(), |leader| vec![leader]);
    let mut found = Vec::new();
    for id in ids(sim).filter(|id| !safe.contains(id)) {
        let place = match (newest, runs(&id)) {
            (Some(leader), true) => format!("is on {id}, and not on {leader}, which leads"),
            (_, up) => format!("is only on {id}, which {}", if up { "follows nobody" } else { "is down" }),
        };
        for request in beyond(sim, id, &safe).filter(|request| live.watched().register.is_acked(*request)) {
            found.push((request, place.clone()));
        }
    }
    found.sort();
    found.dedup_by_key(|(request, _)| *request);
    found
}

/// The requests in the log of a server after its last entry that one of the others has in the same place, which they do not have.
fn beyond<'a>(sim: &'a Sim<Replicated>, id: NodeId, others: &'a [NodeId]) -> impl Iterator<Item = u32> + 'a {
    let own = disk(sim, id);
    let shared = |index: &u64| others.iter().any(|other| disk(sim, *other).get(*index) == own.get(*index));
    let requests = (1..=own.last()).rev().take_while(move |index| !shared(index)).filter_map(|index| own.get(index)?.request());
    requests.map(|request| request.0).filter(|request| !others.iter().any(|other| disk(sim, *other).seen.contains(*request)))
}

/// Why the contents of the servers that run may still change without a poke; `None`: they will not.
fn unsettled(sim: &Sim<Replicated>) -> Option<String> {
    let network = sim.network();
    let pairs = || ids(sim).flat_map(|a| ids(sim).map(move |b| (a, b)));
    if pairs().any(|(a, b)| a != b && network.is_cut(a, b)) {
        return Some("a cut is open".into());
    }
    let leader = match leaders(sim)[..] {
        [] => return Some("nobody leads".into()),
        [leader] => leader,
        [a, b, ..] => return Some(format!("{a} and {b} both lead")),
    };
    if let Some(paused) = ids(sim).find(|id| sim.node(*id).is_paused()) {
        return Some(format!("{paused} is paused"));
    }
    let is_offered = ids(sim).any(|id| sim.node(id).is_up() && !disk(sim, id).offers.is_empty());
    let follows = |id: NodeId| is_stranded(sim, id) || has_applied(sim, id, leader);
    let all = ids(sim).filter(|id| sim.node(*id).is_up()).all(follows);
    (is_offered || !all).then(|| "still spreading".into())
}

/// Whether a server has its leader's log and has applied all of it.
fn has_applied(sim: &Sim<Replicated>, id: NodeId, leader: NodeId) -> bool {
    let (own, theirs) = (disk(sim, id), disk(sim, leader));
    let same = own.log.len() == theirs.log.len() && own.log.last() == theirs.log.last();
    same && server(sim, id).is_some_and(|server| server.applied == own.last())
}
