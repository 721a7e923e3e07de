//! What the history so far satisfies: one line a guarantee, or one line in all.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use super::text::{width, wrap};
use crate::check::verdict::{Guarantee, Holds, Verdict};
use crate::tui::theme::Theme;

/// Draws the verdicts with their reasons and returns where each is, by its index. Broken guarantees come first, each with its whole
/// reason; then those that the step is `about`, and what else was judged. What nothing has tested and nobody speaks of is folded into
/// one line, until one is `selected`: that one is marked, and explained below its name.
pub fn draw(
    area: Rect,
    buf: &mut Buffer,
    theme: &Theme,
    (verdicts, about): (&[Verdict], &[Guarantee]),
    selected: Option<usize>,
) -> Vec<(usize, Rect)> {
    let mut pen = Pen::new(buf, area);
    let area = pen.area();
    let standing = selected.map_or_else(|| standing(verdicts, about), |_| verdicts.len());
    let order = &order(verdicts, about)[..standing];
    let names = order.iter().map(|index| width(&verdicts[*index].guarantee.words())).max().unwrap_or(0);
    let of = |index: &usize| (*index, below(theme, area, names, &verdicts[*index], selected == Some(*index)));
    let all: Vec<(usize, Vec<(String, Style)>)> = order.iter().map(of).collect();
    let mut hits = Vec::with_capacity(all.len());
    let (mut y, mut hidden) = (area.y, 0);
    let shown = &all[first_shown(&all, selected, area.height.into())..];
    for (at, (index, below)) in shown.iter().enumerate() {
        if y >= area.bottom() {
            hidden += 1;
            continue;
        }
        // The names of all that are broken come before the reasons of some.
        let broken = shown[at + 1..].iter().filter(|(later, _)| verdicts[*later].holds == Holds::No).count();
        let room = usize::from(area.bottom() - y - 1).saturating_sub(broken);
        let below = &below[..if below.len() <= room || selected == Some(*index) { below.len().min(room) } else { 0 }];
        let high = 1 + below.len() as u16;
        let beside = if below.is_empty() { names } else { 0 };
        verdict(&mut pen, theme, Rect { y, height: 1, ..area }, &verdicts[*index], beside, selected == Some(*index));
        for ((line, style), y) in below.iter().zip(y + 1..y + high) {
            pen.text(area.x as i32 + 2, y as i32, line, *style);
        }
        hits.push((*index, Rect { y, height: high, ..area }));
        y += high;
    }
    let folded = verdicts.len() - standing;
    if folded > 0 && y < area.bottom() {
        let words = format!("{} {} untested", theme.glyphs.dot, if standing > 0 { format!("{folded} more") } else { folded.to_string() });
        pen.clipped(area.x as i32, y as i32, &words, area.width.into(), theme.glyphs.more, theme.dim);
    } else if hidden + folded > 0 {
        let words = format!(" +{} ", hidden + folded);
        pen.text(area.right() as i32 - width(&words) as i32, area.bottom() as i32 - 1, &words, theme.dim);
    }
    hits
}

/// What decides where a verdict stands: the broken come first, then what the step is about, then what was judged.
fn rank(verdict: &Verdict, about: &[Guarantee]) -> u8 {
    match verdict.holds {
        Holds::No => 0,
        _ if about.contains(&verdict.guarantee) => 1,
        Holds::Yes | Holds::Unknown => 2,
        Holds::Untested => FOLDED,
    }
}

/// The rank of what nothing has tested and nobody speaks of.
const FOLDED: u8 = 3;

/// The verdicts by their indices as they stand below each other.
pub fn order(verdicts: &[Verdict], about: &[Guarantee]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..verdicts.len()).collect();
    order.sort_by_key(|&i| rank(&verdicts[i], about));
    order
}

/// How many of these, from the first, are not folded away.
fn standing(verdicts: &[Verdict], about: &[Guarantee]) -> usize {
    verdicts.iter().filter(|verdict| rank(verdict, about) < FOLDED).count()
}

/// The first of these to show, so that the selected one is seen whole where it can be.
fn first_shown(all: &[(usize, Vec<(String, Style)>)], selected: Option<usize>, room: usize) -> usize {
    let Some(at) = selected.and_then(|selected| all.iter().position(|(index, _)| *index == selected)) else { return 0 };
    let height = |first: usize| all[first..=at].iter().map(|(_, below)| 1 + below.len()).sum::<usize>();
    (0..=at).find(|first| height(*first) <= room).unwrap_or(at)
}

/// What stands below the name of a verdict: the reason of a broken one, and of the selected one what the guarantee means.
fn below(theme: &Theme, area: Rect, names: usize, verdict: &Verdict, chosen: bool) -> Vec<(String, Style)> {
    let room = usize::from(area.width).saturating_sub(2);
    if room < 10 {
        return Vec::new();
    }
    let lines = |text: &str, style: Style| wrap(text, room).into_iter().map(move |line| (line, style)).collect::<Vec<_>>();
    let long = width(&verdict.why) + names + 4 > usize::from(area.width);
    let told = !verdict.why.is_empty() && (chosen || verdict.holds == Holds::No && long);
    let mut below = if told { lines(&verdict.why, theme.text) } else { Vec::new() };
    if chosen {
        below.extend(lines(verdict.guarantee.about(), theme.dim));
        let limit = verdict.guarantee.limit().filter(|_| verdict.holds == Holds::Yes);
        below.extend(limit.into_iter().flat_map(|limit| lines(limit, theme.dim)));
    }
    below
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

/// All verdicts in one line: the broken by name, or by number where their names do not fit, then how many are kept. Where not even
/// numbers fit, the untested are left out first and the broken last.
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
    let least = |of: usize| rest[..of].iter().map(|(words, _)| width(words) + 2).sum::<usize>();
    let shorter = (1..=broken).rev().map(|shown| {
        let more = if shown < broken { format!(" +{}", broken - shown) } else { String::new() };
        names[..shown].join("  ") + &more
    });
    let forms: Vec<String> = shorter.chain([format!("{cross} {broken} broken")]).collect();
    let beside = |of: usize| forms.iter().find(|words| width(words) + least(of) <= usize::from(area.width)).map(|words| (words, of));
    let fitting = (0..=rest.len()).rev().find_map(beside);
    let of = if let Some((words, of)) = fitting.filter(|_| broken > 0) {
        x = pen.text(x, y, words, theme.bad) + 2;
        of
    } else {
        rest.len()
    };
    for (words, style) in rest.into_iter().take(of) {
        x = pen.text(x, y, &words, style) + 2;
    }
}
