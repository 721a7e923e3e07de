//! The names that commands to a running cluster can use, for completion and for checking what was typed.

use std::collections::BTreeSet;

use super::Cluster;
use super::condition::table;
use super::model::Model;
use super::scene::Scene;
use crate::check::verdict::Guarantee;
use crate::command::{SettingName, Vocabulary};

/// The keys of so many of the newest exchanges are offered.
const RECENT: usize = 1000;

/// Every name of this cluster as it is now.
pub fn vocabulary(cluster: &dyn Cluster, model: &Model) -> Vocabulary {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    let timers = scene.nodes.iter().map(|node| (node.id, node.timers.iter().map(|timer| timer.name.to_string()).collect()));
    let (_, exchanges) = cluster.recent(RECENT);
    let keys: BTreeSet<String> =
        exchanges.iter().filter_map(|exchange| exchange.call.get("KEY")?.key()).map(|key| key.to_string()).collect();
    Vocabulary {
        language: model.language,
        names: scene.nodes.iter().filter(|node| node.name != node.id.to_string()).map(|node| node.name.clone()).collect(),
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
    let guarantee =
        |g: &Guarantee| (g.id().to_string(), format!("a guarantee (\"yes\", \"no\", \"unknown\" or \"untested\"): {}", g.about()));
    let settings = model.settings.iter().map(|doc| (format!("setting.{}", doc.name), format!("{} It takes {}.", doc.about, doc.takes)));
    facts.chain(model.guarantees.iter().map(guarantee)).chain(functions()).chain(settings).collect()
}

/// The functions of conditions; those that come after a value with the dot before them.
fn functions() -> impl Iterator<Item = (String, String)> {
    table::functions().map(|phrase| {
        let dot = if phrase.is_method() { "." } else { "" };
        (format!("{dot}{}", phrase.function()), format!("{}: {}", phrase.form, phrase.about))
    })
}
