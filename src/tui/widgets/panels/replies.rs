//! A quorum that forms reply by reply.
//!
//! ```text
//! c1 ▸ write x 9   N 5  W 3   ●●● 3 of 3   told ok at 27 ms
//!                0 ms      10        20     ┃  30
//! n1 ○ replica   ╶───────────●              ┃ 1st  12 ms    9  v8
//! n2 ○ replica   ╶╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▸ on its way    7  v7 ~
//! n4 ○ replica   ╶──────────────────────────● 3rd  27 ms    9  v8
//! n5 ✕ down      ╶╌✕ down                   ┃               7  v7 ~
//! ```
//!
//! To scale: the slowest of those that are needed is seen to set the time that the client waits.

use ratatui::style::Style;

use super::{Column, Look, Row, blank, gauge, left, right};
use crate::cluster::scene::{Answer, Health, Replies, ReplyLine, Shape, Tone};
use crate::sim::time::Span;
use crate::tui::theme::Theme;
use crate::tui::widgets::numbers;
use crate::tui::widgets::text::{Line, line_width, piece, width};

/// The measures that all lines share.
struct Frame {
    label: usize,
    /// Whether labels say what a server is, beside its sign.
    words: bool,
    /// Columns of time; none where there is no room for them.
    plot: usize,
    /// What a column stands for.
    column: f64,
    /// Columns of rank, time and what was brought.
    answer: usize,
    entries: Vec<Column>,
}

/// What is asked and how far it is, the clock, and a line for each server.
pub(super) fn rows(look: &Look<'_>, replies: &Replies, (room, height): (usize, usize)) -> Vec<Row> {
    let frame = frame(look, replies, room);
    let mut rows = vec![Row::heading(headline(look.theme, replies, room)), Row::heading(clock(look.theme, replies, &frame))];
    rows.extend(replies.lines.iter().map(|own| Row {
        line: line(look, replies, own, &frame),
        node: Some(own.node),
        stay: look.stay(&own.name, false),
    }));
    super::fitted(rows, height, look.theme)
}

fn frame(look: &Look<'_>, replies: &Replies, room: usize) -> Frame {
    let lines = &replies.lines;
    let label_of = |words: bool| lines.iter().map(|line| line_width(&self::label(look.theme, line, words))).max().unwrap_or(0) + 2;
    let answer = lines.iter().map(|line| line_width(&answer(look.theme, line))).max().unwrap_or(0).max("on its way".len());
    let columns = lines.iter().map(|line| line.entries.len()).max().unwrap_or(0);
    let own = |index: usize| lines.iter().filter_map(move |line| line.entries.get(index));
    let entries: Vec<Column> = (0..columns).map(|index| Column::of(look, replies.headings.get(index), own(index))).collect();
    let right: usize = entries.iter().map(|column| column.width() + 2).sum();
    // Where a line has no room the sign stands for the word.
    let words = label_of(true) + answer + right < room;
    let label = label_of(words);
    // What the answers brought is worth more than when they came.
    let plot = Some(room.saturating_sub(label + answer + right + 2)).filter(|plot| *plot >= 8).map_or(0, |plot| plot.min(60));
    let came = lines.iter().filter_map(|line| if let Answer::Came { after, .. } = line.answer { Some(after) } else { None });
    let waits = lines.iter().any(|line| line.answer == Answer::Waiting);
    let longest = came.chain(waits.then_some(replies.now)).max().unwrap_or(Span::ms(1)).max(Span::ms(1));
    // A millisecond a column while that is enough, then in steps: the picture does not shrink with every frame.
    let column = numbers::step(longest.as_ms() / (plot.saturating_sub(2).max(1)) as f64).max(0.001);
    Frame { label, words, plot, column, answer, entries }
}

impl Frame {
    fn x(&self, after: Span) -> usize {
        ((after.as_ms() / self.column) as usize).min(self.plot.saturating_sub(1))
    }
}

/// What is asked, by which rule, how far it is, and when it was decided: what there is room for, with the count before all else.
fn headline(theme: &Theme, replies: &Replies, room: usize) -> Line {
    let count = gauge::counted(theme, (replies.have, replies.need), "");
    let asked = [piece(replies.asked.clone(), theme.client.patch(theme.strong)), blank(3, theme)];
    let rule = [piece(replies.rule.clone(), theme.text), blank(3, theme)];
    let decided = replies.decided.iter().flat_map(|(when, told)| {
        let text = format!("{told} at {}", numbers::span(*when));
        [blank(2, theme), piece(text, theme.strong)]
    });
    let decided: Line = decided.collect();
    let forms: [Line; 4] =
        [[&asked[..], &rule, &count, &decided].concat(), [&asked[..], &rule, &count].concat(), [&asked[..], &count].concat(), count];
    forms.iter().find(|form| line_width(form) <= room).unwrap_or(&forms[3]).clone()
}

/// Times above the strips, ten columns apart, and the headings of the columns at the right.
fn clock(theme: &Theme, replies: &Replies, frame: &Frame) -> Line {
    let mut line = vec![blank(frame.label, theme)];
    let mut used = 0;
    for tick in (0..frame.plot).step_by(10) {
        let text = format!("{}{}", numbers::number(tick as f64 * frame.column), if tick == 0 { " ms" } else { "" });
        if tick + width(&text) < frame.plot {
            line.extend([blank(tick - used.min(tick), theme), piece(text.clone(), theme.dim)]);
            used = tick + width(&text);
        }
    }
    line.push(blank((frame.plot + 1 + frame.answer).saturating_sub(used), theme));
    for (heading, column) in replies.headings.iter().zip(&frame.entries) {
        line.push(blank(2, theme));
        line.extend(column.heading(theme, heading));
    }
    line
}

fn label(theme: &Theme, own: &ReplyLine, words: bool) -> Line {
    let (sign, style) = match own.answer {
        _ if own.health == Health::Down => (theme.glyphs.cross, theme.bad),
        _ if own.health == Health::Paused => (theme.glyphs.paused, theme.down),
        Answer::None(_) => (theme.glyphs.cross, theme.bad),
        _ if own.shape == Shape::Member => (theme.glyphs.shape(own.shape), theme.dim),
        _ => (theme.glyphs.shape(own.shape), theme.node(own.shape, Health::Up)),
    };
    let word = if words { format!(" {}", own.word) } else { String::new() };
    vec![piece(format!("{} ", own.name), theme.text), piece(sign, style), piece(word, theme.dim)]
}

fn line(look: &Look<'_>, replies: &Replies, own: &ReplyLine, frame: &Frame) -> Line {
    let theme = look.theme;
    let mut line = label(theme, own, frame.words);
    line.push(blank(frame.label.saturating_sub(line_width(&line)), theme));
    if own.answer == Answer::NotAsked && !own.note.is_empty() {
        line.push(piece(own.note.clone(), theme.dim));
        return line;
    }
    line.extend(strip(theme, replies, own, frame));
    let answer = answer(theme, own);
    let gap = frame.answer.saturating_sub(line_width(&answer));
    line.push(blank(1, theme));
    line.extend(answer);
    line.push(blank(gap, theme));
    for (entry, column) in own.entries.iter().zip(&frame.entries) {
        line.push(blank(2, theme));
        line.extend(column.entry(look, entry));
    }
    if !own.note.is_empty() {
        line.push(piece(format!("  {}", own.note), theme.dim));
    }
    line
}

/// The way of one answer, with the moment of the decision across it.
fn strip(theme: &Theme, replies: &Replies, own: &ReplyLine, frame: &Frame) -> Line {
    let glyphs = theme.glyphs;
    let (until, way, sign, style): (usize, &str, &str, Style) = match own.answer {
        Answer::NotAsked => (0, " ", " ", theme.text),
        Answer::Waiting => (frame.x(replies.now), glyphs.bar[1], glyphs.request, theme.client),
        Answer::Came { after, late, tone, .. } => {
            let style = if late {
                theme.dim
            } else if tone == Tone::Plain {
                theme.good
            } else {
                theme.tone(tone)
            };
            (frame.x(after), glyphs.lanes[0], glyphs.done, style)
        }
        Answer::None(_) => (2, glyphs.bar[1], glyphs.cross, theme.bad),
    };
    let decided = replies.decided.as_ref().map(|(when, _)| frame.x(*when));
    let cell = |x: usize| match x {
        _ if x == until && own.answer != Answer::NotAsked => piece(sign, style),
        _ if Some(x) == decided => piece(glyphs.limit, theme.strong),
        0 if own.answer != Answer::NotAsked => piece(glyphs.ends[0], theme.edge),
        _ if x < until => piece(way, theme.edge),
        _ => blank(1, theme),
    };
    (0..frame.plot).map(cell).collect()
}

/// What is said of an answer.
fn answer(theme: &Theme, own: &ReplyLine) -> Line {
    match &own.answer {
        Answer::NotAsked => Line::new(),
        Answer::Waiting => vec![piece("on its way", theme.client)],
        Answer::None(why) => vec![piece(*why, theme.bad)],
        Answer::Came { after, rank, late, brought, tone } => {
            let place = if *late { "late".to_string() } else { ordinal(*rank) };
            let style = if *late { theme.dim } else { theme.text };
            let mut line = vec![left(&place, 5, style), piece(right(&numbers::span(*after), 6, style).text, style)];
            if !brought.is_empty() {
                let sign = theme.tone_glyph(*tone).map_or(String::new(), |sign| format!(" {sign}"));
                line.push(piece(format!("  {brought}{sign}"), theme.tone(*tone)));
            }
            line
        }
    }
}

fn ordinal(rank: u32) -> String {
    let end = match (rank % 10, rank % 100) {
        (1, hundred) if hundred != 11 => "st",
        (2, hundred) if hundred != 12 => "nd",
        (3, hundred) if hundred != 13 => "rd",
        _ => "th",
    };
    format!("{rank}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_words() {
        assert_eq!([1, 2, 3, 4, 11, 12, 22].map(ordinal), ["1st", "2nd", "3rd", "4th", "11th", "12th", "22nd"]);
    }
}
