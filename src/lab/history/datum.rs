//! What one line of a history says, whatever its format.

use std::fmt;

use crate::check::operation::Value;

/// A value as a line writes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum {
    /// Nothing: `nil`, `null`, or absent.
    Nil,
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// A keyword: `:timed-out`.
    Word(String),
    /// A list: `[1 2]`.
    List(Vec<Datum>),
    /// Anything else, as it is written.
    Other(String),
}

impl Datum {
    /// As a value of the store: a number or a text.
    pub(super) fn value(&self) -> Option<Value> {
        match self {
            Datum::Int(n) => Some(Value::Int(*n)),
            Datum::Text(text) | Datum::Word(text) => Some(Value::from(text.as_str())),
            _ => None,
        }
    }

    /// The name in a keyword or text, without its colon.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Datum::Word(name) => Some(name),
            Datum::Text(name) => Some(name.strip_prefix(':').unwrap_or(name)),
            _ => None,
        }
    }
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Nil => f.write_str("nil"),
            Datum::Int(n) => write!(f, "{n}"),
            Datum::Text(text) => write!(f, "\"{text}\""),
            Datum::Word(name) => write!(f, ":{name}"),
            Datum::List(items) => {
                let items: Vec<String> = items.iter().map(Datum::to_string).collect();
                write!(f, "[{}]", items.join(" "))
            }
            Datum::Other(text) => f.write_str(text),
        }
    }
}

/// Jepsen's four types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Invoke,
    Ok,
    Fail,
    Info,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Read,
    Write,
    Cas,
    Get,
    Put,
    Append,
}

/// The names of the types and functions.
const TYPES: [(&str, Type); 4] = [("invoke", Type::Invoke), ("ok", Type::Ok), ("fail", Type::Fail), ("info", Type::Info)];
const FUNCTIONS: [(&str, Function); 6] = [
    ("read", Function::Read),
    ("write", Function::Write),
    ("cas", Function::Cas),
    ("get", Function::Get),
    ("put", Function::Put),
    ("append", Function::Append),
];

impl Function {
    /// As it is written.
    pub(super) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, f)| *f == self).map_or("", |(name, _)| name)
    }
}

/// One line about an operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// Who: a number, or another name.
    pub(super) process: String,
    /// What happened to it.
    pub(super) kind: Type,
    /// What is done.
    pub(super) function: Function,
    /// On which key.
    pub(super) key: Option<Datum>,
    /// With which value.
    pub(super) value: Datum,
    /// Whether the line names an error.
    pub(super) error: bool,
}

/// The fields of a map, by name; those that are not asked for are ignored.
pub(super) type Fields = Vec<(String, Datum)>;

/// Makes a line of a map's fields; `None` for the nemesis, which is no client.
pub(super) fn line_of(fields: &Fields) -> Result<Option<Line>, String> {
    let field = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, datum)| datum);
    let needed = |name: &str| field(name).ok_or_else(|| format!("`{name}` is missing; an operation has process, type, f and value"));
    let process = process_of(needed("process")?)?;
    if process == "nemesis" {
        return Ok(None);
    }
    let kind = named(needed("type")?, &TYPES, "type")?;
    let function = named(needed("f")?, &FUNCTIONS, "function")?;
    let key = field("key").filter(|k| **k != Datum::Nil).cloned();
    let value = field("value").cloned().unwrap_or(Datum::Nil);
    let (key, value) = if key.is_none() { tupled(function, value) } else { (key, value) };
    let error = field("error").is_some_and(|e| *e != Datum::Nil);
    Ok(Some(Line { process, kind, function, key, value, error }))
}

/// Jepsen's tests of many registers write key and value as one value: `[3 nil]` for a read of register 3, `[3 [1 2]]` for a cas.
fn tupled(function: Function, value: Datum) -> (Option<Datum>, Datum) {
    match value {
        Datum::List(mut pair) if pair.len() == 2 && (function != Function::Cas || matches!(pair[1], Datum::List(_))) => {
            let value = pair.pop().unwrap_or(Datum::Nil);
            (pair.pop(), value)
        }
        value => (None, value),
    }
}

/// The process of a line: a number as a rule.
pub(super) fn process_of(datum: &Datum) -> Result<String, String> {
    match datum {
        Datum::Int(n) => Ok(n.to_string()),
        Datum::Text(name) | Datum::Word(name) if !name.is_empty() => Ok(name.trim_start_matches(':').to_string()),
        other => Err(format!("`{other}` is no process; a process is a number, as in 3")),
    }
}

/// A word out of a table, with a near one suggested.
fn named<T: Copy>(datum: &Datum, table: &[(&str, T)], what: &str) -> Result<T, String> {
    let name = datum.name().unwrap_or_default();
    if let Some((_, found)) = table.iter().find(|(known, _)| *known == name) {
        return Ok(*found);
    }
    let near = table.iter().map(|(known, _)| *known).max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
    let near = near.filter(|known| strsim::jaro(known, name) > 0.7).map_or(String::new(), |known| format!(" (did you mean `{known}`?)"));
    let all: Vec<&str> = table.iter().map(|(known, _)| *known).collect();
    Err(format!("`{datum}` is no {what}{near}; there are {}", all.join(", ")))
}
