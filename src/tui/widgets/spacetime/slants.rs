//! Messages: slanted lines from the lane of the sender to the lane of the receiver.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::lanes::Lanes;
use super::traffic::Traffic;
use super::{Mark, View};
use crate::cluster::scene::{Fate, FlightKind, Sign};
use crate::cluster::{COPY, What};
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::Time;
use crate::tui::theme::Theme;
use crate::tui::widgets::Target;
use crate::tui::widgets::dots::{Dots, Point};
use crate::tui::widgets::pen::Pen;

/// How a message ended, or that it has not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Arrived,
    Lost,
    /// Thrown away as a copy.
    Copy,
    Flying,
}

/// One message on the diagram, as far as it came.
#[derive(Clone, Copy)]
pub(super) struct Slant {
    id: MsgId,
    event: Option<u64>,
    kind: FlightKind,
    from: NodeId,
    to: NodeId,
    sent: Time,
    until: Time,
    /// The part of the way between the lanes, 0 to 1.
    part: f32,
    end: End,
}

/// How far a lost message seems to get: its end must not be taken for an arrival.
const LOST_AT: f32 = 0.6;

fn slants<'a>(view: &'a View<'_>) -> impl Iterator<Item = Slant> + 'a {
    let past = view.happenings.iter().filter_map(|h| {
        let (id, from, to, sent, kind, end) = match h.what {
            What::Arrived { id, from, to, sent, kind } => (id, from, to, sent, kind, End::Arrived),
            What::Lost { id, from, to, sent, kind, why } => (id, from, to, sent, kind, if why == COPY { End::Copy } else { End::Lost }),
            _ => return None,
        };
        let part = if end == End::Lost { LOST_AT } else { 1.0 };
        Some(Slant { id, event: Some(h.event), kind, from, to, sent, until: h.at, part, end })
    });
    let flying = view.scene.flights.iter().map(|f| Slant {
        id: f.id,
        event: None,
        kind: f.kind,
        from: f.from,
        to: f.to,
        sent: f.sent,
        until: if f.fate == Fate::Held { f.sent.max(view.from) } else { view.scene.at },
        part: if f.progress.is_finite() { f.progress.clamp(0.0, 1.0) as f32 } else { 0.0 },
        end: End::Flying,
    });
    past.chain(flying)
}

fn chosen(slant: &Slant, selected: Option<Target>) -> bool {
    selected == Some(Target::Message(slant.id)) || (slant.event.is_some() && selected == slant.event.map(Target::Event))
}

/// Whether it was lost and that is news. Of a heartbeat it is not: the silence that follows is what counts.
fn died(slant: &Slant) -> bool {
    slant.end == End::Lost && slant.kind.sign != Sign::Heartbeat
}

/// The messages to draw one by one: none that only adds to the traffic of a busy lane, and no heartbeats and acknowledgements
/// where there is much else. What is selected, votes, and what was lost while that is seldom, are always there.
pub(super) fn visible(lanes: &Lanes, traffic: &Traffic, view: &View<'_>) -> Vec<Slant> {
    let columns = usize::from(lanes.plot.width).max(1);
    let (all, lost) = slants(view).fold((0, 0), |(all, lost), slant| (all + 1, lost + usize::from(died(&slant))));
    let shown = |s: &Slant| match s.kind.sign {
        _ if chosen(s, view.selected) => true,
        _ if died(s) => lost * 4 <= columns,
        Sign::Vote => true,
        sign if sign.is_quiet() && all * 2 > columns => false,
        _ => !(traffic.is_busy(lanes, s.to) || s.from.is_client() && traffic.is_busy(lanes, s.from)),
    };
    slants(view).filter(shown).collect()
}

fn style(theme: &Theme, slant: &Slant) -> Style {
    match slant.end {
        End::Lost if died(slant) => theme.bad,
        End::Lost | End::Copy => theme.dim,
        End::Arrived | End::Flying => theme.sign(slant.kind.sign),
    }
}

/// Draws the lines: dots between the lanes where there is room, else a stroke on every lane between.
pub(super) fn draw(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, slants: &[Slant], selected: Option<Target>) {
    if !lanes.apart() {
        return;
    }
    let plot = lanes.plot;
    let mut layers: [(Style, Dots); 2] = [(theme.edge, Dots::new(plot)), (theme.strong, Dots::new(plot))];
    for slant in slants {
        if let Some((a, b)) = line(lanes, slant) {
            let layer = usize::from(chosen(slant, selected));
            layers[layer].1.line(a, b, 1);
        }
    }
    for (style, dots) in &layers {
        dots.draw(pen, theme.glyphs.ascii, *style);
    }
}

/// Both ends of the line, in cells.
fn line(lanes: &Lanes, slant: &Slant) -> Option<(Point, Point)> {
    let (from, to) = (lanes.row(slant.from)?, lanes.row(slant.to)?);
    let start = Point { x: lanes.x(slant.sent).floor() + 0.5, y: from as f32 + 0.5 };
    let y = start.y + (to as f32 - from as f32) * slant.part;
    Some((start, Point { x: lanes.x(slant.until).floor() + 0.5, y }))
}

/// Draws where messages left, passed and ended, over the lanes.
pub(super) fn ends(
    pen: &mut Pen<'_>,
    theme: &Theme,
    (lanes, traffic): (&Lanes, &Traffic),
    slants: &[Slant],
    selected: Option<Target>,
    marks: &mut Vec<Mark>,
) {
    let apart = lanes.apart();
    for slant in slants {
        let Some((a, b)) = line(lanes, slant) else { continue };
        // Heartbeats would hatch the lanes; where they arrive says enough.
        if !apart && (!slant.kind.sign.is_quiet() || died(slant) || chosen(slant, selected)) {
            let hidden = |id: NodeId| slant.kind.sign != Sign::Vote && traffic.is_busy(lanes, id) && !chosen(slant, selected);
            strokes(pen, theme, lanes, (a, b), style(theme, slant), hidden);
        }
        if slant.until >= lanes.from && slant.until <= lanes.to {
            end(pen, theme, lanes, slant, b, selected, marks);
        }
    }
}

/// A stroke on every lane that the line leaves or passes, unless it is `hidden`.
fn strokes(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, (a, b): (Point, Point), style: Style, hidden: impl Fn(NodeId) -> bool) {
    let falls = b.y > a.y;
    let symbol = theme.glyphs.slants[usize::from(!falls)];
    for &(id, y) in &lanes.rows {
        let part = (y as f32 + 0.5 - a.y) / (b.y - a.y);
        if !(0.0..0.95).contains(&part) || hidden(id) {
            continue;
        }
        let x = (a.x + (b.x - a.x) * part).floor() as i32;
        if x >= lanes.plot.left() as i32 && x < lanes.plot.right() as i32 {
            pen.put(x, y as i32, symbol, style);
        }
    }
}

fn end(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, slant: &Slant, at: Point, selected: Option<Target>, marks: &mut Vec<Mark>) {
    let (x, y) = at.cell();
    let x = x.min(lanes.plot.right() as i32 - 1);
    let glyph = match slant.end {
        End::Lost => theme.glyphs.cross,
        End::Copy => theme.glyphs.copy,
        End::Arrived | End::Flying => theme.glyphs.sign(slant.kind.sign),
    };
    let style = style(theme, slant);
    let style = if chosen(slant, selected) { style.patch(theme.selected) } else { style };
    if x >= lanes.plot.left() as i32 && pen.has(x, y) {
        pen.put(x, y, glyph, style);
        let rect = Rect::new(x as u16, y as u16, 1, 1);
        marks.push(Mark { rect, target: Target::Message(slant.id), at: slant.until });
    }
}
