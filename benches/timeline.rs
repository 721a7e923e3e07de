//! What it costs to go anywhere in a run of a million events. Prints medians and the worst.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

mod storm;

use std::any::Any;
use std::hint::black_box;
use std::time::Instant;

use splitbrain::check::verdict::Verdicts;
use splitbrain::cluster::exchange::Exchange;
use splitbrain::cluster::facts::Facts;
use splitbrain::cluster::moment::Moment;
use splitbrain::cluster::scene::Scene;
use splitbrain::cluster::{Choice, Cluster, Fired, Happening, Refused, Scenario, Stop};
use splitbrain::command::{Command, Poke};
use splitbrain::sim::draw::{Concern, Draws};
use splitbrain::sim::id::NodeId;
use splitbrain::sim::kernel::Sim;
use splitbrain::sim::time::{Span, Time};
use splitbrain::timeline::Timeline;
use storm::{Storm, storm};

const EVENTS: u64 = 1_000_000;
const SEEKS: u64 = 2_000;

/// The storm with the face of a cluster; nothing to poke and nothing to see.
struct Raw(Sim<Storm>);

impl Cluster for Raw {
    fn now(&self) -> Time {
        self.0.now()
    }
    fn next_at(&self) -> Option<Time> {
        self.0.next_at()
    }
    fn step(&mut self) -> Option<Fired> {
        let fired = self.0.step()?;
        Some(Fired { event: fired.event, at: fired.at, noteworthy: fired.noteworthy })
    }
    fn run_until(&mut self, t: Time, budget: u64) -> Stop {
        for _ in 0..budget {
            if self.next_at().is_none_or(|next| next > t) {
                self.0.wait_until(t);
                return Stop::Reached;
            }
            self.0.step();
        }
        Stop::Budget
    }
    fn apply(&mut self, _: &Poke) -> Result<(), Refused> {
        Err(Refused("a storm cannot be poked".into()))
    }
    fn enabled(&self) -> Vec<Choice> {
        Vec::new()
    }
    fn scene(&self, _: Time, _: &mut Scene) {}
    fn facts(&self, _: &mut Facts) {}
    fn verdicts(&self) -> Verdicts {
        Vec::new()
    }
    fn exchanges(&self) -> Vec<Exchange> {
        Vec::new()
    }
    fn history_len(&self) -> usize {
        0
    }
    fn happenings(&self, _: Time, _: &mut Vec<Happening>) {}
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
        Vec::new()
    }
    fn fork(&self) -> Box<dyn Cluster> {
        Box::new(Raw(self.0.clone()))
    }
    fn fingerprint(&self) -> u64 {
        self.0.fingerprint()
    }
    fn events(&self) -> u64 {
        self.0.events()
    }
    fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    fn copied_bytes(&self) -> u64 {
        self.0.copied_bytes()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn timeline(in_flight: usize) -> Timeline {
    let scenario = Scenario { model: "storm".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
    Timeline::over(scenario, Box::new(Raw(storm(in_flight))))
}

/// Microseconds of each call, in order of size.
fn cost(times: u64, mut what: impl FnMut(u64)) -> Vec<f64> {
    let one = |i| {
        let start = Instant::now();
        what(i);
        start.elapsed().as_secs_f64() * 1e6
    };
    let mut all: Vec<f64> = (0..times).map(one).collect();
    all.sort_by(f64::total_cmp);
    all
}

fn say(what: &str, costs: &[f64]) {
    let (median, nearly, worst) = (costs[costs.len() / 2], costs[costs.len() * 99 / 100], costs[costs.len() - 1]);
    println!("  {what:<28} median {median:>8.1} us, 99 of 100 below {nearly:>8.1} us, worst {worst:>8.1} us");
}

fn travel(name: &str, mut run: Timeline) {
    let start = Instant::now();
    run.seek_event(EVENTS);
    let forward = start.elapsed().as_secs_f64();
    println!("{name}: {EVENTS} events once forward, with checkpoints: {:.2} M/s", EVENTS as f64 / forward / 1e6);
    let draws = Draws::new(1);
    let end = run.at();
    say("seek to any event", &cost(SEEKS, |i| drop(black_box(run.seek_event(draws.at(Concern::Latency, i).below(EVENTS))))));
    say("seek to any time (at most 1 ms)", &cost(SEEKS, |i| drop(black_box(run.seek(Time(draws.at(Concern::Loss, i).below(end.0)))))));
    say("step back", &cost(SEEKS, |_| _ = black_box(run.step_back())));
    say("fork", &cost(SEEKS, |_| drop(black_box(run.fork()))));
}

/// The replicated cluster under a steady workload with everything on the screen recorded.
fn replicated() -> Option<Timeline> {
    let scenario = Scenario { model: "replicated".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
    let mut run = Timeline::new(scenario).ok()?;
    for client in ["c1", "c2"] {
        let Ok(Command::Poke(load)) =
            splitbrain::cluster::replicated::MODEL.language.parse(&format!("workload {client} 200/s read:write 1:1 keys uniform(20)"))
        else {
            return None;
        };
        run.poke(&load).ok()?;
    }
    Some(run)
}

fn main() {
    if let Some(run) = replicated() {
        travel("replicated, 400 requests/s", run);
    }
    travel("storm, 20 in flight", timeline(20));
    travel("storm, 1000 in flight", timeline(1000));
}
