//! Numbers worked out of facts, in the language of conditions: what sweeps, laws and distributions measure.

use super::evaluate::Look;
use super::parse::Wanted;
use super::{Condition, ConditionError, Terms};
use crate::cluster::facts::{FactDoc, Facts};
use crate::cluster::series::Over;
use crate::cluster::{Cluster, Scenario, registry};

/// A number worked out of facts and guarantees: `acked_lost`, `stale_reads / reads_ok`; published formulas can be called by name. What is true or false counts as 1 or 0, so that
/// the mean of many runs is the share of those in which it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity(Condition);

impl Quantity {
    /// Reads one about a run of this scenario, which may also speak of numbers that whoever measures gives it. All mistakes at once.
    pub fn about(text: &str, scenario: &Scenario, given: &[FactDoc]) -> Result<Quantity, Vec<ConditionError>> {
        let Some(model) = registry::model(&scenario.model) else { return Quantity::of_given(text, given) };
        let facts = [model.facts, given].concat();
        let terms = Terms { facts: &facts, ..Terms::of(model) };
        Condition::read_as(text, &terms, Wanted::Number)?.within(scenario, model).map(Quantity)
    }

    /// Reads one that speaks only of what it is given, and of no cluster. All mistakes at once.
    pub fn of_given(text: &str, given: &[FactDoc]) -> Result<Quantity, Vec<ConditionError>> {
        let terms = Terms { facts: given, guarantees: &[], settings: &[], series: &[], formulas: true };
        Condition::read_as(text, &terms, Wanted::Number).map(Quantity)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// The most steps that a look at it takes.
    pub fn steps(&self) -> u64 {
        self.0.steps()
    }

    /// The facts and guarantees that it speaks of.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.names()
    }

    /// What it asks of series: which facts over which while.
    pub fn spans(&self) -> &[Over] {
        self.0.spans()
    }

    /// Whether it speaks of a guarantee, so that it costs a search of the history.
    pub fn needs_verdicts(&self) -> bool {
        self.0.needs_verdicts()
    }

    /// Its value now; `None` where that hangs on a value that is not there. `given` adds the numbers that it was read with. The error: its
    /// loops go over so much that they were given up.
    pub fn value(&self, cluster: &dyn Cluster, given: impl FnOnce(&mut Facts)) -> Result<Option<f64>, String> {
        let mut facts = self.0.look(cluster);
        given(&mut facts);
        self.value_given(&facts)
    }

    /// Its value where these are all facts.
    pub fn value_given(&self, facts: &Facts) -> Result<Option<f64>, String> {
        Look::number_of(&self.0, facts)
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}
