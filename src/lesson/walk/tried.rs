//! What was tried at a step: going back to it, calling it by a name, removing it, and putting two branches side by side.

use std::sync::Arc;

use super::Walk;
use super::duo::Duo;
use super::part::{Part, Solo};
use crate::cluster::{Refused, Stop};
use crate::lesson::tried::{Asks, Tried};
use crate::sim::time::Time;
use crate::timeline::{BranchId, Timeline};

/// What is told where two runs are on the stage.
const NO_TREE: &str = "two designs are on the stage: only a step with one run keeps a tree of what was tried";

impl Walk {
    fn tree(&mut self) -> Result<&mut Timeline, Refused> {
        self.part.solo_mut().map(|solo| &mut solo.timeline).ok_or_else(|| Refused(NO_TREE.to_string()))
    }

    fn solo(&self) -> Result<&Solo, Refused> {
        self.part.solo().ok_or_else(|| Refused(NO_TREE.to_string()))
    }

    /// Whether the step keeps a tree of what was tried. The refusal says why not.
    pub fn keeps_tree(&self) -> Result<(), Refused> {
        self.solo().map(|_| ())
    }

    /// Everything that was tried at this step. The refusal says why there is no tree.
    pub fn tried(&self) -> Result<Tried, Refused> {
        let solo = self.solo()?;
        let (branch, opens) = solo.opening();
        Ok(Tried::of(&solo.timeline, branch, opens))
    }

    /// What is asked of every branch of this step.
    pub fn asks(&self) -> Asks {
        Asks::of(self.step(), self.timeline())
    }

    /// Goes to a place on a branch: after this event, with the clock at this time. Says whether the branch is there.
    pub fn visit(&mut self, branch: BranchId, to: (u64, Time)) -> bool {
        self.going(|timeline| timeline.visit(branch, to))
    }

    /// Goes to a time on a branch; beyond what was seen of it, it is played on. Says whether the branch is there, and time goes so far.
    pub fn visit_time(&mut self, branch: BranchId, to: Time) -> bool {
        self.going(|timeline| timeline.visit(branch, (0, Time::ZERO)) && timeline.seek(to) == Stop::Reached)
    }

    fn going(&mut self, go: impl FnOnce(&mut Timeline) -> bool) -> bool {
        let mut there = false;
        self.moving(|walk| {
            there = walk.part.solo_mut().is_some_and(|solo| go(&mut solo.timeline));
            None
        });
        there
    }

    /// Calls a branch by a name, or by none. Gives the name as it is kept.
    pub fn name_branch(&mut self, branch: BranchId, name: &str) -> Result<Option<Arc<str>>, Refused> {
        self.tree()?.name_branch(branch, name)
    }

    /// Removes a branch with what came after it, and says how many pokes that were.
    pub fn remove_branch(&mut self, branch: BranchId) -> Result<usize, Refused> {
        self.tree()?.remove_branch(branch)
    }

    /// Puts the branch back that was removed last.
    pub fn bring_back(&mut self) -> Result<BranchId, Refused> {
        self.tree()?.bring_back().ok_or_else(|| Refused("nothing was removed that could come back".to_string()))
    }

    /// The same walk with two branches side by side, at the later of their ends; this one stays as it is. Nothing is done to both, so there
    /// is no verdict on either.
    pub fn beside(&self, branches: [BranchId; 2]) -> Result<Walk, Refused> {
        let solo = self.solo()?;
        let gone = || Refused("there is no such branch any more".to_string());
        if branches[0] == branches[1] {
            return Err(Refused("this is one and the same branch".to_string()));
        }
        let parting = solo.timeline.parting(branches).ok_or_else(gone)?;
        let parted = parting.iter().flatten().map(|poke| poke.at).min().unwrap_or(Time::ZERO);
        let side = |branch| {
            let mut side = solo.timeline.fork();
            side.visit_end(branch).then_some(side).ok_or_else(gone)
        };
        let duo = Duo::of_branches(side(branches[0])?, side(branches[1])?, parted);
        Ok(Walk { part: Part::Two(Box::new(duo)), ..self.clone() })
    }

    /// When two branches parted that are side by side; `None` where there are none.
    pub fn parted(&self) -> Option<Time> {
        self.part.duo().and_then(Duo::parted)
    }
}
