//! What handlers want done, and doing it: messages, timers, syncs.

use super::draw::Concern;
use super::id::{MsgId, NodeId};
use super::kernel::{Event, Flight, Sim};
use super::node::{Running, Work};
use super::protocol::{Cx, Effect, Protocol, Wire};
use super::queue::CAPACITY;
use super::time::{Span, Time};
use super::trace::{Death, Leg, Trace};

impl<P: Protocol> Sim<P> {
    /// A sync ended: the disk has it. The process hears of it, unless it is paused: then when it goes on.
    pub(super) fn on_synced(&mut self, id: NodeId, life: u32, number: u64) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if node.life == life {
            node.store.end_sync(number);
            self.tell(id, Work::Synced(number));
        }
    }

    /// Sends what waited for a sync, then tells the state machine.
    pub(super) fn after_sync(&mut self, id: NodeId, number: u64) {
        let index = self.index(id);
        let waiting = &mut self.nodes[index].after_sync;
        let done = waiting.iter().take_while(|(n, _, _)| *n <= number).count();
        let ready: Vec<_> = waiting.drain(..done).collect();
        for (_, to, msg) in ready {
            self.send(id, to, msg);
        }
        self.with_state(id, P::on_synced);
    }

    /// Runs a handler of a node that is up, then applies its effects.
    #[inline]
    pub(super) fn with_state(&mut self, id: NodeId, handler: impl FnOnce(&mut P, &mut Cx<'_, P>)) {
        let index = self.index(id);
        let Some(mut state) = self.nodes[index].state.take() else {
            return;
        };
        self.with_cx(id, |cx| handler(&mut state, cx));
        self.nodes[index].state = Some(state);
        self.apply_effects(id);
    }

    #[inline]
    pub(super) fn with_cx<T>(&mut self, id: NodeId, run: impl FnOnce(&mut Cx<'_, P>) -> T) -> T {
        let (index, clients) = (self.index(id), self.clients());
        let node = &mut self.nodes[index];
        run(&mut Cx {
            id,
            local: node.clock.local(self.now),
            settings: node.settings.as_ref().unwrap_or(&self.settings),
            store: &mut node.store,
            draws: &self.draws,
            drawn: &mut node.drawn,
            network: &self.network,
            requests: &mut self.requests,
            servers: self.servers,
            clients,
            gone: &self.gone,
            first_boot: node.life == 0,
            effects: &mut self.effects.0,
        })
    }

    #[inline]
    pub(super) fn apply_effects(&mut self, id: NodeId) {
        // From the back, so that the buffer keeps its memory and nothing is moved.
        self.effects.0.reverse();
        while let Some(effect) = self.effects.0.pop() {
            self.apply_effect(id, effect);
        }
    }

    #[inline]
    pub(super) fn apply_effect(&mut self, id: NodeId, effect: Effect<P>) {
        match effect {
            Effect::Send(to, msg) => self.send(id, to, msg),
            Effect::SendAfterSync(to, msg) => self.send_after_sync(id, to, msg),
            Effect::Sync => self.sync(id),
            Effect::SetTimer(after, timer) => {
                let after = self.node(id).clock.real(after);
                self.set_timer(id, after, timer);
            }
            Effect::StartTimer(after, timer) => {
                let node = self.node(id);
                if !node.timers.iter().any(|running| running.timer == timer) {
                    let after = node.clock.real(after);
                    self.set_timer(id, after, timer);
                }
            }
            Effect::Work(takes, timer) => {
                let takes = takes.scaled(self.node(id).slow);
                self.set_timer(id, takes, timer);
            }
            Effect::Cancel(timer) => self.cancel_timer(id, timer),
            Effect::KeepWorker => {
                let index = self.index(id);
                self.nodes[index].line.keep(self.now);
            }
            Effect::FreeWorker => {
                let index = self.index(id);
                self.nodes[index].line.free(self.now);
                self.start_work(id);
            }
            Effect::Reply(request, reply) => self.reply(request, reply),
            Effect::Note(note) => {
                self.noteworthy |= P::is_noteworthy(&note);
                self.log(Trace::Note(id, note));
            }
        }
    }

    #[inline]
    pub(super) fn send(&mut self, from: NodeId, to: NodeId, msg: P::Msg) {
        if !self.had(to) {
            debug_assert!(false, "{from} sends to {to}, which does not exist");
            return;
        }
        let (id, kind, bytes) = (MsgId(self.next_message), msg.kind(), msg.bytes());
        self.next_message += 1;
        let copy = self.network.duplicates(from, to, id, &self.draws).then(|| msg.clone());
        let leg = Leg { id, from, to, sent: self.now, kind };
        if let Some(copy) = copy {
            let second = Leg { id: self.copy_of(&leg), ..leg };
            self.put_on_wire(leg, msg, bytes);
            self.put_on_wire(second, copy, bytes);
        } else {
            self.put_on_wire(leg, msg, bytes);
        }
    }

    /// The number of a copy of this message. Connections remember whose copy it is.
    pub(super) fn copy_of(&mut self, leg: &Leg) -> MsgId {
        let copy = MsgId(self.next_message);
        self.next_message += 1;
        if leg.is_on_connection() {
            self.copies.add(leg.id, copy);
        }
        copy
    }

    #[inline]
    pub(super) fn put_on_wire(&mut self, leg: Leg, msg: P::Msg, bytes: u64) {
        self.sent.messages += 1;
        self.sent.bytes += bytes;
        if self.queue.len() >= CAPACITY {
            return self.lose(leg, Death::NetworkFull);
        }
        let settings = self.nodes[self.index(leg.from)].settings.as_deref().unwrap_or(&*self.settings);
        let passage = self.network.send(&leg, bytes, P::travel(settings, &msg), &self.draws);
        let flight = Flight { leg, due: passage.due, lost: passage.lost, held: Time::END, msg };
        let slot = self.queue.push(flight.due, Event::Deliver(flight));
        if self.hold_all {
            self.hold_slot(slot);
        }
    }

    pub(super) fn set_timer(&mut self, id: NodeId, after: Span, timer: P::Timer) {
        self.cancel_timer(id, timer);
        let (index, set, due) = (self.index(id), self.now, self.now + after);
        let slot = self.queue.push(due, Event::Timer(id, self.nodes[index].life, timer));
        self.nodes[index].timers.push(Running { timer, set, due, slot });
    }

    pub(super) fn cancel_timer(&mut self, id: NodeId, timer: P::Timer) {
        let index = self.index(id);
        self.nodes[index].fired.retain(|fired| *fired != timer);
        let timers = &mut self.nodes[index].timers;
        if let Some(at) = timers.iter().position(|running| running.timer == timer) {
            let running = timers.remove(at);
            self.queue.take(running.slot);
        }
    }

    pub(super) fn sync(&mut self, id: NodeId) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        let Some(number) = node.store.begin_sync() else {
            return;
        };
        node.syncs += 1;
        let mut draws = self.draws.of_node(Concern::Disk, id.code(), node.syncs);
        let takes = self.disk.sample(&mut draws).scaled(node.slow);
        self.queue.push(self.now + takes, Event::Synced(id, node.life, number));
    }

    pub(super) fn send_after_sync(&mut self, id: NodeId, to: NodeId, msg: P::Msg) {
        self.sync(id);
        let index = self.index(id);
        match self.nodes[index].store.newest_sync() {
            Some(number) => self.nodes[index].after_sync.push_back((number, to, msg)),
            None => self.send(id, to, msg),
        }
    }
}
