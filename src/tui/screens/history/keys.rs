//! The keys of the screen of what was tried.

use tui_input::Input as Line;

use super::super::lab::beside as two;
use super::super::lab::course::{self, Course};
use super::{History, history, history_mut, read_again};
use crate::lesson::tried::Row;
use crate::timeline::BranchId;
use crate::tui::app::App;
use crate::tui::keys::Key;

/// So many rows are a page.
const PAGE: isize = 10;

/// The row above.
pub fn up(app: &mut App, _key: Key) {
    by(app, -1);
}

/// The row below.
pub fn down(app: &mut App, _key: Key) {
    by(app, 1);
}

/// A page up.
pub fn page_up(app: &mut App, _key: Key) {
    by(app, -PAGE);
}

/// A page down.
pub fn page_down(app: &mut App, _key: Key) {
    by(app, PAGE);
}

/// The start.
pub fn first(app: &mut App, _key: Key) {
    by(app, isize::MIN);
}

/// The last row.
pub fn last(app: &mut App, _key: Key) {
    by(app, isize::MAX);
}

fn by(app: &mut App, by: isize) {
    if let Some(history) = history_mut(app) {
        history.move_to(history.cursor.saturating_add_signed(by));
    }
}

/// The point of the row before.
pub fn sooner(app: &mut App, _key: Key) {
    if let Some(history) = history_mut(app) {
        history.point = history.point.saturating_sub(1);
    }
}

/// The point of the row after.
pub fn later(app: &mut App, _key: Key) {
    if let Some(history) = history_mut(app) {
        let last = history.row().map_or(0, |row| row.points().len().saturating_sub(1));
        history.point = (history.point + 1).min(last);
    }
}

/// Goes to the selected point.
pub fn take(app: &mut App, _key: Key) {
    let Some(history) = history(app) else { return };
    let Some(row) = history.row() else { return };
    let Some(point) = row.points().get(history.point).map(|point| (point.events, point.at)) else { return };
    let (branch, label, end) = (row.last, history.tried.label(history.cursor), row.end.at);
    let go = move |course: &mut Course| if course.walk.visit(branch, point) { Ok(()) } else { Err(()) };
    course::work(app, "to that branch", go, move |app, there| match there {
        Ok(()) => {
            app.over = None;
            if let Some(lab) = app.lab_mut() {
                lab.go_on_from_here();
                // What lies ahead on that branch was seen.
                lab.pictures[0].seen = lab.pictures[0].seen.max(end);
            }
            app.say(format!("{label}, at {}", point.1));
        }
        Err(()) => app.refuse("nothing can be gone back to before an answer is chosen"),
    });
}

/// A row was clicked: selects it, or goes there when it is selected. After the rows come the points of the selected one.
pub fn on_row(app: &mut App, row: usize) {
    let Some(history) = history_mut(app) else { return };
    let again = match row.checked_sub(history.tried.rows.len()) {
        Some(point) => std::mem::replace(&mut history.point, point) == point,
        None if history.cursor == row => true,
        None => {
            history.move_to(row);
            false
        }
    };
    if again {
        app.act("enter-branch");
    }
}

fn selected(app: &App) -> Result<&Row, String> {
    history(app).and_then(History::row).ok_or_else(|| "nothing is selected".to_string())
}

/// Whether the selected row can have a name.
pub fn can_name(app: &App) -> Result<(), String> {
    selected(app).map(|_| ())
}

/// Begins to type a name for the selected branch.
pub fn name(app: &mut App, _key: Key) {
    if let Some(history) = history_mut(app) {
        let known = history.row().and_then(|row| row.name.as_deref()).unwrap_or_default().to_string();
        history.naming = Some(Line::new(known));
    }
}

/// Takes the name that was typed.
pub fn named(app: &mut App, _key: Key) {
    let Some(history) = history_mut(app) else { return };
    let Some(line) = history.naming.take() else { return };
    let Some(branch) = history.row().map(|row| row.last) else { return };
    give_name(app, branch, line.value());
    read_again(app, Some(branch));
}

/// Leaves the name as it was.
pub fn unnamed(app: &mut App, _key: Key) {
    if let Some(history) = history_mut(app) {
        history.naming = None;
    }
}

/// Names the branch on which one is; for the palette.
pub fn name_here(app: &mut App, name: &str) -> Result<(), String> {
    let lab = app.lab().ok_or("open a lesson first")?;
    lab.walk.keeps_tree().map_err(|why| why.0)?;
    let here = lab.run().branch_here();
    give_name(app, here, name);
    Ok(())
}

fn give_name(app: &mut App, branch: BranchId, name: &str) {
    let Some(lab) = app.lab_mut() else { return };
    match lab.walk.name_branch(branch, name) {
        Ok(Some(name)) => app.say(format!("this branch is called \"{name}\"")),
        Ok(None) => app.say("this branch has no name"),
        Err(why) => app.refuse(why.0),
    }
}

/// Marks the selected branch, or marks it no more; of more than two the oldest mark goes.
pub fn mark(app: &mut App, _key: Key) {
    let Some(history) = history_mut(app) else { return };
    let Some(branch) = history.row().map(|row| row.last) else { return };
    if let Some(at) = history.marked.iter().position(|marked| *marked == branch) {
        history.marked.remove(at);
        return;
    }
    history.marked.push(branch);
    if history.marked.len() > 2 {
        history.marked.remove(0);
    }
}

/// The two branches that would be put side by side: those that are marked; with one mark, that and the selected one; with none, the one
/// on which one is and the selected one.
fn two_of(app: &App) -> Result<[BranchId; 2], String> {
    let history = history(app).ok_or("nothing is selected")?;
    let selected = selected(app)?.last;
    let here = history.tried.rows.get(history.tried.here).map_or(selected, |row| row.last);
    let pair = match history.marked[..] {
        [a, b] => [a, b],
        [a] => [a, selected],
        _ => [here, selected],
    };
    if pair[0] == pair[1] { Err("mark two branches, or select another than the one you are on".into()) } else { Ok(pair) }
}

/// Whether there are two to compare.
pub fn can_compare(app: &App) -> Result<(), String> {
    two_of(app).map(|_| ())
}

/// Puts two branches side by side.
pub fn beside(app: &mut App, _key: Key) {
    match two_of(app) {
        Ok(pair) => two::open(app, pair),
        Err(why) => app.refuse(why),
    }
}

/// Whether the selected branch may be removed.
pub fn can_remove(app: &App) -> Result<(), String> {
    selected(app).map(|_| ())
}

/// Removes the selected branch with what came after it.
pub fn remove(app: &mut App, _key: Key) {
    let Ok((branch, parent)) = selected(app).map(|row| (row.id, row.parent)) else { return };
    let above = parent.and_then(|parent| Some(history(app)?.tried.rows.get(parent)?.last));
    let Some(lab) = app.lab_mut() else { return };
    match lab.walk.remove_branch(branch) {
        Ok(pokes) => {
            let s = if pokes == 1 { "" } else { "s" };
            app.say(format!("removed, with {pokes} poke{s}; u brings it back"));
            read_again(app, above);
        }
        Err(why) => app.refuse(why.0),
    }
}

/// Whether something was removed that can come back.
pub fn can_bring_back(app: &App) -> Result<(), String> {
    history(app).map(|_| ()).ok_or_else(|| "nothing was removed".to_string())
}

/// Brings back what was removed last.
pub fn bring_back(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    match lab.walk.bring_back() {
        Ok(branch) => {
            app.say("the branch is back");
            read_again(app, Some(branch));
        }
        Err(why) => app.refuse(why.0),
    }
}
