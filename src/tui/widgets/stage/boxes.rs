//! One server: a box whose border, shape and word say its role and health, with a small table inside.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::View;
use crate::cluster::scene::{Health, NodeView, Row, Shape, TimerView, Tone};
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, line_width, piece, width};
use crate::tui::widgets::{Target, bar, numbers, panels};

/// Draws a server in its place: a box, or one line where there is no room for a border.
pub(super) fn draw(pen: &mut Pen<'_>, view: &View<'_>, rect: Rect, node: &NodeView) {
    let (theme, selected) = (view.theme, view.selected == Some(Target::Node(node.id)));
    let style = theme.node(node.shape, node.health);
    pen.clear(rect);
    if rect.height < 3 || rect.width < 4 {
        line(pen, theme, rect, (node, selected), view.show);
        return;
    }
    pen.border(rect, theme.glyphs.node_box(node.shape, node.health), style);
    title(pen, theme, rect, node, selected);
    waits(pen, theme, rect, node);
    let inner = Rect::new(rect.x + 2, rect.y + 1, rect.width - 4, rect.height - 2);
    let inner = station(pen, theme, inner, node);
    let up = matches!(node.health, Health::Up | Health::Slow(_));
    let rows = kept(&node.rows, view.show);
    let crowded = inner.height == 2 && hides_more_than_a_timer(theme, inner.width, (node, &rows), view.show);
    let timer_line = u16::from(!node.timers.is_empty() && up && inner.height > 1 && !crowded);
    let table = Rect { height: inner.height - timer_line, ..inner };
    let dead = (!up).then_some(theme.down);
    self::rows(pen, theme, table, &rows, dead);
    if timer_line > 0 {
        timers(pen, theme, Rect { y: inner.bottom() - 1, height: 1, ..inner }, &node.timers);
    }
}

/// Shape and word of the role, then epoch and health: from the fullest wording to the shortest that fits.
pub(super) fn badge(theme: &Theme, node: &NodeView, room: usize) -> String {
    let role = theme.glyphs.shape(node.shape);
    let health = health_words(theme, node.health);
    let (long, short) = match node.epoch {
        Some(e) => (format!("  epoch {e}"), format!(" e{e}")),
        None => (String::new(), String::new()),
    };
    let word = node.word;
    let variants: [String; 6] = match &health {
        None => [
            format!("{role} {word}{long}"),
            format!("{role} {word} {}", long.trim_start()),
            format!("{role} {word}{short}"),
            format!("{role} {word}"),
            format!("{role}{short}"),
            role.to_string(),
        ],
        Some((glyph, health)) => [
            format!("{role} {word}{long}  {glyph} {health}"),
            format!("{role} {word} {glyph} {health}"),
            format!("{role} {glyph} {health}"),
            format!("{glyph} {health}"),
            format!("{role}{glyph}"),
            glyph.to_string(),
        ],
    };
    variants.into_iter().find(|v| width(v.trim_end()) <= room).unwrap_or_default().trim_end().to_string()
}

fn health_words(theme: &Theme, health: Health) -> Option<(&'static str, String)> {
    let words = match health {
        Health::Up => return None,
        Health::Down => "down".to_string(),
        Health::Paused => "paused".to_string(),
        Health::Slow(times) => format!("slow {times}x"),
    };
    theme.glyphs.health(health).map(|glyph| (glyph, words))
}

/// The style of a title: all of it is reversed when selected.
fn title_style(theme: &Theme, node: &NodeView, selected: bool) -> Style {
    let style = theme.node(node.shape, node.health);
    if selected { style.patch(theme.selected) } else { style }
}

/// The style of the name in it: reversed for a moment when something changed.
fn name_style(theme: &Theme, node: &NodeView, selected: bool) -> Style {
    let style = title_style(theme, node, selected).patch(theme.strong);
    if node.changed && !selected { style.patch(theme.changed) } else { style }
}

fn title(pen: &mut Pen<'_>, theme: &Theme, rect: Rect, node: &NodeView, selected: bool) {
    let style = title_style(theme, node, selected);
    let (left, right, y) = (rect.x as i32 + 1, rect.right() as i32 - 1, rect.y as i32);
    let name = format!(" {} ", node.name);
    let room = (rect.width as usize).saturating_sub(4 + width(&name));
    let badge = badge(theme, node, room);
    let badge_width = width(&badge) as i32;
    pen.text(left, y, &name, name_style(theme, node, selected));
    if badge_width > 0 {
        let x = right - badge_width - 2;
        pen.put(x, y, " ", style);
        pen.text(x + 1, y, &badge, style);
        pen.put(right - 1, y, " ", style);
    }
    if selected {
        let across = theme.glyphs.node_box(node.shape, node.health).across;
        let from = left + width(&name) as i32;
        (from..right - badge_width - 2).for_each(|x| pen.put(x, y, across, style));
        pen.put(left - 1, y, theme.glyphs.pointer, style);
    }
}

/// Rows that are always seen come first, the others in their order.
fn kept<'r>(rows: &'r [Row], show: &[String]) -> Vec<&'r Row> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| !show.contains(&row.label));
    rows
}

/// What is turned away, or what waits, on the lower border.
fn waits(pen: &mut Pen<'_>, theme: &Theme, rect: Rect, node: &NodeView) {
    let line = match node.station.as_ref().map(|station| station.queue.refused) {
        Some(refused) if refused > 0.0 => refuses(theme, rect, refused),
        None if !node.inbox.is_empty() => inbox(theme, node, usize::from(rect.width).saturating_sub(4)),
        _ => return,
    };
    let wide = (line_width(&line) as u16).min(rect.width);
    let place = Rect { x: (rect.right() - wide).saturating_sub(2), y: rect.bottom() - 1, width: wide, height: 1 };
    if place.x > rect.x {
        panels::put_line(pen, theme, place, &line);
    }
}

fn refuses(theme: &Theme, rect: Rect, refused: f64) -> Line {
    let long = format!(" {} {} refused ", theme.glyphs.cross, numbers::rate(refused));
    let fits = width(&long) + 4 <= usize::from(rect.width);
    vec![piece(if fits { long } else { format!(" {} {} ", theme.glyphs.cross, numbers::rate(refused)) }, theme.bad)]
}

/// What waits, by kind, and how much: ` inbox ▸▸•▸ 4 `; the signs alone where there is little room.
fn inbox(theme: &Theme, node: &NodeView, room: usize) -> Line {
    let (word, count) = (" inbox ", format!(" {} ", node.inbox.len()));
    let fits = width(word) + width(&count) + LEAST_STRIP <= room;
    let word = if fits { word } else { " " };
    let cells = room.saturating_sub(width(word) + width(&count)).min(LONGEST_STRIP);
    let strip = panels::short_queue(theme, &node.inbox, cells);
    std::iter::once(piece(word, theme.data)).chain(strip).chain([piece(count, theme.data)]).collect()
}

/// Cells for what waits on the border of a box: beside a word at least, and at most.
const LEAST_STRIP: usize = 4;
const LONGEST_STRIP: usize = 20;

/// The line and the workers of a station, in two lines or one; returns what is left of the inside.
fn station(pen: &mut Pen<'_>, theme: &Theme, inner: Rect, node: &NodeView) -> Rect {
    let Some(station) = node.station.as_ref().filter(|_| node.health.works()) else { return inner };
    let lines = if inner.height > 1 {
        panels::station(theme, station, inner.width.into()).into()
    } else {
        vec![panels::station_line(theme, station, inner.width.into())]
    };
    for (line, y) in lines.iter().zip(inner.top()..inner.bottom()) {
        panels::put_line(&mut pen.inside(inner), theme, Rect { y, height: 1, ..inner }, line);
    }
    let used = (lines.len() as u16).min(inner.height);
    Rect { y: inner.y + used, height: inner.height - used, ..inner }
}

/// The spaces between two entries of a line, the wider one first.
const GAPS: [i32; 2] = [3, 2];

/// The table: in as few columns as its lines allow, so that values stand below each other; flowing where columns are too wide.
fn rows(pen: &mut Pen<'_>, theme: &Theme, area: Rect, rows: &[&Row], dead: Option<Style>) {
    let mut pen = pen.inside(area);
    let columns = rows.len().div_ceil(usize::from(area.height).max(1)).max(1);
    let sizes: Vec<(usize, i32)> =
        (0..columns).map(|column| column_size(theme, rows.iter().copied().skip(column).step_by(columns))).collect();
    for gap in GAPS {
        let whole = sizes.iter().map(|(_, wide)| wide + gap).sum::<i32>() - gap;
        if area.height > 1 && whole <= i32::from(area.width) {
            return in_columns(&mut pen, theme, (area, gap), (rows, &sizes), dead);
        }
        if places(theme, area, rows, gap).count() == rows.len() {
            return flowing(&mut pen, theme, (area, gap), rows, dead);
        }
    }
    let [wide, narrow] = GAPS.map(|gap| places(theme, area, rows, gap).count());
    flowing(&mut pen, theme, (area, GAPS[usize::from(narrow > wide)]), rows, dead);
}

fn in_columns(pen: &mut Pen<'_>, theme: &Theme, (area, gap): (Rect, i32), (rows, sizes): (&[&Row], &[(usize, i32)]), dead: Option<Style>) {
    for (index, row) in rows.iter().enumerate() {
        let column = index % sizes.len();
        let x = i32::from(area.x) + sizes[..column].iter().map(|(_, wide)| wide + gap).sum::<i32>();
        self::row(pen, theme, (x, i32::from(area.y) + (index / sizes.len()) as i32), (row, sizes[column].0), dead);
    }
}

/// The widest label of a column, and the width of its widest entry with all labels as wide.
fn column_size<'r>(theme: &Theme, rows: impl Iterator<Item = &'r Row> + Clone) -> (usize, i32) {
    let label = rows.clone().map(|row| width(&row.label)).max().unwrap_or(0);
    let wide = rows.map(|row| row_width(theme, row) - width(&row.label) as i32 + label as i32).max().unwrap_or(0);
    (label, wide)
}

/// As many `label value` as fit on a line, on as many lines as there are.
fn flowing(pen: &mut Pen<'_>, theme: &Theme, (area, gap): (Rect, i32), rows: &[&Row], dead: Option<Style>) {
    for (row, at) in rows.iter().zip(places(theme, area, rows, gap)) {
        self::row(pen, theme, at, (row, 0), dead);
    }
}

/// Where entries stand that flow, as far as there are lines.
fn places(theme: &Theme, area: Rect, rows: &[&Row], gap: i32) -> impl Iterator<Item = (i32, i32)> {
    let (left, right) = (i32::from(area.x), i32::from(area.right()));
    let mut next = (left, i32::from(area.y));
    let all = rows.iter().map(move |row| {
        let wide = row_width(theme, row);
        if next.0 > left && next.0 + wide > right {
            next = (left, next.1 + 1);
        }
        let at = next;
        next.0 += wide + gap;
        at
    });
    all.take_while(move |at| at.1 < i32::from(area.bottom()))
}

/// Whether on a single line something would not be seen that matters more than a timer: a value that is stale or in conflict,
/// or anything of a leader, whose timer only says when it speaks next.
fn hides_more_than_a_timer(theme: &Theme, width: u16, (node, rows): (&NodeView, &[&Row]), show: &[String]) -> bool {
    let line = Rect { width, height: 1, ..Rect::default() };
    let seen = places(theme, line, rows, GAPS[0]).count();
    let matters = |row: &&Row| !matches!(row.tone, Tone::Plain | Tone::Quiet) || node.shape == Shape::Leader || show.contains(&row.label);
    rows[seen..].iter().any(matters)
}

fn row_width(theme: &Theme, row: &Row) -> i32 {
    let mark = if theme.tone_glyph(row.tone).is_some() { 2 } else { 0 };
    (width(&row.label) + 1 + width(&row.value) + mark) as i32
}

/// Fewer cells of a value say nothing.
const LEAST_VALUE: usize = 4;

/// Draws an entry with its label at least this wide, and returns where it ends. A label without room for its value says nothing.
fn row(pen: &mut Pen<'_>, theme: &Theme, (x, y): (i32, i32), (row, label): (&Row, usize), dead: Option<Style>) -> i32 {
    if !row.label.is_empty() && x + width(&row.label).max(label) as i32 + 1 >= i32::from(pen.area().right()) {
        return x;
    }
    let tone = dead.unwrap_or(theme.tone(row.tone));
    let end = pen.text(x, y, &row.label, dead.unwrap_or(theme.dim)).max(x + label as i32);
    let room = (i32::from(pen.area().right()) - end - 1).max(0) as usize;
    // Where next to nothing of a value has room, its sign says more.
    if let Some(glyph) = theme.tone_glyph(row.tone).filter(|_| room < LEAST_VALUE && width(&row.value) > room) {
        return pen.text(end + 1, y, glyph, tone);
    }
    let end = pen.clipped(end + 1, y, &row.value, room, theme.glyphs.more, tone);
    match theme.tone_glyph(row.tone) {
        Some(glyph) => pen.text(end + 1, y, glyph, tone),
        None => end,
    }
}

/// Timers beside each other, each a name and a bar that fills, and what is left of it where there is much room.
fn timers(pen: &mut Pen<'_>, theme: &Theme, line: Rect, timers: &[TimerView]) {
    let shown = timers.len().min((line.width as usize / 14).max(1));
    let each = line.width as usize / shown.max(1);
    for (index, timer) in timers.iter().take(shown).enumerate() {
        let x = line.x as i32 + (index * each) as i32;
        let name = width(timer.name).min(each);
        let end = pen.clipped(x, line.y as i32, timer.name, name, theme.glyphs.more, theme.dim);
        let room = each.saturating_sub(name + 1 + usize::from(index + 1 < shown) * 2);
        let style = if timer.fraction >= 0.75 { theme.text } else { theme.dim };
        let says = room >= LONGEST_BAR + 3;
        let bar = if says { room - 7 } else { room }.min(LONGEST_BAR);
        bar::on(pen, theme, (end + 1, line.y as i32), bar, timer.fraction, style);
        if says {
            let words = match timer.left.as_ms() {
                left if left < 1000.0 => format!("{left:.0} ms"),
                left if left < 60_000.0 => format!("{:.1} s", left / 1000.0),
                _ => numbers::span(timer.left),
            };
            pen.text(end + 2 + bar as i32, line.y as i32, &words, theme.dim);
        }
    }
}

/// The bar of a timer is never longer than this.
const LONGEST_BAR: usize = 16;

/// A server without a border: its table beside its title, or below it where there are two lines.
pub(super) fn line(pen: &mut Pen<'_>, theme: &Theme, rect: Rect, (node, selected): (&NodeView, bool), show: &[String]) {
    let style = title_style(theme, node, selected);
    let y = rect.y as i32;
    let mut pen = pen.inside(rect);
    let end = pen.text(rect.x as i32, y, &node.name, name_style(theme, node, selected)) + 1;
    // Beside workers and their line there is room for no more than signs.
    let room = if node.station.is_some() { 3 } else { (rect.width as usize).saturating_sub(width(&node.name) + 1) };
    let badge = badge(theme, node, room);
    let end = pen.text(end, y, &badge, style) + if node.station.is_some() { 1 } else { 3 };
    let end = line_inbox(&mut pen, theme, (end, y), node);
    let below = Rect { y: rect.y + 1, height: rect.height.saturating_sub(1), ..rect };
    let beside =
        Rect { x: (end as u16).min(rect.right()), width: rect.right().saturating_sub(end as u16), height: rect.height.min(1), ..rect };
    let dead = matches!(node.health, Health::Down | Health::Paused).then_some(theme.down);
    let table = if rect.height > 1 { below } else { beside };
    let table = line_station(&mut pen, theme, table, node);
    rows(&mut pen, theme, table, &kept(&node.rows, show), dead);
}

/// What waits, beside the title of a node without a border; returns where it ends.
fn line_inbox(pen: &mut Pen<'_>, theme: &Theme, (x, y): (i32, i32), node: &NodeView) -> i32 {
    let room = (i32::from(pen.area().right()) - x).max(0) as usize;
    if node.inbox.is_empty() || node.station.is_some() || room < 2 * LEAST_STRIP {
        return x;
    }
    let line = inbox(theme, node, (room / 2).min(LONGEST_STRIP));
    let wide = line_width(&line) as u16;
    panels::put_line(pen, theme, Rect { x: x as u16 - 1, y: y as u16, width: wide, height: 1 }, &line);
    x + i32::from(wide) + 1
}

/// A station beside the title of a node without a border; returns what is left for its table.
fn line_station(pen: &mut Pen<'_>, theme: &Theme, area: Rect, node: &NodeView) -> Rect {
    let Some(station) = node.station.as_ref().filter(|_| node.health.works() && !area.is_empty()) else { return area };
    let line = panels::station_line(theme, station, area.width.into());
    panels::put_line(pen, theme, Rect { height: 1, ..area }, &line);
    let used = (line_width(&line) as u16 + 2).min(area.width);
    Rect { x: area.x + used, width: area.width - used, ..area }
}
