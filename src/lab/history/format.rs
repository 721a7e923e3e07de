//! Which notation a file is in.

use super::entry::{Bad, Found, type_of};
use super::forms::{self, Notation};
use super::log;

/// The entries of a file. `text` is what could be read of its `bytes`: a log may hold lines that are no text, if they are about no
/// operation; a file of forms may not.
pub(super) fn entries(text: &str, bytes: &[u8]) -> Vec<Found> {
    match first_operation(text) {
        // UTF-16, as some shells write it.
        None if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") => not_text(bytes).into_iter().collect(),
        None => Vec::new(),
        Some((_, Format::Log)) => log::entries(text),
        Some((from, Format::Forms(notation))) => match not_text(bytes) {
            Some(bad) => vec![bad],
            None => forms::entries(text, from, notation),
        },
    }
}

/// A mistake at the first byte that is no UTF-8.
fn not_text(bytes: &[u8]) -> Option<Found> {
    let at = std::str::from_utf8(bytes).err()?.valid_up_to();
    let bad: Bad = "this is not UTF-8 text".to_string().into();
    Some((at, Err(bad)))
}

#[derive(Clone, Copy)]
enum Format {
    Log,
    Forms(Notation),
}

/// Where the first line stands that shows the format, and which it is. What stands before is a prelude.
fn first_operation(text: &str) -> Option<(usize, Format)> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if log::operation(line).is_some() {
            return Some((start, Format::Log));
        }
        if begins_form(line) {
            return Some((start, Format::Forms(notation(&text[start..]))));
        }
        start += line.len();
    }
    None
}

/// Whether a line begins a form rather than a sentence: a map, a list of something, or a vector of process and type.
fn begins_form(line: &str) -> bool {
    let line = line.trim();
    let inside = line.trim_start_matches(|c: char| "[(".contains(c) || c.is_whitespace());
    let mut words = inside.splitn(3, |c: char| c.is_whitespace() || c == ',');
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let numbered = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit()) && second.starts_with([':', '"']);
    let vector = numbered || type_of(second).is_some() || is_quoted_type(second);
    let tagged = inside.starts_with('#') && inside[1..].starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '{');
    let listed = inside.len() < line.len();
    let list = listed && (inside.is_empty() || inside.starts_with([']', ')', ';']) || vector);
    inside.starts_with(['{', '^']) || tagged || list
}

fn is_quoted_type(word: &str) -> bool {
    let inside = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
    inside.is_some_and(|word| type_of(&format!(":{}", word.trim_start_matches(':'))).is_some())
}

/// JSON has a text behind its first brackets; EDN a keyword.
fn notation(text: &str) -> Notation {
    let inside = text.trim_start_matches(|c: char| "[(,".contains(c) || c.is_whitespace());
    let json = match inside.strip_prefix('{') {
        Some(fields) => fields.trim_start().starts_with(['"', '}']),
        None => inside.split(',').nth(1).is_some_and(|second| is_quoted_type(second.trim())),
    };
    if json { Notation::Json } else { Notation::Edn }
}
