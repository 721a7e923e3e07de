//! What a learner has done in a lesson, as plain data: for the end card, and for whoever keeps it.

use crate::lesson::goal::Goal;
use crate::lesson::schema::{Step, StepKind};

use super::{Trail, Walk};

/// What was predicted, brought about and compared so far, in the order of the steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Every `predict` step.
    pub predictions: Vec<Predicted>,
    /// Every `try` step.
    pub goals: Vec<Attained>,
    /// How many steps are done, and how many there are.
    pub steps: (usize, usize),
}

/// One prediction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predicted {
    /// The index of the step.
    pub step: usize,
    /// The name of the step in its lesson.
    pub id: String,
    /// The index of the option that was chosen; `None`: none yet, or the right one was asked for.
    pub chosen: Option<usize>,
    /// What was chosen, as the lesson says it.
    pub said: Option<String>,
    /// Whether it was right.
    pub right: bool,
    /// Whether the right one was asked for instead.
    pub given: bool,
    /// Why the chosen option is right, or what is wrong with it.
    pub why: Option<String>,
    /// The misconception that a wrong choice stands for.
    pub belief: Option<String>,
}

/// One goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attained {
    /// The index of the step.
    pub step: usize,
    /// The name of the step in its lesson.
    pub id: String,
    /// What was to be brought about: its first clause in words.
    pub say: String,
    /// How often it was begun.
    pub attempts: usize,
    /// The fewest pokes with which it was reached; `None`: not reached by the learner.
    pub reached: Option<usize>,
    /// The fewest pokes that are known.
    pub best_known: usize,
    /// How many hints were asked for.
    pub hints: usize,
    /// Whether the solution was shown.
    pub shown: bool,
}

impl Summary {
    /// How many predictions were right, and how many were made.
    pub fn right(&self) -> (usize, usize) {
        let made = self.predictions.iter().filter(|p| p.chosen.is_some());
        (made.clone().filter(|p| p.right).count(), made.count())
    }
}

impl Walk {
    /// What the learner has done so far.
    pub fn summary(&self) -> Summary {
        let steps = || self.lesson.steps.iter().zip(&self.trail).enumerate();
        Summary {
            predictions: steps().filter_map(|(index, (step, trail))| predicted(index, step, trail)).collect(),
            goals: steps().filter_map(|(index, (step, trail))| attained(index, step, trail)).collect(),
            steps: (self.trail.iter().filter(|trail| trail.done).count(), self.trail.len()),
        }
    }
}

fn predicted(index: usize, step: &Step, trail: &Trail) -> Option<Predicted> {
    let StepKind::Predict { options, .. } = &step.kind else { return None };
    let chosen = trail.chosen.filter(|_| !trail.given);
    let option = chosen.and_then(|at| options.get(at));
    Some(Predicted {
        step: index,
        id: step.id.clone(),
        chosen,
        said: option.map(|option| option.text.clone()),
        right: option.is_some_and(|option| option.right),
        given: trail.given,
        why: option.map(|option| option.why.clone()),
        belief: option.and_then(|option| option.belief.clone()),
    })
}

/// A goal in the words of its parts.
fn words(goal: &Goal) -> String {
    let said: Vec<&str> = goal.clauses.iter().map(|clause| clause.say.as_str()).collect();
    if said.is_empty() { goal.whole.text.clone() } else { said.join("; ") }
}

fn attained(index: usize, step: &Step, trail: &Trail) -> Option<Attained> {
    let StepKind::Try(goal) = &step.kind else { return None };
    Some(Attained {
        step: index,
        id: step.id.clone(),
        say: words(&goal.goal),
        attempts: trail.goal.attempts,
        reached: trail.goal.reached,
        best_known: [Some(goal.fewest()), trail.goal.found, trail.goal.reached].into_iter().flatten().min().unwrap_or_default(),
        hints: trail.goal.hints,
        shown: trail.goal.shown.is_some(),
    })
}
