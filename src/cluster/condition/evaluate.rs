//! Works a condition out. `None` is a value that is not there: it decides nothing, and what is made of it is not there either.

use std::borrow::Cow;
use std::sync::Arc;

use super::Condition;
use super::cost::STEPS_MAX;
use super::value::{Function, Loop, Looping, Node, Sign, Value};
use crate::algo::exact::How;
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::model::SettingKind;
use crate::sim::time::Span;

type Found<'v> = Option<Value<'v>>;

/// One look at a condition.
pub(super) struct Look<'v> {
    condition: &'v Condition,
    facts: &'v Facts,
    /// Those of the loops around, the outermost first.
    variables: Vec<Value<'v>>,
    /// Turns of loops that are left.
    turns: u64,
}

impl<'v> Look<'v> {
    pub(super) fn of(condition: &'v Condition, facts: &'v Facts) -> Look<'v> {
        Look { condition, facts, variables: Vec::new(), turns: STEPS_MAX }
    }

    /// Whether the condition holds; false where that hangs on a value that is not there. The error: it takes too long.
    pub(super) fn holds(condition: &'v Condition, facts: &'v Facts) -> Result<bool, String> {
        Ok(Look::number_of(condition, facts)?.is_some_and(|truth| truth > 0.0))
    }

    /// The number that it gives, 1 and 0 for true and false; `None` where that hangs on a value that is not there. The error: it takes too long.
    pub(super) fn number_of(condition: &'v Condition, facts: &'v Facts) -> Result<Option<f64>, String> {
        let mut look = Look::of(condition, facts);
        let found = look.value(&condition.root);
        if look.turns == 0 {
            return Err(format!("`{}` takes more than {STEPS_MAX} turns of its loops", condition.text));
        }
        Ok(found.and_then(|value| match value {
            Value::Number(x) => Some(x),
            Value::Bool(truth) => Some(f64::from(u8::from(truth))),
            _ => None,
        }))
    }

    fn value(&mut self, node: &'v Node) -> Found<'v> {
        match node {
            Node::Value(value) => Some(value.borrowed()),
            Node::Fact(which) => of_fact(self.facts.get(self.condition.mentions.get(*which)?.name)?),
            Node::Variable(which) => self.variables.get(*which).cloned(),
            Node::Over(which) => Value::number(self.facts.over(self.condition.overs.get(*which)?)?),
            Node::Setting(which) => {
                let doc = self.condition.settings.get(*which)?;
                of_setting(doc.kind, self.facts.setting(doc.name)?)
            }
            Node::HasSetting(which) => Some(Value::Bool(self.facts.setting(self.condition.settings.get(*which)?.name)? != "none")),
            Node::Not(part) => self.truth(part).map(|holds| Value::Bool(!holds)),
            Node::Negative(part) => self.number(part).map(|x| Value::Number(-x)),
            Node::Both(parts) => self.decided(parts, false),
            Node::Either(parts) => self.decided(parts, true),
            Node::Calculation(first, rest) => self.calculation(first, rest),
            Node::Join(parts) => self.join(parts),
            Node::Comparison(relation, pair) => self.pair(pair).map(|(a, b)| Value::Bool(relation.holds(&a, &b))),
            Node::In(pair) => self.pair(pair).map(|(item, of)| Value::Bool(is_in(&item, &of))),
            Node::Index(pair) => self.pair(pair).and_then(|(of, place)| index(&of, &place)),
            Node::Choice(parts) => {
                let [test, yes, no] = &**parts;
                if self.truth(test)? { self.value(yes) } else { self.value(no) }
            }
            Node::List(parts) => parts.iter().map(|part| self.value(part)).collect::<Option<Arc<[_]>>>().map(Value::List),
            Node::Call(function, args) => self.call(*function, args),
            Node::Loop(of) => self.repeat(of),
        }
    }

    pub(super) fn truth(&mut self, node: &'v Node) -> Option<bool> {
        if let Value::Bool(holds) = self.value(node)? { Some(holds) } else { None }
    }

    fn number(&mut self, node: &'v Node) -> Option<f64> {
        if let Value::Number(x) = self.value(node)? { Some(x) } else { None }
    }

    pub(super) fn pair(&mut self, pair: &'v [Node; 2]) -> Option<(Value<'v>, Value<'v>)> {
        Some((self.value(&pair[0])?, self.value(&pair[1])?))
    }

    /// `&&` and `||`: one part that is `decisive` decides it, whatever is not there; else all must be there.
    fn decided(&mut self, parts: &'v [Node], decisive: bool) -> Found<'v> {
        let mut all_there = true;
        for part in parts {
            match self.truth(part) {
                Some(holds) if holds == decisive => return Some(Value::Bool(decisive)),
                found => all_there &= found.is_some(),
            }
        }
        all_there.then_some(Value::Bool(!decisive))
    }

    fn calculation(&mut self, first: &'v Node, rest: &'v [(Sign, Node)]) -> Found<'v> {
        let mut result = self.number(first)?;
        for (sign, node) in rest {
            result = sign.of(result, self.number(node)?);
        }
        Value::number(result)
    }

    fn join(&mut self, parts: &'v [Node]) -> Found<'v> {
        let parts: Vec<Value<'v>> = parts.iter().map(|part| self.value(part)).collect::<Option<_>>()?;
        if let Some(Value::List(_)) = parts.first() {
            let items = parts.iter().flat_map(|part| if let Value::List(items) = part { &items[..] } else { &[] });
            return Some(Value::List(items.cloned().collect()));
        }
        let texts = parts.iter().filter_map(|part| if let Value::Text(text) = part { Some(&**text) } else { None });
        Some(Value::Text(Cow::Owned(texts.collect())))
    }

    fn call(&mut self, function: Function, args: &'v [Node]) -> Found<'v> {
        if let Function::Exact(exact) = function {
            let numbers = args.iter().map(|arg| self.number(arg)).collect::<Option<Vec<f64>>>()?;
            return if let How::Formula(of) = exact.how { Value::number(of(&numbers)?) } else { None };
        }
        let of = self.value(args.first()?)?;
        let other = match args.get(1) {
            Some(arg) => Some(self.value(arg)?),
            None => None,
        };
        match (function, of, other) {
            (Function::Size, of, _) => Some(Value::Number(of.size() as f64)),
            (Function::Double, Value::Text(text), _) => Value::number(text.parse().ok()?),
            (Function::Bool, Value::Text(text), _) => truth_of(&text).map(Value::Bool),
            (Function::String, Value::Number(x), _) => Some(Value::Text(Cow::Owned(x.to_string()))),
            (Function::String, Value::Bool(b), _) => Some(Value::Text(Cow::Borrowed(if b { "true" } else { "false" }))),
            (Function::Double | Function::Bool | Function::String, same, _) => Some(same),
            (Function::Contains, Value::Text(text), Some(Value::Text(part))) => Some(Value::Bool(text.contains(&*part))),
            (Function::StartsWith, Value::Text(text), Some(Value::Text(part))) => Some(Value::Bool(text.starts_with(&*part))),
            (Function::EndsWith, Value::Text(text), Some(Value::Text(part))) => Some(Value::Bool(text.ends_with(&*part))),
            _ => None,
        }
    }

    fn repeat(&mut self, of: &'v Loop) -> Found<'v> {
        let range = self.value(&of.range)?;
        match of.how {
            Looping::Exists => self.search(of, &range, true),
            Looping::All => self.search(of, &range, false),
            Looping::ExistsOne => self.gather(of, &range).map(|found| Value::Bool(found.len() == 1)),
            Looping::Filter | Looping::Map => self.gather(of, &range).map(|found| Value::List(found.into())),
        }
    }

    fn search(&mut self, of: &'v Loop, range: &Value<'v>, decisive: bool) -> Found<'v> {
        let mut all_there = true;
        for place in 0..range.size() {
            match self.turn(item(range, place)?, &of.body) {
                Some(Value::Bool(holds)) if holds == decisive => return Some(Value::Bool(decisive)),
                found => all_there &= found.is_some(),
            }
        }
        all_there.then_some(Value::Bool(!decisive))
    }

    /// What a loop keeps: elements that fulfil its body, or what its body makes of them.
    fn gather(&mut self, of: &'v Loop, range: &Value<'v>) -> Option<Vec<Value<'v>>> {
        let (test, made) = if of.how == Looping::Map { (of.keep.as_ref(), Some(&of.body)) } else { (Some(&of.body), None) };
        let mut found = Vec::new();
        for place in 0..range.size() {
            let item = item(range, place)?;
            let is_kept = match test {
                Some(test) => self.turn(item.clone(), test)? == Value::Bool(true),
                None => true,
            };
            if is_kept {
                found.push(match made {
                    Some(made) => self.turn(item, made)?,
                    None => item,
                });
            }
        }
        Some(found)
    }

    /// One turn of a loop; nothing once all turns are used up.
    fn turn(&mut self, item: Value<'v>, body: &'v Node) -> Found<'v> {
        self.turns = self.turns.saturating_sub(1);
        if self.turns == 0 {
            return None;
        }
        self.variables.push(item);
        let found = self.value(body);
        self.variables.pop();
        found
    }
}

fn of_fact(fact: &FactValue) -> Found<'_> {
    match fact {
        FactValue::Int(n) => Some(Value::Number(*n as f64)),
        FactValue::Float(x) | FactValue::Sampled { value: x, .. } => Value::number(*x),
        FactValue::Bool(b) => Some(Value::Bool(*b)),
        FactValue::Text(text) => Some(Value::Text(Cow::Borrowed(text))),
        FactValue::Named(numbers) => Some(Value::Named(numbers)),
        FactValue::Absent(_) => None,
    }
}

/// The value of a setting; lengths of time are numbers of nanoseconds, as those that are written in a condition.
fn of_setting(kind: SettingKind, text: &str) -> Found<'_> {
    match kind {
        SettingKind::Word | SettingKind::Text => Some(Value::Text(Cow::Borrowed(text))),
        SettingKind::Number => Value::number(text.parse().ok()?),
        SettingKind::Span => text.parse().ok().map(|span: Span| Value::Number(span.0 as f64)),
    }
}

fn truth_of(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "t" | "1" => Some(true),
        "false" | "False" | "FALSE" | "f" | "0" => Some(false),
        _ => None,
    }
}

fn is_in(item: &Value, of: &Value) -> bool {
    match (item, of) {
        (Value::Text(name), Value::Named(numbers)) => numbers.iter().any(|(known, _)| known == name),
        (item, Value::List(items)) => items.contains(item),
        _ => false,
    }
}

fn index<'v>(of: &Value<'v>, place: &Value) -> Found<'v> {
    match (of, place) {
        (Value::Named(numbers), Value::Text(name)) => Value::number(numbers.iter().find(|(known, _)| known == name)?.1),
        (Value::List(items), Value::Number(n)) => whole(*n).and_then(|n| items.get(n)).cloned(),
        _ => None,
    }
}

/// The place that a number stands for; none where it has a fraction or is negative.
fn whole(x: f64) -> Option<usize> {
    (x >= 0.0 && x.fract().abs() < f64::EPSILON).then_some(x as usize)
}

fn item<'v>(range: &Value<'v>, place: usize) -> Found<'v> {
    match range {
        Value::Named(numbers) => numbers.get(place).map(|(name, _)| Value::Text(Cow::Borrowed(name))),
        Value::List(items) => items.get(place).cloned(),
        _ => None,
    }
}
