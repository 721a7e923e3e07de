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

    /// Texts about several designs name no setting in which one of them differs from the cluster of the lesson, whose value would stand
    /// there.
    pub(super) fn speaks_of_all(&self, fields: &Fields<'n, 'a>, base: &Scenario, designs: &[&Scenario]) {
        for text in ["text", "look", "because"].into_iter().filter_map(|key| fields.text_if(key)) {
            for slot in markup::slots(&text.value).filter(|slot| self.value_of(slot).is_none()) {
                let Some(here) = self.of_scenario(slot, base) else { continue };
                let other = designs.iter().filter_map(|design| self.of_scenario(slot, design)).find(|value| *value != here);
                let Some(other) = other else { continue };
                let at = self.notes.within(&text, text.value.find(slot).unwrap_or(0), slot.len());
                let (here, other) = (markup::said(&here), markup::said(&other));
                let what = format!("`{{{{{slot}}}}}` would read {here}, and one of the designs here has {other}");
                self.notes.mistake(&at, what, "write the values out");
            }
        }
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
