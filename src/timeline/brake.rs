//! Stopping a run from outside, and seeing from outside how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::cluster::budget::WORK_MAX;
use crate::sim::time::Time;

/// What a run and whoever waits for it share. Clones are the same brake.
///
/// A run whose brake is pulled ends at its next event, wherever it is then: what it says of itself means nothing any more, and
/// it is to be thrown away. Looking at a brake never changes a run.
#[derive(Clone, Debug, Default)]
pub struct Brake(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    pulled: AtomicBool,
    /// The work that is left; `None` where it is not counted.
    left: Option<AtomicU64>,
    /// The work that was allowed at first, where it is counted.
    most: u64,
    events: AtomicU64,
    at: AtomicU64,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// How many events were carried out, all forks that share the brake together.
    pub events: u64,
    /// The virtual time of the last of them.
    pub at: Time,
}

impl Brake {
    /// Ends every run that has this brake.
    pub fn pull(&self) {
        self.0.pulled.store(true, Ordering::Relaxed);
    }

    /// A brake that pulls itself when all runs under it have done [`WORK_MAX`] work together.
    pub fn bounded() -> Brake {
        Brake::of(WORK_MAX)
    }

    /// A brake that pulls itself when all runs under it have done so much work together.
    pub fn of(work: u64) -> Brake {
        Brake(Arc::new(Shared { left: Some(AtomicU64::new(work)), most: work, ..Shared::default() }))
    }

    /// Whether it was pulled, or has pulled itself.
    pub fn is_pulled(&self) -> bool {
        self.0.pulled.load(Ordering::Relaxed) || self.is_spent()
    }

    /// Whether the work that a bounded brake allows is done.
    pub fn is_spent(&self) -> bool {
        self.0.left.as_ref().is_some_and(|left| left.load(Ordering::Relaxed) == 0)
    }

    /// How much of the work that a bounded brake allows is done.
    pub fn spent(&self) -> u64 {
        self.0.left.as_ref().map_or(0, |left| self.0.most.saturating_sub(left.load(Ordering::Relaxed)))
    }

    /// Work was done, in events.
    pub fn spend(&self, work: u64) {
        if let Some(left) = &self.0.left {
            let less = |left: u64| Some(left.saturating_sub(work));
            // The closure always gives a number.
            let _ = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        }
    }

    /// Why a run ends under this brake.
    pub fn why(&self) -> String {
        if self.is_spent() {
            return format!(
                "all runs together took more than {} events and looks at conditions, which is as much work as they can have",
                self.0.most
            );
        }
        "it was stopped".to_string()
    }

    /// How far the run is that has this brake.
    pub fn reached(&self) -> Reached {
        Reached { events: self.0.events.load(Ordering::Relaxed), at: Time(self.0.at.load(Ordering::Relaxed)) }
    }

    /// The run went on by so many events, to this time.
    pub(super) fn note(&self, events: u64, at: Time) {
        self.spend(events);
        self.0.events.fetch_add(events, Ordering::Relaxed);
        self.0.at.store(at.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::cluster::Scenario;
    use crate::cluster::condition::Condition;
    use crate::command::{Command, Poke};
    use crate::sim::time::Span;
    use crate::timeline::Timeline;

    fn poke(text: &str) -> Poke {
        match crate::cluster::replicated::MODEL.language.parse(text) {
            Ok(Command::Poke(poke)) => poke,
            other => panic!("{other:?}"),
        }
    }

    /// Two clients at work.
    fn busy() -> Timeline {
        let scenario =
            Scenario { model: "replicated".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
        let mut run = Timeline::new(scenario).unwrap();
        for client in ["c1", "c2"] {
            run.poke(&poke(&format!("workload {client} 100/s read:write 1:1 keys x"))).unwrap();
        }
        run
    }

    fn state(run: &Timeline) -> (u64, u64, Time) {
        (run.cluster().fingerprint(), run.events(), run.at())
    }

    #[test]
    fn a_run_that_is_watched_from_another_thread_goes_the_same_way() {
        let mut alone = busy();
        alone.advance(Span::s(2));
        let brake = Brake::default();
        let mut watched = busy();
        watched.set_brake(&brake);
        let went = thread::spawn(move || {
            watched.advance(Span::s(2));
            watched
        });
        let mut seen = Reached::default();
        while !went.is_finished() {
            let now = brake.reached();
            assert!(now.events >= seen.events && now.at >= seen.at, "{now:?} after {seen:?}");
            seen = now;
        }
        let watched = went.join().unwrap();
        assert_eq!(state(&watched), state(&alone));
        assert_eq!(brake.reached().at, Time(2_000_000_000));
    }

    #[test]
    fn a_pulled_brake_ends_whatever_goes_on() {
        let never = Condition::about("leaders > 9", busy().scenario()).unwrap();
        let mut before = busy();
        before.advance(Span::s(1));
        let brake = Brake::default();
        before.set_brake(&brake);
        brake.pull();
        let all: [fn(&mut Timeline, &Condition); 7] = [
            |run, _| _ = run.advance(Span::s(3600)),
            |run, never| _ = run.until(never, Span::s(3600)),
            |run, _| _ = run.seek(Time(3_600_000_000_000)),
            |run, _| _ = run.seek_event(u64::MAX),
            |run, _| _ = run.next_noteworthy(),
            |run, _| _ = run.previous_noteworthy(),
            |run, _| _ = run.undo(),
        ];
        for go in all {
            let mut run = before.fork();
            go(&mut run, &never);
            assert!(run.events() <= before.events(), "nothing happened any more");
        }
    }
}
