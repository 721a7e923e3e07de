//! What can happen next, from the simulation.

use std::collections::BTreeMap;

use crate::cluster::ahead::{Ahead, COMING_MAX, Comes, Coming, MessageAhead, WIRE_MAX, WireAhead};
use crate::sim::coming::Coming as Kernel;
use crate::sim::id::NodeId;
use crate::sim::kernel::Flight;
use crate::sim::machine::Machine;
use crate::sim::network::Map;
use crate::sim::trace::Leg;

use super::{Labelled as _, Live, Staged};

impl<P: Staged> Live<P> {
    /// Where messages wait until they are chosen: all that can happen next.
    pub(super) fn what_is_ahead(&self) -> Ahead {
        if !self.sim.holds_all() {
            return Ahead::default();
        }
        let flights: Vec<&Flight<P::Msg>> = self.sim.flights().collect();
        let waiting = flights.iter().filter(|flight| flight.is_held()).count();
        let legs: Vec<Leg> = flights.iter().map(|flight| flight.leg).collect();
        let message = |number: usize| message::<P>(flights[number]);
        let wires = wires(&legs).into_iter().map(|(wire, numbers)| wire_ahead(&self.sim, wire, &numbers, &message)).collect();
        let mut coming = self.coming();
        let more = coming.len().saturating_sub(COMING_MAX);
        coming.truncate(COMING_MAX);
        Ahead { holds: true, wires, messages: flights.len(), waiting, coming, more }
    }

    fn coming(&self) -> Vec<Coming> {
        let (names, map) = (P::timer, self.sim.network().map());
        self.sim
            .coming()
            .into_iter()
            .map(|due| Coming { at: due.at, steps: due.before + 1, what: due.what.name(names).comes(map) })
            .collect()
    }
}

impl Kernel<Option<&'static str>> {
    /// What it is in the words of the screen.
    fn comes(self, map: &Map) -> Comes {
        match self {
            Kernel::Timer(id, name) => name.map_or(Comes::Unnamed(id), |name| Comes::Timer(id, name)),
            Kernel::Worked(id) => Comes::Works(id),
            Kernel::Synced(id) => Comes::Synced(id),
            Kernel::Asks(id) => Comes::Asks(id),
            Kernel::Waited(id) => Comes::Waited(id),
            Kernel::Fails(id) | Kernel::Repaired(id) => Comes::Fault(id),
            Kernel::ZoneFails(zone) | Kernel::ZoneRepaired(zone) => Comes::ZoneFault(zone_name(map, zone)),
            Kernel::Arrives(id) => Comes::Arrives(id),
            Kernel::Dies(id) => Comes::Dies(id),
        }
    }
}

fn zone_name(map: &Map, zone: u16) -> String {
    map.names.get(usize::from(zone)).cloned().unwrap_or_else(|| format!("zone {zone}"))
}

fn message<P: Staged>(flight: &Flight<P::Msg>) -> MessageAhead {
    MessageAhead {
        id: flight.leg.id,
        kind: P::Msg::on_stage(flight.leg.kind),
        label: flight.msg.label(),
        sent: flight.leg.sent,
        due: (!flight.is_held()).then_some(flight.due),
        lost: !flight.is_held() && flight.lost,
    }
}

/// A sender and a receiver.
type Wire = (NodeId, NodeId);

/// The wires in the order of the receivers, each with the numbers of the messages on it, in the order in which they were sent.
fn wires(legs: &[Leg]) -> Vec<(Wire, Vec<usize>)> {
    let mut wires: BTreeMap<Wire, Vec<usize>> = BTreeMap::new();
    for (number, leg) in legs.iter().enumerate() {
        wires.entry((leg.to, leg.from)).or_default().push(number);
    }
    let in_order = |((to, from), mut numbers): (Wire, Vec<usize>)| {
        numbers.sort_unstable_by_key(|number| legs[*number].id);
        ((from, to), numbers)
    };
    wires.into_iter().map(in_order).collect()
}

fn wire_ahead(machine: &dyn Machine, (from, to): Wire, numbers: &[usize], message: &dyn Fn(usize) -> MessageAhead) -> WireAhead {
    let network = machine.network();
    let dies = match () {
        () if network.is_cut(from, to) => Some("a cut stops it"),
        () if !machine.is_up(to) => Some("it is lost: the receiver is down"),
        () => None,
    };
    let messages: Vec<MessageAhead> = numbers.iter().take(WIRE_MAX).map(|number| message(*number)).collect();
    WireAhead { from, to, ordered: network.keeps_order(from, to), dies, more: numbers.len() - messages.len(), messages }
}
