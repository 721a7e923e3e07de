//! A client: goes to the leader of its data centre, and under `policy avoid` to the home of a row.

use std::sync::Arc;

use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::requests::Open;

use super::Context;
use super::change::Context as Known;
use super::message::{Answer, Msg};
use super::note::Note;
use super::request::Request;
use super::settings::{Policy, Reads};

/// How often a request is sent on to another leader before the client takes no for an answer.
const REDIRECTS_MAX: u32 = 3;

/// What a client remembers.
#[derive(Clone, Debug)]
pub struct Client {
    /// The leader that it goes to.
    pub leader: NodeId,
    /// Homes that it was sent to.
    homes: OrdMap<Key, NodeId>,
    /// What it has seen of each row.
    seen: OrdMap<Key, Known>,
}

impl Client {
    pub(super) fn boot(cx: &Context<'_>) -> Client {
        let leader = cx.near().first().copied().unwrap_or(NodeId::server(0));
        Client { leader, homes: OrdMap::new(), seen: OrdMap::new() }
    }

    pub(super) fn on_request(&self, request: RequestId, ask: &Request, named: Option<NodeId>, cx: &mut Context<'_>) {
        let server = named.or_else(|| self.home(ask, cx)).unwrap_or(self.leader);
        self.ask(request, ask, server, cx);
    }

    /// The home of the row, where that is to be asked.
    fn home(&self, ask: &Request, cx: &Context<'_>) -> Option<NodeId> {
        let settings = cx.settings();
        let counts = settings.policy == Policy::Avoid && (ask.changes() || settings.reads == Reads::Home);
        let known = self.homes.get(ask.key()).copied();
        counts.then(|| known.unwrap_or_else(|| settings.first_home(ask.key(), cx.server_count())))
    }

    fn ask(&self, request: RequestId, ask: &Request, server: NodeId, cx: &mut Context<'_>) {
        let picked = cx.open(request).is_some_and(|open| open.named.is_some());
        let seen = self.seen.get(ask.key()).cloned().unwrap_or_default();
        cx.ask(request, server, Msg::Ask { request, ask: Arc::new(ask.clone()), seen, picked });
    }

    pub(super) fn on_told(&mut self, from: NodeId, request: RequestId, answer: Answer, cx: &mut Context<'_>) {
        let Some((sends, ask)) = cx.open(request).map(|open| (open.sends, open.op.clone())) else { return };
        match answer {
            Answer::Done(done) => {
                self.seen.entry(ask.key().clone()).or_default().join(&done.seen);
                cx.reply(request, Reply::Ok(*done));
            }
            Answer::Refused(why) => cx.reply(request, Reply::Refused(why.into())),
            Answer::Elsewhere(home) if sends <= REDIRECTS_MAX && home != from => {
                self.homes.insert(ask.key().clone(), home);
                cx.note(Note::Redirected { key: ask.key().clone(), to: home });
                self.ask(request, &ask, home, cx);
            }
            Answer::Elsewhere(_) => cx.reply(request, Reply::Refused("nobody there is the home of this row".into())),
        }
    }

    /// Nobody answered in time.
    pub(super) fn on_give_up(&mut self, attempt: &Open<Request>, cx: &mut Context<'_>) {
        let silent = attempt.asked.filter(|asked| *asked == self.leader && attempt.named.is_none());
        if let Some(silent) = silent.filter(|_| !cx.settings().sticky) {
            let near = cx.near();
            let at = near.iter().position(|id| *id == silent).unwrap_or(0);
            if let Some(next) = near.get((at + 1) % near.len().max(1)).copied() {
                self.go(next, cx);
            }
        }
    }

    /// Goes to another leader from now on.
    pub(super) fn go(&mut self, to: NodeId, cx: &mut Context<'_>) {
        self.leader = to;
        cx.note(Note::Moved { to });
    }
}
