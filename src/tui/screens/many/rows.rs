//! The rows of a view of many runs, and the keys that move in them.

use super::super::lab::course::{self, Course};
use super::super::lab::moves;
use super::{Many, What, many_mut, spread, ways};
use crate::tui::app::App;
use crate::tui::keys::Key;

/// The row above.
pub fn up(app: &mut App, _key: Key) {
    by(app, -1);
}

/// The row below.
pub fn down(app: &mut App, _key: Key) {
    by(app, 1);
}

fn by(app: &mut App, by: isize) {
    if let Some(many) = many_mut(app) {
        many.cursor = many.cursor.saturating_add_signed(by).min(many.rows().saturating_sub(1));
    }
}

/// The next measure, or the next of several endings.
pub fn next(app: &mut App, _key: Key) {
    other(app, 1);
}

/// The one before.
pub fn previous(app: &mut App, _key: Key) {
    other(app, -1);
}

fn other(app: &mut App, by: isize) {
    if let Some(many) = many_mut(app) {
        many.cursor = 0;
        match &mut many.what {
            What::Spread(spread) => spread.turn(by),
            What::Turning(turning) => {
                turning.turn(by);
                many.slice = None;
            }
            What::Ways(_) => {}
        }
    }
}

/// Whether there is something else to choose.
pub fn can_turn(app: &App) -> Result<(), String> {
    match &app.over {
        Some(super::Over::Many(many)) if many.choices() > 1 => Ok(()),
        _ => Err("there is nothing else to choose".into()),
    }
}

impl Many {
    fn choices(&self) -> usize {
        match &self.what {
            What::Spread(spread) => spread.measures(),
            What::Turning(turning) => turning.endings(),
            What::Ways(_) => 1,
        }
    }
}

/// A row was clicked: selects it, or takes it when it is selected.
pub fn on_row(app: &mut App, row: usize) {
    let Some(many) = many_mut(app) else { return };
    if std::mem::replace(&mut many.cursor, row) == row {
        take(app);
    }
}

/// Takes the selected row.
pub fn enter(app: &mut App, _key: Key) {
    take(app);
}

fn take(app: &mut App) {
    let Some(many) = many_mut(app) else { return };
    match &many.what {
        What::Spread(spread) => match spread.seed_behind(many.cursor) {
            Some(seed) => spread::put_on_stage(app, seed),
            None => app.refuse("no run is behind this row"),
        },
        What::Turning(turning) => match turning.points().get(many.cursor).map(|point| point.at) {
            Some(at) => seek(app, at),
            None => app.refuse("nothing is known yet"),
        },
        What::Ways(found) => match found.found().get(many.cursor).cloned() {
            Some(way) => ways::play(app, way),
            None => app.refuse("no way is found yet"),
        },
    }
}

/// Whether a run of another seed is on the stage.
pub fn can_return(app: &App) -> Result<(), String> {
    match app.lab() {
        Some(lab) if lab.own.is_some() => Ok(()),
        _ => Err("your own run is on the stage".into()),
    }
}

/// Puts the learner's own run back on the stage.
pub fn back(app: &mut App, _key: Key) {
    app.over = None;
    let Some(own) = app.lab_mut().and_then(|lab| lab.own.take()) else { return };
    let go = move |course: &mut Course| {
        course.walk = own;
        course.forget();
        Ok::<(), std::convert::Infallible>(())
    };
    course::work(app, "back to your run", go, |app, _| app.say("your own run"));
}

/// Goes to a moment of the run on the stage.
fn seek(app: &mut App, at: crate::sim::time::Time) {
    app.over = None;
    moves::moving(app, "to that moment", "", move |walk| walk.seek(at));
}
