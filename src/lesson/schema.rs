//! What a lesson is once it is read: every text not empty, every condition compiled, every command parsed.
//! The file format is described for teachers in `lessons/FORMAT.md`; the names here are the names there.

use crate::cluster::Scenario;
use crate::cluster::condition::Condition;
use crate::command::Command;
use crate::sim::time::Span;

use super::drill::Drill;
use super::goal::{Because, Goal, Miss};
use super::measure::Measure;
use super::question::{Fact, Question};
use super::source::{Bytes, Source};

/// One topic: a question, its answer, and a cluster on which to find it.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Names the lesson everywhere: `failover-limits`. Lower-case letters, digits and `-`.
    pub id: String,
    /// A short name.
    pub title: String,
    /// The question that the learner can answer afterwards.
    pub question: String,
    /// The id of the chapter it belongs to.
    pub chapter: String,
    /// Topics to know first, by id.
    pub after: Vec<String>,
    /// Books, papers and documentation that the answer rests on; at least one.
    pub sources: Vec<String>,
    /// Virtual time that passes in one second of real time at speed 1x.
    pub pace: Span,
    /// The answer, in Markdown.
    pub answer: String,
    /// The one sentence to keep.
    pub remember: Option<String>,
    /// Where study notes err or stop short.
    pub corrections: Vec<Correction>,
    /// The cluster that the story starts on.
    pub scenario: Scenario,
    /// What is done to it before the learner sees it.
    pub start: Script,
    /// What learners walk through; at least one.
    pub steps: Vec<Step>,
    /// Sentences of the answer that runs confirm.
    pub claims: Vec<Claim>,
    /// Quiz items.
    pub questions: Vec<Question>,
    /// Runs that are drawn anew each time they are asked.
    pub drills: Vec<Drill>,
    /// The file, for pointing at parts of it.
    pub source: Source,
}

/// The most steps that a step lists: as many as there are digits.
const MOST_LISTED: usize = 9;

impl Lesson {
    /// The steps that one chooses from at a step: those after the last one that lists what follows it. None where nothing is listed.
    pub fn listed_at(&self, step: usize) -> std::ops::Range<usize> {
        let lists = |step: &Step| matches!(step.kind, StepKind::Say { lists: true, .. });
        let first = self.steps[..=step].iter().rposition(lists).map_or(self.steps.len(), |at| at + 1);
        first..self.steps.len().min(first + MOST_LISTED)
    }

    /// The index of the step with this id.
    pub fn step_of(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|s| s.id == id)
    }
}

/// A statement that is often made and not right, or not whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// In which way the notes err.
    pub kind: CorrectionKind,
    /// What the notes say, in short; nothing where something is missing.
    pub notes: Option<String>,
    /// What is right.
    pub right: String,
    /// The index of the step where it can be seen.
    pub see: usize,
}

/// In which way notes err.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorrectionKind {
    /// It is not so.
    Wrong,
    /// It is not always so, or said too loosely.
    Loose,
    /// Something is missing.
    Missing,
}

/// Commands, in order.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Each with its place in the file.
    pub lines: Vec<Line>,
}

impl Script {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many of the commands act on the cluster; the others move the clock.
    pub fn pokes(&self) -> usize {
        self.lines.iter().filter(|l| matches!(l.command, Command::Poke(_))).count()
    }
}

/// One command of a script.
#[derive(Clone, Debug)]
pub struct Line {
    /// What is done.
    pub command: Command,
    /// The condition of an `until` command, compiled.
    pub until: Option<Condition>,
    /// Where it stands.
    pub at: Bytes,
}

/// A condition over facts and guarantees.
#[derive(Clone, Debug)]
pub struct Cond {
    /// As it was written: `leaders >= 2`.
    pub text: String,
    /// Ready to be asked.
    pub test: Condition,
    /// Where it stands.
    pub at: Bytes,
}

/// One step of a lesson.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name, unique in the lesson: progress is kept under it.
    pub id: String,
    /// What the learner reads, in Markdown.
    pub text: String,
    /// What only a presenter reads.
    pub notes: Option<String>,
    /// Where the cluster of this step comes from.
    pub origin: Origin,
    /// Virtual time that passes in one second of real time at speed 1x, where it differs from the lesson's.
    pub pace: Option<Span>,
    /// What is shown beside or on the stage.
    pub view: View,
    /// Moments at which play stops.
    pub marks: Vec<Mark>,
    /// What is to be done.
    pub kind: StepKind,
    /// Where the step stands.
    pub at: Bytes,
}

impl Step {
    /// Its name and the rest of its text, where another step lists it: the first paragraph, and what follows.
    pub fn listed(&self) -> (&str, &str) {
        self.text.split_once("\n\n").unwrap_or((&self.text, ""))
    }

    /// Everything that the learner reads at this step.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = vec![self.text.as_str()];
        texts.extend(self.marks.iter().filter_map(|mark| mark.text.as_deref()));
        match &self.kind {
            StepKind::Say { .. } => {}
            StepKind::Predict { options, .. } => texts.extend(options.iter().flat_map(|o| [o.text.as_str(), o.why.as_str()])),
            StepKind::Try(goal) => texts.extend(goal.texts()),
            StepKind::Compare(compare) => texts.extend(compare.look.as_deref().into_iter().chain([compare.because.as_str()])),
            StepKind::Measure(measure) => texts.extend(measure.look.as_deref().into_iter().chain([measure.because.as_str()])),
        }
        texts
    }
}

/// The title of the panel with the charts of a step.
pub const CHART: &str = "chart";

/// What a step wants to be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Facts that are drawn as a chart over time.
    pub chart: Vec<Fact>,
    /// Titles of panels that are shown.
    pub panels: Vec<String>,
    /// Names of nodes, of keys, and of rows of panels that stay in sight.
    pub show: Vec<String>,
    /// Where these names stand in the file.
    pub show_at: Vec<Bytes>,
    /// Whether the learner is the network: messages wait until they are chosen. Only where something is to be tried.
    pub network: bool,
}

/// Where the cluster of a step comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// `from = "here"`: where the story is. The story is what the `say` and `predict` steps so far did to the cluster.
    Here,
    /// `from = "fresh"`: a new cluster, as this scenario describes it.
    Fresh(Scenario),
}

/// A moment at which play stops, so that it can be looked at.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When.
    pub when: MarkAt,
    /// What to see there, in a sentence.
    pub text: Option<String>,
    /// Where it stands.
    pub at: Bytes,
}

/// When a mark is reached.
#[derive(Clone, Debug)]
pub enum MarkAt {
    /// This long after the step started, in virtual time.
    After(Span),
    /// As soon as a condition holds for the first time.
    When(Cond),
}

/// The kinds of steps.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Something is told and shown.
    Say {
        /// What happens on the cluster meanwhile.
        script: Script,
        /// Whether the steps that follow are listed, for the learner to choose from.
        lists: bool,
    },
    /// The learner says what will happen, then it happens.
    Predict {
        /// What there is to choose from; one of them is right.
        options: Vec<Alternative>,
        /// What happens once one is chosen.
        then: Script,
        /// Where it is a matter of chance: the fact whose values with other seeds are shown afterwards.
        chance: Option<Fact>,
    },
    /// The learner brings something about.
    Try(Box<Try>),
    /// The same pokes on two designs, side by side.
    Compare(Box<Compare>),
    /// A table of runs.
    Measure(Box<Measure>),
}

impl StepKind {
    /// The word for it in lesson files.
    pub const fn word(&self) -> &'static str {
        match self {
            StepKind::Say { .. } => "say",
            StepKind::Predict { .. } => "predict",
            StepKind::Try(_) => "try",
            StepKind::Compare(_) => "compare",
            StepKind::Measure(_) => "measure",
        }
    }
}

/// One of several answers.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// The answer.
    pub text: String,
    /// Why it is right, or what is wrong with it.
    pub why: String,
    /// Whether it is right.
    pub right: bool,
    /// A condition that holds after the run exactly if this answer is right.
    pub see: Option<Cond>,
    /// The misconception that it stands for.
    pub belief: Option<String>,
    /// Where it stands.
    pub at: Bytes,
}

/// A goal to be reached by poking.
#[derive(Clone, Debug)]
pub struct Try {
    /// What has to hold; false at the start.
    pub goal: Goal,
    /// Where to look, which principle, what to do next; or nothing.
    pub hints: Option<[String; 3]>,
    /// What is done to the cluster before the learner gets it.
    pub start: Script,
    /// Commands that reach the goal.
    pub solution: Script,
    /// Other commands that reach it.
    pub ways: Vec<Script>,
    /// What comes near and does not reach it.
    pub misses: Vec<Miss>,
    /// Why it works, shown once the goal is reached: the first that is true of the run.
    pub because: Vec<Because>,
}

/// Two designs under the same pokes and the same random draws.
#[derive(Clone, Debug)]
pub struct Compare {
    /// The first design.
    pub a: Side,
    /// The second.
    pub b: Side,
    /// What is done to both.
    pub script: Script,
    /// What to look at.
    pub look: Option<String>,
    /// Why they differ.
    pub because: String,
}

/// One design of a comparison.
#[derive(Clone, Debug)]
pub struct Side {
    /// Its name on the screen: `with fencing`.
    pub name: String,
    /// The cluster.
    pub scenario: Scenario,
    /// What holds at the end.
    pub holds: Option<Cond>,
    /// Where it stands.
    pub at: Bytes,
}

/// A scenario and what is done to it: what claims and questions rest on.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where it starts.
    pub scenario: Scenario,
    /// What is done.
    pub script: Script,
}

/// A sentence of the answer that a run can confirm.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The sentence.
    pub says: String,
    /// What is run.
    pub run: Run,
    /// What holds at the end.
    pub holds: Option<Cond>,
    /// What holds at no moment of the run.
    pub never: Option<Cond>,
    /// With how many seeds it is run, counted up from the scenario's.
    pub seeds: u64,
    /// The least and the greatest share of the seeds in which it holds; all of them, where nothing is said.
    pub share: Option<Interval>,
    /// A fact whose mean over the seeds is known.
    pub mean: Option<Mean>,
    /// Where it stands.
    pub at: Bytes,
}

/// The mean of a fact over runs with different seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Mean {
    /// The fact.
    pub fact: Fact,
    /// Where its mean lies.
    pub between: Interval,
}

/// Two numbers and all between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// The least.
    pub from: f64,
    /// The greatest.
    pub to: f64,
    /// Where it stands.
    pub at: Bytes,
}

impl Interval {
    /// Whether a number lies in it.
    pub fn holds(&self, number: f64) -> bool {
        (self.from..=self.to).contains(&number)
    }
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}
