//! The `[cluster]` table, its variants by name, and the keys with which a step, a claim or a question starts a variant of its own.

use toml::de::DeValue;

use crate::cluster::Scenario;
use crate::cluster::model::Model;
use crate::sim::id::NodeId;

use crate::lesson::format;
use crate::lesson::reader::{At, Fields, Value, near, scalar, table, text};
use crate::lesson::scenarios::Shared;
use crate::lesson::schema::{Line, Script};
use crate::lesson::source::Bytes;

use super::{Loader, nothing};

impl<'n, 'a> Loader<'n, 'a> {
    /// Reads `[cluster]`: the scenario and what is done to it first.
    pub(super) fn cluster(&self, fields: &Fields<'n, 'a>) -> (Scenario, Script) {
        let Some(table) = fields.need("cluster", fields.table("cluster", &format::CLUSTER)) else {
            return (nothing(), Script::default());
        };
        let before = self.notes.count();
        let shared = self.shared(&table);
        let base = shared.as_ref().map_or_else(nothing, |(shared, _)| shared.scenario.clone());
        if shared.is_none() && !table.has("scenario") {
            table.need("model", table.text_if("model"));
        }
        let scenario = self.changed(&table, &base);
        self.sound.set(self.notes.count() == before);
        let start = match shared {
            Some((shared, at)) if !table.has("start") => moved(&shared.start, &at),
            _ => self.script(&table, "start", &scenario),
        };
        table.done();
        (scenario, start)
    }

    /// The scenario beside the lesson that it starts from, and where it is named.
    fn shared(&self, table: &Fields<'n, 'a>) -> Option<(&'n Shared, Bytes)> {
        let name = table.text_if("scenario")?;
        self.known_name("scenario", &name, self.known.scenarios.names());
        self.known.scenarios.get(&name.value).map(|shared| (shared, name.at))
    }

    /// Reads the `[variant.NAME]` tables. One may start from another that stands before it.
    pub(super) fn named_variants(&self, fields: &Fields<'n, 'a>, base: &Scenario) {
        for (name, value) in fields.named("variant") {
            self.check_id(&name);
            let Some(table) = table(self.notes, value, &format!("variant `{}`", name.value), &format::VARIANT) else { continue };
            let scenario = self.variant(&table, base);
            table.done();
            self.variants.borrow_mut().insert(name.value, scenario);
        }
    }

    /// The model of a scenario; what is wrong with its name was noted when it was read.
    pub(super) fn model(&self, scenario: &Scenario) -> Option<&'static Model> {
        self.known.models.iter().find(|m| m.name == scenario.model).copied()
    }

    /// A scenario that differs from `base`, or from the variant that this table names, in what this table says.
    pub(super) fn variant(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Scenario {
        let named = fields.text_if("variant").and_then(|name| self.named_variant(name));
        self.changed(fields, named.as_ref().unwrap_or(base))
    }

    /// The variant with this name.
    pub(super) fn named_variant(&self, name: At<String>) -> Option<Scenario> {
        let name = self.filled(name);
        let variants = self.variants.borrow();
        self.known_name("variant", &name, variants.keys().map(String::as_str));
        self.uses("variant", &name.value);
        variants.get(&name.value).cloned()
    }

    /// A scenario that differs from `base` in what this table says.
    pub(super) fn changed(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Scenario {
        let mut places = Vec::new();
        let mut scenario = base.clone();
        self.model_key(fields, &mut scenario, &mut places);
        let mut count = |key: &'static str, least: u64, into: &mut Option<u16>| {
            if let Some(n) = fields.whole(key, least, 1000) {
                *into = Some(n as u16);
            }
            note_place(fields, key, &mut places);
        };
        count("nodes", 1, &mut scenario.nodes);
        count("clients", 0, &mut scenario.clients);
        scenario.seed = fields.whole("seed", 0, i64::MAX as u64).unwrap_or(scenario.seed);
        self.settings(fields, &mut scenario, &mut places);
        let before = self.notes.count();
        self.zones(fields, &mut scenario, &mut places);
        let changed = format::CHANGES.iter().any(|key| fields.has(key.name));
        // What was read wrong is not in the scenario; only zones that are not whole would be blamed for what is not there.
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
        if fields.has("zones") {
            note_place(fields, "zones", places);
            scenario.zones = fields.named("zones").into_iter().map(|(name, nodes)| self.zone(&name, nodes)).collect();
        }
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
        for (name, value) in fields.named("settings") {
            let Some(text) = scalar(value) else {
                self.notes.mistake(&value.span(), "a setting is a text, a number, or true or false", "");
                continue;
            };
            places.push((name.value.clone(), value.span()));
            let text = self.filled(At { value: text, at: value.span() });
            self.set(scenario, &name, text.value);
        }
    }

    /// Gives a setting a value; that the model takes it is seen when it is started.
    pub(super) fn set(&self, scenario: &mut Scenario, name: &At<String>, value: String) {
        let docs = self.model(scenario).map_or(&[][..], |m| m.settings);
        if docs.iter().all(|d| d.name != name.value) && self.model(scenario).is_some() {
            let message = format!("{} has no setting `{}`", scenario.model, name.value);
            self.notes.mistake(&name.at, message, near(&name.value, docs.iter().map(|d| d.name)));
            return;
        }
        scenario.settings.retain(|(n, _)| *n != name.value);
        scenario.settings.push((name.value.clone(), value));
    }

    /// Lets the model say what is wrong, by starting it.
    pub(super) fn try_start(&self, fields: &Fields<'n, 'a>, scenario: &Scenario, places: &Places) {
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

/// A script of another file, whose mistakes are shown at this place.
fn moved(script: &Script, at: &Bytes) -> Script {
    Script { lines: script.lines.iter().map(|line| Line { at: at.clone(), ..line.clone() }).collect() }
}

/// Where each part of a scenario stands.
pub(super) type Places = Vec<(String, Bytes)>;

fn note_place(fields: &Fields<'_, '_>, key: &'static str, places: &mut Places) {
    if let Some(value) = fields.get(key) {
        places.push((key.to_string(), value.span()));
    }
}
