//! CEL's messages in a learner's words.

use cel::{ExecutionError, ParseError, ParseErrors};

use super::ConditionError;

/// The first mistake of the parser; those after it follow from it.
pub(super) fn syntax(text: &str, errors: &ParseErrors) -> ConditionError {
    let Some(first) = errors.errors.first() else {
        return ConditionError { offset: 0, length: text.len(), message: "this is no condition".to_string() };
    };
    let offset = offset_of(text, first.pos);
    let (length, message) = describe(&text[offset..], first);
    ConditionError { offset, length, message }
}

/// The byte at a line and a column of characters, both from 1.
fn offset_of(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let column = usize::try_from(column - 1).unwrap_or(0);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or("");
    start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
}

fn describe(rest: &str, error: &ParseError) -> (usize, String) {
    let word = first_word(rest);
    let message = if error.msg.contains("ecursion") {
        "this is nested too deeply".to_string()
    } else if word.is_empty() {
        "here the condition ends too early: a value is missing, or a closing bracket".to_string()
    } else if word.starts_with('=') {
        "`=` does not compare; equal is `==`".to_string()
    } else if word.starts_with(['"', '\'']) && error.msg.contains("recognition") {
        "the closing quote is missing".to_string()
    } else {
        format!("`{word}` is not expected here; a condition reads like `leaders >= 2 && acked_lost == 0`")
    };
    (word.len(), message)
}

/// The word or the sign that a text starts with.
fn first_word(rest: &str) -> &str {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    match rest.chars().next() {
        Some(c) if in_word(c) => &rest[..rest.find(|c| !in_word(c)).unwrap_or(rest.len())],
        Some(c) => &rest[..c.len_utf8()],
        None => "",
    }
}

/// Why a condition cannot be evaluated.
pub(super) fn execution(error: &ExecutionError) -> String {
    match error {
        ExecutionError::UndeclaredReference(name) => format!("`{name}` is not known here"),
        ExecutionError::ValuesNotComparable(a, b) => {
            format!("a {} cannot be compared with a {}", a.type_of(), b.type_of())
        }
        ExecutionError::NoSuchOverload(overload) => {
            let types = overload.argument_types().join(" and ");
            format!("`{}` does not work on {types}", overload.function().replace('_', ""))
        }
        other => other.to_string(),
    }
}
