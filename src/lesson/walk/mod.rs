//! One learner walking one lesson: a state machine that knows no screen.
//!
//! Every step opens in the state that its author meant (see [`crate::lesson::story`]), paused. What a step does by itself is
//! already recorded ahead of the position on its timeline: playing performs it, stepping back and forth goes through it, and a
//! learner who pokes in the middle opens a branch that leaves it. Leaving a `try` or `compare` step keeps what was done there;
//! coming back to a `say` or `predict` step starts it again, with the choice that was made still standing.

#[cfg(test)]
mod answer_tests;
mod attempt;
mod awaits;
mod clock;
mod duo;
mod many;
mod part;
mod quiet;
mod recall;
mod summary;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::cluster::Cluster;
use crate::sim::time::Span;
use crate::timeline::{Brake, Timeline};

use super::measure::Table;
use super::perform::Unwatched;
use super::schema::{Lesson, Step, StepKind};
use super::source::{Mistake, Mistakes};
use super::story;

pub use attempt::{Goal, Shown};
pub use awaits::{Awaits, NOT_AS_SAID, OFF_THE_SCRIPT, in_words};
pub use clock::{Halt, Moved};
use part::Part;
pub use part::Stage;
use quiet::Watched;
pub use recall::Recalled;
pub use summary::{Attained, Predicted, Summary};

/// A learner's way through a lesson. A clone goes on by itself, under the same brake.
#[derive(Clone)]
pub struct Walk {
    lesson: Arc<Lesson>,
    index: usize,
    /// The story before each step, as far as it was needed.
    story: Vec<Arc<Timeline>>,
    /// What the learner did at each step.
    trail: Vec<Trail>,
    /// The cluster of the step, or two of them.
    part: Part,
    /// The parts of `try` and `compare` steps that were left.
    kept: Vec<Option<Arc<Part>>>,
    /// What is known of the stretch that is being watched.
    watched: Watched,
    told: bool,
    brake: Brake,
}

/// What a learner did at a step, which outlasts leaving it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Trail {
    seen: bool,
    done: bool,
    chosen: Option<usize>,
    /// Whether the right option was asked for instead of chosen.
    given: bool,
    goal: Goal,
    /// What a measure step has measured.
    table: Option<Arc<Table>>,
    /// What came of a prediction of chance with other seeds.
    spread: Option<Arc<Vec<f64>>>,
}

/// How far a learner is with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not opened yet: ○.
    New,
    /// Opened: ◐.
    Seen,
    /// Told to the end, predicted and seen, reached, or compared: ●.
    Done,
}

/// What is told to somebody who chooses where there are no options.
const NOTHING_TO_CHOOSE: &str = "there is nothing to choose at this step";

/// A prediction that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The index of the chosen option.
    pub chosen: usize,
    /// Whether the learner asked for the right one instead of choosing.
    pub given: bool,
    /// Whether the simulator has shown what happens, so that choice and truth can be compared.
    pub shown: bool,
}

impl Walk {
    /// Starts at the first step, under a brake. Fails where the lesson breaks when run, which `splitbrain check` would have told.
    pub fn start(lesson: Arc<Lesson>, brake: &Brake) -> Result<Walk, Mistakes> {
        let known = |mistake: Mistake| Mistakes::new(lesson.source.clone(), vec![mistake]);
        let story = vec![Arc::new(story::fresh(&lesson, &lesson.scenario, brake).map_err(known)?)];
        let part = Part::open(&lesson, 0, (&story[0], brake), None).map_err(known)?;
        let steps = lesson.steps.len();
        let mut trail = vec![Trail::default(); steps];
        trail[0].seen = true;
        let kept = (0..steps).map(|_| None).collect();
        Ok(Walk { lesson, index: 0, story, trail, part, kept, watched: Watched::default(), told: false, brake: brake.clone() })
    }

    /// Puts everything that it runs from here on under another brake.
    pub fn set_brake(&mut self, brake: &Brake) {
        self.brake = brake.clone();
        self.part.set_brake(brake);
    }

    /// Lets the clusters on the stage remember what they would if they had been played to here, as [`Timeline::recollect`] does.
    pub fn recollect(&mut self) {
        self.part.recollect();
    }

    /// The lesson.
    pub fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    /// The index of the step, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The step.
    pub fn step(&self) -> &Step {
        &self.lesson.steps[self.index]
    }

    /// What is on the stage: one timeline, or two side by side.
    pub fn stage(&self) -> Stage<'_> {
        self.part.stage()
    }

    /// The timeline on the stage; the first of two.
    pub fn timeline(&self) -> &Timeline {
        self.part.timeline()
    }

    /// The cluster on the stage; the first of two.
    pub fn cluster(&self) -> &dyn Cluster {
        self.timeline().cluster()
    }

    /// How far each step is.
    pub fn progress(&self) -> Vec<Progress> {
        let of = |t: &Trail| match t {
            Trail { done: true, .. } => Progress::Done,
            Trail { seen: true, .. } => Progress::Seen,
            _ => Progress::New,
        };
        self.trail.iter().map(of).collect()
    }

    /// Whether every step is done.
    pub fn is_done(&self) -> bool {
        self.trail.iter().all(|t| t.done)
    }

    /// Goes to the next step. False at the last.
    pub fn next_step(&mut self) -> Result<bool, Mistakes> {
        self.told_if_said();
        let last = self.index + 1 == self.lesson.steps.len();
        if !last {
            self.go_to(self.index + 1)?;
        }
        Ok(!last)
    }

    /// Goes to the step before. False at the first.
    pub fn previous_step(&mut self) -> Result<bool, Mistakes> {
        let first = self.index == 0;
        if !first {
            self.go_to(self.index - 1)?;
        }
        Ok(!first)
    }

    /// Goes to any step, in the state that its author meant, or, at a `try` or `compare` step, as it was left. Past the last: the last.
    pub fn go_to(&mut self, index: usize) -> Result<(), Mistakes> {
        let index = index.min(self.lesson.steps.len() - 1);
        let kept = self.kept[index].take();
        let part = match kept {
            Some(part) => Arc::unwrap_or_clone(part).under(&self.brake),
            None => self.opened(index)?,
        };
        let left = std::mem::replace(&mut self.part, part);
        if story::script_of(self.step()).is_none() {
            self.kept[self.index] = Some(Arc::new(left));
        }
        self.index = index;
        self.trail[index].seen = true;
        self.watch_anew();
        Ok(())
    }

    /// Starts the step again. A choice and what was reached stand; a new attempt begins.
    pub fn restart(&mut self) -> Result<(), Mistakes> {
        self.part = self.opened(self.index)?;
        self.trail[self.index].goal.begin();
        self.watch_anew();
        Ok(())
    }

    /// The virtual time that passes in one second of real time at speed 1x.
    pub fn pace(&self) -> Span {
        self.step().pace.unwrap_or(self.lesson.pace)
    }

    fn opened(&mut self, index: usize) -> Result<Part, Mistakes> {
        let lesson = Arc::clone(&self.lesson);
        let known = |mistake: Mistake| Mistakes::new(lesson.source.clone(), vec![mistake]);
        while self.story.len() <= index {
            let before = self.story.len() - 1;
            let step = &lesson.steps[before];
            let (after, _) = story::after(&lesson, step, (&self.story[before], &self.brake), &mut Unwatched).map_err(known)?;
            self.story.push(Arc::new(after));
        }
        Part::open(&lesson, index, (&self.story[index], &self.brake), self.trail[index].chosen).map_err(known)
    }

    /// Going on counts as having read.
    fn told_if_said(&mut self) {
        if matches!(self.step().kind, StepKind::Say { .. }) {
            self.trail[self.index].done = true;
        }
    }

    /// Whether the clock stands still because a prediction has to be made first.
    pub fn is_locked(&self) -> bool {
        matches!(self.step().kind, StepKind::Predict { .. }) && self.trail[self.index].chosen.is_none()
    }

    /// Chooses an option of a `predict` step. What happens is now ahead on the timeline. The first choice stands.
    pub fn choose(&mut self, option: usize) -> Result<(), String> {
        let StepKind::Predict { options, .. } = &self.step().kind else { return Err(NOTHING_TO_CHOOSE.to_string()) };
        if option >= options.len() {
            return Err(format!("there are {} options", options.len()));
        }
        self.settle(option, false)
    }

    /// Has the right option of a `predict` step told: it happens without having been predicted.
    pub fn tell_option(&mut self) -> Result<(), String> {
        let StepKind::Predict { options, .. } = &self.step().kind else { return Err(NOTHING_TO_CHOOSE.to_string()) };
        let right = options.iter().position(|option| option.right).ok_or("no option is right")?;
        self.settle(right, true)
    }

    fn settle(&mut self, option: usize, given: bool) -> Result<(), String> {
        if self.trail[self.index].chosen.is_some() {
            return Err("you have chosen; the first choice stands".to_string());
        }
        let spread = self.spread_of().map_err(|mistake| mistake.message)?;
        let trail = &mut self.trail[self.index];
        (trail.chosen, trail.given, trail.spread) = (Some(option), given, spread);
        self.part = self.opened(self.index).map_err(|m| m.lines().join("\n"))?;
        Ok(())
    }

    /// What was predicted at this step, once something was.
    pub fn prediction(&self) -> Option<Prediction> {
        let trail = &self.trail[self.index];
        trail.chosen.map(|chosen| Prediction { chosen, given: trail.given, shown: trail.done })
    }

    /// Goes to the moment that shows an option of a prediction: when its condition first held, or else the end. False while
    /// nothing is predicted.
    pub fn show_option(&mut self, option: usize) -> bool {
        if self.prediction().is_none() || self.part.stage().is_two() {
            return false;
        }
        let shown = self.part.show_option(option);
        self.note_progress();
        shown
    }

    /// Whether some of what the step does by itself is still to be seen from here.
    pub fn lies_ahead(&self) -> bool {
        let has_more = match &self.part {
            Part::One(solo) => solo.ahead.is_some(),
            Part::Two(_) => true,
        };
        has_more && !self.part.is_played() && !self.is_off_the_story()
    }

    /// Whether what a comparison says of its designs is so in the run on the stage: not once it was poked off its script, and not where
    /// another seed gives something else.
    pub fn is_as_said(&self) -> bool {
        self.part.duo().is_none_or(duo::Duo::is_as_said)
    }

    /// Whether the answer may be read: after one attempt at a goal, on request, or, where there is no goal, at the end.
    pub fn answer_is_open(&self) -> bool {
        let mut goals = self.lesson.steps.iter().zip(&self.trail).filter(|(s, _)| matches!(s.kind, StepKind::Try(_)));
        let attempted = goals.clone().any(|(_, t)| t.goal.attempts > 0 || t.goal.shown.is_some());
        self.told || attempted || (goals.next().is_none() && self.is_done())
    }

    /// Opens the answer without an attempt.
    pub fn tell_me(&mut self) {
        self.told = true;
    }
}
