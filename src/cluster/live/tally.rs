//! What clients did and were told, counted as it happens. Cheap to clone.

use imbl::OrdMap;

use crate::check::operation::{Key, Op};
use crate::sim::history::{Kind, Record};
use crate::sim::id::RequestId;
use crate::sim::time::{Span, Time};

use super::Staged;

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

/// A spread of lengths of time, exact.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    counts: OrdMap<u64, u32>,
    n: u64,
}

impl Spread {
    fn add(&mut self, span: Span) {
        *self.counts.entry(span.0).or_insert(0) += 1;
        self.n += 1;
    }

    /// The smallest value that at least this part (0 to 1) of all does not exceed; zero when there is none.
    pub fn quantile(&self, part: f64) -> Span {
        let rank = (libm::ceil(part * self.n as f64) as u64).max(1);
        let mut seen = 0;
        for (ns, count) in &self.counts {
            seen += u64::from(*count);
            if seen >= rank {
                return Span(*ns);
            }
        }
        Span::ZERO
    }

    /// The mean; zero when there is none.
    pub fn mean(&self) -> Span {
        let sum: u128 = self.counts.iter().map(|(ns, count)| u128::from(*ns) * u128::from(*count)).sum();
        Span((sum / u128::from(self.n.max(1))) as u64)
    }
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
    /// The newest acknowledged write of its key when it was called.
    newest: Option<Newest>,
}

/// The counts of one run.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Writes, of every kind.
    pub writes: Counts,
    /// Reads.
    pub reads: Counts,
    /// Requests that a server refused.
    pub refused: usize,
    /// Reads that returned something older than what was acknowledged before they were called.
    pub stale_reads: usize,
    /// The greatest age of what a stale read returned: how long the newer value had been acknowledged.
    pub staleness_max: Span,
    /// From call to acknowledgement of writes.
    pub write_latency: Spread,
    /// From call to answer of reads.
    pub read_latency: Spread,
    /// How long nobody could take a write.
    pub unavailable: Span,
    /// Whether somebody can take a write now.
    pub serving: bool,
    /// Acknowledged writes, with the events at which they were called and acknowledged.
    pub acked: OrdMap<u32, (u64, u64)>,
    newest: OrdMap<Key, Newest>,
    calls: OrdMap<u32, u64>,
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

    pub(super) fn record<P: Staged>(&mut self, record: &Record<Op, P::Ret>) {
        match &record.kind {
            Kind::Invoke(op) => self.call(record.request, op, record.event, record.time),
            Kind::Ok(ret) => {
                let (_, wrote) = P::result(ret);
                self.ok(record.request, wrote, record.event, record.time);
            }
            Kind::Fail(cause) => {
                self.refused += usize::from(cause.starts_with("refused"));
                if let Some(open) = self.close(record.request) {
                    self.counts(&open.op).failed += 1;
                }
            }
            Kind::Info(_) => {
                if let Some(open) = self.close(record.request) {
                    self.counts(&open.op).unknown += 1;
                }
            }
        }
    }

    fn counts(&mut self, op: &Op) -> &mut Counts {
        if op.is_write() { &mut self.writes } else { &mut self.reads }
    }

    fn call(&mut self, request: RequestId, op: &Op, event: u64, at: Time) {
        let newest = self.newest.get(op.key()).copied();
        if op.is_write() {
            self.calls.insert(request.0, event);
        }
        self.open.push(Open { request, op: op.clone(), called: at, newest });
    }

    fn close(&mut self, request: RequestId) -> Option<Open> {
        let at = self.open.iter().position(|open| open.request == request)?;
        Some(self.open.remove(at))
    }

    fn ok(&mut self, request: RequestId, wrote: Option<RequestId>, event: u64, at: Time) {
        let Some(open) = self.close(request) else { return };
        self.counts(&open.op).ok += 1;
        let latency = at.since(open.called);
        if open.op.is_write() {
            self.write_latency.add(latency);
            let call = self.calls.get(&request.0).copied().unwrap_or(event);
            self.acked.insert(request.0, (call, event));
            self.newest.insert(open.op.key().clone(), Newest { request, call, at });
        } else {
            self.read_latency.add(latency);
            self.judge(&open, wrote);
        }
    }

    /// A read is stale when a write of its key was acknowledged before it was called, and what it saw was written before that.
    fn judge(&mut self, read: &Open, wrote: Option<RequestId>) {
        let Some(newest) = read.newest else { return };
        let is_stale = match wrote {
            None => true,
            Some(wrote) if wrote == newest.request => false,
            Some(wrote) => self.acked.get(&wrote.0).is_some_and(|(_, acked)| *acked < newest.call),
        };
        if is_stale {
            self.stale_reads += 1;
            self.staleness_max = self.staleness_max.max(read.called.since(newest.at));
        }
    }
}
