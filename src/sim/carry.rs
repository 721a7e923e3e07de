//! Carrying out one event: a delivery, a timer, work that waited, a sync.

use super::id::NodeId;
use super::kernel::{Event, Flight, INBOX_MAX, Sim};
use super::node::Work;
use super::protocol::Protocol;
use super::time::Span;
use super::trace::{Death, Leg, Trace};

impl<P: Protocol> Sim<P> {
    pub(super) fn carry_out(&mut self, event: Event<P>) {
        match event {
            Event::Deliver(flight) => {
                self.touched = Some(flight.leg.to);
                self.deliver(flight);
            }
            Event::Timer(id, life, timer) => {
                self.touched = Some(id);
                self.fold_event(2, id, life.into());
                self.on_timer(id, life, timer);
            }
            Event::Handled(id, life) => {
                self.touched = Some(id);
                self.fold_event(3, id, life.into());
                self.on_handled(id, life);
            }
            Event::Synced(id, life, number) => {
                self.touched = Some(id);
                self.fold_event(4, id, number);
                self.on_synced(id, life, number);
            }
            Event::Arrival(client, number) => {
                self.touched = Some(client);
                self.fold_event(5, client, number);
                self.on_arrival(client, number);
            }
            Event::Request(request) => self.on_call_back(request),
        }
    }

    /// The cut acts now, at delivery: what was in the air dies at the wall.
    #[inline]
    pub(super) fn deliver(&mut self, flight: Flight<P::Msg>) {
        let leg = flight.leg;
        self.fold_event(1, leg.to, (leg.id.0 << 1) | u64::from(flight.lost));
        if let Some(death) = self.death_of(&flight) {
            return self.lose(leg, death);
        }
        if leg.is_on_connection() && !self.copies.arrive(leg.id) {
            self.fold(Death::Repeated as u64);
            return self.log(Trace::Lost(leg, Death::Repeated));
        }
        self.log(Trace::Arrived(leg));
        self.accept(leg.to, Work::Message(leg.from, flight.msg));
    }

    #[inline]
    pub(super) fn death_of(&self, flight: &Flight<P::Msg>) -> Option<Death> {
        let leg = &flight.leg;
        let node = self.node(leg.to);
        if flight.lost {
            Some(Death::Loss)
        } else if self.network.is_cut(leg.from, leg.to) {
            Some(Death::Cut)
        } else if !node.is_up() {
            Some(Death::Down)
        } else if node.inbox.len() >= INBOX_MAX {
            Some(Death::InboxFull)
        } else {
            None
        }
    }

    pub(super) fn lose(&mut self, leg: Leg, death: Death) {
        self.noteworthy |= !P::is_quiet(leg.kind);
        self.copies.die(leg.id);
        self.fold(death as u64);
        self.log(Trace::Lost(leg, death));
    }

    /// Hands work to a node: at once, or behind what it is busy with.
    #[inline]
    pub(super) fn accept(&mut self, id: NodeId, work: Work<P>) {
        let slow = self.handling_time(id);
        let index = self.index(id);
        let node = &mut self.nodes[index];
        let is_timer = matches!(work, Work::Timer(_));
        if !node.paused && !node.busy && (slow == Span::ZERO || is_timer) {
            return self.handle(id, work);
        }
        if node.inbox.len() < INBOX_MAX || is_timer {
            node.inbox.push_back(work);
        }
        self.start_work(id);
    }

    /// Tells a process something about its machine: at once, or when it goes on where it is paused.
    pub(super) fn tell(&mut self, id: NodeId, news: Work<P>) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if node.paused {
            node.inbox.push_back(news);
        } else {
            self.handle(id, news);
        }
    }

    /// How long this node needs for one message.
    pub(super) fn handling_time(&self, id: NodeId) -> Span {
        if id.is_client() || self.handling == Span::ZERO {
            return Span::ZERO;
        }
        self.handling.scaled(self.node(id).slow)
    }

    /// Starts on the first of the inbox, unless the node is busy, paused, or has none.
    pub(super) fn start_work(&mut self, id: NodeId) {
        let takes = self.handling_time(id);
        let (index, now) = (self.index(id), self.now);
        let node = &mut self.nodes[index];
        if node.busy || node.paused || node.inbox.is_empty() {
            return;
        }
        node.busy = true;
        self.queue.push(now + takes, Event::Handled(id, node.life));
    }

    pub(super) fn on_handled(&mut self, id: NodeId, life: u32) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if node.life != life {
            return;
        }
        node.busy = false;
        if node.paused {
            return;
        }
        if let Some(work) = node.inbox.pop_front() {
            self.handle(id, work);
        }
        self.start_work(id);
    }

    pub(super) fn on_timer(&mut self, id: NodeId, life: u32, timer: P::Timer) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if node.life != life {
            return;
        }
        node.timers.retain(|running| running.timer != timer);
        node.fired.push(timer);
        self.accept(id, Work::Timer(timer));
    }

    pub(super) fn boot(&mut self, id: NodeId) {
        let state = self.with_cx(id, |cx| P::boot(id, cx));
        let index = self.index(id);
        let node = &mut self.nodes[index];
        node.state = Some(state);
        if node.life == 0 {
            // A cluster starts on disks that were prepared before: no loss of power undoes that.
            node.store.survive();
        }
        self.apply_effects(id);
    }

    pub(super) fn handle(&mut self, id: NodeId, work: Work<P>) {
        match work {
            Work::Message(from, msg) => self.with_state(id, |state, cx| state.on_message(from, msg, cx)),
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
