//! What the facts and the judges remember: what became of each message, by its business key.

use std::collections::BTreeSet;

use imbl::Vector;

use crate::check::operation::Key;
use crate::check::queue::{Message, Place, Send};
use crate::packs;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::packed::Packed;
use crate::sim::table::Table;
use crate::sim::time::{Span, Time};

use super::message::{Msg, Note, Op, Ret, made_by};
use super::queue::{Copies, Queue};
use super::settings::Durable;
use super::{BROKER, DATABASE, WorkQueue};

/// The time over which the rate of effects is taken.
const RATE_OVER: Span = Span::s(10);

packs!(struct Message { key, group, sends, handed, dropped, done, effects, place });
packs!(struct Send { id, call, accepted });
packs!(enum Place { 0 = Held {}, 1 = Parked {}, 2 = Removed {}, 3 = Gone {} });

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// The messages whose keys were named by a producer.
    numbers: OrdMap<Key, u32>,
    messages: Packed<Message>,
    /// The message of each send.
    sends: Table<u32>,
    /// Messages without an effect.
    open: OrdSet<u32>,
    /// Of these, those that may be in nobody's hands: they are not in the queue, or may not be.
    loose: OrdSet<u32>,
    /// Of these, those that nobody has.
    gone: OrdSet<u32>,
    removed: OrdSet<u32>,
    /// How many effects of the database were looked at.
    effects_seen: usize,
    /// When the effects of late were made.
    recent: Vector<Time>,
    /// Messages that were accepted, have no effect, and that nobody has.
    pub lost: OrdSet<u32>,
    /// Counts that only grow.
    pub counts: Counts,
}

/// Counts over the run so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that a producer was told the queue has.
    pub accepted: usize,
    /// Messages that a worker did, at least once.
    pub done: usize,
    /// Messages that workers did twice or more often.
    pub done_twice: usize,
    /// Messages that took effect, at least once.
    pub took_effect: usize,
    /// Messages that took effect twice or more often.
    pub effect_twice: usize,
    /// Hand-outs.
    pub handed: usize,
    /// Hand-outs of what was handed out before.
    pub handed_again: usize,
    /// Effects.
    pub effects: u64,
    /// Sends that the broker recognised as doubles.
    pub doubles: usize,
    /// Results that were recognised as there already, by the database or by a worker.
    pub recognised: usize,
    /// Results that the database refused because a newer receipt had been there.
    pub fenced: usize,
}

impl Watch {
    /// A client asked, or was told.
    pub fn record(&mut self, record: &Record<Op, Ret>) {
        match &record.kind {
            Kind::Invoke(op) => self.sent(record.request, op, record.event),
            Kind::Ok(_) => self.accepted(record.request, record.event),
            Kind::Refused(_) | Kind::Failed(_) | Kind::Unknown(_) => {}
        }
    }

    fn sent(&mut self, request: RequestId, op: &Op, call: u64) {
        let is_made = matches!(op, Op::Send { key: None, .. });
        let message = op.key(request).map(|key| (self.number(key, is_made), op));
        let Some((number, Op::Send { group, .. })) = message else { return };
        self.sends.insert(request.0, number);
        self.change(number, |message| {
            message.group = message.group.take().or_else(|| group.clone());
            message.sends.push(Send { id: request.0, call, accepted: None });
        });
    }

    /// Writes down something of a message; `None`: there is none of this number.
    fn change<R>(&mut self, number: u32, change: impl FnOnce(&mut Message) -> R) -> Option<R> {
        let mut message = self.messages.get(number as usize)?.into_owned();
        let result = change(&mut message);
        self.messages.set(number as usize, message);
        Some(result)
    }

    /// The number of a message that is known by its key. A key that a client made says which request it is of.
    fn known(&self, key: &Key) -> Option<u32> {
        let of_request = || {
            let number = self.sends.get(made_by(key)?.0)?;
            self.messages.get(number as usize).is_some_and(|message| message.key == *key).then_some(number)
        };
        self.numbers.get(key).copied().or_else(of_request)
    }

    /// The number of a message, new or known; `is_made`: its client has made the key.
    fn number(&mut self, key: Key, is_made: bool) -> u32 {
        if let Some(number) = self.known(&key) {
            return number;
        }
        let number = self.messages.len() as u32;
        if !is_made {
            self.numbers.insert(key.clone(), number);
        }
        let message =
            Message { key, group: None, sends: vec![], handed: vec![], dropped: false, done: vec![], effects: vec![], place: Place::Held };
        self.messages.push(message);
        self.messages.settle();
        self.open.insert(number);
        number
    }

    fn accepted(&mut self, request: RequestId, event: u64) {
        let Some(number) = self.sends.get(request.0) else { return };
        let is_first = self.change(number, |message| {
            let is_first = message.accepted().is_none();
            if let Some(send) = message.sends.iter_mut().find(|send| send.id == request.0) {
                send.accepted = Some(event);
            }
            is_first
        });
        self.counts.accepted += usize::from(is_first == Some(true));
        if self.gone.contains(&number) {
            self.lost.insert(number);
        } else {
            // A send that nobody confirms may never have arrived.
            self.left(number);
        }
    }

    /// A node noted something.
    pub fn see(&mut self, event: u64, who: NodeId, note: &Note) {
        match note {
            Note::Accepted { key, .. } => self.with(key, Watch::found),
            Note::Handed { job, .. } => self.with(&job.key, |watch, number| watch.handed(number, event)),
            Note::Expired { key, .. } | Note::Returned { key, .. } => self.with(key, Watch::dropped),
            Note::Settled { key } | Note::Spent { key } => self.with(key, Watch::left),
            Note::Did { key } => self.with(key, |watch, number| watch.did(number, event, who)),
            Note::Double { .. } => self.counts.doubles += 1,
            Note::Again { .. } | Note::Skipped { .. } => self.counts.recognised += 1,
            Note::Fenced { .. } => self.counts.fenced += 1,
            Note::Purged { keys } => keys.iter().for_each(|key| self.with(key, Watch::purged)),
            _ => {}
        }
    }

    fn with(&mut self, key: &Key, then: impl FnOnce(&mut Watch, u32)) {
        if let Some(number) = self.known(key) {
            then(self, number);
        }
    }

    /// The queue has it.
    fn found(&mut self, number: u32) {
        self.loose.remove(&number);
        self.gone.remove(&number);
        self.lost.remove(&number);
        self.removed.remove(&number);
    }

    fn handed(&mut self, number: u32, event: u64) {
        let times = self.change(number, |message| {
            message.handed.push(event);
            message.handed.len()
        });
        self.counts.handed += 1;
        self.counts.handed_again += usize::from(times > Some(1));
    }

    fn dropped(&mut self, number: u32) {
        self.change(number, |message| message.dropped = true);
    }

    /// It may have left the queue.
    fn left(&mut self, number: u32) {
        if self.open.contains(&number) {
            self.loose.insert(number);
        }
    }

    fn purged(&mut self, number: u32) {
        self.removed.insert(number);
        self.left(number);
    }

    fn did(&mut self, number: u32, event: u64, worker: NodeId) {
        let times = self.change(number, |message| {
            message.done.push((event, worker.index() as u32));
            message.done.len()
        });
        self.counts.done += usize::from(times == Some(1));
        self.counts.done_twice += usize::from(times == Some(2));
    }

    /// An event is over: what took effect, and what nobody has any more? `touched`: the only node that it concerned; `None`: perhaps all.
    pub fn settle(&mut self, sim: &Sim<WorkQueue>, touched: Option<NodeId>) {
        if touched.is_none_or(|node| node == DATABASE) {
            self.look_at_effects(sim);
        }
        if touched.is_none() {
            // A crash of the broker, or a lost disk: what was in the queue may be in it no more.
            for number in self.open.clone() {
                self.left(number);
            }
        }
        if !self.loose.is_empty() {
            self.look_for(sim);
        }
    }

    fn look_at_effects(&mut self, sim: &Sim<WorkQueue>) {
        let effects = &sim.node(DATABASE).store().durable().ledger.effects;
        let seen = self.effects_seen.min(effects.len());
        self.effects_seen = effects.len();
        for key in effects.iter_from(seen) {
            self.with(&key, |watch, number| watch.took_effect(number, sim.now()));
        }
    }

    fn took_effect(&mut self, number: u32, now: Time) {
        let place = self.counts.effects;
        let times = self.change(number, |message| {
            message.effects.push(place);
            message.effects.len()
        });
        self.counts.effects += 1;
        self.counts.took_effect += usize::from(times == Some(1));
        self.counts.effect_twice += usize::from(times == Some(2));
        self.open.remove(&number);
        self.found(number);
        while self.recent.front().is_some_and(|at| *at + RATE_OVER < now) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
    }

    /// Where is what may be in nobody's hands? What is gone for good is not looked for again.
    fn look_for(&mut self, sim: &Sim<WorkQueue>) {
        let carried = Carried::of(sim);
        for number in self.loose.clone() {
            let Some(key) = self.messages.get(number as usize).map(|message| message.key.clone()) else { continue };
            let copies = queue(sim).map_or_else(Copies::default, |queue| queue.copies(&key));
            if copies.live > 0 {
                self.found(number);
            } else if copies.dead > 0 || self.removed.contains(&number) {
                self.loose.remove(&number);
            } else if !carried.has(&key) {
                self.lose(number);
            }
        }
    }

    fn lose(&mut self, number: u32) {
        self.loose.remove(&number);
        self.gone.insert(number);
        self.dropped(number);
        if self.messages.get(number as usize).is_some_and(|message| message.accepted().is_some()) {
            self.lost.insert(number);
        }
    }

    /// What became of every message.
    pub fn messages(&self, sim: &Sim<WorkQueue>) -> Vec<Message> {
        let place = |number: usize, message: &Message| {
            let copies = queue(sim).map_or_else(Copies::default, |queue| queue.copies(&message.key));
            let number = number as u32;
            match () {
                () if copies.live > 0 => Place::Held,
                () if copies.dead > 0 => Place::Parked,
                () if self.removed.contains(&number) => Place::Removed,
                () if self.gone.contains(&number) || !message.effects.is_empty() => Place::Gone,
                () => Place::Held,
            }
        };
        let all = self.messages.iter().enumerate();
        all.map(|(number, message)| Message { place: place(number, &message), ..message.into_owned() }).collect()
    }

    /// Effects in each second of late.
    pub fn rate(&self, now: Time) -> f64 {
        let over = RATE_OVER.min(now.since(Time::ZERO));
        let late = self.recent.iter().filter(|at| **at + RATE_OVER >= now).count();
        if over == Span::ZERO { 0.0 } else { late as f64 / over.as_secs() }
    }

    /// The messages sent under keys that nobody has any more, for the picture.
    pub fn lost_keys(&self) -> impl Iterator<Item = Key> {
        self.lost.iter().filter_map(|number| self.messages.get(*number as usize).map(|message| message.key.clone()))
    }
}

/// The queue as it is, or as it would be after a restart; `None`: there is none.
pub(super) fn queue(sim: &Sim<WorkQueue>) -> Option<&Queue> {
    let node = sim.node(BROKER);
    match node.state() {
        Some(WorkQueue::Broker(broker)) => Some(&broker.queue),
        _ => (sim.settings().durable != Durable::Off).then_some(&node.store().current().queue),
    }
}

/// The messages that a worker, the network, or somebody's inbox has and that need not be in the queue.
struct Carried {
    keys: BTreeSet<Key>,
    /// Whether a sync is awaited: what waits for it can be seen nowhere else.
    syncs: bool,
}

impl Carried {
    fn of(sim: &Sim<WorkQueue>) -> Carried {
        let servers = || (0..sim.servers()).map(NodeId::server);
        let waiting = servers().flat_map(|id| sim.node(id).inbox());
        let messages = sim.flights().map(|flight| &flight.msg).chain(waiting).filter_map(Msg::carried);
        let held = servers().filter_map(|id| sim.node(id).state()).flat_map(|state| -> Box<dyn Iterator<Item = &Key> + '_> {
            match state {
                WorkQueue::Worker(worker) => Box::new(worker.held()),
                WorkQueue::Broker(broker) => Box::new(broker.moved()),
                _ => Box::new(std::iter::empty()),
            }
        });
        let syncs = |id: NodeId| sim.node(id).is_up() && sim.node(id).store().has_unsynced();
        Carried {
            keys: messages.chain(held.cloned()).collect(),
            syncs: (sim.settings().durable == Durable::Synced && syncs(BROKER)) || syncs(DATABASE),
        }
    }

    fn has(&self, key: &Key) -> bool {
        self.syncs || self.keys.contains(key)
    }
}
