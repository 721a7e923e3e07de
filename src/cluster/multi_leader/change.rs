//! A change: what a leader took, in the form in which it travels, the same to the letter wherever it goes.

use std::sync::Arc;

use crate::algo::crdt::{AddWins, Counter};
use crate::algo::version::{Dot, VersionVector};
use crate::check::operation::{Key, Value};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::pack::{Pack, Packer, Unpacker};

/// What has been seen of each leader's changes.
pub(super) type Vector = VersionVector<NodeId>;
/// What has been seen of one row.
pub(super) type Context = crate::algo::version::Context<NodeId>;

/// One change of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which: the leader that took it, and which of its changes it is, from 1.
    pub dot: Dot<NodeId>,
    /// What it was stamped with when it was taken, in milliseconds.
    pub tick: u64,
    /// The request that asked for it; `None` for what an operator did.
    pub request: Option<RequestId>,
    /// The row.
    pub key: Key,
    /// What becomes of the row.
    pub what: What,
    /// All that its leader had when it took it. On the wire only where dependencies are sent; here always, so that it can be judged.
    pub past: Vector,
    /// The row that a comment answers.
    pub answers: Option<Key>,
    /// The table and the number that an insert was given.
    pub inserted: Option<(Key, u64)>,
}

/// What a change makes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It has this value; `None`: it is deleted. It takes the place of the writes in `context`, and of no others.
    Write {
        /// The value.
        value: Option<Value>,
        /// What its writer had seen of the row.
        context: Context,
    },
    /// Something was counted.
    Count(Counter<NodeId>),
    /// Something was put into a set, or taken out.
    Items(AddWins<NodeId, Value>),
    /// Its home is here from now on.
    Home(Moved),
}

/// A move of a row to another home. The later move counts; of two at once, that to the higher number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    /// How often the row was moved.
    pub times: u64,
    /// Where to.
    pub to: NodeId,
}

impl Change {
    /// Whether neither of the leaders had the other's change when it took its own.
    pub fn is_beside(&self, other: &Change) -> bool {
        self.dot != other.dot && !self.past.covers(other.dot) && !other.past.covers(self.dot)
    }

    /// The number of its request.
    pub fn number(&self) -> Option<u32> {
        self.request.map(|request| request.0)
    }

    /// The value that it writes; `None` for what is no write, and for a delete.
    pub fn value(&self) -> Option<&Value> {
        if let What::Write { value, .. } = &self.what { value.as_ref() } else { None }
    }

    /// Whether it writes a row whole.
    pub fn is_write(&self) -> bool {
        matches!(self.what, What::Write { .. })
    }

    /// Bytes on the wire: its header, what it says, and what it depends on where that is sent.
    pub fn bytes(&self, with_past: bool) -> u64 {
        24 + self.key.len() as u64 + 16 + if with_past { 10 * self.past.iter().count() as u64 } else { 0 }
    }

    /// Short: `title=B`, `likes +`, `cart items`.
    pub fn label(&self) -> String {
        match &self.what {
            What::Write { value: Some(value), .. } => format!("{}={value}", self.key),
            What::Write { value: None, .. } => format!("delete {}", self.key),
            What::Count(_) => format!("{} count", self.key),
            What::Items(_) => format!("{} items", self.key),
            What::Home(moved) => format!("home of {}: {}", self.key, moved.to),
        }
    }
}

packs!(struct Change { dot, tick, request, key, what, past, answers, inserted });
packs!(apart Change);
packs!(enum What { 0 = Write { value: value, context: context }, 1 = Count { 0: delta }, 2 = Items { 0: delta }, 3 = Home { 0: moved } });
packs!(struct Moved { times, to });

impl Pack for Counter<NodeId> {
    fn pack(&self, out: &mut Packer) {
        self.tallies().collect::<Vec<_>>().pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Vec::unpack(from).into_iter().collect()
    }
}

impl Pack for AddWins<NodeId, Value> {
    fn pack(&self, out: &mut Packer) {
        self.additions().map(|(item, dot)| (item.clone(), dot)).collect::<Vec<_>>().pack(out);
        self.removals().collect::<Vec<_>>().pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        AddWins::of(Vec::unpack(from), Vec::unpack(from))
    }
}

/// Many of them, cheap to hand on.
pub(super) type Batch = Arc<[Arc<Change>]>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::packed::Packed;

    fn dot(server: u16, counter: u64) -> Dot<NodeId> {
        Dot { actor: NodeId::server(server), counter }
    }

    /// Changes of every kind, by three leaders.
    fn changes() -> impl Iterator<Item = Arc<Change>> {
        let items = (0..7).fold(AddWins::default(), |mut all: AddWins<NodeId, Value>, n| {
            all.join(&AddWins::with(Value::Int(n % 3), dot((n % 2) as u16, n as u64 + 1)));
            all
        });
        let counter = Counter::default().plus(NodeId::server(0), -4).plus(NodeId::server(0), 7);
        (0..400u64).map(move |n| {
            let past: Vector = (0..3).map(|server| dot(server, n / 3 * (u64::from(server) + 1))).collect();
            let what = match n % 5 {
                0 => What::Write { value: Some(Value::Int(n as i64 - 200)), context: Context::from(past.clone()).but([dot(1, n / 7)]) },
                1 => What::Write { value: None, context: Context::default() },
                2 => What::Count(counter.clone()),
                3 => What::Items(if n % 2 == 0 { items.clone() } else { items.without(&Value::Int(1)) }),
                _ => What::Home(Moved { times: n, to: NodeId::server(2) }),
            };
            let (request, key) = ((n % 4 > 0).then_some(RequestId(n as u32)), format!("k{}", n % 50).as_str().into());
            let answers = (n % 9 == 0).then(|| Key::from("post"));
            let inserted = (n % 8 == 0).then(|| (Key::from("users"), n));
            Arc::new(Change { dot: dot((n % 3) as u16, n / 3 + 1), tick: 1000 + n, request, key, what, past, answers, inserted })
        })
    }

    #[test]
    fn a_change_is_read_back_as_it_was_written_down() {
        let mut log = Packed::default();
        changes().for_each(|change| {
            log.push(change);
            log.settle();
        });
        assert!(log.iter().map(std::borrow::Cow::into_owned).eq(changes()));
        assert!(log.bytes() < 48 * 400, "{}", log.bytes());
    }
}
