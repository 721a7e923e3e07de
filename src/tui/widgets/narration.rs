//! What happened and why, in sentences.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use super::text::{Line, piece, wrap_pieces};
use super::{Operations, Target};
use crate::cluster::scene::Sign;
use crate::cluster::{Happening, NoteMark, What};
use crate::tui::theme::Theme;

/// One line of the narration.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The shape before it.
    pub glyph: &'static str,
    /// The colour of the shape.
    pub style: Style,
    /// The sentence.
    pub text: String,
}

/// The sentence for something that happened; `None` for what goes without saying: messages that arrive.
/// `operations` are the cluster's, which calls and returns point into.
pub fn sentence(theme: &Theme, what: &What, operations: &Operations) -> Option<Sentence> {
    let (glyph, style, text) = match what {
        What::Arrived { .. } => return None,
        What::Lost { from, to, kind, why, .. } => {
            // A lost heartbeat is no news after the first; the silence that follows is what counts.
            if kind.sign == Sign::Heartbeat {
                return None;
            }
            (theme.glyphs.cross, theme.bad, format!("{from}'s {} to {to} is lost: {why}.", kind.word))
        }
        What::Poked(poke) => (theme.glyphs.pointer, theme.key, format!("You: {poke}")),
        What::Called(index) => {
            let operation = operations.get(*index)?;
            (theme.glyphs.request, theme.client, format!("{} asks: {}", operation.client, operation.call))
        }
        What::Returned(index, told) => {
            let operation = operations.get(*index)?;
            let text = format!("{} is told: {told}  ({})", operation.client, operation.call);
            (theme.glyphs.reply, theme.client, text)
        }
        What::Note { node, text, mark } => {
            let (glyph, style) = note_mark(theme, *mark);
            (glyph, style, with_name(&node.to_string(), text))
        }
    };
    Some(Sentence { glyph, style, text })
}

/// A note names its node, once.
fn with_name(node: &str, text: &str) -> String {
    let named = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == node);
    if named { text.to_string() } else { format!("{node}: {text}") }
}

/// How a note shows, on a lane of the timeline too.
pub(super) fn note_mark(theme: &Theme, mark: NoteMark) -> (&'static str, Style) {
    let glyphs = theme.glyphs;
    match mark {
        NoteMark::Leads => (glyphs.leader, theme.leader),
        NoteMark::Follows => (glyphs.follower, theme.follower),
        NoteMark::Decides => (glyphs.candidate, theme.candidate),
        NoteMark::Applies => (glyphs.replication, theme.data),
        NoteMark::Discards | NoteMark::Refuses => (glyphs.cross, theme.bad),
        NoteMark::Small => (glyphs.dot, theme.dim),
    }
}

/// Draws the latest sentences, the newest last, and returns where each event is. `happenings` in order, up to now.
pub fn draw(
    area: Rect,
    buf: &mut Buffer,
    theme: &Theme,
    (happenings, operations): (&[Happening], &Operations),
    selected: Option<Target>,
) -> Vec<(u64, Rect)> {
    let mut pen = Pen::new(buf, area);
    let area = pen.area();
    let blocks = latest(theme, area, happenings, operations);
    let mut hits = Vec::with_capacity(blocks.len());
    let mut y = area.y;
    for (happening, lines) in blocks.iter().rev() {
        let top = y;
        for line in lines.iter().take(usize::from(area.bottom() - top)) {
            put(&mut pen, (area.x, y), line);
            y += 1;
        }
        let rect = Rect { y: top, height: y - top, ..area };
        if selected == Some(Target::Event(happening.event)) {
            pen.select(rect, theme);
        }
        hits.push((happening.event, rect));
    }
    hits
}

/// The newest sentences that fill the area, newest first, each in wrapped lines.
fn latest<'a>(theme: &Theme, area: Rect, happenings: &'a [Happening], operations: &Operations) -> Vec<(&'a Happening, Vec<Line>)> {
    let mut blocks: Vec<(&Happening, Vec<Line>)> = Vec::new();
    let mut lines = 0;
    for happening in happenings.iter().rev() {
        if lines >= area.height as usize {
            break;
        }
        let Some(sentence) = sentence(theme, &happening.what, operations) else { continue };
        let newest = blocks.first().is_none_or(|(first, _)| first.at == happening.at);
        let block = block(theme, area.width as usize, happening, sentence, newest);
        lines += block.len();
        // Half a sentence says nothing, except of the newest.
        if lines > area.height as usize && !blocks.is_empty() {
            break;
        }
        blocks.push((happening, block));
    }
    blocks
}

fn block(theme: &Theme, room: usize, happening: &Happening, sentence: Sentence, newest: bool) -> Vec<Line> {
    let text_style = if newest { theme.strong } else { theme.text };
    let time = format!("{:>8}  ", happening.at.to_string());
    let (mut line, indent) = if room >= 40 { (vec![piece(time, theme.dim)], 12) } else { (Vec::new(), 2) };
    line.push(piece(sentence.glyph, sentence.style));
    line.push(piece(" ", theme.text));
    line.push(piece(sentence.text, text_style));
    wrap_pieces(&line, room, indent)
}

fn put(pen: &mut Pen<'_>, (x, y): (u16, u16), line: &Line) {
    let mut x = x as i32;
    for part in line {
        x = pen.text(x, y as i32, &part.text, part.style);
    }
}

/// The latest sentence in one line.
pub fn line(area: Rect, buf: &mut Buffer, theme: &Theme, happenings: &[Happening], operations: &Operations) {
    let mut pen = Pen::new(buf, Rect { height: area.height.min(1), ..area });
    let Some(sentence) = happenings.iter().rev().find_map(|h| sentence(theme, &h.what, operations)) else { return };
    let (x, y) = (area.x as i32, area.y as i32);
    pen.text(x, y, sentence.glyph, sentence.style);
    pen.clipped(x + 2, y, &sentence.text, (area.width as usize).saturating_sub(2), theme.glyphs.more, theme.text);
}
