//! A simulation, whatever protocol runs on it: all that can be seen of it and done to it without knowing what its nodes say.
//! What is written against this is there once, not once for every protocol.

use super::dist::Dist;
use super::faults::Crash;
use super::id::{MsgId, NodeId};
use super::kernel::Sim;
use super::network::Network;
use super::protocol::Protocol;
use super::time::Span;

/// What every simulation can be asked and told. Each deed is that of [`Sim`] with the same name.
pub trait Machine {
    /// Every node that has not left, servers first.
    fn ids(&self) -> Vec<NodeId>;
    /// Whether there is such a node, and it has not left.
    fn has(&self, id: NodeId) -> bool;
    /// Whether its process lives; one that is paused does.
    fn is_up(&self, id: NodeId) -> bool;
    /// Whether its process stands still.
    fn is_paused(&self, id: NodeId) -> bool;
    /// The wires and cuts.
    fn network(&self) -> &Network;
    /// The wires and cuts, to be changed.
    fn network_mut(&mut self) -> &mut Network;
    /// Whether a message is on its way.
    fn in_flight(&self, id: MsgId) -> bool;
    /// The messages on their way, in order.
    fn in_the_air(&self) -> Vec<MsgId>;
    /// How many requests of a client wait for their answer.
    fn open_requests(&self, client: NodeId) -> usize;

    /// A node dies by hand.
    fn crash(&mut self, id: NodeId, how: Crash);
    /// A node that is down boots again.
    fn restart(&mut self, id: NodeId);
    /// Stops a node's process.
    fn pause(&mut self, id: NodeId);
    /// Lets a paused process go on.
    fn resume(&mut self, id: NodeId);
    /// So many times slower than normal.
    fn slow(&mut self, id: NodeId, factor: f64);
    /// Sets a node's clock off, in nanoseconds.
    fn skew(&mut self, id: NodeId, offset_ns: i64);
    /// Lets a node's clock run fast or slow, in parts per million.
    fn drift(&mut self, id: NodeId, ppm: i32);
    /// Fills a node's disk, or frees it.
    fn set_disk_full(&mut self, id: NodeId, full: bool);

    /// Does one thing to a message on its way. It does nothing to one that is not.
    fn handle_message(&mut self, id: MsgId, deed: MessageDeed);
    /// Every message waits where it is until it is chosen, or none does.
    fn hold_all(&mut self, hold: bool);
    /// Lets all that wait go, in the order in which they were sent.
    fn release_all_in_order(&mut self);

    /// Changes how long a server takes for one message.
    fn set_handling(&mut self, handling: Span);
    /// Changes how long disks take to sync.
    fn set_disk(&mut self, disk: Dist);
}

/// What can be done to a message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageDeed {
    /// It is lost.
    Drop,
    /// It arrives now.
    Deliver,
    /// It comes twice.
    Duplicate,
    /// It waits where it is.
    Hold,
    /// It goes on.
    Release,
    /// It comes so much later.
    Delay(Span),
}

impl<P: Protocol> Machine for Sim<P> {
    fn ids(&self) -> Vec<NodeId> {
        Sim::ids(self).collect()
    }
    fn has(&self, id: NodeId) -> bool {
        Sim::has(self, id)
    }
    fn is_up(&self, id: NodeId) -> bool {
        self.node(id).is_up()
    }
    fn is_paused(&self, id: NodeId) -> bool {
        self.node(id).is_paused()
    }
    fn network(&self) -> &Network {
        Sim::network(self)
    }
    fn network_mut(&mut self) -> &mut Network {
        Sim::network_mut(self)
    }
    fn in_flight(&self, id: MsgId) -> bool {
        Sim::in_flight(self, id)
    }
    fn in_the_air(&self) -> Vec<MsgId> {
        let mut ids: Vec<MsgId> = self.flights().map(|flight| flight.leg.id).collect();
        ids.sort_unstable();
        ids
    }
    fn open_requests(&self, client: NodeId) -> usize {
        Sim::open_requests(self, client)
    }
    fn crash(&mut self, id: NodeId, how: Crash) {
        Sim::crash(self, id, how);
    }
    fn restart(&mut self, id: NodeId) {
        Sim::restart(self, id);
    }
    fn pause(&mut self, id: NodeId) {
        Sim::pause(self, id);
    }
    fn resume(&mut self, id: NodeId) {
        Sim::resume(self, id);
    }
    fn slow(&mut self, id: NodeId, factor: f64) {
        Sim::slow(self, id, factor);
    }
    fn skew(&mut self, id: NodeId, offset_ns: i64) {
        Sim::skew(self, id, offset_ns);
    }
    fn drift(&mut self, id: NodeId, ppm: i32) {
        Sim::drift(self, id, ppm);
    }
    fn set_disk_full(&mut self, id: NodeId, full: bool) {
        Sim::set_disk_full(self, id, full);
    }
    fn handle_message(&mut self, id: MsgId, deed: MessageDeed) {
        match deed {
            MessageDeed::Drop => self.drop_message(id),
            MessageDeed::Deliver => self.deliver_message(id),
            MessageDeed::Duplicate => self.duplicate_message(id),
            MessageDeed::Hold => self.hold(id),
            MessageDeed::Release => self.release(id),
            MessageDeed::Delay(by) => self.delay(id, by),
        };
    }
    fn hold_all(&mut self, hold: bool) {
        Sim::hold_all(self, hold);
    }
    fn release_all_in_order(&mut self) {
        Sim::release_all_in_order(self);
    }
    fn set_handling(&mut self, handling: Span) {
        Sim::set_handling(self, handling);
    }
    fn set_disk(&mut self, disk: Dist) {
        Sim::set_disk(self, disk);
    }
}
