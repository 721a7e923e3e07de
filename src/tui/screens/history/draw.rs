//! Draws what was tried: the tree above, and below it the points of the selected branch beside what came of it.
//!
//! ```text
//! ╭ What was tried ─ 3 branches, 4 pokes ──────────────────────────────╮
//! │   start                                                  1 leader  │
//! │   ├─ 1 crash n1 0.300 s                   1 failover, 2 nodes up   │
//! │ ▸ └─ 2 "both lead" cut n1 | n2 n3 0.300 s ✓ goal  2 leaders        │
//! ╰────────────────────────────────────────────────────────────────────╯
//! ╭ "both lead" ───────────────────────────────────────────────────────╮
//! │  2  0.300 s  cut n1 | n2 n3         since 0.300 s                  │
//! │     1.900 s  seen up to here        2 leaders   was 1              │
//! ╰────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;

use super::super::lab::draw::put_lines;
use super::super::{draw_line, first_shown, footer, listing, with_footer};
use super::History;
use crate::lesson::tried::{Outcome, Point, Row, Tried, What};
use crate::timeline::POKES_MAX;
use crate::tui::app::App;
use crate::tui::hits::{Click, Hits};
use crate::tui::theme::Theme;
use crate::tui::widgets::numbers::count;
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, line_width, piece, truncate, width, wrap_pieces};

/// From this height on there is room for the points beside the tree.
const TALL: u16 = 15;

/// The most rows whose goal or broken guarantee is loud: those nearest to the selected one.
const LOUD: usize = 5;

/// The columns of one fork.
const FORK: usize = 3;

/// The keys of the last line.
const KEYS: [&str; 7] =
    ["enter-branch", "branch-sooner", "name-branch", "mark-branch", "compare-branches", "remove-branch", "close-history"];

/// Draws it over the whole screen.
pub fn draw(app: &App, history: &History, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    Pen::new(buf, area).clear(area);
    buf.set_style(area, app.theme.base);
    let [body, foot] = with_footer(area);
    // The tree takes what it needs, and at most three fifths.
    let needed = history.tried.rows.len().min(body.height.into()) as u16 + 2;
    let above = if body.height >= TALL { needed.clamp(7, (body.height * 3 / 5).max(7)) } else { body.height };
    let [above, below] = Layout::vertical([Constraint::Length(above), Constraint::Fill(1)]).areas(body);
    let alone = body.height < TALL;
    tree(app, history, (above, alone), buf, hits);
    if alone {
        point_line(app, history, above, buf);
    } else {
        branch(app, history, below, buf, hits);
    }
    if let Some(line) = &history.naming {
        let place = body.centered(Constraint::Length(body.width.min(56)), Constraint::Length(3));
        Pen::new(buf, place).clear(place);
        buf.set_style(place, app.theme.base);
        let title = format!("A name for {}", history.tried.label(history.cursor));
        let inner = panel(place, buf, &app.theme, &title, true);
        draw_line(line, app.theme.glyphs.pointer, inner, buf, &app.theme, hits);
        return footer::over(app, &["take-name", "drop-name"], foot, buf, hits);
    }
    footer::over(app, &KEYS, foot, buf, hits);
}

fn title(history: &History, theme: &Theme) -> String {
    let tried = &history.tried;
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let branches = if tried.ends == 1 { "1 branch".to_string() } else { format!("{} branches", count(tried.ends as u64)) };
    let near = if tried.own > POKES_MAX / 2 { format!(" of at most {}", count(POKES_MAX as u64)) } else { String::new() };
    format!("What was tried {} {branches}, {} poke{}{near}", theme.glyphs.lanes[0], count(tried.own as u64), s(tried.own))
}

fn tree(app: &App, history: &History, (area, alone): (Rect, bool), buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let inner = panel(area, buf, theme, &title(history, theme), true);
    // Without a second panel the last line tells the selected point.
    let list = if alone && inner.height > 2 { Rect { height: inner.height - 1, ..inner } } else { inner };
    let rows = &history.tried.rows;
    let first = first_shown(history.cursor, rows.len(), list.height.into());
    let seen = first..(first + usize::from(list.height)).min(rows.len());
    let loud = loud(app, history, seen.clone());
    let wide = usize::from(list.width).saturating_sub(3);
    let outcome_room = (wide * 2 / 5).clamp(12.min(wide), 64);
    for (row, y) in seen.clone().zip(list.top()..) {
        let line = Rect { y, height: 1, ..list };
        let mut pen = Pen::new(buf, line);
        let (x, y) = (i32::from(line.x), i32::from(y));
        let here = row == history.tried.here;
        pen.put(x, y, if here { theme.glyphs.pointer } else { " " }, theme.key);
        if let Some(at) = history.marked.iter().position(|marked| *marked == rows[row].last) {
            pen.put(x + 1, y, ["A", "B"][at.min(1)], theme.key);
        }
        let room = wide.saturating_sub(outcome_room + 2);
        put_lines(&[words(&history.tried, row, room, theme)], Rect { x: line.x + 2, width: room as u16, ..line }, buf);
        let place = Rect { x: line.x + 2 + (room + 2) as u16, width: outcome_room as u16, ..line };
        put_lines(&[came_of(app, history, row, (outcome_room, loud.contains(&row)))], place, buf);
        if row == history.cursor {
            Pen::new(buf, line).select(line, theme);
        }
        hits.add(line, Click::Row(row));
    }
    listing::more_below(area, rows.len().saturating_sub(seen.end), buf, theme);
}

/// The rows whose outcome is drawn loud.
fn loud(app: &App, history: &History, seen: std::ops::Range<usize>) -> Vec<usize> {
    let is_loud = |row: &usize| outcome(app, history, *row).is_some_and(|found| found.goal == Some(true) || !found.broken.is_empty());
    let mut rows: Vec<usize> = seen.filter(is_loud).collect();
    rows.sort_by_key(|row| row.abs_diff(history.cursor));
    rows.truncate(LOUD);
    rows
}

fn outcome<'a>(app: &'a App, history: &History, row: usize) -> Option<&'a Outcome> {
    let row = history.tried.rows.get(row)?;
    app.lab()?.outcomes.get(&row.last).filter(|(of, _)| *of == row.end.fingerprint).map(|(_, found)| found)
}

/// The lines of a tree before a row; of many forks the innermost.
fn rails(tried: &Tried, row: usize, room: usize, theme: &Theme) -> String {
    let glyphs = theme.glyphs;
    let most = (room / 2 / FORK).max(1);
    let level = tried.rows[row].level;
    let mut parts: Vec<String> = Vec::new();
    let mut at = Some(row);
    while let (Some(index), true) = (at, parts.len() < level.min(most)) {
        let one = &tried.rows[index];
        if one.forked {
            let down = glyphs.follower_box.down;
            parts.push(match (index == row, one.is_last) {
                (true, false) => format!("{}{} ", glyphs.joints[0], glyphs.lanes[0]),
                (true, true) => format!("{}{} ", glyphs.joints[7], glyphs.lanes[0]),
                (false, false) => format!("{down}  "),
                (false, true) => "   ".to_string(),
            });
        }
        at = one.parent;
    }
    parts.reverse();
    let hidden = if level > most { format!("+{} ", level - most) } else { String::new() };
    hidden + &parts.concat()
}

/// What was done on a row, in so many columns.
fn words(tried: &Tried, index: usize, room: usize, theme: &Theme) -> Line {
    let row = &tried.rows[index];
    let quiet = theme.dim;
    let loud = match (index == tried.here, row.given || row.number() == 0) {
        (true, _) => theme.strong,
        (_, true) => theme.dim,
        _ => theme.text,
    };
    let mut line = vec![piece(rails(tried, index, room, theme), theme.edge)];
    if row.number() > 0 {
        line.push(piece(format!("{} ", row.number()), theme.dim));
    }
    if let Some(name) = &row.name {
        line.push(piece(format!("\"{name}\" "), theme.strong));
    }
    if row.given && row.number() > 0 {
        line.push(piece("the lesson: ", theme.dim));
    }
    if row.pokes.is_empty() {
        line.push(piece(if row.opens.is_some() { "start, and the step opens" } else { "start" }, loud));
        return fitted(line, room, theme);
    }
    let count = row.pokes.len();
    for (done, (_, poke)) in row.pokes.iter().enumerate() {
        let comma = if done > 0 { ", " } else { "" };
        let next = [piece(format!("{comma}{}", poke.poke), loud), piece(format!(" {}", poke.at), quiet)];
        let more = format!(" +{} more", count - done);
        if done > 0 && line_width(&line) + line_width(&next) + if done + 1 < count { width(&more) } else { 0 } > room {
            line.push(piece(more, theme.dim));
            break;
        }
        line.extend(next);
    }
    let opens = piece("  the step opens", theme.dim);
    if row.opens.is_some() && line_width(&line) + width(&opens.text) <= room {
        line.push(opens);
    }
    fitted(line, room, theme)
}

/// A line cut to so many columns.
fn fitted(line: Line, room: usize, theme: &Theme) -> Line {
    let mut left = room;
    let mut out = Line::new();
    for part in line {
        let text = truncate(&part.text, left, theme.glyphs.more);
        left -= width(&text).min(left);
        out.push(piece(text, part.style));
    }
    out
}

/// What came of a row, in so many columns.
fn came_of(app: &App, history: &History, index: usize, (room, loud): (usize, bool)) -> Line {
    let theme = &app.theme;
    let Some(row) = history.tried.rows.get(index) else { return Line::new() };
    let Some(found) = outcome(app, history, index) else {
        let words = if history.trouble.is_some() { "not known" } else { theme.glyphs.more };
        return vec![piece(words, theme.dim)];
    };
    if found.is_nothing() {
        return vec![piece(if row.number() == 0 { "" } else { "nothing changed" }, theme.dim)];
    }
    let tone = |style: Style| if loud { style } else { theme.dim };
    let mut parts: Vec<Line> = Vec::new();
    if found.goal == Some(true) {
        parts.push(vec![piece(format!("{} goal", theme.glyphs.ok), tone(theme.good))]);
    }
    if let [first, rest @ ..] = &found.broken[..] {
        let more = if rest.is_empty() { String::new() } else { format!(" +{}", rest.len()) };
        parts.push(vec![piece(format!("{} {}{more}", theme.glyphs.cross, first.words), tone(theme.bad))]);
    }
    parts.extend(found.telling().map(|change| vec![piece(change.now.clone(), theme.text)]));
    joined(parts, room, theme)
}

/// As many parts as fit, with commas between them; the first in any case.
fn joined(parts: Vec<Line>, room: usize, theme: &Theme) -> Line {
    let mut line = Line::new();
    for part in parts {
        let gap = if line.is_empty() { 0 } else { 2 };
        if gap > 0 && line_width(&line) + gap + line_width(&part) > room {
            continue;
        }
        if gap > 0 {
            line.push(piece(", ", theme.dim));
        }
        line.extend(part);
    }
    fitted(line, room, theme)
}

/// The selected branch: its points, and what came of it.
fn branch(app: &App, history: &History, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let Some(row) = history.row() else { return };
    let inner = panel(area, buf, theme, &history.tried.heading(history.cursor), false);
    let [left, _, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(2), Constraint::Fill(1)]).areas(inner);
    points(history, row, left, (buf, theme), hits);
    let lines = in_full(app, history, row, right.width.into());
    let room = usize::from(right.height);
    put_lines(&lines[..lines.len().min(room)], right, buf);
    if lines.len() > room {
        let more = format!(" {} {} more ", theme.glyphs.arrows[3], lines.len() - room);
        Pen::new(buf, area).text(i32::from(right.x), i32::from(area.bottom()) - 1, &more, theme.dim);
    }
}

fn points(history: &History, row: &Row, area: Rect, (buf, theme): (&mut Buffer, &Theme), hits: &mut Hits) {
    let points = row.points();
    let first = first_shown(history.point, points.len(), area.height.into());
    let clock = points.iter().map(|point| width(&point.at.to_string())).max().unwrap_or(0);
    for (index, y) in (first..points.len()).zip(area.top()..area.bottom()) {
        let line = Rect { y, height: 1, ..area };
        let mut pen = Pen::new(buf, line);
        let (number, what) = told(&points[index]);
        let at = points[index].at.to_string();
        let x = pen.text(i32::from(line.x) + 1, i32::from(y), &format!("{number:>4}  {at:>clock$}  "), theme.dim);
        let style = if matches!(points[index].what, What::Poke(..)) { theme.text } else { theme.dim };
        pen.clipped(x, i32::from(y), &what, (i32::from(line.right()) - x).max(0) as usize, theme.glyphs.more, style);
        if index == history.point {
            Pen::new(buf, line).select(line, theme);
        }
        hits.add(line, Click::Row(history.tried.rows.len() + index));
    }
}

/// The number of a point, where it has one, and what is there.
fn told(point: &Point<'_>) -> (String, String) {
    match point.what {
        What::Start => (String::new(), "start".into()),
        What::Opens => (String::new(), "the step opens".into()),
        What::Poke(number, poke) => (number.to_string(), poke.poke.to_string()),
        What::End => (String::new(), "seen up to here".into()),
    }
}

/// Everything that came of a row, in lines of so many columns.
fn in_full(app: &App, history: &History, row: &Row, room: usize) -> Vec<Line> {
    let theme = &app.theme;
    let from = if row.number() == 0 { format!("at {}", row.end.at) } else { format!("from {} to {}", row.begins(), row.end.at) };
    let mut lines = vec![vec![piece(from, theme.dim)]];
    let Some(found) = outcome(app, history, history.cursor) else {
        let words = history.trouble.clone().unwrap_or_else(|| "is being worked out".into());
        lines.push(vec![piece(words, theme.dim)]);
        return lines;
    };
    if found.goal == Some(true) {
        lines.push(vec![piece(format!("{} the goal is reached", theme.glyphs.ok), theme.good)]);
    }
    for broken in &found.broken {
        let sign = piece(format!("{} {}", theme.glyphs.cross, broken.words), theme.bad);
        lines.extend(wrap_pieces(&[sign, piece(format!(": {}", broken.why), theme.text)], room, 2));
    }
    for change in &found.changed {
        let was = change.was.as_ref().map_or_else(String::new, |was| format!("   was {was}"));
        let style = if change.telling { theme.text } else { theme.dim };
        lines.push(fitted(vec![piece(change.now.clone(), style), piece(was, theme.dim)], room, theme));
    }
    if found.is_nothing() {
        lines.push(vec![piece("nothing changed", theme.dim)]);
    }
    lines
}

/// Where there is no room for the points: the selected one, in one line.
fn point_line(app: &App, history: &History, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let Some(row) = history.row() else { return };
    let points = row.points();
    let Some(point) = points.get(history.point) else { return };
    if area.height < 5 || area.width < 8 {
        return;
    }
    let (_, what) = told(point);
    let words = format!("{} of {}: {} {what}", history.point + 1, points.len(), point.at);
    let y = i32::from(area.bottom()) - 2;
    Pen::new(buf, area).clipped(i32::from(area.x) + 3, y, &words, usize::from(area.width) - 6, theme.glyphs.more, theme.strong);
}
