//! Jepsen's log: `INFO  jepsen.util - 3 :invoke :cas [1 2]` among lines of other loggers.

use super::BadLine;
use super::datum::{Datum, Fields, Line, line_of};
use super::edn;

/// The logger that writes operations.
const LOGGER: &str = "jepsen.util";

const LEVELS: [&str; 6] = ["INFO", "WARN", "ERROR", "DEBUG", "TRACE", "FATAL"];

/// Reads the operations of a log. Lines of other loggers, and what such a line goes on with (a stack trace), say nothing.
pub(super) fn lines(lines: &[(usize, &str)], bad: &mut Vec<BadLine>) -> Vec<(usize, Line)> {
    let mut parsed = Vec::with_capacity(lines.len());
    let mut other_logger = false;
    for &(line, text) in lines {
        let found = match text.split_once(LOGGER).filter(|(before, _)| !before.contains(':') || is_log_line(text)) {
            Some((_, rest)) => {
                other_logger = false;
                operation(rest)
            }
            None if is_log_line(text) => {
                other_logger = true;
                Ok(None)
            }
            None if other_logger => Ok(None),
            None => Err("this is no line of a log; an operation is like `INFO  jepsen.util - 0 :invoke :read nil`".into()),
        };
        match found {
            Ok(Some(found)) => parsed.push((line, found)),
            Ok(None) => {}
            Err(message) => bad.push(BadLine { line, message }),
        }
    }
    parsed
}

/// Whether a level stands among the first words, perhaps after date and time.
fn is_log_line(text: &str) -> bool {
    text.split_whitespace().take(4).any(|word| LEVELS.contains(&word))
}

/// What stands behind the logger's name: ` - 3 :invoke :cas [1 2]`, or with a colon for the dash in newer logs.
fn operation(rest: &str) -> Result<Option<Line>, String> {
    let rest = rest.trim_start().trim_start_matches(['-', ':']).trim_start();
    let (process, rest) = word(rest);
    if process == ":nemesis" || process == "nemesis" {
        return Ok(None);
    }
    let (kind, rest) = word(rest);
    let (function, value) = word(rest);
    if value.is_empty() {
        return Err("the line ends early; an operation has process, type, function and value, like `0 :invoke :read nil`".into());
    }
    let datum = |what: &str, text: &str| edn::datum(text).map(|datum| (what.to_string(), datum));
    let process = datum("process", process)?;
    if !matches!(process.1, Datum::Int(_)) {
        return Err(format!("`{}` is no process; a process is a number, as in 3", process.1));
    }
    // An error may follow the value or stand in its place; it is not data, so it may be spelled in any way.
    let value = match datum("value", value).or_else(|wrong| first_datum(value).ok_or(wrong)) {
        Err(_) if matches!(kind, ":info" | ":fail") => ("error".into(), Datum::Text(value.into())),
        value => value?,
    };
    let fields: Fields = vec![process, datum("type", kind)?, datum("f", function)?, value];
    line_of(&fields)
}

/// The value up to the next tab.
fn first_datum(text: &str) -> Option<(String, Datum)> {
    let (value, _) = text.split_once('\t')?;
    Some(("value".into(), edn::datum(value).ok()?))
}

/// The first word, and the rest without leading blanks.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}
