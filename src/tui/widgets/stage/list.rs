//! The stage where nothing can be placed: everything in lines.

use ratatui::layout::Rect;

use super::{Hits, Target, boxes, clients};
use crate::cluster::scene::{Fate, FlightView, Scene, WallView};
use crate::sim::id::NodeId;
use crate::tui::theme::Theme;
use crate::tui::widgets::panels::put_line as put;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::piece;

/// Servers, cuts, clients, then messages, a line each, as many as fit.
pub(super) fn draw(pen: &mut Pen<'_>, theme: &Theme, scene: &Scene, selected: Option<Target>, hits: &mut Hits) {
    let area = pen.area();
    let mut lines = (area.top()..area.bottom()).map(|y| Rect { y, height: 1, ..area });
    for node in &scene.nodes {
        let Some(line) = lines.next() else { return };
        boxes::line(pen, theme, line, (node, selected == Some(Target::Node(node.id))), &[]);
        hits.nodes.push((node.id, line));
    }
    for wall in &scene.walls {
        let Some(line) = lines.next() else { return };
        put(pen, theme, line, &[piece(cut(theme, wall), theme.bad)]);
    }
    for client in &scene.clients {
        let Some(line) = lines.next() else { return };
        put(pen, theme, line, &clients::one_line(theme, client, line.width as usize));
        hits.nodes.push((client.id, line));
    }
    for flight in &scene.flights {
        let Some(line) = lines.next() else { return };
        let chosen = selected == Some(Target::Message(flight.id));
        let style = if chosen { theme.flight(flight).patch(theme.selected) } else { theme.flight(flight) };
        put(pen, theme, line, &[piece(message(theme, flight), style)]);
        hits.messages.push((flight.id, line));
    }
}

pub(super) fn cut(theme: &Theme, wall: &WallView) -> String {
    let names = |side: &[NodeId]| side.iter().map(NodeId::to_string).collect::<Vec<_>>().join(" ");
    let between = if wall.one_way { "->" } else { "|" };
    format!("{} cut {} {between} {}", theme.glyphs.wall, names(&wall.left), names(&wall.right))
}

fn message(theme: &Theme, flight: &FlightView) -> String {
    let tenths = (flight.progress.clamp(0.0, 1.0) * 10.0) as u32;
    let fate = match flight.fate {
        Fate::Arrives => format!("{tenths}0%"),
        Fate::Lost => "will be lost".to_string(),
        Fate::Held => "held".to_string(),
        Fate::Walled => "cut".to_string(),
    };
    let arrow = theme.glyphs.arrows[1];
    format!("{} {} {arrow} {} {} {fate}", theme.glyphs.sign(flight.kind.sign), flight.from, flight.to, flight.label)
}
