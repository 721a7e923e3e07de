//! Settings in a condition: `setting.try-timeout`.

use super::Condition;
use super::cost::Cost;
use super::parse::{Parsed, Parser};
use super::part::Part;
use super::tokens::What;
use super::types::Type;
use super::value::{Node, Value};
use crate::cluster::Cluster;
use crate::cluster::facts::Facts;
use crate::cluster::model::{SettingDoc, SettingKind};
use crate::near::did_you_mean;

impl Condition {
    /// The settings that it speaks of, in the order of their first mention.
    pub fn settings(&self) -> impl Iterator<Item = &'static str> {
        self.settings.iter().map(|doc| doc.name)
    }

    pub(super) fn look_at_settings(&self, cluster: &dyn Cluster, facts: &mut Facts) {
        let asked = |name: &str| self.settings.iter().any(|doc| doc.name == name);
        for (name, value) in cluster.settings().into_iter().filter(|(name, _)| asked(name)) {
            facts.put_setting(name, value);
        }
    }

    /// Each setting as it is now: `setting.try-timeout = 500ms`.
    pub(super) fn settings_now(&self, facts: &Facts) -> impl Iterator<Item = String> {
        self.settings.iter().map(|doc| format!("setting.{} = {}", doc.name, facts.setting(doc.name).unwrap_or("?")))
    }
}

impl Parser<'_> {
    /// `setting.NAME`, from `setting` on. Hyphens belong to the name.
    pub(super) fn setting(&mut self) -> Parsed {
        let first = self.advance();
        self.need(".")?;
        let Some(start) = self.word().map(|_| self.token().at.start) else { return Err(self.unexpected()) };
        let rest = &self.text[start..];
        let in_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name = rest[..rest.find(|c| !in_name(c)).unwrap_or(rest.len())].trim_end_matches('-');
        let at = first.start..start + name.len();
        while self.token().at.start < at.end && self.token().what != What::End {
            self.advance();
        }
        let Some(doc) = self.terms.settings.iter().find(|doc| doc.name == name) else {
            let near = did_you_mean(name, self.terms.settings.iter().map(|doc| doc.name));
            return Ok(self.wrong_part(&at, format!("`{name}` is no setting{near}")));
        };
        let which = self.settings.iter().position(|known| known == doc).unwrap_or_else(|| {
            self.settings.push(*doc);
            self.settings.len() - 1
        });
        Ok(Part::leaf(Node::Setting(which), gives(doc), Cost::fact(), at))
    }

    /// A setting that takes certain words is set against one of them.
    pub(super) fn setting_word(&mut self, setting: &Part, other: &Part) {
        let Node::Setting(which) = setting.node else { return };
        let doc = self.settings[which];
        if doc.kind != SettingKind::Word || doc.words.is_empty() {
            return;
        }
        let strange = |value: &Value| match value {
            Value::Text(word) if !doc.words.contains(&&**word) => Some(word.to_string()),
            _ => None,
        };
        let word = match &other.node {
            Node::Value(Value::List(words)) => words.iter().find_map(strange),
            Node::Value(value) => strange(value),
            _ => None,
        };
        if let Some(word) = word {
            let near = did_you_mean(&word, doc.words.iter().copied());
            self.wrong(&other.at, format!("`{}` takes {}, not `{word}`{near}", doc.name, doc.takes));
        }
    }
}

const fn gives(doc: &SettingDoc) -> Type {
    match doc.kind {
        SettingKind::Word | SettingKind::Text => Type::TEXT,
        SettingKind::Number => Type::NUMBER,
        SettingKind::Span => Type::SPAN,
    }
}
