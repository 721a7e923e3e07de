//! Writing down what the learner does in the lab: whatever of the lesson on the screen the log does not say yet.
//!
//! What is on the screen is compared with what is known, after everything that happens. So nothing that moves a lesson on has to
//! think of the log, and nothing is forgotten, whichever key, click or command it came from.

use super::app::App;
use super::screens::View;
use super::screens::lab::Lab;
use super::screens::quiz;
use crate::lesson::sandbox;
use crate::lesson::schema::StepKind;
use crate::lesson::walk::{Progress, Walk};
use crate::progress::topic::Step;
use crate::progress::{Event, State};

impl App {
    /// Writes down what of the lesson on the screen is new; at home, takes in what is known.
    pub(super) fn keep(&mut self) {
        if self.view == View::Home {
            return self.learn();
        }
        let is_walked = |lab: &&Lab| !sandbox::is_chapter(&lab.walk.lesson().chapter) && !quiz::is_its_own(&self.open);
        let Some(lab) = self.lab().filter(is_walked) else { return };
        let news = news(lab, self.store.state());
        if !news.is_empty() {
            self.record_all(news);
        }
    }

    /// Writes down what happened. Where that is not possible the screen says so, and everything goes on.
    pub(super) fn record_all(&mut self, events: impl IntoIterator<Item = Event>) {
        self.store.record_all(events);
        if let Some(trouble) = self.store.trouble().map(str::to_string) {
            self.mention(trouble);
        } else if let Some(aside) = self.store.take_aside() {
            self.mention(format!(
                "the last line of your progress was cut off, as when a program is killed; it is kept in {}",
                aside.display()
            ));
        }
    }
}

/// What a lesson shows and the state does not know.
fn news(lab: &Lab, state: &State) -> Vec<Event> {
    let walk = &lab.walk;
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
