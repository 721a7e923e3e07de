//! The streams of requests that workloads make.

use std::sync::Arc;

use super::draw::Concern;
use super::id::NodeId;
use super::kernel::{Event, Sim};
use super::protocol::Protocol;
use super::requests::Load;
use super::time::Time;

impl<P: Protocol> Sim<P> {
    /// Lets a client send a stream of requests, or stops it.
    pub fn set_load(&mut self, client: NodeId, load: Option<Load<P>>) {
        let now = self.wires.now;
        let caller = self.requests.caller(client);
        let users = load.as_ref().map_or(0, |load| load.arrivals.users());
        caller.stream += 1;
        (caller.load, caller.start, caller.last, caller.first) = (load.map(Arc::new), now, now, caller.number);
        for slot in std::mem::take(&mut caller.pending).into_values() {
            self.wires.queue.take(slot);
        }
        for _ in 0..users.max(1) {
            self.plan_arrival(client);
        }
    }

    /// Works out when the next request of a load comes.
    fn plan_arrival(&mut self, client: NodeId) {
        let caller = self.requests.caller(client);
        let Some(load) = caller.load.clone() else { return };
        let (number, came) = (caller.number, caller.number - caller.first);
        let mut draws = self.wires.draws.of_node(Concern::Arrival, client.code(), number);
        let next = load.arrivals.next(came, caller.last, caller.start, &mut draws);
        if let Some(at) = next {
            self.put_arrival(client, at);
        }
    }

    fn put_arrival(&mut self, client: NodeId, at: Time) {
        let caller = self.requests.caller(client);
        let slot = self.wires.queue.push(at, Event::Arrival(client, caller.number));
        caller.pending.insert(caller.number, slot);
        caller.number += 1;
    }

    /// A request of a load comes. A client whose process does not run asks nothing.
    pub(super) fn on_arrival(&mut self, client: NodeId, number: u64) {
        let caller = self.requests.caller(client);
        caller.pending.remove(&number);
        let (Some(load), stream) = (caller.load.clone(), caller.stream) else { return };
        caller.last = self.wires.now;
        let op = (load.pick)(&mut self.wires.draws.of_node(Concern::Pick, client.code(), number), self.requests.next_id());
        if load.arrivals.users() == 0 {
            self.plan_arrival(client);
        }
        let node = self.node(client);
        let runs = node.is_up() && !node.is_paused();
        if !runs || !self.ask(client, op, None, stream) {
            self.think_after(client, stream);
        }
    }

    /// A request of a load has ended: where its user waited for that, they think and ask again.
    pub(super) fn think_after(&mut self, client: NodeId, stream: u32) {
        let caller = self.requests.caller(client);
        let Some(load) = caller.load.clone().filter(|_| stream == caller.stream) else { return };
        let mut draws = self.wires.draws.of_node(Concern::Think, client.code(), caller.number);
        if let Some(think) = load.arrivals.think(&mut draws) {
            self.put_arrival(client, self.wires.now + think);
        }
    }

    /// How many users of a client's load think now, where it has users.
    pub fn thinking(&self, client: NodeId) -> usize {
        self.requests.thinking(client)
    }

    /// The load of a client, and since when it has it.
    pub fn load(&self, client: NodeId) -> Option<(&Load<P>, Time)> {
        self.requests.load(client)
    }
}
