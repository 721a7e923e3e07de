//! How often each value came: bars downward.
//!
//! ```text
//! leaders at once, 1,000 seeds
//!   1  ██████████████████████  812
//!   2  ████                    147
//! ▸ 4  ▏                         6   seed 417 at 0.412 s
//! ```

use super::{Look, Row, blank, left, right, widest};
use crate::cluster::scene::{Bar, Histogram};
use crate::tui::theme::Theme;
use crate::tui::widgets::numbers;
use crate::tui::widgets::text::{Line, Piece, piece};

/// What it is about, then one line for each value.
pub(super) fn rows(look: &Look<'_>, histogram: &Histogram, (room, height): (usize, usize)) -> Vec<Row> {
    let theme = look.theme;
    let counts: Vec<String> = histogram.bars.iter().map(|bar| numbers::count(bar.count)).collect();
    let (labels, numbers) = (widest(histogram.bars.iter().map(|b| b.label.as_str())), widest(counts.iter().map(String::as_str)));
    let notes = widest(histogram.bars.iter().map(|b| b.note.as_str()));
    let cells = room.saturating_sub(labels + numbers + notes + 10).clamp(4, 40);
    let most = histogram.bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let about = (!histogram.about.is_empty()).then(|| Row::from(vec![piece(histogram.about.clone(), theme.dim)]));
    let bars = histogram.bars.iter().zip(&counts).enumerate().map(|(index, (bar, count))| {
        let chosen = histogram.chosen == Some(index);
        let style = if chosen { theme.key } else { theme.text };
        let mut line = vec![piece(if chosen { theme.glyphs.pointer } else { " " }, theme.key), blank(1, theme)];
        line.extend([right(&bar.label, labels, style), blank(2, theme)]);
        line.extend(length(theme, bar, most, cells));
        line.extend([blank(1, theme), right(count, numbers, style)]);
        line.extend(words(theme, histogram, index, bar));
        Row::from(line)
    });
    super::fitted(about.into_iter().chain(bars).collect(), height, theme)
}

/// A bar; one that is not nothing is seen.
fn length(theme: &Theme, bar: &Bar, most: u64, cells: usize) -> [Piece; 1] {
    let filled = (bar.count as f64 / most as f64 * cells as f64).round() as usize;
    let text = match (filled, bar.count) {
        (0, 1..) => theme.glyphs.sliver.to_string(),
        _ => theme.glyphs.levels[7].repeat(filled.min(cells)),
    };
    [left(&text, cells, theme.tone(bar.tone))]
}

/// The marks of a bar and the words of the model.
fn words(theme: &Theme, histogram: &Histogram, index: usize, bar: &Bar) -> Line {
    let mut line = Line::new();
    for (_, mark) in histogram.marks.iter().filter(|(at, _)| *at == index) {
        line.push(piece(format!("  {} {mark}", theme.glyphs.arrows[0]), theme.strong));
    }
    if !bar.note.is_empty() {
        line.push(piece(format!("  {}", bar.note), theme.dim));
    }
    line
}
