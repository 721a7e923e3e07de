//! How much memory a simulation holds, estimated from its counts, so that a bound is the same on every machine; and letting go of some of it.

use std::mem::size_of;

use super::kernel::{Event, Sim};
use super::line::Waiting;
use super::node::{Node, Work};
use super::protocol::Protocol;
use super::requests::Open;
use super::trace::Entry;

/// What a line of the history stands for beside itself: copies in logs, states and counts. Measured with busy clients of every model
/// (`cargo bench --bench timeline`), and rounded up.
const BESIDE: usize = 128;
/// What the trace holds for each byte of a line, with the checkpoints that share it. Measured with idle clusters.
const SHARED: usize = 2;
/// What is copied of shared lists and maps until the next checkpoint is due: the ways to what is written. Measured with three servers and
/// two clients of 200 to 1,000 requests a second each.
const WAYS: usize = 32 << 10;
/// What a node's clone copies beside the node itself.
const NODE: usize = 512;

/// So many lines of the trace are counted: what is older may be forgotten, and the count must not depend on whether it is.
const TRACE_MAX: usize = 1 << 16;

impl<P: Protocol> Sim<P> {
    /// Forgets the lines of the trace up to this event. It never changes a run.
    pub fn forget_trace(&mut self, upto: u64) {
        self.wires.trace.forget(self.wires.trace.partition_point(|entry| entry.event <= upto));
    }

    /// Bytes, roughly: traces, histories, what is on its way, and what waits.
    pub fn bytes(&self) -> u64 {
        let trace = self.wires.trace.len().min(TRACE_MAX) * size_of::<Entry<P::Note>>() * SHARED;
        let history = self.requests.history.bytes() + self.requests.history.len() * BESIDE;
        (trace + history) as u64 + self.copied_bytes()
    }

    /// The bytes that a clone holds alone when the run has gone on from it: those that it copies and does not share, or not for long (nodes,
    /// places in the queue, what waits, open requests), as they stand in memory, and the ways to what is written until the next checkpoint.
    pub fn copied_bytes(&self) -> u64 {
        let waiting: usize = self.nodes.iter().map(super::node::Node::waiting).sum();
        let parts: usize = self.nodes.iter().map(|node| node.after_sync.len() + node.timers.len()).sum();
        let queue = self.wires.queue.places() * (size_of::<Event<P>>() + 2 * size_of::<u128>());
        // A node of such a map is two thirds full.
        let open = self.requests.open.len() * size_of::<Open<P::Op>>() * 3 / 2;
        let nodes = self.nodes.len() * (size_of::<Node<P>>() + NODE);
        (WAYS + nodes + queue + waiting * size_of::<Waiting<P>>() + parts * size_of::<Work<P>>() + open) as u64
    }
}
