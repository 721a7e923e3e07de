//! What clients asked and were told, counted as it happens, for every model alike. Cheap to clone.

use std::collections::VecDeque;

use crate::sim::history::{Kind, Record};
use crate::sim::id::RequestId;
use crate::sim::time::{Span, Time};

use super::{Spread, Staged};

/// How many requests ended how.
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
    /// All that ended.
    pub fn all(&self) -> usize {
        self.ok + self.failed + self.unknown
    }
}

#[derive(Clone, Copy, Debug)]
struct Open {
    request: RequestId,
    changes: bool,
    called: Time,
}

/// The counts of one run.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    /// Requests that can change something. One that was answered and changed nothing is none.
    pub changes: Counts,
    /// Requests that only look.
    pub looks: Counts,
    /// Requests that were answered, could have changed something, and changed nothing.
    pub unchanged: usize,
    /// Requests that a server refused.
    pub refused: usize,
    /// From call to answer of requests that changed something.
    pub change_latency: Spread,
    /// From call to answer of requests that only look.
    pub look_latency: Spread,
    /// How long nothing could be changed.
    pub unavailable: Span,
    /// Whether something can be changed now.
    pub(super) serving: bool,
    /// In the order of their numbers.
    open: VecDeque<Open>,
    pub(super) history_seen: usize,
    pub(super) trace_seen: usize,
}

impl Meter {
    /// Virtual time passes.
    pub(super) fn pass(&mut self, from: Time, to: Time) {
        if !self.serving {
            self.unavailable = self.unavailable + to.since(from);
        }
    }

    /// The bytes that a clone holds alone once the run has gone on.
    pub(super) fn kept_bytes(&self) -> u64 {
        self.change_latency.kept_bytes() + self.look_latency.kept_bytes()
    }

    /// How many requests wait for their answer.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// How many requests have ended.
    pub fn ended(&self) -> usize {
        self.changes.all() + self.looks.all() + self.unchanged
    }

    /// Counts one line of the history. The request that ended is returned.
    pub(super) fn record<P: Staged>(&mut self, record: &Record<P::Op, P::Ret>) -> Option<RequestId> {
        let Record { request, time, .. } = *record;
        match &record.kind {
            Kind::Invoke(op) => {
                self.open.push_back(Open { request, changes: P::changes(op), called: time });
                return None;
            }
            Kind::Ok(ret) => self.ok::<P>(request, ret, time),
            Kind::Refused(_) | Kind::Failed(_) => {
                self.refused += usize::from(matches!(record.kind, Kind::Refused(_)));
                if let Some(counts) = self.end(request) {
                    counts.failed += 1;
                }
            }
            Kind::Unknown(_) => {
                if let Some(counts) = self.end(request) {
                    counts.unknown += 1;
                }
            }
        }
        Some(request)
    }

    fn ok<P: Staged>(&mut self, request: RequestId, ret: &P::Ret, at: Time) {
        let Some(open) = self.close(request) else { return };
        let latency = at.since(open.called);
        if open.changes && !P::changed(ret) {
            self.unchanged += 1;
        } else if open.changes {
            self.changes.ok += 1;
            self.change_latency.add(latency);
        } else {
            self.looks.ok += 1;
            self.look_latency.add(latency);
        }
    }

    fn end(&mut self, request: RequestId) -> Option<&mut Counts> {
        let open = self.close(request)?;
        Some(if open.changes { &mut self.changes } else { &mut self.looks })
    }

    fn close(&mut self, request: RequestId) -> Option<Open> {
        let at = self.open.binary_search_by_key(&request, |open| open.request).ok()?;
        self.open.remove(at)
    }
}
