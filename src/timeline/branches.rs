//! What was tried: every branch of a run can be seen, gone back to at any point, named and removed.

use std::sync::Arc;

use super::Timeline;
use super::tree::{BranchId, BranchView, PokeAt};
use crate::cluster::Refused;
use crate::harmless;
use crate::sim::time::Time;

/// The longest name of a branch, in characters; a longer one is refused.
pub const NAME_MAX: usize = 40;

/// What is told where a branch was removed meanwhile.
const GONE: &str = "there is no such branch any more";

impl Timeline {
    /// Everything that was tried, as a tree in depth-first order, the start first.
    pub fn branches(&self) -> Vec<BranchView> {
        self.tree.views()
    }

    /// The branch of the pokes that are behind the position.
    pub fn branch_here(&self) -> BranchId {
        self.tree.branch_at(self.done)
    }

    /// Makes a branch the path and goes to a place on it: after event `events`, with the clock at `at`, at most as far as the branch was
    /// seen. What lies beyond on that branch is ahead then. False, and no move, when there is no such branch.
    pub fn visit(&mut self, id: BranchId, (events, at): (u64, Time)) -> bool {
        let Some(seen) = self.tree.seen_of(id).filter(|_| self.turn_into(id)) else { return false };
        let (events, at) = if (events, at) > (seen.events, seen.at) { (seen.events, seen.at) } else { (events, at) };
        self.go(events.max(self.checkpoints.first_event()), at);
        self.saw();
        true
    }

    /// Goes to the end of a branch: as far as it was seen with nothing done after it. False, and no move, when there is no such branch.
    pub fn visit_end(&mut self, id: BranchId) -> bool {
        self.tree.seen_of(id).is_some_and(|seen| self.visit(id, (seen.events, seen.at)))
    }

    /// The first pokes in which two branches differ, where each has one; `None` where one of the branches is not there.
    pub fn parting(&self, branches: [BranchId; 2]) -> Option<[Option<PokeAt>; 2]> {
        self.tree.parting_of(branches)
    }

    /// Calls a branch by a name, without what a terminal obeys or nobody sees, of at most [`NAME_MAX`] characters; a name of blanks takes
    /// the name away. A longer one, a number, and the name of another branch are refused. Gives the name.
    pub fn name_branch(&mut self, id: BranchId, name: &str) -> Result<Option<Arc<str>>, Refused> {
        let name = branch_name(name);
        if let Some(name) = &name {
            self.may_call(id, name)?;
        }
        if self.tree.name(id, name.clone()) { Ok(name) } else { Err(Refused(GONE.to_string())) }
    }

    /// A branch is gone to by its number or its name, so that a name is no number and no other branch's.
    fn may_call(&self, id: BranchId, name: &str) -> Result<(), Refused> {
        let refused = |why: String| Err(Refused(why));
        if name.chars().all(|c| c.is_ascii_digit()) {
            return refused(format!("{name} would be the number of a branch: a name has a letter in it"));
        }
        if name.chars().count() > NAME_MAX {
            return refused(format!("this name is too long: it has at most {NAME_MAX} letters"));
        }
        if self.branches().iter().any(|other| other.id != id && other.name.as_deref() == Some(name)) {
            return refused(format!("another branch is called \"{name}\" already"));
        }
        Ok(())
    }

    /// Removes a branch with everything that was done after it, and says how many pokes that were. What is on the path stays, and so does what
    /// a script did.
    pub fn remove_branch(&mut self, id: BranchId) -> Result<usize, Refused> {
        let refused = |why: &str| Err(Refused(why.to_string()));
        let Some(all) = self.tree.below(id) else { return refused(GONE) };
        if id == BranchId(0) {
            return refused("this is the start of the run: everything hangs on it");
        }
        let standings: Vec<(bool, bool)> = all.iter().map(|id| self.tree.standing(*id)).collect();
        if standings.iter().any(|(_, given)| *given) {
            return refused("this is what the lesson does, and it stays");
        }
        if standings.iter().any(|(on_path, _)| *on_path) {
            return refused("you are on it: go to another branch first");
        }
        Ok(self.tree.remove(id))
    }

    /// Puts the branch back that was removed last, whole; `None` when there is none to put back.
    pub fn bring_back(&mut self) -> Option<BranchId> {
        self.tree.bring_back()
    }

    /// What is done again from here on leads into no future that was seen, by itself; what lies ahead on the path stays there.
    pub(crate) fn forget_futures(&mut self) {
        self.tree.forget_futures();
    }

    /// Whether what is done from here on is a script's; says what it was before.
    pub(crate) fn set_scripted(&mut self, scripted: bool) -> bool {
        std::mem::replace(&mut self.scripted, scripted)
    }

    /// How many pokes behind the position, from number `first` of the path on, are no script's.
    pub(crate) fn own_since(&self, first: usize) -> usize {
        (first..self.done).filter(|i| !self.tree.is_given(*i)).count()
    }

    /// How many pokes of all branches are no script's.
    pub fn tried(&self) -> usize {
        self.tree.own()
    }
}

/// A text as the name of a branch.
fn branch_name(text: &str) -> Option<Arc<str>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let name = harmless::sentence(&words.join(" "));
    Some(name.trim_end()).filter(|name| !name.is_empty()).map(Arc::from)
}
