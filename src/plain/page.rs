//! What is written: one line for each thing that is said, in letters and signs that are read aloud well.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Signs that lessons and clusters draw with, and the words for them. Any other sign that only draws is left out.
const SIGNS: &[(char, &str)] = &[
    ('★', "star"),
    ('○', "circle"),
    ('◇', "diamond"),
    ('◆', "filled diamond"),
    ('●', "dot"),
    ('•', "dot"),
    ('✓', "tick"),
    ('✕', "cross"),
    ('▸', "->"),
    ('→', "->"),
    ('×', "times"),
    ('−', "-"),
    ('–', "-"),
    ('≤', "at most"),
    ('≥', "at least"),
    ('≠', "not equal to"),
    ('≈', "about"),
    ('±', "plus or minus"),
    ('·', ","),
    ('…', "..."),
    ('\u{a0}', " "),
    ('▴', "up to"),
    ('`', "\""),
];

/// Raised digits and letters, and what they are.
const RAISED: &[(char, char)] =
    &[('⁰', '0'), ('¹', '1'), ('²', '2'), ('³', '3'), ('⁴', '4'), ('⁵', '5'), ('⁶', '6'), ('⁷', '7'), ('⁸', '8'), ('⁹', '9'), ('ⁿ', 'n')];

/// Whether a sign is drawn and says nothing when it is read aloud: arrows, boxes, blocks, shapes, and the signs of private fonts.
pub fn only_draws(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2500}'..='\u{27bf}' | '\u{2900}'..='\u{2bff}' | '\u{e000}'..='\u{f8ff}')
        || c as u32 >= 0x000f_0000
}

/// A text in one line, without signs that only draw: `(★)` is `(star)`, `10⁶` is `10^6`.
pub fn spoken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut raised = false;
    for c in text.chars() {
        let up = RAISED.iter().find(|(sign, _)| *sign == c);
        if let Some((_, plain)) = up {
            if !raised {
                out.push('^');
            }
            out.push(*plain);
        } else if let Some((_, word)) = SIGNS.iter().find(|(sign, _)| *sign == c) {
            signed(&mut out, word);
        } else if only_draws(c) {
            out.push(' ');
        } else {
            if out.ends_with(MARK) && c.is_alphanumeric() {
                out.push(' ');
            }
            out.push(c);
        }
        raised = up.is_some();
    }
    let out = out.replace(MARK, "");
    out.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",").replace("( ", "(").replace(" )", ")")
}

/// Stands behind the word for a sign until the text is whole: what follows at once is parted from it.
const MARK: char = '\u{1}';

/// The word for a sign, apart from words beside it.
fn signed(out: &mut String, word: &str) {
    let is_word = word.starts_with(char::is_alphabetic);
    if is_word && out.ends_with(char::is_alphanumeric) {
        out.push(' ');
    }
    out.push_str(word);
    if is_word {
        out.push(MARK);
    }
}

/// Markdown as paragraphs of one line each, without marks. A command of several words stands in quotation marks.
pub fn paragraphs(markdown: &str) -> Vec<String> {
    let mut page = Paragraphs::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        page.event(event);
    }
    page.end();
    page.done
}

/// Markdown as one line.
pub fn sentence(markdown: &str) -> String {
    paragraphs(markdown).join(" ")
}

#[derive(Default)]
struct Paragraphs {
    done: Vec<String>,
    open: String,
    /// The next number of every open list; `None` for one without numbers.
    lists: Vec<Option<u64>>,
    in_code: bool,
}

impl Paragraphs {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) if self.in_code => {
                for line in text.lines() {
                    self.open.push_str(line);
                    self.end();
                }
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.open.push_str(&text),
            Event::Code(code) => self.open.push_str(&quoted(&code)),
            Event::SoftBreak => self.open.push(' '),
            Event::HardBreak | Event::Rule => self.end(),
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.finish(tag),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::List(first) => {
                self.end();
                self.lists.push(*first);
            }
            Tag::Item => {
                self.end();
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.open = format!("{number}. ");
                    *number += 1;
                }
            }
            Tag::CodeBlock(_) => {
                self.end();
                self.in_code = true;
            }
            Tag::Paragraph if self.open.ends_with(". ") => {}
            Tag::Paragraph | Tag::Heading { .. } | Tag::BlockQuote(_) | Tag::TableHead | Tag::TableRow => self.end(),
            _ => {}
        }
    }

    fn finish(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::List(_) => _ = self.lists.pop(),
            TagEnd::TableCell => self.open.push_str("; "),
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::TableHead | TagEnd::TableRow => self.end(),
            _ => {}
        }
    }

    fn end(&mut self) {
        let line = spoken(std::mem::take(&mut self.open).trim_end_matches("; "));
        if !line.is_empty() {
            self.done.push(line);
        }
    }
}

/// A piece of code in a sentence: quotation marks hold together what is typed with spaces.
fn quoted(code: &str) -> String {
    match (code.contains(' '), code.contains('"')) {
        (false, _) => code.to_string(),
        (true, false) => format!("\"{code}\""),
        (true, true) => format!("'{code}'"),
    }
}

/// What there is to say to one line of input.
#[derive(Debug, Default)]
pub struct Page {
    lines: Vec<String>,
}

impl Page {
    /// One line.
    pub fn say(&mut self, text: impl AsRef<str>) {
        let line = spoken(text.as_ref());
        if !line.is_empty() {
            self.lines.push(line);
        }
    }

    /// A line for each paragraph.
    pub fn markdown(&mut self, text: &str) {
        self.lines.extend(paragraphs(text));
    }

    /// A line that begins with some words, and Markdown after them.
    pub fn named(&mut self, before: &str, text: &str) {
        let mut all = paragraphs(text).into_iter();
        self.say(format!("{before} {}", all.next().unwrap_or_default()));
        self.lines.extend(all);
    }

    /// Everything that was said since this was asked last.
    pub fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }
}

/// A line in pieces of at most `width` characters, broken at spaces where there are any.
pub fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in line.split(' ') {
        match out.last_mut() {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= width.max(1) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => out.push(word.to_string()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn signs_are_words() {
        assert_eq!(spoken("n1 leads (★). 10⁶ × 2, 1 − 0.99ⁿ"), "n1 leads (star). 10^6 times 2, 1 - 0.99^n");
        assert_eq!(spoken("async · failover after 300 ms"), "async, failover after 300 ms");
        assert_eq!(spoken("`crsh` is no command"), "\"crsh\" is no command");
        assert_eq!(spoken("two★three"), "two star three");
    }

    #[test]
    fn markdown_is_read_in_lines() {
        let source = "**Limit 1**: cut.\nThen `cut east | west`.\n\n- one\n- two `x`\n\n1. first\n2. second\n\n| a | b |\n|-|-|\n| c | d |";
        assert_eq!(
            paragraphs(source),
            ["Limit 1: cut. Then \"cut east | west\".", "one", "two x", "1. first", "2. second", "a; b", "c; d"]
        );
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
    }

    proptest! {
        #[test]
        fn nothing_is_drawn(text in "[a-c★●▸┤╱\u{e000}\u{2588}\u{f0000}²⁶ (),.]{0,60}") {
            prop_assert!(!spoken(&text).contains(|c| only_draws(c) || c == MARK));
        }
    }
}
