//! Client requests: which are open, what was recorded, and the workloads that make them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draw::Stream;
use super::history::{Cause, Kind, Record};
use super::id::{NodeId, RequestId};
use super::log::Log;
use super::protocol::{Protocol, Reply};
use super::queue::Slot;
use super::retry::BUCKET;
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

/// A request that has not ended.
#[derive(Clone, Debug)]
pub struct Open<Op> {
    /// What is asked.
    pub op: Op,
    /// Who asks.
    pub client: NodeId,
    /// When it was called.
    pub called: Time,
    /// The server that was named for it; `None` leaves the choice to the client.
    pub named: Option<NodeId>,
    /// The server that it was sent to last, by [`super::protocol::Cx::ask`].
    pub asked: Option<NodeId>,
    /// How many times it was sent in this attempt: once, and once more for every server that sent the client on.
    pub sends: u32,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Whether an earlier attempt may have taken effect.
    pub(super) unsure: bool,
    /// Whether the next attempt has not begun: the client waits before it tries again.
    pub(super) resting: bool,
    /// Where the end of the attempt, or the start of the next, waits in the queue.
    pub(super) next: Option<Slot>,
}

/// What is known of one client's requests.
#[derive(Clone)]
struct Caller<P: Protocol> {
    open: usize,
    load: Option<Load<P>>,
    next: Option<Slot>,
    /// How many arrivals its loads have had: a new load goes on counting.
    number: u64,
    /// What its budget of further attempts holds.
    tokens: f64,
}

/// All requests of a run.
#[derive(Clone)]
pub(super) struct Requests<P: Protocol> {
    pub(super) history: Log<Record<P::Op, P::Ret>>,
    pub(super) open: BTreeMap<RequestId, Open<P::Op>>,
    pub(super) shed: u64,
    /// Attempts beyond the first of their requests.
    pub(super) retries: u64,
    next: u32,
    callers: BTreeMap<NodeId, Caller<P>>,
}

impl<P: Protocol> Default for Requests<P> {
    fn default() -> Self {
        let (open, callers) = (BTreeMap::new(), BTreeMap::new());
        Requests { history: Log::default(), open, shed: 0, retries: 0, next: 0, callers }
    }
}

impl<P: Protocol> Requests<P> {
    pub(super) fn next_id(&self) -> RequestId {
        RequestId(self.next)
    }

    pub(super) fn begin(&mut self, client: NodeId, op: P::Op, named: Option<NodeId>, event: u64, now: Time) -> Option<RequestId> {
        let caller = self.caller(client);
        if caller.open >= OPEN_MAX {
            self.shed += 1;
            return None;
        }
        caller.open += 1;
        let request = RequestId(self.next);
        self.next += 1;
        self.history.push(Record { event, time: now, request, client, kind: Kind::Invoke(op.clone()) });
        let open = Open { op, client, called: now, named, asked: None, sends: 0, attempt: 1, unsure: false, resting: false, next: None };
        self.open.insert(request, open);
        Some(request)
    }

    /// Records the end of a request. What an earlier attempt may have done is not denied by how the last one ended.
    pub(super) fn end(&mut self, request: RequestId, reply: Reply<P::Ret>, event: u64, time: Time) -> Option<Open<P::Op>> {
        let open = self.open.remove(&request)?;
        self.caller(open.client).open -= 1;
        let kind = match reply {
            Reply::Ok(ret) => Kind::Ok(ret),
            Reply::Refused(cause) | Reply::Failed(cause) | Reply::Unknown(cause) if open.unsure => Kind::Unknown(cause),
            Reply::Refused(cause) => Kind::Refused(cause),
            Reply::Failed(cause) => Kind::Failed(cause),
            Reply::Unknown(cause) => Kind::Unknown(cause),
        };
        self.history.push(Record { event, time, request, client: open.client, kind });
        Some(open)
    }

    /// How many requests of a client are open.
    pub(super) fn open_of(&self, client: NodeId) -> usize {
        self.callers.get(&client).map_or(0, |caller| caller.open)
    }

    /// The requests of a client that are open, in the order of their calls.
    pub(super) fn of(&self, client: NodeId) -> Vec<RequestId> {
        self.open.iter().filter(|(_, open)| open.client == client).map(|(request, _)| *request).collect()
    }

    /// Puts what a request earns into its client's budget.
    pub(super) fn earn(&mut self, client: NodeId, budget: f64) {
        let caller = self.caller(client);
        caller.tokens = (caller.tokens + budget).min(BUCKET);
    }

    /// Takes one further attempt out of a client's budget. `false`: there is none.
    pub(super) fn spend(&mut self, client: NodeId) -> bool {
        let caller = self.caller(client);
        let has = caller.tokens >= 1.0;
        caller.tokens -= f64::from(u8::from(has));
        has
    }

    pub(super) fn load(&self, client: NodeId) -> Option<Load<P>> {
        self.callers.get(&client)?.load.clone()
    }

    fn caller(&mut self, client: NodeId) -> &mut Caller<P> {
        let new = || Caller { open: 0, load: None, next: None, number: 0, tokens: BUCKET };
        self.callers.entry(client).or_insert_with(new)
    }

    /// Notes where the next arrival waits and returns where the last one waited.
    pub(super) fn set_next(&mut self, client: NodeId, slot: Option<Slot>) -> Option<Slot> {
        let caller = self.caller(client);
        caller.number += u64::from(slot.is_some());
        std::mem::replace(&mut caller.next, slot)
    }

    /// Changes the load; the number of its first arrival is returned.
    pub(super) fn set_load(&mut self, client: NodeId, load: Option<Load<P>>) -> u64 {
        let caller = self.caller(client);
        caller.load = load;
        caller.number
    }
}

/// How a request ends that nobody answered: an operation that changes something may yet do so.
pub(super) fn unanswered<P: Protocol>(op: &P::Op, cause: Cause) -> Reply<P::Ret> {
    if P::changes(op) { Reply::Unknown(cause) } else { Reply::Failed(cause) }
}
