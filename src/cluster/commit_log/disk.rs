//! What survives a restart: of the controller what it decided, of a broker its logs.

use super::log::Log;
use super::meta::Shared;
use super::record::Part;
use crate::persistent::OrdMap;

/// A server's disk.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// What the controller decided.
    pub meta: Shared,
    /// A broker's replicas.
    pub logs: OrdMap<Part, Log>,
}

impl Disk {
    /// The log of a partition, made where there is none.
    pub fn log(&mut self, part: Part) -> &mut Log {
        self.logs.entry(part).or_default()
    }
}
