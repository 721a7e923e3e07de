//! A box with rows, one of them selected: what the pick box, settings, history and palette are drawn with.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::hits::{Click, Hits};
use crate::tui::theme::Theme;
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// One row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// A key that takes it, before it.
    pub key: String,
    /// What it is.
    pub left: String,
    /// What is said of it.
    pub right: String,
    /// How it looks.
    pub style: Style,
    /// Whether what is said of it begins with a bar: selected, only what it is stands out then, as a bar on a full row would be a hole.
    pub bar: bool,
}

/// Where a box lies on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// In the middle.
    Middle,
    /// At the lower right.
    Corner,
}

/// The area of a box for these rows inside `area`.
pub fn place(area: Rect, rows: &[Row], title: &str, anchor: Anchor) -> Rect {
    let widest = |of: &dyn Fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let inner = widest(&|r| width(&r.key)) + widest(&|r| width(&r.left)) + widest(&|r| width(&r.right)) + 7;
    let wide = inner.max(width(title) + 2).max(24) as u16 + 2;
    let (wide, high) = (wide.min(area.width), (rows.len() as u16 + 2).min(area.height));
    match anchor {
        Anchor::Middle => area.centered(wide.into(), high.into()),
        Anchor::Corner => Rect { x: area.right() - wide, y: area.bottom() - high, width: wide, height: high },
    }
}

/// Empties `area` and draws the box there.
pub fn draw(area: Rect, rows: &[Row], cursor: usize, title: &str, buf: &mut Buffer, theme: &Theme, hits: &mut Hits) {
    Pen::new(buf, area).clear(area);
    buf.set_style(area, theme.base);
    let inner = panel(area, buf, theme, title, true);
    let more = list(inner, rows, cursor, buf, theme, hits);
    more_below(area, more, buf, theme);
}

/// Says on the lower border of a box how many rows there are below.
pub fn more_below(area: Rect, more: usize, buf: &mut Buffer, theme: &Theme) {
    if more > 0 {
        let words = format!(" {} {more} more ", theme.glyphs.arrows[3]);
        Pen::new(buf, area).text(area.x as i32 + 2, area.bottom() as i32 - 1, &words, theme.dim);
    }
}

/// Draws rows without a box, from the first when no row has the cursor, and returns how many there are below.
pub fn list(inner: Rect, rows: &[Row], cursor: usize, buf: &mut Buffer, theme: &Theme, hits: &mut Hits) -> usize {
    let keys = rows.iter().map(|r| width(&r.key)).max().unwrap_or(0);
    let lefts = rows.iter().map(|r| width(&r.left)).max().unwrap_or(0);
    let first = super::first_shown(if cursor < rows.len() { cursor } else { 0 }, rows.len(), inner.height.into());
    for (i, y) in (first..rows.len()).zip(inner.top()..inner.bottom()) {
        let line = Rect { y, height: 1, ..inner };
        draw_row(&rows[i], [keys, lefts], line, buf, theme);
        if i == cursor {
            let name = Rect { width: line.width.min((name_width(keys, lefts) + 2) as u16), ..line };
            Pen::new(buf, line).select(if rows[i].bar { name } else { line }, theme);
        }
        hits.add(line, Click::Row(i));
    }
    rows.len().saturating_sub(first + usize::from(inner.height))
}

/// How many cells keys and what the rows are take, with the space between them.
fn name_width(keys: usize, lefts: usize) -> usize {
    if keys > 0 { keys + 2 + lefts } else { lefts }
}

fn draw_row(row: &Row, [keys, lefts]: [usize; 2], line: Rect, buf: &mut Buffer, theme: &Theme) {
    let mut pen = Pen::new(buf, line);
    let (mut x, y) = (line.x as i32 + 1, line.y as i32);
    if keys > 0 {
        pen.text(x, y, &row.key, theme.key);
        x += keys as i32 + 2;
    }
    let room = |x: i32| (line.right() as i32 - x).max(0) as usize;
    pen.clipped(x, y, &row.left, room(x), theme.glyphs.more, row.style);
    x += lefts as i32 + 3;
    pen.clipped(x, y, &row.right, room(x), theme.glyphs.more, theme.dim);
}
