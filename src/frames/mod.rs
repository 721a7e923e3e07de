//! Pictures of a terminal without a terminal: cells as plain text, as text with the codes of a terminal, as a drawing, and many of them
//! as a film. Nothing here knows what the cells show; the same cells give the same bytes.

mod ansi;
mod cast;
mod colours;
mod shapes;
mod svg;
#[cfg(test)]
mod tests;

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr as _;

pub use ansi::ansi;
pub use cast::{Cast, Version};
pub use colours::{Rgb, Scheme};
pub use svg::{escaped, svg};

/// The cells of a line that are seen, each with its column and its width: what stands behind a wide character is none.
fn seen(buffer: &Buffer, row: u16) -> impl Iterator<Item = (u16, u16, &Cell)> {
    let area = buffer.area;
    let mut next = area.left();
    std::iter::from_fn(move || {
        let x = next;
        let cell = (x < area.right()).then(|| &buffer[(x, row)])?;
        let wide = (cell.symbol().width() as u16).clamp(1, area.right() - x);
        next = x + wide;
        Some((x - area.left(), wide, cell))
    })
}

/// The cells as lines of text, without blanks at their ends.
pub fn text(buffer: &Buffer) -> String {
    let line = |row: u16| seen(buffer, row).map(|(_, _, cell)| cell.symbol()).collect::<String>();
    let lines = buffer.area.rows().map(|row| line(row.y).trim_end().to_string());
    lines.flat_map(|line| [line, "\n".to_string()]).collect()
}
