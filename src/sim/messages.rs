//! What is done by hand to messages on their way.

use std::collections::BTreeMap;

use super::id::{MsgId, NodeId};
use super::kernel::{Event, Flight, Sim};
use super::protocol::{Protocol, Wire};
use super::queue::Slot;
use super::time::{Span, Time};
use super::trace::Death;

impl<P: Protocol> Sim<P> {
    fn slot_of(&self, id: MsgId) -> Option<Slot> {
        let mut slots = self.wires.queue.iter();
        slots.find(|(_, event)| matches!(event, Event::Deliver(flight) if flight.leg.id == id)).map(|(slot, _)| slot)
    }

    /// Whether a message is on its way.
    pub fn in_flight(&self, id: MsgId) -> bool {
        self.slot_of(id).is_some()
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
        let bytes = Wire::bytes(&msg);
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

    /// A message comes so much later than it would; one that is held goes on, and comes so much later than now. `false` when it is not on
    /// its way.
    pub fn delay(&mut self, id: MsgId, by: Span) -> bool {
        let Some(slot) = self.slot_of(id) else {
            return false;
        };
        let now = self.wires.now;
        let Some(Event::Deliver(flight)) = self.wires.queue.get_mut(slot) else {
            return false;
        };
        if flight.is_held() {
            goes_on(flight, now);
            (flight.lost, flight.due) = (false, now);
        }
        flight.due += by;
        let (leg, due) = (flight.leg, flight.due);
        self.wires.network.expect(leg.from, leg.to, due);
        self.wires.queue.park(slot);
        self.wires.queue.schedule(slot, due);
        true
    }

    fn release_slot(&mut self, slot: Slot) {
        let now = self.wires.now;
        if let Some(Event::Deliver(flight)) = self.wires.queue.get_mut(slot)
            && flight.is_held()
        {
            let due = goes_on(flight, now);
            self.wires.queue.schedule(slot, due);
        }
    }

    /// Holds every message on its way and every later one as it is sent, or lets each go on from where it is.
    pub fn hold_all(&mut self, hold: bool) {
        self.wires.hold_all = hold;
        for slot in self.flying() {
            if hold { self.wires.hold_slot(slot) } else { self.release_slot(slot) }
        }
    }

    /// Where messages on their way are, in the order in which they were sent.
    fn flying(&self) -> Vec<Slot> {
        in_order(self.wires.queue.iter().filter_map(flight_slot).collect())
    }

    /// Lets all that is held go on from where it is, but so that what a wire keeps in order arrives in order.
    pub fn release_all_in_order(&mut self) {
        self.wires.hold_all = false;
        let (now, slots) = (self.wires.now, self.flying());
        let mut last: BTreeMap<(NodeId, NodeId), Time> = BTreeMap::new();
        for slot in slots {
            let Some(Event::Deliver(flight)) = self.wires.queue.get_mut(slot) else { continue };
            let wire = (flight.leg.from, flight.leg.to);
            let was_held = flight.is_held();
            if was_held {
                goes_on(flight, now);
            }
            if !flight.lost && self.wires.network.keeps_order(wire.0, wire.1) {
                let front = last.entry(wire).or_default();
                if was_held {
                    flight.due = flight.due.max(*front);
                }
                *front = flight.due.max(*front);
            }
            let due = flight.due;
            if was_held {
                self.wires.queue.schedule(slot, due);
            }
        }
        for ((from, to), due) in last {
            self.wires.network.expect(from, to, due);
        }
    }

    /// Whether every new message is held.
    pub fn holds_all(&self) -> bool {
        self.wires.hold_all
    }
}

/// Slots in the order of what is in them.
fn in_order(mut slots: Vec<(MsgId, Slot)>) -> Vec<Slot> {
    slots.sort_unstable_by_key(|(id, _)| *id);
    slots.into_iter().map(|(_, slot)| slot).collect()
}

/// It is held no more. Returns when it arrives: what was left of its way is still before it.
fn goes_on<M>(flight: &mut Flight<M>, now: Time) -> Time {
    let stood = now.since(flight.held);
    flight.stood = flight.stood + stood;
    flight.due += stood;
    flight.held = Time::END;
    flight.due
}

fn flight_slot<P: Protocol>((slot, event): (Slot, &Event<P>)) -> Option<(MsgId, Slot)> {
    match event {
        Event::Deliver(flight) => Some((flight.leg.id, slot)),
        _ => None,
    }
}
