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

/// The model of this name.
pub fn model(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|m| m.name == name).copied()
}

/// What the model of this name adds to the command language; nothing where there is no such model.
pub fn language(name: &str) -> Language {
    model(name).map(|model| model.language).unwrap_or_default()
}
