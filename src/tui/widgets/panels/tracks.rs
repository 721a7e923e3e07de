//! Things that have a place in a row.
//!
//! ```text
//! p0 ★ b1 36│ a │ d │ a │ g │ d │ a ┃ g ┊ d ┊   ends b1 44  b2 44   lag 0
//!                         ▴B          ▴A
//! index          1      2      3      4      5     ┃ committed
//! s1 ★ term 3 │ 1 x1 │ 1 y2 │ 2 x5 │ 3 y7 ┃ 3 x6 ┊ commits 4
//! ```

use super::{Column, Look, Row, blank, left, marked, right};
use crate::cluster::scene::{Boundary, Cell, Shape, Side, Tone, Track, Tracks};
use crate::tui::widgets::text::{Line, Piece, line_width, piece, width};

/// At least this many cells are seen before columns at the right are.
const LEAST: usize = 6;

/// At least this many cells are seen before words beside the names are, and the words at the end in full.
const FEW: usize = 2;

/// The measures that all tracks share.
struct Frame {
    /// Whether the words beside the names are seen.
    words: bool,
    /// Columns of the label.
    label: usize,
    /// Columns of the number of the first cell.
    first: usize,
    /// Columns of a cell, without the line before it.
    cell: usize,
    /// Cells seen of each track.
    cells: usize,
    /// The widths of the columns at the right that are seen.
    entries: Vec<Column>,
    /// The first place and the end of all tracks, where places are numbered.
    all: Option<(u64, u64)>,
    /// Which end of a track is seen.
    from: Side,
    /// Whether it is said how many cells are not seen.
    more: bool,
}

/// A line for each track, one more under those with marks, and the words above and below.
pub(super) fn rows(look: &Look<'_>, tracks: &Tracks, (room, height): (usize, usize)) -> Vec<Row> {
    let frame = frame(look, tracks, room);
    let header = (tracks.numbered || !tracks.headings.is_empty()).then(|| Row::heading(header(look, tracks, &frame)));
    let lines = tracks.tracks.iter().flat_map(|track| {
        let stay = look.stay(&track.name, false);
        let own = Row { line: line(look, track, &frame), node: track.node, stay };
        let marks = (!track.cursors.is_empty()).then(|| Row::staying(cursors(look, track, &frame), stay));
        std::iter::once(own).chain(marks)
    });
    let legend = (!tracks.legend.is_empty()).then(|| Row::from(vec![piece(legend(&tracks.legend, room), look.theme.dim)]));
    super::fitted(header.into_iter().chain(lines).chain(legend).collect(), height, look.theme)
}

/// As many of them as fit, from the first on.
fn legend(all: &[String], room: usize) -> String {
    (1..=all.len()).rev().map(|count| all[..count].join("   ")).find(|text| width(text) <= room).unwrap_or_else(|| all[0].clone())
}

fn frame(look: &Look<'_>, tracks: &Tracks, room: usize) -> Frame {
    let all = &tracks.tracks;
    let end = all.iter().map(end).max().unwrap_or(0);
    let cell = all.iter().flat_map(|track| &track.cells).map(|cell| width(&cell_text(look, cell))).max().unwrap_or(0).max(1) + 2;
    let counted = !tracks.numbered && all.iter().any(|track| track.first > 0);
    let first = if counted { end.to_string().len() } else { 0 };
    let label = |words: bool| all.iter().map(|track| line_width(&self::label(look, track, words))).max().unwrap_or(0);
    let fit = |words: bool, right: usize| room.saturating_sub(label(words) + 1 + first + 1 + right) / (cell + 1);
    let note = all.iter().map(|track| width(&track.note)).max().filter(|wide| *wide > 0).map_or(0, |wide| wide + 2);
    let mut entries = columns(look, tracks);
    let right = |entries: &[Column]| entries.iter().map(|column| column.width() + 2).sum::<usize>();
    while fit(true, note + right(&entries)) < LEAST && entries.pop().is_some() {}
    // What a track is at the moment says more than the words beside its name; where neither leaves room for cells, it is cut.
    let beside = note + right(&entries);
    let (words, beside) =
        [(true, beside), (false, beside)].into_iter().find(|(words, beside)| fit(*words, *beside) >= FEW).unwrap_or((true, 0));
    let longest = all.iter().map(|track| track.cells.len()).max().unwrap_or(0);
    let is_crowded = fit(words, beside) < longest || all.iter().any(|track| track.more > 0);
    let more = Some(widest_more(all)).filter(|more| is_crowded && tracks.from == Side::Start && fit(words, beside + more) >= FEW);
    let cells = fit(words, beside + more.unwrap_or_default()).min(longest.max(LEAST));
    let begin = all.iter().map(|track| track.first).min().unwrap_or(0);
    Frame {
        words,
        label: label(words),
        first,
        cell,
        cells,
        entries,
        all: tracks.numbered.then_some((begin, end)),
        from: tracks.from,
        more: more.is_some(),
    }
}

fn end(track: &Track) -> u64 {
    track.first + track.cells.len() as u64
}

/// Columns for the words on what is not seen, as many as they can take.
fn widest_more(all: &[Track]) -> usize {
    all.iter().map(|track| width(&more(track, 0))).max().unwrap_or(0)
}

/// How many cells are not seen, where so many are.
fn more(track: &Track, seen: usize) -> String {
    let hidden = track.cells.len().saturating_sub(seen) as u64 + track.more;
    if hidden == 0 { String::new() } else { format!("  +{hidden} more") }
}

fn columns(look: &Look<'_>, tracks: &Tracks) -> Vec<Column> {
    let count = tracks.tracks.iter().map(|track| track.entries.len()).max().unwrap_or(0);
    let own = |index: usize| tracks.tracks.iter().filter_map(move |track| track.entries.get(index));
    (0..count).map(|index| Column::of(look, tracks.headings.get(index), own(index))).collect()
}

/// The first place that is seen. A full track whose end is seen scrolls by half its length at once, not cell by cell.
fn start(track: &Track, frame: &Frame) -> u64 {
    let (begin, end) = frame.all.unwrap_or((track.first, end(track)));
    if frame.from == Side::Start {
        return begin;
    }
    let cells = frame.cells as u64;
    let hidden = (end - begin).saturating_sub(cells);
    let half = (cells / 2).max(1);
    begin + hidden.div_ceil(half) * half
}

fn label(look: &Look<'_>, track: &Track, words: bool) -> Line {
    let theme = look.theme;
    let mut line = vec![piece(track.name.clone(), theme.text)];
    if let Some(shape) = track.shape {
        let style = if shape == Shape::Member { theme.dim } else { theme.node(shape, crate::cluster::scene::Health::Up) };
        line.push(piece(format!(" {}", theme.glyphs.shape(shape)), style));
    }
    if words && !track.word.is_empty() {
        line.push(piece(format!(" {}", track.word), theme.dim));
    }
    line
}

fn line(look: &Look<'_>, track: &Track, frame: &Frame) -> Line {
    let theme = look.theme;
    let mut line = label(look, track, frame.words);
    line.push(blank(frame.label + 1 - line_width(&line).min(frame.label + 1), theme));
    let start = start(track, frame);
    if frame.first > 0 {
        line.push(right(&start.to_string(), frame.first, theme.dim));
    }
    for place in start..start + frame.cells as u64 {
        line.push(edge(look, track, place));
        line.push(cell(look, track, place, frame.cell));
    }
    line.push(edge(look, track, start + frame.cells as u64));
    for (entry, column) in track.entries.iter().zip(&frame.entries) {
        line.push(blank(2, theme));
        line.extend(column.entry(look, entry));
    }
    if frame.more {
        line.push(piece(more(track, frame.cells), theme.dim));
    }
    if !track.note.is_empty() {
        line.push(piece(format!("  {}", track.note), theme.dim));
    }
    line
}

/// The line before a place: a limit, an opening, or the thin one between two cells; none beyond the last.
fn edge(look: &Look<'_>, track: &Track, place: u64) -> Piece {
    let (theme, glyphs) = (look.theme, look.theme.glyphs);
    let inside = place >= track.first && place <= end(track);
    match track.edges.iter().rfind(|edge| edge.before == place).map(|edge| edge.kind) {
        Some(Boundary::Limit) => piece(glyphs.limit, theme.strong),
        Some(Boundary::Open) => piece(glyphs.open, theme.dim),
        None if inside => piece(glyphs.follower_box.down, theme.edge),
        None => blank(1, theme),
    }
}

fn cell(look: &Look<'_>, track: &Track, place: u64, wide: usize) -> Piece {
    let theme = look.theme;
    let index = place.checked_sub(track.first).and_then(|index| usize::try_from(index).ok());
    let Some(cell) = index.and_then(|index| track.cells.get(index)) else { return blank(wide, theme) };
    let beyond = track.edges.iter().any(|edge| edge.kind == Boundary::Limit && edge.before <= place);
    let style = marked(theme, cell_style(look, cell, beyond), cell.changed);
    let text = cell_text(look, cell);
    let before = (wide.saturating_sub(width(&text))) / 2;
    left(&format!("{}{text}", " ".repeat(before)), wide, style)
}

/// Its words, with the sign of its tone.
fn cell_text(look: &Look<'_>, cell: &Cell) -> String {
    let sign = look.theme.tone_glyph(cell.tone).filter(|_| cell.tone != Tone::Good).unwrap_or("");
    format!("{}{sign}", cell.text)
}

fn cell_style(look: &Look<'_>, cell: &Cell, beyond: bool) -> ratatui::style::Style {
    match (cell.tone, cell.group) {
        (Tone::Plain, _) if beyond => look.theme.dim,
        (Tone::Plain, Some(group)) => look.theme.group(group),
        (tone, _) => look.theme.tone(tone),
    }
}

/// The numbers of the places, and the headings of the columns at the right.
fn header(look: &Look<'_>, tracks: &Tracks, frame: &Frame) -> Line {
    let theme = look.theme;
    let mut line = vec![blank(frame.label + 1 + frame.first, theme)];
    let start = tracks.tracks.first().map_or(0, |track| start(track, frame));
    for place in start..start + frame.cells as u64 {
        let number = if tracks.numbered { place.to_string() } else { String::new() };
        let before = (frame.cell + 1).saturating_sub(width(&number)) / 2;
        line.push(left(&format!("{}{number}", " ".repeat(before)), frame.cell + 1, theme.dim));
    }
    line.push(blank(1, theme));
    for (heading, column) in tracks.headings.iter().zip(&frame.entries) {
        line.push(blank(2, theme));
        line.extend(column.heading(theme, heading));
    }
    line
}

/// Marks under cells.
fn cursors(look: &Look<'_>, track: &Track, frame: &Frame) -> Line {
    let theme = look.theme;
    let start = start(track, frame);
    let mut seen: Vec<_> = track.cursors.iter().filter(|c| c.at >= start && c.at <= start + frame.cells as u64).collect();
    seen.sort_by_key(|cursor| cursor.at);
    let mut line = Line::new();
    let mut used = 0;
    for cursor in seen {
        let x = frame.label + 1 + frame.first + (cursor.at - start) as usize * (frame.cell + 1) + frame.cell / 2;
        let text = format!("{}{}", theme.glyphs.axis[1], cursor.name);
        // Two marks under one cell stand beside each other.
        line.push(blank(x.max(used) - used, theme));
        used = x.max(used) + width(&text);
        line.push(piece(text, theme.key));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(cells: usize) -> Track {
        Track { first: 36, cells: vec![Cell::new("a", Tone::Plain); cells], ..Track::default() }
    }

    /// Whole explanations or none, the first ones first.
    #[test]
    fn a_legend_leaves_out_what_finds_no_room() {
        let all = ["┃ committed", "▴ applied", "- none"].map(String::from);
        let shown = [40, 32, 31, 23, 22, 3].map(|room| legend(&all, room));
        let (one, two, three) = ("┃ committed", "┃ committed   ▴ applied", "┃ committed   ▴ applied   - none");
        assert_eq!(shown, [three, three, two, two, one, one].map(String::from));
    }

    /// Of an order of going the first is seen, and what is not seen is counted.
    #[test]
    fn a_track_that_is_seen_from_its_start_counts_what_is_left_out() {
        let theme = crate::tui::widgets::tests::theme();
        let look = Look { theme: &theme, selected: None, axis: None, show: &[], now: crate::sim::time::Time::ZERO };
        for (room, beyond) in [(76, 0), (40, 200), (200, 0), (20, 0)] {
            let cells = (0..50).map(|number| Cell::new(format!("k{number}"), Tone::Plain)).collect();
            let track = Track { name: "cache".into(), word: "50".into(), cells, more: beyond, ..Track::default() };
            let shown = rows(&look, &Tracks { tracks: vec![track], from: Side::Start, ..Tracks::default() }, (room, 1));
            let text: String = shown[0].line.iter().map(|piece| piece.text.clone()).collect();
            let seen = text.split_whitespace().filter(|word| word.trim_matches('│').starts_with('k')).count() as u64;
            assert!(width(text.trim_end()) <= room, "{room}: {text}");
            assert!(text.contains("k0 "), "{room}: {text}");
            let left = 50 + beyond - seen;
            // Where there is hardly room for cells, they come first.
            assert_eq!(text.contains(&format!("+{left} more")), left > 0 && room > 20, "{room}: {text}");
        }
    }

    #[test]
    fn a_full_track_scrolls_by_half() {
        let frame =
            Frame { words: true, label: 0, first: 2, cell: 3, cells: 8, entries: Vec::new(), all: None, from: Side::End, more: false };
        assert_eq!([0, 8, 9, 12, 13].map(|cells| start(&track(cells), &frame)), [36, 36, 40, 40, 44]);
    }
}
