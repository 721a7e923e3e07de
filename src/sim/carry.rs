//! Carrying out one event: a delivery, a timer, work that waited, a sync.

use super::id::NodeId;
use super::kernel::{Event, Flight, Sim};
use super::node::Work;
use super::protocol::Protocol;
use super::serve::Place;
use super::trace::{Death, Trace};

impl<P: Protocol> Sim<P> {
    pub(super) fn carry_out(&mut self, event: Event<P>) {
        match event {
            Event::Deliver(flight) => {
                self.touched = Some(flight.leg.to);
                self.deliver(flight);
            }
            Event::Timer(id, life, timer) => {
                self.touched = Some(id);
                self.wires.fold_event(2, id, life.into());
                self.on_timer(id, life, timer);
            }
            Event::Served(id, life, worker) => {
                self.touched = Some(id);
                self.wires.fold_event(3, id, life.into());
                self.on_served(id, life, worker);
            }
            Event::Synced(id, life, number) => {
                self.touched = Some(id);
                self.wires.fold_event(4, id, number);
                self.on_synced(id, life, number);
            }
            Event::Arrival(client, number) => {
                self.touched = Some(client);
                self.wires.fold_event(5, client, number);
                self.on_arrival(client, number);
            }
            Event::Request(request) => self.on_call_back(request),
            Event::Fails(id) => {
                self.touched = Some(id);
                self.wires.fold_event(6, id, 0);
                self.on_fails(id);
            }
            Event::ZoneFails(zone) => {
                self.wires.fold((7 << 56) ^ u64::from(zone));
                self.on_zone_fails(zone);
            }
            Event::ZoneRepaired(zone) => {
                self.wires.fold((9 << 56) ^ u64::from(zone));
                self.on_zone_repaired(zone);
            }
            Event::Repaired(id) => {
                self.touched = Some(id);
                self.wires.fold_event(8, id, 0);
                self.on_repaired(id);
            }
        }
    }

    /// The cut acts now, at delivery: what was in the air dies at the wall.
    #[inline]
    pub(super) fn deliver(&mut self, flight: Flight<P::Msg>) {
        let leg = flight.leg;
        self.wires.fold_event(1, leg.to, (leg.id.0 << 1) | u64::from(flight.lost));
        let index = self.index(leg.to);
        if let Some(death) = self.death_of(index, &flight) {
            return self.wires.lose(leg, death);
        }
        let place = self.place_for(index, &leg, &flight.msg);
        if matches!(place, Place::Nowhere) {
            return self.overflow(index, leg, flight.msg);
        }
        if (P::CONNECTED || leg.is_on_connection()) && !self.wires.copies.arrive(leg.id) {
            self.wires.fold(Death::Repeated as u64);
            return self.wires.log(Trace::Lost(leg, Death::Repeated));
        }
        self.wires.log(Trace::Arrived(leg));
        self.accept(index, leg, flight.msg, place);
    }

    #[inline]
    pub(super) fn death_of(&self, index: usize, flight: &Flight<P::Msg>) -> Option<Death> {
        let leg = &flight.leg;
        let node = &self.nodes[index];
        if flight.lost {
            Some(Death::Loss)
        } else if self.wires.network.is_cut(leg.from, leg.to) {
            Some(Death::Cut)
        } else if !node.is_up() {
            Some(Death::Down)
        } else {
            None
        }
    }

    pub(super) fn on_timer(&mut self, id: NodeId, life: u32, timer: P::Timer) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if node.life != life {
            return;
        }
        node.timers.retain(|running| running.timer != timer);
        node.fired.push(timer);
        self.accept_turn(id, Work::Timer(timer));
    }

    pub(super) fn boot(&mut self, id: NodeId) {
        let state = self.booted(id);
        let (index, station) = (self.index(id), P::station(self.settings_of(id), id));
        let node = &mut self.nodes[index];
        node.line.set_station(station);
        node.state = Some(state);
        node.uptime.comes_up(self.wires.now);
        if node.life == 0 {
            // A cluster starts on disks that were prepared before: no loss of power undoes that.
            node.store.survive();
        }
        self.apply_effects(id);
    }

    pub(super) fn handle(&mut self, id: NodeId, work: Work<P>) {
        match work {
            Work::Message(_, from, msg) => self.with_state(id, |state, cx| state.on_message(from, msg, cx)),
            Work::Timer(timer) => self.handle_timer(id, timer),
            Work::Request(request) => self.go_on_with(request),
            Work::Synced(number) => self.after_sync(id, number),
            Work::Settings => self.with_state(id, P::on_settings),
            Work::Clock => self.with_state(id, P::on_clock),
        }
    }

    /// A timer that was set anew or cancelled while it waited in the inbox does not go off.
    fn handle_timer(&mut self, id: NodeId, timer: P::Timer) {
        let index = self.index(id);
        let fired = &mut self.nodes[index].fired;
        let Some(at) = fired.iter().position(|waiting| *waiting == timer) else { return };
        fired.remove(at);
        self.with_state(id, |state, cx| state.on_timer(timer, cx));
    }
}
