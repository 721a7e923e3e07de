//! Links and cuts. A default for every wire, and exceptions only where there are any, so that a thousand nodes stay cheap.
//!
//! A wire is a path through a network: what is sent later does not overtake (unless reordering is set), and what is lost is lost.
//! It is not TCP, which would send a lost segment again and let everything behind it wait: here that is latency, and a message
//! that dies is one that no transport could bring. It is not UDP either, whose datagrams overtake each other. Sending again is
//! left to the protocol, where it can be seen. Between a client and a server a connection filters copies, as TCP does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dist::Dist;
use super::draw::{Concern, Draws};
use super::id::{MsgId, NodeId};
use super::sample::standard_exponential;
use super::time::{Span, Time};
use super::trace::Leg;

/// How a wire behaves, one way.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// How long a message takes. `None`: by the distance of the zones.
    pub latency: Option<Arc<Dist>>,
    /// The probability that a message is lost, 0 to 1.
    pub loss: f64,
    /// The probability that a message arrives twice, 0 to 1.
    pub duplication: f64,
    /// The probability that a message lets later ones overtake it, 0 to 1. Only where `ordered`.
    pub reordering: f64,
    /// Bytes per second; `None` is unlimited.
    pub bandwidth: Option<u64>,
    /// Whether messages of one wire arrive in the order in which they were sent; a lost one holds nobody up.
    pub ordered: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { latency: None, loss: 0.0, duplication: 0.0, reordering: 0.0, bandwidth: None, ordered: true }
    }
}

/// Where nodes are and how far apart.
#[derive(Clone, Debug)]
pub struct Map {
    /// The zone of each server and of each client, by index; missing means zone 0.
    pub servers: Vec<u8>,
    /// The zone of each client.
    pub clients: Vec<u8>,
    /// One-way latency from zone to zone.
    pub distance: Vec<Vec<Arc<Dist>>>,
    /// The names of the zones.
    pub names: Vec<String>,
}

impl Map {
    /// One place, one distance.
    pub fn single(latency: Dist) -> Map {
        Map { servers: Vec::new(), clients: Vec::new(), distance: vec![vec![Arc::new(latency)]], names: Vec::new() }
    }

    /// The zone of a node.
    pub fn zone(&self, node: NodeId) -> usize {
        let zones = if node.is_client() { &self.clients } else { &self.servers };
        zones.get(node.index()).copied().unwrap_or(0).into()
    }

    /// The one-way latency between two nodes.
    pub fn latency(&self, from: NodeId, to: NodeId) -> &Dist {
        &self.distance[self.zone(from)][self.zone(to)]
    }

    /// For each zone, these servers from near to far by their mean latency; equals by their number.
    fn near(&self, servers: &[NodeId]) -> Vec<Vec<NodeId>> {
        let order = |row: &Vec<Arc<Dist>>| {
            let means: Vec<Option<Span>> = row.iter().map(|dist| dist.mean()).collect();
            let mut list = servers.to_vec();
            list.sort_by_key(|id| (means[self.zone(*id)], *id));
            list
        };
        self.distance.iter().map(order).collect()
    }
}

/// A cut in force: nothing passes from `left` to `right`, nor back unless it is one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wall {
    /// One side.
    pub left: BTreeSet<NodeId>,
    /// The other.
    pub right: BTreeSet<NodeId>,
    /// Only from left to right.
    pub one_way: bool,
    /// Pairs that were healed since.
    pub healed: BTreeSet<(NodeId, NodeId)>,
}

impl Wall {
    fn stops(&self, from: NodeId, to: NodeId) -> bool {
        let forth = self.left.contains(&from) && self.right.contains(&to);
        let back = !self.one_way && self.right.contains(&from) && self.left.contains(&to);
        (forth || back) && !self.healed.contains(&(from, to))
    }

    fn stops_anything(&self) -> bool {
        let mut pairs = self.left.iter().flat_map(|a| self.right.iter().map(move |b| (*a, *b)));
        pairs.any(|(a, b)| self.stops(a, b) || self.stops(b, a))
    }
}

/// What became of a message when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// When it arrives, or dies.
    pub due: Time,
    /// Whether it dies on the wire.
    pub lost: bool,
}

#[derive(Clone, Debug, Default)]
struct Traffic {
    /// When the wire has sent what it was given (bandwidth).
    busy_until: Time,
    /// When the last ordered message arrives.
    last_due: Time,
}

/// The one line through which everything leaves that a node sends, beside what each wire allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uplink {
    /// Bytes per second.
    pub rate: u64,
    /// When it has sent what it was given.
    pub busy_until: Time,
    /// The bytes that it was given.
    pub bytes: u64,
}

impl Uplink {
    /// How long a message that is sent now waits until its first byte leaves.
    pub fn backlog(&self, now: Time) -> Span {
        self.busy_until.since(now)
    }

    /// When the last byte of a message has left that is sent now.
    fn send(&mut self, bytes: u64, now: Time) -> Time {
        self.bytes += bytes;
        self.busy_until = self.busy_until.max(now) + transmission(bytes, self.rate);
        self.busy_until
    }
}

/// The exponential draw of the message after the last, made one message early: the processor works it out while it waits for the
/// event queue, and not while the event queue waits for it. A draw is a function of its number, so this never changes a run.
#[derive(Clone, Debug, Default)]
struct Ahead {
    number: u64,
    draw: f64,
}

impl Ahead {
    #[inline]
    fn draw(&mut self, id: MsgId, draws: &Draws) -> f64 {
        let make = |number| standard_exponential(&mut draws.at(Concern::Latency, number));
        let draw = if self.number == id.0 { self.draw } else { make(id.0) };
        *self = Ahead { number: id.0 + 1, draw: make(id.0 + 1) };
        draw
    }
}

/// All the wires.
#[derive(Clone, Debug)]
pub struct Network {
    map: Arc<Map>,
    /// The servers from near to far, for each zone.
    near: Arc<Vec<Vec<NodeId>>>,
    servers: Vec<NodeId>,
    default: Policy,
    exceptions: BTreeMap<(NodeId, NodeId), Policy>,
    traffic: BTreeMap<(NodeId, NodeId), Traffic>,
    uplinks: BTreeMap<NodeId, Uplink>,
    walls: Vec<Wall>,
    ahead: Ahead,
}

impl Network {
    /// Wires between so many servers and any clients that all follow `default`.
    pub fn new(map: Map, default: Policy, servers: u16) -> Network {
        let (exceptions, traffic, uplinks, walls) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), Vec::new());
        let servers: Vec<NodeId> = (0..servers).map(NodeId::server).collect();
        let near = Arc::new(map.near(&servers));
        Network { map: Arc::new(map), near, servers, default, exceptions, traffic, uplinks, walls, ahead: Ahead::default() }
    }

    /// Where nodes are.
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// Moves the zones apart or together; wires with a latency of their own keep it.
    pub fn set_map(&mut self, map: Map) {
        self.near = Arc::new(map.near(&self.servers));
        self.map = Arc::new(map);
    }

    /// Puts a new node into a zone.
    pub(super) fn place(&mut self, id: NodeId, zone: u8) {
        let map = Arc::make_mut(&mut self.map);
        let zones = if id.is_client() { &mut map.clients } else { &mut map.servers };
        zones.resize(zones.len().max(id.index() + 1), 0);
        zones[id.index()] = zone.min((map.distance.len() - 1) as u8);
        if !id.is_client() {
            self.servers.push(id);
            self.near = Arc::new(self.map.near(&self.servers));
        }
    }

    /// A node gets wires as slow as those of a neighbour, where the latency of these was set by hand.
    pub fn settle(&mut self, id: NodeId, neighbour: NodeId) {
        let own = self.exceptions.iter().filter_map(|((from, to), policy)| {
            let pair = match (*from == neighbour, *to == neighbour) {
                (true, false) if *to != id => (id, *to),
                (false, true) if *from != id => (*from, id),
                _ => return None,
            };
            Some((pair, policy.latency.clone()?))
        });
        for ((from, to), latency) in own.collect::<Vec<_>>() {
            self.change(from, to, |policy| policy.latency = Some(latency.clone()));
        }
    }

    /// A node is there no more.
    pub(super) fn displace(&mut self, id: NodeId) {
        self.servers.retain(|server| *server != id);
        self.near = Arc::new(self.map.near(&self.servers));
        self.uplinks.remove(&id);
    }

    /// The servers from near to far by the map, as seen from a node.
    pub fn near(&self, id: NodeId) -> &[NodeId] {
        &self.near[self.map.zone(id)]
    }

    /// How the wire from one node to another behaves.
    #[inline]
    pub fn policy(&self, from: NodeId, to: NodeId) -> &Policy {
        policy(&self.default, &self.exceptions, from, to)
    }

    /// Changes every wire, also those with exceptions.
    pub fn change_all(&mut self, change: impl Fn(&mut Policy)) {
        change(&mut self.default);
        self.exceptions.values_mut().for_each(change);
    }

    /// Changes one wire, one way.
    pub fn change(&mut self, from: NodeId, to: NodeId, change: impl Fn(&mut Policy)) {
        let default = &self.default;
        change(self.exceptions.entry((from, to)).or_insert_with(|| default.clone()));
    }

    /// The shared line through which a node sends; `None`: there is none, and only its wires limit it.
    pub fn uplink(&self, node: NodeId) -> Option<&Uplink> {
        self.uplinks.get(&node)
    }

    /// Gives a node a shared line of so many bytes per second, changes the one it has from now on, or takes it away.
    pub fn set_uplink(&mut self, node: NodeId, rate: Option<u64>) {
        match rate {
            Some(rate) => self.uplinks.entry(node).or_insert(Uplink { rate, busy_until: Time::ZERO, bytes: 0 }).rate = rate,
            None => _ = self.uplinks.remove(&node),
        }
    }

    /// The wires that differ from the default, in order.
    pub fn exceptions(&self) -> impl Iterator<Item = (NodeId, NodeId, &Policy)> {
        self.exceptions.iter().map(|((from, to), policy)| (*from, *to, policy))
    }

    /// How every other wire behaves.
    pub fn default_policy(&self) -> &Policy {
        &self.default
    }

    /// Whether messages from one node to another arrive in the order in which they were sent.
    pub fn keeps_order(&self, from: NodeId, to: NodeId) -> bool {
        let policy = self.policy(from, to);
        policy.ordered && policy.reordering <= 0.0
    }

    /// A message arrives at another time than was decided when it was sent: what is sent later does not overtake it.
    pub(super) fn expect(&mut self, from: NodeId, to: NodeId, due: Time) {
        if self.policy(from, to).ordered {
            let traffic = self.traffic.entry((from, to)).or_default();
            traffic.last_due = traffic.last_due.max(due);
        }
    }

    /// Decides, when a message is sent, what becomes of it. `own` is how long messages of its kind take, where that is a setting. A
    /// message to oneself takes no time and is never lost.
    #[inline]
    pub fn send(&mut self, leg: &Leg, bytes: u64, own: Option<&Dist>, draws: &Draws) -> Passage {
        let Leg { from, to, sent: now, .. } = *leg;
        if from == to {
            return Passage { due: now, lost: false };
        }
        let (latency, lost, ordered, bandwidth) = self.draw(leg, own, draws);
        // What leaves late is late everywhere.
        let uplink = if self.uplinks.is_empty() { None } else { self.uplinks.get_mut(&from) };
        let now = uplink.map_or(now, |uplink| uplink.send(bytes, now));
        if !ordered && bandwidth.is_none() {
            return Passage { due: now + latency, lost };
        }
        let traffic = self.traffic.entry((from, to)).or_default();
        let mut due = now + latency;
        if let Some(rate) = bandwidth {
            traffic.busy_until = traffic.busy_until.max(now) + transmission(bytes, rate);
            due = traffic.busy_until + latency;
        }
        if ordered {
            due = due.max(traffic.last_due);
            traffic.last_due = due;
        }
        Passage { due, lost }
    }

    /// The draws of one message: its latency, whether it dies, whether it keeps the order, and the wire's bandwidth.
    #[inline]
    fn draw(&mut self, leg: &Leg, own: Option<&Dist>, draws: &Draws) -> (Span, bool, bool, Option<u64>) {
        let Leg { id, from, to, .. } = *leg;
        let policy = policy(&self.default, &self.exceptions, from, to);
        let dist = policy.latency.as_deref().or(own).unwrap_or_else(|| self.map.latency(from, to));
        let mut latency = match dist {
            Dist::Exp(mean) => mean.scaled(self.ahead.draw(id, draws)),
            _ => dist.sample(&mut draws.at(Concern::Latency, id.0)),
        };
        if policy.loss <= 0.0 && policy.reordering <= 0.0 {
            return (latency, false, policy.ordered, policy.bandwidth);
        }
        let mut fate = draws.at(Concern::Loss, id.0);
        let lost = fate.chance(policy.loss);
        if lost {
            latency = latency.scaled(fate.unit());
        }
        let mut reordering = draws.at(Concern::Reordering, id.0);
        let overtaken = reordering.chance(policy.reordering);
        if overtaken {
            latency = latency + dist.sample(&mut reordering);
        }
        (latency, lost, policy.ordered && !lost && !overtaken, policy.bandwidth)
    }

    /// Whether a message that is sent now arrives twice.
    #[inline]
    pub fn duplicates(&self, from: NodeId, to: NodeId, id: MsgId, draws: &Draws) -> bool {
        let probability = self.policy(from, to).duplication;
        from != to && probability > 0.0 && draws.at(Concern::Duplication, id.0).chance(probability)
    }

    /// Whether a cut stops messages from one node to another now.
    #[inline]
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        !self.walls.is_empty() && self.walls.iter().any(|wall| wall.stops(from, to))
    }

    /// The cuts in force.
    pub fn walls(&self) -> &[Wall] {
        &self.walls
    }

    /// Builds a wall. The same wall twice is one wall.
    pub fn cut(&mut self, left: BTreeSet<NodeId>, right: BTreeSet<NodeId>, one_way: bool) {
        let wall = Wall { left, right, one_way, healed: BTreeSet::new() };
        if !self.walls.contains(&wall) {
            self.walls.push(wall);
        }
    }

    /// Removes every wall.
    pub fn heal_all(&mut self) {
        self.walls.clear();
    }

    /// Lets messages from one node to another pass again.
    pub fn heal(&mut self, from: NodeId, to: NodeId) {
        for wall in &mut self.walls {
            if wall.stops(from, to) {
                wall.healed.insert((from, to));
            }
        }
        self.walls.retain(Wall::stops_anything);
    }
}

#[inline]
fn policy<'a>(default: &'a Policy, exceptions: &'a BTreeMap<(NodeId, NodeId), Policy>, from: NodeId, to: NodeId) -> &'a Policy {
    if exceptions.is_empty() {
        return default;
    }
    exceptions.get(&(from, to)).unwrap_or(default)
}

/// How long a wire of `rate` bytes per second is busy with this many bytes.
fn transmission(bytes: u64, rate: u64) -> Span {
    Span((u128::from(bytes) * 1_000_000_000 / u128::from(rate.max(1))).min(u128::from(u64::MAX)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(list: &[u16]) -> BTreeSet<NodeId> {
        list.iter().map(|i| NodeId::server(*i)).collect()
    }

    fn network() -> (Network, Draws) {
        (Network::new(Map::single(Dist::Exp(Span::ms(10))), Policy::default(), 3), Draws::new(1))
    }

    fn leg(from: NodeId, to: NodeId, id: u64, sent: Time) -> Leg {
        Leg { id: MsgId(id), from, to, sent, kind: 0 }
    }

    #[test]
    fn a_message_may_have_a_time_of_its_own_and_one_to_oneself_has_none() {
        let (mut net, draws) = network();
        let (a, b) = (NodeId::server(0), NodeId::server(1));
        let own = Dist::Const(Span::ms(7));
        net.change_all(|policy| policy.loss = 1.0);
        let itself = net.send(&leg(a, a, 1, Time(5)), 1, Some(&own), &draws);
        assert_eq!((itself.due, itself.lost), (Time(5), false));
        net.change_all(|policy| policy.loss = 0.0);
        assert_eq!(net.send(&leg(a, b, 2, Time::ZERO), 1, Some(&own), &draws).due, Time::ZERO + Span::ms(7));
        net.change(a, b, |policy| policy.latency = Some(Arc::new(Dist::Const(Span::ms(30)))));
        assert_eq!(net.send(&leg(a, b, 3, Time::ZERO), 1, Some(&own), &draws).due, Time::ZERO + Span::ms(30), "the wire's counts");
    }

    #[test]
    fn ordered_wires_keep_the_order_and_reordering_breaks_it() {
        let (mut net, draws) = network();
        let (a, b) = (NodeId::server(0), NodeId::server(1));
        let mut due: Vec<Time> = (0..200).map(|i| net.send(&leg(a, b, i, Time(i * 1000)), 1, None, &draws).due).collect();
        assert!(due.is_sorted());
        net.change(a, b, |policy| policy.reordering = 0.3);
        due = (200..400).map(|i| net.send(&leg(a, b, i, Time(i * 1_000_000)), 1, None, &draws).due).collect();
        assert!(!due.is_sorted());
    }

    #[test]
    fn a_lost_message_holds_nobody_up_on_a_wire_that_keeps_order() {
        let ((mut lossy, draws), (mut alone, _)) = (network(), network());
        let (a, b) = (NodeId::server(0), NodeId::server(1));
        lossy.change_all(|policy| policy.loss = 0.5);
        let (mut last, mut dropped) = (Time::ZERO, 0);
        for i in 0..400 {
            let leg = leg(a, b, i, Time(i * 1_000_000));
            let sent = lossy.send(&leg, 1, None, &draws);
            if sent.lost {
                dropped += 1;
                continue;
            }
            assert_eq!(sent.due, alone.send(&leg, 1, None, &draws).due, "as if the lost ones had never been sent");
            assert!(sent.due >= last);
            last = sent.due;
        }
        assert!((150..250).contains(&dropped), "{dropped}");
    }

    #[test]
    fn loss_and_bandwidth_are_as_set() {
        let (mut net, draws) = network();
        let (a, b) = (NodeId::server(0), NodeId::server(1));
        net.change_all(|policy| policy.loss = 0.2);
        let lost = (0..5000).filter(|i| net.send(&leg(a, b, *i, Time::ZERO), 1, None, &draws).lost).count();
        assert!((900..1100).contains(&lost), "{lost}");
        net.change_all(|policy| {
            policy.loss = 0.0;
            policy.bandwidth = Some(1000);
            policy.latency = Some(Arc::new(Dist::Const(Span::ZERO)));
        });
        let due: Vec<Time> = (0..3).map(|i| net.send(&leg(b, a, i, Time::ZERO), 500, None, &draws).due).collect();
        assert_eq!(due, [500, 1000, 1500].map(|ms| Time::ZERO + Span::ms(ms)));
    }

    #[test]
    fn an_uplink_is_shared_by_all_wires_of_its_node() {
        let (mut net, draws) = network();
        let [a, b, c] = [0, 1, 2].map(NodeId::server);
        net.change_all(|policy| policy.latency = Some(Arc::new(Dist::Const(Span::ms(7)))));
        net.set_uplink(a, Some(1000));
        let at = |ms| Time::ZERO + Span::ms(ms);
        let mut send = |from, to, id, ms| net.send(&leg(from, to, id, at(ms)), 500, None, &draws).due.0 / 1_000_000;
        assert_eq!([send(a, b, 0, 0), send(a, c, 1, 100), send(b, c, 2, 100), send(a, b, 3, 2000)], [507, 1007, 107, 2507]);
        let uplink = *net.uplink(a).unwrap();
        assert_eq!((uplink.bytes, uplink.backlog(at(2100))), (1500, Span::ms(400)));
        // Never more than its rate allows, and one message more.
        net.change(a, b, |policy| policy.bandwidth = Some(250));
        let due = net.send(&leg(a, b, 4, at(3000)), 500, None, &draws).due;
        assert_eq!(due, at(3000 + 500 + 2000 + 7), "its wire is slower still");
        net.set_uplink(a, None);
        assert_eq!(net.uplink(a), None);
    }

    #[test]
    fn near_is_by_the_mean_and_then_by_the_number() {
        let [here, far, farther] = [1, 20, 30].map(|ms| Arc::new(Dist::Const(Span::ms(ms))));
        let distance =
            vec![vec![here.clone(), far.clone(), farther.clone()], vec![far.clone(), here.clone(), far.clone()], vec![farther, far, here]];
        let names = ["a", "b", "c"].map(String::from).to_vec();
        let mut map = Map { servers: vec![2, 1, 0, 1], clients: vec![0, 2], distance, names };
        let mut net = Network::new(map.clone(), Policy::default(), 4);
        let near = |net: &Network, client| net.near(NodeId::client(client)).iter().map(|id| id.index() + 1).collect::<Vec<_>>();
        assert_eq!(near(&net, 0), [3, 2, 4, 1]);
        assert_eq!(near(&net, 1), [1, 2, 4, 3]);
        map.distance[0] = map.distance[2].clone();
        net.set_map(map);
        assert_eq!(near(&net, 0), [1, 2, 4, 3]);
    }

    #[test]
    fn cuts_stop_and_heal() {
        let (mut net, _) = network();
        let [a, b, c] = [0, 1, 2].map(NodeId::server);
        net.cut(nodes(&[0]), nodes(&[1, 2]), false);
        assert!(net.is_cut(a, b) && net.is_cut(c, a) && !net.is_cut(b, c));
        net.heal(a, b);
        assert!(!net.is_cut(a, b) && net.is_cut(b, a));
        for (x, y) in [(b, a), (a, c), (c, a)] {
            net.heal(x, y);
        }
        assert!(net.walls().is_empty());
        net.cut(nodes(&[0]), nodes(&[1]), true);
        assert!(net.is_cut(a, b) && !net.is_cut(b, a));
    }
}
