//! What the screens are made of: pure functions that draw data into a rectangle of a buffer.
//!
//! Every widget takes any area, down to nothing, and draws only inside it. Those that can be clicked return where.

pub mod bar;
pub(crate) mod dots;
pub mod guarantees;
pub mod inspector;
#[cfg(test)]
pub(crate) mod loads;
pub mod markdown;
pub mod narration;
pub mod numbers;
pub mod operations;
pub mod panels;
pub mod pen;
pub mod qr;
#[cfg(test)]
pub(crate) mod scenes;
pub mod spacetime;
pub mod stage;
pub mod text;
pub mod words;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
pub(crate) mod tests;

pub use operations::Operations;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::Time;
use crate::tui::theme::Theme;
use pen::Pen;
use text::Line;

/// A thing on the screen that can be selected; the same thing is marked on the stage, on the timeline and in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A server or a client.
    Node(NodeId),
    /// A message.
    Message(MsgId),
    /// The wire between two nodes, lower one first.
    Wire(NodeId, NodeId),
    /// A client operation, by its index in the history.
    Operation(usize),
    /// An event, by its number.
    Event(u64),
    /// A moment of virtual time.
    Moment(Time),
}

/// Draws the frame of a panel with its title and returns its inside. A panel without room for a frame is all inside.
pub fn panel(area: Rect, buf: &mut Buffer, theme: &Theme, title: &str, focused: bool) -> Rect {
    if area.width < 4 || area.height < 3 {
        return area;
    }
    let style = if focused { theme.focus } else { theme.border };
    let mut pen = Pen::new(buf, area);
    pen.border(area, &theme.glyphs.follower_box, style);
    if !title.is_empty() && area.width > 6 {
        let (x, y) = (area.x as i32 + 1, area.y as i32);
        let title_style = if focused { theme.focus } else { theme.strong };
        let end = pen.clipped(x + 1, y, title, area.width as usize - 4, theme.glyphs.more, title_style);
        pen.put(x, y, " ", style);
        pen.put(end, y, " ", style);
    }
    Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
}

/// Draws styled lines from line `scroll` on, and returns how many lines there are below the area.
pub fn lines(area: Rect, buf: &mut Buffer, lines: &[Line], scroll: usize) -> usize {
    let mut pen = Pen::new(buf, area);
    let area = pen.area();
    for (y, line) in (area.top()..area.bottom()).zip(lines.iter().skip(scroll)) {
        let mut x = area.x as i32;
        for part in line {
            x = pen.text(x, y as i32, &part.text, part.style);
        }
    }
    lines.len().saturating_sub(scroll + area.height as usize)
}
