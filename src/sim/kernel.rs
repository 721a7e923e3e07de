//! The simulation: time, events, and the effects of handlers.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::dist::Dist;
use super::failures::Failing;
use super::history::Record;
use super::id::{NodeId, RequestId};
use super::log::Log;
use super::network::{Map, Network, Policy};
use super::node::{Node, Work};
use super::packed::Packed;
use super::protocol::{Effect, Protocol};
use super::requests::Requests;
use super::time::{Span, Time};
use super::trace::{Entry, Leg};
use super::wires::Wires;

/// Where a simulation starts.
#[derive(Clone, Debug)]
pub struct Config<S> {
    /// The seed of every draw.
    pub seed: u64,
    /// How many servers.
    pub servers: u16,
    /// How many clients there have been; those that left are counted.
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
    /// How long it was held before that.
    pub stood: Span,
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
        let start = self.leg.sent + self.stood;
        let (gone, all) = (at.min(self.held).since(start).0, self.due.since(start).0);
        if all == 0 { 1.0 } else { (gone as f64 / all as f64).min(1.0) }
    }
}

/// What waits in the queue.
#[derive(Clone)]
pub(super) enum Event<P: Protocol> {
    Deliver(Flight<P::Msg>),
    Timer(NodeId, u32, P::Timer),
    /// A worker of a node is done.
    Served(NodeId, u32, u32),
    Synced(NodeId, u32, u64),
    /// The next request of a client's workload, which has this number.
    Arrival(NodeId, u64),
    /// The time of an attempt of a request, or of the rest after one, is over.
    Request(RequestId),
    /// A server fails by itself.
    Fails(NodeId),
    /// All of a zone does.
    ZoneFails(u16),
    /// A zone that failed works again.
    ZoneRepaired(u16),
    /// A server that failed is repaired.
    Repaired(NodeId),
}

/// A deterministic simulation of one protocol. `Clone` is the snapshot.
#[derive(Clone)]
pub struct Sim<P: Protocol> {
    pub(super) wires: Wires<P>,
    pub(super) nodes: Vec<Node<P>>,
    /// The node that the last event concerned; `None` after a poke.
    pub(super) touched: Option<NodeId>,
    /// Nodes that left.
    pub(super) gone: Arc<BTreeSet<NodeId>>,
    pub(super) failing: Failing,
    pub(super) settings: Arc<P::Settings>,
    pub(super) disk: Arc<Dist>,
    pub(super) handling: Span,
    pub(super) requests: Requests<P>,
    /// Reused between events; always empty in between.
    pub(super) effects: Effects<P>,
}

/// The buffer of effects; a clone starts with an empty one.
pub(super) struct Effects<P: Protocol>(pub(super) Vec<Effect<P>>);

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
        let network = Network::new(config.map, config.policy, config.servers);
        let mut sim = Sim {
            wires: Wires::new(config.seed, (config.servers, config.clients), network, config.keep_trace),
            nodes: (0..count).map(|_| Node::new()).collect(),
            touched: None,
            gone: Arc::default(),
            failing: Failing::default(),
            settings: Arc::new(config.settings),
            disk: Arc::new(config.disk),
            handling: config.handling,
            requests: Requests::default(),
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
        self.wires.now
    }

    /// How many events happened.
    pub fn events(&self) -> u64 {
        self.wires.events
    }

    /// The node to which the last event happened; `None` at the start and after something was done by hand, which may concern all.
    pub fn touched(&self) -> Option<NodeId> {
        self.touched
    }

    /// Equal runs have equal fingerprints.
    pub fn fingerprint(&self) -> u64 {
        self.wires.fingerprint
    }

    /// From here on everything is drawn by another seed; what was drawn before, such as when a message on its way arrives, stays.
    pub fn reseed(&mut self, seed: u64) {
        self.wires.reseed(seed);
    }

    /// The time of the next event.
    pub fn next_at(&self) -> Option<Time> {
        self.wires.queue.next_at()
    }

    /// Every node that has not left, servers first.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<P> {
        let gone = self.gone.clone();
        let clients = (0..self.clients()).map(NodeId::client);
        (0..self.wires.servers).map(NodeId::server).chain(clients).filter(move |id| !gone.contains(id))
    }

    /// Every server that has not left.
    pub fn server_ids(&self) -> impl Iterator<Item = NodeId> + use<P> {
        self.ids().take_while(|id| !id.is_client())
    }

    /// Whether there is such a node, and it has not left.
    pub fn has(&self, id: NodeId) -> bool {
        self.wires.had(id) && !self.is_gone(id)
    }

    /// One node, which is or was there.
    pub fn node(&self, id: NodeId) -> &Node<P> {
        &self.nodes[self.index(id)]
    }

    /// How many servers there have been; those that left are counted.
    pub fn servers(&self) -> u16 {
        self.wires.servers
    }

    /// How many clients.
    pub fn clients(&self) -> u16 {
        self.wires.clients
    }

    /// The wires and cuts.
    pub fn network(&self) -> &Network {
        &self.wires.network
    }

    /// The wires and cuts, to be changed.
    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.wires.network
    }

    /// The settings of now.
    pub fn settings(&self) -> &P::Settings {
        &self.settings
    }

    /// What went over the wires so far.
    pub fn sent(&self) -> Sent {
        self.wires.sent
    }

    /// What happened so far; empty unless it is kept.
    pub fn trace(&self) -> &Log<Entry<P::Note>> {
        &self.wires.trace
    }

    /// What clients asked and were told so far.
    pub fn history(&self) -> &Packed<Record<P::Op, P::Ret>> {
        &self.requests.history
    }

    /// Messages on their way, in slab order.
    pub fn flights(&self) -> impl Iterator<Item = &Flight<P::Msg>> {
        self.wires.queue.iter().filter_map(|(_, event)| match event {
            Event::Deliver(flight) => Some(flight),
            _ => None,
        })
    }

    pub(super) fn index(&self, id: NodeId) -> usize {
        if id.is_client() { usize::from(self.wires.servers) + id.index() } else { id.index() }
    }

    /// Carries out the next event.
    pub fn step(&mut self) -> Option<Stepped> {
        let (at, event) = self.wires.queue.pop()?;
        debug_assert!(at >= self.wires.now, "time never goes back");
        self.wires.now = at;
        self.begin();
        self.carry_out(event);
        self.wires.queue.settle();
        Some(self.end())
    }

    /// Sets the clock forward to a moment before the next event.
    pub fn wait_until(&mut self, t: Time) {
        assert!(self.next_at().is_none_or(|next| next >= t), "events come first");
        self.wires.now = self.wires.now.max(t);
    }

    pub(super) fn begin(&mut self) {
        self.wires.events += 1;
        self.requests.history.settle();
        self.touched = None;
        self.wires.noteworthy = false;
    }

    pub(super) fn end(&mut self) -> Stepped {
        Stepped { event: self.wires.events, at: self.wires.now, noteworthy: self.wires.noteworthy }
    }

    /// Changes the protocol's settings and tells every node that is up. Nodes with settings of their own keep them.
    pub fn change_settings(&mut self, settings: P::Settings) {
        self.settings = Arc::new(settings);
        let ids: Vec<NodeId> = self.ids().collect();
        for id in ids {
            self.follow_settings(id);
        }
    }

    /// Gives one node settings of its own and tells it, or lets it go by those of all again.
    pub fn change_settings_of(&mut self, id: NodeId, settings: Option<P::Settings>) {
        let index = self.index(id);
        self.nodes[index].settings = settings.map(Arc::new);
        self.follow_settings(id);
    }

    /// The settings that a node goes by.
    #[inline]
    pub fn settings_of(&self, id: NodeId) -> &P::Settings {
        self.node(id).settings.as_ref().unwrap_or(&self.settings)
    }

    fn follow_settings(&mut self, id: NodeId) {
        let (index, station) = (self.index(id), P::station(self.settings_of(id), id));
        self.nodes[index].line.set_station(station);
        self.tell(id, Work::Settings);
        self.start_work(id);
    }

    /// Changes how long a server takes for one message.
    pub fn set_handling(&mut self, handling: Span) {
        self.handling = handling;
    }

    /// Changes how long disks take to sync.
    pub fn set_disk(&mut self, disk: Dist) {
        self.disk = Arc::new(disk);
    }
}
