//! A client: it sends its commands to the server that it knows of, and asks where nobody answers: Sentinel who is master, or, in a
//! cluster, any server which slots are whose.

use crate::algo::redis::{Argv, Reply, argv, error, is, keys_of, slot};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply as End;

use super::message::{Msg, Op, Ret};
use super::note::Note;
use super::route::redirected;
use super::settings::{Part, Settings};
use super::slots::SlotMap;
use super::{Context, Timer};

/// So many redirections are followed for one request.
const HOPS: u32 = 5;

/// Its process.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where commands go that name no key: the master, as far as it knows; in a cluster the server that it spoke to last.
    pub master: NodeId,
    epoch: u64,
    /// Which slots are whose, as far as it knows.
    pub map: SlotMap,
    /// Whether it is between MULTI and EXEC: then all goes to one server.
    in_multi: bool,
    /// Commands under way in a cluster, with how often each was redirected.
    hops: OrdMap<RequestId, (Argv, u32)>,
    /// Numbers that it has read, and will store one more of: who answered.
    counting: OrdMap<RequestId, Counting>,
    /// Requests that a server may answer late or never: at which server each waits.
    waits: OrdMap<RequestId, Line>,
    /// What it heard on channels.
    pub heard: u64,
}

/// A connection over which nothing comes for long.
#[derive(Clone, Copy, Debug)]
struct Line {
    server: NodeId,
    /// Which life of the server it is to; `None`: not known yet.
    life: Option<u64>,
    /// Whether the server was asked for a sign of life and has given none since.
    is_silent: bool,
}

#[derive(Clone, Debug)]
struct Counting {
    key: crate::algo::redis::Text,
    server: NodeId,
    /// What it stores; `None`: it reads.
    next: Option<i64>,
}

impl Client {
    /// A client that knows at the start who is master, and which slots are whose.
    pub fn boot(settings: &Settings) -> Client {
        Client {
            master: NodeId::server(0),
            epoch: 0,
            map: SlotMap::even(settings.shards()),
            in_multi: false,
            hops: OrdMap::new(),
            counting: OrdMap::new(),
            waits: OrdMap::new(),
            heard: 0,
        }
    }

    /// Where a command goes.
    fn server_for(&self, argv: &Argv, named: Option<NodeId>, cx: &Context<'_>) -> NodeId {
        let by_key = || keys_of(argv).next().and_then(|key| self.map.owner(slot(key)));
        let knows = cx.settings().is_cluster() && !self.in_multi;
        named.or_else(|| if knows { by_key() } else { None }).unwrap_or(self.master)
    }

    /// Sends a command; in a cluster it may be sent on.
    fn send(&mut self, request: RequestId, argv: Argv, (server, asking): (NodeId, bool), cx: &mut Context<'_>) {
        if cx.settings().is_cluster() {
            self.master = server;
            let hops = self.hops.get(&request).map_or(0, |(_, hops)| *hops);
            self.hops.insert(request, (argv.clone(), hops));
        }
        cx.ask(request, server, Msg::Do { request, argv, asking });
    }

    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, named: Option<NodeId>, cx: &mut Context<'_>) {
        let server = self.server_for(&op.argv(), named, cx);
        if cx.settings().part(server) != Part::Redis {
            let why = format!("{} keeps no data", super::name(cx.settings(), server));
            return cx.reply(request, End::Refused(why.into()));
        }
        if super::asks::waits(op).is_none() {
            self.waits.insert(request, Line { server, life: None, is_silent: false });
            cx.start_timer(cx.settings().request_timeout, Timer::KeepAlive);
        }
        match op {
            Op::Save(what, number) => {
                let Some(guarded) = cx.settings().guarded() else {
                    return cx.reply(request, End::Refused("there is nothing to save to: start with `resource` on".into()));
                };
                cx.ask(request, guarded, Msg::Use { request, what: what.clone(), number: *number });
            }
            Op::Count(key) => {
                self.counting.insert(request, Counting { key: key.clone(), server, next: None });
                self.send(request, op.argv(), (server, false), cx);
            }
            Op::Command(_) | Op::Unlock(..) => self.send(request, op.argv(), (server, false), cx),
        }
        if self.waits.contains_key(&request) {
            cx.send(server, Msg::KeepAlive);
        }
    }

    /// Who gave no sign of life since it was asked is gone, and the connection with it; the others are asked again.
    pub(super) fn on_keep_alive(&mut self, cx: &mut Context<'_>) {
        let gone: Vec<RequestId> = self.waits.iter().filter(|(_, line)| line.is_silent).map(|(request, _)| *request).collect();
        self.close(&gone, cx);
        let servers: OrdSet<NodeId> = self.waits.values().map(|line| line.server).collect();
        self.waits = self.waits.iter().map(|(request, line)| (*request, Line { is_silent: true, ..*line })).collect();
        for server in servers {
            cx.send(server, Msg::KeepAlive);
        }
        if !self.waits.is_empty() {
            cx.start_timer(cx.settings().request_timeout, Timer::KeepAlive);
        }
    }

    /// A server lives. Where it is another life than before, it knows nothing of the connection.
    pub(super) fn on_alive(&mut self, server: NodeId, life: u64, cx: &mut Context<'_>) {
        let is_its = |line: &Line| line.server == server;
        let other = |line: &Line| line.life.is_some_and(|known| known != life);
        let gone: Vec<RequestId> = self.waits.iter().filter(|(_, line)| is_its(line) && other(line)).map(|(request, _)| *request).collect();
        self.close(&gone, cx);
        let heard = |line: &Line| if is_its(line) { Line { life: Some(life), is_silent: false, ..*line } } else { *line };
        self.waits = self.waits.iter().map(|(request, line)| (*request, heard(line))).collect();
    }

    /// The connection of these is closed: nobody knows how they ended.
    fn close(&mut self, requests: &[RequestId], cx: &mut Context<'_>) {
        for request in requests {
            self.waits.remove(request);
            self.hops.remove(request);
            if cx.open(*request).is_some() {
                cx.reply(*request, End::Unknown("the connection is closed: its server is gone".into()));
            }
        }
        if !requests.is_empty() {
            self.on_closed(cx);
        }
    }

    pub(super) fn on_told(&mut self, request: RequestId, ret: Ret, cx: &mut Context<'_>) {
        if cx.open(request).is_none() || self.goes_elsewhere(request, &ret, cx) {
            return;
        }
        if let Some(counting) = self.counting.get(&request).cloned()
            && ret.reply.error().is_none()
        {
            return self.go_on(request, counting, &ret, cx);
        }
        self.end(request, ret, cx);
    }

    /// Whether it was sent to another server: MOVED for good, ASK for this command only.
    fn goes_elsewhere(&mut self, request: RequestId, ret: &Ret, cx: &mut Context<'_>) -> bool {
        let Some((asks, at, to)) = ret.reply.error().and_then(redirected) else { return false };
        let Some((argv, hops)) = self.hops.get(&request).cloned() else { return false };
        if !asks {
            self.map.give((at, at), to);
        }
        if !cx.settings().redirects || self.in_multi || hops >= HOPS {
            return false;
        }
        cx.note(Note::Redirected { slot: at, to, asks });
        self.hops.insert(request, (argv.clone(), hops + 1));
        if let Some(counting) = self.counting.get_mut(&request) {
            counting.server = to;
        }
        if !asks {
            // Where one slot has moved, others may have too.
            cx.send(to, Msg::Which);
        }
        self.send(request, argv, (to, asks), cx);
        true
    }

    /// It has read a number and stores the next, or has stored it.
    fn go_on(&mut self, request: RequestId, counting: Counting, ret: &Ret, cx: &mut Context<'_>) {
        if let Some(next) = counting.next {
            return self.end(request, Ret { reply: Reply::Int(next), ..ret.clone() }, cx);
        }
        let next = match &ret.reply {
            Reply::Bulk(text) => text.parse::<i64>().ok().and_then(|number| number.checked_add(1)),
            _ => Some(1),
        };
        let Some(next) = next else {
            let reply = error("ERR value is not an integer or out of range");
            return self.end(request, Ret { reply, ..ret.clone() }, cx);
        };
        let (key, server) = (counting.key.clone(), counting.server);
        self.counting.insert(request, Counting { next: Some(next), ..counting });
        self.send(request, argv(&["SET", &key, &next.to_string()]), (server, false), cx);
    }

    fn end(&mut self, request: RequestId, ret: Ret, cx: &mut Context<'_>) {
        self.counting.remove(&request);
        self.waits.remove(&request);
        if let Some((argv, _)) = self.hops.remove(&request) {
            self.in_multi = match argv.first() {
                Some(name) if is(name, "MULTI") => ret.reply.error().is_none() || self.in_multi,
                Some(name) if is(name, "EXEC") || is(name, "DISCARD") => false,
                _ => self.in_multi,
            };
        }
        let Some(wrong) = ret.reply.error() else { return cx.reply(request, End::Ok(ret)) };
        if wrong.starts_with("READONLY") || wrong.starts_with("UNBLOCKED") {
            Client::ask_around(cx);
        }
        cx.reply(request, End::Refused(Cause::from(wrong.to_string())));
    }

    pub(super) fn on_used(request: RequestId, older_than: Option<i64>, cx: &mut Context<'_>) {
        let Some(by) = cx.settings().guarded().filter(|_| cx.open(request).is_some()) else { return };
        let end = match older_than {
            None => End::Ok(Ret { reply: Reply::Status("saved"), changed: false, by: (by, 0), slot: None }),
            Some(highest) => End::Refused(Cause::from(format!("the number is older than {highest}"))),
        };
        cx.reply(request, end);
    }

    pub(super) fn on_give_up(&mut self, request: RequestId, cx: &mut Context<'_>) {
        self.counting.remove(&request);
        self.hops.remove(&request);
        self.in_multi = false;
        Client::ask_around(cx);
    }

    /// A server closed the connection, and what it kept of it is gone.
    pub(super) fn on_closed(&mut self, cx: &mut Context<'_>) {
        self.in_multi = false;
        Client::ask_around(cx);
    }

    /// Whoever lost its server asks Sentinel who is master, or any server of a cluster which slots are whose.
    fn ask_around(cx: &mut Context<'_>) {
        if cx.settings().is_cluster() {
            let servers = f64::from(cx.settings().redises());
            let whom = NodeId::server((cx.rng().unit() * servers) as u16);
            cx.send(whom, Msg::Which);
        } else if let Some(sentinel) = cx.settings().sentinel() {
            cx.send(sentinel, Msg::Which);
        }
    }

    /// A server says which slots are whose, as it sees it.
    pub(super) fn on_map(&mut self, map: SlotMap) {
        self.map = map;
    }

    pub(super) fn on_master(&mut self, node: NodeId, epoch: u64, cx: &mut Context<'_>) {
        if epoch > self.epoch || self.epoch == 0 {
            if node != self.master {
                cx.note(Note::Hears { master: node });
            }
            (self.master, self.epoch) = (node, epoch);
        }
    }

    pub(super) fn on_heard(&mut self, cx: &mut Context<'_>) {
        self.heard += 1;
        cx.note(Note::Heard);
    }
}
