//! Lanes: where each client and server has its line, and what state it is in along the way.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::View;
use crate::cluster::scene::Scene;
use crate::cluster::{Happening, NoteMark, What};
use crate::command::{Place, Poke};
use crate::sim::id::NodeId;
use crate::sim::time::Time;
use crate::tui::theme::Theme;
use crate::tui::widgets::panels;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// The geometry of the diagram.
pub(super) struct Lanes {
    /// Where columns are moments.
    pub(super) plot: Rect,
    /// The line of the axis.
    pub(super) axis: Option<u16>,
    /// Every lane with its line, from the top.
    pub(super) rows: Vec<(NodeId, u16)>,
    /// Lanes for which there is no line.
    pub(super) hidden: usize,
    pub(super) from: Time,
    pub(super) to: Time,
}

/// Lanes stand no further apart than this.
const FARTHEST: u16 = 4;

impl Lanes {
    pub(super) fn new(area: Rect, view: &View<'_>) -> Lanes {
        let axis = (area.height > 1).then(|| area.bottom() - 1);
        let height = area.height - u16::from(axis.is_some());
        let all = view.scene.nodes.len() + view.scene.clients.len();
        let who = who(view.scene, usize::from(height), view.lane);
        let hidden = all - who.len();
        let gaps = who.len().saturating_sub(1).max(1) as u16;
        let step = (height.saturating_sub(1) / gaps).clamp(1, FARTHEST);
        let rows: Vec<(NodeId, u16)> = who.into_iter().zip((area.y..).step_by(step as usize)).collect();
        let names = rows.iter().map(|(id, _)| width(name(view.scene, *id)) + 1).max().unwrap_or(0) as u16;
        let (labels, scale) = margins(view);
        let names = names.max(labels).max(counted(hidden)).min(area.width);
        let plot = Rect { x: area.x + names, width: (area.width - names).saturating_sub(scale), ..area };
        Lanes { plot, axis, rows, hidden, from: view.from, to: view.to }
    }

    /// The column of a moment; `None` outside the window.
    pub(super) fn column(&self, at: Time) -> Option<i32> {
        let inside = at >= self.from && at <= self.to && self.to > self.from && self.plot.width > 0;
        inside.then(|| (self.x(at) as i32).min(self.plot.right() as i32 - 1))
    }

    /// The same as a number that may lie outside the window.
    pub(super) fn x(&self, at: Time) -> f32 {
        let length = self.to.since(self.from).0.max(1) as f64;
        let part = (at.0 as f64 - self.from.0 as f64) / length;
        self.plot.x as f32 + (part * f64::from(self.plot.width)).clamp(-1e6, 1e6) as f32
    }

    /// The line of a lane.
    pub(super) fn row(&self, id: NodeId) -> Option<u16> {
        self.rows.iter().find(|(lane, _)| *lane == id).map(|(_, y)| *y)
    }

    /// Whether lanes have lines between them, for slants to be seen.
    pub(super) fn apart(&self) -> bool {
        self.rows.windows(2).all(|w| w[1].1 - w[0].1 > 1)
    }
}

/// The columns that the count of hidden lanes needs, with a blank after it.
fn counted(hidden: usize) -> u16 {
    if hidden > 0 { format!("+{hidden} ").len() as u16 } else { 0 }
}

/// The columns that the series over the lanes need at their left and right.
fn margins(view: &View<'_>) -> (u16, u16) {
    if view.series.is_empty() { (0, 0) } else { (panels::labels(view.series, view.scene.at), panels::SCALE) }
}

/// Who gets a lane: clients above servers. Where not all have a line, servers come first, and from the `first` of all on.
fn who(scene: &Scene, lines: usize, first: usize) -> Vec<NodeId> {
    let (servers, clients) = (scene.nodes.iter().map(|n| n.id), scene.clients.iter().map(|c| c.id));
    let all = scene.nodes.len() + scene.clients.len();
    let first = first.min(all.saturating_sub(lines));
    let seen: Vec<NodeId> = servers.chain(clients).skip(first).take(lines).collect();
    let (clients, servers): (Vec<NodeId>, Vec<NodeId>) = seen.into_iter().partition(|id| id.is_client());
    clients.into_iter().chain(servers).collect()
}

/// What a node is called on the stage.
fn name(scene: &Scene, id: NodeId) -> &str {
    let server = scene.nodes.iter().find(|node| node.id == id).map(|node| node.name.as_str());
    server.or_else(|| scene.clients.iter().find(|client| client.id == id).map(|client| client.name.as_str())).unwrap_or_default()
}

/// The nodes that a place names.
pub fn members<'a>(scene: &'a Scene, place: &'a Place) -> impl Iterator<Item = NodeId> + 'a {
    let zone = match place {
        Place::Named(name) => scene.zones.iter().position(|z| z == name),
        Place::Node(_) => None,
    };
    let one = match place {
        Place::Node(id) => Some(*id),
        Place::Named(_) => None,
    };
    let servers = scene.nodes.iter().map(|n| (n.id, n.zone));
    let clients = scene.clients.iter().map(|c| (c.id, c.zone));
    let inside = servers.chain(clients).filter(move |(_, z)| zone.is_some() && *z == zone).map(|(id, _)| id);
    one.into_iter().chain(inside)
}

/// How a lane looks for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It works.
    Calm,
    /// It works and leads.
    Leads,
    /// It does nothing.
    Down,
}

/// Draws every lane with its name.
pub(super) fn draw(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, view: &View<'_>) {
    let names = lanes.plot.x.saturating_sub(pen.area().x) as usize;
    let turns: Vec<&Happening> = view.happenings.iter().filter(|h| turns(&h.what)).collect();
    for &(id, y) in &lanes.rows {
        let style = if id.is_client() { theme.client } else { theme.text };
        let x = pen.area().x as i32;
        pen.clipped(x, y as i32, name(view.scene, id), names.saturating_sub(1), "", style);
        lane(pen, theme, lanes, view, &turns, (id, y));
    }
    hidden(pen, theme, lanes, names);
}

/// How many lanes there is no line for, below the names.
fn hidden(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, names: usize) {
    let Some(y) = lanes.axis.filter(|_| lanes.hidden > 0) else { return };
    let forms = [format!("+{} lanes", lanes.hidden), format!("+{}", lanes.hidden)];
    if let Some(text) = forms.iter().find(|text| text.len() < names) {
        pen.text(pen.area().x.into(), y.into(), text, theme.key);
    }
}

/// Whether this can change the state of a lane.
fn turns(what: &What) -> bool {
    matches!(what, What::Note { mark: NoteMark::Leads | NoteMark::Follows, .. } | What::Poked(_))
}

fn lane(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, view: &View<'_>, turns: &[&Happening], (id, y): (NodeId, u16)) {
    let mut state = if view.leading.contains(&id) { State::Leads } else { State::Calm };
    let mut x = lanes.plot.x as i32;
    for happening in turns {
        let Some(next) = change(view.scene, &happening.what, id, state) else { continue };
        let until = lanes.x(happening.at) as i32;
        fill(pen, theme, lanes, (x, until), y, state);
        (state, x) = (next, until.max(lanes.plot.x as i32));
    }
    let now = lanes.x(view.scene.at) as i32;
    fill(pen, theme, lanes, (x, now + 1), y, state);
    fill(pen, theme, lanes, (now + 1, lanes.plot.right() as i32), y, State::Calm);
}

fn fill(pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes, (from, to): (i32, i32), y: u16, state: State) {
    let [calm, leads, down] = theme.glyphs.lanes;
    let (symbol, style): (&str, Style) = match state {
        State::Calm => (calm, theme.edge),
        State::Leads => (leads, theme.leader),
        State::Down => (down, theme.down),
    };
    for x in from.max(lanes.plot.x as i32)..to.min(lanes.plot.right() as i32) {
        pen.put(x, y as i32, symbol, style);
    }
}

/// The state of `id` after this happened, if it changes.
pub fn change(scene: &Scene, what: &What, id: NodeId, state: State) -> Option<State> {
    let named = |place: &Place| members(scene, place).any(|m| m == id);
    let next = match what {
        What::Note { node, mark: NoteMark::Leads, .. } if *node == id => State::Leads,
        What::Note { node, mark: NoteMark::Follows, .. } if *node == id => State::Calm,
        What::Poked(Poke::Crash(place, _) | Poke::Pause(place)) if named(place) => State::Down,
        What::Poked(Poke::Restart(place) | Poke::Resume(place)) if named(place) && state == State::Down => State::Calm,
        _ => return None,
    };
    (next != state).then_some(next)
}
