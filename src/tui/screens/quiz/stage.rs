//! The cluster of a card: on the stage beside it, or in the lab at the moment that shows the answer.

use std::sync::Arc;

use super::{Quiz, SEEN, STAGE};
use crate::command::{Command, Drive};
use crate::lesson::Lesson;
use crate::lesson::question::QuestionKind;
use crate::lesson::schema::{Line, Origin, Run, Script, Step, StepKind, View as Shown};
use crate::lesson::source::Mistakes;
use crate::quiz::drill::cure::script_of;
use crate::quiz::{Bank, Card, Reply, Stage};
use crate::sim::time::Span;
use crate::timeline::Brake;
use crate::tui::app::App;
use crate::tui::screens::lab::{Lab, Purpose, learn};
use crate::tui::screens::{Over, View};

/// About how many seconds a run is watched for.
const WATCHED: f64 = 10.0;

/// A lesson of one step: the run of a question.
fn lesson_of(card: &Card) -> Option<Lesson> {
    let run = card.question.run.as_ref()?;
    let kind = kind_of(card, run)?;
    let played = matches!(card.question.kind, QuestionKind::Predict { .. });
    let start = if played { joined(&card.lesson.start, &run.script) } else { card.lesson.start.clone() };
    Some(of_one_step(card, run, start, (kind, card.question.text.clone())))
}

/// The same run once more, after a cure.
fn cured(card: &Card, cure: &Script) -> Option<Lesson> {
    let run = card.question.run.as_ref()?;
    let kind = StepKind::Predict { options: card.options().to_vec(), then: run.script.clone(), chance: None };
    Some(of_one_step(card, run, joined(&card.lesson.start, cure), (kind, card.question.text.clone())))
}

/// A lesson of one step, which is of this kind and says this.
pub(super) fn of_one_step(card: &Card, run: &Run, start: Script, (kind, text): (StepKind, String)) -> Lesson {
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
        view: Shown::default(),
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

/// A lab with the run of a card, at its start.
fn lab_of(card: &Card, brake: &Brake) -> Option<Result<Lab, Mistakes>> {
    lesson_of(card).map(|lesson| Lab::open(lesson, brake))
}

/// Puts the cluster of a card on the stage.
pub(super) fn set(app: &mut App, card: Card) {
    app.begin("setting the stage", move |brake| {
        let mut lab = lab_of(&card, brake);
        if let (Some(Ok(lab)), Stage::Whole) = (&mut lab, card.stage) {
            lab.show_outcome(None);
        }
        Box::new(move |app: &mut App| match lab {
            Some(Ok(lab)) => {
                app.labs.insert(STAGE.to_string(), lab);
                app.open = STAGE.to_string();
                app.quiz.iter_mut().for_each(|quiz| quiz.staged = true);
            }
            Some(Err(mistakes)) => app.trouble(&mistakes),
            None => {}
        })
    });
}

/// Plays what happens, now that something was said about it.
pub(super) fn play(app: &mut App) {
    let turn = app.quiz.as_ref().and_then(Quiz::turn);
    let chosen = turn.and_then(|turn| Some((&turn.card, turn.judged.as_ref()?)));
    match chosen {
        Some((card, (reply, _))) if card.remedies.is_some() => {
            let card = card.clone();
            match chosen_cure(&card, reply) {
                Some((cure, option)) => try_cure(app, card, cure, option),
                None => super::act::told(app),
            }
        }
        Some((_, (Reply::One(option), _))) if app.lab().is_some() => {
            let option = *option;
            learn::choose(app, option);
        }
        _ => super::act::told(app),
    }
}

/// What the learner's cure does before the run, and the option that stands for it.
fn chosen_cure(card: &Card, reply: &Reply) -> Option<(Script, usize)> {
    match reply {
        Reply::One(option) => Some((card.remedies.as_ref()?.scripts().nth(*option)?.clone(), *option)),
        Reply::Cured(tried) => Some((script_of(&tried.pokes), 0)),
        _ => None,
    }
}

/// Plays the run of a report once more, after a cure.
fn try_cure(app: &mut App, card: Card, cure: Script, option: usize) {
    app.begin("trying it on the same run", move |brake| {
        let lab = cured(&card, &cure).map(|lesson| Lab::open(lesson, brake));
        Box::new(move |app: &mut App| match lab {
            Some(Ok(lab)) => {
                app.labs.insert(STAGE.to_string(), lab);
                learn::choose(app, option);
            }
            Some(Err(mistakes)) => app.trouble(&mistakes),
            None => super::act::told(app),
        })
    });
}

/// Whether there is a moment to be seen.
pub(super) fn can_be_seen(card: &Card) -> bool {
    card.question.step.is_some() || card.question.run.is_some()
}

/// Opens the lab at the moment that shows the answer: of the row that the cursor is at, or of the right one.
pub(super) fn see(app: &mut App) {
    let Some(turn) = app.quiz.as_ref().and_then(Quiz::turn) else { return };
    let right = || turn.card.options().iter().position(|option| option.right);
    let option = turn.draft.cursor.and_then(|row| turn.draft.rows(&turn.card).get(row).copied()).or_else(right);
    let card = turn.card.clone();
    app.begin("to the moment that shows it", move |brake| {
        let lab = seen(&card, option, brake);
        Box::new(move |app: &mut App| match lab {
            Ok(lab) => show(app, lab),
            Err(mistakes) => app.over = Some(Over::Trouble(mistakes.lines(), 0)),
        })
    });
}

/// The lab at the moment that shows an option.
fn seen(card: &Card, option: Option<usize>, brake: &Brake) -> Result<Lab, Mistakes> {
    if let Some(lab) = lab_of(card, brake) {
        let mut lab = lab?;
        lab.show_outcome(option);
        return Ok(lab);
    }
    let mut lab = Lab::open(Lesson::clone(&card.lesson), brake)?;
    lab.open_at(card.question.step.unwrap_or(0))?;
    Ok(lab)
}

fn show(app: &mut App, lab: Lab) {
    app.labs.insert(SEEN.to_string(), lab.open_for(Purpose::Seen));
    app.open = SEEN.to_string();
    app.view = View::Lab;
    app.quiz.iter_mut().for_each(|quiz| quiz.away = true);
    app.say("Esc: back to where you were");
}

/// Opens the lab for the one of these ideas that comes after the one that was looked at last.
pub fn see_next(app: &mut App, all: &[String]) {
    let last = app.looked_at.as_ref().and_then(|last| all.iter().position(|item| item == last));
    if let Some(item) = all.iter().cycle().nth(last.map_or(0, |last| last + 1)) {
        app.looked_at = Some(item.clone());
        see_item(app, item.clone());
    }
}

/// Opens the lab where an idea can be seen, from wherever its name stands.
fn see_item(app: &mut App, item: String) {
    let learner = app.draw.unwrap_or_default();
    let (catalogue, state) = (Arc::clone(&app.catalogue), app.store.state().clone());
    app.begin("to the moment that shows it", move |brake| {
        let card = Bank::of(&catalogue).card(&item, (learner, 0), &state, brake);
        let lab = match card {
            Some(Ok(card)) => seen(&card, None, brake).map_err(|mistakes| mistakes.lines()),
            Some(Err(why)) => Err(vec![why]),
            None => Err(vec![format!("`{item}` is asked by no lesson any more")]),
        };
        Box::new(move |app: &mut App| match lab {
            Ok(lab) => show(app, lab),
            Err(lines) => app.over = Some(Over::Trouble(lines, 0)),
        })
    });
}

/// Back from the lab to where it was opened from: the quiz, or the results. Says whether it was.
pub fn back(app: &mut App) -> bool {
    if let Some(quiz) = app.quiz.as_mut().filter(|quiz| quiz.away) {
        (quiz.away, app.view) = (false, View::Quiz);
        app.labs.remove(SEEN);
        app.open = STAGE.to_string();
        return true;
    }
    let seen = app.results.is_some() && app.open == SEEN && app.labs.remove(SEEN).is_some();
    if seen {
        app.view = View::Results;
    }
    seen
}
