//! Pictures beside and below the stage, and those that take its whole place: one widget for each body of a panel.
//!
//! Most are lines of words, signs and bars; those with a shape of their own draw with a pen. All take any area and stay inside.

mod bucket;
mod checklist;
mod gauge;
mod grid;
mod histogram;
mod knobs;
mod ladder;
mod queue;
mod replies;
mod ring;
mod series;
mod strips;
mod table;
mod tracks;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;

pub use knobs::{draw as draw_knobs, height as knobs_height};
pub(super) use queue::{short as short_queue, station, station_line};
pub(super) use series::{SCALE, draw as draw_series, labels};

use std::collections::BTreeSet;

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Target;
use super::pen::Pen;
use super::text::{Line, line_width, piece, width};
use crate::cluster::scene::{Body, Entry, Layout, Panel, Ring, Scene, Series, Tone};
use crate::sim::id::NodeId;
use crate::sim::time::Time;
use crate::tui::theme::Theme;

/// What every panel is drawn with.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Colours and signs.
    pub theme: &'a Theme,
    /// What is marked.
    pub selected: Option<Target>,
    /// Names of rows that stay in sight where not all have room.
    pub show: &'a [String],
    /// Where moments are columns, for what has a time axis; `None`: the last seconds in the panel's own width.
    pub axis: Option<Axis>,
    /// The present.
    pub now: Time,
}

/// Columns that are moments: those of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The first column.
    pub left: u16,
    /// How many.
    pub width: u16,
    /// The moment at the left edge.
    pub from: Time,
    /// The moment at the right edge.
    pub to: Time,
}

impl Axis {
    /// The moments that a column stands for, from the first (inclusive) to the last (exclusive).
    fn column(&self, index: u16) -> (Time, Time) {
        let length = self.to.since(self.from).0 as f64;
        let edge = |index: u16| self.from + crate::sim::time::Span((length * f64::from(index) / f64::from(self.width.max(1))) as u64);
        (edge(index), edge(index + 1))
    }
}

impl Look<'_> {
    /// Which lines of what has this name stay before others: those that are to be seen, and then those `in_trouble`.
    fn stay(&self, name: &str, in_trouble: bool) -> Stay {
        match self.show.iter().position(|shown| shown == name) {
            Some(place) => Stay::Named(place),
            None if in_trouble => Stay::Troubled,
            None => Stay::Last,
        }
    }
}

/// One line of a panel, and the node that it is about.
pub(super) struct Row {
    line: Line,
    node: Option<NodeId>,
    stay: Stay,
}

/// Which lines stay where not all have room, the first before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stay {
    /// Headings.
    Always,
    /// What the step is about: in the order in which it names them.
    Named(usize),
    /// What is not as it should be.
    Troubled,
    /// Everything else.
    Last,
}

impl From<Line> for Row {
    fn from(line: Line) -> Row {
        Row { line, node: None, stay: Stay::Last }
    }
}

impl Row {
    /// A heading.
    fn heading(line: Line) -> Row {
        Row { stay: Stay::Always, ..Row::from(line) }
    }

    /// A line that stays as this says.
    fn staying(line: Line, stay: Stay) -> Row {
        Row { stay, ..Row::from(line) }
    }
}

/// Where nodes are on the screen.
pub type Nodes = Vec<(NodeId, Rect)>;

/// Draws the body of a panel and returns where nodes are.
pub fn draw(pen: &mut Pen<'_>, look: &Look<'_>, body: &Body) -> Nodes {
    let area = pen.area();
    if area.is_empty() {
        return Nodes::new();
    }
    match body {
        Body::Ring(ring) => ring::draw(pen, look, ring),
        Body::Grid(grid) => grid::draw(pen, look, grid),
        Body::Series(all) => {
            series::draw(pen, look, all);
            Nodes::new()
        }
        Body::Strips(strips) => {
            strips::draw(pen, look, strips);
            Nodes::new()
        }
        _ => put_rows(pen, look, &rows(look, body, (area.width.into(), area.height.into()))),
    }
}

/// Draws a layout that is one large picture and returns where nodes are; `None` for one of boxes in places.
pub fn figure(pen: &mut Pen<'_>, look: &Look<'_>, scene: &Scene) -> Option<Nodes> {
    let size = (usize::from(pen.area().width), usize::from(pen.area().height));
    let rows = match &scene.layout {
        Layout::Places | Layout::Tiers(_) | Layout::Columns => return None,
        // A cut that nobody sees would be worse than a ring that is not round.
        Layout::Ring(ring) if !scene.walls.is_empty() && ring::is_tight(pen.area()) => {
            return Some(ring::draw(pen, look, &Ring { straight: true, ..ring.clone() }));
        }
        Layout::Ring(ring) => return Some(ring::draw(pen, look, ring)),
        Layout::Grid(grid) => return Some(grid::draw(pen, look, grid)),
        Layout::Tracks(tracks) => tracks::rows(look, tracks, size),
        Layout::Replies(replies) => replies::rows(look, replies, size),
        Layout::Ladder(ladder) => ladder::rows(look, ladder, size),
    };
    Some(put_rows(pen, look, &rows))
}

/// The lines of a panel that is made of lines, for an area of this size.
fn rows(look: &Look<'_>, body: &Body, size: (usize, usize)) -> Vec<Row> {
    match body {
        Body::Queues(all) => queue::rows(look, all, size),
        Body::Buckets(all) => bucket::rows(look, all, size),
        Body::Gauges(all) => gauge::rows(look, all, size),
        Body::Histogram(histogram) => histogram::rows(look, histogram, size),
        Body::Table(table) => table::rows(look, table, size),
        Body::Tracks(tracks) => tracks::rows(look, tracks, size),
        Body::Replies(replies) => replies::rows(look, replies, size),
        Body::Ladder(ladder) => ladder::rows(look, ladder, size),
        Body::Checklist(list) => checklist::rows(look, list, size),
        Body::Ring(_) | Body::Grid(_) | Body::Series(_) | Body::Strips(_) => Vec::new(),
    }
}

/// How many lines a body wants at this width: the fewest that say anything, and as many as it can use.
pub fn heights(look: &Look<'_>, body: &Body, width: u16) -> (u16, u16) {
    let (least, most) = match body {
        Body::Ring(_) => (2, 17),
        Body::Grid(grid) => grid::heights(grid, width),
        Body::Series(all) => series::heights(all),
        Body::Strips(strips) => (strips.lines.len().min(1), strips.lines.len() + usize::from(!strips.note.is_empty())),
        _ => {
            let all = rows(look, body, (width.into(), usize::MAX)).len();
            (all.min(3), all)
        }
    };
    (u16::try_from(least).unwrap_or(u16::MAX), u16::try_from(most).unwrap_or(u16::MAX))
}

/// The columns that a picture which is as wide as it is high takes of so many lines; `None`: it takes what it gets.
pub(super) fn columns(look: &Look<'_>, layout: &Layout, height: u16) -> Option<u16> {
    match layout {
        Layout::Ring(ring) if !ring.straight && !look.theme.glyphs.ascii => ring::columns(height),
        _ => None,
    }
}

/// How many lines series want.
pub(super) fn series_height(all: &[Series]) -> u16 {
    if all.is_empty() { 0 } else { series::heights(all).1 as u16 }
}

/// Draws a panel with its title on a line above it.
pub fn titled(pen: &mut Pen<'_>, look: &Look<'_>, panel: &Panel) -> Nodes {
    let area = pen.area();
    rule(pen, look.theme, &panel.title);
    let below = Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
    draw(&mut pen.inside(below), look, &panel.body)
}

/// A thin line with a title, over the first line of the pen's area.
pub(super) fn rule(pen: &mut Pen<'_>, theme: &Theme, title: &str) {
    let area = pen.area();
    for x in area.left()..area.right() {
        pen.put(x.into(), area.y.into(), theme.glyphs.lanes[0], theme.edge);
    }
    if area.width > 6 {
        let room = usize::from(area.width) - 4;
        let end = pen.clipped(i32::from(area.x) + 2, area.y.into(), &format!(" {title}"), room, theme.glyphs.more, theme.dim);
        pen.put(end, area.y.into(), " ", theme.dim);
    }
}

/// Draws lines from the top of the pen's area, cut off at its right.
fn put_rows(pen: &mut Pen<'_>, look: &Look<'_>, rows: &[Row]) -> Nodes {
    let area = pen.area();
    let mut nodes = Nodes::new();
    for (row, y) in rows.iter().zip(area.top()..area.bottom()) {
        let line = Rect { y, height: 1, ..area };
        put_line(pen, look.theme, line, &row.line);
        if let Some(node) = row.node {
            nodes.push((node, line));
            if look.selected == Some(Target::Node(node)) {
                pen.select(line, look.theme);
            }
        }
    }
    nodes
}

/// Draws one line, cut off where it is too long.
pub(super) fn put_line(pen: &mut Pen<'_>, theme: &Theme, area: Rect, line: &[super::text::Piece]) {
    let (mut x, right) = (i32::from(area.x), i32::from(area.right()));
    let fits = line_width(line) <= usize::from(area.width);
    for part in line {
        let room = (right - x).max(0) as usize;
        if !fits && width(&part.text) >= room {
            pen.clipped(x, area.y.into(), &format!("{}  ", part.text), room, theme.glyphs.more, part.style);
            return;
        }
        x = pen.text(x, area.y.into(), &part.text, part.style);
    }
}

/// The style of something that has just changed.
fn marked(theme: &Theme, style: Style, changed: bool) -> Style {
    if changed { style.patch(theme.changed) } else { style }
}

/// A text in its tone, with the sign of the tone after it where there is one.
fn toned(look: &Look<'_>, entry: &Entry) -> Line {
    let theme = look.theme;
    let style = marked(theme, theme.tone(entry.tone), entry.changed);
    let mut line = vec![piece(entry.text.clone(), style)];
    if let Some(sign) = theme.tone_glyph(entry.tone).filter(|_| entry.tone != Tone::Good) {
        line.push(piece(format!(" {sign}"), theme.tone(entry.tone)));
    }
    line
}

/// A column of texts, aligned at the right, with a place of its own for signs.
#[derive(Clone, Copy, Debug, Default)]
struct Column {
    text: usize,
    sign: usize,
}

impl Column {
    /// Wide enough for its heading and all of these.
    fn of<'e>(look: &Look<'_>, heading: Option<&String>, entries: impl Iterator<Item = &'e Entry>) -> Column {
        let start = Column { text: heading.map_or(0, |heading| width(heading)), sign: 0 };
        entries.fold(start, |column, entry| {
            let (text, all) = (width(&entry.text), line_width(&toned(look, entry)));
            Column { text: column.text.max(text), sign: column.sign.max(all - text) }
        })
    }

    fn width(self) -> usize {
        self.text + self.sign
    }

    /// A heading above it.
    fn heading(self, theme: &Theme, heading: &str) -> Line {
        vec![right(heading, self.text, theme.dim), blank(self.sign, theme)]
    }

    /// One entry in it.
    fn entry(self, look: &Look<'_>, entry: &Entry) -> Line {
        let mut line = vec![blank(self.text.saturating_sub(width(&entry.text)), look.theme)];
        line.extend(toned(look, entry));
        line.push(blank(self.width().saturating_sub(line_width(&line)), look.theme));
        line
    }
}

/// Blanks to fill a column.
fn blank(cells: usize, theme: &Theme) -> super::text::Piece {
    piece(" ".repeat(cells), theme.text)
}

/// A text with blanks after it, so that it fills its column.
fn left(text: &str, cells: usize, style: Style) -> super::text::Piece {
    piece(format!("{text}{}", " ".repeat(cells.saturating_sub(width(text)))), style)
}

/// A text with blanks before it, so that it fills its column.
fn right(text: &str, cells: usize, style: Style) -> super::text::Piece {
    piece(format!("{}{text}", " ".repeat(cells.saturating_sub(width(text)))), style)
}

/// A bar as two pieces: what is filled, and the rest.
fn bar(theme: &Theme, cells: usize, share: f64, style: Style) -> [super::text::Piece; 2] {
    let [full, empty] = theme.glyphs.bar;
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    // What is not nothing has at least one cell, and what is not all leaves one.
    let filled = (share * cells as f64).round() as usize;
    let filled = if share > 0.0 { filled.max(1) } else { 0 };
    let filled = if share < 1.0 { filled.min(cells.saturating_sub(1)) } else { cells };
    [piece(full.repeat(filled), style), piece(empty.repeat(cells - filled), theme.edge)]
}

/// The widest of some texts, in cells.
fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(width).max().unwrap_or(0)
}

/// As many lines as there is room for, in their order, those that stay before others; the last says how many are hidden.
fn fitted(rows: Vec<Row>, height: usize, theme: &Theme) -> Vec<Row> {
    fitted_of(rows, 0, height, theme)
}

/// The same of rows of which so many more are not among these.
fn fitted_of(mut rows: Vec<Row>, more: usize, height: usize, theme: &Theme) -> Vec<Row> {
    if rows.len() + more.min(1) > height && height > 0 {
        let hidden = rows.len() + more + 1 - height;
        rows = staying(rows, height - 1);
        rows.push(vec![piece(format!("+{hidden} more"), theme.dim)].into());
    } else if more > 0 {
        rows.push(vec![piece(format!("+{more} more"), theme.dim)].into());
    }
    rows
}

/// So many rows, in their order: of those that stay alike the first.
fn staying(rows: Vec<Row>, room: usize) -> Vec<Row> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|index| rows[*index].stay);
    let kept: BTreeSet<usize> = order.into_iter().take(room).collect();
    rows.into_iter().enumerate().filter(|(index, _)| kept.contains(index)).map(|(_, row)| row).collect()
}
