//! Asks a condition after every event without searching the history each time.

use crate::check::verdict::Verdicts;
use crate::cluster::condition::Condition;
use crate::cluster::{Cluster, budget};

/// A condition that is asked again and again while a cluster runs on. Verdicts are searched for when they may have changed: those
/// on what clients saw when the history has grown, those on what the replicas hold every time.
pub struct Asked<'c> {
    condition: &'c Condition,
    /// The length of the history and what it satisfied.
    known: Option<(usize, Verdicts)>,
    /// Whether it speaks of a guarantee that is judged by what servers hold.
    of_state: bool,
    work: u64,
}

impl<'c> Asked<'c> {
    /// A condition to be asked of one run.
    pub fn new(condition: &'c Condition) -> Asked<'c> {
        Asked { condition, known: None, of_state: condition.is_of_state(), work: 0 }
    }

    /// The work of all looks so far, in events.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// Whether it holds now. The error says why it cannot be told.
    pub fn holds(&mut self, cluster: &dyn Cluster) -> Result<bool, String> {
        self.work += budget::look(self.condition.steps());
        if !self.condition.needs_verdicts() {
            return self.condition.holds_in(cluster);
        }
        let condition = self.condition;
        condition.holds(&condition.look_given(cluster, self.verdicts(cluster)))
    }

    fn verdicts(&mut self, cluster: &dyn Cluster) -> &Verdicts {
        let length = cluster.history_len();
        if self.of_state || self.known.as_ref().is_some_and(|(known, _)| *known != length) {
            self.known = None;
        }
        if self.known.is_none() {
            self.work += budget::judgement(length);
        }
        &self.known.get_or_insert_with(|| (length, cluster.verdicts())).1
    }
}
