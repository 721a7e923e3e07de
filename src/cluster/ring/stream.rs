//! Rows that one node sends another, part by part: the next goes out when the one before is on the other's disk.

use std::sync::Arc;

use imbl::Vector;

use crate::check::operation::Key;

use super::disk::{Disk, Row};
use super::message::Batch;
use crate::persistent::OrdSet;

/// What is still to be sent, and what is under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    /// Keys to send, in order.
    queue: Vector<Key>,
    /// Keys that were written since, and go at the end.
    written: OrdSet<Key>,
    /// The part that is under way.
    pub(super) under_way: Option<Batch>,
    /// The number of the next part: the first is drawn, so that an acknowledgement of an earlier life is none of this.
    number: u64,
    /// How many rows were sent in all.
    pub(super) rows: usize,
    /// The version of the map under which another node asked for them; `None`: nobody asked.
    pub(super) asked: Option<u32>,
}

impl Stream {
    /// Of these keys.
    pub(super) fn new(keys: impl IntoIterator<Item = Key>, number: u64) -> Stream {
        Stream { queue: keys.into_iter().collect(), number, ..Stream::default() }
    }

    /// A key was written, sent or not.
    pub(super) fn follow(&mut self, key: &Key) {
        self.written.insert(key.clone());
    }

    /// How many keys are not known to be there.
    pub(super) fn left(&self) -> usize {
        self.queue.len() + self.written.len() + self.under_way.as_ref().map_or(0, |batch| batch.rows.len())
    }

    /// Whether one part more, the last, will do.
    pub(super) fn is_nearly_done(&self, most: usize) -> bool {
        self.queue.is_empty() && self.written.len() <= most
    }

    /// The next keys: those of the queue first, then those that were written meanwhile.
    pub(super) fn next(&mut self, most: usize) -> Vec<Key> {
        if self.queue.is_empty() {
            let keys: Vec<Key> = self.written.iter().take(most).cloned().collect();
            for key in &keys {
                self.written.remove(key);
            }
            return keys;
        }
        let rest = self.queue.split_off(most.min(self.queue.len()));
        std::mem::replace(&mut self.queue, rest).into_iter().collect()
    }

    /// A part with these rows, which has the next number.
    pub(super) fn part(&mut self, rows: Vec<(Key, Row)>, frame: &Batch) -> Batch {
        self.number = self.number.wrapping_add(1);
        self.rows += rows.len();
        let batch = Batch { number: self.number, rows: Arc::from(rows), ..frame.clone() };
        self.under_way = Some(batch.clone());
        batch
    }
}

/// The rows of these keys; keys without are left out.
pub(super) fn rows(disk: &Disk, keys: &[Key]) -> Vec<(Key, Row)> {
    keys.iter().filter_map(|key| Some((key.clone(), disk.rows.get(key)?.clone()))).collect()
}
