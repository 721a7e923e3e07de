//! What handlers want done, and doing it: messages, timers, syncs.

use super::draw::Concern;
use super::id::NodeId;
use super::kernel::{Event, Sim};
use super::node::{Node, Running, Work};
use super::protocol::{Cx, Effect, Protocol};
use super::time::Span;
use super::trace::Trace;

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
    pub(super) fn with_state(&mut self, id: NodeId, handler: impl FnOnce(&mut P, &mut Cx<'_, P>)) {
        self.with_state_at(self.index(id), id, handler);
    }

    /// The same for who knows where the node stands.
    #[inline]
    pub(super) fn with_state_at(&mut self, index: usize, id: NodeId, handler: impl FnOnce(&mut P, &mut Cx<'_, P>)) {
        let Node { state: Some(state), clock, store, drawn, life, settings, .. } = &mut self.nodes[index] else {
            return;
        };
        let mut cx = Cx {
            id,
            local: clock.local(self.wires.now),
            clock,
            settings: settings.as_deref().unwrap_or(&*self.settings),
            store,
            drawn,
            wires: &mut self.wires,
            requests: &mut self.requests,
            gone: &self.gone,
            first_boot: *life == 0,
            effects: &mut self.effects.0,
        };
        handler(state, &mut cx);
        if !self.effects.0.is_empty() {
            self.apply_effects(id);
        }
    }

    /// The state of a process that boots.
    pub(super) fn booted(&mut self, id: NodeId) -> P {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        let mut cx = Cx {
            id,
            local: node.clock.local(self.wires.now),
            clock: &node.clock,
            settings: node.settings.as_deref().unwrap_or(&*self.settings),
            store: &mut node.store,
            drawn: &mut node.drawn,
            wires: &mut self.wires,
            requests: &mut self.requests,
            gone: &self.gone,
            first_boot: node.life == 0,
            effects: &mut self.effects.0,
        };
        P::boot(id, &mut cx)
    }

    pub(super) fn apply_effects(&mut self, id: NodeId) {
        // From the back, so that the buffer keeps its memory and nothing is moved.
        self.effects.0.reverse();
        while let Some(effect) = self.effects.0.pop() {
            self.apply_effect(id, effect);
        }
    }

    pub(super) fn apply_effect(&mut self, id: NodeId, effect: Effect<P>) {
        match effect {
            Effect::Send(to, msg) => self.send(id, to, msg),
            Effect::SendAfterSync(to, msg) => self.send_after_sync(id, to, msg),
            Effect::Sync => self.sync(id),
            Effect::SyncTaking(takes) => self.begin_sync(id, Some(takes)),
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
            Effect::AddServer => {
                // Its boot has effects of its own.
                let rest = std::mem::take(&mut self.effects.0);
                self.add_server(self.network().map().zone(id) as u8);
                self.effects.0 = rest;
            }
            Effect::Die => {
                self.effects.0.clear();
                self.dies(id);
            }
            Effect::RemoveServer(other) if other != id && self.has(other) => self.remove(other),
            Effect::RemoveServer(_) => {}
            Effect::KeepWorker => {
                let index = self.index(id);
                self.nodes[index].line.keep(self.wires.now);
            }
            Effect::FreeWorker => {
                let index = self.index(id);
                self.nodes[index].line.free(self.wires.now);
                self.start_work(id);
            }
            Effect::Reply(request, reply) => self.reply(request, reply),
            Effect::Note(note) => {
                self.wires.noteworthy |= P::is_noteworthy(&note);
                self.wires.log(Trace::Note(id, note));
            }
        }
    }

    pub(super) fn send(&mut self, from: NodeId, to: NodeId, msg: P::Msg) {
        let settings = self.nodes[self.index(from)].settings.as_deref().unwrap_or(&*self.settings);
        self.wires.send(settings, from, to, msg);
    }

    pub(super) fn set_timer(&mut self, id: NodeId, after: Span, timer: P::Timer) {
        self.cancel_timer(id, timer);
        let (index, set, due) = (self.index(id), self.wires.now, self.wires.now + after);
        let slot = self.wires.queue.push(due, Event::Timer(id, self.nodes[index].life, timer));
        self.nodes[index].timers.push(Running { timer, set, due, slot });
    }

    pub(super) fn cancel_timer(&mut self, id: NodeId, timer: P::Timer) {
        let index = self.index(id);
        self.nodes[index].fired.retain(|fired| *fired != timer);
        let timers = &mut self.nodes[index].timers;
        if let Some(at) = timers.iter().position(|running| running.timer == timer) {
            let running = timers.remove(at);
            self.wires.queue.take(running.slot);
        }
    }

    pub(super) fn sync(&mut self, id: NodeId) {
        self.begin_sync(id, None);
    }

    /// Starts a sync of what was written, if anything was. It takes what the disk draws, unless said otherwise.
    fn begin_sync(&mut self, id: NodeId, takes: Option<Span>) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        let Some(number) = node.store.begin_sync() else {
            return;
        };
        node.syncs += 1;
        let mut draws = self.wires.draws.of_node(Concern::Disk, id.code(), node.syncs);
        let takes = takes.unwrap_or_else(|| self.disk.sample(&mut draws)).scaled(node.slow);
        self.wires.queue.push(self.wires.now + takes, Event::Synced(id, node.life, number));
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
