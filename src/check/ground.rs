//! A history made ready for every checker: values and keys as small numbers, operations as actions with a span of time,
//! and without those that say nothing (failed writes, reads that never returned).

use std::collections::BTreeMap;

use super::memo::mix;
use super::operation::{Key, Op, Operation, Outcome, Ret, Value};

/// A value by number; [`START`] is what is there at first.
pub(crate) type ValueId = u32;

/// What every key holds at the start: nothing, or the value that the history is said to start with. The empty text counts as nothing
/// too: logs of key-value stores write both for an untouched key.
pub(crate) const START: ValueId = 0;

/// What a key holds that nobody wrote, unless the store has another word for it.
const NOTHING: &str = "nothing";

/// The end of an operation that never returned.
pub(crate) const NEVER: u64 = u64::MAX;

/// What an operation does and saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// Saw this.
    Read(ValueId),
    /// Sets this.
    Write(ValueId),
    /// Saw the first and set the second, at once.
    Swap(ValueId, ValueId),
    /// A compare-and-set that saw something other than this.
    Keep(ValueId),
    /// Appends this.
    Append(ValueId),
}

impl Act {
    /// Whether it can change anything.
    pub(crate) fn writes(self) -> bool {
        matches!(self, Act::Write(_) | Act::Swap(..) | Act::Append(_))
    }

    /// Whether it leaves every value that it fits as it is.
    pub(crate) fn is_inert(self) -> bool {
        match self {
            Act::Read(_) | Act::Keep(_) => true,
            Act::Swap(old, new) => old == new,
            Act::Write(_) | Act::Append(_) => false,
        }
    }
}

/// One operation that counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// Its index in the history.
    pub(crate) op: u32,
    /// Its key, by number.
    pub(crate) key: u32,
    /// Its session, as the history has it.
    pub(crate) session: u32,
    /// What it does.
    pub(crate) act: Act,
    /// Its call and its return on one scale without ties: `a` came before `b` exactly when `a.end < b.start`.
    pub(crate) start: u64,
    /// See `start`; [`NEVER`] when it did not return.
    pub(crate) end: u64,
    /// Whether it took effect for certain; otherwise at any time after its call, or never.
    pub(crate) sure: bool,
}

impl Item {
    /// Whether this returned before the other was called.
    pub(crate) fn before(&self, other: &Item) -> bool {
        self.end < other.start
    }
}

/// The prepared history.
pub(crate) struct Ground<'a> {
    /// As it was given.
    pub(crate) ops: &'a [Operation],
    /// What counts, in the order given.
    pub(crate) items: Vec<Item>,
    /// The keys by number.
    pub(crate) keys: Vec<&'a Key>,
    /// The values by number.
    pub(crate) values: Values,
}

impl<'a> Ground<'a> {
    /// Prepares a history whose keys start with nothing.
    pub(crate) fn new(ops: &'a [Operation]) -> Ground<'a> {
        Ground::starting(ops, None)
    }

    /// Prepares a history whose keys start with a value. (With appends they must start with nothing.) An operation whose result does
    /// not fit what was asked says nothing and is left out.
    pub(crate) fn starting(ops: &'a [Operation], start: Option<Value>) -> Ground<'a> {
        let mut keys = Keys::default();
        let mut values = Values::new(start);
        let mut items = Vec::with_capacity(ops.len());
        for (index, op) in ops.iter().enumerate() {
            let Some((act, sure)) = action(op, &mut values) else { continue };
            let (start, end) = span(op, sure);
            let key = keys.number(op.op.key());
            items.push(Item { op: index as u32, key, session: op.session, act, start, end, sure });
        }
        Ground { ops, items, keys: keys.names, values }
    }

    /// The same with another word than `nothing` for what a key holds that nobody wrote.
    pub(crate) fn saying(mut self, unwritten: Option<&'static str>) -> Ground<'a> {
        self.values.unwritten = unwritten.unwrap_or(NOTHING);
        self
    }

    /// The operation behind an item.
    pub(crate) fn operation(&self, item: &Item) -> &'a Operation {
        &self.ops[item.op as usize]
    }

    /// The ids of some items, in the order of their calls.
    pub(crate) fn ids<'i>(&self, items: impl IntoIterator<Item = &'i Item>) -> Vec<u32> {
        let mut found: Vec<(u64, u32)> = items.into_iter().map(|i| (i.start, self.operation(i).id)).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|(_, id)| id).collect()
    }
}

/// What the operation means for the checkers, and whether it is certain.
fn action(op: &Operation, values: &mut Values) -> Option<(Act, bool)> {
    let sure = match op.outcome {
        Outcome::Failed => return None,
        Outcome::Ok(_) => true,
        Outcome::Unknown => false,
    };
    let act = match (&op.op, &op.outcome) {
        (Op::Read { .. }, Outcome::Ok(Ret::Value(value))) => Act::Read(values.number(value.as_ref())),
        (Op::Read { .. }, _) => return None,
        (Op::Write { value, .. }, _) => Act::Write(values.number(Some(value))),
        (Op::Append { value, .. }, _) => Act::Append(values.number(Some(value))),
        (Op::Cas { expected, .. }, Outcome::Ok(Ret::NotSwapped)) => Act::Keep(values.number(expected.as_ref())),
        (Op::Cas { expected, value, .. }, _) => Act::Swap(values.number(expected.as_ref()), values.number(Some(value))),
    };
    Some((act, sure))
}

/// Four places for each event number: what returns in an event does so before what is called in it, and an operation
/// called and answered in one event lies between.
fn span(op: &Operation, sure: bool) -> (u64, u64) {
    let places = |time: u64| time.min(NEVER / 8) * 4;
    match op.ret.filter(|_| sure) {
        None => (places(op.call) + 3, if sure { NEVER - 1 } else { NEVER }),
        Some(ret) if ret > op.call => (places(op.call) + 3, places(ret)),
        Some(_) => (places(op.call) + 1, places(op.call) + 2),
    }
}

/// Keys by number. Neighbours in a history often have the same key.
#[derive(Default)]
struct Keys<'a> {
    names: Vec<&'a Key>,
    numbers: BTreeMap<&'a str, u32>,
    last: Option<(&'a Key, u32)>,
}

impl<'a> Keys<'a> {
    fn number(&mut self, key: &'a Key) -> u32 {
        if let Some((_, number)) = self.last.filter(|(last, _)| *last == key) {
            return number;
        }
        let number = *self.numbers.entry(key).or_insert(self.names.len() as u32);
        if number as usize == self.names.len() {
            self.names.push(key);
        }
        self.last = Some((key, number));
        number
    }
}

/// Values by number.
pub(crate) struct Values {
    start: Option<Value>,
    /// Those but the first; nothing is among them where the history does not start with it.
    known: Vec<Option<Value>>,
    /// Open addressing: the number of a value, or [`START`] for an empty slot.
    slots: Vec<ValueId>,
    /// Its word for a key that nobody wrote.
    pub(crate) unwritten: &'static str,
}

impl Values {
    fn new(start: Option<Value>) -> Values {
        Values { start: start.filter(|v| !is_empty(v)), known: Vec::new(), slots: vec![START; 64], unwritten: NOTHING }
    }

    /// The number of a value, new or known.
    pub(crate) fn number(&mut self, value: Option<&Value>) -> ValueId {
        let value = value.filter(|v| !is_empty(v));
        if value == self.start.as_ref() {
            return START;
        }
        if self.known.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let at = self.slot(value);
        if self.slots[at] == START {
            self.known.push(value.cloned());
            self.slots[at] = self.known.len() as ValueId;
        }
        self.slots[at]
    }

    /// The value of a number; `None` is nil.
    pub(crate) fn get(&self, id: ValueId) -> Option<&Value> {
        if id == START { self.start.as_ref() } else { self.known.get(id as usize - 1)?.as_ref() }
    }

    /// How many numbers are in use, nil included.
    pub(crate) fn len(&self) -> usize {
        self.known.len() + 1
    }

    /// The value in words: `7`, or `nothing` by the word for that.
    pub(crate) fn word(&self, id: ValueId) -> String {
        self.get(id).map_or_else(|| self.unwritten.to_string(), shorten)
    }

    fn slot(&self, value: Option<&Value>) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = value.map_or(0, hash) as usize & mask;
        while self.slots[at] != START && self.get(self.slots[at]) != value {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        self.slots = vec![START; self.slots.len() * 4];
        for index in 0..self.known.len() {
            let at = self.slot(self.known[index].as_ref());
            self.slots[at] = index as ValueId + 1;
        }
    }
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.is_empty())
}

fn hash(value: &Value) -> u64 {
    match value {
        Value::Int(n) => mix(*n as u64),
        Value::Text(text) => mix(text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))),
    }
}

/// Long texts by their two ends, so that a sentence stays one.
fn shorten(value: &Value) -> String {
    let text = value.to_string();
    let count = text.chars().count();
    if count <= 40 {
        return text;
    }
    let head: String = text.chars().take(12).collect();
    let tail: String = text.chars().skip(count - 20).collect();
    format!("{head} ... {tail}")
}
