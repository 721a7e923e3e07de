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
    /// Where to go on, as an index into the steps of the lesson: where it was left. Once its last step is done that is the first step
    /// that is not. `None`: at no step that the lesson still has.
    pub fn goes_on_at(&self, steps: &[&str]) -> Option<usize> {
        let here = steps.iter().position(|step| Some(*step) == self.here.as_deref())?;
        let is_done = |step: &str| self.steps.get(step).is_some_and(|step| step.done);
        let through = here + 1 == steps.len() && is_done(steps[here]);
        let open = steps.iter().position(|step| !is_done(step)).filter(|_| through);
        Some(open.unwrap_or(here))
    }

    /// How many steps were done.
    pub fn done(&self) -> usize {
        self.steps.values().filter(|step| step.done).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_goes_on_where_it_was_left_and_after_its_end_at_what_was_skipped() {
        let topic = |here: &str, done: &[&str]| Topic {
            here: Some(here.into()),
            steps: done.iter().map(|id| (id.to_string(), Step { done: true, ..Step::default() })).collect(),
            ..Topic::default()
        };
        let steps = ["a", "b", "c"];
        assert_eq!(topic("b", &["a"]).goes_on_at(&steps), Some(1));
        assert_eq!(topic("c", &["a"]).goes_on_at(&steps), Some(2), "its last step is not done");
        assert_eq!(topic("c", &["a", "c"]).goes_on_at(&steps), Some(1));
        assert_eq!(topic("c", &steps).goes_on_at(&steps), Some(2));
        assert_eq!(topic("gone", &[]).goes_on_at(&steps), None);
    }
}
