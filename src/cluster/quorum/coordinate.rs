//! A coordinator: asks the replicas of a key and counts their answers (Dynamo, section 4.5).

use crate::persistent::OrdMap;
use crate::sim::disk::DiskFull;
use crate::sim::id::{NodeId, RequestId};

use super::cell::{Cell, Context as Seen};
use super::decide::mint;
use super::gather::{Asked, From, Gather, Said, Stage};
use super::message::{Answer, Msg, Note, count};
use super::request::Request;
use super::settings::{Hints, Reads, Settings, Versions};
use super::{Context, Timer};

/// The requests that a node collects answers for.
#[derive(Clone, Debug, Default)]
pub struct Coordinator {
    pub(super) open: OrdMap<RequestId, Gather>,
    /// The last one that its client was told of, for whoever looks on.
    pub last: Option<(RequestId, Gather)>,
    /// Answers for the client that this node is.
    own: Vec<(RequestId, Answer)>,
}

impl Coordinator {
    /// A request that it still collects answers for.
    pub fn get(&self, request: RequestId) -> Option<&Gather> {
        self.open.get(&request)
    }

    /// Every such request.
    pub fn iter(&self) -> impl Iterator<Item = (RequestId, &Gather)> {
        self.open.iter().map(|(request, gather)| (*request, gather))
    }

    /// The next answer for the client that this node is.
    pub(super) fn own_answer(&mut self) -> Option<(RequestId, Answer)> {
        self.own.pop()
    }

    /// What a write stores, once it has its version.
    pub(super) fn minted(&self, request: RequestId) -> Option<&Cell> {
        match &self.open.get(&request)?.stage {
            Stage::Write(cell) => Some(cell),
            _ => None,
        }
    }

    /// A client's request comes in.
    pub(super) fn begin(&mut self, request: RequestId, client: NodeId, ask: &Request, seen: &Seen, cx: &mut Context<'_>) {
        let stage = match cx.settings().versions {
            _ if !ask.op.is_write() => Ok(Stage::Read),
            Versions::Counter => Ok(Stage::Version(seen.clone())),
            _ => mint(request, ask, seen, 0, cx).map(Stage::Write),
        };
        match stage {
            Ok(stage) => {
                self.open.insert(request, Gather::new(client, ask.clone(), stage));
                if client != cx.id() {
                    cx.set_timer(cx.settings().request_timeout, Timer::Forget(request));
                }
                self.ask_homes(request, cx);
            }
            Err(DiskFull) => self.tell(request, client, Answer::Refused("the coordinator's disk is full"), cx),
        }
    }

    /// Asks the replicas of a stage that begins.
    pub(super) fn ask_homes(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let Some(gather) = self.open.get_mut(&request) else { return };
        let nodes = whom(gather, cx);
        gather.found.clear();
        gather.began = cx.clock();
        gather.asked = nodes.iter().map(|node| Asked::new(*node, *node)).collect();
        for node in nodes {
            send(request, gather, node, None, cx);
        }
        if cx.settings().hints != Hints::Off {
            cx.set_timer(cx.settings().hint_after, Timer::StandIn(request));
        }
    }

    pub(super) fn on_stored(&mut self, request: RequestId, from: From, cx: &mut Context<'_>) {
        if self.take(request, from, &Said::Stored, cx) {
            self.answered(request, from.0, cx);
        }
    }

    pub(super) fn on_full(&mut self, request: RequestId, from: From, cx: &mut Context<'_>) {
        if self.take(request, from, &Said::Full, cx) {
            self.give_up_early(request, cx);
        }
    }

    pub(super) fn on_found(&mut self, request: RequestId, from: From, cell: Option<Cell>, cx: &mut Context<'_>) {
        if self.take(request, from, &Said::Copy(cell), cx) {
            self.answered(request, from.0, cx);
        }
    }

    /// Takes an answer in. `false` when nobody waits for it.
    fn take(&mut self, request: RequestId, from: From, said: &Said, cx: &Context<'_>) -> bool {
        let now = cx.clock();
        if let Some((_, shown)) = self.last.as_mut().filter(|(last, _)| *last == request) {
            shown.take(from, said, now);
        }
        self.open.get_mut(&request).is_some_and(|gather| gather.take(from, said, now))
    }

    /// One more answer came.
    fn answered(&mut self, request: RequestId, from: NodeId, cx: &mut Context<'_>) {
        let Some(gather) = self.open.get_mut(&request) else { return };
        if gather.told {
            return self.late(request, cx);
        }
        if gather.answers(cx.settings()) >= gather.needed(cx.settings()) {
            gather.decided = Some((from, cx.clock()));
            self.decide(request, cx);
        } else {
            self.give_up_early(request, cx);
        }
    }

    /// Tells the client once all that were asked have answered, and too few did what they were asked for.
    fn give_up_early(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let Some(gather) = self.open.get(&request).filter(|gather| !gather.told && !gather.waits()) else { return };
        if gather.answers(cx.settings()) + spare(gather, cx) < gather.needed(cx.settings()) {
            let why = self.too_few(request, cx);
            self.end(request, Answer::TooFew(why), cx);
        }
    }

    /// Notes and says that too few answered.
    fn too_few(&self, request: RequestId, cx: &mut Context<'_>) -> String {
        let Some(gather) = self.open.get(&request) else { return String::new() };
        let (answers, needed) = (gather.answers(cx.settings()), gather.needed(cx.settings()));
        let (is_write, full) = (gather.ask.op.is_write(), gather.full());
        cx.note(Note::TooFew { request, is_write, answers, needed, full });
        let full = if full > 0 { format!(", {} full", count(full, "disk is", "disks are")) } else { String::new() };
        format!("failed: {answers} of {needed} {}{full}", if is_write { "stored it" } else { "answered" })
    }

    /// Nobody waits for the answer any more.
    pub(super) fn forget(&mut self, request: RequestId, cx: &mut Context<'_>) {
        if let Some(gather) = self.open.get(&request).filter(|gather| !gather.told) {
            self.last = Some((request, gather.clone()));
            self.too_few(request, cx);
        }
        self.drop(request, cx);
    }

    pub(super) fn drop(&mut self, request: RequestId, cx: &mut Context<'_>) {
        self.open.remove(&request);
        cx.cancel_timer(Timer::Forget(request));
        cx.cancel_timer(Timer::StandIn(request));
    }

    pub(super) fn tell(&mut self, request: RequestId, client: NodeId, answer: Answer, cx: &mut Context<'_>) {
        if client == cx.id() { self.own.push((request, answer)) } else { cx.send(client, Msg::Told { request, answer }) }
    }

    /// Some replicas have not answered for long: others stand in for them.
    pub(super) fn on_stand_in(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let Some(gather) = self.open.get_mut(&request) else { return };
        let (told, mut holders) = (gather.told, candidates(gather, cx).into_iter());
        for home in gather.missing(cx.settings()) {
            let Some(holder) = holders.next() else { break };
            gather.asked.push(Asked::new(holder, home));
            cx.note(Note::StandsIn { home, holder });
            send(request, gather, holder, Some(home), cx);
        }
        if told {
            self.drop(request, cx);
        } else {
            cx.set_timer(cx.settings().hint_after, Timer::StandIn(request));
        }
    }
}

/// The replicas that a stage asks: all for a write; for a read those that were named and what makes up R, or all, or R at random.
fn whom(gather: &Gather, cx: &mut Context<'_>) -> Vec<NodeId> {
    let mut homes = cx.settings().homes(gather.key(), cx.server_count());
    let (named, reads, needed) = (&gather.ask.among, cx.settings().reads, gather.needed(cx.settings()));
    if gather.stores() || (named.is_empty() && reads == Reads::All) {
        return homes;
    }
    if named.is_empty() {
        let mut draws = cx.rng();
        for i in (1..homes.len()).rev() {
            homes.swap(i, draws.below(i as u64 + 1) as usize);
        }
    }
    homes.sort_by_key(|home| named.iter().position(|node| node == home).unwrap_or(named.len()));
    homes.truncate(needed.max(named.len()));
    homes
}

/// Asks one node what the stage is about.
pub(super) fn send(request: RequestId, gather: &Gather, node: NodeId, stands_for: Option<NodeId>, cx: &mut Context<'_>) {
    let key = gather.key().clone();
    match &gather.stage {
        Stage::Read | Stage::Version(_) => cx.send(node, Msg::Get { request, key, stands_for }),
        Stage::Write(cell) | Stage::WriteBack(cell) => {
            // What a node gave a dot must not be forgotten by it, or the dot would be given twice.
            let put = Msg::Put { request, key, cell: cell.clone(), stands_for };
            if cx.settings().versions == Versions::Vector { cx.send_after_sync(node, put) } else { cx.send(node, put) }
        }
    }
}

/// Who can still stand in: the nodes after the replicas; where stand-ins do not count, also replicas that have answered.
fn candidates(gather: &Gather, cx: &Context<'_>) -> Vec<NodeId> {
    let settings = cx.settings();
    let mut list = settings.preference(gather.key(), cx.server_count());
    let homes: Vec<NodeId> = list.drain(..list.len().min(settings.n as usize)).collect();
    if settings.hints == Hints::Kept {
        list.extend(homes.into_iter().filter(|home| gather.has_answered(*home)));
    }
    let is_taken = |node: &NodeId| gather.asked.iter().any(|asked| asked.node == *node && asked.home != *node);
    list.retain(|node| may_stand_in(gather, settings) && !is_taken(node));
    list
}

/// Reads are answered by stand-ins only where these count.
fn may_stand_in(gather: &Gather, settings: &Settings) -> bool {
    settings.hints == Hints::Counted || settings.hints == Hints::Kept && gather.stores()
}

/// How many more answers stand-ins can give that were not asked yet.
fn spare(gather: &Gather, cx: &Context<'_>) -> usize {
    if cx.settings().hints == Hints::Counted { candidates(gather, cx).len().min(gather.missing(cx.settings()).len()) } else { 0 }
}
