//! What a node does about what is lost: others were given up, or have lost their disks, and what they owed is asked of those who may have
//! copies.

use crate::check::operation::Key;
use crate::sim::id::NodeId;

use super::Context;
use super::disk::Disk;
use super::message::{Msg, Purpose};
use super::node::Node;
use super::note::Note;
use super::stream::Stream;

impl Node {
    /// All that others have of what was lost is there.
    pub(super) fn has_asked(cx: &mut Context<'_>) {
        let was_blank = cx.disk().restoring;
        let _ = Node::jot(|disk| disk.restoring = false, cx);
        cx.note(if was_blank { Note::Restored { rows: cx.disk().rows.len() } } else { Note::Gathered });
        Node::inherit(cx);
    }

    /// Perhaps it waits for nobody any more.
    pub(super) fn has_waited(cx: &mut Context<'_>) {
        if !cx.disk().waits() {
            Node::inherit(cx);
        }
    }

    /// These nodes will not hand over what they owe: those who may have copies are asked.
    pub(super) fn lose(gone: &[NodeId], cx: &mut Context<'_>) {
        let (me, disk) = (cx.id(), cx.disk().clone());
        let (Some(map), Some(before)) = (disk.map(), disk.before()) else { return };
        // Who has lost its own disk has asked everybody already.
        let asks = before.plan.replicas > 1 && disk.begun <= map.version;
        let may_have = |id: &NodeId| asks && *id != me && !is_given_up(&disk, *id, map.version);
        let asked: crate::persistent::OrdSet<NodeId> = map.members().chain(before.members()).filter(may_have).collect();
        let lost: crate::persistent::OrdSet<NodeId> = gone.iter().copied().collect();
        let written = Node::jot(
            |disk| {
                disk.awaiting.retain(|node| !lost.contains(node));
                disk.lost.extend(lost);
                disk.asked.extend(asked);
            },
            cx,
        );
        if written.is_err() {
            return;
        }
        if asks {
            for of in gone {
                cx.note(Note::Asks { of: *of });
            }
        }
        if cx.disk().asked.is_empty() {
            Node::inherit(cx);
        } else {
            Node::ask_for_all(cx);
        }
        Node::goes_on(cx);
    }

    /// A node that waits for a hand-over asks whether there will be one.
    pub(super) fn on_waits(from: NodeId, version: u32, cx: &mut Context<'_>) {
        let disk = cx.disk();
        let has_given = version < disk.working() || version == disk.working() && disk.given.contains(&from);
        if has_given || version < disk.begun {
            cx.send(from, Msg::NoMore { version });
        }
    }

    /// There will be none.
    pub(super) fn on_no_more(&mut self, from: NodeId, version: u32, cx: &mut Context<'_>) {
        if version == cx.disk().working() && cx.disk().awaiting.contains(&from) {
            Node::lose(&[from], cx);
            self.take_up(cx);
        }
    }

    /// What was taken over from a node that was given up, or has lost it, is written anew under this map: a write that reached one of its copies and not
    /// this node must never again count as newer.
    pub(super) fn inherit(cx: &mut Context<'_>) {
        let (me, disk) = (cx.id(), cx.disk().clone());
        let (Some(map), Some(before)) = (disk.map(), disk.before()) else { return };
        if map.forced.is_empty() && disk.lost.is_empty() || map.plan.replicas < 2 {
            return;
        }
        let had_none = |node: &NodeId| map.forced.contains(node) || disk.lost.contains(node);
        let is_inherited = |key: &&Key| map.primary(key) == me && had_none(&before.primary(key));
        let inherited: Vec<Key> = disk.rows.keys().filter(is_inherited).cloned().collect();
        let epoch = map.version;
        let _ = Node::jot(
            |disk| {
                for key in inherited {
                    if let Some(row) = disk.rows.get_mut(&key) {
                        row.stamp.epoch = epoch;
                    }
                }
            },
            cx,
        );
    }

    /// Nodes that were given up are waited for no more; a node that was itself given up waits for nobody.
    pub(super) fn forget_the_dead(&mut self, cx: &mut Context<'_>) {
        let (disk, me) = (cx.disk().clone(), cx.id());
        let working = disk.working();
        let dead = |node: &NodeId| is_given_up(&disk, *node, working);
        // Nobody hands anything over to a node that was itself given up.
        let gives_up = dead(&me);
        let awaited: Vec<NodeId> = disk.awaiting.iter().filter(|node| dead(node)).copied().collect();
        let asked: crate::persistent::OrdSet<NodeId> = disk.asked.iter().filter(|node| dead(node)).copied().collect();
        if gives_up {
            if disk.waits() || disk.restoring {
                let _ = Node::jot(|disk| (disk.awaiting, disk.asked, disk.restoring) = Default::default(), cx);
            }
            return self.forget_heirs(cx);
        }
        if !asked.is_empty() && Node::jot(|disk| disk.asked.retain(|node| !asked.contains(node)), cx).is_ok() && cx.disk().asked.is_empty()
        {
            Node::has_asked(cx);
        }
        if !awaited.is_empty() {
            Node::lose(&awaited, cx);
        }
        self.forget_heirs(cx);
    }

    /// Nodes that were given up are given nothing.
    pub(super) fn forget_heirs(&mut self, cx: &mut Context<'_>) {
        let (disk, me) = (cx.disk().clone(), cx.id());
        let working = disk.working();
        let dead = |node: &NodeId| is_given_up(&disk, *node, working);
        for heir in disk.heirs(me).filter(|heir| dead(heir) && !disk.given.contains(heir)) {
            self.streams.remove(&(heir, Purpose::Give));
            self.given(heir, cx);
        }
        let fills: Vec<NodeId> =
            self.streams.keys().filter(|(to, purpose)| *purpose != Purpose::Give && dead(to)).map(|(to, _)| *to).collect();
        for to in fills {
            self.streams.remove(&(to, Purpose::Fill));
            self.streams.remove(&(to, Purpose::Restore));
        }
    }

    /// A node lacks something of what is its own under a map, and is given it. Who knows of no map is told of them first.
    pub(super) fn on_restore(&mut self, from: NodeId, version: u32, cx: &mut Context<'_>) {
        self.tells = true;
        if version == 0 {
            self.known.remove(&from);
            return self.send_maps(from, cx);
        }
        let disk = cx.disk();
        let Some(map) = disk.maps.iter().rev().find(|map| map.version == version) else { return };
        if self.streams.get(&(from, Purpose::Restore)).is_some_and(|stream| stream.asked == Some(version)) {
            return;
        }
        let keys: Vec<Key> = disk.rows.keys().filter(|key| map.homes(key).contains(&from)).cloned().collect();
        let mut stream = Stream::new(keys, cx.rng().bits() >> 1);
        stream.asked = Some(version);
        self.streams.insert((from, Purpose::Restore), stream);
        self.send_part((from, Purpose::Restore), cx);
    }
}

/// Whether a node was given up with a map later than this, or with it.
pub(super) fn is_given_up(disk: &Disk, node: NodeId, version: u32) -> bool {
    disk.newest().and_then(|map| map.given_up.get(&node)).is_some_and(|since| *since >= version)
}
