//! A word of the card, explained where it stands.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Lab;
use super::layout::Panel;
use crate::cluster::registry;
use crate::lesson::terms::{Term, Terms};
use crate::tui::app::App;
use crate::tui::keys::Key;
use crate::tui::theme::Theme;
use crate::tui::widgets::text::{Line, Piece, piece, wrap_pieces};

/// A term that stands on a card for the first time: in which line (or lines, where it is wrapped) and where in each, and what it means.
type Place = (Vec<(usize, Range<usize>)>, Term);

/// The terms that a lesson on this model may use.
pub(in crate::tui) fn of(lab: &Lab) -> Terms {
    Terms::of(registry::model(&lab.run().scenario().model))
}

/// Whether the card has a word to explain.
pub fn can_explain(app: &App) -> Result<(), String> {
    let Some(lab) = app.lab() else { return Ok(()) };
    let terms = of(lab);
    let has = lab.walk.step().texts().into_iter().any(|text| !terms.find(text).is_empty());
    if has { Ok(()) } else { Err("no word of this card has more to it; ? then Tab shows all signs and words".into()) }
}

/// Explains the first term of the card, or the one after that which is explained.
pub fn next(app: &mut App, _key: Key) {
    if let Some(lab) = app.lab_mut() {
        lab.term = Some(lab.term.map_or(0, |at| at + 1));
        (lab.focus, lab.selected) = (Panel::Question, None);
    }
}

/// Puts the sentence of the `at`-th term (after the last comes the first) under its line, and says in which lines both stand.
pub(super) fn explain(lab: &Lab, theme: &Theme, wide: usize, at: usize, lines: &mut Vec<Line>) -> Option<Range<usize>> {
    let mut places = places(&of(lab), lines);
    if places.is_empty() {
        return None;
    }
    let (parts, term) = places.swap_remove(at % places.len());
    for (line, place) in &parts {
        lines[*line] = marked(&lines[*line], place, theme);
    }
    let (Some((first, _)), Some((line, _))) = (parts.first(), parts.last()) else { return None };
    let (bar, quoted) = (format!("{} ", theme.glyphs.quote), [piece(term.says, theme.text)]);
    let room = wide.saturating_sub(2);
    let says: Vec<Line> = wrap_pieces(&quoted, room, 0).into_iter().map(|said| [vec![piece(&bar, theme.key)], said].concat()).collect();
    let end = line + 1 + says.len();
    lines.splice(line + 1..=*line, says);
    Some(*first..end)
}

/// Where the terms stand, each only once: the first time.
fn places(terms: &Terms, lines: &[Line]) -> Vec<Place> {
    let (mut places, mut seen) = (Vec::new(), BTreeSet::new());
    for paragraph in paragraphs(lines) {
        let found = terms.find(&paragraph.text).into_iter().filter(|(_, term)| seen.insert(term.name.clone()));
        places.extend(found.map(|(place, term)| (paragraph.parts(&place), term.clone())));
    }
    places
}

/// Lines without an empty one between them, as one text: a term may begin in one and end in the next.
#[derive(Default)]
struct Paragraph {
    text: String,
    /// Each line: where it begins in the text, its number, and how much of it (its indent) is left out before.
    lines: Vec<(usize, usize, usize)>,
}

impl Paragraph {
    fn push(&mut self, number: usize, line: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.lines.push((self.text.len(), number, line.len() - line.trim_start().len()));
        self.text.push_str(line.trim());
    }

    /// A place in the text as places in lines.
    fn parts(&self, place: &Range<usize>) -> Vec<(usize, Range<usize>)> {
        let ends = self.lines.iter().skip(1).map(|(start, ..)| start - 1).chain([self.text.len()]);
        let parts = self.lines.iter().zip(ends).map(|((start, number, indent), end)| {
            let (from, to) = (place.start.max(*start), place.end.min(end));
            (*number, from.saturating_sub(*start) + indent..to.saturating_sub(*start) + indent)
        });
        parts.filter(|(_, part)| !part.is_empty()).collect()
    }
}

fn paragraphs(lines: &[Line]) -> Vec<Paragraph> {
    let mut all = vec![Paragraph::default()];
    for (number, line) in lines.iter().enumerate() {
        let text: String = line.iter().map(|piece| piece.text.as_str()).collect();
        match all.last_mut() {
            Some(paragraph) if !text.trim().is_empty() => paragraph.push(number, &text),
            _ => all.push(Paragraph::default()),
        }
    }
    all
}

/// The line with this part of its text as the selected one.
fn marked(line: &Line, place: &Range<usize>, theme: &Theme) -> Line {
    let (mut at, mut marked) = (0, Vec::new());
    for Piece { text, style } in line {
        let cut = |to: usize| to.saturating_sub(at).min(text.len());
        let (from, to) = (cut(place.start), cut(place.end));
        let parts = [(&text[..from], *style), (&text[from..to], style.patch(theme.selected)), (&text[to..], *style)];
        marked.extend(parts.into_iter().filter(|(part, _)| !part.is_empty()).map(|(part, style)| piece(part, style)));
        at += text.len();
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Palette};
    use ratatui::style::Style;

    #[test]
    fn a_term_is_found_across_the_pieces_of_a_line_and_once() {
        let terms = Terms::of(None);
        let line = |parts: &[&str]| parts.iter().map(|part| piece(*part, Style::new())).collect::<Line>();
        let lines = [line(&["A fol", "lower has a ", "log."]), line(&["The log of a leader"])];
        let found: Vec<(usize, Range<usize>)> = places(&terms, &lines).into_iter().flat_map(|(parts, _)| parts).collect();
        assert_eq!(found, [(0, 2..10), (0, 17..20), (1, 13..19)]);
        let theme = Theme::new(Palette::Dark, Depth::True, false, true);
        let marked = marked(&lines[0], &(2..10), &theme);
        let parts: Vec<(&str, bool)> = marked.iter().map(|p| (p.text.as_str(), p.style == theme.selected)).collect();
        assert_eq!(parts, [("A ", false), ("fol", true), ("lower", true), (" has a ", false), ("log.", false)]);
    }

    #[test]
    fn a_term_that_is_wrapped_is_found_in_both_lines() {
        let terms = Terms::of(None);
        let line = |text: &str| vec![piece(text, Style::new())];
        let lines = [line("  each has a version "), line("  vector, and"), line(""), line("the split"), line(""), line("brain")];
        let found = places(&terms, &lines);
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0].0, found[0].1.name.as_str()), (&vec![(0, 13..20), (1, 2..8)], "version vector"));
    }
}
