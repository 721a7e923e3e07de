//! Words, quoted texts, and the two arrows: what a command line is made of.

use super::CommandError;
use crate::harmless::marked;

/// One word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Where it starts, in bytes.
    pub(super) start: usize,
    /// Where it ends, quotes included.
    pub(super) end: usize,
    /// The text, without quotes.
    pub(super) text: String,
    /// Whether it stood in quotes.
    pub(super) quoted: bool,
}

impl Token {
    /// An error about this word.
    pub(super) fn error(&self, message: impl Into<String>) -> CommandError {
        CommandError { offset: self.start, length: self.end - self.start, message: message.into() }
    }

    /// Whether it is this bare word.
    pub(super) fn is(&self, word: &str) -> bool {
        !self.quoted && self.text == word
    }
}

/// Reads a command line word by word.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Tokens<'a> {
        Tokens { text, at: 0 }
    }

    /// The next word, without taking it.
    pub(super) fn peek(&self) -> Result<Option<Token>, CommandError> {
        self.clone().next()
    }

    /// Takes the next word; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token>, CommandError> {
        let start = self.skip_space();
        let rest = &self.text[start..];
        let (text, length, quoted) = match rest.chars().next() {
            None => return Ok(None),
            Some('"') => {
                let (text, length) = unquote(rest).map_err(|e| shifted(e, start))?;
                (text, length, true)
            }
            Some(_) => {
                let length = bare_length(rest);
                (rest[..length].to_string(), length, false)
            }
        };
        self.at = start + length;
        Ok(Some(Token { start, end: self.at, text, quoted }))
    }

    /// Takes everything up to the end, without the spaces around it: where it starts, and the text.
    pub(super) fn rest(&mut self) -> (usize, &'a str) {
        let start = self.skip_space();
        self.at = self.text.len();
        (start, self.text[start..].trim_end())
    }

    /// Everything up to the end, which is not taken, without the spaces before it: where it starts, and the text.
    pub(super) fn ahead(&mut self) -> (usize, &'a str) {
        let start = self.skip_space();
        (start, &self.text[start..])
    }

    /// Takes so many bytes of what is ahead.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Where the text ends, without trailing spaces: where something is missing.
    pub(super) fn end(&self) -> usize {
        self.text.trim_end().len()
    }

    fn skip_space(&mut self) -> usize {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }
}

/// Moves an error found in a part of the text to its place in the whole.
pub(super) fn shifted(error: CommandError, by: usize) -> CommandError {
    CommandError { offset: error.offset + by, ..error }
}

/// The length of the bare word, `|` or `->` that `rest` starts with.
fn bare_length(rest: &str) -> usize {
    if rest.starts_with("->") {
        return 2;
    }
    let ends = |(at, c): (usize, char)| c.is_whitespace() || c == '|' || c == '"' || rest[at..].starts_with("->");
    match rest.char_indices().find(|found| ends(*found)) {
        Some((0, c)) => c.len_utf8(),
        Some((at, _)) => at,
        None => rest.len(),
    }
}

/// The text between the quotes that `rest` starts with, and the length with quotes.
fn unquote(rest: &str) -> Result<(String, usize), CommandError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((text, at + 1)),
            '\\' => text.push(unescape(at, &mut chars)?),
            c => text.push(c),
        }
    }
    Err(CommandError { offset: 0, length: rest.len(), message: "the closing quote is missing".to_string() })
}

fn unescape(at: usize, chars: &mut impl Iterator<Item = (usize, char)>) -> Result<char, CommandError> {
    let bad = |length| CommandError {
        offset: at,
        length,
        message: r#"after `\` in quotes comes `"`, `\`, `n`, `r`, `t` or `u{...}`"#.to_string(),
    };
    match chars.next().map(|(_, c)| c) {
        Some(c @ ('"' | '\\')) => Ok(c),
        Some('n') => Ok('\n'),
        Some('r') => Ok('\r'),
        Some('t') => Ok('\t'),
        Some('u') => {
            let digits: String = chars.map(|(_, c)| c).skip_while(|c| *c == '{').take_while(|c| *c != '}').take(7).collect();
            u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).ok_or_else(|| bad(2))
        }
        Some(c) => Err(bad(1 + c.len_utf8())),
        None => Err(bad(1)),
    }
}

/// The text in quotes, on one line, with what is hidden by its code.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for (c, hidden) in marked(text) {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if hidden => quoted.extend(c.escape_unicode()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a text reads back as itself without quotes, whatever stands around it.
pub(super) fn is_bare(text: &str) -> bool {
    let special = |c: char| c.is_whitespace() || c.is_control() || "|\";\\#".contains(c);
    !text.is_empty() && !text.contains(special) && !text.contains("->") && !marked(text).any(|(_, hidden)| hidden)
}

/// Whether a text can be a key without quotes: letters, digits, `-`, `_`, `.` and `:`.
pub(super) fn is_key(text: &str) -> bool {
    is_bare(text) && text.chars().all(|c| c.is_alphanumeric() || "-_.:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        let mut tokens = Tokens::new(text);
        std::iter::from_fn(|| tokens.next().unwrap()).map(|t| t.text).collect()
    }

    #[test]
    fn arrows_need_no_spaces() {
        assert_eq!(words("cut n1->n2|n3 "), ["cut", "n1", "->", "n2", "|", "n3"]);
        assert_eq!(words(r#"c1 write x "a \"b\" \u{7}"y"#), ["c1", "write", "x", "a \"b\" \u{7}", "y"]);
    }

    #[test]
    fn open_quotes_and_odd_escapes_are_errors() {
        for (text, offset) in [(r#"x "abc"#, 2), (r#"x "a\qb""#, 4), (r#"x "a\u{d800}""#, 4), (r#"x "a\"#, 4)] {
            let mut tokens = Tokens::new(text);
            tokens.next().unwrap();
            assert_eq!(tokens.next().unwrap_err().offset, offset, "{text}");
        }
    }

    proptest! {
        #[test]
        fn quoted_texts_read_back(text in any::<String>()) {
            let quoted = quote(&text);
            prop_assert_eq!(quoted.lines().count(), 1);
            prop_assert_eq!(words(&quoted), [text]);
        }
    }
}
