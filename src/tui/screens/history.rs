//! Everything that was tried in this lab, as a tree; any branch can be gone back to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use std::convert::Infallible;

use super::lab::course::{self, Course};
use super::listing::{self, Anchor, Row};
use super::{Over, footer};
use crate::timeline::BranchView;
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;

/// Opens it, with the present branch selected.
pub fn open(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    let cursor = lab.run().branches().iter().position(|b| b.current).unwrap_or(0);
    app.over = Some(Over::History(cursor));
}

/// The branch above.
pub fn up(app: &mut App, _key: Key) {
    move_by(app, -1);
}

/// The branch below.
pub fn down(app: &mut App, _key: Key) {
    move_by(app, 1);
}

fn move_by(app: &mut App, by: isize) {
    let count = app.lab().map_or(0, |lab| lab.run().branches().len());
    if let Some(Over::History(cursor)) = &mut app.over {
        *cursor = cursor.saturating_add_signed(by).min(count.saturating_sub(1));
    }
}

/// Goes to the selected branch.
pub fn take(app: &mut App, _key: Key) {
    if let Some(Over::History(cursor)) = app.over {
        on_row(app, cursor);
    }
}

/// Goes to the branch in this row.
pub fn on_row(app: &mut App, row: usize) {
    let Some(lab) = app.lab_mut() else { return };
    let Some(branch) = lab.run().branches().get(row).map(|b| b.id) else { return };
    let enter = move |course: &mut Course| Ok::<bool, Infallible>(course.walk.enter(branch));
    course::work(app, "to that branch", enter, |app, Ok(_)| app.over = None);
}

fn row(app: &App, branch: &BranchView) -> Row {
    let theme = &app.theme;
    let what = branch.poke.as_ref().map_or_else(|| "start".to_string(), |p| p.poke.to_string());
    let when = branch.poke.as_ref().map_or_else(String::new, |p| p.at.to_string());
    let style = match (branch.current, branch.on_path) {
        (true, _) => theme.strong,
        (_, true) => theme.text,
        _ => theme.dim,
    };
    let mark = if branch.current { theme.glyphs.pointer } else { " " };
    let right = format!("{when:>12}   seen up to {}", branch.seen);
    Row { left: format!("{mark} {}{what}", "  ".repeat(branch.depth)), right, style, ..Row::default() }
}

/// Draws the box.
pub fn draw(app: &App, cursor: usize, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(lab) = app.lab() else { return };
    let [body, foot] = super::with_footer(area);
    let rows: Vec<Row> = lab.run().branches().iter().map(|b| row(app, b)).collect();
    let title = "What was tried";
    let place = listing::place(body, &rows, title, Anchor::Middle);
    listing::draw(place, &rows, cursor, title, buf, &app.theme, hits);
    footer::over(app, &["enter-branch", "branch-down", "close-history"], foot, buf, hits);
}
