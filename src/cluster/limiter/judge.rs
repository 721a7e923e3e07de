//! What a limiter can be held to. Each is judged by true time, at the moment at which a request is counted.

use crate::check::verdict::{Guarantee, GuaranteeDoc, Verdict, Verdicts};
use crate::cluster::live::Live;

use super::RateLimiter;

const LIMIT: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "limit",
    about: "Of what is counted together, never more than the limit passes in any window.",
    of_state: true,
});
const RATE: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "rate",
    about: "In any time no more passes than one burst and what the rate allows in that time.",
    of_state: true,
});
const SPACED: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "spaced", about: "What passes is spaced: window/limit apart or more.", of_state: true });
const FAIR: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "fair", about: "No user is refused who is below the limit by itself.", of_state: true });
const SERVED: Guarantee = Guarantee::new(&GuaranteeDoc { id: "served", about: "Nobody is refused.", of_state: true });
const AT_SERVICE: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "at_service",
    about: "Of what is counted together, never more than the limit reaches the service in any window.",
    of_state: true,
});

/// Every guarantee, in the order of the screen.
pub(super) const GUARANTEES: [Guarantee; 6] = [LIMIT, RATE, SPACED, FAIR, SERVED, AT_SERVICE];

pub(super) fn judge(live: &Live<RateLimiter>) -> Verdicts {
    let watch = live.watched();
    let (counts, broken) = (&watch.counts, &watch.broken);
    let decided = counts.passed + counts.refused > 0;
    let judged = [
        (&broken.limit, counts.passed > 0),
        (&broken.rate, counts.passed > 0),
        (&broken.spaced, counts.passed > 1),
        (&broken.fair, decided),
        (&broken.served, decided),
        (&broken.at_service, counts.passed > 0),
    ];
    let verdict = |(guarantee, (broken, is_tested)): (Guarantee, (&Option<String>, bool))| {
        Verdict::of_run(guarantee, broken.as_ref(), is_tested, "Nobody has asked yet.")
    };
    GUARANTEES.into_iter().zip(judged).map(verdict).collect()
}
