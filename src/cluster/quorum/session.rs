//! A client's own side: what it has seen, and which node it lets coordinate.

use std::sync::Arc;

use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::requests::Open;

use super::Context;
use super::cell::{Cell, Context as Seen};
use super::message::{Answer, Msg};
use super::request::Request;
use super::settings::Coordinator;

/// What a client remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    /// What it has seen of each key.
    seen: OrdMap<Key, Seen>,
    /// How many coordinators did not answer: it goes on to the next nearest.
    skipped: usize,
}

impl Session {
    /// The node that coordinates a request; `None`: the client itself does.
    pub(super) fn coordinator(&self, named: Option<NodeId>, cx: &Context<'_>) -> Option<NodeId> {
        let near = cx.near();
        let nearest = || near.get(self.skipped % near.len().max(1)).copied();
        named.or_else(|| if cx.settings().coordinator == Coordinator::Node { nearest() } else { None })
    }

    pub(super) fn ask(&self, request: RequestId, op: Request, node: NodeId, cx: &mut Context<'_>) {
        let seen = self.seen(op.key());
        cx.ask(request, node, Msg::Ask { request, ask: Arc::new(op), seen });
    }

    /// What it has seen of a key.
    pub(super) fn seen(&self, key: &Key) -> Seen {
        self.seen.get(key).cloned().unwrap_or_default()
    }

    /// It has seen its own write.
    pub(super) fn wrote(&mut self, key: &Key, cell: Option<&Cell>) {
        if let Some(cell) = cell {
            self.see(key, &cell.context());
        }
    }

    fn see(&mut self, key: &Key, seen: &Seen) {
        self.seen.entry(key.clone()).or_default().join(seen);
    }

    /// The coordinator's answer.
    pub(super) fn on_told(&mut self, request: RequestId, answer: Answer, cx: &mut Context<'_>) {
        let Some(op) = cx.open(request).map(|open| open.op.op.clone()) else { return };
        let reply = match answer {
            Answer::Done(done) => {
                self.see(op.key(), &done.seen);
                Reply::Ok(done)
            }
            Answer::TooFew(why) if op.is_write() => Reply::Unknown(why.into()),
            Answer::TooFew(why) => Reply::Failed(why.into()),
            Answer::Refused(why) => Reply::Refused(why.into()),
        };
        cx.reply(request, reply);
    }

    /// Nobody answered in time. The next node is tried, where a node was to coordinate.
    pub(super) fn give_up(&mut self, attempt: &Open<Request>) {
        self.skipped += usize::from(attempt.named.is_none() && attempt.asked.is_some());
    }
}
