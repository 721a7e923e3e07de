//! Goals: what is to be brought about, what comes near, and why it works.

use crate::check::verdict::{Holds, Verdict};
use crate::cluster::Cluster;

use super::schema::{Cond, Script, Try};
use super::source::Bytes;

/// What is to be brought about.
#[derive(Clone, Debug)]
pub struct Goal {
    /// All of it.
    pub whole: Cond,
    /// Its parts; all have to hold at the same time.
    pub clauses: Vec<Clause>,
}

/// One part of a goal.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The condition.
    pub that: Cond,
    /// The same in words.
    pub say: String,
}

/// What comes near a goal and does not reach it.
#[derive(Clone, Debug)]
pub struct Miss {
    /// Commands that come near.
    pub script: Script,
    /// The condition by which it is recognised in what a learner does, and what the learner is told then.
    pub told: Option<Told>,
    /// Whether the goal cannot be reached any more from there.
    pub ends: bool,
    /// Where it stands.
    pub at: Bytes,
}

/// A sentence and when it is true.
#[derive(Clone, Debug)]
pub struct Told {
    /// When.
    pub when: Cond,
    /// What.
    pub say: String,
}

/// Why a goal could be reached in a certain way.
#[derive(Clone, Debug)]
pub struct Because {
    /// The runs that it is true of; `None`: all others.
    pub when: Option<Cond>,
    /// The reason.
    pub text: String,
    /// Where it stands.
    pub at: Bytes,
}

impl Try {
    /// The reason that is true of a run in which the goal was just reached: the first whose condition holds.
    pub fn reason(&self, cluster: &dyn Cluster) -> Option<usize> {
        self.because.iter().position(|reason| reason.when.as_ref().is_none_or(|when| holds(when, cluster)))
    }

    /// The fewest pokes that are known to reach the goal: of the solution and all other ways. `check` refuses a lesson whose own search
    /// finds a shorter one.
    pub fn fewest(&self) -> usize {
        [&self.solution].into_iter().chain(&self.ways).map(Script::pokes).min().unwrap_or_default()
    }

    /// Everything that the learner may come to read of it.
    pub fn texts(&self) -> Vec<&str> {
        let clauses = self.goal.clauses.iter().map(|c| c.say.as_str());
        let hints = self.hints.iter().flatten().map(String::as_str);
        let misses = self.misses.iter().filter_map(|m| m.told.as_ref()).map(|t| t.say.as_str());
        clauses.chain(hints).chain(misses).chain(self.because.iter().map(|b| b.text.as_str())).collect()
    }

    /// The miss that a run has come to, among those that are told.
    pub fn miss(&self, cluster: &dyn Cluster) -> Option<usize> {
        self.misses.iter().position(|miss| miss.told.as_ref().is_some_and(|told| holds(&told.when, cluster)))
    }

    /// The clause that can hold no more, because it asks for a guarantee that clients saw broken: that is never mended.
    pub fn broken(&self, cluster: &dyn Cluster) -> Option<usize> {
        self.goal.clauses.iter().position(|clause| clause.is_broken(cluster))
    }
}

impl Clause {
    /// Whether it is a single comparison of a guarantee that is broken, and says that it is not.
    fn is_broken(&self, cluster: &dyn Cluster) -> bool {
        let condition = &self.that.test;
        let single = !self.that.text.contains("&&") && !self.that.text.contains("||");
        if !single || !condition.needs_verdicts() || condition.is_of_state() || holds(&self.that, cluster) {
            return false;
        }
        let asked = |verdict: &Verdict| condition.names().any(|name| name == verdict.guarantee.id());
        cluster.verdicts().iter().any(|verdict| verdict.holds == Holds::No && asked(verdict))
    }
}

/// Whether a condition holds; one that cannot be told does not.
fn holds(condition: &Cond, cluster: &dyn Cluster) -> bool {
    condition.test.holds_in(cluster).unwrap_or(false)
}
