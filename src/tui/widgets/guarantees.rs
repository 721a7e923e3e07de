//! What the history so far satisfies: one line a guarantee, or one line in all.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::Pen;
use super::text::{width, wrap};
use crate::check::verdict::{Holds, Verdict};
use crate::tui::theme::Theme;

/// Draws every verdict with its reason and returns where each is, by its index. `selected` is marked. A reason that does not
/// fit beside its name is written out below where there is room. Broken guarantees stay visible when there are more than lines.
pub fn draw(area: Rect, buf: &mut Buffer, theme: &Theme, verdicts: &[Verdict], selected: Option<usize>) -> Vec<(usize, Rect)> {
    let mut pen = Pen::new(buf, area);
    let area = pen.area();
    let shown = shown(verdicts, area.height as usize);
    let mut rest = area.height - shown.len() as u16;
    let names = shown.iter().map(|&i| width(&verdicts[i].guarantee.words())).max().unwrap_or(0);
    let mut hits = Vec::with_capacity(shown.len());
    let mut y = area.y;
    for index in shown {
        let verdict = &verdicts[index];
        let chosen = selected == Some(index);
        let long = width(&verdict.why) + names + 4 > area.width as usize;
        let needed = if long && (chosen || verdict.holds == Holds::No) { reason_lines(area, verdict) } else { 0 };
        let below = if usize::from(rest) >= needed { needed as u16 } else { 0 };
        self::verdict(&mut pen, theme, Rect { y, height: 1, ..area }, verdict, names * usize::from(below == 0), chosen);
        reason(&mut pen, theme, Rect { y: y + 1, height: below, ..area }, verdict);
        hits.push((index, Rect { y, height: 1 + below, ..area }));
        rest -= below;
        y += 1 + below;
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
            Holds::Untested => 3,
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
        Holds::Unknown | Holds::Untested => theme.dim,
    };
    pen.text(x, y, glyph, style);
    pen.text(x + 2, y, &verdict.guarantee.words(), name_style);
    let why = x + 4 + names as i32;
    let room = usize::try_from(line.right() as i32 - why).unwrap_or(0);
    if room >= 8 && names > 0 {
        let why_style = if verdict.holds == Holds::No { theme.text } else { theme.dim };
        // Why nothing was tested is told where there is room; eight halves of a sentence say less than a word.
        let untold = verdict.why.is_empty() || width(&verdict.why) > room;
        let text = if verdict.holds == Holds::Untested && untold { "untested" } else { &verdict.why };
        pen.clipped(why, y, text, room, theme.glyphs.more, why_style);
    }
    if chosen {
        pen.select(line, theme);
    }
}

/// How many lines the whole reason takes below its name.
fn reason_lines(area: Rect, verdict: &Verdict) -> usize {
    if area.width < 12 { 0 } else { wrap(&verdict.why, area.width as usize - 2).len() }
}

fn reason(pen: &mut Pen<'_>, theme: &Theme, area: Rect, verdict: &Verdict) {
    if area.height > 0 {
        for (y, line) in (area.top()..area.bottom()).zip(wrap(&verdict.why, area.width as usize - 2)) {
            pen.text(area.x as i32 + 2, y as i32, &line, theme.text);
        }
    }
}

/// All verdicts in one line: the broken by name, or by number where their names do not fit, then how many are kept.
pub fn line(area: Rect, buf: &mut Buffer, theme: &Theme, verdicts: &[Verdict]) {
    let mut pen = Pen::new(buf, Rect { height: area.height.min(1), ..area });
    let (mut x, y) = (area.x as i32, area.y as i32);
    let of = |holds| verdicts.iter().filter(move |v| v.holds == holds);
    let cross = theme.glyphs.cross;
    let names: Vec<String> = of(Holds::No).map(|v| format!("{cross} {}", v.guarantee.words())).collect();
    let (broken, kept, open, untested) = (names.len(), of(Holds::Yes).count(), of(Holds::Unknown).count(), of(Holds::Untested).count());
    let all = kept == verdicts.len() && kept > 0;
    let mut rest = Vec::new();
    if kept > 0 {
        rest.push((if all { format!("{} all kept", theme.glyphs.ok) } else { format!("{} {kept} kept", theme.glyphs.ok) }, theme.good));
    }
    if open > 0 {
        rest.push((format!("{} {open} not known", theme.glyphs.unknown), theme.dim));
    }
    if untested > 0 {
        rest.push((format!("{} {untested} untested", theme.glyphs.dot), theme.dim));
    }
    let least: usize = rest.iter().map(|(words, _)| width(words) + 2).sum();
    let shorter = (1..=broken).rev().map(|shown| {
        let more = if shown < broken { format!(" +{}", broken - shown) } else { String::new() };
        names[..shown].join("  ") + &more
    });
    let counted = std::iter::once(format!("{cross} {broken} broken"));
    let fitting = shorter.chain(counted).find(|words| width(words) + least <= usize::from(area.width));
    if let Some(words) = fitting.filter(|_| broken > 0) {
        x = pen.text(x, y, &words, theme.bad) + 2;
    }
    for (words, style) in rest {
        x = pen.text(x, y, &words, style) + 2;
    }
}
