//! What a Redis can be held to.

use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::cluster::live::Live;

use super::Redis;
use super::facts::master;

const ACKED_KEPT: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "acked_kept",
    about: "Every write whose client was told that it is done is part of what the master has.",
    of_state: true,
});
const ONE_HOLDER: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "one_holder",
    about: "No lock is given to a client while another holds it: from its OK on, until the time is over that it asked for, counted from before it asked.",
    of_state: false,
});
const FENCED: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "fenced",
    about: "What a lock guards takes no write with a number after one with a greater number, nor two clients with the same.",
    of_state: true,
});

/// Every guarantee, in the order of the screen.
pub(super) const GUARANTEES: [Guarantee; 3] = [ACKED_KEPT, ONE_HOLDER, FENCED];

fn verdict(guarantee: Guarantee, broken: Option<(String, Vec<u32>)>, untested: Option<&str>) -> Verdict {
    let (holds, why, witness) = match (broken, untested) {
        (Some((why, witness)), _) => (Holds::No, why, witness),
        (None, Some(why)) => (Holds::Untested, why.to_string(), Vec::new()),
        (None, None) => (Holds::Yes, String::new(), Vec::new()),
    };
    Verdict { guarantee, holds, why, witness }
}

/// The most requests that a verdict names.
const WITNESSES: usize = 10;

pub(super) fn judge(live: &Live<Redis>) -> Verdicts {
    let watch = live.watched();
    let lost = (!watch.lost.is_empty()).then(|| {
        let who = master(live.sim()).map_or("the last master".to_string(), |(id, _)| id.to_string());
        let why = format!("{} of {} acknowledged writes are not in what {who} has.", watch.lost.len(), watch.acked.len());
        (why, watch.lost.iter().take(WITNESSES).map(|request| request.0).collect())
    });
    let none = |tested: bool, why: &'static str| (!tested).then_some(why);
    let (acked, risky, given) = (!watch.acked.is_empty(), watch.was_risky, watch.locks.given > 0);
    let kept = if acked {
        "Nothing has happened yet that could take a write: no leader began anew, or another in its place."
    } else {
        "Nobody was told yet that a write is done."
    };
    let held =
        if given { "Nobody has asked yet for a lock that another holds." } else { "Nobody holds a lock yet: SET lock x NX PX 10000." };
    vec![
        verdict(ACKED_KEPT, lost, none(acked && risky, kept)),
        verdict(ONE_HOLDER, watch.locks.broken.clone(), none(given && watch.locks.contested > 0, held)),
        verdict(
            FENCED,
            watch.unfenced.clone().map(|why| (why, Vec::new())),
            none(watch.late > 0, "Nobody came yet with a number that another has come with, or with a lower one."),
        ),
    ]
}
