//! Client requests: which are open, what was recorded, and the workloads that make them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draw::Stream;
use super::history::{Kind, Record};
use super::id::{NodeId, RequestId};
use super::log::Log;
use super::protocol::{Protocol, Reply};
use super::queue::Slot;
use super::time::Time;

/// The most requests that one client may have open; more are counted as shed.
pub const OPEN_MAX: usize = 1024;

/// What a workload asks: drawn, with the number that the request will have.
pub type Pick<Op> = Arc<dyn Fn(&mut Stream, RequestId) -> Op + Send + Sync>;

/// A stream of requests of one client with exponential gaps.
pub struct Load<P: Protocol> {
    /// Requests per second of virtual time; above 0.
    pub rate: f64,
    /// What each asks.
    pub pick: Pick<P::Op>,
}

impl<P: Protocol> Clone for Load<P> {
    fn clone(&self) -> Self {
        Load { rate: self.rate, pick: self.pick.clone() }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) request: RequestId,
    pub(super) client: NodeId,
}

#[derive(Clone)]
struct Arrivals<P: Protocol> {
    load: Option<Load<P>>,
    next: Option<Slot>,
    /// How many arrivals its loads have had: a new load goes on counting.
    number: u64,
}

/// All requests of a run.
#[derive(Clone)]
pub(super) struct Requests<P: Protocol> {
    pub(super) history: Log<Record<P::Op, P::Ret>>,
    pub(super) open: Vec<Open>,
    pub(super) shed: u64,
    next: u32,
    loads: BTreeMap<NodeId, Arrivals<P>>,
}

impl<P: Protocol> Default for Requests<P> {
    fn default() -> Self {
        Requests { history: Log::default(), open: Vec::new(), shed: 0, next: 0, loads: BTreeMap::new() }
    }
}

impl<P: Protocol> Requests<P> {
    pub(super) fn next_id(&self) -> RequestId {
        RequestId(self.next)
    }

    pub(super) fn begin(&mut self, client: NodeId, op: P::Op, event: u64, time: Time) -> Option<RequestId> {
        if self.open.iter().filter(|open| open.client == client).count() >= OPEN_MAX {
            self.shed += 1;
            return None;
        }
        let request = RequestId(self.next);
        self.next += 1;
        self.open.push(Open { request, client });
        self.history.push(Record { event, time, request, client, kind: Kind::Invoke(op) });
        Some(request)
    }

    /// Records the end of a request; `false` when it had ended before.
    pub(super) fn end(&mut self, request: RequestId, reply: Reply<P::Ret>, event: u64, time: Time) -> bool {
        let Some(at) = self.open.iter().position(|open| open.request == request) else {
            return false;
        };
        let Open { client, .. } = self.open.remove(at);
        let kind = match reply {
            Reply::Ok(ret) => Kind::Ok(ret),
            Reply::Fail(cause) => Kind::Fail(cause),
            Reply::Info(cause) => Kind::Info(cause),
        };
        self.history.push(Record { event, time, request, client, kind });
        true
    }

    pub(super) fn load(&self, client: NodeId) -> Option<Load<P>> {
        self.loads.get(&client)?.load.clone()
    }

    fn stream(&mut self, client: NodeId) -> &mut Arrivals<P> {
        self.loads.entry(client).or_insert(Arrivals { load: None, next: None, number: 0 })
    }

    /// Notes where the next arrival waits and returns where the last one waited.
    pub(super) fn set_next(&mut self, client: NodeId, slot: Option<Slot>) -> Option<Slot> {
        let stream = self.stream(client);
        stream.number += u64::from(slot.is_some());
        std::mem::replace(&mut stream.next, slot)
    }

    /// Changes the load; the number of its first arrival is returned.
    pub(super) fn set_load(&mut self, client: NodeId, load: Option<Load<P>>) -> u64 {
        let stream = self.stream(client);
        stream.load = load;
        stream.number
    }
}
