//! What leaders are in the middle of: where a fault does the most harm.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::kernel::Sim;
use crate::sim::time::Span;

use super::MultiLeader;
use super::look::{disk, leader, servers};
use super::message::Msg;
use super::settings::Settings;

/// A change was acknowledged, and no other leader has it.
const ALONE: &str = "alone";
/// A change is on its way.
const SPREADING: &str = "spreading";
/// A confirmation is on its way.
const CONFIRMING: &str = "confirming";
/// A change waits for what it depends on.
const WAITING: &str = "waiting";
/// A leader keeps siblings.
const CONFLICT: &str = "conflict";

/// The names of all of them.
pub(super) const NAMES: &[(&str, On)] =
    &[(ALONE, On::Disk), (SPREADING, On::Wire), (CONFIRMING, On::Wire), (WAITING, On::Node), (CONFLICT, On::Node)];

impl Moments for MultiLeader {
    /// Those of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        for id in servers(sim) {
            let own = disk(sim, id).seen.counter(id);
            let is_alone = own > 0 && servers(sim).all(|other| other == id || disk(sim, other).seen.counter(id) < own);
            out.extend(is_alone.then(|| Moment::of(ALONE, id)));
            let waits = leader(sim, id).is_some_and(|leader| !leader.streams.waiting.is_empty());
            out.extend(waits.then(|| Moment::of(WAITING, id)));
            out.extend(disk(sim, id).rows.values().any(|row| row.siblings() > 1).then(|| Moment::of(CONFLICT, id)));
        }
        let flying = sim.flights().filter_map(|flight| {
            let name = match flight.msg {
                Msg::Changes { .. } => SPREADING,
                Msg::Have { .. } => CONFIRMING,
                _ => return None,
            };
            Some(kit::in_the_air(name, flight))
        });
        out.extend(flying);
    }

    /// So long until every stream has sent again, twice over, all round a ring.
    fn patience(settings: &Settings) -> Span {
        (settings.resend + settings.ship_every).scaled(8.0) + settings.request_timeout.scaled(2.0)
    }
}
