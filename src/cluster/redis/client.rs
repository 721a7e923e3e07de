//! A client: it sends its commands to the master that it knows of, and asks Sentinel where nobody answers.

use imbl::OrdMap;

use crate::algo::redis::{Reply, argv, error};
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply as End;

use super::Context;
use super::message::{Msg, Op, Ret};
use super::note::Note;
use super::settings::Part;

/// Its process.
#[derive(Clone, Debug)]
pub struct Client {
    /// Who is master, as far as it knows.
    pub master: NodeId,
    epoch: u64,
    /// Numbers that it has read, and will store one more of: who answered.
    counting: OrdMap<RequestId, Counting>,
    /// What it heard on channels.
    pub heard: u64,
}

#[derive(Clone, Debug)]
struct Counting {
    key: crate::algo::redis::Text,
    server: NodeId,
    /// What it stores; `None`: it reads.
    next: Option<i64>,
}

impl Client {
    /// A client that knows who is master at the start.
    pub fn boot() -> Client {
        Client { master: NodeId::server(0), epoch: 0, counting: OrdMap::new(), heard: 0 }
    }

    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, named: Option<NodeId>, cx: &mut Context<'_>) {
        let server = named.unwrap_or(self.master);
        if cx.settings().part(server) != Part::Redis {
            let why = format!("{} keeps no data", super::name(cx.settings(), server));
            return cx.reply(request, End::Refused(why.into()));
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
                cx.ask(request, server, Msg::Do { request, argv: op.argv() });
            }
            Op::Command(_) | Op::Unlock(..) => cx.ask(request, server, Msg::Do { request, argv: op.argv() }),
        }
    }

    pub(super) fn on_told(&mut self, request: RequestId, ret: Ret, cx: &mut Context<'_>) {
        if cx.open(request).is_none() {
            return;
        }
        if let Some(counting) = self.counting.get(&request).cloned()
            && ret.reply.error().is_none()
        {
            return self.go_on(request, counting, &ret, cx);
        }
        self.end(request, ret, cx);
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
        cx.ask(request, server, Msg::Do { request, argv: argv(&["SET", &key, &next.to_string()]) });
    }

    fn end(&mut self, request: RequestId, ret: Ret, cx: &mut Context<'_>) {
        self.counting.remove(&request);
        let Some(wrong) = ret.reply.error() else { return cx.reply(request, End::Ok(ret)) };
        if wrong.starts_with("READONLY") || wrong.starts_with("UNBLOCKED") {
            Client::ask_sentinel(cx);
        }
        cx.reply(request, End::Refused(Cause::from(wrong.to_string())));
    }

    pub(super) fn on_used(request: RequestId, older_than: Option<i64>, cx: &mut Context<'_>) {
        let Some(by) = cx.settings().guarded().filter(|_| cx.open(request).is_some()) else { return };
        let end = match older_than {
            None => End::Ok(Ret { reply: Reply::Status("saved"), changed: false, by: (by, 0) }),
            Some(highest) => End::Refused(Cause::from(format!("the number is older than {highest}"))),
        };
        cx.reply(request, end);
    }

    pub(super) fn on_give_up(&mut self, request: RequestId, cx: &mut Context<'_>) {
        self.counting.remove(&request);
        Client::ask_sentinel(cx);
    }

    /// Whoever lost its server asks who is master.
    pub(super) fn ask_sentinel(cx: &mut Context<'_>) {
        if let Some(sentinel) = cx.settings().sentinel() {
            cx.send(sentinel, Msg::Which);
        }
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
