//! What a recorded history satisfies, each verdict with its witness.
//!
//! [`check_all`] judges every guarantee. The searches can be asked one by one: [`linearizable`], [`sequential`].

mod blame;
#[cfg(test)]
mod brute;
mod concat;
mod ground;
pub mod linearizable;
mod memo;
pub mod operation;
mod search;
pub mod sequential;
pub mod verdict;

use ground::Ground;
use linearizable::Linearizable;
use operation::{Operation, Replicas};
use sequential::Sequential;
use verdict::{Guarantee, Holds, Verdict, Verdicts};

/// What a session is called in a sentence: `c1`, `process 3`.
pub type Names<'a> = &'a dyn Fn(u32) -> String;

/// A budget in search steps that decides every history a screen can show and ends within a fraction of a second on any other.
pub const BUDGET: u64 = 2_000_000;

/// Judges every guarantee, in the order of [`Guarantee::ALL`]. `budget` bounds each search, in steps; what needs more is
/// [`Holds::Unknown`]. Ids in `ops` must differ.
pub fn check_all(ops: &[Operation], replicas: Option<&Replicas>, names: Names, budget: u64) -> Verdicts {
    let _ = replicas;
    let ground = Ground::new(ops);
    let linear = linearizable::check(&ground, names, budget);
    let sequential =
        if let Linearizable::Yes(order) = &linear { Sequential::Yes(order.clone()) } else { sequential::check(&ground, budget) };
    let mut verdicts = vec![of_linearizable(linear), of_sequential(&sequential)];
    let rest = Guarantee::ALL.into_iter().skip(verdicts.len());
    verdicts.extend(rest.map(|g| verdict(g, Holds::Unknown, String::new(), Vec::new())));
    verdicts
}

fn of_linearizable(found: Linearizable) -> Verdict {
    let guarantee = Guarantee::Linearizable;
    match found {
        Linearizable::Yes(_) => verdict(guarantee, Holds::Yes, String::new(), Vec::new()),
        Linearizable::No(fault) => verdict(guarantee, Holds::No, fault.why, fault.witness),
        Linearizable::Unknown(steps) => gave_up(guarantee, steps),
    }
}

fn of_sequential(found: &Sequential) -> Verdict {
    let guarantee = Guarantee::Sequential;
    match found {
        Sequential::Yes(_) => verdict(guarantee, Holds::Yes, String::new(), Vec::new()),
        Sequential::No => verdict(guarantee, Holds::No, "no order explains what every client saw".into(), Vec::new()),
        Sequential::Unknown(steps) => gave_up(guarantee, *steps),
    }
}

fn gave_up(guarantee: Guarantee, steps: u64) -> Verdict {
    verdict(guarantee, Holds::Unknown, format!("not decided within {steps} steps of the search"), Vec::new())
}

fn verdict(guarantee: Guarantee, holds: Holds, why: String, witness: Vec<u32>) -> Verdict {
    Verdict { guarantee, holds, why, witness }
}
