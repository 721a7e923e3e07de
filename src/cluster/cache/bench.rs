//! A cluster under commands, for tests.

use crate::cluster::kit::trial::Trial;
use crate::cluster::scene::Scene;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::MODEL;

/// A run with these settings, after these commands.
pub(super) fn trial(settings: &[(&str, &str)], does: &[&str]) -> Trial {
    Trial::new(&MODEL, settings, does)
}

/// Lets time pass until a node sends a message that says this, and stops it where it is; its number.
pub(super) fn hold(run: &mut Trial, from: NodeId, says: &str) -> String {
    let mut scene = Scene::default();
    for _ in 0..100_000 {
        run.run(Span::us(50));
        run.cluster.scene(run.cluster.now(), &mut scene);
        if let Some(flight) = scene.flights.iter().find(|flight| flight.from == from && flight.label == says) {
            let number = flight.id.to_string();
            run.act(&format!("hold {number}"));
            return number;
        }
    }
    panic!("nobody says {says}");
}
