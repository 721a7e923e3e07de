//! The moments of the protocol: when a fault meets something.

use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::health::Health;
use super::message::Msg;
use super::settings::Settings;
use super::{App, Fleet, Front};

const UNCOPIED: &str = "an addition is on one database only";
const CATCHES_UP: &str = "a database learns what it missed";
const DOUBTED: &str = "a server has missed a check";
const OUT: &str = "a server is believed to be dead";
const ASKED: &str = "a request is on its way to the shop";
const HANDED: &str = "a request is handed to an application server";
const SAVED: &str = "an addition is on its way to a database";
const KEPT: &str = "an acknowledgement is on its way";
const COPIED: &str = "a copy is on its way";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (UNCOPIED, On::Node),
    (CATCHES_UP, On::Node),
    (DOUBTED, On::Node),
    (OUT, On::Node),
    (ASKED, On::Wire),
    (HANDED, On::Wire),
    (SAVED, On::Wire),
    (KEPT, On::Wire),
    (COPIED, On::Wire),
];

impl Moments for Fleet {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        for id in sim.server_ids() {
            match sim.node(id).state() {
                Some(Fleet::Db(db)) => {
                    let seen = [(UNCOPIED, !db.fresh.is_empty()), (CATCHES_UP, !db.serves())];
                    out.extend(seen.into_iter().filter(|(_, is)| *is).map(|(name, _)| Moment::of(name, id)));
                }
                Some(Fleet::Front(Front { health, .. }) | Fleet::App(App { health, .. })) => of_health(health, id, out),
                _ => {}
            }
        }
        out.extend(sim.flights().filter_map(in_the_air));
    }

    fn patience(settings: &Settings) -> Span {
        let checks = settings.check.unwrap_or_default().scaled(2.0) + settings.check_timeout;
        checks + settings.try_timeout.scaled(4.0) + settings.timeout.scaled(2.0)
    }
}

fn of_health(health: &Health, by: NodeId, out: &mut Vec<Moment>) {
    let about = |name: &'static str, id: NodeId| Moment { peer: Some(by), ..Moment::of(name, id) };
    out.extend(health.doubted().map(|id| about(DOUBTED, id)));
    out.extend(health.out().map(|id| about(OUT, id)));
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Ask { .. } => ASKED,
        Msg::Work { .. } => HANDED,
        Msg::Save { .. } => SAVED,
        Msg::Saved { .. } => KEPT,
        Msg::Copy { .. } => COPIED,
        _ => return None,
    };
    let peer = Some(flight.leg.to).filter(|id| !id.is_client());
    Some(Moment { name, node: flight.leg.from, peer, message: Some(flight.leg.id) })
}
