//! What counts as a break, and judging a run.

use super::stage::Stage;
use crate::check::verdict::{Guarantee, Holds, Verdicts};
use crate::cluster::condition::Condition;
use crate::cluster::model::Model;
use crate::cluster::{Scenario, registry};
use crate::command::caret;
use crate::near::did_you_mean;

/// Something that a design may promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Promise {
    /// What clients see, or what becomes of the data.
    Guarantee(Guarantee),
    /// Once every fault is over, the cluster is in order and takes writes again.
    Recovers,
    /// The condition that was looked for never holds.
    Condition,
    /// What the model promises after every event whatever is done to it: a break is a fault of the program. It is always looked for.
    Invariants,
}

impl Promise {
    /// Every promise of a model that needs no condition, from the most telling to the most general: who loses a write also breaks
    /// linearizability.
    pub(super) fn of(model: &Model) -> Vec<Promise> {
        let (of_state, of_clients): (Vec<Guarantee>, Vec<Guarantee>) = model.guarantees.iter().partition(|g| g.of_state());
        let mut all: Vec<Promise> = of_state.into_iter().chain(of_clients.into_iter().rev()).map(Promise::Guarantee).collect();
        all.insert(all.len().min(1), Promise::Recovers);
        all
    }

    /// The identifier on the command line and in JSON.
    pub(super) const fn id(self) -> &'static str {
        match self {
            Promise::Guarantee(guarantee) => guarantee.id(),
            Promise::Recovers => "recovers",
            Promise::Condition => "condition",
            Promise::Invariants => "invariants",
        }
    }

    /// One sentence: what is promised.
    pub(super) fn about(self, model: &Model) -> String {
        match self {
            Promise::Guarantee(guarantee) => guarantee.about().to_string(),
            Promise::Recovers => format!("Once everything is healed, every request is answered and `{}` holds.", model.healthy),
            Promise::Condition => "A condition over facts never holds.".to_string(),
            Promise::Invariants => "What must be true after every event, whatever is done.".to_string(),
        }
    }

    /// The words in a report.
    pub(super) fn words(self) -> String {
        self.id().replace('_', " ")
    }

    /// Whether it says something only of a run in which everything was healed in the end.
    pub(super) const fn needs_healing(self) -> bool {
        matches!(self, Promise::Recovers)
    }

    /// Every promise that a report may name.
    pub(super) fn reported(model: &Model) -> impl Iterator<Item = Promise> {
        [Promise::Invariants, Promise::Condition].into_iter().chain(Promise::of(model))
    }
}

/// What is looked for.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// Any promise.
    Any,
    /// One promise.
    One(Promise),
    /// A condition that comes true.
    Condition(Condition),
}

impl Wanted {
    /// Reads `--break`: a guarantee, `recovers`, or a condition over the facts of a scenario.
    pub(super) fn parse(text: &str, scenario: &Scenario) -> Result<Wanted, String> {
        let id = text.trim().replace(['-', ' '], "_");
        let all = registry::model(&scenario.model).map(Promise::of).unwrap_or_default();
        if let Some(promise) = all.iter().copied().find(|promise| promise.id() == id) {
            return Ok(Wanted::One(promise));
        }
        let names = || all.iter().map(|promise| promise.id());
        if text.trim().chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '-') {
            let list: Vec<&str> = names().collect();
            let hint = did_you_mean(&id, names());
            return Err(format!(
                "there is no guarantee `{text}`{hint} (known: {}; or a condition, such as \"leaders >= 2\")",
                list.join(", ")
            ));
        }
        Condition::about(text, scenario).map(Wanted::Condition).map_err(|errors| {
            let shown = errors.iter().map(|bad| caret(text, bad.offset, bad.length, &bad.message));
            shown.collect::<Vec<_>>().join("\n")
        })
    }

    /// The condition that is looked for.
    pub(super) fn condition(&self) -> Option<&Condition> {
        if let Wanted::Condition(condition) = self { Some(condition) } else { None }
    }

    fn wants(&self, promise: Promise) -> bool {
        match self {
            Wanted::Any => true,
            Wanted::One(one) => *one == promise,
            Wanted::Condition(_) => false,
        }
    }

    fn wants_verdicts(&self) -> bool {
        matches!(self, Wanted::Any | Wanted::One(Promise::Guarantee(_)))
    }
}

/// A promise that a run broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Which.
    pub promise: Promise,
    /// One sentence: how.
    pub why: String,
}

/// What a run broke, the most telling first. `healthy` must hold once everything is healed.
pub(super) fn judge(stage: &Stage, wanted: &Wanted, healthy: &Condition, model: &Model) -> Vec<Broken> {
    let cluster = stage.cluster.as_ref();
    if let Some(why) = &stage.fault {
        return vec![Broken { promise: Promise::Invariants, why: why.clone() }];
    }
    if let Wanted::Condition(condition) = wanted {
        let came_true = stage.seen || condition.holds_in(cluster).unwrap_or(false);
        let why = || condition.explain(&condition.look(cluster));
        return came_true.then(|| Broken { promise: Promise::Condition, why: why() }).into_iter().collect();
    }
    let verdicts = if wanted.wants_verdicts() { cluster.verdicts() } else { Verdicts::new() };
    let broken = |promise: Promise| match promise {
        Promise::Guarantee(guarantee) => {
            let verdict = verdicts.iter().find(|v| v.guarantee == guarantee && v.holds == Holds::No)?;
            Some(Broken { promise, why: verdict.why.clone() })
        }
        Promise::Recovers => out_of_order(stage, healthy).map(|why| Broken { promise, why }),
        Promise::Condition | Promise::Invariants => None,
    };
    Promise::of(model).into_iter().filter(|promise| wanted.wants(*promise)).filter_map(broken).collect()
}

/// Why a cluster is not in order after everything was healed; `None` when it is.
fn out_of_order(stage: &Stage, healthy: &Condition) -> Option<String> {
    let cluster = stage.cluster.as_ref();
    let facts = healthy.look(cluster);
    if healthy.holds(&facts) != Ok(true) {
        return Some(format!("everything is healed, and still {}", healthy.explain(&facts)));
    }
    let probed = stage.probed.unwrap_or(u64::MAX);
    let refused = cluster.exchanges().iter().filter(|asked| asked.called.event > probed && !asked.outcome.is_ok()).count();
    (refused > 0).then(|| format!("everything is healed, and still {refused} requests are not answered"))
}
