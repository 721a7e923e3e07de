//! A cluster under commands, for tests.

use crate::cluster::kit::trial::Trial;

use super::MODEL;

/// A run with these settings, after these commands.
pub(super) fn trial(settings: &[(&str, &str)], does: &[&str]) -> Trial {
    Trial::new(&MODEL, settings, does)
}
