//! A server as a master: its replicas, the stream, and clients that wait for it to arrive.

use std::sync::Arc;

use imbl::Vector;

use crate::algo::redis::{Reply, error};
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::Context;
use super::message::{Msg, Record};
use super::node::Node;
use super::note::Note;

/// A replica as its master knows it.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Up to where it has the stream, as it said.
    pub acked: u64,
    /// When it said so last.
    pub heard: Time,
    /// When it said so first, or was sent what it lacks for the last time.
    pub since: Time,
}

impl Link {
    fn at(acked: u64, now: Time) -> Link {
        Link { acked, heard: now, since: now }
    }
}

/// Where a replica says the same for so long and lacks something, that was lost on the way: nothing is on its way for longer, as a rule. It
/// says where it is once a second unless said otherwise, a little sooner by its own clock.
const STUCK: Span = Span::ms(900);

/// A client that waits for replicas.
#[derive(Clone, Copy, Debug)]
pub struct Waiter {
    client: NodeId,
    request: RequestId,
    /// How many replicas it wants.
    replicas: u64,
    /// What they must have.
    offset: u64,
}

/// What counts as for ever.
const FOR_EVER: Span = Span::s(100 * 24 * 3600);

impl Node {
    /// A replica wants the stream, or everything. `number`: that of its PSYNC; `None`: it is linked, and lacks something.
    pub(super) fn on_sync(&mut self, replica: NodeId, (replid, offset): (u64, u64), number: Option<u64>, cx: &mut Context<'_>) {
        if !self.is_master() {
            return;
        }
        self.links.insert(replica, Link::at(offset, cx.steady()));
        let is_ours = replid == self.replid || self.before.is_some_and(|(before, end)| before == replid && offset <= end);
        if let Some(records) = self.since(offset).filter(|_| is_ours && offset <= self.offset) {
            cx.note(Note::Continues { replica });
            return self.say(replica, Msg::Stream { replid: self.replid, from: offset, records, answers: number }, cx);
        }
        let Some(number) = number else { return self.say(replica, Msg::Unlinked, cx) };
        cx.note(Note::SendsAll { replica });
        self.links.insert(replica, Link::at(0, cx.steady()));
        self.spend(None, self.server.keys.len(), cx);
        self.say(replica, Msg::Full { data: Arc::new(self.data()), number }, cx);
    }

    /// The stream from an offset on; `None`: so much is not kept. What this turn changed is a part of it.
    fn since(&self, offset: u64) -> Option<Arc<[Record]>> {
        let all = || self.backlog.iter().chain(&self.fresh);
        let starts_at = all().next().map_or(self.offset, |first| first.end - super::message::resp(&first.argv));
        let whole = offset >= starts_at && (offset == starts_at || all().any(|record| record.end == offset));
        whole.then(|| all().filter(|record| record.end > offset).cloned().collect())
    }

    /// Sends the commands of a turn to the replicas, and keeps them for those that are away.
    pub(super) fn feed(&mut self, records: &Arc<[Record]>, cx: &mut Context<'_>) {
        let Some(first) = records.first() else { return };
        let from = first.end - super::message::resp(&first.argv);
        let most = cx.settings().backlog as usize;
        self.backlog.extend(records.iter().cloned());
        if self.backlog.len() > most {
            self.backlog = self.backlog.split_off(self.backlog.len() - most);
        }
        let links: Vec<NodeId> = if self.is_master() { self.links.keys().copied().collect() } else { Vec::new() };
        for replica in links {
            self.say(replica, Msg::Stream { replid: self.replid, from, records: Arc::clone(records), answers: None }, cx);
        }
    }

    /// A replica says how far it is. What it has lacked for too long is sent again.
    pub(super) fn on_ack(&mut self, replica: NodeId, replid: u64, offset: u64, cx: &mut Context<'_>) {
        let Some(link) = self.links.get(&replica).filter(|_| replid == self.replid) else {
            // It was linked to an earlier life of this server, or to another: its connection is broken, and it asks anew.
            return self.say(replica, Msg::Unlinked, cx);
        };
        let (now, is_same) = (cx.steady(), link.acked == offset);
        let since = if is_same { link.since } else { now };
        let is_stuck = offset < self.offset && is_same && now.since(since) >= STUCK;
        self.links.insert(replica, Link { acked: offset, heard: now, since });
        if is_stuck {
            self.on_sync(replica, (replid, offset), None, cx);
        }
        self.look_at_waiters(cx);
    }

    /// A replica that has said nothing for too long is not connected any more: it counts for nothing.
    pub(super) fn drop_silent(&mut self, cx: &Context<'_>) {
        let (now, most) = (cx.steady(), cx.settings().repl_timeout);
        let silent: Vec<NodeId> = self.links.iter().filter(|(_, link)| now.since(link.heard) > most).map(|(id, _)| *id).collect();
        for id in silent {
            self.links.remove(&id);
        }
    }

    /// How many replicas have answered of late.
    pub(super) fn good_replicas(&self, cx: &Context<'_>) -> usize {
        let most = cx.settings().max_lag.min(cx.settings().repl_timeout);
        self.links.values().filter(|link| cx.steady().since(link.heard) <= most).count()
    }

    /// How many replicas have so much of the stream: each counts once.
    pub(super) fn having(&self, offset: u64) -> u64 {
        self.links.values().filter(|link| link.acked >= offset).count() as u64
    }

    /// WAIT.
    pub(super) fn wait_for(&mut self, client: NodeId, request: RequestId, (replicas, timeout): (u64, u64), cx: &mut Context<'_>) {
        if !self.is_master() {
            let reply = error(
                "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.",
            );
            return self.tell(client, request, reply, false, cx);
        }
        let offset = self.wrote.get(&client).copied().unwrap_or(0);
        let waiter = Waiter { client, request, replicas, offset };
        if self.having(offset) >= replicas {
            return self.answer(waiter, cx);
        }
        let patience = if timeout == 0 { FOR_EVER } else { Span::ms(timeout).min(FOR_EVER) };
        self.waiters.begin(waiter, patience, cx);
        let links: Vec<NodeId> = self.links.keys().copied().collect();
        for replica in links {
            self.say(replica, Msg::GetAck, cx);
        }
    }

    fn answer(&mut self, waiter: Waiter, cx: &mut Context<'_>) {
        let count = self.having(waiter.offset);
        let having = self.links.iter().filter(|(_, link)| link.acked >= waiter.offset).map(|(id, _)| *id).collect();
        cx.note(Note::Waited { client: waiter.client, offset: waiter.offset, replid: self.replid, having });
        self.tell(waiter.client, waiter.request, Reply::Int(i64::try_from(count).unwrap_or(i64::MAX)), false, cx);
    }

    fn look_at_waiters(&mut self, cx: &mut Context<'_>) {
        let links = self.links.clone();
        let have = |offset: u64| links.values().filter(|link| link.acked >= offset).count() as u64;
        for waiter in self.waiters.drop_if(|waiter| have(waiter.offset) >= waiter.replicas) {
            self.answer(waiter, cx);
        }
    }

    /// Whoever has waited for long enough hears how many there are.
    pub(super) fn on_overdue(&mut self, cx: &mut Context<'_>) {
        for waiter in self.waiters.overdue(cx) {
            self.answer(waiter, cx);
        }
    }

    /// It becomes master.
    pub(super) fn promote(&mut self, cx: &mut Context<'_>) {
        if self.is_master() {
            return;
        }
        self.follows = None;
        self.linked = false;
        self.links = OrdMap::new();
        if cx.settings().replid == super::settings::ReplId::New {
            self.before = Some((self.replid, self.offset));
            self.replid = cx.rng().bits() | 1;
        }
        self.forget_sessions(cx);
        self.keep_config(cx);
        cx.note(Note::Leads);
        self.look_for_expired_later(cx);
    }

    /// Whoever waits at a server that is no master any more waits in vain.
    pub(super) fn unblock(&mut self, cx: &mut Context<'_>) {
        for waiter in self.waiters.drop_if(|_| true) {
            let reply = error("UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)");
            self.tell(waiter.client, waiter.request, reply, false, cx);
        }
        self.backlog = Vector::new();
    }
}
