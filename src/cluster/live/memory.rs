//! How far back a cluster remembers. What happened is kept in generations: while one fills, the one before it is there in full.

use crate::cluster::JUST;
use crate::cluster::told::Stamp;
use crate::sim::log::Since;
use crate::sim::time::Time;
use crate::sim::trace::{Entry, Trace};

use super::{Live, Staged};

/// What a cluster remembers of the past.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// How many events make a generation; `None`: everything is remembered.
    generation: Option<u64>,
    /// Where the generation that fills began.
    began: Stamp,
    /// What was forgotten last: this moment and all before it.
    pub(super) forgotten: Option<Stamp>,
}

/// So many lines of the trace are marked on the stage at most.
const LATELY_MAX: usize = 512;

impl<P: Staged> Live<P> {
    fn stamp(&self) -> Stamp {
        Stamp { event: self.sim.events(), at: self.sim.now() }
    }

    /// From here on at least so many of the newest events are remembered, and not much more.
    pub(super) fn keep_generations_of(&mut self, events: u64) {
        self.memory.generation = Some(events);
        self.memory.began = self.stamp();
    }

    /// Forgets as much as it may.
    pub(super) fn forget_all(&mut self) {
        if self.memory.generation.is_some() {
            self.memory.began = self.stamp();
            self.forget_generation();
        }
    }

    /// After an event: begins the next generation, if it is time.
    pub(super) fn turn_generation(&mut self) {
        if self.memory.generation.is_some_and(|events| self.sim.events().is_multiple_of(events)) {
            self.forget_generation();
        }
    }

    /// Forgets what came before the generation that fills, and begins another. The last event's own lines stay: the stage marks whom it
    /// touched.
    fn forget_generation(&mut self) {
        let now = self.stamp();
        let upto = std::mem::replace(&mut self.memory.began, now);
        self.sim.forget_trace(upto.event.min(now.event.saturating_sub(1)));
        self.memory.forgotten = Some(upto);
    }
}

/// What the stage marks for a while after it happened: messages that died, and notes that one would stop at.
#[derive(Clone, Debug)]
pub(super) struct Lately<N>(Vec<Entry<N>>);

impl<N> Default for Lately<N> {
    fn default() -> Self {
        Lately(Vec::new())
    }
}

impl<N: Clone> Lately<N> {
    /// An event is over that added these lines to the trace.
    pub(super) fn follow(&mut self, now: Time, lines: Since<'_, Entry<N>>, is_noteworthy: fn(&N) -> bool) {
        let is_marked = |entry: &&Entry<N>| match &entry.what {
            Trace::Arrived(_) | Trace::Fault(..) => false,
            Trace::Lost(..) => true,
            Trace::Note(_, note) => is_noteworthy(note),
        };
        self.0.retain(|entry| now.since(entry.at) <= JUST);
        self.0.extend(lines.into_iter().filter(is_marked).cloned());
        self.0.drain(..self.0.len().saturating_sub(LATELY_MAX));
    }

    /// Those that are marked at a time.
    pub(super) fn at(&self, at: Time) -> impl Iterator<Item = &Entry<N>> {
        self.0.iter().filter(move |entry| at.since(entry.at) <= JUST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Scenario;
    use crate::cluster::fleet::Fleet;
    use crate::cluster::multi_leader::MultiLeader;
    use crate::cluster::quorum::Quorum;
    use crate::cluster::replicated::Replicated;
    use crate::cluster::traffic::Traffic;
    use crate::cluster::work_queue::WorkQueue;
    use crate::command::{Command, Poke};
    use crate::sim::time::Span;
    use crate::timeline::Timeline;

    const REGISTER: &str = "workload c1 1000/s read:write 1:1 keys uniform(20)";

    /// The bytes of a line of the history of a busy run that are its own.
    fn bytes_a_line<P: Staged>(load: &str) -> usize {
        let mut run = Timeline::new(Scenario::of(P::MODEL.name)).unwrap();
        let Ok(Command::Poke(load)) = P::MODEL.language.parse(load) else { panic!("{load}") };
        let load: Poke = load;
        run.poke(&load).unwrap();
        let mut known = (0, 0);
        for second in [1, 3] {
            run.seek(Time(Span::s(second).0));
            let history = run.cluster().as_any().downcast_ref::<Live<P>>().unwrap().sim.history();
            let more = (history.bytes() - known.0, history.len() - known.1);
            assert!(more.1 > 700, "{} lines are too few to tell", more.1);
            known = (history.bytes(), history.len());
            if second == 3 {
                return more.0 / more.1;
            }
        }
        unreachable!("the last second is one of them")
    }

    /// What is kept for ever is small, or a long run would fill the memory: most of what is counted here is when it happened.
    #[test]
    fn a_line_of_a_long_history_takes_few_bytes() {
        let all = [
            bytes_a_line::<Replicated>(REGISTER),
            bytes_a_line::<Quorum>(REGISTER),
            bytes_a_line::<MultiLeader>(REGISTER),
            bytes_a_line::<Fleet>("workload c1 1000/s view:add:checkout 8:3:1 keys uniform(20)"),
            bytes_a_line::<WorkQueue>("workload c1 1000/s"),
            bytes_a_line::<Traffic>("workload c1 1000/s"),
        ];
        assert!(all.iter().all(|bytes| (8..32).contains(bytes)), "{all:?}");
    }

    /// A run of a model under two clients with so many requests a second each; `None` where its clients have no workload.
    fn busy(model: &'static crate::cluster::model::Model, rate: u32) -> Option<Timeline> {
        let clients = model.clients.1.min(2);
        let mut run = Timeline::new(Scenario { clients: Some(clients.max(model.clients.0.min(2))), ..Scenario::of(model.name) }).unwrap();
        for client in 1..=clients {
            let Ok(Command::Poke(load)) = model.language.parse(&format!("workload c{client} {rate}/s")) else { return None };
            run.poke(&load).ok()?;
        }
        Some(run)
    }

    fn until(run: &mut Timeline, end: Time) {
        while run.at() < end && run.seek(end) != crate::cluster::Stop::Reached {}
    }

    /// What the process holds of the machine's memory, in kB.
    fn resident() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
    }

    /// Bytes that a run and its checkpoints hold, and how long an event takes, in each tenth of a run:
    /// `cargo test --release -- --ignored --nocapture --test-threads 1 what_a_long_run`.
    #[test]
    #[ignore = "minutes; a measurement by hand"]
    #[expect(clippy::disallowed_types, reason = "a measurement reads the clock")]
    fn what_a_long_run_holds() {
        let seconds: u64 = std::env::var("SECONDS_EACH").ok().and_then(|s| s.parse().ok()).unwrap_or(180);
        let only = std::env::var("MODEL").unwrap_or_default();
        for model in crate::cluster::registry::MODELS.iter().filter(|model| only.is_empty() || only == model.name) {
            let Some(mut run) = busy(model, 1000) else {
                eprintln!("{:14} takes no workload", model.name);
                continue;
            };
            let (before, mut each) = (resident(), Vec::new());
            for tenth in 1..=10 {
                let (start, from) = (std::time::Instant::now(), run.events());
                until(&mut run, Time(Span::ms(seconds * 100 * tenth).0));
                each.push(start.elapsed().as_nanos() as u64 / (run.events() - from).max(1));
                let (held, count) = run.checkpoints_held();
                eprintln!(
                    "{:14} {:>4} s {:>9} events {:>8} lines, {} ns an event: counted {:>6} kB, {count} checkpoints {:>6} kB, process + {} kB",
                    model.name,
                    seconds * tenth / 10,
                    run.events(),
                    run.cluster().history_len(),
                    each[each.len() - 1],
                    run.cluster().bytes() / 1024,
                    held / 1024,
                    resident().saturating_sub(before),
                );
            }
            eprintln!(
                "{:14} an event of the last tenth takes {:.2} times as long as one of the first",
                model.name,
                each[9] as f64 / each[0] as f64
            );
        }
    }
}
