//! Where mistakes in a lesson file are: the text, the positions, and how they are shown.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// A stretch of a lesson file, in bytes from its start.
pub type Bytes = Range<usize>;

/// The text of a lesson file and the name it is shown by. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
}

impl Source {
    /// A file's name, as the user would write it, and its text.
    pub fn new(name: &str, text: &str) -> Source {
        Source { name: name.into(), text: text.into() }
    }

    /// The name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let before = &self.text[..self.boundary(byte)];
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The nearest character boundary at or before `byte`.
    fn boundary(&self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        (0..=byte).rev().find(|b| self.text.is_char_boundary(*b)).unwrap_or(0)
    }

    /// The part of `at` on its first line, at least one character where there is one.
    fn one_line(&self, at: &Bytes) -> Bytes {
        let start = self.boundary(at.start);
        let line_end = self.text[start..].find(['\n', '\r']).map_or(self.text.len(), |n| start + n);
        let end = self.boundary(at.end.min(line_end)).max(start);
        let least = self.text[start..line_end].chars().next().map_or(start, |c| start + c.len_utf8());
        start..end.max(least)
    }
}

/// One mistake: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where in the file.
    pub at: Bytes,
    /// What is wrong.
    pub message: String,
    /// What would be right; empty where the message says it.
    pub help: String,
}

impl Mistake {
    /// A mistake at this place.
    pub fn new(at: &Bytes, message: impl Into<String>, help: impl Into<String>) -> Mistake {
        Mistake { at: at.clone(), message: message.into(), help: help.into() }
    }
}

/// All mistakes of one file, in the order of the file. `Display` shows each with its line underlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes {
    source: Source,
    list: Vec<Mistake>,
}

impl Mistakes {
    /// The mistakes of a file, in any order.
    pub fn new(source: Source, mut list: Vec<Mistake>) -> Mistakes {
        list.sort_by_key(|m| (m.at.start, m.at.end));
        list.dedup();
        Mistakes { source, list }
    }

    /// Each of them, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// One line for each: `file:12:3: what is wrong; what would be right`.
    pub fn lines(&self) -> Vec<String> {
        self.list.iter().map(|m| self.line(m)).collect()
    }

    fn line(&self, mistake: &Mistake) -> String {
        let (line, column) = self.source.position(mistake.at.start);
        let between = if mistake.help.is_empty() { "" } else { "; " };
        format!("{}:{line}:{column}: {}{between}{}", self.source.name, mistake.message, mistake.help)
    }

    fn snippet(&self, mistake: &Mistake) -> String {
        let mark = AnnotationKind::Primary.span(self.source.one_line(&mistake.at));
        let mark = if mistake.help.is_empty() { mark } else { mark.label(mistake.help.as_str()) };
        let snippet = Snippet::source(self.source.text()).path(self.source.name()).annotation(mark);
        Renderer::plain().render(&[Level::ERROR.primary_title(mistake.message.as_str()).element(snippet)])
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.list.iter().enumerate() {
            write!(f, "{}{}", if i > 0 { "\n\n" } else { "" }, self.snippet(mistake))?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positions_count_from_one_in_characters() {
        let source = Source::new("f", "ab\nüx = 1\r\n");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(5), (2, 2));
        assert_eq!(source.position(999), (3, 1));
    }

    #[test]
    fn a_mistake_shows_its_line() {
        let source = Source::new("f.toml", "id = \"a\"\ntitel = \"b\"\n");
        let shown = Mistakes::new(source, vec![Mistake::new(&(9..14), "no key `titel`", "did you mean `title`?")]);
        assert_eq!(shown.lines(), ["f.toml:2:1: no key `titel`; did you mean `title`?"]);
        let text = shown.to_string();
        assert!(text.contains("f.toml:2:1") && text.contains("^^^^^ did you mean `title`?"), "{text}");
    }

    proptest! {
        #[test]
        fn any_place_of_any_text_can_be_shown(text in "[a-zü=\"\n\r\t\u{1F600} ]{0,40}", a in 0usize..60, b in 0usize..60) {
            let mistakes = Mistakes::new(Source::new("f", &text), vec![Mistake::new(&(a..b), "m", "h")]);
            prop_assert!(mistakes.to_string().contains('m'));
        }
    }
}
