//! What the leader of a partition knows of its followers, and who waits for what.

use std::collections::{BTreeMap, VecDeque};

use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::message::Fetch;
use super::meta::{Life, Seats};
use super::record::{Group, Part};
use super::settings::{IsrChange, LagBy, Settings};

/// How far a follower is, as far as its leader knows.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Its log ends here; 0 until it has asked.
    pub end: u64,
    /// Its life, once it has asked.
    pub life: Option<Life>,
    /// When it last had everything.
    caught_up: Time,
    /// When it last asked, and where the leader's log ended then.
    asked: (Time, u64),
    /// The question that waits for something to send.
    pub parked: Option<Fetch>,
}

/// Who waits until everything below an offset is committed.
#[derive(Clone, Debug, PartialEq)]
pub enum Waiter {
    /// A producer, for its batch from this offset on.
    Producer {
        /// Who.
        client: NodeId,
        /// Its call.
        call: u32,
        /// The how manieth time it was sent.
        attempt: u32,
        /// The offset of its first record.
        first: u64,
    },
    /// A member of a group, for its places.
    Member {
        /// Who.
        member: NodeId,
        /// Its call.
        call: u32,
        /// Its group.
        group: Group,
        /// Of which generation.
        generation: u32,
        /// The places.
        marks: Vec<(Part, u64)>,
    },
    /// The members of a group, for their generation.
    Generation {
        /// Their group.
        group: Group,
        /// Which generation.
        generation: u32,
    },
}

/// A consumer that waits for records.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Who.
    pub consumer: NodeId,
    /// From where on.
    pub offset: u64,
    /// At most so many.
    pub most: u32,
}

/// What a leader keeps of its partition.
#[derive(Clone, Debug)]
pub struct Lead {
    /// Its epoch.
    pub epoch: u32,
    /// Where its epoch begins.
    pub since: u64,
    /// The in-sync set that the controller has confirmed.
    pub isr: Vec<NodeId>,
    /// The version of the seats with that set.
    pub version: u32,
    /// The set that it has asked for.
    pub wish: Option<Vec<NodeId>>,
    /// The other replicas.
    pub followers: BTreeMap<NodeId, Progress>,
    /// Who waits for the high-water mark, in the order of their records.
    pub waiters: VecDeque<(u64, Waiter)>,
    /// Consumers that wait for records.
    pub readers: Vec<Reader>,
}

impl Lead {
    /// Takes office.
    pub fn new(own: NodeId, seats: &Seats, since: u64, now: Time) -> Lead {
        let progress = Progress { end: 0, life: None, caught_up: now, asked: (now, since), parked: None };
        let others = seats.replicas.iter().filter(|id| **id != own);
        Lead {
            epoch: seats.epoch,
            since,
            isr: seats.isr.clone(),
            version: seats.version,
            wish: None,
            followers: others.map(|id| (*id, progress.clone())).collect(),
            waiters: VecDeque::new(),
            readers: Vec::new(),
        }
    }

    /// The controller has another set, or the same again.
    pub fn learn(&mut self, seats: &Seats) {
        if seats.version > self.version {
            self.version = seats.version;
            self.isr.clone_from(&seats.isr);
            self.wish = None;
        }
    }

    /// The set whose every member must have a record before it is committed. It has everybody whom the controller may count as in
    /// sync: who is to come counts at once, who is to go until that is confirmed (KIP-497, maximal in-sync set).
    pub fn counted(&self, settings: &Settings) -> Vec<NodeId> {
        let Some(wish) = &self.wish else { return self.isr.clone() };
        if settings.isr_change == IsrChange::AtOnce {
            return wish.clone();
        }
        let mut all = self.isr.clone();
        all.extend(wish.iter().filter(|id| !self.isr.contains(id)));
        all
    }

    /// How many must be in sync for a write: no more than there are replicas (Kafka's `Partition.effectiveMinIsr`).
    pub fn least(&self, settings: &Settings) -> usize {
        (settings.min_insync as usize).min(self.followers.len() + 1)
    }

    /// The offset below which everything is committed, where the leader's own log counts up to `own`; `None`: it stands still, because too
    /// few are in sync (Kafka's `Partition.maybeIncrementLeaderHW`: since 3.7, KAFKA-15583, whatever `acks` and `elr` are). `min-insync` is
    /// the topic's; the places of the groups ask for it only where who left may lead.
    pub fn committed(&self, part: Part, own: u64, settings: &Settings) -> Option<u64> {
        if (settings.elr || part.is_topic()) && self.isr.len() < self.least(settings) {
            return None;
        }
        let counted = self.counted(settings);
        let ends = counted.iter().filter_map(|id| self.followers.get(id)).map(|progress| progress.end);
        ends.chain([own]).min()
    }

    /// A follower asks: its log ends at `fetch.offset`, the leader's at `end`.
    pub fn asked(&mut self, follower: NodeId, fetch: Fetch, end: u64, now: Time) {
        let Some(progress) = self.followers.get_mut(&follower) else { return };
        let (then, ended) = progress.asked;
        if fetch.offset >= end {
            progress.caught_up = now;
        } else if fetch.offset >= ended {
            // It has what the log had when it last asked.
            progress.caught_up = progress.caught_up.max(then);
        }
        progress.asked = (now, end);
        progress.end = fetch.offset;
        progress.life = Some(fetch.life);
        progress.parked = Some(fetch);
    }

    /// Those of the in-sync set that did not have everything for too long.
    pub fn laggards(&self, end: u64, now: Time, settings: &Settings) -> Vec<NodeId> {
        let last = |progress: &Progress| match settings.lag_by {
            LagBy::CaughtUp => progress.caught_up,
            LagBy::Fetched => progress.asked.0,
        };
        let is_late = |progress: &Progress| progress.end < end && last(progress) + settings.replica_lag < now;
        let in_sync = self.followers.iter().filter(|(id, _)| self.isr.contains(id));
        in_sync.filter(|(_, progress)| is_late(progress)).map(|(id, _)| *id).collect()
    }

    /// Whether a follower that is not in the set may come into it: it has everything that is committed, and what there was when the
    /// epoch began.
    pub fn may_join(&self, follower: NodeId, high_water: u64) -> bool {
        let is_out = !self.isr.contains(&follower) && self.wish.is_none();
        is_out && self.followers.get(&follower).is_some_and(|progress| progress.end >= high_water.max(self.since))
    }

    /// The members of a set, with the lives of those that came with it.
    pub fn with_lives(&self, isr: &[NodeId]) -> Vec<(NodeId, Option<Life>)> {
        isr.iter().map(|id| (*id, self.followers.get(id).and_then(|progress| progress.life))).collect()
    }

    /// Those that waited for what is committed by now.
    pub fn done(&mut self, high_water: u64) -> Vec<Waiter> {
        // What waits is in the order of the log, but for batches that were known already.
        let (done, left): (VecDeque<_>, VecDeque<_>) = self.waiters.drain(..).partition(|(upto, _)| *upto <= high_water);
        self.waiters = left;
        done.into_iter().map(|(_, waiter)| waiter).collect()
    }

    /// When each follower last had everything, for the picture.
    pub fn behind(&self, follower: NodeId, end: u64, now: Time) -> Option<Span> {
        let progress = self.followers.get(&follower).filter(|progress| progress.end < end)?;
        Some(now.since(progress.caught_up.min(now)))
    }
}
