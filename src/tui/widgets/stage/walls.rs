//! Cuts: a column of crosses where the two sides meet.

use ratatui::layout::Rect;

use super::layout::{Layout, Side};
use super::sheet::Sheet;
use super::wire::Wire;
use crate::cluster::scene::{Scene, WallView};
use crate::sim::id::NodeId;
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;

/// Every cell of the stage belongs to the nearest node; a wall stands where a cell of one side meets one of the other.
pub(super) struct Wall {
    area: Rect,
    cells: Vec<bool>,
    left: Vec<NodeId>,
    right: Vec<NodeId>,
    one_way: bool,
}

/// Who a cell belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Neither,
    Left,
    Right,
}

/// The walls of a scene that keep two sides apart.
pub(super) fn walls(area: Rect, layout: &Layout, scene: &Scene) -> Vec<Wall> {
    if layout.list {
        return Vec::new();
    }
    let parts_all = |wall: &&WallView| scene.clients.iter().all(|client| owner(wall, client.id) != Owner::Neither);
    let ground = |wall: &WallView| if parts_all(&wall) { area } else { between(area, layout, wall) };
    scene.walls.iter().map(|wall| Wall::new(area, ground(wall), layout, wall)).collect()
}

/// The part of the stage on which a wall may stand that does not part all clients: as wide as the servers that it separates, and a line
/// higher and lower. Beyond it the wall would seem to part who is not cut.
fn between(area: Rect, layout: &Layout, wall: &WallView) -> Rect {
    let parted = layout.places.iter().filter(|place| place.side == Side::Server && owner(wall, place.id) != Owner::Neither);
    let around = parted.map(|place| place.rect).reduce(Rect::union).unwrap_or_default();
    let top = around.y.saturating_sub(1);
    Rect { y: top, height: around.bottom() + 1 - top, ..around }.intersection(area)
}

/// Who owns what: the box of every server, or a whole zone where all its servers are on one side.
struct Sites {
    rects: Vec<(Rect, Owner)>,
    /// How much distance across and distance down count: the wall between two columns stands, the one between two rows lies.
    weights: (u32, u32),
}

impl Sites {
    fn new(layout: &Layout, wall: &WallView) -> Sites {
        let servers: Vec<(Rect, Owner)> =
            layout.places.iter().filter(|p| p.side == Side::Server).map(|p| (p.rect, owner(wall, p.id))).collect();
        let whole = |frame: &Rect| {
            let mut inside = servers.iter().filter(|(rect, _)| rect.intersects(*frame)).map(|(_, owner)| *owner);
            let first = inside.next().filter(|owner| *owner != Owner::Neither)?;
            inside.all(|owner| owner == first).then_some((*frame, first))
        };
        let mut rects: Vec<(Rect, Owner)> = layout.zones.iter().filter_map(|(frame, _)| whole(frame)).collect();
        let zones = rects.len();
        // Clients stand at the edges and would only fray the wall.
        for (rect, owner) in &servers {
            if !rects[..zones].iter().any(|(frame, _)| frame.intersects(*rect)) {
                rects.push((*rect, *owner));
            }
        }
        Sites { weights: weights(&servers, &rects), rects }
    }

    /// Whose site is nearest to a cell.
    fn nearest(&self, x: u16, y: u16) -> Owner {
        let outside = |at: u16, from: u16, to: u16| u32::from(from.saturating_sub(at).max((at + 1).saturating_sub(to)));
        let distance = |r: &Rect| {
            let (dx, dy) = (outside(x, r.left(), r.right()), outside(y, r.top(), r.bottom()));
            self.weights.0 * dx * dx + self.weights.1 * dy * dy
        };
        self.rects.iter().min_by_key(|(rect, _)| distance(rect)).map_or(Owner::Neither, |(_, owner)| *owner)
    }
}

fn owner(wall: &WallView, id: NodeId) -> Owner {
    if wall.left.contains(&id) {
        Owner::Left
    } else if wall.right.contains(&id) {
        Owner::Right
    } else {
        Owner::Neither
    }
}

/// A wall between columns, and one between rows.
const STANDS: (u32, u32) = (32, 1);
const LIES: (u32, u32) = (1, 64);

/// By the way that the sites of the two sides lie apart, where that is one way alone; else by the way in which the middles of their servers
/// are further apart. A cell is twice as high as it is wide.
fn weights(servers: &[(Rect, Owner)], sites: &[(Rect, Owner)]) -> (u32, u32) {
    let around = |side: Owner| sites.iter().filter(|(_, owner)| *owner == side).map(|(rect, _)| *rect).reduce(Rect::union);
    if let (Some(left), Some(right)) = (around(Owner::Left), around(Owner::Right)) {
        let beside = left.right() <= right.left() || right.right() <= left.left();
        let above = left.bottom() <= right.top() || right.bottom() <= left.top();
        match (beside, above) {
            (true, false) => return STANDS,
            (false, true) => return LIES,
            _ => {}
        }
    }
    let middle = |side: Owner| {
        let own = servers.iter().filter(|(_, owner)| *owner == side);
        let (count, x, y) = own.fold((0, 0, 0), |(n, x, y), (r, _)| {
            (n + 1, x + 2 * i32::from(r.x) + i32::from(r.width), y + 2 * i32::from(r.y) + i32::from(r.height))
        });
        (x / count.max(1), y / count.max(1))
    };
    let (left, right) = (middle(Owner::Left), middle(Owner::Right));
    let across = (left.0 - right.0).abs() >= 2 * (left.1 - right.1).abs();
    if across { STANDS } else { LIES }
}

impl Wall {
    fn new(area: Rect, ground: Rect, layout: &Layout, wall: &WallView) -> Wall {
        let sites = Sites::new(layout, wall);
        let width = area.width as usize;
        let mut cells = vec![false; width * area.height as usize];
        let mut above = vec![Owner::Neither; width];
        // A wall stands on the later cell of two that differ, or on the earlier one where a box covers the later.
        let boxes = || layout.places.iter().filter(|p| p.side == Side::Server);
        let covered = |x: u16, y: u16| boxes().any(|p| p.rect.contains((area.x + x, area.y + y).into()));
        let mut stand = |at: usize| {
            let place = (area.x + (at % width) as u16, area.y + (at / width) as u16);
            cells[at] |= ground.contains(place.into());
        };
        for y in 0..area.height {
            let mut before = Owner::Neither;
            for x in 0..area.width {
                let own = sites.nearest(area.x + x, area.y + y);
                let here = y as usize * width + x as usize;
                if differ(before, own) {
                    stand(if covered(x, y) { here - 1 } else { here });
                }
                if differ(above[x as usize], own) {
                    stand(if covered(x, y) { here - width } else { here });
                }
                above[x as usize] = own;
                before = own;
            }
        }
        Wall { area, cells, left: wall.left.clone(), right: wall.right.clone(), one_way: wall.one_way }
    }

    fn stands(&self, x: i32, y: i32) -> bool {
        let (x, y) = (x - self.area.x as i32, y - self.area.y as i32);
        let inside = x >= 0 && y >= 0 && x < self.area.width as i32 && y < self.area.height as i32;
        inside && self.cells[y as usize * self.area.width as usize + x as usize]
    }

    /// Whether it stops messages from `from` to `to`.
    fn stops(&self, from: NodeId, to: NodeId) -> bool {
        let forth = self.left.contains(&from) && self.right.contains(&to);
        forth || (!self.one_way && self.right.contains(&from) && self.left.contains(&to))
    }

    /// A cross now and then, and a thin line between, so that what dies at the wall is seen.
    fn shape(&self, theme: &Theme, x: i32, y: i32) -> &'static str {
        let lies = self.stands(x - 1, y) || self.stands(x + 1, y);
        let [across, down] = theme.glyphs.wall_line;
        match lies {
            true if x.rem_euclid(4) != 0 => across,
            false if y.rem_euclid(2) != 0 => down,
            _ => theme.glyphs.wall,
        }
    }

    /// Its cells, if it stops both ways: a one-way cut shows on its wires.
    fn drawn(&self) -> impl Iterator<Item = (i32, i32)> {
        let wide = usize::from(self.area.width).max(1);
        let stands = self.cells.iter().enumerate().filter(|(_, stands)| **stands && !self.one_way);
        stands.map(move |(at, _)| (i32::from(self.area.x) + (at % wide) as i32, i32::from(self.area.y) + (at / wide) as i32))
    }

    /// Draws its line.
    pub(super) fn draw(&self, pen: &mut Pen<'_>, theme: &Theme) {
        self.drawn().for_each(|(x, y)| pen.put(x, y, self.shape(theme, x, y), theme.dim));
    }

    /// Says what it is, and keeps other words away.
    pub(super) fn name(&self, sheet: &mut Sheet<'_>, theme: &Theme) {
        let Some((start, y)) = self.drawn().next() else { return };
        let end = self.drawn().take_while(|cell| cell.1 == y).last().map_or(start, |cell| cell.0);
        // The word is the top of a wall that stands; in one that lies it is near the end, where no zone has its name.
        let spots: Vec<(i32, i32)> = if end - start > 12 {
            (start..=end - 6).rev().map(|x| (x, y)).collect()
        } else {
            self.drawn().map(|(x, y)| (x - 1, y)).collect()
        };
        sheet.words_over_lines(spots, "cut", theme.bad);
        self.drawn().for_each(|cell| sheet.wall(cell));
    }
}

fn differ(a: Owner, b: Owner) -> bool {
    a != b && a != Owner::Neither && b != Owner::Neither
}

/// The part of the wire at which this wall is drawn; `None` where the two sides do not meet on it, or the wall is not drawn.
fn crossing(wall: &Wall, wire: Wire) -> Option<f32> {
    let steps = (wire.cells() * 2.0).clamp(1.0, 800.0);
    let mut parts = (0..=steps as u32).map(|step| step as f32 / steps).filter(|_| !wall.one_way);
    parts.find(|&part| {
        let (x, y) = wire.at(part).cell();
        wall.stands(x, y)
    })
}

/// The part of the wire from `from` to `to` up to the first wall that stops it; 1 when nothing does.
/// A cut whose wall is not drawn across the wire shows at its middle.
pub(super) fn reach(walls: &[Wall], wire: Wire, from: NodeId, to: NodeId) -> f32 {
    let stopping = walls.iter().filter(|wall| wall.stops(from, to));
    stopping.map(|wall| crossing(wall, wire).unwrap_or(0.5)).fold(1.0, f32::min)
}

/// Whether a wall is drawn that stops `from` to `to`, wherever their wire is.
pub(super) fn parted(walls: &[Wall], from: NodeId, to: NodeId) -> bool {
    walls.iter().any(|wall| wall.stops(from, to) && wall.drawn().next().is_some())
}

/// Whether a wall that stops `from` to `to` is drawn across their wire.
pub(super) fn crossed(walls: &[Wall], wire: Wire, from: NodeId, to: NodeId) -> bool {
    walls.iter().any(|wall| wall.stops(from, to) && crossing(wall, wire).is_some())
}
