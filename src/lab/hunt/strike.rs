//! A fault of each class: what is done, where, and what ends it later.

use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_pcg::Pcg64;

use super::draw;
use super::fault::{Class, DRIFT_MAX};
use super::tail::{usual, wire};
use crate::cluster::Cluster;
use crate::cluster::moment::Moment;
use crate::cluster::scene::{Health, NodeView, Scene, Shape, Sign};
use crate::command::{Direction, DiskFate, Link, Place, Poke};
use crate::sim::dist::Dist;
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::Span;

/// A fault that is about to happen, and what ends it.
#[derive(Debug, Default)]
pub(super) struct Strike {
    /// What is done now, each with what undoes it.
    pub(super) now: Vec<Poke>,
    /// What is done when it is over.
    pub(super) later: Vec<Poke>,
}

/// Where a fault strikes.
pub(super) struct Aim<'a> {
    pub(super) cluster: &'a dyn Cluster,
    pub(super) scene: &'a Scene,
    /// The moment that it was waited for, if it was.
    pub(super) moment: Option<Moment>,
    /// The time after which a node of the cluster acts by itself.
    pub(super) unit: Span,
    pub(super) rng: &'a mut Pcg64,
}

/// How often a fault at a moment strikes whose moment it is, and how often the other one that it concerns.
const AT_NODE: f64 = 0.6;
const AT_PEER: f64 = 0.7;
/// How often a fault at no moment strikes a leader: there are fewer of them, and more depends on them.
const AT_LEADER: f64 = 0.4;
/// How often a wire is one between a client and a server.
const TO_CLIENT: f64 = 0.2;
/// How often what happens to wires happens to all those of one server, both ways: it is that server's network card.
const ALL_OF_ONE: f64 = 0.25;
/// How often what is held is all that one node said at a time, but for a part: only some hear it.
const SAID_TO_SOME: f64 = 0.4;

impl Aim<'_> {
    /// Draws a fault of this class. Nothing where there is nothing to strike.
    pub(super) fn strike(&mut self, class: Class) -> Strike {
        match class {
            Class::Crash => self.crash(DiskFate::Kept),
            Class::PowerLoss => self.crash(DiskFate::LosesUnsynced),
            Class::Wipe => self.crash(DiskFate::Wiped),
            Class::Pause => self.at_server(Poke::Pause, Poke::Resume),
            Class::FullDisk => self.at_server(Poke::FullDisk, Poke::FreeDisk),
            Class::Slow => self.slow(),
            Class::Drift => self.drift(),
            Class::Skew => self.skew(),
            Class::Timers => self.fire(),
            Class::Cut => self.cut(),
            Class::OneWay => self.one_way(),
            Class::Hold => self.hold(),
            Class::Loss => self.with_probability(Poke::Loss),
            Class::Duplicate => self.duplicate(),
            Class::Reorder => self.with_probability(Poke::Reordering),
            Class::Latency => self.latency(),
            Class::Verb(name) => self.operate(name),
        }
    }

    fn clients(&self) -> Vec<NodeId> {
        self.scene.clients.iter().map(|client| client.id).collect()
    }

    fn servers(&self) -> Vec<NodeId> {
        self.scene.nodes.iter().map(|node| node.id).collect()
    }

    /// The server to strike.
    fn server(&mut self) -> NodeId {
        let moment = self.moment.iter().flat_map(|m| [Some(m.node), m.peer]).flatten();
        let near: Vec<NodeId> = moment.filter(|id| !id.is_client()).collect();
        let leads = |node: &&NodeView| node.shape == Shape::Leader && node.health != Health::Down;
        let leaders: Vec<NodeId> = self.scene.nodes.iter().filter(leads).map(|node| node.id).collect();
        let others = self.servers();
        let picked = match near[..] {
            [first, ..] if self.rng.random_bool(AT_NODE) => Some(first),
            [.., last] if self.rng.random_bool(AT_PEER) => Some(last),
            [] if self.rng.random_bool(AT_LEADER) => leaders.choose(self.rng).copied(),
            _ => None,
        };
        picked.or_else(|| others.choose(self.rng).copied()).unwrap_or(NodeId::server(0))
    }

    /// Two nodes, in a direction: those of the moment where it has two, two servers, or a client and a server.
    fn pair(&mut self) -> Option<(NodeId, NodeId)> {
        if let Some(Moment { node, peer: Some(peer), .. }) = self.moment
            && self.rng.random_bool(AT_NODE)
        {
            return Some(if self.rng.random_bool(0.5) { (node, peer) } else { (peer, node) });
        }
        let from = self.server();
        let others: Vec<NodeId> =
            if self.rng.random_bool(TO_CLIENT) { self.clients() } else { self.servers().into_iter().filter(|id| *id != from).collect() };
        let to = *others.choose(self.rng)?;
        Some(if self.rng.random_bool(0.5) { (from, to) } else { (to, from) })
    }

    fn crash(&mut self, fate: DiskFate) -> Strike {
        let place = Place::Node(self.server());
        Strike { now: vec![Poke::Crash(place.clone(), fate)], later: vec![Poke::Restart(place)] }
    }

    fn at_server(&mut self, begin: fn(Place) -> Poke, end: fn(Place) -> Poke) -> Strike {
        let place = Place::Node(self.server());
        Strike { now: vec![begin(place.clone())], later: vec![end(place)] }
    }

    fn slow(&mut self) -> Strike {
        let place = Place::Node(self.server());
        let factor = *[2.0, 5.0, 10.0, 30.0, 100.0].choose(self.rng).unwrap_or(&10.0);
        Strike { now: vec![Poke::Slow(place.clone(), factor)], later: vec![Poke::Slow(place, 1.0)] }
    }

    fn drift(&mut self) -> Strike {
        let place = Place::Node(self.server());
        let fast = DRIFT_MAX / self.rng.random_range(1..=4);
        let ppm = if self.rng.random_bool(0.5) { fast } else { -fast };
        Strike { now: vec![Poke::Drift(place.clone(), ppm)], later: vec![Poke::Drift(place, 0)] }
    }

    fn skew(&mut self) -> Strike {
        let place = Place::Node(self.server());
        let off = draw::span(self.rng, Span(self.unit.0 / 20), Span(self.unit.0 * 20)).0 as i64;
        let ns = if self.rng.random_bool(0.5) { off } else { -off };
        Strike { now: vec![Poke::Skew(place, ns)], later: Vec::new() }
    }

    fn fire(&mut self) -> Strike {
        let node = self.server();
        let view = self.scene.nodes.iter().find(|view| view.id == node);
        let timers: Vec<&str> = view.map(|view| view.timers.iter().map(|timer| timer.name).collect()).unwrap_or_default();
        let Some(timer) = timers.choose(self.rng) else { return Strike::default() };
        Strike { now: vec![Poke::Fire(Place::Node(node), (*timer).to_string())], later: Vec::new() }
    }

    /// A wall: around one node with or without a client, between two, or through the middle.
    fn cut(&mut self) -> Strike {
        let (left, right) = match self.rng.random_range(0..4) {
            0 => match self.pair() {
                Some((a, b)) => (vec![a], vec![b]),
                None => return Strike::default(),
            },
            1 => self.halves(),
            _ => self.alone(),
        };
        self.wall(left, Direction::Both, right)
    }

    fn one_way(&mut self) -> Strike {
        let Some((from, to)) = self.pair() else { return Strike::default() };
        let others = |one: NodeId, all: Vec<NodeId>| all.into_iter().filter(|id| *id != one).collect::<Vec<_>>();
        let (left, right) = match self.rng.random_range(0..4) {
            0 => (vec![from], others(from, self.servers())),
            1 => (others(to, self.servers()), vec![to]),
            _ => (vec![from], vec![to]),
        };
        self.wall(left, Direction::OneWay, right)
    }

    fn wall(&mut self, left: Vec<NodeId>, way: Direction, right: Vec<NodeId>) -> Strike {
        if left.is_empty() || right.is_empty() {
            return Strike::default();
        }
        let places = |nodes: Vec<NodeId>| nodes.into_iter().map(Place::Node).collect::<Vec<_>>();
        let (left, right) = (places(left), places(right));
        let later = if self.rng.random_bool(0.3) { Poke::HealAll } else { Poke::Heal(left.clone(), way, right.clone()) };
        Strike { now: vec![Poke::Cut(left, way, right)], later: vec![later] }
    }

    /// One server, perhaps with a client, from all others.
    fn alone(&mut self) -> (Vec<NodeId>, Vec<NodeId>) {
        let mut left = vec![self.server()];
        let clients = self.clients();
        let with = self.rng.random_bool(0.5).then(|| clients.choose(self.rng).copied()).flatten();
        left.extend(with);
        let all = self.servers().into_iter().chain(if with.is_some() { clients } else { Vec::new() });
        let right = all.filter(|id| !left.contains(id)).collect();
        (left, right)
    }

    /// Everybody on one of two sides.
    fn halves(&mut self) -> (Vec<NodeId>, Vec<NodeId>) {
        let mut servers = self.servers();
        servers.shuffle(self.rng);
        let mut right = servers.split_off(servers.len() / 2);
        let mut left = servers;
        for client in &self.scene.clients {
            if self.rng.random_bool(0.5) { &mut left } else { &mut right }.push(client.id);
        }
        left.sort_unstable();
        right.sort_unstable();
        (left, right)
    }

    /// The wire of the moment, or one between two servers, or all those between one server and the others.
    fn links(&mut self) -> Vec<Link> {
        if self.rng.random_bool(ALL_OF_ONE) {
            let one = self.server();
            let others = self.servers().into_iter().filter(|id| *id != one);
            return others.map(|id| Link::Between(Place::Node(one), Direction::Both, Place::Node(id))).collect();
        }
        self.pair().into_iter().map(|(from, to)| wire(from, to)).collect()
    }

    fn with_probability(&mut self, poke: fn(Link, f64) -> Poke) -> Strike {
        let links = if self.rng.random_bool(0.7) { self.links() } else { vec![Link::All] };
        let probability = *[0.1, 0.2, 0.5, 0.8].choose(self.rng).unwrap_or(&0.2);
        let set = |to: f64| links.iter().map(|link| poke(link.clone(), to)).collect();
        Strike { now: set(probability), later: set(0.0) }
    }

    fn duplicate(&mut self) -> Strike {
        match self.message() {
            Some(message) if self.rng.random_bool(0.4) => Strike { now: vec![Poke::Duplicate(message)], later: Vec::new() },
            _ => self.with_probability(Poke::Duplication),
        }
    }

    /// The message of the moment, or any that is no heartbeat.
    fn message(&mut self) -> Option<MsgId> {
        let aimed = self.moment.and_then(|moment| moment.message);
        let flies = |id: &MsgId| self.scene.flights.iter().any(|flight| flight.id == *id);
        if let Some(message) = aimed.filter(flies) {
            return Some(message);
        }
        let flights = self.scene.flights.iter().filter(|flight| flight.kind.sign != Sign::Heartbeat);
        let flights: Vec<MsgId> = flights.map(|flight| flight.id).collect();
        flights.choose(self.rng).copied()
    }

    fn hold(&mut self) -> Strike {
        let Some(message) = self.message().filter(|_| self.rng.random_bool(0.8)) else {
            return Strike { now: vec![Poke::HoldAll], later: vec![Poke::ReleaseAll] };
        };
        if self.rng.random_bool(SAID_TO_SOME) {
            return self.hold_from_some(message);
        }
        let held = |end| Strike { now: vec![Poke::Hold(message)], later: vec![end] };
        match self.rng.random_range(0..6) {
            0 | 1 => held(Poke::Release(message)),
            2 => held(Poke::Deliver(message)),
            3 => held(Poke::Drop(message)),
            4 => Strike { now: vec![Poke::Drop(message)], later: Vec::new() },
            _ => Strike { now: vec![Poke::Deliver(message)], later: Vec::new() },
        }
    }

    /// What an operator can do by this verb now, in one of the ways that the model offers.
    fn operate(&mut self, name: &str) -> Strike {
        let by_name = |poke: &Poke| matches!(poke, Poke::Operate(call) if call.verb.name == name);
        let open = self.cluster.enabled().into_iter().filter(|choice| choice.refused.is_none() && by_name(&choice.poke));
        let ways: Vec<Poke> = open.map(|choice| choice.poke).collect();
        Strike { now: ways.choose(self.rng).cloned().into_iter().collect(), later: Vec::new() }
    }

    /// Holds what is said to some at the moment at which it is said to all: at least one of those hears it.
    fn hold_from_some(&mut self, message: MsgId) -> Strike {
        let Some(one) = self.scene.flights.iter().find(|flight| flight.id == message) else { return Strike::default() };
        let same = self.scene.flights.iter().filter(|other| (other.from, other.kind, other.sent) == (one.from, one.kind, one.sent));
        let mut all: Vec<MsgId> = same.map(|flight| flight.id).collect();
        all.shuffle(self.rng);
        let most = all.len().saturating_sub(1).max(1);
        all.truncate(self.rng.random_range(1..=most));
        let end = if self.rng.random_bool(0.7) { Poke::Release } else { Poke::Drop };
        Strike { now: all.iter().copied().map(Poke::Hold).collect(), later: all.into_iter().map(end).collect() }
    }

    fn latency(&mut self) -> Strike {
        let links = self.links();
        let takes = draw::span(self.rng, Span(self.unit.0 / 100), Span(self.unit.0 * 2));
        let dist = match self.rng.random_range(0..3) {
            0 => Dist::Exp(takes),
            1 => Dist::Uniform(Span(takes.0 / 10), takes),
            _ => Dist::Const(takes),
        };
        let later = links.iter().filter_map(|link| usual(self.cluster, self.scene, link)).collect();
        Strike { now: links.into_iter().map(|link| Poke::Latency(link, dist.clone())).collect(), later }
    }
}
