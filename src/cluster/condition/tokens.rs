//! The words and signs of a condition.

use std::ops::Range;

use crate::sim::time::Span;

/// A word or a sign, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub what: What,
    pub at: Range<usize>,
}

impl Token {
    /// Whether nothing comes after it.
    pub(super) fn is_end(&self) -> bool {
        matches!(self.what, What::End | What::Bad(_))
    }
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Number(f64),
    /// A length of time: `10s`.
    Span(Span),
    /// A text without its quotes.
    Text(String),
    /// A name or a word such as `in`; its letters are in the text.
    Name,
    Sign(&'static str),
    /// Nothing of the language, and what is wrong with it. No token comes after it.
    Bad(String),
    /// The end of the text.
    End,
}

/// Every sign; one that begins like another comes after it.
const SIGNS: [&str; 21] = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "["];
const CLOSING: &str = "]";

/// What is wrong, and where in the rest of the text.
type Wrong = (Range<usize>, String);

/// Every token; the last is an end or something bad.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    loop {
        start = text.len() - without_space(&text[start..]).len();
        let (what, at) = match next(&text[start..]) {
            Ok((what, length)) => (what, start..start + length),
            Err((at, why)) => (What::Bad(why), start + at.start..start + at.end),
        };
        start = at.end;
        let token = Token { what, at };
        let is_end = token.is_end();
        tokens.push(token);
        if is_end {
            return tokens;
        }
    }
}

/// Without leading space and without a comment, which goes from `//` to the end of its line.
fn without_space(mut rest: &str) -> &str {
    loop {
        rest = rest.trim_start();
        let Some(comment) = rest.strip_prefix("//") else { return rest };
        rest = comment.find('\n').map_or("", |end| &comment[end..]);
    }
}

fn next(rest: &str) -> Result<(What, usize), Wrong> {
    let Some(first) = rest.chars().next() else { return Ok((What::End, 0)) };
    if first.is_ascii_digit() || (first == '.' && starts_with_digit(&rest[1..])) {
        return number(rest);
    }
    if first == '"' || first == '\'' {
        return quoted(rest, first);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        return Ok((What::Name, word_length(rest)));
    }
    let sign = SIGNS.into_iter().chain([CLOSING]).find(|sign| rest.starts_with(sign));
    sign.map(|sign| (What::Sign(sign), sign.len())).ok_or_else(|| stranger(rest, first))
}

fn starts_with_digit(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_digit())
}

fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
}

fn digits(rest: &str) -> usize {
    rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
}

/// A number, or a length of time where a unit follows.
fn number(rest: &str) -> Result<(What, usize), Wrong> {
    let mut length = digits(rest);
    if rest[length..].strip_prefix('.').is_some_and(starts_with_digit) {
        length += 1 + digits(&rest[length + 1..]);
    }
    length += exponent(&rest[length..]);
    let whole = length + word_length(&rest[length..]);
    let word = &rest[..whole];
    if whole > length {
        let span = word.parse().map(|span| (What::Span(span), whole));
        return span.map_err(|_| (0..whole, format!("`{word}` is neither a number nor a length of time, such as 250ms or 10s")));
    }
    match word.parse() {
        Ok(number) if f64::is_finite(number) => Ok((What::Number(number), whole)),
        _ => Err((0..whole, format!("`{word}` is too large a number"))),
    }
}

fn exponent(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix(['e', 'E']) else { return 0 };
    let sign = usize::from(after.starts_with(['+', '-']));
    let count = digits(&after[sign..]);
    if count == 0 { 0 } else { 1 + sign + count }
}

fn quoted(rest: &str, quote: char) -> Result<(What, usize), Wrong> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => break,
            '\\' => {
                let Some((next, escaped)) = chars.next() else { break };
                text.push(unescaped(escaped).ok_or_else(|| (at..next + escaped.len_utf8(), no_escape(escaped)))?);
            }
            c if c == quote => return Ok((What::Text(text), at + 1)),
            c => text.push(c),
        }
    }
    Err((0..1, "the closing quote is missing".to_string()))
}

const fn unescaped(c: char) -> Option<char> {
    match c {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        '\\' | '\'' | '"' => Some(c),
        _ => None,
    }
}

fn no_escape(c: char) -> String {
    format!("`\\{c}` stands for nothing in a text; there are \\n, \\t, \\r, \\\\, \\' and \\\"")
}

/// What does not begin any token.
fn stranger(rest: &str, first: char) -> Wrong {
    let letters = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let length = letters.max(first.len_utf8());
    let word = &rest[..length];
    let message = match first {
        '=' => "`=` does not compare; equal is `==`".to_string(),
        '&' => "that both hold is `&&`".to_string(),
        '|' => "that one of two holds is `||`".to_string(),
        '{' | '}' => format!("`{word}` does not belong in a condition"),
        _ => unexpected(word),
    };
    (0..length, message)
}

/// The message for a word at a place where it cannot stand.
pub(super) fn unexpected(word: &str) -> String {
    format!("`{word}` is not expected here; a condition reads like `leaders >= 2 && acked_lost == 0`")
}

/// A name, and the name within it: `lag.n2`, `queued["orders-2"]`.
pub(super) fn number_of(text: &str) -> Option<(&str, Option<String>)> {
    let tokens = tokens(text);
    let word = |at: &Range<usize>| &text[at.clone()];
    let what: Vec<&What> = tokens.iter().map(|token| &token.what).collect();
    match (&what[..], &tokens[..]) {
        ([What::Name, What::End], [name, ..]) => Some((word(&name.at), None)),
        ([What::Name, What::Sign("."), What::Name, What::End], [name, _, key, _]) => {
            Some((word(&name.at), Some(word(&key.at).to_string())))
        }
        ([What::Name, What::Sign("["), What::Text(key), What::Sign("]"), What::End], [name, ..]) => {
            Some((word(&name.at), Some(key.clone())))
        }
        _ => None,
    }
}
