//! The moments of the protocol: when a fault meets something.

use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::message::{How, Msg};
use super::pool::{Backend, Part};
use super::roster::FRONT;
use super::settings::Settings;
use super::{Traffic, front};

const WORKS: &str = "a server is at work on a request";
const WAITS: &str = "a request waits at a server";
const MISSED: &str = "a server has missed a check";
const STARTS: &str = "a server starts";
const DRAINS: &str = "a server finishes what it has";
const RETRIES: &str = "a request is tried again";
const DEPLOYS: &str = "a deploy is under way";
const BEHIND: &str = "a replica is behind its leader";
const ASKED: &str = "a request is on its way to the front";
const HANDED: &str = "a request is handed to a server";
const PAGE: &str = "a page is in the air";
const CHECK: &str = "a check is in the air";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (WORKS, On::Node),
    (WAITS, On::Node),
    (MISSED, On::Node),
    (STARTS, On::Node),
    (DRAINS, On::Node),
    (RETRIES, On::Node),
    (DEPLOYS, On::Node),
    (BEHIND, On::Node),
    (ASKED, On::Wire),
    (HANDED, On::Wire),
    (PAGE, On::Wire),
    (CHECK, On::Wire),
];

impl Moments for Traffic {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        if let Some(front) = front(sim) {
            front.pool.there().for_each(|backend| of_server(sim, backend, out));
            let seen = [(RETRIES, front.retrying > 0), (DEPLOYS, front.deploy.is_some())];
            out.extend(seen.into_iter().filter(|(_, is)| *is).map(|(name, _)| Moment::of(name, FRONT)));
        }
        let is_behind = |id: &NodeId| matches!(sim.node(*id).state(), Some(Traffic::Database(database)) if database.behind().is_some());
        out.extend(sim.server_ids().filter(is_behind).map(|id| Moment::of(BEHIND, id)));
        out.extend(sim.flights().filter_map(in_the_air));
    }

    fn patience(settings: &Settings) -> Span {
        let checks = settings.check.unwrap_or_default().scaled(2.0) + settings.check_timeout;
        checks + settings.try_timeout + settings.timeout + settings.warm_up
    }
}

fn of_server(sim: &Sim<Traffic>, backend: &Backend, out: &mut Vec<Moment>) {
    let line = sim.queueing(backend.id);
    let seen = [
        (WORKS, line.serving > 0),
        (WAITS, line.waiting > 0),
        (MISSED, backend.missed > 0 && backend.healthy),
        (STARTS, matches!(backend.part, Part::Starts(_))),
        (DRAINS, backend.part == Part::Drains),
    ];
    let peer = Some(FRONT);
    out.extend(seen.into_iter().filter(|(_, is)| *is).map(|(name, _)| Moment { peer, ..Moment::of(name, backend.id) }));
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Ask { .. } => ASKED,
        Msg::Work { .. } => HANDED,
        Msg::Done { how: How::Served, .. } => PAGE,
        Msg::Check { .. } => CHECK,
        _ => return None,
    };
    let other = |id: NodeId| Some(id).filter(|id| !id.is_client());
    Some(Moment { name, node: flight.leg.from, peer: other(flight.leg.to), message: Some(flight.leg.id) })
}
