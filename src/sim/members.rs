//! Nodes that join and leave while the cluster runs. The number of one that left is never given again.

use std::sync::Arc;

use super::faults::Crash;
use super::id::NodeId;
use super::kernel::Sim;
use super::node::Node;
use super::protocol::Protocol;

/// The most servers, and the most clients, that a run can have had.
pub const NODES_MAX: u16 = 10_000;

impl<P: Protocol> Sim<P> {
    /// A new server boots in a zone. `None`: there have been [`NODES_MAX`] already. Others know it when somebody tells them.
    pub fn add_server(&mut self, zone: u8) -> Option<NodeId> {
        let id = self.place_server(zone)?;
        self.begin_server(id);
        Some(id)
    }

    /// New servers boot, one in each of these zones, as far as there may be so many: each finds all of them there.
    pub fn add_servers(&mut self, zones: &[u8]) {
        let new: Vec<NodeId> = zones.iter().map_while(|zone| self.place_server(*zone)).collect();
        for id in new {
            self.begin_server(id);
        }
    }

    fn place_server(&mut self, zone: u8) -> Option<NodeId> {
        let id = self.next_server().filter(|id| id.index() < NODES_MAX.into())?;
        let at = usize::from(self.wires.servers);
        self.nodes.insert(at, Node::new());
        self.wires.servers += 1;
        self.wires.network.place(id, zone);
        Some(id)
    }

    fn begin_server(&mut self, id: NodeId) {
        self.boot(id);
        self.watch_for_failure(id);
    }

    /// A new client boots in a zone. `None`: there have been [`NODES_MAX`] already.
    pub fn add_client(&mut self, zone: u8) -> Option<NodeId> {
        let id = NodeId::client(self.clients());
        if id.index() >= NODES_MAX.into() {
            return None;
        }
        self.nodes.push(Node::new());
        self.wires.clients += 1;
        self.wires.network.place(id, zone);
        self.boot(id);
        Some(id)
    }

    /// The number that the next server will have.
    pub fn next_server(&self) -> Option<NodeId> {
        (self.wires.servers < NODES_MAX).then(|| NodeId::server(self.wires.servers))
    }

    /// A node stops and is taken away with its disk. What it was doing, and what reaches it, is lost.
    pub fn remove(&mut self, id: NodeId) {
        if id.is_client() {
            self.set_load(id, None);
        }
        self.stop(id, Crash::WipeDisk);
        Arc::make_mut(&mut self.gone).insert(id);
        self.wires.network.displace(id);
    }

    /// Whether a node was there and left.
    pub fn is_gone(&self, id: NodeId) -> bool {
        self.gone.contains(&id)
    }

    /// The nodes that left.
    pub fn gone(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.gone.iter().copied()
    }
}
