//! Calls within calls: lanes downward, a row for each moment.
//!
//! ```text
//!   ms client         gateway         orders
//!    0   ┃── buy ───────▸┃                                200 ms left
//!   10   ┃               ┃── reserve ───▸┃                190 left
//!  200   ✕               ▒               ▒                nobody waits
//! ```

use ratatui::style::Style;

use super::{Look, Row, blank, left, right};
use crate::cluster::scene::{Ladder, Rung, Tone, Work};
use crate::tui::theme::Theme;
use crate::tui::widgets::numbers;
use crate::tui::widgets::text::{Line, Piece, head, piece, width};

/// Columns of the time.
const TIMES: usize = 6;
/// Columns from lane to lane: at least, at most.
const LANES: [usize; 2] = [8, 24];

/// The names of the lanes, then the rows.
pub(super) fn rows(look: &Look<'_>, ladder: &Ladder, (room, height): (usize, usize)) -> Vec<Row> {
    let theme = look.theme;
    let notes = ladder.rungs.iter().map(|rung| width(&rung.note)).max().unwrap_or(0);
    let apart = (room.saturating_sub(TIMES + notes + 2) / ladder.lanes.len().max(1)).clamp(LANES[0], LANES[1]);
    let mut names = vec![right("ms", TIMES, theme.dim), blank(1, theme)];
    names.extend(ladder.lanes.iter().map(|name| left(head(name, apart - 1), apart, theme.text)));
    let mut rows = vec![Row::from(names)];
    // Where not all fit, the newest are seen. What their signs mean takes a line that is left over, and asks for none.
    let has_note = !ladder.note.is_empty();
    let fitting = height.saturating_sub(rows.len() + usize::from(has_note));
    let key = if ladder.rungs.len() < fitting && height < usize::MAX { key(theme, &ladder.rungs, room) } else { Line::new() };
    let newest = &ladder.rungs[ladder.rungs.len().saturating_sub(fitting)..];
    rows.extend(newest.iter().map(|rung| Row::from(line(theme, rung, apart))));
    rows.extend(has_note.then(|| Row::from(vec![blank(TIMES + 2, theme), piece(ladder.note.clone(), theme.dim)])));
    rows.extend((!key.is_empty()).then(|| Row::from(key)));
    super::fitted(rows, height, theme)
}

/// What the signs mean that stand in these rows, as far as there is room for them.
fn key(theme: &Theme, rungs: &[Rung], room: usize) -> Line {
    let words = [
        (Work::Waits, "waits"),
        (Work::Works, "works"),
        (Work::ForNobody, "works for nobody"),
        (Work::Done, "done"),
        (Work::Failed, "failed"),
    ];
    let mut line = vec![blank(TIMES + 2, theme)];
    let mut used = TIMES + 2;
    for (work, word) in words.into_iter().filter(|(work, _)| rungs.iter().any(|rung| rung.work.contains(work))) {
        let said = format!(" {word}   ");
        if used + 1 + width(word) + 1 > room {
            break;
        }
        used += 1 + width(&said);
        line.extend([post(theme, work), piece(said, theme.dim)]);
    }
    if line.len() > 1 { line } else { Vec::new() }
}

fn line(theme: &Theme, rung: &Rung, apart: usize) -> Line {
    let mut line = vec![right(&numbers::number(rung.at.as_ms()), TIMES, theme.dim), blank(2, theme)];
    for (lane, work) in rung.work.iter().enumerate() {
        line.push(post(theme, *work));
        line.push(between(theme, rung, lane, apart - 1));
    }
    line.push(piece(format!(" {}", rung.note), theme.dim));
    line
}

fn post(theme: &Theme, work: Work) -> Piece {
    let glyphs = theme.glyphs;
    let (sign, style): (&str, Style) = match work {
        Work::Idle => (glyphs.follower_box.down, theme.edge),
        Work::Waits => (glyphs.wall_line[1], theme.client),
        Work::Works => (glyphs.limit, theme.text),
        Work::ForNobody => (glyphs.nobody, theme.bad),
        Work::Done => (glyphs.ok, theme.good),
        Work::Failed => (glyphs.cross, theme.bad),
    };
    piece(sign, style)
}

/// What lies between a lane and the next: nothing, or a piece of the message that is sent.
fn between(theme: &Theme, rung: &Rung, lane: usize, cells: usize) -> Piece {
    let Some((from, to, label, tone)) = &rung.sent else { return blank(cells, theme) };
    let (low, high) = (*from.min(to), *from.max(to));
    if lane < low || lane >= high {
        return blank(cells, theme);
    }
    let style = if *tone == Tone::Plain { theme.data } else { theme.tone(*tone) };
    let dash = theme.glyphs.lanes[0];
    let words = if lane == low { written(label, cells) } else { String::new() };
    let (start, end) = if to > from {
        (dash, if lane + 1 == high { theme.glyphs.request } else { dash })
    } else {
        (if lane == low { theme.glyphs.reply } else { dash }, dash)
    };
    // A word with spaces around it stands behind two dashes.
    let lead = if words.starts_with(' ') || words.is_empty() { dash } else { "" };
    let rest = cells.saturating_sub(width(&words) + width(lead) + 2);
    piece(format!("{start}{lead}{words}{}{end}", dash.repeat(rest)), style)
}

/// Fewer letters of a word than this say nothing.
const LEGIBLE: usize = 3;

/// What an arrow of so many cells says: the word with spaces around it, or close to both ends as much of it as can be read, or nothing.
fn written(label: &str, cells: usize) -> String {
    if width(label) + 5 <= cells {
        return if label.is_empty() { String::new() } else { format!(" {label} ") };
    }
    let [spaced, close] = [5, 2].map(|around| head(label, cells.saturating_sub(around)));
    if width(spaced) > 2 * LEGIBLE {
        return format!(" {spaced} ");
    }
    if width(close) >= LEGIBLE.min(width(label)) { close.to_string() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_short_arrows_can_be_read() {
        assert_eq!(written("reserve", 12), " reserve ");
        assert_eq!(written("data", 7), "data");
        assert_eq!(written("answer", 7), "answe");
        assert_eq!((written("answer", 4), written("ok", 4)), (String::new(), "ok".to_string()));
        assert_eq!((written("", 7), written("a long message name", 14)), (String::new(), " a long me ".to_string()));
    }
}
