//! A client: finds the leader, routes its reads, and gives up when nobody answers.

use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::requests::Open;
use crate::sim::time::{Span, Time};

use super::message::{Answer, Msg, Note};
use super::server::Context;
use super::settings::Reads;
use super::statements::Op;

/// How often a request is sent on to another server before the client takes no for an answer.
const REDIRECTS_MAX: u32 = 3;
/// How long a client avoids a server that did not answer, in request timeouts.
const AVOID: f64 = 4.0;

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    /// The server it believes to lead.
    pub leader: NodeId,
    epoch: u64,
    /// The position in the log of what it last wrote or saw.
    position: u64,
    /// Servers that did not answer, and until when it avoids them.
    avoided: Vec<(NodeId, Time)>,
}

impl Client {
    /// Boots; the first server is the first guess.
    pub fn boot() -> Client {
        Client { leader: NodeId::server(0), epoch: 0, position: 0, avoided: Vec::new() }
    }

    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, server: Option<NodeId>, cx: &mut Context<'_>) {
        let server = server.unwrap_or_else(|| if op.is_write() { self.leader } else { self.route(op, cx) });
        self.ask(request, server, cx);
    }

    fn ask(&self, request: RequestId, server: NodeId, cx: &mut Context<'_>) {
        let Some(open) = cx.open(request) else { return };
        let position = if cx.settings().reads == Reads::WaitForPosition { self.position } else { 0 };
        let msg = Msg::Ask { request, op: open.op.clone(), position, picked: open.named.is_some() };
        cx.ask(request, server, msg);
    }

    /// Which server a read goes to.
    fn route(&mut self, op: &Op, cx: &mut Context<'_>) -> NodeId {
        let now = cx.clock();
        self.avoided.retain(|(_, until)| *until > now);
        let me = cx.id();
        match cx.settings().reads {
            Reads::Leader => self.leader,
            Reads::Sticky => self.sticky(cx),
            Reads::Nearest => self.nearest(cx),
            Reads::OwnFromLeader if op.key().is_some_and(|key| key.starts_with(&me.to_string())) => self.leader,
            Reads::Any | Reads::OwnFromLeader | Reads::WaitForPosition => self.any_follower(cx),
        }
    }

    fn is_avoided(&self, server: NodeId) -> bool {
        self.avoided.iter().any(|(avoided, _)| *avoided == server)
    }

    fn any_follower(&self, cx: &mut Context<'_>) -> NodeId {
        let all: Vec<NodeId> = cx.servers().filter(|id| *id != self.leader && !self.is_avoided(*id)).collect();
        if all.is_empty() {
            return self.leader;
        }
        all[cx.rng().below(all.len() as u64) as usize]
    }

    /// Always the same server, by the client's number; the next one while that does not answer.
    fn sticky(&self, cx: &Context<'_>) -> NodeId {
        let n = cx.server_count();
        let first = cx.id().index() + 1;
        let mut order = (0..n).map(|i| NodeId::server(((first + i) % n) as u16));
        order.find(|id| !self.is_avoided(*id)).unwrap_or(self.leader)
    }

    fn nearest(&self, cx: &Context<'_>) -> NodeId {
        cx.near().iter().copied().find(|id| !self.is_avoided(*id)).unwrap_or(self.leader)
    }

    pub(super) fn on_told(&mut self, from: NodeId, request: RequestId, answer: Answer, cx: &mut Context<'_>) {
        let Some(redirects) = cx.open(request).map(|open| open.sends - 1) else { return };
        match answer {
            Answer::Done(done) => {
                self.position = self.position.max(done.position);
                cx.reply(request, Reply::Ok(done));
            }
            Answer::Refused(why) => cx.reply(request, Reply::Refused(Cause::Said(why))),
            Answer::Elsewhere(Some(leader)) if redirects < REDIRECTS_MAX && leader != from => {
                self.leader = leader;
                cx.note(Note::Redirected { from, to: leader });
                self.ask(request, leader, cx);
            }
            Answer::Elsewhere(_) => cx.reply(request, Reply::Refused("no leader is known there".into())),
        }
    }

    /// Nobody answered in time.
    pub(super) fn on_give_up(&mut self, attempt: &Open<Op>, cx: &mut Context<'_>) {
        let Some(server) = attempt.asked else { return };
        let until = cx.clock() + Span::scaled(cx.settings().request_timeout, AVOID);
        self.avoided.push((server, until));
        if server == self.leader && attempt.named.is_none() {
            self.leader = after(server, cx);
        }
        cx.note(Note::GaveUp { server });
    }

    pub(super) fn on_leads(&mut self, from: NodeId, epoch: u64) {
        if epoch > self.epoch {
            (self.leader, self.epoch) = (from, epoch);
        }
    }
}

/// The next server to try.
fn after(server: NodeId, cx: &Context<'_>) -> NodeId {
    NodeId::server(((server.index() + 1) % cx.server_count()) as u16)
}
