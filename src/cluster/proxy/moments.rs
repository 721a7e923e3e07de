//! The moments of the protocol: what can be taken away on the wire, what a node is in the middle of.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::Proxied;
use super::message::{Method, Msg};
use super::places::{REVERSE, is_app};
use super::pool::{Part, apps};
use super::settings::Settings;

const ASKED: &str = "a request is in the air";
const DOING: &str = "a POST is in the air";
const ANSWERED: &str = "an answer is in the air";
const STEP: &str = "a step of a connection is in the air";
const WORKS: &str = "a backend works on a request";
const DRAINS: &str = "a backend drains or starts";
const KEEPS: &str = "a cache keeps answers in memory only";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (ASKED, On::Wire),
    (DOING, On::Wire),
    (ANSWERED, On::Wire),
    (STEP, On::Wire),
    (WORKS, On::Node),
    (DRAINS, On::Node),
    (KEEPS, On::Node),
];

impl Moments for Proxied {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        for id in sim.server_ids() {
            match sim.node(id).state() {
                Some(Proxied::Origin(origin)) if is_app(id) => {
                    let moves = pool_part(sim, id).is_some_and(|part| part != Part::Serves);
                    kit::that_are(id, &[(WORKS, !origin.jobs.is_empty()), (DRAINS, moves)], out);
                }
                Some(Proxied::Proxy(proxy)) => kit::that_are(id, &[(KEEPS, proxy.shelf.len() > 0)], out),
                _ => {}
            }
        }
        out.extend(sim.flights().filter_map(in_the_air));
    }

    /// After this every request has ended, every backend has started, and those that were left out are back.
    fn patience(settings: &Settings) -> Span {
        let tries = settings.try_timeout.scaled(4.0) + settings.fail_timeout.scaled(2.0) + settings.start_time.scaled(2.0);
        let page = settings.transfer(settings.page_bytes.into());
        settings.request_timeout.scaled(2.0) + tries + page
    }
}

/// What a backend does for the reverse proxy, while that runs.
pub(super) fn pool_part(sim: &Sim<Proxied>, app: NodeId) -> Option<Part> {
    match sim.node(REVERSE).state() {
        Some(Proxied::Proxy(proxy)) => proxy.pool.part(app),
        _ => None,
    }
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Request { sealed, .. } if sealed.inner.method == Method::Post => DOING,
        Msg::Request { .. } => ASKED,
        Msg::Response { .. } => ANSWERED,
        Msg::Open { .. } | Msg::Opened { .. } => STEP,
        Msg::Reset { .. } | Msg::Stop { .. } | Msg::Up { .. } => return None,
    };
    Some(kit::in_the_air(name, flight))
}

/// Whether the shop can answer.
pub(super) fn is_serving(sim: &Sim<Proxied>) -> bool {
    let works = |id: NodeId| sim.node(id).is_up() && !sim.node(id).is_paused();
    works(REVERSE) && apps(sim.servers()).any(|id| sim.has(id) && works(id) && pool_part(sim, id) == Some(Part::Serves))
}
