//! The log of one replica of a partition: records at offsets, where each leader's epoch began, what is committed, and what was cleaned.
//!
//! Pure; it lies on a broker's disk. Offsets never change: retention takes records from the front, the cleaner takes them out of the
//! middle, and a truncation from the end.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use imbl::Vector;

use crate::persistent::OrdMap;
use crate::persistent::keep;
use crate::sim::table::Table;
use crate::sim::time::{Span, Time};

use super::record::{Name, Origin, Record};

/// An offset as the number of a place: no run has as many records as there are places.
pub(super) fn place(offset: u64) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A record that is shared by the logs it stands in.
pub(super) type Shared = Arc<Record>;

/// Of each producer, so many of its newest records are remembered: more than five batches, as many as Kafka remembers, have.
const REMEMBERED: usize = 128;

/// The newest records of a producer in a log, of its newest epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// The producer's epoch.
    pub epoch: u16,
    /// The numbers of the records within it, and their offsets, the newest last: one at least.
    recent: Vector<(u32, u64)>,
}

impl Newest {
    /// The number of the newest.
    pub fn sequence(&self) -> u32 {
        self.recent.last().map_or(0, |(sequence, _)| *sequence)
    }

    /// Where the record of a number stands, or stood: it may have been deleted since.
    pub fn offset_of(&self, sequence: u32) -> Option<u64> {
        self.recent.iter().rev().find(|(number, _)| *number == sequence).map(|(_, offset)| *offset)
    }

    fn add(&mut self, epoch: u16, sequence: u32, offset: u64) {
        if self.epoch != epoch {
            *self = Newest { epoch, recent: Vector::new() };
        }
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back((sequence, offset));
    }
}

/// One replica's log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    records: Table<Shared>,
    /// The first offset that there may be a record at.
    pub start: u64,
    /// The offset of the next record: the log end offset.
    pub end: u64,
    /// Below this, records are committed, as far as this replica knows: its high-water mark.
    pub high_water: u64,
    /// The offset at which each epoch began, oldest first.
    epochs: Vector<(u32, u64)>,
    /// The newest of each idempotent producer. Kept when its records are deleted, as Kafka keeps it in snapshots.
    producers: OrdMap<u32, Newest>,
    /// Up to where the cleaner has been.
    pub cleaned: u64,
    /// From when on a tombstone that the cleaner has seen may go.
    horizons: OrdMap<u64, Time>,
}

impl Log {
    /// The newest epoch of a record or of a leader in it; 0: none.
    pub fn epoch(&self) -> u32 {
        self.epochs.last().map_or(0, |(epoch, _)| *epoch)
    }

    /// A leader takes office: its epoch begins at the end.
    pub fn begin_epoch(&mut self, epoch: u32) {
        if epoch > self.epoch() {
            // An epoch without a record says nothing, and the next takes its place.
            while self.epochs.last().is_some_and(|(_, start)| *start >= self.end) {
                self.epochs.pop_back();
            }
            self.epochs.push_back((epoch, self.end));
        }
    }

    /// The greatest epoch up to this one, and where it ends: `OffsetsForLeaderEpoch` of KIP-101.
    pub fn end_of(&self, epoch: u32) -> (u32, u64) {
        let at = self.epochs.iter().rposition(|(known, _)| *known <= epoch);
        let Some(at) = at else { return (0, self.epochs.front().map_or(self.start, |(_, start)| *start)) };
        let end = self.epochs.get(at + 1).map_or(self.end, |(_, start)| *start);
        (self.epochs[at].0, end)
    }

    /// Puts a record at an offset, which is the end or, where records in between were cleaned away, beyond it.
    pub fn append(&mut self, offset: u64, record: Shared) {
        self.begin_epoch(record.epoch);
        if let Some(origin) = record.origin() {
            remember(&mut self.producers, origin, offset);
        }
        self.records.insert(place(offset), record);
        self.end = offset + 1;
    }

    /// Nothing more stands before this offset: what would have stood there was cleaned away.
    pub fn skip_to(&mut self, end: u64) {
        self.end = self.end.max(end);
    }

    /// Whether anything stands at an offset or after it: a record, or the beginning of an epoch without one.
    pub fn has_from(&self, to: u64) -> bool {
        self.end > to || self.epochs.last().is_some_and(|(_, start)| *start >= to)
    }

    /// Cuts off everything from an offset on, the beginnings of epochs too: a leader of an epoch that has written nothing in it would else
    /// be told for ever that it is alone with that epoch (Kafka's `UnifiedLog.truncateTo`). How many offsets are gone.
    pub fn truncate(&mut self, to: u64) -> u64 {
        keep(&mut self.epochs, |(_, start)| *start < to);
        let gone = self.end.saturating_sub(to);
        if gone == 0 {
            return 0;
        }
        self.records.truncate(place(to));
        self.horizons = self.horizons.range(..to).map(|(offset, at)| (*offset, *at)).collect();
        self.end = to;
        self.start = self.start.min(to);
        self.high_water = self.high_water.min(to);
        self.cleaned = self.cleaned.min(to);
        self.forget_from(to);
        gone
    }

    /// What is known of producers is that of their records below an offset, deleted ones included; what goes too far back is read anew.
    fn forget_from(&mut self, to: u64) {
        let mut anew = OrdMap::new();
        for (offset, record) in self.from(self.start) {
            record.origin().into_iter().for_each(|origin| remember(&mut anew, origin, offset));
        }
        for (producer, newest) in std::mem::take(&mut self.producers) {
            let recent: Vector<_> = newest.recent.iter().filter(|(_, offset)| *offset < to).copied().collect();
            let kept = Some(Newest { recent, ..newest }).filter(|newest| !newest.recent.is_empty());
            if let Some(known) = kept.or_else(|| anew.get(&producer).cloned()) {
                self.producers.insert(producer, known);
            }
        }
    }

    /// Forgets everything and goes on from an offset.
    pub fn restart_at(&mut self, offset: u64) {
        *self = Log { start: offset, end: offset, high_water: offset, cleaned: offset, ..Log::default() };
    }

    /// The record at an offset.
    pub fn get(&self, offset: u64) -> Option<Shared> {
        self.records.get(place(offset))
    }

    /// The records from an offset on, in order.
    pub fn from(&self, offset: u64) -> impl Iterator<Item = (u64, Shared)> {
        self.records.from(place(offset)).map(|(at, record)| (at.into(), record))
    }

    /// The records before an offset, the last first.
    pub fn back_from(&self, end: u64) -> impl Iterator<Item = (u64, Shared)> {
        self.records.back_from(place(end)).map(|(at, record)| (at.into(), record))
    }

    /// The records from one offset up to another.
    fn within(&self, offsets: Range<u64>) -> impl Iterator<Item = (u64, Shared)> {
        self.from(offsets.start).take_while(move |(at, _)| *at < offsets.end)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// The newest record of a producer.
    pub fn newest(&self, producer: u32) -> Option<&Newest> {
        self.producers.get(&producer)
    }

    /// Where a producer's record stands, looked for from the end.
    pub fn find(&self, origin: Origin) -> Option<u64> {
        self.back_from(self.end).find(|(_, record)| record.origin() == Some(origin)).map(|(offset, _)| offset)
    }

    /// Where the segment that is written now begins: segments are so many offsets long.
    fn active(&self, segment: u64) -> u64 {
        self.end - self.end % segment
    }

    /// Retention: deletes whole segments whose every record is older than `keep`, and committed. The one that is written now goes too when
    /// that is so of all of it, and a new one begins (Kafka's `UnifiedLog.deleteSegments`). The first offset that is left, where that is
    /// another one.
    pub fn retain(&mut self, now: Time, keep: Span, segment: u64) -> Option<u64> {
        let before = self.start;
        while self.start < self.end {
            let end = (self.start - self.start % segment + segment).min(self.end);
            let is_old = |(_, record): (u64, Shared)| record.at + keep < now;
            if end > self.high_water || !self.within(self.start..end).all(is_old) {
                break;
            }
            self.start = end;
        }
        if self.start == before {
            return None;
        }
        (before..self.start).for_each(|offset| drop(self.records.remove(place(offset))));
        self.cleaned = self.cleaned.max(self.start);
        Some(self.start)
    }

    /// The cleaner: of the records of one key only the newest stays, and a tombstone goes when the cleaner comes again after `keep`. It
    /// touches neither the segment that is written now nor what is not committed. How many records it took out.
    pub fn compact(&mut self, now: Time, keep: Span, segment: u64) -> usize {
        let upto = self.active(segment).min(self.high_water);
        if upto <= self.start {
            return 0;
        }
        let mut newest: BTreeMap<Name, u64> = BTreeMap::new();
        for (offset, record) in self.within(self.start..upto) {
            newest.extend(record.name().map(|name| (name, offset)));
        }
        let mut gone = Vec::new();
        let mut marked = Vec::new();
        for (offset, record) in self.within(self.start..upto) {
            let Some(name) = record.name() else { continue };
            let is_over = self.horizons.get(&offset).is_some_and(|horizon| *horizon <= now);
            if newest.get(&name) != Some(&offset) || is_over {
                gone.push(offset);
            } else if record.is_tombstone() && !self.horizons.contains_key(&offset) {
                marked.push(offset);
            }
        }
        self.horizons.extend(marked.into_iter().map(|offset| (offset, now + keep)));
        for offset in &gone {
            self.records.remove(place(*offset));
            self.horizons.remove(offset);
        }
        self.cleaned = self.cleaned.max(upto);
        gone.len()
    }
}

fn remember(producers: &mut OrdMap<u32, Newest>, Origin { producer, epoch, sequence }: Origin, offset: u64) {
    producers.entry(producer).or_insert_with(|| Newest { epoch, recent: Vector::new() }).add(epoch, sequence, offset);
}

#[cfg(test)]
mod tests {
    use super::super::record::Body;
    use super::*;
    use crate::sim::id::RequestId;

    fn record(epoch: u32, at: u64, key: &str, value: Option<i64>) -> Shared {
        let value = value.map(crate::check::operation::Value::Int);
        let body = Body::Sent { request: RequestId(0), key: Some(key.into()), value, origin: None };
        Arc::new(Record { epoch, at: Time::ZERO + Span::s(at), body })
    }

    fn log(records: &[(u32, u64, &str, Option<i64>)]) -> Log {
        let mut log = Log::default();
        for (epoch, at, key, value) in records {
            log.append(log.end, record(*epoch, *at, key, *value));
        }
        log.high_water = log.end;
        log
    }

    fn offsets(log: &Log) -> Vec<u64> {
        log.from(0).map(|(offset, _)| offset).collect()
    }

    #[test]
    fn an_epoch_ends_where_the_next_begins() {
        let mut log = log(&[(1, 0, "a", None), (1, 0, "a", None), (4, 0, "a", None)]);
        assert_eq!([0, 1, 2, 3, 4, 9].map(|epoch| log.end_of(epoch)), [(0, 0), (1, 2), (1, 2), (1, 2), (4, 3), (4, 3)]);
        log.begin_epoch(6);
        log.begin_epoch(7);
        assert_eq!((log.end_of(5), log.end_of(6), log.end_of(7)), ((4, 3), (4, 3), (7, 3)));
        assert_eq!((log.truncate(2), log.epoch(), log.end, log.high_water), (1, 1, 2, 2));
    }

    #[test]
    fn retention_takes_whole_old_committed_segments() {
        let aged: Vec<_> = (0..7).map(|n| (1, n, "a", Some(0))).collect();
        let mut log = log(&aged);
        let at = |s| Time::ZERO + Span::s(s);
        assert_eq!(log.retain(at(3), Span::s(2), 2), None, "its second record is not old enough");
        assert_eq!(log.retain(at(4), Span::s(2), 2), Some(2));
        log.high_water = 5;
        assert_eq!((log.retain(at(100), Span::s(2), 2), log.start), (Some(4), 4), "not what is not committed");
        log.high_water = 7;
        assert_eq!(log.retain(at(8), Span::s(2), 2), Some(6), "the segment that is written has a new record");
        assert_eq!((log.retain(at(100), Span::s(2), 2), offsets(&log), log.end), (Some(7), vec![], 7), "and goes when all of it is old");
    }

    #[test]
    fn the_cleaner_keeps_the_newest_of_each_key_and_tombstones_for_a_while() {
        let mut log = log(&[(1, 0, "a", Some(1)), (1, 0, "b", Some(1)), (1, 0, "a", None), (1, 0, "b", Some(2)), (1, 0, "b", Some(3))]);
        let at = |s| Time::ZERO + Span::s(s);
        assert_eq!((log.compact(at(1), Span::s(5), 2), offsets(&log)), (2, vec![2, 3, 4]), "offset 4 is in the segment that is written");
        assert_eq!((log.compact(at(5), Span::s(5), 2), log.compact(at(6), Span::s(5), 2)), (0, 1));
        assert_eq!((offsets(&log), log.end), (vec![3, 4], 5));
    }
}
