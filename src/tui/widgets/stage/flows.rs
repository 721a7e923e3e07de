//! Many messages on one way: signs at one speed, and a number for the rate.
//!
//! ```text
//! 280/s                840/s
//! ─▸─▸─▸─  usual       ━▸━▸━▸  over a third of the greatest
//! ╌╌╌╌╌╌╌  idle        ─▸▸✕▸▸✕ some come to nothing
//! ```

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::layout::Layout;
use super::sheet::Sheet;
use super::wire::Wire;
use super::{Hits, View};
use crate::cluster::scene::{Fate, FlightView, FlowView, Sample, Scene, Sign};
use crate::sim::id::NodeId;
use crate::sim::time::Span;
use crate::tui::theme::Theme;
use crate::tui::widgets::Target;
use crate::tui::widgets::numbers;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// More messages than this on one way at once are drawn as a flow.
const FEW: usize = 3;

/// A flow as it is drawn.
pub(super) struct Stream<'a> {
    from: NodeId,
    to: NodeId,
    /// `840/s`, `12 at once`.
    says: String,
    sign: Sign,
    /// Part of the greatest flow, 0 to 1.
    part: f64,
    errors: f64,
    sample: Option<&'a Sample>,
    note: &'a str,
}

/// The flows of a scene: those that it has, and ways with more single messages than can be told apart.
pub(super) fn streams(scene: &Scene, selected: Option<Target>) -> Vec<Stream<'_>> {
    let most = scene.flows.iter().map(|flow| flow.rate).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let own = scene.flows.iter().map(|flow| stream(flow, most));
    own.chain(crowds(scene, selected)).collect()
}

fn stream(flow: &FlowView, most: f64) -> Stream<'_> {
    let says = if flow.rate > 0.0 { numbers::rate(flow.rate) } else { String::new() };
    let (part, errors) = (flow.rate / most, flow.errors.clamp(0.0, 1.0));
    let sign = if flow.to.is_client() { Sign::Reply } else { Sign::Request };
    Stream { from: flow.from, to: flow.to, says, sign, part, errors, sample: flow.sample.as_ref(), note: &flow.note }
}

/// Ways with too many messages for one to be followed. What decides something, and what is selected, stays a message.
fn crowds(scene: &Scene, selected: Option<Target>) -> Vec<Stream<'_>> {
    if scene.flights.len() <= FEW {
        return Vec::new();
    }
    let mut ways: BTreeMap<(NodeId, NodeId), Vec<&FlightView>> = BTreeMap::new();
    for flight in scene.flights.iter().filter(|flight| joins(flight, selected)) {
        ways.entry((flight.from, flight.to)).or_default().push(flight);
    }
    ways.retain(|way, all| all.len() > FEW && !scene.flows.iter().any(|flow| (flow.from, flow.to) == *way));
    let most = ways.values().map(Vec::len).max().unwrap_or(1);
    ways.into_iter().map(|(way, all)| crowd(way, &all, most)).collect()
}

/// Whether a message can go among many.
fn joins(flight: &FlightView, selected: Option<Target>) -> bool {
    flight.kind.sign != Sign::Vote && selected != Some(Target::Message(flight.id)) && flight.fate != Fate::Held
}

fn crowd<'a>((from, to): (NodeId, NodeId), all: &[&FlightView], most: usize) -> Stream<'a> {
    let lost = all.iter().filter(|flight| matches!(flight.fate, Fate::Lost | Fate::Walled)).count();
    let of = |sign: Sign| all.iter().filter(|flight| flight.kind.sign == sign).count();
    let sign = Sign::ALL.into_iter().max_by_key(|sign| of(*sign)).unwrap_or(Sign::Request);
    let (part, errors) = (all.len() as f64 / most as f64, lost as f64 / all.len() as f64);
    Stream { from, to, says: format!("{} at once", all.len()), sign, part, errors, sample: None, note: "" }
}

impl Stream<'_> {
    /// Whether this message is one of it.
    pub(super) fn holds(&self, flight: &FlightView, selected: Option<Target>) -> bool {
        (self.from, self.to) == (flight.from, flight.to) && joins(flight, selected)
    }

    /// Cells from sign to sign: three steps.
    fn apart(&self) -> usize {
        match self.part {
            part if part > 1.0 / 3.0 => 2,
            part if part > 0.1 => 3,
            _ => 5,
        }
    }

    fn is_heavy(&self) -> bool {
        self.part > 1.0 / 3.0 + 1e-6
    }

    /// Whether the sign with this number is one that comes to nothing.
    fn fails(&self, number: usize) -> bool {
        let upto = |n: usize| (n as f64 * self.errors + 1e-9).floor();
        upto(number + 1) > upto(number)
    }
}

/// Lines along rows and columns, with the signs where they part and meet.
pub(super) struct Lines {
    area: Rect,
    /// For every cell the directions in which a line leaves it, and whether it is heavy or idle.
    cells: Vec<u8>,
}

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const UP: u8 = 4;
const DOWN: u8 = 8;
const USED: u8 = 16;
const HEAVY: u8 = 32;

impl Lines {
    fn new(area: Rect) -> Lines {
        Lines { area, cells: vec![0; usize::from(area.width) * usize::from(area.height)] }
    }

    fn cell(&mut self, (x, y): (i32, i32)) -> Option<&mut u8> {
        let (x, y) = (x - i32::from(self.area.x), y - i32::from(self.area.y));
        let inside = x >= 0 && y >= 0 && x < i32::from(self.area.width) && y < i32::from(self.area.height);
        inside.then(|| &mut self.cells[y as usize * usize::from(self.area.width) + x as usize])
    }

    fn add(&mut self, wire: Wire, extra: u8) {
        let path = wire.path();
        for (index, &(x, y)) in path.iter().enumerate() {
            // A line that lies leaves its first and its last cell toward the boxes.
            let is_end = index == 0 || index + 1 == path.len();
            let lies = path.get(1).is_none_or(|next| next.1 == path[0].1);
            let mut bits = extra | if is_end && lies { LEFT | RIGHT } else { 0 };
            for &(nx, ny) in [index.wrapping_sub(1), index + 1].into_iter().filter_map(|near| path.get(near)) {
                bits |= match (nx - x, ny - y) {
                    (-1, _) => LEFT,
                    (1, _) => RIGHT,
                    (_, -1) => UP,
                    _ => DOWN,
                };
            }
            if let Some(cell) = self.cell((x, y)) {
                *cell |= bits;
            }
        }
    }

    /// The cells that have a line, with its directions.
    fn drawn(&self) -> impl Iterator<Item = ((i32, i32), u8)> {
        let wide = usize::from(self.area.width).max(1);
        let cell = move |index: usize| (i32::from(self.area.x) + (index % wide) as i32, i32::from(self.area.y) + (index / wide) as i32);
        self.cells.iter().enumerate().filter(|(_, bits)| **bits != 0).map(move |(index, bits)| (cell(index), *bits))
    }

    fn draw(&self, pen: &mut Pen<'_>, theme: &Theme) {
        self.drawn().for_each(|((x, y), bits)| pen.put(x, y, line_sign(theme, bits), theme.edge));
    }

    /// Keeps words off the lines that go up and down.
    pub(super) fn keep(&self, sheet: &mut Sheet<'_>) {
        self.drawn().filter(|(_, bits)| bits & (UP | DOWN) != 0).for_each(|(cell, _)| sheet.line(cell));
    }
}

fn line_sign(theme: &Theme, bits: u8) -> &'static str {
    let glyphs = theme.glyphs;
    let [right_tee, left_tee, down_tee, up_tee, cross, down_right, down_left, up_right, up_left] = glyphs.joints;
    match bits & (LEFT | RIGHT | UP | DOWN) {
        b if b == UP | DOWN | RIGHT => right_tee,
        b if b == UP | DOWN | LEFT => left_tee,
        b if b == LEFT | RIGHT | DOWN => down_tee,
        b if b == LEFT | RIGHT | UP => up_tee,
        b if b == LEFT | RIGHT | UP | DOWN => cross,
        b if b == DOWN | RIGHT => down_right,
        b if b == DOWN | LEFT => down_left,
        b if b == UP | RIGHT => up_right,
        b if b == UP | LEFT => up_left,
        b if b & (UP | DOWN) != 0 => glyphs.follower_box.down,
        _ if bits & USED == 0 => glyphs.bar[1],
        _ if bits & HEAVY != 0 => glyphs.bar[0],
        _ => glyphs.lanes[0],
    }
}

/// Draws the ways between tiers: all that are open, used or not.
pub(super) fn ways(pen: &mut Pen<'_>, theme: &Theme, layout: &Layout, scene: &Scene, streams: &[Stream<'_>]) -> Lines {
    let mut drawn = Lines::new(pen.area());
    for link in &scene.links {
        let flows = streams.iter().any(|s| (s.from, s.to) == (link.a, link.b) || (s.to, s.from) == (link.a, link.b));
        let carries = scene.flights.iter().any(|f| (f.from, f.to) == (link.a, link.b) || (f.to, f.from) == (link.a, link.b));
        let is_way = carries || layout.are_neighbours(link.a, link.b);
        if let Some(wire) = layout.wire(link.a, link.b).filter(|_| !flows && is_way) {
            drawn.add(wire, USED);
        }
    }
    for stream in streams {
        if let Some(wire) = layout.wire(stream.from, stream.to) {
            let used = if stream.part > 0.0 { USED } else { 0 };
            drawn.add(wire, used | if stream.is_heavy() { HEAVY } else { 0 });
        }
    }
    drawn.draw(pen, theme);
    drawn
}

/// Draws the signs of all flows, then their numbers, then the messages that are followed.
pub(super) fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, layout: &Layout, streams: &[Stream<'_>], hits: &mut Hits) {
    let drawn = placed(layout, streams);
    for flow in &drawn {
        says(sheet, view.theme, flow);
    }
    // The message that is followed stands where it is; the signs of its flow are any.
    for flow in &drawn {
        sample(sheet, view, flow, hits);
    }
    for flow in &drawn {
        signs(sheet, view, layout, flow);
        let (x, y) = flow.wire.at(0.5).cell();
        if sheet.area().contains(Position::new(x.max(0) as u16, y.max(0) as u16)) {
            let (from, to) = (flow.stream.from, flow.stream.to);
            hits.wires.push((from.min(to), from.max(to), Position::new(x as u16, y as u16)));
        }
    }
}

/// A flow with its way.
struct Placed<'a, 's> {
    stream: &'a Stream<'s>,
    wire: Wire,
    /// The cells of the way that no flow before it has.
    own: Vec<(i32, i32)>,
}

fn placed<'a, 's>(layout: &Layout, streams: &'a [Stream<'s>]) -> Vec<Placed<'a, 's>> {
    let mut claimed = BTreeSet::new();
    let place = |stream: &'a Stream<'s>| {
        let wire = layout.wire(stream.from, stream.to)?;
        let own = wire.path().into_iter().filter(|cell| claimed.insert(*cell)).collect();
        Some(Placed { stream, wire, own })
    };
    streams.iter().filter_map(place).collect()
}

/// Signs at one speed for all flows: how many there are, their spacing says.
fn signs(sheet: &mut Sheet<'_>, view: &View<'_>, layout: &Layout, flow: &Placed<'_, '_>) {
    let Placed { stream, wire, own } = flow;
    if stream.part <= 0.0 {
        return;
    }
    let theme = view.theme;
    let apart = stream.apart();
    let gone = if theme.motion { view.scene.at.0 / view.cell.0.max(1) } else { 0 };
    let path = wire.path();
    let along =
        |index: usize| [index.wrapping_sub(1), index + 1].iter().filter_map(|near| path.get(*near)).all(|near| near.1 == path[index].1);
    for (index, &(x, y)) in path.iter().enumerate() {
        // The sign at this cell started so many cells ago: its number stays the same while it moves.
        let Some(start) = (gone + path.len() as u64).checked_sub(index as u64) else { continue };
        let is_here = start.is_multiple_of(apart as u64);
        if !is_here || !own.contains(&(x, y)) || (layout.tiers && !along(index)) {
            continue;
        }
        let fails = stream.fails((start / apart as u64) as usize);
        let (sign, style) = if fails { (theme.glyphs.cross, theme.bad) } else { look(theme, stream.sign) };
        sheet.sign_at((x, y), sign, style);
    }
}

fn look(theme: &Theme, sign: Sign) -> (&'static str, Style) {
    let style = if matches!(sign, Sign::Request | Sign::Reply) { theme.dim } else { theme.sign(sign) };
    (theme.glyphs.sign(sign), style)
}

/// The rate, above or below the longest straight piece that is the flow's own.
fn says(sheet: &mut Sheet<'_>, theme: &Theme, flow: &Placed<'_, '_>) {
    let Placed { stream, own, .. } = flow;
    let text = if stream.note.is_empty() { stream.says.clone() } else { format!("{} {}", stream.says, stream.note).trim().to_string() };
    let Some((left, right, y)) = longest_row(own) else { return };
    let long = width(&text) as i32;
    let x = left + ((right - left + 1) - long).max(0) / 2;
    let spots = [(x, y - 1), (x, y + 1), (right + 1 - long, y - 1), (left, y - 1), (right + 1 - long, y + 1)];
    let style = if stream.is_heavy() { theme.text } else { theme.dim };
    sheet.words(spots, &text, style);
}

/// The longest run of cells of one row.
fn longest_row(own: &[(i32, i32)]) -> Option<(i32, i32, i32)> {
    let mut best: Option<(i32, i32, i32)> = None;
    for run in own.chunk_by(|a, b| a.1 == b.1 && (a.0 - b.0).abs() == 1) {
        let (first, last) = (run.first()?, run.last()?);
        let found = (first.0.min(last.0), first.0.max(last.0), first.1);
        if best.is_none_or(|best| found.1 - found.0 > best.1 - best.0) {
            best = Some(found);
        }
    }
    best
}

/// The one message that is followed, with its name.
fn sample(sheet: &mut Sheet<'_>, view: &View<'_>, flow: &Placed<'_, '_>, hits: &mut Hits) {
    let Placed { stream, wire, .. } = flow;
    let Some(sample) = stream.sample else { return };
    let theme = view.theme;
    let progress = if sample.progress.is_finite() { sample.progress as f32 } else { 0.0 };
    let (x, y) = wire.at(if theme.motion { progress } else { 0.5 }).cell();
    let chosen = view.selected == Some(Target::Message(sample.id));
    let style = theme.client.patch(theme.strong);
    let style = if chosen { style.patch(theme.selected) } else { style };
    let Some((x, y)) = sheet.sign((x, y), theme.glyphs.sign(stream.sign), style) else { return };
    let text = format!("{} {}", sample.id, sample.label);
    let long = width(text.trim_end()) as i32;
    let spots = [(x - long / 2, y + 1), (x - long + 1, y + 1), (x, y + 1), (x - long / 2, y - 1), (x - long + 1, y - 1)];
    sheet.words(spots, text.trim_end(), style);
    hits.messages.push((sample.id, Rect::new(x as u16, y as u16, 1, 1)));
}

/// Virtual time in which a sign goes one cell, where nobody says how fast time goes.
pub(super) const CELL: Span = Span::ms(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_come_in_their_share() {
        let stream = |errors| Stream {
            from: NodeId::server(0),
            to: NodeId::server(1),
            says: String::new(),
            sign: Sign::Request,
            part: 1.0,
            errors,
            sample: None,
            note: "",
        };
        let failing = |errors| (0..60).filter(|n| stream(errors).fails(*n)).count();
        assert_eq!([0.0, 1.0 / 3.0, 0.5, 1.0].map(failing), [0, 20, 30, 60]);
    }
}
