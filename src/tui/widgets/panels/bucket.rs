//! What lets through: tokens left over, or a window used up, and what came last.
//!
//! ```text
//! tokens  ○○○○○○○○○○ 0 of 10   next in 60 ms ━━━━━━━╌╌╌   5/s, burst 10
//!         ▸▸▸▸▸▸▸▸▸·▸·✕·✕▸·✕·▸✕··▸·  13 passed, 4 bounced in the last 1 s
//!         ╰─────────╯  12 in 1s, limit 10
//! ```

use super::{Look, Row, bar, blank, left, widest};
use crate::cluster::scene::Bucket;
use crate::sim::time::Span;
use crate::tui::theme::Theme;
use crate::tui::widgets::numbers;
use crate::tui::widgets::text::{Line, piece};

/// Up to this many tokens are seen one by one.
const COUNTABLE: u32 = 20;

/// Two lines for each bucket, and a third under the fullest stretch where that was too full.
pub(super) fn rows(look: &Look<'_>, buckets: &[Bucket], (room, height): (usize, usize)) -> Vec<Row> {
    let theme = look.theme;
    let names = widest(buckets.iter().map(|b| b.name.as_str())) + 1;
    let rows = buckets.iter().flat_map(|bucket| {
        let mut first = vec![left(&bucket.name, names, theme.text)];
        first.extend(holds(theme, bucket));
        let mut second = vec![blank(names, theme)];
        let cells = room.saturating_sub(names + 40).clamp(10, 40);
        second.extend(came(theme, bucket, cells));
        let with_trail = !bucket.passes.is_empty();
        let third = bracket(theme, bucket, cells).filter(|_| with_trail).map(|mut line| {
            line.insert(0, blank(names, theme));
            line
        });
        let stay = look.stay(&bucket.name, false);
        let lines = std::iter::once(first).chain(with_trail.then_some(second)).chain(third);
        lines.map(move |line| Row::staying(line, stay))
    });
    super::fitted(rows.collect(), height, theme)
}

/// Tokens or uses, how many of how many, and when the next comes.
fn holds(theme: &Theme, bucket: &Bucket) -> Line {
    let [full, _, empty] = theme.glyphs.steps;
    let free = if bucket.counts_up { bucket.size.saturating_sub(bucket.held) } else { bucket.held };
    let style = if free == 0 { theme.stale } else { theme.good };
    let mut line: Line = if bucket.size <= COUNTABLE {
        let held = bucket.held.min(bucket.size);
        vec![piece(full.repeat(held as usize), style), piece(empty.repeat((bucket.size - held) as usize), theme.edge)]
    } else {
        bar(theme, COUNTABLE as usize, f64::from(bucket.held) / f64::from(bucket.size), style).into()
    };
    line.push(piece(format!(" {} of {}", bucket.held, bucket.size), style));
    if let Some((share, span)) = bucket.next {
        line.push(piece(format!("   next in {} ", numbers::span(span)), theme.dim));
        line.extend(bar(theme, 8, share, theme.dim));
    }
    if !bucket.note.is_empty() {
        line.push(piece(format!("   {}", bucket.note), theme.dim));
    }
    line
}

/// The cell of what came so long ago.
fn cell(bucket: &Bucket, cells: usize, ago: Span) -> usize {
    cells - 1 - ((ago.0 as f64 / bucket.window.0.max(1) as f64 * cells as f64) as usize).min(cells - 1)
}

/// Under the trail, from the first to the last of the fullest stretch, as long as that is in sight.
fn bracket(theme: &Theme, bucket: &Bucket, cells: usize) -> Option<Line> {
    let worst = bucket.worst.as_ref().filter(|worst| worst.first <= bucket.window)?;
    let (first, last) = (cell(bucket, cells, worst.first), cell(bucket, cells, worst.last));
    let [start, line, end] = if theme.glyphs.ascii { ["`", "-", "'"] } else { ["╰", "─", "╯"] };
    let drawn = format!("{start}{}{end}", line.repeat((last - first).saturating_sub(1)));
    Some(vec![blank(first, theme), piece(drawn, theme.bad), piece(format!("  {}", worst.says), theme.bad)])
}

/// What came lately, a sign for each cell of time; where several fell into one, a bounced one is seen.
fn came(theme: &Theme, bucket: &Bucket, cells: usize) -> Line {
    let glyphs = theme.glyphs;
    let mut seen: Vec<Option<bool>> = vec![None; cells];
    for pass in bucket.passes.iter().filter(|pass| pass.ago <= bucket.window) {
        let at = &mut seen[cell(bucket, cells, pass.ago)];
        *at = Some(at.unwrap_or(true) && pass.passed);
    }
    let sign = |seen: &Option<bool>| match seen {
        None => piece(glyphs.dot, theme.edge),
        Some(true) => piece(glyphs.request, theme.client),
        Some(false) => piece(glyphs.cross, theme.bad),
    };
    let mut line: Line = seen.iter().map(sign).collect();
    let inside = bucket.passes.iter().filter(|pass| pass.ago <= bucket.window);
    let (passed, bounced) = inside.fold((0, 0), |(p, b), pass| if pass.passed { (p + 1, b) } else { (p, b + 1) });
    let words = format!("  {passed} passed, {bounced} bounced in the last {}", numbers::span(bucket.window));
    line.push(piece(words, theme.dim));
    line
}
