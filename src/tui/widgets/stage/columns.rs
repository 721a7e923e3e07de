//! Columns: the same thing side by side. Each zone is a column with its servers, and its clients stand below them.

use ratatui::layout::Rect;

use super::grid::LEAST;
use super::layout::{Layout, Place, Side, Strip, client, in_order, strips};
use crate::cluster::scene::Scene;
use crate::tui::widgets::text::width;

/// Columns between boxes, where messages pass: at least, at most.
const GAP: (u16, u16) = (6, 14);
/// Lines under the boxes, where the wire of the outer ones passes the middle one.
const UNDER: u16 = 2;
/// A box never grows taller than this.
const TALLEST: u16 = 10;

/// The zones side by side; `None` where a column would be too narrow or too low for a box.
pub(super) fn columns(area: Rect, scene: &Scene) -> Option<Layout> {
    let strips = strips(scene);
    let count = strips.len() as u16;
    let gap = (area.width / 10).clamp(GAP.0, GAP.1);
    let wide = area.width.saturating_sub(gap * count.saturating_sub(1)).checked_div(count)?;
    let most = |of: fn(&Strip) -> usize| strips.iter().map(of).max().unwrap_or(0) as u16;
    let (servers, clients) = (most(|strip| strip.nodes.len()).max(1), most(|strip| strip.clients.len()));
    let tall = (area.height.saturating_sub(1 + UNDER + clients) / servers).min(TALLEST);
    if wide < LEAST.0 || tall < LEAST.1 {
        return None;
    }
    let frame = |i: u16| Rect::new(area.x + i * (wide + gap), area.y, wide, area.height);
    let places = (0..).zip(&strips).flat_map(|(i, strip)| column(frame(i), strip, (tall, servers), scene)).collect();
    let zones = (0..).zip(&strips).map(|(i, strip)| (frame(i), strip.index)).collect();
    Some(Layout { places: in_order(places, scene), zones, bands: true, ..Layout::default() })
}

/// The servers of a zone from the top, its clients below them.
fn column(frame: Rect, strip: &Strip, (tall, servers): (u16, u16), scene: &Scene) -> Vec<Place> {
    let first = frame.y + 1 + tall * servers + UNDER;
    let server = |(i, index): (u16, &usize)| {
        let node = &scene.nodes[*index];
        let rect = Rect::new(frame.x, frame.y + 1 + i * tall, frame.width, tall);
        Place { id: node.id, rect, side: Side::Server, name: width(&node.name) as u16 }
    };
    let user = |(i, index): (u16, &usize)| client(scene, *index, Rect::new(frame.x, first + i, frame.width, 1), Side::Bottom);
    (0..).zip(&strip.nodes).map(server).chain((0..).zip(&strip.clients).map(user)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::scene::{ClientView, NodeView};
    use crate::sim::id::NodeId;

    fn scene(zones: u16) -> Scene {
        let node = |i: u16| NodeView { zone: Some(i.into()), ..NodeView::new(NodeId::server(i)) };
        let user = |i: u16| ClientView { zone: Some(usize::from(i % zones)), ..ClientView::new(NodeId::client(i)) };
        Scene {
            zones: (0..zones).map(|i| format!("z{i}")).collect(),
            nodes: (0..zones).map(node).collect(),
            clients: (0..=zones).map(user).collect(),
            ..Scene::default()
        }
    }

    #[test]
    fn zones_stand_side_by_side_with_their_clients_below() {
        for zones in 2..=4 {
            for (w, h) in [(75, 19), (78, 10), (134, 33), (58, 15), (58, 8), (20, 5), (0, 0)] {
                let Some(layout) = columns(Rect::new(1, 1, w, h), &scene(zones)) else { continue };
                let area = Rect::new(1, 1, w, h);
                for (i, place) in layout.places.iter().enumerate() {
                    assert_eq!(place.rect.intersection(area), place.rect, "{zones} zones in {w} x {h}");
                    let overlaps = |other: &Place| other.rect.intersects(place.rect);
                    assert!(!layout.places[i + 1..].iter().any(overlaps), "{zones} zones in {w} x {h}");
                }
                let boxes: Vec<Rect> = layout.places.iter().filter(|p| p.side == Side::Server).map(|p| p.rect).collect();
                assert!(
                    boxes
                        .windows(2)
                        .all(|two| two[0].y == two[1].y && two[0].right() + GAP.0 <= two[1].x && two[0].height == two[1].height)
                );
                let below = |p: &&Place| p.side == Side::Bottom && boxes.iter().all(|b| p.rect.y >= b.bottom());
                assert_eq!(layout.places.iter().filter(below).count(), usize::from(zones) + 1);
            }
        }
        assert!(columns(Rect::new(0, 0, 78, 10), &scene(3)).is_some(), "three centres fit on a small screen");
    }
}
