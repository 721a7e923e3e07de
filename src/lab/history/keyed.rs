//! Where the key of an operation stands. Jepsen's tests of many registers (`jepsen.independent`) write key and value as one value:
//! `[3 nil]` for a read of register 3, `[3 [1 2]]` for a compare-and-set. In other histories a pair is a value like any other.

use super::datum::Datum;
use super::entry::{Entry, Found, Function, Type};

/// Whether values are pairs of key and value, as the first call that shows it says, and at which byte it stands: a read, which has
/// no value yet; where nothing is read, any other.
pub(super) fn keyed(found: &[Found]) -> Option<(bool, usize)> {
    let calls = found.iter().filter_map(|(at, entry)| Some((*at, entry.as_ref().ok()?)));
    let calls = calls.filter(|(_, entry)| entry.kind == Type::Invoke && entry.key.is_none());
    let first = |reads: bool| calls.clone().find(|(_, entry)| is_read(entry.function) == reads);
    first(true).or_else(|| first(false)).map(|(at, entry)| (is_pair(entry), at))
}

fn is_read(function: Function) -> bool {
    matches!(function, Function::Read | Function::Get)
}

/// Whether the value of a call has the form of a key and a value.
fn is_pair(entry: &Entry) -> bool {
    match (entry.value.pair(), entry.function) {
        (Some((_, value)), Function::Cas) => value.pair().is_some(),
        (Some((_, value)), Function::Read | Function::Get) => *value == Datum::Nil,
        (pair, _) => pair.is_some(),
    }
}

/// The key and the value of an entry. The error says what is missing.
pub(super) fn key_and_value(entry: &Entry, keyed: bool) -> Result<(Option<&Datum>, &Datum), String> {
    let call = entry.kind == Type::Invoke;
    match (&entry.key, entry.value.pair()) {
        (Some(key), _) => Ok((Some(key), &entry.value)),
        (None, Some((key, value))) if keyed && (!call || is_pair(entry)) => Ok((Some(key), value)),
        (None, _) if keyed && call => Err(format!("`{}` has a key here, as in [3 {}]", entry.function.name(), example(entry.function))),
        (None, Some((key, Datum::Nil))) if call && is_read(entry.function) => {
            Err(format!("`{}` has the key {key} here", entry.function.name()))
        }
        (None, _) => Ok((None, &entry.value)),
    }
}

fn example(function: Function) -> &'static str {
    match function {
        Function::Read | Function::Get => "nil",
        Function::Cas => "[1 2]",
        Function::Write | Function::Put | Function::Append => "1",
    }
}
