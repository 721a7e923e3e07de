//! Tiers from left to right: the way of a request.
//!
//! ```text
//!                          280/s ╭ app1 ─ 8 workers ───────╮ 280/s
//!                         ┌─▸─▸─▸│ queue ▸╌╌╌╌╌╌╌╌╌   1/40 │─▸───┐
//!                         │      │ busy  ━━━━━━━╌╌╌  70 %  │     │
//! users        ╭ lb ───╮  │      ╰─────────────────────────╯     │ ╭ db1 ──╮
//! 840/s ━▸━▸━▸▸│ round │──┼                                      ┼▸│ 760/s │
//! ```

use ratatui::layout::Rect;

use super::layout::{Layout, Place, Side};
use super::wire::Wire;
use crate::cluster::scene::{ClientView, NodeView, Row, Scene};
use crate::sim::id::NodeId;
use crate::tui::widgets::dots::Point;
use crate::tui::widgets::text::width;

/// Columns between tiers: at least, wanted, at most.
const GAP: [u16; 3] = [6, 11, 18];
/// Columns of a box with workers and a line: at least, wanted, at most.
const STATION: [u16; 3] = [15, 28, 44];
/// Columns of any other box: at least, wanted, at most.
const BOX: [u16; 3] = [11, 16, 26];
/// Columns of the border of a box and what is left free beside it.
const FRAME: u16 = 4;
/// Boxes widen by so many columns at a time.
const STEP: u16 = 4;
/// Columns of a node without a border that has workers and a line: at least, wanted.
const LINE: [u16; 2] = [18, 40];
/// Columns of users at the left: at least, at most.
const USERS: [u16; 2] = [8, 17];

/// One tier, with the columns it wants.
struct Tier<'a> {
    nodes: Vec<&'a NodeView>,
    clients: Vec<&'a ClientView>,
    width: [u16; 3],
}

impl Tier<'_> {
    fn len(&self) -> usize {
        self.nodes.len() + self.clients.len()
    }
}

/// Where everything stands; `None` where there is no room for that.
pub(super) fn tiers(area: Rect, scene: &Scene, columns: &[Vec<NodeId>]) -> Option<Layout> {
    let users: Vec<&ClientView> = scene.clients.iter().filter(|c| !columns.iter().flatten().any(|id| *id == c.id)).collect();
    let boxed = columns.iter().all(|ids| ids.iter().all(|id| id.is_client()) || fits(area.height, ids, scene));
    let mut all: Vec<Tier<'_>> = columns.iter().map(|ids| tier(scene, ids, boxed)).filter(|tier| tier.len() > 0).collect();
    if !users.is_empty() {
        let wide = users_width(&users);
        all.insert(0, Tier { nodes: Vec::new(), clients: users, width: [wide; 3] });
    }
    let (widths, gap) = solved(area.width, &all)?;
    let mut places = Vec::new();
    let mut x = area.x;
    for (tier, wide) in all.iter().zip(widths) {
        places.extend(stacked(Rect { x, width: wide, ..area }, tier, boxed)?);
        x += wide + gap;
    }
    Some(Layout { places, tiers: true, ..Layout::default() })
}

/// Whether the boxes of a tier have room below each other.
fn fits(height: u16, ids: &[NodeId], scene: &Scene) -> bool {
    height / (ids.len().max(1) as u16) >= smallest_box(ids, scene)
}

/// Lines of a box of a tier, at least.
fn smallest_box(ids: &[NodeId], scene: &Scene) -> u16 {
    let stations = scene.nodes.iter().any(|node| node.station.is_some() && ids.contains(&node.id));
    if stations { 4 } else { 3 }
}

/// Lines that all tiers need: those of their boxes, or of their servers in a line each where the boxes do not fit.
pub(super) fn least(scene: &Scene, columns: &[Vec<NodeId>], height: u16) -> u16 {
    let most = |lines: &dyn Fn(&Vec<NodeId>) -> u16| columns.iter().map(lines).max().unwrap_or(0);
    let boxes = most(&|ids| ids.len() as u16 * smallest_box(ids, scene));
    if boxes <= height { boxes } else { most(&|ids| ids.len() as u16) }
}

fn tier<'a>(scene: &'a Scene, ids: &[NodeId], boxed: bool) -> Tier<'a> {
    let nodes: Vec<&NodeView> = ids.iter().filter_map(|id| scene.nodes.iter().find(|node| node.id == *id)).collect();
    let clients: Vec<&ClientView> = ids.iter().filter_map(|id| scene.clients.iter().find(|client| client.id == *id)).collect();
    let stations = nodes.iter().any(|node| node.station.is_some());
    let name = nodes.iter().map(|node| width(&node.name) + width(node.word) + 10).max().unwrap_or(0) as u16;
    let names = nodes.iter().map(|node| width(&node.name)).max().unwrap_or(0) as u16;
    let rows = nodes.iter().map(|node| rows_width(node)).max().unwrap_or(0);
    let width = match (boxed, stations) {
        _ if nodes.is_empty() => [users_width(&clients); 3],
        (true, true) => STATION,
        (false, true) => [LINE[0], LINE[1], LINE[1]],
        (false, false) => [(names + 2).min(BOX[0]), name.clamp(BOX[1], BOX[2]), BOX[2]],
        (true, false) => [BOX[0], name.max(rows).clamp(BOX[1], BOX[2]), BOX[2]],
    };
    Tier { nodes, clients, width }
}

/// The width of a box in which its rows are seen whole; in steps, so that it does not grow with every letter.
fn rows_width(node: &NodeView) -> u16 {
    let widest = |of: fn(&Row) -> &str| node.rows.iter().map(|row| width(of(row))).max().unwrap_or(0) as u16;
    (widest(|row| &row.label) + 1 + widest(|row| &row.value) + FRAME).next_multiple_of(STEP)
}

fn users_width(users: &[&ClientView]) -> u16 {
    let rows = |client: &ClientView| client.rows.iter().map(|row| width(&row.label) + 3 + width(&row.value)).max().unwrap_or(0);
    let own = |client: &&ClientView| width(&client.name).max(width(&client.asked) + 2).max(width(&client.told) + 2).max(rows(client));
    (users.iter().map(own).max().unwrap_or(0) as u16).clamp(USERS[0], USERS[1])
}

/// The width of every tier and of the gaps: boxes give way before gaps do, and what is left makes both wider.
fn solved(room: u16, all: &[Tier<'_>]) -> Option<(Vec<u16>, u16)> {
    let gaps = all.len().saturating_sub(1) as u16;
    let sum = |which: usize| all.iter().map(|tier| tier.width[which]).sum::<u16>();
    let least = sum(0) + gaps * GAP[0];
    if least > room {
        return None;
    }
    let wanted = sum(1) + gaps * GAP[1];
    let gap = if wanted <= room { GAP[1] + ((room - wanted) / (2 * gaps.max(1))).min(GAP[2] - GAP[1]) } else { GAP[0] };
    let room = room - gaps * gap;
    let (from, to) = if sum(1) > room { (0, 1) } else { (1, 2) };
    let (low, high) = (sum(from), sum(to));
    let part = f64::from((room - low).min(high - low)) / f64::from((high - low).max(1));
    let wide = |tier: &Tier<'_>| tier.width[from] + (f64::from(tier.width[to] - tier.width[from]) * part) as u16;
    Some((all.iter().map(wide).collect(), gap))
}

/// The nodes of a tier below each other; `None` where there are more than lines.
fn stacked(area: Rect, tier: &Tier<'_>, boxed: bool) -> Option<Vec<Place>> {
    let count = u16::try_from(tier.len()).ok().filter(|count| *count <= area.height)?;
    let slot = |index: u16| {
        let (top, bottom) = (area.height * index / count, area.height * (index + 1) / count);
        Rect { y: area.y + top, height: bottom - top, ..area }
    };
    let nodes = tier.nodes.iter().zip(0u16..).map(|(node, index)| {
        let slot = slot(index);
        let rect = centred(slot, if boxed { box_height(node, slot.height) } else { 1 });
        Place { id: node.id, rect, side: Side::Server, name: width(&node.name) as u16 }
    });
    let clients = tier.clients.iter().zip(tier.nodes.len() as u16..).map(|(client, index)| {
        let slot = slot(index);
        // Wires leave from its name.
        let y = slot.y + (slot.height - 1) / 2;
        let lines = if client.rows.is_empty() { 3 } else { 1 + client.rows.len() as u16 };
        let rect = Rect { y, height: lines.min(slot.bottom() - y), ..slot };
        Place { id: client.id, rect, side: Side::Left, name: width(&client.name) as u16 }
    });
    Some(nodes.chain(clients).collect())
}

/// Lines that a box can use: its station, its rows, its timers, and one more to breathe.
fn box_height(node: &NodeView, slot: u16) -> u16 {
    let station = if node.station.is_some() { 2 } else { 0 };
    let wanted = 2 + station + node.rows.len() + usize::from(!node.timers.is_empty());
    (wanted as u16).clamp(3, 12).min(slot)
}

/// A box whose middle row is the middle row of its slot, so that wires between tiers of one are straight.
fn centred(slot: Rect, height: u16) -> Rect {
    let height = height.min(slot.height);
    Rect { y: slot.y + (slot.height.saturating_sub(1)) / 2 - height.saturating_sub(1) / 2, height, ..slot }
}

/// A way along rows and columns between two tiers; `None` for two of one tier.
pub(super) fn wire(layout: &Layout, a: &Place, b: &Place) -> Option<Wire> {
    if b.rect.x >= a.rect.right() {
        Some(forward(layout, a, b))
    } else if a.rect.x >= b.rect.right() {
        Some(forward(layout, b, a).back())
    } else {
        None
    }
}

/// From the right of `a` to the left of `b`. Where ways part they share the first piece, where they meet the last.
fn forward(layout: &Layout, a: &Place, b: &Place) -> Wire {
    let (start, end) = (Point { x: f32::from(a.rect.right()) + 0.5, y: row(a) }, Point { x: f32::from(b.rect.x) - 0.5, y: row(b) });
    let beside = |place: &Place| layout.places.iter().filter(|other| other.rect.x == place.rect.x).count();
    let x = if beside(a) < beside(b) { start.x + 1.0 } else { end.x - 1.0 };
    Wire::stepped(start, x.clamp(start.x, end.x.max(start.x)), end)
}

/// The row that wires leave from: the middle of a box, the name of a client.
fn row(place: &Place) -> f32 {
    let down = if place.side == Side::Server { place.rect.height.saturating_sub(1) / 2 } else { 0 };
    f32::from(place.rect.y + down) + 0.5
}
