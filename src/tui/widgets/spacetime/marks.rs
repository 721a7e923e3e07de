//! Operations, faults and notes on the lanes.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::lanes::{Lanes, members};
use super::traffic::Traffic;
use super::{Mark, View};
use crate::cluster::told::{Exchange, Outcome};
use crate::cluster::{Happening, NoteMark, What};
use crate::command::{Arg, Place, Poke};
use crate::sim::id::NodeId;
use crate::tui::theme::Theme;
use crate::tui::widgets::operations::THEN_LOST;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, head, piece, width};
use crate::tui::widgets::{Target, narration, panels};

/// Draws with what it needs at hand; remembers which cells have a word or a sign.
struct Marker<'a, 'b> {
    pen: &'a mut Pen<'b>,
    theme: &'a Theme,
    lanes: &'a Lanes,
    traffic: &'a Traffic,
    view: &'a View<'a>,
    marks: &'a mut Vec<Mark>,
    /// The cells of every lane that have a word or a sign: nothing is written over those.
    taken: Vec<bool>,
    /// The operations that are open, with the column of their call.
    open: Vec<(usize, i32)>,
}

/// Draws all marks in the order in which they happened.
pub(super) fn draw(pen: &mut Pen<'_>, theme: &Theme, (lanes, traffic): (&Lanes, &Traffic), view: &View<'_>, marks: &mut Vec<Mark>) {
    let taken = vec![false; lanes.rows.len() * usize::from(lanes.plot.width)];
    let chosen = chosen(view);
    let mut marker = Marker { pen, theme, lanes, traffic, view, marks, taken, open: Vec::new() };
    // What comes first is never hidden by what comes later.
    for place in [First::Chosen, First::Fault, First::Turn, First::Usual] {
        let all = view.happenings.iter().filter(|happening| first(happening, view, chosen) == place);
        all.for_each(|happening| marker.happening(happening));
        if place == First::Turn {
            marker.queues();
        }
    }
    marker.still_open();
}

/// What gets the cells of a lane first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    /// What is selected.
    Chosen,
    /// What went wrong, and what shows it: where one cell stands for several things, the worst is seen.
    Fault,
    /// A node changed its role, or a fault was mended.
    Turn,
    /// The words of clients, and what goes as it should.
    Usual,
}

/// The operation that is selected, or of which a call or a return is.
fn chosen(view: &View<'_>) -> Option<usize> {
    match view.selected? {
        Target::Operation(index) => Some(index),
        Target::Event(event) => view.happenings.iter().find(|happening| happening.event == event).and_then(|found| operation(&found.what)),
        _ => None,
    }
}

fn operation(what: &What) -> Option<usize> {
    if let What::Called(index) | What::Returned(index, _) = what { Some(*index) } else { None }
}

fn first(happening: &Happening, view: &View<'_>, chosen: Option<usize>) -> First {
    match &happening.what {
        _ if view.selected == Some(Target::Event(happening.event)) => First::Chosen,
        what if operation(what).is_some_and(|index| chosen == Some(index)) => First::Chosen,
        what if operation(what).is_some_and(|index| view.operations.is_witness(index)) => First::Fault,
        What::Poked(Poke::Crash(..) | Poke::Pause(_) | Poke::Slow(..) | Poke::Cut(..) | Poke::FullDisk(_)) => First::Fault,
        What::Poked(_) => First::Turn,
        What::Note { mark, .. } if !matches!(mark, NoteMark::Applies | NoteMark::Small) => First::Turn,
        _ => First::Usual,
    }
}

/// Columns for what waits at one server, with its count, at most.
const LONGEST_QUEUE: i32 = 16;

impl<'a> Marker<'a, '_> {
    fn happening(&mut self, happening: &Happening) {
        let target = Target::Event(happening.event);
        match &happening.what {
            What::Arrived { .. } | What::Lost { .. } | What::Note { mark: NoteMark::Small, .. } => {}
            _ if self.is_traffic(happening) => {}
            What::Note { node, mark, .. } => {
                let (glyph, style) = narration::note_mark(self.theme, *mark);
                self.words(*node, happening, glyph, style, target);
            }
            What::Poked(poke) => self.poke(happening, poke),
            What::Called(index) => self.called(happening, *index),
            What::Returned(index, told) => self.returned(happening, *index, told),
        }
    }

    /// Whether it is one of many on a busy lane: a write applied, or an operation that went well. What is selected never is, nor what shows
    /// that a guarantee is broken.
    fn is_traffic(&self, happening: &Happening) -> bool {
        let operation = |index: usize| self.view.operations.get(index).filter(|_| !self.view.operations.is_witness(index));
        let (node, target) = match &happening.what {
            What::Note { node, mark: NoteMark::Applies, .. } => (Some(*node), Target::Event(happening.event)),
            What::Called(index) => (operation(*index).map(|o| o.client), Target::Operation(*index)),
            What::Returned(index, _) => {
                let well = operation(*index).filter(|op| matches!(op.outcome, Outcome::Ok(_)));
                (well.map(|o| o.client), Target::Operation(*index))
            }
            _ => return false,
        };
        let chosen = [Target::Event(happening.event), target].into_iter().any(|t| self.view.selected == Some(t));
        !chosen && node.is_some_and(|node| self.traffic.is_busy(self.lanes, node))
    }

    /// Words on a lane, from the column of a moment on: all of them, or their first sign, or nothing. A part of a word or of a number
    /// would say something else.
    fn words(&mut self, node: NodeId, happening: &Happening, text: &str, style: Style, target: Target) {
        let (Some(x), Some(lane)) = (self.lanes.column(happening.at), self.lanes.rows.iter().position(|(id, _)| *id == node)) else {
            return;
        };
        let y = self.lanes.rows[lane].1 as i32;
        let chosen = self.view.selected == Some(target) || self.view.selected == Some(Target::Event(happening.event));
        let style = if chosen { style.patch(self.theme.selected) } else { style };
        let sign = head(text, 1);
        let shown = [text, sign].into_iter().find(|text| self.fits(lane, x, text)).unwrap_or_default();
        let end = self.pen.text(x, y, shown, style);
        self.take(lane, x, end);
        let rect = Rect::new(x as u16, y as u16, (end - x).max(1) as u16, 1);
        self.marks.push(Mark { rect, target, at: happening.at });
    }

    /// The cells of a lane from a column on.
    fn cells(&self, lane: usize, x: i32, long: usize) -> std::ops::Range<usize> {
        let wide = usize::from(self.lanes.plot.width);
        let start = (x - i32::from(self.lanes.plot.x)).clamp(0, wide as i32) as usize;
        lane * wide + start..lane * wide + (start + long).min(wide)
    }

    /// Whether so many cells of a lane are there and have nothing yet.
    fn is_free(&self, lane: usize, x: i32, long: usize) -> bool {
        let cells = self.cells(lane, x, long);
        cells.len() == long && self.taken[cells].iter().all(|taken| !taken)
    }

    /// Whether a text has its cells, and a letter of it would touch no letter of another.
    fn fits(&self, lane: usize, x: i32, text: &str) -> bool {
        let (long, y) = (width(text), i32::from(self.lanes.rows[lane].1));
        let is_letter = |symbol: &str| symbol.starts_with(char::is_alphanumeric);
        let touches = |own: Option<char>, at: i32| {
            own.is_some_and(char::is_alphanumeric) && !self.is_free(lane, at, 1) && is_letter(self.pen.symbol(at, y))
        };
        self.is_free(lane, x, long) && !touches(text.chars().next(), x - 1) && !touches(text.chars().last(), x + long as i32)
    }

    fn take(&mut self, lane: usize, from: i32, to: i32) {
        let cells = self.cells(lane, from, (to - from).max(0) as usize);
        self.taken[cells].fill(true);
    }

    fn poke(&mut self, happening: &Happening, poke: &Poke) {
        let glyphs = self.theme.glyphs;
        match poke {
            Poke::Crash(place, _) => self.fault(happening, [place], glyphs.cross, self.theme.bad),
            Poke::Pause(place) => self.fault(happening, [place], glyphs.paused, self.theme.stale),
            Poke::Slow(place, _) => self.fault(happening, [place], glyphs.slow, self.theme.stale),
            Poke::Restart(place) | Poke::Resume(place) => self.fault(happening, [place], glyphs.ok, self.theme.good),
            Poke::Cut(left, _, right) => self.fault(happening, left.iter().chain(right), glyphs.wall, self.theme.bad),
            Poke::Heal(left, _, right) => self.fault(happening, left.iter().chain(right), glyphs.ok, self.theme.good),
            Poke::HealAll => {
                let servers = self.view.scene.nodes.iter();
                servers.for_each(|n| self.words(n.id, happening, glyphs.ok, self.theme.good, Target::Event(happening.event)));
            }
            Poke::FullDisk(place) | Poke::Skew(place, _) | Poke::Drift(place, _) | Poke::Fire(place, _) => {
                self.fault(happening, [place], glyphs.axis[1], self.theme.key);
            }
            Poke::Operate(call) => {
                let places: Vec<&Place> = call.args.iter().filter_map(Arg::place).collect();
                self.fault(happening, places, glyphs.axis[1], self.theme.key);
            }
            _ => {}
        }
    }

    fn fault<'p>(&mut self, happening: &Happening, places: impl IntoIterator<Item = &'p Place>, glyph: &str, style: Style) {
        for place in places {
            for node in members(self.view.scene, place) {
                self.words(node, happening, glyph, style, Target::Event(happening.event));
            }
        }
    }

    /// What waits at each server, over its lane before the present: the head at the left, what came last beside the present.
    fn queues(&mut self) {
        let Some(now) = self.lanes.column(self.view.scene.at) else { return };
        for node in self.view.scene.nodes.iter().filter(|node| node.inbox.len() > 1) {
            let Some(lane) = self.lanes.rows.iter().position(|(id, _)| *id == node.id) else { continue };
            let count = format!(" {}", node.inbox.len());
            let free = (1..=LONGEST_QUEUE).take_while(|cell| self.is_free(lane, now - cell, 1) && now - cell >= self.lanes.plot.x.into());
            let cells = free.count().saturating_sub(width(&count));
            let strip = panels::short_queue(self.theme, &node.inbox, cells);
            let from = now - (strip.len() + width(&count)) as i32;
            if strip.is_empty() {
                continue;
            }
            let rect = Rect::new(from as u16, self.lanes.rows[lane].1, (now - from) as u16, 1);
            let words: Line = strip.into_iter().chain([piece(count, self.theme.data)]).collect();
            panels::put_line(self.pen, self.theme, rect, &words);
            self.take(lane, from, now);
            self.marks.push(Mark { rect, target: Target::Node(node.id), at: self.view.scene.at });
        }
    }

    /// Whether the words of an operation would be covered by those before it: then there is nothing to see of it.
    fn crowded(&self, client: NodeId, happening: &Happening) -> bool {
        let lane = self.lanes.rows.iter().position(|(id, _)| *id == client);
        let x = self.lanes.column(happening.at);
        matches!((lane, x), (Some(lane), Some(x)) if !self.is_free(lane, x, 1))
    }

    /// An operation of a client that has a lane here.
    fn operation(&self, index: usize) -> Option<&'a Exchange> {
        self.view.operations.get(index).filter(|operation| self.lanes.row(operation.client).is_some())
    }

    fn called(&mut self, happening: &Happening, index: usize) {
        let Some(operation) = self.operation(index) else { return };
        let style = self.theme.client.patch(self.theme.strong);
        let client = operation.client;
        if !self.crowded(client, happening) || self.view.selected == Some(Target::Operation(index)) {
            self.words(client, happening, &operation.call.brief(), style, Target::Operation(index));
        }
        let x = self.lanes.column(happening.at).unwrap_or(self.lanes.plot.x as i32);
        self.open.push((index, x));
    }

    fn returned(&mut self, happening: &Happening, index: usize, told: &str) {
        let Some(operation) = self.operation(index) else { return };
        let started = self.open.iter().position(|(i, _)| *i == index).map(|at| self.open.swap_remove(at).1);
        let client = operation.client;
        if let Some(x) = self.lanes.column(happening.at) {
            self.span(client, started.unwrap_or(self.lanes.plot.x as i32), x);
        }
        let style = self.outcome(operation);
        if self.crowded(client, happening) && self.view.selected != Some(Target::Operation(index)) {
            return self.words(client, happening, self.theme.glyphs.done, style, Target::Operation(index));
        }
        let told = if self.view.operations.is_lost(index) { THEN_LOST } else { told };
        let text = format!("{}{told}", self.theme.glyphs.done);
        self.words(client, happening, &text, style, Target::Operation(index));
    }

    fn outcome(&self, operation: &Exchange) -> Style {
        match operation.outcome {
            _ if self.view.operations.is_lost(operation.id as usize) => self.theme.bad,
            Outcome::Ok(_) => self.theme.good,
            Outcome::Refused(_) | Outcome::Failed(_) => self.theme.bad,
            Outcome::Unknown(_) | Outcome::Open => self.theme.stale,
        }
    }

    /// The stretch of a lane during which an operation is open.
    fn span(&mut self, client: NodeId, from: i32, to: i32) {
        let Some(lane) = self.lanes.rows.iter().position(|(id, _)| *id == client) else { return };
        for x in from.max(i32::from(self.lanes.plot.x))..to {
            if self.is_free(lane, x, 1) {
                self.pen.put(x, self.lanes.rows[lane].1 as i32, self.theme.glyphs.lanes[0], self.theme.client);
            }
        }
    }

    fn still_open(&mut self) {
        let now = self.lanes.column(self.view.scene.at).unwrap_or(self.lanes.plot.right() as i32 - 1);
        for (index, from) in std::mem::take(&mut self.open) {
            if let Some(operation) = self.view.operations.get(index) {
                self.span(operation.client, from, now);
            }
        }
    }
}
