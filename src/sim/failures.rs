//! Failures that come by themselves, and their repair: each server fails after a time that is drawn, and whole zones do.
//! Barlow and Proschan, *Mathematical Theory of Reliability* (1965), chapter 5 for the words; crews as in the machine repair problem.

use std::collections::{BTreeMap, VecDeque};

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
    /// How long a zone works until all its servers fail together. `None`: none does.
    pub zone_lasts: Option<Dist>,
    /// How long a repair takes once a crew is there; its mean is the MTTR.
    pub repair: Dist,
    /// How many servers can be repaired at the same time; `None`: all.
    pub crews: Option<u32>,
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
    /// Where the next failure of each zone waits, with the number of its draw.
    zones: Vec<(Slot, u64)>,
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
        let zones = std::mem::take(&mut failing.zones).into_iter().map(|(slot, _)| slot);
        for slot in std::mem::take(&mut failing.servers).into_values().chain(zones) {
            self.wires.queue.take(slot);
        }
        failing.how = how;
        let servers: Vec<NodeId> = self.server_ids().collect();
        for id in servers {
            self.watch_for_failure(id);
        }
        for zone in 0..self.wires.network.map().distance.len() {
            self.watch_zone(zone, 0);
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

    fn draw_span(&mut self, id: NodeId, concern: Concern, dist: &Dist) -> Span {
        let drawn = self.failing.drawn.entry(id).or_insert(0);
        *drawn += 1;
        dist.sample(&mut self.wires.draws.of_node(concern, id.code(), *drawn)).max(LEAST)
    }

    /// Draws when a server that runs will fail.
    pub(super) fn watch_for_failure(&mut self, id: NodeId) {
        let lasts = self.failing.how.as_ref().and_then(|how| how.lasts.clone());
        let Some(lasts) = lasts.filter(|_| !id.is_client() && self.node(id).is_up()) else { return };
        let after = self.draw_span(id, Concern::Failure, &lasts);
        let slot = self.wires.queue.push(self.wires.now + after, Event::Fails(id));
        self.failing.servers.insert(id, slot);
    }

    /// A server that died or left by hand fails no more, and is repaired by nobody.
    pub(super) fn forget_failure(&mut self, id: NodeId) {
        let failing = &mut self.failing;
        failing.broken.retain(|broken| *broken != id);
        for slot in [failing.servers.remove(&id), failing.repairs.remove(&id)].into_iter().flatten() {
            self.wires.queue.take(slot);
        }
        self.send_crews();
    }

    fn watch_zone(&mut self, zone: usize, number: u64) {
        let Some(lasts) = self.failing.how.as_ref().and_then(|how| how.zone_lasts.clone()) else { return };
        let after = lasts.sample(&mut self.wires.draws.of_node(Concern::ZoneFailure, zone as u16, number)).max(LEAST);
        let slot = self.wires.queue.push(self.wires.now + after, Event::ZoneFails(zone as u16));
        let watched = (slot, number + 1);
        match self.failing.zones.get_mut(zone) {
            Some(old) => *old = watched,
            None => self.failing.zones.push(watched),
        }
    }

    /// A server fails by itself.
    pub(super) fn on_fails(&mut self, id: NodeId) {
        self.failing.servers.remove(&id);
        self.fail(id);
    }

    fn fail(&mut self, id: NodeId) {
        let Some(disk) = self.failing.how.as_ref().map(|how| how.disk) else { return };
        self.crash(id, disk);
        self.wires.noteworthy = true;
        self.wires.log(Trace::Fault(id, Fault::Failed));
        self.failing.broken.push_back(id);
        self.send_crews();
    }

    /// Everything in a zone that runs fails at once.
    pub(super) fn on_zone_fails(&mut self, zone: u16) {
        let number = self.failing.zones.get(usize::from(zone)).map_or(0, |(_, number)| *number);
        let map = self.wires.network.map();
        let struck: Vec<NodeId> = self.server_ids().filter(|id| map.zone(*id) == usize::from(zone) && self.node(*id).is_up()).collect();
        for id in struck {
            self.fail(id);
        }
        self.watch_zone(zone.into(), number);
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
        self.wires.noteworthy = true;
        self.wires.log(Trace::Fault(id, Fault::Repaired));
        self.restart(id);
        self.send_crews();
    }
}
