//! What the history so far satisfies: one line a guarantee, or one line in all.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::Pen;
use super::text::{width, wrap};
use crate::check::verdict::{Holds, Verdict};
use crate::tui::theme::Theme;

/// Draws every verdict with its reason and returns where each is, by its index. `selected` is marked, and its reason is
/// written out where there is room. Broken guarantees stay visible when there are more than lines.
pub fn draw(area: Rect, buf: &mut Buffer, theme: &Theme, verdicts: &[Verdict], selected: Option<usize>) -> Vec<(usize, Rect)> {
    let mut pen = Pen::new(buf, area);
    let area = pen.area();
    let shown = shown(verdicts, area.height as usize);
    let spare = (area.height as usize).saturating_sub(shown.len());
    let names = shown.iter().map(|&i| width(&verdicts[i].guarantee.words())).max().unwrap_or(0);
    let mut hits = Vec::with_capacity(shown.len());
    let mut y = area.y;
    for index in shown {
        let line = Rect { y, height: 1, ..area };
        let chosen = selected == Some(index);
        verdict(&mut pen, theme, line, &verdicts[index], names, chosen);
        hits.push((index, line));
        y += 1;
        if chosen && spare > 0 {
            y += reason(&mut pen, theme, Rect { y, height: spare as u16, ..area }, &verdicts[index]);
        }
    }
    hits
}

/// Which verdicts to show in this many lines: all, or the broken ones first, in the order of the screen.
fn shown(verdicts: &[Verdict], lines: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..verdicts.len()).collect();
    if order.len() > lines {
        order.sort_by_key(|&i| match verdicts[i].holds {
            Holds::No => 0,
            Holds::Yes => 1,
            Holds::Unknown => 2,
        });
        order.truncate(lines);
        order.sort_unstable();
    }
    order
}

fn verdict(pen: &mut Pen<'_>, theme: &Theme, line: Rect, verdict: &Verdict, names: usize, chosen: bool) {
    let (glyph, style) = theme.verdict(verdict.holds);
    let (x, y) = (line.x as i32, line.y as i32);
    let name_style = match verdict.holds {
        Holds::No => style,
        Holds::Yes => theme.text,
        Holds::Unknown => theme.dim,
    };
    pen.text(x, y, glyph, style);
    pen.text(x + 2, y, &verdict.guarantee.words(), name_style);
    let why = x + 4 + names as i32;
    let room = usize::try_from(line.right() as i32 - why).unwrap_or(0);
    if room >= 8 {
        let why_style = if verdict.holds == Holds::No { theme.text } else { theme.dim };
        pen.clipped(why, y, &verdict.why, room, theme.glyphs.more, why_style);
    }
    if chosen {
        pen.restyle(line, theme.selected);
    }
}

/// The whole reason on lines of its own; returns how many it took.
fn reason(pen: &mut Pen<'_>, theme: &Theme, area: Rect, verdict: &Verdict) -> u16 {
    let room = area.width.saturating_sub(2) as usize;
    if verdict.why.is_empty() || room < 8 {
        return 0;
    }
    let lines = wrap(&verdict.why, room);
    for (y, line) in (area.top()..area.bottom()).zip(&lines) {
        pen.text(area.x as i32 + 2, y as i32, line, theme.text);
    }
    (lines.len() as u16).min(area.height)
}

/// All verdicts in one line: the broken by name, then how many are kept.
pub fn line(area: Rect, buf: &mut Buffer, theme: &Theme, verdicts: &[Verdict]) {
    let mut pen = Pen::new(buf, Rect { height: area.height.min(1), ..area });
    let (mut x, y) = (area.x as i32, area.y as i32);
    for verdict in verdicts.iter().filter(|v| v.holds == Holds::No) {
        x = pen.text(x, y, &format!("{} {}  ", theme.glyphs.cross, verdict.guarantee.words()), theme.bad);
    }
    let kept = verdicts.iter().filter(|v| v.holds == Holds::Yes).count();
    let all = kept == verdicts.len() && kept > 0;
    let words = if all { format!("{} all kept  ", theme.glyphs.ok) } else { format!("{} {kept} kept  ", theme.glyphs.ok) };
    x = pen.text(x, y, &words, theme.good);
    let open = verdicts.iter().filter(|v| v.holds == Holds::Unknown).count();
    if open > 0 {
        pen.text(x, y, &format!("{} {open} not known", theme.glyphs.unknown), theme.dim);
    }
}
