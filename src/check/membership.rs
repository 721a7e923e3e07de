//! What a group that watches itself promised and kept: who crashed is noticed, who lives is not buried, and what is told reaches all.
//!
//! The first two are the completeness and accuracy of a failure detector (Chandra and Toueg, JACM 1996, section 2.2). Over a network
//! without bounds on time no detector has both for ever.

use super::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict};

/// Whoever crashed is at last held for dead by all.
pub const COMPLETE: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "complete",
    about: "A member that crashed is at last held for dead by every member that runs.",
    of_state: true,
});
/// Nobody who runs is declared dead.
pub const ACCURATE: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "accurate", about: "No member that runs is declared dead.", of_state: true });
/// Everybody hears everything.
pub const INFORMED: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "reaches_all", about: "Every rumour reaches every member that runs.", of_state: true });

/// A member that is down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crashed {
    /// Its name.
    pub name: String,
    /// The members that run and do not hold it for dead.
    pub unaware: Vec<String>,
}

/// A rumour, and whom it has not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it says.
    pub word: String,
    /// The members that run and have not heard it.
    pub missing: Vec<String>,
    /// Whether anybody tells it yet, or it is on its way.
    pub is_told: bool,
}

/// Names of which one is said, and how many more there are, with what they do.
fn said(names: &[String], one: &str, many: &str) -> String {
    match names {
        [] => format!("nobody {one}"),
        [name] => format!("{name} {one}"),
        [name, more @ ..] => format!("{name} and {} more {many}", more.len()),
    }
}

fn verdict(guarantee: Guarantee, holds: Holds, why: String) -> Verdict {
    Verdict { guarantee, holds, why, witness: Vec::new() }
}

/// Whether all crashes were noticed. `noticed`: how many were, of members that may be up again; `is_overdue`: nothing has been done to
/// the group for so long that all should have been.
pub fn complete(down: &[Crashed], noticed: usize, is_overdue: bool) -> Verdict {
    let of = |holds, why| verdict(COMPLETE, holds, why);
    match down.iter().find(|crashed| !crashed.unaware.is_empty()) {
        Some(Crashed { name, unaware }) if is_overdue => {
            of(Holds::No, format!("{name} is down for long, and {} not hold it for dead", said(unaware, "does", "do")))
        }
        Some(Crashed { name, unaware }) => of(Holds::Unknown, format!("{} not yet hold {name} for dead", said(unaware, "does", "do"))),
        None if down.is_empty() && noticed == 0 => of(Holds::Untested, "no member has crashed for long enough to be noticed".to_string()),
        None => of(Holds::Yes, String::new()),
    }
}

/// Whether somebody who ran was declared dead: `first` says who declared whom, `suspected` how often anybody was suspected.
pub fn accurate(first: Option<(String, String)>, suspected: u64) -> Verdict {
    let of = |holds, why| verdict(ACCURATE, holds, why);
    match first {
        Some((who, whom)) => of(Holds::No, format!("{who} declared {whom} dead, and {whom} ran")),
        None if suspected == 0 => of(Holds::Untested, "nobody has been suspected".to_string()),
        None => of(Holds::Yes, String::new()),
    }
}

/// Whether every rumour has reached everybody.
pub fn informed(rumours: &[Told]) -> Verdict {
    let of = |holds, why| verdict(INFORMED, holds, why);
    let behind = || rumours.iter().filter(|rumour| !rumour.missing.is_empty());
    if rumours.is_empty() {
        return of(Holds::Untested, "nobody has started a rumour".to_string());
    }
    if let Some(Told { word, missing, .. }) = behind().find(|rumour| !rumour.is_told) {
        return of(Holds::No, format!("nobody tells `{word}` any more, and {} not heard it", said(missing, "has", "have")));
    }
    match behind().next() {
        Some(Told { word, missing, .. }) => of(Holds::Unknown, format!("{} not heard `{word}` yet", said(missing, "has", "have"))),
        None => of(Holds::Yes, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crashed(unaware: &[&str]) -> Crashed {
        Crashed { name: "n5".into(), unaware: unaware.iter().map(ToString::to_string).collect() }
    }

    fn told(missing: &[&str], is_told: bool) -> Told {
        Told { word: "fire".into(), missing: missing.iter().map(ToString::to_string).collect(), is_told }
    }

    #[test]
    fn a_crash_is_noticed_by_all_or_in_time() {
        assert_eq!(complete(&[], 0, true).holds, Holds::Untested);
        assert_eq!(complete(&[], 1, true).holds, Holds::Yes);
        assert_eq!(complete(&[crashed(&[])], 0, false).holds, Holds::Yes);
        assert_eq!(complete(&[crashed(&["n1"])], 3, false).holds, Holds::Unknown);
        let late = complete(&[crashed(&[]), crashed(&["n1", "n2", "n3"])], 0, true);
        assert_eq!((late.holds, late.why.as_str()), (Holds::No, "n5 is down for long, and n1 and 2 more do not hold it for dead"));
    }

    #[test]
    fn one_burial_of_the_living_is_enough() {
        assert_eq!(accurate(None, 0).holds, Holds::Untested);
        assert_eq!(accurate(None, 4).holds, Holds::Yes);
        assert_eq!(accurate(Some(("n2".into(), "n5".into())), 4).holds, Holds::No);
    }

    #[test]
    fn a_rumour_that_nobody_tells_goes_no_further() {
        assert_eq!(informed(&[]).holds, Holds::Untested);
        assert_eq!(informed(&[told(&[], false)]).holds, Holds::Yes);
        assert_eq!(informed(&[told(&["n1"], true)]).holds, Holds::Unknown);
        assert_eq!(informed(&[told(&["n1"], true), told(&["n2"], false)]).holds, Holds::No);
    }
}
