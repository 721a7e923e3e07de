//! How much memory a simulation holds, estimated from its counts: a bound that is the same on every machine.

use std::mem::size_of;

use super::history::Record;
use super::kernel::{Event, Sim};
use super::node::Work;
use super::protocol::Protocol;
use super::requests::Open;
use super::trace::Entry;

/// What a line of the history stands for beside itself: copies in logs, states and counts. Measured with two busy clients.
const BESIDE: usize = 600;
/// What a persistent log holds for each byte of a line, with the checkpoints that share it. Measured with idle clusters.
const SHARED: usize = 2;

impl<P: Protocol> Sim<P> {
    /// Bytes, roughly: traces, histories, what is on its way, and what waits.
    pub fn bytes(&self) -> u64 {
        let trace = self.trace.len() * size_of::<Entry<P::Note>>() * SHARED;
        let history = self.requests.history.len() * (size_of::<Record<P::Op, P::Ret>>() * SHARED + BESIDE);
        (trace + history) as u64 + self.copied_bytes()
    }

    /// The bytes of these that a clone copies: what is on its way, what waits at nodes, and which requests are open.
    pub fn copied_bytes(&self) -> u64 {
        let waiting: usize = self.nodes.iter().map(|node| node.inbox.len() + node.after_sync.len() + node.timers.len()).sum();
        let queue = self.queue.len() * (size_of::<Event<P>>() + size_of::<u128>());
        let open = self.requests.open.len() * size_of::<Open<P::Op>>();
        (queue + waiting * size_of::<Work<P>>() + open) as u64
    }
}
