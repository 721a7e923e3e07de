//! What a recorded history satisfies, each verdict with its witness.
//!
//! [`check_all`] judges every guarantee. The searches can be asked one by one: [`linearizable`], [`sequential`], [`sessions`].

mod blame;
#[cfg(test)]
mod brute;
#[cfg(test)]
mod brute_sessions;
mod concat;
mod endings;
mod frontier;
mod ground;
pub mod isolation;
#[cfg(test)]
mod large;
#[cfg(test)]
mod laws;
pub mod linearizable;
pub mod membership;
mod memo;
mod must;
mod notice;
pub mod operation;
pub mod queue;
mod reach;
mod replicas;
mod search;
pub mod sequential;
pub mod sessions;
#[cfg(test)]
mod shapes;
mod sources;
mod tested;
mod unwritten;
pub mod verdict;
mod ways;
mod words;
mod zones;

use ground::Ground;
use linearizable::Linearizable;
use operation::{Operation, Replicas, Value};
use sequential::Sequential;
use sessions::{Judged, Sessions};
use verdict::{Guarantee, Holds, Verdict, Verdicts};
use words::Words;

/// Is told what is judged, and how much of how much is done: sessions, or steps of the budget.
pub type Watch<'a> = &'a dyn Fn(Guarantee, u64, u64);

/// What a session is called in a sentence: `c1`, `process 3`.
pub type Names<'a> = &'a dyn Fn(u32) -> String;

/// A budget in search steps that decides every history a screen can show and ends within a fraction of a second on any other.
pub const BUDGET: u64 = 2_000_000;

/// How a recorded history is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bounds each search, in steps; what needs more is [`Holds::Unknown`].
    pub budget: u64,
    /// What every key holds at the start. Only for histories without appends.
    pub initial: Option<Value>,
}

/// Judges every guarantee, in the order of [`Guarantee::REGISTER`]. `budget` bounds each search, in steps; what needs more is
/// [`Holds::Unknown`], and what nothing in the history could have broken is [`Holds::Untested`]. Ids in `ops` must differ.
pub fn check_all(ops: &[Operation], replicas: Option<&Replicas>, names: Names, budget: u64) -> Verdicts {
    let unwritten = replicas.and_then(|replicas| replicas.unwritten);
    judged(&Ground::new(ops).saying(unwritten), replicas, names, (budget, &|_, _, _| {}))
}

/// The same for a history recorded from outside, of which no replicas are known.
pub fn check_all_within(ops: &[Operation], names: Names, limits: &Limits) -> Verdicts {
    check_all_watched(ops, names, limits, &|_, _, _| {})
}

/// The same, with somebody who is told how far it is.
pub fn check_all_watched(ops: &[Operation], names: Names, limits: &Limits, watch: Watch) -> Verdicts {
    judged(&Ground::starting(ops, limits.initial.clone()), None, names, (limits.budget, watch))
}

fn judged(ground: &Ground, replicas: Option<&Replicas>, names: Names, bounds: (u64, Watch)) -> Verdicts {
    let words = Words { ground, names };
    let mut verdicts = orders(ground, names, bounds);
    verdicts.push(replicas::durable(words, replicas));
    verdicts.push(replicas::convergent(words, replicas));
    verdicts
}

/// The guarantees of one order and of sessions. They imply each other downward: linearizable, sequential, the four of sessions.
fn orders(ground: &Ground, names: Names, (budget, watch): (u64, Watch)) -> Verdicts {
    let kept = |guarantee: &Guarantee| kept(*guarantee, ground, &[]);
    let linear = linearizable::verdict(ground, names, (budget, watch));
    if matches!(linear, Linearizable::Yes(_)) {
        return Guarantee::REGISTER[..6].iter().map(kept).collect();
    }
    let Sessions { judged, unsteady } = sessions::check(ground, names, budget, watch);
    let of_sessions = judged.into_iter().zip(&Guarantee::REGISTER[2..6]);
    let mut verdicts: Verdicts = of_sessions.map(|(judged, guarantee)| of_session(*guarantee, judged, ground, &unsteady)).collect();
    let sequential = match verdicts.iter().find(|v| v.holds == Holds::No) {
        Some(broken) => Verdict { guarantee: Guarantee::SEQUENTIAL, ..broken.clone() },
        None => of_sequential(sequential::check(ground, names, (budget, watch)), ground),
    };
    if matches!(sequential.holds, Holds::Yes | Holds::Untested) {
        verdicts = Guarantee::REGISTER[2..6].iter().map(kept).collect();
    }
    let linearizable = match (of_linearizable(linear, ground), &sequential) {
        (Verdict { holds: Holds::Unknown, guarantee, .. }, broken) if broken.holds == Holds::No => Verdict { guarantee, ..broken.clone() },
        (linearizable, _) => linearizable,
    };
    verdicts.splice(0..0, [linearizable, sequential]);
    verdicts
}

fn of_linearizable(found: Linearizable, ground: &Ground) -> Verdict {
    let guarantee = Guarantee::LINEARIZABLE;
    match found {
        Linearizable::Yes(_) => kept(guarantee, ground, &[]),
        Linearizable::No(fault) => Verdict { guarantee, holds: Holds::No, why: fault.why, witness: fault.witness },
        Linearizable::Unknown(steps) => gave_up(guarantee, steps),
    }
}

fn of_sequential(found: Sequential, ground: &Ground) -> Verdict {
    let guarantee = Guarantee::SEQUENTIAL;
    match found {
        Sequential::Yes(_) => kept(guarantee, ground, &[]),
        Sequential::No { witness, why } => Verdict { guarantee, holds: Holds::No, why, witness },
        Sequential::Unknown(steps) => gave_up(guarantee, steps),
    }
}

fn of_session(guarantee: Guarantee, judged: Judged, ground: &Ground, unsteady: &[u32]) -> Verdict {
    match judged {
        Judged::Kept => kept(guarantee, ground, unsteady),
        Judged::Broken { why, witness } => Verdict { guarantee, holds: Holds::No, why, witness },
        Judged::Open(why) => unknown(guarantee, why),
    }
}

/// What was not broken: kept where the history put it to the test, apart from the sessions that were not judged.
fn kept(guarantee: Guarantee, ground: &Ground, unjudged: &[u32]) -> Verdict {
    if tested::is_tested(guarantee, ground, unjudged) {
        yes(guarantee)
    } else if !unjudged.is_empty() && tested::is_tested(guarantee, ground, &[]) {
        untested(guarantee, "not judged, because reads are not monotonic")
    } else {
        untested(guarantee, "nothing to judge yet")
    }
}

fn yes(guarantee: Guarantee) -> Verdict {
    Verdict { guarantee, holds: Holds::Yes, why: String::new(), witness: Vec::new() }
}

fn unknown(guarantee: Guarantee, why: String) -> Verdict {
    Verdict { guarantee, holds: Holds::Unknown, why, witness: Vec::new() }
}

fn untested(guarantee: Guarantee, why: &str) -> Verdict {
    Verdict { guarantee, holds: Holds::Untested, why: why.to_string(), witness: Vec::new() }
}

fn gave_up(guarantee: Guarantee, steps: u64) -> Verdict {
    unknown(guarantee, format!("not decided within {steps} steps of the search"))
}
