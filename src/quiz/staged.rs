//! The cluster of a card as a lesson of one step: to be watched, to be looked through, to be answered at.

use super::card::{Card, Stage};
use super::drill::cure::{Remedies, script_of};
use super::goal::{self, Brought};
use super::judge::Reply;
use crate::command::{Command, Drive, Poke};
use crate::lesson::Lesson;
use crate::lesson::question::QuestionKind;
use crate::lesson::schema::{Line, Origin, Run, Script, Step, StepKind, View};
use crate::lesson::walk::Walk;
use crate::sim::time::Span;

/// About how many seconds a run is watched for.
const WATCHED: f64 = 10.0;

/// The run of a question; `None`: it has none.
pub fn run_of(card: &Card) -> Option<Lesson> {
    let run = card.question.run.as_ref()?;
    let kind = kind_of(card, run)?;
    let played = matches!(card.question.kind, QuestionKind::Predict { .. });
    let start = if played { joined(&card.lesson.start, &run.script) } else { card.lesson.start.clone() };
    Some(of_one_step(card, run, start, (kind, card.question.text.clone())))
}

/// The run of a report once more, after a cure.
pub fn cured(card: &Card, cure: &Script) -> Option<Lesson> {
    let run = card.question.run.as_ref()?;
    let kind = StepKind::Predict { options: card.options().to_vec(), then: run.script.clone(), chance: None };
    Some(of_one_step(card, run, joined(&card.lesson.start, cure), (kind, card.question.text.clone())))
}

/// A lesson of one step, which is of this kind and says this.
fn of_one_step(card: &Card, run: &Run, start: Script, (kind, text): (StepKind, String)) -> Lesson {
    let question = &card.question;
    let pace = match &kind {
        StepKind::Say { script, .. } | StepKind::Predict { then: script, .. } => pace(card, script),
        _ => None,
    };
    let step = Step {
        id: card.question.id.clone(),
        text,
        notes: None,
        origin: Origin::Fresh(run.scenario.clone()),
        pace,
        view: View::default(),
        marks: Vec::new(),
        kind,
        at: question.at.clone(),
    };
    Lesson { scenario: run.scenario.clone(), start, steps: vec![step], ..Lesson::clone(&card.lesson) }
}

/// A pace at which a script is over in a few seconds, where the lesson's own would take longer.
fn pace(card: &Card, script: &Script) -> Option<Span> {
    let span = |line: &Line| if let Command::Drive(Drive::Run(span)) = line.command { span.0 } else { 0 };
    let whole = Span(script.lines.iter().map(span).fold(0, u64::saturating_add));
    Some(whole.scaled(1.0 / WATCHED)).filter(|pace| *pace > card.lesson.pace)
}

fn kind_of(card: &Card, run: &Run) -> Option<StepKind> {
    match &card.question.kind {
        _ if card.stage == Stage::Whole => Some(StepKind::Say { script: run.script.clone(), lists: false }),
        QuestionKind::Predict { options, then } => Some(StepKind::Predict { options: options.clone(), then: then.clone(), chance: None }),
        QuestionKind::Choice(options) | QuestionKind::Several(options) => {
            Some(StepKind::Predict { options: options.clone(), then: run.script.clone(), chance: None })
        }
        _ if run.script.is_empty() => None,
        _ => Some(StepKind::Say { script: run.script.clone(), lists: false }),
    }
}

fn joined(first: &Script, then: &Script) -> Script {
    Script { lines: first.lines.iter().chain(&then.lines).cloned().collect() }
}

/// What the learner's cure does before the run, and the option that stands for it.
pub fn chosen_cure(card: &Card, reply: &Reply) -> Option<(Script, usize)> {
    match reply {
        Reply::One(option) => Some((card.remedies.as_ref()?.scripts().nth(*option)?.clone(), *option)),
        Reply::Cured(tried) => Some((script_of(&tried.pokes), 0)),
        _ => None,
    }
}

/// Whether there is a moment to be seen.
pub fn can_be_seen(card: &Card) -> bool {
    card.question.step.is_some() || card.question.run.is_some()
}

/// What is said at the cluster below a report.
const CURE: &str = "Cure it with as little as you can. What you do here is done **before** the run begins.";

/// The cluster at which a card is answered by hand; `None` where it is not.
pub fn bench_of(card: &Card) -> Option<Lesson> {
    match &card.remedies {
        Some(remedies) => report(card, remedies),
        None => goal::lesson_of(&card.lesson, card.question.step?),
    }
}

/// The cluster of a report before its run.
fn report(card: &Card, remedies: &Remedies) -> Option<Lesson> {
    let run = card.question.run.as_ref()?;
    let nothing = StepKind::Say { script: Script::default(), lists: false };
    let text = format!("{}\n\n{CURE}", remedies.text());
    Some(of_one_step(card, run, card.lesson.start.clone(), (nothing, text)))
}

/// How the learner fared with the goal of a walk.
pub fn brought(walk: &Walk) -> Brought {
    let goal = walk.goal().cloned().unwrap_or_default();
    Brought { pokes: goal.reached, hints: goal.hints, shown: goal.shown.is_some(), clauses: walk.clauses() }
}

/// What the learner did to the cluster of a walk, up to where it stands.
pub fn done(walk: &Walk) -> Vec<Poke> {
    let (run, own) = (walk.timeline(), walk.pokes());
    let before = run.pokes_done().saturating_sub(own);
    run.pokes().into_iter().take(run.pokes_done()).skip(before).map(|done| done.poke).collect()
}
