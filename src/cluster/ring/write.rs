//! Writes: the owner stores a row, sends it to the other copies, and tells the client once those have it that must (primary copy, as in
//! Alsberg and Day 1976). What an index has to learn goes the same way.

use crate::check::operation::{Key, Value};
use crate::cluster::kit::fsync::{Fsync, durably, recorded};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::disk::DiskFull;
use crate::sim::id::{NodeId, RequestId};

use super::Context;
use super::disk::{Disk, Outgoing, Row, Stamp, Standing};
use super::keys::{Named, entry, read};
use super::message::{Answer, Msg, Purpose};
use super::node::Node;
use super::request::Done;
use super::settings::{Acks, Index, IndexWrites, Moving};

/// A row of which not every copy is as new as the owner's.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    /// The newest version that each copy is known to have, the owner's own included.
    acked: OrdMap<NodeId, Stamp>,
    /// Who waits until a version is everywhere.
    waiters: Vec<(Stamp, Waiter)>,
}

impl Pending {
    /// Somebody waits for a version.
    pub(super) fn wait(&mut self, stamp: Stamp, waiter: Waiter) {
        self.waiters.push((stamp, waiter));
    }
}

/// Who waits for a write.
#[derive(Clone, Debug)]
pub(super) enum Waiter {
    /// A client, with what it will be told.
    Client { client: NodeId, request: RequestId, row: Key, done: Done },
    /// The owner of the key that an index entry is about.
    Indexed { node: NodeId, entry: Key },
    /// Nobody: the copies are to have it all the same.
    Nobody,
}

impl Node {
    /// Stores a new version of a row and has it copied.
    pub(super) fn write(
        &mut self,
        key: &Key,
        value: Option<Value>,
        request: RequestId,
        waiter: Waiter,
        cx: &mut Context<'_>,
    ) -> Result<(), DiskFull> {
        let before = cx.disk().rows.get(key).cloned();
        let n = before.as_ref().map_or(0, |row| row.stamp.n) + 1;
        let did = before.as_ref().map_or_else(|| [request].into(), |row| row.and(request));
        let row = Row { value, wrote: Some(request), stamp: Stamp { epoch: cx.disk().working(), n }, did: Some(did) };
        let outgoing = indexes(key, before.as_ref(), &row, cx);
        let kept = cx.settings().index_writes == IndexWrites::Together;
        self.store(key, &row, waiter, if kept { outgoing.clone() } else { Vec::new() }, cx)?;
        for (entry, out) in outgoing {
            self.index(&entry, &out, cx);
            if !kept {
                self.unsaid.insert(entry, out);
            }
        }
        Ok(())
    }

    /// Puts a version of a row on the disk and sends it to the copies.
    fn store(
        &mut self,
        key: &Key,
        row: &Row,
        waiter: Waiter,
        outgoing: Vec<(Key, Outgoing)>,
        cx: &mut Context<'_>,
    ) -> Result<(), DiskFull> {
        let replicated = is_copied(cx.disk());
        cx.write(|disk| {
            disk.rows.insert(key.clone(), row.clone());
            if replicated {
                disk.dirty.insert(key.clone());
            }
            disk.outbox.extend(outgoing);
        })?;
        self.follow(key, cx);
        self.pending.entry(key.clone()).or_default().wait(row.stamp, waiter);
        recorded(cx);
        self.copy(key, row, cx);
        if cx.settings().fsync == Fsync::Lazy {
            self.has(cx.id(), key, row.stamp, cx);
        }
        Ok(())
    }

    /// A key that is on its way to another owner was written: the write follows.
    fn follow(&mut self, key: &Key, cx: &Context<'_>) {
        let owner = cx.disk().map().map(|map| map.primary(key)).filter(|owner| *owner != cx.id());
        if cx.settings().moving == Moving::Fenced
            && let Some(stream) = owner.and_then(|owner| self.streams.get_mut(&(owner, Purpose::Give)))
        {
            stream.follow(key);
        }
    }

    /// Sends a row to whoever is to have a copy, and is not known to. Only what is on the own disk may be on another: else, after a loss
    /// of power, two versions could have one stamp.
    fn copy(&mut self, key: &Key, row: &Row, cx: &mut Context<'_>) {
        let Some(pending) = self.pending.get(key) else { return };
        let (version, row_bytes) = (cx.disk().working(), cx.settings().row_bytes);
        let mut lacking = copies(cx.disk(), cx.id(), key);
        lacking.retain(|node| pending.acked.get(node).is_none_or(|acked| *acked < row.stamp));
        for node in lacking {
            durably(node, Msg::Copy { version, row: key.clone(), as_it_is: row.clone(), row_bytes }, cx);
            Node::goes_on(cx);
        }
    }

    /// An owner sends a copy. One that was given up has no say.
    pub(super) fn on_copy(&mut self, from: NodeId, version: u32, key: Key, row: &Row, cx: &mut Context<'_>) {
        let given_up = cx.disk().newest().and_then(|map| map.given_up.get(&from).copied());
        if given_up.is_some_and(|since| since >= version) {
            return self.send_maps(from, cx);
        }
        let is_wanted = !is_useless(&key, cx) && cx.disk().rows.get(&key).is_none_or(|mine| mine.stamp < row.stamp);
        if is_wanted && cx.write(|disk| disk.take(&key, row)).is_err() {
            return;
        }
        durably(from, Msg::Stored { row: key, stamp: row.stamp }, cx);
    }

    /// The own disk has what it has: who waited for that goes on.
    pub(super) fn own_copies_are_durable(&mut self, cx: &mut Context<'_>) {
        let keys: Vec<(Key, Stamp)> =
            self.pending.keys().filter_map(|key| Some((key.clone(), cx.durable().rows.get(key)?.stamp))).collect();
        for (key, stamp) in keys {
            self.has(cx.id(), &key, stamp, cx);
        }
    }

    /// A node has a version of a row on its disk.
    pub(super) fn has(&mut self, node: NodeId, key: &Key, stamp: Stamp, cx: &mut Context<'_>) {
        let Some(pending) = self.pending.get_mut(key) else { return };
        let known = pending.acked.entry(node).or_default();
        *known = stamp.max(*known);
        self.commit(key, cx);
    }

    /// Tells whoever waited for versions that all have that must.
    pub(super) fn commit(&mut self, key: &Key, cx: &mut Context<'_>) {
        let Some(pending) = self.pending.get_mut(key) else { return };
        let mut needed = vec![cx.id()];
        if cx.settings().acks == Acks::All {
            needed.extend(copies(cx.disk(), cx.id(), key));
        }
        let everywhere = needed.iter().map(|node| pending.acked.get(node).copied().unwrap_or_default()).min().unwrap_or_default();
        let unindexed = unindexed(cx.disk(), key);
        let ready = |stamp: Stamp| stamp <= everywhere && unindexed.is_none_or(|oldest| stamp < oldest);
        let (done, waiting) = std::mem::take(&mut pending.waiters).into_iter().partition(|(stamp, _)| ready(*stamp));
        pending.waiters = waiting;
        let newest = cx.disk().rows.get(key).map_or(Stamp::default(), |row| row.stamp);
        let is_over = newest <= everywhere
            && pending.waiters.is_empty()
            && copies(cx.disk(), cx.id(), key).iter().all(|node| pending.acked.get(node).is_some_and(|acked| *acked >= newest));
        if is_over {
            self.pending.remove(key);
            if cx.disk().dirty.contains(key) {
                // A full disk forgets it later.
                let _ = cx.write(|disk| disk.dirty.remove(key));
            }
        }
        for (stamp, waiter) in done {
            answer(waiter, stamp, cx);
        }
    }

    /// What copies and indexes have not confirmed is said again.
    pub(super) fn say_again(&mut self, cx: &mut Context<'_>) {
        let dirty: Vec<Key> = cx.disk().dirty.iter().cloned().collect();
        for key in &dirty {
            self.pending.entry(key.clone()).or_default();
            self.has(cx.id(), key, cx.durable().rows.get(key).map_or(Stamp::default(), |row| row.stamp), cx);
            if let Some(row) = cx.durable().rows.get(key).cloned() {
                self.copy(key, &row, cx);
            }
        }
        let unconfirmed = cx.disk().outbox.iter().chain(&self.unsaid);
        let outbox: Vec<(Key, Outgoing)> = unconfirmed.map(|(entry, out)| (entry.clone(), out.clone())).collect();
        for (entry, out) in &outbox {
            self.index(entry, out, cx);
        }
        if !dirty.is_empty() || !outbox.is_empty() {
            Node::goes_on(cx);
        }
    }

    /// Tells the owner of an index entry, which may be this node.
    fn index(&mut self, entry: &Key, out: &Outgoing, cx: &mut Context<'_>) {
        let Some(owner) = cx.disk().map().map(|map| map.primary(entry)) else { return };
        if owner == cx.id() {
            return self.on_index(owner, entry, &out.row, cx);
        }
        durably(owner, Msg::Index { entry: entry.clone(), row: out.row.clone(), of: out.of.clone() }, cx);
        Node::goes_on(cx);
    }

    /// An index entry is to be as a row has become. Who does not own it says nothing, and is asked no more once the sender knows better.
    pub(super) fn on_index(&mut self, from: NodeId, entry: &Key, row: &Row, cx: &mut Context<'_>) {
        let is_its_own = cx.disk().standing(cx.id(), entry, cx.settings().moving) == Standing::Mine;
        if !is_its_own || cx.settings().index == Index::Local {
            return;
        }
        let waiter = Waiter::Indexed { node: from, entry: entry.clone() };
        if cx.disk().rows.get(entry).is_some_and(|mine| mine.stamp >= row.stamp) {
            if self.pending.contains_key(entry) {
                self.pending.entry(entry.clone()).or_default().wait(row.stamp, waiter);
            } else {
                answer(waiter, row.stamp, cx);
            }
        } else if self.store(entry, row, waiter, Vec::new(), cx).is_err() {
            cx.note(super::note::Note::DiskFull);
        }
    }

    /// An index has an entry on its disk, so the write that it follows from may be over.
    pub(super) fn on_indexed(&mut self, entry: &Key, stamp: Stamp, cx: &mut Context<'_>) {
        if self.unsaid.get(entry).is_some_and(|out| out.row.stamp <= stamp) {
            self.unsaid.remove(entry);
        }
        let Some(of) = cx.disk().outbox.get(entry).filter(|out| out.row.stamp <= stamp).map(|out| out.of.clone()) else { return };
        if cx.write(|disk| disk.outbox.remove(entry)).is_ok() {
            recorded(cx);
            self.commit(&of, cx);
        }
    }
}

/// Whether a row is an entry of an index that there is not any more.
pub(super) fn is_useless(key: &str, cx: &Context<'_>) -> bool {
    cx.settings().index == Index::Local && matches!(read(key), Named::Entry(_))
}

/// Whether rows have copies by the map that a node works on.
pub(super) fn is_copied(disk: &Disk) -> bool {
    disk.map().is_some_and(|map| map.plan.replicas > 1)
}

/// Who is to have a copy of a row beside a node that serves it: while it hands the row over, its next owner gets it that way.
fn copies(disk: &Disk, me: NodeId, key: &str) -> Vec<NodeId> {
    let Some(map) = disk.map().filter(|map| map.plan.replicas > 1) else { return Vec::new() };
    let mut homes = map.homes(key);
    let owner = homes.first().copied();
    homes.retain(|node| *node != me && Some(*node) != owner);
    homes.sort_unstable();
    homes.dedup();
    homes
}

/// The oldest version of a key whose index entries are not confirmed.
fn unindexed(disk: &Disk, key: &Key) -> Option<Stamp> {
    disk.outbox.values().filter(|out| out.of == *key).map(|out| out.row.stamp).min()
}

/// What a global index has to learn of a write: the old value is not the key's any more, and the new one is.
fn indexes(key: &Key, before: Option<&Row>, now: &Row, cx: &Context<'_>) -> Vec<(Key, Outgoing)> {
    if cx.settings().index != Index::Global || !matches!(read(key), Named::Plain(_)) {
        return Vec::new();
    }
    let old = before.and_then(|row| row.value.as_ref());
    if old == now.value.as_ref() {
        return Vec::new();
    }
    let out = |value: &Value, is: bool| {
        let row = Row { value: is.then(|| value.clone()), did: None, ..now.clone() };
        (entry(value, key), Outgoing { row, of: key.clone() })
    };
    old.map(|value| out(value, false)).into_iter().chain(now.value.as_ref().map(|value| out(value, true))).collect()
}

fn answer(waiter: Waiter, stamp: Stamp, cx: &mut Context<'_>) {
    match waiter {
        Waiter::Client { client, request, row, done } => cx.send(client, Msg::Told { request, row, answer: Answer::Done(done) }),
        Waiter::Indexed { node, entry } => cx.send(node, Msg::Indexed { entry, stamp }),
        Waiter::Nobody => {}
    }
}

impl Node {
    /// A global index is told of the rows that have become this node's own, and where there is none nothing is left of it: it would be
    /// old by the time there is one again.
    pub(super) fn look_after_the_index(&mut self, cx: &mut Context<'_>) {
        if cx.settings().index == Index::Local {
            if cx.disk().indexed != 0 {
                self.forget_the_index(cx);
            }
        } else if cx.disk().is_done(cx.id()) && cx.disk().indexed != cx.disk().working() {
            self.index_all(cx);
        }
    }

    fn forget_the_index(&mut self, cx: &mut Context<'_>) {
        let is_entry = |key: &&Key| matches!(read(key), Named::Entry(_));
        let entries: Vec<Key> = cx.disk().rows.keys().filter(is_entry).cloned().collect();
        self.unsaid = OrdMap::new();
        let waited: OrdSet<Key> = cx.disk().outbox.values().map(|out| out.of.clone()).collect();
        let forgotten = Node::jot(
            |disk| {
                for entry in &entries {
                    disk.rows.remove(entry);
                    disk.dirty.remove(entry);
                }
                (disk.outbox, disk.indexed) = (OrdMap::new(), 0);
            },
            cx,
        );
        if forgotten.is_ok() {
            for entry in &entries {
                self.pending.remove(entry);
            }
            for key in &waited {
                self.commit(key, cx);
            }
        }
    }

    /// Has the global index told of what this map has made its own, of everything where it was told of nothing yet; it takes what is new
    /// to it.
    fn index_all(&mut self, cx: &mut Context<'_>) {
        let (me, moving, disk) = (cx.id(), cx.settings().moving, cx.disk());
        let had = disk.before().filter(|_| disk.indexed != 0);
        let plain = disk.rows.iter().filter(|(key, row)| row.value.is_some() && matches!(read(key), Named::Plain(_)));
        let mine = plain.filter(|(key, _)| disk.standing(me, key, moving) == Standing::Mine);
        let new = mine.filter(|(key, _)| had.is_none_or(|before| before.primary(key) != me));
        let entries: Vec<(Key, Outgoing)> = new.filter_map(|(key, row)| Some((entry(row.value.as_ref()?, key), out(row, key)))).collect();
        let version = disk.working();
        let told = Node::jot(
            |disk| {
                disk.outbox.extend(entries);
                disk.indexed = version;
            },
            cx,
        );
        if told.is_ok() {
            self.say_again(cx);
        }
    }
}

/// An index entry as it follows from a row.
fn out(row: &Row, key: &Key) -> Outgoing {
    Outgoing { row: Row { did: None, ..row.clone() }, of: key.clone() }
}
