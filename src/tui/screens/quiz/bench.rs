//! Cards that are answered with the hands: a goal to bring about again, a report to cure. The lab opens for them, and what was done
//! there is handed in.

use super::stage::of_one_step;
use super::{BENCH, Quiz, STAGE, act};
use crate::command::Poke;
use crate::lesson::Lesson;
use crate::lesson::schema::{Script, StepKind};
use crate::lesson::source::Mistakes;
use crate::quiz::drill::cure::{Remedies, Tried, Untried};
use crate::quiz::goal::{self, Brought};
use crate::quiz::{Card, Reply};
use crate::timeline::Brake;
use crate::tui::app::App;
use crate::tui::screens::View;
use crate::tui::screens::lab::{Lab, Purpose};

/// What is said in the lab below a report.
const CURE: &str = "Cure it with as little as you can. What you do here is done **before** the run begins.";

/// Opens the lab of the card at hand, as it was left where it was open before.
pub(super) fn open(app: &mut App) {
    if app.labs.contains_key(BENCH) {
        return enter(app);
    }
    let Some(card) = app.quiz.as_ref().and_then(Quiz::turn).map(|turn| turn.card.clone()) else { return };
    app.begin("setting the stage", move |brake| {
        let lab = lab_of(&card, brake);
        Box::new(move |app: &mut App| match lab {
            Some(Ok(lab)) => {
                app.labs.insert(BENCH.to_string(), lab);
                enter(app);
            }
            Some(Err(mistakes)) => app.trouble(&mistakes),
            None => {}
        })
    });
}

fn lab_of(card: &Card, brake: &Brake) -> Option<Result<Lab, Mistakes>> {
    let lesson = match &card.remedies {
        Some(remedies) => report(card, remedies)?,
        None => goal::lesson_of(&card.lesson, card.question.step?)?,
    };
    Some(Lab::open(lesson, brake).map(|lab| lab.open_for(Purpose::Bench)))
}

/// The cluster of a report before its run.
fn report(card: &Card, remedies: &Remedies) -> Option<Lesson> {
    let run = card.question.run.as_ref()?;
    let nothing = StepKind::Say { script: Script::default(), lists: false };
    let text = format!("{}\n\n{CURE}", remedies.text());
    Some(of_one_step(card, run, card.lesson.start.clone(), (nothing, text)))
}

fn enter(app: &mut App) {
    (app.open, app.view) = (BENCH.to_string(), View::Lab);
    app.quiz.iter_mut().for_each(|quiz| quiz.away = true);
    app.say("Esc: back to the card");
}

/// Hands in what was done in the lab.
pub(super) fn hand_in(app: &mut App) {
    let Some(card) = app.quiz.as_ref().and_then(Quiz::turn).map(|turn| turn.card.clone()) else { return };
    let Some(lab) = app.lab() else { return };
    match card.remedies.clone() {
        None => take(app, Reply::Brought(brought(lab))),
        Some(remedies) => {
            let pokes = done(lab);
            app.begin("trying it on the run of the report", move |brake| {
                let tried = remedies.attempt(&card.lesson, pokes, brake);
                Box::new(move |app: &mut App| cured(app, tried))
            });
        }
    }
}

fn cured(app: &mut App, tried: Result<Tried, Untried>) {
    match tried {
        Ok(tried) => take(app, Reply::Cured(tried)),
        Err(why) => app.refuse(why.to_string()),
    }
}

/// The learner gives a goal up.
pub(super) fn give_up(app: &mut App) {
    let left = app.labs.get(BENCH).map(brought).unwrap_or_default();
    take(app, Reply::Brought(Brought { pokes: None, ..left }));
}

/// How the learner fared with the goal of a lab.
fn brought(lab: &Lab) -> Brought {
    let goal = lab.walk.goal().cloned().unwrap_or_default();
    Brought { pokes: goal.reached, hints: goal.hints, shown: goal.shown.is_some(), clauses: lab.walk.clauses() }
}

/// What the learner did to the cluster of a lab, up to where it stands.
fn done(lab: &Lab) -> Vec<Poke> {
    let (run, own) = (lab.run(), lab.walk.pokes());
    let before = run.pokes_done().saturating_sub(own);
    run.pokes().into_iter().take(run.pokes_done()).skip(before).map(|done| done.poke).collect()
}

/// The quiz goes on with this answer.
fn take(app: &mut App, reply: Reply) {
    app.labs.remove(BENCH);
    (app.open, app.view) = (STAGE.to_string(), View::Quiz);
    if let Some(quiz) = app.quiz.as_mut() {
        quiz.away = false;
        quiz.session.hand_in(reply);
    }
    act::settled(app);
}
