//! The timeline as a space-time diagram: a lane for every client and server, time from left to right.

mod axis;
mod lanes;
mod marks;
mod slants;
mod traffic;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::panels::{self, Axis, Look};
use super::pen::Pen;
use super::{Operations, Target};
use crate::cluster::Happening;
use crate::cluster::scene::{Scene, Series};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};
use crate::tui::theme::Theme;
pub use axis::{label, round_up};
use lanes::Lanes;
pub use lanes::{State, change, members};
use traffic::Traffic;

/// What the diagram shows.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Who there is, what is in flight, and now ([`Scene::at`]).
    pub scene: &'a Scene,
    /// What happened in the window, in order.
    pub happenings: &'a [Happening],
    /// The client operations that calls and returns point into.
    pub operations: &'a Operations,
    /// Who led when the window begins.
    pub leading: &'a [NodeId],
    /// When the learner did something, in and outside the window.
    pub pokes: &'a [Time],
    /// The left edge.
    pub from: Time,
    /// The right edge; an empty window shows nothing but lanes.
    pub to: Time,
    /// What is marked.
    pub selected: Option<Target>,
    /// Facts over time, above the lanes and in their columns.
    pub series: &'a [Series],
    /// The first that has a lane, servers before clients, where not all have.
    pub lane: usize,
}

/// A mark on the diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Where it is.
    pub rect: Rect,
    /// What it stands for.
    pub target: Target,
    /// When that happened.
    pub at: Time,
}

/// Where things are on the screen, for the mouse.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// The part of the area in which columns are moments.
    pub plot: Rect,
    /// The left edge.
    pub from: Time,
    /// The right edge.
    pub to: Time,
    /// Everything that can be selected, in the order of drawing.
    pub marks: Vec<Mark>,
    /// How many lanes there is no line for.
    pub hidden: usize,
}

impl Hits {
    /// The moment that a column of the screen stands for; `None` beside the diagram.
    pub fn time_at(&self, column: u16) -> Option<Time> {
        let inside = column >= self.plot.left() && column < self.plot.right();
        inside.then(|| moment(self.plot, (self.from, self.to), column))
    }

    /// The mark at this cell, or within a cell of it.
    pub fn at(&self, column: u16, row: u16) -> Option<Mark> {
        let near = |m: &&Mark| {
            let Rect { x, y, width, .. } = m.rect;
            y == row && column + 1 >= x && column <= x + width
        };
        self.marks.iter().rev().find(near).copied()
    }
}

/// The moment of the middle of a column.
fn moment(plot: Rect, (from, to): (Time, Time), column: u16) -> Time {
    let part = (f64::from(column - plot.x) + 0.5) / f64::from(plot.width.max(1));
    from + to.since(from).scaled(part)
}

/// The window of length `span` around `now`: all of the run so far while it fits, then a stretch that ends a little after now.
pub fn window(now: Time, end: Time, span: Span) -> (Time, Time) {
    let end = end.max(now);
    let ahead = Span(end.since(now).0.min(span.0 / 2));
    let to = (now + ahead).max(Time::ZERO + span);
    (Time(to.0.saturating_sub(span.0)), to)
}

/// Draws the diagram and returns where everything is. The last line is the axis where there is more than one.
pub fn draw(area: Rect, buf: &mut Buffer, theme: &Theme, view: &View<'_>) -> Hits {
    let mut whole = Pen::new(buf, area);
    let area = whole.area();
    let above = series_height(view.series, area.height);
    let below = Rect { y: area.y + above, height: area.height - above, ..area };
    let lanes = Lanes::new(below, view);
    series(&mut whole.inside(Rect { height: above, ..area }), theme, &lanes, view);
    let mut pen = whole.inside(below);
    let mut hits = Hits { plot: lanes.plot, from: view.from, to: view.to, marks: Vec::new(), hidden: lanes.hidden };
    if lanes.plot.is_empty() {
        return hits;
    }
    let traffic = Traffic::new(&lanes, view);
    let slants = slants::visible(&lanes, &traffic, view);
    slants::draw(&mut pen, theme, &lanes, &slants, view.selected);
    lanes::draw(&mut pen, theme, &lanes, view);
    traffic.draw(&mut pen, theme, &lanes);
    axis::draw(&mut pen, theme, &lanes, view, traffic.legend(theme, &lanes, view));
    slants::ends(&mut pen, theme, (&lanes, &traffic), &slants, view.selected, &mut hits.marks);
    marks::draw(&mut pen, theme, (&lanes, &traffic), view, &mut hits.marks);
    hits
}

/// Lines of series over a diagram of this height: the lanes keep at least the axis and three lines.
pub fn series_height(series: &[Series], height: u16) -> u16 {
    let wanted = panels::series_height(series);
    wanted.min(height.saturating_sub(4))
}

fn series(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, view: &View<'_>) {
    if view.to > view.from && !pen.area().is_empty() {
        let axis = Axis { left: lanes.plot.x, width: lanes.plot.width, from: view.from, to: view.to };
        panels::draw_series(pen, &Look { theme, selected: None, show: &[], axis: Some(axis), now: view.scene.at }, view.series);
    }
}

/// The whole run in one line: how far it goes, where now is, where pokes are. Returns its hits.
pub fn scrubber(area: Rect, buf: &mut Buffer, theme: &Theme, (now, end): (Time, Time), pokes: &[Time]) -> Hits {
    let clock = format!(" {now}");
    let mut pen = Pen::new(buf, Rect { height: area.height.min(1), ..area });
    let area = pen.area();
    let bar = Rect { width: area.width.saturating_sub(clock.len() as u16), ..area };
    let mut hits = Hits { plot: bar, from: Time::ZERO, to: end.max(now).max(Time(1)), ..Hits::default() };
    if area.is_empty() {
        return hits;
    }
    let lanes = Lanes { plot: bar, axis: None, rows: Vec::new(), hidden: 0, from: hits.from, to: hits.to };
    let y = area.y as i32;
    let at = lanes.column(now).unwrap_or(bar.x as i32);
    for x in bar.left() as i32..bar.right() as i32 {
        let (symbol, style) = if x <= at { (theme.glyphs.bar[0], theme.focus) } else { (theme.glyphs.bar[1], theme.edge) };
        pen.put(x, y, symbol, style);
    }
    for &poke in pokes {
        if let Some(x) = lanes.column(poke) {
            pen.put(x, y, theme.glyphs.axis[1], theme.key);
            hits.marks.push(Mark { rect: Rect::new(x as u16, area.y, 1, 1), target: Target::Moment(poke), at: poke });
        }
    }
    if !bar.is_empty() {
        pen.put(at, y, theme.glyphs.done, theme.strong);
    }
    pen.text(bar.right() as i32, y, &clock, theme.strong);
    hits
}
