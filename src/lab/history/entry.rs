//! What one entry of a history says about an operation, whatever the format.

use super::datum::Datum;
use super::edn::{Unreadable, cut};
use crate::near::near;

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

/// What is said once about a history of transactions.
const TRANSACTIONS: &str = "this is a history of transactions (`:txn`), as Elle judges them; this program judges operations on one key at a \
     time: read, write and cas on registers, get, put and append on a key-value map";

impl Function {
    /// As it is written.
    pub(super) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, f)| *f == self).map_or("", |(name, _)| name)
    }
}

/// The type that a word is, as EDN and logs write it: `:invoke`.
pub(super) fn type_of(word: &str) -> Option<Type> {
    let word = word.strip_prefix(':')?;
    TYPES.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
}

/// An entry about an operation of a client.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Who: a number, or another name.
    pub(super) process: String,
    /// What happened to it.
    pub(super) kind: Type,
    /// What is done.
    pub(super) function: Function,
    /// On which key, where a field says so.
    pub(super) key: Option<Datum>,
    /// With which value.
    pub(super) value: Datum,
    /// The error that is named.
    pub(super) error: Datum,
    /// Its place in the history, where a field says so.
    pub(super) index: Option<i64>,
}

/// An entry that cannot be used, and what is known of it nevertheless.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bad {
    /// What is wrong and what would be right.
    pub(super) message: String,
    /// Whose it is.
    pub(super) process: Option<String>,
    /// What happened.
    pub(super) kind: Option<Type>,
    /// Whether it is one of many that all say that the whole file is of another kind.
    pub(super) is_transaction: bool,
}

/// An entry and the byte where it begins; the one of a nemesis, which is no client, is left out.
pub(super) type Found = (usize, Result<Entry, Bad>);

impl From<String> for Bad {
    fn from(message: String) -> Bad {
        Bad { message, ..Bad::default() }
    }
}

impl From<Unreadable> for Bad {
    fn from(wrong: Unreadable) -> Bad {
        wrong.message.into()
    }
}

/// The fields of an entry.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) process: Option<Datum>,
    pub(super) kind: Option<Datum>,
    pub(super) function: Option<Datum>,
    pub(super) key: Option<Datum>,
    pub(super) value: Option<Datum>,
    pub(super) error: Option<Datum>,
    pub(super) index: Option<Datum>,
}

/// Makes an entry of a form: a map with fields, or Knossos' vector `[process type function value]`. `None` for a nemesis.
pub(super) fn entry_of(form: Datum) -> Result<Option<Entry>, Bad> {
    match form {
        Datum::Map(entries) => of_map(entries)?.entry(),
        Datum::List(items) if items.len() >= 3 => {
            let mut items = items.into_iter();
            let (process, kind, function) = (items.next(), items.next(), items.next());
            let fields = Fields { process, kind, function, value: items.next(), error: items.next(), ..Fields::default() };
            fields.entry()
        }
        other => Err(format!(
            "`{}` is no operation; one is like {{:process 0, :type :invoke, :f :read, :value nil}} or [0 :invoke :read nil]",
            cut(&other.to_string())
        )
        .into()),
    }
}

fn of_map(entries: Vec<(Datum, Datum)>) -> Result<Fields, Bad> {
    let mut fields = Fields::default();
    for (name, datum) in entries {
        let Some(word) = name.word() else {
            return Err(format!("`{}` stands where a keyword such as :process was expected", cut(&name.to_string())).into());
        };
        let field = match word {
            "process" => &mut fields.process,
            "type" => &mut fields.kind,
            "f" => &mut fields.function,
            "key" => &mut fields.key,
            "value" => &mut fields.value,
            "error" => &mut fields.error,
            "index" => &mut fields.index,
            _ => continue,
        };
        if field.replace(datum).is_some() {
            return Err(format!("`{word}` stands twice").into());
        }
    }
    Ok(fields)
}

impl Fields {
    /// The entry that these fields make; `None` for a nemesis.
    pub(super) fn entry(self) -> Result<Option<Entry>, Bad> {
        let process = process_of(needed(self.process.as_ref(), "process")?)?;
        if process.trim_start_matches(':').starts_with("nemesis") {
            return Ok(None);
        }
        let kind = needed(self.kind.as_ref(), "type").and_then(|datum| named(datum, &TYPES, "type"));
        let known = kind.as_ref().ok().copied();
        let entry = kind.and_then(|kind| self.of_client(&process, kind));
        entry.map(Some).map_err(|bad| Bad { process: Some(process), kind: known, ..bad })
    }

    fn of_client(self, process: &str, kind: Type) -> Result<Entry, Bad> {
        let function = needed(self.function.as_ref(), "f")?;
        let value = self.value.unwrap_or(Datum::Nil);
        if function.word() == Some("txn") || is_transaction(&value) {
            return Err(Bad { is_transaction: true, ..TRANSACTIONS.to_string().into() });
        }
        let function = named(function, &FUNCTIONS, "function")?;
        let key = self.key.filter(|key| *key != Datum::Nil);
        let error = self.error.unwrap_or(Datum::Nil);
        let index = self.index.and_then(|index| if let Datum::Int(n) = index { Some(n) } else { None });
        Ok(Entry { process: process.into(), kind, function, key, value, error, index })
    }
}

fn needed<'d>(field: Option<&'d Datum>, name: &str) -> Result<&'d Datum, Bad> {
    field.ok_or_else(|| format!("`{name}` is missing; an operation has process, type, f and value").into())
}

/// Whether a value is a list of reads and writes: `[[:r :x nil] [:append :y 1]]`.
fn is_transaction(value: &Datum) -> bool {
    let step = |step: &Datum| match step {
        Datum::List(parts) if parts.len() == 3 => matches!(parts[0].word(), Some("r" | "w" | "append")),
        _ => false,
    };
    matches!(value, Datum::List(steps) if !steps.is_empty() && steps.iter().all(step))
}

/// Who: a number as a rule.
fn process_of(datum: &Datum) -> Result<String, Bad> {
    match datum {
        Datum::Int(_) | Datum::Word(_) => Ok(datum.to_string()),
        Datum::Text(name) if !name.is_empty() => Ok(datum.as_name().to_string()),
        other => Err(format!("`{}` is no process; a process is a number, as in 3", cut(&other.to_string())).into()),
    }
}

/// A word out of a table, with a near one suggested.
fn named<T: Copy>(datum: &Datum, table: &[(&str, T)], what: &str) -> Result<T, Bad> {
    let name = datum.word().unwrap_or_default();
    if let Some((_, found)) = table.iter().find(|(known, _)| *known == name) {
        return Ok(*found);
    }
    let all: Vec<&str> = table.iter().map(|(known, _)| *known).collect();
    let near = near(name, all.iter().copied()).map_or(String::new(), |known| format!(" (did you mean `{known}`?)"));
    Err(format!("`{}` is no {what}{near}; there are {}", cut(&datum.to_string()), all.join(", ")).into())
}
