//! What a lesson does not say: whether its predictions come true with other seeds, and in which other ways its goals can be reached.
//!
//! The work falls into [`Job`]s that know nothing of each other, each with a bound of its own, so that they can be done at the same time
//! and give the same, however many at a time.

mod beam;
mod pokes;
mod search;
mod seeds;
mod slice;
#[cfg(test)]
mod tests;
mod ways;

use crate::command::Poke;
use crate::sim::time::Span;
use crate::timeline::{Brake, Timeline};

use super::schema::{Lesson, StepKind, Try};
use super::source::{Mistake, Mistakes};
use super::story;

pub use search::{FoundWay, Progress, Search};
pub use slice::{Slice, Sliced};

/// How thorough a survey is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// With how many seeds predictions are run.
    pub seeds: u64,
    /// Whether pairs of pokes are tried too, and not only single ones.
    pub pairs: bool,
    /// Whether every stop of every knob is tried too, and every poke a while later too.
    pub stops: bool,
}

impl Effort {
    /// For `splitbrain check`.
    pub const WHOLE: Effort = Effort { seeds: 20, pairs: true, stops: true };
    /// For tests.
    pub const QUICK: Effort = Effort { seeds: 4, pairs: false, stops: false };
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
    /// All ways to the goal of a step that begin with one of its pokes.
    Ways {
        step: usize,
        field: std::sync::Arc<Field>,
        first: usize,
    },
}

/// Where the ways to a goal begin, and what they are made of.
struct Field {
    opening: Timeline,
    times: ways::Times,
    pokes: Vec<Poke>,
    /// How many of the first pokes are tried with others too. The rest are the stops of knobs, each alone.
    paired: usize,
}

impl Field {
    fn of(goal: &Try, opening: Timeline, pace: Span, effort: Effort) -> Field {
        let brake = Brake::of(WORK_MAX);
        let mut start = opening.fork();
        start.set_brake(&brake);
        let times = ways::Times::of(goal, &start, pace);
        let mut pokes = pokes::worth_trying(&opening, goal);
        let paired = pokes.len();
        if effort.stops {
            let stops = pokes::stops(&opening);
            pokes.extend(stops.into_iter().filter(|stop| !pokes.contains(stop)).collect::<Vec<_>>());
        }
        Field { opening, times, pokes, paired }
    }
}

/// What a job has found.
pub enum Found {
    /// Something that is not as it should be.
    Mistakes(Vec<Mistake>),
    /// Ways to the goal of a step, by its index.
    Ways(usize, ways::Tried),
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
                let opening = story::opening(lesson, step, &story, &brake)?;
                let field = std::sync::Arc::new(Field::of(goal, opening, step.pace.unwrap_or(lesson.pace), effort));
                let ways = |first| What::Ways { step: index, field: field.clone(), first };
                jobs.extend((0..field.pokes.len()).map(|first| job(ways(first))));
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
        self.within(WORK_MAX)
    }

    /// Does as much of it as so much work allows.
    fn within(&self, work: u64) -> Found {
        let brake = Brake::of(work);
        match &self.what {
            What::Step(index) => Found::Mistakes(seeds::step(self.lesson, *index, self.effort.seeds, &brake)),
            What::Question(index) => Found::Mistakes(seeds::question(self.lesson, *index, self.effort.seeds, &brake)),
            What::Ways { step, field, first } => match &self.lesson.steps[*step].kind {
                StepKind::Try(goal) => {
                    let Field { opening, times, pokes, paired } = &**field;
                    let mut start = opening.fork();
                    start.set_brake(&brake);
                    let is_paired = self.effort.pairs && first < paired;
                    let seconds = if is_paired { &pokes[..*paired] } else { &[] };
                    let tries = ways::Tries { times, seconds, later: self.effort.stops };
                    Found::Ways(*step, ways::beginning_with(goal, &start, &pokes[*first], &tries))
                }
                _ => Found::Mistakes(Vec::new()),
            },
        }
    }
}

/// What all jobs of a lesson have found, in the order of [`jobs`]. Where nothing is wrong, what was not tried: a line for each goal.
pub fn judged(lesson: &Lesson, found: Vec<Found>) -> Result<Vec<String>, Mistakes> {
    let mut mistakes = Vec::new();
    let mut tried: Vec<ways::Tried> = lesson.steps.iter().map(|_| ways::Tried::default()).collect();
    for found in found {
        match found {
            Found::Mistakes(more) => mistakes.extend(more),
            Found::Ways(step, more) => {
                tried[step].ways.extend(more.ways);
                tried[step].of += more.of;
                tried[step].left += more.left;
            }
        }
    }
    let mut left = Vec::new();
    for (number, (step, tried)) in lesson.steps.iter().zip(tried).enumerate() {
        if let StepKind::Try(goal) = &step.kind {
            left.extend((tried.left > 0).then(|| {
                let ways::Tried { of, left, .. } = tried;
                format!("step {}: {left} of {of} ways of one or two pokes were not tried, as their runs take too many events", number + 1)
            }));
            mistakes.extend(ways::unexplained(lesson, step, goal, tried.ways));
        }
    }
    if mistakes.is_empty() { Ok(left) } else { Err(Mistakes::new(lesson.source.clone(), mistakes)) }
}
