//! The history as operations, and what happened in order.

use std::borrow::Cow;

use crate::cluster::told::{Exchange, Newest, Outcome, Stamp, Told};
use crate::cluster::{Happening, NoteMark, What};
use crate::sim::history::{Kind, Record};
use crate::sim::kernel::Sim;
use crate::sim::log::Log;
use crate::sim::packed::Packed;
use crate::sim::protocol::Protocol;
use crate::sim::time::Time;
use crate::sim::trace::{Entry, Fault, Trace};

use super::{Labelled as _, Live, Staged, Worded as _};

type History<P> = Packed<Record<<P as Protocol>::Op, <P as Protocol>::Ret>>;

/// The exchanges, in the order of their calls: request number `n` is at index `n`.
pub(super) fn exchanges<P: Staged>(live: &Live<P>) -> Vec<Exchange> {
    gathered::<P>(0, live.sim.history().iter())
}

/// The newest exchanges, and the number of the first of them. What is older is not looked at.
pub(super) fn recent<P: Staged>(live: &Live<P>, most: usize) -> (usize, Vec<Exchange>) {
    let mut calls = 0;
    let is_recent = |record: &Cow<'_, Record<P::Op, P::Ret>>| {
        calls += usize::from(matches!(record.kind, Kind::Invoke(_)));
        calls <= most
    };
    let mut records: Vec<_> = live.sim.history().newest_first().take_while(is_recent).collect();
    records.reverse();
    let called = records.iter().find(|record| matches!(record.kind, Kind::Invoke(_)));
    let first = called.map_or(0, |record| record.request.0 as usize);
    (first, gathered::<P>(first, records.into_iter()))
}

/// The exchanges from number `first` on that these records tell of, in order.
fn gathered<'a, P: Staged>(first: usize, records: impl Iterator<Item = Cow<'a, Record<P::Op, P::Ret>>>) -> Vec<Exchange> {
    let mut newest = Newest { first, ..Newest::default() };
    for record in records {
        newest.hear(line::<P>(&record));
    }
    newest.list.into()
}

/// What the lines of the history from number `from` on tell.
pub(super) fn told<P: Staged>(live: &Live<P>, from: usize) -> Vec<Told> {
    live.sim.history().iter_from(from).map(|record| line::<P>(&record)).collect()
}

fn line<P: Staged>(record: &Record<P::Op, P::Ret>) -> Told {
    let (id, stamp) = (record.request.0, Stamp { event: record.event, at: record.time });
    match &record.kind {
        Kind::Invoke(op) => {
            let (client, call) = (record.client, P::asked(op));
            Told::Called(Exchange { id, client, call, called: stamp, ended: None, outcome: Outcome::Open })
        }
        kind => Told::Ended(id, stamp, outcome::<P>(kind)),
    }
}

/// How a request ended.
pub(super) fn outcome<P: Staged>(kind: &Kind<P::Op, P::Ret>) -> Outcome {
    match kind {
        Kind::Invoke(_) => Outcome::Open,
        Kind::Ok(ret) => Outcome::Ok(P::told(ret)),
        Kind::Refused(cause) => Outcome::Refused(cause.clone()),
        Kind::Failed(cause) => Outcome::Failed(cause.clone()),
        Kind::Unknown(cause) => Outcome::Unknown(cause.clone()),
    }
}

/// What happened from `from` on, in the order of the events; within one event: poke, call, messages and notes, return. Of more than
/// `most` the newest.
pub(super) fn happenings<P: Staged>(live: &Live<P>, from: Time, most: usize, out: &mut Vec<Happening>) {
    let start = out.len();
    for poked in newest(&live.pokes, most, |poked| poked.at >= from).into_iter().filter(|poked| !P::is_input(&poked.poke)) {
        out.push(Happening { event: poked.event, at: poked.at, what: What::Poked(poked.poke.clone()) });
    }
    let history = newest_records::<P>(live.sim.history(), most, from);
    out.extend(history.iter().filter(|record| matches!(record.kind, Kind::Invoke(_))).map(|record| called::<P>(record)));
    out.extend(newest(live.sim.trace(), most, |entry| entry.at >= from).iter().map(|entry| traced::<P>(entry, &live.sim)));
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

/// The newest lines of the history that are not before a moment, at most so many, oldest first.
fn newest_records<P: Staged>(history: &History<P>, most: usize, from: Time) -> Vec<Cow<'_, Record<P::Op, P::Ret>>> {
    let mut tail: Vec<_> = history.newest_first().take(most).take_while(|record| record.time >= from).collect();
    tail.reverse();
    tail
}

fn called<P: Staged>(record: &Record<P::Op, P::Ret>) -> Happening {
    Happening { event: record.event, at: record.time, what: What::Called(record.request.0 as usize) }
}

fn returned<P: Staged>(record: &Record<P::Op, P::Ret>) -> Option<Happening> {
    if matches!(record.kind, Kind::Invoke(_)) {
        return None;
    }
    let what = What::Returned(record.request.0 as usize, outcome::<P>(&record.kind).short().to_string());
    Some(Happening { event: record.event, at: record.time, what })
}

fn traced<P: Staged>(entry: &Entry<P::Note>, sim: &Sim<P>) -> Happening {
    let what = match &entry.what {
        Trace::Arrived(leg) => What::Arrived { id: leg.id, from: leg.from, to: leg.to, sent: leg.sent, kind: P::Msg::on_stage(leg.kind) },
        Trace::Lost(leg, death) => {
            let (kind, why) = (P::Msg::on_stage(leg.kind), death.why());
            What::Lost { id: leg.id, from: leg.from, to: leg.to, sent: leg.sent, kind, why }
        }
        Trace::Fault(who, fault) => {
            let (text, mark) = match fault {
                Fault::Failed => (format!("{} fails", P::name(sim, *who)), NoteMark::Discards),
                Fault::Repaired => (format!("{} is repaired and starts", P::name(sim, *who)), NoteMark::Applies),
            };
            What::Note { node: *who, text, mark }
        }
        Trace::Note(who, note) => {
            let (text, mark) = (note.text(*who, &|id| P::name(sim, id)), note.mark());
            What::Note { node: *who, text, mark }
        }
    };
    Happening { event: entry.event, at: entry.at, what }
}
