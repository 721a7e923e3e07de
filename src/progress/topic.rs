//! How far a lesson was walked.

use std::collections::BTreeMap;

use crate::review::Stamp;

/// A lesson, as far as it was walked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Every step that was seen, by id.
    pub steps: BTreeMap<String, Step>,
    /// The step that was on the screen last.
    pub here: Option<String>,
    /// When something was done in it last.
    pub last: Stamp,
    /// Whether it was gone through to its end.
    pub finished: bool,
}

/// A step, as far as it was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Whether it was done.
    pub done: bool,
    /// The text of the option that was chosen first, and whether it came so.
    pub predicted: Option<(String, bool)>,
    /// How the goal was reached, with the fewest pokes.
    pub reached: Option<Reached>,
}

/// How a goal was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// With how many pokes.
    pub pokes: u32,
    /// Whether a hint was shown before.
    pub helped: bool,
    /// Whether the solution was shown before.
    pub shown: bool,
}

impl Step {
    pub(super) fn predicted(&mut self, option: String, right: bool) {
        self.predicted.get_or_insert((option, right));
    }

    pub(super) fn reached(&mut self, reached: Reached) {
        self.done = true;
        if self.reached.is_none_or(|best| reached.pokes < best.pokes) {
            self.reached = Some(reached);
        }
    }
}

impl Topic {
    /// How many steps were done.
    pub fn done(&self) -> usize {
        self.steps.values().filter(|step| step.done).count()
    }
}
