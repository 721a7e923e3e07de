//! Servers that each keep a log of requests and apply it to registers: where acknowledged writes are, and whether copies agree.
//! For every cluster that replicates a log.

mod copies;
mod ledger;

use std::borrow::Cow;

use crate::check::operation::{Key, Value};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::pack::Pack;
use crate::sim::packed::Packed;

use super::register::Registers;

pub use copies::replicas;
pub use ledger::{Ledger, Moment, divergent};

/// A cluster whose servers apply logs of requests to registers.
pub trait Logged: Registers {
    /// An entry of the log.
    type Entry: PartialEq + Pack;

    /// The log on a disk.
    fn log(disk: &Self::Disk) -> &Packed<Self::Entry>;
    /// Whether a request is in the log on a disk.
    fn has(disk: &Self::Disk, request: u32) -> bool;
    /// Requests that a disk keeps beside its log, to be put into one.
    fn kept(disk: &Self::Disk) -> impl Iterator<Item = RequestId> {
        let _ = disk;
        std::iter::empty()
    }
    /// Requests that a message carries to a log.
    fn carried(msg: &Self::Msg) -> impl Iterator<Item = RequestId>;

    /// Whether entries are sent with their places in the log, so that a follower sees what it lacks.
    fn sends_places(settings: &Self::Settings) -> bool {
        let _ = settings;
        true
    }

    /// The request that an entry carries.
    fn request(entry: &Self::Entry) -> Option<RequestId>;
    /// The key that it touches.
    fn key(entry: &Self::Entry) -> Option<&Key>;
    /// The term or epoch of the leader that took it.
    fn term(entry: &Self::Entry) -> u64;

    /// Up to where a server that runs has applied its log.
    fn applied(&self) -> u64;
    /// Whether it believes to lead.
    fn leads(&self) -> bool;
    /// Whether it has stopped until an operator decides.
    fn has_stopped(&self) -> bool {
        false
    }
    /// What applying made of a key.
    fn value(&self, key: &Key) -> Option<&Value>;
    /// Every key that has a value, in order.
    fn keys(&self) -> impl Iterator<Item = &Key>;

    /// What it holds beside registers: each with a name.
    fn rows(&self) -> Vec<(Key, Value)> {
        Vec::new()
    }

    /// Servers that run and lead, the newest last.
    fn leaders(sim: &Sim<Self>) -> Vec<NodeId>;
    /// What is known of the logs.
    fn ledger(watch: &Self::Watch) -> &Ledger<Self::Entry>;
}

/// The servers.
fn ids<P: Logged>(sim: &Sim<P>) -> impl Iterator<Item = NodeId> + use<P> {
    (0..sim.servers()).map(NodeId::server)
}

/// The log on the disk of a server.
fn log<P: Logged>(sim: &Sim<P>, id: NodeId) -> &Packed<P::Entry> {
    P::log(sim.node(id).store().current())
}

/// The entry at an index from 1.
fn entry<P: Logged>(sim: &Sim<P>, id: NodeId, index: u64) -> Option<Cow<'_, P::Entry>> {
    log(sim, id).get((index as usize).checked_sub(1)?)
}

/// Whether a request is in the log of a server.
fn has<P: Logged>(sim: &Sim<P>, id: NodeId, request: u32) -> bool {
    P::has(sim.node(id).store().current(), request)
}
