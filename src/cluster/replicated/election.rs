//! Failover in three visible steps: detection, choice, reconfiguration (DDIA, chapter 5); and what fences an old leader.
//!
//! A node that hears nothing asks everybody (`Elect`); voters promise the epoch to one asker and say how up to date they
//! are; the asker appoints one of them. An epoch has at most one appointer, so at most one leader, while a majority is needed.

use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::entry::Change;
use super::message::{Msg, Note};
use super::server::{Context, Lead, Peer, Role, Server, Timer};
use super::settings::{Candidate, Election, Failover, Fencing};

/// A candidate's poll.
#[derive(Clone, Debug, Default)]
pub struct Poll {
    /// The epoch it wants to fill.
    pub epoch: u64,
    /// Who agreed, with their position in the log.
    pub agreed: Vec<(NodeId, (u64, u64))>,
    /// How many answered.
    answers: usize,
}

/// An answer to a poll.
pub(super) struct Vote {
    pub(super) epoch: u64,
    pub(super) granted: bool,
    pub(super) newest: u64,
    pub(super) position: (u64, u64),
}

/// The longest wait for a sign of life, in detection timeouts; the shortest is one. They are drawn at random, so that two
/// followers seldom ask for votes at once.
pub(super) const LONGEST_WAIT: f64 = 1.5;

impl Server {
    /// Waits for a sign of life of its leader.
    pub(super) fn watch_leader(&mut self, cx: &mut Context<'_>) {
        if matches!(self.role, Role::Leader(_) | Role::Stranded) {
            return;
        }
        let jitter = 1.0 + cx.rng().unit() * (LONGEST_WAIT - 1.0);
        cx.set_timer(cx.settings().detection_timeout.scaled(jitter), Timer::Detection);
    }

    fn silent(&self, cx: &Context<'_>) -> Span {
        cx.clock().since(self.heard)
    }

    pub(super) fn on_detection(&mut self, cx: &mut Context<'_>) {
        let (leader, silent) = (self.leader, self.silent(cx));
        if cx.settings().failover == Failover::Manual {
            return cx.note(Note::WaitsForOperator { leader, silent });
        }
        cx.note(Note::Suspects { leader, silent, timeout: cx.settings().detection_timeout });
        self.ask_for_votes(cx);
    }

    fn ask_for_votes(&mut self, cx: &mut Context<'_>) {
        let epoch = self.next_epoch(cx);
        let me = cx.id();
        if cx.write(|disk| disk.promised = Some((epoch, me))).is_err() {
            return self.watch_leader(cx);
        }
        let agreed = vec![(me, cx.disk().position())];
        self.role = Role::Candidate(Poll { epoch, agreed, answers: 1 });
        for to in cx.servers().filter(|to| *to != me) {
            cx.send(to, Msg::Elect { epoch });
        }
        cx.set_timer(cx.settings().detection_timeout.scaled(0.5), Timer::Choice);
        self.choose_if_all_answered(cx);
    }

    pub(super) fn on_elect(&mut self, from: NodeId, epoch: u64, cx: &mut Context<'_>) {
        let position = cx.disk().position();
        let granted = self.grants(from, epoch, cx) && cx.write(|disk| disk.promised = Some((epoch, from))).is_ok();
        if granted {
            if self.is_leader() {
                self.step_down(epoch, cx);
            }
            self.watch_leader(cx);
        }
        let newest = cx.disk().newest_epoch();
        cx.send_after_sync(from, Msg::Vote { epoch, granted, newest, position });
    }

    /// Whether it agrees that somebody fills this epoch.
    fn grants(&self, from: NodeId, epoch: u64, cx: &mut Context<'_>) -> bool {
        let fencing = cx.settings().fencing;
        if self.is_leader() && fencing == Fencing::Off {
            return false;
        }
        let lately = self.silent(cx) < cx.settings().detection_timeout;
        if fencing == Fencing::Lease && (self.is_leader() || lately) {
            if let Some(leader) = self.leader {
                cx.note(Note::HoldsToLeader { leader, candidate: from });
            }
            return false;
        }
        let promised = cx.disk().promised;
        epoch > cx.disk().epoch && promised.is_none_or(|promise| epoch > promise.0 || promise == (epoch, from))
    }

    pub(super) fn on_vote(&mut self, from: NodeId, vote: &Vote, cx: &mut Context<'_>) {
        let Role::Candidate(poll) = &mut self.role else { return };
        if poll.epoch != vote.epoch || poll.agreed.iter().any(|(who, _)| *who == from) {
            return;
        }
        poll.answers += 1;
        if vote.granted {
            poll.agreed.push((from, vote.position));
        } else {
            self.outbid = self.outbid.max(vote.newest);
        }
        self.choose_if_all_answered(cx);
    }

    fn choose_if_all_answered(&mut self, cx: &mut Context<'_>) {
        if let Role::Candidate(poll) = &self.role
            && poll.answers >= cx.server_count()
        {
            self.on_choice(cx);
        }
    }

    /// Everybody answered, or the time for it is over.
    pub(super) fn on_choice(&mut self, cx: &mut Context<'_>) {
        let Role::Candidate(poll) = std::mem::replace(&mut self.role, Role::Follower) else { return };
        cx.cancel_timer(Timer::Choice);
        let needed = needed_votes(cx);
        if poll.agreed.len() < needed {
            cx.note(Note::NoMajority { agreed: poll.agreed.len(), needed });
            return self.watch_leader(cx);
        }
        let chosen = choose(&poll, cx);
        if chosen == cx.id() {
            return self.lead(poll.epoch, cx);
        }
        cx.note(Note::Appoints { who: chosen, epoch: poll.epoch });
        cx.send_after_sync(chosen, Msg::Appoint { epoch: poll.epoch });
        self.watch_leader(cx);
    }

    pub(super) fn on_appoint(&mut self, epoch: u64, cx: &mut Context<'_>) {
        let is_newest = epoch > cx.disk().epoch && cx.disk().promised.is_none_or(|promise| epoch >= promise.0);
        if is_newest && !matches!(self.role, Role::Stranded) {
            self.lead(epoch, cx);
        }
    }

    /// Becomes the leader of an epoch and tells everybody.
    pub(super) fn lead(&mut self, epoch: u64, cx: &mut Context<'_>) {
        if cx.write(|disk| disk.epoch = epoch).is_err() {
            self.role = Role::Follower;
            cx.note(Note::DiskFull);
            return self.watch_leader(cx);
        }
        let start = cx.disk().last() + 1;
        cx.note(Note::Leads { epoch, start });
        tell_clients(epoch, cx);
        super::replicate::append(Change::Start, None, cx);
        self.take_office(start, cx);
    }

    /// Leads from now on; its first entry, at `start`, is in its log.
    pub(super) fn take_office(&mut self, start: u64, cx: &mut Context<'_>) {
        let (me, now) = (cx.id(), cx.clock());
        // Epoch 1 begins with its first entry on every disk; of a later epoch nobody else has any.
        let (next, matched) = if cx.disk().epoch == 1 { (start + 1, start) } else { (start, 0) };
        let peers = cx.servers().filter(|id| *id != me);
        let peers = peers.map(|id| Peer { id, next, matched, answered: now }).collect::<Vec<_>>();
        let wanted = cx.settings().sync_followers.first();
        let synchronous = peers.iter().position(|peer| Some(peer.id) == wanted).unwrap_or(0);
        self.role = Role::Leader(Lead { start, peers, synchronous, ..Lead::default() });
        (self.leader, self.heard) = (Some(me), now);
        cx.cancel_timer(Timer::Detection);
        cx.cancel_timer(Timer::Choice);
        set_lease(now, cx);
        self.on_heartbeat(cx);
        self.progress(cx);
    }

    /// Stops leading because a newer epoch exists. Writes that wait stay without an answer: nobody knows what became of them.
    pub(super) fn step_down(&mut self, newer: u64, cx: &mut Context<'_>) {
        cx.note(Note::StepsDown { newer });
        self.stop_leading(cx);
    }

    fn stop_leading(&mut self, cx: &mut Context<'_>) {
        self.role = Role::Follower;
        self.leader = None;
        self.heard = cx.clock();
        for timer in [Timer::Heartbeat, Timer::Lease, Timer::SyncTimeout] {
            cx.cancel_timer(timer);
        }
        self.watch_leader(cx);
    }

    /// Whether it refuses a message for belonging to an older epoch; the sender is told.
    pub(super) fn refuses_epoch(&mut self, from: NodeId, epoch: u64, cx: &mut Context<'_>) -> bool {
        let newest = cx.disk().newest_epoch();
        let leads_newer = self.is_leader() && epoch <= cx.disk().epoch;
        if cx.settings().fencing == Fencing::Off {
            return leads_newer;
        }
        if epoch >= newest && !leads_newer {
            return false;
        }
        cx.note(Note::RefusesEpoch { from, epoch, newer: newest });
        cx.send(from, Msg::Stale { epoch: newest });
        true
    }

    pub(super) fn on_stale(&mut self, epoch: u64, cx: &mut Context<'_>) {
        if self.is_leader() && epoch > cx.disk().epoch {
            self.step_down(epoch, cx);
        }
    }

    /// Hears from a leader: follows it.
    pub(super) fn follow(&mut self, leader: NodeId, epoch: u64, cx: &mut Context<'_>) {
        let changed = self.leader != Some(leader) || epoch > cx.disk().epoch;
        if self.is_leader() {
            self.step_down(epoch, cx);
        }
        if epoch > cx.disk().epoch && cx.write(|disk| disk.epoch = epoch).is_err() {
            self.said_full = true;
        }
        if changed && epoch > 1 {
            cx.note(Note::Follows { leader, epoch });
        }
        self.role = Role::Follower;
        (self.leader, self.heard) = (Some(leader), cx.clock());
        cx.cancel_timer(Timer::Choice);
        self.watch_leader(cx);
    }

    pub(super) fn renew_lease(&mut self, cx: &mut Context<'_>) {
        if let Role::Leader(lead) = &self.role {
            set_lease(lease_from(lead), cx);
        }
    }

    pub(super) fn on_lease(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        if has_lease(lead, cx) || cx.settings().fencing != Fencing::Lease {
            return;
        }
        let silent = cx.clock().since(lease_from(lead));
        cx.note(Note::LeaseOver { silent });
        self.stop_leading(cx);
    }

    /// The epoch to ask for: its own unfilled one again, unless somebody else was promised as much, or the next. Where nobody
    /// must agree, each server has epochs of its own, so that no two leaders can have the same.
    fn next_epoch(&self, cx: &Context<'_>) -> u64 {
        let disk = cx.disk();
        let promised = match disk.promised {
            Some((epoch, who)) if who == cx.id() && epoch > self.outbid => epoch - 1,
            Some((epoch, _)) => epoch,
            None => 0,
        };
        let newest = disk.epoch.max(promised).max(self.outbid);
        match cx.settings().election {
            Election::Majority => newest + 1,
            Election::Alone => own_epoch_after(newest, cx.id(), cx.server_count()),
        }
    }

    /// An operator makes it the leader.
    pub fn promote(&mut self, epoch: u64, cx: &mut Context<'_>) {
        self.lead(epoch, cx);
    }

    /// A setting changed: timers and waiting writes are looked at again.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        if matches!(self.role, Role::Stranded) && cx.settings().rejoin != super::settings::Rejoin::Refuse {
            self.role = Role::Follower;
        }
        if self.is_leader() {
            self.renew_lease(cx);
            cx.set_timer(cx.settings().heartbeat, Timer::Heartbeat);
            self.progress(cx);
        } else if !matches!(self.role, Role::Candidate(_)) {
            self.watch_leader(cx);
            self.catch_up(cx);
        }
    }
}

/// When the newest message was sent that a majority, the leader included, has answered.
fn lease_from(lead: &Lead) -> Time {
    let mut answered: Vec<Time> = lead.peers.iter().map(|peer| peer.answered).collect();
    answered.sort_unstable_by(|a, b| b.cmp(a));
    let others_needed = answered.len().div_ceil(2);
    if others_needed == 0 { Time(u64::MAX / 2) } else { answered[others_needed - 1] }
}

fn needed_votes(cx: &Context<'_>) -> usize {
    match cx.settings().election {
        Election::Majority => cx.server_count() / 2 + 1,
        Election::Alone => 1,
    }
}

/// The first epoch after `newest` that belongs to this server.
pub(super) fn own_epoch_after(newest: u64, id: NodeId, servers: usize) -> u64 {
    let (n, mine) = (servers as u64, id.index() as u64);
    let first = newest + 1;
    first + (mine + n - (first - 1) % n) % n
}

fn choose(poll: &Poll, cx: &mut Context<'_>) -> NodeId {
    let me = cx.id();
    if cx.settings().candidate == Candidate::Random {
        let pick = cx.rng().below(poll.agreed.len() as u64) as usize;
        return poll.agreed[pick].0;
    }
    let best = poll.agreed.iter().max_by_key(|(who, position)| (*position, *who == me, std::cmp::Reverse(*who)));
    best.map_or(me, |(who, _)| *who)
}

fn tell_clients(epoch: u64, cx: &mut Context<'_>) {
    let clients = cx.settings().near.len() as u16;
    (0..clients).for_each(|client| cx.send(NodeId::client(client), Msg::Leads { epoch }));
}

/// Whether a majority has answered messages that are younger than the lease, counted from when they were sent.
pub(super) fn has_lease(lead: &Lead, cx: &Context<'_>) -> bool {
    cx.clock() < lease_from(lead) + cx.settings().lease
}

/// Sets the timer that ends the lease, where leases are used.
pub(super) fn set_lease(from: Time, cx: &mut Context<'_>) {
    if cx.settings().fencing == Fencing::Lease {
        let end = from + cx.settings().lease;
        cx.set_timer(end.since(cx.clock()), Timer::Lease);
    } else {
        cx.cancel_timer(Timer::Lease);
    }
}
