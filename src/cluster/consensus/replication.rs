//! Log replication and commitment (Raft, sections 5.3 and 5.4.2; dissertation, 6.2 and 10.2.1).

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::cluster::kit::fsync::{counts, durably, recorded};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Time;

use super::election::{await_leader, majority};
use super::log::{Command, Disk, Entry};
use super::message::{Append, Msg, Stamp};
use super::note::Note;
use super::server::{Context, Role, Server, Timer};
use super::settings::{Commit, Counts};

/// Entries per message while a follower catches up.
const BATCH: usize = 64;

/// What a leader keeps in memory.
#[derive(Clone, Debug)]
pub struct Lead {
    /// The index of the first entry of its term.
    pub start: u64,
    /// The followers.
    pub peers: Vec<Peer>,
    /// The newest round of heartbeats.
    pub round: u64,
    /// Whom it hands its leadership to.
    pub successor: Option<NodeId>,
    /// Whether it has told somebody to stand in this term: it has no lease from then on.
    pub yielded: bool,
    /// Requests that wait for their entry, oldest first.
    waiting: VecDeque<(u64, NodeId, RequestId)>,
}

/// A follower as its leader sees it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Who.
    pub id: NodeId,
    /// The next entry to send.
    pub next: u64,
    /// Its log is the leader's up to here, on its disk.
    pub matched: u64,
    /// The newest round that it answered.
    pub round: u64,
    /// The leader's clock when it sent the newest message that this one answered.
    pub answered: Option<Time>,
    /// Whether it has answered since the leader last looked.
    lately: bool,
}

impl Lead {
    /// What a new leader keeps (figure 2: reinitialized after election).
    pub(super) fn of(start: u64, cx: &Context<'_>) -> Lead {
        let me = cx.id();
        let peer = |id| Peer { id, next: start, matched: 0, round: 0, answered: None, lately: false };
        let peers = cx.servers().filter(|id| *id != me).map(peer).collect();
        Lead { start, peers, round: 0, successor: None, yielded: false, waiting: VecDeque::new() }
    }

    /// Whether it takes no more requests.
    pub(super) fn is_handing_over(&self) -> bool {
        self.successor.is_some()
    }

    pub(super) fn has_waiting(&self, request: RequestId) -> bool {
        self.waiting.iter().any(|(_, _, waiting)| *waiting == request)
    }

    /// Whether requests wait for their entries.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn wait(&mut self, index: u64, client: NodeId, request: RequestId) {
        self.waiting.push_back((index, client, request));
    }

    /// Who waits for the entry at this index.
    pub(super) fn waits_for(&mut self, index: u64) -> Option<(NodeId, RequestId)> {
        self.waiting.front().filter(|(at, ..)| *at == index)?;
        self.waiting.pop_front().map(|(_, client, request)| (client, request))
    }

    /// The greatest value that a majority of the servers has reached; the leader's own is `own`.
    pub(super) fn reached<T: Ord>(&self, own: T, of: impl Fn(&Peer) -> T) -> Option<T> {
        let mut all: Vec<T> = self.peers.iter().map(of).chain([own]).collect();
        all.sort_unstable();
        let at = (all.len() - 1) / 2;
        all.into_iter().nth(at)
    }
}

impl Server {
    /// Says that it is alive, and sends what is missing: one round.
    pub(super) fn on_heartbeat(&mut self, cx: &mut Context<'_>) {
        self.begin_round(cx);
        cx.set_timer(cx.settings().heartbeat, Timer::Heartbeat);
    }

    /// Sends to every follower. Whoever answers this round answers something sent from now on.
    pub(super) fn begin_round(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        lead.round += 1;
        let (round, commit) = (lead.round, self.commit);
        lead.peers.iter_mut().for_each(|peer| send_from(peer, round, commit, cx));
    }

    /// Sends new entries to those who have all before them.
    pub(super) fn replicate(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        let (round, commit, last) = (lead.round, self.commit, cx.disk().last());
        lead.peers.iter_mut().filter(|peer| peer.next <= last).for_each(|peer| send_from(peer, round, commit, cx));
        self.progress(cx);
    }

    /// Steps down when no majority has answered lately (dissertation, 6.2).
    pub(super) fn on_quorum(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        let answered = lead.peers.iter_mut().filter_map(|peer| std::mem::take(&mut peer.lately).then_some(())).count();
        if answered + 1 < majority(cx) {
            cx.note(Note::Unheard { silent: cx.settings().election_timeout.1 });
            self.lose_leader(cx);
            return self.follow(cx);
        }
        watch_quorum(cx);
    }

    /// Commits, applies and answers as far as followers have come.
    pub(super) fn progress(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        let own = written(cx.disk().last(), cx);
        let copied = match cx.settings().commit {
            Commit::Majority => lead.reached(own, |peer| peer.matched),
            Commit::All => lead.peers.iter().map(|peer| peer.matched).chain([own]).min(),
        };
        let copied = copied.unwrap_or(0);
        // An older entry on a majority may yet be replaced, until one of this term stands on it: see figure 8.
        let counted = cx.disk().term_at(copied) == cx.disk().term || cx.settings().counts == Counts::AnyTerm;
        if copied > self.commit && counted {
            self.commit = copied;
            cx.note(Note::Commits { index: copied });
        }
        self.apply(cx);
    }

    /// A leader speaks.
    pub(super) fn on_append(&mut self, from: NodeId, append: &Append, cx: &mut Context<'_>) {
        if !self.observe(append.term, cx) {
            return;
        }
        let (term, stamp) = (cx.disk().term, append.stamp);
        if append.term < term {
            cx.note(Note::RefusesTerm { from, term: append.term, newer: term });
            return durably(from, Msg::Appended { term, stamp, matched: Err(0) }, cx);
        }
        if self.is_leader() {
            // Two leaders of one term: only where disks were forgotten. Neither obeys the other.
            return;
        }
        self.hear(from, term, cx);
        let (prev, prev_term) = append.prev;
        if prev > cx.disk().last() || cx.disk().term_at(prev) != prev_term {
            let matched = Err(cx.disk().begin_of_term(prev));
            return durably(from, Msg::Appended { term, stamp, matched }, cx);
        }
        if self.store(from, append, cx) {
            // What stands beyond this message may be an older leader's.
            let upto = prev + append.entries.len() as u64;
            self.commit = self.commit.max(append.commit.min(upto));
            durably(from, Msg::Appended { term, stamp, matched: Ok(upto) }, cx);
            self.apply(cx);
        }
    }

    /// The leader of this term lives.
    fn hear(&mut self, leader: NodeId, term: u64, cx: &mut Context<'_>) {
        if self.leader != Some(leader) {
            cx.note(Note::Follows { leader, term });
        }
        self.follow(cx);
        (self.leader, self.heard) = (Some(leader), cx.clock());
        await_leader(cx);
    }

    /// Writes the entries that it does not have, and deletes only what contradicts them. `false`: its disk is full.
    fn store(&mut self, leader: NodeId, append: &Append, cx: &mut Context<'_>) -> bool {
        for (index, entry) in (append.prev.0 + 1..).zip(append.entries.iter()) {
            if index <= cx.disk().last() {
                if cx.disk().term_at(index) == entry.term {
                    continue;
                }
                if !self.discard_from(index, leader, cx) {
                    return false;
                }
            }
            if cx.write(|disk| disk.push(Arc::clone(entry))).is_err() {
                self.say_full(cx);
                return false;
            }
        }
        true
    }

    fn discard_from(&mut self, index: u64, leader: NodeId, cx: &mut Context<'_>) -> bool {
        let entries = cx.disk().last() + 1 - index;
        let Ok(requests) = cx.write(|disk| disk.truncate(index - 1)) else {
            self.say_full(cx);
            return false;
        };
        cx.note(Note::Discards { requests: requests.into(), entries, leader });
        self.rebuild(index - 1, cx);
        true
    }

    pub(super) fn on_appended(&mut self, from: NodeId, term: u64, stamp: Stamp, matched: Result<u64, u64>, cx: &mut Context<'_>) {
        if !self.observe(term, cx) || term != cx.disk().term {
            return;
        }
        let commit = self.commit;
        let Role::Leader(lead) = &mut self.role else { return };
        let round = lead.round;
        let Some(peer) = lead.peers.iter_mut().find(|peer| peer.id == from) else { return };
        peer.lately = true;
        peer.round = peer.round.max(stamp.round);
        peer.answered = peer.answered.max(Some(stamp.sent));
        match matched {
            Ok(upto) => {
                peer.matched = peer.matched.max(upto);
                peer.next = peer.next.max(upto + 1);
            }
            // A refusal that comes late takes nothing back that is known to match.
            Err(from) => {
                peer.next = peer.next.min(from).max(peer.matched + 1);
                send_from(peer, round, commit, cx);
            }
        }
        self.progress(cx);
        self.tell_successor(cx);
    }
}

/// Looks again in a while whether a majority answers.
pub(super) fn watch_quorum(cx: &mut Context<'_>) {
    let longest = cx.settings().election_timeout.1;
    if cx.settings().step_down { cx.set_timer(longest, Timer::Quorum) } else { cx.cancel_timer(Timer::Quorum) }
}

/// Sends one follower the entries from `next` on; none is a heartbeat.
fn send_from(peer: &mut Peer, round: u64, commit: u64, cx: &mut Context<'_>) {
    let disk = cx.disk();
    let prev = (peer.next - 1).min(disk.last());
    let entries: Arc<[Arc<Entry>]> = disk.log.iter_from(prev as usize).take(BATCH).map(Cow::into_owned).collect();
    let (term, prev_term) = (disk.term, disk.term_at(prev));
    peer.next = prev + entries.len() as u64 + 1;
    let stamp = Stamp { round, sent: cx.clock() };
    cx.send(peer.id, Msg::Append(Append { term, prev: (prev, prev_term), entries, commit, stamp }));
}

/// How far its log counts as written, at most up to `upto`. What was synced before a part of the log was replaced does not count.
fn written(upto: u64, cx: &Context<'_>) -> u64 {
    let (log, on_disk): (&Disk, &Disk) = (cx.disk(), counts(cx));
    let last = upto.min(log.last()).min(on_disk.last());
    (1..=last).rev().find(|index| log.term_at(*index) == on_disk.term_at(*index)).unwrap_or(0)
}

/// Puts a command into its own log. `None`: its disk is full.
pub(super) fn append(command: Command, cx: &mut Context<'_>) -> Option<u64> {
    let entry = Entry { term: cx.disk().term, command };
    let written = cx.write(|disk| {
        disk.push(Arc::new(entry));
        disk.last()
    });
    recorded(cx);
    written.ok()
}
