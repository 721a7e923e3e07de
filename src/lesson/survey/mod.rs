//! What a lesson does not say: whether its predictions come true with other seeds, and in which other ways its goals can be reached.
//!
//! The work falls into [`Job`]s that know nothing of each other, each with a bound of its own, so that they can be done at the same time
//! and give the same, however many at a time.

mod pokes;
mod search;
mod seeds;
#[cfg(test)]
mod tests;
mod ways;

use crate::command::Poke;
use crate::timeline::{Brake, Timeline};

use super::schema::{Lesson, StepKind};
use super::source::{Mistake, Mistakes};
use super::story;

pub use search::{FoundWay, Progress, Search, Slice, Sliced};

/// How thorough a survey is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// With how many seeds predictions are run.
    pub seeds: u64,
    /// Whether pairs of pokes are tried too, and not only single ones.
    pub pairs: bool,
}

impl Effort {
    /// For `splitbrain check`.
    pub const WHOLE: Effort = Effort { seeds: 20, pairs: true };
    /// For tests.
    pub const QUICK: Effort = Effort { seeds: 4, pairs: false };
}

/// How much work one job may do, in events.
const WORK_MAX: u64 = 3_000_000;

/// A part of a survey.
pub struct Job<'l> {
    lesson: &'l Lesson,
    effort: Effort,
    what: What,
}

enum What {
    /// A prediction of the story, or of a question.
    Step(usize),
    Question(usize),
    /// All ways to a goal that begin with a poke, from the opening of its step.
    Ways {
        step: usize,
        opening: std::sync::Arc<Timeline>,
        pokes: std::sync::Arc<Vec<Poke>>,
        first: usize,
    },
}

/// What a job has found.
pub enum Found {
    /// Something that is not as it should be.
    Mistakes(Vec<Mistake>),
    /// Ways to the goal of a step, by its index.
    Ways(usize, Vec<ways::Way>),
}

/// Everything that is to be done for a lesson that was proved.
pub fn jobs(lesson: &Lesson, effort: Effort) -> Result<Vec<Job<'_>>, Mistake> {
    let job = |what| Job { lesson, effort, what };
    let is_asked = |kind: &super::question::QuestionKind| matches!(kind, super::question::QuestionKind::Predict { .. });
    let questions = (0..lesson.questions.len()).filter(|i| is_asked(&lesson.questions[*i].kind));
    let mut jobs: Vec<Job<'_>> = questions.map(|i| job(What::Question(i))).collect();
    let brake = Brake::of(WORK_MAX);
    let mut story = story::fresh(lesson, &lesson.scenario, &brake)?;
    for (index, step) in lesson.steps.iter().enumerate() {
        match &step.kind {
            StepKind::Predict { .. } => jobs.push(job(What::Step(index))),
            StepKind::Try(goal) => {
                let opening = std::sync::Arc::new(story::opening(lesson, step, &story, &brake)?);
                let pokes = std::sync::Arc::new(pokes::worth_trying(&opening, goal));
                let ways = |first| What::Ways { step: index, opening: opening.clone(), pokes: pokes.clone(), first };
                jobs.extend((0..pokes.len()).map(|first| job(ways(first))));
            }
            _ => {}
        }
        story = story::after(lesson, step, (&story, &brake), &mut super::perform::Unwatched)?.0;
    }
    Ok(jobs)
}

impl Job<'_> {
    /// Does it.
    pub fn run(&self) -> Found {
        let brake = Brake::of(WORK_MAX);
        match &self.what {
            What::Step(index) => Found::Mistakes(seeds::step(self.lesson, *index, self.effort.seeds, &brake)),
            What::Question(index) => Found::Mistakes(seeds::question(self.lesson, *index, self.effort.seeds, &brake)),
            What::Ways { step, opening, pokes, first } => match &self.lesson.steps[*step].kind {
                StepKind::Try(goal) => {
                    let mut start = opening.fork();
                    start.set_brake(&brake);
                    Found::Ways(*step, ways::beginning_with(goal, &start, pokes, *first, self.effort.pairs))
                }
                _ => Found::Mistakes(Vec::new()),
            },
        }
    }
}

/// What all jobs of a lesson have found, in the order of [`jobs`].
pub fn judged(lesson: &Lesson, found: Vec<Found>) -> Result<(), Mistakes> {
    let mut mistakes = Vec::new();
    let mut ways: Vec<Vec<ways::Way>> = vec![Vec::new(); lesson.steps.len()];
    for found in found {
        match found {
            Found::Mistakes(more) => mistakes.extend(more),
            Found::Ways(step, more) => ways[step].extend(more),
        }
    }
    for (step, ways) in lesson.steps.iter().zip(ways) {
        if let StepKind::Try(goal) = &step.kind {
            mistakes.extend(ways::unexplained(lesson, step, goal, ways));
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Mistakes::new(lesson.source.clone(), mistakes)) }
}
