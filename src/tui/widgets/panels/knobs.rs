//! Settings that can be turned, in one line.
//!
//! ```text
//! ▸ W ╶━━●╌╌╴ 3 of 5   R ╶━●╌╌╌╴ 2 of 5   repair ‹ on ›
//! ```

use ratatui::layout::Rect;

use crate::cluster::scene::{Knob, Stops};
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, line_width, piece};

/// Cells of the way of a knob.
const WAY: usize = 6;

/// How many lines knobs take in a stage of this height: the smallest stages have none.
pub fn height(knobs: &[Knob], stage: u16, chosen: Option<usize>) -> u16 {
    u16::from(!knobs.is_empty() && (stage >= 9 || chosen.is_some()))
}

/// Draws the knobs in the first line of the pen's area: all where they fit, else the chosen one and how many there are. Returns where
/// each is.
pub fn draw(pen: &mut Pen<'_>, theme: &Theme, knobs: &[Knob], chosen: Option<usize>) -> Vec<(usize, Rect)> {
    let area = pen.area();
    let lines: Vec<Line> = knobs.iter().enumerate().map(|(index, knob)| line(theme, knob, chosen == Some(index))).collect();
    let all = lines.iter().map(|line| line_width(line) + 3).sum::<usize>();
    let first = if all <= usize::from(area.width) + 3 { 0 } else { chosen.unwrap_or(0) };
    let (mut x, mut hits) = (area.x, Vec::new());
    for (index, line) in lines.iter().enumerate().skip(first) {
        let wide = line_width(line) as u16;
        if x.saturating_add(wide) > area.right() && index > first {
            break;
        }
        let place = Rect { x, width: wide.min(area.right().saturating_sub(x)), height: 1, ..area };
        super::put_line(pen, theme, place, line);
        hits.push((index, place));
        x = x.saturating_add(wide + 3);
    }
    let hidden = knobs.len() - hits.len();
    let words = format!("+{hidden} more");
    if hidden > 0 && x + words.len() as u16 <= area.right() {
        pen.text(x.into(), area.y.into(), &words, theme.dim);
    }
    hits
}

fn line(theme: &Theme, knob: &Knob, chosen: bool) -> Line {
    let (glyphs, free) = (theme.glyphs, knob.refused.is_none());
    let key = if chosen { theme.key } else { theme.dim };
    let text = if free { theme.text } else { theme.dim };
    let mut line = Line::new();
    if chosen {
        line.push(piece(format!("{} ", glyphs.pointer), theme.key));
    }
    line.push(piece(format!("{} ", knob.name), if chosen { theme.key } else { text }));
    match &knob.stops {
        Stops::Range(all) => {
            line.extend(way(theme, knob.at(), all.len(), chosen));
            let value = if chosen { text.patch(theme.strong) } else { text };
            line.push(piece(format!(" {}", knob.value), value));
            // A value that was typed may lie beyond its stops.
            line.extend(
                all.last().filter(|last| knob.at().is_some() && **last != knob.value).map(|last| piece(format!(" of {last}"), theme.dim)),
            );
        }
        Stops::Words(_) => {
            let [open, close] = glyphs.turn;
            line.extend([piece(format!("{open} "), key), piece(knob.value.clone(), text), piece(format!(" {close}"), key)]);
        }
    }
    line.extend(knob.refused.as_ref().filter(|_| chosen).map(|why| piece(format!("  {why}"), theme.stale)));
    line
}

/// Where a knob stands on its way.
fn way(theme: &Theme, at: Option<usize>, stops: usize, chosen: bool) -> Line {
    let glyphs = theme.glyphs;
    let [full, empty] = glyphs.bar;
    let style = if chosen { theme.key } else { theme.text };
    let cell = at.map(|at| at * (WAY - 1) / stops.saturating_sub(1).max(1));
    let mut line = vec![piece(glyphs.ends[0], theme.edge)];
    for index in 0..WAY {
        line.push(match cell {
            Some(cell) if index < cell => piece(full, style),
            Some(cell) if index == cell => piece(glyphs.done, style),
            _ => piece(empty, theme.edge),
        });
    }
    line.push(piece(glyphs.ends[1], theme.edge));
    line
}
