//! What a gateway can be held to.

use crate::check::verdict::{Guarantee, GuaranteeDoc, Verdicts};
use crate::cluster::kit::judged::{judged, moment};
use crate::cluster::live::Live;

use super::watch::oldest;
use super::words::Service;
use super::{Shop, name};

const PAID_ONCE: Guarantee = Guarantee::new(&GuaranteeDoc { id: "paid_once", about: "No payment is made twice.", of_state: true });
const ON_TIME: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "on_time",
    about: "A gateway that runs answers every request within what is promised, counted from when it came there.",
    of_state: true,
});
const AUTHORISED: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "authorised",
    about: "Services do nothing for a request that came without a token that was good then.",
    of_state: true,
});
const BUDGET: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "within_budget",
    about: "Retries that wait or are under way to a service stay within their budget; where there is none, within that of Envoy: a fifth of the calls under way, and three.",
    of_state: true,
});
const ISOLATED: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "isolated", about: "No service alone ever holds every worker of a gateway.", of_state: true });
const SERVED: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "all_served",
    about: "Every request with a good token is answered well, in whole or in part.",
    of_state: true,
});

/// Every guarantee, in the order of the screen.
pub(super) const GUARANTEES: [Guarantee; 6] = [PAID_ONCE, ON_TIME, AUTHORISED, BUDGET, ISOLATED, SERVED];

pub(super) fn judge(live: &Live<Shop>) -> Verdicts {
    let (watch, sim) = (live.watched(), live.sim());
    let paid = sim.node(Service::Payments.node()).store().durable();
    let twice = paid.twice.1.as_ref().map(|key| format!("Payment {key} was made more than once."));
    let called = watch.called() > 0;
    let found = [
        (twice, paid.payments > 0),
        (watch.broken.on_time.clone().or_else(|| late(live)), watch.counts.answered > 0),
        (watch.broken.authorised.clone(), called || watch.counts.past > 0),
        (watch.broken.budget.clone(), watch.counts.rested > 0),
        (watch.broken.isolated.clone(), called),
        (watch.broken.served.clone(), watch.counts.answered > 0 || watch.broken.served.is_some()),
    ];
    judged(GUARANTEES, found, "Nothing has happened yet that could tell.")
}

/// A request that should have been answered by now.
fn late(live: &Live<Shop>) -> Option<String> {
    let (sim, now) = (live.sim(), live.sim().now());
    let promised = sim.settings().answered_within()?;
    let waits = oldest(sim, &live.watched().excused).into_iter().find(|(_, waited)| *waited > promised)?;
    Some(format!("At {} a request at {} has waited {} for its answer; {promised} is promised.", moment(now), name(waits.0), waits.1))
}
