//! Every model hard at work, so that all of them are measured the same way.

use splitbrain::cluster::{Cluster, Scenario, registry};
use splitbrain::command::{Command, Poke};
use splitbrain::timeline::Timeline;

/// A model and what makes it work.
pub(crate) struct Busy {
    /// What the benchmark calls it.
    pub(crate) name: &'static str,
    model: &'static str,
    nodes: Option<u16>,
    settings: &'static [(&'static str, &'static str)],
    pokes: &'static [&'static str],
}

/// Registers at 400 requests a second; a shop with as many; a queue whose workers keep up with 400 messages a second; a hundred members
/// of whom one has died, with a rumour that is told for ever; 2,000 keys on nine nodes, of which one has just come; and 5,000 requests a second to ten servers that can do 8,000.
pub(crate) const BUSY: [Busy; 10] = [
    Busy { name: "replicated", model: "replicated", nodes: None, settings: &[], pokes: &REGISTER },
    Busy { name: "quorum", model: "quorum", nodes: None, settings: &[], pokes: &REGISTER },
    Busy { name: "multi-leader", model: "multi-leader", nodes: None, settings: &[], pokes: &REGISTER },
    Busy { name: "consensus", model: "consensus", nodes: None, settings: &[], pokes: &REGISTER },
    Busy {
        name: "fleet",
        model: "fleet",
        nodes: None,
        settings: &[("front", "2"), ("app", "3"), ("db", "3"), ("carts", "sync"), ("checksums", "on"), ("check", "1s")],
        pokes: &["workload c1 400/s view:add:checkout 8:3:1 keys uniform(20)"],
    },
    Busy {
        name: "work-queue",
        model: "work-queue",
        nodes: None,
        settings: &[("work", "uniform(500us, 1500us)"), ("latency", "uniform(500us, 1500us)"), ("prefetch", "20")],
        pokes: &["workload c1 400/s"],
    },
    Busy {
        name: "cache",
        model: "cache",
        nodes: None,
        settings: &[("slots", "100")],
        pokes: &["workload c1 300/s get:put 9:1 keys zipf(1, 1000)", "workload c2 300/s get keys zipf(1, 1000)"],
    },
    Busy {
        name: "gossip",
        model: "gossip",
        nodes: Some(100),
        settings: &[("spreading", "push-pull"), ("handling", "0s")],
        pokes: &["c1 rumour x", "crash n50", "workload c1 50/s members"],
    },
    Busy {
        name: "ring",
        model: "ring",
        nodes: Some(8),
        settings: &[("tokens", "64"), ("keys", "2000"), ("replicas", "2")],
        pokes: &[
            "workload c1 200/s get:put 1:1 keys zipf(0.99, 2000)",
            "workload c2 200/s get:put:scan 9:9:1 keys uniform(2000)",
            "add n9",
        ],
    },
    Busy { name: "traffic", model: "traffic", nodes: Some(12), settings: &[("workers", "8")], pokes: &["workload c1 5000/s"] },
];

const REGISTER: [&str; 2] = ["workload c1 200/s read:write 1:1 keys uniform(20)", "workload c2 200/s read:write 1:1 keys uniform(20)"];

impl Busy {
    fn scenario(&self) -> Scenario {
        let settings = self.settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Scenario { nodes: self.nodes, settings, seed: 7, ..Scenario::of(self.model) }
    }

    fn pokes(&self) -> anyhow::Result<Vec<Poke>> {
        let language = registry::language(self.model);
        let parsed = self.pokes.iter().map(|text| match language.parse(text) {
            Ok(Command::Poke(poke)) => Ok(poke),
            other => anyhow::bail!("{text}: {other:?}"),
        });
        parsed.collect()
    }

    /// At the start of its work, on a timeline.
    pub(crate) fn timeline(&self) -> anyhow::Result<Timeline> {
        let mut run = Timeline::new(self.scenario()).map_err(|bad| anyhow::anyhow!("{bad:?}"))?;
        for poke in self.pokes()? {
            run.poke(&poke)?;
        }
        Ok(run)
    }

    /// At the start of its work, and nothing of it is kept.
    pub(crate) fn bare(&self) -> anyhow::Result<Box<dyn Cluster>> {
        let model = registry::model(self.model).ok_or_else(|| anyhow::anyhow!("no model {}", self.model))?;
        let mut cluster = (model.start)(&self.scenario()).map_err(|bad| anyhow::anyhow!("{bad:?}"))?;
        for poke in self.pokes()? {
            cluster.apply(&poke).map_err(|refused| anyhow::anyhow!("{refused}"))?;
        }
        Ok(cluster)
    }
}
