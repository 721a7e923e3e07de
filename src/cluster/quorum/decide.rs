//! What a coordinator does with enough answers: gives a write its version, tells the client, mends what was old.

use std::sync::Arc;

use crate::algo::version::{Dot, Stamp};
use crate::check::operation::{Key, Ret};
use crate::sim::disk::DiskFull;
use crate::sim::id::{NodeId, RequestId};

use super::cell::{Cell, Context as Seen, Written};
use super::coordinate::{Coordinator, send};
use super::gather::{Asked, Gather, Reply, Stage};
use super::message::{Answer, Done, Msg, Note};
use super::request::Request;
use super::settings::{Hints, Repair, Settings, Versions};
use super::{Context, Timer};

/// Gives a write its version. `tick` is above all counters that were read. The error is a coordinator's full disk.
pub(super) fn mint(request: RequestId, ask: &Request, seen: &Seen, tick: u64, cx: &mut Context<'_>) -> Result<Cell, DiskFull> {
    let (writer, at) = (cx.id(), cx.clock());
    let written = Written { value: ask.value().cloned(), request, at };
    let tick = match cx.settings().versions {
        Versions::Clock => at.0,
        Versions::Counter => tick,
        Versions::Arrival => 0,
        Versions::Vector => return Ok(Cell::dotted(dot(request, ask.key(), cx)?, seen.clone(), written)),
    };
    Ok(Cell::One(Stamp { tick, writer, number: request.0 }, Arc::new(written)))
}

/// A new event of this coordinator. A client numbers its own requests; a node counts on its disk.
fn dot(request: RequestId, key: &Key, cx: &mut Context<'_>) -> Result<Dot<NodeId>, DiskFull> {
    let actor = cx.id();
    if actor.is_client() {
        return Ok(Dot { actor, counter: u64::from(request.0) + 1 });
    }
    let counter = cx.write(|disk| {
        let given = disk.dots.entry(key.clone()).or_insert(0);
        *given += 1;
        *given
    })?;
    Ok(Dot { actor, counter })
}

impl Coordinator {
    /// Enough answers came.
    pub(super) fn decide(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let Some(gather) = self.open.get(&request) else { return };
        match &gather.stage {
            Stage::Version(seen) => self.give_version(request, &seen.clone(), cx),
            Stage::Write(cell) => {
                let done = Done { ret: Ret::Done, wrote: Some(request), beside: Arc::new([]), seen: cell.context() };
                self.succeed(request, done, cx);
            }
            Stage::Read => self.decide_read(request, cx),
            Stage::WriteBack(cell) => self.succeed(request, read(Some(cell)), cx),
        }
    }

    fn give_version(&mut self, request: RequestId, seen: &Seen, cx: &mut Context<'_>) {
        let Some(gather) = self.open.get_mut(&request) else { return };
        let newest = gather.found.iter().filter_map(|(_, cell)| cell.as_ref()).map(Cell::tick).max().unwrap_or(0);
        match mint(request, &gather.ask, seen, newest + 1, cx) {
            Ok(cell) => {
                gather.stage = Stage::Write(cell);
                self.ask_homes(request, cx);
            }
            Err(DiskFull) => self.end(request, Answer::Refused("the coordinator's disk is full"), cx),
        }
    }

    /// Answers with the newest copy, mending old ones before or after.
    fn decide_read(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let (rule, repair) = (cx.settings().versions, cx.settings().repair);
        let Some(gather) = self.open.get_mut(&request) else { return };
        let newest = gather.newest(rule);
        let behind = newest.as_ref().map_or_else(Vec::new, |newest| gather.behind(newest, rule));
        if repair != Repair::Off && !behind.is_empty() {
            cx.note(Note::Behind { key: gather.key().clone(), behind: behind.len(), waits: repair == Repair::Before });
        }
        match newest {
            Some(newest) if repair == Repair::Before => self.write_back(request, newest, &behind, cx),
            newest => {
                if let (Repair::After, Some(newest)) = (repair, &newest) {
                    mend(gather, newest, &behind, cx);
                }
                self.succeed(request, read(newest.as_ref()), cx);
            }
        }
    }

    /// Makes sure that W replicas have what is about to be returned: those that answered with it count (Attiya, Bar-Noy and Dolev
    /// 1995, with the copies known to be up to date left out).
    fn write_back(&mut self, request: RequestId, newest: Cell, behind: &[NodeId], cx: &mut Context<'_>) {
        let homes = cx.settings().homes(&self.key_of(request), cx.server_count());
        let Some(gather) = self.open.get_mut(&request) else { return };
        let holds = |home: &NodeId| gather.has_answered(*home) && !behind.contains(home);
        let known = |home| match gather.asked.iter().find(|asked| asked.node == home) {
            Some(asked) if holds(&home) => *asked,
            _ => Asked::new(home, home),
        };
        gather.asked = homes.into_iter().map(known).collect();
        gather.stage = Stage::WriteBack(newest);
        if gather.answers(cx.settings()) >= gather.needed(cx.settings()) {
            return self.decide(request, cx);
        }
        let waiting: Vec<NodeId> = gather.asked.iter().filter(|asked| asked.reply == Reply::Waiting).map(|asked| asked.node).collect();
        for home in waiting {
            send(request, gather, home, None, cx);
        }
    }

    fn succeed(&mut self, request: RequestId, done: Done, cx: &mut Context<'_>) {
        let Some(gather) = self.open.get(&request) else { return };
        let last = gather.decided.map_or(gather.client, |(node, _)| node);
        let (is_write, answers) = (gather.ask.op.is_write(), gather.answers(cx.settings()));
        self.end(request, Answer::Done(done), cx);
        cx.note(Note::Decided { request, is_write, answers, last });
    }

    /// Tells the client. The request is remembered while late answers still matter.
    pub(super) fn end(&mut self, request: RequestId, answer: Answer, cx: &mut Context<'_>) {
        let Some(gather) = self.open.get_mut(&request) else { return };
        gather.told = true;
        let (client, lingers) = (gather.client, gather.lingers(cx.settings()));
        self.last = Some((request, gather.clone()));
        self.tell(request, client, answer, cx);
        if lingers {
            cx.start_timer(cx.settings().request_timeout, Timer::Forget(request));
        } else {
            self.drop(request, cx);
        }
    }

    /// An answer came after the client was told.
    pub(super) fn late(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let rule = cx.settings().versions;
        let Some(gather) = self.open.get(&request) else { return };
        if let (Stage::Read, Repair::After, Some(newest)) = (&gather.stage, cx.settings().repair, gather.newest(rule)) {
            let mut behind = gather.behind(&newest, rule);
            if gather.before_last(rule).is_some_and(|before| before.covers(&newest, rule)) {
                // The others were mended when they answered.
                behind.retain(|node| gather.found.last().is_some_and(|(last, _)| last == node));
            }
            mend(gather, &newest, &behind, cx);
        }
        if !gather.lingers(cx.settings()) {
            self.drop(request, cx);
        }
    }

    fn key_of(&self, request: RequestId) -> crate::check::operation::Key {
        self.open.get(&request).map_or_else(|| "".into(), |gather| gather.key().clone())
    }
}

/// Sends the newest copy to those that answered with less.
fn mend(gather: &Gather, newest: &Cell, behind: &[NodeId], cx: &mut Context<'_>) {
    for node in behind {
        cx.send(*node, Msg::Mend { key: gather.key().clone(), cell: newest.clone() });
    }
}

/// What a reader is told of a copy: its values, and whose they are; a tombstone beside a value is known and not shown.
fn read(cell: Option<&Cell>) -> Done {
    let first = cell.and_then(|cell| cell.live().next()).map(|written| written.request);
    let wrote = cell.into_iter().flat_map(Cell::writes).map(|written| written.request);
    let beside = wrote.filter(|request| Some(*request) != first).collect();
    let seen = cell.map(Cell::context).unwrap_or_default();
    Done { ret: Ret::Value(cell.and_then(Cell::value)), wrote: first, beside, seen }
}

impl Gather {
    /// Whether answers that come late still matter: a read mends by them, a write leaves hints for those that do not come.
    pub(super) fn lingers(&self, settings: &Settings) -> bool {
        match self.stage {
            Stage::Write(_) => self.waits() && settings.hints != Hints::Off,
            Stage::Read => self.waits() && settings.repair == Repair::After,
            Stage::Version(_) | Stage::WriteBack(_) => false,
        }
    }
}
