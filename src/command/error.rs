//! What is wrong with a command, and where.

use unicode_width::UnicodeWidthStr;

use crate::harmless;

/// A mistake in a command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    /// Where the word at fault starts, in bytes from the start of the text.
    pub offset: usize,
    /// How many bytes it covers; 0 where something is missing.
    pub length: usize,
    /// What is wrong and what would be right, in one sentence.
    pub message: String,
}

impl CommandError {
    /// Three lines: the text, a caret under the word at fault, the message.
    pub fn render(&self, text: &str) -> String {
        caret(text, self.offset, self.length, &self.message)
    }
}

/// A text in one line, as far as it is near, with carets under `length` bytes from `offset` on, and a message below. Out of range
/// is clamped.
pub fn caret(text: &str, offset: usize, length: usize, message: &str) -> String {
    let start = floor(text, offset);
    let end = floor(text, offset.saturating_add(length)).max(start);
    let (line, at) = harmless::excerpt(text, start..end, harmless::line);
    let indent = " ".repeat(line[..at.start].width());
    let carets = "^".repeat(line[at].width().max(1));
    format!("{line}\n{indent}{carets}\n{}", harmless::sentence(message))
}

/// The nearest character boundary at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_word() {
        assert_eq!(caret("crsh n1", 0, 4, "?"), "crsh n1\n^^^^\n?");
        assert_eq!(caret("界 n9", 4, 2, "?"), "界 n9\n   ^^\n?");
        assert_eq!(caret("crash", 99, 3, "?"), "crash\n     ^\n?");
        assert_eq!(caret("a\u{1b} n9", 3, 2, "?\u{202e}"), "a\\u{1b} n9\n        ^^\n?\\u{202e}");
    }
}
