//! A lesson, step by step: what a step says, what is asked, and what there is to do.

mod act;
mod arrival;
mod end;
mod facts;
mod goal;
mod network;
mod stops;
mod tried;

pub(super) use stops::play_to_the_end;

use std::sync::Arc;

use super::log::Moment;
use super::page::{Page, sentence};
use super::state;
use super::told;
use crate::command::{Command, Poke};
use crate::lesson::Lesson;
use crate::lesson::schema::{Alternative, Compare, StepKind};
use crate::lesson::walk::{Awaits, Progress, Stage, Walk};
use crate::sim::time::Time;
use crate::timeline::{Brake, Timeline};

/// What a desk is open for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Somebody walks a lesson.
    Lesson,
    /// The answer to a question of the quiz is seen at it.
    Seen,
    /// What is done at it is handed in to the quiz.
    Bench,
}

/// How a step, a side of a comparison and the learner's own things stand.
#[expect(clippy::struct_excessive_bools, reason = "each stands for something of its own that happened")]
pub(super) struct Desk {
    pub(super) walk: Walk,
    pub(super) purpose: Purpose,
    /// How many events one line may run.
    work: u64,
    /// What was taken back last, to be done again.
    undone: Vec<Poke>,
    /// What can be done by its number.
    offers: Vec<Command>,
    /// Whether the learner asked to be the network.
    network: bool,
    /// How the goal stood when it was said last.
    goal: Vec<String>,
    /// The moment that was said last.
    at: Option<Time>,
    /// Whether the goal held when it was looked at last.
    holds: bool,
    /// The miss that was answered last.
    missed: Option<usize>,
    /// What was said last of what the step waits for.
    asked: String,
    /// Whether the learner was sure of the prediction.
    sure: bool,
    /// Whether the end of the lesson was said.
    ended: bool,
}

/// What a line asks of whoever holds the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// Nothing.
    Nothing,
    /// Another seed.
    Seed(u64),
    /// What was done is handed in.
    HandIn,
    /// Back to the card.
    Card,
}

impl Desk {
    /// A walk that goes on here.
    pub(super) fn new(walk: Walk, purpose: Purpose, work: u64) -> Desk {
        let (undone, offers, goal) = (Vec::new(), Vec::new(), Vec::new());
        Desk {
            walk,
            purpose,
            work,
            undone,
            offers,
            network: false,
            goal,
            at: None,
            holds: false,
            missed: None,
            asked: String::new(),
            sure: false,
            ended: false,
        }
    }

    /// A lesson at its first step; or what is wrong with it, in lines.
    pub(super) fn start(lesson: Lesson, purpose: Purpose, work: u64) -> Result<Desk, Vec<String>> {
        let walk = Walk::start(Arc::new(lesson), &Brake::of(work)).map_err(|mistakes| mistakes.lines())?;
        Ok(Desk::new(walk, purpose, work))
    }

    /// The run on the stage; the first of two.
    fn run(&self) -> &Timeline {
        self.walk.timeline()
    }

    fn told(&self, text: &str) -> String {
        told::told(self.run(), text)
    }

    /// A text of the lesson in one line.
    fn one_line(&self, text: &str) -> String {
        sentence(&self.told(text))
    }

    /// What the two designs are called.
    fn names(&self) -> [&str; 2] {
        match &self.walk.step().kind {
            StepKind::Compare(compare) => [&compare.a.name, &compare.b.name],
            _ => ["", ""],
        }
    }

    /// The runs on the stage, each with what is said before its lines.
    fn sides(&self) -> Vec<(String, &Timeline)> {
        let [a, b] = self.names();
        match self.walk.stage() {
            Stage::One(run) => vec![(String::new(), run)],
            Stage::Two(pair) => vec![(format!("{a}: "), pair.a()), (format!("{b}: "), pair.b())],
        }
    }

    /// What the lesson is about, before its first card.
    pub(super) fn title(&self, page: &mut Page) {
        let lesson = self.walk.lesson();
        page.say(format!("Lesson: {}.", lesson.title));
        page.named("Question:", &lesson.question);
        let done = self.walk.progress().iter().filter(|progress| **progress == Progress::Done).count();
        let steps = lesson.steps.len();
        if done > 0 {
            page.say(format!("{done} of {steps} steps are done."));
        }
    }

    /// What the step says.
    pub(super) fn card(&mut self, page: &mut Page) {
        self.forget();
        let (steps, step) = (self.walk.lesson().steps.len(), self.walk.step());
        if steps > 1 {
            page.say(format!("Step {} of {steps}. {}", self.walk.index() + 1, heading(&step.kind)));
        }
        page.markdown(&self.told(&step.text));
        match &step.kind {
            StepKind::Predict { options, .. } => self.options(page, options),
            StepKind::Compare(compare) => self.compare(page, compare),
            StepKind::Measure(measure) => self.measure(page, measure),
            StepKind::Say { .. } | StepKind::Try(_) => {}
        }
        for (name, run) in self.sides() {
            page.say(format!("{name}{}", state::summary(run.cluster())));
        }
        self.at = Some(self.walk.stage().at());
        if let Some(goal) = self.walk.goal() {
            if let Some(reached) = goal.reached {
                page.say(format!("You reached this goal before, with {}.", pokes(reached)));
            }
            self.goal_lines(page, true);
        }
        if self.walk.step().view.network {
            self.network(page, "");
        }
        if self.walk.prediction().is_some_and(|prediction| prediction.shown) {
            self.outcome(page);
        }
        self.ask(page);
    }

    fn options(&self, page: &mut Page, options: &[Alternative]) {
        for (number, option) in (1..).zip(options) {
            page.say(format!("{number}. {}", self.one_line(&option.text)));
        }
    }

    fn compare(&self, page: &mut Page, compare: &Compare) {
        page.say(format!("Two designs, the same pokes on both: {} and {}.", compare.a.name, compare.b.name));
        if let Stage::Two(pair) = self.walk.stage() {
            let [a, b] = [&compare.a, &compare.b].map(|side| &side.scenario.model);
            if a != b {
                page.say(format!("They are two kinds of cluster: {a} and {b}."));
            }
            for differing in pair.difference() {
                let [a, b] = [(&compare.a, &differing.a), (&compare.b, &differing.b)]
                    .map(|(side, value)| format!("{value} in the design {}", side.name));
                page.say(format!("They differ in a setting: {} is {a}, and {b}.", differing.setting));
            }
        }
        if let Some(look) = &compare.look {
            page.markdown(&self.told(look));
        }
    }

    /// What the step waits for now, where that was not said yet.
    pub(super) fn ask(&mut self, page: &mut Page) {
        let text = self.waits_for();
        if text != self.asked {
            page.say(&text);
            self.asked = text;
        }
    }

    fn waits_for(&self) -> String {
        let at_the_end = match self.purpose {
            Purpose::Lesson if self.ended => "next opens the next lesson, quiz asks questions of this one, home leaves.",
            Purpose::Lesson if self.walk.lesson().steps.len() == 1 => "Type commands, or next for what can be done here.",
            Purpose::Lesson => "Type next for the end of the lesson.",
            Purpose::Seen => "Type card to go back to the card.",
            Purpose::Bench => "Type hand-in when you are done, or card to go back to the card.",
        };
        match self.walk.awaits() {
            Awaits::Watching => "Type next to watch what happens.",
            Awaits::Answer => "Type the number of your answer; sure, think or guess behind it if you like.",
            Awaits::Goal if self.walk.pokes() == 0 => "Your turn: type a command. pokes lists some, hint helps.",
            Awaits::Goal if self.network => "Type the number of what is to happen, or another command.",
            Awaits::Goal => "Type play to let time pass, or another command.",
            Awaits::Command => "Type next to do the next command of the solution.",
            Awaits::Measuring => "Type next to run all of them.",
            Awaits::Nothing if self.walk.is_last() => at_the_end,
            Awaits::Nothing => "Type next for the next step.",
        }
        .to_string()
    }
}

/// What kind of step it is.
const fn heading(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Say { .. } => "Watch.",
        StepKind::Predict { .. } => "What will happen?",
        StepKind::Try(_) => "Try it.",
        StepKind::Compare(_) => "Compare.",
        StepKind::Measure(_) => "Measure.",
    }
}

/// `1 poke`, `2 pokes`.
fn pokes(count: usize) -> String {
    format!("{count} poke{}", if count == 1 { "" } else { "s" })
}

/// Where a walk is, for what happens next.
fn here(walk: &Walk) -> Moment {
    Moment::of(walk)
}
