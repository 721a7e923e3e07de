//! Operations in a learner's words.

use super::Names;
use super::ground::{Act, Ground, Item};

/// What sentences are made of.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    /// The history.
    pub(crate) ground: &'a Ground<'a>,
    /// What sessions are called.
    pub(crate) names: Names<'a>,
}

impl Words<'_> {
    /// `c2`.
    pub(crate) fn who(&self, item: &Item) -> String {
        (self.names)(item.session)
    }

    /// `c2 read 7`.
    pub(crate) fn did(&self, item: &Item) -> String {
        format!("{} {}", self.who(item), self.what(item))
    }

    /// `read 7`.
    pub(crate) fn what(&self, item: &Item) -> String {
        let of = self.at_key(item);
        let word = |v| self.ground.values.word(v);
        match item.act {
            Act::Read(v) => format!("read {}{of}", word(v)),
            Act::Write(v) => format!("wrote {}{of}", word(v)),
            Act::Append(v) => format!("appended {}{of}", word(v)),
            Act::Swap(a, b) => format!("changed {} to {}{of}", word(a), word(b)),
            Act::Keep(v) => format!("was told that it is not {}{of}", word(v)),
        }
    }

    /// What was certain once it had returned: `9 had been acknowledged`, `c1 had read 9`.
    pub(crate) fn had(&self, item: &Item) -> String {
        let word = |v| self.ground.values.word(v);
        let who = self.who(item);
        match item.act {
            Act::Write(v) | Act::Swap(_, v) => format!("{} had been acknowledged", word(v)),
            Act::Append(v) => format!("the append of {} had been acknowledged", word(v)),
            Act::Read(v) => format!("{who} had read {}", word(v)),
            Act::Keep(v) => format!("{who} was told that it is not {}", word(v)),
        }
    }

    /// The value that a read saw, the compare-and-set counted as one.
    pub(crate) fn saw(&self, item: &Item) -> String {
        match item.act {
            Act::Read(v) | Act::Swap(v, _) | Act::Keep(v) => self.ground.values.word(v),
            Act::Write(_) | Act::Append(_) => String::new(),
        }
    }

    /// The value that a write leaves or adds.
    pub(crate) fn made(&self, item: &Item) -> String {
        match item.act {
            Act::Write(v) | Act::Swap(_, v) | Act::Append(v) => self.ground.values.word(v),
            Act::Read(_) | Act::Keep(_) => String::new(),
        }
    }

    /// ` at x`, when there are several keys.
    pub(crate) fn at_key(&self, item: &Item) -> String {
        if self.ground.keys.len() < 2 { String::new() } else { format!(" at {}", self.ground.operation(item).op.key()) }
    }
}
