//! The names that commands to a running cluster can use, for completion and for checking what was typed.

use std::collections::BTreeSet;

use super::Cluster;
use super::model::Model;
use super::scene::Scene;
use crate::check::verdict::Guarantee;
use crate::command::{SettingName, Vocabulary};

/// Every name of this cluster as it is now.
pub fn vocabulary(cluster: &dyn Cluster, model: &Model) -> Vocabulary {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    let timers = scene.nodes.iter().map(|node| (node.id, node.timers.iter().map(|timer| timer.name.to_string()).collect()));
    let keys: BTreeSet<String> = cluster.operations().iter().map(|operation| operation.op.key().to_string()).collect();
    Vocabulary {
        nodes: scene.nodes.iter().map(|node| node.id).collect(),
        clients: scene.clients.iter().map(|client| client.id).collect(),
        timers: timers.collect(),
        messages: scene.flights.iter().map(|flight| (flight.id, flight.label.clone())).collect(),
        keys: keys.into_iter().collect(),
        zones: scene.zones,
        settings: settings(model),
        facts: facts(model),
    }
}

fn settings(model: &Model) -> Vec<SettingName> {
    let live = model.settings.iter().filter(|setting| setting.live);
    let named = live.map(|setting| SettingName {
        name: setting.name.to_string(),
        words: setting.words.iter().map(ToString::to_string).collect(),
        takes: setting.takes.to_string(),
        about: setting.about.to_string(),
    });
    named.collect()
}

fn facts(model: &Model) -> Vec<(String, String)> {
    let facts = model.facts.iter().map(|fact| (fact.name.to_string(), fact.about.to_string()));
    let guarantee = |g: Guarantee| (g.id().to_string(), "a guarantee: \"yes\", \"no\" or \"unknown\"".to_string());
    facts.chain(Guarantee::ALL.into_iter().map(guarantee)).collect()
}
