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
    // Where not all fit, the newest are seen.
    let has_note = !ladder.note.is_empty();
    let fitting = height.saturating_sub(rows.len() + usize::from(has_note));
    let newest = &ladder.rungs[ladder.rungs.len().saturating_sub(fitting)..];
    rows.extend(newest.iter().map(|rung| Row::from(line(theme, rung, apart))));
    rows.extend(has_note.then(|| Row::from(vec![blank(TIMES + 2, theme), piece(ladder.note.clone(), theme.dim)])));
    super::fitted(rows, height, theme)
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
    let text = if lane == low { head(label, cells.saturating_sub(5)) } else { "" };
    let words = if text.is_empty() { String::new() } else { format!(" {text} ") };
    let rest = cells.saturating_sub(width(&words) + 3);
    let (start, end) = if to > from {
        (dash.repeat(2), if lane + 1 == high { theme.glyphs.request } else { dash })
    } else {
        (format!("{}{dash}", if lane == low { theme.glyphs.reply } else { dash }), dash)
    };
    piece(format!("{start}{words}{}{end}", dash.repeat(rest)), style)
}
