//! What the facts remember of the past: epochs, what left a log, what a merge overruled.

use imbl::{OrdMap, OrdSet};

use crate::check::operation::Key;
use crate::sim::trace::{Entry, Trace};

use super::entry::Disk;
use super::merge::ids;
use super::message::Note;

/// One epoch: where its leader's log began, and the last entry of each key that it took.
#[derive(Clone, Debug, Default)]
struct Epoch {
    start: u64,
    taken: OrdMap<Key, u64>,
}

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// How often leadership changed.
    pub failovers: usize,
    /// Requests that left some server's log; acknowledged ones that are in no log at all are lost.
    pub gone: OrdSet<u32>,
    /// Requests that a merge overruled.
    pub overruled: OrdSet<u32>,
    /// Requests that a rejoining server threw away.
    pub discarded: usize,
    /// Writes taken by one leader of a key that another leader wrote after their logs had parted.
    pub conflicts: usize,
    epochs: OrdMap<u64, Epoch>,
}

impl Watch {
    pub(super) fn see(&mut self, entry: &Entry<Note>) {
        let Trace::Note(_, note) = &entry.what else { return };
        match note {
            Note::Leads { epoch, start } => {
                self.failovers += 1;
                self.epochs.insert(*epoch, Epoch { start: *start, taken: OrdMap::new() });
            }
            Note::Accepted { index, epoch, key, .. } => self.take(*epoch, *index, key),
            Note::Discards { requests, .. } => {
                self.discarded += requests.len();
                self.gone.extend(ids(requests));
            }
            Note::Merges { overruled, .. } => {
                self.overruled.extend(ids(overruled));
                self.gone.extend(ids(overruled));
            }
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

    /// What a crash took from a disk may be nowhere else.
    pub(super) fn crash(&mut self, before: &Disk, after: &Disk) {
        self.gone.extend(before.seen.keys().copied().filter(|request| !after.seen.contains_key(request)));
    }
}
