//! Where everything stands on the diagram: lanes, messages, operations, pokes, the axis, the legend.

use super::canvas::{Anchor, Canvas, Stroke, ink, wide};
use crate::cluster::scene::{FlightKind, Scene, Sign};
use crate::cluster::told::{Exchange, Outcome};
use crate::cluster::{COPY, Happening, NoteMark, What};
use crate::command::Poke;
use crate::sim::id::NodeId;
use crate::sim::time::Time;
use crate::tui::screens::lab::draw::leading;
use crate::tui::widgets::Operations;
use crate::tui::widgets::operations::THEN_LOST;
use crate::tui::widgets::spacetime::{State, change, label, round_up};
use crate::tui::widgets::text::truncate;

/// The width of the part whose columns are moments.
const PLOT: f64 = 960.0;
/// From lane to lane.
const APART: f64 = 58.0;
/// Around everything.
const MARGIN: f64 = 18.0;
/// The height of a row of words over the lanes.
const ROW: f64 = 16.0;
/// Half of the height of an operation.
const HALF: f64 = 6.0;
/// How far a lost message seems to get.
const LOST_AT: f64 = 0.6;
/// Labels of the axis stand at least so far apart.
const TICK: f64 = 90.0;
/// The most rows of pokes over the lanes.
const POKES_MAX: usize = 8;
/// Letters of a poke or an operation that are shown.
const LETTERS: usize = 44;

/// What is drawn.
pub(super) struct Plot<'a> {
    pub(super) scene: &'a Scene,
    /// All that happened up to the right edge.
    pub(super) happenings: &'a [Happening],
    pub(super) operations: &'a Operations,
    pub(super) from: Time,
    pub(super) to: Time,
    /// Whether heartbeats and acknowledgements are drawn.
    pub(super) quiet: bool,
    /// How many of them are not.
    pub(super) left_out: usize,
    pub(super) title: &'a str,
}

/// A poke with the column and the row of its words.
struct Said {
    x: f64,
    row: usize,
    words: String,
}

/// The places of everything.
struct Frame {
    left: f64,
    /// The first lane.
    top: f64,
    /// Below the last lane.
    bottom: f64,
    /// Every lane from the top.
    lanes: Vec<(NodeId, String)>,
    pokes: Vec<Said>,
}

impl Frame {
    fn y(&self, id: NodeId) -> Option<f64> {
        self.lanes.iter().position(|(lane, _)| *lane == id).map(|at| self.top + at as f64 * APART)
    }
}

impl Plot<'_> {
    /// The drawing as text.
    pub(super) fn draw(&self) -> String {
        let frame = self.frame();
        let mut canvas = Canvas::default();
        canvas.text((MARGIN, MARGIN + 14.0), self.title, (17.0, ink::TEXT, true), Anchor::Start);
        canvas.text((MARGIN, MARGIN + 32.0), &self.caption(), (11.5, ink::DIM, false), Anchor::Start);
        self.grid(&frame, &mut canvas);
        self.lanes(&frame, &mut canvas);
        for happening in self.happenings.iter().filter(|h| h.at >= self.from) {
            self.message(&frame, happening, &mut canvas);
        }
        self.flying(&frame, &mut canvas);
        self.operations(&frame, &mut canvas);
        let mut free = vec![f64::NEG_INFINITY; frame.lanes.len()];
        for happening in self.happenings.iter().filter(|h| h.at >= self.from) {
            self.turn(&frame, happening, &mut free, &mut canvas);
        }
        Self::pokes(&frame, &mut canvas);
        self.legend(&frame, &mut canvas);
        canvas.finish((frame.left + PLOT + MARGIN + 24.0, frame.bottom + 92.0), self.title)
    }

    fn caption(&self) -> String {
        let span = format!("{} to {}", self.from, self.to);
        let mut parts = vec![span, self.scene.caption.clone()];
        if self.left_out > 0 {
            parts.push(format!("{} heartbeats and acknowledgements are left out", self.left_out));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" · ")
    }

    fn frame(&self) -> Frame {
        let clients = self.scene.clients.iter().map(|client| (client.id, client.name.clone()));
        let servers = self.scene.nodes.iter().map(|node| (node.id, node.name.clone()));
        let lanes: Vec<(NodeId, String)> = clients.chain(servers).collect();
        let names = lanes.iter().map(|(_, name)| wide(name, 13.0)).fold(20.0, f64::max);
        let left = MARGIN + names + 14.0;
        let pokes = self.said(left);
        let rows = pokes.iter().map(|said| said.row + 1).max().unwrap_or(0);
        let top = MARGIN + 62.0 + rows as f64 * ROW + 14.0;
        let bottom = top + lanes.len().saturating_sub(1) as f64 * APART + 26.0;
        Frame { left, top, bottom, lanes, pokes }
    }

    /// The column of a moment, which may lie outside.
    fn x(&self, left: f64, at: Time) -> f64 {
        let length = self.to.since(self.from).0.max(1) as f64;
        left + (at.0 as f64 - self.from.0 as f64) / length * PLOT
    }

    /// Pokes with their words, each in the first row where it covers none before.
    fn said(&self, left: f64) -> Vec<Said> {
        let mut ends = [f64::NEG_INFINITY; POKES_MAX];
        let mut all = Vec::new();
        for happening in self.happenings.iter().filter(|h| h.at >= self.from) {
            let What::Poked(poke) = &happening.what else { continue };
            // What a client asks is on its lane.
            if matches!(poke, Poke::Ask { .. }) {
                continue;
            }
            let (x, words) = (self.x(left, happening.at), truncate(&poke.to_string(), LETTERS, "…"));
            let width = wide(&words, 11.5) + 14.0;
            let start = x.min(left + PLOT - width);
            let row = ends.iter().position(|end| *end <= start).unwrap_or(POKES_MAX - 1);
            ends[row] = start + width;
            all.push(Said { x, row, words });
        }
        all
    }

    fn pokes(frame: &Frame, canvas: &mut Canvas) {
        for said in &frame.pokes {
            let y = MARGIN + 62.0 + said.row as f64 * ROW;
            canvas.line((said.x, y + 3.0), (said.x, frame.bottom), Stroke::new(ink::BAD, 0.9).dashed("2 3"));
            let tip = [(said.x - 4.0, frame.bottom + 8.0), (said.x + 4.0, frame.bottom + 8.0), (said.x, frame.bottom)];
            canvas.shape(&tip, ink::BAD);
            let start = said.x.min(frame.left + PLOT - wide(&said.words, 11.5) - 14.0);
            canvas.label((start + 3.0, y + 10.0), &said.words, (11.5, ink::BAD, true));
        }
    }

    /// The axis with its times.
    fn grid(&self, frame: &Frame, canvas: &mut Canvas) {
        let length = self.to.since(self.from).0;
        let step = round_up(length / (PLOT / TICK) as u64);
        let y = frame.bottom;
        canvas.line((frame.left, y), (frame.left + PLOT, y), Stroke::new(ink::TEXT, 1.0));
        let mut at = self.from.0.div_ceil(step).saturating_mul(step);
        while at <= self.to.0 {
            let x = self.x(frame.left, Time(at));
            canvas.line((x, frame.top - 12.0), (x, y), Stroke::new(ink::GRID, 1.0));
            canvas.line((x, y), (x, y + 5.0), Stroke::new(ink::TEXT, 1.0));
            canvas.text((x, y + 21.0), &label(at, step), (11.0, ink::DIM, false), Anchor::Middle);
            let Some(next) = at.checked_add(step) else { return };
            at = next;
        }
    }

    fn lanes(&self, frame: &Frame, canvas: &mut Canvas) {
        let led = leading(self.scene, self.happenings, Time::ZERO);
        for (id, name) in &frame.lanes {
            let Some(y) = frame.y(*id) else { continue };
            let colour = if id.is_client() { ink::CLIENT } else { ink::TEXT };
            canvas.text((frame.left - 10.0, y + 4.5), name, (13.0, colour, true), Anchor::End);
            let mut state = if led.contains(id) { State::Leads } else { State::Calm };
            let mut x = frame.left;
            for happening in self.happenings {
                let Some(next) = change(self.scene, &happening.what, *id, state) else { continue };
                let until = self.x(frame.left, happening.at).max(frame.left);
                stretch(canvas, (x, until, y), state);
                x = until;
                state = next;
            }
            stretch(canvas, (x, frame.left + PLOT, y), state);
        }
    }

    /// A message that ended.
    fn message(&self, frame: &Frame, happening: &Happening, canvas: &mut Canvas) {
        let (from, to, sent, kind, lost) = match &happening.what {
            What::Arrived { from, to, sent, kind, .. } => (*from, *to, *sent, *kind, None),
            What::Lost { from, to, sent, kind, why, .. } => (*from, *to, *sent, *kind, Some(*why)),
            _ => return,
        };
        if kind.sign.is_quiet() && !self.quiet {
            return;
        }
        let part = if lost.is_some_and(|why| why != COPY) { LOST_AT } else { 1.0 };
        self.slant(frame, (from, to), (sent, happening.at), part, (kind, lost), canvas);
    }

    /// What is on its way at the end.
    fn flying(&self, frame: &Frame, canvas: &mut Canvas) {
        if self.to < self.scene.at {
            return;
        }
        for flight in self.scene.flights.iter().filter(|flight| self.quiet || !flight.kind.sign.is_quiet()) {
            let part = if flight.progress.is_finite() { flight.progress.clamp(0.0, 1.0) } else { 0.0 };
            let (Some(a), Some(b)) = (frame.y(flight.from), frame.y(flight.to)) else { continue };
            let start = self.start(frame, (a, b), (flight.sent, self.to), part);
            let end = (self.x(frame.left, self.to), a + (b - a) * part);
            canvas.line(start, end, stroke(flight.kind.sign));
        }
    }

    /// Where a line begins that may have begun before the window.
    fn start(&self, frame: &Frame, (a, b): (f64, f64), (sent, until): (Time, Time), part: f64) -> (f64, f64) {
        if sent >= self.from {
            return (self.x(frame.left, sent), a);
        }
        let gone = self.from.since(sent).0 as f64 / until.since(sent).0.max(1) as f64;
        (frame.left, a + (b - a) * part * gone)
    }

    fn slant(
        &self,
        frame: &Frame,
        (from, to): (NodeId, NodeId),
        (sent, until): (Time, Time),
        part: f64,
        (kind, lost): (FlightKind, Option<&str>),
        canvas: &mut Canvas,
    ) {
        let (Some(a), Some(b)) = (frame.y(from), frame.y(to)) else { return };
        let start = self.start(frame, (a, b), (sent, until), part);
        let end = (self.x(frame.left, until), a + (b - a) * part);
        match lost {
            None => {
                let look = stroke(kind.sign);
                canvas.line(start, end, look);
                arrow(canvas, start, end, look.ink);
            }
            Some(why) if why == COPY => canvas.line(start, end, Stroke::new(ink::QUIET, 0.9).dashed("1 3")),
            Some(_) if kind.sign == Sign::Heartbeat => canvas.line(start, end, stroke(Sign::Heartbeat)),
            Some(_) => {
                canvas.line(start, end, Stroke::new(ink::BAD, 1.1).dashed("4 2"));
                canvas.cross(end, 3.5, ink::BAD);
            }
        }
    }

    /// What clients asked and were told, on their lanes.
    fn operations(&self, frame: &Frame, canvas: &mut Canvas) {
        let mut free: Vec<[f64; 2]> = vec![[f64::NEG_INFINITY; 2]; frame.lanes.len()];
        for (index, exchange) in self.operations.iter().enumerate() {
            let ended = exchange.ended.map(|stamp| stamp.at).filter(|at| *at <= self.to);
            if exchange.called.at > self.to || ended.is_some_and(|at| at < self.from) {
                continue;
            }
            let Some(lane) = frame.lanes.iter().position(|(id, _)| *id == exchange.client) else { continue };
            let y = frame.top + lane as f64 * APART;
            let x = self.x(frame.left, exchange.called.at).max(frame.left);
            let end = self.x(frame.left, ended.unwrap_or(self.to));
            let (told, colour, dash) = self.outcome(exchange, index, ended.is_some());
            let words = if told.is_empty() { exchange.call.to_string() } else { format!("{}: {told}", exchange.call) };
            let fill = if dash.is_empty() { "#ffffff" } else { "#f4f4f4" };
            canvas.bar([x, y - HALF, (end - x).max(2.5), 2.0 * HALF], (fill, colour, dash), &words);
            let words = truncate(&words, LETTERS, "…");
            let width = wide(&words, 11.0) + 8.0;
            let start = x.min(frame.left + PLOT - width);
            // Above the lane, else below it, else only where something points at it.
            if let Some(side) = free[lane].iter().position(|end| *end <= start) {
                free[lane][side] = start + width;
                let y = if side == 0 { y - HALF - 5.0 } else { y + HALF + 12.0 };
                canvas.label((start, y), &words, (11.0, colour, false));
            }
        }
    }

    /// In words, colour and dashes.
    fn outcome(&self, exchange: &Exchange, index: usize, ended: bool) -> (String, &'static str, &'static str) {
        match &exchange.outcome {
            _ if !ended => (String::new(), ink::DIM, "3 2"),
            _ if self.operations.is_lost(index) => (THEN_LOST.to_string(), ink::BAD, ""),
            Outcome::Ok(told) => (told.clone(), ink::GOOD, ""),
            Outcome::Refused(_) | Outcome::Failed(_) => (exchange.outcome.short().to_string(), ink::BAD, "3 2"),
            Outcome::Unknown(_) | Outcome::Open => (exchange.outcome.short().to_string(), ink::DOUBT, "3 2"),
        }
    }

    /// A change of role, a decision, data that was thrown away. `free`: from which column on there is room for words, by lane.
    fn turn(&self, frame: &Frame, happening: &Happening, free: &mut [f64], canvas: &mut Canvas) {
        let What::Note { node, mark, .. } = &happening.what else { return };
        let (Some(lane), x) = (frame.lanes.iter().position(|(id, _)| id == node), self.x(frame.left, happening.at)) else { return };
        let y = frame.top + lane as f64 * APART;
        let mut say = |canvas: &mut Canvas, words: &str, ink: &'static str, bold: bool| {
            if x >= free[lane] {
                free[lane] = x + 12.0 + wide(words, 11.0);
                canvas.label((x + 9.0, y - 8.0), words, (11.0, ink, bold));
            }
        };
        match mark {
            NoteMark::Leads => {
                star(canvas, (x, y), 8.0);
                say(canvas, "leads", ink::TEXT, true);
            }
            NoteMark::Follows => say(canvas, "follows", ink::DIM, false),
            NoteMark::Decides => canvas.shape(&[(x - 5.0, y), (x, y - 5.0), (x + 5.0, y), (x, y + 5.0)], ink::VOTE),
            NoteMark::Discards => {
                canvas.cross((x, y), 5.0, ink::BAD);
                say(canvas, "thrown away", ink::BAD, false);
            }
            NoteMark::Refuses => canvas.cross((x, y), 4.0, ink::BAD),
            NoteMark::Applies | NoteMark::Small => {}
        }
    }

    /// What the lines mean: those that are there.
    fn legend(&self, frame: &Frame, canvas: &mut Canvas) {
        let y = frame.bottom + 58.0;
        let mut x = frame.left;
        let there = |sign: Sign| {
            self.happenings.iter().any(|h| h.at >= self.from && matches!(&h.what, What::Arrived { kind, .. } if kind.sign == sign))
        };
        let signs = [
            (Sign::Request, "request"),
            (Sign::Reply, "reply"),
            (Sign::Data, "data"),
            (Sign::Vote, "vote, decision"),
            (Sign::Gossip, "gossip"),
            (Sign::Ack, "acknowledgement"),
            (Sign::Heartbeat, "heartbeat"),
        ];
        for (sign, word) in signs.into_iter().filter(|(sign, _)| there(*sign) && (self.quiet || !sign.is_quiet())) {
            let look = stroke(sign);
            canvas.line((x, y - 4.0), (x + 26.0, y - 4.0), look);
            arrow(canvas, (x, y - 4.0), (x + 26.0, y - 4.0), look.ink);
            canvas.text((x + 31.0, y), word, (11.0, ink::DIM, false), Anchor::Start);
            x += 31.0 + wide(word, 11.0) + 18.0;
        }
        let lost = |h: &&Happening| matches!(&h.what, What::Lost { kind, why, .. } if *why != COPY && kind.sign != Sign::Heartbeat);
        if self.happenings.iter().filter(|h| h.at >= self.from).any(|h| lost(&h)) {
            canvas.line((x, y - 4.0), (x + 20.0, y - 4.0), Stroke::new(ink::BAD, 1.1).dashed("4 2"));
            canvas.cross((x + 22.0, y - 4.0), 3.5, ink::BAD);
            canvas.text((x + 31.0, y), "lost", (11.0, ink::DIM, false), Anchor::Start);
        }
        let words = "thick lane: leads · dotted lane: down · red: what was done to the cluster";
        canvas.text((frame.left, y + 19.0), words, (11.0, ink::DIM, false), Anchor::Start);
    }
}

/// A part of a lane.
fn stretch(canvas: &mut Canvas, (from, to, y): (f64, f64, f64), state: State) {
    if to <= from {
        return;
    }
    let stroke = match state {
        State::Calm => Stroke::new(ink::LANE, 1.2),
        State::Leads => Stroke::new(ink::TEXT, 4.0),
        State::Down => Stroke::new(ink::BAD, 1.2).dashed("1 6"),
    };
    canvas.line((from, y), (to, y), stroke);
}

/// The line of a message.
const fn stroke(sign: Sign) -> Stroke {
    match sign {
        Sign::Request => Stroke::new(ink::CLIENT, 1.3),
        Sign::Reply => Stroke::new(ink::CLIENT, 1.3).dashed("6 2"),
        Sign::Data => Stroke::new(ink::DATA, 1.6),
        Sign::Vote => Stroke::new(ink::VOTE, 1.3).dashed("8 3"),
        Sign::Gossip => Stroke::new(ink::GOSSIP, 1.2),
        Sign::Ack => Stroke::new(ink::QUIET, 0.9).dashed("4 3"),
        Sign::Heartbeat => Stroke::new(ink::QUIET, 0.8).dashed("1.5 3"),
    }
}

/// The head of an arrow at the end of a line.
fn arrow(canvas: &mut Canvas, (ax, ay): (f64, f64), (bx, by): (f64, f64), ink: &str) {
    let (dx, dy) = (bx - ax, by - ay);
    let length = libm::sqrt(dx * dx + dy * dy).max(1e-6);
    let (ux, uy) = (dx / length, dy / length);
    let back = (bx - 7.0 * ux, by - 7.0 * uy);
    canvas.shape(&[(bx, by), (back.0 - 3.0 * uy, back.1 + 3.0 * ux), (back.0 + 3.0 * uy, back.1 - 3.0 * ux)], ink);
}

/// A star with five points.
fn star(canvas: &mut Canvas, (x, y): (f64, f64), size: f64) {
    let point = |n: u32| {
        let (angle, reach) = (f64::from(n) * core::f64::consts::PI / 5.0, if n.is_multiple_of(2) { size } else { size * 0.42 });
        (x + reach * libm::sin(angle), y - reach * libm::cos(angle))
    };
    let points: Vec<(f64, f64)> = (0..10).map(point).collect();
    canvas.shape(&points, ink::TEXT);
}
