//! The list of models: one line each.

use super::model::Model;

/// Every model, in the order of `splitbrain models`.
pub static MODELS: &[&Model] = &[&super::replicated::MODEL];

/// The model of this name.
pub fn model(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|m| m.name == name).copied()
}
