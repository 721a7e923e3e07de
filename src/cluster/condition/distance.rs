//! How far a condition is from being true: what a search for a way goes by.

use super::Condition;
use super::evaluate::Look;
use super::value::{Node, Relation, Value};
use crate::cluster::facts::Facts;

/// What a comparison that asks for more than equal is short of, where both are equal.
const A_LITTLE: f64 = 0.1;

impl Condition {
    /// From 0, where it holds, to 1 for each part that is not so at all. Numbers count by how much is missing; what is not there, texts, and
    /// what is neither a chain of `&&` and `||` nor a comparison count whole. No measure of time or of pokes.
    pub fn distance(&self, facts: &Facts) -> f64 {
        Look::of(self, facts).distance(&self.root)
    }
}

impl<'v> Look<'v> {
    fn distance(&mut self, node: &'v Node) -> f64 {
        match node {
            Node::Both(parts) => parts.iter().map(|part| self.distance(part)).sum(),
            Node::Either(parts) => parts.iter().map(|part| self.distance(part)).fold(1.0, f64::min),
            Node::Comparison(relation, pair) => match self.pair(pair) {
                Some((Value::Number(a), Value::Number(b))) => between(*relation, a, b),
                Some((a, b)) => whole(relation.holds(&a, &b)),
                None => 1.0,
            },
            other => whole(self.truth(other).unwrap_or(false)),
        }
    }
}

fn whole(holds: bool) -> f64 {
    if holds { 0.0 } else { 1.0 }
}

/// How much two numbers are short of a relation, as a share: 1 away from 0 counts as much as 10 away from 9.
fn between(relation: Relation, a: f64, b: f64) -> f64 {
    if relation.holds(&Value::Number(a), &Value::Number(b)) {
        return 0.0;
    }
    let apart = (a - b).abs();
    let missing = if relation == Relation::Unequal { 1.0 } else { apart + A_LITTLE };
    let share = missing / (missing + b.abs() + 1.0);
    if share.is_finite() { share } else { 1.0 }
}
