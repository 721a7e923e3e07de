//! How fast things are.

use crate::sim::dist::Dist;
use crate::sim::time::Span;

/// How fast things are: what settings say of it, and nothing takes time of which they say nothing.
#[derive(Clone, Debug)]
pub struct Speeds {
    /// One-way latency within a zone.
    pub near: Dist,
    /// One-way latency between zones.
    pub far: Dist,
    /// How long a server takes for one message.
    pub handling: Span,
    /// How long a sync takes.
    pub disk: Dist,
}

impl Default for Speeds {
    fn default() -> Speeds {
        let at_once = || Dist::Const(Span::ZERO);
        Speeds { near: at_once(), far: at_once(), handling: Span::ZERO, disk: at_once() }
    }
}
