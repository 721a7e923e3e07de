//! Measuring, cutting and wrapping text in terminal cells.

use ratatui::style::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::harmless::is_hidden;

/// A text with one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text, without line breaks.
    pub text: String,
    /// How it looks.
    pub style: Style,
}

/// A line of styled pieces.
pub type Line = Vec<Piece>;

/// A piece of a line.
pub fn piece(text: impl Into<String>, style: Style) -> Piece {
    Piece { text: text.into(), style }
}

/// How many cells a text takes.
pub fn width(text: &str) -> usize {
    match text {
        _ if text.is_ascii() => text.len(),
        _ if text.chars().any(is_obscure) => text.chars().map(cells).sum(),
        _ => text.width(),
    }
}

/// How many cells a character takes, with the sign that stands for an obscure one.
fn cells(c: char) -> usize {
    if is_obscure(c) { 1 } else { c.width().unwrap_or(0) }
}

/// Whether a sign has to stand for a character: it is hidden and joins nothing.
pub(super) fn is_obscure(c: char) -> bool {
    is_hidden(c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

/// How many cells a line takes.
pub fn line_width(line: &[Piece]) -> usize {
    line.iter().map(|p| width(&p.text)).sum()
}

/// The longest beginning of `text` that takes at most `max` cells.
pub fn head(text: &str, max: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += cells(c);
        if used > max {
            return &text[..at];
        }
    }
    text
}

/// `text` in at most `max` cells, cut off with `more` where it is longer.
pub fn truncate(text: &str, max: usize, more: &str) -> String {
    if width(text) <= max {
        return text.to_string();
    }
    format!("{}{}", head(text, max.saturating_sub(width(more))), head(more, max))
}

/// Plain text wrapped at spaces into lines of at most `max` cells.
pub fn wrap(text: &str, max: usize) -> Vec<String> {
    let line = [piece(text, Style::new())];
    wrap_pieces(&line, max, 0).into_iter().map(|line| line.into_iter().map(|p| p.text).collect()).collect()
}

/// Styled text wrapped at spaces into lines of at most `max` cells; all lines but the first start with `indent` spaces.
/// Words longer than a line are broken. At least one line comes back.
pub fn wrap_pieces(pieces: &[Piece], max: usize, indent: usize) -> Vec<Line> {
    let max = max.max(1);
    let mut wrapper = Wrapper { max, indent: if indent < max { indent } else { 0 }, lines: vec![Vec::new()], used: 0, start: 0 };
    for word in words(pieces) {
        wrapper.word(&word);
    }
    wrapper.lines
}

/// A word may change its style in the middle; `gap` is the number of spaces before it.
struct Word {
    gap: usize,
    pieces: Vec<Piece>,
    gap_style: Style,
}

fn words(pieces: &[Piece]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    for Piece { text, style } in pieces {
        for (index, part) in text.split(' ').enumerate() {
            if index > 0 || words.is_empty() {
                let more = usize::from(index > 0);
                match words.last_mut().filter(|w| w.pieces.is_empty()) {
                    Some(word) => word.gap += more,
                    None => words.push(Word { gap: more, pieces: Vec::new(), gap_style: *style }),
                }
                open = true;
            }
            if let (true, false, Some(word)) = (open, part.is_empty(), words.last_mut()) {
                word.pieces.push(piece(part, *style));
            }
        }
    }
    words
}

struct Wrapper {
    max: usize,
    indent: usize,
    lines: Vec<Line>,
    used: usize,
    start: usize,
}

impl Wrapper {
    fn word(&mut self, word: &Word) {
        let wide = line_width(&word.pieces);
        if self.used + word.gap + wide > self.max && self.used > self.start && wide > 0 {
            self.next_line();
        } else if word.gap > 0 && self.used + word.gap <= self.max {
            self.push(&" ".repeat(word.gap), word.gap_style);
        }
        for Piece { text, style } in &word.pieces {
            self.push_breaking(text, *style);
        }
    }

    fn push_breaking(&mut self, mut text: &str, style: Style) {
        while self.used + width(text) > self.max {
            let fitting = head(text, self.max - self.used);
            if fitting.is_empty() && self.used <= self.start {
                // Not even one character fits: a wide one on a one-cell line.
                return;
            }
            self.push(fitting, style);
            text = &text[fitting.len()..];
            self.next_line();
        }
        self.push(text, style);
    }

    fn push(&mut self, text: &str, style: Style) {
        self.used += width(text);
        let Some(line) = self.lines.last_mut() else { return };
        match line.last_mut() {
            Some(last) if last.style == style => last.text.push_str(text),
            _ if text.is_empty() => {}
            _ => line.push(piece(text, style)),
        }
    }

    fn next_line(&mut self) {
        self.lines.push(Vec::new());
        self.used = 0;
        self.push(&" ".repeat(self.indent), Style::new());
        self.start = self.indent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two  three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(truncate("abcdef", 4, "…"), "abc…");
        assert_eq!(truncate("abcdef", 0, "…"), "");
    }

    #[test]
    fn a_word_may_change_its_style_in_the_middle() {
        let bold = Style::new().bold();
        let line = [piece("a lea", Style::new()), piece("der x", bold)];
        let lines = wrap_pieces(&line, 8, 0);
        assert_eq!(lines, [vec![piece("a lea", Style::new()), piece("der", bold)], vec![piece("x", bold)]]);
    }

    proptest! {
        #[test]
        fn wrapping_keeps_every_letter_and_the_width(text in "[a-c日é ]{0,60}", max in 2usize..20) {
            let lines = wrap(&text, max);
            prop_assert!(lines.iter().all(|l| width(l) <= max), "{:?}", lines);
            let letters = |t: &str| t.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
