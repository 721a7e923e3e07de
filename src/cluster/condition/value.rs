//! The tree of a condition, and the values that it gives.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::algo::exact::Exact;

/// A value; those of facts are borrowed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'v> {
    /// Never NaN: a calculation without a result has no value.
    Number(f64),
    Bool(bool),
    Text(Cow<'v, str>),
    /// Numbers by their names, in the fact's order.
    Named(&'v [(String, f64)]),
    List(Arc<[Value<'v>]>),
}

impl Value<'_> {
    /// A number; `None` for NaN.
    pub(super) fn number(x: f64) -> Option<Value<'static>> {
        (!x.is_nan()).then_some(Value::Number(x))
    }

    /// The same without a copy of its text.
    pub(super) fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Number(x) => Value::Number(*x),
            Value::Bool(b) => Value::Bool(*b),
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Named(numbers) => Value::Named(numbers),
            Value::List(items) => Value::List(Arc::clone(items)),
        }
    }

    /// Letters, elements or names.
    pub(super) fn size(&self) -> usize {
        match self {
            Value::Text(text) => text.chars().count(),
            Value::Named(numbers) => numbers.len(),
            Value::List(items) => items.len(),
            Value::Number(_) | Value::Bool(_) => 0,
        }
    }

    /// The order of two numbers or two texts.
    pub(super) fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// A part of a condition. All types are right: what evaluates it need not look.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Value(Value<'static>),
    /// A fact or a guarantee: which of those that the condition mentions.
    Fact(usize),
    /// The variable of a loop: how many loops are around its own.
    Variable(usize),
    /// A setting: which of those that the condition speaks of.
    Setting(usize),
    /// Whether a setting has a value, and is not `none`.
    HasSetting(usize),
    /// Something of a while: which of those that the condition asks for.
    Over(usize),
    Not(Box<Node>),
    Negative(Box<Node>),
    /// Whether every part holds.
    Both(Vec<Node>),
    /// Whether some part holds.
    Either(Vec<Node>),
    /// Number after number, from left to right.
    Calculation(Box<Node>, Vec<(Sign, Node)>),
    /// Texts or lists one after the other.
    Join(Vec<Node>),
    Comparison(Relation, Box<[Node; 2]>),
    /// Whether the first is an element, or a name, of the second.
    In(Box<[Node; 2]>),
    /// The number by this name, or the element at this place.
    Index(Box<[Node; 2]>),
    /// If the first holds the second, else the third.
    Choice(Box<[Node; 3]>),
    List(Vec<Node>),
    Call(Function, Vec<Node>),
    Loop(Box<Loop>),
}

/// A loop over names or elements.
#[derive(Clone, Debug)]
pub(super) struct Loop {
    pub how: Looping,
    pub range: Node,
    /// What an element must fulfil to be mapped.
    pub keep: Option<Node>,
    pub body: Node,
}

/// What a loop is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looping {
    Exists,
    All,
    ExistsOne,
    Filter,
    Map,
}

impl Looping {
    pub(super) fn named(name: &str) -> Option<Looping> {
        Some(match name {
            "exists" => Looping::Exists,
            "all" => Looping::All,
            "exists_one" => Looping::ExistsOne,
            "filter" => Looping::Filter,
            "map" => Looping::Map,
            _ => return None,
        })
    }
}

/// A sign between two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
    Times,
    Over,
}

impl Sign {
    pub(super) fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Sign::Plus => a + b,
            Sign::Minus => a - b,
            Sign::Times => a * b,
            Sign::Over => a / b,
        }
    }
}

/// How two values stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

impl Relation {
    pub(super) fn named(sign: &str) -> Option<Relation> {
        Some(match sign {
            "==" => Relation::Equal,
            "!=" => Relation::Unequal,
            "<" => Relation::Less,
            "<=" => Relation::LessOrEqual,
            ">" => Relation::More,
            ">=" => Relation::MoreOrEqual,
            _ => return None,
        })
    }

    /// Whether it needs an order, and not only sameness.
    pub(super) const fn is_ordering(self) -> bool {
        !matches!(self, Relation::Equal | Relation::Unequal)
    }

    pub(super) fn holds(self, a: &Value, b: &Value) -> bool {
        match self {
            Relation::Equal => a == b,
            Relation::Unequal => a != b,
            Relation::Less => a.order(b).is_some_and(Ordering::is_lt),
            Relation::LessOrEqual => a.order(b).is_some_and(Ordering::is_le),
            Relation::More => a.order(b).is_some_and(Ordering::is_gt),
            Relation::MoreOrEqual => a.order(b).is_some_and(Ordering::is_ge),
        }
    }
}

/// A function of one or two values, or a published formula of some numbers.
#[derive(Clone, Copy)]
pub(super) enum Function {
    Exact(&'static Exact),
    Size,
    Double,
    String,
    Bool,
    Contains,
    StartsWith,
    EndsWith,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Function::Exact(exact) => exact.name,
            Function::Size => "size",
            Function::Double => "double",
            Function::String => "string",
            Function::Bool => "bool",
            Function::Contains => "contains",
            Function::StartsWith => "startsWith",
            Function::EndsWith => "endsWith",
        })
    }
}
