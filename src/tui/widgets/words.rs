//! Operations in words.

use crate::check::operation::{Op, Operation, Outcome, Ret};
use crate::sim::id::NodeId;

/// The client of an operation; sessions are numbered as clients are.
pub fn client(operation: &Operation) -> NodeId {
    NodeId::client((operation.session & 0x7fff) as u16)
}

/// What was asked, as the command language writes it: `write x 7`.
pub fn asked(op: &Op) -> String {
    match op {
        Op::Read { key } => format!("read {key}"),
        Op::Write { key, value } => format!("write {key} {value}"),
        Op::Cas { key, expected: Some(expected), value } => format!("cas {key} {expected} {value}"),
        Op::Cas { key, expected: None, value } => format!("cas {key} nil {value}"),
        Op::Append { key, value } => format!("append {key} {value}"),
    }
}

/// What was asked, in three or four cells: `w7`, `r`.
pub fn asked_short(op: &Op) -> String {
    match op {
        Op::Read { .. } => "r".to_string(),
        Op::Write { value, .. } => format!("w{value}"),
        Op::Cas { value, .. } => format!("cas{value}"),
        Op::Append { value, .. } => format!("a{value}"),
    }
}

/// How an operation ended: `ok`, `7`, `nil`, `failed`, `unknown`.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Ok(Ret::Value(Some(value))) => value.to_string(),
        Outcome::Ok(Ret::Value(None)) => "nil".to_string(),
        Outcome::Ok(Ret::Done | Ret::Swapped) => "ok".to_string(),
        Outcome::Ok(Ret::NotSwapped) => "not swapped".to_string(),
        Outcome::Failed => "failed".to_string(),
        Outcome::Unknown => "unknown".to_string(),
    }
}
