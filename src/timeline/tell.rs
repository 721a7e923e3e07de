//! What happened, as far back as anybody asks: a cluster on a timeline remembers what happened lately, and what is older is seen
//! again by running again from a checkpoint.

use std::vec::IntoIter;

use super::Timeline;
use crate::cluster::Happening;
use crate::sim::time::Time;

/// So many events a cluster on a timeline remembers at least: more than a screen shows.
pub(super) const REMEMBERED: u64 = 16_384;

/// Events that are run again at once, to be told: a cluster remembers them all.
const STRETCH: u64 = REMEMBERED / 4;

impl Timeline {
    /// All that happened from `from` on (inclusive) up to the position, in order.
    pub fn happenings(&self, from: Time) -> Happenings {
        if self.cluster.forgotten().is_none_or(|forgotten| forgotten.at < from) {
            let mut happened = Vec::new();
            self.cluster.happenings(from, &mut happened);
            return Happenings { again: None, upto: self.events(), from, known: happened.into_iter() };
        }
        let mut again = self.fork();
        again.restore(&self.checkpoints.before(from));
        let mut happened = Vec::new();
        // Only the start, where the clock is at zero, has something to tell of.
        again.cluster.happenings(from, &mut happened);
        Happenings { again: Some(Box::new(again)), upto: self.events(), from, known: happened.into_iter() }
    }

    /// Lets the cluster remember what it would if the run had been played to here: a checkpoint remembers nothing.
    pub fn recollect(&mut self) {
        let wanted = self.events().saturating_sub(REMEMBERED);
        if self.cluster.forgotten().is_none_or(|forgotten| forgotten.event <= wanted) {
            return;
        }
        let (events, at) = (self.events(), self.at());
        let saved = self.checkpoints.before_event(wanted + 1);
        self.restore(&saved);
        self.forward_to(events);
        self.set_clock(at);
    }
}

/// What happened, one after the other.
pub struct Happenings {
    /// The run that is run again; `None` where the cluster remembered everything.
    again: Option<Box<Timeline>>,
    /// The last event.
    upto: u64,
    from: Time,
    /// What the last stretch brought and was not told yet.
    known: IntoIter<Happening>,
}

impl Happenings {
    /// Runs one stretch again. `None`: the end is reached.
    fn stretch(&mut self) -> Option<Vec<Happening>> {
        let again = self.again.as_mut()?;
        let (before, since) = (again.events(), again.at().max(self.from));
        again.forward_to(self.upto.min(before + STRETCH));
        if again.events() == before {
            return None;
        }
        let mut happened = Vec::new();
        again.cluster().happenings(since, &mut happened);
        happened.retain(|happening| happening.event > before);
        Some(happened)
    }
}

impl Iterator for Happenings {
    type Item = Happening;

    fn next(&mut self) -> Option<Happening> {
        loop {
            if let Some(happening) = self.known.next() {
                return Some(happening);
            }
            self.known = self.stretch()?.into_iter();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Cluster;
    use crate::cluster::registry::model;
    use crate::cluster::scene::Scene;
    use crate::cluster::{Scenario, told::Stamp};
    use crate::command::{Command, Poke};

    /// The last event of the runs: a cluster forgets twice on the way.
    const LAST: u64 = 3 * REMEMBERED + 1000;

    fn poke(text: &str) -> Poke {
        match crate::cluster::replicated::MODEL.language.parse(text) {
            Ok(Command::Poke(poke)) => poke,
            other => panic!("{other:?}"),
        }
    }

    /// The same run twice: with a timeline, and alone, remembering everything.
    fn both() -> (Timeline, Box<dyn Cluster>) {
        let scenario =
            Scenario { model: "replicated".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
        let mut alone = (model("replicated").unwrap().start)(&scenario).unwrap();
        let mut run = Timeline::new(scenario).unwrap();
        for text in ["workload c1 1000/s read:write 1:1 keys x", "loss n1 -> n2 5%"] {
            run.poke(&poke(text)).unwrap();
            alone.apply(&poke(text)).unwrap();
        }
        run.seek_event(LAST);
        while alone.events() < LAST {
            alone.step().unwrap();
        }
        (run, alone)
    }

    fn seen(cluster: &dyn Cluster) -> (u64, String) {
        let mut scene = Scene::default();
        cluster.scene(cluster.now(), &mut scene);
        (cluster.fingerprint(), format!("{scene:?}"))
    }

    #[test]
    fn wherever_one_is_it_tells_what_a_cluster_tells_that_forgets_nothing() {
        let (mut run, alone) = both();
        let mut all = Vec::new();
        alone.happenings(Time::ZERO, &mut all);
        assert_eq!(seen(run.cluster()), seen(&*alone));
        for event in [LAST, LAST - 1, 2 * REMEMBERED, REMEMBERED + 100, 700, 512, 3] {
            run.seek_event(event);
            let before = seen(run.cluster());
            let known = &all[..all.partition_point(|h| h.event <= event)];
            for from in [Time::ZERO, Time(run.at().0 / 2), run.at()] {
                let expected = &known[known.partition_point(|h| h.at < from)..];
                assert!(run.happenings(from).eq(expected.iter().cloned()), "from {from} to event {event}");
            }
            run.recollect();
            assert_eq!(seen(run.cluster()), before, "the state is the same");
            let forgotten = run.cluster().forgotten().unwrap_or_default();
            assert!(forgotten.event <= event.saturating_sub(REMEMBERED), "{forgotten:?} at event {event}");
            assert!(forgotten.event + 3 * REMEMBERED > event || forgotten == Stamp::default(), "{forgotten:?} at event {event}");
            let mut remembered = Vec::new();
            run.cluster().happenings(Time(forgotten.at.0 + 1), &mut remembered);
            let expected = &known[known.partition_point(|h| h.at <= forgotten.at)..];
            assert_eq!(remembered, expected, "at event {event}");
        }
    }
}
