//! What happened and why, in sentences.

mod ranked;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use super::text::{Line, piece, wrap_pieces};
use super::{Operations, Target};
use crate::cluster::tell::{self, Entry, Voice};
use crate::cluster::{Happening, NoteMark, What};
use crate::sim::time::Span;
use crate::tui::theme::Theme;

/// What there is to tell.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    /// What happened, in order, up to now.
    pub happenings: &'a [Happening],
    /// What calls and returns point into.
    pub operations: &'a Operations,
    /// Something happened before these that is not among them.
    pub cut: bool,
}

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

/// Draws the latest sentences, the newest last, and returns where each event is.
pub fn draw(
    area: Rect,
    buf: &mut Buffer,
    theme: &Theme,
    Story { happenings, operations, cut }: Story<'_>,
    selected: Option<Target>,
) -> Vec<(u64, Rect)> {
    let mut pen = Pen::new(buf, area);
    let area = pen.area();
    let entries = tell::entries(happenings, cut, |index| operations.get(index));
    let shown = ranked::fitted(&entries, usize::from(area.height), |index| block(theme, area, (&entries, operations), index));
    let mut hits = Vec::with_capacity(shown.len());
    let mut y = area.y;
    for (index, lines) in shown.iter().rev() {
        let top = y;
        for line in lines.iter().take(usize::from(area.bottom() - top)) {
            put(&mut pen, (area.x, y), line);
            y += 1;
        }
        let rect = Rect { y: top, height: y - top, ..area };
        let event = entries[*index].happening.event;
        if selected == Some(Target::Event(event)) {
            pen.select(rect, theme);
        }
        hits.push((event, rect));
    }
    hits
}

/// An entry in wrapped lines: when, what, and how many that are not shown came after it.
fn block(theme: &Theme, area: Rect, (entries, operations): (&[Entry<'_>], &Operations), index: ranked::Index) -> Vec<Line> {
    let Some((entry, room)) = entries.get(index.entry).map(|entry| (entry, usize::from(area.width))) else { return Vec::new() };
    let Some(sentence) = told(theme, entry, operations) else { return Vec::new() };
    let newest = entries.first().is_some_and(|first| first.happening.at == entry.happening.at);
    let glyph_style = if index.quiet { theme.dim } else { sentence.style };
    let time = format!("{:>8}  ", entry.happening.at.to_string());
    let (mut line, indent) = if room >= 40 { (vec![piece(time, theme.dim)], 12) } else { (Vec::new(), 2) };
    line.push(piece(sentence.glyph, glyph_style));
    line.push(piece(" ", theme.text));
    line.push(piece(sentence.text, if newest { theme.strong } else { theme.text }));
    if index.left_out > 0 {
        line.push(piece(format!("   then {} more", index.left_out), theme.dim));
    }
    wrap_pieces(&line, room, indent)
}

fn told(theme: &Theme, entry: &Entry<'_>, operations: &Operations) -> Option<Sentence> {
    match &entry.many {
        Some(many) => Some(said(theme, many.like.voice(), many.sentence(operations.names()))),
        None => sentence(theme, &entry.happening.what, operations),
    }
}

fn put(pen: &mut Pen<'_>, (x, y): (u16, u16), line: &Line) {
    let mut x = x as i32;
    for part in line {
        x = pen.text(x, y as i32, &part.text, part.style);
    }
}

/// In one line the loudest of what was told in the last stretch of this length, or else the latest sentence.
pub fn line(area: Rect, buf: &mut Buffer, theme: &Theme, Story { happenings, operations, cut }: Story<'_>, stretch: Span) {
    let mut pen = Pen::new(buf, Rect { height: area.height.min(1), ..area });
    let entries = tell::entries(happenings, cut, |index| operations.get(index));
    let Some(last) = entries.first() else { return };
    let since = last.happening.at.0.saturating_sub(stretch.0);
    let loudest = entries.iter().take_while(|entry| entry.happening.at.0 >= since).max_by_key(|entry| (entry.rank, entry.happening.event));
    let Some(sentence) = loudest.and_then(|entry| told(theme, entry, operations)) else { return };
    let (x, y) = (area.x as i32, area.y as i32);
    pen.text(x, y, sentence.glyph, sentence.style);
    pen.clipped(x + 2, y, &sentence.text, (area.width as usize).saturating_sub(2), theme.glyphs.more, theme.text);
}
