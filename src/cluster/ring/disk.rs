//! What a node keeps: rows, the maps that it knows, and how far it is with the newest change.

use std::sync::Arc;

use imbl::Vector;

use crate::check::operation::{Key, Value};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::{NodeId, RequestId};

use super::map::Shared;
use super::settings::Moving;

/// The order of the versions of a row: by the map under which it was written, then by a counter. Ownership of a key passes with its row, so
/// no two writes of it have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The version of the map.
    pub epoch: u32,
    /// The counter.
    pub n: u32,
}

/// What is kept of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its value; `None`: it was deleted.
    pub value: Option<Value>,
    /// The request that wrote it; `None`: it was there at the start.
    pub wrote: Option<RequestId>,
    /// Which version it is.
    pub stamp: Stamp,
    /// The last requests that changed it, the newest last: each takes effect once, however often it comes.
    pub did: Option<Arc<[RequestId]>>,
}

/// So many requests a row remembers.
const REMEMBERED: usize = 32;

impl Row {
    /// Whether a request is known to have changed it.
    pub fn knows(&self, request: RequestId) -> bool {
        self.did.as_ref().is_some_and(|did| did.contains(&request))
    }

    /// What the next version remembers, which this request writes.
    pub fn and(&self, request: RequestId) -> Arc<[RequestId]> {
        let did = self.did.as_deref().unwrap_or_default();
        let kept = &did[did.len().saturating_sub(REMEMBERED - 1)..];
        kept.iter().copied().chain([request]).collect()
    }
}

/// Something that an index has yet to learn.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The entry as it is to be.
    pub row: Row,
    /// The key that it follows from.
    pub of: Key,
}

/// The disk of a node. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Every map that it knows, from the first to the newest.
    pub maps: Vector<Shared>,
    /// The index of the map that it works on: it takes up the next when all is done that this one asks of it.
    pub at: usize,
    /// From whom it still awaits keys.
    pub awaiting: OrdSet<NodeId>,
    /// Who will not hand over what this map lets it: its disk was lost, or it was given up.
    pub lost: OrdSet<NodeId>,
    /// Who was asked for copies of what was lost, here or there, and has not sent all.
    pub asked: OrdSet<NodeId>,
    /// The version of the first map of which this disk has seen all: what an older one let it hand over was lost with the disk before.
    pub begun: u32,
    /// To whom it hands keys over, and serves them no more.
    pub fenced: OrdSet<NodeId>,
    /// Who has taken over all that it was to give.
    pub given: OrdSet<NodeId>,
    /// Whether the copies that this map asks for are made.
    pub filled: bool,
    /// Whether it has lost what it had, and learns it from the others.
    pub restoring: bool,
    /// The rows, deleted ones included.
    pub rows: OrdMap<Key, Row>,
    /// Keys of which not every copy is known to be as new as this one.
    pub dirty: OrdSet<Key>,
    /// The version of the map under which a global index was last told of the rows that are this node's own; 0: of none.
    pub indexed: u32,
    /// Entries that a global index has yet to confirm.
    pub outbox: OrdMap<Key, Outgoing>,
}

/// How a node stands to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It serves it.
    Mine,
    /// It will, once it has it.
    Coming,
    /// It has stopped to serve it, and the next owner has not said that it has it.
    Stopped(NodeId),
    /// Another one serves it.
    Not(NodeId),
    /// It knows no map.
    Lost,
}

impl Disk {
    /// The map that it works on.
    pub fn map(&self) -> Option<&Shared> {
        self.maps.get(self.at)
    }

    /// The one before it.
    pub fn before(&self) -> Option<&Shared> {
        self.maps.get(self.at.checked_sub(1)?)
    }

    /// The newest that it knows.
    pub fn newest(&self) -> Option<&Shared> {
        self.maps.last()
    }

    /// The version of the newest; 0 without any.
    pub fn version(&self) -> u32 {
        self.newest().map_or(0, |map| map.version)
    }

    /// The version that it works on; 0 without any.
    pub fn working(&self) -> u32 {
        self.map().map_or(0, |map| map.version)
    }

    /// How the node that this is the disk of stands to a key.
    pub fn standing(&self, me: NodeId, key: &str, moving: Moving) -> Standing {
        let Some(map) = self.map() else { return Standing::Lost };
        let owner = map.primary(key);
        if self.is_given_up_later(me, map.version) {
            return if owner == me { Standing::Coming } else { self.future(me, key, owner) };
        }
        let before = self.before().map_or(owner, |before| before.primary(key));
        if owner == me {
            let comes = self.restoring || before != me && self.comes_from(before);
            return if comes && moving != Moving::FlipThenCopy { Standing::Coming } else { Standing::Mine };
        }
        if before != me || self.given.contains(&owner) || map.forced.contains(&me) || moving == Moving::FlipThenCopy {
            return self.future(me, key, owner);
        }
        match () {
            () if self.restoring => Standing::Coming,
            () if self.fenced.contains(&owner) => Standing::Stopped(owner),
            () => Standing::Mine,
        }
    }

    /// Whether a map that it knows, later than the one that it works on, has given this node up: it has no say in anything any more.
    fn is_given_up_later(&self, me: NodeId, working: u32) -> bool {
        self.newest().and_then(|newest| newest.given_up.get(&me)).is_some_and(|since| *since > working)
    }

    /// Whoever will own a key under a map that it knows, and is busy with an older one, need not send anybody on.
    fn future(&self, me: NodeId, key: &str, owner: NodeId) -> Standing {
        let later = self.maps.iter().skip(self.at + 1).any(|map| map.primary(key) == me);
        if later { Standing::Coming } else { Standing::Not(owner) }
    }

    /// Whether keys of the node that had them are still awaited. Of one that was given up, or lost its disk, anybody may have some.
    fn comes_from(&self, before: NodeId) -> bool {
        let forced = self.map().is_some_and(|map| map.forced.contains(&before));
        forced && self.waits() || self.owes().any(|from| *from == before)
    }

    /// Whose keys have not come.
    pub fn owes(&self) -> impl Iterator<Item = &NodeId> {
        let lost = (!self.asked.is_empty()).then_some(&self.lost);
        self.awaiting.iter().chain(lost.into_iter().flatten())
    }

    /// Whether it waits for any keys.
    pub fn waits(&self) -> bool {
        !self.awaiting.is_empty() || !self.asked.is_empty()
    }

    /// To whom it hands keys over under the map that it works on.
    pub fn heirs(&self, me: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let flows = self.map().into_iter().flat_map(|map| map.flows.iter());
        flows.filter(move |(from, _)| *from == me).map(|(_, to)| *to)
    }

    /// Whether everything is done that the map asks of it.
    pub fn is_done(&self, me: NodeId) -> bool {
        !self.waits() && !self.restoring && self.filled && self.heirs(me).all(|heir| self.given.contains(&heir))
    }

    /// Takes a row where it is newer. Whether it was.
    pub fn take(&mut self, key: &Key, row: &Row) -> bool {
        let newer = self.rows.get(key).is_none_or(|mine| mine.stamp < row.stamp);
        if newer {
            self.rows.insert(key.clone(), row.clone());
        }
        newer
    }
}
