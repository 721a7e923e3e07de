//! Taking office and leaving it, and what fences an old leader.

use std::sync::Arc;

use crate::cluster::kit::fsync::recorded;
use crate::sim::id::NodeId;

use super::entry::Change;
use super::message::{Msg, Note};
use super::server::{Context, Lead, Peer, Role, Server, Timer};
use super::settings::Fencing;
use super::sync::is_recorded;

impl Server {
    /// It is chosen to lead this epoch. It leads once that is on its disk, so that nothing makes it lead the same epoch twice.
    pub(super) fn elect(&mut self, epoch: u64, cx: &mut Context<'_>) {
        let me = cx.id();
        let promise = cx.disk().promised.filter(|promise| promise.0 >= epoch).or(Some((epoch, me)));
        if cx.write(|disk| (disk.epoch, disk.promised) = (epoch, promise)).is_err() {
            self.withdraw(cx);
            self.say_full(cx);
            return self.watch_leader(cx);
        }
        cx.cancel_timer(Timer::Choice);
        cx.cancel_timer(Timer::Detection);
        self.role = Role::Elected;
        recorded(cx);
        self.take_office_when_recorded(cx);
    }

    /// Something reached the disk: perhaps what an elected leader waits for.
    pub(super) fn take_office_when_recorded(&mut self, cx: &mut Context<'_>) {
        if !matches!(self.role, Role::Elected) || !is_recorded(cx) {
            return;
        }
        let (epoch, start) = (cx.disk().epoch, cx.disk().matched() + 1);
        if !super::blind::own(epoch, cx) || super::replicate::append(Change::Start, None, cx).is_none() {
            self.withdraw(cx);
            self.say_full(cx);
            return self.watch_leader(cx);
        }
        cx.note(Note::Leads { epoch, start });
        tell_clients(epoch, cx);
        self.lead(start, false, cx);
    }

    /// Leads from now on; its first entry, at `start`, is in its log. `known`: everybody knows so already and has that entry.
    pub(super) fn lead(&mut self, start: u64, known: bool, cx: &mut Context<'_>) {
        let (me, now) = (cx.id(), cx.clock());
        let (next, matched, answered) = if known { (start + 1, start, Some(now)) } else { (start, 0, None) };
        let peers = cx.servers().filter(|id| *id != me);
        let peers = peers.map(|id| Peer { id, next, matched, answered }).collect::<Vec<_>>();
        let wanted = cx.settings().sync_followers.first();
        let synchronous = peers.iter().position(|peer| Some(peer.id) == wanted).unwrap_or(0);
        self.role = Role::Leader(Lead { start, since: now, peers, synchronous, ..Lead::default() });
        (self.leader, self.heard, self.unfilled, self.replaced) = (Some(me), now, None, None);
        cx.cancel_timer(Timer::Detection);
        self.renew_lease(cx);
        super::rejoin::take_own_offers(cx);
        self.on_heartbeat(cx);
        self.progress(cx);
    }

    /// Stops leading because a newer epoch exists. Writes that wait stay without an answer: nobody knows what became of them.
    pub(super) fn step_down(&mut self, newer: u64, cx: &mut Context<'_>) {
        cx.note(Note::StepsDown { newer });
        self.stop_leading(cx);
    }

    pub(super) fn stop_leading(&mut self, cx: &mut Context<'_>) {
        self.role = Role::Follower;
        Arc::make_mut(&mut self.sql).abandon();
        (self.leader, self.replaced) = (None, None);
        self.heard = cx.clock();
        for timer in [Timer::Heartbeat, Timer::Lease, Timer::SyncTimeout, Timer::Ship] {
            cx.cancel_timer(timer);
        }
        self.watch_leader(cx);
    }

    /// It is no candidate any more.
    pub(super) fn withdraw(&mut self, cx: &mut Context<'_>) {
        if matches!(self.role, Role::Candidate(_) | Role::Elected) {
            self.role = Role::Follower;
            cx.cancel_timer(Timer::Choice);
        }
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
        if self.is_leader() && epoch > cx.disk().epoch && self.believes_news(cx) {
            self.step_down(epoch, cx);
        }
    }

    /// Hears from a leader: follows it. `false`: its disk is full and cannot record that.
    pub(super) fn follow(&mut self, leader: NodeId, epoch: u64, cx: &mut Context<'_>) -> bool {
        if self.is_leader() {
            self.step_down(epoch, cx);
        }
        if epoch > cx.disk().epoch {
            if cx.write(|disk| disk.epoch = epoch).is_err() {
                self.say_full(cx);
                return false;
            }
            recorded(cx);
        }
        if self.leader != Some(leader) && epoch > 1 {
            cx.note(Note::Follows { leader, epoch });
        }
        self.withdraw(cx);
        (self.leader, self.heard) = (Some(leader), cx.clock());
        self.watch_leader(cx);
        true
    }

    /// A setting changed: timers and waiting writes are looked at again.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        if matches!(self.role, Role::Stranded) && cx.settings().rejoin != super::settings::Rejoin::Refuse {
            self.role = Role::Follower;
        }
        recorded(cx);
        self.take_office_when_recorded(cx);
        match self.role {
            Role::Leader(_) => {
                self.renew_lease(cx);
                cx.set_timer(cx.settings().heartbeat, Timer::Heartbeat);
                self.progress(cx);
            }
            Role::Candidate(_) | Role::Elected => {}
            Role::Follower | Role::Stranded => {
                self.watch_leader(cx);
                self.catch_up(cx);
            }
        }
    }
}

/// The first epoch after `newest` that belongs to this server. Where nobody must agree, each server has epochs of its own, so that
/// no two leaders can have the same.
pub(super) fn own_epoch_after(newest: u64, id: NodeId, servers: usize) -> u64 {
    let (n, mine) = (servers as u64, id.index() as u64);
    let first = newest + 1;
    first + (mine + n - (first - 1) % n) % n
}

fn tell_clients(epoch: u64, cx: &mut Context<'_>) {
    cx.clients().for_each(|client| cx.send(client, Msg::Leads { epoch }));
}
