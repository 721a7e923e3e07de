//! Failover in three visible steps: detection, choice, reconfiguration (DDIA, chapter 5).
//!
//! A node that hears nothing asks everybody (`Elect`); voters promise the epoch to one asker and say how up to date they are;
//! with the first sufficient answers the asker appoints one of those who agreed. An epoch has one asker, who appoints once, so it
//! has at most one leader while a majority is needed. Every promise is on the disk before it is told to anybody.

use crate::cluster::kit::fsync::durably;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::message::{Msg, Note};
use super::server::{Context, Role, Server, Timer};
use super::settings::{Candidate, Election, Failover, Fencing};

/// A candidate's poll.
#[derive(Clone, Debug, Default)]
pub struct Poll {
    /// The epoch it wants to fill.
    pub epoch: u64,
    /// Who agreed, with their position in the log.
    pub agreed: Vec<(NodeId, (u64, u64))>,
    /// Who did not.
    refused: Vec<NodeId>,
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
        wait_for(Timer::Detection, cx);
    }

    fn silent(&self, cx: &Context<'_>) -> Span {
        cx.clock().since(self.heard)
    }

    /// Whether somebody may have a lease, as far as it knows: it leads, or heard from a leader lately, or has just started and may
    /// have heard before (Raft dissertation, 4.2.3 and 6.4). Then it gives nobody its vote, itself included, so that a timer that
    /// goes off early breaks no lease.
    fn respects_a_lease(&self, cx: &Context<'_>) -> bool {
        let lately = self.silent(cx) < cx.settings().detection_timeout;
        cx.settings().fencing == Fencing::Lease && (self.is_leader() || lately)
    }

    pub(super) fn on_detection(&mut self, cx: &mut Context<'_>) {
        let (leader, silent) = (self.leader, self.silent(cx));
        if cx.settings().failover == Failover::Manual {
            return cx.note(Note::WaitsForOperator { leader, silent });
        }
        if self.respects_a_lease(cx) {
            cx.note(Note::HeardLately { leader, silent });
            return self.watch_leader(cx);
        }
        cx.note(Note::Suspects { leader, silent, timeout: cx.settings().detection_timeout });
        self.stand(cx);
    }

    /// Wants to lead, or to have somebody lead.
    fn stand(&mut self, cx: &mut Context<'_>) {
        match cx.settings().election {
            Election::Majority => self.ask_for_votes(cx),
            Election::Alone => self.elect(super::office::own_epoch_after(self.newest_epoch(cx), cx.id(), cx.server_count()), cx),
        }
    }

    fn ask_for_votes(&mut self, cx: &mut Context<'_>) {
        let epoch = self.next_epoch(cx);
        let me = cx.id();
        if cx.write(|disk| disk.promised = Some((epoch, me))).is_err() {
            self.withdraw(cx);
            self.say_full(cx);
            return self.watch_leader(cx);
        }
        self.unfilled = Some(epoch);
        let agreed = vec![(me, cx.disk().position())];
        self.role = Role::Candidate(Poll { epoch, agreed, ..Poll::default() });
        // Its own vote counts like the others, so it is on the disk before anybody is asked.
        for to in cx.servers().filter(|to| *to != me) {
            durably(to, Msg::Elect { epoch }, cx);
        }
        wait_for(Timer::Choice, cx);
        self.choose_when_decided(cx);
    }

    /// The epoch to ask for: its own unfilled one again, so that a server that nobody answers does not run ahead of the others;
    /// or the next.
    fn next_epoch(&self, cx: &Context<'_>) -> u64 {
        let newest = self.newest_epoch(cx);
        let stands = |epoch: &u64| *epoch > self.outbid && cx.disk().promised == Some((*epoch, cx.id()));
        self.unfilled.filter(|epoch| *epoch == newest && stands(epoch)).unwrap_or(newest + 1)
    }

    /// The newest epoch it knows of.
    fn newest_epoch(&self, cx: &Context<'_>) -> u64 {
        cx.disk().newest_epoch().max(self.outbid)
    }

    pub(super) fn on_elect(&mut self, from: NodeId, epoch: u64, cx: &mut Context<'_>) {
        let position = cx.disk().position();
        let granted = self.grants(from, epoch, cx) && cx.write(|disk| disk.promised = Some((epoch, from))).is_ok();
        if granted {
            self.give_way(epoch, cx);
        }
        let newest = cx.disk().newest_epoch();
        durably(from, Msg::Vote { epoch, granted, newest, position }, cx);
    }

    /// It has promised a newer epoch to somebody else: it leads no more, nor wants to.
    fn give_way(&mut self, epoch: u64, cx: &mut Context<'_>) {
        if self.is_leader() {
            return self.step_down(epoch, cx);
        }
        self.withdraw(cx);
        self.watch_leader(cx);
    }

    /// Whether it agrees that somebody fills this epoch.
    fn grants(&self, from: NodeId, epoch: u64, cx: &mut Context<'_>) -> bool {
        // Who is stranded has stopped, until an operator decides: it neither leads nor helps anybody to.
        if matches!(self.role, Role::Stranded) || (self.is_leader() && cx.settings().fencing == Fencing::Off) {
            return false;
        }
        if self.respects_a_lease(cx) {
            if let Some(leader) = self.leader {
                cx.note(Note::HoldsToLeader { leader, candidate: from });
            }
            return false;
        }
        let promised = cx.disk().promised;
        epoch > cx.disk().epoch && promised.is_none_or(|promise| epoch > promise.0 || promise == (epoch, from))
    }

    pub(super) fn on_vote(&mut self, from: NodeId, vote: &Vote, cx: &mut Context<'_>) {
        if !vote.granted {
            self.outbid = self.outbid.max(vote.newest);
        }
        let Role::Candidate(poll) = &mut self.role else { return };
        let voted = poll.refused.contains(&from) || poll.agreed.iter().any(|(who, _)| *who == from);
        if poll.epoch != vote.epoch || voted {
            return;
        }
        if vote.granted {
            poll.agreed.push((from, vote.position));
        } else {
            poll.refused.push(from);
        }
        self.choose_when_decided(cx);
    }

    /// Chooses as soon as enough agree: whatever a majority has is known to one of any majority, so nobody else need be heard
    /// (Raft, section 5.4). Gives up as soon as too few can.
    fn choose_when_decided(&mut self, cx: &mut Context<'_>) {
        let Role::Candidate(poll) = &self.role else { return };
        let (agreed, refused, needed) = (poll.agreed.len(), poll.refused.len(), majority(cx));
        if agreed >= needed {
            self.choose(cx);
        } else if refused > cx.server_count() - needed {
            self.withdraw(cx);
            cx.note(Note::NoMajority { agreed, needed });
            self.watch_leader(cx);
        }
    }

    /// Too few answered in time: it asks again, as in Raft, section 5.2.
    pub(super) fn on_choice(&mut self, cx: &mut Context<'_>) {
        let Role::Candidate(poll) = &self.role else { return };
        cx.note(Note::NoMajority { agreed: poll.agreed.len(), needed: majority(cx) });
        self.stand(cx);
    }

    /// Gives the epoch to one of those who agreed.
    fn choose(&mut self, cx: &mut Context<'_>) {
        let Role::Candidate(poll) = std::mem::replace(&mut self.role, Role::Follower) else { return };
        cx.cancel_timer(Timer::Choice);
        // An epoch is given away once. Who may never have heard of it is no reason to give it to somebody else.
        self.unfilled = None;
        let chosen = pick(&poll, cx);
        if chosen == cx.id() {
            return self.elect(poll.epoch, cx);
        }
        cx.note(Note::Appoints { who: chosen, epoch: poll.epoch });
        durably(chosen, Msg::Appoint { epoch: poll.epoch }, cx);
        self.watch_leader(cx);
    }

    /// The one to whom it gave its vote chose it.
    pub(super) fn on_appoint(&mut self, from: NodeId, epoch: u64, cx: &mut Context<'_>) {
        let stands = epoch > cx.disk().epoch && cx.disk().promised == Some((epoch, from));
        if stands && !matches!(self.role, Role::Stranded) {
            self.elect(epoch, cx);
        }
    }
}

/// How many servers are a majority of all.
pub(super) fn majority(cx: &Context<'_>) -> usize {
    cx.server_count() / 2 + 1
}

fn pick(poll: &Poll, cx: &mut Context<'_>) -> NodeId {
    let me = cx.id();
    if cx.settings().candidate == Candidate::Random {
        let pick = cx.rng().below(poll.agreed.len() as u64) as usize;
        return poll.agreed[pick].0;
    }
    let best = poll.agreed.iter().max_by_key(|(who, position)| (*position, *who == me, std::cmp::Reverse(*who)));
    best.map_or(me, |(who, _)| *who)
}

/// Sets a timer to a detection timeout, drawn anew.
fn wait_for(timer: Timer, cx: &mut Context<'_>) {
    let jitter = 1.0 + cx.rng().unit() * (LONGEST_WAIT - 1.0);
    cx.set_timer(cx.settings().detection_timeout.scaled(jitter), timer);
}
