//! What can happen next, from the simulation.

use std::collections::BTreeMap;

use crate::cluster::ahead::{Ahead, COMING_MAX, Comes, Coming, MessageAhead, WIRE_MAX, WireAhead};
use crate::sim::coming::Coming as Kernel;
use crate::sim::id::NodeId;
use crate::sim::kernel::Flight;

use super::{Labelled as _, Live, Staged};

impl<P: Staged> Live<P> {
    /// Where messages wait until they are chosen: all that can happen next.
    pub(super) fn what_is_ahead(&self) -> Ahead {
        if !self.sim.holds_all() {
            return Ahead::default();
        }
        let mut wires: BTreeMap<(NodeId, NodeId), Vec<&Flight<P::Msg>>> = BTreeMap::new();
        let (mut messages, mut waiting) = (0, 0);
        for flight in self.sim.flights() {
            messages += 1;
            waiting += usize::from(flight.is_held());
            wires.entry((flight.leg.to, flight.leg.from)).or_default().push(flight);
        }
        let mut coming = self.coming();
        let more = coming.len().saturating_sub(COMING_MAX);
        coming.truncate(COMING_MAX);
        let wires = wires.into_iter().map(|((to, from), flights)| self.wire_ahead(from, to, flights)).collect();
        Ahead { holds: true, wires, messages, waiting, coming, more }
    }

    fn coming(&self) -> Vec<Coming> {
        let what = |coming| match coming {
            Kernel::Timer(id, timer) => P::timer(timer).map_or(Comes::Unnamed(id), |name| Comes::Timer(id, name)),
            Kernel::Worked(id) => Comes::Works(id),
            Kernel::Synced(id) => Comes::Synced(id),
            Kernel::Asks(id) => Comes::Asks(id),
            Kernel::Waited(id) => Comes::Waited(id),
            Kernel::Fails(id) | Kernel::Repaired(id) => Comes::Fault(id),
            Kernel::ZoneFails(zone) | Kernel::ZoneRepaired(zone) => Comes::ZoneFault(self.zone_name(zone)),
            Kernel::Arrives(id) => Comes::Arrives(id),
            Kernel::Dies(id) => Comes::Dies(id),
        };
        self.sim.coming().into_iter().map(|due| Coming { at: due.at, steps: due.before + 1, what: what(due.what) }).collect()
    }

    fn zone_name(&self, zone: u16) -> String {
        let names = &self.sim.network().map().names;
        names.get(usize::from(zone)).cloned().unwrap_or_else(|| format!("zone {zone}"))
    }

    fn wire_ahead(&self, from: NodeId, to: NodeId, mut flights: Vec<&Flight<P::Msg>>) -> WireAhead {
        flights.sort_unstable_by_key(|flight| flight.leg.id);
        let network = self.sim.network();
        let dies = match () {
            () if network.is_cut(from, to) => Some("a cut stops it"),
            () if !self.sim.node(to).is_up() => Some("it is lost: the receiver is down"),
            () => None,
        };
        let message = |flight: &&Flight<P::Msg>| MessageAhead {
            id: flight.leg.id,
            kind: P::Msg::on_stage(flight.leg.kind),
            label: flight.msg.label(),
            sent: flight.leg.sent,
            due: (!flight.is_held()).then_some(flight.due),
            lost: !flight.is_held() && flight.lost,
        };
        let messages: Vec<MessageAhead> = flights.iter().take(WIRE_MAX).map(message).collect();
        WireAhead { from, to, ordered: network.keeps_order(from, to), dies, more: flights.len() - messages.len(), messages }
    }
}
