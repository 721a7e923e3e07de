//! The cluster under commands, as learners and lessons use it.

mod calls;
mod chat;
mod page;
mod promises;
mod wire;

use super::MODEL;
use crate::cluster::kit::trial::Trial;

fn trial(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    let mut trial = Trial::new(&MODEL, settings, &[]);
    trial.follow(script);
    trial
}

/// These facts as whole numbers.
fn counts<const N: usize>(trial: &Trial, names: [&str; N]) -> [u64; N] {
    names.map(|name| trial.count(name))
}
