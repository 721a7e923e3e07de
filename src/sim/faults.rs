//! Every fault, the same for every protocol. [`Sim::act`] first, so that each deed is one event.

use super::id::{MsgId, NodeId};
use super::kernel::{Event, Sim, Stepped};
use super::node::Work;
use super::protocol::Protocol;
use super::queue::Slot;
use super::time::Time;
use super::trace::Death;

/// What happens to the disk when a node crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The process dies, the machine lives: every write survives.
    KeepDisk,
    /// Power is lost: what was not synced is gone.
    LoseUnsynced,
    /// The disk is gone.
    WipeDisk,
}

impl<P: Protocol> Sim<P> {
    /// Something is done by hand now: one event, folded with `word`, which must tell different deeds apart. The deed itself
    /// follows: any of the calls below.
    pub fn act(&mut self, word: u64) -> Stepped {
        self.begin();
        self.wires.fold(self.now().0);
        self.wires.fold(word);
        self.end()
    }

    /// A node dies by hand. Messages that it sent before go on; those that reach it while it is down are lost.
    pub fn crash(&mut self, id: NodeId, how: Crash) {
        self.stop(id, how);
        self.stopped_by_hand(id);
    }

    /// A node dies, however that came.
    pub(super) fn stop(&mut self, id: NodeId, how: Crash) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        node.state = None;
        node.uptime.goes_down(self.wires.now);
        node.life += 1;
        node.paused = false;
        let jobs = node.line.clear(self.wires.now);
        node.fired.clear();
        node.after_sync.clear();
        match how {
            Crash::KeepDisk => node.store.survive(),
            Crash::LoseUnsynced => node.store.lose_unsynced(),
            Crash::WipeDisk => node.store.wipe(),
        }
        for job in jobs {
            self.wires.queue.take(job.slot);
        }
        for running in std::mem::take(&mut self.nodes[index].timers) {
            self.wires.queue.take(running.slot);
        }
        if id.is_client() {
            self.end_requests_of(id);
        } else {
            self.forget_failure(id);
        }
    }

    /// A node that is down boots again from its disk; one that left never does.
    pub fn restart(&mut self, id: NodeId) {
        if self.is_gone(id) {
            return;
        }
        self.forget_failure(id);
        self.boot(id);
        self.watch_for_failure(id);
    }

    /// Stops a node's process; what arrives waits, and what it is busy with stands still.
    pub fn pause(&mut self, id: NodeId) {
        let index = self.index(id);
        if !std::mem::replace(&mut self.nodes[index].paused, true) {
            self.stop_work(id);
        }
    }

    /// Lets a paused process go on, with what it was busy with and then with what waited.
    pub fn resume(&mut self, id: NodeId) {
        let index = self.index(id);
        if std::mem::replace(&mut self.nodes[index].paused, false) {
            self.go_on_with_work(id);
        }
    }

    /// Makes a node this many times slower than normal, also with what it is busy with.
    pub fn slow(&mut self, id: NodeId, factor: f64) {
        let index = self.index(id);
        let before = std::mem::replace(&mut self.nodes[index].slow, factor);
        self.stretch_work(id, factor / before);
    }

    /// Sets a node's clock off.
    pub fn skew(&mut self, id: NodeId, offset_ns: i64) {
        let (index, now) = (self.index(id), self.now());
        self.nodes[index].clock.skew(offset_ns, now);
        self.tell(id, Work::Clock);
    }

    /// Makes a node's clock run fast or slow.
    pub fn drift(&mut self, id: NodeId, ppm: i32) {
        let (index, now) = (self.index(id), self.now());
        self.nodes[index].clock.drift(ppm, now);
        self.tell(id, Work::Clock);
    }

    /// Makes writes to a node's disk fail, or work again.
    pub fn set_disk_full(&mut self, id: NodeId, full: bool) {
        let index = self.index(id);
        self.nodes[index].store.set_full(full);
    }

    /// Makes a timer that runs go off now. `false` when it does not run.
    pub fn fire(&mut self, id: NodeId, timer: P::Timer) -> bool {
        let index = self.index(id);
        let Some(running) = self.nodes[index].timers.iter_mut().find(|running| running.timer == timer) else {
            return false;
        };
        running.due = self.wires.now;
        let slot = running.slot;
        self.reschedule(slot, self.wires.now);
        true
    }

    /// Runs a handler on a node by hand, such as one that makes it leader. Nothing happens when it is down.
    pub fn command(&mut self, id: NodeId, handler: impl FnOnce(&mut P, &mut super::protocol::Cx<'_, P>)) {
        self.with_state(id, handler);
    }

    fn slot_of(&self, id: MsgId) -> Option<Slot> {
        let mut slots = self.wires.queue.iter();
        slots.find(|(_, event)| matches!(event, Event::Deliver(flight) if flight.leg.id == id)).map(|(slot, _)| slot)
    }

    /// Whether a message is on its way.
    pub fn in_flight(&self, id: MsgId) -> bool {
        self.slot_of(id).is_some()
    }

    fn reschedule(&mut self, slot: Slot, at: Time) {
        self.wires.queue.park(slot);
        self.wires.queue.schedule(slot, at);
    }

    /// A message dies where it is. `false` when it is not on its way.
    pub fn drop_message(&mut self, id: MsgId) -> bool {
        let Some(slot) = self.slot_of(id) else {
            return false;
        };
        if let Some(Event::Deliver(flight)) = self.wires.queue.take(slot) {
            self.wires.lose(flight.leg, Death::Dropped);
        }
        true
    }

    /// A message arrives now, unless a cut or a crash stops it.
    pub fn deliver_message(&mut self, id: MsgId) -> bool {
        let Some(slot) = self.slot_of(id) else {
            return false;
        };
        if let Some(Event::Deliver(mut flight)) = self.wires.queue.take(slot) {
            flight.lost = false;
            self.deliver(flight);
        }
        true
    }

    /// A copy of a message starts where its sender is, with a number and a way of its own.
    pub fn duplicate_message(&mut self, id: MsgId) -> bool {
        let Some(slot) = self.slot_of(id) else {
            return false;
        };
        let Some(Event::Deliver(flight)) = self.wires.queue.get(slot) else {
            return false;
        };
        let (mut leg, msg) = (flight.leg, flight.msg.clone());
        let bytes = super::protocol::Wire::bytes(&msg);
        (leg.id, leg.sent) = (self.wires.copy_of(&leg), self.now());
        let settings = self.nodes[self.index(leg.from)].settings.as_deref().unwrap_or(&*self.settings);
        self.wires.put_on_wire(settings, leg, msg, bytes);
        true
    }

    /// A message stops where it is. `false` when it is not on its way.
    pub fn hold(&mut self, id: MsgId) -> bool {
        let Some(slot) = self.slot_of(id) else {
            return false;
        };
        self.wires.hold_slot(slot);
        true
    }

    /// A held message goes on from where it is. `false` when it is not on its way.
    pub fn release(&mut self, id: MsgId) -> bool {
        let Some(slot) = self.slot_of(id) else {
            return false;
        };
        self.release_slot(slot);
        true
    }

    fn release_slot(&mut self, slot: Slot) {
        let now = self.wires.now;
        let Some(Event::Deliver(flight)) = self.wires.queue.get_mut(slot) else {
            return;
        };
        if !flight.is_held() {
            return;
        }
        let stood = now.since(flight.held);
        flight.leg.sent += stood;
        flight.due += stood;
        flight.held = Time::END;
        let due = flight.due;
        self.wires.queue.schedule(slot, due);
    }

    /// Holds every message on its way and every later one as it is sent, or lets all go.
    pub fn hold_all(&mut self, hold: bool) {
        self.wires.hold_all = hold;
        let mut slots: Vec<(MsgId, Slot)> = self.wires.queue.iter().filter_map(flight_slot).collect();
        slots.sort_unstable_by_key(|(id, _)| *id);
        for (_, slot) in slots {
            if hold { self.wires.hold_slot(slot) } else { self.release_slot(slot) }
        }
    }

    /// Whether every new message is held.
    pub fn holds_all(&self) -> bool {
        self.wires.hold_all
    }
}

fn flight_slot<P: Protocol>((slot, event): (Slot, &Event<P>)) -> Option<(MsgId, Slot)> {
    match event {
        Event::Deliver(flight) => Some((flight.leg.id, slot)),
        _ => None,
    }
}
