//! Settings that are turned on the stage: each turn is a poke like any other.

use super::{Lab, pokes};
use crate::command::Command;
use crate::tui::app::App;
use crate::tui::keys::Key;

/// Whether there is something to turn.
pub fn can_turn(app: &App) -> Result<(), String> {
    match app.lab() {
        Some(lab) if lab.picture().scene.knobs.is_empty() => {
            Err("nothing can be turned here; `set` in the palette (:) changes any setting".into())
        }
        _ => Ok(()),
    }
}

/// Gives the arrows to the knobs, or takes them away.
pub fn toggle(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.knob = if lab.knob.is_some() { None } else { Some(0) };
}

/// Gives the arrows to one knob.
pub fn choose(app: &mut App, index: usize) {
    if let Some(lab) = app.lab_mut() {
        lab.knob = Some(index);
    }
}

/// The knob before.
pub fn up(app: &mut App, _key: Key) {
    step(app, -1);
}

/// The knob after.
pub fn down(app: &mut App, _key: Key) {
    step(app, 1);
}

fn step(app: &mut App, by: isize) {
    let Some(lab) = app.lab_mut() else { return };
    let last = lab.picture().scene.knobs.len().saturating_sub(1);
    lab.knob = lab.knob.map(|at| at.saturating_add_signed(by).min(last));
}

/// The value before.
pub fn less(app: &mut App, _key: Key) {
    turn(app, false);
}

/// The value after.
pub fn more(app: &mut App, _key: Key) {
    turn(app, true);
}

fn turn(app: &mut App, forward: bool) {
    let Some(lab) = app.lab() else { return };
    match turned(lab, forward) {
        Ok(command) => pokes::command(app, &command, |app, done| {
            if let Err(why) = done {
                app.refuse(why);
            }
        }),
        Err(why) => app.refuse(why),
    }
}

/// The poke that turns the chosen knob by one stop.
fn turned(lab: &Lab, forward: bool) -> Result<Command, String> {
    let knob = lab.knob.and_then(|at| lab.picture().scene.knobs.get(at)).ok_or("no knob is chosen")?;
    if let Some(why) = &knob.refused {
        return Err(why.clone());
    }
    let end = if forward { "most" } else { "least" };
    let value = knob.turned(forward).ok_or_else(|| format!("{} is at its {end}: {}", knob.name, knob.value))?;
    lab.language().parse(&knob.typed(value)).map_err(|why| why.to_string())
}

/// Brings the next panel to the first place.
pub fn next_panel(app: &mut App, _key: Key) {
    if let Some(lab) = app.lab_mut() {
        let front = lab.front().next(lab.picture().scene.panels.len(), lab.crowded.get());
        lab.chosen_front = Some((lab.walk.index(), front));
    }
}

/// Whether there is more to be seen than is.
pub fn can_show(app: &App) -> Result<(), String> {
    match app.lab() {
        Some(lab) if lab.picture().scene.panels.len() < 2 - usize::from(lab.crowded.get()) => Err("there is no other panel here".into()),
        _ => Ok(()),
    }
}
