//! Pairs calls with returns: from lines to operations.

use std::collections::BTreeMap;

use super::datum::{Datum, Function, Line, Type};
use super::{BadLine, History, Model};
use crate::check::operation::{Key, Op, Operation, Outcome, Ret};

/// The key of a register that has no name.
const REGISTER: &str = "register";

/// Builds the history of some lines; what does not fit is added to `bad`.
pub(super) fn history(lines: &[(usize, Line)], model: Option<Model>, bad: &mut Vec<BadLine>) -> History {
    let model = model_of(lines, model, bad);
    let mut pairing = Pairing { model, operations: Vec::new(), names: Vec::new(), sessions: BTreeMap::new(), open: BTreeMap::new() };
    for (number, line) in lines.iter().filter(|(_, line)| model_for(line.function) == model) {
        if let Err(message) = pairing.take(*number, line) {
            bad.push(BadLine { line: *number, message });
        }
    }
    History { model, operations: pairing.operations, names: pairing.names }
}

/// The model that the functions belong to, or the one asked for; functions of the other one are bad lines.
fn model_of(lines: &[(usize, Line)], asked: Option<Model>, bad: &mut Vec<BadLine>) -> Model {
    let first = lines.first().map(|(number, line)| (*number, line.function, model_for(line.function)));
    let model = asked.or(first.map(|(.., model)| model)).unwrap_or(Model::Register);
    let because = match (asked, first) {
        (None, Some((number, function, _))) => format!("and line {number} has `{}` of the {model} model; a file has one", function.name()),
        _ => format!("and --model says {model}"),
    };
    for (line, Line { function, .. }) in lines.iter().filter(|(_, line)| model_for(line.function) != model) {
        let message = format!("`{}` is of the {} model, {because}", function.name(), model_for(*function));
        bad.push(BadLine { line: *line, message });
    }
    model
}

fn model_for(function: Function) -> Model {
    match function {
        Function::Read | Function::Write | Function::Cas => Model::Register,
        Function::Get | Function::Put | Function::Append => Model::Kv,
    }
}

struct Pairing {
    model: Model,
    operations: Vec<Operation>,
    names: Vec<String>,
    sessions: BTreeMap<String, u32>,
    /// The operation that each process waits for.
    open: BTreeMap<String, usize>,
}

impl Pairing {
    fn take(&mut self, number: usize, line: &Line) -> Result<(), String> {
        match line.kind {
            Type::Invoke => self.invoke(number, line),
            _ => self.complete(number, line),
        }
    }

    fn invoke(&mut self, number: usize, line: &Line) -> Result<(), String> {
        if let Some(waiting) = self.open.get(&line.process) {
            let since = self.operations[*waiting].call;
            return Err(format!(
                "process {} still waits for its operation of line {since}; it must be ok, fail or info first",
                line.process
            ));
        }
        let op = self.op(line)?;
        let next = self.sessions.len() as u32;
        let session = *self.sessions.entry(line.process.clone()).or_insert(next);
        if session == next {
            self.names.push(format!("process {}", line.process));
        }
        self.open.insert(line.process.clone(), self.operations.len());
        let id = self.operations.len() as u32;
        self.operations.push(Operation { id, session, op, call: number as u64, ret: None, outcome: Outcome::Unknown });
        Ok(())
    }

    fn complete(&mut self, number: usize, line: &Line) -> Result<(), String> {
        let Some(open) = self.open.remove(&line.process) else {
            return Err(format!("process {} waits for nothing; an invoke must come before", line.process));
        };
        let operation = &mut self.operations[open];
        let asked = function_of(&operation.op, self.model);
        if asked != line.function {
            return Err(format!("`{}` ends what line {} called as `{}`", line.function.name(), operation.call, asked.name()));
        }
        if let Some(key) = line.key.as_ref().and_then(key_of).filter(|key| key != operation.op.key()) {
            return Err(format!("the key is {key}, but line {} has {}", operation.call, operation.op.key()));
        }
        let outcome = outcome_of(&operation.op, line)?;
        operation.ret = (outcome != Outcome::Unknown).then_some(number as u64);
        operation.outcome = outcome;
        Ok(())
    }

    /// What an invoke asks for.
    fn op(&self, line: &Line) -> Result<Op, String> {
        let key = match (&line.key, self.model) {
            (Some(datum), _) => key_of(datum).ok_or_else(|| format!("`{datum}` is no key; a key is a text or a number"))?,
            (None, Model::Register) => REGISTER.into(),
            (None, Model::Kv) => return Err(format!("`{}` needs a key", line.function.name())),
        };
        let name = line.function.name();
        match line.function {
            Function::Read | Function::Get => Ok(Op::Read { key }),
            Function::Write | Function::Put => Ok(Op::Write { key, value: value_of(&line.value, name)? }),
            Function::Append => Ok(Op::Append { key, value: value_of(&line.value, name)? }),
            Function::Cas => match &line.value {
                Datum::List(pair) if pair.len() == 2 => {
                    let expected = if pair[0] == Datum::Nil { None } else { Some(value_of(&pair[0], name)?) };
                    Ok(Op::Cas { key, expected, value: value_of(&pair[1], name)? })
                }
                other => Err(format!("`cas` needs the expected and the new value, like [1 2], not `{other}`")),
            },
        }
    }
}

fn key_of(datum: &Datum) -> Option<Key> {
    match datum {
        Datum::Int(n) => Some(n.to_string().into()),
        Datum::Text(text) | Datum::Word(text) => Some(text.as_str().into()),
        _ => None,
    }
}

fn value_of(datum: &Datum, function: &str) -> Result<crate::check::operation::Value, String> {
    datum.value().ok_or_else(|| format!("`{function}` needs a number or a text, not `{datum}`"))
}

fn function_of(op: &Op, model: Model) -> Function {
    match (op, model) {
        (Op::Read { .. }, Model::Register) => Function::Read,
        (Op::Read { .. }, Model::Kv) => Function::Get,
        (Op::Write { .. }, Model::Register) => Function::Write,
        (Op::Write { .. }, Model::Kv) => Function::Put,
        (Op::Cas { .. }, _) => Function::Cas,
        (Op::Append { .. }, _) => Function::Append,
    }
}

/// How an operation ended. A time-out leaves it open for ever, whatever the type. A refused `cas` saw another value than it
/// expected, unless the line names an error.
fn outcome_of(op: &Op, line: &Line) -> Result<Outcome, String> {
    if line.kind == Type::Info || line.value.name().is_some_and(|name| name == "timed-out" || name == "timeout") && line.kind == Type::Fail
    {
        return Ok(Outcome::Unknown);
    }
    match (op, line.kind) {
        (Op::Read { .. }, Type::Ok) => match &line.value {
            Datum::Nil => Ok(Outcome::Ok(Ret::Value(None))),
            seen => Ok(Outcome::Ok(Ret::Value(Some(value_of(seen, line.function.name())?)))),
        },
        (Op::Cas { .. }, Type::Fail) if !line.error => Ok(Outcome::Ok(Ret::NotSwapped)),
        (_, Type::Fail) => Ok(Outcome::Failed),
        (Op::Cas { .. }, _) => agrees(op, line).map(|()| Outcome::Ok(Ret::Swapped)),
        _ => agrees(op, line).map(|()| Outcome::Ok(Ret::Done)),
    }
}

/// Whether the value of the return, if it has one, is that of the call.
fn agrees(op: &Op, line: &Line) -> Result<(), String> {
    let same = match (op, &line.value) {
        (_, Datum::Nil) => true,
        (Op::Cas { expected, value, .. }, Datum::List(pair)) => {
            pair.len() == 2 && pair[0].value() == *expected && pair[1].value().as_ref() == Some(value)
        }
        (Op::Write { value, .. } | Op::Append { value, .. }, datum) => datum.value().as_ref() == Some(value),
        _ => false,
    };
    if same { Ok(()) } else { Err(format!("`{}` is not the value that was called", line.value)) }
}
