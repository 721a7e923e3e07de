//! What moves the clock: play, steps, jumps, speed, undo.

use super::Lab;
use crate::cluster::Stop;
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

/// Whether something was poked.
pub fn can_undo(app: &App) -> Result<(), String> {
    can_move(app)?;
    match app.lab() {
        Some(lab) if lab.run().pokes_done() == 0 => Err("nothing was done yet, so there is nothing to undo".into()),
        _ => Ok(()),
    }
}

/// Plays or pauses.
pub fn play(app: &mut App, _key: Key) {
    let now = app.now;
    let Some(lab) = app.lab_mut() else { return };
    if lab.pace.playing() {
        lab.pace.pause();
    } else {
        lab.pace.play(now);
    }
}

/// Pauses, moves, and says when there was nowhere to go.
fn moving(app: &mut App, nowhere: &str, go: impl FnOnce(&mut Lab) -> bool) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    let moved = go(lab);
    lab.moved();
    if !moved {
        app.refuse(nowhere);
    }
}

/// One event on.
pub fn forward(app: &mut App, _key: Key) {
    moving(app, "nothing is on its way: do something first, such as a write", |lab| lab.run_mut().step().is_some());
}

/// One event back.
pub fn back(app: &mut App, _key: Key) {
    moving(app, "this is the start", |lab| lab.run_mut().step_back());
}

/// To the next event worth a stop.
pub fn next(app: &mut App, _key: Key) {
    moving(app, "nothing worth a stop comes soon", |lab| lab.run_mut().next_noteworthy().is_some());
}

/// To the event worth a stop before this.
pub fn previous(app: &mut App, _key: Key) {
    moving(app, "nothing worth a stop lies before this", |lab| lab.run_mut().previous_noteworthy());
}

/// A tenth of a second of the lesson's time on.
pub fn later(app: &mut App, _key: Key) {
    moving(app, "the run cannot go on", |lab| {
        let by = lab.pace.span(0.1);
        lab.run_mut().advance(by) == Stop::Reached
    });
}

/// A tenth of a second of the lesson's time back.
pub fn earlier(app: &mut App, _key: Key) {
    moving(app, "this is the start", |lab| {
        let at = lab.run().at();
        let to = Time(at.0.saturating_sub(lab.pace.span(0.1).0));
        lab.run_mut().seek(to);
        to < at
    });
}

/// To the start of the step.
pub fn to_start(app: &mut App, _key: Key) {
    moving(app, "", |lab| {
        lab.run_mut().seek(Time::ZERO);
        true
    });
}

/// To the end of what was seen.
pub fn to_end(app: &mut App, _key: Key) {
    moving(app, "", |lab| {
        let end = lab.run().end();
        lab.run_mut().seek(end);
        true
    });
}

/// To this moment, for the scrubber.
pub fn seek(app: &mut App, to: Time) {
    match can_move(app) {
        Ok(()) => moving(app, "", |lab| {
            lab.run_mut().seek(to);
            true
        }),
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

/// To the moment before the last poke, which is taken off the path.
pub fn undo(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    let undone = lab.run_mut().undo();
    if undone.is_some() {
        lab.run_mut().leave_future();
    }
    lab.moved();
    if let Some(poke) = undone {
        app.say(format!("undone: {poke}   (b shows what was tried)"));
    }
}
