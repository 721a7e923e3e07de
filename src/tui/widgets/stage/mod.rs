//! The stage: the picture of a cluster at one moment.

mod boxes;
mod clients;
mod grid;
mod layout;
mod list;
mod messages;
mod taken;
mod walls;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::Target;
use super::dots::Dots;
use super::pen::Pen;
use super::text;
use crate::cluster::scene::{LinkView, Scene};
use crate::sim::id::{MsgId, NodeId};
use crate::tui::theme::Theme;
use layout::{Layout, Wire, layout};
use taken::Taken;
use walls::{Wall, crossed, walls};

/// Where things are on the screen, for the mouse.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Servers and clients.
    pub nodes: Vec<(NodeId, Rect)>,
    /// Messages with their words.
    pub messages: Vec<(MsgId, Rect)>,
    /// The middle of every wire, lower node first.
    pub wires: Vec<(NodeId, NodeId, Position)>,
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

/// Draws the scene, with `selected` marked, and returns where everything is.
pub fn draw(area: Rect, buf: &mut Buffer, theme: &Theme, scene: &Scene, selected: Option<Target>) -> Hits {
    let mut hits = Hits::default();
    let mut pen = Pen::new(buf, area);
    let area = pen.area();
    if area.is_empty() {
        return hits;
    }
    let layout = layout(area, scene);
    if layout.list {
        list::draw(&mut pen, theme, scene, selected, &mut hits);
        return hits;
    }
    let walls = walls(area, &layout, scene);
    let mut taken = Taken::new(area, &layout);
    wires(&mut pen, theme, &layout, scene);
    zones(&mut pen, theme, &layout);
    for wall in &walls {
        wall.draw(&mut pen, theme, &mut taken);
    }
    zone_names(&mut pen, theme, (&layout, &mut taken), scene);
    for link in &scene.links {
        wire_marks(&mut pen, theme, (&layout, &walls, &mut taken), link, selected, &mut hits);
    }
    things(&mut pen, theme, &layout, scene, selected, &mut hits);
    messages::draw(&mut pen, theme, (&layout, &walls, &mut taken), scene, selected, &mut hits);
    hits
}

fn zones(pen: &mut Pen<'_>, theme: &Theme, layout: &Layout) {
    for &(frame, _) in &layout.zones {
        // A zone as a band has only a line above it.
        let edge = if layout.bands { Rect { height: frame.height.min(1), ..frame } } else { frame };
        pen.inside(edge).border(frame, &theme.glyphs.zone_box, theme.edge);
    }
}

fn zone_names(pen: &mut Pen<'_>, theme: &Theme, (layout, taken): (&Layout, &mut Taken), scene: &Scene) {
    for (frame, index) in &layout.zones {
        if let Some(name) = scene.zones.get(*index).filter(|_| frame.width > 4) {
            let words = format!(" {name} ");
            let (x, y) = (frame.x as i32 + 2, frame.y as i32);
            let end = pen.clipped(x, y, &words, frame.width as usize - 4, theme.glyphs.more, theme.dim);
            taken.mark_run(x, y, (end - x).max(0) as usize, taken::WORDS);
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
fn wire_marks(
    pen: &mut Pen<'_>,
    theme: &Theme,
    (layout, walls, taken): (&Layout, &[Wall], &mut Taken),
    link: &LinkView,
    selected: Option<Target>,
    hits: &mut Hits,
) {
    let Some(wire) = layout.wire(link.a, link.b) else { return };
    let (x, y) = wire.at(0.5).cell();
    if pen.has(x, y) {
        hits.wires.push((link.a, link.b, Position::new(x as u16, y as u16)));
    }
    let arrow = theme.glyphs.arrows[1];
    let (words, style) = match (link.cut_ab, link.cut_ba) {
        (true, false) => (format!("{}{arrow}{} cut", link.a, link.b), theme.bad),
        (false, true) => (format!("{}{arrow}{} cut", link.b, link.a), theme.bad),
        _ => (link.note.clone(), theme.stale),
    };
    if !words.is_empty() {
        let start = x - text::width(&words) as i32 / 2;
        let end = pen.text(start, y + 1, &words, style);
        (start..end).for_each(|x| taken.wall(x, y + 1));
    }
    let walled = link.cut_ab && link.cut_ba && crossed(walls, wire, link.a, link.b);
    if (link.cut_ab || link.cut_ba) && !walled {
        pen.put(x, y, theme.glyphs.wall, theme.bad);
        taken.wall(x, y);
    }
    if selected == Some(Target::Wire(link.a, link.b)) {
        let text = format!("{} {} {}", link.a, theme.glyphs.lanes[0], link.b);
        pen.text(x - text::width(&text) as i32 / 2, y, &text, theme.strong.patch(theme.selected));
    }
}

/// Servers and clients.
fn things(pen: &mut Pen<'_>, theme: &Theme, layout: &Layout, scene: &Scene, selected: Option<Target>, hits: &mut Hits) {
    let is = |id: NodeId| selected == Some(Target::Node(id));
    for (node, place) in scene.nodes.iter().zip(&layout.places) {
        boxes::draw(pen, theme, place.rect, node, is(node.id));
        hits.nodes.push((node.id, place.rect));
    }
    for (client, place) in scene.clients.iter().zip(layout.places.iter().skip(scene.nodes.len())) {
        clients::draw(pen, theme, place, client, is(client.id));
        hits.nodes.push((client.id, place.rect));
    }
}
