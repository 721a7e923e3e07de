//! Cuts: a column of crosses where the two sides meet.

use ratatui::layout::Rect;

use super::layout::{Layout, Side};
use super::taken::Taken;
use crate::cluster::scene::{Scene, WallView};
use crate::sim::id::NodeId;
use crate::tui::theme::Theme;
use crate::tui::widgets::dots::Point;
use crate::tui::widgets::pen::Pen;

/// Every cell of the stage belongs to the nearest node; a wall stands where a cell of one side meets one of the other.
pub(super) struct Wall {
    area: Rect,
    cells: Vec<bool>,
    left: Vec<NodeId>,
    right: Vec<NodeId>,
    one_way: bool,
    /// Whether its word stands at its lower end: the upper one is between the names of zones side by side.
    word_below: bool,
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
    if layout.list { Vec::new() } else { scene.walls.iter().map(|wall| Wall::new(area, layout, wall)).collect() }
}

/// What every node owns around, and whose side it is on. A zone that is all on one side counts as a whole.
fn sites(layout: &Layout, wall: &WallView) -> Vec<(Rect, Owner)> {
    // Clients on neither side stand at the edges and would only fray the wall.
    let places = layout.places.iter().filter(|p| p.side == Side::Server || owner(wall, p.id) != Owner::Neither);
    let whole: Vec<(Rect, Owner)> = layout.zones.iter().filter_map(|(frame, _)| Some((*frame, whole(layout, wall, *frame)?))).collect();
    let apart = places.filter(|p| !whole.iter().any(|(frame, _)| frame.intersects(p.rect)));
    apart.map(|p| (p.rect, owner(wall, p.id))).chain(whole.iter().copied()).collect()
}

fn owner(wall: &WallView, id: NodeId) -> Owner {
    match (wall.left.contains(&id), wall.right.contains(&id)) {
        (true, _) => Owner::Left,
        (_, true) => Owner::Right,
        _ => Owner::Neither,
    }
}

/// The side on which everybody in a zone is, if it is one.
fn whole(layout: &Layout, wall: &WallView, frame: Rect) -> Option<Owner> {
    let mut owners = layout.places.iter().filter(|p| frame.intersects(p.rect)).map(|p| owner(wall, p.id));
    let first = owners.next().filter(|owner| *owner != Owner::Neither)?;
    owners.all(|owner| owner == first).then_some(first)
}

/// Whose box is nearest to a cell. Height counts half, so that walls between columns stand straight.
fn nearest(sites: &[(Rect, Owner)], x: u16, y: u16) -> Owner {
    let outside = |at: u16, from: u16, to: u16| u32::from(from.saturating_sub(at).max((at + 1).saturating_sub(to)));
    let distance = |r: &Rect| {
        let (dx, dy) = (outside(x, r.left(), r.right()), outside(y, r.top(), r.bottom()));
        4 * dx * dx + dy * dy
    };
    sites.iter().min_by_key(|(rect, _)| distance(rect)).map_or(Owner::Neither, |(_, owner)| *owner)
}

impl Wall {
    fn new(area: Rect, layout: &Layout, wall: &WallView) -> Wall {
        let sites = sites(layout, wall);
        let width = area.width as usize;
        let mut cells = vec![false; width * area.height as usize];
        let mut above = vec![Owner::Neither; width];
        // A wall stands on the later cell of two that differ, or on the earlier one where a box covers the later.
        let covered = |x: u16, y: u16| sites.iter().any(|(rect, _)| rect.contains((area.x + x, area.y + y).into()));
        for y in 0..area.height {
            let mut before = Owner::Neither;
            for x in 0..area.width {
                let own = nearest(&sites, area.x + x, area.y + y);
                let here = y as usize * width + x as usize;
                if differ(before, own) {
                    cells[if covered(x, y) { here - 1 } else { here }] = true;
                }
                if differ(above[x as usize], own) {
                    cells[if covered(x, y) { here - width } else { here }] = true;
                }
                above[x as usize] = own;
                before = own;
            }
        }
        let word_below = !layout.zones.is_empty() && !layout.bands;
        Wall { area, cells, left: wall.left.clone(), right: wall.right.clone(), one_way: wall.one_way, word_below }
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

    /// Draws a wall that stops both ways; a one-way cut shows on its wires.
    pub(super) fn draw(&self, pen: &mut Pen<'_>, theme: &Theme, taken: &mut Taken) {
        if self.one_way {
            return;
        }
        let mut word = None;
        for y in self.area.top() as i32..self.area.bottom() as i32 {
            for x in self.area.left() as i32..self.area.right() as i32 {
                if self.stands(x, y) {
                    pen.put(x, y, theme.glyphs.wall, theme.bad);
                    taken.wall(x, y);
                    word = word.filter(|_| !self.word_below).or(Some((x, y)));
                }
            }
        }
        if let Some((x, y)) = word {
            let end = pen.text(x + 2, y, "cut", theme.bad);
            (x + 2..end).for_each(|x| taken.wall(x, y));
        }
    }
}

fn differ(a: Owner, b: Owner) -> bool {
    a != b && a != Owner::Neither && b != Owner::Neither
}

/// The part of the wire at which this wall is drawn; `None` where the two sides do not meet on it, or the wall is not drawn.
fn crossing(wall: &Wall, wire: (Point, Point)) -> Option<f32> {
    let cells = (wire.0.x - wire.1.x).abs().max((wire.0.y - wire.1.y).abs());
    let steps = (cells * 2.0).clamp(1.0, 800.0);
    let mut parts = (0..=steps as u32).map(|step| step as f32 / steps).filter(|_| !wall.one_way);
    parts.find(|&part| {
        let (x, y) = wire.0.toward(wire.1, part).cell();
        wall.stands(x, y)
    })
}

/// The part of the wire from `from` to `to` up to the first wall that stops it; 1 when nothing does.
/// A cut whose wall is not drawn across the wire shows at its middle.
pub(super) fn reach(walls: &[Wall], wire: (Point, Point), from: NodeId, to: NodeId) -> f32 {
    let stopping = walls.iter().filter(|wall| wall.stops(from, to));
    stopping.map(|wall| crossing(wall, wire).unwrap_or(0.5)).fold(1.0, f32::min)
}

/// Whether a wall that stops `from` to `to` is drawn across their wire.
pub(super) fn crossed(walls: &[Wall], wire: (Point, Point), from: NodeId, to: NodeId) -> bool {
    walls.iter().any(|wall| wall.stops(from, to) && crossing(wall, wire).is_some())
}
