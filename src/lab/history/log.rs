//! Jepsen's log, `INFO  jepsen.util - 3 :invoke :cas [1 2]` among other lines, and its `history.txt`, `3 :invoke :cas [1 2]`.
//!
//! A line is about an operation if it looks like one, behind the name of the logger or by itself. All others are passed over: other
//! loggers, other messages of the same logger, what the test runner prints, stack traces.

use super::datum::Datum;
use super::edn::{Reader, datum};
use super::entry::{Bad, Entry, Fields, Found, type_of};

/// The logger that writes operations.
const LOGGER: &str = "jepsen.util";

/// The entries of a log.
pub(super) fn entries(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(operation) = operation(line) {
            let at = start + (operation.as_ptr() as usize - line.as_ptr() as usize);
            match entry(operation) {
                Ok(None) => {}
                Ok(Some(entry)) => found.push((at, Ok(entry))),
                Err(bad) => found.push((at, Err(bad))),
            }
        }
        start += line.len();
    }
    found
}

/// The part of a line that is about an operation.
pub(super) fn operation(line: &str) -> Option<&str> {
    let said = line.split_once(LOGGER).map_or(line, |(_, said)| said);
    let said = said.trim_start_matches(|c: char| c.is_whitespace() || c == '-' || c == ':').trim_end();
    // The colon of `:nemesis` is not the one behind a logger's name; a nemesis is no client either way.
    let mut words = said.split(blank).filter(|word| !word.is_empty());
    let (process, kind, function) = (words.next()?, words.next()?, words.next());
    let numbered = process.bytes().all(|b| b.is_ascii_digit()) && kind.starts_with(':');
    let named =
        type_of(kind).is_some() && function.is_some_and(|f| f.starts_with(':')) && !process.starts_with(['[', '(', '{', '"', '#', ';']);
    (numbered || named).then_some(said)
}

fn blank(c: char) -> bool {
    c.is_whitespace() || c == ','
}

/// What stands in such a part.
fn entry(said: &str) -> Result<Option<Entry>, Bad> {
    let (process, rest) = word(said);
    if process.starts_with("nemesis") {
        return Ok(None);
    }
    if said.contains(char::REPLACEMENT_CHARACTER) {
        return Err("this is not UTF-8 text".to_string().into());
    }
    let (kind, rest) = word(rest);
    let (function, value) = word(rest);
    let fields = Fields { process: Some(datum(process)?), kind: Some(datum(kind)?), function: Some(datum(function)?), ..Fields::default() };
    if !matches!(fields.process, Some(Datum::Int(_))) {
        let message = format!("`{process}` is no process; a process is a number, as in 3");
        return Err(Bad { process: Some(process.into()), kind: type_of(kind), ..message.into() });
    }
    if value.is_empty() {
        return Err(Bad {
            process: Some(process.into()),
            kind: type_of(kind),
            ..("the line ends early; an operation has process, type, function and value, like `0 :invoke :read nil`".to_string()).into()
        });
    }
    let (value, error) = match value_and_error(value, matches!(kind, ":fail" | ":info")) {
        Ok(both) => both,
        Err(message) => return Err(Bad { process: Some(process.into()), kind: type_of(kind), ..message.into() }),
    };
    Fields { value: Some(value), error: Some(error), ..fields }.entry()
}

/// A value, and the error that may follow it or stand in its place. An error is no data, so it may be spelled in any way.
fn value_and_error(text: &str, may_fail: bool) -> Result<(Datum, Datum), String> {
    if !may_fail {
        return datum(text).map(|value| (value, Datum::Nil));
    }
    let as_error = |text: &str| datum(text).unwrap_or_else(|_| Datum::Text(text.into()));
    let mut reader = Reader::new(text, 0);
    match reader.datum(0) {
        Ok(value) if reader.rest().is_empty() || reader.rest().starts_with(char::is_whitespace) => {
            let rest = reader.rest().trim();
            Ok((value, if rest.is_empty() { Datum::Nil } else { as_error(rest) }))
        }
        _ => Ok((Datum::Nil, Datum::Text(text.into()))),
    }
}

/// The first word, and the rest without leading blanks.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(blank).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start_matches(blank))
}
