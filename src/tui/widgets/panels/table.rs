//! Names and numbers, with bars where the rows compare one number.
//!
//! ```text
//! server    rate   busy     p99  errors
//! app1     280/s   70 %   36 ms       0
//! app3     200/s  100 %  254 ms    80/s
//!
//!   random           ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  412 ms   refused 3.1 %
//! ▸ two choices      ━━━━━━━━━                       121 ms   refused 0.0 %
//! ```

use super::{Look, Row, blank, left, marked, right};
use crate::cluster::scene::{Entry, Table, TableRow, Tone};
use crate::tui::theme::Theme;
use crate::tui::widgets::text::{Line, piece, width};

/// Headings, then the rows in their order; where not all have room, those that are asked for stay, then those with which something is the
/// matter.
pub(super) fn rows(look: &Look<'_>, table: &Table, (room, height): (usize, usize)) -> Vec<Row> {
    let theme = look.theme;
    let bars = table.rows.iter().filter_map(|row| row.bar).fold(0.0, f64::max);
    let columns = narrowed(table, columns(table), room);
    let used: usize = columns.iter().map(|wide| wide + 2).sum::<usize>() + usize::from(has_marks(table)) * 2;
    let cells = if bars > 0.0 { room.saturating_sub(used + 2).clamp(4, 30) } else { 0 };
    let headings = (!table.headings.is_empty()).then(|| Row::heading(headings(theme, table, &columns, cells)));
    let rows = table.rows.iter().map(|row| Row {
        line: line(look, table, row, &columns, (cells, bars)),
        node: row.node,
        stay: look.stay(row.entries.first().map_or("", |entry| &entry.text), is_troubled(row)),
    });
    super::fitted_of(headings.into_iter().chain(rows).collect(), table.more, height, theme)
}

/// Whether the row shows that something is not as it should be.
fn is_troubled(row: &TableRow) -> bool {
    row.entries.iter().any(|entry| matches!(entry.tone, Tone::Bad | Tone::Stale | Tone::Conflict))
}

/// The width of every column.
fn columns(table: &Table) -> Vec<usize> {
    let count = table.rows.iter().map(|row| row.entries.len()).max().unwrap_or(0).max(table.headings.len());
    let cell = |column: usize| {
        let entries = table.rows.iter().filter_map(move |row| row.entries.get(column)).map(|entry| width(&entry.text));
        entries.max().unwrap_or(0).max(table.headings.get(column).map_or(0, |heading| width(heading)))
    };
    (0..count).map(cell).collect()
}

/// What a list of which the end counts keeps at least: an address, and that others stand before it.
const LIST: usize = 17;

/// The same, with lists that leave out their start where the columns are wider than the room.
fn narrowed(table: &Table, mut columns: Vec<usize>, room: usize) -> Vec<usize> {
    let marks = usize::from(has_marks(table)) * 2;
    for index in 0..columns.len() {
        let all = columns.iter().map(|wide| wide + 2).sum::<usize>() + marks;
        let lists = table.rows.iter().filter_map(|row| row.entries.get(index)).any(|entry| entry.from_right);
        if lists {
            columns[index] = columns[index].saturating_sub(all.saturating_sub(room)).max(LIST.min(columns[index]));
        }
    }
    columns
}

/// A text in so many cells: of a list of which the end counts as many of the last as fit.
fn within(theme: &Theme, entry: &Entry, cells: usize) -> String {
    if !entry.from_right || width(&entry.text) <= cells {
        return entry.text.clone();
    }
    let mut starts = entry.text.match_indices([',', ';']).map(|(at, _)| entry.text[at + 1..].trim_start());
    let last = |rest: &&str| width(rest) + 2 <= cells;
    starts.find(last).map_or_else(|| entry.text.clone(), |rest| format!("{} {rest}", theme.glyphs.more))
}

fn has_marks(table: &Table) -> bool {
    table.rows.iter().any(|row| row.marked)
}

fn headings(theme: &Theme, table: &Table, columns: &[usize], cells: usize) -> Line {
    let mut line = vec![blank(usize::from(has_marks(table)) * 2, theme)];
    for (index, (heading, &wide)) in table.headings.iter().zip(columns).enumerate() {
        line.push(if index == 0 { left(heading, wide, theme.dim) } else { right(heading, wide, theme.dim) });
        line.push(blank(2 + if index == 0 && cells > 0 { cells + 2 } else { 0 }, theme));
    }
    line
}

fn line(look: &Look<'_>, table: &Table, row: &TableRow, columns: &[usize], (cells, most): (usize, f64)) -> Line {
    let theme = look.theme;
    let mut line = Line::new();
    if has_marks(table) {
        line.push(piece(if row.marked { format!("{} ", theme.glyphs.pointer) } else { "  ".to_string() }, theme.key));
    }
    for (index, (entry, &wide)) in row.entries.iter().zip(columns).enumerate() {
        let text = within(theme, entry, wide);
        let space = blank(wide.saturating_sub(width(&text)), theme);
        let text = piece(text, marked(theme, theme.tone(entry.tone), entry.changed));
        if index == 0 {
            line.extend([text, space]);
            line.extend(bar(theme, row, (cells, most)));
        } else {
            line.extend([space, text]);
        }
        line.push(blank(2, theme));
    }
    line
}

/// The bar of a row, on a scale that all rows share.
fn bar(theme: &Theme, row: &TableRow, (cells, most): (usize, f64)) -> Option<crate::tui::widgets::text::Piece> {
    if cells == 0 {
        return None;
    }
    let length = row.bar.map_or(0, |value| (value / most * cells as f64).round() as usize).min(cells);
    let length = if row.bar.is_some_and(|value| value > 0.0) { length.max(1) } else { length };
    let style = if row.marked { theme.strong } else { theme.text };
    Some(left(&format!("  {}", theme.glyphs.bar[0].repeat(length)), cells + 2, style))
}
