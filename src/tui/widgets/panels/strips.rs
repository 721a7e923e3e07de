//! States over time, one line a thing.
//!
//! ```text
//! app1    ━━━━━━━━━━━━━━━━━━━✕━━━━━━━━━━━━━━━━━━━━━━━━━   99.31 %  down 5 h
//! app2    ━━━━━━━━━━━━━━━━━━━✕━━━━━━━━━━━━━━━━━━━━━━━━━   99.58 %  down 3 h
//! service ━━━━━━━━━━━━━━━━━━━✕━━━━━━━━━━━━━━━━━━━━━━━━━   99.93 %  3 nines
//!         99.9 % allows 43 min, so 13 min are left
//! ```
//!
//! Where several states fall into one cell, the loudest is drawn: a minute of outage is seen in a cell of hours.

use ratatui::style::Style;

use super::{Axis, Look, widest};
use crate::cluster::scene::{State, StripLine, Strips};
use crate::sim::time::Time;
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// Draws as many lines as fit, always the last, which is of all together; the one before it says how many are hidden, and the worst of
/// them.
pub(super) fn draw(pen: &mut Pen<'_>, look: &Look<'_>, strips: &Strips) {
    let area = pen.area();
    let height = usize::from(area.height);
    let with_note = !strips.note.is_empty() && height > strips.lines.len();
    let room = height - usize::from(with_note);
    let axis = own_axis(look, strips, pen);
    let Some((all, each)) = strips.lines.split_last().filter(|_| room > 0) else { return };
    let shown = if each.len() < room { each.len() } else { room.saturating_sub(2) };
    let mut y = i32::from(area.y);
    for line in &each[..shown] {
        one(pen, look, axis, line, y);
        y += 1;
    }
    if shown < each.len() && room > 1 {
        rest(pen, look, &each[shown..], y);
        y += 1;
    }
    one(pen, look, axis, all, y);
    y += 1;
    if with_note {
        let room = i32::from(area.right()) - i32::from(axis.left);
        pen.clipped(axis.left.into(), y, &strips.note, room.max(0) as usize, look.theme.glyphs.more, look.theme.dim);
    }
}

/// From the first state to the present: what the timeline shows may be a second of a month.
fn own_axis(look: &Look<'_>, strips: &Strips, pen: &Pen<'_>) -> Axis {
    let area = pen.area();
    let names = widest(strips.lines.iter().map(|line| line.name.as_str())) as u16 + 1;
    let notes = strips.lines.iter().map(|line| note_width(line) as u16).max().unwrap_or(0);
    let from = strips.lines.iter().filter_map(|line| line.stretches.first()).map(|s| s.from).min().unwrap_or(Time::ZERO);
    let width = area.width.saturating_sub(names + notes + 1);
    Axis { left: area.x + names.min(area.width), width, from: from.min(look.now), to: look.now }
}

fn note_width(line: &StripLine) -> usize {
    width(&line.note.label) + width(&line.note.value) + 3
}

fn one(pen: &mut Pen<'_>, look: &Look<'_>, axis: Axis, line: &StripLine, y: i32) {
    let theme = look.theme;
    let x = i32::from(pen.area().x);
    pen.clipped(x, y, &line.name, (i32::from(axis.left) - x).max(0) as usize, theme.glyphs.more, theme.text);
    for index in 0..axis.width {
        let (from, to) = axis.column(index);
        if from > look.now {
            break;
        }
        if let Some(state) = worst(line, from, to.min(look.now)) {
            let (sign, style) = drawn(theme, state);
            pen.put(i32::from(axis.left + index), y, sign, style);
        }
    }
    let end = i32::from(axis.left + axis.width) + 2;
    let end = pen.text(end, y, &line.note.label, theme.tone(line.note.tone).patch(theme.strong));
    pen.text(end + 2, y, &line.note.value, theme.dim);
}

/// The loudest state between two moments; `None` before anything is known.
fn worst(line: &StripLine, from: Time, to: Time) -> Option<State> {
    let first = line.stretches.partition_point(|s| s.from <= from);
    let end = line.stretches.partition_point(|s| s.from < to).max(first);
    line.stretches[first.saturating_sub(1)..end].iter().map(|s| s.state).max()
}

fn drawn(theme: &Theme, state: State) -> (&'static str, Style) {
    let glyphs = theme.glyphs;
    match state {
        State::Idle => (glyphs.bar[1], theme.edge),
        State::Up => (glyphs.bar[0], theme.good),
        State::Slow => (glyphs.slow, theme.stale),
        State::Wrong => (glyphs.unknown, theme.conflict),
        State::Down => (glyphs.cross, theme.bad),
    }
}

/// How many are hidden and how the worst of them is now.
fn rest(pen: &mut Pen<'_>, look: &Look<'_>, hidden: &[StripLine], y: i32) {
    let theme = look.theme;
    let worst = hidden.iter().filter_map(|line| worst(line, look.now, look.now)).max();
    let end = pen.text(pen.area().x.into(), y, &format!("+{} more ", hidden.len()), theme.dim);
    if let Some(state) = worst {
        let (sign, style) = drawn(theme, state);
        pen.put(end, y, sign, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::scene::Stretch;

    #[test]
    fn the_loudest_of_a_cell_is_seen() {
        let stretches = [(0, State::Up), (50, State::Down), (51, State::Up)].map(|(s, state)| Stretch { from: Time(s), state });
        let line = StripLine { stretches: stretches.into(), ..StripLine::default() };
        assert_eq!(worst(&line, Time(40), Time(60)), Some(State::Down));
        assert_eq!(worst(&line, Time(60), Time(90)), Some(State::Up));
        assert_eq!(worst(&StripLine::default(), Time(0), Time(9)), None);
    }
}
