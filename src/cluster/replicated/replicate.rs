//! The log on its way: a leader sends, followers match, store and acknowledge (Raft, section 5.3).

use std::borrow::Cow;
use std::sync::Arc;

use crate::cluster::kit::fsync::{durably, recorded};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::entry::{Change, Entry};
use super::message::{Msg, Note};
use super::server::{Context, Lead, Peer, Role, Server, Timer};
use super::settings::{Degrade, Fencing, Replication, Shipping};
use super::sync::{is_recorded, written};

/// Entries per message while a follower catches up.
const BATCH: usize = 64;

/// A leader's word to a follower: entries that follow its entry `prev`, or none.
#[derive(Clone, Debug)]
pub struct Append {
    pub(super) epoch: u64,
    pub(super) prev: u64,
    pub(super) prev_epoch: u64,
    pub(super) entries: Arc<[Arc<Entry>]>,
    pub(super) commit: u64,
    /// How far the leader knows the follower's log to be on its disk: a follower that has more says so.
    pub(super) known: u64,
    /// The leader's clock.
    pub(super) sent: Time,
    /// Under `shipping blind` the places of the entries are not sent.
    pub(super) blind: bool,
}

impl Server {
    /// A leader sends every follower what it does not have yet, at once or in a while, then does what its own progress allows.
    pub(super) fn replicate(&mut self, cx: &mut Context<'_>) {
        match cx.settings().ship_every {
            Span::ZERO => self.ship(cx),
            every => cx.start_timer(every, Timer::Ship),
        }
        self.progress(cx);
    }

    /// Sends every follower what it does not have yet.
    pub(super) fn ship(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        for peer in &mut lead.peers {
            if peer.next <= cx.disk().last() {
                send_from(peer, self.commit, BATCH, cx);
            }
        }
    }

    /// Says that it is alive, and sends what is missing, unless that is still being collected.
    pub(super) fn on_heartbeat(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        let every = cx.settings().ship_every;
        let most = if every == Span::ZERO { BATCH } else { 0 };
        for peer in &mut lead.peers {
            send_from(peer, self.commit, most, cx);
        }
        if every > Span::ZERO && lead.peers.iter().any(|peer| peer.next <= cx.disk().last()) {
            cx.start_timer(every, Timer::Ship);
        }
        cx.set_timer(cx.settings().heartbeat, Timer::Heartbeat);
    }

    /// Commits, applies and acknowledges as far as followers have come.
    pub(super) fn progress(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        let majority = majority_has(lead, cx);
        // Only entries of its own epoch are counted: see Raft, figure 8.
        if majority > self.commit && cx.disk().epoch_at(majority) == cx.disk().epoch {
            self.commit = majority;
        }
        self.catch_up(cx);
        self.acknowledge(cx);
        self.watch_synchronous(cx);
    }

    /// Every write up to here may be acknowledged.
    pub(super) fn acknowledged_upto(&self, lead: &Lead, cx: &Context<'_>) -> u64 {
        let last = cx.disk().last();
        match cx.settings().replication {
            Replication::Async => last,
            Replication::Majority => self.commit,
            Replication::SemiSync if is_alone(lead, cx) => last,
            Replication::SemiSync => lead.peers.get(lead.synchronous).map_or(last, |peer| peer.matched),
            Replication::Sync => {
                let followers = lead.peers.iter().map(|peer| (peer.id, peer.matched));
                cx.settings().sync_followers.reach(followers).unwrap_or(last)
            }
        }
    }

    /// Under semi-sync: starts to wait while something waits.
    fn watch_synchronous(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        if cx.settings().replication != Replication::SemiSync || lead.waiting.is_empty() {
            cx.cancel_timer(Timer::SyncTimeout);
        } else {
            cx.set_timer(cx.settings().sync_timeout, Timer::SyncTimeout);
        }
    }

    /// The synchronous follower was silent too long: the next one takes its place (DDIA, chapter 5). After the last of them the
    /// leader may go on alone (`rpl_semi_sync_source_timeout` of `MySQL`).
    pub(super) fn on_sync_timeout(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        if lead.peers.is_empty() {
            return;
        }
        lead.silent += 1;
        let from = lead.peers[lead.synchronous].id;
        lead.synchronous = (lead.synchronous + 1) % lead.peers.len();
        if lead.silent >= lead.peers.len() && cx.settings().degrade == Degrade::ToAsync {
            lead.alone = true;
            cx.note(Note::GoesOnAlone);
        } else {
            cx.note(Note::SyncMoves { from, to: lead.peers[lead.synchronous].id });
        }
        self.progress(cx);
    }

    /// A follower answered. Where the leader went on alone, the first that has caught up is synchronous from now on.
    fn answered(&mut self, from: NodeId, upto: u64, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        lead.silent = 0;
        if lead.alone && upto >= cx.disk().last() {
            lead.alone = false;
            lead.synchronous = lead.peers.iter().position(|peer| peer.id == from).unwrap_or(lead.synchronous);
            cx.note(Note::IsAloneNoMore { with: from });
        }
    }

    pub(super) fn on_ack(&mut self, from: NodeId, epoch: u64, upto: u64, sent: Time, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        if epoch != cx.disk().epoch {
            return;
        }
        if let Some(peer) = lead.peers.iter_mut().find(|peer| peer.id == from) {
            peer.matched = peer.matched.max(upto);
            peer.next = peer.next.max(upto + 1);
            peer.answered = peer.answered.max(Some(sent));
        }
        self.answered(from, upto, cx);
        self.renew_lease(cx);
        self.progress(cx);
    }

    /// A follower's log does not fit: it gets everything after `last`.
    pub(super) fn on_gap(&mut self, from: NodeId, epoch: u64, last: u64, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        let commit = self.commit;
        if epoch != cx.disk().epoch {
            return;
        }
        if let Some(peer) = lead.peers.iter_mut().find(|peer| peer.id == from) {
            peer.next = (last + 1).max(1);
            send_from(peer, commit, BATCH, cx);
        }
    }

    /// A leader speaks.
    pub(super) fn on_append(&mut self, from: NodeId, append: &Append, cx: &mut Context<'_>) {
        if self.refuses_epoch(from, append.epoch, cx) || matches!(self.role, Role::Stranded) || !self.believes_news(cx) {
            return;
        }
        if !self.follow(from, append.epoch, cx) {
            return;
        }
        if append.blind {
            return self.take_blindly(from, append, cx);
        }
        let disk = cx.disk();
        let fits = append.prev <= disk.matched() && disk.epoch_at(append.prev) == append.prev_epoch;
        if !fits {
            let last = before_epoch(disk, append.prev.min(disk.matched() + 1));
            return cx.send(from, Msg::Gap { epoch: append.epoch, last });
        }
        if !self.drop_blind(from, cx) {
            return;
        }
        if self.store(from, append, cx) {
            let upto = append.prev + append.entries.len() as u64;
            self.commit = self.commit.max(append.commit.min(upto));
            tell_progress(from, append, upto, cx);
            self.catch_up(cx);
            self.hand_over(from, cx);
        }
    }

    /// Writes the entries into its log, throwing away what contradicts them. `false`: it could not.
    fn store(&mut self, leader: NodeId, append: &Append, cx: &mut Context<'_>) -> bool {
        let mut index = append.prev;
        for entry in append.entries.iter() {
            index += 1;
            if index <= cx.disk().last() {
                if cx.disk().epoch_at(index) == entry.epoch {
                    continue;
                }
                if !self.part_with(index - 1, leader, cx) {
                    return false;
                }
            }
            if cx.write(|disk| disk.push(Arc::clone(entry))).is_err() {
                self.say_full(cx);
                return false;
            }
        }
        recorded(cx);
        true
    }

    pub(super) fn say_full(&mut self, cx: &mut Context<'_>) {
        if !std::mem::replace(&mut self.said_full, true) {
            cx.note(Note::DiskFull);
        }
    }
}

/// Whether a leader under semi-sync goes on without any follower.
pub(super) fn is_alone(lead: &Lead, cx: &Context<'_>) -> bool {
    lead.alone && cx.settings().degrade == Degrade::ToAsync
}

/// Sends one follower the entries from `next` on, at most so many; none is a heartbeat.
fn send_from(peer: &mut Peer, commit: u64, most: usize, cx: &mut Context<'_>) {
    let disk = cx.disk();
    let prev = (peer.next - 1).min(disk.last());
    let entries: Arc<[Arc<Entry>]> = disk.log.iter_from(prev as usize).take(most).map(Cow::into_owned).collect();
    let (epoch, prev_epoch) = (disk.epoch, disk.epoch_at(prev));
    peer.next = prev + entries.len() as u64 + 1;
    let (known, sent, blind) = (peer.matched, cx.clock(), cx.settings().shipping == Shipping::Blind);
    cx.send(peer.id, Msg::Append(Append { epoch, prev, prev_epoch, entries, commit, known, sent, blind }));
}

/// The greatest index that a majority of all servers has on disk.
fn majority_has(lead: &Lead, cx: &Context<'_>) -> u64 {
    let own = written(cx.disk().last(), cx);
    let mut have: Vec<u64> = lead.peers.iter().map(|peer| peer.matched).chain([own]).collect();
    have.sort_unstable();
    have[(have.len() - 1) / 2]
}

/// The last index before the run of entries of one epoch that contains `index`, so that a gap is found in few steps.
fn before_epoch(disk: &super::entry::Disk, index: u64) -> u64 {
    if index > disk.matched() {
        return disk.matched();
    }
    let epoch = disk.epoch_at(index);
    let before = index.saturating_sub(1);
    before - disk.log.back_from(before as usize).take_while(|entry| entry.epoch == epoch).count() as u64
}

/// Tells the leader how far the log is on the disk: once the new entries are; after a heartbeat at once, where a lease needs an answer
/// or the leader knows of less, because an answer was lost.
fn tell_progress(leader: NodeId, append: &Append, upto: u64, cx: &mut Context<'_>) {
    let ack = |upto| Msg::Ack { epoch: append.epoch, upto, sent: append.sent };
    if !append.entries.is_empty() || !is_recorded(cx) {
        durably(leader, ack(upto), cx);
        return;
    }
    let has = written(upto, cx);
    if cx.settings().fencing == Fencing::Lease || has > append.known {
        cx.send(leader, ack(has));
    }
}

/// Puts an entry into its own log. `None` when the disk is full.
pub(super) fn append(change: Change, stamp: Option<Time>, cx: &mut Context<'_>) -> Option<u64> {
    let entry = Entry { epoch: cx.disk().epoch, stamp: stamp.unwrap_or(cx.clock()), change };
    let written = cx.write(|disk| {
        disk.push(Arc::new(entry));
        disk.last()
    });
    recorded(cx);
    written.ok()
}
