//! What must hold after every event, whatever was done to the cluster. A break is a fault of this program, never of the learner's design, so
//! each invariant says under which terms it is promised.

use crate::algo::partition::table::Rule;
use crate::check::operation::Key;
use crate::cluster::kit::fsync::Fsync;
use crate::cluster::live::Upheld;
use crate::command::{DiskFate, Poke};
use crate::persistent::Change;
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::Entry;

use super::Ring;
use super::disk::{Disk, Row};
use super::keys::{Named, read};
use super::look::{disk, newest, node, servers_of};
use super::map::Map;
use super::node::Node;
use super::note::Note;
use super::request::{Done, Request};
use super::settings::{Index, Misrouted, Moving, ReplicasBy, Scheme};

type Held = Result<(), String>;

/// What is remembered to see that the invariants hold.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    /// What each server had durably after the event before.
    durable: Vec<Disk>,
    /// The version up to which maps were looked at.
    version: u32,
    /// How many requests each server had carried out.
    served: Vec<u64>,
    /// Whether keys moved otherwise than fenced, or nodes answered for keys of others.
    loose: bool,
    /// Whether a disk was wiped, promises were made from memory, or a node was given up, which an operator vouches for.
    forgetful: bool,
}

impl Upheld<Ring> for Invariants {
    fn begin(&mut self, sim: &Sim<Ring>) {
        self.durable = sim.server_ids().map(|id| sim.node(id).store().durable().clone()).collect();
        self.served = vec![0; self.durable.len()];
        self.note_terms(sim);
    }

    fn poked(&mut self, poke: &Poke, sim: &Sim<Ring>) {
        match poke {
            Poke::Crash(_, DiskFate::Wiped) => self.forgetful = true,
            Poke::Operate(call) if call.verb.name == "fail-over" => self.forgetful = true,
            Poke::Set(..) => self.note_terms(sim),
            _ => {}
        }
        let servers = usize::from(sim.servers());
        self.durable.resize(servers, Disk::default());
        self.served.resize(servers, 0);
        if self.forgetful {
            self.durable = (0..sim.servers()).map(|id| sim.node(NodeId::server(id)).store().durable().clone()).collect();
        }
    }

    fn recorded(&mut self, _: &Record<Request, Done>, _: &Sim<Ring>) -> Held {
        Ok(())
    }

    fn traced(&mut self, _: &Entry<Note>, _: &Sim<Ring>) -> Held {
        Ok(())
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Ring>) -> Held {
        self.maps_are_sound(sim)?;
        match touched {
            Some(id) if id.is_client() => Ok(()),
            Some(id) => self.look_at(id, sim),
            None => sim.server_ids().try_for_each(|id| self.look_at(id, sim)),
        }
    }
}

impl Invariants {
    fn note_terms(&mut self, sim: &Sim<Ring>) {
        let settings = sim.settings();
        self.loose |= settings.moving != Moving::Fenced || settings.misrouted == Misrouted::Serve;
        self.forgetful |= settings.fsync == Fsync::Lazy;
    }

    fn maps_are_sound(&mut self, sim: &Sim<Ring>) -> Held {
        let newer = |id: NodeId| disk(sim, id).version() > self.version;
        let any = sim.touched().map_or_else(|| sim.server_ids().any(newer), |id| !id.is_client() && newer(id));
        let Some(map) = newest(sim).filter(|_| any) else { return Ok(()) };
        self.version = map.version;
        is_sound(&map)?;
        let holder = sim.server_ids().find(|id| disk(sim, *id).version() == map.version);
        let before = holder.and_then(|id| disk(sim, id).maps.iter().rev().nth(1).cloned());
        before.map_or(Ok(()), |before| moves_little(&before, &map))
    }

    /// What a server has gained or lost since the event before.
    fn look_at(&mut self, id: NodeId, sim: &Sim<Ring>) -> Held {
        if let Some(node) = node(sim, id) {
            let served = std::mem::replace(&mut self.served[id.index()], node.counts.served);
            if node.counts.served > served {
                self.one_owner(id, node, sim)?;
            }
        }
        let now = sim.node(id).store().durable();
        let before = std::mem::replace(&mut self.durable[id.index()], now.clone());
        if now.working() < before.working() && !self.forgetful {
            return Err(format!("a node never goes back to an older map: {id} went from {} to {}", before.working(), now.working()));
        }
        if before.rows.ptr_eq(&now.rows) {
            return Ok(());
        }
        before.rows.diff(&now.rows).try_for_each(|change| match change {
            Change::Update { old: (key, old), new: (_, new) } if new.stamp < old.stamp && !self.forgetful => {
                Err(format!("a row grows only newer: {id} had a newer version of {key}"))
            }
            Change::Remove(key, old) => self.kept_by_its_owner(id, key, old, sim),
            _ => Ok(()),
        })
    }

    /// Only who has a key answers for it, and nobody else has it then.
    fn one_owner(&self, id: NodeId, node: &Node, sim: &Sim<Ring>) -> Held {
        let Some(key) = node.served.as_ref().filter(|_| !self.loose && !self.forgetful) else { return Ok(()) };
        match servers_of(sim, key).find(|other| *other != id) {
            Some(other) if super::look::serves(sim, id, key) => Err(format!("a key has one owner: {id} and {other} both serve {key}")),
            _ => Ok(()),
        }
    }

    /// A row is forgotten only once another node, its owner, has it durably.
    fn kept_by_its_owner(&self, id: NodeId, key: &Key, old: &Row, sim: &Sim<Ring>) -> Held {
        let has = |other: NodeId| sim.node(other).store().durable().rows.get(key).is_some_and(|row| row.stamp >= old.stamp);
        let kept = sim.server_ids().any(|other| other != id && has(other));
        // Where there is no global index its entries are of no use.
        let is_useless = matches!(read(key), Named::Entry(_)) && sim.settings().index == Index::Local;
        if kept || is_useless || self.loose || self.forgetful {
            return Ok(());
        }
        Err(format!("a row is kept until its owner has it: {id} has forgotten {key}"))
    }
}

/// Ranges cover every key once, copies are on different servers, owners are members.
fn is_sound(map: &Map) -> Held {
    let version = map.version;
    if let Rule::Range(ranges) = map.table.rule()
        && !ranges.cover()
    {
        return Err(format!("ranges cover every key, each once: not in map {version}"));
    }
    let probes = ["", "a", "k7", "11-24:0001", "zzz", "=anna 11-20:0001", "hot+3"];
    probes.iter().try_for_each(|key| {
        let homes = map.homes(key);
        let mut distinct = homes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let enough = map.plan.replicas_by == ReplicasBy::Token || distinct.len() == (map.plan.replicas as usize).min(map.members().count());
        if enough && distinct.len() <= homes.len() && homes.iter().all(|home| map.has(*home)) && homes.first() == Some(&map.primary(key)) {
            return Ok(());
        }
        Err(format!("copies are on different members, the owner's first: map {version} has {homes:?} for `{key}`"))
    })
}

/// On a ring and under rendezvous hashing keys move to a node that comes and from one that goes, and between no others.
fn moves_little(before: &Map, map: &Map) -> Held {
    let hashed = |map: &Map| matches!(map.plan.scheme, Scheme::Ring | Scheme::Rendezvous) && map.plan.bound.is_none();
    // The parts of a counter go round all nodes.
    let same_members = before.members().eq(map.members()) || !map.salted.is_empty();
    if !hashed(map) || before.plan != map.plan || same_members || !map.forced.is_empty() {
        return Ok(());
    }
    match map.flows.iter().find(|(from, to)| map.has(*from) && before.has(*to)) {
        Some((from, to)) => Err(format!("nothing moves between nodes that stay: map {} moves keys from {from} to {to}", map.version)),
        None => Ok(()),
    }
}
