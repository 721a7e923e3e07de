//! What waits to be let in, by kind, at those whom it waits for: on the lower border of a box, or at the end of the line of who has none.
//! Who has no room for it has it in the list of what can happen next.

use ratatui::layout::Rect;

use super::{Hits, View};
use crate::cluster::scene::Queue;
use crate::sim::id::NodeId;
use crate::tui::theme::Theme;
use crate::tui::widgets::panels;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, line_width, piece};

/// The most signs of what waits.
const LONGEST: usize = 12;

/// Draws what waits for everybody who has a place with room for it.
pub(super) fn draw(pen: &mut Pen<'_>, view: &View<'_>, hits: &Hits) {
    for (node, queue) in view.doors {
        if let Some((_, rect)) = hits.nodes.iter().find(|(id, _)| id == node) {
            at(pen, view.theme, (*node, *rect), queue);
        }
    }
}

fn at(pen: &mut Pen<'_>, theme: &Theme, (node, rect): (NodeId, Rect), queue: &Queue) {
    let in_line = node.is_client() || rect.height < 3;
    let (y, left) = if in_line { (rect.y, 0) } else { (rect.bottom() - 1, 2) };
    // In a line of words and cells only what is blank, or the wire of a client.
    let free = |x: u16| pen.symbol(x.into(), y.into()).chars().all(|c| if in_line { is_wire(c) } else { is_line(c) });
    let columns: Vec<u16> = (rect.x + left..rect.right().saturating_sub(left)).collect();
    let runs = columns.split(|x| !free(*x)).max_by_key(|run| run.len()).unwrap_or_default();
    let Some((from, room)) = runs.first().map(|from| (*from, runs.len())) else { return };
    let line = [line(theme, queue, " waits ", LONGEST), line(theme, queue, " ", 4), line(theme, queue, " ", 1)];
    let Some(line) = line.iter().find(|line| line_width(line) <= room) else { return };
    let wide = line_width(line) as u16;
    let x = if in_line { from + room as u16 - wide } else { from };
    panels::put_line(pen, theme, Rect { x, y, width: wide, height: 1 }, line);
}

/// Whether it is a piece of a wire, or nothing.
fn is_wire(c: char) -> bool {
    matches!(c, ' ' | '.' | ':' | '\u{2800}'..='\u{28ff}')
}

/// Whether it is a piece of a border or of a wire, or nothing: words and signs are never covered.
fn is_line(c: char) -> bool {
    is_wire(c) || matches!(c, '-' | '=' | '\u{2500}'..='\u{257f}')
}

/// The word, the signs from the first that was sent on, and how many there are.
fn line(theme: &Theme, queue: &Queue, word: &str, most: usize) -> Line {
    let count = format!(" {} ", queue.len());
    let cells = (queue.len() as usize).min(most);
    let strip = panels::short_queue(theme, queue, cells);
    std::iter::once(piece(word, theme.key)).chain(strip).chain([piece(count, theme.key)]).collect()
}
