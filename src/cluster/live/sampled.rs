//! Takes the samples of a cluster's series as its clock goes on.

use std::sync::Arc;

use crate::cluster::facts::FactValue;
use crate::cluster::kit::facts::Fact;
use crate::sim::time::Time;

use super::{Live, Staged};

/// The facts of a model that have a series, found once.
pub(super) fn facts<P: Staged>() -> Arc<[&'static Fact<P>]> {
    let has_series = |fact: &&Fact<P>| P::MODEL.series.contains(&fact.doc.name);
    P::FACTS.iter().copied().flatten().filter(has_series).collect()
}

impl<P: Staged> Live<P> {
    /// Takes the samples that are due before the clock goes on to `t`, at which an event happens or not.
    #[inline]
    pub(super) fn sample(&mut self, t: Time, is_event: bool) {
        while let Some(at) = self.series.due(t, is_event) {
            self.sample_at(at);
        }
    }

    #[cold]
    fn sample_at(&mut self, at: Time) {
        self.meter.pass(self.sim.now(), at);
        self.sim.wait_until(at);
        let values: Vec<(&'static str, FactValue)> = self.sampled.iter().map(|fact| (fact.doc.name, (fact.value)(self))).collect();
        self.series.sample(at, &values);
    }
}
