//! The stage where nothing can be placed: everything in lines.

use ratatui::layout::Rect;

use super::{Hits, Target, boxes, clients};
use crate::cluster::scene::{Fate, FlightView, Scene, WallView};
use crate::cluster::tell::Names;
use crate::sim::id::NodeId;
use crate::tui::theme::Theme;
use crate::tui::widgets::panels::put_line as put;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::piece;

/// Servers, cuts, clients, then messages, a line each, as many as fit. Servers leave room for cuts and clients, and say how many more
/// there are.
pub(super) fn draw(pen: &mut Pen<'_>, theme: &Theme, scene: &Scene, selected: Option<Target>, hits: &mut Hits) {
    let area = pen.area();
    let names = Names::on(scene);
    let mut lines = (area.top()..area.bottom()).map(|y| Rect { y, height: 1, ..area });
    let rows = usize::from(area.height);
    let room = rows - (scene.walls.len() + scene.clients.len()).min(rows / 2);
    let shown = if scene.nodes.len() > room { room.saturating_sub(1) } else { scene.nodes.len() };
    for node in &scene.nodes[..shown] {
        let Some(line) = lines.next() else { return };
        boxes::line(pen, theme, line, (node, selected == Some(Target::Node(node.id))), &[]);
        hits.nodes.push((node.id, line));
    }
    if let (Some(first), Some(last)) = (scene.nodes.get(shown), scene.nodes.last()) {
        let Some(line) = lines.next() else { return };
        let (more, which) = (scene.nodes.len() - shown, if first.id == last.id { String::new() } else { format!(" to {}", last.name) });
        put(pen, theme, line, &[piece(format!("{more} more: {}{which}", first.name), theme.dim)]);
    }
    for wall in &scene.walls {
        let Some(line) = lines.next() else { return };
        put(pen, theme, line, &[piece(cut(theme, wall, &names), theme.bad)]);
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
        put(pen, theme, line, &[piece(message(theme, flight, &names), style)]);
        hits.messages.push((flight.id, line));
    }
}

pub(super) fn cut(theme: &Theme, wall: &WallView, names: &Names) -> String {
    let all = |side: &[NodeId]| side.iter().map(|id| names.of(*id)).collect::<Vec<_>>().join(" ");
    let between = if wall.one_way { "->" } else { "|" };
    format!("{} cut {} {between} {}", theme.glyphs.wall, all(&wall.left), all(&wall.right))
}

fn message(theme: &Theme, flight: &FlightView, names: &Names) -> String {
    let fate = match flight.fate {
        Fate::Arrives => "",
        Fate::Lost => " will be lost",
        Fate::Held => " held",
        Fate::Walled => " cut",
    };
    let (sign, arrow) = (theme.glyphs.sign(flight.kind.sign), theme.glyphs.arrows[1]);
    format!("{sign} {} {arrow} {} {}{fate}", names.of(flight.from), names.of(flight.to), flight.label)
}
