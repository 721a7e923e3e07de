//! One row at one leader, and what changes make of it.

use std::sync::Arc;

use crate::algo::crdt::{AddWins, Counter};
use crate::algo::version::{Dot, Siblings, Version};
use crate::check::operation::Value;
use crate::sim::id::NodeId;

use super::change::{Change, Context, What};
use super::settings::{Merge, Policy, Rule, Ties};

/// A row: the writes of which none has taken another's place, and what was counted and put in where types take in both.
#[derive(Clone, Debug, Default)]
pub struct Row {
    versions: Siblings<NodeId, Arc<Change>>,
    /// The same in the order in which they came here.
    came: Vec<Dot<NodeId>>,
    /// What was counted, on top of what was written.
    pub counter: Counter<NodeId>,
    /// What was put in.
    pub items: AddWins<NodeId, Value>,
}

/// Equal but for the order in which things came.
impl PartialEq for Row {
    fn eq(&self, other: &Row) -> bool {
        self.versions == other.versions && self.counter == other.counter && self.items == other.items
    }
}

/// Whether a write wins over another one by its stamp.
fn wins(new: &Change, old: &Change, ties: Ties) -> bool {
    let is_greater = if new.dot.actor == old.dot.actor || ties == Ties::Leader { new.dot > old.dot } else { false };
    new.tick > old.tick || new.tick == old.tick && is_greater
}

impl Row {
    /// Takes a change in.
    pub fn take(&mut self, change: &Arc<Change>, rule: Rule) {
        match &change.what {
            What::Write { context, .. } => {
                self.write(Version { dot: change.dot, context: context.clone(), value: change.clone() }, rule);
            }
            What::Count(delta) => self.counter.join(delta),
            What::Items(delta) => self.items.join(delta),
            What::Home(_) => {}
        }
    }

    fn write(&mut self, version: Version<NodeId, Arc<Change>>, rule: Rule) {
        let dot = version.dot;
        match rule.policy {
            Policy::Arrival => self.only(version),
            Policy::Lww | Policy::Avoid if self.writes().all(|mine| wins(&version.value, mine, rule.ties)) => self.only(version),
            Policy::Lww | Policy::Avoid => {}
            Policy::Siblings | Policy::Merge | Policy::Crdt => drop(self.versions.add(version)),
        }
        self.came.push(dot);
        let versions = &self.versions;
        self.came.retain(|came| versions.iter().any(|version| version.dot == *came));
    }

    fn only(&mut self, version: Version<NodeId, Arc<Change>>) {
        self.versions = Siblings::default();
        self.versions.add(version);
    }

    /// Takes in all that another copy of the row has: what two leaders hold together, whichever asks the other.
    pub fn join(&mut self, other: &Row, rule: Rule) {
        other.writes().for_each(|change| self.take(change, rule));
        self.counter.join(&other.counter);
        self.items.join(&other.items);
    }

    /// Its writes, tombstones too, in the order of their dots.
    pub fn writes(&self) -> impl Iterator<Item = &Arc<Change>> {
        self.versions.iter().map(|version| &version.value)
    }

    /// Whether it holds a write.
    pub fn holds(&self, dot: Dot<NodeId>) -> bool {
        self.came.contains(&dot)
    }

    /// What whoever has looked at it has seen of the row.
    pub fn context(&self) -> Context {
        self.versions.context()
    }

    /// What somebody has seen of it who wrote this, had seen so much before, and has not looked.
    pub fn context_of_blind(&self, own: Option<Dot<NodeId>>, before: &Context) -> Context {
        let beside = self.writes().map(|change| change.dot).filter(|dot| Some(*dot) != own && !before.covers(*dot));
        self.context().but(beside)
    }

    /// The writes that a reader sees: tombstones only where there is nothing else.
    pub fn live(&self) -> impl Iterator<Item = &Arc<Change>> {
        let is_dead = self.writes().all(|change| change.value().is_none());
        self.writes().filter(move |change| is_dead || change.value().is_some())
    }

    /// The values that were written, in the order in which they came.
    fn written(&self) -> Vec<&Value> {
        self.came.iter().filter_map(|dot| self.writes().find(|change| change.dot == *dot)?.value()).collect()
    }

    /// How many values stand side by side.
    pub fn siblings(&self) -> usize {
        if self.came.len() < 2 {
            return self.written().len();
        }
        let mut values = self.written();
        values.sort();
        values.dedup();
        values.len()
    }

    /// What a reader sees: the items of a set, what a counter stands at, or what was written.
    pub fn value(&self, rule: Rule) -> Option<Value> {
        if !self.items.is_unused() {
            return Some(set_of(self.items.items().cloned()));
        }
        let written = shown(self.written(), rule);
        if self.counter.is_unused() {
            return written;
        }
        let base = if let Some(Value::Int(n)) = written { n } else { 0 };
        Some(Value::Int(base.saturating_add(self.counter.value())))
    }

    /// What has to be written so that a reader sees this value, whatever was counted before.
    pub fn base_of(&self, value: Value) -> Value {
        match value {
            Value::Int(n) => Value::Int(n.saturating_sub(self.counter.value())),
            text @ Value::Text(_) => text,
        }
    }
}

/// What readers see of values that stand side by side.
fn shown(written: Vec<&Value>, rule: Rule) -> Option<Value> {
    if rule.policy == Policy::Merge {
        let mut values = written.into_iter().cloned();
        let first = values.next()?;
        return Some(values.fold(first, |a, b| merged(rule.merge, a, b)));
    }
    let mut values = written;
    values.sort();
    values.dedup();
    match values[..] {
        [] => None,
        [only] => Some(only.clone()),
        _ => Some(Value::Text(texts(&values, "|").into())),
    }
}

fn merged(how: Merge, a: Value, b: Value) -> Value {
    match (how, &a, &b) {
        (Merge::Union, ..) => set_of(items_of(&a).into_iter().chain(items_of(&b))),
        (Merge::Average, Value::Int(a), Value::Int(b)) => Value::Int(a.midpoint(*b)),
        (Merge::Join | Merge::Average, ..) => Value::Text(format!("{a} {b}").into()),
        (Merge::Max, ..) => a.max(b),
    }
}

/// A set as a value: `{a,b}`, in order, each item once.
pub(super) fn set_of(items: impl Iterator<Item = Value>) -> Value {
    let mut items: Vec<Value> = items.collect();
    items.sort();
    items.dedup();
    Value::Text(format!("{{{}}}", texts(&items.iter().collect::<Vec<_>>(), ",")).into())
}

/// The items of a set that is a value; any other value is the only item of its set.
pub(super) fn items_of(value: &Value) -> Vec<Value> {
    let text = value.to_string();
    match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some("") => Vec::new(),
        Some(items) => items.split(',').map(Value::from).collect(),
        None => vec![value.clone()],
    }
}

fn texts(values: &[&Value], between: &str) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}
