//! One client: no box, its name, what it asked and what it was told.

use ratatui::layout::Rect;

use super::layout::{Place, Side};
use crate::cluster::scene::{ClientView, Row, Tone};
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, line_width, piece, width};

/// Draws a client in its place.
pub(super) fn draw(pen: &mut Pen<'_>, theme: &Theme, place: &Place, client: &ClientView, selected: bool) {
    let Rect { x, y, width, height } = place.rect;
    let name = vec![piece(client.name.clone(), name_style(theme, selected))];
    let right = place.side == Side::Right;
    if place.side == Side::Bottom || height < 2 {
        let mut line = name;
        line.extend(in_short(theme, client, width.saturating_sub(3) as usize));
        put(pen, theme, (x, y, width), right, &line);
        return;
    }
    put(pen, theme, (x, y, width), right, &name);
    if height < 3 {
        let short: Line = in_short(theme, client, width as usize).into_iter().skip(1).collect();
        put(pen, theme, (x, y + 1, width), right, &short);
        return;
    }
    if !client.rows.is_empty() {
        for (row, y) in client.rows.iter().zip(y + 1..y + height) {
            put(pen, theme, (x, y, width), right, &self::row(theme, row));
        }
        return;
    }
    put(pen, theme, (x, y + 1, width), right, &asked_within(theme, client, width as usize));
    put(pen, theme, (x, y + 2, width), right, &told_within(theme, client, width as usize));
}

/// What is worth a line of its own, with the sign of its tone: `✕ 80/s  9.5 %`.
fn row(theme: &Theme, row: &Row) -> Line {
    let style = theme.tone(row.tone);
    let sign = theme.tone_glyph(row.tone).map(|sign| piece(format!("{sign} "), style));
    let label = (!row.label.is_empty()).then(|| piece(format!("{} ", row.label), theme.dim));
    sign.into_iter().chain(label).chain([piece(row.value.clone(), style)]).collect()
}

fn name_style(theme: &Theme, selected: bool) -> ratatui::style::Style {
    let style = theme.client.patch(theme.strong);
    if selected { style.patch(theme.selected) } else { style }
}

fn put(pen: &mut Pen<'_>, theme: &Theme, (x, y, room): (u16, u16, u16), right: bool, line: &Line) {
    let end = x as i32 + room as i32;
    let wide = line_width(line).min(room as usize) as i32;
    let mut at = if right { end - wide } else { x as i32 };
    for part in line {
        at = pen.clipped(at, y as i32, &part.text, (end - at).max(0) as usize, theme.glyphs.more, part.style);
    }
}

fn asked(theme: &Theme, client: &ClientView) -> Line {
    if client.asked.is_empty() {
        return Line::new();
    }
    vec![piece(format!("{} {}", theme.glyphs.request, client.asked), theme.client)]
}

/// What it asked, in the longest form that fits: `write x 8`, `w x 8`, and as on the timeline `w8`. Where even that says nothing or is too
/// long, as much as fits of `w page draft`. A letter alone stands only for a verb of this program whose words are few: of `SET lock a NX PX
/// 100` and of `order book for anna` the beginning is what says most.
fn asked_within(theme: &Theme, client: &ClientView, room: usize) -> Line {
    let full = asked(theme, client);
    let Some((verb, rest)) = client.asked.split_once(' ') else { return full };
    if width(rest) > FEW || verb.starts_with(char::is_uppercase) {
        return full;
    }
    let initial: String = verb.chars().take(1).collect();
    let says = |text: &str| vec![piece(format!("{} {text}", theme.glyphs.request), theme.client)];
    // The whole word close to its sign says more than a letter.
    let close = vec![piece(format!("{}{}", theme.glyphs.request, client.asked), theme.client)];
    let short = says(&format!("{initial} {rest}"));
    let brief = BRIEF.contains(&width(&client.brief)).then(|| says(&client.brief));
    [full, close, short.clone()].into_iter().chain(brief).find(|line| line_width(line) <= room).unwrap_or(short)
}

/// How long what follows the verb is where the verb's letter says enough.
const FEW: usize = 11;

/// How long the form on the timeline is where it says what was asked: a letter and a value.
const BRIEF: std::ops::RangeInclusive<usize> = 2..=4;

/// The shape and word of the answer, or how many requests wait for one.
fn told(theme: &Theme, client: &ClientView) -> Line {
    let mut line = Line::new();
    if !client.told.is_empty() {
        let glyph = theme.tone_glyph(client.tone).unwrap_or(theme.glyphs.reply);
        let style = if client.tone == Tone::Plain { theme.client } else { theme.tone(client.tone) };
        line.push(piece(format!("{glyph} {}", client.told), style));
    } else if client.waiting > 0 {
        line.push(piece(theme.glyphs.more, theme.dim));
    }
    if client.waiting > 1 {
        line.push(piece(format!(" {} waiting", client.waiting), theme.dim));
    } else if client.waiting == 1 && client.told.is_empty() {
        line.push(piece(" waiting", theme.dim));
    }
    line
}

/// The same, where there is less room only with how many wait: `… 17`.
fn told_within(theme: &Theme, client: &ClientView, room: usize) -> Line {
    let full = told(theme, client);
    if line_width(&full) <= room || client.waiting < 2 || !client.told.is_empty() {
        return full;
    }
    vec![piece(format!("{} {}", theme.glyphs.more, client.waiting), theme.dim)]
}

/// Question and answer in one line, each after a space; the answer alone where both do not fit and there is one.
fn spoken(theme: &Theme, client: &ClientView, room: usize, both: bool) -> Line {
    let (asked, told) = (asked(theme, client), told(theme, client));
    let fits = line_width(&asked) + line_width(&told) + 2 <= room;
    let shown = if both && fits {
        [asked, told]
    } else if told.is_empty() {
        [asked, Line::new()]
    } else {
        [told, Line::new()]
    };
    shown.into_iter().filter(|part| !part.is_empty()).flat_map(|part| std::iter::once(piece(" ", theme.text)).chain(part)).collect()
}

/// What one line has room for, after a space: of a client that waits, the first of what is worth a line says more than that it waits.
fn in_short(theme: &Theme, client: &ClientView, room: usize) -> Line {
    match client.rows.first().filter(|_| client.told.is_empty()) {
        Some(row) => std::iter::once(piece(" ", theme.text)).chain(self::row(theme, row)).collect(),
        None => spoken(theme, client, room, true),
    }
}

/// How many cells a client's line takes.
pub(super) fn one_line(theme: &Theme, client: &ClientView, room: usize) -> Line {
    let mut line = vec![piece(client.name.clone(), theme.client.patch(theme.strong))];
    line.extend(spoken(theme, client, room.saturating_sub(width(&line[0].text) + 1), true));
    for row in &client.rows {
        line.push(piece("   ", theme.text));
        line.extend(self::row(theme, row));
    }
    line
}
