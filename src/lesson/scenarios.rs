//! Clusters that the lessons of a folder share, by name: its `scenarios.toml`.

use std::collections::BTreeMap;

use crate::cluster::Scenario;

use super::schema::Script;

/// The name of the file, beside the lessons.
pub const FILE: &str = "scenarios.toml";

/// Scenarios by name.
#[derive(Clone, Debug, Default)]
pub struct Scenarios {
    list: BTreeMap<String, Shared>,
}

/// A scenario that lessons start from.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The cluster.
    pub scenario: Scenario,
    /// What is done to it before the learner sees it.
    pub start: Script,
}

impl Scenarios {
    /// Of these.
    pub fn new(list: impl IntoIterator<Item = (String, Shared)>) -> Scenarios {
        Scenarios { list: list.into_iter().collect() }
    }

    /// The scenario with this name.
    pub fn get(&self, name: &str) -> Option<&Shared> {
        self.list.get(name)
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.list.keys().map(String::as_str)
    }
}
