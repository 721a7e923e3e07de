//! The moments of the protocol: what is under way, and what can still be taken away.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::lane::{Lane, Phase};
use super::message::{Answer, Msg, Work};
use super::settings::Settings;
use super::words::Service;
use super::{Shop, gateways};

const WAITS: &str = "a request waits for a worker";
const FULL: &str = "every worker is busy";
const RESTS: &str = "a retry waits";
const TRIAL: &str = "a breaker makes a trial";
const OPEN: &str = "a breaker is open";
const UNSYNCED: &str = "a payment is written, not synced";
const PAYS: &str = "payments works on a payment";
const ASKED: &str = "a request is in the air";
const CALLED: &str = "a call is in the air";
const PAYMENT: &str = "a call to pay is in the air";
const PAID: &str = "the answer to a payment is in the air";
const TOLD: &str = "an answer to a user is in the air";
const VERDICT: &str = "a verdict on a token is in the air";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (WAITS, On::Node),
    (FULL, On::Node),
    (RESTS, On::Node),
    (TRIAL, On::Node),
    (OPEN, On::Node),
    (UNSYNCED, On::Disk),
    (PAYS, On::Node),
    (ASKED, On::Wire),
    (CALLED, On::Wire),
    (PAYMENT, On::Wire),
    (PAID, On::Wire),
    (TOLD, On::Wire),
    (VERDICT, On::Wire),
];

impl Moments for Shop {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        for (id, gateway) in gateways(sim) {
            let any = |is: fn(&Lane) -> bool| gateway.lanes.iter().any(is);
            let seen = [
                (WAITS, !gateway.line.is_empty()),
                (FULL, gateway.slots.len() >= sim.settings().workers as usize),
                (RESTS, any(|lane| lane.resting > 0)),
                (TRIAL, any(|lane| lane.breaker.trials_out() > 0)),
                (OPEN, any(|lane| lane.told == Phase::Open)),
            ];
            kit::that_are(id, &seen, out);
        }
        let payments = Service::Payments.node();
        let works = matches!(sim.node(payments).state(), Some(Shop::Service(service)) if service.busy() > 0);
        kit::that_are(payments, &[(UNSYNCED, sim.node(payments).store().has_unsynced()), (PAYS, works)], out);
        out.extend(sim.flights().filter_map(in_the_air));
    }

    /// After this everything that was under way has ended, and a breaker has closed if calls came.
    fn patience(settings: &Settings) -> Span {
        let waits = settings.backoff.scaled(super::settings::BACKOFF_MOST * f64::from(settings.retries));
        let calls = settings.try_timeout.or(settings.timeout).unwrap_or(settings.user_timeout).scaled(f64::from(settings.retries + 1));
        let breaker = if settings.breaker { settings.breaker_open.scaled(2.0) } else { Span::ZERO };
        breaker + calls + waits + settings.user_timeout
    }
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Ask(_) => ASKED,
        Msg::Call { work, .. } => match &**work {
            Work::Pay { .. } => PAYMENT,
            Work::Read => CALLED,
        },
        Msg::Did { answer: Answer::Done { .. }, .. } if flight.leg.from == Service::Payments.node() => PAID,
        Msg::Told { .. } => TOLD,
        Msg::Checked { .. } => VERDICT,
        _ => return None,
    };
    Some(kit::in_the_air(name, flight))
}

/// Whether a node can do its part.
pub(super) fn is_working(sim: &Sim<Shop>, id: NodeId) -> bool {
    sim.node(id).is_up() && !sim.node(id).is_paused()
}
