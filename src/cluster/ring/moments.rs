//! What the cluster is in the middle of: where a fault does the most harm.

use crate::cluster::kit::moments::in_the_air;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Span;

use super::Ring;
use super::look::{disk, node};
use super::message::{Msg, Purpose};
use super::settings::Settings;

/// A node sends keys to their next owner.
const HANDING: &str = "handing over";
/// It serves them no more, and the next owner has not said that it has them.
const STOPPED: &str = "stopped";
/// The last part of a hand-over is on its way.
const LAST: &str = "last part";
/// The word that it has arrived is.
const TAKEN: &str = "taken";
/// A map is on its way.
const MAP: &str = "map under way";
/// A write is not known to be on every copy.
const UNCOPIED: &str = "uncopied";

/// The names of all of them.
pub(super) const NAMES: &[(&str, On)] =
    &[(HANDING, On::Node), (STOPPED, On::Disk), (LAST, On::Wire), (TAKEN, On::Wire), (MAP, On::Wire), (UNCOPIED, On::Disk)];

impl Moments for Ring {
    /// Those of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        sim.server_ids().for_each(|id| of(sim, id, out));
        let flying = sim.flights().filter_map(|flight| {
            let name = match &flight.msg {
                Msg::Rows(batch) if batch.last && batch.purpose == Purpose::Give => LAST,
                Msg::Took { purpose: Purpose::Give, .. } => TAKEN,
                Msg::Maps(_) => MAP,
                _ => return None,
            };
            Some(in_the_air(name, flight))
        });
        out.extend(flying);
    }

    fn patience(settings: &Settings) -> Span {
        let trip = settings.latency.mean().unwrap_or_default().scaled(2.0) + settings.disk.mean().unwrap_or_default();
        let parts = settings.keys.div_ceil(settings.batch) + 10;
        trip.scaled(f64::from(parts) * 2.0) + settings.move_retry.scaled(30.0) + settings.request_timeout.scaled(2.0)
    }
}

fn of(sim: &Sim<Ring>, id: NodeId, out: &mut Vec<Moment>) {
    let disk = disk(sim, id);
    let stopped = disk.fenced.iter().filter(|to| !disk.given.contains(*to));
    out.extend(stopped.map(|to| Moment { peer: Some(*to), ..Moment::of(STOPPED, id) }));
    out.extend((!disk.dirty.is_empty()).then(|| Moment::of(UNCOPIED, id)));
    let gives = node(sim, id).into_iter().flat_map(|node| node.streams.keys()).filter(|(_, purpose)| *purpose == Purpose::Give);
    out.extend(gives.map(|(to, _)| Moment { peer: Some(*to), ..Moment::of(HANDING, id) }));
}
