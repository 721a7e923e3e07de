//! What `splitbrain history` prints.

use std::io::Write;

use serde_json::{Value as Json, json};

use super::pairing::REGISTER;
use super::{History, Model};
use crate::check::operation::{Op, Operation, Outcome, Ret, Value};
use crate::check::verdict::{Guarantee, Holds, Verdict};
use crate::harmless;

/// At most this many operations of a witness are spelled out in text.
const SHOWN: usize = 20;

/// Every guarantee with its reason, and the operations that break it.
pub(super) fn text(history: &History, verdicts: &[Verdict], out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}", heading(history))?;
    for warning in &history.warnings {
        writeln!(out, "! {warning}")?;
    }
    for verdict in verdicts {
        writeln!(out)?;
        let (mark, word) = match verdict.holds {
            Holds::Yes => ("✓", "yes"),
            Holds::No => ("✕", "no"),
            Holds::Unknown => ("?", "unknown"),
            Holds::Untested => ("·", "untested"),
        };
        let why = if verdict.why.is_empty() { String::new() } else { format!(": {}", verdict.why) };
        writeln!(out, "{mark} {:<20} {word}{}", verdict.guarantee.words(), harmless::line(&why))?;
        for operation in witness(history, verdict).take(SHOWN) {
            writeln!(out, "    {}", harmless::line(&spelled(history, operation)))?;
        }
        if verdict.witness.len() > SHOWN {
            writeln!(out, "    and {} more operations", verdict.witness.len() - SHOWN)?;
        }
    }
    Ok(())
}

/// One object: a field for each guarantee (true where nothing breaks it, false, or null for unknown), `untested` (those that
/// nothing in the history could have broken: true, or null where it is about copies that nobody saw), `operations`, `model`, and by guarantee `why` and `witness`.
pub(super) fn json(history: &History, verdicts: &[Verdict], out: &mut dyn Write) -> std::io::Result<()> {
    let mut fields: Vec<(&str, Json)> = Vec::new();
    for verdict in verdicts {
        let holds = match verdict.holds {
            Holds::Untested if is_of_copies(verdict.guarantee) => Json::Null,
            Holds::Yes | Holds::Untested => Json::Bool(true),
            Holds::No => Json::Bool(false),
            Holds::Unknown => Json::Null,
        };
        fields.push((verdict.guarantee.id(), holds));
    }
    let untested = verdicts.iter().filter(|v| v.holds == Holds::Untested);
    fields.push(("untested", untested.map(|v| v.guarantee.id()).collect()));
    fields.push(("operations", history.operations.len().into()));
    fields.push(("model", history.model.to_string().into()));
    fields.push(("warnings", history.warnings.clone().into()));
    let said = verdicts.iter().filter(|v| !v.why.is_empty());
    fields.push(("why", said.map(|v| (v.guarantee.id().to_string(), Json::from(v.why.as_str()))).collect()));
    let broken = verdicts.iter().filter(|v| !v.witness.is_empty());
    let spelled_out = |v: &Verdict| witness(history, v).map(|o| as_json(history, o)).collect::<Json>();
    fields.push(("witness", broken.map(|v| (v.guarantee.id().to_string(), spelled_out(v))).collect()));
    // By hand, because a map would sort the fields.
    let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("\"{name}\":{}", harmless::json(&value))).collect();
    writeln!(out, "{{{}}}", fields.join(","))
}

/// Whether it is about what copies hold, of which a history shows only what clients read.
fn is_of_copies(guarantee: Guarantee) -> bool {
    guarantee.of_state()
}

fn witness<'h>(history: &'h History, verdict: &'h Verdict) -> impl Iterator<Item = &'h Operation> {
    verdict.witness.iter().filter_map(|id| history.operations.get(*id as usize))
}

/// `84 operations by 21 processes on a register, 13 of unknown outcome`.
fn heading(history: &History) -> String {
    let count =
        |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}{}", if one.ends_with('s') { "es" } else { "s" }) };
    let mut keys: Vec<_> = history.operations.iter().map(|o| o.op.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    let place = match history.model {
        Model::Register if keys.len() == 1 => "a register".to_string(),
        Model::Register => count(keys.len(), "register"),
        Model::Kv => count(keys.len(), "key"),
    };
    let unknown = history.operations.iter().filter(|o| o.outcome == Outcome::Unknown).count();
    let unknown = if unknown == 0 { String::new() } else { format!(", {unknown} of unknown outcome") };
    format!("{} by {} on {place}{unknown}", count(history.operations.len(), "operation"), count(history.names.len(), "process"))
}

/// `lines 12-14  process 3: write x = 9, ok`.
fn spelled(history: &History, operation: &Operation) -> String {
    let who = history.names.get(operation.session as usize).map_or("", String::as_str);
    format!("{:<16} {who}: {}{}", lines(history, operation), asked(history, operation), told(operation))
}

/// Where the call and the return stand: by line, or by line and column where a line holds several.
fn lines(history: &History, operation: &Operation) -> String {
    let place = |number: u64| history.places.get((number as usize).wrapping_sub(1));
    let apart = history.places.windows(2).all(|pair| pair[0].line < pair[1].line);
    let told =
        |number| place(number).map_or(String::new(), |p| if apart { p.line.to_string() } else { format!("{}:{}", p.line, p.column) });
    match operation.ret {
        Some(ret) => format!("lines {}-{}", told(operation.call), told(ret)),
        None => format!("line {}", told(operation.call)),
    }
}

fn asked(history: &History, operation: &Operation) -> String {
    let named = history.model == Model::Kv || &**operation.op.key() != REGISTER;
    let key = if named { format!(" {}", operation.op.key()) } else { String::new() };
    let sets = if named { format!("{key} =") } else { String::new() };
    let asked = match (&operation.op, history.model) {
        (Op::Read { .. }, Model::Register) => format!("read{key}"),
        (Op::Read { .. }, Model::Kv) => format!("get{key}"),
        (Op::Write { value, .. }, Model::Register) => format!("write{sets} {}", word(history, Some(value))),
        (Op::Write { value, .. }, Model::Kv) => format!("put{sets} {}", word(history, Some(value))),
        (Op::Append { value, .. }, _) => format!("append{key} + {}", word(history, Some(value))),
        (Op::Cas { expected, value, .. }, _) => {
            format!("cas{sets} {} to {}", word(history, expected.as_ref()), word(history, Some(value)))
        }
    };
    asked + &saw(history, operation, named)
}

/// What a read returned: `= 7`, behind its key.
fn saw(history: &History, operation: &Operation, named: bool) -> String {
    match &operation.outcome {
        Outcome::Ok(Ret::Value(value)) => format!("{} {}", if named { " =" } else { " saw" }, word(history, value.as_ref())),
        _ => String::new(),
    }
}

fn told(operation: &Operation) -> &'static str {
    match &operation.outcome {
        Outcome::Ok(Ret::Value(_)) => "",
        Outcome::Ok(Ret::Done | Ret::Swapped) => ", ok",
        Outcome::Ok(Ret::NotSwapped) => ", refused",
        Outcome::Failed => ", failed",
        Outcome::Unknown => ", outcome unknown",
    }
}

/// A value. Those of registers are spelled out as they are; the texts of a map get their quotes.
fn word(history: &History, value: Option<&Value>) -> String {
    match value {
        None => "nil".into(),
        Some(Value::Text(text)) if history.model == Model::Kv => format!("\"{text}\""),
        Some(Value::Text(text)) if text.is_empty() => "nil".into(),
        Some(value) => value.to_string(),
    }
}

fn as_json(history: &History, operation: &Operation) -> Json {
    let place = |number: u64| history.places.get((number as usize).wrapping_sub(1));
    json!({
        "line": place(operation.call).map(|p| p.line),
        "column": place(operation.call).map(|p| p.column),
        "returned": operation.ret.and_then(place).map(|p| p.line),
        "process": history.names.get(operation.session as usize).and_then(|n| n.strip_prefix("process ")),
        "operation": format!("{}{}", asked(history, operation), told(operation)),
    })
}
