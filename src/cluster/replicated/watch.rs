//! What the facts remember of the past: epochs, what left a log, what a merge overruled.

use std::sync::Arc;

use crate::check::operation::Key;
use crate::cluster::kit::logged::{Ledger, Moment};
use crate::cluster::kit::places::Places;
use crate::cluster::kit::register::Register;
use crate::cluster::live::{self, Seen};
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::Trace;

use super::entry::Entry;
use super::merge::ids;
use super::message::Note;
use super::statements::Copies;
use super::{Replicated, availability};

/// One epoch: where its leader's log began, and the last entry of each key that it took.
#[derive(Clone, Debug, Default)]
struct Epoch {
    start: u64,
    taken: OrdMap<Key, u64>,
}

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// What clients wrote and saw.
    pub(super) register: Register,
    /// How often leadership changed.
    pub failovers: usize,
    /// Requests that a rejoining server threw away.
    pub discarded: usize,
    /// Writes taken by one leader of a key that another leader wrote after their logs had parted.
    pub conflicts: usize,
    /// Whether a write can be acknowledged.
    pub(super) serving: bool,
    /// How long clients wait in each zone, and who answers them.
    pub(super) places: Places,
    /// Where the writes are.
    pub(super) ledger: Ledger<Arc<Entry>>,
    /// What the tables came to.
    pub(super) copies: Copies,
    epochs: OrdMap<u64, Epoch>,
}

impl live::Watch<Replicated> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Replicated>) {
        self.register.follow(seen);
        self.places.follow(seen);
        let mut moved = seen.touched.is_none();
        for entry in seen.trace {
            if let Trace::Note(who, note) = &entry.what {
                moved |= note.moves();
                self.see(*who, note, seen.sim);
            }
        }
        self.ledger.follow(&Moment { sim: seen.sim, register: &self.register, ended: seen.ended }, seen.touched);
        self.copies.follow(seen);
        // Only a poke or a change of roles can end it; anything can begin it.
        if moved || !self.serving {
            self.serving = availability::can_acknowledge(seen.sim);
        }
    }
}

impl Watch {
    fn see(&mut self, who: NodeId, note: &Note, sim: &Sim<Replicated>) {
        match note {
            Note::Leads { epoch, start } => {
                self.failovers += 1;
                self.ledger.risked |= !self.register.acked.is_empty();
                self.epochs.insert(*epoch, Epoch { start: *start, taken: OrdMap::new() });
            }
            Note::Accepted { index, epoch, key, .. } if changes(sim, who, *index, key) => self.take(*epoch, *index, key),
            Note::Discards { requests, .. } => self.discarded += requests.len(),
            Note::Merges { overruled, .. } => self.ledger.overrule(ids(overruled), &self.register),
            _ => {}
        }
    }

    /// The newest epoch that ever had a leader; the first leader is in office from the start.
    pub(super) fn epoch(&self) -> u64 {
        self.epochs.get_max().map_or(1, |(epoch, _)| *epoch).max(1)
    }

    /// A leader takes a write. It conflicts with one of another leader of the same key if each came after the fork of the
    /// two logs, which is where the younger epoch starts.
    fn take(&mut self, epoch: u64, index: u64, key: &Key) {
        let meets = |(other, seen): (&u64, &Epoch)| {
            let theirs = seen.taken.get(key);
            if *other < epoch {
                let fork = self.epochs.get(&epoch).map_or(0, |own| own.start);
                theirs.is_some_and(|last| *last >= fork)
            } else {
                *other > epoch && index >= seen.start && theirs.is_some()
            }
        };
        self.conflicts += usize::from(self.epochs.iter().any(meets));
        self.epochs.entry(epoch).or_default().taken.insert(key.clone(), index);
    }
}

/// Whether an entry that a leader has just put into its log changes its key: a compare-and-set that will be refused does not.
fn changes(sim: &Sim<Replicated>, leader: NodeId, index: u64, key: &Key) -> bool {
    let node = sim.node(leader);
    let Some(Replicated::Server(server)) = node.state() else { return true };
    let mut data = server.data.clone();
    for at in server.applied + 1..=index {
        if let Some(entry) = node.store().current().get(at) {
            super::entry::apply(&mut data, at, &entry);
        }
    }
    data.get(key).is_some_and(|cell| cell.index == index)
}
