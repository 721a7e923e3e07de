//! A client: asks one member, always the same unless it names another.

use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;

use super::Context;
use super::message::{Msg, Op, Ret};

/// The member that a client asks by itself.
pub(super) fn home(client: NodeId, members: usize) -> NodeId {
    NodeId::server((client.index() % members.max(1)) as u16)
}

pub(super) fn on_request(request: RequestId, op: Op, server: Option<NodeId>, cx: &mut Context<'_>) {
    let member = server.unwrap_or_else(|| home(cx.id(), cx.server_count()));
    cx.ask(request, member, Msg::Ask { request, op });
}

pub(super) fn on_told(request: RequestId, answer: Result<Ret, &'static str>, cx: &mut Context<'_>) {
    let reply = match answer {
        Ok(ret) => Reply::Ok(ret),
        Err(why) => Reply::Refused(why.into()),
    };
    cx.reply(request, reply);
}
