//! A small deterministic cluster for tests: three nodes that pass numbers on, several events at one time, and an end when all are down.

use std::any::Any;
use std::collections::BTreeMap;

use crate::check::verdict::Verdicts;
use crate::cluster::facts::Facts;
use crate::cluster::moment::Moment;
use crate::cluster::scene::Scene;
use crate::cluster::told::Exchange;
use crate::cluster::{BadScenario, Choice, Cluster, Fired, Happening, NoteMark, Refused, Scenario, Stop, What};
use crate::command::{Place, Poke};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

const NODES: u16 = 3;
const LIMIT: u64 = 550_000;

#[derive(Clone, Debug)]
pub(super) struct Toy {
    now: Time,
    queue: BTreeMap<(Time, u64), u16>,
    state: [u64; NODES as usize],
    down: [bool; NODES as usize],
    events: u64,
    sequence: u64,
    fingerprint: u64,
    /// Whether odd draws are turned into even ones: what two compared runs differ in.
    even: bool,
    happened: imbl::Vector<Happening>,
}

pub(super) fn scenario(seed: u64) -> Scenario {
    Scenario { model: "toy".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed }
}

fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) ^ x >> 31
}

impl Toy {
    pub(super) fn start(scenario: &Scenario) -> Result<Box<dyn Cluster>, Vec<BadScenario>> {
        let even = scenario.settings.iter().any(|(k, v)| k == "even" && v == "yes");
        if let Some((field, _)) = scenario.settings.iter().find(|(k, _)| k != "even") {
            return Err(vec![BadScenario { field: field.clone(), message: format!("no setting `{field}`") }]);
        }
        let mut toy = Toy {
            now: Time::ZERO,
            queue: BTreeMap::new(),
            state: [scenario.seed; 3],
            down: [false; 3],
            events: 0,
            sequence: 0,
            fingerprint: mix(scenario.seed),
            even,
            happened: imbl::Vector::new(),
        };
        for node in 0..NODES {
            toy.push(node, 0);
        }
        Ok(Box::new(toy))
    }

    pub(super) fn timeline(seed: u64) -> super::Timeline {
        let scenario = scenario(seed);
        let cluster = Toy::start(&scenario).expect("the toy starts");
        super::Timeline::over(scenario, cluster)
    }

    fn push(&mut self, node: u16, gap: u64) {
        self.sequence += 1;
        self.queue.insert((Time(self.now.0 + gap), self.sequence), node);
    }

    fn fold(&mut self, what: u64) {
        self.events += 1;
        self.fingerprint = mix(self.fingerprint ^ what ^ self.now.0.rotate_left(17)).wrapping_add(self.events);
    }

    fn note(&mut self, what: What) {
        self.happened.push_back(Happening { event: self.events, at: self.now, what });
    }

    fn node(place: &Place) -> Result<usize, Refused> {
        match place {
            Place::Node(n) if !n.is_client() && n.index() < NODES as usize => Ok(n.index()),
            other => Err(Refused(format!("{other:?} is not here"))),
        }
    }

    fn act(&mut self, poke: &Poke) -> Result<u64, Refused> {
        match poke {
            Poke::Crash(place, _) => {
                let n = Toy::node(place)?;
                if std::mem::replace(&mut self.down[n], true) {
                    return Err(Refused(format!("n{} is down already", n + 1)));
                }
                Ok(n as u64)
            }
            Poke::Restart(place) => {
                let n = Toy::node(place)?;
                if !std::mem::replace(&mut self.down[n], false) {
                    return Err(Refused(format!("n{} is up", n + 1)));
                }
                self.push(n as u16, 0);
                Ok(10 + n as u64)
            }
            Poke::Set(name, value) if name == "even" && !self.even => {
                self.state[0] ^= value.len() as u64;
                Ok(20 + value.len() as u64)
            }
            _ => Err(Refused("the toy knows no such thing".into())),
        }
    }
}

impl Cluster for Toy {
    fn now(&self) -> Time {
        self.now
    }

    fn next_at(&self) -> Option<Time> {
        self.queue.keys().next().map(|(t, _)| *t)
    }

    fn step(&mut self) -> Option<Fired> {
        if self.events >= LIMIT {
            return None;
        }
        let ((at, _), node) = self.queue.pop_first()?;
        self.now = at;
        self.fold(u64::from(node));
        let n = usize::from(node);
        let noteworthy = self.state[n].is_multiple_of(97);
        if self.down[n] && self.down != [true; 3] {
            self.push((node + 1) % NODES, 900);
        } else if !self.down[n] {
            self.state[n] = mix(self.state[n].wrapping_add(self.events)) & if self.even { !1 } else { !0 };
            let draw = self.state[n];
            self.fingerprint ^= draw;
            self.push((draw % 3) as u16, (draw >> 8) % 4 * 500);
            if self.queue.len() < 6 && draw.is_multiple_of(5) {
                self.push((draw % 3) as u16, 700);
            }
            self.note(What::Note { node: NodeId::server(node), text: draw.to_string(), mark: NoteMark::Follows });
        }
        Some(Fired { event: self.events, at, noteworthy })
    }

    fn run_until(&mut self, t: Time, budget: u64) -> Stop {
        for _ in 0..budget {
            if self.next_at().is_none_or(|next| next > t) {
                break;
            }
            if self.step().is_none() {
                return Stop::Limit("the toy is worn out".into());
            }
        }
        if self.next_at().is_some_and(|next| next <= t) {
            return Stop::Budget;
        }
        self.now = self.now.max(t);
        Stop::Reached
    }

    fn reseed(&mut self, seed: u64) {
        self.state.iter_mut().for_each(|state| *state ^= mix(seed));
    }

    fn apply(&mut self, poke: &Poke) -> Result<(), Refused> {
        let done = self.act(poke)?;
        self.fold(100 + done);
        self.note(What::Poked(poke.clone()));
        Ok(())
    }

    fn enabled(&self) -> Vec<Choice> {
        Vec::new()
    }

    fn scene(&self, at: Time, out: &mut Scene) {
        out.at = at;
    }

    fn facts(&self, out: &mut Facts) {
        out.int("down", self.down.iter().filter(|d| **d).count());
    }

    fn verdicts(&self) -> Verdicts {
        Vec::new()
    }

    fn exchanges(&self) -> Vec<Exchange> {
        Vec::new()
    }

    fn history_len(&self) -> usize {
        0
    }

    fn happenings(&self, from: Time, out: &mut Vec<Happening>) {
        out.extend(self.happened.iter().skip_while(|h| h.at < from).cloned());
    }

    fn moments(&self, out: &mut Vec<Moment>) {
        out.clear();
    }

    fn patience(&self) -> Span {
        Span::ZERO
    }

    fn open_to(&self) -> Vec<NodeId> {
        Vec::new()
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![("even", if self.even { "yes" } else { "no" }.into())]
    }

    fn fork(&self) -> Box<dyn Cluster> {
        Box::new(self.clone())
    }

    fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    fn events(&self) -> u64 {
        self.events
    }

    fn bytes(&self) -> u64 {
        0
    }

    fn copied_bytes(&self) -> u64 {
        12 << 10
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
