//! Users: a client asks the gateway with its token, or goes past it.

use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;

use super::auth::made;
use super::message::{End, Msg, Op, Ret, Ticket, Token, Way, What};
use super::words::Service;
use super::{AUTH, Context, FIRST_OTHER, GATEWAY};

/// Its process.
#[derive(Clone, Debug)]
pub struct User {
    /// What it shows to the gateway.
    pub token: Token,
    /// How many tokens it has wanted.
    wanted: u32,
}

impl User {
    /// A user that has just logged in.
    pub fn boot(id: NodeId, cx: &mut Context<'_>) -> User {
        User { token: made(id, 0, cx), wanted: 0 }
    }

    pub(super) fn on_request(&mut self, request: RequestId, op: Op, cx: &mut Context<'_>) {
        let attempt = cx.open(request).map_or(1, |open| open.attempt);
        let token = (op.way == Way::Token).then_some(self.token);
        let ticket = Box::new(Ticket { user: cx.id(), request, attempt, what: op.what, token });
        let past = match (&ticket.what, op.way) {
            (What::Login, _) => {
                self.wanted += 1;
                return cx.ask(request, AUTH, Msg::Login { request, number: self.wanted });
            }
            (What::Order(_), Way::Direct) => Some(Service::Orders),
            (What::Pay(_), Way::Direct) => Some(Service::Payments),
            _ => None,
        };
        if let Some(service) = past {
            return cx.ask(request, service.node(), Msg::Past(ticket));
        }
        let to = gateway(request, cx);
        cx.ask(request, to, Msg::Ask(ticket));
    }

    /// An answer. One to an earlier try comes over a connection that is closed.
    pub(super) fn on_told(request: RequestId, attempt: u32, end: End, cx: &mut Context<'_>) {
        if cx.open(request).is_none_or(|open| open.attempt != attempt) {
            return;
        }
        cx.reply(request, reply(end));
    }

    pub(super) fn on_issued(&mut self, request: RequestId, token: Token, cx: &mut Context<'_>) {
        if token.number > self.token.number {
            self.token = token;
        }
        cx.reply(request, Reply::Ok(Ret::LoggedIn));
    }
}

/// Requests go round the gateways.
fn gateway(request: RequestId, cx: &Context<'_>) -> NodeId {
    let others = cx.server_count().saturating_sub(usize::from(FIRST_OTHER)) as u32;
    match request.0 % (others + 1) {
        0 => GATEWAY,
        other => NodeId::server(FIRST_OTHER + other as u16 - 1),
    }
}

fn reply(end: End) -> Reply<Ret> {
    match end {
        End::Well(ret) => Reply::Ok(ret),
        End::Badly { bad, unsure } => {
            let cause = Cause::from(bad.says());
            match (unsure, bad.is_refusal()) {
                (true, _) => Reply::Unknown(cause),
                (false, true) => Reply::Refused(cause),
                (false, false) => Reply::Failed(cause),
            }
        }
    }
}
