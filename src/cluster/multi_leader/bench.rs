//! Leaders on a bare simulator, and on the stage, for tests.

use std::sync::Arc;

use crate::cluster::condition::Condition;
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::told::Outcome;
use crate::cluster::{Cluster, Scenario, What};
use crate::command::{Command, Drive};
use crate::sim::time::Span;

use super::model::MODEL;

/// A run on the stage that is driven by the command language.
pub(super) struct Run(pub Box<dyn Cluster>);

/// Three leaders with these settings: `policy=siblings topology=ring`.
pub(super) fn run(settings: &str) -> Run {
    run_of(3, settings)
}

/// So many leaders, with a client in each centre.
pub(super) fn run_of(nodes: u16, settings: &str) -> Run {
    let pairs = settings.split_whitespace().filter_map(|pair| pair.split_once('='));
    let settings = pairs.map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let scenario = Scenario { nodes: Some(nodes), clients: Some(nodes.max(3)), settings, ..Scenario::of(MODEL.name) };
    Run((MODEL.start)(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}")))
}

impl Run {
    /// Carries out commands, one a line or parted by `;`, and fails where one cannot be done or breaks an invariant.
    pub(super) fn does(&mut self, script: &str) -> &mut Run {
        for line in script.split([';', '\n']).map(str::trim).filter(|line| !line.is_empty()) {
            match MODEL.language.parse(line) {
                Ok(Command::Poke(poke)) => self.0.apply(&poke).unwrap_or_else(|refused| panic!("{line}: {refused}")),
                Ok(Command::Drive(Drive::Run(span))) => self.waits(span),
                other => panic!("{line}: {other:?}"),
            }
        }
        self
    }

    fn waits(&mut self, span: Span) {
        let end = self.0.now() + span;
        let stop = self.0.run_until(end, 1_000_000);
        assert_eq!(stop, crate::cluster::Stop::Reached);
    }

    /// What the last request was told.
    pub(super) fn told(&self) -> String {
        self.all_told().pop().unwrap_or_default()
    }

    /// What each request was told: a word, or why it was refused.
    pub(super) fn all_told(&self) -> Vec<String> {
        let told = |outcome: &Outcome| match outcome {
            Outcome::Refused(why) => format!("refused: {why}"),
            other => other.short().to_string(),
        };
        self.0.exchanges().iter().map(|exchange| told(&exchange.outcome)).collect()
    }

    /// The sentences of all notes.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut all = Vec::new();
        self.0.happenings(crate::sim::time::Time::ZERO, &mut all);
        all.into_iter().filter_map(|happening| if let What::Note { text, .. } = happening.what { Some(text) } else { None }).collect()
    }

    /// How long the last request took, in milliseconds.
    pub(super) fn took(&self) -> u64 {
        let all = self.0.exchanges();
        let last = all.last().expect("something was asked");
        last.ended.expect("it ended").at.since(last.called.at).0 / 1_000_000
    }

    /// A whole number among the facts.
    pub(super) fn fact(&self, name: &str) -> i64 {
        libm::round(self.number(name)) as i64
    }

    /// A number among the facts.
    pub(super) fn number(&self, name: &str) -> f64 {
        let names: Arc<[&'static str]> = [MODEL.facts.iter().find(|doc| doc.name == name).expect(name).name].into();
        let mut facts = Facts::only(names);
        self.0.facts(&mut facts);
        let value: Option<f64> = facts.iter().find_map(|(_, value): (_, &FactValue)| value.number(None));
        value.unwrap_or_else(|| panic!("{name} is no number"))
    }

    /// Whether a condition over facts and guarantees holds.
    pub(super) fn holds(&self, condition: &str) -> bool {
        let condition = Condition::compile(condition, MODEL.facts, MODEL.guarantees).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        condition.holds_in(&*self.0) == Ok(true)
    }

    /// The copies of a row, server by server; `-` where there is none.
    pub(super) fn copies(&self, key: &str) -> String {
        let mut scene = crate::cluster::scene::Scene::default();
        self.0.scene(self.0.now(), &mut scene);
        let copy = |node: &crate::cluster::scene::NodeView| {
            let row = node.rows.iter().find(|row| row.label == key);
            row.map_or_else(|| "-".to_string(), |row| row.value.split(" [").next().unwrap_or_default().to_string())
        };
        scene.nodes.iter().map(copy).collect::<Vec<_>>().join(" ")
    }
}
