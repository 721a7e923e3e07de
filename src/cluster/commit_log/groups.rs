//! What became of the records in each group: processed once, again, or passed over.

use std::collections::{BTreeMap, VecDeque};

use crate::check::operation::Key;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::table::Table;
use crate::sim::time::{Span, Time};

use super::CommitLog;
use super::look::consumers;
use super::note::Note;
use super::record::{Group, Part};
use super::watch::{Mirror, Sent};

/// The time over which rates are taken.
const RATE_OVER: Span = Span::s(5);

impl Note {
    /// The group that it is about.
    pub(super) fn group(&self) -> Option<Group> {
        match self {
            Note::Rebalancing { group }
            | Note::Balanced { group, .. }
            | Note::Expired { group, .. }
            | Note::Marked { group, .. }
            | Note::Stale { group, .. }
            | Note::GaveUp { group, .. }
            | Note::Got { group, .. }
            | Note::Reset { group, .. }
            | Note::Parted { group, .. }
            | Note::Processed { group, .. }
            | Note::Read { group, .. }
            | Note::Sought { group, .. } => Some(*group),
            _ => None,
        }
    }
}

/// One group.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How often each record was processed.
    pub processed: Table<u32>,
    /// Records that were processed twice or more often.
    pub again: OrdSet<RequestId>,
    /// Records that were processed after a later one of their sender and key: each with that one.
    pub swapped: OrdMap<RequestId, RequestId>,
    /// The newest record of each sender and key that was processed.
    newest: OrdMap<(NodeId, Key), RequestId>,
    /// How far the group is, as it was written down.
    pub marks: OrdMap<Part, u64>,
    /// Records that the mark has passed, and that were not processed; somebody may have them.
    loose: OrdSet<RequestId>,
    /// Of these, those that nobody has.
    passed: OrdSet<RequestId>,
    /// Acknowledged records that the mark has passed, and that nobody processes.
    pub skipped: OrdSet<RequestId>,
    /// Records that were deleted before they were processed.
    pub deleted_unread: u64,
    /// Rebalances that ended.
    pub rebalances: usize,
    /// Partitions that changed hands in the last.
    pub moved: usize,
    /// Partitions that nobody reads since then, because they were given up.
    given_up: OrdMap<Part, Time>,
    /// The time that partitions were read by nobody in the last rebalance, all together.
    pub paused: Span,
    /// How many partitions were given up in it.
    pub stopped: usize,
    /// When records were processed of late.
    recent: VecDeque<Time>,
}

impl Tally {
    /// Whether there is something to look for.
    pub fn is_open(&self) -> bool {
        !self.loose.is_empty()
    }

    pub(super) fn see(&mut self, at: Time, note: &Note, (parts, sent): (&BTreeMap<Part, Mirror>, &Table<Sent>)) {
        match note {
            Note::Processed { request, .. } => self.process(*request, at, sent.get(request.0)),
            Note::Marked { part, next, .. } => self.mark(*part, *next, parts.get(part)),
            Note::Reset { part, to, .. } => self.pass(*part, *to, parts.get(part)),
            Note::Sought { part, next, .. } => _ = self.marks.insert(*part, *next),
            Note::Rebalancing { .. } if self.given_up.is_empty() => (self.paused, self.stopped, self.moved) = (Span::ZERO, 0, 0),
            Note::Balanced { moved, .. } => {
                self.rebalances += 1;
                self.moved += moved;
            }
            Note::GaveUp { parts, .. } => {
                self.stopped += parts.len();
                self.given_up.extend(parts.iter().map(|part| (*part, at)));
            }
            Note::Got { parts, .. } => {
                for since in parts.iter().filter_map(|part| self.given_up.remove(part)) {
                    self.paused = self.paused + at.since(since);
                }
            }
            _ => {}
        }
    }

    fn process(&mut self, request: RequestId, at: Time, sent: Option<Sent>) {
        let before = self.processed.get(request.0).unwrap_or(0);
        self.processed.insert(request.0, before + 1);
        let is_first = before == 0;
        if !is_first {
            self.again.insert(request);
        }
        for set in [&mut self.loose, &mut self.passed, &mut self.skipped] {
            set.remove(&request);
        }
        while self.recent.front().is_some_and(|then| *then + RATE_OVER < at) {
            self.recent.pop_front();
        }
        self.recent.push_back(at);
        if let Some(Sent { client, key: Some(key) }) = sent.filter(|_| is_first) {
            match self.newest.get(&(client, key.clone())) {
                Some(newest) if *newest > request => _ = self.swapped.insert(request, *newest),
                _ => _ = self.newest.insert((client, key), request),
            }
        }
    }

    /// A mark is written: who has what it passed?
    fn mark(&mut self, part: Part, next: u64, mirror: Option<&Mirror>) {
        self.pass(part, next, mirror);
        self.marks.insert(part, next);
    }

    /// The group goes on from an offset: what stands before it, from its mark on, is passed over unless somebody has it.
    fn pass(&mut self, part: Part, next: u64, mirror: Option<&Mirror>) {
        let before = self.marks.get(&part).copied().unwrap_or(0);
        let Some(mirror) = mirror.filter(|_| before < next) else { return };
        self.loose.extend(mirror.within(before..next).filter(|request| !self.processed.contains(request.0)));
    }

    /// Records of a partition were deleted.
    pub(super) fn deleted(&mut self, part: Part, (from, to): (u64, u64), mirror: &Mirror) {
        let from = self.marks.get(&part).copied().unwrap_or(0).max(from);
        let unread = mirror.within(from..to.max(from)).filter(|request| !self.processed.contains(request.0));
        self.deleted_unread += unread.count() as u64;
    }

    pub(super) fn settle(&mut self, sim: &Sim<CommitLog>, group: Group, is_acked: impl Fn(RequestId) -> bool) {
        for request in self.loose.clone() {
            if !consumers(sim, group).any(|(_, consumer)| consumer.has(request)) {
                self.loose.remove(&request);
                self.passed.insert(request);
            }
        }
        for request in self.passed.clone() {
            if is_acked(request) {
                self.passed.remove(&request);
                self.skipped.insert(request);
            }
        }
    }

    /// Records processed in each second, over the last seconds.
    pub fn rate(&self, now: Time) -> f64 {
        let over = RATE_OVER.min(now.since(Time::ZERO));
        let late = self.recent.iter().filter(|at| **at + RATE_OVER >= now).count();
        if over == Span::ZERO { 0.0 } else { late as f64 / over.as_secs() }
    }
}
