//! What is between nodes: the clock, the queue of events, the messages on their way, and the record of what happened. A handler
//! reaches it while it runs, so that a message goes straight from a state machine into the queue.

use super::copies::Copies;
use super::draw::Draws;
use super::id::{MsgId, NodeId};
use super::kernel::{Event, Flight, Sent};
use super::log::Log;
use super::network::Network;
use super::protocol::{Protocol, Wire};
use super::queue::{CAPACITY, Queue, Slot};
use super::time::{Span, Time};
use super::trace::{Death, Entry, Leg, Trace};

/// Everything of a simulation but its nodes and their requests.
#[derive(Clone)]
pub(super) struct Wires<P: Protocol> {
    pub(super) now: Time,
    pub(super) events: u64,
    pub(super) fingerprint: u64,
    pub(super) queue: Queue<Event<P>>,
    pub(super) servers: u16,
    pub(super) clients: u16,
    pub(super) network: Network,
    pub(super) draws: Draws,
    pub(super) hold_all: bool,
    pub(super) copies: Copies,
    pub(super) next_message: u64,
    pub(super) sent: Sent,
    pub(super) keep_trace: bool,
    pub(super) trace: Log<Entry<P::Note>>,
    /// Whether something happened that a learner would stop at.
    pub(super) noteworthy: bool,
}

impl<P: Protocol> Wires<P> {
    pub(super) fn new(seed: u64, (servers, clients): (u16, u16), network: Network, keep_trace: bool) -> Wires<P> {
        Wires {
            now: Time::ZERO,
            events: 0,
            fingerprint: seed,
            queue: Queue::default(),
            servers,
            clients,
            network,
            draws: Draws::new(seed),
            hold_all: false,
            copies: Copies::default(),
            next_message: 1,
            sent: Sent::default(),
            keep_trace,
            trace: Log::default(),
            noteworthy: false,
        }
    }

    /// From here on everything is drawn by another seed.
    pub(super) fn reseed(&mut self, seed: u64) {
        self.draws = Draws::new(seed);
    }

    /// Folds a word into the fingerprint.
    #[inline]
    pub(super) fn fold(&mut self, word: u64) {
        self.fingerprint = (self.fingerprint.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    #[inline]
    pub(super) fn fold_event(&mut self, kind: u64, node: NodeId, number: u64) {
        self.fold(self.now.0);
        self.fold((kind << 56) ^ (u64::from(node.code()) << 40) ^ number);
    }

    #[inline]
    pub(super) fn log(&mut self, what: Trace<P::Note>) {
        if self.keep_trace {
            self.trace.push(Entry { event: self.events, at: self.now, what });
        }
    }

    /// Whether there is or was such a node.
    #[inline]
    pub(super) fn had(&self, id: NodeId) -> bool {
        id.index() < usize::from(if id.is_client() { self.clients } else { self.servers })
    }

    #[inline]
    pub(super) fn send(&mut self, settings: &P::Settings, from: NodeId, to: NodeId, msg: P::Msg) {
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
            self.put_on_wire(settings, leg, msg, bytes);
            self.put_on_wire(settings, second, copy, bytes);
        } else {
            self.put_on_wire(settings, leg, msg, bytes);
        }
    }

    /// The number of a copy of this message. Connections remember whose copy it is.
    pub(super) fn copy_of(&mut self, leg: &Leg) -> MsgId {
        let copy = MsgId(self.next_message);
        self.next_message += 1;
        if P::CONNECTED || leg.is_on_connection() {
            self.copies.add(leg.id, copy);
        }
        copy
    }

    #[inline]
    pub(super) fn put_on_wire(&mut self, settings: &P::Settings, leg: Leg, msg: P::Msg, bytes: u64) {
        self.sent.messages += 1;
        self.sent.bytes += bytes;
        if self.queue.len() >= CAPACITY {
            return self.lose(leg, Death::NetworkFull);
        }
        let passage = self.network.send(&leg, bytes, P::travel(settings, &msg), &self.draws);
        let flight = Flight { leg, due: passage.due, lost: passage.lost, held: Time::END, stood: Span::ZERO, msg };
        let slot = self.queue.push(flight.due, Event::Deliver(flight));
        if self.hold_all {
            self.hold_slot(slot);
        }
    }

    pub(super) fn lose(&mut self, leg: Leg, death: Death) {
        self.noteworthy |= !P::is_quiet(leg.kind);
        self.copies.die(leg.id);
        self.fold(death as u64);
        self.log(Trace::Lost(leg, death));
    }

    pub(super) fn hold_slot(&mut self, slot: Slot) {
        let now = self.now;
        if let Some(Event::Deliver(flight)) = self.queue.get_mut(slot)
            && !flight.is_held()
        {
            flight.held = now;
            self.queue.park(slot);
        }
    }
}
