//! The simulation: time, events, and the effects of handlers.

use std::sync::Arc;

use super::dist::Dist;
use super::draw::{Concern, Draws};
use super::history::Record;
use super::id::{MsgId, NodeId, RequestId};
use super::log::Log;
use super::network::{Map, Network, Policy};
use super::node::{Node, Running, Work};
use super::protocol::{Cx, Effect, Protocol, Wire};
use super::queue::{CAPACITY, Queue};
use super::requests::{Load, Requests};
use super::time::{Span, Time};
use super::trace::{Death, Entry, Leg, Trace};

/// The most messages and timers that may wait at one node.
pub const INBOX_MAX: usize = 4096;

/// Where a simulation starts.
#[derive(Clone, Debug)]
pub struct Config<S> {
    /// The seed of every draw.
    pub seed: u64,
    /// How many servers.
    pub servers: u16,
    /// How many clients.
    pub clients: u16,
    /// Where they are and how far apart.
    pub map: Map,
    /// How wires behave.
    pub policy: Policy,
    /// How long a disk takes to sync.
    pub disk: Dist,
    /// How long a server of normal speed takes to handle one message; zero is instantly.
    pub handling: Span,
    /// Whether the trace is kept. It never changes a run.
    pub keep_trace: bool,
    /// The protocol's own settings.
    pub settings: S,
}

/// A message on its way.
#[derive(Clone, Debug)]
pub struct Flight<M> {
    /// Its number, sender, receiver, and when it was sent.
    pub leg: Leg,
    /// When it arrives, or dies.
    pub due: Time,
    /// Whether it dies on the wire.
    pub lost: bool,
    /// Since when it is held; [`Time::END`] when it is not.
    pub held: Time,
    /// What it says.
    pub msg: M,
}

impl<M> Flight<M> {
    /// Whether it is held where it is.
    pub fn is_held(&self) -> bool {
        self.held != Time::END
    }

    /// How far it is at a moment: 0 at the sender, 1 at the receiver. A pure function of state and time.
    pub fn progress(&self, at: Time) -> f64 {
        let (gone, all) = (at.min(self.held).since(self.leg.sent).0, self.due.since(self.leg.sent).0);
        if all == 0 { 1.0 } else { (gone as f64 / all as f64).min(1.0) }
    }
}

/// What waits in the queue.
#[derive(Clone)]
pub(super) enum Event<P: Protocol> {
    Deliver(Flight<P::Msg>),
    Timer(NodeId, u32, P::Timer),
    /// A busy node is done with the first of its inbox.
    Handled(NodeId, u32),
    Synced(NodeId, u32, u64),
    /// The next request of a client's workload, which has this number.
    Arrival(NodeId, u64),
}

/// A deterministic simulation of one protocol. `Clone` is the snapshot.
#[derive(Clone)]
pub struct Sim<P: Protocol> {
    pub(super) now: Time,
    pub(super) events: u64,
    fingerprint: u64,
    pub(super) queue: Queue<Event<P>>,
    pub(super) nodes: Vec<Node<P>>,
    pub(super) servers: u16,
    pub(super) network: Network,
    draws: Draws,
    settings: Arc<P::Settings>,
    disk: Arc<Dist>,
    handling: Span,
    pub(super) hold_all: bool,
    next_message: u64,
    sent: Sent,
    keep_trace: bool,
    trace: Log<Entry<P::Note>>,
    pub(super) requests: Requests<P>,
    /// Whether something happened that a learner would stop at.
    noteworthy: bool,
    /// Reused between events; always empty in between.
    effects: Effects<P>,
}

/// The buffer of effects; a clone starts with an empty one.
struct Effects<P: Protocol>(Vec<Effect<P>>);

impl<P: Protocol> Clone for Effects<P> {
    fn clone(&self) -> Self {
        Effects(Vec::new())
    }
}

/// What went over the wires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages, duplicates included.
    pub messages: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What one event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// Its number, from 1.
    pub event: u64,
    /// When.
    pub at: Time,
    /// Whether a note was taken, a message lost, or a request ended.
    pub noteworthy: bool,
}

impl<P: Protocol> Sim<P> {
    /// Boots every node at time zero, servers first.
    pub fn new(config: Config<P::Settings>) -> Sim<P> {
        let count = usize::from(config.servers) + usize::from(config.clients);
        let mut sim = Sim {
            now: Time::ZERO,
            events: 0,
            fingerprint: config.seed,
            queue: Queue::default(),
            nodes: (0..count).map(|_| Node::new()).collect(),
            servers: config.servers,
            network: Network::new(config.map, config.policy),
            draws: Draws::new(config.seed),
            settings: Arc::new(config.settings),
            disk: Arc::new(config.disk),
            handling: config.handling,
            hold_all: false,
            next_message: 1,
            sent: Sent::default(),
            keep_trace: config.keep_trace,
            trace: Log::default(),
            requests: Requests::default(),
            noteworthy: false,
            effects: Effects(Vec::new()),
        };
        let ids: Vec<NodeId> = sim.ids().collect();
        for id in ids {
            sim.boot(id);
        }
        sim
    }

    /// The virtual time reached.
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many events happened.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Equal runs have equal fingerprints.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The time of the next event.
    pub fn next_at(&self) -> Option<Time> {
        self.queue.next_at()
    }

    /// Every node, servers first.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<P> {
        let clients = self.nodes.len() as u16 - self.servers;
        (0..self.servers).map(NodeId::server).chain((0..clients).map(NodeId::client))
    }

    /// Whether there is such a node.
    pub fn has(&self, id: NodeId) -> bool {
        if id.is_client() { self.index(id) < self.nodes.len() } else { id.index() < self.servers.into() }
    }

    /// One node. `id` must exist: see [`Sim::has`].
    pub fn node(&self, id: NodeId) -> &Node<P> {
        &self.nodes[self.index(id)]
    }

    /// How many servers.
    pub fn servers(&self) -> u16 {
        self.servers
    }

    /// The wires and cuts.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The wires and cuts, to be changed.
    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.network
    }

    /// The settings of now.
    pub fn settings(&self) -> &P::Settings {
        &self.settings
    }

    /// What went over the wires so far.
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// What happened so far; empty unless it is kept.
    pub fn trace(&self) -> &Log<Entry<P::Note>> {
        &self.trace
    }

    /// What clients asked and were told so far.
    pub fn history(&self) -> &Log<Record<P::Op, P::Ret>> {
        &self.requests.history
    }

    /// Requests of a client that have no answer yet.
    pub fn open_requests(&self, client: NodeId) -> usize {
        self.requests.open.iter().filter(|open| open.client == client).count()
    }

    /// Messages on their way, in slab order.
    pub fn flights(&self) -> impl Iterator<Item = &Flight<P::Msg>> {
        self.queue.iter().filter_map(|(_, event)| match event {
            Event::Deliver(flight) => Some(flight),
            _ => None,
        })
    }

    pub(super) fn index(&self, id: NodeId) -> usize {
        if id.is_client() { usize::from(self.servers) + id.index() } else { id.index() }
    }

    /// Carries out the next event.
    pub fn step(&mut self) -> Option<Stepped> {
        let (at, event) = self.queue.pop()?;
        debug_assert!(at >= self.now, "time never goes back");
        self.now = at;
        self.begin();
        self.carry_out(event);
        self.queue.settle();
        Some(self.end())
    }

    /// Sets the clock forward to a moment before the next event.
    pub fn wait_until(&mut self, t: Time) {
        assert!(self.next_at().is_none_or(|next| next >= t), "events come first");
        self.now = self.now.max(t);
    }

    pub(super) fn begin(&mut self) {
        self.events += 1;
        self.noteworthy = false;
    }

    pub(super) fn end(&mut self) -> Stepped {
        Stepped { event: self.events, at: self.now, noteworthy: self.noteworthy }
    }

    /// Folds a word into the fingerprint.
    #[inline]
    pub(super) fn fold(&mut self, word: u64) {
        self.fingerprint = (self.fingerprint.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    #[inline]
    fn fold_event(&mut self, kind: u64, node: NodeId, number: u64) {
        self.fold(self.now.0);
        self.fold((kind << 56) ^ (u64::from(node.code()) << 40) ^ number);
    }

    fn carry_out(&mut self, event: Event<P>) {
        match event {
            Event::Deliver(flight) => self.deliver(flight),
            Event::Timer(id, life, timer) => {
                self.fold_event(2, id, life.into());
                self.on_timer(id, life, timer);
            }
            Event::Handled(id, life) => {
                self.fold_event(3, id, life.into());
                self.on_handled(id, life);
            }
            Event::Synced(id, life, number) => {
                self.fold_event(4, id, number);
                self.on_synced(id, life, number);
            }
            Event::Arrival(client, number) => {
                self.fold_event(5, client, number);
                self.on_arrival(client, number);
            }
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
        self.log(Trace::Arrived(leg));
        self.accept(leg.to, Work::Message(leg.from, flight.msg));
    }

    #[inline]
    fn death_of(&self, flight: &Flight<P::Msg>) -> Option<Death> {
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
        self.fold(death as u64);
        self.log(Trace::Lost(leg, death));
    }

    /// Hands work to a node: at once, or behind what it is busy with.
    #[inline]
    fn accept(&mut self, id: NodeId, work: Work<P>) {
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

    /// How long this node needs for one message.
    fn handling_time(&self, id: NodeId) -> Span {
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

    fn on_handled(&mut self, id: NodeId, life: u32) {
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

    fn on_timer(&mut self, id: NodeId, life: u32, timer: P::Timer) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if node.life != life {
            return;
        }
        node.timers.retain(|running| running.timer != timer);
        self.accept(id, Work::Timer(timer));
    }

    fn on_synced(&mut self, id: NodeId, life: u32, number: u64) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if node.life != life {
            return;
        }
        node.store.end_sync(number);
        let waiting = &mut node.after_sync;
        let done = waiting.iter().take_while(|(n, _, _)| *n <= number).count();
        let ready: Vec<_> = waiting.drain(..done).collect();
        for (_, to, msg) in ready {
            self.send(id, to, msg);
        }
        self.with_state(id, P::on_synced);
    }

    pub(super) fn boot(&mut self, id: NodeId) {
        let state = self.with_cx(id, |cx| P::boot(id, cx));
        let index = self.index(id);
        self.nodes[index].state = Some(state);
        self.apply_effects(id);
    }

    fn handle(&mut self, id: NodeId, work: Work<P>) {
        self.with_state(id, |state, cx| match work {
            Work::Message(from, msg) => state.on_message(from, msg, cx),
            Work::Timer(timer) => state.on_timer(timer, cx),
        });
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
    fn with_cx<T>(&mut self, id: NodeId, run: impl FnOnce(&mut Cx<'_, P>) -> T) -> T {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        run(&mut Cx {
            id,
            local: node.clock.local(self.now),
            settings: &self.settings,
            store: &mut node.store,
            draws: &self.draws,
            drawn: &mut node.drawn,
            servers: self.servers,
            first_boot: node.life == 0,
            effects: &mut self.effects.0,
        })
    }

    #[inline]
    fn apply_effects(&mut self, id: NodeId) {
        let mut effects = std::mem::take(&mut self.effects.0);
        for effect in effects.drain(..) {
            self.apply_effect(id, effect);
        }
        self.effects.0 = effects;
    }

    #[inline]
    fn apply_effect(&mut self, id: NodeId, effect: Effect<P>) {
        match effect {
            Effect::Send(to, msg) => self.send(id, to, msg),
            Effect::SendAfterSync(to, msg) => self.send_after_sync(id, to, msg),
            Effect::Sync => self.sync(id),
            Effect::SetTimer(after, timer) => {
                let after = self.node(id).clock.real(after);
                self.set_timer(id, after, timer);
            }
            Effect::Work(takes, timer) => {
                let takes = takes.scaled(self.node(id).slow);
                self.set_timer(id, takes, timer);
            }
            Effect::Cancel(timer) => self.cancel_timer(id, timer),
            Effect::Reply(request, reply) => self.reply(request, reply),
            Effect::Note(note) => {
                self.noteworthy |= P::is_noteworthy(&note);
                self.log(Trace::Note(id, note));
            }
        }
    }

    #[inline]
    pub(super) fn log(&mut self, what: Trace<P::Note>) {
        if self.keep_trace {
            self.trace.push(Entry { event: self.events, at: self.now, what });
        }
    }

    #[inline]
    fn send(&mut self, from: NodeId, to: NodeId, msg: P::Msg) {
        if !self.has(to) {
            debug_assert!(false, "{from} sends to {to}, which does not exist");
            return;
        }
        let (id, kind, bytes) = (MsgId(self.next_message), msg.kind(), msg.bytes());
        self.next_message += 1;
        let copy = self.network.duplicates(from, to, id, &self.draws).then(|| msg.clone());
        self.put_on_wire(Leg { id, from, to, sent: self.now, kind }, msg, bytes);
        if let Some(msg) = copy {
            let id = MsgId(self.next_message);
            self.next_message += 1;
            self.put_on_wire(Leg { id, from, to, sent: self.now, kind }, msg, bytes);
        }
    }

    #[inline]
    pub(super) fn put_on_wire(&mut self, leg: Leg, msg: P::Msg, bytes: u64) {
        self.sent.messages += 1;
        self.sent.bytes += bytes;
        if self.queue.len() >= CAPACITY {
            return self.lose(leg, Death::NetworkFull);
        }
        let passage = self.network.send(leg.from, leg.to, leg.id, bytes, self.now, &self.draws);
        let flight = Flight { leg, due: passage.due, lost: passage.lost, held: Time::END, msg };
        let slot = self.queue.push(flight.due, Event::Deliver(flight));
        if self.hold_all {
            self.hold_slot(slot);
        }
    }

    /// A new message number, for duplicates made by hand.
    pub(super) fn fresh_message(&mut self) -> MsgId {
        self.next_message += 1;
        MsgId(self.next_message - 1)
    }

    fn set_timer(&mut self, id: NodeId, after: Span, timer: P::Timer) {
        self.cancel_timer(id, timer);
        let (index, set, due) = (self.index(id), self.now, self.now + after);
        let slot = self.queue.push(due, Event::Timer(id, self.nodes[index].life, timer));
        self.nodes[index].timers.push(Running { timer, set, due, slot });
    }

    fn cancel_timer(&mut self, id: NodeId, timer: P::Timer) {
        let index = self.index(id);
        let timers = &mut self.nodes[index].timers;
        if let Some(at) = timers.iter().position(|running| running.timer == timer) {
            let running = timers.remove(at);
            self.queue.take(running.slot);
        }
    }

    fn sync(&mut self, id: NodeId) {
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

    fn send_after_sync(&mut self, id: NodeId, to: NodeId, msg: P::Msg) {
        self.sync(id);
        let index = self.index(id);
        match self.nodes[index].store.newest_sync() {
            Some(number) => self.nodes[index].after_sync.push_back((number, to, msg)),
            None => self.send(id, to, msg),
        }
    }

    /// Changes the protocol's settings and tells every node that is up.
    pub fn change_settings(&mut self, settings: P::Settings) {
        self.settings = Arc::new(settings);
        let ids: Vec<NodeId> = self.ids().collect();
        for id in ids {
            self.with_state(id, P::on_settings);
        }
    }

    /// Changes how long a server takes for one message.
    pub fn set_handling(&mut self, handling: Span) {
        self.handling = handling;
    }

    /// Changes how long disks take to sync.
    pub fn set_disk(&mut self, disk: Dist) {
        self.disk = Arc::new(disk);
    }

    fn reply(&mut self, request: RequestId, reply: super::protocol::Reply<P::Ret>) {
        if self.requests.end(request, reply, self.events, self.now) {
            self.noteworthy = true;
            self.fold(request.0.into());
        }
    }

    fn on_arrival(&mut self, client: NodeId, number: u64) {
        let Some(load) = self.requests.load(client) else {
            return;
        };
        let op = (load.pick)(&mut self.draws.of_node(Concern::Pick, client.code(), number), self.requests.next_id());
        self.schedule_arrival(client, number + 1, load.rate);
        self.ask(client, op, None);
    }

    fn schedule_arrival(&mut self, client: NodeId, number: u64, rate: f64) {
        let mean = Span::from_ns_f64(1e9 / rate);
        let gap = Dist::Exp(mean).sample(&mut self.draws.of_node(Concern::Arrival, client.code(), number));
        let slot = self.queue.push(self.now + gap, Event::Arrival(client, number));
        self.requests.set_next(client, Some(slot));
    }

    /// Lets a client send a stream of requests with exponential gaps, or stops it.
    pub fn set_load(&mut self, client: NodeId, load: Option<Load<P>>) {
        if let Some(slot) = self.requests.set_next(client, None) {
            self.queue.take(slot);
        }
        let rate = load.as_ref().map(|load| load.rate);
        let number = self.requests.set_load(client, load);
        if let Some(rate) = rate {
            self.schedule_arrival(client, number, rate);
        }
    }

    /// A client calls an operation. `false`: it has too many open requests already, and this one is not made.
    pub(super) fn ask(&mut self, client: NodeId, op: P::Op, server: Option<NodeId>) -> bool {
        let Some(request) = self.requests.begin(client, op.clone(), self.events, self.now) else {
            return false;
        };
        self.fold(request.0.into());
        self.with_state(client, |state, cx| state.on_request(request, op, server, cx));
        true
    }
}
