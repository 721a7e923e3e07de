//! Maps get around: who has a newer one sends it, until the other says that it has it. And rows that nobody needs are forgotten.

use std::sync::Arc;

use crate::check::operation::Key;
use crate::sim::id::NodeId;

use super::Context;
use super::map::Shared;
use super::message::Msg;
use super::node::Node;
use super::note::Note;

impl Node {
    /// A node that starts: it goes on where its disk left off, or asks for what it has lost.
    pub(super) fn boot(cx: &mut Context<'_>) -> Node {
        let mut node = Node { is_new: cx.is_first_boot(), tells: true, ..Node::default() };
        if cx.disk().maps.is_empty() {
            if !cx.is_first_boot() {
                cx.note(Note::Blank);
                Node::ask_for_all(cx);
                Node::goes_on(cx);
            }
            return node;
        }
        Node::ask_for_all(cx);
        node.hand_over(cx);
        node.say_again(cx);
        node.take_up(cx);
        Node::tell_versions(cx);
        Node::goes_on(cx);
        node
    }

    fn others(cx: &Context<'_>) -> Vec<NodeId> {
        let me = cx.id();
        cx.servers().filter(|id| *id != me).collect()
    }

    /// Asks for what it lacks: who knows of no map, everybody; else those who have not sent all.
    pub(super) fn ask_for_all(cx: &mut Context<'_>) {
        let (version, blank) = (cx.disk().working(), cx.disk().maps.is_empty());
        let asked: Vec<NodeId> = if blank { Node::others(cx) } else { cx.disk().asked.iter().copied().collect() };
        for other in asked {
            cx.send(other, Msg::Restore { version });
        }
    }

    /// Asks whether those who are to hand keys over still will.
    fn ask_for_more(cx: &mut Context<'_>) {
        let version = cx.disk().working();
        for from in cx.disk().awaiting.clone() {
            cx.send(from, Msg::Waits { version });
        }
    }

    fn tell_versions(cx: &mut Context<'_>) {
        let version = cx.disk().version();
        for other in Node::others(cx) {
            cx.send(other, Msg::Have { version });
        }
    }

    /// Somebody says which map it has.
    pub(super) fn on_have(&mut self, from: NodeId, version: u32, cx: &mut Context<'_>) {
        let mine = cx.disk().version();
        self.known.insert(from, version);
        if version < mine {
            self.send_maps(from, cx);
        } else if version > mine && !from.is_client() {
            cx.send(from, Msg::Have { version: mine });
        }
    }

    /// Sends the maps that a node may not have; a client needs the newest alone.
    pub(super) fn send_maps(&mut self, to: NodeId, cx: &mut Context<'_>) {
        let known = self.known.get(&to).copied().unwrap_or(0);
        let newer = |map: &&Shared| map.version > known;
        let maps: Arc<[Shared]> = if to.is_client() {
            cx.disk().newest().into_iter().cloned().collect()
        } else {
            cx.disk().maps.iter().filter(newer).cloned().collect()
        };
        if !maps.is_empty() {
            cx.send(to, Msg::Maps(maps));
        }
    }

    /// Maps came. Those that follow on the newest that it knows are taken.
    pub(super) fn on_maps(&mut self, from: NodeId, maps: &[Shared], cx: &mut Context<'_>) {
        self.learn(maps, cx);
        let version = cx.disk().version();
        self.known.insert(from, version.max(self.known.get(&from).copied().unwrap_or(0)));
        cx.send(from, Msg::Have { version });
    }

    /// Takes newer maps. Whether there were any.
    pub(super) fn learn(&mut self, maps: &[Shared], cx: &mut Context<'_>) -> bool {
        let (known, blank) = (cx.disk().version(), cx.disk().maps.is_empty());
        let newer: Vec<Shared> = maps.iter().filter(|map| map.version > known).cloned().collect();
        let follows = newer.first().is_some_and(|first| first.version == known + 1);
        if !follows || Node::jot(|disk| disk.maps.extend(newer), cx).is_err() {
            return false;
        }
        if blank {
            self.begin_again(cx);
        }
        self.forget_the_dead(cx);
        self.take_up(cx);
        Node::goes_on(cx);
        true
    }

    /// Its first map: of a new node, the newest is where it starts. One that has lost its disk awaits what the others have of its own.
    fn begin_again(&mut self, cx: &mut Context<'_>) {
        let me = cx.id();
        let at = cx.disk().maps.len() - 1;
        let lost = !std::mem::take(&mut self.is_new);
        let Some(map) = cx.disk().newest().cloned() else { return };
        if lost {
            let others: crate::persistent::OrdSet<NodeId> = map.members().filter(|id| *id != me && map.has(me)).collect();
            let _ = Node::jot(|disk| (disk.begun, disk.restoring, disk.asked) = (map.version + 1, !others.is_empty(), others), cx);
        }
        self.adopt(at, cx);
        Node::ask_for_all(cx);
        Node::ask_for_more(cx);
    }

    /// Whoever is not known to have the newest map is sent it again.
    pub(super) fn spread(&mut self, cx: &mut Context<'_>) {
        let version = cx.disk().version();
        for other in Node::others(cx) {
            if self.tells && self.known.get(&other).is_none_or(|known| *known < version) {
                self.send_maps(other, cx);
                Node::goes_on(cx);
            }
        }
    }

    /// Everything that is not over is said again.
    pub(super) fn again(&mut self, cx: &mut Context<'_>) {
        self.spread(cx);
        self.send_again(cx);
        self.say_again(cx);
        self.forget_the_dead(cx);
        self.take_up(cx);
        if cx.disk().maps.is_empty() || cx.disk().waits() {
            Node::ask_for_all(cx);
            Node::goes_on(cx);
        }
        Node::ask_for_more(cx);
        let version = cx.disk().working();
        for owner in self.spare.clone() {
            cx.send(owner, Msg::May { version });
            Node::goes_on(cx);
        }
        if cx.disk().restoring && cx.disk().asked.is_empty() {
            Node::has_asked(cx);
        }
        let disk = cx.disk();
        if !self.parked.is_empty() || !disk.is_done(cx.id()) || disk.working() != disk.version() {
            Node::goes_on(cx);
        }
    }

    /// Once there is no newer map, rows that are not its own are of no use, as soon as their owners have made their copies.
    pub(super) fn look_for_spare_rows(&mut self, cx: &mut Context<'_>) {
        let (me, disk) = (cx.id(), cx.disk());
        if !disk.is_done(me) || disk.working() != disk.version() || self.looked == Some(disk.working()) {
            return;
        }
        let Some(map) = disk.map().cloned() else { return };
        self.spare = disk.rows.keys().filter(|key| !map.homes(key).contains(&me)).map(|key| map.primary(key)).collect();
        self.looked = Some(map.version);
        for owner in &self.spare {
            cx.send(*owner, Msg::May { version: map.version });
        }
        if !self.spare.is_empty() {
            Node::goes_on(cx);
        }
    }

    /// Rows of an owner that has all that it should, and copies of it where they should be, are of no use elsewhere.
    pub(super) fn on_may(from: NodeId, version: u32, cx: &mut Context<'_>) {
        let disk = cx.durable();
        if disk.working() == version && disk.version() == version && disk.is_done(cx.id()) {
            cx.send(from, Msg::Forget { version });
        }
    }

    pub(super) fn on_forget(&mut self, from: NodeId, version: u32, cx: &mut Context<'_>) {
        let me = cx.id();
        let Some(map) = cx.disk().map().filter(|map| map.version == version && self.spare.contains(&from)).cloned() else { return };
        let of = |key: &&Key| map.primary(key) == from && !map.homes(key).contains(&me);
        let keys: Vec<Key> = cx.disk().rows.keys().filter(of).cloned().collect();
        let rows = keys.len();
        let forgotten = Node::jot(
            |disk| {
                for key in &keys {
                    disk.rows.remove(key);
                    disk.dirty.remove(key);
                }
            },
            cx,
        );
        if forgotten.is_ok() {
            self.spare.remove(&from);
            cx.note(Note::Forgets { rows });
        }
    }
}
