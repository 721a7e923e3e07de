//! The stage: the picture of a cluster at one moment.

mod boxes;
mod clients;
mod grid;
mod layout;
mod list;
mod messages;
mod walls;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::Target;
use super::dots::Dots;
use super::pen::Pen;
use crate::cluster::scene::{LinkView, Scene};
use crate::sim::id::{MsgId, NodeId};
use crate::tui::theme::Theme;
use layout::{Layout, layout};
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
    zones(&mut pen, theme, &layout, scene);
    wires(&mut pen, theme, &layout, scene);
    for wall in &walls {
        wall.draw(&mut pen, theme);
    }
    for link in &scene.links {
        wire_marks(&mut pen, theme, (&layout, &walls), link, selected, &mut hits);
    }
    things(&mut pen, theme, &layout, scene, selected, &mut hits);
    messages::draw(&mut pen, theme, (&layout, &walls), scene, selected, &mut hits);
    hits
}

fn zones(pen: &mut Pen<'_>, theme: &Theme, layout: &Layout, scene: &Scene) {
    for (frame, index) in &layout.zones {
        pen.border(*frame, &theme.glyphs.zone_box, theme.edge);
        if let Some(name) = scene.zones.get(*index).filter(|_| frame.width > 4) {
            let words = format!(" {name} ");
            pen.clipped(frame.x as i32 + 2, frame.y as i32, &words, frame.width as usize - 4, theme.glyphs.more, theme.dim);
        }
    }
}

fn wires(pen: &mut Pen<'_>, theme: &Theme, layout: &Layout, scene: &Scene) {
    let mut dots = Dots::new(pen.area());
    for link in &scene.links {
        if let Some((a, b)) = layout.wire(link.a, link.b) {
            let client = link.a.is_client() || link.b.is_client();
            dots.line(a, b, if client { 2 } else { 1 });
        }
    }
    dots.draw(pen, theme.glyphs.ascii, theme.edge);
}

/// What is special about a wire, at its middle: a one-way cut, a note, or that it is selected.
fn wire_marks(
    pen: &mut Pen<'_>,
    theme: &Theme,
    (layout, walls): (&Layout, &[Wall]),
    link: &LinkView,
    selected: Option<Target>,
    hits: &mut Hits,
) {
    let Some(wire) = layout.wire(link.a, link.b) else { return };
    let (x, y) = wire.0.toward(wire.1, 0.5).cell();
    if pen.has(x, y) {
        hits.wires.push((link.a, link.b, Position::new(x as u16, y as u16)));
    }
    if selected == Some(Target::Wire(link.a, link.b)) {
        pen.put(x, y, theme.glyphs.dot, theme.strong.patch(theme.selected));
        pen.text(x - 2, y - 1, &format!("{} {}", link.a, link.b), theme.strong.patch(theme.selected));
    }
    if !link.note.is_empty() {
        let middle = x - link.note.len() as i32 / 2;
        pen.text(middle, y + 1, &link.note, theme.stale);
    }
    let right = wire.1.x > wire.0.x;
    let stopped = match (link.cut_ab, link.cut_ba) {
        (true, false) => right,
        (false, true) => !right,
        // A wall stands there already, unless the two sides meet nowhere on the way.
        (true, true) if !crossed(walls, wire, link.a, link.b) => {
            pen.put(x, y, theme.glyphs.wall, theme.bad);
            return;
        }
        _ => return,
    };
    let (wall, [left_arrow, right_arrow, ..]) = (theme.glyphs.wall, theme.glyphs.arrows);
    if stopped {
        pen.text(x - 1, y, right_arrow, theme.bad);
        pen.text(x, y, wall, theme.bad);
    } else {
        pen.text(x, y, wall, theme.bad);
        pen.text(x + 1, y, left_arrow, theme.bad);
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
