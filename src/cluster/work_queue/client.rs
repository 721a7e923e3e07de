//! A producer: sends, waits for the confirmation where there is one, and sends again where it is told to.

use crate::sim::id::RequestId;
use crate::sim::protocol::Reply;

use super::message::{Msg, Op, Ret};
use super::{BROKER, Context};

/// Sends, or asks. Without confirms a send is over when it has gone out.
pub(super) fn on_request(request: RequestId, op: Op, cx: &mut Context<'_>) {
    let blind = matches!(op, Op::Send { .. }) && !cx.settings().confirms;
    cx.ask(request, BROKER, Msg::Ask { request, op });
    if blind {
        cx.reply(request, Reply::Ok(Ret::Sent));
    }
}

/// The broker answered.
pub(super) fn on_told(request: RequestId, answer: Result<Ret, &'static str>, cx: &mut Context<'_>) {
    cx.reply(
        request,
        match answer {
            Ok(ret) => Reply::Ok(ret),
            Err(why) => Reply::Refused(why.into()),
        },
    );
}
