//! What the store is in the middle of: where a fault does the most harm.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Span;

use super::Quorum;
use super::cell::Cell;
use super::gather::{Gather, Reply, Stage};
use super::look::{disk, servers};
use super::message::Msg;
use super::settings::Settings;

/// A write has some answers and not enough.
const HALF_WRITTEN: &str = "half-written";
/// A read has some answers and not enough.
const HALF_READ: &str = "half-read";
/// A write was acknowledged, and not all replicas have answered: a copy is on its way.
const SPREADING: &str = "spreading";
/// A write was acknowledged, and some who were asked have not answered: this one has it.
const BARELY: &str = "barely written";
/// A node keeps a hint.
const HINTED: &str = "hinted";
/// A hint, a repair or the rows of a leaf are on their way.
const MENDING: &str = "mending";
/// A replica has a tombstone.
const DELETED: &str = "deleted";

/// The names of all of them.
pub(super) const NAMES: &[(&str, On)] = &[
    (HALF_WRITTEN, On::Node),
    (HALF_READ, On::Node),
    (SPREADING, On::Wire),
    (BARELY, On::Disk),
    (HINTED, On::Disk),
    (MENDING, On::Wire),
    (DELETED, On::Node),
];

impl Moments for Quorum {
    /// Those of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        out.extend(sim.ids().flat_map(|id| halves(sim, id)));
        out.extend(sim.ids().flat_map(|id| holders(sim, id)));
        for id in servers(sim) {
            out.extend(disk(sim, id).hints.keys().map(|(home, _)| Moment { peer: Some(*home), ..Moment::of(HINTED, id) }));
            out.extend(disk(sim, id).cells.values().any(Cell::is_tombstone).then(|| Moment::of(DELETED, id)));
        }
        let flying = sim.flights().filter_map(|flight| {
            let name = match flight.msg {
                Msg::Put { .. } => SPREADING,
                Msg::Mend { .. } | Msg::Hand { .. } | Msg::Rows(_) => MENDING,
                _ => return None,
            };
            Some(kit::in_the_air(name, flight))
        });
        out.extend(flying);
    }

    /// How long after the last fault until hints are delivered and every pair of nodes has compared, twice over.
    fn patience(settings: &Settings) -> Span {
        let rounds = settings.anti_entropy.unwrap_or_default().scaled(20.0);
        rounds + settings.hand_over.scaled(2.0) + settings.request_timeout.scaled(2.0)
    }
}

/// The requests of which a node has some answers: each once, with the replica that answered first.
fn halves(sim: &Sim<Quorum>, id: NodeId) -> Vec<Moment> {
    let Some(node) = sim.node(id).state() else { return Vec::new() };
    let half = node.coordinator.iter().filter(|(_, gather)| !gather.told).filter_map(|(_, gather)| {
        let first = gather.asked.iter().find(|asked| asked.reply == Reply::Yes)?;
        let name = if matches!(gather.stage, Stage::Write(_)) { HALF_WRITTEN } else { HALF_READ };
        Some(Moment { peer: Some(first.node), ..Moment::of(name, id) })
    });
    half.collect()
}

/// Who has what a node told a client to be written, while others have not answered.
fn holders(sim: &Sim<Quorum>, id: NodeId) -> Vec<Moment> {
    let Some(node) = sim.node(id).state() else { return Vec::new() };
    let says = |gather: &Gather, reply: Reply| gather.asked.iter().any(|asked| asked.reply == reply);
    let barely = |gather: &&Gather| gather.told && matches!(gather.stage, Stage::Write(_)) && says(gather, Reply::Waiting);
    let gathers = node.coordinator.iter().map(|(_, gather)| gather).filter(barely);
    let have = gathers.flat_map(|gather| gather.asked.iter().filter(|asked| asked.reply == Reply::Yes));
    have.map(|asked| Moment::of(BARELY, asked.node)).collect()
}
