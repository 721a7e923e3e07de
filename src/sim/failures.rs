//! Failures that come by themselves, and their repair: each server fails after a time that is drawn, and whole zones do.
//! Barlow and Proschan, *Mathematical Theory of Reliability* (1965), chapter 5 for the words; crews as in the machine repair problem.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::dist::Dist;
use super::draw::Concern;
use super::faults::Crash;
use super::id::NodeId;
use super::kernel::{Event, Sim};
use super::protocol::Protocol;
use super::queue::Slot;
use super::time::Span;
use super::trace::{Fault, Trace};

/// How servers fail and are repaired.
#[derive(Clone, Debug, PartialEq)]
pub struct Failures {
    /// How long a server works until it fails; its mean is the MTTF. `None`: none fails alone.
    pub lasts: Option<Dist>,
    /// Servers that never fail alone.
    pub spared: BTreeSet<NodeId>,
    /// How long a zone works until all its servers fail together. `None`: none does.
    pub zone_lasts: Option<Dist>,
    /// How long a zone that failed stays so: then all that it stopped boots at once, without a crew. `None`: crews repair each of them.
    pub zone_repair: Option<Dist>,
    /// How long a repair takes once a crew is there; its mean is the MTTR.
    pub repair: Dist,
    /// How many servers can be repaired at the same time; `None`: all.
    pub crews: Option<u32>,
    /// Whether crews repair what was stopped by hand too.
    pub by_hand: bool,
    /// What a failure does to the disk.
    pub disk: Crash,
}

/// The least that a server or a zone works, and that a repair takes: a failure that takes no time would come for ever without time passing.
pub const LEAST: Span = Span::ms(1);

/// The failures of one run.
#[derive(Clone, Debug, Default)]
pub(super) struct Failing {
    how: Option<Failures>,
    /// Where the next failure of each server waits.
    servers: BTreeMap<NodeId, Slot>,
    /// Where the next failure of each zone waits.
    zones: BTreeMap<u16, Slot>,
    /// The failures and repairs of each zone so far, for their draws.
    zones_drawn: BTreeMap<u16, u64>,
    /// Zones that failed, with what each stopped: it comes back with its zone.
    out: BTreeMap<u16, BTreeSet<NodeId>>,
    /// Servers that failed and for which there is no crew yet, in order.
    broken: VecDeque<NodeId>,
    /// Where the end of each repair waits.
    repairs: BTreeMap<NodeId, Slot>,
    /// The failures and repairs of each server so far, for their draws.
    drawn: BTreeMap<NodeId, u64>,
}

impl<P: Protocol> Sim<P> {
    /// Lets servers fail like this from now on, or no more: what has failed already is still repaired where there is a crew.
    pub fn set_failures(&mut self, how: Option<Failures>) {
        let failing = &mut self.failing;
        let zones = std::mem::take(&mut failing.zones).into_values();
        for slot in std::mem::take(&mut failing.servers).into_values().chain(zones) {
            self.wires.queue.take(slot);
        }
        failing.how = how;
        let servers: Vec<NodeId> = self.server_ids().collect();
        for id in servers {
            self.watch_for_failure(id);
        }
        for zone in 0..self.wires.network.map().distance.len() as u16 {
            self.watch_zone(zone);
        }
        self.send_crews();
    }

    /// How servers fail, where they do by themselves.
    pub fn failures(&self) -> Option<&Failures> {
        self.failing.how.as_ref()
    }

    /// Whether a server failed by itself and is not repaired yet; and whether a crew is there.
    pub fn repair(&self, id: NodeId) -> Option<bool> {
        let is_there = self.failing.repairs.contains_key(&id);
        (is_there || self.failing.broken.contains(&id)).then_some(is_there)
    }

    /// Whether a server is down because its zone failed, and comes back with it.
    pub fn is_out_with_its_zone(&self, id: NodeId) -> bool {
        self.failing.out.values().any(|struck| struck.contains(&id))
    }

    fn draw_span(&mut self, id: NodeId, concern: Concern, dist: &Dist) -> Span {
        let drawn = self.failing.drawn.entry(id).or_insert(0);
        *drawn += 1;
        dist.sample(&mut self.wires.draws.of_node(concern, id.code(), *drawn)).max(LEAST)
    }

    /// Draws when a server that runs will fail.
    pub(super) fn watch_for_failure(&mut self, id: NodeId) {
        let alone = self.failing.how.as_ref().filter(|how| !how.spared.contains(&id));
        let lasts = alone.and_then(|how| how.lasts.clone());
        let Some(lasts) = lasts.filter(|_| !id.is_client() && self.node(id).is_up()) else { return };
        let after = self.draw_span(id, Concern::Failure, &lasts);
        let slot = self.wires.queue.push(self.wires.now + after, Event::Fails(id));
        self.failing.servers.insert(id, slot);
    }

    /// A server that died, left or booted by hand: what was to happen to it by itself does not.
    pub(super) fn forget_failure(&mut self, id: NodeId) {
        let failing = &mut self.failing;
        failing.broken.retain(|broken| *broken != id);
        failing.out.values_mut().for_each(|struck| _ = struck.remove(&id));
        for slot in [failing.servers.remove(&id), failing.repairs.remove(&id)].into_iter().flatten() {
            self.wires.queue.take(slot);
        }
        self.send_crews();
    }

    fn draw_zone_span(&mut self, zone: u16, dist: &Dist) -> Span {
        let drawn = self.failing.zones_drawn.entry(zone).or_insert(0);
        *drawn += 1;
        dist.sample(&mut self.wires.draws.of_node(Concern::ZoneFailure, zone, *drawn)).max(LEAST)
    }

    /// Draws when a zone that works will fail.
    fn watch_zone(&mut self, zone: u16) {
        let lasts = self.failing.how.as_ref().and_then(|how| how.zone_lasts.clone());
        let Some(lasts) = lasts.filter(|_| !self.failing.out.contains_key(&zone)) else { return };
        let after = self.draw_zone_span(zone, &lasts);
        let slot = self.wires.queue.push(self.wires.now + after, Event::ZoneFails(zone));
        self.failing.zones.insert(zone, slot);
    }

    /// A server was stopped by hand: a crew comes where crews do that.
    pub(super) fn stopped_by_hand(&mut self, id: NodeId) {
        if !id.is_client() && self.failing.how.as_ref().is_some_and(|how| how.by_hand) {
            self.failing.broken.push_back(id);
            self.send_crews();
        }
    }

    /// A server fails by itself.
    pub(super) fn on_fails(&mut self, id: NodeId) {
        self.failing.servers.remove(&id);
        self.fail(id);
    }

    fn fail(&mut self, id: NodeId) {
        let Some(disk) = self.failing.how.as_ref().map(|how| how.disk) else { return };
        self.fails_with(id, disk);
        self.failing.broken.push_back(id);
        self.send_crews();
    }

    fn fails_with(&mut self, id: NodeId, disk: Crash) {
        self.stop(id, disk);
        self.wires.noteworthy = true;
        self.wires.log(Trace::Fault(id, Fault::Failed));
    }

    /// A process dies of what it did itself. Its machine lives, and a crew starts it again where servers have crews.
    pub(super) fn dies(&mut self, id: NodeId) {
        self.fails_with(id, Crash::KeepDisk);
        if self.failing.how.is_some() {
            self.failing.broken.push_back(id);
            self.send_crews();
        }
    }

    /// Everything in a zone that runs fails at once.
    pub(super) fn on_zone_fails(&mut self, zone: u16) {
        self.failing.zones.remove(&zone);
        let Some(how) = self.failing.how.clone() else { return };
        let map = self.wires.network.map();
        let struck: Vec<NodeId> = self.server_ids().filter(|id| map.zone(*id) == usize::from(zone) && self.node(*id).is_up()).collect();
        let Some(repair) = how.zone_repair else {
            for id in struck {
                self.fail(id);
            }
            return self.watch_zone(zone);
        };
        for id in &struck {
            self.fails_with(*id, how.disk);
        }
        self.failing.out.insert(zone, struck.into_iter().collect());
        let takes = self.draw_zone_span(zone, &repair);
        self.wires.queue.push(self.wires.now + takes, Event::ZoneRepaired(zone));
    }

    /// A zone works again, and boots what it stopped.
    pub(super) fn on_zone_repaired(&mut self, zone: u16) {
        for id in self.failing.out.remove(&zone).unwrap_or_default() {
            self.comes_back(id);
        }
        self.watch_zone(zone);
    }

    fn comes_back(&mut self, id: NodeId) {
        self.wires.noteworthy = true;
        self.wires.log(Trace::Fault(id, Fault::Repaired));
        self.restart(id);
    }

    /// Every crew that has nothing to do repairs who has waited longest.
    fn send_crews(&mut self) {
        let Some(how) = self.failing.how.clone() else { return };
        let crews = how.crews.map_or(usize::MAX, |crews| crews.max(1) as usize);
        while self.failing.repairs.len() < crews {
            let Some(id) = self.failing.broken.pop_front() else { return };
            let takes = self.draw_span(id, Concern::Repair, &how.repair);
            let slot = self.wires.queue.push(self.wires.now + takes, Event::Repaired(id));
            self.failing.repairs.insert(id, slot);
        }
    }

    pub(super) fn on_repaired(&mut self, id: NodeId) {
        self.failing.repairs.remove(&id);
        self.comes_back(id);
        self.send_crews();
    }
}
