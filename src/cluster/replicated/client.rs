//! A client: finds the leader, asks, and gives up when nobody answers.

use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::requests::Open;
use crate::sim::time::{Span, Time};

use super::account::{Account, Memo};
use super::message::{Answer, Done, Msg, Note};
use super::server::Context;
use super::settings::Reads;
use super::statements::Op;
use super::token::Token;

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
    /// A newer leader that it has been told of and does not ask yet: who, of which epoch, and since when it could know.
    news: Option<(NodeId, u64, Time)>,
    /// What it last wrote and saw.
    pub(super) memo: Memo,
    /// What waits for the account.
    pub(super) account: Account,
    /// Servers that did not answer, or lag too far behind, and until when it avoids them.
    avoided: Vec<(NodeId, Time)>,
}

impl Client {
    /// Boots; the first server is the first guess.
    pub fn boot() -> Client {
        let (memo, account) = (Memo::default(), Account::default());
        Client { leader: NodeId::server(0), epoch: 0, news: None, memo, account, avoided: Vec::new() }
    }

    /// Asks for a request that has just been called: a read that hangs on what the user's other devices did asks the account first.
    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, server: Option<NodeId>, cx: &mut Context<'_>) {
        self.look_for_news(cx);
        if server.is_none() && !op.is_write() && self.recalls(request, cx) {
            return;
        }
        self.set_out(request, op, server, cx);
    }

    /// Sends a request to the server that is named, or to where it belongs.
    pub(super) fn set_out(&mut self, request: RequestId, op: &Op, server: Option<NodeId>, cx: &mut Context<'_>) {
        let server = server.unwrap_or_else(|| if op.is_write() { self.leader } else { self.route(op, cx) });
        self.ask(request, server, cx);
    }

    fn ask(&self, request: RequestId, server: NodeId, cx: &mut Context<'_>) {
        let Some(open) = cx.open(request) else { return };
        let position = if cx.settings().reads == Reads::WaitForPosition { self.memo.token } else { Token::default() };
        let msg = Msg::Ask { request, op: open.op.clone(), position, picked: open.named.is_some() };
        cx.ask(request, server, msg);
    }

    pub(super) fn is_avoided(&self, server: NodeId) -> bool {
        self.avoided.iter().any(|(avoided, _)| *avoided == server)
    }

    /// Forgets whom it need avoid no more.
    pub(super) fn forgive(&mut self, now: Time) {
        self.avoided.retain(|(_, until)| *until > now);
    }

    pub(super) fn on_told(&mut self, from: NodeId, request: RequestId, answer: Answer, cx: &mut Context<'_>) {
        let Some(redirects) = cx.open(request).map(|open| open.sends - 1) else { return };
        match answer {
            Answer::Done(done) => self.on_done(request, done, cx),
            Answer::Refused(why) => cx.reply(request, Reply::Refused(Cause::Said(why))),
            Answer::Elsewhere(Some(leader)) if redirects < REDIRECTS_MAX && leader != from => {
                self.leader = leader;
                cx.note(Note::Redirected { from, to: leader });
                self.ask(request, leader, cx);
            }
            Answer::Elsewhere(_) => cx.reply(request, Reply::Refused("no leader is known there".into())),
            Answer::Behind => self.on_behind(from, request, redirects, cx),
        }
    }

    fn on_done(&mut self, request: RequestId, done: Done, cx: &mut Context<'_>) {
        let wrote = cx.open(request).is_some_and(|open| open.op.is_write()).then(|| cx.clock());
        let token = Token::of(&done, cx.settings().position);
        let before = self.memo;
        self.memo.learn(Memo { token, wrote });
        if before == self.memo || !self.reports(request, &done, cx) {
            cx.reply(request, Reply::Ok(done));
        }
    }

    /// A follower lags too far behind: it is left alone for as long as it may lag, and another one is asked; in the end the leader.
    fn on_behind(&mut self, from: NodeId, request: RequestId, redirects: u32, cx: &mut Context<'_>) {
        self.avoided.push((from, cx.clock() + cx.settings().max_lag));
        let to = if redirects + 1 < REDIRECTS_MAX { self.any_follower(cx) } else { self.leader };
        cx.note(Note::Redirected { from, to });
        self.ask(request, to, cx);
    }

    /// Nobody answered in time.
    pub(super) fn on_give_up(&mut self, request: RequestId, attempt: &Open<Op>, cx: &mut Context<'_>) {
        self.account.forget(request);
        let Some(server) = attempt.asked else { return };
        let until = cx.clock() + Span::scaled(cx.settings().request_timeout, AVOID);
        self.avoided.push((server, until));
        if server == self.leader && attempt.named.is_none() {
            self.leader = after(server, cx);
        }
        cx.note(Note::GaveUp { server });
    }

    /// A new leader speaks. Whoever looks for it by an old name finds it later.
    pub(super) fn on_leads(&mut self, from: NodeId, epoch: u64, cx: &mut Context<'_>) {
        if epoch > self.epoch.max(self.news.map_or(0, |news| news.1)) {
            self.news = Some((from, epoch, cx.clock() + cx.settings().news));
            self.look_for_news(cx);
        }
    }

    /// Turns to a new leader once it can know of it.
    fn look_for_news(&mut self, cx: &Context<'_>) {
        if let Some((leader, epoch, _)) = self.news.filter(|(.., from)| *from <= cx.clock()) {
            (self.leader, self.epoch, self.news) = (leader, epoch, None);
        }
    }
}

/// The next server to try.
fn after(server: NodeId, cx: &Context<'_>) -> NodeId {
    NodeId::server(((server.index() + 1) % cx.server_count()) as u16)
}
