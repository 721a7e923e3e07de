//! The words of a command, and what they are read as.

use std::sync::Arc;

use super::reply::{Reply, error};

/// A word: a key, a value, an option.
pub type Text = Arc<str>;
/// A command with its words.
pub type Argv = Arc<[Text]>;

/// A command of these words.
pub fn argv(words: &[&str]) -> Argv {
    words.iter().map(|word| Text::from(*word)).collect()
}

/// The words of a line, as `redis-cli` takes them apart: by spaces, and texts with spaces in quotes. `None`: a quote is not closed.
pub fn words(line: &str) -> Option<Vec<Text>> {
    let (mut words, mut rest) = (Vec::new(), line.trim_start());
    while let Some(first) = rest.chars().next() {
        let (word, length) = match first {
            '"' => quoted(rest)?,
            '\'' => {
                let end = rest[1..].find('\'')?;
                (rest[1..=end].to_string(), end + 2)
            }
            _ => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest[..end].to_string(), end)
            }
        };
        words.push(Text::from(word.as_str()));
        rest = rest[length..].trim_start();
    }
    Some(words)
}

/// The text in the quotes at the start, and its length with them.
fn quoted(rest: &str) -> Option<(String, usize)> {
    let (mut text, mut escaped) = (String::new(), false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => {
                text.push(match c {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                });
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((text, at + 1)),
            other => text.push(other),
        }
    }
    None
}

/// A command as one line, from which [`words`] reads it again.
pub fn line(argv: &[Text]) -> String {
    let is_plain = |word: &str| !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || c.is_control() || "\"'\\".contains(c));
    let mut line = String::new();
    for word in argv {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&if is_plain(word) { word.to_string() } else { quote(word) });
    }
    line
}

/// A text in quotes.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// What a text is not, as a reply.
pub(super) const NOT_AN_INTEGER: &str = "ERR value is not an integer or out of range";
pub(super) const SYNTAX: &str = "ERR syntax error";

/// A whole number of 64 bits in its one spelling: no plus, no leading zero.
pub(super) fn integer(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text)
}

/// The same, or the reply that says what is wrong.
pub fn int(text: &str) -> Result<i64, Reply> {
    integer(text).ok_or_else(|| error(NOT_AN_INTEGER))
}

/// Whether a word is this option, in capitals or not.
pub fn is(word: &str, option: &str) -> bool {
    word.eq_ignore_ascii_case(option)
}

/// The first and the last of so many elements that a range from `start` to `stop` names, as LRANGE counts; `None`: none.
pub(super) fn range(start: i64, stop: i64, count: usize) -> Option<(usize, usize)> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let from_end = |at: i64| if at < 0 { at.saturating_add(count) } else { at };
    let (start, stop) = (from_end(start).max(0), from_end(stop).min(count - 1));
    (start <= stop).then_some((start as usize, stop as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_have_one_spelling() {
        for wrong in ["", " 1", "01", "+1", "-0", "1.0", "9223372036854775808", "abc"] {
            assert_eq!(integer(wrong), None, "{wrong}");
        }
        assert_eq!([integer("0"), integer("-7"), integer("9223372036854775807")], [Some(0), Some(-7), Some(i64::MAX)]);
    }

    #[test]
    fn ranges_are_those_of_lrange() {
        assert_eq!(range(0, -1, 3), Some((0, 2)));
        assert_eq!(range(-100, 100, 3), Some((0, 2)));
        assert_eq!(range(-3, 2, 3), Some((0, 2)));
        assert_eq!(range(5, 10, 3), None);
        assert_eq!(range(0, -1, 0), None);
        assert_eq!(range(i64::MIN, i64::MAX, 2), Some((0, 1)));
    }

    proptest! {
        #[test]
        fn a_line_reads_back(argv in proptest::collection::vec("[a-zA-Z0-9 \"\\\\'\\n:*{}é-]{0,6}", 1..5)) {
            let argv: Vec<Text> = argv.iter().map(|word| Text::from(word.as_str())).collect();
            prop_assert_eq!(words(&line(&argv)), Some(argv));
        }
    }
}
