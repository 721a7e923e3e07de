//! What came of a branch: the goal, the guarantees that broke, and the facts that changed since it parted from what it goes on from.

use super::Row;
use crate::check::verdict::{Holds, Verdicts};
use crate::cluster::Cluster;
use crate::cluster::facts::{FactValue, Facts, figure};
use crate::cluster::model::Model;
use crate::cluster::phrase::{phrase, phrase_of};
use crate::cluster::registry;
use crate::cluster::scene::Scene;
use crate::lesson::schema::{Cond, Step, StepKind};
use crate::sim::time::Time;
use crate::timeline::{BranchId, Timeline};

/// Facts of the wires, which every poke changes and which say nothing of what came of it.
const NOISE: [&str; 6] = ["messages", "messages_per_op", "bytes_per_op", "in_flight", "shed", "open"];

/// The most numbers of one fact by their names that are told.
const NAMED_MAX: usize = 4;

/// The most facts in a sentence.
const TOLD_MAX: usize = 4;

/// What is asked of a branch: what the step is about, before what its model counts.
#[derive(Clone, Debug)]
pub struct Asks {
    /// What is to be brought about.
    goal: Option<Cond>,
    /// Facts by their names, the most telling first.
    facts: Vec<&'static str>,
    /// So many of them are what the step asks about.
    asked: usize,
    /// So many of them are what the step or its model is about.
    telling: usize,
}

/// What came of a branch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Whether the goal holds at its end; `None` where there is none.
    pub goal: Option<bool>,
    /// The guarantees that broke on it, in the order of the screen.
    pub broken: Vec<Broken>,
    /// The facts that changed, the most telling first.
    pub changed: Vec<Change>,
}

/// A guarantee that broke.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// Which, in words.
    pub words: String,
    /// Why, in a sentence.
    pub why: String,
}

/// A fact that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The name of the fact.
    pub fact: &'static str,
    /// As it is at the end: `2 leaders`.
    pub now: String,
    /// What it was before, where that was something: `1`.
    pub was: Option<String>,
    /// Whether the step or its model is about it.
    pub telling: bool,
}

/// What is known of a moment.
struct Standing {
    facts: Facts,
    verdicts: Verdicts,
    goal: Option<bool>,
}

impl Asks {
    /// Of a step, on a run of its cluster.
    pub fn of(step: &Step, run: &Timeline) -> Asks {
        let goal = if let StepKind::Try(goal) = &step.kind { Some(goal.goal.whole.clone()) } else { None };
        let Some(model) = registry::model(&run.scenario().model) else { return Asks { goal, facts: Vec::new(), asked: 0, telling: 0 } };
        let mut facts: Vec<&'static str> = Vec::new();
        let known = |name: &str| model.facts.iter().find(|doc| doc.name == name).map(|doc| doc.name);
        let asked = asked_about(step);
        for name in asked.iter().filter_map(|name| known(name)).chain(of_model(model).filter_map(known)) {
            if !facts.contains(&name) {
                facts.push(name);
            }
        }
        let telling = facts.len();
        let count = facts.iter().take_while(|fact| asked.iter().any(|name| name == *fact)).count();
        let rest = model.facts.iter().map(|doc| doc.name).filter(|name| !NOISE.contains(name));
        let rest: Vec<&'static str> = rest.filter(|name| !facts.contains(name)).collect();
        facts.extend(rest);
        Asks { goal, facts, asked: count, telling }
    }

    fn look(&self, cluster: &dyn Cluster) -> Standing {
        let mut facts = Facts::only(self.facts.clone());
        cluster.facts(&mut facts);
        let mut scene = Scene::default();
        cluster.scene(cluster.now(), &mut scene);
        let mut verdicts = cluster.verdicts();
        verdicts.retain(|verdict| !scene.moot.contains(&verdict.guarantee.id()));
        Standing { facts, verdicts, goal: self.goal_of(cluster) }
    }

    /// Whether the goal holds; `None` where there is none.
    pub fn goal_of(&self, cluster: &dyn Cluster) -> Option<bool> {
        self.goal.as_ref().map(|goal| goal.test.holds_in(cluster).unwrap_or(false))
    }

    /// What came of a row: its end against the moment just before its first poke; of the start, how things are there.
    pub fn outcome(&self, run: &Timeline, row: &Row) -> Outcome {
        self.outcome_since(run, row.last, row.pokes.first().map(|(_, poke)| (poke.event - 1, poke.at)))
    }

    /// What came of a branch since it was after this event, with the clock at this time; without that, how things are at its end.
    pub fn outcome_since(&self, run: &Timeline, branch: BranchId, since: Option<(u64, Time)>) -> Outcome {
        let mut there = run.fork();
        let before = since.filter(|since| there.visit(branch, *since)).map(|_| self.look(there.cluster()));
        there.visit_end(branch);
        let now = self.look(there.cluster());
        Outcome { goal: now.goal, broken: broken(before.as_ref(), &now), changed: self.changed(before.as_ref(), &now) }
    }

    fn changed(&self, before: Option<&Standing>, now: &Standing) -> Vec<Change> {
        let mut changes = Vec::new();
        for (index, fact) in self.facts.iter().enumerate() {
            let about = index < self.telling;
            let Some(value) = now.facts.get(fact) else { continue };
            let was = before.and_then(|before| before.facts.get(fact));
            // Of the start only what is worth a word is told.
            let telling = index < self.asked || (about && !value.is_nothing());
            let is_dull = before.is_none() && !telling;
            if was == Some(value) || is_dull {
                continue;
            }
            changes.extend(differences(fact, was, value).into_iter().map(|(now, was)| Change { fact, now, was, telling }));
        }
        changes
    }
}

impl Outcome {
    /// The facts in a row of a list: those that the step or its model is about; where none is, what is counted before the rest.
    pub fn telling(&self) -> impl Iterator<Item = &Change> {
        let is_counted = |change: &&Change| change.now.starts_with(|c: char| c.is_ascii_digit());
        let told = self.changed.iter().filter(|change| change.telling);
        let any = self.changed.iter().any(|change| change.telling);
        let rest = |all: bool| if all { &self.changed[..] } else { &[] };
        let (counted, others) = (rest(!any).iter().filter(is_counted), rest(!any).iter().filter(move |change| !is_counted(change)));
        told.chain(counted).chain(others)
    }

    /// Whether nothing came of it that is worth a word.
    pub fn is_nothing(&self) -> bool {
        self.goal != Some(true) && self.broken.is_empty() && self.changed.is_empty()
    }
}

/// `the goal is reached, durable broke, 2 leaders`
pub fn in_words(outcome: &Outcome) -> String {
    let goal = (outcome.goal == Some(true)).then(|| "the goal is reached".to_string());
    let broken = outcome.broken.iter().map(|broken| format!("{} broke", broken.words));
    let changed = outcome.telling().take(TOLD_MAX).map(|change| change.now.clone());
    let all: Vec<String> = goal.into_iter().chain(broken).chain(changed).collect();
    if all.is_empty() { "nothing changed".to_string() } else { all.join(", ") }
}

fn broken(before: Option<&Standing>, now: &Standing) -> Vec<Broken> {
    let was = |id: &str| before.is_some_and(|b| b.verdicts.iter().any(|v| v.guarantee.id() == id && v.holds == Holds::No));
    let news = now.verdicts.iter().filter(|verdict| verdict.holds == Holds::No && !was(verdict.guarantee.id()));
    news.map(|verdict| Broken { words: verdict.guarantee.words(), why: verdict.why.clone() }).collect()
}

/// How a fact differs, in words: as it is, and what it was.
fn differences(fact: &str, was: Option<&FactValue>, now: &FactValue) -> Vec<(String, Option<String>)> {
    if let FactValue::Named(values) = now {
        let before = |name: &str| was.and_then(|was| was.number(Some(name)));
        let differing = values.iter().filter(|(name, x)| before(name) != Some(*x));
        let number = |x: f64| if x.fract() == 0.0 { format!("{x:.0}") } else { figure(x) };
        return differing.take(NAMED_MAX).map(|(name, x)| (phrase_of(fact, name, *x), before(name).map(number))).collect();
    }
    let Some(words) = phrase(fact, now) else { return Vec::new() };
    let was = match was {
        None | Some(FactValue::Absent(_) | FactValue::Named(_) | FactValue::Bool(_)) => None,
        Some(FactValue::Text(text)) if text.is_empty() => None,
        Some(FactValue::Sampled { value, .. }) => Some(figure(*value)),
        Some(value) => Some(value.to_string()),
    };
    vec![(words, was)]
}

/// The names of the facts that a step asks about, in its order.
pub fn asked_about(step: &Step) -> Vec<String> {
    let mut names: Vec<String> = match &step.kind {
        StepKind::Predict { options, chance, .. } => {
            let seen = options.iter().filter_map(|option| option.see.as_ref()).flat_map(|see| see.test.names()).map(str::to_string);
            chance.iter().map(|fact| fact.name.clone()).chain(seen).collect()
        }
        StepKind::Try(goal) => goal.goal.whole.test.names().map(str::to_string).collect(),
        StepKind::Measure(measure) => {
            measure.columns.iter().filter_map(|column| column.fact.as_ref()).map(|fact| fact.name.clone()).collect()
        }
        StepKind::Say { .. } | StepKind::Compare(_) => Vec::new(),
    };
    names.extend(step.view.chart.iter().map(|fact| fact.name.clone()));
    names
}

/// The facts that a model is about: what must be in order once all is well, and what is lost; then what it keeps a series of.
fn of_model(model: &'static Model) -> impl Iterator<Item = &'static str> {
    let healthy = model.healthy.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let harm = model.facts.iter().map(|doc| doc.name).filter(|name| name.split('_').any(|word| HARM.contains(&word)));
    healthy.chain(harm).chain(["nodes_up"]).chain(model.series.iter().copied()).filter(|name| !NOISE.contains(name))
}

/// Words in the names of facts that count what should not be, or what had to be mended.
const HARM: [&str; 13] = [
    "lost",
    "stale",
    "twice",
    "double",
    "doubled",
    "oversold",
    "wrong",
    "divergent",
    "conflicts",
    "resurrected",
    "missed",
    "duplicates",
    "failovers",
];
