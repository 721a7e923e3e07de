//! Serializable snapshot isolation: every cycle of transactions on snapshots has one that has both read what another then changed, and
//! changed what another had read; and of the three the one that changed what it had read commits first. Whoever would be such a pivot is
//! aborted (Cahill et al. 2008; Ports and Grittner 2012, section 3.3).

use super::engine::Engine;
use super::{Level, Reach, Why};
use crate::persistent::{Few, OrdSet};

/// The conflicts of a transaction. Those with transactions that were aborted are forgotten.
#[derive(Clone, Debug)]
pub(super) struct Mark<T: Ord + Clone> {
    /// These have read what it then changed.
    before: OrdSet<T>,
    /// These have changed what it had read.
    after: OrdSet<T>,
}

impl<T: Ord + Clone> Default for Mark<T> {
    fn default() -> Self {
        Mark { before: OrdSet::new(), after: OrdSet::new() }
    }
}

/// A transaction that was committed.
#[derive(Clone, Debug)]
pub(super) struct Past<K: Clone> {
    /// The number of its commit.
    pub(super) committed: u64,
    /// What it had read.
    pub(super) reads: Few<Reach<K>>,
    /// Whether one that had changed what it had read was committed, or could not be aborted any more, before it.
    pub(super) is_late: bool,
}

impl<K: Ord + Clone, V: Clone, T: Ord + Copy> Engine<K, V, T> {
    /// A read: whoever changed any of it since the snapshot, or is changing it, comes after the reader.
    pub(super) fn read_serially(&mut self, reader: T, reach: &Reach<K>) -> Result<(), Why> {
        let begun = self.open.get(&reader).map_or(self.clock, |open| open.begun);
        let writers: Vec<T> = self.newer_writers(reach, begun).chain(self.writers_in(reader, reach)).collect();
        writers.into_iter().filter(|writer| *writer != reader).try_for_each(|writer| {
            self.conflict(reader, writer);
            // The writer cannot be aborted any more, and would be a pivot: the reader is.
            if self.is_late(writer) { Err(Why::NoOrder) } else { Ok(()) }
        })
    }

    /// A change: whoever has read the row, and does not see the change, comes before the writer.
    pub(super) fn write_serially(&mut self, writer: T, key: &K) {
        let begun = self.open.get(&writer).map_or(self.clock, |open| open.begun);
        let has_read = |reads: &Few<Reach<K>>| reads.iter().any(|reach| reach.covers(key));
        let open = self.open.iter().filter(|(_, open)| open.level == Level::Serializable && has_read(&open.reads)).map(|(tx, _)| *tx);
        let past = self.past.iter().filter(|(_, past)| past.committed > begun && has_read(&past.reads)).map(|(tx, _)| *tx);
        let readers: Vec<T> = open.chain(past).filter(|reader| *reader != writer).collect();
        for reader in readers {
            self.conflict(reader, writer);
        }
    }

    /// `reader` did not see what `writer` changed.
    fn conflict(&mut self, reader: T, writer: T) {
        if let Some(open) = self.open.get_mut(&reader) {
            open.mark.after.insert(writer);
        }
        if let Some(open) = self.open.get_mut(&writer) {
            open.mark.before.insert(reader);
        }
    }

    /// Whether it may commit: it is no pivot whose later one is committed, or promised; nor is it the later one of a pivot that has
    /// promised and not committed.
    pub(super) fn is_in_order(&self, tx: T) -> bool {
        let Some(open) = self.open.get(&tx).filter(|open| open.level == Level::Serializable) else { return true };
        let is_pivot = !open.mark.before.is_empty() && open.mark.after.iter().any(|after| self.is_fixed(*after));
        let follows_pivot = |before: &T| self.open.get(before).is_some_and(|pivot| pivot.is_prepared() && !pivot.mark.before.is_empty());
        !is_pivot && !open.mark.before.iter().any(follows_pivot)
    }

    /// Whether it cannot be aborted any more.
    fn is_fixed(&self, tx: T) -> bool {
        self.open.get(&tx).is_none_or(super::Open::is_prepared)
    }

    /// Whether it cannot be aborted any more, and one that changed what it had read was so before it.
    pub(super) fn is_late(&self, tx: T) -> bool {
        match self.open.get(&tx) {
            Some(open) => open.is_prepared() && open.mark.after.iter().any(|after| self.is_fixed(*after)),
            None => self.past.get(&tx).is_some_and(|past| past.is_late),
        }
    }

    /// An aborted transaction conflicts with nobody.
    pub(super) fn forget_conflicts(&mut self, tx: T) {
        let touched: Vec<T> = self
            .open
            .iter()
            .filter(|(_, open)| open.mark.before.contains(&tx) || open.mark.after.contains(&tx))
            .map(|(tx, _)| *tx)
            .collect();
        for other in touched {
            if let Some(open) = self.open.get_mut(&other) {
                open.mark.before.remove(&tx);
                open.mark.after.remove(&tx);
            }
        }
    }
}
