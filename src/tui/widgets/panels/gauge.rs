//! Numbers against their limits.
//!
//! ```text
//! busy     ━━━━━━━╌╌╌ 70 %
//! votes    ●●○ 2 of 3
//! #512     ─╌╌╌╌╌╌╌╌╌━━══   wire 6   queued at app3 200   work 40   db 8 ms
//! ```

use super::{Look, Row, bar, blank, left, widest};
use crate::cluster::scene::{Gauge, Level, Part, PartKind};
use crate::sim::time::Span;
use crate::tui::theme::Theme;
use crate::tui::widgets::numbers;
use crate::tui::widgets::text::{Line, piece, width};

/// Points above this many are a bar.
const COUNTABLE: u32 = 12;

/// One line for each number, their bars below each other.
pub(super) fn rows(look: &Look<'_>, gauges: &[Gauge], (room, height): (usize, usize)) -> Vec<Row> {
    let names = widest(gauges.iter().map(name));
    let cells = (room.saturating_sub(names + 20)).clamp(6, 40);
    let rows = gauges.iter().map(|gauge| {
        let mut line = vec![left(name(gauge), names, look.theme.dim), blank(1, look.theme)];
        line.extend(match gauge {
            Gauge::Filled(level) => filled(look.theme, level, cells.min(20)),
            Gauge::Counted { have, of, note, .. } => counted(look.theme, (*have, *of), note),
            Gauge::Parts { parts, .. } => in_parts(look.theme, parts, room.saturating_sub(names)),
        });
        Row::staying(line, look.stay(name(gauge), false))
    });
    super::fitted(rows.collect(), height, look.theme)
}

fn name(gauge: &Gauge) -> &str {
    match gauge {
        Gauge::Filled(level) => &level.name,
        Gauge::Counted { name, .. } | Gauge::Parts { name, .. } => name,
    }
}

/// A bar and what it says.
pub(super) fn filled(theme: &Theme, level: &Level, cells: usize) -> Line {
    let style = theme.tone(level.tone);
    let mut line: Line = bar(theme, cells, level.share, style).into();
    line.push(piece(format!(" {}", level.says), style));
    line
}

/// Points for what is there and what is missing.
pub(super) fn counted(theme: &Theme, (have, of): (u32, u32), note: &str) -> Line {
    let [full, _, empty] = theme.glyphs.steps;
    let enough = if have >= of { theme.good } else { theme.text };
    let mut line = if of.max(have) <= COUNTABLE {
        vec![piece(full.repeat(have as usize), enough), piece(empty.repeat(of.saturating_sub(have) as usize), theme.edge)]
    } else {
        bar(theme, COUNTABLE as usize, f64::from(have) / f64::from(of.max(1)), enough).into()
    };
    line.push(piece(format!(" {have} of {of}"), enough));
    if !note.is_empty() {
        line.push(piece(format!("  {note}"), theme.dim));
    }
    line
}

/// A time in its parts, to scale, with the parts named after it.
fn in_parts(theme: &Theme, parts: &[Part], room: usize) -> Line {
    let all = parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.took.0)).max(1);
    let words: Vec<String> = parts.iter().filter(|part| part.took.0 > 0).map(part_words).collect();
    let cells = room.saturating_sub(words.iter().map(|word| width(word)).sum::<usize>() + 9).clamp(8, 40);
    let mut line = vec![piece(format!("{} ", numbers::span(Span(all))), theme.strong)];
    let (mut gone, mut drawn) = (0u64, 0usize);
    for part in parts {
        gone = gone.saturating_add(part.took.0);
        let until = (gone as f64 / all as f64 * cells as f64).round() as usize;
        let long = until.saturating_sub(drawn).max(usize::from(part.took.0 > 0));
        let (sign, style) = look(theme, part.kind);
        line.push(piece(sign.repeat(long), style));
        drawn += long;
    }
    line.extend(words.into_iter().map(|word| piece(word, theme.dim)));
    line
}

fn part_words(part: &Part) -> String {
    format!("   {} {}", part.word, numbers::span(part.took))
}

fn look(theme: &Theme, kind: PartKind) -> (&'static str, ratatui::style::Style) {
    let glyphs = theme.glyphs;
    match kind {
        PartKind::Wire => (glyphs.lanes[0], theme.dim),
        PartKind::Waiting => (glyphs.bar[1], theme.stale),
        PartKind::Work => (glyphs.bar[0], theme.text),
        PartKind::Beyond => (glyphs.lanes[1], theme.data),
    }
}
