//! Pairs calls with returns: from entries to operations.

use std::collections::{BTreeMap, BTreeSet};

use super::datum::Datum;
use super::entry::{Bad, Entry, Found, Function, Type};
use super::keyed::{key_and_value, keyed};
use super::refusal::says_why;
use super::{FailedCas, Model, Options};
use crate::check::operation::{Key, Op, Operation, Outcome, Ret, Value};

/// The key of a register that has no name.
pub(super) const REGISTER: &str = "register";

/// What the entries make.
pub(super) struct Paired {
    pub(super) model: Model,
    /// Calls and returns are numbers of entries, from 1.
    pub(super) operations: Vec<Operation>,
    /// What each session is called.
    pub(super) names: Vec<String>,
    /// What does not fit, and the byte where it stands.
    pub(super) mistakes: Vec<(usize, String)>,
    /// Entries whose index is below one before: the byte of the first and its index, that before it, and how many there are.
    pub(super) disorder: Option<(usize, [i64; 2], usize)>,
}

/// Builds the operations. `line` names the line of a byte.
pub(super) fn paired(found: &[Found], options: &Options, line: &dyn Fn(usize) -> usize) -> Paired {
    let mut mistakes = Vec::new();
    let model = model_of(found, options.model, line, &mut mistakes);
    let mut pairing = Pairing {
        model,
        options,
        found,
        keyed: keyed(found),
        line,
        operations: Vec::new(),
        names: Vec::new(),
        sessions: BTreeMap::new(),
        open: BTreeMap::new(),
        spoiled: BTreeSet::new(),
        unread: 0,
    };
    for (number, (at, entry)) in found.iter().enumerate() {
        let told = match entry {
            Err(bad) => pairing.pass_over(bad).then(|| bad.message.clone()),
            // What is of another model is named already.
            Ok(entry) if model_for(entry.function) != model => None,
            Ok(entry) => pairing.take(number, entry).err(),
        };
        mistakes.extend(told.map(|message| (*at, message)));
    }
    let Pairing { operations, names, .. } = pairing;
    Paired { model, operations, names, mistakes, disorder: disorder(found) }
}

/// The model that the functions belong to, or the one asked for; functions of the other one are mistakes.
fn model_of(found: &[Found], asked: Option<Model>, line: &dyn Fn(usize) -> usize, mistakes: &mut Vec<(usize, String)>) -> Model {
    let entries = || found.iter().filter_map(|(at, entry)| Some((*at, entry.as_ref().ok()?.function)));
    let first = entries().next();
    let model = asked.or(first.map(|(_, function)| model_for(function))).unwrap_or(Model::Register);
    let because = match (asked, first) {
        (None, Some((at, function))) => {
            format!("and line {} has `{}` of the {model} model; a file has one", line(at), function.name())
        }
        _ => format!("and --model says {model}"),
    };
    for (at, function) in entries().filter(|(_, function)| model_for(*function) != model) {
        mistakes.push((at, format!("`{}` is of the {} model, {because}", function.name(), model_for(function))));
    }
    model
}

fn model_for(function: Function) -> Model {
    match function {
        Function::Read | Function::Write | Function::Cas => Model::Register,
        Function::Get | Function::Put | Function::Append => Model::Kv,
    }
}

fn disorder(found: &[Found]) -> Option<(usize, [i64; 2], usize)> {
    let mut last = i64::MIN;
    let mut disorder: Option<(usize, [i64; 2], usize)> = None;
    for (at, index) in found.iter().filter_map(|(at, entry)| Some((*at, entry.as_ref().ok()?.index?))) {
        if index < last {
            disorder.get_or_insert((at, [index, last], 0)).2 += 1;
        }
        last = last.max(index);
    }
    disorder
}

struct Pairing<'a> {
    model: Model,
    options: &'a Options,
    found: &'a [Found],
    keyed: Option<(bool, usize)>,
    line: &'a dyn Fn(usize) -> usize,
    operations: Vec<Operation>,
    names: Vec<String>,
    sessions: BTreeMap<String, u32>,
    /// The operation that each process waits for.
    open: BTreeMap<String, usize>,
    /// Processes whose call could not be used: their return is no further mistake.
    spoiled: BTreeSet<String>,
    /// Entries that could not be read at all: each may have been a call or a return that is missed elsewhere.
    unread: usize,
}

impl Pairing<'_> {
    /// Remembers what a bad entry was, so that it is one mistake only. Whether it is one at all.
    fn pass_over(&mut self, bad: &Bad) -> bool {
        let Some(process) = &bad.process else {
            self.unread += 1;
            return true;
        };
        match bad.kind {
            Some(Type::Invoke) => self.spoil(process),
            _ if self.open.remove(process).is_some() => {}
            // Not even the process is certain where the type is wrong.
            None => {
                self.spoil(process);
                self.unread += 1;
            }
            Some(_) => return !self.spoiled.remove(process),
        }
        true
    }

    fn spoil(&mut self, process: &str) {
        self.open.remove(process);
        self.spoiled.insert(process.into());
    }

    /// Whether an entry that could not be read explains what is missed now.
    fn forgiven(&mut self) -> bool {
        let forgiven = self.unread > 0;
        self.unread = self.unread.saturating_sub(1);
        forgiven
    }

    fn take(&mut self, number: usize, entry: &Entry) -> Result<(), String> {
        if entry.kind == Type::Invoke {
            self.spoiled.remove(&entry.process);
            self.invoke(number, entry).inspect_err(|_| {
                if !self.open.contains_key(&entry.process) {
                    self.spoiled.insert(entry.process.clone());
                }
            })
        } else {
            self.complete(number, entry)
        }
    }

    fn invoke(&mut self, number: usize, entry: &Entry) -> Result<(), String> {
        // Judged as if the operation before had an unknown outcome, so that what follows is no further mistake.
        let waiting = self.open.remove(&entry.process).filter(|_| !self.forgiven());
        let complaint = waiting.map(|waiting| {
            let (since, process) = (self.line_of(self.operations[waiting].call), &entry.process);
            format!("process {process} still waits for its operation of line {since}; it must be ok, fail or info first")
        });
        let op = self.op(entry)?;
        let next = self.sessions.len() as u32;
        let session = *self.sessions.entry(entry.process.clone()).or_insert(next);
        if session == next {
            self.names.push(format!("process {}", entry.process));
        }
        self.open.insert(entry.process.clone(), self.operations.len());
        let id = self.operations.len() as u32;
        self.operations.push(Operation { id, session, op, call: number as u64 + 1, ret: None, outcome: Outcome::Unknown });
        complaint.map_or(Ok(()), Err)
    }

    fn complete(&mut self, number: usize, entry: &Entry) -> Result<(), String> {
        let Some(open) = self.open.remove(&entry.process) else {
            let known = self.spoiled.remove(&entry.process) || self.forgiven();
            let message = format!("process {} waits for nothing; an invoke must come before", entry.process);
            return if known { Ok(()) } else { Err(message) };
        };
        let operation = &self.operations[open];
        let call = operation.call;
        let asked = function_of(&operation.op, self.model);
        if asked != entry.function {
            return Err(format!("`{}` ends what line {} called as `{}`", entry.function.name(), self.line_of(call), asked.name()));
        }
        let (key, value) = key_and_value(entry, self.is_keyed())?;
        let other = key.map(Datum::as_name).filter(|key| key != operation.op.key());
        let value = match other {
            Some(key) if entry.kind == Type::Ok => {
                return Err(format!("the key is {key}, but line {} has {}", self.line_of(call), operation.op.key()));
            }
            // What failed may have an error in place of its value.
            Some(_) => &entry.value,
            None => value,
        };
        let outcome = self.outcome(&operation.op, entry, value)?;
        let operation = &mut self.operations[open];
        operation.ret = (outcome != Outcome::Unknown).then_some(number as u64 + 1);
        operation.outcome = outcome;
        Ok(())
    }

    /// The line of an entry, by its number from 1.
    fn line_of(&self, number: u64) -> usize {
        self.found.get(number as usize - 1).map_or(0, |(at, _)| (self.line)(*at))
    }

    fn is_keyed(&self) -> bool {
        self.keyed.is_some_and(|(keyed, _)| keyed)
    }

    /// What an invoke asks for.
    fn op(&self, entry: &Entry) -> Result<Op, String> {
        let (key, value) = key_and_value(entry, self.is_keyed()).map_err(|what| match self.keyed {
            Some((true, at)) => format!("{what}: line {} begins so", (self.line)(at)),
            Some((false, at)) => format!("{what}, but line {} has none", (self.line)(at)),
            None => what,
        })?;
        let name = entry.function.name();
        let key: Key = match (key, self.model) {
            (Some(datum), _) => datum.as_name(),
            (None, Model::Register) => REGISTER.into(),
            (None, Model::Kv) => return Err(format!("`{name}` needs a key")),
        };
        match entry.function {
            Function::Read | Function::Get => Ok(Op::Read { key }),
            Function::Write | Function::Put => Ok(Op::Write { key, value: self.value(value, name)? }),
            Function::Append => Ok(Op::Append { key, value: self.value(value, name)? }),
            Function::Cas => match value.pair() {
                Some((old, new)) => Ok(Op::Cas { key, expected: self.seen(old, name)?, value: self.value(new, name)? }),
                None => Err(format!("`cas` needs the expected and the new value, like [1 2], not `{value}`")),
            },
        }
    }

    fn value(&self, datum: &Datum, function: &str) -> Result<Value, String> {
        match self.model {
            Model::Register => Ok(datum.in_register()),
            Model::Kv => datum.in_map().ok_or_else(|| format!("`{function}` needs a number or a text, not `{datum}`")),
        }
    }

    /// A value that was read or expected, which may be nothing.
    fn seen(&self, datum: &Datum, function: &str) -> Result<Option<Value>, String> {
        if *datum == Datum::Nil { Ok(None) } else { self.value(datum, function).map(Some) }
    }

    /// How an operation ended. One that failed did not happen, and that is all; only of a compare-and-set may be known that it found
    /// another value than it expected.
    fn outcome(&self, op: &Op, entry: &Entry, value: &Datum) -> Result<Outcome, String> {
        let name = entry.function.name();
        match (op, entry.kind) {
            (_, Type::Info | Type::Invoke) => Ok(Outcome::Unknown),
            (Op::Cas { .. }, Type::Fail) => {
                let instead = if self.agrees(op, value) { &Datum::Nil } else { value };
                let unsaid = entry.error == Datum::Nil && *instead == Datum::Nil;
                let assumed = self.options.failed_cas == FailedCas::Refused && unsaid;
                let refused = assumed || says_why(&entry.error) || says_why(instead);
                Ok(if refused { Outcome::Ok(Ret::NotSwapped) } else { Outcome::Failed })
            }
            (_, Type::Fail) => Ok(Outcome::Failed),
            (Op::Read { .. }, Type::Ok) => Ok(Outcome::Ok(Ret::Value(self.seen(value, name)?))),
            (_, Type::Ok) if !self.agrees(op, value) => Err(format!("`{value}` is not the value that was called")),
            (Op::Cas { .. }, Type::Ok) => Ok(Outcome::Ok(Ret::Swapped)),
            (_, Type::Ok) => Ok(Outcome::Ok(Ret::Done)),
        }
    }

    /// Whether the value of a return, if it has one, is that of the call.
    fn agrees(&self, op: &Op, value: &Datum) -> bool {
        let same = |datum: &Datum, value: &Value| self.value(datum, "").as_ref() == Ok(value);
        match op {
            _ if *value == Datum::Nil => true,
            Op::Cas { expected, value: new, .. } => {
                value.pair().is_some_and(|(old, made)| self.seen(old, "").as_ref() == Ok(expected) && same(made, new))
            }
            Op::Write { value: written, .. } | Op::Append { value: written, .. } => same(value, written),
            Op::Read { .. } => true,
        }
    }
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
