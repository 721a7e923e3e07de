//! A server more (DDIA, chapter 5, setting up new followers): with a copy of the leader's log and its position there, from which it
//! goes on; or empty, so that the whole log has to come.
//!
//! Everybody counts it at once and nobody is asked, so an operator who does this vouches for the majorities (Raft, section 6, is what
//! it takes to be sure).

use crate::cluster::kit::fsync::recorded;
use crate::command::{Arg, Call, Place};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::entry::Disk;
use super::facts::{disk, ids, leaders, server};
use super::server::{Context, Peer, Role, Server};
use super::{MODEL, Replicated};

/// The forms that bring no copy.
const EMPTY: [u8; 2] = [1, 3];

/// What a new server brings: the disk of a leader, and how far that is applied.
struct Copy {
    disk: Disk,
    applied: u64,
    commit: u64,
}

pub(super) fn can_join(sim: &Sim<Replicated>, call: &Call) -> Result<(), String> {
    let next = next(sim).ok_or_else(|| format!("{} servers are the most here", MODEL.nodes.1))?;
    match call.get("NEW").and_then(Arg::place) {
        Some(Place::Node(id)) if *id == next => {}
        _ => return Err(format!("the next server is called {next}")),
    }
    zone(sim, call)?;
    if copies(call) && leaders(sim).is_empty() {
        return Err("nobody leads, so there is no log to copy".to_string());
    }
    Ok(())
}

pub(super) fn join(sim: &mut Sim<Replicated>, call: &Call) {
    let Ok(zone) = zone(sim, call) else { return };
    let copy = leaders(sim).last().filter(|_| copies(call)).and_then(|leader| copy_of(sim, *leader));
    let neighbour = sim.ids().find(|id| sim.network().map().zone(*id) == usize::from(zone));
    let Some(id) = sim.add_server(zone) else { return };
    if let Some(neighbour) = neighbour {
        sim.network_mut().settle(id, neighbour);
    }
    let last = copy.as_ref().map_or(0, |copy| copy.disk.last());
    if let Some(copy) = copy {
        with_server(sim, id, |server, cx| server.load(copy, cx));
    }
    for leader in ids(sim).filter(|other| *other != id).collect::<Vec<_>>() {
        with_server(sim, leader, |server, cx| server.admit(id, last, cx));
    }
}

/// Every way in which it can be tried: the next server in each zone.
pub(super) fn offers(sim: &Sim<Replicated>) -> Vec<Vec<Arg>> {
    let Some(next) = next(sim) else { return Vec::new() };
    let names = sim.network().map().names.iter();
    names.map(|name| vec![Arg::Place(Place::Node(next)), Arg::Place(Place::Named(name.clone()))]).collect()
}

/// What the next server is called; `None`: there are as many as there can be.
fn next(sim: &Sim<Replicated>) -> Option<NodeId> {
    sim.next_server().filter(|id| id.index() < MODEL.nodes.1.into())
}

fn copies(call: &Call) -> bool {
    !EMPTY.contains(&call.form)
}

/// The zone that is named; where none is, that of the newest leader, or of the first server.
fn zone(sim: &Sim<Replicated>, call: &Call) -> Result<u8, String> {
    let map = sim.network().map();
    let of = |id: NodeId| map.zone(id) as u8;
    match call.get("PLACE").and_then(Arg::place) {
        None => Ok(of(leaders(sim).last().copied().unwrap_or(NodeId::server(0)))),
        Some(Place::Node(id)) => Err(format!("{id} is no zone")),
        Some(Place::Named(name)) => map
            .names
            .iter()
            .position(|zone| zone == name)
            .map(|zone| zone as u8)
            .ok_or_else(|| crate::cluster::words::unknown("zone", name, map.names.iter().map(String::as_str))),
    }
}

fn copy_of(sim: &Sim<Replicated>, leader: NodeId) -> Option<Copy> {
    let server = server(sim, leader)?;
    // What a leader promised, or still has to hand over, is its own.
    let none = Disk::default();
    let disk = Disk { promised: none.promised, offers: none.offers, ..disk(sim, leader).clone() };
    Some(Copy { disk, applied: server.applied, commit: server.commit })
}

fn with_server(sim: &mut Sim<Replicated>, id: NodeId, order: impl FnOnce(&mut Server, &mut Context<'_>)) {
    sim.command(id, |state, cx| {
        if let Replicated::Server(server) = state {
            order(server, cx);
        }
    });
}

impl Server {
    /// Starts from a copy.
    fn load(&mut self, copy: Copy, cx: &mut Context<'_>) {
        let Copy { disk, applied, commit } = copy;
        if cx.write(|own| *own = disk).is_ok() {
            (self.applied, self.commit) = (applied, commit);
            self.rebuild(cx);
            recorded(cx);
        }
    }

    /// Who leads sends its log to a new follower, from the entry after the last that it brought.
    fn admit(&mut self, id: NodeId, last: u64, cx: &mut Context<'_>) {
        if let Role::Leader(lead) = &mut self.role {
            lead.peers.push(Peer { id, next: last + 1, matched: 0, answered: None });
            self.on_heartbeat(cx);
        }
    }
}
