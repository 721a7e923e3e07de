//! Time travel over any cluster: checkpoints, seek, branches, replays, and two runs side by side.
//!
//! A cluster counts its events, and each poke is one event. So a run is its scenario and, for each poke, the number of the
//! event that it became and its time; everything else follows. [`Timeline`] keeps these in a tree (poking in the past opens a
//! branch, nothing is forgotten) and a checkpoint every so many events, so that any moment is one fork and a short run away.

mod brake;
mod branches;
mod checkpoints;
mod others;
pub mod pair;
mod play;
mod replay;
mod replay_parse;
mod replay_run;
mod seek;
mod start;
mod tell;
mod told_apart;
mod tree;

#[cfg(test)]
mod branches_tests;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod others_tests;
#[cfg(test)]
mod pair_tests;
#[cfg(test)]
mod replay_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod toy;

pub use brake::{Brake, Reached};
pub use branches::NAME_MAX;
pub use others::Tail;
pub use play::{NOTHING_LEFT, RUN_BUDGET};
pub use replay::{CHECK_EVERY, Check, End, REPLAY_VERSION, Replay};
pub use replay_parse::{BadReplay, REPLAY_EVENTS_MAX};
pub use replay_run::ReplayError;
pub use tell::Happenings;
pub use tree::{BranchId, BranchView, POKES_MAX, PokeAt, REMOVED_MAX, Seen};

use crate::cluster::{BadScenario, Cluster, Refused, Scenario};
use crate::command::Poke;
use crate::sim::time::Time;
use checkpoints::Checkpoints;
use tree::Tree;

/// A run that can be rewound, poked anywhere, and played again.
///
/// The position is after some event and before the next; the clock on screen, [`Timeline::at`], lies between the two.
pub struct Timeline {
    scenario: Scenario,
    tree: Tree,
    checkpoints: Checkpoints,
    cluster: Box<dyn Cluster>,
    /// How many pokes of the path are behind the position.
    done: usize,
    /// Stops it from outside; forks share it.
    brake: Brake,
    /// Whether somebody else drives it: nothing happens here that was not told by [`Timeline::take_in`].
    sealed: bool,
    /// Whether what is done now is a script's.
    scripted: bool,
    /// Whether it only goes forward, so that nothing is kept to go back to.
    forward: bool,
}

/// Why nothing can be done to a run that somebody else drives.
const SEALED: &str = "your processes cannot be taken back: this part is a recording";

/// Why such a run goes no further.
const SO_FAR: &str = "this is as far as your processes have come; Space lets them go on";

/// What became of a poke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poked {
    /// It is the newest thing on the path.
    Recorded,
    /// It was done in the past: it opened a branch. The old future is kept among [`Timeline::branches`].
    Branched,
    /// The same was done at the same moment before: that branch is entered again, with its known future.
    Reentered,
}

impl Timeline {
    /// Starts a scenario. All its mistakes at once.
    pub fn new(scenario: Scenario) -> Result<Timeline, Vec<BadScenario>> {
        let cluster = start::start(&scenario)?;
        Ok(Timeline::over(scenario, cluster))
    }

    /// A timeline over a cluster that was just started from this scenario.
    pub fn over(scenario: Scenario, mut cluster: Box<dyn Cluster>) -> Timeline {
        cluster.remember_only(tell::REMEMBERED);
        let tree = Tree::new(Seen::of(cluster.as_ref()));
        let checkpoints = Checkpoints::new(cluster.as_ref());
        let brake = Brake::default();
        Timeline { scenario, tree, checkpoints, cluster, done: 0, brake, sealed: false, scripted: false, forward: false }
    }

    /// What was started.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The cluster at the position.
    pub fn cluster(&self) -> &dyn Cluster {
        self.cluster.as_ref()
    }

    /// The cluster as it started.
    pub fn start(&self) -> &dyn Cluster {
        self.checkpoints.first()
    }

    /// The time of the position: at or after the last event, before the next (or at it, when several share a time).
    pub fn at(&self) -> Time {
        self.cluster.now()
    }

    /// How many events are behind the position, pokes included.
    pub fn events(&self) -> u64 {
        self.cluster.events()
    }

    /// The furthest time seen on this path: the right end of the scrubber.
    pub fn end(&self) -> Time {
        self.tree.seen().at
    }

    /// When something happens next, be it an event or a poke that the path holds; `None` when nothing ever will.
    pub fn next_at(&self) -> Option<Time> {
        let poke = self.tree.poke(self.done).map(|p| p.at);
        [poke, self.cluster.next_at()].into_iter().flatten().min()
    }

    /// The pokes of the path in order: those behind the position and, after a rewind, those ahead of it.
    pub fn pokes(&self) -> Vec<PokeAt> {
        self.tree.pokes().cloned().collect()
    }

    /// How many of [`Timeline::pokes`] are behind the position.
    pub fn pokes_done(&self) -> usize {
        self.done
    }

    /// From here on somebody else drives the run: it goes no further than is told by [`Timeline::take_in`], and nothing else is done to it.
    pub fn seal(&mut self) {
        self.sealed = true;
    }

    /// Takes in what was done to a run that somebody else drives, and how far that has come. The position is at the end of what is known.
    /// The error says where it went another way.
    pub fn take_in(&mut self, pokes: &[PokeAt], until: Time) -> Result<(), String> {
        self.sealed = false;
        let taken = pokes.iter().try_for_each(|poke| self.take_in_one(poke));
        if taken.is_ok() {
            self.run_to(until);
        }
        self.sealed = true;
        taken
    }

    fn take_in_one(&mut self, poke: &PokeAt) -> Result<(), String> {
        let gone = |run: &Timeline| format!("the run went another way at {}, event {}", run.at(), run.events());
        self.forward_to(poke.event - 1);
        if self.events() + 1 != poke.event || !self.set_clock(poke.at) {
            return Err(gone(self));
        }
        self.poke(&poke.poke).map(|_| ()).map_err(|_| gone(self))
    }

    /// Whether the next event of this path is a poke: what was done here before the run was rewound.
    pub fn is_poke_next(&self) -> bool {
        self.tree.poke(self.done).is_some_and(|poke| poke.event == self.events() + 1)
    }

    /// Whether something of this path is ahead of the position: seen before, and rewound.
    pub fn in_past(&self) -> bool {
        let seen = self.tree.seen();
        self.done < self.tree.len() || (self.events(), self.at()) < (seen.events, seen.at)
    }

    /// Does something at the position. A refusal changes nothing, not even the tree.
    pub fn poke(&mut self, poke: &Poke) -> Result<Poked, Refused> {
        if self.sealed {
            return Err(Refused(SEALED.to_string()));
        }
        if self.tree.is_full() {
            let full = "which is as many as it keeps; removing a branch of what was tried makes room";
            return Err(Refused(format!("this run holds {POKES_MAX} pokes already, {full}")));
        }
        let (past, at, from) = (self.in_past(), self.at(), self.events());
        self.cluster.apply(poke)?;
        let recorded = PokeAt { event: self.events(), at, poke: poke.clone() };
        let poked = self.record(recorded, past);
        self.done += 1;
        self.after_event(from);
        self.saw();
        Ok(poked)
    }

    fn record(&mut self, recorded: PokeAt, past: bool) -> Poked {
        if self.tree.poke(self.done) == Some(&recorded) {
            self.tree.did(self.done, self.scripted);
            return Poked::Reentered;
        }
        self.checkpoints.keep_before(&recorded);
        match (self.tree.branch(self.done, recorded, (Seen::of(self.cluster.as_ref()), self.scripted)), past) {
            (tree::Branch::Known, _) => Poked::Reentered,
            (tree::Branch::New, true) => Poked::Branched,
            (tree::Branch::New, false) => Poked::Recorded,
        }
    }

    /// What stops the run from outside.
    pub fn brake(&self) -> &Brake {
        &self.brake
    }

    /// Puts the run, and every fork of it from here on, under another brake.
    pub fn set_brake(&mut self, brake: &Brake) {
        self.brake = brake.clone();
    }

    /// From here on it only goes forward, and is measured: nothing is kept to go back to, and of the past only what these facts were. The
    /// run is the same.
    pub fn only_forward(&mut self, series: &[&'static str]) {
        self.forward = true;
        self.cluster.remember_only(checkpoints::GAP_FIRST);
        self.cluster.sample_only(series);
    }

    /// The same run at the same position, which goes on by itself, under the same brake.
    pub fn fork(&self) -> Timeline {
        self.clone()
    }

    /// How many bytes its checkpoints hold that nothing else holds, and how many there are.
    #[cfg(test)]
    pub(crate) fn checkpoints_held(&self) -> (u64, usize) {
        (self.checkpoints.held(), self.checkpoints.len())
    }

    /// Saves a checkpoint where one is due, and tells how far it is. To be called after every event or run of events; `from` events
    /// were behind before.
    fn after_event(&mut self, from: u64) {
        self.brake.note(self.events() - from, self.at());
        if !self.forward {
            self.checkpoints.offer(self.cluster.as_ref(), self.is_again());
        }
    }

    /// Whether this moment was seen before.
    fn is_again(&self) -> bool {
        self.events() < self.tree.seen().events
    }

    /// Remembers that the path was seen up to here.
    fn saw(&mut self) {
        if self.done == self.tree.len() && !self.forward {
            self.tree.saw(Seen::of(self.cluster.as_ref()));
        }
    }
}

impl Clone for Timeline {
    fn clone(&self) -> Timeline {
        Timeline {
            scenario: self.scenario.clone(),
            tree: self.tree.clone(),
            checkpoints: self.checkpoints.clone(),
            cluster: self.cluster.fork(),
            done: self.done,
            brake: self.brake.clone(),
            sealed: self.sealed,
            scripted: self.scripted,
            forward: self.forward,
        }
    }
}

impl std::fmt::Debug for Timeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Timeline of {} at {} after event {}, {} pokes", self.scenario.model, self.at(), self.events(), self.tree.len())
    }
}
