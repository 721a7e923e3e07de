//! A cluster under commands, for tests.

use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

use super::MODEL;

/// A run with these settings, after these commands.
pub(super) fn trial(settings: &[(&str, &str)], does: &[&str]) -> Trial {
    Trial::new(&MODEL, settings, does)
}

/// Runs until every node has done its part.
pub(super) fn settle(trial: &mut Trial) {
    for _ in 0..200 {
        trial.run(Span::ms(100));
        if trial.is("unsettled", 0.0) {
            return;
        }
    }
    panic!("it does not come to rest: {} unsettled, {} moving", trial.fact("unsettled"), trial.fact("moving"));
}
