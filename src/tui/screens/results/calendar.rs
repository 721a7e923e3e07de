//! A year of days: a column for each week, a row for each day of the week, and a sign for how many topics were worked on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::rows::WEEK;
use crate::progress::State;
use crate::review::Day;
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, piece};

/// How many weeks a year has, the one that goes on among them.
const WEEKS: u32 = 53;

/// The rows that it takes: a line of words, and a week.
pub(super) const HEIGHT: u16 = 8;

/// The columns that the names of the days take.
const NAMES: i32 = 4;

/// What the signs mean, and on how many days something was done.
pub(super) fn legend(active: usize, theme: &Theme) -> Line {
    let [none, one, two, more] = theme.glyphs.shades;
    let words = format!("  {none} none  {one} 1  {two} 2  {more} 3 or more topics");
    let days = format!("      {active} {}", if active == 1 { "day" } else { "days" });
    vec![piece("A year", theme.strong), piece(words, theme.dim), piece(days, theme.text)]
}

/// Draws the days below each other, the week of today last; of a year that is wider than the area, the end.
pub(super) fn draw(state: &State, today: Day, area: Rect, buf: &mut Buffer, theme: &Theme) {
    let mut pen = Pen::new(buf, area);
    let weeks = WEEKS.min(u32::from(area.width).saturating_sub(NAMES as u32 + 1));
    let monday = today.minus(today.weekday());
    for (row, name) in (0..).zip(WEEK) {
        let y = area.y as i32 + row;
        if row % 2 == 0 {
            pen.text(area.x.into(), y, name, theme.dim);
        }
        for week in 0..weeks {
            let day = monday.minus(7 * (weeks - 1 - week)).plus(row as u32);
            if day <= today {
                let topics = state.activity(day).min(3);
                let style = if topics == 0 { theme.edge } else { theme.good };
                pen.put(area.x as i32 + NAMES + week as i32, y, theme.glyphs.shades[topics], style);
            }
        }
    }
}
