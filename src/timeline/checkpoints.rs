//! Snapshots along the path, so that any moment is one fork and a short run away.

use std::collections::VecDeque;
use std::sync::Arc;

use super::tree::PokeAt;
use crate::cluster::Cluster;
use crate::sim::time::Time;

/// Events from one checkpoint to the next in a short run. A power of two.
pub(super) const GAP_FIRST: u64 = 512;
/// The most bytes that checkpoints hold which nothing else holds (`cargo bench --bench play`). When there would be more, every second
/// checkpoint goes and the gap doubles: one budget for a long run and for one with much on its way.
pub(super) const HELD_MAX: u64 = 12 << 20;
/// Events from one to the next of those that are kept where a run is run again, where the gap is not so wide that they would not cover it.
const GAP_NEAR: u64 = 64;
/// The most that are kept there.
const NEAR_MAX: u64 = 32;
/// The most bytes of one that is kept there.
const NEAR_HELD_MAX: u64 = 128 << 10;

/// Snapshots of the current path at multiples of the gap, in order, and one of the start; and where one goes to and fro in the past,
/// more of them. Clones share them.
#[derive(Clone)]
pub(super) struct Checkpoints {
    first: Arc<dyn Cluster>,
    saved: Vec<Arc<dyn Cluster>>,
    gap: u64,
    /// The bytes that the saved ones hold alone.
    held: u64,
    /// Those of the last stretch that was run again, the newest last, in no order of the events.
    near: VecDeque<Arc<dyn Cluster>>,
}

impl Checkpoints {
    /// With the start as the only one.
    pub(super) fn new(start: &dyn Cluster) -> Checkpoints {
        Checkpoints { first: Arc::from(start.fork()), saved: Vec::new(), gap: GAP_FIRST, held: 0, near: VecDeque::new() }
    }

    /// The start of the run.
    pub(super) fn first(&self) -> &dyn Cluster {
        self.first.as_ref()
    }

    /// The number of the event at which the run starts.
    pub(super) fn first_event(&self) -> u64 {
        self.first.events()
    }

    /// How many events may pass from here without missing a checkpoint; at least 1. `again`: they happened before.
    pub(super) fn room(&self, events: u64, again: bool) -> u64 {
        let gap = if again { self.gap_near() } else { self.gap };
        gap - events % gap
    }

    /// Saves this state if it is the next one due on the path, or lies on a stretch that is run `again`.
    pub(super) fn offer(&mut self, cluster: &dyn Cluster, again: bool) {
        let events = cluster.events();
        if events.is_multiple_of(self.gap) && events > self.latest().events() {
            self.save(cluster);
        } else if again {
            self.offer_near(cluster);
        }
    }

    fn save(&mut self, cluster: &dyn Cluster) {
        self.held += cluster.kept_bytes();
        self.saved.push(Arc::from(cluster.checkpoint()));
        while self.held > HELD_MAX && !self.saved.is_empty() {
            self.gap *= 2;
            let gap = self.gap;
            self.saved.retain(|c| c.events().is_multiple_of(gap));
            self.count();
        }
    }

    fn count(&mut self) {
        self.held = self.saved.iter().map(|c| c.kept_bytes()).sum();
    }

    /// Events from one to the next of those where a run is run again: all of them together cover the gap.
    fn gap_near(&self) -> u64 {
        (self.gap / NEAR_MAX).max(GAP_NEAR)
    }

    fn offer_near(&mut self, cluster: &dyn Cluster) {
        let events = cluster.events();
        let is_large = cluster.copied_bytes() > NEAR_HELD_MAX;
        if is_large || !events.is_multiple_of(self.gap_near()) || self.near.iter().any(|c| c.events() == events) {
            return;
        }
        if self.near.len() as u64 == NEAR_MAX {
            self.near.pop_front();
        }
        self.near.push_back(Arc::from(cluster.checkpoint()));
    }

    fn latest(&self) -> &Arc<dyn Cluster> {
        self.saved.last().unwrap_or(&self.first)
    }

    fn last_of(&self, count: usize) -> Arc<dyn Cluster> {
        Arc::clone(count.checked_sub(1).and_then(|i| self.saved.get(i)).unwrap_or(&self.first))
    }

    /// The last one with fewer than `n` events, or the start. Its clock may be later than its last event but never later than event `n`.
    pub(super) fn before_event(&self, n: u64) -> Arc<dyn Cluster> {
        let saved = self.last_of(self.saved.partition_point(|c| c.events() < n));
        self.nearer(saved, |c| c.events() < n)
    }

    /// The last one whose clock is at `t` or before, or the start.
    pub(super) fn before_time(&self, t: Time) -> Arc<dyn Cluster> {
        let saved = self.last_of(self.saved.partition_point(|c| c.now() <= t));
        self.nearer(saved, |c| c.now() <= t)
    }

    /// The last one whose clock is before `t`, or the start.
    pub(super) fn before(&self, t: Time) -> Arc<dyn Cluster> {
        t.0.checked_sub(1).map_or_else(|| Arc::clone(&self.first), |before| self.before_time(Time(before)))
    }

    /// The last of the near ones that comes before the target, where it comes after this one.
    fn nearer(&self, saved: Arc<dyn Cluster>, before: impl Fn(&dyn Cluster) -> bool) -> Arc<dyn Cluster> {
        let near = self.near.iter().filter(|c| before(c.as_ref()) && c.events() > saved.events());
        near.max_by_key(|c| c.events()).map_or(saved, Arc::clone)
    }

    /// Forgets those that a poke at this point makes untrue.
    pub(super) fn keep_before(&mut self, poke: &PokeAt) {
        let is_true = |c: &Arc<dyn Cluster>| c.events() < poke.event && c.now() <= poke.at;
        self.saved.truncate(self.saved.partition_point(is_true));
        self.near.retain(is_true);
        self.count();
    }

    /// The fingerprints at multiples of `every` (or of the gap, when that is wider), up to event `last`.
    pub(super) fn fingerprints(&self, every: u64, last: u64) -> Vec<(u64, u64)> {
        let due = self.saved.iter().filter(|c| c.events().is_multiple_of(every) && c.events() <= last);
        due.map(|c| (c.events(), c.fingerprint())).collect()
    }

    /// The bytes that all of them hold alone.
    #[cfg(test)]
    pub(super) fn held(&self) -> u64 {
        self.held + self.near.iter().map(|c| c.copied_bytes()).sum::<u64>()
    }

    /// How many there are, the start not counted.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.saved.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Scenario;
    use crate::command::{Command, Poke};
    use crate::sim::time::Span;
    use crate::timeline::Timeline;

    /// Two clients at work, with room for few checkpoints.
    fn busy() -> Timeline {
        let scenario =
            Scenario { model: "replicated".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
        let mut run = Timeline::new(scenario).unwrap();
        let load: Result<Command, _> = crate::cluster::replicated::MODEL.language.parse("workload c1 2000/s read:write 1:1 keys x");
        let Ok(Command::Poke(load)) = load else { panic!("{load:?}") };
        let load: Poke = load;
        run.poke(&load).unwrap();
        run
    }

    #[test]
    fn there_are_never_more_than_fit() {
        let mut run = busy();
        let Ok(Command::Poke(far)) = crate::cluster::replicated::MODEL.language.parse("latency all const(300ms)") else { panic!() };
        run.poke(&far).unwrap();
        for _ in 0..20 {
            run.advance(Span::s(1));
            let saved = &run.checkpoints.saved;
            assert!(saved.iter().map(|c| c.kept_bytes()).sum::<u64>() <= HELD_MAX);
            assert!(saved.windows(2).all(|pair| pair[0].events() < pair[1].events()));
        }
        assert!(run.checkpoints.gap > GAP_FIRST, "{} events are too few to thin out", run.events());
    }

    #[test]
    fn going_back_step_by_step_is_near_a_checkpoint_and_gives_the_same_states() {
        let mut run = busy();
        run.advance(Span::s(1));
        let states = |run: &Timeline| (run.events(), run.cluster().fingerprint());
        let mut forward = busy();
        forward.seek_event(run.events() - 300);
        let mut known = vec![states(&forward)];
        while forward.events() < run.events() {
            forward.step();
            known.push(states(&forward));
        }
        for state in known.iter().rev().skip(1) {
            assert!(run.step_back());
            assert_eq!(states(&run), *state);
            let nearest = run.checkpoints.before_event(run.events()).events();
            assert!(run.events() - nearest <= GAP_NEAR, "{nearest} is far from {}", run.events());
        }
        assert!(run.checkpoints.near.len() as u64 <= NEAR_MAX);
    }
}
