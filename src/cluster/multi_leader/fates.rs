//! Where acknowledged changes are: shown somewhere, on their way, only on a server that is down, or nowhere any more.

use std::sync::Arc;

use crate::algo::version::Dot;
use crate::check::operation::Key;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::table::Table;

use super::MultiLeader;
use super::change::{Change, Vector};
use super::look::{disk, running, servers};

/// A change whose place nothing has taken that came after it.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub change: Arc<Change>,
    pub acked: bool,
}

/// What is to be said of an acknowledged change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is shown.
    Kept,
    /// No server that runs shows it, and one may yet.
    Coming,
    /// Nobody shows it, nor anything that came after it.
    Lost,
    /// Only servers that are down do.
    Down(Vec<NodeId>),
}

/// What is known of all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Fates {
    /// By row. A write stays until another leader or client, having seen it, writes the row; any other change until two servers have it.
    standing: OrdMap<Key, Vec<Standing>>,
    rows: OrdMap<RequestId, Key>,
    /// Acknowledged changes that are gone for good, by request.
    gone: Table<()>,
    /// Acknowledged changes that no other server has yet.
    alone: OrdSet<Dot<NodeId>>,
}

/// Whether a write may take the place of another one: its leader had it, or, where `knew` says what its client knew, that one did. What the
/// write says of itself is no witness.
fn takes_place_of(new: &Change, old: &Change, knew: Option<&OrdSet<Dot<NodeId>>>) -> bool {
    new.is_write() && knew.map_or_else(|| new.past.covers(old.dot), |knew| knew.contains(&old.dot))
}

impl Fates {
    /// A leader that has lost its disk gives a number again: what had it before is nowhere, or will be taken for the other.
    pub(super) fn number_is_reused(&mut self, dot: Dot<NodeId>) {
        for standing in self.standing.values().flatten().filter(|old| old.acked && old.change.dot == dot && !old.change.is_write()) {
            self.gone.extend(standing.change.number().map(|number| (number, ())));
        }
    }

    /// A leader takes a change of its own. `knew`: what its client knew of the row, where it may replace nothing else.
    pub(super) fn accepted(&mut self, change: &Arc<Change>, knew: Option<&OrdSet<Dot<NodeId>>>) {
        let Some(request) = change.request else { return };
        let standing = self.standing.entry(change.key.clone()).or_default();
        standing.retain(|old| !old.change.is_write() || !takes_place_of(change, &old.change, knew));
        standing.push(Standing { change: change.clone(), acked: false });
        self.rows.insert(request, change.key.clone());
    }

    /// Another leader takes a change in.
    pub(super) fn spread(&mut self, change: &Change, sim: &Sim<MultiLeader>) {
        // Changes of a leader spread in their order: this one and those before it are alone no more.
        while let Some(dot) = self.first_alone(change.dot.actor).filter(|dot| dot.counter <= change.dot.counter) {
            self.alone.remove(&dot);
        }
        let Some(standing) = self.standing.get_mut(&change.key) else { return };
        standing.retain(|old| old.change.is_write() || old.change.dot != change.dot);
        let is_gone = |old: &Standing| servers(sim).all(|id| disk(sim, id).seen.covers(old.change.dot) && !shows(sim, id, &old.change));
        let gone: Vec<u32> = standing.iter().filter(|old| old.acked && is_gone(old)).filter_map(|old| old.change.number()).collect();
        standing.retain(|old| !is_gone(old));
        self.gone.extend(gone.into_iter().map(|number| (number, ())));
    }

    /// The first acknowledged change of a server that no other one has.
    fn first_alone(&self, server: NodeId) -> Option<Dot<NodeId>> {
        let first = self.alone.range(Dot { actor: server, counter: 0 }..).next().copied();
        first.filter(|dot| dot.actor == server)
    }

    /// Whether nothing has taken the place of a change of a row.
    pub(super) fn stands(&self, key: &Key, dot: Dot<NodeId>) -> bool {
        self.standing.get(key).is_some_and(|standing| standing.iter().any(|old| old.change.dot == dot))
    }

    /// A client was told.
    pub(super) fn acked(&mut self, request: RequestId, dot: Dot<NodeId>, sim: &Sim<MultiLeader>) {
        if servers(sim).all(|id| id == dot.actor || !disk(sim, id).seen.covers(dot)) {
            self.alone.insert(dot);
        }
        let Some(key) = self.rows.remove(&request) else { return };
        if let Some(standing) = self.standing.get_mut(&key) {
            standing.iter_mut().filter(|old| old.change.request == Some(request)).for_each(|old| old.acked = true);
        }
    }

    /// A server has lost some of its log: what only it had is nowhere.
    pub(super) fn shrunk(&mut self, server: NodeId, seen: &Vector) {
        self.alone = self.alone.iter().filter(|dot| dot.actor != server || seen.covers(**dot)).copied().collect();
    }

    /// How many acknowledged changes of each server no other one has.
    pub(super) fn alone(&self, server: NodeId) -> usize {
        self.alone.iter().filter(|dot| dot.actor == server).count()
    }

    /// The acknowledged changes that may not be kept, by request.
    pub(super) fn in_doubt(&self, sim: &Sim<MultiLeader>) -> OrdMap<u32, Fate> {
        let standing = self.standing.values().flatten().filter(|old| old.acked);
        let doubtful = standing.filter_map(|old| Some((old.change.number()?, fate(sim, &old.change))));
        let gone = self.gone.keys().map(|request| (request, Fate::Lost));
        doubtful.chain(gone).filter(|(_, fate)| *fate != Fate::Kept).collect()
    }
}

/// Whether a server shows a change to its readers.
fn shows(sim: &Sim<MultiLeader>, id: NodeId, change: &Change) -> bool {
    if !change.is_write() {
        return has(sim, id, change);
    }
    disk(sim, id).rows.get(&change.key).is_some_and(|row| row.writes().any(|held| held.request == change.request))
}

/// Whether a server has a change in its log.
fn has(sim: &Sim<MultiLeader>, id: NodeId, change: &Change) -> bool {
    disk(sim, id).seen.covers(change.dot)
}

fn fate(sim: &Sim<MultiLeader>, change: &Change) -> Fate {
    if running(sim).any(|id| shows(sim, id, change)) {
        return Fate::Kept;
    }
    let comes = || {
        let flies = sim.flights().filter(|flight| !flight.lost).flat_map(|flight| flight.msg.carried());
        flies.into_iter().any(|carried| carried.request == change.request) || running(sim).any(|id| has(sim, id, change))
    };
    let awaited = running(sim).any(|id| !disk(sim, id).seen.covers(change.dot));
    if awaited && comes() {
        return Fate::Coming;
    }
    let down: Vec<NodeId> = servers(sim).filter(|id| !sim.node(*id).is_up() && shows(sim, *id, change)).collect();
    if down.is_empty() { Fate::Lost } else { Fate::Down(down) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::version::VersionVector;
    use crate::cluster::multi_leader::change::What;

    fn write(counter: u64, covers: u64) -> Change {
        let upto = |counter| VersionVector::from_iter([Dot { actor: NodeId::server(0), counter }]);
        let (key, what) = ("x".into(), What::Write { value: None, context: upto(covers).into() });
        let dot = Dot { actor: NodeId::server(0), counter };
        Change { dot, tick: 0, request: None, key, what, past: upto(counter - 1), answers: None, inserted: None }
    }

    /// A judge that asked the write itself would believe what a careless leader wrote into it.
    #[test]
    fn what_a_write_says_that_it_replaces_is_no_witness() {
        let (old, new) = (write(1, 0), write(2, 1));
        assert!(!takes_place_of(&new, &old, Some(&OrdSet::new())), "its client knew nothing");
        assert!(takes_place_of(&new, &old, Some(&OrdSet::unit(old.dot))) && takes_place_of(&new, &old, None));
        assert!(!takes_place_of(&Change { past: VersionVector::default(), ..new }, &old, None), "its leader had nothing");
    }
}
