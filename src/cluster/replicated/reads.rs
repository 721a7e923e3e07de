//! How servers answer reads: at once, once they have come to a position, or not at all.

use crate::check::operation::Ret;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

use super::entry::Cell;
use super::message::{Answer, Done, Msg};
use super::server::{Ask, Context, Role, Server, refuse};
use super::settings::{FollowerReads, Reads};
use super::statements::Op;
use super::token::{Reached, Token};

/// A read that waits until its position is applied.
#[derive(Clone, Debug)]
pub(super) struct WaitingRead {
    position: Token,
    client: NodeId,
    request: RequestId,
    op: Op,
}

impl Server {
    pub(super) fn on_read(&mut self, client: NodeId, ask: Ask, cx: &mut Context<'_>) {
        if self.is_leader() {
            return match self.ready(cx) {
                Ok(()) => self.answer_from(client, ask, cx),
                Err(why) => refuse(client, ask.request, why.into(), cx),
            };
        }
        if matches!(self.role, Role::Stranded) {
            return refuse(client, ask.request, "its log has parted from its leader's".into(), cx);
        }
        if cx.settings().follower_reads == FollowerReads::Refuse {
            return self.send_on(client, &ask, "it is a follower, and only the leader answers reads", cx);
        }
        if !ask.picked && self.lags_too_far(cx) {
            return cx.send(client, Msg::Told { request: ask.request, answer: Answer::Behind });
        }
        self.answer_from(client, ask, cx);
    }

    /// Answers once the position that the client has seen is applied here. That binds a leader too: it may have been replaced.
    fn answer_from(&mut self, client: NodeId, ask: Ask, cx: &mut Context<'_>) {
        let read = WaitingRead { position: ask.position, client, request: ask.request, op: ask.op };
        self.answer_when_reached(read, cx);
    }

    fn answer_when_reached(&mut self, read: WaitingRead, cx: &mut Context<'_>) {
        match read.position.reached(cx.disk(), self.applied) {
            Reached::Yes => self.answer(read.client, read.request, &read.op, cx),
            Reached::NotYet => self.reads.push(read),
            Reached::Never => {
                let why = "what the client has seen is lost: another entry stands in its place";
                refuse(read.client, read.request, why.into(), cx);
            }
        }
    }

    fn answer(&mut self, client: NodeId, request: RequestId, op: &Op, cx: &mut Context<'_>) {
        let key = match op {
            Op::Key(op) => op.key(),
            Op::Table(statement) => return self.answer_select(client, request, statement, cx),
        };
        let cell: Option<&Cell> = self.data.get(key);
        let done = Done {
            table: None,
            ret: Ret::Value(cell.map(|cell| cell.value.clone())),
            wrote: cell.map(|cell| cell.request),
            beside: cell.and_then(|cell| cell.beside.clone()),
            position: self.applied,
            epoch: cx.disk().epoch_at(self.applied),
            server: cx.id(),
        };
        cx.send(client, Msg::Told { request, answer: Answer::Done(done) });
    }

    /// Answers the reads whose position is reached.
    pub(super) fn answer_reads(&mut self, cx: &mut Context<'_>) {
        for read in std::mem::take(&mut self.reads) {
            self.answer_when_reached(read, cx);
        }
    }

    /// How far it is behind at most, as far as it can tell: the age of the oldest entry that it has not applied, or how long it has
    /// heard nothing. `Seconds_Behind_Source` of `MySQL` counts only the first, so a follower that is cut off seems to be up to date.
    pub(super) fn known_lag(&self, cx: &Context<'_>) -> Span {
        let now = cx.clock();
        let oldest = cx.disk().get(self.applied + 1).map_or(Span::ZERO, |entry| now.since(entry.stamp));
        oldest.max(now.since(self.heard))
    }

    /// Whether it sends readers on because it lags too far behind.
    pub(super) fn lags_too_far(&self, cx: &Context<'_>) -> bool {
        cx.settings().reads == Reads::MaxLag && self.known_lag(cx) > cx.settings().max_lag
    }
}
