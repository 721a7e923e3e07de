//! The history as operations, and what happened in order.

use crate::check::operation::{Op, Operation, Outcome};
use crate::cluster::{Happening, What, words};
use crate::sim::history::{Cause, Kind, Record};
use crate::sim::log::Log;
use crate::sim::time::Time;
use crate::sim::trace::{Entry, Trace};

use super::{Live, Staged};

/// The client operations, in the order of their calls: request number `n` is at index `n`.
pub(super) fn operations<P: Staged>(live: &Live<P>) -> Vec<Operation> {
    gathered::<P>(0, &live.sim.history().all())
}

/// The newest operations, and the number of the first of them. What is older is not looked at.
pub(super) fn recent<P: Staged>(live: &Live<P>, most: usize) -> (usize, Vec<Operation>) {
    let mut calls = 0;
    let is_recent = |record: &&Record<Op, P::Ret>| {
        calls += usize::from(matches!(record.kind, Kind::Invoke(_)));
        calls <= most
    };
    let mut records: Vec<_> = live.sim.history().newest_first().take_while(is_recent).collect();
    records.reverse();
    let called = records.iter().find(|record| matches!(record.kind, Kind::Invoke(_)));
    let first = called.map_or(0, |record| record.request.0 as usize);
    (first, gathered::<P>(first, &records))
}

/// The operations from number `first` on that these records tell of, in order.
fn gathered<P: Staged>(first: usize, records: &[&Record<Op, P::Ret>]) -> Vec<Operation> {
    let mut all: Vec<Operation> = Vec::new();
    for record in records {
        match &record.kind {
            Kind::Invoke(op) => {
                debug_assert_eq!(first + all.len(), record.request.0 as usize, "requests are numbered in order");
                all.push(Operation {
                    id: record.request.0,
                    session: record.client.index() as u32,
                    op: op.clone(),
                    call: record.event * 2,
                    ret: None,
                    outcome: Outcome::Unknown,
                });
            }
            kind => {
                let index = (record.request.0 as usize).checked_sub(first);
                if let Some(operation) = index.and_then(|index| all.get_mut(index)) {
                    end::<P>(operation, kind, record.event);
                }
            }
        }
    }
    all
}

/// A call and a return of one event are concurrent: calls are even, returns odd.
fn end<P: Staged>(operation: &mut Operation, kind: &Kind<Op, P::Ret>, event: u64) {
    match kind {
        Kind::Ok(ret) => {
            operation.ret = Some(event * 2 + 1);
            operation.outcome = Outcome::Ok(P::told(ret).ret.clone());
        }
        Kind::Refused(_) | Kind::Failed(_) => {
            operation.ret = Some(event * 2 + 1);
            operation.outcome = Outcome::Failed;
        }
        Kind::Unknown(_) | Kind::Invoke(_) => {}
    }
}

/// What happened from `from` on, in the order of the events; within one event: poke, call, messages and notes, return. Of more than
/// `most` the newest.
pub(super) fn happenings<P: Staged>(live: &Live<P>, from: Time, most: usize, out: &mut Vec<Happening>) {
    let start = out.len();
    for poked in newest(&live.pokes, most, |poked| poked.at >= from) {
        out.push(Happening { event: poked.event, at: poked.at, what: What::Poked(poked.poke.clone()) });
    }
    let history = newest(live.sim.history(), most, |record| record.time >= from);
    out.extend(history.iter().filter(|record| matches!(record.kind, Kind::Invoke(_))).map(|record| called::<P>(record)));
    out.extend(newest(live.sim.trace(), most, |entry| entry.at >= from).iter().map(|entry| traced::<P>(entry)));
    out.extend(history.iter().filter_map(|record| returned::<P>(record)));
    out[start..].sort_by_key(|happening| happening.event);
    let spare = (out.len() - start).saturating_sub(most);
    out.drain(start..start + spare);
}

/// The newest items for which `keep` holds, at most so many, oldest first.
fn newest<T>(log: &Log<T>, most: usize, keep: impl Fn(&T) -> bool) -> Vec<&T> {
    let mut tail: Vec<&T> = log.newest_first().take(most).take_while(|item| keep(item)).collect();
    tail.reverse();
    tail
}

fn called<P: Staged>(record: &Record<Op, P::Ret>) -> Happening {
    Happening { event: record.event, at: record.time, what: What::Called(record.request.0 as usize) }
}

fn returned<P: Staged>(record: &Record<Op, P::Ret>) -> Option<Happening> {
    let told = match &record.kind {
        Kind::Invoke(_) => return None,
        Kind::Ok(ret) => words::ret(P::told(ret).ret),
        kind => short(kind).to_string(),
    };
    let what = What::Returned(record.request.0 as usize, told);
    Some(Happening { event: record.event, at: record.time, what })
}

/// The word for how a request ended that did not end well.
pub(super) fn short<Op, Ret>(kind: &Kind<Op, Ret>) -> &'static str {
    match kind {
        Kind::Invoke(_) => "open",
        Kind::Ok(_) => "ok",
        Kind::Refused(_) => "refused",
        Kind::Failed(Cause::NoAnswer) | Kind::Unknown(Cause::NoAnswer) => "timeout",
        Kind::Failed(_) => "failed",
        Kind::Unknown(_) => "unknown",
    }
}

fn traced<P: Staged>(entry: &Entry<P::Note>) -> Happening {
    let what = match &entry.what {
        Trace::Arrived(leg) => What::Arrived { id: leg.id, from: leg.from, to: leg.to, sent: leg.sent, kind: P::kind(leg.kind) },
        Trace::Lost(leg, death) => {
            let (kind, why) = (P::kind(leg.kind), death.why());
            What::Lost { id: leg.id, from: leg.from, to: leg.to, sent: leg.sent, kind, why }
        }
        Trace::Note(who, note) => {
            let (text, mark) = P::note(note, *who);
            What::Note { node: *who, text, mark }
        }
    };
    Happening { event: entry.event, at: entry.at, what }
}
