//! From a scenario to a live cluster.

use crate::cluster::registry::{MODELS, model};
use crate::cluster::{BadScenario, Cluster, Scenario};
use crate::near::near;

/// Starts the model that the scenario names.
pub(super) fn start(scenario: &Scenario) -> Result<Box<dyn Cluster>, Vec<BadScenario>> {
    match model(&scenario.model) {
        Some(model) => (model.start)(scenario),
        None => Err(vec![unknown(&scenario.model)]),
    }
}

fn unknown(name: &str) -> BadScenario {
    let names: Vec<&str> = MODELS.iter().map(|m| m.name).collect();
    let hint = near(name, names.iter().copied());
    let hint = hint.map_or_else(|| format!("the models are: {}", names.join(", ")), |name| format!("did you mean `{name}`?"));
    BadScenario { field: "model".to_string(), message: format!("there is no model `{name}`; {hint}") }
}
