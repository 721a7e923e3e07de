//! What clients did and were told, counted as it happens. Cheap to clone.

use imbl::OrdMap;

use crate::check::operation::{Key, Op, Ret};
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::fresh::{Attempts, End};
use super::{Spread, Staged, Told};

/// How many operations ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// It took effect, and the client knows.
    pub ok: usize,
    /// It did not, and the client knows.
    pub failed: usize,
    /// The client does not know.
    pub unknown: usize,
}

impl Counts {
    fn all(&self) -> usize {
        self.ok + self.failed + self.unknown
    }
}

/// An acknowledged write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acked {
    /// The event at which it was called.
    pub call: u64,
    /// The event at which its client was told.
    pub event: u64,
    /// When the answer was sent.
    pub sent: Time,
}

/// The newest acknowledged write of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Which request.
    pub request: RequestId,
    /// The event at which it was called.
    pub call: u64,
    /// When it was acknowledged.
    pub at: Time,
}

#[derive(Clone, Debug)]
struct Open {
    request: RequestId,
    op: Op,
    called: Time,
    /// The event at which it was called.
    call: u64,
    /// The newest acknowledged write of its key when it was called.
    newest: Option<Newest>,
}

/// The counts of one run.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Writes, of every kind. A compare-and-set that found another value than it expected is none.
    pub writes: Counts,
    /// Reads.
    pub reads: Counts,
    /// Compare-and-sets that found another value than they expected and changed nothing.
    pub unswapped: usize,
    /// Requests that a server refused.
    pub refused: usize,
    /// Reads that returned something older than what was acknowledged before they were called, as [`Tally::judge`] has it.
    pub stale_reads: usize,
    /// The greatest age of what a stale read returned: how long the newer value had been acknowledged.
    pub staleness_max: Span,
    /// From call to acknowledgement of writes.
    pub write_latency: Spread,
    /// From call to answer of reads.
    pub read_latency: Spread,
    /// How long no write could be acknowledged.
    pub unavailable: Span,
    /// Whether a write can be acknowledged now.
    pub(super) serving: bool,
    /// Acknowledged writes, by request.
    pub acked: OrdMap<u32, Acked>,
    newest: OrdMap<Key, Newest>,
    attempts: Attempts,
    open: Vec<Open>,
    pub(super) history_seen: usize,
    pub(super) trace_seen: usize,
}

impl Tally {
    /// Virtual time passes.
    pub(super) fn pass(&mut self, from: Time, to: Time) {
        if !self.serving {
            self.unavailable = self.unavailable + to.since(from);
        }
    }

    /// The newest acknowledged write of a key.
    pub fn newest(&self, key: &Key) -> Option<&Newest> {
        self.newest.get(key)
    }

    /// Whether a write was acknowledged.
    pub fn is_acked(&self, request: u32) -> bool {
        self.acked.contains_key(&request)
    }

    /// How many requests wait for their answer.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Whether a request waits for its answer.
    pub fn is_open(&self, request: u32) -> bool {
        self.open.iter().any(|open| open.request.0 == request)
    }

    /// How many operations have ended.
    pub fn ended(&self) -> usize {
        self.writes.all() + self.reads.all() + self.unswapped
    }

    /// Counts one line of the history. `sent` is when the answer was sent, for a line that ends a request. The request that
    /// ended is returned.
    pub(super) fn record<P: Staged>(&mut self, record: &Record<Op, P::Ret>, sent: Time) -> Option<RequestId> {
        let Record { event, request, time, .. } = *record;
        match &record.kind {
            Kind::Invoke(op) => {
                self.call(request, op, event, time);
                return None;
            }
            Kind::Ok(ret) => self.ok(request, &P::told(ret), event, (sent, time)),
            Kind::Refused(_) | Kind::Failed(_) => {
                self.refused += usize::from(matches!(record.kind, Kind::Refused(_)));
                if let Some(open) = self.close(request, End::Never) {
                    self.counts(&open.op).failed += 1;
                }
            }
            Kind::Unknown(_) => {
                if let Some(open) = self.close(request, End::Unknown) {
                    self.counts(&open.op).unknown += 1;
                }
            }
        }
        Some(request)
    }

    fn counts(&mut self, op: &Op) -> &mut Counts {
        if op.is_write() { &mut self.writes } else { &mut self.reads }
    }

    fn call(&mut self, request: RequestId, op: &Op, event: u64, at: Time) {
        let newest = self.newest.get(op.key()).copied();
        self.attempts.call(op);
        self.open.push(Open { request, op: op.clone(), called: at, call: event, newest });
    }

    fn close(&mut self, request: RequestId, how: End) -> Option<Open> {
        let at = self.open.iter().position(|open| open.request == request)?;
        let open = self.open.remove(at);
        if open.op.is_write() {
            let floor = self.floor(open.op.key());
            self.attempts.end(&open.op, how, floor);
        }
        Some(open)
    }

    /// No read that is open, or comes, is set against a write called before this event.
    fn floor(&self, key: &Key) -> u64 {
        let newest = self.newest.get(key).map_or(0, |newest| newest.call);
        let reads = self.open.iter().filter(|open| !open.op.is_write() && open.op.key() == key);
        reads.filter_map(|open| open.newest).map(|newest| newest.call).fold(newest, u64::min)
    }

    fn ok(&mut self, request: RequestId, told: &Told<'_>, event: u64, (sent, at): (Time, Time)) {
        let is_kept = matches!(told.ret, Ret::NotSwapped);
        let Some(open) = self.close(request, if is_kept { End::Never } else { End::Acked(event) }) else { return };
        if is_kept {
            self.unswapped += 1;
            return;
        }
        self.counts(&open.op).ok += 1;
        let latency = at.since(open.called);
        if open.op.is_write() {
            self.write_latency.add(latency);
            self.acked.insert(request.0, Acked { call: open.call, event, sent });
            self.newest.insert(open.op.key().clone(), Newest { request, call: open.call, at });
        } else {
            self.read_latency.add(latency);
            self.judge(&open, told);
        }
    }

    /// A read is stale when a write of its key was acknowledged before it was called, all that it saw was acknowledged before
    /// that write was called, and no other write can have made what it returned. So a history with a stale read is not
    /// linearizable, whatever values repeat.
    fn judge(&mut self, read: &Open, told: &Told<'_>) {
        let Some(newest) = read.newest else { return };
        let is_old = |wrote: &RequestId| self.acked.get(&wrote.0).is_some_and(|acked| acked.event < newest.call);
        let is_stale = told.wrote.iter().chain(told.beside).all(is_old);
        let Ret::Value(value) = told.ret else { return };
        if is_stale && !self.attempts.explain(read.op.key(), value.as_ref(), newest.call) {
            self.stale_reads += 1;
            self.staleness_max = self.staleness_max.max(read.called.since(newest.at));
        }
    }
}

/// When the answer that a client got during an event was sent: `at` where no message brought it.
pub(super) fn sent_to<N>(client: NodeId, trace: &[&crate::sim::trace::Entry<N>], at: Time) -> Time {
    let arrived = |entry: &&crate::sim::trace::Entry<N>| match &entry.what {
        crate::sim::trace::Trace::Arrived(leg) if leg.to == client => Some(leg.sent),
        _ => None,
    };
    trace.iter().find_map(arrived).unwrap_or(at)
}
