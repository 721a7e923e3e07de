//! Conditions over facts and guarantees, in CEL (the Common Expression Language): goals, claims, answers and `until`.
//!
//! Every number is a double here, facts and literals alike, so that `lag_ms > 5` and `leaders >= 2.0` mean what they
//! say (CEL itself keeps integers and doubles apart; whole numbers above 2^53 lose their last digits). A fact for each
//! node is a map by the node's name: `lag_entries.n2 >= 3`, `lag_entries.exists(n, lag_entries[n] > 3)`. A value that
//! is not there makes the condition false, whatever it is set against, unless the rest decides it alone (`a || b`): a node that
//! the map does not hold, the lag of followers while nobody leads, a percentile of too few, a share of nothing (0 / 0).
//!
//! Guarantees are texts by their identifiers: `linearizable == "no"`, with `"yes"`, `"no"`, `"unknown"`, and `"untested"` while
//! nothing has happened that could have broken them. So `== "yes"` asks for more than that nothing is broken, which is
//! `!= "no"`. They cost a search and are computed only when a condition mentions one, as every fact is.

mod compile;
mod cost;
mod messages;
mod types;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use cel::parser::Expression;
use cel::{Context, Env, ExecutionError, Value};

use super::facts::{FactDoc, FactKind, FactValue, Facts};
use super::{Cluster, Scenario, registry};
use crate::check::verdict::{Guarantee, Holds, Verdict};
use crate::sim::id::NodeId;

/// The standard functions of CEL; built once, as it is large.
static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// A condition that was read, with every name known and every comparison of like with like.
#[derive(Clone, Debug)]
pub struct Condition {
    text: String,
    /// Literals are doubles already.
    expression: Arc<Expression>,
    mentions: Vec<Mention>,
    steps: u64,
}

/// A name that a condition speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mention {
    name: &'static str,
    what: Kind,
    /// Whether it is a guarantee that is judged by what servers hold.
    of_state: bool,
    /// The nodes it names, where it is a fact for each node: `n2` in `lag_entries.n2`.
    nodes: Vec<String>,
}

/// What a name in a condition stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Fact(FactKind),
    Verdict,
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
        compile::compile(text, docs, guarantees)
    }

    /// Reads a condition about a run of this scenario: it may speak of its model's facts, and name only nodes that are there.
    pub fn about(text: &str, scenario: &Scenario) -> Result<Condition, Vec<ConditionError>> {
        let Some(model) = registry::model(&scenario.model) else {
            return Condition::compile(text, &[], &[]);
        };
        let condition = Condition::compile(text, model.facts, model.guarantees)?;
        let servers = scenario.nodes.unwrap_or(model.nodes.0);
        let is_server = |name: &str| name.parse().is_ok_and(|node: NodeId| !node.is_client() && node.index() < usize::from(servers));
        let strangers = condition.nodes().filter(|name| !is_server(name)).map(|name| ConditionError {
            offset: place_of(name, text),
            length: name.len(),
            message: format!("there is no node `{name}`; the nodes are n1 to n{servers}"),
        });
        let strangers: Vec<ConditionError> = strangers.collect();
        if strangers.is_empty() { Ok(condition) } else { Err(strangers) }
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
        self.mentions.iter().map(|mention| mention.name)
    }

    /// The nodes that it names in facts for each node.
    fn nodes(&self) -> impl Iterator<Item = &str> {
        self.mentions.iter().flat_map(|mention| mention.nodes.iter().map(String::as_str))
    }

    /// Whether it speaks of a guarantee, so that [`Condition::look`] costs a search of the history.
    pub fn needs_verdicts(&self) -> bool {
        self.mentions.iter().any(|mention| mention.what == Kind::Verdict)
    }

    /// Whether it speaks of a guarantee that is judged by what servers hold, so that it can change with every event.
    pub fn is_of_state(&self) -> bool {
        self.mentions.iter().any(|mention| mention.of_state)
    }

    /// What it needs to know of a cluster: the facts and the verdicts that it mentions.
    pub fn look(&self, cluster: &dyn Cluster) -> Facts {
        let verdicts = if self.needs_verdicts() { cluster.verdicts() } else { Vec::new() };
        self.look_given(cluster, &verdicts)
    }

    /// The same with verdicts that are known already.
    pub fn look_given(&self, cluster: &dyn Cluster, verdicts: &[Verdict]) -> Facts {
        let mut facts = Facts::only(self.names().collect());
        cluster.facts(&mut facts);
        add_verdicts(&mut facts, verdicts);
        for mention in self.mentions.iter().filter(|mention| mention.what == Kind::Verdict) {
            if facts.get(mention.name).is_none() {
                facts.put(mention.name, FactValue::Text(holds_word(Holds::Unknown).to_string()));
            }
        }
        facts
    }

    /// Whether it holds. `facts` come from [`Condition::look`]. The error is a fact that is not there, or a calculation
    /// that cannot be done, in words.
    pub fn holds(&self, facts: &Facts) -> Result<bool, String> {
        match Value::resolve(&self.expression, &self.context(facts)?) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(other) => Err(format!("`{}` gives a {}, not yes or no", self.text, other.type_of())),
            Err(ExecutionError::NoSuchKey(_) | ExecutionError::UndeclaredReference(_)) => Ok(false),
            Err(error) if compares_nothing(&error) => Ok(false),
            Err(error) => Err(messages::execution(&error)),
        }
    }

    /// [`Condition::look`] and [`Condition::holds`] in one.
    pub fn holds_in(&self, cluster: &dyn Cluster) -> Result<bool, String> {
        self.holds(&self.look(cluster))
    }

    /// What it speaks of, as it is now: `leaders = 1, acked_lost = 0`.
    pub fn explain(&self, facts: &Facts) -> String {
        let parts: Vec<String> = self.mentions.iter().flat_map(|mention| mention.explain(facts)).collect();
        parts.join(", ")
    }

    fn context(&self, facts: &Facts) -> Result<Context<'static, 'static>, String> {
        let mut context = Context::with_env(Arc::clone(&ENV));
        for mention in &self.mentions {
            let value = facts.get(mention.name).ok_or_else(|| format!("`{}` is not known here", mention.name))?;
            if let Some(value) = value_of(value) {
                context.add_variable_from_value(mention.name, value);
            }
        }
        Ok(context)
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Condition) -> bool {
        self.text == other.text && self.mentions == other.mentions
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
            Some(FactValue::PerNode(values)) if !self.nodes.is_empty() => {
                let at = |node: &String| values.iter().find(|(name, _)| name == node);
                let shown = |node| at(node).map_or_else(|| "none".to_string(), |(_, x)| x.to_string());
                self.nodes.iter().map(|node| format!("{}.{node} = {}", self.name, shown(node))).collect()
            }
            Some(value) => vec![format!("{} = {value}", self.name)],
        }
    }
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

/// Whether the error is that a number is no number (0 / 0), which CEL finds to be neither more nor less than another.
fn compares_nothing(error: &ExecutionError) -> bool {
    matches!(error, ExecutionError::NoSuchOverload(of) if of.argument_types() == ["double", "double"])
}

/// The value for CEL; `None`: there is none, and a condition that hangs on it is false.
fn value_of(value: &FactValue) -> Option<Value> {
    Some(match value {
        FactValue::Int(n) => Value::Float(*n as f64),
        FactValue::Float(x) | FactValue::Sampled { value: x, .. } => Value::Float(*x),
        FactValue::Bool(b) => Value::Bool(*b),
        FactValue::Text(text) => Value::String(Arc::new(text.clone())),
        FactValue::PerNode(values) => {
            let map: BTreeMap<String, f64> = values.iter().cloned().collect();
            map_value(map)
        }
        FactValue::Absent(_) => return None,
    })
}

#[expect(clippy::disallowed_types, reason = "CEL takes its maps in this type; nothing here iterates it")]
fn map_value(values: BTreeMap<String, f64>) -> Value {
    values.into_iter().collect::<std::collections::HashMap<String, f64>>().into()
}

/// Where a name stands as a whole word.
fn place_of(name: &str, text: &str) -> usize {
    let ends = |at: &usize| !text[at + name.len()..].starts_with(|next: char| next.is_ascii_alphanumeric());
    text.match_indices(name).map(|(at, _)| at).find(ends).unwrap_or(0)
}

#[cfg(test)]
mod tests;
