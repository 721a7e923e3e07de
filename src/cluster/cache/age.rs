//! How old an answer may be: what TTLs allow, those of now and those by which entries came in that are still there.

use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::Caching;
use super::watch::shelves;

/// The longest that a value is served; `None`: for ever.
type Life = Option<Span>;

/// An answer that was older than it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooOld {
    /// For how long it had been replaced.
    pub age: Span,
    /// The most that the settings allowed.
    pub most: Span,
}

/// What is allowed, and whether it was kept to.
#[derive(Clone, Debug, Default)]
pub(super) struct Ages {
    /// By the settings of now. `None` before the first event.
    life: Option<Life>,
    /// By those of before, as long as entries of then are served.
    before: Life,
    until: Time,
    /// The first answer that was too old.
    pub too_old: Option<TooOld>,
}

impl Ages {
    /// An event is over. `age`: how long what its reads returned had been replaced.
    pub(super) fn follow(&mut self, age: Span, sim: &Sim<Caching>) {
        self.heed(sim);
        if age == Span::ZERO {
            return;
        }
        let Some(most) = self.most(sim).filter(|most| age > *most) else { return };
        self.too_old.get_or_insert(TooOld { age, most });
    }

    /// Other settings do not change the ends of entries that are there.
    fn heed(&mut self, sim: &Sim<Caching>) {
        let life = sim.settings().longest_life();
        if self.life == Some(life) {
            return;
        }
        let before = self.most(sim);
        if self.life.replace(life).is_some() {
            (self.before, self.until) = (before, last_end(sim));
        }
    }

    /// The most that is allowed now.
    pub(super) fn most(&self, sim: &Sim<Caching>) -> Life {
        let life = self.life.unwrap_or_default();
        let is_over = if self.until == Time::END { !has_endless(sim) } else { sim.now() >= self.until };
        if is_over { life } else { Some(life?.max(self.before?)) }
    }
}

/// When the last of the entries that are there now is served no more.
fn last_end(sim: &Sim<Caching>) -> Time {
    let settings = sim.settings();
    let longer = settings.stale_for.unwrap_or_default() + settings.local_ttl.unwrap_or_default();
    let ends = shelves(sim).flat_map(|(id, shelf)| {
        let now = sim.node(id).clock().local(sim.now());
        shelf.entries.values().map(move |entry| entry.ends.map_or(Time::END, |ends| sim.now() + ends.since(now.min(ends)) + longer))
    });
    ends.max().unwrap_or_default()
}

/// Whether any entry is served for ever.
fn has_endless(sim: &Sim<Caching>) -> bool {
    shelves(sim).any(|(_, shelf)| shelf.entries.values().any(|entry| entry.ends.is_none()))
}
