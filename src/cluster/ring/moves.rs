//! Keys move while they are served: *copy* what there is part by part, *follow* what is written meanwhile, *stop* for the last part,
//! *switch* once the new owner has it on its disk, and forget it when nobody can need it any more (DDIA, chapter 6, rebalancing; the live
//! migration of Redis Cluster and of Vitess are of this kind). Ownership passes with the last part, so two nodes never have it at once,
//! whoever has heard of which map.
//!
//! A node works on one map at a time, in order, and takes up the next when all is done that the one before asked of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::operation::Key;
use crate::cluster::kit::fsync::{counts, durably};
use crate::sim::id::NodeId;

use super::Context;
use super::disk::{Disk, Row};
use super::losses::is_given_up;
use super::map::Map;
use super::message::{Batch, Msg, Purpose};
use super::node::Node;
use super::note::Note;
use super::settings::Moving;
use super::stream::{Stream, rows};
use super::write::{Waiter, is_copied, is_useless};

impl Node {
    /// Takes up the next map, as long as there is one and the work of the present one is done.
    pub(super) fn take_up(&mut self, cx: &mut Context<'_>) {
        loop {
            self.make_copies(cx);
            let disk = cx.disk();
            if !disk.is_done(cx.id()) || disk.at + 1 >= disk.maps.len() {
                break;
            }
            if self.adopt(disk.at + 1, cx).is_none() {
                break;
            }
        }
        self.look_for_spare_rows(cx);
        if !cx.disk().maps.is_empty() {
            self.look_after_the_index(cx);
        }
        self.replay(cx);
    }

    /// Goes by the map of this index. `None`: its disk is full.
    pub(super) fn adopt(&mut self, at: usize, cx: &mut Context<'_>) -> Option<()> {
        let me = cx.id();
        let map = cx.disk().maps.get(at)?.clone();
        let awaiting: crate::persistent::OrdSet<NodeId> = if map.forced.contains(&me) {
            crate::persistent::OrdSet::new()
        } else {
            map.flows.iter().filter(|(_, to)| *to == me).map(|(from, _)| *from).filter(|from| !map.forced.contains(from)).collect()
        };
        let awaits = awaiting.len();
        // What not every copy had when it was given up it acknowledges no more.
        let has_no_say = map.forced.contains(&me);
        if has_no_say {
            self.pending = crate::persistent::OrdMap::new();
        }
        Node::jot(
            |disk| {
                (disk.at, disk.awaiting, disk.filled) = (at, awaiting, false);
                (disk.fenced, disk.given, disk.lost) = Default::default();
                if has_no_say {
                    (disk.dirty, disk.outbox) = Default::default();
                }
            },
            cx,
        )
        .ok()?;
        cx.note(if map.forced.contains(&me) {
            Note::GaveUp
        } else {
            Note::Adopts { version: map.version, gives: cx.disk().heirs(me).count(), awaits }
        });
        self.streams = self
            .streams
            .iter()
            .filter(|((_, purpose), _)| *purpose == Purpose::Restore)
            .map(|(key, stream)| (*key, stream.clone()))
            .collect();
        self.hand_over(cx);
        self.forget_the_dead(cx);
        Some(())
    }

    /// Begins to send what the map takes away.
    pub(super) fn hand_over(&mut self, cx: &mut Context<'_>) {
        let (me, disk) = (cx.id(), cx.disk().clone());
        let (Some(map), Some(before)) = (disk.map(), disk.before()) else { return };
        let mut parts: BTreeMap<NodeId, Vec<Key>> =
            disk.heirs(me).filter(|heir| !disk.given.contains(heir)).map(|heir| (heir, Vec::new())).collect();
        if !parts.is_empty() {
            for key in disk.rows.keys() {
                let had = before.primary(key);
                if (had == me || map.forced.contains(&had))
                    && let Some(keys) = parts.get_mut(&map.primary(key))
                {
                    keys.push(key.clone());
                }
            }
        }
        let has_none = disk.begun > map.version;
        for (heir, keys) in parts {
            if has_none || is_given_up(&disk, heir, map.version) {
                self.given(heir, cx);
            } else {
                self.begin((heir, Purpose::Give), keys, cx);
            }
        }
    }

    /// Begins to send these keys.
    fn begin(&mut self, to: (NodeId, Purpose), keys: Vec<Key>, cx: &mut Context<'_>) {
        // Numbers of an earlier life are far away.
        let stream = Stream::new(keys, cx.rng().bits() >> 1);
        self.streams.insert(to, stream);
        self.send_part(to, cx);
    }

    /// Sends the next part, where none is under way. Of what still changes, only what is on the own disk may be on another.
    pub(super) fn send_part(&mut self, (to, purpose): (NodeId, Purpose), cx: &mut Context<'_>) {
        let (most, moving) = (cx.settings().batch as usize, cx.settings().moving);
        let Some(stream) = self.streams.get_mut(&(to, purpose)).filter(|stream| stream.under_way.is_none()) else { return };
        let last = stream.is_nearly_done(most);
        let fences = last && purpose == Purpose::Give && moving == Moving::Fenced;
        if fences && !cx.disk().fenced.contains(&to) {
            if Node::jot(|disk| _ = disk.fenced.insert(to), cx).is_err() {
                cx.note(Note::DiskFull);
                return Node::goes_on(cx);
            }
            cx.note(Note::Stops { to });
        }
        let keys = stream.next(most);
        let sent = if fences { rows(cx.disk(), &keys) } else { rows(counts(cx), &keys) };
        let follows = if purpose == Purpose::Give { !fences && moving == Moving::Fenced } else { purpose == Purpose::Fill };
        if follows {
            // What is not on the own disk yet goes out once more.
            keys.iter().filter(|key| cx.disk().rows.get(*key) != counts(cx).rows.get(*key)).for_each(|key| stream.follow(key));
        }
        let last = last && (fences || stream.is_nearly_done(0));
        let version = stream.asked.unwrap_or(cx.disk().working());
        let frame = Batch { version, number: 0, purpose, rows: Arc::default(), last, row_bytes: cx.settings().row_bytes };
        let part = stream.part(sent, &frame);
        if purpose == Purpose::Give {
            self.counts.handed += part.rows.len() as u64;
        }
        durably(to, Msg::Rows(part), cx);
        Node::goes_on(cx);
    }

    /// A part came. What it belongs to is taken only under the same map: before, it is not yet known whose it is; after, it is old.
    pub(super) fn on_rows(&mut self, from: NodeId, batch: &Batch, cx: &mut Context<'_>) {
        let working = cx.disk().working();
        match batch.purpose {
            Purpose::Give | Purpose::Fill if batch.version > working => return,
            Purpose::Restore if batch.version != working || !cx.disk().asked.contains(&from) => {}
            Purpose::Give if batch.version < working && !gives_back(cx.disk(), from) => {}
            _ if self.take_rows(from, batch, cx).is_none() => return cx.note(Note::DiskFull),
            _ => {}
        }
        durably(from, Msg::Took { version: batch.version, number: batch.number, purpose: batch.purpose }, cx);
        self.take_up(cx);
    }

    /// Puts the rows of a part on the disk. `None`: it is full.
    fn take_rows(&mut self, from: NodeId, batch: &Batch, cx: &mut Context<'_>) -> Option<()> {
        let gives = batch.purpose == Purpose::Give;
        let is_awaited = cx.disk().awaiting.contains(&from) && batch.version == cx.disk().working();
        let serves = gives && !is_awaited;
        let wanted: Vec<&(Key, Row)> = batch.rows.iter().filter(|(key, _)| !is_useless(key, cx)).collect();
        let (has_given, has_answered) = (batch.last && gives && is_awaited, batch.last && batch.purpose == Purpose::Restore);
        let mut taken = Vec::new();
        Node::jot(
            |disk| {
                taken.extend(wanted.iter().filter(|(key, row)| disk.take(key, row)).map(|(key, _)| key.clone()));
                if has_given {
                    disk.awaiting.remove(&from);
                }
                if has_answered {
                    disk.asked.remove(&from);
                }
            },
            cx,
        )
        .ok()?;
        // What a node gives back that was given up while it lived has to go to the copies too.
        let to_copy = if serves && is_copied(cx.disk()) { taken } else { Vec::new() };
        for key in to_copy {
            let _ = cx.write(|disk| disk.dirty.insert(key.clone()));
            self.pending.entry(key).or_default().wait(super::disk::Stamp::default(), Waiter::Nobody);
        }
        if has_given {
            cx.note(Note::Serves { from });
        }
        Node::has_waited(cx);
        if has_answered && cx.disk().asked.is_empty() {
            Node::has_asked(cx);
        }
        Some(())
    }

    /// Another node has a part on its disk.
    pub(super) fn on_took(&mut self, from: NodeId, (version, number, purpose): (u32, u64, Purpose), cx: &mut Context<'_>) {
        let key = (from, purpose);
        let Some(stream) = self.streams.get_mut(&key) else { return };
        let Some(part) = stream.under_way.take_if(|part| part.number == number && part.version == version) else { return };
        if !part.last {
            return self.send_part(key, cx);
        }
        let rows = stream.rows;
        match purpose {
            Purpose::Give => {
                cx.note(Note::HandedOver { to: from, rows });
                self.streams.remove(&key);
                self.given(from, cx);
            }
            Purpose::Fill => {
                self.streams.remove(&key);
                cx.note(Note::Filled { to: from, rows });
            }
            Purpose::Restore => drop(self.streams.remove(&key)),
        }
        self.take_up(cx);
    }

    /// An heir has everything, or never will.
    pub(super) fn given(&mut self, heir: NodeId, cx: &mut Context<'_>) {
        if Node::jot(|disk| _ = disk.given.insert(heir), cx).is_err() {
            // It is asked again, and will say the same.
            cx.note(Note::DiskFull);
            self.begin((heir, Purpose::Give), Vec::new(), cx);
        }
    }

    /// Once it has what is its own, it sees to it that the copies of it are where the map wants them.
    fn make_copies(&mut self, cx: &mut Context<'_>) {
        let (me, disk) = (cx.id(), cx.disk().clone());
        let fills = self.streams.keys().any(|(_, purpose)| *purpose == Purpose::Fill);
        if disk.filled || fills || disk.waits() || disk.restoring {
            return;
        }
        let Some(map) = disk.map() else { return };
        // Begun in this life and none under way: they are made.
        let mut parts = if self.filling == Some(map.version) { BTreeMap::new() } else { lacking(&disk, map, me) };
        // Nobody makes copies for the dead.
        parts.retain(|to, _| !is_given_up(&disk, *to, map.version));
        if !parts.is_empty() {
            self.filling = Some(map.version);
            for (to, keys) in parts {
                self.begin((to, Purpose::Fill), keys, cx);
            }
        } else if Node::jot(|disk| disk.filled = true, cx).is_err() {
            Node::goes_on(cx);
        }
    }

    /// Parts that were not acknowledged go out again.
    pub(super) fn send_again(&mut self, cx: &mut Context<'_>) {
        let keys: Vec<(NodeId, Purpose)> = self.streams.keys().copied().collect();
        for key in keys {
            match self.streams.get(&key).and_then(|stream| stream.under_way.clone()) {
                Some(part) => durably(key.0, Msg::Rows(part), cx),
                None => self.send_part(key, cx),
            }
            Node::goes_on(cx);
        }
    }
}

/// Whether a node gives back what it has because it was given up.
fn gives_back(disk: &Disk, from: NodeId) -> bool {
    disk.newest().is_some_and(|map| map.given_up.contains_key(&from))
}

/// The copies that the map wants and the one before did not have, of the rows that a node owns. After a node was given up, or this one has
/// lost its disk, all copies are made anew.
fn lacking(disk: &Disk, map: &Map, me: NodeId) -> BTreeMap<NodeId, Vec<Key>> {
    let mut parts: BTreeMap<NodeId, Vec<Key>> = BTreeMap::new();
    if map.plan.replicas < 2 {
        return parts;
    }
    // Of what it did not own before, or had lost, it does not know which copies are as new as what it got.
    let before = disk.before().filter(|_| map.forced.is_empty() && disk.lost.is_empty() && disk.begun <= map.version);
    for key in disk.rows.keys().filter(|key| map.primary(key) == me) {
        let had = before.filter(|before| before.primary(key) == me).map(|before| before.homes(key)).unwrap_or_default();
        for home in map.homes(key).into_iter().filter(|home| *home != me && !had.contains(home)) {
            parts.entry(home).or_default().push(key.clone());
        }
    }
    parts
}
