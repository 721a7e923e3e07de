//! What clients of registers wrote and saw, followed event by event. Cheap to clone.

use crate::check::operation::{Key, Op, Ret};
use crate::cluster::live::Seen;
use crate::persistent::OrdMap;
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::log::Since;
use crate::sim::pack::{Near, Pack, Packer, Unpacker};
use crate::sim::table::Table;
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Entry, Trace};

use super::fresh::{Attempts, End};
use super::{Answer, Registers};

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

impl Pack for Acked {
    fn pack(&self, out: &mut Packer) {
        out.near(Near::Event, self.call);
        out.near(Near::Event, self.event);
        self.sent.pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Acked {
        Acked { call: from.near(Near::Event), event: from.near(Near::Event), sent: Time::unpack(from) }
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
    /// The event at which it was called.
    call: u64,
    /// The newest acknowledged write of its key when it was called.
    newest: Option<Newest>,
}

/// The writes and reads of one run.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// Reads that returned something older than what was acknowledged before they were called, as [`Register::judge`] has it.
    pub stale_reads: usize,
    /// The greatest age of what a stale read returned: how long the newest write had been acknowledged.
    pub staleness_max: Span,
    /// The same of the reads that ended with the last event.
    pub stale_now: Span,
    /// Acknowledged writes, by request.
    pub acked: Table<Acked>,
    newest: OrdMap<Key, Newest>,
    attempts: Attempts,
    open: Vec<Open>,
    /// Open requests that can change something else than a register, each with the event at which it was called.
    others: Vec<(RequestId, u64)>,
}

impl Register {
    /// The newest acknowledged write of a key.
    pub fn newest(&self, key: &Key) -> Option<&Newest> {
        self.newest.get(key)
    }

    /// The newest acknowledged write of every key that has one.
    pub fn all_newest(&self) -> impl Iterator<Item = (&Key, &Newest)> {
        self.newest.iter()
    }

    /// Whether a write was acknowledged.
    pub fn is_acked(&self, request: u32) -> bool {
        self.acked.contains(request)
    }

    /// Whether a request waits for its answer.
    pub fn is_open(&self, request: u32) -> bool {
        self.open.iter().any(|open| open.request.0 == request) || self.others.iter().any(|(open, _)| open.0 == request)
    }

    /// Takes in what the last event brought.
    pub fn follow<P: Registers>(&mut self, seen: &Seen<'_, P>) {
        self.stale_now = Span::ZERO;
        for record in seen.records {
            self.record::<P>(record, seen.trace);
        }
    }

    fn record<P: Registers>(&mut self, record: &Record<P::Op, P::Ret>, trace: Since<'_, Entry<P::Note>>) {
        let Record { event, request, time, client, .. } = *record;
        match &record.kind {
            Kind::Invoke(op) => match P::op(op) {
                Some(op) => self.call(request, op, event, time),
                None if P::changes(op) => self.others.push((request, event)),
                None => {}
            },
            Kind::Ok(ret) => {
                let sent = sent_to(client, trace, time);
                match self.end_other(request) {
                    Some(call) if P::changed(ret) => drop(self.acked.insert(request.0, Acked { call, event, sent })),
                    Some(_) => {}
                    None => self.ok(request, &P::answer(ret), event, (sent, time)),
                }
            }
            Kind::Refused(_) | Kind::Failed(_) => self.give_up(request, End::Never),
            Kind::Unknown(_) => self.give_up(request, End::Unknown),
        }
    }

    /// The event at which a request was called that can change something else than a register. It is over.
    fn end_other(&mut self, request: RequestId) -> Option<u64> {
        let at = self.others.iter().position(|(open, _)| *open == request)?;
        Some(self.others.remove(at).1)
    }

    fn give_up(&mut self, request: RequestId, how: End) {
        if self.end_other(request).is_none() {
            self.close(request, how);
        }
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

    /// A compare-and-set that found another value than it expected is no write.
    fn ok(&mut self, request: RequestId, answer: &Answer<'_>, event: u64, (sent, at): (Time, Time)) {
        let is_kept = matches!(answer.ret, Ret::NotSwapped);
        let Some(open) = self.close(request, if is_kept { End::Never } else { End::Acked(event) }) else { return };
        if !open.op.is_write() {
            self.judge(&open, answer);
        } else if !is_kept {
            self.acked.insert(request.0, Acked { call: open.call, event, sent });
            self.newest.insert(open.op.key().clone(), Newest { request, call: open.call, at });
        }
    }

    /// A read is stale when a write of its key was acknowledged before it was called, all that it saw was acknowledged before
    /// that write was called, and no other write can have made what it returned. So a history with a stale read is not
    /// linearizable, whatever values repeat.
    fn judge(&mut self, read: &Open, answer: &Answer<'_>) {
        let Some(newest) = read.newest else { return };
        let is_old = |wrote: &RequestId| self.acked.get(wrote.0).is_some_and(|acked| acked.event < newest.call);
        let is_stale = answer.wrote.iter().chain(answer.beside).all(is_old);
        let Ret::Value(value) = answer.ret else { return };
        if is_stale && !self.attempts.explain(read.op.key(), value.as_ref(), newest.call) {
            self.stale_reads += 1;
            self.stale_now = self.stale_now.max(read.called.since(newest.at));
            self.staleness_max = self.staleness_max.max(self.stale_now);
        }
    }
}

/// When the answer that a client got during an event was sent: `at` where no message brought it.
fn sent_to<N>(client: NodeId, trace: Since<'_, Entry<N>>, at: Time) -> Time {
    let arrived = |entry: &Entry<N>| match &entry.what {
        Trace::Arrived(leg) if leg.to == client => Some(leg.sent),
        _ => None,
    };
    trace.into_iter().find_map(arrived).unwrap_or(at)
}
