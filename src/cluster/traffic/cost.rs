//! What everything costs that runs, in units of the smallest application server. A machine twice as big costs `dearer` times as much; a
//! link costs by what it carries.

use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Time;

use super::Traffic;
use super::roster::Role;

/// Bytes a second of a link that costs as much as the smallest server: 1 Gbit/s.
const LINK: f64 = 125e6;

/// The parts of the bill.
pub(super) const PARTS: [&str; 7] = ["lb", "servers", "database", "cache", "sessions", "edge", "link"];

/// What each part costs now, in the order of [`PARTS`].
pub(super) fn parts(sim: &Sim<Traffic>) -> [f64; PARTS.len()] {
    let mut parts = [0.0; PARTS.len()];
    for id in sim.server_ids() {
        let (part, cost) = of(sim, id);
        parts[part] += cost;
    }
    parts
}

/// The part of the bill that a server is on, and its price.
fn of(sim: &Sim<Traffic>, id: NodeId) -> (usize, f64) {
    let settings = sim.settings();
    match settings.roster().role(id) {
        Role::Front => (0, 1.0),
        Role::App(_) => (1, settings.price(settings.size(id))),
        Role::Db { .. } if settings.database => (2, settings.price(settings.db_size)),
        Role::Db { .. } => (2, 0.0),
        Role::Cache => (3, 1.0),
        Role::Store => (4, 1.0),
        Role::Edge { .. } => (5, 1.0),
        Role::Link => (6, settings.link.unwrap_or_default() as f64 / LINK * f64::from(settings.links)),
    }
}

/// What all of it costs now.
pub(super) fn all(sim: &Sim<Traffic>) -> f64 {
    parts(sim).iter().sum()
}

/// The bill so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bill {
    /// What everything costs since `since`.
    rate: f64,
    since: Time,
    /// What it cost until then, times seconds.
    sum: f64,
}

impl Bill {
    /// Something may cost another price from now on.
    pub(super) fn go_on(&mut self, sim: &Sim<Traffic>) {
        (self.sum, self.since, self.rate) = (self.until(sim.now()), sim.now(), all(sim));
    }

    /// The bill at a moment, in prices times seconds.
    pub(super) fn until(&self, now: Time) -> f64 {
        self.sum + self.rate * now.since(self.since).as_secs()
    }
}

/// The bill of a run.
pub(super) fn so_far(live: &Live<Traffic>) -> f64 {
    live.watched().bill.until(live.sim().now())
}
