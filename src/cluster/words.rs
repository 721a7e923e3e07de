//! Operations and answers in a word or two, the same on every screen.

use crate::check::operation::{Op, Ret, Value};
use crate::harmless::line;

/// `write x 7`, `read x`.
pub fn op(op: &Op) -> String {
    let text = match op {
        Op::Read { key } => format!("read {key}"),
        Op::Write { key, value } => format!("{key}={value}"),
        Op::Cas { key, expected, value } => {
            let expected = expected.as_ref().map_or_else(|| "nil".to_string(), Value::to_string);
            format!("{key}:{expected}→{value}")
        }
        Op::Append { key, value } => format!("{key}+={value}"),
    };
    line(&text).into_owned()
}

/// `ok`, `7`, `nil`.
pub fn ret(ret: &Ret) -> String {
    match ret {
        Ret::Value(Some(value)) => line(&value.to_string()).into_owned(),
        Ret::Value(None) => "nil".to_string(),
        Ret::Done | Ret::Swapped => "ok".to_string(),
        Ret::NotSwapped => "no: another value".to_string(),
    }
}

/// There is no such thing, and which there are.
pub fn unknown<'a>(what: &str, text: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    let near = crate::near::did_you_mean(text, names.clone());
    if !near.is_empty() {
        return format!("there is no {what} `{text}`{near}");
    }
    format!("there is no {what} `{text}`; there are {}", names.collect::<Vec<_>>().join(", "))
}

/// What a client asked, as it would type it: `write x 7`, `read x`.
pub fn asked(op: &Op) -> String {
    match op {
        Op::Write { key, value } => line(&format!("write {key} {value}")).into_owned(),
        Op::Append { key, value } => line(&format!("append {key} {value}")).into_owned(),
        _ => self::op(op),
    }
}
