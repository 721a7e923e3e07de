//! How the replica of a primary that is down takes its place: by the votes of the other primaries.

use crate::persistent::OrdSet;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::Context;
use super::bus::{Bus, Member};
use super::message::Msg;
use super::node::Node;
use super::note::Note;
use super::settings::{Failover, Settings};

/// A replica waits so long before it asks, so that word of the failure is everywhere; and as long again at most, by chance.
const DELAY: Span = Span::ms(500);
/// It waits for votes so long at least.
const VOTES_LEAST: Span = Span::s(2);

/// What is added to the age that a replica may have: how often a primary that has nothing to say pings its replicas
/// (`repl-ping-replica-period`).
const PING_PERIOD: Span = Span::s(10);

/// A vote that a replica asks for.
#[derive(Clone, Debug)]
pub struct Election {
    /// When it asks.
    pub at: Time,
    /// In which epoch it asked.
    pub epoch: Option<u64>,
    /// Who voted for it.
    pub votes: OrdSet<NodeId>,
}

impl Bus {
    /// Whether what it has of its primary is too old to take its place (`clusterHandleSlaveFailover` in `cluster.c`). The time that it
    /// takes to find out that the primary is down does not count.
    fn is_too_old(&self, now: Time, settings: &Settings) -> bool {
        let (factor, timeout) = (settings.replica_validity as f64, settings.node_timeout);
        let age = |fed: Time| now.since(fed) - timeout;
        factor > 0.0 && self.fed.is_none_or(|fed| age(fed) > PING_PERIOD + timeout.scaled(factor))
    }

    /// An epoch of its own, without asking anybody: for a slot that was given by hand.
    pub(super) fn next_epoch(&mut self, me: NodeId) {
        self.conf.current += 1;
        let follows = self.conf.members.get(&me).and_then(|member| member.follows);
        self.conf.members.insert(me, Member { epoch: self.conf.current, follows });
    }

    /// Whether a primary may vote for a replica.
    fn may_vote(&self, for_whom: NodeId, (of, epoch, claimed): (NodeId, u64, u64), (now, timeout): (Time, Span)) -> bool {
        let follows = self.conf.members.get(&for_whom).and_then(|member| member.follows);
        let voted_lately = self.voted_for.get(&of).is_some_and(|at| now.since(*at) < timeout.scaled(2.0));
        // Somebody has slots of it with a greater epoch: the replica does not know of it yet.
        let is_known = self.conf.epoch(of) <= claimed;
        epoch >= self.conf.current
            && self.conf.voted < epoch
            && follows == Some(of)
            && self.failed.contains_key(&of)
            && !voted_lately
            && is_known
    }
}

impl Node {
    /// A replica whose primary is down asks to take its place, when it is time.
    pub(super) fn campaign(&mut self, cx: &mut Context<'_>) {
        let (now, timeout, me) = (cx.steady(), cx.settings().node_timeout, cx.id());
        let by_hand = cx.settings().failover == Failover::Manual;
        let chance = DELAY.scaled(cx.rng().unit());
        let Some(master) = self.follows else { return };
        let Some(bus) = &mut self.bus else { return };
        if by_hand || !bus.failed.contains_key(&master) || bus.conf.slots.count(master) == 0 {
            bus.election = None;
            return;
        }
        if bus.is_too_old(now, cx.settings()) {
            bus.election = None;
            if !std::mem::replace(&mut bus.is_stale, true) {
                cx.note(Note::TooStale { of: master });
            }
            return;
        }
        let votes_for = timeout.scaled(2.0).max(VOTES_LEAST);
        let is_over = |election: &Election| now > election.at && now.since(election.at) > votes_for.scaled(2.0);
        if bus.election.as_ref().is_none_or(is_over) {
            bus.election = Some(Election { at: now + DELAY + chance, epoch: None, votes: OrdSet::new() });
            return;
        }
        let before = bus.conf.clone();
        let Some(election) = bus.election.as_mut().filter(|election| election.epoch.is_none() && now >= election.at) else { return };
        bus.conf.current += 1;
        let (epoch, claimed) = (bus.conf.current, bus.conf.epoch(master));
        election.epoch = Some(epoch);
        cx.note(Note::AsksForVotes { of: master, epoch });
        self.keep_conf(&before, cx);
        self.broadcast(&Msg::Ballot { of: master, epoch, claimed }, cx);
        debug_assert_ne!(me, master, "a replica follows another");
    }

    /// A replica asks for a vote.
    pub(super) fn on_ballot(&mut self, from: NodeId, (of, epoch, claimed): (NodeId, u64, u64), cx: &mut Context<'_>) {
        let (now, timeout, me) = (cx.steady(), cx.settings().node_timeout, cx.id());
        let is_master = self.is_master();
        let Some(bus) = &mut self.bus else { return };
        if !is_master || bus.conf.slots.count(me) == 0 || !bus.may_vote(from, (of, epoch, claimed), (now, timeout)) {
            return;
        }
        let mut conf = bus.conf.clone();
        (conf.current, conf.voted) = (epoch, epoch);
        let kept = conf.clone();
        // A vote that could be forgotten is none.
        if cx.write(|disk| disk.cluster = Some(kept)).is_err() {
            return;
        }
        bus.conf = conf;
        bus.voted_for.insert(of, now);
        cx.note(Note::Votes { whom: from, epoch });
        cx.sync();
        cx.send_after_sync(from, Msg::Vote { epoch });
    }

    /// A primary voted.
    pub(super) fn on_vote(&mut self, from: NodeId, epoch: u64, cx: &mut Context<'_>) {
        let Some(bus) = &mut self.bus else { return };
        let (majority, has_slots) = (bus.conf.majority(), bus.conf.slots.count(from) > 0);
        let Some(election) = bus.election.as_mut().filter(|election| election.epoch == Some(epoch) && has_slots) else { return };
        election.votes.insert(from);
        let votes = election.votes.len();
        if votes >= majority {
            cx.note(Note::Wins { votes, epoch });
            self.take_over(epoch, cx);
        }
    }

    /// It takes the place of its primary, under an epoch that is greater than any before.
    pub(super) fn take_over(&mut self, epoch: u64, cx: &mut Context<'_>) {
        let me = cx.id();
        let Some(master) = self.follows else { return };
        let Some(bus) = &mut self.bus else { return };
        let before = bus.conf.clone();
        bus.election = None;
        bus.conf.members.insert(me, Member { epoch, follows: None });
        for range in bus.conf.slots.of(master) {
            bus.conf.slots.give(range, me);
        }
        self.promote(cx);
        self.keep_conf(&before, cx);
        self.update_state(cx);
        self.ping_all(cx);
    }

    /// The operator makes it take over, whoever agrees: CLUSTER FAILOVER TAKEOVER.
    pub(super) fn take_over_at_once(&mut self, cx: &mut Context<'_>) {
        let Some(bus) = &mut self.bus else { return };
        bus.conf.current += 1;
        let epoch = bus.conf.current;
        self.take_over(epoch, cx);
    }
}
