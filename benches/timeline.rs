//! What a long run of every model costs: forward, bare and with checkpoints, in memory, and to go anywhere in it. Prints medians and the worst.
//!
//! `cargo bench --bench timeline` measures one after the other, each in a process of its own, for the memory of one is not that of the
//! next; with a name, that one alone.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

mod busy;
mod resident;
mod storm;

use std::any::Any;
use std::hint::black_box;
use std::time::Instant;

use busy::BUSY;
use resident::resident;
use splitbrain::check::verdict::Verdicts;
use splitbrain::cluster::facts::Facts;
use splitbrain::cluster::moment::Moment;
use splitbrain::cluster::scene::Scene;
use splitbrain::cluster::told::Exchange;
use splitbrain::cluster::{Choice, Cluster, Fired, Happening, Refused, Scenario, Stop};
use splitbrain::command::Poke;
use splitbrain::sim::draw::{Concern, Draws};
use splitbrain::sim::id::NodeId;
use splitbrain::sim::kernel::Sim;
use splitbrain::sim::time::{Span, Time};
use splitbrain::timeline::Timeline;
use storm::{Storm, storm};

/// At most 200 bytes an event; 2 M/s of `replicated`; seeks: median 300 us, 99 of 100 below 1 ms.
const EVENTS: u64 = 2_000_000;
const SEEKS: u64 = 2_000;
/// What a cluster on a timeline remembers: so many events at least.
const REMEMBERED: u64 = 16_384;

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
    fn reseed(&mut self, seed: u64) {
        self.0.reseed(seed);
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

/// Millions of events in a second of a cluster of which nothing is kept.
fn bare(mut cluster: Box<dyn Cluster>) -> f64 {
    cluster.remember_only(REMEMBERED);
    let start = Instant::now();
    while cluster.events() < EVENTS / 2 && cluster.step().is_some() {}
    cluster.events() as f64 / start.elapsed().as_secs_f64() / 1e6
}

fn travel(name: &str, cluster: Box<dyn Cluster>, mut run: Timeline) {
    let bare = bare(cluster);
    let (before, start) = (resident(), Instant::now());
    run.seek_event(EVENTS);
    let events = run.events();
    let forward = events as f64 / start.elapsed().as_secs_f64() / 1e6;
    let bytes = resident().saturating_sub(before) / events;
    println!("{name}: {events} events forward: bare {bare:.2} M/s, with checkpoints {forward:.2} M/s, {bytes} bytes an event");
    let draws = Draws::new(1);
    let end = run.at();
    say("seek to any event", &cost(SEEKS, |i| drop(black_box(run.seek_event(draws.at(Concern::Latency, i).below(events))))));
    say("seek to any time (at most 1 ms)", &cost(SEEKS, |i| drop(black_box(run.seek(Time(draws.at(Concern::Loss, i).below(end.0)))))));
    say("step back", &cost(SEEKS, |_| _ = black_box(run.step_back())));
    say("fork", &cost(SEEKS, |_| drop(black_box(run.fork()))));
}

const STORMS: [(&str, usize); 2] = [("storm-20", 20), ("storm-1000", 1000)];

fn measure(name: &str) -> anyhow::Result<()> {
    if let Some(busy) = BUSY.iter().find(|busy| busy.name == name) {
        travel(name, busy.bare()?, busy.timeline()?);
    } else if let Some((_, in_flight)) = STORMS.iter().find(|(storm, _)| *storm == name) {
        travel(name, Box::new(Raw(storm(*in_flight))), timeline(*in_flight));
    } else {
        anyhow::bail!("nothing is called {name}");
    }
    Ok(())
}

fn main() -> anyhow::Result<()> {
    if let Some(name) = std::env::args().skip(1).find(|word| !word.starts_with('-')) {
        return measure(&name);
    }
    for name in BUSY.iter().map(|busy| busy.name).chain(STORMS.iter().map(|(name, _)| *name)) {
        std::process::Command::new(std::env::current_exe()?).arg(name).status()?;
    }
    Ok(())
}
