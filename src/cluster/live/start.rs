//! From a scenario to a running cluster, or to everything that is wrong with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::cluster::kit::settings::{Declared as _, Speeds};
use crate::cluster::{BadScenario, Cluster, Scenario};
use crate::command::is_zone;
use crate::harmless::sentence;
use crate::sim::dist::Dist;
use crate::sim::id::NodeId;
use crate::sim::kernel::{Config, Sim};
use crate::sim::machine::Machine;
use crate::sim::network::{Map, Policy};

use super::{Live, Staged};

fn bad(field: &str, message: impl Into<String>) -> BadScenario {
    BadScenario { field: field.to_string(), message: sentence(&message.into()) }
}

/// Starts a cluster.
pub fn start<P: Staged>(scenario: &Scenario) -> Result<Box<dyn Cluster>, Vec<BadScenario>> {
    let model = P::MODEL;
    let (mut settings, unset) = settings::<P>(scenario);
    let mut wrong = Vec::new();
    let servers = servers(P::lay_out(&mut settings), scenario.nodes, model.nodes, &mut wrong);
    let clients = count("clients", scenario.clients, 0, model.clients, &mut wrong);
    let usual = P::usual_zones(&settings, servers, clients);
    let named = if scenario.zones.is_empty() { &usual } else { &scenario.zones };
    let zones = zones(named, servers, clients, &mut wrong);
    wrong.extend(unset);
    wrong.extend(P::fits(&settings, servers, clients).err().map(|(name, message)| bad(name, message)));
    if !wrong.is_empty() {
        return Err(first(wrong));
    }
    let map = zones.map(&P::speeds(&settings));
    let Speeds { handling, disk, .. } = P::speeds(&settings);
    let policy = Policy::default();
    let config = Config { seed: scenario.seed, servers, clients, map, policy, disk, handling, keep_trace: true, settings };
    Ok(Box::new(Live::<P>::over(Sim::new(config))))
}

/// The settings of a scenario, and what is wrong with them.
fn settings<P: Staged>(scenario: &Scenario) -> (P::Settings, Vec<BadScenario>) {
    let mut settings = P::Settings::default();
    let wrong = scenario.settings.iter().filter_map(|(name, text)| settings.set(name, text).err().map(|message| bad(name, message)));
    let wrong = wrong.collect();
    (settings, wrong)
}

/// How many servers there are: by settings where those say it.
fn servers(own: Option<u16>, wanted: Option<u16>, range: (u16, u16), wrong: &mut Vec<BadScenario>) -> u16 {
    let Some(own) = own else { return count("nodes", wanted, 1, range, wrong) };
    if wanted.is_some_and(|wanted| wanted != own) {
        wrong.push(bad("nodes", format!("`nodes` follows from the settings here: these ask for {own}; leave it out")));
    }
    own
}

fn count(field: &str, wanted: Option<u16>, least: u16, (usual, most): (u16, u16), wrong: &mut Vec<BadScenario>) -> u16 {
    let wanted = wanted.unwrap_or(usual);
    if (least..=most).contains(&wanted) {
        return wanted;
    }
    wrong.push(bad(field, format!("`{field}` is {least} to {most} here, not {wanted}")));
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
fn distances(zones: usize, near: &Dist, far: &Dist) -> Vec<Vec<Arc<Dist>>> {
    let (near, far) = (Arc::new(near.clone()), Arc::new(far.clone()));
    let row = |i| (0..zones).map(|j| if i == j { near.clone() } else { far.clone() }).collect();
    (0..zones).map(row).collect()
}

/// The latencies, handling and disk times of settings that were changed.
pub(super) fn adapt(machine: &mut dyn Machine, speeds: &Speeds) {
    let mut map = machine.network().map().clone();
    map.distance = distances(map.distance.len(), &speeds.near, &speeds.far);
    machine.network_mut().set_map(map);
    machine.set_handling(speeds.handling);
    machine.set_disk(speeds.disk.clone());
}

/// The most mistakes that are told.
const TOLD: usize = 50;

/// The first mistakes, and how many more there are.
fn first(mut wrong: Vec<BadScenario>) -> Vec<BadScenario> {
    let more = wrong.len().saturating_sub(TOLD);
    wrong.truncate(TOLD);
    let last = wrong.last().filter(|_| more > 0).map(|last| bad(&last.field, format!("and {more} more mistakes")));
    wrong.extend(last);
    wrong
}

/// The most zones; more than there are nodes in any cluster.
const ZONES_MAX: usize = 64;

fn zones(given: &[(String, Vec<NodeId>)], servers: u16, clients: u16, wrong: &mut Vec<BadScenario>) -> Zones {
    let names: Vec<String> = given.iter().map(|(name, _)| name.clone()).collect();
    wrong.extend(bad_names(&names).into_iter().map(|message| bad("zones", message)));
    let mut zones = Zones { names, servers: vec![0; servers.into()], clients: vec![0; clients.into()] };
    let mut placed = BTreeSet::new();
    for (number, (name, nodes)) in given.iter().enumerate() {
        for id in nodes {
            let list = if id.is_client() { &mut zones.clients } else { &mut zones.servers };
            match list.get_mut(id.index()) {
                _ if !placed.insert(*id) => wrong.push(bad("zones", format!("{id} is in two zones, and again in `{name}`"))),
                Some(zone) => *zone = number as u8,
                None => wrong.push(bad("zones", format!("zone `{name}` names {id}, which does not exist"))),
            }
        }
    }
    zones
}

/// What is wrong with the names of the zones.
fn bad_names(names: &[String]) -> Vec<String> {
    if names.len() > ZONES_MAX {
        return vec![format!("there are {} zones; {ZONES_MAX} are the most", names.len())];
    }
    let mut known = BTreeSet::new();
    let wrong = names.iter().filter_map(|name| match name {
        name if !is_zone(name) => {
            Some(format!("`{name}` is no name for a zone; it is made of lower-case letters, digits and `-`, and reads like no node"))
        }
        name if !known.insert(name) => Some(format!("two zones are called `{name}`")),
        _ => None,
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::registry::MODELS;

    fn scenario(model: &str) -> Scenario {
        Scenario { model: model.into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 1 }
    }

    #[test]
    fn a_scenario_that_cannot_be_is_refused_and_never_panics() {
        for model in MODELS {
            let fields = |change: &dyn Fn(&mut Scenario)| {
                let mut scenario = scenario(model.name);
                change(&mut scenario);
                let bad = (model.start)(&scenario).err().unwrap_or_default();
                bad.into_iter().map(|bad| bad.field).collect::<Vec<_>>()
            };
            assert!(fields(&|_| {}).is_empty());
            for name in ["n1", "c2", "n0", "all", "EU", ""] {
                assert_eq!(fields(&|s| s.zones = vec![(name.into(), Vec::new())]), ["zones"], "{name}");
            }
            assert_eq!(fields(&|s| s.zones = vec![("eu".into(), Vec::new()); 2]), ["zones"]);
            assert_eq!(fields(&|s| s.zones = (0..300).map(|i| (format!("z{i}"), Vec::new())).collect()), ["zones"]);
            assert_eq!(fields(&|s| s.zones = vec![("eu".into(), vec![NodeId::server(0); 3])]), ["zones"; 2]);
            assert_eq!(fields(&|s| s.zones = vec![("eu".into(), vec![NodeId::server(8)])]), ["zones"]);
            assert_eq!(fields(&|s| s.zones = vec![("eu".into(), vec![NodeId::server(0); 300])]).len(), TOLD + 1);
            assert_eq!(fields(&|s| (s.nodes, s.clients) = (Some(65535), Some(65535))), ["nodes", "clients"]);
            for setting in model.settings {
                for wrong in ["n9", "any 0", "-1", "1e308", "NaN", "99999999999999999999s", "lognormal(1ms, 1000)", "\u{1b}[2J"] {
                    let named = fields(&|s| s.settings = vec![(setting.name.into(), wrong.into())]);
                    assert_eq!(named, [setting.name], "{wrong}");
                }
            }
        }
    }
}
