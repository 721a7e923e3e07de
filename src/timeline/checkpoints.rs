//! Snapshots along the path, so that any moment is one fork and a short run away.

use std::sync::Arc;

use super::tree::PokeAt;
use crate::cluster::Cluster;
use crate::sim::time::Time;

/// Events from one checkpoint to the next in a short run. A power of two.
const GAP_FIRST: u64 = 512;
/// When there would be more checkpoints than this, every second one goes and the gap doubles: after a million events.
const CHECKPOINTS_MAX: usize = 2048;

/// Snapshots of the current path at multiples of the gap, in order, and one of the start. Clones share them.
#[derive(Clone)]
pub(super) struct Checkpoints {
    first: Arc<dyn Cluster>,
    saved: Vec<Arc<dyn Cluster>>,
    gap: u64,
}

impl Checkpoints {
    /// With the start as the only one.
    pub(super) fn new(start: &dyn Cluster) -> Checkpoints {
        Checkpoints { first: Arc::from(start.fork()), saved: Vec::new(), gap: GAP_FIRST }
    }

    /// The start of the run.
    pub(super) fn first(&self) -> &dyn Cluster {
        self.first.as_ref()
    }

    /// The number of the event at which the run starts.
    pub(super) fn first_event(&self) -> u64 {
        self.first.events()
    }

    /// How many events may pass from here without missing a checkpoint; at least 1.
    pub(super) fn room(&self, events: u64) -> u64 {
        self.gap - events % self.gap
    }

    /// Saves this state if it is the next one due on the path.
    pub(super) fn offer(&mut self, cluster: &dyn Cluster) {
        let events = cluster.events();
        if !events.is_multiple_of(self.gap) || events <= self.latest().events() {
            return;
        }
        self.saved.push(Arc::from(cluster.fork()));
        if self.saved.len() > CHECKPOINTS_MAX {
            self.gap *= 2;
            let gap = self.gap;
            self.saved.retain(|c| c.events().is_multiple_of(gap));
        }
    }

    fn latest(&self) -> &Arc<dyn Cluster> {
        self.saved.last().unwrap_or(&self.first)
    }

    fn last_of(&self, count: usize) -> Arc<dyn Cluster> {
        Arc::clone(count.checked_sub(1).and_then(|i| self.saved.get(i)).unwrap_or(&self.first))
    }

    /// The last one with fewer than `n` events, or the start. Its clock may be later than its last event but never later than event `n`.
    pub(super) fn before_event(&self, n: u64) -> Arc<dyn Cluster> {
        self.last_of(self.saved.partition_point(|c| c.events() < n))
    }

    /// The last one whose clock is at `t` or before, or the start.
    pub(super) fn before_time(&self, t: Time) -> Arc<dyn Cluster> {
        self.last_of(self.saved.partition_point(|c| c.now() <= t))
    }

    /// Forgets those that a poke at this point makes untrue.
    pub(super) fn keep_before(&mut self, poke: &PokeAt) {
        let count = self.saved.partition_point(|c| c.events() < poke.event && c.now() <= poke.at);
        self.saved.truncate(count);
    }

    /// The fingerprints at multiples of `every` (or of the gap, when that is wider), up to event `last`.
    pub(super) fn fingerprints(&self, every: u64, last: u64) -> Vec<(u64, u64)> {
        let due = self.saved.iter().filter(|c| c.events().is_multiple_of(every) && c.events() <= last);
        due.map(|c| (c.events(), c.fingerprint())).collect()
    }

    /// How many there are, the start not counted.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.saved.len()
    }
}
