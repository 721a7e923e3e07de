//! What a replica holds of one key, and which of two copies is newer.

use std::sync::Arc;

use crate::algo::hash::{fnv1a, fnv1a_on};
use crate::algo::version::{Dot, Siblings, Stamp, Version};
use crate::check::operation::{Key, Value};
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Time;

use super::settings::Versions;

/// What a client has seen of a key: the context of its next write.
pub(super) type Context = crate::algo::version::Context<NodeId>;

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The value; `None` is a tombstone, which says that the key was deleted.
    pub value: Option<Value>,
    /// The request that wrote it.
    pub request: RequestId,
    /// What the coordinator's clock showed: the grace period of a tombstone counts from here.
    pub at: Time,
}

/// The state of one key at one replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// One write and its stamp.
    One(Stamp<NodeId>, Arc<Written>),
    /// The writes of which none had seen another.
    Many(Arc<Siblings<NodeId, Arc<Written>>>),
}

impl Cell {
    /// A write under a version vector: its dot, and what its writer had seen.
    pub fn dotted(dot: Dot<NodeId>, context: Context, written: Written) -> Cell {
        let mut siblings = Siblings::default();
        siblings.add(Version { dot, context, value: Arc::new(written) });
        Cell::Many(Arc::new(siblings))
    }

    /// What becomes of a copy that takes in another one; `None` when nothing does.
    pub fn taking(&self, other: &Cell, rule: Versions) -> Option<Cell> {
        match (self, other) {
            (Cell::One(mine, _), Cell::One(theirs, _)) => {
                let is_newer = if rule == Versions::Arrival { theirs != mine } else { theirs > mine };
                is_newer.then(|| other.clone())
            }
            (Cell::Many(mine), Cell::Many(theirs)) => {
                let mut all = (**mine).clone();
                all.join(theirs).then(|| Cell::Many(Arc::new(all)))
            }
            // The rule was changed while the store runs: the later one, whatever its kind.
            _ => (other.age() > self.age()).then(|| other.clone()),
        }
    }

    /// When the last of its writes was made, by the clocks of the coordinators, and which it is.
    fn age(&self) -> (Time, u32) {
        self.writes().map(|written| (written.at, written.request.0)).max().unwrap_or_default()
    }

    /// Whether a copy is at least as new as another one.
    pub fn covers(&self, other: &Cell, rule: Versions) -> bool {
        self.taking(other, rule).is_none()
    }

    /// Its writes, in the order of their versions.
    pub fn writes(&self) -> impl Iterator<Item = &Written> {
        let (one, many) = match self {
            Cell::One(_, written) => (Some(&**written), None),
            Cell::Many(siblings) => (None, Some(siblings.iter().map(|version| &*version.value))),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Each of its writes alone, with its version.
    pub fn apart(&self) -> impl Iterator<Item = (RequestId, Cell)> {
        let (one, many) = match self {
            Cell::One(_, written) => (Some((written.request, self.clone())), None),
            Cell::Many(siblings) => (None, Some(siblings.iter())),
        };
        let alone = |version: &Version<NodeId, Arc<Written>>| {
            let mut only = Siblings::default();
            only.add(version.clone());
            (version.value.request, Cell::Many(Arc::new(only)))
        };
        one.into_iter().chain(many.into_iter().flatten().map(alone))
    }

    /// The writes whose values a reader sees: tombstones only where there is nothing else.
    pub fn live(&self) -> impl Iterator<Item = &Written> {
        let is_dead = self.is_tombstone();
        self.writes().filter(move |written| is_dead || written.value.is_some())
    }

    /// What a reader sees: nothing, the value, or all siblings in one text.
    pub fn value(&self) -> Option<Value> {
        let mut values: Vec<&Value> = self.live().filter_map(|written| written.value.as_ref()).collect();
        values.sort();
        values.dedup();
        match values[..] {
            [] => None,
            [only] => Some(only.clone()),
            _ => Some(Value::Text(values.iter().map(ToString::to_string).collect::<Vec<_>>().join("|").into())),
        }
    }

    /// Whether all that it says is that the key was deleted.
    pub fn is_tombstone(&self) -> bool {
        self.writes().all(|written| written.value.is_none())
    }

    /// When the last of its writes was made, by the clocks of the coordinators.
    pub fn written_at(&self) -> Time {
        self.age().0
    }

    /// What a reader of it has seen.
    pub fn context(&self) -> Context {
        match self {
            Cell::One(..) => Context::default(),
            Cell::Many(siblings) => siblings.iter().fold(Context::default(), seeing),
        }
    }

    /// The counter of its stamp; 0 without one.
    pub fn tick(&self) -> u64 {
        match self {
            Cell::One(stamp, _) => stamp.tick,
            Cell::Many(_) => 0,
        }
    }

    /// A hash of the row: of the key and of every write in it, tombstones too.
    pub fn row(&self, key: &Key) -> u64 {
        self.writes().fold(fnv1a(key.as_bytes()), |hash, written| fnv1a_on(hash, &written.request.0.to_le_bytes()))
    }

    /// Bytes on the wire.
    pub fn bytes(&self) -> u64 {
        self.writes().map(|_| 32).sum()
    }

    /// Its version, short: `v7`, or `[2 0 1]` with the writes seen of each writer.
    pub fn version(&self) -> String {
        match self {
            Cell::One(_, written) => format!("v{}", written.request.0 + 1),
            Cell::Many(_) => {
                let seen: Vec<String> = self.context().upto().iter().map(|(who, n)| format!("{who}:{n}")).collect();
                format!("[{}]", seen.join(" "))
            }
        }
    }
}

/// Sees a version. A client has seen all that it wrote before; a node gives dots to the writes of many clients, who need not know of each
/// other.
fn seeing<T>(mut seen: Context, version: &Version<NodeId, T>) -> Context {
    seen.join(&version.context);
    if version.dot.actor.is_client() {
        seen.see(version.dot);
    } else {
        seen.see_alone(version.dot);
    }
    seen
}

/// A hint: what a stand-in keeps for a replica that did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What the replica should have.
    pub cell: Cell,
    /// Since when, by the holder's clock.
    pub since: Time,
}

/// What a node's disk holds.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// The copies of which it is a replica.
    pub cells: OrdMap<Key, Cell>,
    /// What it keeps for others, by the replica that should have it.
    pub hints: OrdMap<(NodeId, Key), Hint>,
    /// How many dots it has given as a coordinator, to the writes of each key: what is seen of one key has no gaps for the others.
    pub dots: OrdMap<Key, u64>,
}

impl Disk {
    /// The copy that it answers with: as a replica, or for the one that it stands in for.
    pub fn copy(&self, key: &Key, stands_for: Option<NodeId>) -> Option<&Cell> {
        match stands_for {
            None => self.cells.get(key),
            Some(home) => self.hints.get(&(home, key.clone())).map(|hint| &hint.cell),
        }
    }

    /// Takes a copy in. `true` when it changed something.
    pub fn take(&mut self, key: &Key, cell: &Cell, rule: Versions) -> bool {
        let next = self.cells.get(key).map_or_else(|| Some(cell.clone()), |mine| mine.taking(cell, rule));
        next.map(|next| self.cells.insert(key.clone(), next)).is_some()
    }

    /// Keeps a hint. The oldest time counts, so that a hint that is kept anew grows no younger.
    pub fn keep(&mut self, home: NodeId, key: &Key, cell: &Cell, now: Time, rule: Versions) {
        let at = (home, key.clone());
        let hint = match self.hints.get(&at) {
            Some(mine) => Hint { cell: mine.cell.taking(cell, rule).unwrap_or_else(|| mine.cell.clone()), since: mine.since },
            None => Hint { cell: cell.clone(), since: now },
        };
        self.hints.insert(at, hint);
    }
}
