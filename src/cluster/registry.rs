//! The list of models: one line each.

use super::model::Model;
use crate::command::Language;

/// Every model, in the order of `splitbrain models`.
pub static MODELS: &[&Model] = &[
    &super::replicated::MODEL,
    &super::quorum::MODEL,
    &super::multi_leader::MODEL,
    &super::consensus::MODEL,
    &super::fleet::MODEL,
    &super::gossip::MODEL,
    &super::limiter::MODEL,
    &super::gateway::MODEL,
    &super::proxy::MODEL,
    &super::ring::MODEL,
    &super::traffic::MODEL,
    &super::cache::MODEL,
    &super::stores::MODEL,
    &super::work_queue::MODEL,
    &super::commit_log::MODEL,
    &super::redis::MODEL,
    &super::exchange::MODEL,
];

/// The models whose servers are outside: there is nothing to open, to measure or to hunt in them without somebody's programs.
pub static OUTSIDE: &[&Model] = &[&super::processes::MODEL];

/// Every model and those that are outside.
pub static EVERY: std::sync::LazyLock<Vec<&'static Model>> = std::sync::LazyLock::new(|| MODELS.iter().chain(OUTSIDE).copied().collect());

/// The model of this name.
pub fn model(name: &str) -> Option<&'static Model> {
    EVERY.iter().find(|m| m.name == name).copied()
}

/// Whether the servers of this model are somebody's programs.
pub fn is_outside(name: &str) -> bool {
    OUTSIDE.iter().any(|m| m.name == name)
}

/// What the model of this name adds to the command language; nothing where there is no such model.
pub fn language(name: &str) -> Language {
    model(name).map(|model| model.language).unwrap_or_default()
}
