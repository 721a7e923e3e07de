//! A leader: answers its clients alone, and tells the other leaders afterwards.

use std::sync::Arc;

use crate::algo::version::Dot;
use crate::check::operation::{Key, Ret};
use crate::cluster::kit::fsync::{durably, recorded};
use crate::sim::disk::DiskFull;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Time;

use super::Context;
use super::accept::{Desk, Draft, Verdict};
use super::change::{Change, Context as Known, Moved, What};
use super::message::{Answer, Done, Msg};
use super::note::{Conflict, End, Note};
use super::request::Request;
use super::settings::{Policy, Reads};
use super::streams::{Streams, report};

/// What a leader has in memory.
#[derive(Clone, Debug, Default)]
pub struct Leader {
    /// The streams to the others, and what waits for its turn.
    pub streams: Streams,
}

/// What a client asked.
pub(super) struct Asked<'a> {
    pub from: NodeId,
    pub request: RequestId,
    pub ask: &'a Request,
    pub seen: &'a Known,
    pub picked: bool,
}

impl Leader {
    pub(super) fn boot(cx: &mut Context<'_>) -> Leader {
        let mut leader = Leader::default();
        if !cx.is_first_boot() {
            report(cx);
            leader.streams.ship(cx);
        }
        leader
    }
}

/// Answers a client, by what is here.
pub(super) fn on_ask(asked: &Asked<'_>, cx: &mut Context<'_>) {
    let answer = answer(asked, cx);
    durably(asked.from, Msg::Told { request: asked.request, answer }, cx);
}

fn answer(asked: &Asked<'_>, cx: &mut Context<'_>) -> Answer {
    let key = asked.ask.key();
    match home_elsewhere(asked.ask, cx) {
        Some(home) if asked.picked => return Answer::Refused(format!("{home} is the home of {key}")),
        Some(home) => return Answer::Elsewhere(home),
        None => {}
    }
    let desk = Desk { me: cx.id(), disk: cx.disk(), settings: cx.settings(), seen: asked.seen };
    let verdict = match desk.decide(asked.ask) {
        Ok(verdict) => verdict,
        Err(why) => return Answer::Refused(why),
    };
    let Verdict { ret, word, draft } = verdict;
    let change = match draft.map(|draft| commit(draft, Some(asked.request), cx)).transpose() {
        Ok(change) => change,
        Err(DiskFull) => return Answer::Refused("the disk is full".to_string()),
    };
    Answer::Done(Box::new(done(asked, (ret, word), change.as_deref(), cx)))
}

/// The home of a row, where that is another leader and counts for this request.
fn home_elsewhere(ask: &Request, cx: &Context<'_>) -> Option<NodeId> {
    let settings = cx.settings();
    let counts = settings.policy == Policy::Avoid && (ask.changes() || settings.reads == Reads::Home);
    let home = cx.disk().home(ask.key(), cx.server_count(), settings);
    (counts && home != cx.id()).then_some(home)
}

fn done(asked: &Asked<'_>, (ret, word): (Ret, Option<&'static str>), change: Option<&Change>, cx: &Context<'_>) -> Done {
    let ask = asked.ask;
    let row = cx.disk().row(change.map_or(ask.key(), |change| &change.key));
    let mut live = row.live().filter_map(|change| change.request);
    let first = live.next();
    let wrote = if ask.changes() { change.and_then(|change| change.request) } else { first };
    Done {
        ret,
        word,
        wrote,
        beside: if ask.changes() { Arc::default() } else { live.collect() },
        dot: change.map(|change| change.dot),
        shows: row.writes().cloned().collect(),
        seen: if ask.changes() { row.context_of_blind(change.map(|change| change.dot), asked.seen) } else { row.context() },
        applied: cx.disk().seen.clone(),
    }
}

/// The time of day in milliseconds.
fn ms(at: Time) -> u64 {
    at.0 / 1_000_000
}

/// Stamps a change and takes it in.
pub(super) fn commit(draft: Draft, request: Option<RequestId>, cx: &mut Context<'_>) -> Result<Arc<Change>, DiskFull> {
    let tick = cx.settings().stamp(ms(cx.clock()), cx.disk().latest);
    let past = cx.disk().seen.clone();
    let dot = Dot { actor: cx.id(), counter: past.counter(cx.id()) + 1 };
    let Draft { key, what, answers, inserted } = draft;
    let change = Arc::new(Change { dot, tick, request, key, what, past, answers, inserted });
    take(&change, cx)?;
    Ok(change)
}

/// Takes in a change, this leader's own or another's: row and position in one step.
pub(super) fn take(change: &Arc<Change>, cx: &mut Context<'_>) -> Result<(), DiskFull> {
    let (rule, before) = (cx.settings().rule(), cx.disk().row(&change.key));
    cx.write(|disk| disk.take(change, rule)).inspect_err(|DiskFull| cx.note(Note::DiskFull))?;
    recorded(cx);
    if let What::Home(moved) = change.what {
        cx.note(Note::Rehomed { key: change.key.clone(), to: moved.to });
    }
    if let Some(on) = change.answers.as_ref().filter(|on| cx.disk().value(on, rule).is_none()) {
        cx.note(Note::EarlyAnswer { key: change.key.clone(), on: on.clone() });
    }
    if change.is_write() {
        tell_conflict(change, before.writes(), cx);
    }
    Ok(())
}

/// Whether a write met others that it does not know of, and what became of them.
fn tell_conflict<'a>(change: &Arc<Change>, before: impl Iterator<Item = &'a Arc<Change>>, cx: &mut Context<'_>) {
    let before: Vec<&Arc<Change>> = before.collect();
    let there: Arc<[Arc<Change>]> = before.iter().filter(|other| other.is_beside(change)).map(|other| Arc::clone(other)).collect();
    let (row, rule) = (cx.disk().row(&change.key), cx.settings().rule());
    let end = match (row.holds(change.dot), there.iter().any(|other| row.holds(other.dot))) {
        (false, _) => End::Dropped,
        (true, true) if rule.policy == Policy::Merge => End::Merged(row.value(rule)),
        (true, true) => End::Beside,
        (true, false) => End::Replaced,
    };
    if !there.is_empty() {
        cx.note(Note::Conflict(Conflict { came: change.clone(), there, end }));
    } else if let (End::Dropped, Some(stays)) = (end, before.into_iter().find(|other| row.holds(other.dot)).cloned())
        && change.past.covers(stays.dot)
    {
        cx.note(Note::OwnLost { change: change.clone(), stays });
    }
}

/// An operator makes this leader the home of a row.
pub(super) fn rehome(key: Key, cx: &mut Context<'_>) {
    let times = cx.disk().homes.get(&key).map_or(0, |moved| moved.times) + 1;
    let what = What::Home(Moved { times, to: cx.id() });
    // A full disk has said so itself.
    let _ = commit(Draft { key, what, answers: None, inserted: None }, None, cx);
}
