//! Operations in a learner's words.

use super::Names;
use super::ground::{Act, Ground, Item, ValueId};

/// What sentences are made of.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    /// The history.
    pub(crate) ground: &'a Ground<'a>,
    /// What sessions are called.
    pub(crate) names: Names<'a>,
}

impl Words<'_> {
    /// What a key holds that nobody wrote.
    pub(crate) fn unwritten(&self) -> &'static str {
        self.ground.values.unwritten
    }

    /// `c2`.
    pub(crate) fn who(&self, item: &Item) -> String {
        (self.names)(item.session)
    }

    /// `c2 read 7`.
    pub(crate) fn did(&self, item: &Item) -> String {
        format!("{} {}", self.who(item), self.what(item))
    }

    /// `read 7`, or `read x = 7`.
    pub(crate) fn what(&self, item: &Item) -> String {
        let word = |v| self.ground.values.word(v);
        match item.act {
            Act::Read(v) => format!("read {}", self.valued(item, v)),
            Act::Write(v) => format!("wrote {}", self.valued(item, v)),
            Act::Append(v) => format!("appended {}", self.valued(item, v)),
            Act::Swap(a, b) => format!("changed {}{} to {}", self.key(item, " from "), word(a), word(b)),
            Act::Keep(v) => format!("was told that {} not {}", self.is(item), word(v)),
        }
    }

    /// What was certain once it had returned: `9 had been acknowledged`, `c1 had read 9`.
    pub(crate) fn had(&self, item: &Item) -> String {
        let who = self.who(item);
        match item.act {
            Act::Write(v) | Act::Swap(_, v) => format!("{} had been acknowledged", self.valued(item, v)),
            Act::Append(v) => format!("the append of {} had been acknowledged", self.valued(item, v)),
            Act::Read(v) => format!("{who} had read {}", self.valued(item, v)),
            Act::Keep(v) => format!("{who} was told that {} not {}", self.is(item), self.ground.values.word(v)),
        }
    }

    /// The value that a read saw, the compare-and-set counted as one.
    pub(crate) fn saw(&self, item: &Item) -> String {
        match item.act {
            Act::Read(v) | Act::Swap(v, _) | Act::Keep(v) => self.valued(item, v),
            Act::Write(_) | Act::Append(_) => String::new(),
        }
    }

    /// The value that a write leaves or adds.
    pub(crate) fn made(&self, item: &Item) -> String {
        match item.act {
            Act::Write(v) | Act::Swap(_, v) | Act::Append(v) => self.valued(item, v),
            Act::Read(_) | Act::Keep(_) => String::new(),
        }
    }

    /// A value, behind its key when there are several: `7`, `x = 7`, and `x + a` for what is appended.
    fn valued(&self, item: &Item, value: ValueId) -> String {
        let sign = if matches!(item.act, Act::Append(_)) { " + " } else { " = " };
        self.key(item, sign) + &self.ground.values.word(value)
    }

    /// The key and what joins it to something, when there are several keys.
    fn key(&self, item: &Item, joint: &str) -> String {
        if self.ground.keys.len() < 2 { String::new() } else { format!("{}{joint}", self.ground.operation(item).op.key()) }
    }

    /// `it is`, or `x is`.
    fn is(&self, item: &Item) -> String {
        if self.ground.keys.len() < 2 { "it is".into() } else { self.key(item, " is") }
    }
}
