//! A client: finds the leader, and gives up when nobody answers (Raft, section 8).

use crate::check::operation::Op;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::requests::Open;

use super::message::{Answer, Msg};
use super::note::Note;
use super::server::Context;
use super::settings::Reads;

/// How often a request is sent to another server before the client takes no for an answer.
const REDIRECTS_MAX: u32 = 5;

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    /// The server it believes to lead.
    pub leader: NodeId,
    /// The position in the log of what it last wrote or saw.
    position: u64,
}

impl Client {
    /// Boots; any server is the first guess.
    pub fn boot(cx: &mut Context<'_>) -> Client {
        Client { leader: any(cx), position: 0 }
    }

    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, server: Option<NodeId>, cx: &mut Context<'_>) {
        let anywhere = matches!(cx.settings().reads, Reads::Any | Reads::WaitForPosition) && !op.is_write();
        let server = server.unwrap_or_else(|| if anywhere { any(cx) } else { self.leader });
        self.ask(request, server, cx);
    }

    fn ask(&self, request: RequestId, server: NodeId, cx: &mut Context<'_>) {
        let Some(open) = cx.open(request) else { return };
        let msg = Msg::Ask { request, op: open.op.clone(), position: self.position, picked: open.named.is_some() };
        cx.ask(request, server, msg);
    }

    pub(super) fn on_told(&mut self, from: NodeId, request: RequestId, answer: Answer, cx: &mut Context<'_>) {
        let Some(redirects) = cx.open(request).map(|open| open.sends - 1) else { return };
        match answer {
            Answer::Done(done) => {
                self.position = self.position.max(done.position);
                cx.reply(request, Reply::Ok(done));
            }
            Answer::Refused(why) => cx.reply(request, Reply::Refused(why.into())),
            Answer::Elsewhere(_) if redirects >= REDIRECTS_MAX => cx.reply(request, Reply::Refused("no leader was found".into())),
            Answer::Elsewhere(leader) => {
                self.leader = leader.unwrap_or_else(|| another(from, cx));
                cx.note(Note::Redirected { from, to: self.leader });
                self.ask(request, self.leader, cx);
            }
        }
    }

    /// Nobody answered in time: another server, drawn at random, may know the leader.
    pub(super) fn on_give_up(&mut self, attempt: &Open<Op>, cx: &mut Context<'_>) {
        let Some(server) = attempt.asked else { return };
        if server == self.leader && attempt.named.is_none() {
            self.leader = another(server, cx);
        }
        cx.note(Note::GaveUp { server });
    }
}

fn any(cx: &mut Context<'_>) -> NodeId {
    let all: Vec<NodeId> = cx.servers().collect();
    all[cx.rng().below(all.len() as u64) as usize]
}

/// Any server but this one, where there is another.
fn another(than: NodeId, cx: &mut Context<'_>) -> NodeId {
    let others: Vec<NodeId> = cx.servers().filter(|id| *id != than).collect();
    if others.is_empty() { than } else { others[cx.rng().below(others.len() as u64) as usize] }
}
