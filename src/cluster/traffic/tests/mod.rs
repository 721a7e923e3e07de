//! What must hold, what must break, and the mistakes that are often made: each by the schedule that shows it.

mod balancing;
mod bytes;
mod databases;
mod deploys;
mod edges;
mod health;
mod laws;
mod leaving;
mod mistakes;
mod overload;
mod retries;
mod scaling;
mod servers;
mod sessions;

use std::sync::Arc;

use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::Staged as _;
use crate::sim::arrivals::Arrivals;
use crate::sim::dist::Dist;
use crate::sim::draw::Stream;
use crate::sim::faults::Crash;
use crate::sim::history::Kind;
use crate::sim::kernel::{Config, Sim};
use crate::sim::network::{Map, Policy};
use crate::sim::requests::Load;
use crate::sim::time::Time;
use crate::sim::trace::Trace;

use super::message::WORK;
use super::note::Note;
use super::pool::Backend;
use super::roster::{DATABASE, FRONT};
use super::*;

/// A run with so many application servers.
struct Bench {
    sim: Sim<Traffic>,
}

const USERS: NodeId = NodeId::client(0);

fn app(number: u16) -> NodeId {
    NodeId::server(number + 1)
}

fn bench(apps: u16, settings: &[(&str, &str)]) -> Bench {
    bench_of(apps, settings, 1)
}

fn bench_of(apps: u16, changes: &[(&str, &str)], seed: u64) -> Bench {
    let mut settings = Settings::default();
    for (name, text) in changes {
        settings.set(name, text).unwrap();
    }
    let map = Map::single(Dist::Const(Span::us(250)));
    let (policy, disk) = (Policy::default(), Dist::Const(Span::ZERO));
    let config = Config { seed, servers: apps + 2, clients: 1, map, policy, disk, handling: Span::ZERO, keep_trace: true, settings };
    let mut sim = Sim::new(config);
    Traffic::furnish(&mut sim);
    Bench { sim }
}

fn view(visitor: &str) -> Visit {
    Visit { visitor: visitor.into(), order: false }
}

impl Bench {
    fn load(mut self, rate: f64) -> Bench {
        let pick = |draws: &mut Stream, _| view(&format!("v{}", draws.below(1000)));
        self.sim.set_load(USERS, Some(Load { arrivals: Arrivals::Poisson(rate), pick: Arc::new(pick) }));
        self
    }

    fn run(mut self, span: Span) -> Bench {
        let until = self.sim.now() + span;
        while self.sim.next_at().is_some_and(|at| at <= until) {
            self.sim.step();
        }
        self.sim.wait_until(until);
        self
    }

    /// Lets everything end that is under way.
    fn stop(mut self) -> Bench {
        self.sim.set_load(USERS, None);
        self.run(Span::s(3))
    }

    fn poke(mut self, poke: impl FnOnce(&mut Sim<Traffic>)) -> Bench {
        self.sim.act(1);
        poke(&mut self.sim);
        self
    }

    fn ended(&self) -> Ended {
        let mut ended = Ended::default();
        let mut called = std::collections::BTreeMap::new();
        for record in self.sim.history().from(0) {
            match record.kind {
                Kind::Invoke(_) => drop(called.insert(record.request, record.time)),
                Kind::Ok(()) => ended.good.push(record.time.since(called[&record.request]).as_ms()),
                Kind::Refused(_) => ended.refused += 1,
                Kind::Failed(_) | Kind::Unknown(_) => ended.failed += 1,
            }
        }
        ended.offered = called.len();
        ended
    }

    fn front(&self) -> &Front {
        match self.sim.node(FRONT).state() {
            Some(Traffic::Front(front)) => front,
            _ => panic!("the front is down"),
        }
    }

    fn backend(&self, number: u16) -> &Backend {
        let front = self.front();
        &front.pool.backends[front.pool.find(app(number)).unwrap()]
    }

    /// Requests that the front handed to a server from this time on, whether they reached it or not.
    fn given(&self, number: u16, from: Span) -> usize {
        let to = |entry: &&_| matches!(entry, Trace::Arrived(leg) | Trace::Lost(leg, _) if leg.to == app(number) && leg.kind == WORK);
        let all = self.sim.trace().from(0);
        all.iter().filter(|entry| entry.at >= Time::ZERO + from).filter(|entry| to(&&entry.what)).count()
    }
}

#[derive(Debug, Default)]
struct Ended {
    offered: usize,
    good: Vec<f64>,
    refused: usize,
    failed: usize,
}

impl Ended {
    fn mean(&self) -> f64 {
        self.good.iter().sum::<f64>() / self.good.len() as f64
    }

    fn percentile(&self, share: f64) -> f64 {
        let mut all = self.good.clone();
        all.sort_by(f64::total_cmp);
        all[((all.len() as f64 * share) as usize).min(all.len() - 1)]
    }
}

#[test]
fn servers_go_by_their_names_in_every_verb() {
    use crate::command::{Command, Poke};
    let scenario =
        crate::cluster::Scenario { model: "traffic".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 1 };
    let mut live = (MODEL.start)(&scenario).unwrap_or_else(|_| panic!("the defaults start"));
    let poke = |text: &str| match MODEL.language.parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("{text}: {other:?}"),
    };
    for text in ["slow app3 2x", "break app3", "mend app3", "drain app2", "remove-server app1", "add-server"] {
        assert_eq!(live.apply(&poke(text)), Ok(()), "{text}");
    }
    let gone: Poke = poke("drain app2");
    assert!(live.apply(&gone).is_err_and(|refused| refused.0.contains("app2")));
    for text in ["drain lb", "drain db", "drain app9", "break n1"] {
        assert!(live.apply(&poke(text)).is_err(), "{text}");
    }
}
