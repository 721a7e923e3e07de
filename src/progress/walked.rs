//! A lesson that is walked, and the log: it is taken up where it was left, and what it shows that the log does not say is written down.
//!
//! What a walk shows is compared with what is known, after everything that happens. So nothing that moves a lesson on has to think of
//! the log, and nothing is forgotten, whichever way it came.

use std::sync::Arc;

use super::event::Event;
use super::state::State;
use super::topic::{Step, Topic};
use crate::lesson::schema::StepKind;
use crate::lesson::walk::{Progress, Recalled, Walk};
use crate::lesson::{Catalogue, Lesson};
use crate::timeline::Brake;

/// Takes up lessons: everything that it takes, so that it can be done anywhere.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Where the lessons are.
    pub catalogue: Arc<Catalogue>,
    /// Instead of the lesson's own.
    pub seed: Option<u64>,
    /// What the learner did in it before.
    pub known: Option<Topic>,
}

impl Opening {
    /// A lesson where the learner left it, or at its first step; or what is wrong with it, in lines.
    pub fn walk(&self, id: &str, brake: &Brake) -> Result<Walk, Vec<String>> {
        let walk = self.marked(id, brake)?;
        let steps: Vec<&str> = walk.lesson().steps.iter().map(|step| step.id.as_str()).collect();
        let here = self.known.as_ref().filter(|known| !known.finished).and_then(|known| known.goes_on_at(&steps));
        match here.unwrap_or(0) {
            0 => Ok(walk),
            here => at(walk, here),
        }
    }

    /// A lesson at any step.
    pub fn walk_at(&self, id: &str, index: usize, brake: &Brake) -> Result<Walk, Vec<String>> {
        at(self.marked(id, brake)?, index)
    }

    /// The lesson as it is walked.
    pub fn lesson(&self, id: &str) -> Result<Arc<Lesson>, Vec<String>> {
        let unknown = || vec![self.catalogue.unknown(id)];
        let opened = self.catalogue.open(id).ok_or_else(unknown)?;
        let mut lesson = Arc::unwrap_or_clone(opened.map_err(|mistakes| mistakes.lines())?);
        if let Some(seed) = self.seed {
            lesson.scenario.seed = seed;
        }
        Ok(Arc::new(lesson))
    }

    /// A lesson at its first step, with what is known of every step.
    fn marked(&self, id: &str, brake: &Brake) -> Result<Walk, Vec<String>> {
        let mut walk = Walk::start(self.lesson(id)?, brake).map_err(|mistakes| mistakes.lines())?;
        let ids: Vec<String> = walk.lesson().steps.iter().map(|step| step.id.clone()).collect();
        for (index, id) in ids.iter().enumerate() {
            if let Some(step) = self.known.as_ref().and_then(|known| known.steps.get(id)) {
                walk.recall(index, &recalled(step));
            }
        }
        if self.known.is_some() {
            // The first step as it is known.
            return at(walk, 0);
        }
        Ok(walk)
    }
}

fn at(mut walk: Walk, index: usize) -> Result<Walk, Vec<String>> {
    walk.go_to(index).map_err(|mistakes| mistakes.lines())?;
    Ok(walk)
}

fn recalled(step: &Step) -> Recalled {
    Recalled {
        done: step.done,
        predicted: step.predicted.as_ref().map(|(option, _)| option.clone()),
        reached: step.reached.map(|reached| reached.pokes as usize),
    }
}

/// What a walk shows and the state does not know.
pub fn news(walk: &Walk, state: &State) -> Vec<Event> {
    let (lesson, known) = (walk.lesson(), state.topic(&walk.lesson().id));
    let here = &walk.step().id;
    let mut news = Vec::new();
    if known.and_then(|topic| topic.here.as_ref()) != Some(here) {
        news.push(Event::StepSeen { lesson: lesson.id.clone(), step: here.clone() });
    }
    let step = |id: &str| known.and_then(|topic| topic.steps.get(id));
    news.extend(at_this_step(walk, step(here)));
    let done = lesson.steps.iter().zip(walk.progress()).filter(|(_, progress)| *progress == Progress::Done);
    let new = done.filter(|(of, _)| !step(&of.id).is_some_and(|step| step.done));
    news.extend(new.map(|(of, _)| Event::StepDone { lesson: lesson.id.clone(), step: of.id.clone() }));
    if walk.is_done() && !known.is_some_and(|topic| topic.finished) {
        news.push(Event::Finished { lesson: lesson.id.clone() });
    }
    news
}

/// A prediction that the learner made, or a goal that was reached or is reached with fewer pokes.
fn at_this_step(walk: &Walk, known: Option<&Step>) -> Option<Event> {
    let (lesson, step) = (walk.lesson().id.clone(), walk.step().id.clone());
    if let (StepKind::Predict { options, .. }, Some(prediction)) =
        (&walk.step().kind, walk.prediction().filter(|prediction| !prediction.given))
    {
        let option = options.get(prediction.chosen).filter(|_| known.is_none_or(|step| step.predicted.is_none()))?;
        return Some(Event::Predicted { lesson, step, option: option.text.clone(), right: option.right });
    }
    let goal = walk.goal()?;
    let pokes = u32::try_from(goal.reached?).unwrap_or(u32::MAX);
    let better = known.and_then(|step| step.reached).is_none_or(|best| pokes < best.pokes);
    better.then_some(Event::Reached { lesson, step, pokes, helped: goal.hints > 0, shown: goal.shown.is_some() })
}
