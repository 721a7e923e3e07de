//! The replication log and what applying it makes of the data.

use std::borrow::Cow;
use std::sync::Arc;

use imbl::Vector;

use crate::check::operation::{Key, Op, Ret, Value};
use crate::cluster::kit::register;
use crate::packs;
use crate::persistent::OrdMap;
use crate::sim::bits::Bits;
use crate::sim::id::RequestId;
use crate::sim::packed::Packed;
use crate::sim::time::Time;

use super::statements::{Redo, Shipped};

/// One entry of the log. Indexes start at 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The epoch of the leader that took it.
    pub epoch: u64,
    /// The leader's clock when it took it; last-write-wins goes by this.
    pub stamp: Time,
    /// What it does.
    pub change: Change,
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new leader's first entry. It changes nothing, but the logs of two leaders differ from here on.
    Start,
    /// A client's request, evaluated when it is applied: the same on every replica.
    Do(RequestId, Op),
    /// A transaction over tables. What it does to a server's tables hangs on the server too, and is kept apart.
    Run(Arc<Shipped>),
    /// A request that a merge kept from another leader's log, and what its key is after the merge.
    Merge(RequestId, Arc<Written>),
}

/// A write as it was evaluated in some log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Whose write it is.
    pub request: RequestId,
    /// The key that it changed.
    pub key: Key,
    /// The value that it left.
    pub value: Value,
    /// The leader's clock when it was taken.
    pub stamp: Time,
    /// The requests whose values stand beside its own, where a merge kept several.
    pub beside: Option<Arc<[RequestId]>>,
}

impl Written {
    /// Its size on the wire in bytes, as an entry's.
    pub fn bytes(&self) -> u64 {
        24 + self.key.len() as u64 + 8
    }
}

impl Entry {
    /// The request it carries.
    pub fn request(&self) -> Option<RequestId> {
        match &self.change {
            Change::Start => None,
            Change::Do(request, _) | Change::Merge(request, _) => Some(*request),
            Change::Run(shipped) => shipped.request(),
        }
    }

    /// The key it touches.
    pub fn key(&self) -> Option<&Key> {
        match &self.change {
            Change::Start | Change::Run(_) => None,
            Change::Do(_, op) => Some(op.key()),
            Change::Merge(_, whole) => Some(&whole.key),
        }
    }

    /// Its size on the wire in bytes: a header and the texts.
    pub fn bytes(&self) -> u64 {
        match &self.change {
            Change::Run(shipped) => 24 + shipped.bytes(),
            _ => 24 + self.key().map_or(0, |key| key.len() as u64) + 8,
        }
    }

    /// The transaction over tables that it carries.
    pub fn statements(&self) -> Option<&Arc<Shipped>> {
        if let Change::Run(shipped) = &self.change { Some(shipped) } else { None }
    }

    /// Every request that it is made of.
    fn requests(&self) -> impl Iterator<Item = RequestId> {
        let all = self.statements().map_or(&[][..], |shipped| &shipped.requests[..]);
        let single = if all.is_empty() { self.request() } else { None };
        all.iter().copied().chain(single)
    }
}

packs!(struct Entry { epoch, stamp, change });
packs!(apart Entry);
packs!(enum Change { 0 = Start {}, 1 = Do { 0: request, 1: op }, 2 = Run { 0: shipped }, 3 = Merge { 0: request, 1: whole } });
packs!(shared Shipped);
packs!(shared Written);

/// What survives a restart: the log, and what was promised in elections.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// The log. Servers share what one has from another.
    pub log: Packed<Arc<Entry>>,
    /// The requests in the log.
    pub seen: Bits,
    /// The newest epoch that was followed or led.
    pub epoch: u64,
    /// The newest epoch that was voted for, and who asked.
    pub promised: Option<(u64, crate::sim::id::NodeId)>,
    /// What left the log to be merged into a leader's, oldest first.
    pub offers: Vector<Offer>,
    /// The entries after this one came without their places (`shipping blind`): they stand as they arrived. `None`: no entry did.
    pub blind_after: Option<u64>,
    /// What this server itself ran over tables, entry by entry.
    pub redo: Redo,
}

/// Writes that parted from a leader's log after an index, one or more.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Up to here the two logs were one.
    pub fork: u64,
    /// What the log changed after that, in order.
    pub writes: Arc<[Written]>,
}

impl Offer {
    /// The first of its requests, which tells it from every other.
    pub fn first(&self) -> RequestId {
        self.writes[0].request
    }
}

impl Disk {
    /// The index of the last entry; 0 when there is none.
    pub fn last(&self) -> u64 {
        self.log.len() as u64
    }

    /// Up to here the log is its leader's, entry by entry.
    pub fn matched(&self) -> u64 {
        self.blind_after.unwrap_or(self.last())
    }

    /// The epoch of the entry at an index; 0 at index 0 and beyond the end.
    pub fn epoch_at(&self, index: u64) -> u64 {
        self.get(index).map_or(0, |entry| entry.epoch)
    }

    /// The entry at an index from 1.
    pub fn get(&self, index: u64) -> Option<Cow<'_, Arc<Entry>>> {
        self.log.get((index as usize).checked_sub(1)?)
    }

    /// (epoch of the last entry, its index): the greater, the more up to date (Raft, section 5.4.1).
    pub fn position(&self) -> (u64, u64) {
        (self.epoch_at(self.last()), self.last())
    }

    /// The newest epoch that was promised, followed or led.
    pub fn newest_epoch(&self) -> u64 {
        self.promised.map_or(0, |promise| promise.0).max(self.epoch)
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, entry: Arc<Entry>) {
        for request in entry.requests() {
            self.seen.insert(request.0);
        }
        self.log.push(entry);
        self.log.settle();
    }

    /// Throws away every entry after `last` and keeps what they wrote to be offered, if anything is.
    pub fn part(&mut self, last: u64, offer: Option<Arc<[Written]>>) {
        self.truncate(last);
        for offer in &mut self.offers {
            offer.fork = offer.fork.min(last);
        }
        if let Some(writes) = offer.filter(|writes| !writes.is_empty()) {
            self.offers.push_back(Offer { fork: last, writes });
        }
    }

    fn truncate(&mut self, last: u64) {
        for entry in self.log.iter_from(last as usize) {
            entry.requests().for_each(|request| self.seen.remove(request.0));
        }
        self.redo.truncate(last);
        self.log.truncate(last as usize);
        self.blind_after = self.blind_after.filter(|after| last > *after);
    }
}

/// A value in the data, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The value.
    pub value: Value,
    /// The request that wrote it.
    pub request: RequestId,
    /// The requests whose values stand beside it, where a merge kept several.
    pub beside: Option<Arc<[RequestId]>>,
    /// The leader's clock when it was written.
    pub stamp: Time,
    /// The index of its entry.
    pub index: u64,
}

/// The data of a replica: what applying the log up to some index has made.
pub(super) type Data = OrdMap<Key, Cell>;

/// Applies one entry and returns what its client is told.
pub(super) fn apply(data: &mut Data, index: u64, entry: &Entry) -> Ret {
    match &entry.change {
        Change::Start | Change::Run(_) => Ret::Done,
        Change::Merge(_, whole) => {
            let Written { request, key, value, beside, .. } = &**whole;
            let cell = Cell { value: value.clone(), request: *request, beside: beside.clone(), stamp: entry.stamp, index };
            data.insert(key.clone(), cell);
            Ret::Done
        }
        Change::Do(request, op) => {
            let (key, now) = (op.key(), data.get(op.key()).map(|cell| &cell.value));
            let (ret, value) = register::evaluate(op, now);
            if let Some(value) = value {
                data.insert(key.clone(), Cell { value, request: *request, beside: None, stamp: entry.stamp, index });
            }
            ret
        }
    }
}
