//! Reads that do not go through the log (Raft dissertation, 6.4).

use crate::check::operation::Op;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::replication::Lead;
use super::server::{Ask, Context, Role, Server, answer};
use super::settings::Reads;

/// A read that cannot be answered yet.
#[derive(Clone, Debug)]
pub(super) struct Read {
    client: NodeId,
    request: RequestId,
    op: Op,
    /// The log must be applied up to here.
    index: u64,
    /// A majority must have answered this round of heartbeats.
    round: Option<u64>,
}

impl Lead {
    /// The newest round that a majority has answered, the leader included.
    pub(super) fn confirmed(&self) -> u64 {
        self.reached(u64::MAX, |peer| peer.round).unwrap_or(0)
    }

    /// Whether it may answer alone at this time by its clock: a majority has answered what it sent less than a lease ago, and gives
    /// no vote to anybody for longer than that.
    pub fn has_lease(&self, lease: Span, clock: Time) -> bool {
        let answered = self.reached(Some(Time(u64::MAX / 2)), |peer| peer.answered).flatten();
        !self.yielded && answered.is_some_and(|sent| clock < sent + lease)
    }
}

impl Server {
    /// A read that does not go through the log.
    pub(super) fn on_read(&mut self, client: NodeId, ask: Ask, cx: &mut Context<'_>) {
        let reads = cx.settings().reads;
        let (index, round) = match (&self.role, reads) {
            (_, Reads::Any) => (0, None),
            (_, Reads::WaitForPosition) => (ask.position, None),
            // Only with an entry of its term does a leader know what is committed: nothing older stands after that.
            (Role::Leader(lead), _) => (self.commit.max(lead.start), round_of(reads, lead, cx)),
            _ => return self.send_on(client, &ask, cx),
        };
        self.reads.push(Read { client, request: ask.request, op: ask.op, index, round });
        if round.is_some() {
            self.begin_round(cx);
        }
        self.answer_reads(cx);
    }

    /// Answers the reads that can be answered.
    pub(super) fn answer_reads(&mut self, cx: &mut Context<'_>) {
        if self.reads.is_empty() {
            return;
        }
        let confirmed = if let Role::Leader(lead) = &self.role { lead.confirmed() } else { 0 };
        let applied = self.applied;
        let is_ready = |read: &Read| read.index <= applied && read.round.is_none_or(|round| round <= confirmed);
        let (ready, wait) = std::mem::take(&mut self.reads).into_iter().partition(is_ready);
        self.reads = wait;
        for Read { client, request, op, .. } in ready as Vec<Read> {
            answer(client, request, self.machine.look(op.key()), applied, cx);
        }
    }
}

/// The round that must be answered before a leader may answer a read: the one that begins with it.
fn round_of(reads: Reads, lead: &Lead, cx: &Context<'_>) -> Option<u64> {
    let alone = match reads {
        Reads::Lease => lead.has_lease(cx.settings().lease, cx.clock()),
        Reads::Local => true,
        _ => false,
    };
    (!alone).then_some(lead.round + 1)
}
