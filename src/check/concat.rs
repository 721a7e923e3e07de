//! What an operation does to the value of a key. Texts that grow by appends are numbers too.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ground::{Act, Item, START, ValueId, Values};
use super::operation::Value;

/// A text that no read ever saw the beginning of: all of them are the same to everybody.
const UNSEEN: ValueId = ValueId::MAX;

/// The step of the model, with the texts that appends have made so far.
#[derive(Default)]
pub(crate) struct Concat {
    /// The text of each number, for keys with appends; empty otherwise.
    texts: Vec<Arc<str>>,
    /// The number of each text.
    numbers: BTreeMap<Arc<str>, ValueId>,
    /// Every text that somebody saw, in order.
    seen: Vec<Arc<str>>,
    /// (state, appended) to state.
    made: BTreeMap<(ValueId, ValueId), ValueId>,
}

impl Concat {
    /// For these items; costs nothing when none appends.
    pub(crate) fn new(items: &[Item], values: &Values) -> Concat {
        if !items.iter().any(|i| matches!(i.act, Act::Append(_))) {
            return Concat::default();
        }
        let texts: Vec<Arc<str>> = (0..values.len()).map(|id| text_of(values.get(id as ValueId))).collect();
        let numbers = texts.iter().enumerate().map(|(id, text)| (text.clone(), id as ValueId)).collect();
        let mut seen: Vec<Arc<str>> = items.iter().filter_map(|i| observed(i.act)).map(|v| texts[v as usize].clone()).collect();
        seen.sort_unstable();
        seen.dedup();
        Concat { texts, numbers, seen, made: BTreeMap::new() }
    }

    /// The value after the act, or `None` when it does not fit.
    pub(crate) fn apply(&mut self, state: ValueId, act: Act) -> Option<ValueId> {
        match act {
            Act::Read(value) => (state == value).then_some(state),
            Act::Write(value) => Some(value),
            Act::Swap(expected, value) => (state == expected).then_some(value),
            Act::Keep(expected) => (state != expected).then_some(state),
            Act::Append(text) => Some(self.append(state, text)),
        }
    }

    fn append(&mut self, state: ValueId, text: ValueId) -> ValueId {
        if text == START || state == UNSEEN {
            return state;
        }
        if let Some(known) = self.made.get(&(state, text)) {
            return *known;
        }
        let joined: Arc<str> = [&*self.texts[state as usize], &*self.texts[text as usize]].concat().into();
        let number = self.number(joined);
        self.made.insert((state, text), number);
        number
    }

    fn number(&mut self, text: Arc<str>) -> ValueId {
        if let Some(known) = self.numbers.get(&text) {
            return *known;
        }
        let next = self.seen.partition_point(|seen| **seen < *text);
        if !self.seen.get(next).is_some_and(|seen| seen.starts_with(&*text)) {
            return UNSEEN;
        }
        let number = self.texts.len() as ValueId;
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }
}

/// What an act compares the state with.
fn observed(act: Act) -> Option<ValueId> {
    match act {
        Act::Read(value) | Act::Swap(value, _) | Act::Keep(value) => Some(value),
        Act::Write(_) | Act::Append(_) => None,
    }
}

fn text_of(value: Option<&Value>) -> Arc<str> {
    value.map_or_else(|| "".into(), |v| v.to_string().into())
}
