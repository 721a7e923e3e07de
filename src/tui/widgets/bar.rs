//! Bars that fill.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use crate::tui::theme::Theme;

/// Draws a bar over the first line of `area`, filled by `fraction` (0 to 1; anything else is clamped, NaN is 0).
pub fn draw(area: Rect, buf: &mut Buffer, theme: &Theme, fraction: f64, style: Style) {
    on(&mut Pen::new(buf, area), theme, (area.x as i32, area.y as i32), area.width as usize, fraction, style);
}

/// The same with a pen, `cells` wide.
pub(super) fn on(pen: &mut Pen<'_>, theme: &Theme, (x, y): (i32, i32), cells: usize, fraction: f64, style: Style) {
    let [full, empty] = theme.glyphs.bar;
    let filled = (fraction.clamp(0.0, 1.0) * cells as f64).round() as usize;
    for index in 0..cells {
        let (symbol, style) = if index < filled { (full, style) } else { (empty, theme.edge) };
        pen.put(x + index as i32, y, symbol, style);
    }
}
