//! The history as operations, and what happened in order.

use std::borrow::Cow;

use crate::cluster::scene::FlightKind;
use crate::cluster::told::{Exchange, Newest, Outcome, Stamp, Told};
use crate::cluster::{Happening, NoteMark, What};
use crate::sim::history::{Kind, Record};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::log::Log;
use crate::sim::packed::Packed;
use crate::sim::protocol::Protocol;
use crate::sim::time::Time;
use crate::sim::trace::{Death, Entry, Fault, Leg, Trace};

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
    put_in_order(start, most, out);
}

/// Puts what happened from a place on into the order of the events, and drops the oldest of more than `most`.
fn put_in_order(start: usize, most: usize, out: &mut Vec<Happening>) {
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
        Trace::Arrived(leg) => ended(leg, P::Msg::on_stage(leg.kind), None),
        Trace::Lost(leg, death) => ended(leg, P::Msg::on_stage(leg.kind), Some(*death)),
        Trace::Fault(who, fault) => failed(*who, &P::name(sim, *who), *fault),
        Trace::Note(who, note) => {
            let (text, mark) = (note.text(*who, &|id| P::name(sim, id)), note.mark());
            What::Note { node: *who, text, mark }
        }
    };
    Happening { event: entry.event, at: entry.at, what }
}

/// The end of a message's way.
fn ended(leg: &Leg, kind: FlightKind, death: Option<Death>) -> What {
    let Leg { id, from, to, sent, .. } = *leg;
    match death.map(Death::why) {
        None => What::Arrived { id, from, to, sent, kind },
        Some(why) => What::Lost { id, from, to, sent, kind, why },
    }
}

fn failed(node: NodeId, name: &str, fault: Fault) -> What {
    let (text, mark) = match fault {
        Fault::Failed => (format!("{name} fails"), NoteMark::Discards),
        Fault::Repaired => (format!("{name} is repaired and starts"), NoteMark::Applies),
    };
    What::Note { node, text, mark }
}
