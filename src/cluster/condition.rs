//! Conditions over facts and guarantees: goals, claims, answers and `until`, in a small typed language of their own.
//!
//! [`table`] lists everything that can be written. Every name must be known and every comparison be of like with like
//! before anything runs; all mistakes are told at once, each with its place.
//!
//! Every number is a double, facts and literals alike, so that `lag_ms > 5` and `leaders >= 2.0` mean what they say. A fact
//! may have a number for each of several names: `lag_entries.n2 >= 3`, `queued["orders-2"] > 0`,
//! `lag_entries.exists(n, lag_entries[n] > 3)`.
//!
//! A value that is not there makes the condition false, whatever it is set against, unless the rest decides it alone
//! (`a || b`): a name that the fact does not have, the lag of followers while nobody leads, a percentile of too few, a share
//! of nothing (0 / 0), a moment before the start.
//!
//! Settings are `setting.NAME`: words are texts (`setting.fencing == "lease"`), lengths of time are set against lengths of time
//! (`setting.try-timeout < 500ms`), numbers against numbers. One that is `none` is not there; `has(setting.limit)` asks for it.
//!
//! Guarantees are texts by their identifiers: `linearizable == "no"`, with `"yes"`, `"no"`, `"unknown"`, and `"untested"` while
//! nothing has happened that could have broken them. So `== "yes"` asks for more than that nothing is broken, which is
//! `!= "no"`. They cost a search and are computed only when a condition mentions one, as every fact is.

mod calls;
mod cost;
mod distance;
mod evaluate;
mod names;
mod operators;
mod over;
mod parse;
mod part;
mod quantity;
mod setting;
pub mod table;
mod tokens;
mod types;
mod value;

use std::ops::Range;
use std::sync::Arc;

use super::facts::{FactDoc, FactKind, FactValue, Facts, Keys, figure};
use super::model::{Model, SettingDoc};
use super::series::{Over, Series};
use super::{Cluster, Scenario, registry};
use crate::check::verdict::{Guarantee, Holds, Verdict};
use crate::sim::id::NodeId;

use evaluate::Look;
use parse::{Parser, Wanted};
pub use quantity::Quantity;
use value::Node;

/// Longest condition, in bytes.
const LENGTH_MAX: usize = 2048;

/// A condition that was read, with every name known and every comparison of like with like.
#[derive(Clone, Debug)]
pub struct Condition {
    text: String,
    root: Arc<Node>,
    mentions: Arc<[Mention]>,
    /// The names of the mentions.
    names: Arc<[&'static str]>,
    overs: Arc<[Over]>,
    settings: Arc<[SettingDoc]>,
    steps: u64,
}

/// What a condition may speak of.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The facts.
    pub facts: &'a [FactDoc],
    /// The guarantees.
    pub guarantees: &'a [Guarantee],
    /// The settings.
    pub settings: &'a [SettingDoc],
    /// The facts that have a series.
    pub series: &'a [&'static str],
    /// Whether it may call published formulas ([`crate::algo::exact`]).
    pub formulas: bool,
}

impl Terms<'_> {
    /// All that a model has, and formulas.
    pub fn of(model: &'static Model) -> Terms<'static> {
        Terms { facts: model.facts, guarantees: model.guarantees, settings: model.settings, series: model.series, formulas: true }
    }
}

/// A name that a condition speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mention {
    name: &'static str,
    what: Kind,
    /// Whether the value of now is asked for, and not only that of a while.
    is_whole: bool,
    /// The names in it that the condition speaks of: `n2` in `lag_entries.n2`.
    keys: Vec<Key>,
}

/// A name within a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    name: String,
    /// Where it stands first.
    at: Range<usize>,
}

/// What a name in a condition stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Fact(FactKind),
    Verdict(Guarantee),
}

/// A mistake in a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// Where it is, in bytes from the start of the text.
    pub offset: usize,
    /// How many bytes it covers; 0 where something is missing.
    pub length: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Condition {
    /// Reads a condition that may speak of these facts and guarantees. All mistakes at once.
    pub fn compile(text: &str, docs: &[FactDoc], guarantees: &[Guarantee]) -> Result<Condition, Vec<ConditionError>> {
        Condition::read(text, &Terms { facts: docs, guarantees, settings: &[], series: &[], formulas: false })
    }

    /// Reads a condition that may speak of these. All mistakes at once.
    pub fn read(text: &str, terms: &Terms) -> Result<Condition, Vec<ConditionError>> {
        Condition::read_as(text, terms, Wanted::Truth)
    }

    fn read_as(text: &str, terms: &Terms, wanted: Wanted) -> Result<Condition, Vec<ConditionError>> {
        let whole = |message: String| vec![ConditionError { offset: 0, length: text.len(), message }];
        if text.trim().is_empty() {
            return Err(whole("a condition is missing, such as `leaders >= 2`".to_string()));
        }
        if text.len() > LENGTH_MAX {
            return Err(whole(format!("a condition has at most {LENGTH_MAX} characters")));
        }
        let mut parser = Parser::new(text, terms);
        let read = parser.whole(wanted).ok().filter(|_| parser.errors.is_empty());
        let Some(root) = read else { return Err(in_order(parser.errors)) };
        let steps = root.cost.steps;
        if steps > cost::STEPS_MAX {
            return Err(whole(format!("this takes up to {steps} steps each time; {} are the most: loop over less", cost::STEPS_MAX)));
        }
        let names = parser.mentions.iter().map(|mention| mention.name).collect();
        let (mentions, overs, settings) = (parser.mentions.into(), parser.overs.into(), parser.settings.into());
        Ok(Condition { text: text.to_string(), root: Arc::new(root.node), mentions, names, overs, settings, steps })
    }

    /// Reads a condition about a run of this scenario: it may speak of its model's facts, and name only nodes that are there.
    pub fn about(text: &str, scenario: &Scenario) -> Result<Condition, Vec<ConditionError>> {
        let Some(model) = registry::model(&scenario.model) else {
            return Condition::compile(text, &[], &[]);
        };
        let terms = Terms { formulas: false, ..Terms::of(model) };
        Condition::read(text, &terms)?.within(scenario, model)
    }

    /// It, where it names only nodes that are there.
    fn within(self, scenario: &Scenario, model: &Model) -> Result<Condition, Vec<ConditionError>> {
        let servers = scenario.nodes.unwrap_or(model.nodes.0);
        let is_server = |name: &str| name.parse().is_ok_and(|node: NodeId| !node.is_client() && node.index() < usize::from(servers));
        let strangers = self.nodes().filter(|key| !is_server(&key.name)).map(|key| ConditionError {
            offset: key.at.start,
            length: key.at.len(),
            message: format!("there is no node `{}`; the nodes are n1 to n{servers}", key.name),
        });
        let strangers: Vec<ConditionError> = strangers.collect();
        if strangers.is_empty() { Ok(self) } else { Err(in_order(strangers)) }
    }

    /// Reads how one number is written, alone or by its name: `leaders`, `lag.n2`, `queued["orders-2"]`.
    pub fn number(text: &str) -> Option<(&str, Option<String>)> {
        tokens::number_of(text)
    }

    /// The condition as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The most steps that a look at it takes.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The facts and guarantees that it speaks of, in the order of their first mention.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }

    /// What it asks of series: which facts over which while.
    pub fn spans(&self) -> &[Over] {
        &self.overs
    }

    /// The nodes that it names in facts with a number for each node.
    fn nodes(&self) -> impl Iterator<Item = &Key> {
        let by_node = self.mentions.iter().filter(|mention| mention.what == Kind::Fact(FactKind::Named(Keys::Nodes)));
        by_node.flat_map(|mention| &mention.keys)
    }

    /// Whether it speaks of a guarantee, so that [`Condition::look`] costs a search of the history.
    pub fn needs_verdicts(&self) -> bool {
        self.guarantees().next().is_some()
    }

    /// Whether it speaks of a guarantee that is judged by what servers hold, so that it can change with every event.
    pub fn is_of_state(&self) -> bool {
        self.guarantees().any(Guarantee::of_state)
    }

    fn guarantees(&self) -> impl Iterator<Item = Guarantee> {
        self.mentions.iter().filter_map(|mention| if let Kind::Verdict(guarantee) = mention.what { Some(guarantee) } else { None })
    }

    /// What it needs to know of a cluster: the facts and the verdicts that it mentions.
    pub fn look(&self, cluster: &dyn Cluster) -> Facts {
        let verdicts = if self.needs_verdicts() { cluster.verdicts() } else { Vec::new() };
        self.look_given(cluster, &verdicts)
    }

    /// The same with verdicts that are known already.
    pub fn look_given(&self, cluster: &dyn Cluster, verdicts: &[Verdict]) -> Facts {
        let mut facts = Facts::only(Arc::clone(&self.names));
        cluster.facts(&mut facts);
        add_verdicts(&mut facts, verdicts);
        for guarantee in self.guarantees().map(Guarantee::id) {
            if facts.get(guarantee).is_none() {
                facts.put(guarantee, FactValue::Text(holds_word(Holds::Unknown).to_string()));
            }
        }
        for over in self.spans() {
            let now = facts.get(over.fact).and_then(|fact| fact.number(over.key.as_deref()));
            let series = cluster.series().map_or(now, |series: &Series| series.answer(over, cluster.now(), now));
            facts.put_over(over.clone(), series);
        }
        if !self.settings.is_empty() {
            self.look_at_settings(cluster, &mut facts);
        }
        facts
    }

    /// Whether it holds. `facts` come from [`Condition::look`]. The error is a fact that is not there, or loops over
    /// so many names that they were given up, in words.
    pub fn holds(&self, facts: &Facts) -> Result<bool, String> {
        match self.names().find(|name| facts.get(name).is_none()) {
            Some(unknown) => Err(format!("`{unknown}` is not known here")),
            None => Look::holds(self, facts),
        }
    }

    /// [`Condition::look`] and [`Condition::holds`] in one.
    pub fn holds_in(&self, cluster: &dyn Cluster) -> Result<bool, String> {
        self.holds(&self.look(cluster))
    }

    /// What it speaks of, as it is now: `leaders = 1, acked_lost = 0`.
    pub fn explain(&self, facts: &Facts) -> String {
        let over = |over: &Over| format!("{over} = {}", facts.over(over).map_or_else(|| "none".to_string(), figure));
        let now = self.mentions.iter().flat_map(|mention| mention.explain(facts));
        now.chain(self.overs.iter().map(over)).chain(self.settings_now(facts)).collect::<Vec<_>>().join(", ")
    }

    /// The same without what has no value now.
    pub fn values(&self, facts: &Facts) -> String {
        let over = |over: &Over| facts.over(over).map(|value| format!("{over} = {}", figure(value)));
        let has_value = |mention: &&Mention| match facts.get(mention.name) {
            None | Some(FactValue::Absent(_)) => false,
            Some(FactValue::Named(numbers)) => !numbers.is_empty(),
            Some(_) => true,
        };
        let now = self.mentions.iter().filter(has_value).flat_map(|mention| mention.explain(facts));
        now.chain(self.overs.iter().filter_map(over)).chain(self.settings_now(facts)).collect::<Vec<_>>().join(", ")
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Condition) -> bool {
        self.text == other.text && self.mentions == other.mentions && self.overs == other.overs && self.settings == other.settings
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Mention {
    fn explain(&self, facts: &Facts) -> Vec<String> {
        match facts.get(self.name) {
            None => vec![format!("{} = ?", self.name)],
            Some(FactValue::Named(numbers)) if !self.keys.is_empty() => {
                let at = |key: &Key| numbers.iter().find(|(name, _)| *name == key.name);
                let shown = |key| at(key).map_or_else(|| "none".to_string(), |(_, x)| x.to_string());
                self.keys.iter().map(|key| format!("{} = {}", one_of(self.name, &key.name), shown(key))).collect()
            }
            Some(_) if !self.is_whole => Vec::new(),
            Some(value) => vec![format!("{} = {value}", self.name)],
        }
    }
}

/// How one number of a fact is written: `lag.n2`, `lag["orders-2"]`.
pub(super) fn one_of(fact: &str, name: &str) -> String {
    let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_word && !name.is_empty() { format!("{fact}.{name}") } else { format!("{fact}[{name:?}]") }
}

fn in_order(mut errors: Vec<ConditionError>) -> Vec<ConditionError> {
    errors.sort_by_key(|error| error.offset);
    errors.dedup();
    errors
}

/// Adds every guarantee as a text: `"yes"`, `"no"`, `"untested"` or `"unknown"`.
pub fn add_verdicts(facts: &mut Facts, verdicts: &[Verdict]) {
    for verdict in verdicts {
        facts.fill(verdict.guarantee.id(), || FactValue::Text(holds_word(verdict.holds).to_string()));
    }
}

/// The word for a verdict in conditions and reports: `yes`, `no`, `unknown` or `untested`.
pub const fn holds_word(holds: Holds) -> &'static str {
    match holds {
        Holds::Yes => "yes",
        Holds::No => "no",
        Holds::Unknown => "unknown",
        Holds::Untested => "untested",
    }
}

#[cfg(test)]
mod tests;
