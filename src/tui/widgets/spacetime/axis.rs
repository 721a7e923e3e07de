//! Ticks, pokes and now.

use std::ops::Range;

use super::View;
use super::lanes::Lanes;
use crate::sim::time::Time;
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;

/// Labels stand at least this many columns apart.
const APART: u64 = 12;

/// A label that has to stand further from its tick than this, in columns, is left out.
const FAR: i32 = 4;

/// Draws now as a line down the diagram, and below it the times, the pokes and, at its column, a legend.
pub(super) fn draw(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, view: &View<'_>, legend: Option<(i32, String)>) {
    let plot = lanes.plot;
    if let Some(x) = lanes.column(view.scene.at) {
        for y in plot.top()..plot.bottom() {
            pen.put(x, y as i32, theme.glyphs.axis[2], theme.focus);
        }
    }
    let Some(y) = lanes.axis else { return };
    let pokes: Vec<i32> = view.pokes.iter().filter_map(|&at| lanes.column(at)).collect();
    let legend = legend.map_or(0..0, |(x, words)| x..pen.text(x, y.into(), &words, theme.dim));
    ticks(pen, theme, lanes, y, (&pokes, legend));
    for x in pokes {
        pen.put(x, y as i32, theme.glyphs.axis[1], theme.key);
    }
}

/// The times, where neither a poke nor the legend stands.
fn ticks(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, y: u16, (pokes, legend): (&[i32], Range<i32>)) {
    let kept: Vec<i32> = pokes.iter().copied().chain(legend.clone()).collect();
    let length = lanes.to.since(lanes.from).0;
    let count = (u64::from(lanes.plot.width) / APART).max(1);
    let step = round_up(length / count);
    let mut at = lanes.from.0.div_ceil(step).saturating_mul(step);
    let mut free = 0;
    while let Some(x) = lanes.column(Time(at)) {
        let label = label(at, step);
        let start = beside(x + 1, label.len() as i32, &kept);
        if x >= free && !legend.contains(&x) && start <= x + FAR && start + label.len() as i32 <= lanes.plot.right() as i32 {
            pen.put(x, y as i32, theme.glyphs.axis[0], theme.edge);
            free = pen.text(start, y as i32, &label, theme.dim) + 2;
        }
        let Some(next) = at.checked_add(step) else { return };
        at = next;
    }
}

/// The first column from `x` on where a label of this length covers nothing that is kept.
fn beside(x: i32, length: i32, kept: &[i32]) -> i32 {
    match kept.iter().filter(|column| (x..x + length).contains(column)).max() {
        Some(column) => beside(column + 1, length, kept),
        None => x,
    }
}

/// One second and one day, in nanoseconds.
const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 24 * 3600 * SECOND;

/// Steps that a clock counts in, in seconds: up to a day, and some days.
const CLOCK: [u64; 16] =
    [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 2 * 86_400, 5 * 86_400, 10 * 86_400, 20 * 86_400];

/// The next of 1, 2, 5, 10, 20, ... nanoseconds up to half a minute; above it the next that a clock counts in.
pub fn round_up(ns: u64) -> u64 {
    let ns = ns.clamp(1, SECOND * SECOND);
    let ten = 10u64.pow(ns.ilog10());
    let round = || [1, 2, 5, 10].into_iter().map(|k| k * ten).find(|&step| step >= ns).unwrap_or(ns);
    match ns.div_ceil(SECOND) {
        0..=20 => round(),
        21..=30 => 30 * SECOND,
        _ => CLOCK.into_iter().map(|step| step * SECOND).find(|&step| step >= ns).unwrap_or_else(|| ns.div_ceil(DAY) * DAY),
    }
}

/// A moment as exactly as the step needs.
pub fn label(at: u64, step: u64) -> String {
    if step < 60 * SECOND {
        return Time(at).clock((9 - step.ilog10().min(9)) as usize);
    }
    let parts = [(at / DAY, "d"), (at % DAY / (3600 * SECOND), "h"), (at % (3600 * SECOND) / (60 * SECOND), "min")];
    let words: Vec<String> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if words.is_empty() { "0".to_string() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_make_way_for_pokes() {
        assert_eq!(beside(10, 5, &[9, 15]), 10);
        assert_eq!(beside(10, 5, &[11]), 12);
        assert_eq!(beside(10, 5, &[11, 14, 16]), 17);
    }

    #[test]
    fn ticks_are_round_and_exact() {
        assert_eq!([1, 3, 20, 21, 700].map(round_up), [1, 5, 20, 50, 1000]);
        assert_eq!(label(2_500_000_000, 500_000_000), "2.5 s");
        assert_eq!(label(3_000_000_000, 1_000_000_000), "3 s");
        assert_eq!(label(1_050_000, 50_000), "0.00105 s");
        assert_eq!([21, 31, 61, 3601, 7 * 86_400].map(|s| round_up(s * SECOND) / SECOND), [30, 60, 120, 7200, 10 * 86_400]);
        assert_eq!(round_up(400 * DAY), 400 * DAY);
        assert_eq!(label(90 * 60 * SECOND, 1800 * SECOND), "1h 30min");
        assert_eq!(label(6 * DAY + 12 * 3600 * SECOND, 43_200 * SECOND), "6d 12h");
        assert_eq!((label(2 * DAY, DAY), label(0, DAY)), ("2d".to_string(), "0".to_string()));
        assert_eq!(label(DAY + 5 * SECOND, 5 * SECOND), "1d 00:00:05");
    }
}
