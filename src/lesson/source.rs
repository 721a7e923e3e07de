//! Where mistakes in a lesson file are: the text, the positions, and how they are shown.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::harmless;

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
        Source { name: harmless::line(name).into(), text: text.into() }
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

    /// The line on which `at` begins, made harmless and as far as it is near, and where in it `at` stands: up to the end of that
    /// line, and at least one character where there is one.
    fn excerpt(&self, at: &Bytes) -> (String, Bytes) {
        let start = self.boundary(at.start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |n| n + 1);
        let line_end = self.text[start..].find(['\n', '\r']).map_or(self.text.len(), |n| start + n);
        let end = self.boundary(at.end.min(line_end)).max(start);
        let least = self.text[start..line_end].chars().next().map_or(start, |c| start + c.len_utf8());
        let place = start - line_start..end.max(least) - line_start;
        harmless::excerpt(&self.text[line_start..line_end], place, harmless::page)
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
    /// A mistake at this place. What it quotes of the file is made harmless.
    pub fn new(at: &Bytes, message: impl Into<String>, help: impl Into<String>) -> Mistake {
        let [message, help] = [message.into(), help.into()].map(|text: String| harmless::sentence(&text));
        Mistake { at: at.clone(), message, help }
    }
}

/// The most mistakes of one file that are shown; the others are counted.
pub const SHOWN: usize = 50;

/// All mistakes of one file, in the order of the file. `Display` shows the first [`SHOWN`], each with its line underlined.
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

    /// One line for each of the first [`SHOWN`], `file:12:3: what is wrong; what would be right`, and one for how many more there are.
    pub fn lines(&self) -> Vec<String> {
        self.list.iter().take(SHOWN).map(|m| self.line(m)).chain(self.more()).collect()
    }

    fn line(&self, mistake: &Mistake) -> String {
        let (line, column) = self.source.position(mistake.at.start);
        let between = if mistake.help.is_empty() { "" } else { "; " };
        format!("{}:{line}:{column}: {}{between}{}", self.source.name, mistake.message, mistake.help)
    }

    fn snippet(&self, mistake: &Mistake) -> String {
        let (line, column) = self.source.position(mistake.at.start);
        let (text, at) = self.source.excerpt(&mistake.at);
        let mark = AnnotationKind::Primary.span(at);
        let mark = if mistake.help.is_empty() { mark } else { mark.label(mistake.help.as_str()) };
        let snippet = Snippet::source(text).line_start(line).annotation(mark);
        // The place is written here, because the excerpt may have other columns than the file.
        let below = Renderer::plain().render(&[Group::with_level(Level::ERROR).element(snippet)]);
        let indent = line.to_string().len();
        format!("error: {}\n{:indent$}--> {}:{line}:{column}\n{below}", mistake.message, "", self.source.name)
    }

    /// The sentence for the mistakes that are not shown.
    fn more(&self) -> Option<String> {
        let more = self.list.len().checked_sub(SHOWN).filter(|more| *more > 0)?;
        Some(format!("{}: and {more} more mistakes; these are the first {SHOWN}", self.source.name))
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.list.iter().take(SHOWN).enumerate() {
            write!(f, "{}{}", if i > 0 { "\n\n" } else { "" }, self.snippet(mistake))?;
        }
        self.more().map_or(Ok(()), |more| write!(f, "\n\n{more}"))
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
        assert!(text.contains("f.toml:2:1") && text.contains("2 | titel = ") && text.contains("^^^^^ did you mean `title`?"), "{text}");
    }

    #[test]
    fn what_a_file_hides_is_shown_and_the_mark_stays_in_place() {
        let source = Source::new("f\u{1b}[2J.toml", "id = \"\u{202e}a\" b\n");
        let shown = Mistakes::new(source, vec![Mistake::new(&(12..13), "no key `\u{9b}`", "")]).to_string();
        assert!(shown.contains(r" --> f\u{1b}[2J.toml:1:11"), "{shown}");
        assert!(shown.contains(r"no key `\u{9b}`"), "{shown}");
        let column = |part: &str| shown.lines().find_map(|line| line.find(part));
        let line = r#"id = "\u{202e}a" b"#;
        assert_eq!(column("^"), column(line).map(|at| at + line.len() - 1), "{shown}");
    }

    #[test]
    fn of_many_mistakes_the_first_are_shown_and_the_others_counted() {
        let text = "x".repeat(100_000);
        let list = (0..8000).map(|at| Mistake::new(&(at..at + 1), "wrong", "")).collect();
        let mistakes = Mistakes::new(Source::new("f", &text), list);
        assert_eq!(mistakes.lines().len(), SHOWN + 1);
        assert_eq!(mistakes.lines().last().map(String::as_str), Some("f: and 7950 more mistakes; these are the first 50"));
        let shown = mistakes.to_string();
        assert_eq!(shown.matches("error: wrong").count(), SHOWN);
        assert!(shown.ends_with("more mistakes; these are the first 50") && shown.len() < 100_000, "{}", shown.len());
    }

    proptest! {
        #[test]
        fn any_place_of_any_text_can_be_shown(text in "[a-zü=\"\n\r\t\u{1F600} ]{0,40}", a in 0usize..60, b in 0usize..60) {
            let mistakes = Mistakes::new(Source::new("f", &text), vec![Mistake::new(&(a..b), "m", "h")]);
            prop_assert!(mistakes.to_string().contains('m'));
        }
    }
}
