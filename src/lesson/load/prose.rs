//! Texts for learners: names in double braces are filled in as far as the lesson itself knows them.

use crate::cluster::Scenario;

use crate::lesson::markup::{self, Slot};
use crate::lesson::reader::{At, Fields};

use super::Loader;

/// Where a text stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// On the card of a step, beside a cluster.
    Card,
    /// On a page of its own: there are no keys to press and no facts of a moment.
    Page,
}

impl<'n, 'a> Loader<'n, 'a> {
    /// A text of a step, which has to be there.
    pub(super) fn prose(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> String {
        self.told(&fields.text(key), scenario, Place::Card)
    }

    /// A text of a step, which may be missing.
    pub(super) fn prose_if(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Option<String> {
        fields.text_if(key).map(|text| self.told(&text, scenario, Place::Card))
    }

    /// A text of a step that was read already.
    pub(super) fn card(&self, text: &At<String>, scenario: &Scenario) -> String {
        self.told(text, scenario, Place::Card)
    }

    /// A text of the answer or of a question, which has to be there.
    pub(super) fn page(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> String {
        self.told(&fields.text(key), scenario, Place::Page)
    }

    /// A text of a question, which may be missing.
    pub(super) fn page_if(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Option<String> {
        fields.text_if(key).map(|text| self.told(&text, scenario, Place::Page))
    }

    fn told(&self, text: &At<String>, scenario: &Scenario, place: Place) -> String {
        markup::filled(&text.value, |slot| self.slot(text, slot, scenario, place))
    }

    /// What stands in the text in place of a slot: a value, or the slot itself where only the screen knows.
    fn slot(&self, text: &At<String>, slot: &str, scenario: &Scenario, place: Place) -> String {
        if let Some(value) = self.value_of(slot).or_else(|| self.of_scenario(slot, scenario)) {
            return markup::said(&value);
        }
        let at = self.notes.within(text, text.value.find(slot).unwrap_or(0), slot.len());
        match Slot::read(slot, scenario) {
            Ok(_) if place == Place::Page => {
                let help = "settings, `nodes` and `clients` can be filled in here";
                self.notes.mistake(&at, format!("`{{{{{slot}}}}}` makes sense only beside a cluster"), help);
            }
            Ok(_) => {}
            Err(why) => self.notes.mistake(&at, why, ""),
        }
        format!("{{{{{slot}}}}}")
    }

    /// What a scenario says under this name.
    fn of_scenario(&self, name: &str, scenario: &Scenario) -> Option<String> {
        let model = self.model(scenario)?;
        match name {
            "nodes" => Some(scenario.nodes.unwrap_or(model.nodes.0).to_string()),
            "clients" => Some(scenario.clients.unwrap_or(model.clients.0).to_string()),
            _ => {
                let set = scenario.settings.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
                set.or_else(|| model.settings.iter().find(|doc| doc.name == name).map(|doc| doc.default.to_string()))
            }
        }
    }
}
