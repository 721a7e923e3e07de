//! Pokes: first whether one is possible, then doing it. A refusal changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::cluster::kit::ask::Deed;
use crate::cluster::kit::settings::{Declared as _, Speeds};
use crate::cluster::{Choice, Refused, words};
use crate::command::{Call, Direction, DiskFate, Link, Place, Poke};
use crate::sim::draw::mix;
use crate::sim::faults::Crash;
use crate::sim::id::{MsgId, NodeId};
use crate::sim::network::Policy;

use super::{Live, Poked, Staged, Upheld, load, start};

type Check<T = ()> = Result<T, String>;

/// The most cuts in force at once: every message has to pass all of them.
const CUTS_MAX: usize = 64;

impl<P: Staged> Live<P> {
    /// Does it, or says why not.
    pub(super) fn carry_out(&mut self, poke: &Poke) -> Result<(), Refused> {
        self.check(poke).map_err(Refused)?;
        let word = poke.to_string().bytes().fold(0, |word, byte| mix(word ^ u64::from(byte)));
        let stepped = self.sim.act(word);
        self.perform(poke);
        if matches!(poke, Poke::Restart(_) | Poke::FreeDisk(_)) {
            P::on_return(&mut self.sim);
        }
        self.invariants.poked(poke, &self.sim);
        self.pokes.push(Poked { event: stepped.event, at: stepped.at, poke: poke.clone() });
        self.observe();
        Ok(())
    }

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
            Poke::Fire(place, name) => self.all(place, |live, id| live.must_tick(id, name)),
            Poke::Operate(call) => (deed::<P>(call)?.can)(&self.sim, call),
            Poke::Set(name, text) => self.changed(name, text).map(|_| ()),
            Poke::Ask { client, call, server } => self.check_ask(*client, *server).and_then(|()| load::op::<P>(call).map(|_| ())),
            Poke::Workload(client, workload) => {
                self.must_be_client(*client)?;
                workload.as_ref().map_or(Ok(()), |workload| load::load::<P>(workload).map(|_| ()))
            }
        }
    }

    fn perform(&mut self, poke: &Poke) {
        match poke {
            Poke::Crash(place, fate) => self.each(place, Self::must_be_up, |live, id| live.crash(id, *fate)),
            Poke::Restart(place) => self.each(place, Self::must_be_down, |live, id| live.sim.restart(id)),
            Poke::Pause(place) => self.each(place, Self::must_run, |live, id| live.sim.pause(id)),
            Poke::Resume(place) => self.each(place, Self::must_be_paused, |live, id| live.sim.resume(id)),
            Poke::Cut(left, way, right) => self.cut(left, *way, right),
            Poke::HealAll => self.sim.network_mut().heal_all(),
            Poke::Heal(left, way, right) => self.heal(left, *way, right),
            Poke::Slow(place, factor) => self.each(place, |_, id| must_be_server(id), |live, id| live.sim.slow(id, *factor)),
            Poke::Skew(place, ns) => self.each(place, |_, id| must_be_server(id), |live, id| live.sim.skew(id, *ns)),
            Poke::Drift(place, ppm) => self.each(place, |_, id| must_be_server(id), |live, id| live.sim.drift(id, *ppm)),
            Poke::FullDisk(place) => self.each(place, |_, id| must_be_server(id), |live, id| live.sim.set_disk_full(id, true)),
            Poke::FreeDisk(place) => self.each(place, |_, id| must_be_server(id), |live, id| live.sim.set_disk_full(id, false)),
            Poke::Fire(place, name) => self.each(place, |live, id| live.must_tick(id, name), |live, id| live.fire(id, name)),
            Poke::Operate(call) => {
                if let Ok(deed) = deed::<P>(call) {
                    (deed.perform)(&mut self.sim, call);
                }
            }
            Poke::Set(name, text) => self.set(name, text),
            Poke::Ask { client, call, server } => {
                if let Ok(op) = load::op::<P>(call) {
                    self.sim.request(*client, op, *server);
                }
            }
            Poke::Workload(client, workload) => self.sim.set_load(*client, workload.as_ref().and_then(|load| load::load(load).ok())),
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
            Poke::Drop(id) => drop(self.sim.drop_message(*id)),
            Poke::Hold(id) => drop(self.sim.hold(*id)),
            Poke::Release(id) => drop(self.sim.release(*id)),
            Poke::Duplicate(id) => drop(self.sim.duplicate_message(*id)),
            Poke::Deliver(id) => drop(self.sim.deliver_message(*id)),
            Poke::Delay(id, by) => drop(self.sim.delay(*id, *by)),
            Poke::HoldAll => self.sim.hold_all(true),
            Poke::ReleaseAll => self.sim.hold_all(false),
            Poke::ReleaseInOrder => self.sim.release_all_in_order(),
            _ => {}
        }
    }

    /// The nodes that a place names.
    fn nodes(&self, place: &Place) -> Check<Vec<NodeId>> {
        match place {
            Place::Node(id) if self.sim.has(*id) => Ok(vec![*id]),
            Place::Node(id) => Err(format!("there is no {id} here; there are {}", self.names())),
            Place::Named(name) => {
                let map = self.sim.network().map();
                if let Some(zone) = map.names.iter().position(|n| n == name) {
                    return Ok(self.sim.ids().filter(|id| map.zone(*id) == zone).collect());
                }
                let servers: Vec<(NodeId, String)> = self.servers().map(|id| (id, P::name(&self.sim, id))).collect();
                let found = servers.iter().find(|(_, known)| known == name).map(|(id, _)| vec![*id]);
                let names = map.names.iter().chain(servers.iter().map(|(_, name)| name)).map(String::as_str);
                found.ok_or_else(|| words::unknown("node or zone", name, names))
            }
        }
    }

    fn servers(&self) -> impl Iterator<Item = NodeId> + use<'_, P> {
        self.sim.ids().filter(|id| !id.is_client())
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
        self.sim.ids().map(told).collect::<Vec<_>>().join(", ")
    }

    /// What a node is called on the stage.
    fn called(&self, id: NodeId) -> String {
        if id.is_client() { id.to_string() } else { P::name(&self.sim, id) }
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
        match (id.is_client(), self.sim.has(id)) {
            (true, true) => Ok(()),
            (false, _) => Err(format!("{} is a server; clients are c1, c2, ...", self.called(id))),
            _ => Err(format!("there is no {id} here; there are {}", self.names())),
        }
    }

    fn must_be_up(&self, id: NodeId) -> Check {
        must_be_server(id)?;
        if self.sim.node(id).is_up() { Ok(()) } else { Err(format!("{} is down already", self.called(id))) }
    }

    fn must_run(&self, id: NodeId) -> Check {
        self.must_be_up(id)?;
        if self.sim.node(id).is_paused() { Err(format!("{} is paused already", self.called(id))) } else { Ok(()) }
    }

    fn must_be_down(&self, id: NodeId) -> Check {
        must_be_server(id)?;
        if self.sim.node(id).is_up() { Err(format!("{} is running; crash it first", self.called(id))) } else { Ok(()) }
    }

    fn must_be_paused(&self, id: NodeId) -> Check {
        if self.sim.node(id).is_paused() { Ok(()) } else { Err(format!("{} is not paused", self.called(id))) }
    }

    fn must_fly(&self, id: MsgId) -> Check {
        if self.sim.in_flight(id) { Ok(()) } else { Err(format!("message {id} is not on its way")) }
    }

    fn must_tick(&self, id: NodeId, name: &str) -> Check {
        let names: Vec<&str> = self.sim.node(id).timers().iter().filter_map(|t| P::timer(t.timer)).collect();
        match names.contains(&name) {
            true => Ok(()),
            false if names.is_empty() => Err(format!("no timer of {} runs", self.called(id))),
            false => Err(format!("no timer `{name}` of {} runs; these do: {}", self.called(id), names.join(", "))),
        }
    }

    fn fire(&mut self, id: NodeId, name: &str) {
        let timer = self.sim.node(id).timers().iter().map(|t| t.timer).find(|t| P::timer(*t) == Some(name));
        if let Some(timer) = timer {
            self.sim.fire(id, timer);
        }
    }

    fn crash(&mut self, id: NodeId, fate: DiskFate) {
        self.sim.crash(
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
        if self.sim.network().walls().len() >= CUTS_MAX {
            return Err(format!("{CUTS_MAX} cuts are in force, which is as many as there can be; heal some first"));
        }
        match left.intersection(&right).next() {
            Some(both) => Err(format!("{} is on both sides of the cut", self.called(*both))),
            None => Ok(()),
        }
    }

    fn check_any_cut(&self) -> Check {
        if self.sim.network().walls().is_empty() { Err("nothing is cut".to_string()) } else { Ok(()) }
    }

    fn cut(&mut self, left: &[Place], way: Direction, right: &[Place]) {
        if let (Ok(left), Ok(right)) = (self.side(left), self.side(right)) {
            self.sim.network_mut().cut(left, right, way == Direction::OneWay);
        }
    }

    fn check_heal(&self, left: &[Place], way: Direction, right: &[Place]) -> Check {
        let cut = self.crossing(left, way, right)?.into_iter().any(|(a, b)| self.sim.network().is_cut(a, b));
        if cut { Ok(()) } else { Err("nothing is cut there".to_string()) }
    }

    fn heal(&mut self, left: &[Place], way: Direction, right: &[Place]) {
        for (a, b) in self.crossing(left, way, right).unwrap_or_default() {
            self.sim.network_mut().heal(a, b);
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
            Ok(None) => self.sim.network_mut().change_all(change),
            Ok(Some(pairs)) => pairs.into_iter().for_each(|(a, b)| self.sim.network_mut().change(a, b, &change)),
            Err(_) => {}
        }
    }

    fn check_ask(&self, client: NodeId, server: Option<NodeId>) -> Check {
        self.must_be_client(client)?;
        if self.sim.open_requests(client) >= crate::sim::requests::OPEN_MAX {
            return Err(format!("{client} has too many open requests already"));
        }
        match server {
            Some(server) if server.is_client() || !self.sim.has(server) => {
                Err(format!("{server} is no server here; there are {}", self.names()))
            }
            _ => Ok(()),
        }
    }

    /// The settings with one of them changed.
    fn changed(&self, name: &str, text: &str) -> Check<P::Settings> {
        let mut settings = self.sim.settings().clone();
        settings.set(name, text)?;
        let is_live = P::Settings::DOCS.iter().any(|doc| doc.name == name && doc.live);
        if !is_live && settings.get(name) != self.sim.settings().get(name) {
            return Err(format!("`{name}` says how the cluster begins; it does not change while it runs"));
        }
        let fits = P::fits(&settings, self.sim.servers(), self.sim.clients());
        fits.and_then(|()| P::may_become(&self.sim, &settings)).map_err(|(name, why)| format!("`{name}`: {why}"))?;
        Ok(settings)
    }

    fn set(&mut self, name: &str, text: &str) {
        let Ok(settings) = self.changed(name, text) else { return };
        let Speeds { near, far, handling, disk } = P::speeds(&settings);
        let mut map = self.sim.network().map().clone();
        map.distance = start::distances(map.distance.len(), &near, &far);
        self.sim.network_mut().set_map(map);
        self.sim.set_handling(handling);
        self.sim.set_disk(disk);
        self.sim.change_settings(settings);
        P::furnish(&mut self.sim);
    }

    /// Everything that can be done by one key or one pick, and why not.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let mut all = Vec::new();
        for id in self.sim.ids().filter(|id| !id.is_client()) {
            let place = || Place::Node(id);
            let others: Vec<Place> = self.sim.ids().filter(|o| *o != id && !o.is_client()).map(Place::Node).collect();
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
            let timers = self.sim.node(id).timers();
            all.extend(timers.iter().filter_map(|t| P::timer(t.timer)).map(|name| Poke::Fire(place(), name.to_string())));
        }
        all.extend([Poke::HealAll, Poke::HoldAll, Poke::ReleaseAll]);
        all.extend(P::DEEDS.iter().flat_map(|deed| {
            let offers = (deed.offers)(&self.sim).into_iter();
            offers.map(|args| Poke::Operate(Call { verb: &deed.doc.verb, form: 0, args }))
        }));
        let mut flights: Vec<MsgId> = self.sim.flights().map(|flight| flight.leg.id).collect();
        flights.sort_unstable();
        all.extend(flights.into_iter().flat_map(|id| [Poke::Drop(id), Poke::Hold(id), Poke::Duplicate(id), Poke::Deliver(id)]));
        all.into_iter().map(|poke| Choice { refused: self.check(&poke).err(), poke }).collect()
    }
}

fn must_be_server(id: NodeId) -> Check {
    if id.is_client() { Err(format!("{id} is a client; only servers fail here")) } else { Ok(()) }
}

/// How a verb of the model is carried out.
fn deed<P: Staged>(call: &Call) -> Check<&'static Deed<P>> {
    let known = P::DEEDS.iter().find(|deed| deed.doc.verb.name == call.verb.name && call.has_a_form_of(&deed.doc.verb));
    known.ok_or_else(|| format!("`{call}` is nothing that can be done to {}", P::MODEL.name))
}
