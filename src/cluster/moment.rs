//! Moments: what a protocol is in the middle of, by the names that it has for it.
//!
//! A promise that was written and not yet synced, a vote in the air, a lease about to end: a fault placed there does what a thousand
//! placed at random do not. A cluster says which moments it is in; whoever looks after every event sees each begin.

use crate::sim::id::{MsgId, NodeId};

/// The name of the moment that every cluster has: something is written to a disk and not yet synced.
pub const UNSYNCED: &str = "unsynced";

/// What can be taken away at a moment, so that faults of the right kind can be aimed at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// What is written and not synced: a loss of power.
    Disk,
    /// What a message says: losing, holding, doubling it.
    Wire,
    /// What a node believes or waits for: its clock, its timers, its life.
    Node,
}

/// One thing that a cluster is in the middle of. It lasts as long as the same moment is among [`super::Cluster::moments`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// One of the names of its model, or [`UNSYNCED`].
    pub name: &'static str,
    /// Whose moment it is: who wrote, sent, or leads.
    pub node: NodeId,
    /// Whom it concerns too: the receiver, the other leader.
    pub peer: Option<NodeId>,
    /// The message that is in the air.
    pub message: Option<MsgId>,
}

impl Moment {
    /// A moment of one node alone.
    pub fn of(name: &'static str, node: NodeId) -> Moment {
        Moment { name, node, peer: None, message: None }
    }
}
