//! The `[cluster]` table, and the keys with which a step, a claim or a question starts a variant of it.

use toml::de::DeValue;

use crate::cluster::Scenario;
use crate::cluster::model::Model;
use crate::sim::id::NodeId;

use crate::lesson::reader::{At, Fields, Value, near, text};
use crate::lesson::schema::Script;
use crate::lesson::source::Bytes;

use super::Loader;

/// The keys that make a variant.
const KEYS: [&str; 6] = ["model", "nodes", "clients", "zones", "seed", "settings"];

impl<'n, 'a> Loader<'n, 'a> {
    /// Reads `[cluster]`: the scenario and what is done to it first.
    pub(super) fn cluster(&self, fields: &Fields<'n, 'a>) -> (Scenario, Script) {
        let mut scenario = Scenario { model: String::new(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 1 };
        let is = "the cluster that the lesson runs on";
        let Some(table) = fields.need("cluster", is, fields.table("cluster", "`cluster`")) else {
            return (scenario, Script::default());
        };
        let before = self.notes.count();
        table.need("model", "the kind of cluster", table.text_if("model"));
        scenario = self.variant(&table, &scenario);
        self.sound.set(self.notes.count() == before);
        let start = self.script(&table, "start", &scenario);
        table.done();
        (scenario, start)
    }

    /// The model of a scenario; what is wrong with its name was noted when it was read.
    pub(super) fn model(&self, scenario: &Scenario) -> Option<&'static Model> {
        self.known.models.iter().find(|m| m.name == scenario.model).copied()
    }

    /// A scenario that differs from `base` in what this table says.
    pub(super) fn variant(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Scenario {
        let before = self.notes.count();
        let mut places = Vec::new();
        let mut scenario = base.clone();
        self.model_key(fields, &mut scenario, &mut places);
        let mut count = |key: &'static str, into: &mut Option<u16>| {
            if let Some(n) = fields.whole(key, 1, 1000) {
                *into = Some(n as u16);
            }
            note_place(fields, key, &mut places);
        };
        count("nodes", &mut scenario.nodes);
        count("clients", &mut scenario.clients);
        scenario.seed = fields.whole("seed", 0, i64::MAX as u64).unwrap_or(scenario.seed);
        self.zones(fields, &mut scenario, &mut places);
        self.settings(fields, &mut scenario, &mut places);
        let changed = KEYS.iter().any(|key| fields.get(key).is_some());
        if changed && self.notes.count() == before {
            self.try_start(fields, &scenario, &places);
        }
        scenario
    }

    /// Another model takes none of the settings over.
    fn model_key(&self, fields: &Fields<'n, 'a>, scenario: &mut Scenario, places: &mut Places) {
        let Some(name) = fields.text_if("model") else { return };
        self.known_name("model", &name, self.known.models.iter().map(|m| m.name));
        note_place(fields, "model", places);
        if name.value != scenario.model {
            scenario.settings.clear();
            scenario.model = name.value;
        }
    }

    fn zones(&self, fields: &Fields<'n, 'a>, scenario: &mut Scenario, places: &mut Places) {
        let Some(zones) = fields.table("zones", "`zones`") else { return };
        note_place(fields, "zones", places);
        scenario.zones = zones.entries().into_iter().map(|(name, nodes)| self.zone(&name, nodes)).collect();
    }

    fn zone(&self, name: &At<String>, nodes: &'n Value<'a>) -> (String, Vec<NodeId>) {
        self.check_id(name);
        let DeValue::Array(items) = nodes.get_ref() else {
            self.notes.mistake(&nodes.span(), format!("zone `{}` is a list of nodes", name.value), "such as [\"n1\", \"c1\"]");
            return (name.value.clone(), Vec::new());
        };
        let node = |value: &Value<'a>| {
            let name = text(self.notes, value, "a node")?;
            name.value.parse().map_err(|bad| self.notes.mistake(&name.at, format!("{bad}"), "")).ok()
        };
        (name.value.clone(), items.iter().filter_map(node).collect())
    }

    fn settings(&self, fields: &Fields<'n, 'a>, scenario: &mut Scenario, places: &mut Places) {
        let Some(settings) = fields.table("settings", "`settings`") else { return };
        let docs = self.model(scenario).map_or(&[][..], |m| m.settings);
        for (name, value) in settings.entries() {
            if docs.iter().all(|d| d.name != name.value) && self.model(scenario).is_some() {
                let message = format!("{} has no setting `{}`", scenario.model, name.value);
                self.notes.mistake(&name.at, message, near(&name.value, docs.iter().map(|d| d.name)));
            }
            let Some(value_text) = self.setting_value(value) else { continue };
            places.push((name.value.clone(), value.span()));
            scenario.settings.retain(|(n, _)| *n != name.value);
            scenario.settings.push((name.value, value_text));
        }
    }

    /// Settings are texts; numbers and flags are taken as they are written.
    fn setting_value(&self, value: &Value<'a>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(n) => Some(n.to_string()),
            DeValue::Float(x) => Some(x.to_string()),
            DeValue::Boolean(b) => Some(b.to_string()),
            _ => self.note(&value.span(), "a setting is a text, a number, or true or false".to_string()),
        }
    }

    /// Lets the model say what is wrong, by starting it.
    fn try_start(&self, fields: &Fields<'n, 'a>, scenario: &Scenario, places: &Places) {
        let Some(model) = self.model(scenario) else { return };
        let Err(bad) = (model.start)(scenario) else { return };
        for one in bad {
            let place = places.iter().find(|(name, _)| *name == one.field).map(|(_, at)| at);
            if place.is_some() || self.sound.get() {
                self.notes.mistake(place.unwrap_or(&fields.at), one.message, "");
            }
        }
    }
}

/// Where each part of a scenario stands.
type Places = Vec<(String, Bytes)>;

fn note_place(fields: &Fields<'_, '_>, key: &'static str, places: &mut Places) {
    if let Some(value) = fields.get(key) {
        places.push((key.to_string(), value.span()));
    }
}
