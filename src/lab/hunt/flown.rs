//! What the messages of a script are, so that they are found again when other commands are left out and numbers change.

use std::collections::BTreeMap;

use super::tail::scene;
use crate::cluster::Cluster;
use crate::cluster::scene::{FlightKind, FlightView};
use crate::command::Poke;
use crate::sim::id::{MsgId, NodeId};

/// The messages that a script names, by their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Flown(BTreeMap<MsgId, Likeness>);

#[derive(Clone, Debug)]
struct Likeness {
    from: NodeId,
    to: NodeId,
    kind: FlightKind,
    label: String,
}

impl Likeness {
    fn of(flight: &FlightView) -> Likeness {
        Likeness { from: flight.from, to: flight.to, kind: flight.kind, label: flight.label.clone() }
    }

    /// How unlike a message is; `None` where it is another.
    fn unlike(&self, other: &FlightView) -> Option<bool> {
        let like = (self.from, self.to, self.kind) == (other.from, other.to, other.kind);
        like.then(|| self.label != other.label)
    }
}

impl Flown {
    /// Notes the message that a poke is about to act on.
    pub(super) fn note(&mut self, poke: &Poke, cluster: &dyn Cluster) {
        let Some(id) = message(poke) else { return };
        if let Some(flight) = scene(cluster).flights.iter().find(|flight| flight.id == id) {
            self.0.insert(id, Likeness::of(flight));
        }
    }

    /// The same poke for this cluster: its message is looked for, unless it was `found` before. `None` where there is none like it.
    pub(super) fn found(&self, poke: &Poke, found: &mut BTreeMap<MsgId, MsgId>, cluster: &dyn Cluster) -> Option<Poke> {
        let (Some(meant), true) = (message(poke), !self.0.is_empty()) else { return Some(poke.clone()) };
        let id = match found.get(&meant) {
            Some(id) => *id,
            None => self.search(meant, cluster)?,
        };
        found.insert(meant, id);
        Some(with_message(poke, id))
    }

    /// The message in the air that is most like this one: of those with the same label, the nearest in number.
    fn search(&self, meant: MsgId, cluster: &dyn Cluster) -> Option<MsgId> {
        let likeness = self.0.get(&meant)?;
        let flights = scene(cluster).flights;
        let alike = flights.iter().filter_map(|flight| Some((likeness.unlike(flight)?, flight.id.0.abs_diff(meant.0), flight.id)));
        alike.min().map(|(.., id)| id)
    }
}

/// The message that a poke acts on.
fn message(poke: &Poke) -> Option<MsgId> {
    match poke {
        Poke::Drop(id) | Poke::Hold(id) | Poke::Release(id) | Poke::Duplicate(id) | Poke::Deliver(id) | Poke::Delay(id, _) => Some(*id),
        _ => None,
    }
}

fn with_message(poke: &Poke, id: MsgId) -> Poke {
    match poke {
        Poke::Drop(_) => Poke::Drop(id),
        Poke::Hold(_) => Poke::Hold(id),
        Poke::Release(_) => Poke::Release(id),
        Poke::Duplicate(_) => Poke::Duplicate(id),
        Poke::Deliver(_) => Poke::Deliver(id),
        Poke::Delay(_, by) => Poke::Delay(id, *by),
        other => other.clone(),
    }
}
