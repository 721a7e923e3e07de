//! Serializable snapshot isolation: every cycle of transactions on snapshots has one that has both read what another then changed, and
//! changed what another had read. Whoever would be such a pivot is aborted (Cahill et al. 2008, figures 6 to 9).

use imbl::Vector;

use super::engine::Engine;
use super::{Level, Reach, Why};

/// The conflicts of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Another read what it then changed.
    pub(super) has_in: bool,
    /// It read what another then changed.
    pub(super) has_out: bool,
}

impl Mark {
    /// Whether it could be the middle of a cycle.
    pub(super) fn is_pivot(self) -> bool {
        self.has_in && self.has_out
    }
}

/// A transaction that was committed.
#[derive(Clone, Debug)]
pub(super) struct Past<K: Clone> {
    /// The number of its commit.
    pub(super) committed: u64,
    /// What it had read.
    pub(super) reads: Vector<Reach<K>>,
    pub(super) mark: Mark,
}

impl<K: Ord + Clone, V: Clone, T: Ord + Copy> Engine<K, V, T> {
    /// A read: whoever changed any of it since the snapshot, or is changing it, comes after the reader.
    pub(super) fn read_serially(&mut self, reader: T, reach: &Reach<K>) -> Result<(), Why> {
        let begun = self.open.get(&reader).map_or(self.clock, |open| open.begun);
        let writers: Vec<T> = self.newer_writers(reach, begun).chain(self.writers_in(reader, reach)).collect();
        writers.into_iter().filter(|writer| *writer != reader).try_for_each(|writer| self.conflict(reader, writer, reader))
    }

    /// A change: whoever has read the row, and does not see the change, comes before the writer.
    pub(super) fn write_serially(&mut self, writer: T, key: &K) -> Result<(), Why> {
        let begun = self.open.get(&writer).map_or(self.clock, |open| open.begun);
        let has_read = |reads: &Vector<Reach<K>>| reads.iter().any(|reach| reach.covers(key));
        let open = self.open.iter().filter(|(_, open)| open.level == Level::Serializable && has_read(&open.reads)).map(|(tx, _)| *tx);
        let past = self.past.iter().filter(|(_, past)| past.committed > begun && has_read(&past.reads)).map(|(tx, _)| *tx);
        let readers: Vec<T> = open.chain(past).filter(|reader| *reader != writer).collect();
        readers.into_iter().try_for_each(|reader| self.conflict(reader, writer, writer))
    }

    /// `reader` did not see what `writer` changed. Where the other one is beyond abort and would be a pivot, `actor` is aborted.
    fn conflict(&mut self, reader: T, writer: T, actor: T) -> Result<(), Why> {
        let (Some((before, fixed_before)), Some((after, fixed_after))) = (self.mark_of(reader), self.mark_of(writer)) else { return Ok(()) };
        let breaks = |tx: T, is_fixed: bool, has_other: bool| tx != actor && is_fixed && has_other;
        if breaks(writer, fixed_after, after.has_out) || breaks(reader, fixed_before, before.has_in) {
            return Err(Why::NoOrder);
        }
        self.set_mark(reader, |mark| mark.has_out = true);
        self.set_mark(writer, |mark| mark.has_in = true);
        Ok(())
    }

    /// The conflicts of a serializable transaction, and whether it cannot be aborted any more.
    fn mark_of(&self, tx: T) -> Option<(Mark, bool)> {
        let open = self.open.get(&tx).filter(|open| open.level == Level::Serializable);
        open.map(|open| (open.mark, open.is_prepared())).or_else(|| self.past.get(&tx).map(|past| (past.mark, true)))
    }

    fn set_mark(&mut self, tx: T, set: impl FnOnce(&mut Mark)) {
        if let Some(open) = self.open.get_mut(&tx) {
            set(&mut open.mark);
        } else if let Some(past) = self.past.get_mut(&tx) {
            set(&mut past.mark);
        }
    }
}
