//! The words and signs of a statement.

use super::number::Number;

/// A statement that cannot be read: where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadStatement {
    /// Where the mistake begins, in bytes from the start.
    pub offset: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

/// One word or sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// A word, as it was typed.
    Word(&'a str),
    /// A number.
    Number(Number),
    /// A text between quotes.
    Text(String),
    /// A sign.
    Sign(&'static str),
    /// Nothing more comes.
    End,
}

impl Token<'_> {
    /// In words, for errors.
    pub(super) fn says(&self) -> String {
        match self {
            Token::Word(word) => format!("`{word}`"),
            Token::Number(number) => format!("`{number}`"),
            Token::Text(text) => format!("the text '{text}'"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::End => "the end".to_string(),
        }
    }
}

/// Every sign; one comes before those that it begins with.
const SIGNS: [&str; 14] = ["<>", "<=", ">=", "(", ")", ",", "=", "<", ">", "+", "-", "*", "/", ";"];

/// Takes a statement apart: each token with where it begins.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, BadStatement> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = token(&text[at..]).map_err(|message| BadStatement { offset: at, message })?;
        found.push((at, token));
        at += length;
    }
    found.push((at, Token::End));
    Ok(found)
}

/// The first token, and its length in bytes.
fn token(rest: &str) -> Result<(Token<'_>, usize), String> {
    let length_of = |fits: fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
    if rest.starts_with('\'') {
        return quoted(rest);
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        let length = length_of(|c| c.is_ascii_alphanumeric() || c == '.');
        let text = &rest[..length];
        let number = Number::read(text).ok_or_else(|| format!("`{text}` is no number: it has digits, and at most four after a point"))?;
        return Ok((Token::Number(number), length));
    }
    if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let length = length_of(|c| c.is_ascii_alphanumeric() || c == '_');
        return Ok((Token::Word(&rest[..length]), length));
    }
    if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
        return Ok((Token::Sign(sign), sign.len()));
    }
    let first = rest.chars().next().unwrap_or(' ');
    Err(format!("`{first}` means nothing in a statement; texts go in single quotes, such as 'Dune'"))
}

/// `'it''s'`: a quote within is doubled.
fn quoted(rest: &str) -> Result<(Token<'_>, usize), String> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            text.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
            text.push('\'');
            chars.next();
        } else {
            return Ok((Token::Text(text), at + 1));
        }
    }
    Err("the quote `'` is not closed".to_string())
}
