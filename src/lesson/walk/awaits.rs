//! What a step waits for, and what is said of it: the same for every face of the program.

use crate::command::{Command, Drive};
use crate::lesson::schema::StepKind;

use super::{Attained, Progress, Walk};

/// What a step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaits {
    /// What it does is to be played.
    Watching,
    /// An option has to be chosen first.
    Answer,
    /// The goal is to be reached.
    Goal,
    /// The next command of the shown solution is to be carried out.
    Command,
    /// What it measures is to be run.
    Measuring,
    /// Nothing more: one goes on.
    Nothing,
}

impl Walk {
    /// What the step waits for.
    pub fn awaits(&self) -> Awaits {
        self.awaits_if(|| self.goal_holds())
    }

    /// The same for somebody who knows whether the goal holds: looking is costly.
    pub fn awaits_if(&self, goal_holds: impl FnOnce() -> bool) -> Awaits {
        let done = self.progress()[self.index()] == Progress::Done;
        match &self.step().kind {
            StepKind::Say { script, .. } if done || script.is_empty() => Awaits::Nothing,
            StepKind::Predict { .. } if self.is_locked() => Awaits::Answer,
            StepKind::Try(_) if self.solution().is_some_and(|(lines, done)| done < lines.len()) => Awaits::Command,
            StepKind::Try(_) if !done && !self.is_showing() && !goal_holds() => Awaits::Goal,
            StepKind::Try(_) => Awaits::Nothing,
            StepKind::Measure(_) if !done => Awaits::Measuring,
            _ if done => Awaits::Nothing,
            _ => Awaits::Watching,
        }
    }

    /// Whether a stop is certain to come: the script of a step ends, a learner's own run may go on for ever.
    pub fn stop_is_certain(&self) -> bool {
        if self.is_showing() {
            return true;
        }
        let done = self.progress()[self.index()] == Progress::Done;
        !matches!(self.step().kind, StepKind::Try(_)) && !self.is_off_the_story() && !done
    }

    /// Whether this is the last step.
    pub fn is_last(&self) -> bool {
        self.index() + 1 == self.lesson().steps.len()
    }
}

/// A command as somebody would say it.
pub fn in_words(command: &Command) -> String {
    match command {
        Command::Drive(Drive::Run(span)) => format!("let {span} pass"),
        Command::Drive(Drive::Until(condition)) => format!("wait until {condition}"),
        other => other.to_string(),
    }
}

/// What is said of a comparison that was poked off its script, in Markdown with slots.
pub const OFF_THE_SCRIPT: &str = "**Your own run.** You poked before the script was over, so this says nothing about why the two \
                                  designs differ. {{key undo}} goes back to the script, {{key restart}} starts it again.";

/// What is said of one where another seed gives something else, in Markdown.
pub const NOT_AS_SAID: &str = "**No verdict.** In this run the two designs did not end as they do with the seed of the lesson. \
                               What follows from one run holds for one run.";

impl Attained {
    /// How it was reached, or that it was not, in a few words.
    pub fn how(&self) -> String {
        match self.reached {
            Some(pokes) if pokes > self.best_known => format!("{pokes} pokes, fewest known {}", self.best_known),
            Some(pokes) => format!("{pokes} {}", if pokes == 1 { "poke" } else { "pokes" }),
            None if self.shown => "the solution was shown".to_string(),
            None if self.attempts > 0 => "not yet".to_string(),
            None => "skipped".to_string(),
        }
    }
}
