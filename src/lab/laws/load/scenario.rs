//! The cluster of a law.

use super::Loader;
use crate::cluster::vocabulary::vocabulary;
use crate::cluster::{Cluster, Scenario};
use crate::lab::laws::law::Script;
use crate::lesson::reader::{At, Fields, Value, near, number, scalar, text};
use crate::lesson::source::Bytes;
use crate::sim::id::NodeId;
use toml::de::DeValue;

/// Where each part of a scenario stands.
type Places = Vec<(String, Bytes)>;

impl<'n, 'a> Loader<'n, 'a, '_> {
    /// The cluster and what is done to it.
    pub(super) fn cluster(&self, fields: &Fields<'n, 'a>) -> Option<Script> {
        if let Some(value) = fields.get("with") {
            self.notes.mistake(&value.span(), "a cluster takes no numbers", "`with` goes with `algorithm`");
        }
        let before = self.notes.count();
        let (scenario, places) = self.scenario(fields)?;
        let cluster = (self.notes.count() == before).then(|| self.started(fields, &scenario, &places))?;
        let model = self.models.iter().find(|model| model.name == scenario.model)?;
        let names = vocabulary(cluster?.as_ref(), model);
        let start = self.deeds(fields, "start", (&scenario, &names));
        let deeds = self.deeds(fields, "do", (&scenario, &names));
        fields.need("do", fields.has("do").then_some(()));
        Some(Script { scenario, vocabulary: names, start, deeds, series: Vec::new() })
    }

    fn scenario(&self, fields: &Fields<'n, 'a>) -> Option<(Scenario, Places)> {
        let name = self.filled(fields.text_if("model")?);
        if self.models.iter().all(|model| model.name != name.value) {
            let help = near(&name.value, self.models.iter().map(|model| model.name));
            return self.mistake(&name.at, format!("there is no model `{}`", name.value), help);
        }
        let (nodes, clients) = (self.count(fields, "nodes"), self.count(fields, "clients"));
        let mut places: Places =
            ["nodes", "clients", "zones"].iter().filter_map(|key| Some(((*key).to_string(), fields.get(key)?.span()))).collect();
        let mut settings = Vec::new();
        for (name, value) in fields.named("settings") {
            let Some(text) = scalar(value) else {
                self.notes.mistake(&value.span(), "a setting is a text, a number, or true or false", "");
                continue;
            };
            places.push((name.value.clone(), value.span()));
            settings.push((name.value, self.filled(At { value: text, at: value.span() }).value));
        }
        let zones = fields.named("zones").into_iter().map(|(name, nodes)| self.zone(name, nodes)).collect();
        Some((Scenario { nodes, clients, zones, settings, ..Scenario::of(&name.value) }, places))
    }

    /// How many nodes: a number, or a formula.
    fn count(&self, fields: &Fields<'n, 'a>, key: &'static str) -> Option<u16> {
        let value = fields.get(key)?;
        let x = number(value).or_else(|| self.formula(value, &format!("`{key}`")))?;
        let fits = x.fract().abs() < 1e-9 && (0.0..=10_000.0).contains(&x);
        if fits { Some(x as u16) } else { self.mistake(&value.span(), format!("`{key}` is a whole number from 0 to 10000, not {x}"), "") }
    }

    fn zone(&self, name: At<String>, nodes: &'n Value<'a>) -> (String, Vec<NodeId>) {
        let DeValue::Array(items) = nodes.get_ref() else {
            self.notes.mistake(&nodes.span(), format!("zone `{}` is a list of nodes", name.value), "such as [\"n1\", \"c1\"]");
            return (name.value, Vec::new());
        };
        let node = |value: &Value<'a>| {
            let name = text(self.notes, value, "a node")?;
            name.value.parse().map_err(|bad| self.notes.mistake(&name.at, format!("{bad}"), "")).ok()
        };
        (name.value, items.iter().filter_map(node).collect())
    }

    /// The cluster as it starts; the model says what is wrong.
    fn started(&self, fields: &Fields<'n, 'a>, scenario: &Scenario, places: &Places) -> Option<Box<dyn Cluster>> {
        let model = self.models.iter().find(|model| model.name == scenario.model)?;
        let note = |bad: crate::cluster::BadScenario| {
            let place = places.iter().find(|(name, _)| *name == bad.field).map(|(_, at)| at);
            self.notes.mistake(place.unwrap_or(&fields.at), bad.message, "");
        };
        (model.start)(scenario).map_err(|bad| bad.into_iter().for_each(note)).ok()
    }
}
