//! Pokes: first whether one is possible, then doing it. A refusal changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::cluster::{Choice, Refused, words};
use crate::command::{Direction, DiskFate, Link, Place, Poke};
use crate::sim::draw::mix;
use crate::sim::faults::Crash;
use crate::sim::id::{MsgId, NodeId};
use crate::sim::machine::MessageDeed;
use crate::sim::network::Policy;

use super::hand::{Check, Hand};
use super::{Live, Poked, Staged, Upheld};

/// The most cuts in force at once: every message has to pass all of them.
const CUTS_MAX: usize = 64;

impl<P: Staged> Live<P> {
    /// Does it, or says why not.
    pub(super) fn carry_out(&mut self, poke: &Poke) -> Result<(), Refused> {
        let hand: &mut dyn Hand = self;
        hand.check(poke).map_err(Refused)?;
        let word = poke.to_string().bytes().fold(0, |word, byte| mix(word ^ u64::from(byte)));
        let stepped = self.sim.act(word);
        let hand: &mut dyn Hand = self;
        hand.perform(poke);
        if matches!(poke, Poke::Restart(_) | Poke::FreeDisk(_)) {
            P::on_return(&mut self.sim);
        }
        self.invariants.poked(poke, &self.sim);
        self.pokes.push(Poked { event: stepped.event, at: stepped.at, poke: poke.clone() });
        self.observe();
        Ok(())
    }
}

impl dyn Hand + '_ {
    /// Whether it is possible now.
    fn check(&self, poke: &Poke) -> Check {
        match poke {
            Poke::Crash(place, _) => self.all(place, Self::must_be_up),
            Poke::Pause(place) => self.all(place, Self::must_run),
            Poke::Restart(place) => self.all(place, Self::must_be_down),
            Poke::Resume(place) => self.all(place, Self::must_be_paused),
            Poke::Cut(left, _, right) => self.check_cut(left, right),
            Poke::HealAll => self.check_any_cut(),
            Poke::Heal(left, way, right) => self.check_heal(left, *way, right),
            Poke::Latency(link, _)
            | Poke::Loss(link, _)
            | Poke::Duplication(link, _)
            | Poke::Reordering(link, _)
            | Poke::Bandwidth(link, _) => self.pairs(link).map(|_| ()),
            Poke::Drop(id) | Poke::Hold(id) | Poke::Release(id) | Poke::Duplicate(id) | Poke::Deliver(id) | Poke::Delay(id, _) => {
                self.must_fly(*id)
            }
            Poke::HoldAll | Poke::ReleaseAll | Poke::ReleaseInOrder => Ok(()),
            Poke::Slow(place, _) | Poke::Skew(place, _) | Poke::Drift(place, _) | Poke::FullDisk(place) | Poke::FreeDisk(place) => {
                self.all(place, |_, id| must_be_server(id))
            }
            Poke::Fire(place, name) => self.all(place, |hand, id| hand.must_tick(id, name)),
            Poke::Operate(call) => self.can_operate(call),
            Poke::Set(name, text) => self.can_set(name, text),
            Poke::Ask { client, call, server } => self.check_ask(*client, *server).and_then(|()| self.can_ask(call)),
            Poke::Workload(client, workload) => {
                self.must_be_client(*client)?;
                workload.as_ref().map_or(Ok(()), |workload| self.can_load(workload))
            }
        }
    }

    fn perform(&mut self, poke: &Poke) {
        match poke {
            Poke::Crash(place, fate) => self.each(place, Self::must_be_up, |hand, id| hand.crash(id, *fate)),
            Poke::Restart(place) => self.each(place, Self::must_be_down, |hand, id| hand.machine_mut().restart(id)),
            Poke::Pause(place) => self.each(place, Self::must_run, |hand, id| hand.machine_mut().pause(id)),
            Poke::Resume(place) => self.each(place, Self::must_be_paused, |hand, id| hand.machine_mut().resume(id)),
            Poke::Cut(left, way, right) => self.cut(left, *way, right),
            Poke::HealAll => self.machine_mut().network_mut().heal_all(),
            Poke::Heal(left, way, right) => self.heal(left, *way, right),
            Poke::Slow(place, factor) => self.each(place, |_, id| must_be_server(id), |hand, id| hand.machine_mut().slow(id, *factor)),
            Poke::Skew(place, ns) => self.each(place, |_, id| must_be_server(id), |hand, id| hand.machine_mut().skew(id, *ns)),
            Poke::Drift(place, ppm) => self.each(place, |_, id| must_be_server(id), |hand, id| hand.machine_mut().drift(id, *ppm)),
            Poke::FullDisk(place) => self.each(place, |_, id| must_be_server(id), |hand, id| hand.machine_mut().set_disk_full(id, true)),
            Poke::FreeDisk(place) => self.each(place, |_, id| must_be_server(id), |hand, id| hand.machine_mut().set_disk_full(id, false)),
            Poke::Fire(place, name) => self.each(place, |hand, id| hand.must_tick(id, name), |hand, id| hand.fire(id, name)),
            Poke::Operate(call) => self.operate(call),
            Poke::Set(name, text) => self.set(name, text),
            Poke::Ask { client, call, server } => self.ask(*client, call, *server),
            Poke::Workload(client, workload) => self.set_load(*client, workload.as_ref()),
            _ => self.perform_on_wires(poke),
        }
    }

    fn perform_on_wires(&mut self, poke: &Poke) {
        match poke {
            Poke::Latency(link, dist) => {
                let dist = Arc::new(dist.clone());
                self.change(link, |policy| policy.latency = Some(dist.clone()));
            }
            Poke::Loss(link, p) => self.change(link, |policy| policy.loss = *p),
            Poke::Duplication(link, p) => self.change(link, |policy| policy.duplication = *p),
            Poke::Reordering(link, p) => self.change(link, |policy| policy.reordering = *p),
            Poke::Bandwidth(link, rate) => self.change(link, |policy| policy.bandwidth = *rate),
            Poke::Drop(id) => self.machine_mut().handle_message(*id, MessageDeed::Drop),
            Poke::Hold(id) => self.machine_mut().handle_message(*id, MessageDeed::Hold),
            Poke::Release(id) => self.machine_mut().handle_message(*id, MessageDeed::Release),
            Poke::Duplicate(id) => self.machine_mut().handle_message(*id, MessageDeed::Duplicate),
            Poke::Deliver(id) => self.machine_mut().handle_message(*id, MessageDeed::Deliver),
            Poke::Delay(id, by) => self.machine_mut().handle_message(*id, MessageDeed::Delay(*by)),
            Poke::HoldAll => self.machine_mut().hold_all(true),
            Poke::ReleaseAll => self.machine_mut().hold_all(false),
            Poke::ReleaseInOrder => self.machine_mut().release_all_in_order(),
            _ => {}
        }
    }

    /// The nodes that a place names.
    fn nodes(&self, place: &Place) -> Check<Vec<NodeId>> {
        match place {
            Place::Node(id) if self.machine().has(*id) => Ok(vec![*id]),
            Place::Node(id) => Err(format!("there is no {id} here; there are {}", self.names())),
            Place::Named(name) => {
                let map = self.machine().network().map();
                if let Some(zone) = map.names.iter().position(|n| n == name) {
                    return Ok(self.machine().ids().into_iter().filter(|id| map.zone(*id) == zone).collect());
                }
                let servers: Vec<(NodeId, String)> = self.servers().map(|id| (id, self.name(id))).collect();
                let found = servers.iter().find(|(_, known)| known == name).map(|(id, _)| vec![*id]);
                let names = map.names.iter().chain(servers.iter().map(|(_, name)| name)).map(String::as_str);
                found.ok_or_else(|| words::unknown("node or zone", name, names))
            }
        }
    }

    fn servers(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.machine().ids().into_iter().filter(|id| !id.is_client())
    }

    /// The servers of a place, or the client that it names.
    fn targets(&self, place: &Place) -> Check<Vec<NodeId>> {
        let nodes = self.nodes(place)?;
        Ok(if matches!(place, Place::Named(_)) { nodes.into_iter().filter(|id| !id.is_client()).collect() } else { nodes })
    }

    /// All nodes, and beside the number of a server what it is called where it has a name.
    fn names(&self) -> String {
        let told = |id: NodeId| match self.called(id) {
            name if name == id.to_string() => name,
            name => format!("{id} ({name})"),
        };
        self.machine().ids().into_iter().map(told).collect::<Vec<_>>().join(", ")
    }

    /// What a node is called on the stage.
    fn called(&self, id: NodeId) -> String {
        if id.is_client() { id.to_string() } else { self.name(id) }
    }

    /// For a single node the check decides; of a zone one possible node is enough.
    fn all(&self, place: &Place, check: impl Fn(&Self, NodeId) -> Check) -> Check {
        let nodes = self.targets(place)?;
        let mut refused = Err(format!("nobody is in {place}"));
        for id in nodes {
            match check(self, id) {
                Ok(()) => return Ok(()),
                Err(why) => refused = Err(why),
            }
        }
        refused
    }

    /// Does it to every node of a place to which it can be done, each judged as things are when its turn comes.
    fn each(&mut self, place: &Place, check: impl Fn(&Self, NodeId) -> Check, deed: impl Fn(&mut Self, NodeId)) {
        for id in self.targets(place).unwrap_or_default() {
            if check(self, id).is_ok() {
                deed(self, id);
            }
        }
    }

    fn must_be_client(&self, id: NodeId) -> Check {
        match (id.is_client(), self.machine().has(id)) {
            (true, true) => Ok(()),
            (false, _) => Err(format!("{} is a server; clients are c1, c2, ...", self.called(id))),
            _ => Err(format!("there is no {id} here; there are {}", self.names())),
        }
    }

    fn must_be_up(&self, id: NodeId) -> Check {
        must_be_server(id)?;
        if self.machine().is_up(id) { Ok(()) } else { Err(format!("{} is down already", self.called(id))) }
    }

    fn must_run(&self, id: NodeId) -> Check {
        self.must_be_up(id)?;
        if self.machine().is_paused(id) { Err(format!("{} is paused already", self.called(id))) } else { Ok(()) }
    }

    fn must_be_down(&self, id: NodeId) -> Check {
        must_be_server(id)?;
        if self.machine().is_up(id) { Err(format!("{} is running; crash it first", self.called(id))) } else { Ok(()) }
    }

    fn must_be_paused(&self, id: NodeId) -> Check {
        if self.machine().is_paused(id) { Ok(()) } else { Err(format!("{} is not paused", self.called(id))) }
    }

    fn must_fly(&self, id: MsgId) -> Check {
        if self.machine().in_flight(id) { Ok(()) } else { Err(format!("message {id} is not on its way")) }
    }

    fn must_tick(&self, id: NodeId, name: &str) -> Check {
        let names = self.timers(id);
        match names.contains(&name) {
            true => Ok(()),
            false if names.is_empty() => Err(format!("no timer of {} runs", self.called(id))),
            false => Err(format!("no timer `{name}` of {} runs; these do: {}", self.called(id), names.join(", "))),
        }
    }

    fn crash(&mut self, id: NodeId, fate: DiskFate) {
        self.machine_mut().crash(
            id,
            match fate {
                DiskFate::Kept => Crash::KeepDisk,
                DiskFate::LosesUnsynced => Crash::LoseUnsynced,
                DiskFate::Wiped => Crash::WipeDisk,
            },
        );
    }

    fn side(&self, places: &[Place]) -> Check<BTreeSet<NodeId>> {
        let mut side = BTreeSet::new();
        for place in places {
            side.extend(self.nodes(place)?);
        }
        Ok(side)
    }

    fn check_cut(&self, left: &[Place], right: &[Place]) -> Check {
        let (left, right) = (self.side(left)?, self.side(right)?);
        if self.machine().network().walls().len() >= CUTS_MAX {
            return Err(format!("{CUTS_MAX} cuts are in force, which is as many as there can be; heal some first"));
        }
        match left.intersection(&right).next() {
            Some(both) => Err(format!("{} is on both sides of the cut", self.called(*both))),
            None => Ok(()),
        }
    }

    fn check_any_cut(&self) -> Check {
        if self.machine().network().walls().is_empty() { Err("nothing is cut".to_string()) } else { Ok(()) }
    }

    fn cut(&mut self, left: &[Place], way: Direction, right: &[Place]) {
        if let (Ok(left), Ok(right)) = (self.side(left), self.side(right)) {
            self.machine_mut().network_mut().cut(left, right, way == Direction::OneWay);
        }
    }

    fn check_heal(&self, left: &[Place], way: Direction, right: &[Place]) -> Check {
        let cut = self.crossing(left, way, right)?.into_iter().any(|(a, b)| self.machine().network().is_cut(a, b));
        if cut { Ok(()) } else { Err("nothing is cut there".to_string()) }
    }

    fn heal(&mut self, left: &[Place], way: Direction, right: &[Place]) {
        for (a, b) in self.crossing(left, way, right).unwrap_or_default() {
            self.machine_mut().network_mut().heal(a, b);
        }
    }

    /// Every ordered pair from one side to the other, and back where both ways are meant.
    fn crossing(&self, left: &[Place], way: Direction, right: &[Place]) -> Check<Vec<(NodeId, NodeId)>> {
        let (left, right) = (self.side(left)?, self.side(right)?);
        let mut pairs: Vec<_> = left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b))).collect();
        if way == Direction::Both {
            pairs.extend(pairs.clone().into_iter().map(|(a, b)| (b, a)));
        }
        pairs.retain(|(a, b)| a != b);
        Ok(pairs)
    }

    /// The wires of a link; `None` is all of them.
    fn pairs(&self, link: &Link) -> Check<Option<Vec<(NodeId, NodeId)>>> {
        let Link::Between(a, way, b) = link else { return Ok(None) };
        let pairs = self.crossing(std::slice::from_ref(a), *way, std::slice::from_ref(b))?;
        if pairs.is_empty() { Err("there is no wire from a node to itself".to_string()) } else { Ok(Some(pairs)) }
    }

    fn change(&mut self, link: &Link, change: impl Fn(&mut Policy)) {
        match self.pairs(link) {
            Ok(None) => self.machine_mut().network_mut().change_all(change),
            Ok(Some(pairs)) => pairs.into_iter().for_each(|(a, b)| self.machine_mut().network_mut().change(a, b, &change)),
            Err(_) => {}
        }
    }

    fn check_ask(&self, client: NodeId, server: Option<NodeId>) -> Check {
        self.must_be_client(client)?;
        if self.machine().open_requests(client) >= crate::sim::requests::OPEN_MAX {
            return Err(format!("{client} has too many open requests already"));
        }
        match server {
            Some(server) if server.is_client() || !self.machine().has(server) => {
                Err(format!("{server} is no server here; there are {}", self.names()))
            }
            _ => Ok(()),
        }
    }

    /// Everything that can be done by one key or one pick, and why not.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let mut all = Vec::new();
        for id in self.machine().ids().into_iter().filter(|id| !id.is_client()) {
            let place = || Place::Node(id);
            let others: Vec<Place> = self.machine().ids().into_iter().filter(|o| *o != id && !o.is_client()).map(Place::Node).collect();
            all.extend([
                Poke::Crash(place(), DiskFate::Kept),
                Poke::Crash(place(), DiskFate::LosesUnsynced),
                Poke::Crash(place(), DiskFate::Wiped),
                Poke::Restart(place()),
                Poke::Pause(place()),
                Poke::Resume(place()),
                Poke::Slow(place(), 10.0),
                Poke::FullDisk(place()),
                Poke::FreeDisk(place()),
            ]);
            if !others.is_empty() {
                all.push(Poke::Cut(vec![place()], Direction::Both, others));
            }
            all.extend(self.timers(id).into_iter().map(|name| Poke::Fire(place(), name.to_string())));
        }
        all.extend([Poke::HealAll, Poke::HoldAll, Poke::ReleaseAll]);
        all.extend(self.offers().into_iter().map(Poke::Operate));
        let flights = self.machine().in_the_air().into_iter();
        all.extend(flights.flat_map(|id| [Poke::Drop(id), Poke::Hold(id), Poke::Duplicate(id), Poke::Deliver(id)]));
        all.into_iter().map(|poke| Choice { refused: self.check(&poke).err(), poke }).collect()
    }
}

fn must_be_server(id: NodeId) -> Check {
    if id.is_client() { Err(format!("{id} is a client; only servers fail here")) } else { Ok(()) }
}
