//! How a slot moves to another server, key by key, while clients work: SETSLOT, MIGRATE, and what `redis-cli --cluster reshard` does
//! with them, done here by the server that gives the slot away.

use std::sync::Arc;

use crate::algo::redis::{Argv, Entry, Reply, Text, error, is, rebuild, slot};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::request_set::RequestSet;
use crate::sim::time::Span;

use super::message::{Msg, Record, resp};
use super::node::{Job, Node, wall};
use super::note::Note;
use super::{Context, Timer};

/// A key on its way to another server. Until that one has it, the thread of this one waits, as MIGRATE does.
#[derive(Clone, Debug)]
pub struct Moving {
    /// Which it is of all that this server ever moved.
    number: u64,
    /// The key.
    pub key: Text,
    /// Where it goes.
    pub to: NodeId,
    /// Who asked for it by hand.
    asked: Option<(NodeId, RequestId)>,
}

/// A key that arrives.
#[derive(Clone, Debug)]
pub struct Restore {
    /// Which it is, for its sender.
    pub number: u64,
    /// Its name.
    pub key: Text,
    /// What it holds, and until when.
    pub entry: Entry,
    /// Whether it takes the place of one of this name.
    pub replaces: bool,
    /// Whose writes may be in it. Nobody but the judge looks at it.
    pub done: RequestSet,
}

/// How long a slot's mover waits for the other server.
const PATIENCE: Span = Span::s(1);

impl Node {
    /// The first key of a slot, and how many there are.
    pub(super) fn keys_in(&self, at: u16) -> impl Iterator<Item = &Text> {
        self.server.keys.iter().map(|(key, _)| key).filter(move |key| slot(key) == at)
    }

    /// MIGRATE. `None`: its end is told later.
    pub(super) fn migrate(
        &mut self,
        asked: Option<(NodeId, RequestId)>,
        (to, key): (NodeId, &Text),
        (replaces, patience): (bool, Span),
        cx: &mut Context<'_>,
    ) -> Option<Reply> {
        let now = wall(cx);
        let Some(entry) = self.server.keys.get(key, now).filter(|entry| !entry.is_over(now)).cloned() else {
            return Some(Reply::Status("NOKEY"));
        };
        // One after the other: the other server takes none that is older than what it has.
        let number = cx.steady().0;
        self.moving = Some(Moving { number, key: key.clone(), to, asked });
        let restore = Restore { number, key: key.clone(), entry, replaces, done: self.done.clone() };
        self.say(to, Msg::Restore(Arc::new(restore)), cx);
        cx.set_timer(patience, Timer::MoveOver);
        None
    }

    /// A key arrives.
    pub(super) fn on_restore(&mut self, from: NodeId, restore: &Restore, cx: &mut Context<'_>) {
        let Restore { number, key, entry, replaces, done } = restore;
        match self.restored.get(&from) {
            Some(last) if number < last => return,
            Some(last) if number == last => return self.say(from, Msg::Restored { number: *number, wrong: None }, cx),
            _ => {}
        }
        let there = self.server.keys.has(key, wall(cx)) && !replaces;
        let wrong = match () {
            () if !self.is_master() => Some("READONLY You can't write against a read only replica."),
            () if there => Some("BUSYKEY Target key name already exists."),
            () => None,
        };
        if wrong.is_none() {
            self.restored.insert(from, *number);
            self.server.keys.put(key, Entry { used: wall(cx), ..entry.clone() });
            self.server.changed_elsewhere(std::slice::from_ref(key));
            self.done.extend(done.iter());
            let brings = Arc::new(done.clone());
            self.push(crate::algo::redis::argv(&["DEL", key]), None);
            for argv in rebuild(key, entry) {
                self.offset += resp(&argv);
                self.fresh.push(Record { argv, end: self.offset, request: None, brings: Some(Arc::clone(&brings)) });
            }
            cx.note(Note::TakesKey { key: key.clone(), from });
        }
        self.say(from, Msg::Restored { number: *number, wrong }, cx);
    }

    /// The other server has it, or does not want it: the thread goes on with that.
    pub(super) fn on_restored(&mut self, number: u64, wrong: Option<&'static str>, cx: &mut Context<'_>) {
        let Some(moving) = self.moving.take_if(|moving| moving.number == number) else { return };
        cx.cancel_timer(Timer::MoveOver);
        let reply = match wrong {
            None => {
                self.server.keys.remove(&moving.key);
                self.server.changed_elsewhere(std::slice::from_ref(&moving.key));
                self.push(crate::algo::redis::argv(&["DEL", &moving.key]), None);
                Reply::OK
            }
            Some(why) => error(format!("ERR Target instance replied with error: {why}")),
        };
        if let Some((client, request)) = moving.asked {
            self.tell(client, request, reply, false, cx);
        }
    }

    /// The other server gave no answer: the key stays, whether that one has it or not.
    pub(super) fn on_move_over(&mut self, cx: &mut Context<'_>) {
        if let Some((client, request)) = self.moving.take().and_then(|moving| moving.asked) {
            self.tell(client, request, error("IOERR error or timeout reading to target instance"), false, cx);
        }
        self.go_on(cx);
    }

    /// A slot begins to leave: the operator asked for it.
    pub(super) fn begin_move(&mut self, at: u16, to: NodeId, cx: &mut Context<'_>) {
        let Some(bus) = &mut self.bus else { return };
        let before = bus.conf.clone();
        bus.conf.migrating.insert(at, to);
        self.resharding = Some((at, to));
        self.keep_conf(&before, cx);
        cx.note(Note::SlotLeaves { slot: at, to });
        cx.set_timer(cx.settings().move_every, Timer::Moves);
    }

    /// A slot begins to arrive.
    pub(super) fn expect_slot(&mut self, at: u16, from: NodeId, cx: &mut Context<'_>) {
        if let Some(bus) = &mut self.bus {
            let before = bus.conf.clone();
            bus.conf.importing.insert(at, from);
            self.keep_conf(&before, cx);
        }
    }

    /// A server starts again: a slot that was leaving goes on.
    pub(super) fn go_on_moving(&mut self, cx: &mut Context<'_>) {
        let leaving = self
            .bus
            .as_ref()
            .filter(|_| self.follows.is_none())
            .and_then(|bus| bus.conf.migrating.get_min().map(|(slot, node)| (*slot, *node)));
        if leaving.is_some() {
            self.resharding = leaving;
            cx.set_timer(cx.settings().move_every, Timer::Moves);
        }
    }

    /// The next key of the slot that leaves; behind the last one goes the slot.
    pub(super) fn move_next(&mut self, cx: &mut Context<'_>) {
        let Some((at, to)) = self.resharding else { return };
        cx.set_timer(cx.settings().move_every, Timer::Moves);
        if self.moving.is_some() {
            return;
        }
        let next = self.keys_in(at).next().cloned();
        match next {
            // The other may have it, where its answer was lost.
            Some(key) => {
                if self.migrate(None, (to, &key), (true, PATIENCE), cx).is_some() {
                    // It has expired: whoever comes across it deletes it.
                    self.server.keys.remove(&key);
                    self.push(crate::algo::redis::argv(&["DEL", &key]), None);
                }
            }
            None => self.say(to, Msg::TakeSlot(at), cx),
        }
    }

    /// All keys of a slot are here: the slot is this server's, under an epoch of its own.
    pub(super) fn on_take_slot(&mut self, from: NodeId, at: u16, cx: &mut Context<'_>) {
        let me = cx.id();
        let Some(bus) = &mut self.bus else { return };
        let before = bus.conf.clone();
        let was_expected = bus.conf.importing.remove(&at).is_some() || bus.conf.slots.owner(at) == Some(from);
        if was_expected && self.follows.is_none() {
            bus.conf.slots.give((at, at), me);
            bus.next_epoch(me);
            cx.note(Note::SlotArrives { slot: at, from });
            self.keep_conf(&before, cx);
        }
        if self.bus.as_ref().is_some_and(|bus| bus.conf.slots.owner(at) == Some(me)) {
            self.say(from, Msg::TookSlot(at), cx);
            self.ping_all(cx);
        }
    }

    /// The other has the slot.
    pub(super) fn on_took_slot(&mut self, from: NodeId, at: u16, cx: &mut Context<'_>) {
        let Some(bus) = &mut self.bus else { return };
        if bus.conf.migrating.get(&at) != Some(&from) {
            return;
        }
        let before = bus.conf.clone();
        bus.conf.migrating.remove(&at);
        bus.conf.slots.give((at, at), from);
        if self.resharding.is_some_and(|(leaving, _)| leaving == at) {
            self.resharding = None;
            cx.cancel_timer(Timer::Moves);
        }
        self.keep_conf(&before, cx);
    }

    /// Slots are another's that this server had keys of: they go.
    pub(super) fn drop_slots(&mut self, lost: &[(u16, u16)], cx: &mut Context<'_>) {
        if let Some(bus) = &mut self.bus {
            let is_lost = |at: &u16| lost.iter().any(|(start, end)| (start..=end).contains(&at));
            let gone: Vec<u16> = bus.conf.migrating.keys().copied().filter(is_lost).collect();
            for at in &gone {
                bus.conf.migrating.remove(at);
            }
            if self.resharding.is_some_and(|(at, _)| gone.contains(&at)) {
                self.resharding = None;
                cx.cancel_timer(Timer::Moves);
            }
        }
        let is_lost = |key: &Text| lost.iter().any(|(start, end)| (*start..=*end).contains(&slot(key)));
        let gone: Vec<Text> = self.server.keys.iter().map(|(key, _)| key.clone()).filter(is_lost).collect();
        self.server.changed_elsewhere(&gone);
        for key in gone {
            self.server.keys.remove(&key);
            self.push(crate::algo::redis::argv(&["DEL", &key]), None);
        }
    }

    /// CLUSTER SETSLOT.
    pub(super) fn set_slot(&mut self, argv: &Argv, cx: &mut Context<'_>) -> Result<Reply, Reply> {
        let me = cx.id();
        let at = super::tell_cluster::slot_of(&argv[2])?;
        let holds = self.keys_in(at).next().is_some();
        let is_master = self.is_master();
        let Some(bus) = self.bus.as_mut().filter(|_| is_master) else {
            return Err(error("ERR You can use SETSLOT only with masters."));
        };
        let before = bus.conf.clone();
        let (word, named) = (&argv[3], argv.get(4));
        let member = named.and_then(|name| name.parse::<NodeId>().ok()).and_then(|id| Some((id, *bus.conf.members.get(&id)?)));
        let whole = argv.len() == if is(word, "STABLE") { 4 } else { 5 };
        let owner = bus.conf.slots.owner(at);
        let known = |text: &str| {
            let (id, member) = member.ok_or_else(|| error(format!("ERR {text} {}", named.map_or("", |name| &**name))))?;
            if member.follows.is_some() { Err(error("ERR Target node is not a master")) } else { Ok(id) }
        };
        match () {
            () if !whole => return Err(error(super::tell_cluster::WRONG_ACTION)),
            () if is(word, "STABLE") => {
                bus.conf.migrating.remove(&at);
                bus.conf.importing.remove(&at);
            }
            () if is(word, "MIGRATING") && owner != Some(me) => {
                return Err(error(format!("ERR I'm not the owner of hash slot {at}")));
            }
            () if is(word, "MIGRATING") => _ = bus.conf.migrating.insert(at, known("I don't know about node")?),
            () if is(word, "IMPORTING") && owner == Some(me) => {
                return Err(error(format!("ERR I'm already the owner of hash slot {at}")));
            }
            () if is(word, "IMPORTING") => _ = bus.conf.importing.insert(at, known("I don't know about node")?),
            () if is(word, "NODE") => {
                let id = known("Unknown node")?;
                if owner == Some(me) && id != me && holds {
                    let text = "to a different node while I still hold keys for this hash slot.";
                    return Err(error(format!("ERR Can't assign hashslot {at} {text}")));
                }
                bus.conf.migrating.remove(&at);
                bus.conf.slots.give((at, at), id);
                if id == me && bus.conf.importing.remove(&at).is_some() {
                    bus.next_epoch(me);
                }
            }
            () => return Err(error(super::tell_cluster::WRONG_ACTION)),
        }
        self.keep_conf(&before, cx);
        Ok(Reply::OK)
    }

    /// Whether the thread waits for another server to take a key.
    pub(super) fn is_held_up(&self) -> bool {
        self.moving.is_some()
    }

    /// What arrived meanwhile has its turn.
    pub(super) fn go_on(&mut self, cx: &mut Context<'_>) {
        if self.may_begin() {
            self.begin_turn(cx);
        }
    }

    /// A message that ends the waiting goes before all others.
    pub(super) fn is_awaited(job: &Job) -> bool {
        matches!(job, Job::Message(_, Msg::Restored { .. }))
    }
}
