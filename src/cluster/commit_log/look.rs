//! Who is what, for those who look at the cluster from outside.

use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::CommitLog;
use super::broker::{Broker, Office};
use super::consumer::Consumer;
use super::coordinator::State;
use super::disk::Disk;
use super::lead::Lead;
use super::log::Log;
use super::meta::{Meta, Seats};
use super::record::{Group, Part};
use super::roster::CONTROLLER;

/// The disk of a server.
pub(super) fn disk(sim: &Sim<CommitLog>, id: NodeId) -> &Disk {
    sim.node(id).store().current()
}

/// What the controller has decided.
pub(super) fn meta(sim: &Sim<CommitLog>) -> &Meta {
    &disk(sim, CONTROLLER).meta
}

/// The seats of a partition, as the controller has them.
pub(super) fn seats(sim: &Sim<CommitLog>, part: Part) -> Option<&Seats> {
    meta(sim).parts.get(&part).map(|seats| &**seats)
}

/// The replica of a partition on the disk of a broker.
pub(super) fn log(sim: &Sim<CommitLog>, id: NodeId, part: Part) -> Option<&Log> {
    disk(sim, id).logs.get(&part)
}

/// A broker that runs.
pub(super) fn broker(sim: &Sim<CommitLog>, id: NodeId) -> Option<&Broker> {
    match sim.node(id).state() {
        Some(CommitLog::Broker(broker)) => Some(broker),
        _ => None,
    }
}

/// A consumer that runs.
pub(super) fn consumer(sim: &Sim<CommitLog>, id: NodeId) -> Option<&Consumer> {
    match sim.node(id).state() {
        Some(CommitLog::Consumer(consumer)) => Some(consumer),
        _ => None,
    }
}

/// The consumers of a group that run.
pub(super) fn consumers(sim: &Sim<CommitLog>, group: Group) -> impl Iterator<Item = (NodeId, &Consumer)> {
    sim.settings().roster().consumers(group).filter_map(|id| Some((id, consumer(sim, id)?)))
}

/// What a broker keeps of a partition that it believes to lead.
pub(super) fn lead(sim: &Sim<CommitLog>, id: NodeId, part: Part) -> Option<&Lead> {
    match broker(sim, id)?.offices.get(&part) {
        Some(Office::Leader(lead)) => Some(lead),
        _ => None,
    }
}

/// The leader of a partition that is in office, as the controller has it: who it is, and what it keeps.
pub(super) fn leader(sim: &Sim<CommitLog>, part: Part) -> Option<(NodeId, &Lead)> {
    let seats = seats(sim, part)?;
    let id = seats.leader?;
    lead(sim, id, part).filter(|lead| lead.epoch == seats.epoch).map(|lead| (id, lead))
}

/// The log of a partition that counts: its leader's.
pub(super) fn official(sim: &Sim<CommitLog>, part: Part) -> Option<&Log> {
    log(sim, leader(sim, part)?.0, part)
}

/// The partitions of the topic.
pub(super) fn topic(sim: &Sim<CommitLog>) -> Vec<Part> {
    meta(sim).topic().map(|(part, _)| part).collect()
}

/// A group, as its coordinator has it.
pub(super) fn group(sim: &Sim<CommitLog>, group: Group) -> Option<&State> {
    broker(sim, leader(sim, Part::MARKS)?.0)?.coordinator.groups.get(&group)
}
