//! How far back a cluster remembers. What happened is kept in generations: while one fills, the one before it is there in full.

use crate::cluster::JUST;
use crate::cluster::exchange::Stamp;
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
