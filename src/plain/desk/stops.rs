//! Why a move stopped, and what is said of it.

use super::{Desk, here};
use crate::lesson::ends;
use crate::lesson::measure::number;
use crate::lesson::schema::{Compare, MarkAt, StepKind};
use crate::lesson::walk::{Awaits, Halt, Moved, NOT_AS_SAID, OFF_THE_SCRIPT, Stage, Walk};
use crate::plain::log::{self, Moment};
use crate::plain::page::Page;
use crate::sim::time::Span;

/// Long enough to come to the next stop of any step, in virtual time: some lessons play for months.
pub(super) const TO_THE_STOP: Span = Span::s(3650 * 24 * 3600);

/// How far play goes where no stop is certain to come, in seconds of play on the screen.
const PLAY_SECONDS: f64 = 15.0;

/// The most differences that are told at the end of a comparison in which clients were told the same.
const ENDS_MAX: usize = 5;

/// The most stops of a step that is played to its end.
const STOPS: usize = 200;

/// Plays what a step shows to its end, over its stops.
pub(in crate::plain) fn play_to_the_end(walk: &mut Walk) {
    for _ in 0..STOPS {
        if walk.awaits() != Awaits::Watching || matches!(walk.advance(TO_THE_STOP).halt, Some(Halt::Stuck(_) | Halt::Quiet)) {
            return;
        }
    }
}

impl Desk {
    /// Plays to the next stop.
    pub(in crate::plain) fn play(&mut self, page: &mut Page) {
        if self.is_network() {
            return page.say("Not done: time stands still while you are the network. Choose a number, or type network off.");
        }
        let by = if self.walk.stop_is_certain() { TO_THE_STOP } else { self.walk.pace().scaled(PLAY_SECONDS) };
        let before = here(&self.walk);
        if let Some(moved) = self.moving(page, |walk| Ok(walk.advance(by))) {
            self.went(page, before, &moved);
        }
    }

    /// Says what happened since a moment, how it is with the goal, why it stopped, and what the step waits for.
    pub(super) fn went(&mut self, page: &mut Page, before: Moment, moved: &Moved) {
        if moved.moved {
            self.log_since(page, before);
        }
        self.now(page);
        match &moved.halt {
            Some(Halt::Mark(mark)) => self.mark(page, *mark),
            Some(Halt::End) => self.end_of_step(page),
            Some(Halt::Differs) => self.differs(page),
            Some(Halt::Quiet) => page.say("Nothing but heartbeats, and nothing else is about to come: do something, or play on."),
            Some(Halt::Locked) => page.say("Say first what will happen: type the number of an answer."),
            Some(Halt::Stuck(why)) => page.say(format!("It stopped: {why}.")),
            Some(Halt::Goal | Halt::Miss(_) | Halt::Command(_) | Halt::Told) | None => {}
        }
        self.stands(page);
    }

    /// The moment, and how it is with the goal, where that is something else than was said.
    pub(super) fn now(&mut self, page: &mut Page) {
        let at = self.walk.stage().at();
        if self.at != Some(at) {
            page.say(format!("It is {at}."));
            self.at = Some(at);
        }
        self.goal_lines(page, false);
    }

    /// That the goal is reached or missed, and what the step waits for, where that was not said yet.
    pub(super) fn stands(&mut self, page: &mut Page) {
        self.now(page);
        let holds = self.walk.goal_holds();
        if holds && !self.holds {
            self.reached(page);
        }
        self.holds = holds;
        self.miss(page);
        self.ask(page);
    }

    /// What happened since a moment.
    pub(super) fn log_since(&mut self, page: &mut Page, before: Moment) {
        self.walk.recollect();
        for line in log::since(&self.walk, before, self.names()) {
            page.say(line);
        }
    }

    /// What the author has to say about the moment.
    fn mark(&self, page: &mut Page, mark: usize) {
        let Some(mark) = self.walk.step().marks.get(mark) else { return };
        match (&mark.text, &mark.when) {
            (Some(text), _) => page.named("Look:", &self.told(text)),
            (None, MarkAt::When(condition)) => page.say(format!("Here {} for the first time.", condition.text)),
            (None, MarkAt::After(_)) => {}
        }
    }

    fn differs(&self, page: &mut Page) {
        let Stage::Two(pair) = self.walk.stage() else { return };
        let found = pair.divergence().cloned();
        if let Some(found) = found {
            for line in log::difference(&self.walk, &found, self.names()) {
                page.say(line);
            }
        }
    }

    /// In what the two designs differ at the end, where no client was told anything else.
    fn ends(&self, page: &mut Page, compare: &Compare) {
        let Stage::Two(pair) = self.walk.stage() else { return };
        if pair.divergence().is_some() {
            for line in log::told_apart(&self.walk, self.names()) {
                page.say(line);
            }
            return;
        }
        let (a, b) = (pair.a().cluster(), pair.b().cluster());
        let apart = ends::apart(compare, [(a, &a.verdicts()), (b, &b.verdicts())]);
        let [first, second] = self.names();
        page.say("Clients were told the same. At the end these differ:");
        for one in apart.iter().take(ENDS_MAX) {
            page.say(format!("{}: {first} {}, {second} {}", one.what, one.a, one.b));
        }
    }

    /// The step has done all that it does.
    fn end_of_step(&self, page: &mut Page) {
        match &self.walk.step().kind {
            StepKind::Predict { .. } => self.outcome(page),
            StepKind::Compare(compare) if self.walk.is_as_said() => {
                self.ends(page, compare);
                page.named("Why they differ:", &self.told(&compare.because));
            }
            StepKind::Compare(_) if self.walk.is_off_the_story() => page.markdown(&self.told(OFF_THE_SCRIPT)),
            StepKind::Compare(_) => page.markdown(NOT_AS_SAID),
            StepKind::Measure(_) => page.say("That was the run of this row."),
            StepKind::Try(_) if self.walk.goal_holds() => {}
            StepKind::Try(_) | StepKind::Say { .. } => page.say("That is all that this step shows."),
        }
    }

    /// Whether the prediction was right, and why.
    pub(super) fn outcome(&self, page: &mut Page) {
        let StepKind::Predict { options, chance, .. } = &self.walk.step().kind else { return };
        let Some(prediction) = self.walk.prediction().filter(|prediction| prediction.shown) else { return };
        let Some(chosen) = options.get(prediction.chosen) else { return };
        let said = self.one_line(&chosen.text);
        match (prediction.given, chosen.right) {
            (true, _) => page.say(format!("It is: {said}.")),
            (false, true) => page.say(format!("Right: {said}.")),
            (false, false) if self.sure => page.say(format!("You were sure, and it is not so: {said}.")),
            (false, false) => page.say(format!("You said: {said}. That is not what happened.")),
        }
        page.markdown(&self.told(&chosen.why));
        if let Some(right) = options.iter().find(|option| option.right).filter(|_| !chosen.right) {
            page.say(format!("What happened: {}.", self.one_line(&right.text)));
            page.markdown(&self.told(&right.why));
        }
        if let (Some(values), Some(fact)) = (self.walk.spread().filter(|values| !values.is_empty()), chance) {
            let at = |share: f64| number(values[((values.len() - 1) as f64 * share).round() as usize]);
            page.say(format!(
                "{fact} in {} runs with other chances: half of them between {} and {}, all from {} to {}.",
                values.len(),
                at(0.25),
                at(0.75),
                at(0.0),
                at(1.0)
            ));
        }
        if options.iter().any(|option| option.see.is_some()) {
            page.say("The number of an answer goes to the moment that shows it.");
        }
    }
}
