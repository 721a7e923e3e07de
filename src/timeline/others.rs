//! Other runs beside a run: the same pokes at the same times, with other draws; from the start, or from one of its moments on.

use super::{Brake, PokeAt, Timeline};
use crate::cluster::{Cluster, Scenario, Stop, budget};
use crate::sim::time::Time;

/// The most events of one other run.
const OTHER_EVENTS_MAX: u64 = 1_000_000;

/// Events from one look at the brake to the next.
const BRAKED_EVERY: u64 = 10_000;

impl Timeline {
    /// The pokes that are behind the position.
    fn pokes_behind(&self) -> Vec<PokeAt> {
        let mut pokes = self.pokes();
        pokes.truncate(self.pokes_done());
        pokes
    }

    /// What another seed makes of this run: the same pokes at the same times, up to the same time. A poke that is refused there, because what
    /// it is about is not so, is left out. The error says why the run cannot come so far.
    pub fn with_seed(&self, seed: u64) -> Result<Timeline, String> {
        let scenario = Scenario { seed, ..self.scenario().clone() };
        let mut other = Timeline::new(scenario).map_err(|bad| bad.into_iter().map(|bad| bad.message).collect::<Vec<_>>().join("; "))?;
        other.set_brake(self.brake());
        for poke in self.pokes_behind() {
            reached(&other.run_to(poke.at))?;
            // What is refused changes nothing.
            let _ = other.poke(&poke.poke);
        }
        reached(&other.run_to(self.at()))?;
        Ok(other)
    }

    /// The rest of this run from a time on, up to the position, to be played again with other draws.
    pub fn tail_from(&self, from: Time) -> Result<Tail, String> {
        let mut back = self.fork();
        reached(&back.seek(from.min(self.at())))?;
        let pokes = self.pokes_behind().split_off(back.pokes_done());
        Ok(Tail { cluster: back.cluster, pokes, end: self.at(), brake: self.brake().clone() })
    }
}

fn reached(stop: &Stop) -> Result<(), String> {
    match stop {
        Stop::Reached => Ok(()),
        Stop::Budget => Err("too many events happen".to_string()),
        Stop::Limit(why) => Err(why.clone()),
    }
}

/// The rest of a run: where it begins, what is done in it, and when it ends.
pub struct Tail {
    cluster: Box<dyn Cluster>,
    pokes: Vec<PokeAt>,
    end: Time,
    brake: Brake,
}

impl Tail {
    /// Plays it with the draws of another seed. `look` is asked at its beginning, after every event and at its end; the first yes ends it. The error says why
    /// it cannot be told.
    pub fn comes_to(&self, seed: u64, look: &mut dyn FnMut(&dyn Cluster) -> Result<bool, String>) -> Result<bool, String> {
        let mut run = self.begin(seed);
        if look(run.cluster.as_ref())? {
            return Ok(true);
        }
        while run.step()? {
            if look(run.cluster.as_ref())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The cluster at its end, with the draws of another seed.
    pub fn end_with(&self, seed: u64) -> Result<Box<dyn Cluster>, String> {
        let mut run = self.begin(seed);
        run.finish()?;
        Ok(run.cluster)
    }

    fn begin(&self, seed: u64) -> Playing<'_> {
        let mut cluster = self.cluster.fork();
        cluster.reseed(seed);
        let last = cluster.events() + OTHER_EVENTS_MAX;
        Playing { tail: self, cluster, next: 0, last }
    }
}

/// A tail that is being played.
struct Playing<'t> {
    tail: &'t Tail,
    cluster: Box<dyn Cluster>,
    /// The next of its pokes.
    next: usize,
    last: u64,
}

impl Playing<'_> {
    /// When the next poke comes, or else the end.
    fn until(&self) -> Time {
        self.tail.pokes.get(self.next).map_or(self.tail.end, |poke| poke.at)
    }

    fn bound(&self) -> Result<(), String> {
        if self.tail.brake.is_pulled() {
            return Err(self.tail.brake.why());
        }
        let far = (self.cluster.events() >= self.last).then(|| format!("another run has more than {OTHER_EVENTS_MAX} events"));
        far.or_else(|| budget::reached(self.cluster.as_ref())).map_or(Ok(()), Err)
    }

    /// Does the next poke. One that is refused is left out.
    fn poke(&mut self) -> bool {
        let Some(poke) = self.tail.pokes.get(self.next) else { return false };
        self.next += 1;
        let _ = self.cluster.apply(&poke.poke);
        true
    }

    /// One event or poke. `false`: it is at its end.
    fn step(&mut self) -> Result<bool, String> {
        self.bound()?;
        let until = self.until();
        if self.cluster.next_at().is_some_and(|at| at <= until) {
            return self.cluster.step().map(|_| true).ok_or_else(|| "the run cannot go on".to_string());
        }
        reached(&self.cluster.run_until(until, 1))?;
        Ok(self.poke())
    }

    fn finish(&mut self) -> Result<(), String> {
        loop {
            self.bound()?;
            match self.cluster.run_until(self.until(), BRAKED_EVERY) {
                Stop::Reached if !self.poke() => return Ok(()),
                Stop::Reached | Stop::Budget => {}
                Stop::Limit(why) => return Err(why),
            }
        }
    }
}
