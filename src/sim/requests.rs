//! Client requests: which are open, what was recorded, and the workloads that make them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::arrivals::Arrivals;
use super::draw::Stream;
use super::history::{Cause, Kind, Record};
use super::id::{NodeId, RequestId};
use super::packed::Packed;
use super::protocol::{Protocol, Reply};
use super::queue::Slot;
use super::retry::BUCKET;
use super::time::Time;

/// The most requests that one client may have open; more are counted as shed.
pub const OPEN_MAX: usize = 1 << 14;

/// What a workload asks: drawn, with the number that the request will have.
pub type Pick<Op> = Arc<dyn Fn(&mut Stream, RequestId) -> Op + Send + Sync>;

/// A stream of requests of one client.
pub struct Load<P: Protocol> {
    /// When they come.
    pub arrivals: Arrivals,
    /// What each asks.
    pub pick: Pick<P::Op>,
}

impl<P: Protocol> Clone for Load<P> {
    fn clone(&self) -> Self {
        Load { arrivals: self.arrivals.clone(), pick: self.pick.clone() }
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
    /// The stream that made it; 0: none did.
    pub(super) stream: u32,
    /// Where the end of the attempt, or the start of the next, waits in the queue.
    pub(super) next: Option<Slot>,
}

/// What is known of one client's requests.
#[derive(Clone)]
pub(super) struct Caller<P: Protocol> {
    open: usize,
    pub(super) load: Option<Arc<Load<P>>>,
    /// The number of the load among all of its loads, from 1.
    pub(super) stream: u32,
    /// When the load began.
    pub(super) start: Time,
    /// When its last request came, or should have come.
    pub(super) last: Time,
    /// The number of its first arrival, and of the next: a new load goes on counting.
    pub(super) first: u64,
    pub(super) number: u64,
    /// Where the arrivals that are known wait: one of an open load, one for each user who thinks of a closed one.
    pub(super) pending: BTreeMap<u64, Slot>,
    /// What its budget of further attempts holds.
    tokens: f64,
}

/// All requests of a run.
#[derive(Clone)]
pub(super) struct Requests<P: Protocol> {
    pub(super) history: Packed<Record<P::Op, P::Ret>>,
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
        Requests { history: Packed::default(), open, shed: 0, retries: 0, next: 0, callers }
    }
}

impl<P: Protocol> Requests<P> {
    pub(super) fn next_id(&self) -> RequestId {
        RequestId(self.next)
    }

    pub(super) fn begin(
        &mut self,
        client: NodeId,
        op: P::Op,
        named: Option<NodeId>,
        stream: u32,
        event: u64,
        now: Time,
    ) -> Option<RequestId> {
        let caller = self.caller(client);
        if caller.open >= OPEN_MAX {
            self.shed += 1;
            return None;
        }
        caller.open += 1;
        let request = RequestId(self.next);
        self.next += 1;
        self.history.push(Record { event, time: now, request, client, kind: Kind::Invoke(op.clone()) });
        let open =
            Open { op, client, called: now, named, asked: None, sends: 0, attempt: 1, unsure: false, resting: false, stream, next: None };
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

    pub(super) fn caller(&mut self, client: NodeId) -> &mut Caller<P> {
        self.callers.entry(client).or_default()
    }

    pub(super) fn load(&self, client: NodeId) -> Option<(&Load<P>, Time)> {
        let caller = self.callers.get(&client)?;
        Some((caller.load.as_deref()?, caller.start))
    }

    /// How many users of a client's load think now.
    pub(super) fn thinking(&self, client: NodeId) -> usize {
        let caller = self.callers.get(&client).filter(|caller| caller.load.as_ref().is_some_and(|load| load.arrivals.users() > 0));
        caller.map_or(0, |caller| caller.pending.len())
    }
}

impl<P: Protocol> Default for Caller<P> {
    fn default() -> Self {
        Caller {
            open: 0,
            load: None,
            stream: 0,
            start: Time::ZERO,
            last: Time::ZERO,
            first: 0,
            number: 0,
            pending: BTreeMap::new(),
            tokens: BUCKET,
        }
    }
}

/// How a request ends that nobody answered: an operation that changes something may yet do so.
pub(super) fn unanswered<P: Protocol>(op: &P::Op, cause: Cause) -> Reply<P::Ret> {
    if P::changes(op) { Reply::Unknown(cause) } else { Reply::Failed(cause) }
}
