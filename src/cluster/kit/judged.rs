//! Verdicts on promises whose breaks are noticed when they happen: each is kept in a sentence.

use crate::check::verdict::{Guarantee, Holds, Verdict, Verdicts};
use crate::sim::time::Time;

/// Verdicts on these guarantees: of each how it was broken, or whether anything has tested it; `untested` says what has not happened yet.
pub fn judged<const N: usize>(guarantees: [Guarantee; N], found: [(Option<String>, bool); N], untested: &str) -> Verdicts {
    let verdict = |(guarantee, (broken, is_tested)): (Guarantee, (Option<String>, bool))| {
        let (holds, why) = match broken {
            Some(why) => (Holds::No, why),
            None if is_tested => (Holds::Yes, String::new()),
            None => (Holds::Untested, untested.to_string()),
        };
        Verdict { guarantee, holds, why, witness: Vec::new() }
    };
    guarantees.into_iter().zip(found).map(verdict).collect()
}

/// A moment in seconds, to the millisecond, for such a sentence.
pub fn moment(at: Time) -> String {
    format!("{:.3} s", at.as_secs())
}
