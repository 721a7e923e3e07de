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

/// The next of 1, 2, 5, 10, 20, ... nanoseconds.
fn round_up(ns: u64) -> u64 {
    let ns = ns.clamp(1, 1_000_000_000_000_000_000);
    let ten = 10u64.pow(ns.ilog10());
    [1, 2, 5, 10].into_iter().map(|k| k * ten).find(|&step| step >= ns).unwrap_or(ns)
}

/// Seconds with as many decimals as the step needs.
fn label(at: u64, step: u64) -> String {
    let decimals = (9 - step.ilog10().min(9)) as usize;
    let whole = at / 1_000_000_000;
    let part = format!("{:09}", at % 1_000_000_000);
    if decimals == 0 { format!("{whole} s") } else { format!("{whole}.{} s", &part[..decimals]) }
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
    }
}
