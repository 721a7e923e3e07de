//! What tells two runs apart for their clients: not that one side was told the same sooner, but that it was told something else.

use std::collections::BTreeMap;

use super::Timeline;
use super::pair::Divergence;
use crate::cluster::{Happening, What};
use crate::sim::time::Time;

/// What the clients of both sides were told, request by request.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// From this moment on it is looked at.
    from: Time,
    /// The last event of each side that was looked at.
    seen: [u64; 2],
    /// The answers of each side that the other side has not given, by the number of the request.
    open: [BTreeMap<usize, Happening>; 2],
    /// The first request to which the answers differ.
    found: Option<Divergence>,
    /// When the answer that one side gave first, as the first difference, came on the other side too.
    echoed: Option<Time>,
}

impl Told {
    /// Looks from this moment on.
    pub(super) fn from(t: Time) -> Told {
        Told { from: t, ..Told::default() }
    }

    /// Looks again, from the same moment on: what was done is not what it was.
    pub(super) fn anew(&mut self) {
        *self = Told::from(self.from);
    }

    /// What happened on a side meanwhile. `first` is the request whose answer was the first difference.
    pub(super) fn follow(&mut self, side: usize, run: &Timeline, first: Option<usize>) {
        let seen = self.seen[side];
        for happening in run.happenings(self.from).filter(|h| h.event > seen) {
            self.seen[side] = happening.event;
            let What::Returned(request, own) = &happening.what else { continue };
            match self.open[1 - side].remove(request) {
                None => drop(self.open[side].insert(*request, happening)),
                Some(other) if matches!(&other.what, What::Returned(_, told) if told == own) => {
                    if first == Some(*request) {
                        self.echoed = Some(happening.at.max(other.at));
                    }
                }
                Some(other) => {
                    let at = happening.at.max(other.at);
                    let [a, b] = if side == 0 { [happening, other] } else { [other, happening] };
                    if self.found.as_ref().is_none_or(|found| at < found.at) {
                        self.found = Some(Divergence { at, a: Some(a), b: Some(b) });
                    }
                }
            }
        }
    }

    /// The first request to which the answers differ.
    pub(super) fn found(&self) -> Option<&Divergence> {
        self.found.as_ref()
    }

    /// When the answer that one side gave first, as the first difference, came on the other side too.
    pub(super) fn echoed(&self) -> Option<Time> {
        self.echoed
    }
}

impl Divergence {
    /// The request that one side answered and the other did not, or not then: the two may differ only in when.
    pub(super) fn answered(&self) -> Option<usize> {
        let of = |side: &Option<Happening>| match side {
            Some(Happening { at, what: What::Returned(request, _), .. }) if *at == self.at => Some(*request),
            _ => None,
        };
        let is_there = |side: &Option<Happening>| side.as_ref().is_some_and(|happening| happening.at == self.at);
        if is_there(&self.a) && is_there(&self.b) { None } else { of(&self.a).or(of(&self.b)) }
    }
}
