//! Facts over time.
//!
//! ```text
//!                                     ▂▄▄▄▄▄▄▄▄│                     500 ms
//!                                    ▃█████████│
//! p99 254 ms ▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▄██████████│                     0
//! ok   760/s ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▆▆▆▆▆▆▆▆│                     1,000/s
//! ```
//!
//! The number at the left is the value now, so that it stays true while one goes back in time; right of now nothing has happened.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Axis, Look};
use crate::cluster::facts::figure;
use crate::cluster::scene::{Series, Unit};
use crate::sim::time::Time;
use crate::tui::widgets::numbers;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// Columns at the right for the top of the scale.
pub(in crate::tui::widgets) const SCALE: u16 = 8;

/// Lines of the series to look at: usual, and where there is much room.
const LOUD: [u16; 2] = [3, 6];

/// The fewest and the most lines.
pub(super) fn heights(all: &[Series]) -> (usize, usize) {
    let loud = all.iter().filter(|series| series.loud).count();
    (all.len().min(1), all.len() + loud * usize::from(LOUD[0] - 1))
}

/// The columns that names and values take at the left.
pub(in crate::tui::widgets) fn labels(all: &[Series], now: Time) -> u16 {
    let (names, values) = columns(all, now);
    (names + values + 2) as u16
}

fn columns(all: &[Series], now: Time) -> (usize, usize) {
    let names = all.iter().map(|series| width(&series.name)).max().unwrap_or(0);
    // As wide as the greatest value so far: nothing moves while numbers change.
    let values = all.iter().flat_map(|series| [value(series, now), says(series.unit, most(series))]).map(|text| width(&text));
    (names, values.max().unwrap_or(0))
}

/// Draws as many as fit; those to look at first.
pub(in crate::tui::widgets) fn draw(pen: &mut Pen<'_>, look: &Look<'_>, all: &[Series]) {
    let area = pen.area();
    let labels = labels(all, look.now).min(area.width);
    let axis = look.axis.unwrap_or_else(|| own_axis(area, labels, all, look.now));
    let mut y = area.y;
    for (series, lines) in all.iter().zip(shares(all, area.height)) {
        if lines > 0 {
            let rect = Rect { y, height: lines, ..area };
            one(&mut pen.inside(rect), look, (axis, labels), series, top(all, series.unit));
        }
        y += lines;
    }
}

/// From the first value to the present, where there is no timeline.
fn own_axis(area: Rect, labels: u16, all: &[Series], now: Time) -> Axis {
    let from = all.iter().filter_map(|series| series.points.first()).map(|(at, _)| *at).min().unwrap_or(Time::ZERO);
    let width = area.width.saturating_sub(labels + SCALE);
    Axis { left: area.x + labels, width, from: from.min(now), to: now }
}

/// How many lines each gets: one while there are any, those to look at first; then those grow.
fn shares(all: &[Series], height: u16) -> Vec<u16> {
    let mut lines = vec![0; all.len()];
    let mut left = height;
    for loud in [true, false] {
        for (_, lines) in all.iter().zip(&mut lines).filter(|(series, _)| series.loud == loud) {
            *lines = left.min(1);
            left -= *lines;
        }
    }
    for most in LOUD {
        for (_, lines) in all.iter().zip(&mut lines).filter(|(series, lines)| series.loud && **lines > 0) {
            let more = (most - *lines).min(left);
            if *lines + more == most || most == LOUD[0] {
                *lines += more;
                left -= more;
            }
        }
    }
    lines
}

/// The top of the scale: series of a unit share it, so that they can be compared.
fn top(all: &[Series], unit: Unit) -> f64 {
    let same = all.iter().filter(|series| series.unit == unit);
    let most = same.map(|series| most(series).max(series.limit.unwrap_or(0.0))).fold(0.0, f64::max);
    if unit == Unit::Share { 1.0 } else { numbers::step(most) }
}

fn most(series: &Series) -> f64 {
    series.points.iter().map(|(_, value)| *value).filter(|value| value.is_finite()).fold(0.0, f64::max)
}

fn one(pen: &mut Pen<'_>, look: &Look<'_>, (axis, labels): (Axis, u16), series: &Series, top: f64) {
    let theme = look.theme;
    let area = pen.area();
    let style = if series.loud { theme.strong } else { theme.text };
    let last = i32::from(area.bottom()) - 1;
    let says = value(series, look.now);
    pen.clipped(area.x.into(), last, &series.name, labels.into(), "", theme.dim);
    pen.text(i32::from(area.x + labels) - 1 - width(&says) as i32, last, &says, style);
    let mut cursor = None;
    for index in 0..axis.width {
        let (from, to) = axis.column(index);
        let x = i32::from(axis.left + index);
        if from > look.now {
            break;
        }
        if look.axis.is_some() && to > look.now {
            cursor = Some(x);
        }
        if let Some(value) = at(series, from, to.min(look.now)) {
            column(pen, look, (x, area), value / top, style);
        }
    }
    limit(pen, look, (axis, area), series, top);
    scale(pen, look, (axis, area), series, top);
    if let Some(x) = cursor {
        (area.top()..area.bottom()).for_each(|y| pen.put(x, y.into(), theme.glyphs.axis[2], theme.key));
    }
}

/// The value of a column: the worst of times and counts, the mean of rates; where none falls into it, the one before.
fn at(series: &Series, from: Time, to: Time) -> Option<f64> {
    let first = series.points.partition_point(|(at, _)| *at < from);
    let end = series.points.partition_point(|(at, _)| *at < to);
    let inside = &series.points[first..end.max(first)];
    if inside.is_empty() {
        return series.points[..first].last().map(|(_, value)| *value);
    }
    let values = inside.iter().map(|(_, value)| *value);
    match series.unit {
        Unit::Ms | Unit::Count => values.reduce(f64::max),
        Unit::PerSecond | Unit::Share => Some(values.sum::<f64>() / inside.len() as f64),
    }
}

/// A column of blocks; what is not nothing is seen.
fn column(pen: &mut Pen<'_>, look: &Look<'_>, (x, area): (i32, Rect), part: f64, style: Style) {
    let levels = look.theme.glyphs.levels;
    let steps = levels.len();
    let all = steps * usize::from(area.height);
    let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
    let filled = if part > 0.0 { ((part * all as f64).round() as usize).max(1) } else { 0 };
    for (row, y) in (area.top()..area.bottom()).rev().enumerate() {
        let here = filled.saturating_sub(row * steps).min(steps);
        if here > 0 {
            pen.put(x, y.into(), levels[here - 1], style);
        }
    }
}

/// The limit as a line over what is still blank.
fn limit(pen: &mut Pen<'_>, look: &Look<'_>, (axis, area): (Axis, Rect), series: &Series, top: f64) {
    let Some(limit) = series.limit.filter(|limit| area.height > 1 && *limit <= top) else { return };
    let row = ((1.0 - limit / top) * f64::from(area.height - 1)).round() as i32;
    for x in i32::from(axis.left)..i32::from(axis.left + axis.width) {
        if pen.symbol(x, i32::from(area.y) + row) == " " {
            pen.put(x, i32::from(area.y) + row, look.theme.glyphs.bar[1], look.theme.edge);
        }
    }
}

fn scale(pen: &mut Pen<'_>, look: &Look<'_>, (axis, area): (Axis, Rect), series: &Series, top: f64) {
    let x = i32::from(axis.left + axis.width) + 1;
    pen.text(x, area.y.into(), &says(series.unit, top), look.theme.dim);
    if area.height > 1 {
        pen.text(x, i32::from(area.bottom()) - 1, "0", look.theme.dim);
    }
}

/// The value now, with its unit.
fn value(series: &Series, now: Time) -> String {
    let end = series.points.partition_point(|(at, _)| *at <= now);
    series.points[..end].last().map_or_else(|| "?".to_string(), |(_, value)| says(series.unit, *value))
}

fn says(unit: Unit, value: f64) -> String {
    match unit {
        // A fact that is a share tells it from none and from all.
        Unit::Count if value > 0.0 && value < 1.0 => figure(value),
        Unit::Count => numbers::number(value),
        Unit::Ms => format!("{} ms", numbers::number(value)),
        Unit::PerSecond => numbers::rate(value),
        Unit::Share => numbers::share(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::time::Span;

    fn series(unit: Unit, loud: bool) -> Series {
        let points = (0..10u64).map(|i| (Time::ZERO + Span::ms(i * 10), i as f64)).collect();
        Series { name: "x".into(), unit, points, limit: None, loud }
    }

    #[test]
    fn a_column_shows_the_worst_time_and_the_mean_rate() {
        let ms = |n| Time::ZERO + Span::ms(n);
        assert_eq!(at(&series(Unit::Ms, true), ms(20), ms(50)), Some(4.0));
        assert_eq!(at(&series(Unit::PerSecond, true), ms(20), ms(50)), Some(3.0));
        assert_eq!(at(&series(Unit::Ms, true), ms(22), ms(28)), Some(2.0), "between two values the earlier one stands");
        assert_eq!(value(&series(Unit::Count, true), ms(35)), "3");
    }

    #[test]
    fn the_loud_one_has_its_line_first_and_grows_first() {
        let all = [series(Unit::Ms, false), series(Unit::Ms, true), series(Unit::Count, false)];
        assert_eq!(
            [1, 2, 3, 5, 8, 9].map(|height| shares(&all, height)),
            [vec![0, 1, 0], vec![1, 1, 0], vec![1, 1, 1], vec![1, 3, 1], vec![1, 6, 1], vec![1, 6, 1]]
        );
    }
}
