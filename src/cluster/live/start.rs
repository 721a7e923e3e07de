//! From a scenario to a running cluster, or to everything that is wrong with it.

use std::sync::Arc;

use crate::cluster::{BadScenario, Cluster, Scenario};
use crate::sim::dist::Dist;
use crate::sim::id::NodeId;
use crate::sim::kernel::{Config, Sim};
use crate::sim::network::{Map, Policy};

use super::{Live, Speeds, Staged};

fn bad(field: &str, message: String) -> BadScenario {
    BadScenario { field: field.to_string(), message }
}

/// Starts a cluster.
pub fn start<P: Staged>(scenario: &Scenario) -> Result<Box<dyn Cluster>, Vec<BadScenario>> {
    let model = P::model();
    let mut wrong = Vec::new();
    let servers = count("nodes", scenario.nodes, model.nodes, &mut wrong);
    let clients = count("clients", scenario.clients, model.clients, &mut wrong);
    let zones = zones(scenario, servers, clients, &mut wrong);
    let mut settings = P::settings(Vec::new());
    for (name, text) in &scenario.settings {
        if let Err(message) = P::set(&mut settings, name, text) {
            wrong.push(bad(name, message));
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let map = zones.map(&P::speeds(&settings));
    let mut complete = P::settings(near(&map, servers, clients));
    for doc in model.settings {
        let result = P::set(&mut complete, doc.name, &P::get(&settings, doc.name));
        assert!(result.is_ok(), "a setting reads back what it prints: {}", doc.name);
    }
    let Speeds { handling, disk, .. } = P::speeds(&settings);
    let policy = Policy::default();
    let config = Config { seed: scenario.seed, servers, clients, map, policy, disk, handling, keep_trace: true, settings: complete };
    Ok(Box::new(Live::<P>::over(Sim::new(config))))
}

fn count(field: &str, wanted: Option<u16>, (usual, most): (u16, u16), wrong: &mut Vec<BadScenario>) -> u16 {
    let wanted = wanted.unwrap_or(usual);
    if (1..=most).contains(&wanted) {
        return wanted;
    }
    wrong.push(bad(field, format!("`{field}` is 1 to {most} here, not {wanted}")));
    usual
}

/// The zone of each server and each client.
struct Zones {
    names: Vec<String>,
    servers: Vec<u8>,
    clients: Vec<u8>,
}

impl Zones {
    fn map(self, speeds: &Speeds) -> Map {
        let distance = distances(self.names.len().max(1), &speeds.near, &speeds.far);
        Map { servers: self.servers, clients: self.clients, distance, names: self.names }
    }
}

/// The latency within and between zones.
pub(super) fn distances(zones: usize, near: &Dist, far: &Dist) -> Vec<Vec<Arc<Dist>>> {
    let (near, far) = (Arc::new(near.clone()), Arc::new(far.clone()));
    let row = |i| (0..zones).map(|j| if i == j { near.clone() } else { far.clone() }).collect();
    (0..zones).map(row).collect()
}

fn zones(scenario: &Scenario, servers: u16, clients: u16, wrong: &mut Vec<BadScenario>) -> Zones {
    let names: Vec<String> = scenario.zones.iter().map(|(name, _)| name.clone()).collect();
    let mut zones = Zones { names, servers: vec![0; servers.into()], clients: vec![0; clients.into()] };
    let mut placed: Vec<NodeId> = Vec::new();
    for (number, (name, nodes)) in scenario.zones.iter().enumerate() {
        for id in nodes {
            let list = if id.is_client() { &mut zones.clients } else { &mut zones.servers };
            match list.get_mut(id.index()) {
                _ if placed.contains(id) => wrong.push(bad("zones", format!("{id} is in two zones, and again in `{name}`"))),
                Some(zone) => *zone = number as u8,
                None => wrong.push(bad("zones", format!("zone `{name}` names {id}, which does not exist"))),
            }
            placed.push(*id);
        }
    }
    zones
}

/// For each client, the servers from near to far by the mean latency of the map; equals by their number.
pub fn near(map: &Map, servers: u16, clients: u16) -> Vec<Vec<NodeId>> {
    let order = |client| {
        let mut list: Vec<NodeId> = (0..servers).map(NodeId::server).collect();
        list.sort_by_key(|id| (map.latency(NodeId::client(client), *id).mean(), *id));
        list
    };
    (0..clients).map(order).collect()
}
