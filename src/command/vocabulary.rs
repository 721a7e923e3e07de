//! The names of one running cluster: what completion offers, and what [`super::Command::parse_for`] insists on.

use super::Language;
use crate::near::did_you_mean;
use crate::sim::id::{MsgId, NodeId};

/// Every name that a command to this cluster can use, as things are now.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// The calls and verbs of its model.
    pub language: Language,
    /// The servers.
    pub nodes: Vec<NodeId>,
    /// The clients.
    pub clients: Vec<NodeId>,
    /// The zones.
    pub zones: Vec<String>,
    /// The names of servers that are not their numbers: `lb`, `app2`.
    pub names: Vec<String>,
    /// The settings that `set` can change.
    pub settings: Vec<SettingName>,
    /// The timers that run: whose, and their names.
    pub timers: Vec<(NodeId, Vec<String>)>,
    /// The messages in flight, with what they say.
    pub messages: Vec<(MsgId, String)>,
    /// The keys in use.
    pub keys: Vec<String>,
    /// What conditions can speak of: facts, guarantees, functions, and settings as `setting.NAME`, each with a sentence. A function that comes after a value
    /// has the dot before it: `.exists`.
    pub facts: Vec<(String, String)>,
}

/// A setting and what it takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingName {
    /// The name.
    pub name: String,
    /// The words it takes, where only certain words are right; empty otherwise.
    pub words: Vec<String>,
    /// What it takes, in words.
    pub takes: String,
    /// One sentence: what it does.
    pub about: String,
}

impl Vocabulary {
    pub(super) fn check_node(&self, node: NodeId) -> Result<(), String> {
        let (kind, known) = if node.is_client() { ("client", &self.clients) } else { ("server", &self.nodes) };
        if known.contains(&node) {
            return Ok(());
        }
        Err(format!("there is no {kind} {node}; here are {}", list(known)))
    }

    /// The names of zones, and of servers that have one.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        self.names.iter().chain(&self.zones).map(String::as_str)
    }

    pub(super) fn check_name(&self, name: &str) -> Result<(), String> {
        if self.named().any(|known| known == name) {
            return Ok(());
        }
        let nodes: Vec<String> = self.nodes.iter().chain(&self.clients).map(NodeId::to_string).collect();
        let names = self.named().chain(nodes.iter().map(String::as_str));
        Err(format!("`{name}` is no node or zone here{}", did_you_mean(name, names)))
    }

    pub(super) fn check_setting(&self, name: &str) -> Result<(), String> {
        let names = || self.settings.iter().map(|s| s.name.as_str());
        if names().any(|known| known == name) {
            return Ok(());
        }
        if ["nodes", "clients", "seed"].contains(&name) {
            return Err(format!("`{name}` is no setting: it is said when a cluster is started, with `--{name}`"));
        }
        Err(format!("`{name}` is no setting that can change while this runs{}", did_you_mean(name, names())))
    }
}

fn list(nodes: &[NodeId]) -> String {
    let names: Vec<String> = nodes.iter().map(NodeId::to_string).collect();
    if names.is_empty() { "none".to_string() } else { names.join(", ") }
}
