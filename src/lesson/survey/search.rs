//! The search for other ways as a learner can ask for it: from any moment to the goal of the step.

use crate::command::Poke;
use crate::lesson::schema::Try;
use crate::sim::time::Span;
use crate::timeline::{Brake, Timeline};

use super::{WORK_MAX, pokes, ways};

/// A search from a moment.
pub struct Search {
    goal: Box<Try>,
    /// What is worth trying there.
    pokes: Vec<Poke>,
}

/// A way that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundWay {
    /// What is done, in order: one or two pokes.
    pub pokes: Vec<Poke>,
    /// How long after the first the second comes.
    pub gap: Span,
}

impl Search {
    /// From this moment to this goal.
    pub fn from(goal: &Try, here: &Timeline) -> Search {
        Search { goal: Box::new(goal.clone()), pokes: pokes::worth_trying(here, goal) }
    }

    /// How many pokes a way can begin with.
    pub fn beginnings(&self) -> usize {
        self.pokes.len()
    }

    /// The ways that begin with one of these pokes: alone; or, with `pairs`, with each other after it. It is bounded, and stops with the brake of the run.
    pub fn slice(&self, here: &Timeline, beginning: usize, pairs: bool) -> Vec<FoundWay> {
        let mut start = here.fork();
        if beginning >= self.pokes.len() || here.brake().is_pulled() {
            return Vec::new();
        }
        start.set_brake(&Brake::of(WORK_MAX));
        let found = ways::beginning_with(&self.goal, &start, &self.pokes, beginning, pairs);
        found.into_iter().map(|way| FoundWay { pokes: way.pokes, gap: way.gap }).collect()
    }
}
