//! Verdicts on promises whose breaks are noticed when they happen: each is kept in a sentence.

use crate::check::verdict::{Guarantee, Verdict, Verdicts};
use crate::sim::time::Time;

/// Verdicts on these guarantees: of each how it was broken, or whether anything has tested it; `untested` says what has not happened yet.
pub fn judged<const N: usize>(guarantees: [Guarantee; N], found: [(Option<String>, bool); N], untested: &str) -> Verdicts {
    let verdict = |(guarantee, (broken, is_tested)): (Guarantee, (Option<String>, bool))| {
        Verdict::of_run(guarantee, broken.as_ref(), is_tested, untested)
    };
    guarantees.into_iter().zip(found).map(verdict).collect()
}

/// A moment in seconds, to the millisecond, for such a sentence.
pub fn moment(at: Time) -> String {
    format!("{:.3} s", at.as_secs())
}
