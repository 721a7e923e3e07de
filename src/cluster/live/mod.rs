//! A protocol on the stage: everything that is the same for every cluster, so that a cluster is only its protocol, its facts
//! and its picture.

mod ahead;
mod apply;
mod hand;
mod happen;
mod latest;
mod load;
mod memory;
mod meter;
mod sampled;
pub(in crate::cluster) mod spread;
mod staged;
mod start;
mod upheld;
mod view;

use std::any::Any;
use std::sync::Arc;

use crate::check::verdict::Verdicts;
use crate::command::Poke;
use crate::sim::id::NodeId;
use crate::sim::kernel::{Sim, Stepped};
use crate::sim::log::Log;
use crate::sim::time::{Span, Time};

use super::ahead::Ahead;
use super::facts::Facts;
use super::kit::facts::Fact;
use super::kit::settings::Declared;
use super::moment::{Moment, UNSYNCED};
use super::scene::Scene;
use super::series::Series;
use super::told::{Exchange, Stamp, Told};
use super::{Choice, Cluster, Fired, Happening, Refused, Stop, kit};

use latest::Latest;
use memory::{Lately, Memory};
pub use meter::{Counts, Meter};
pub use spread::{Percentile, Spread};
pub use staged::{Captioned, Labelled, Moments, Names, Seen, Staged, Watch, Worded};
pub use start::start;
pub use upheld::Upheld;

/// A live cluster of one protocol.
#[derive(Clone)]
pub struct Live<P: Staged> {
    pub(super) sim: Sim<P>,
    pub(super) pokes: Log<Poked>,
    pub(super) meter: Meter,
    pub(super) watch: P::Watch,
    series: Series,
    /// The facts that it samples.
    sampled: Arc<[&'static Fact<P>]>,
    invariants: P::Invariants,
    /// The first invariant that was broken: the run ends there.
    broken: Option<Arc<str>>,
    memory: Memory,
    lately: Lately<P::Note>,
    latest: Latest,
}

/// A poke that was carried out.
#[derive(Clone, Debug)]
pub(super) struct Poked {
    event: u64,
    at: Time,
    poke: Poke,
}

impl<P: Staged> Live<P> {
    fn over(mut sim: Sim<P>) -> Live<P> {
        P::furnish(&mut sim);
        let mut invariants = P::Invariants::default();
        invariants.begin(&sim);
        let (meter, watch) = (Meter::default(), P::Watch::default());
        let (series, sampled) = (Series::new(P::MODEL.series), sampled::facts());
        let (memory, lately, latest) = (Memory::default(), Lately::default(), Latest::default());
        let mut live = Live { sim, pokes: Log::default(), meter, watch, series, sampled, invariants, broken: None, memory, lately, latest };
        live.observe();
        live
    }

    /// The simulation.
    pub fn sim(&self) -> &Sim<P> {
        &self.sim
    }

    /// What clients did and were told, counted.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// What the facts remember.
    pub fn watched(&self) -> &P::Watch {
        &self.watch
    }

    /// Looks at what the last event added to history and trace, and at what it changed.
    fn observe(&mut self) {
        let (history, trace) = (self.sim.history(), self.sim.trace());
        let lines = trace.since(self.meter.trace_seen);
        let records = history.since(self.meter.history_seen);
        let mut ended = Vec::new();
        for (line, record) in (self.meter.history_seen..).zip(records) {
            self.latest.follow(line, record);
            ended.extend(self.meter.record::<P>(record));
            upheld(&mut self.broken, self.invariants.recorded(record, &self.sim));
        }
        for entry in lines {
            upheld(&mut self.broken, self.invariants.traced(entry, &self.sim));
        }
        let touched = self.sim.touched();
        upheld(&mut self.broken, self.invariants.after(touched, &self.sim));
        (self.meter.history_seen, self.meter.trace_seen) = (history.len(), trace.len());
        let (sim, meter) = (&self.sim, &self.meter);
        self.lately.follow(sim.now(), lines, P::is_noteworthy);
        self.watch.follow(&Seen { sim, meter, records, trace: lines, ended: &ended, touched });
        self.meter.serving = P::is_serving(self);
        self.series.event(self.sim.now());
        self.turn_generation();
    }

    /// Why the run cannot go on, where an invariant of the model is broken.
    fn stopped(&self) -> Option<Stop> {
        let what = self.broken.as_deref()?;
        Some(Stop::Limit(format!("splitbrain itself has a fault here, please report this run: it broke the invariant that {what}")))
    }

    fn wait(&mut self, t: Time) {
        self.sample(t, false);
        self.meter.pass(self.sim.now(), t);
        self.sim.wait_until(t);
    }
}

/// Keeps the first invariant that is broken.
fn upheld(broken: &mut Option<Arc<str>>, looked: Result<(), String>) {
    if let Err(what) = looked
        && broken.is_none()
    {
        *broken = Some(what.into());
    }
}

fn fired(stepped: Stepped) -> Fired {
    Fired { event: stepped.event, at: stepped.at, noteworthy: stepped.noteworthy }
}

impl<P: Staged> Cluster for Live<P> {
    fn now(&self) -> Time {
        self.sim.now()
    }

    fn next_at(&self) -> Option<Time> {
        self.sim.next_at()
    }

    fn step(&mut self) -> Option<Fired> {
        if self.broken.is_some() {
            return None;
        }
        self.sample(self.sim.next_at()?, true);
        let before = self.sim.now();
        let stepped = self.sim.step()?;
        self.meter.pass(before, stepped.at);
        self.observe();
        Some(fired(stepped))
    }

    fn run_until(&mut self, t: Time, budget: u64) -> Stop {
        let mut left = budget;
        while self.sim.next_at().is_some_and(|next| next <= t) {
            if left == 0 {
                return Stop::Budget;
            }
            left -= 1;
            self.step();
            if let Some(stop) = self.stopped() {
                return stop;
            }
        }
        if let Some(stop) = self.stopped() {
            return stop;
        }
        self.wait(t);
        Stop::Reached
    }

    fn apply(&mut self, poke: &Poke) -> Result<(), Refused> {
        self.carry_out(poke)
    }

    fn enabled(&self) -> Vec<Choice> {
        let hand: &dyn hand::Hand = self;
        hand.choices()
    }

    fn ahead(&self) -> Ahead {
        self.what_is_ahead()
    }

    fn goes_on_at(&self) -> Option<Time> {
        self.sim.goes_on_at()
    }

    fn scene(&self, at: Time, out: &mut Scene) {
        self.fill(at, out);
    }

    fn facts(&self, out: &mut Facts) {
        out.clear();
        kit::facts::fill(self, out);
    }

    fn series(&self) -> Option<&Series> {
        Some(&self.series)
    }

    fn verdicts(&self) -> Verdicts {
        P::judge(self)
    }

    fn exchanges(&self) -> Vec<Exchange> {
        happen::exchanges(self)
    }

    fn recent(&self, most: usize) -> (usize, Vec<Exchange>) {
        happen::recent(self, most)
    }

    fn history_len(&self) -> usize {
        self.sim.history().len()
    }

    fn told_since(&self, line: usize) -> Vec<Told> {
        happen::told(self, line)
    }

    fn happenings(&self, from: Time, out: &mut Vec<Happening>) {
        happen::happenings(self, from, usize::MAX, out);
    }

    fn latest(&self, from: Time, most: usize, out: &mut Vec<Happening>) {
        happen::happenings(self, from, most, out);
    }

    fn moments(&self, out: &mut Vec<Moment>) {
        out.clear();
        let writes = self.sim.ids().filter(|id| self.sim.node(*id).store().has_unsynced());
        out.extend(writes.map(|id| Moment::of(UNSYNCED, id)));
        P::moments(&self.sim, out);
    }

    fn patience(&self) -> Span {
        <P as Moments>::patience(self.sim.settings())
    }

    fn open_to(&self) -> Vec<NodeId> {
        P::open_to(&self.sim)
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        P::Settings::DOCS.iter().map(|doc| (doc.name, self.sim.settings().get(doc.name))).collect()
    }

    fn fork(&self) -> Box<dyn Cluster> {
        Box::new(self.clone())
    }

    fn checkpoint(&self) -> Box<dyn Cluster> {
        let mut saved = self.clone();
        saved.forget_all();
        Box::new(saved)
    }

    fn reseed(&mut self, seed: u64) {
        self.sim.reseed(seed);
    }

    fn remember_only(&mut self, events: u64) {
        self.keep_generations_of(events);
    }

    fn sample_only(&mut self, facts: &[&'static str]) {
        self.sampled = self.sampled.iter().copied().filter(|fact| facts.contains(&fact.doc.name)).collect();
        if self.sampled.is_empty() {
            self.series = Series::new(&[]);
        }
    }

    fn forgotten(&self) -> Option<Stamp> {
        self.memory.forgotten
    }

    fn fingerprint(&self) -> u64 {
        self.sim.fingerprint()
    }

    fn events(&self) -> u64 {
        self.sim.events()
    }

    fn bytes(&self) -> u64 {
        self.sim.bytes()
    }

    fn copied_bytes(&self) -> u64 {
        self.sim.copied_bytes()
    }

    fn kept_bytes(&self) -> u64 {
        self.copied_bytes() + self.meter.kept_bytes() + self.watch.kept_bytes()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
