//! Cards that are answered with the hands: a goal to bring about again, a report to cure. The lab opens for them, and what was done
//! there is handed in.

use super::{BENCH, Quiz, STAGE, act};
use crate::quiz::drill::cure::{Tried, Untried};
use crate::quiz::goal::Brought;
use crate::quiz::{Reply, staged};
use crate::tui::app::App;
use crate::tui::screens::View;
use crate::tui::screens::lab::{Lab, Purpose};

/// Opens the lab of the card at hand, as it was left where it was open before.
pub(super) fn open(app: &mut App) {
    if app.labs.contains_key(BENCH) {
        return enter(app);
    }
    let Some(card) = app.quiz.as_ref().and_then(Quiz::turn).map(|turn| turn.card.clone()) else { return };
    app.begin("setting the stage", move |brake| {
        let opened = staged::bench_of(&card).map(|lesson| Lab::open(lesson, brake));
        let lab = opened.map(|lab| lab.map(|lab| lab.open_for(Purpose::Bench)));
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
        None => take(app, Reply::Brought(staged::brought(&lab.walk))),
        Some(remedies) => {
            let pokes = staged::done(&lab.walk);
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
    let left = app.labs.get(BENCH).map(|lab| staged::brought(&lab.walk)).unwrap_or_default();
    take(app, Reply::Brought(Brought { pokes: None, ..left }));
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
