//! Who makes tokens, and knows which are good (RFC 7662).

use crate::sim::id::{NodeId, RequestId};

use super::Context;
use super::message::{Msg, Token};
use super::note::Note;

/// Its process. What it must not forget is on its disk.
#[derive(Clone, Debug, Default)]
pub struct Auth;

impl Auth {
    /// Somebody wants to know of a token.
    pub(super) fn on_check(from: NodeId, call: u32, token: Token, cx: &mut Context<'_>) {
        let good = token.lasts(cx.clock()) && !cx.disk().revoked.contains(&(token.owner, token.number));
        cx.send(from, Msg::Checked { call, good });
    }

    /// A user wants a new token.
    pub(super) fn on_login(user: NodeId, request: RequestId, number: u32, cx: &mut Context<'_>) {
        let token = made(user, number, cx);
        cx.note(Note::Issued { token });
        cx.send(user, Msg::Issued { request, token });
    }

    /// A token is good no longer.
    pub(super) fn revoke(token: Token, cx: &mut Context<'_>) {
        if cx.write(|disk| disk.revoked.insert((token.owner, token.number))).is_ok() {
            cx.sync();
            cx.note(Note::Revoked { token });
        }
    }
}

/// A token as the clock of this node has it.
pub(super) fn made(owner: NodeId, number: u32, cx: &Context<'_>) -> Token {
    Token { owner, number, until: cx.settings().token_life.map(|life| cx.clock() + life) }
}
