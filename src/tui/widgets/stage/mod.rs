//! The stage: the picture of a cluster at one moment.

mod boxes;
mod clients;
mod columns;
mod dock;
mod doors;
mod flows;
mod foot;
mod grid;
mod layout;
mod list;
mod messages;
mod sheet;
mod tiers;
mod walls;
mod wire;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::Target;
use super::dots::Dots;
use super::panels::{self, Axis, Look};
use super::pen::Pen;
use super::text;
use crate::cluster::scene::{LinkView, Queue, Scene};
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::{Span, Time};
use crate::tui::theme::Theme;
use dock::Dock;
use layout::{Layout, layout};
use sheet::Sheet;
use walls::{Wall, crossed, parted, walls};
use wire::Wire;

/// Where things are on the screen, for the mouse.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Servers and clients.
    pub nodes: Vec<(NodeId, Rect)>,
    /// Messages with their words.
    pub messages: Vec<(MsgId, Rect)>,
    /// The middle of every wire, lower node first.
    pub wires: Vec<(NodeId, NodeId, Position)>,
    /// Knobs, by their index.
    pub knobs: Vec<(usize, Rect)>,
    /// Whether there was room for the picture or for a panel, but not for both.
    pub crowded: bool,
}

/// What of a stage is to be seen first; where there is not room for both, alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// The picture of the cluster; then the first panel.
    Picture,
    /// A panel, by its index; where there is room, with the picture above it.
    Panel(usize),
}

impl Front {
    /// What comes after it where there are so many `panels`. Where the picture stands with them, the first is seen already.
    pub fn next(self, panels: usize, crowded: bool) -> Front {
        match self {
            Front::Picture if crowded => Front::Panel(0),
            Front::Panel(last) if crowded && last + 1 >= panels => Front::Picture,
            Front::Picture => Front::Panel(1 % panels.max(1)),
            Front::Panel(index) => Front::Panel((index + 1) % panels.max(1)),
        }
    }
}

impl Hits {
    /// What is at this cell: a message before a node, a node before a wire whose middle is within two cells.
    pub fn at(&self, column: u16, row: u16) -> Option<Target> {
        let here = Position::new(column, row);
        let message = self.messages.iter().rev().find(|(_, r)| r.contains(here)).map(|(id, _)| Target::Message(*id));
        let node = || self.nodes.iter().find(|(_, r)| r.contains(here)).map(|(id, _)| Target::Node(*id));
        let near = |p: &Position| p.x.abs_diff(column) <= 2 && p.y.abs_diff(row) <= 1;
        let wire = || self.wires.iter().find(|(_, _, p)| near(p)).map(|(a, b, _)| Target::Wire(*a, *b));
        message.or_else(node).or_else(wire)
    }
}

/// What a stage shows.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Colours and signs.
    pub theme: &'a Theme,
    /// The cluster.
    pub scene: &'a Scene,
    /// What is marked.
    pub selected: Option<Target>,
    /// Labels of rows that are always seen, such as those that a step of a lesson is about.
    pub show: &'a [String],
    /// The knob that has the keys.
    pub knob: Option<usize>,
    /// What is to be seen first.
    pub front: Front,
    /// Whether what has a time axis is drawn elsewhere, over the timeline.
    pub timeline: bool,
    /// Virtual time in which the signs of a flow go one cell.
    pub cell: Span,
    /// What waits to be let in to whom.
    pub doors: &'a [(NodeId, Queue)],
}

impl<'a> View<'a> {
    /// A scene with nothing marked.
    pub fn new(theme: &'a Theme, scene: &'a Scene) -> View<'a> {
        View { theme, scene, selected: None, show: &[], knob: None, front: Front::Picture, timeline: false, cell: flows::CELL, doors: &[] }
    }

    fn look(&self) -> Look<'a> {
        // No panel of a stage has an axis of its own: those that need one are left to the timeline.
        let axis = self.timeline.then_some(Axis { left: 0, width: 0, from: Time::ZERO, to: Time::ZERO });
        Look { theme: self.theme, selected: self.selected, show: self.show, axis, now: self.scene.at }
    }
}

/// Draws the picture of the cluster, the panels that there is room for, and the knobs; returns where everything is.
pub fn draw(area: Rect, buf: &mut Buffer, view: &View<'_>) -> Hits {
    let mut hits = Hits::default();
    let mut pen = Pen::new(buf, area);
    let area = pen.area();
    if area.is_empty() {
        return hits;
    }
    let look = view.look();
    let dock = dock::dock(area, &look, view.scene, view.front, view.knob);
    hits.crowded = dock.crowded;
    if !dock.picture.is_empty() {
        picture(&mut pen.inside(dock.picture), view, &mut hits);
        doors::draw(&mut pen.inside(dock.picture), view, &hits);
    }
    for (index, rect) in &dock.panels {
        if !dock.picture.is_empty() && rect.x > dock.picture.x {
            line_down(&mut pen, view.theme, (rect.x - 2, rect.top(), rect.bottom()));
        }
        let (look, panel) = (Look { axis: None, ..look }, &view.scene.panels[*index]);
        let drawn = match rect.height {
            1 => panels::draw(&mut pen.inside(*rect), &look, &panel.body),
            _ => panels::titled(&mut pen.inside(*rect), &look, panel),
        };
        hits.nodes.extend(drawn);
    }
    hidden(&mut pen, view, &dock);
    hits.knobs = panels::draw_knobs(&mut pen.inside(dock.knobs), view.theme, &view.scene.knobs, view.knob);
    hits
}

fn line_down(pen: &mut Pen<'_>, theme: &Theme, (x, top, bottom): (u16, u16, u16)) {
    (top..bottom).for_each(|y| pen.put(x.into(), y.into(), theme.glyphs.follower_box.down, theme.edge));
}

/// The names of the panels for which there is no room, on the line above the lowest that is seen, else at the bottom of the picture.
fn hidden(pen: &mut Pen<'_>, view: &View<'_>, dock: &Dock) {
    let alone = dock.picture.is_empty();
    let panels = dock.hidden.iter().filter_map(|index| view.scene.panels.get(*index)).map(|panel| panel.title.as_str());
    let names: Vec<&str> = panels.chain(alone.then_some("the cluster")).collect();
    let beside = |rect: &Rect| alone || rect.x == dock.picture.x && rect.height > 1;
    let below = dock.panels.iter().map(|(_, rect)| *rect).filter(beside).max_by_key(|rect| rect.y);
    let line = below.unwrap_or(Rect { y: dock.picture.bottom().saturating_sub(1), height: 1, ..dock.picture });
    let place = |text: &String| (i32::from(line.right()) - text::width(text) as i32 - 1, i32::from(line.y));
    // Over the rule of a panel or an empty line, never over words.
    let free = |text: &String| {
        let (x, y) = place(text);
        let symbol = |x: i32| pen.symbol(x, y);
        x > i32::from(line.x) && (x..i32::from(line.right())).all(|at| [" ", view.theme.glyphs.lanes[0]].contains(&symbol(at)))
    };
    let forms = [format!(" V: {} ", names.join(", ")), format!(" V: +{} ", names.len())];
    if let Some(text) = forms.iter().find(|text| !names.is_empty() && free(text)) {
        let (x, y) = place(text);
        pen.text(x, y, text, view.theme.dim);
    }
}

/// The cluster itself.
fn picture(pen: &mut Pen<'_>, view: &View<'_>, hits: &mut Hits) {
    match panels::figure(pen, &Look { axis: None, ..view.look() }, view.scene) {
        Some(nodes) => {
            hits.nodes.extend(nodes);
            foot::draw(pen, view, hits);
        }
        None => places(pen, view, hits),
    }
}

/// Servers and clients in their places, with what is on its way between them.
fn places(pen: &mut Pen<'_>, view: &View<'_>, hits: &mut Hits) {
    let (theme, scene, area) = (view.theme, view.scene, pen.area());
    let layout = layout(area, scene);
    if layout.list {
        list::draw(pen, theme, scene, view.selected, hits);
        return;
    }
    let walls = walls(area, &layout, scene);
    let streams = flows::streams(scene, view.selected);
    let ways = layout.tiers.then(|| flows::ways(pen, theme, &layout, scene, &streams));
    if ways.is_none() {
        wires(pen, theme, &layout, scene);
    }
    zones(pen, theme, &layout);
    for wall in &walls {
        wall.draw(pen, theme);
    }
    things(pen, view, &layout, hits);
    let mut sheet = Sheet::new(pen.inside(area), &layout);
    zone_names(&mut sheet, theme, &layout, scene);
    for wall in &walls {
        wall.name(&mut sheet, theme);
    }
    if let Some(ways) = ways {
        ways.keep(&mut sheet);
    }
    for link in &scene.links {
        wire_marks(&mut sheet, view, (&layout, &walls), link, hits);
    }
    flows::draw(&mut sheet, view, &layout, &streams, hits);
    messages::draw(&mut sheet, view, (&layout, &walls), &streams, hits);
}

fn zones(pen: &mut Pen<'_>, theme: &Theme, layout: &Layout) {
    for &(frame, _) in &layout.zones {
        // A zone as a band has only a line above it.
        let edge = if layout.bands { Rect { height: frame.height.min(1), ..frame } } else { frame };
        pen.inside(edge).border(frame, &theme.glyphs.zone_box, theme.edge);
    }
}

fn zone_names(sheet: &mut Sheet<'_>, theme: &Theme, layout: &Layout, scene: &Scene) {
    for (frame, index) in &layout.zones {
        if let Some(name) = scene.zones.get(*index).filter(|_| frame.width > 4) {
            let words = format!(" {} ", text::truncate(name, usize::from(frame.width).saturating_sub(6), theme.glyphs.more));
            sheet.words_over_lines([(i32::from(frame.x) + 2, i32::from(frame.y))], &words, theme.dim);
        }
    }
}

fn wires(pen: &mut Pen<'_>, theme: &Theme, layout: &Layout, scene: &Scene) {
    let mut dots = Dots::new(pen.area());
    for link in scene.links.iter().filter(|link| !is_idle(link, scene)) {
        let client = link.a.is_client() || link.b.is_client();
        for (a, b) in layout.wire(link.a, link.b).iter().flat_map(Wire::pieces) {
            dots.line(a, b, if client { 2 } else { 1 });
        }
    }
    dots.draw(pen, theme.glyphs.ascii, theme.edge);
}

/// Whether it is the cut wire of a client to a server that it does not use: the wall says enough.
fn is_idle(link: &LinkView, scene: &Scene) -> bool {
    let uses = |client: NodeId, server: NodeId| scene.clients.iter().any(|c| c.id == client && c.server == Some(server));
    let client = link.a.is_client() || link.b.is_client();
    client && link.cut_ab && link.cut_ba && !uses(link.a, link.b) && !uses(link.b, link.a)
}

/// What is special about a wire, at its middle: a cut that no wall shows, a note, or that it is selected.
fn wire_marks(sheet: &mut Sheet<'_>, view: &View<'_>, (layout, walls): (&Layout, &[Wall]), link: &LinkView, hits: &mut Hits) {
    let theme = view.theme;
    let Some(wire) = layout.wire(link.a, link.b) else { return };
    let (x, y) = wire.at(0.5).cell();
    let position = Position::new(x.max(0) as u16, y.max(0) as u16);
    if sheet.area().contains(position) {
        hits.wires.push((link.a, link.b, position));
    }
    let name = |id: NodeId| {
        let server = view.scene.nodes.iter().find(|node| node.id == id).map(|node| node.name.clone());
        let client = || view.scene.clients.iter().find(|client| client.id == id).map(|client| client.name.clone());
        server.or_else(client).unwrap_or_else(|| id.to_string())
    };
    if view.selected == Some(Target::Wire(link.a, link.b)) {
        let text = format!("{} {} {}", name(link.a), theme.glyphs.lanes[0], name(link.b));
        sheet.words_over_lines(along(wire, &text, 0), &text, theme.strong.patch(theme.selected));
    }
    let unseen = is_idle(link, view.scene) && parted(walls, link.a, link.b);
    let walled = link.cut_ab && link.cut_ba && (unseen || crossed(walls, wire, link.a, link.b));
    if (link.cut_ab || link.cut_ba) && !walled {
        sheet.sign((x, y), theme.glyphs.wall, theme.bad);
    }
    let arrow = theme.glyphs.arrows[1];
    let (words, style) = match (link.cut_ab, link.cut_ba) {
        (true, false) => (format!("{}{arrow}{} cut", name(link.a), name(link.b)), theme.bad),
        (false, true) => (format!("{}{arrow}{} cut", name(link.b), name(link.a)), theme.bad),
        _ => (link.note.clone(), theme.stale),
    };
    sheet.words_over_lines(along(wire, &words, 1).chain(along(wire, &words, -1)), &words, style);
}

/// Where words about a wire may stand, so many lines below it: at its middle, then toward its ends.
fn along(wire: Wire, words: &str, below: i32) -> impl Iterator<Item = (i32, i32)> {
    let long = text::width(words) as i32;
    [0.5, 0.4, 0.6, 0.3, 0.7].into_iter().map(move |part| {
        let (x, y) = wire.at(part).cell();
        (x - long / 2, y + below)
    })
}

/// Servers and clients.
fn things(pen: &mut Pen<'_>, view: &View<'_>, layout: &Layout, hits: &mut Hits) {
    let (theme, scene) = (view.theme, view.scene);
    for place in &layout.places {
        let selected = view.selected == Some(Target::Node(place.id));
        if let Some(node) = at(&scene.nodes, place.id, |node| node.id) {
            boxes::draw(pen, view, place.rect, node);
        } else if let Some(client) = at(&scene.clients, place.id, |client| client.id) {
            clients::draw(pen, theme, place, client, selected);
        }
        hits.nodes.push((place.id, place.rect));
    }
}

/// The one with this id: nearly always at its number.
fn at<T>(all: &[T], id: NodeId, of: impl Fn(&T) -> NodeId) -> Option<&T> {
    all.get(id.index()).filter(|one| of(one) == id).or_else(|| all.iter().find(|one| of(one) == id))
}
