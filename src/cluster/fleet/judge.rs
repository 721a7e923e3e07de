//! What the shop can be held to.

use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::cluster::live::Live;
use crate::sim::time::Span;

use super::Fleet;
use super::watch::Cases;

/// The time over which availability is promised.
pub(super) const PERIOD: Span = Span::s(30 * 24 * 3600);

const AVAILABLE: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "available",
    about: "The service is down for no longer than its target allows in 30 days.",
    of_state: true,
});
const CORRECT: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "correct",
    about: "Nobody is given a wrong price, or a bill for what nobody ordered.",
    of_state: true,
});
const CARTS_KEPT: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "carts_kept", about: "Nothing is lost that a user was told is in the cart.", of_state: true });
const AUTHENTIC: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "authentic", about: "Nobody is served who has no valid token.", of_state: true });

/// Every guarantee, in the order of the screen.
pub(super) const GUARANTEES: [Guarantee; 4] = [AVAILABLE, CORRECT, CARTS_KEPT, AUTHENTIC];

/// How long the service may be down in the time so far, or in the first 30 days.
pub(super) fn allowed(live: &Live<Fleet>) -> Span {
    let elapsed = Span(live.sim().now().0);
    elapsed.max(PERIOD).scaled(1.0 - live.sim().settings().target)
}

pub(super) fn judge(live: &Live<Fleet>) -> Verdicts {
    vec![available(live), correct(live), carts_kept(live), authentic(live)]
}

fn verdict(guarantee: Guarantee, holds: Holds, why: impl Into<String>, witness: Vec<u32>) -> Verdict {
    Verdict { guarantee, holds, why: why.into(), witness }
}

fn available(live: &Live<Fleet>) -> Verdict {
    let (seen, now) = (live.watched(), live.sim().now());
    let (down, allowed) = (seen.service.down(now), allowed(live));
    let fell = live.sim().server_ids().any(|id| seen.server(id).outages > 0);
    let (holds, why) = match () {
        () if down > allowed => (Holds::No, format!("It was down for {}; {} are allowed.", minutes(down), minutes(allowed))),
        () if seen.service.outages == 0 && !fell => (Holds::Untested, "No server was down yet.".into()),
        () => (Holds::Yes, String::new()),
    };
    verdict(AVAILABLE, holds, why, Vec::new())
}

/// A length of time to a part that matters.
pub(super) fn minutes(span: Span) -> String {
    let seconds = span.as_secs();
    match seconds {
        s if s >= 7200.0 => format!("{:.1} h", s / 3600.0),
        s if s >= 120.0 => format!("{:.1} min", s / 60.0),
        s => format!("{s:.1} s"),
    }
}

/// `broken`: what one case is called, and several.
fn of_cases(guarantee: Guarantee, cases: &Cases, broken: [&str; 2], untested: Option<&str>) -> Verdict {
    match (cases.count, untested) {
        (0, Some(why)) => verdict(guarantee, Holds::Untested, why, Vec::new()),
        (0, None) => verdict(guarantee, Holds::Yes, "", Vec::new()),
        (count, _) => {
            let broken = broken[usize::from(count > 1)];
            verdict(guarantee, Holds::No, format!("{count} {broken}."), cases.witnesses.clone())
        }
    }
}

fn correct(live: &Live<Fleet>) -> Verdict {
    let seen = live.watched();
    let is_tested = seen.rotted > 0 || seen.ended.garbled.0 > 0 || seen.is_repriced();
    let untested = (!is_tested).then_some("No row rotted, no price was changed, and nobody asked nonsense.");
    of_cases(CORRECT, &seen.ended.wrong, ["answer was wrong", "answers were wrong"], untested)
}

fn authentic(live: &Live<Fleet>) -> Verdict {
    let ended = &live.watched().ended;
    let untested = (ended.intruders.0 == 0).then_some("No intruder asked.");
    of_cases(AUTHENTIC, &ended.served, ["intruder was served", "intruders were served"], untested)
}

fn carts_kept(live: &Live<Fleet>) -> Verdict {
    let (seen, sim) = (live.watched(), live.sim());
    if seen.ended.short.count > 0 {
        return of_cases(CARTS_KEPT, &seen.ended.short, ["bill lacked what was acknowledged", "bills lacked what was acknowledged"], None);
    }
    let (lost, missing) = seen.lost_and_missing(sim);
    let fell = sim.server_ids().any(|id| seen.server(id).outages > 0);
    match (lost.len(), missing.len()) {
        (0, 0) if seen.ended.added == 0 => verdict(CARTS_KEPT, Holds::Untested, "No addition was acknowledged yet.", Vec::new()),
        (0, 0) if !fell => verdict(CARTS_KEPT, Holds::Untested, "No server was down yet.", Vec::new()),
        (0, 0) => verdict(CARTS_KEPT, Holds::Yes, "", Vec::new()),
        (0, n) => verdict(CARTS_KEPT, Holds::Unknown, format!("{} only on servers that are down.", additions(n)), Vec::new()),
        (n, _) => {
            let witness = lost.into_iter().map(|request| request.0).collect();
            verdict(CARTS_KEPT, Holds::No, format!("{} on no server any more.", additions(n)), witness)
        }
    }
}

fn additions(count: usize) -> String {
    if count == 1 { "1 acknowledged addition is".into() } else { format!("{count} acknowledged additions are") }
}
