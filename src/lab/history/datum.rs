//! A value as a history writes it, whatever the format.

use std::fmt::{self, Write as _};

use crate::check::operation::{Key, Value};

/// A value. Two are equal only if Clojure's `=` says so, which is what Jepsen and Knossos compare with: `""`, nothing, `1`, `"1"`,
/// `1.0`, `:a` and `"a"` are all different, `1` and `1N` are not, nor are `[1 2]` and `(1 2)`. (One exception: a not-a-number
/// equals itself, since a store that gives back what was written did no wrong.)
///
/// [`Display`](fmt::Display) writes the one spelling of a value, in EDN: values are equal exactly when their spellings are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum {
    /// Nothing: `nil`, `null`, or absent.
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// Any other number, in its one spelling.
    Number(String),
    /// A text.
    Text(String),
    /// A keyword: `:timed-out`, without its colon.
    Word(String),
    /// A list or a vector.
    List(Vec<Datum>),
    /// A set.
    Set(Vec<Datum>),
    /// A map.
    Map(Vec<(Datum, Datum)>),
    /// A form behind a tag: `#inst "2024-05-01"`.
    Tagged(String, Box<Datum>),
    /// Anything else, as it is written: a symbol, a character.
    Other(String),
}

impl Datum {
    /// As the value of a register: its spelling, so that what differs stays different; nothing is the empty text, which stands for
    /// nothing in all checkers.
    pub(super) fn in_register(&self) -> Value {
        match self {
            Datum::Nil => Value::Text("".into()),
            Datum::Int(n) => Value::Int(*n),
            other => Value::Text(other.to_string().into()),
        }
    }

    /// As the value of a key-value map of texts, if it can be one. Numbers are texts there, since texts can be appended to them.
    pub(super) fn in_map(&self) -> Option<Value> {
        match self {
            Datum::Text(text) | Datum::Word(text) => Some(Value::from(text.as_str())),
            Datum::Int(_) | Datum::Number(_) | Datum::Bool(_) => Some(Value::from(self.to_string().as_str())),
            _ => None,
        }
    }

    /// As a name of a key or a process: a plain text as it is, everything else spelled out, so that what differs stays different.
    pub(super) fn as_name(&self) -> Key {
        match self {
            Datum::Text(text) if is_plain(text) => text.as_str().into(),
            other => other.to_string().into(),
        }
    }

    /// The word in a keyword or text, without its colon.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Datum::Word(word) => Some(word),
            Datum::Text(word) => Some(word.strip_prefix(':').unwrap_or(word)),
            _ => None,
        }
    }

    /// The two items of a list of two.
    pub(super) fn pair(&self) -> Option<(&Datum, &Datum)> {
        match self {
            Datum::List(items) if items.len() == 2 => Some((&items[0], &items[1])),
            _ => None,
        }
    }
}

/// Whether a text can be taken for nothing but a text.
fn is_plain(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(char::is_alphabetic)
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !matches!(text, "nil" | "true" | "false")
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Nil => f.write_str("nil"),
            Datum::Bool(truth) => write!(f, "{truth}"),
            Datum::Int(n) => write!(f, "{n}"),
            Datum::Text(text) => quoted(text, f),
            Datum::Word(word) => write!(f, ":{word}"),
            Datum::List(items) => write!(f, "[{}]", spelled(items).join(" ")),
            Datum::Set(items) => {
                let mut items = spelled(items);
                items.sort_unstable();
                items.dedup();
                write!(f, "#{{{}}}", items.join(" "))
            }
            Datum::Map(entries) => {
                let mut entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key} {value}")).collect();
                entries.sort_unstable();
                write!(f, "{{{}}}", entries.join(", "))
            }
            Datum::Tagged(tag, datum) => write!(f, "#{tag} {datum}"),
            Datum::Number(text) | Datum::Other(text) => f.write_str(text),
        }
    }
}

fn spelled(items: &[Datum]) -> Vec<String> {
    items.iter().map(Datum::to_string).collect()
}

/// A text in quotes, in one line.
fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
