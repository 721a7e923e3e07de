//! Where everything stands. Places depend on the area and on who exists, never on roles or messages: nothing jumps.

use ratatui::layout::Rect;

use super::columns;
use super::grid::{BESIDE, Grid, grid};
use super::tiers;
use super::wire::Wire;
use crate::cluster::scene::{self, Scene};
use crate::sim::id::NodeId;
use crate::tui::widgets::dots::Point;
use crate::tui::widgets::text::width;

/// Where one node or client stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) id: NodeId,
    pub(super) rect: Rect,
    pub(super) side: Side,
    /// Columns of its name.
    pub(super) name: u16,
}

/// How a place is drawn and where its wires start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A server: wires start all around it.
    Server,
    /// A client at the left edge: wires start at the right of its name.
    Left,
    /// A client at the right edge, written from the right.
    Right,
    /// A client at the bottom of its zone: wires start above its name.
    Bottom,
}

/// The whole arrangement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// Servers in the order of the scene, then clients in the order of the scene.
    pub(super) places: Vec<Place>,
    /// The frame of every zone that has one, with its index.
    pub(super) zones: Vec<(Rect, usize)>,
    /// Whether the zones lie above each other, each with a line above it, instead of side by side.
    pub(super) bands: bool,
    /// Whether there was no room to place things: they are listed then.
    pub(super) list: bool,
    /// Whether wires run along rows and columns, from left to right.
    pub(super) tiers: bool,
    /// The part of the stage that is used.
    pub(super) area: Rect,
}

/// The largest stage: beyond it things would stand too far apart to be seen together.
const LARGEST: (u16, u16) = (160, 40);

/// Where everything of the scene stands in `area`.
pub(super) fn layout(area: Rect, scene: &Scene) -> Layout {
    let area = narrowed(area);
    let arranged = match &scene.layout {
        scene::Layout::Tiers(columns) => tiers::tiers(area, scene, columns),
        scene::Layout::Columns if zoned(scene) => columns::columns(area, scene).or_else(|| in_bands(area, scene)),
        scene::Layout::Columns => tiers::tiers(area, scene, &scene.nodes.iter().map(|node| vec![node.id]).collect::<Vec<_>>()),
        _ if zoned(scene) => larger(in_strips(area, scene), in_bands(area, scene)),
        _ => in_one_place(area, scene),
    };
    let arranged = arranged.unwrap_or(Layout { list: true, ..Layout::default() });
    Layout { area, ..arranged }
}

fn narrowed(area: Rect) -> Rect {
    let (x, y) = (area.width.saturating_sub(LARGEST.0), area.height.saturating_sub(LARGEST.1));
    Rect { x: area.x + x / 2, width: area.width - x, y: area.y + y / 2, height: area.height - y }
}

fn zoned(scene: &Scene) -> bool {
    !scene.zones.is_empty() && scene.nodes.iter().any(|n| n.zone.is_some())
}

/// What is left for the servers between the clients' columns, and how wide those are.
fn between(area: Rect, left: bool, right: bool) -> (Rect, u16) {
    // The least that shows `✕ timeout` and `✕ refused`.
    let column = (area.width * 4 / 25).clamp(9, 18).min(area.width);
    let (l, r) = (if left { column + 1 } else { 0 }, if right { column + 1 } else { 0 });
    let width = area.width.saturating_sub(l + r);
    (Rect { x: area.x + l.min(area.width), width, ..area }, column)
}

fn in_one_place(area: Rect, scene: &Scene) -> Option<Layout> {
    let (left, right) = by_turns(&(0..scene.clients.len()).collect::<Vec<_>>());
    let (middle, column) = between(area, !left.is_empty(), !right.is_empty());
    let grid = grid((middle.width, middle.height), scene.nodes.len())?;
    let all: Vec<usize> = (0..scene.nodes.len()).collect();
    let mut places = servers(middle, grid, scene, &all);
    places.extend(column_of(area, column, Side::Left, scene, &left)?);
    places.extend(column_of(area, column, Side::Right, scene, &right)?);
    Some(Layout { places: in_order(places, scene), ..Layout::default() })
}

/// Every second one to each side.
fn by_turns(which: &[usize]) -> (Vec<usize>, Vec<usize>) {
    (which.iter().step_by(2).copied().collect(), which.iter().skip(1).step_by(2).copied().collect())
}

fn servers(area: Rect, grid: Grid, scene: &Scene, which: &[usize]) -> Vec<Place> {
    let spots = grid.spots((area.width, area.height), which.len());
    let place = |(&(x, y), &index): (&(u16, u16), &usize)| Place {
        id: scene.nodes[index].id,
        rect: Rect::new(area.x + x, area.y + y, grid.cell.0, grid.cell.1).intersection(area),
        side: Side::Server,
        name: width(&scene.nodes[index].name) as u16,
    };
    spots.iter().zip(which).map(place).collect()
}

/// Clients one below the other at an edge; `None` when there are more than lines.
fn column_of(area: Rect, width: u16, side: Side, scene: &Scene, which: &[usize]) -> Option<Vec<Place>> {
    let count = u16::try_from(which.len()).unwrap_or(u16::MAX);
    if count > area.height {
        return None;
    }
    let x = if side == Side::Right { area.right() - width } else { area.x };
    let place = |(slot, &index): (u16, &usize)| {
        let (top, bottom) = (area.height * slot / count, area.height * (slot + 1) / count);
        let middle = (top + bottom).saturating_sub(1) / 2;
        let y = if bottom - top >= 5 { middle } else { top };
        client(scene, index, Rect::new(x, area.y + y, width, (bottom - y).min(3)), side)
    };
    Some((0..count).zip(which).map(place).collect())
}

pub(super) fn client(scene: &Scene, index: usize, rect: Rect, side: Side) -> Place {
    let view = &scene.clients[index];
    Place { id: view.id, rect, side, name: width(&view.name) as u16 }
}

/// Brings places into the order of the scene, so that they can be found by index.
pub(super) fn in_order(mut places: Vec<Place>, scene: &Scene) -> Vec<Place> {
    let rank = |id: NodeId| {
        let node = scene.nodes.iter().position(|n| n.id == id);
        node.or_else(|| scene.clients.iter().position(|c| c.id == id).map(|i| i + scene.nodes.len()))
    };
    places.sort_by_key(|p| rank(p.id));
    places
}

/// One zone: who is in it, and where its clients stand.
pub(super) struct Strip {
    pub(super) index: usize,
    pub(super) nodes: Vec<usize>,
    pub(super) clients: Vec<usize>,
}

/// The zones in which anybody is.
pub(super) fn strips(scene: &Scene) -> Vec<Strip> {
    let last = scene.zones.len() - 1;
    let zone = |z: Option<usize>| z.unwrap_or(0).min(last);
    let of = |index: usize| Strip {
        index,
        nodes: (0..scene.nodes.len()).filter(|&i| zone(scene.nodes[i].zone) == index).collect(),
        clients: (0..scene.clients.len()).filter(|&i| zone(scene.clients[i].zone) == index).collect(),
    };
    (0..=last).map(of).filter(|s| !s.nodes.is_empty() || !s.clients.is_empty()).collect()
}

fn in_strips(area: Rect, scene: &Scene) -> Option<Layout> {
    let strips = strips(scene);
    let (first, last) = (strips.first()?, strips.last()?);
    let right = if strips.len() > 1 { last.clients.as_slice() } else { &[] };
    let (middle, column) = between(area, !first.clients.is_empty(), !right.is_empty());
    let mut places = column_of(area, column, Side::Left, scene, &first.clients)?;
    places.extend(column_of(area, column, Side::Right, scene, right)?);
    let frames = frames(middle, &strips);
    let inner: Vec<Rect> = frames.iter().enumerate().map(|(i, f)| inside(*f, &strips[i], i > 0 && i + 1 < strips.len())).collect();
    let cell = common_cell(&inner, &strips)?;
    for (i, strip) in strips.iter().enumerate() {
        let mut grid = grid((inner[i].width, inner[i].height), strip.nodes.len())?;
        grid.cell = cell;
        places.extend(servers(inner[i], grid, scene, &strip.nodes));
        if i > 0 && i + 1 < strips.len() {
            places.extend(at_bottom(frames[i], scene, &strip.clients)?);
        }
    }
    let zones = frames.into_iter().zip(&strips).map(|(f, s)| (f, s.index)).collect();
    Some(Layout { places: in_order(places, scene), zones, ..Layout::default() })
}

/// Zones above each other: servers in the middle of their band, clients at its ends.
fn in_bands(area: Rect, scene: &Scene) -> Option<Layout> {
    let strips = strips(scene);
    let count = strips.len() as u16;
    let line = |index: u16| area.y + (u32::from(area.height) * u32::from(index) / u32::from(count.max(1))) as u16;
    let frames: Vec<Rect> = (0..count).map(|i| Rect { y: line(i), height: line(i + 1) - line(i), ..area }).collect();
    let right = strips.iter().any(|s| s.clients.len() > 1);
    let left = strips.iter().any(|s| !s.clients.is_empty());
    let mut places = Vec::new();
    let mut inner = Vec::new();
    for (frame, strip) in frames.iter().zip(&strips) {
        let band = Rect { y: frame.y + frame.height.min(1), height: frame.height.saturating_sub(1), ..*frame };
        let (middle, column) = between(band, left, right);
        inner.push(middle);
        let (ours, others) = by_turns(&strip.clients);
        places.extend(column_of(band, column, Side::Left, scene, &ours)?);
        places.extend(column_of(band, column, Side::Right, scene, &others)?);
    }
    let (wide, tall) = common_cell(&inner, &strips)?;
    // Boxes that stand above each other, in one band or two, leave room for a wire to pass beside.
    let narrowest = inner.iter().map(|middle| middle.width).min()?;
    let cell = (wide.min(narrowest.saturating_sub(BESIDE)), tall);
    for (area, strip) in inner.iter().zip(&strips) {
        let mut grid = grid((area.width, area.height), strip.nodes.len())?;
        grid.cell = cell;
        places.extend(servers(*area, grid, scene, &strip.nodes));
    }
    let zones = frames.into_iter().zip(&strips).map(|(f, s)| (f, s.index)).collect();
    Some(Layout { places: in_order(places, scene), zones, bands: true, ..Layout::default() })
}

/// The arrangement with the larger boxes; the first when they are alike.
fn larger(a: Option<Layout>, b: Option<Layout>) -> Option<Layout> {
    let size = |layout: &Layout| {
        let server = layout.places.iter().find(|p| p.side == Side::Server);
        server.map_or(0, |p| u32::from(p.rect.width.min(21)) * u32::from(p.rect.height.min(5)))
    };
    match (a, b) {
        (Some(a), Some(b)) => Some(if size(&b) > size(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// The zones side by side, wider where more servers stand.
fn frames(area: Rect, strips: &[Strip]) -> Vec<Rect> {
    let count = strips.len() as u16;
    let gap = (area.width / 14).clamp(1, 8);
    let weight = |s: &Strip| 2 + s.nodes.len() as u16;
    let total: u16 = strips.iter().map(weight).sum();
    let space = area.width.saturating_sub(gap * (count - 1));
    let mut before = 0;
    let frame = |(i, strip): (usize, &Strip)| {
        let (from, to) = (space as u32 * before / total as u32, space as u32 * (before + weight(strip) as u32) / total as u32);
        before += weight(strip) as u32;
        Rect::new(area.x + from as u16 + gap * i as u16, area.y, (to - from) as u16, area.height)
    };
    strips.iter().enumerate().map(frame).collect()
}

/// The inside of a zone's frame, without the lines of clients at its bottom.
fn inside(frame: Rect, strip: &Strip, clients: bool) -> Rect {
    let lines = if clients { strip.clients.len() as u16 } else { 0 };
    let (width, height) = (frame.width.saturating_sub(4), frame.height.saturating_sub(2 + lines));
    Rect::new(frame.x + 2.min(frame.width), frame.y + 1.min(frame.height), width, height)
}

/// One size of boxes for all zones: the smallest.
fn common_cell(inner: &[Rect], strips: &[Strip]) -> Option<(u16, u16)> {
    let mut cell = (u16::MAX, u16::MAX);
    for (area, strip) in inner.iter().zip(strips).filter(|(_, s)| !s.nodes.is_empty()) {
        let grid = grid((area.width, area.height), strip.nodes.len())?;
        cell = (cell.0.min(grid.cell.0), cell.1.min(grid.cell.1));
    }
    Some(cell)
}

fn at_bottom(frame: Rect, scene: &Scene, which: &[usize]) -> Option<Vec<Place>> {
    let count = u16::try_from(which.len()).ok().filter(|c| c + 2 <= frame.height)?;
    let width = frame.width.saturating_sub(4);
    let rect = |line: u16| Rect::new(frame.x + 2, frame.bottom() - 1 - count + line, width, 1);
    let place = |(line, &index): (u16, &usize)| client(scene, index, rect(line), Side::Bottom);
    Some((0..count).zip(which).map(place).collect())
}

impl Place {
    /// Where wires aim at.
    fn centre(&self) -> Point {
        let Rect { x, y, width, height } = self.rect;
        let (x, y, w, h) = (x as f32, y as f32, width as f32, height as f32);
        let name = f32::from(self.name);
        match self.side {
            Side::Server => Point { x: x + w / 2.0, y: y + h / 2.0 },
            Side::Left => Point { x: x + name + 1.5, y: y + 0.5 },
            Side::Right => Point { x: x + w - name - 1.5, y: y + 0.5 },
            Side::Bottom => Point { x: x + name / 2.0, y: y - 0.5 },
        }
    }

    /// Where a wire toward `other` leaves: just outside the box. A client at an edge is met at the side of the box that faces it.
    fn end(&self, other: &Place) -> Point {
        let (centre, to) = (self.centre(), other.centre());
        match (self.side, other.side) {
            (Side::Server, Side::Left) => return Point { x: self.rect.x as f32 - 0.5, ..centre },
            (Side::Server, Side::Right) => return Point { x: self.rect.right() as f32 + 0.5, ..centre },
            (Side::Server, _) => {}
            _ => return centre,
        }
        let (dx, dy) = ((to.x - centre.x).abs(), (to.y - centre.y).abs());
        let across = (self.rect.width as f32 / 2.0 + 0.5) / dx.max(0.001);
        let down = (self.rect.height as f32 / 2.0 + 0.5) / dy.max(0.001);
        centre.toward(to, across.min(down).min(0.5))
    }
}

impl Layout {
    /// Where this node or client stands.
    pub(super) fn place(&self, id: NodeId) -> Option<&Place> {
        self.places.iter().find(|p| p.id == id)
    }

    /// Whether two things stand in neighbouring tiers: requests go from one to the other.
    pub(super) fn are_neighbours(&self, a: NodeId, b: NodeId) -> bool {
        let (Some(a), Some(b)) = (self.place(a), self.place(b)) else { return false };
        let (left, right) = if a.rect.x <= b.rect.x { (a.rect, b.rect) } else { (b.rect, a.rect) };
        left.x < right.x && !self.places.iter().any(|place| place.rect.x > left.x && place.rect.x < right.x)
    }

    /// The way of messages from `a` to `b`: from box to box, around a server that stands between.
    pub(super) fn wire(&self, a: NodeId, b: NodeId) -> Option<Wire> {
        let (a, b) = (self.place(a)?, self.place(b)?);
        if let Some(wire) = tiers::wire(self, a, b).filter(|_| self.tiers) {
            return Some(wire);
        }
        let straight = Wire::straight(a.end(b), b.end(a));
        let between = || self.places.iter().find(|p| p.side == Side::Server && p.id != a.id && p.id != b.id && straight.passes(p.rect));
        let servers = a.side == Side::Server && b.side == Side::Server;
        let around = if servers { between().and_then(|other| self.around(a.rect, other.rect, b.rect)) } else { None };
        Some(around.unwrap_or(straight))
    }

    /// A way around a box in the middle of three in a line, on the side where there is room.
    fn around(&self, a: Rect, other: Rect, b: Rect) -> Option<Wire> {
        let area = self.area;
        let boxes = [a, other, b];
        let bent = |ends: f32, bend: f32, at: fn(Rect, f32) -> Point| Wire::bent(at(a, ends), at(other, bend), at(b, ends));
        let beside: fn(Rect, f32) -> Point = |r, x| Point { x, y: r.y as f32 + r.height as f32 / 2.0 };
        let under: fn(Rect, f32) -> Point = |r, y| Point { x: r.x as f32 + r.width as f32 / 2.0, y };
        let least = |edge: fn(&Rect) -> u16| boxes.iter().map(edge).min().map(f32::from);
        let most = |edge: fn(&Rect) -> u16| boxes.iter().map(edge).max().map(f32::from);
        let (left, right) = (least(|r| r.left())?, most(|r| r.right())?);
        let (top, bottom) = (least(|r| r.top())?, most(|r| r.bottom())?);
        if a.x.abs_diff(b.x) <= OFF_LINE {
            let to_right = (right + 2.0 <= f32::from(area.right())).then(|| bent(right + 0.5, right + 1.5, beside));
            return to_right.or_else(|| (left >= f32::from(area.x + 2)).then(|| bent(left - 0.5, left - 1.5, beside)));
        }
        if a.y.abs_diff(b.y) > OFF_LINE {
            return None;
        }
        let below = (bottom + 2.0 <= f32::from(area.bottom())).then(|| bent(bottom + 0.5, bottom + 1.5, under));
        below.or_else(|| (top >= f32::from(area.y + 2)).then(|| bent(top - 0.5, top - 1.5, under)))
    }
}

/// Boxes whose corners differ by no more cells than this stand in a line.
const OFF_LINE: u16 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::scenes::n;

    #[test]
    fn a_wire_goes_around_the_middle_one_of_three_in_a_line() {
        let down = |i: u16| Rect::new(10, 1 + 6 * i, 20, 4);
        let across = |i: u16| Rect::new(1 + 24 * i, 4, 20, 4);
        for rects in [[0, 1, 2].map(down), [0, 1, 2].map(across)] {
            let places = (0..3).map(|i| Place { id: n(i + 1), rect: rects[usize::from(i)], side: Side::Server, name: 2 }).collect();
            let layout = Layout { places, area: Rect::new(0, 0, 80, 20), ..Layout::default() };
            let wire = layout.wire(n(1), n(3)).unwrap();
            assert!(!wire.is_straight() && !rects.iter().any(|r| wire.passes(*r)), "{rects:?} {wire:?}");
            let straight = layout.wire(n(1), n(2)).unwrap();
            assert!(straight.is_straight());
        }
    }
}
