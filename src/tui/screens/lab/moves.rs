//! What moves the clock: play, steps, jumps, speed, undo.

use std::convert::Infallible;

use super::course::{self, Course};
use super::{Lab, learn, outside};
use crate::lesson::walk::{Halt, Moved, Walk};
use crate::sim::time::Time;
use crate::tui::app::App;
use crate::tui::keys::Key;

/// Whether the clock may move: not while a prediction waits for an answer.
pub fn can_move(app: &App) -> Result<(), String> {
    app.lab().map_or(Ok(()), Lab::may_move)
}

/// Whether there is something to go back to.
pub fn can_go_back(app: &App) -> Result<(), String> {
    can_move(app)?;
    match app.lab() {
        Some(lab) if lab.run().events() == 0 => Err("this is the start: nothing lies before it".into()),
        _ => Ok(()),
    }
}

/// Whether something was poked at this step.
pub fn can_undo(app: &App) -> Result<(), String> {
    can_move(app)?;
    match app.lab() {
        Some(lab) if lab.walk.pokes() == 0 => Err("nothing was done yet, so there is nothing to undo".into()),
        _ => Ok(()),
    }
}

/// Plays or pauses.
pub fn play(app: &mut App, _key: Key) {
    let (now, goes_on) = (app.now, outside::goes_on(app));
    let Some(lab) = app.lab_mut() else { return };
    if lab.pace.playing() {
        lab.pace.pause();
    } else if lab.is_network() {
        app.refuse("time stands still while you are the network; N lets messages and time flow again");
    } else if lab.is_over() && !goes_on {
        app.refuse("nothing is on its way, so nothing would happen; do something first");
    } else {
        lab.go_on_from_here();
        lab.pace.play(now);
    }
}

/// Pauses, moves, and says when there was nowhere to go. `what` says what it does, in a few words.
pub fn moving(app: &mut App, what: &str, nowhere: &'static str, go: impl FnOnce(&mut Walk) -> Moved + Send + 'static) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    lab.go_on_from_here();
    let go = move |course: &mut Course| Ok::<Moved, Infallible>(go(&mut course.walk));
    course::work(app, what, go, |app, Ok(moved)| went(app, moved, nowhere));
}

/// Says where a move ended, when that is not where it was to go.
pub fn went(app: &mut App, moved: Moved, nowhere: &str) {
    let Some(lab) = app.lab_mut() else { return };
    match moved.halt {
        Some(Halt::Stuck(why)) => app.refuse(why),
        Some(Halt::Quiet) => {
            lab.halted(&Halt::Quiet);
            say_quiet(app);
        }
        Some(halt) => lab.halted(&halt),
        None if !moved.moved && !nowhere.is_empty() => app.refuse(nowhere),
        None => {}
    }
}

/// Says why play stopped where nothing but heartbeats comes.
pub(super) fn say_quiet(app: &mut App) {
    app.say("nothing new is about to come: do something, or play on");
}

/// Back to the mark, answer or poke before this; at the start of a step to the step before.
pub fn back_one_mark(app: &mut App, key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    (lab.mark, lab.answered) = (None, None);
    let back = |course: &mut Course| Ok::<Option<Moved>, Infallible>(course.walk.back_to_stop());
    course::work(app, "back one mark", back, move |app, Ok(moved)| match moved {
        Some(moved) => went(app, moved, ""),
        None => learn::previous_step(app, key),
    });
}

/// One event on.
pub fn forward(app: &mut App, _key: Key) {
    moving(app, "one event on", "nothing is on its way", Walk::step_on);
}

/// One event back.
pub fn back(app: &mut App, _key: Key) {
    moving(app, "one event back", "this is the start", Walk::step_back);
}

/// To the next event worth a stop.
pub fn next(app: &mut App, _key: Key) {
    moving(app, "to the next event worth a stop", "nothing worth a stop comes soon", Walk::next_noteworthy);
}

/// To the event worth a stop before this.
pub fn previous(app: &mut App, _key: Key) {
    moving(app, "back to an event worth a stop", "nothing worth a stop lies before this", Walk::previous_noteworthy);
}

/// A tenth of a second of real time on.
pub fn later(app: &mut App, _key: Key) {
    let Some(by) = app.lab().map(|lab| lab.pace.span(0.1)) else { return };
    moving(app, "a little on", "", move |walk| walk.advance(by));
}

/// A tenth of a second of real time back.
pub fn earlier(app: &mut App, _key: Key) {
    let Some(by) = app.lab().map(|lab| lab.pace.span(0.1)) else { return };
    moving(app, "a little back", "this is the start", move |walk| walk.seek(Time(walk.stage().at().0.saturating_sub(by.0))));
}

/// To the start of the run.
pub fn to_start(app: &mut App, _key: Key) {
    moving(app, "to the start", "this is the start", |walk| walk.seek(Time::ZERO));
}

/// To the end of what was seen.
pub fn to_end(app: &mut App, _key: Key) {
    let Some(end) = app.lab().map(|lab| lab.picture().seen) else { return };
    moving(app, "to the end of what was seen", "", move |walk| walk.seek(end));
}

/// To this moment, for the scrubber.
pub fn seek(app: &mut App, to: Time) {
    match can_move(app) {
        Ok(()) => moving(app, &format!("to {to}"), "", move |walk| walk.seek(to)),
        Err(why) => app.refuse(why),
    }
}

/// Faster.
pub fn faster(app: &mut App, _key: Key) {
    speed(app, 1, "this is the highest speed");
}

/// Slower.
pub fn slower(app: &mut App, _key: Key) {
    speed(app, -1, "this is the lowest speed");
}

fn speed(app: &mut App, by: isize, at_the_end: &str) {
    let changed = app.lab_mut().is_some_and(|lab| lab.pace.change(by));
    if !changed {
        app.refuse(at_the_end);
    }
}

/// To the moment before the last poke.
pub fn undo(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    course::work(
        app,
        "taking it back",
        |course| course.walk.undo().ok_or("nothing was done yet, so there is nothing to undo"),
        |app, undone| match undone {
            Ok(poke) => app.say(format!("undone: {poke}")),
            Err(why) => app.refuse(why),
        },
    );
}
