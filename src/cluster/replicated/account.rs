//! Where it is remembered what a user wrote and saw, so that all devices of the user know it (DDIA, chapter 5, cross-device
//! read-after-write consistency: "this metadata will need to be centralized").
//!
//! The account stands beside the user's first device. Another device asks it before a read, and tells it what a request brought before
//! the user hears of that: so whatever any device has reported, every later read knows.

use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::time::Time;

use super::client::Client;
use super::message::{Done, Msg};
use super::server::Context;
use super::settings::{Memory, Reads};
use super::statements::Op;
use super::token::Token;

/// What is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memo {
    /// The position in the log of what was last written or seen.
    pub(super) token: Token,
    /// The clock when a write was last told ok.
    pub(super) wrote: Option<Time>,
}

impl Memo {
    /// Takes in what is newer.
    pub(super) fn learn(&mut self, other: Memo) {
        self.token = self.token.max(other.token);
        self.wrote = self.wrote.max(other.wrote);
    }
}

/// What waits for the account.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    /// Reads that wait for what the account knows.
    asking: Vec<RequestId>,
    /// Answers that the account must hear of first.
    telling: Vec<(RequestId, Done)>,
}

impl Account {
    /// Nobody waits for this request any more.
    pub(super) fn forget(&mut self, request: RequestId) {
        self.asking.retain(|asked| *asked != request);
        self.telling.retain(|(told, _)| *told != request);
    }
}

/// Where the account of this client is, if reads hang on it and it is not here.
fn keeper(cx: &Context<'_>) -> Option<NodeId> {
    let settings = cx.settings();
    let hangs = matches!(settings.reads, Reads::LeaderWindow | Reads::WaitForPosition);
    let first = settings.users.first(cx.id());
    (hangs && settings.memory == Memory::Account && first != cx.id()).then_some(first)
}

impl Client {
    /// Asks the account before a read. `false`: it need not.
    pub(super) fn recalls(&mut self, request: RequestId, cx: &mut Context<'_>) -> bool {
        let Some(keeper) = keeper(cx) else { return false };
        self.account.asking.push(request);
        cx.send(keeper, Msg::Recall { request });
        true
    }

    /// Tells the account what it learned from an answer, before the answer is reported. `false`: it need not.
    pub(super) fn reports(&mut self, request: RequestId, done: &Done, cx: &mut Context<'_>) -> bool {
        let Some(keeper) = keeper(cx) else { return false };
        self.account.telling.push((request, done.clone()));
        cx.send(keeper, Msg::Remember { request, memo: self.memo });
        true
    }

    /// Another device asks what the account knows, or tells it something.
    pub(super) fn on_account(&mut self, from: NodeId, request: RequestId, news: Option<Memo>, cx: &mut Context<'_>) {
        if let Some(memo) = news {
            self.memo.learn(memo);
        }
        cx.send(from, Msg::Recalled { request, memo: self.memo });
    }

    /// The account answers.
    pub(super) fn on_recalled(&mut self, request: RequestId, memo: Memo, cx: &mut Context<'_>) {
        self.memo.learn(memo);
        if let Some(at) = self.account.telling.iter().position(|(told, _)| *told == request) {
            let (_, done) = self.account.telling.remove(at);
            return cx.reply(request, Reply::Ok(done));
        }
        if !self.account.asking.contains(&request) {
            return;
        }
        self.account.forget(request);
        let op: Option<Op> = cx.open(request).map(|open| open.op.clone());
        if let Some(op) = op {
            self.set_out(request, &op, None, cx);
        }
    }
}
