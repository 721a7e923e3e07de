//! What happened and why, in sentences.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use super::text::{Line, piece, wrap_pieces};
use super::{Operations, Target};
use crate::cluster::tell::{self, Likeness, Voice};
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
    let told = tell::sentence(what, operations.names(), |index| operations.get(index))?;
    Some(said(theme, told.voice, told.text))
}

/// A sentence with the sign and the colour of what it is about.
fn said(theme: &Theme, voice: Voice, text: String) -> Sentence {
    let glyphs = theme.glyphs;
    let (glyph, style) = match voice {
        Voice::Poked => (glyphs.pointer, theme.key),
        Voice::Lost => (glyphs.cross, theme.bad),
        Voice::Copy => (glyphs.copy, theme.dim),
        Voice::Asks => (glyphs.request, theme.client),
        Voice::Told => (glyphs.reply, theme.client),
        Voice::Note(mark) => note_mark(theme, mark),
    };
    Sentence { glyph, style, text }
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

/// So many sentences that are alike are told one by one; of more the newest, and how many there are.
const ALIKE: usize = 3;
/// So far back sentences are looked at for one screen.
const FAR: usize = 4096;

/// The newest sentences that fill the area, newest first, each in wrapped lines.
fn latest<'a>(theme: &Theme, area: Rect, happenings: &'a [Happening], operations: &Operations) -> Vec<(&'a Happening, Vec<Line>)> {
    let mut blocks: Vec<(&Happening, Vec<Line>)> = Vec::new();
    let mut lines = 0;
    for (happening, sentence) in told(theme, happenings, operations, usize::from(area.height)) {
        let newest = blocks.first().is_none_or(|(first, _)| first.at == happening.at);
        let block = block(theme, area.width as usize, happening, sentence, newest);
        lines += block.len();
        // Half a sentence says nothing, except of the newest.
        if lines > area.height as usize && !blocks.is_empty() {
            break;
        }
        blocks.push((happening, block));
        if lines >= area.height as usize {
            break;
        }
    }
    blocks
}

/// The newest sentences, newest first, at least so many where there are. Between two that stand alone, many that are alike are one.
fn told<'a>(theme: &Theme, happenings: &'a [Happening], operations: &Operations, most: usize) -> Vec<(&'a Happening, Sentence)> {
    let mut all = Vec::new();
    let mut stretch: Vec<(&Happening, Likeness)> = Vec::new();
    for happening in happenings.iter().rev().take(FAR) {
        match tell::likeness(&happening.what, |index| operations.get(index)) {
            Some(like) => stretch.push((happening, like)),
            None if all.len() > most => break,
            None => {
                if let Some(sentence) = sentence(theme, &happening.what, operations) {
                    grouped(theme, std::mem::take(&mut stretch), operations, &mut all);
                    all.push((happening, sentence));
                }
            }
        }
    }
    grouped(theme, stretch, operations, &mut all);
    all
}

/// The sentences of a stretch in which nothing stands alone.
fn grouped<'a>(theme: &Theme, stretch: Vec<(&'a Happening, Likeness)>, operations: &Operations, out: &mut Vec<(&'a Happening, Sentence)>) {
    let mut counts: Vec<(Likeness, usize)> = Vec::new();
    for (_, like) in &stretch {
        match counts.iter_mut().find(|(other, _)| other == like) {
            Some((_, count)) => *count += 1,
            None => counts.push((like.clone(), 1)),
        }
    }
    for (happening, like) in stretch {
        let Some((_, count)) = counts.iter_mut().find(|(other, count)| *other == like && *count > 0) else { continue };
        out.extend(sentence(theme, &happening.what, operations).map(|sentence| (happening, sentence)));
        if *count > ALIKE {
            out.push((happening, said(theme, like.voice(), like.more(*count - 1, operations.names()))));
            *count = 0;
        }
    }
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
