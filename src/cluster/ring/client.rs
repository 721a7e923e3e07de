//! A client: it has a map, which may be old, and sends each request where that says.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::operation::{Key, Op, Ret, Value};
use crate::cluster::kit::register::nothing;
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::time::Span;

use super::gather::{Gather, Whole};
use super::keys::{entries, part};
use super::map::Shared;
use super::message::{Answer, Ask, Msg, Piece, What};
use super::request::{Done, Query, Request};
use super::settings::{Index, Reads};
use super::{Context, Timer};

/// How often a request is sent on at most.
const SENT_ON_MAX: u32 = 16;
/// How long a client waits before it asks again what could not be answered as a whole.
const REST: Span = Span::ms(20);
/// The share of its patience after which a client takes what has come, where it may.
const ENOUGH: f64 = 0.8;

/// A client.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The newest map that it was told of.
    pub map: Shared,
    /// Queries that are not over.
    gathers: OrdMap<RequestId, Gather>,
    /// Counters in parts that are not all read: what each part stands at.
    sums: OrdMap<RequestId, BTreeMap<Key, Option<i64>>>,
    /// How often it asks for the newest map.
    refreshes: Option<Span>,
    /// How often requests were sent on.
    sent_on: OrdMap<RequestId, u32>,
}

impl Client {
    /// A client that starts.
    pub(super) fn boot(cx: &mut Context<'_>) -> Client {
        let mut client = Client::default();
        client.on_settings(cx);
        client
    }

    /// Settings may have changed: another interval begins, and one that is the same goes on.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        let every = cx.settings().map_refresh;
        if std::mem::replace(&mut self.refreshes, every) != every {
            cx.cancel_timer(Timer::Refresh);
            Client::refresh_in_a_while(cx);
        }
    }

    pub(super) fn refresh_in_a_while(cx: &mut Context<'_>) {
        if let Some(every) = cx.settings().map_refresh {
            cx.set_timer(every, Timer::Refresh);
        }
    }

    /// It is asked to ask.
    pub(super) fn on_request(&mut self, request: RequestId, op: &Request, server: Option<NodeId>, cx: &mut Context<'_>) {
        self.sent_on.remove(&request);
        self.begin(request, op, server, cx);
    }

    fn begin(&mut self, request: RequestId, op: &Request, server: Option<NodeId>, cx: &mut Context<'_>) {
        match op {
            Request::Query(query) => self.scatter(request, query, 0, cx),
            Request::Count(key) if self.map.parts(key) > 1 => {
                let rows = (0..self.map.parts(key)).map(|number| part(key, number));
                self.sums.insert(request, rows.clone().map(|row| (row, None)).collect());
                rows.for_each(|row| self.send(request, What::Get { row, any: false }, None, cx));
            }
            _ => {
                let what = self.what(op, cx);
                self.send(request, what, server, cx);
            }
        }
    }

    /// What is asked of one row. Which part of a counter grows is drawn.
    fn what(&self, op: &Request, cx: &mut Context<'_>) -> What {
        match op {
            Request::Key(Op::Read { key }) => What::Get { row: key.clone(), any: cx.settings().reads == Reads::Any },
            Request::Count(key) => What::Get { row: part(key, 0), any: false },
            Request::Add(key) => {
                let parts = self.map.parts(key);
                let number = if parts > 1 { cx.rng().below(parts.into()) as u32 } else { 0 };
                What::Change { row: part(key, number), request: op.clone() }
            }
            Request::Key(op) => What::Change { row: op.key().clone(), request: Request::Key(op.clone()) },
            Request::Query(_) => What::Get { row: "".into(), any: true },
        }
    }

    /// Sends a question about one row to the node that is named, or that has it by the map.
    fn send(&mut self, request: RequestId, what: What, server: Option<NodeId>, cx: &mut Context<'_>) {
        let to = server.unwrap_or_else(|| self.whom(&what, cx));
        let (version, row_bytes) = (self.map.version, cx.settings().row_bytes);
        cx.ask(request, to, Msg::Ask(Ask { request, client: cx.id(), version, hops: 0, what, row_bytes }));
    }

    fn whom(&self, what: &What, cx: &mut Context<'_>) -> NodeId {
        match what {
            What::Get { row, any: true } => {
                let homes = self.map.homes(row);
                let number = if homes.len() > 1 { cx.rng().below(homes.len() as u64) as usize } else { 0 };
                homes.get(number).copied().unwrap_or(NodeId::server(0))
            }
            _ => self.map.primary(what.row()),
        }
    }

    /// A node answers about one row.
    pub(super) fn on_told(&mut self, request: RequestId, row: &Key, answer: Answer, cx: &mut Context<'_>) {
        let Some(op) = cx.open(request).map(|open| open.op.clone()) else { return };
        match answer {
            Answer::Done(done) if self.sums.contains_key(&request) => self.sum(request, row, &done, cx),
            Answer::Done(done) => self.end(request, Reply::Ok(finished(&op, done)), cx),
            Answer::Refused(why) => self.end(request, Reply::Refused(why.into()), cx),
            Answer::Moved(map) => self.sent_on(request, row, &op, map, cx),
        }
    }

    /// Another node has the key: it is asked, by the newer map.
    fn sent_on(&mut self, request: RequestId, row: &Key, op: &Request, map: Shared, cx: &mut Context<'_>) {
        let known = self.parts(op);
        self.learn(&[map]);
        let times = self.sent_on.entry(request).or_default();
        *times += 1;
        if *times > SENT_ON_MAX {
            return self.end(request, Reply::Refused("it was sent on too often".into()), cx);
        }
        if self.parts(op) != known {
            return self.begin(request, op, None, cx);
        }
        let what = match self.what(op, cx) {
            What::Change { request, .. } => What::Change { row: row.clone(), request },
            // Any copy would have done, but that node has none: the owner has one.
            What::Get { .. } => What::Get { row: row.clone(), any: false },
        };
        self.send(request, what, None, cx);
    }

    /// In how many parts the counter lies that is asked about; 1 for anything else.
    fn parts(&self, op: &Request) -> u32 {
        if let Request::Add(key) | Request::Count(key) = op { self.map.parts(key) } else { 1 }
    }

    /// One part more of a counter is read.
    fn sum(&mut self, request: RequestId, row: &Key, done: &Done, cx: &mut Context<'_>) {
        let Some(parts) = self.sums.get_mut(&request) else { return };
        parts.insert(row.clone(), Some(number(&done.ret)));
        let (nodes, whole): (usize, Option<i64>) = (parts.len(), parts.values().copied().sum());
        if let Some(sum) = whole {
            let ret = Ret::Value(Some(Value::Int(sum)));
            self.end(request, Reply::Ok(Done { judged: ret.clone(), ret, wrote: None, nodes: nodes as u32, found: None }), cx);
        }
    }

    fn end(&mut self, request: RequestId, reply: Reply<Done>, cx: &mut Context<'_>) {
        self.forget(request, cx);
        cx.reply(request, reply);
    }

    fn forget(&mut self, request: RequestId, cx: &mut Context<'_>) {
        self.gathers.remove(&request);
        self.sums.remove(&request);
        self.sent_on.remove(&request);
        cx.cancel_timer(Timer::Ask(request));
        cx.cancel_timer(Timer::Enough(request));
    }

    /// Nobody answered in time: perhaps the map is old, so somebody is asked for the newest.
    pub(super) fn on_give_up(&mut self, request: RequestId, cx: &mut Context<'_>) {
        self.forget(request, cx);
        self.refresh(cx);
    }

    /// Asks some node for the newest map.
    pub(super) fn refresh(&mut self, cx: &mut Context<'_>) {
        let all: Vec<NodeId> = cx.servers().collect();
        if !all.is_empty() {
            let at = cx.rng().below(all.len() as u64) as usize;
            cx.send(all[at], Msg::Have { version: self.map.version });
        }
    }

    /// Takes the newest of some maps, where it is newer than its own.
    pub(super) fn learn(&mut self, maps: &[Shared]) {
        if let Some(map) = maps.last().filter(|map| map.version > self.map.version) {
            self.map = map.clone();
        }
    }

    /// Asks every node that may have some of what a query asks for.
    fn scatter(&mut self, request: RequestId, query: &Query, round: u32, cx: &mut Context<'_>) {
        let asked = match query {
            Query::Scan(from, upto) => self.map.owners_between(from, upto.as_deref()),
            Query::Find(value) if cx.settings().index == Index::Global => [self.map.primary(&entries(value))].into(),
            Query::Find(_) => self.map.members().collect(),
        };
        for node in &asked {
            cx.ask(request, *node, Msg::Part { request, round, query: Arc::new(query.clone()) });
        }
        self.gathers.insert(request, Gather { round, version: self.map.version, asked, ..Gather::default() });
        if cx.settings().partial && round == 0 {
            cx.set_timer(cx.settings().request_timeout.scaled(ENOUGH), Timer::Enough(request));
        }
    }

    /// A node's part of an answer.
    pub(super) fn on_piece(&mut self, from: NodeId, (request, round): (RequestId, u32), piece: Piece, cx: &mut Context<'_>) {
        let Some(Request::Query(query)) = cx.open(request).map(|open| open.op.clone()) else { return };
        let Some(gather) = self.gathers.get_mut(&request).filter(|gather| gather.round == round && !gather.rests) else { return };
        gather.pieces.insert(from, piece);
        match gather.whole() {
            Whole::Open => {}
            Whole::Ask(more) => {
                gather.asked.extend(more.iter().copied());
                for node in more {
                    cx.ask(request, node, Msg::Part { request, round, query: Arc::new(query.clone()) });
                }
            }
            Whole::Newer(node) => {
                gather.rests = true;
                cx.send(node, Msg::Have { version: self.map.version });
                cx.set_timer(REST, Timer::Ask(request));
            }
            Whole::Torn => {
                gather.rests = true;
                cx.set_timer(REST, Timer::Ask(request));
            }
            Whole::Done => self.gathered(request, cx),
        }
    }

    /// Tells what was found.
    fn gathered(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let Some(gather) = self.gathers.get(&request) else { return };
        let (found, nodes) = (gather.found(), gather.asked.len() as u32);
        let ret = Ret::Value(Some(Value::Int(found.len() as i64)));
        self.end(request, Reply::Ok(Done { judged: ret.clone(), ret, wrote: None, nodes, found: Some(found.into()) }), cx);
    }

    /// A query that could not be answered as a whole is asked again.
    pub(super) fn ask_again(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let round = self.gathers.get(&request).map_or(0, |gather| gather.round + 1);
        if let Some(Request::Query(query)) = cx.open(request).map(|open| open.op.clone()) {
            self.scatter(request, &query, round, cx);
        }
    }

    /// It takes what has come.
    pub(super) fn enough(&mut self, request: RequestId, cx: &mut Context<'_>) {
        if self.gathers.contains_key(&request) {
            self.gathered(request, cx);
        }
    }
}

/// What a client is told in the end: what a counter stands at is a number.
fn finished(op: &Request, done: Done) -> Done {
    match op {
        Request::Count(_) => {
            let ret = Ret::Value(Some(Value::Int(number(&done.ret))));
            Done { judged: ret.clone(), ret, ..done }
        }
        _ => done,
    }
}

fn number(ret: &Ret) -> i64 {
    match ret {
        Ret::Value(Some(Value::Int(n))) => *n,
        _ => 0,
    }
}

/// A write of a value, or a delete.
pub(super) fn write(key: Key, value: Option<Value>) -> Request {
    Request::Key(Op::Write { key, value: value.unwrap_or_else(nothing) })
}
