//! A cluster under test: it is told what to do in its own language, and asked for its facts.

use crate::check::verdict::{Holds, Verdict};
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::model::Model;
use crate::cluster::told::{Exchange, Outcome};
use crate::cluster::{Cluster, Refused, Scenario};
use crate::command::{Command, Drive, Poke};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

/// A run.
pub struct Trial {
    /// The cluster.
    pub cluster: Box<dyn Cluster>,
    model: &'static Model,
}

impl Trial {
    /// A run with these settings, after these commands.
    pub fn new(model: &'static Model, settings: &[(&str, &str)], does: &[&str]) -> Trial {
        Trial::seeded(model, 1, settings, does)
    }

    /// The same with another seed.
    pub fn seeded(model: &'static Model, seed: u64, settings: &[(&str, &str)], does: &[&str]) -> Trial {
        let settings = settings.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
        let scenario = Scenario { settings, seed, ..Scenario::of(model.name) };
        let mut trial = Trial::started(model, &scenario);
        trial.all(does);
        trial
    }

    /// A run whose nodes stand in these zones.
    pub fn placed(model: &'static Model, zones: Vec<(String, Vec<NodeId>)>, settings: &[(&str, &str)]) -> Trial {
        let clients = zones.iter().flat_map(|(_, nodes)| nodes).filter(|id| id.is_client()).count() as u16;
        let settings = settings.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
        Trial::started(model, &Scenario { settings, zones, clients: Some(clients), ..Scenario::of(model.name) })
    }

    /// A run of so many servers, after pokes and lengths of time (`run 1s`).
    pub fn scripted(model: &'static Model, nodes: u16, settings: &[(&str, &str)], script: &[&str]) -> Trial {
        let settings = settings.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
        let mut trial = Trial::started(model, &Scenario { settings, nodes: Some(nodes), ..Scenario::of(model.name) });
        trial.follow(script);
        trial
    }

    /// Does these pokes, and lets these lengths of time pass (`run 1s`).
    pub fn follow(&mut self, script: &[&str]) {
        for text in script {
            match self.model.language.parse(text) {
                Ok(Command::Drive(Drive::Run(span))) => self.run(span),
                _ => self.act(text),
            }
        }
    }

    /// A run of this scenario.
    pub fn started(model: &'static Model, scenario: &Scenario) -> Trial {
        let cluster = (model.start)(scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        Trial { cluster, model }
    }

    fn poke(&self, text: &str) -> Poke {
        match self.model.language.parse(text) {
            Ok(Command::Poke(poke)) => poke,
            other => panic!("{text}: {other:?}"),
        }
    }

    /// Does it, or says why not.
    pub fn tries(&mut self, text: &str) -> Result<(), Refused> {
        let poke = self.poke(text);
        self.cluster.apply(&poke)
    }

    /// Does what must be possible.
    pub fn act(&mut self, text: &str) {
        self.tries(text).unwrap_or_else(|refused| panic!("{text}: {refused}"));
    }

    /// Does all of it.
    pub fn all(&mut self, texts: &[&str]) {
        for text in texts {
            self.act(text);
        }
    }

    /// Lets time pass.
    pub fn run(&mut self, span: Span) {
        let stop = self.cluster.run_until(self.cluster.now() + span, u64::MAX);
        assert_eq!(stop, crate::cluster::Stop::Reached);
    }

    /// Asks, and lets so much time pass. What was told by then, or why there was no answer.
    pub fn ask(&mut self, text: &str, span: Span) -> String {
        self.act(text);
        self.run(span);
        self.answers().pop().unwrap_or_default()
    }

    /// What was told to each ask by now, or why there was no answer.
    pub fn answers(&self) -> Vec<String> {
        let answer = |exchange: Exchange| match exchange.outcome {
            Outcome::Open => "open".to_string(),
            Outcome::Ok(told) => told,
            Outcome::Refused(why) | Outcome::Failed(why) | Outcome::Unknown(why) => why.to_string(),
        };
        self.cluster.exchanges().into_iter().map(answer).collect()
    }

    /// The last exchange.
    pub fn last(&self) -> Exchange {
        self.cluster.exchanges().pop().expect("somebody has asked")
    }

    /// A fact.
    pub fn value(&self, name: &str) -> FactValue {
        let mut facts = Facts::default();
        self.cluster.facts(&mut facts);
        facts.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name}")).1.clone()
    }

    /// A fact as a number; one of its numbers by name.
    pub fn fact(&self, name: &str) -> f64 {
        let (name, key) = name.split_once('.').unwrap_or((name, ""));
        match self.value(name) {
            FactValue::Int(n) => n as f64,
            FactValue::Float(x) | FactValue::Sampled { value: x, .. } => x,
            FactValue::Bool(is) => f64::from(u8::from(is)),
            FactValue::Named(all) => all.iter().find(|(known, _)| known == key).unwrap_or_else(|| panic!("{key}")).1,
            other => panic!("{name}: {other:?}"),
        }
    }

    /// A fact that is a whole number, or is taken for one.
    pub fn count(&self, name: &str) -> u64 {
        self.fact(name) as u64
    }

    /// Whether a fact is this number.
    pub fn is(&self, name: &str, value: f64) -> bool {
        (self.fact(name) - value).abs() < 1e-9
    }

    /// A fact that is a text.
    pub fn text(&self, name: &str) -> String {
        match self.value(name) {
            FactValue::Text(text) => text,
            other => panic!("{name}: {other:?}"),
        }
    }

    /// The verdict on a guarantee.
    pub fn verdict(&self, id: &str) -> Verdict {
        self.cluster.verdicts().into_iter().find(|verdict| verdict.guarantee.id() == id).unwrap_or_else(|| panic!("{id}"))
    }

    /// Whether a guarantee holds.
    pub fn holds(&self, id: &str) -> Holds {
        self.verdict(id).holds
    }
}
