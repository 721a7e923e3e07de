//! The servers behind the front, as the front knows them: what it counts, and whom its checks believe to live.

use crate::algo::balance::{Balancer, Target};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::settings::Settings;
use super::words::AllUnhealthy;

/// Whether a server takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It starts, and is warm then.
    Starts(Time),
    /// It gets its share while it is healthy.
    Serves,
    /// It gets nothing new, and is taken out when it has finished.
    Drains,
    /// It was taken out.
    Gone,
}

/// One server, as the front knows it.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Which.
    pub id: NodeId,
    /// Requests that it was given and has not answered, and that were not given up.
    pub open: u32,
    /// Whether its checks say that it lives.
    pub healthy: bool,
    /// Checks missed in a row.
    pub missed: u32,
    /// The last check that it answered.
    pub answered: u32,
    /// Whether it takes part.
    pub part: Part,
    /// When it is taken out, where it drains and may not take as long as it likes.
    pub drained_by: Time,
    /// Whether it was taken out and that was said: what is lost with it later is said then.
    pub taken_out: bool,
    /// Requests that got no page because it was taken out.
    pub died: u32,
    /// Requests that got no page because it did not answer in time while it drained.
    pub late: u32,
    /// The version of what it runs.
    pub version: u32,
    /// How many answers came from it.
    pub answers: u32,
    /// How long the last one took, from the front on.
    pub took: Span,
    /// Busy workers times nanoseconds since the autoscaler looked last.
    pub busy: u64,
    /// Requests at work or waiting, times nanoseconds, since then.
    pub load: u64,
    /// Up to when that is counted.
    since: Time,
}

/// All of them. A server keeps its place for ever.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// What the rules go by.
    pub balancer: Balancer,
    /// The servers, in the places that the balancer numbers.
    pub backends: Vec<Backend>,
}

impl Pool {
    /// Adds a server that is warm at a moment.
    pub fn add(&mut self, id: NodeId, version: u32, warm_at: Time, now: Time, settings: &Settings) -> usize {
        let at = self.balancer.add(Target::new(settings.weights.of(self.backends.len())));
        let part = if warm_at > now { Part::Starts(warm_at) } else { Part::Serves };
        let fresh = Backend {
            id,
            open: 0,
            healthy: true,
            missed: 0,
            answered: 0,
            part,
            drained_by: Time::END,
            taken_out: false,
            died: 0,
            late: 0,
            version,
            answers: 0,
            took: Span::ZERO,
            busy: 0,
            load: 0,
            since: now,
        };
        self.backends.push(fresh);
        self.settle(settings);
        at
    }

    /// The servers that were not taken out.
    pub fn there(&self) -> impl DoubleEndedIterator<Item = &Backend> {
        self.backends.iter().filter(|backend| backend.part != Part::Gone)
    }

    /// The place of a server that was not taken out.
    pub fn find(&self, id: NodeId) -> Option<usize> {
        self.backends.iter().position(|backend| backend.id == id && backend.part != Part::Gone)
    }

    /// Works out anew who may be used: who lives, is warm and is not on its way out. If nobody lives, nobody, or everybody, by setting;
    /// if too few do to be believed, everybody.
    pub fn settle(&mut self, settings: &Settings) {
        let blind = self.is_blind(settings);
        for (at, backend) in self.backends.iter().enumerate() {
            self.balancer.set_usable(at, backend.part == Part::Serves && (backend.healthy || blind));
        }
    }

    /// Whether the front goes by its checks no more (Envoy, panic threshold).
    pub fn is_blind(&self, settings: &Settings) -> bool {
        let serve = self.backends.iter().filter(|backend| backend.part == Part::Serves).count();
        let healthy = self.backends.iter().filter(|backend| backend.is_serving()).count();
        let panics = (healthy as f64) < settings.panic_threshold * serve as f64;
        panics || (healthy == 0 && settings.all_unhealthy == AllUnhealthy::RouteToAll)
    }

    /// One request more (`by` is 1) or fewer (-1) at a server.
    pub fn count(&mut self, at: usize, by: i32, now: Time, settings: &Settings) {
        let Some(backend) = self.backends.get_mut(at) else { return };
        backend.pass(now, settings.workers);
        backend.open = backend.open.saturating_add_signed(by);
        if settings.news.0 == 0 {
            self.learn(at);
        }
    }

    /// The rules go by what a server has now.
    fn learn(&mut self, at: usize) {
        if let (Some(target), Some(backend)) = (self.balancer.target_mut(at), self.backends.get(at)) {
            target.load = backend.open;
        }
    }

    /// The rules go by what every server has now.
    pub fn learn_all(&mut self) {
        (0..self.backends.len()).for_each(|at| self.learn(at));
    }

    /// The settings were changed.
    pub fn on_settings(&mut self, settings: &Settings) {
        for at in 0..self.backends.len() {
            if let Some(target) = self.balancer.target_mut(at) {
                target.weight = settings.weights.of(at);
            }
        }
        if settings.news.0 == 0 {
            self.learn_all();
        }
        self.settle(settings);
    }
}

impl Backend {
    /// Counts busy workers up to now.
    pub fn pass(&mut self, now: Time, workers: u32) {
        let passed = now.since(self.since).0;
        self.busy += passed * u64::from(self.open.min(workers));
        self.load += passed * u64::from(self.open);
        self.since = now;
    }

    /// Whether it is asked whether it lives.
    pub fn is_checked(&self) -> bool {
        self.part != Part::Gone
    }

    /// Whether it takes a share of the load.
    pub fn is_serving(&self) -> bool {
        self.part == Part::Serves && self.healthy
    }
}
