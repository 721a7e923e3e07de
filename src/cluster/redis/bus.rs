//! A server as a part of a cluster: what it knows of the others, and how they find out together that one is down.
//!
//! After the cluster specification, and `cluster.c` where that says more. Every server asks every other for a sign of life each
//! `ping-every`; in Redis it asks some of them by chance, and each at least twice in a node timeout.

use std::sync::Arc;

use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::Context;
use super::message::Msg;
use super::node::{Job, Node};
use super::note::Note;
use super::settings::Settings;
use super::slots::SlotMap;

/// What a server tells of itself with each sign of life.
#[derive(Clone, Debug)]
pub struct Beat {
    /// Whether it asks for an answer.
    pub is_ping: bool,
    /// The greatest epoch that it has heard of.
    pub current: u64,
    /// The epoch of its own slots.
    pub epoch: u64,
    /// Whom it follows; `None`: it is a primary.
    pub follows: Option<NodeId>,
    /// How far its stream is.
    pub offset: u64,
    /// The slots that it claims.
    pub slots: Arc<[(u16, u16)]>,
    /// Servers that give it no answer.
    pub doubts: Arc<[NodeId]>,
}

/// What is known of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The epoch of its slots: of two that claim one the greater has it.
    pub epoch: u64,
    /// Whom it follows; `None`: it is a primary.
    pub follows: Option<NodeId>,
}

/// What a server writes down of its cluster: `nodes.conf`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conf {
    /// The greatest epoch that it has heard of.
    pub current: u64,
    /// The last epoch in which it voted.
    pub voted: u64,
    /// Who has which slots.
    pub slots: SlotMap,
    /// All servers.
    pub members: OrdMap<NodeId, Member>,
    /// Slots that are on their way to another server.
    pub migrating: OrdMap<u16, NodeId>,
    /// Slots that are on their way here.
    pub importing: OrdMap<u16, NodeId>,
}

impl Conf {
    /// As the cluster was made.
    pub fn first(settings: &Settings) -> Conf {
        let shards = settings.shards();
        let member = |place: u16| {
            let id = NodeId::server(place);
            let follows = settings.follows(id);
            (id, Member { epoch: follows.map_or(u64::from(place) + 1, |_| 0), follows })
        };
        let members = (0..settings.redises()).map(member).collect();
        Conf {
            current: u64::from(shards),
            voted: 0,
            slots: SlotMap::even(shards),
            members,
            migrating: OrdMap::new(),
            importing: OrdMap::new(),
        }
    }

    /// The epoch of a server's slots.
    pub fn epoch(&self, id: NodeId) -> u64 {
        self.members.get(&id).map_or(0, |member| member.epoch)
    }

    /// How many primaries are a majority of those that have slots.
    pub fn majority(&self) -> usize {
        self.slots.owners().len() / 2 + 1
    }
}

/// What it keeps of the others.
#[derive(Clone, Debug)]
pub struct Bus {
    /// What it has written down.
    pub conf: Conf,
    /// When each answered last.
    pub(super) heard: OrdMap<NodeId, Time>,
    /// When its primary gave a sign of life last; `None`: not since it started or follows this one.
    pub(super) fed: Option<Time>,
    /// Whether it has said that it is too old to take the place of its primary.
    pub(super) is_stale: bool,
    /// Those that are perhaps down, as far as it hears: PFAIL.
    pub doubts: OrdSet<NodeId>,
    /// Those that are down, as a majority agreed, and since when: FAIL.
    pub failed: OrdMap<NodeId, Time>,
    /// Which primary said last that it doubts which server.
    reports: OrdMap<(NodeId, NodeId), Time>,
    /// Whether it serves: else all is answered with CLUSTERDOWN.
    pub is_ok: bool,
    /// From when on it may.
    ok_from: Time,
    /// The vote that it asks for.
    pub election: Option<super::election::Election>,
    /// When it voted for a replica of which primary.
    pub(super) voted_for: OrdMap<NodeId, Time>,
}

/// A primary that starts again serves after so long: it may hear before that another has its slots.
const WRITABLE_DELAY: Span = Span::s(2);
/// One that was in a minority serves again after a node timeout, between these two.
const REJOIN: (Span, Span) = (Span::ms(500), Span::s(5));

impl Bus {
    /// As a server starts.
    pub fn boot(cx: &Context<'_>) -> Bus {
        let (conf, is_first) = (cx.disk().cluster.clone(), cx.is_first_boot());
        let now = cx.steady();
        Bus {
            conf: conf.unwrap_or_else(|| Conf::first(cx.settings())),
            heard: cx.settings().others(cx.id()).map(|id| (id, now)).collect(),
            fed: is_first.then_some(now),
            is_stale: false,
            doubts: OrdSet::new(),
            failed: OrdMap::new(),
            reports: OrdMap::new(),
            is_ok: is_first,
            ok_from: if is_first { now } else { now + WRITABLE_DELAY },
            election: None,
            voted_for: OrdMap::new(),
        }
    }

    /// A server answered.
    fn answered(&mut self, from: NodeId, (now, timeout): (Time, Span)) -> bool {
        self.heard.insert(from, now);
        self.doubts.remove(&from);
        let has_slots = self.conf.slots.count(from) > 0;
        // One whose slots nobody took is back when nobody will take them any more.
        let is_back = self.failed.get(&from).is_some_and(|since| !has_slots || now.since(*since) > timeout.scaled(2.0));
        if is_back {
            self.failed.remove(&from);
        }
        is_back
    }

    /// A primary says whom it doubts.
    fn listen(&mut self, from: NodeId, doubts: &[NodeId], now: Time) {
        if self.conf.slots.count(from) == 0 {
            return;
        }
        let all: Vec<NodeId> = self.conf.members.keys().copied().collect();
        for id in all {
            if doubts.contains(&id) {
                self.reports.insert((id, from), now);
            } else {
                self.reports.remove(&(id, from));
            }
        }
    }

    /// Whether a majority of the primaries doubts a server that this one doubts too.
    fn is_agreed(&self, id: NodeId, me: NodeId, (now, timeout): (Time, Span)) -> bool {
        let is_fresh = |at: &Time| now.since(*at) <= timeout.scaled(2.0);
        let others = self.reports.iter().filter(|((of, by), at)| *of == id && *by != me && is_fresh(at)).count();
        let mine = usize::from(self.conf.slots.count(me) > 0);
        self.doubts.contains(&id) && !self.failed.contains_key(&id) && others + mine >= self.conf.majority()
    }

    /// Takes in which slots a primary claims: a greater epoch wins. The slots that changed hands, each range with whose it was.
    fn take_in(&mut self, from: NodeId, beat: &Beat) -> Vec<(u16, u16, Option<NodeId>)> {
        let mut moved = Vec::new();
        for range in beat.slots.iter() {
            for (start, end, owner) in self.conf.slots.within(*range) {
                let is_newer = owner.is_none_or(|owner| owner != from && self.conf.epoch(owner) < beat.epoch);
                // A slot that is on its way here is given here by hand.
                let is_free = !self.conf.importing.keys().any(|slot| (start..=end).contains(slot));
                if is_newer && is_free {
                    self.conf.slots.give((start, end), from);
                    moved.push((start, end, owner));
                }
            }
        }
        moved
    }
}

impl Node {
    /// What it tells of itself.
    fn beat(&self, is_ping: bool, cx: &Context<'_>) -> Option<Msg> {
        let bus = self.bus.as_ref()?;
        let claims = self.follows.unwrap_or(cx.id());
        let slots = if self.is_master() { bus.conf.slots.of(claims).into() } else { Arc::from([]) };
        let doubts = bus.doubts.iter().copied().collect();
        let (current, epoch, offset) = (bus.conf.current, bus.conf.epoch(claims), self.offset);
        Some(Msg::Beat(Arc::new(Beat { is_ping, current, epoch, follows: self.follows, offset, slots, doubts })))
    }

    /// Says something to all others of the cluster.
    pub(super) fn broadcast(&mut self, msg: &Msg, cx: &mut Context<'_>) {
        let others: Vec<NodeId> = cx.settings().others(cx.id()).collect();
        for id in others {
            self.say(id, msg.clone(), cx);
        }
    }

    /// Tells all others of itself, and asks them for an answer.
    pub(super) fn ping_all(&mut self, cx: &mut Context<'_>) {
        if let Some(msg) = self.beat(true, cx) {
            self.broadcast(&msg, cx);
        }
    }

    /// It is time for a sign of life.
    pub(super) fn on_beat_time(&mut self, cx: &mut Context<'_>) {
        if self.bus.is_some() {
            cx.set_timer(cx.settings().ping_every, super::Timer::Beat);
            self.on_job(Job::Beat, cx);
        }
    }

    pub(super) fn look_around(&mut self, cx: &mut Context<'_>) {
        self.ping_all(cx);
        let (now, timeout) = (cx.steady(), cx.settings().node_timeout);
        let Some(bus) = &mut self.bus else { return };
        let silent: Vec<(NodeId, Span)> = bus.heard.iter().map(|(id, at)| (*id, now.since(*at))).collect();
        for (id, silent) in silent {
            if silent > timeout && bus.doubts.insert(id) {
                cx.note(Note::Doubts { whom: id, silent });
            }
        }
        self.count_doubts(cx);
        self.update_state(cx);
        self.campaign(cx);
    }

    /// Whom a majority doubts is down.
    fn count_doubts(&mut self, cx: &mut Context<'_>) {
        let clock = (cx.steady(), cx.settings().node_timeout);
        let Some(bus) = &mut self.bus else { return };
        let agreed: Vec<NodeId> = bus.doubts.iter().copied().filter(|id| bus.is_agreed(*id, cx.id(), clock)).collect();
        for id in &agreed {
            bus.failed.insert(*id, clock.0);
        }
        for id in agreed {
            cx.note(Note::Fails { whom: id });
            self.broadcast(&Msg::Failed(id), cx);
        }
    }

    /// Somebody counted a majority.
    pub(super) fn on_failed(&mut self, whom: NodeId, cx: &mut Context<'_>) {
        let (me, now) = (cx.id(), cx.steady());
        if let Some(bus) = &mut self.bus
            && whom != me
            && !bus.failed.contains_key(&whom)
        {
            bus.failed.insert(whom, now);
        }
        self.update_state(cx);
    }

    /// Whether it may serve.
    pub(super) fn update_state(&mut self, cx: &mut Context<'_>) {
        let (me, now) = (cx.id(), cx.steady());
        let (full, timeout, is_master) = (cx.settings().full_coverage, cx.settings().node_timeout, self.is_master());
        let Some(bus) = &mut self.bus else { return };
        let owners = bus.conf.slots.owners();
        let failed = owners.iter().filter(|id| bus.failed.contains_key(*id)).count();
        let unheard = |id: &&NodeId| **id != me && (bus.failed.contains_key(*id) || bus.doubts.contains(*id));
        let heard = owners.len() - owners.iter().filter(unheard).count();
        let in_minority = heard < bus.conf.majority();
        if in_minority {
            bus.ok_from = now + timeout.clamp(REJOIN.0, REJOIN.1);
        }
        let may = !is_master || now >= bus.ok_from;
        let is_ok = !(in_minority || (full && failed > 0)) && may;
        if is_ok != bus.is_ok {
            bus.is_ok = is_ok;
            cx.note(Note::Serves { is_ok, in_minority });
        }
    }

    /// A sign of life, with what its sender knows.
    pub(super) fn on_beat(&mut self, from: NodeId, beat: &Beat, cx: &mut Context<'_>) {
        let (me, now) = (cx.id(), cx.steady());
        let clock = (now, cx.settings().node_timeout);
        let (mine, is_master) = (self.follows.unwrap_or(me), self.is_master());
        let Some(bus) = &mut self.bus else { return };
        if from == mine {
            (bus.fed, bus.is_stale) = (Some(now), false);
        }
        let before = bus.conf.clone();
        bus.conf.current = bus.conf.current.max(beat.current);
        let known = bus.conf.epoch(from);
        let epoch = if beat.follows.is_none() { known.max(beat.epoch) } else { known };
        bus.conf.members.insert(from, Member { epoch, follows: beat.follows });
        if !beat.is_ping && bus.answered(from, clock) {
            cx.note(Note::BackAgain { whom: from });
        }
        bus.listen(from, &beat.doubts, now);
        let moved = bus.take_in(from, beat);
        // Two primaries of one epoch: one of them takes the next.
        if is_master && beat.follows.is_none() && beat.epoch == bus.conf.epoch(me) && me < from {
            bus.next_epoch(me);
        }
        let has_none = bus.conf.slots.count(mine) == 0;
        let lost: Vec<(u16, u16)> = moved.iter().filter(|(.., whose)| *whose == Some(mine)).map(|(start, end, _)| (*start, *end)).collect();
        if !lost.is_empty() && has_none {
            self.give_way(from, cx);
        } else if !lost.is_empty() && is_master {
            self.drop_slots(&lost, cx);
        }
        self.count_doubts(cx);
        self.update_state(cx);
        self.keep_conf(&before, cx);
        if beat.is_ping
            && let Some(pong) = self.beat(false, cx)
        {
            self.say(from, pong, cx);
        }
    }

    /// All slots of it, or of its primary, are another's: it follows that one.
    fn give_way(&mut self, to: NodeId, cx: &mut Context<'_>) {
        let me = cx.id();
        if let Some(bus) = &mut self.bus {
            bus.conf.migrating = OrdMap::new();
            bus.conf.importing = OrdMap::new();
            bus.election = None;
            let epoch = bus.conf.epoch(me);
            bus.conf.members.insert(me, Member { epoch, follows: Some(to) });
        }
        self.resharding = None;
        self.follow(to, cx);
    }

    /// Writes down what it knows of the cluster, where that changed.
    pub(super) fn keep_conf(&mut self, before: &Conf, cx: &mut Context<'_>) {
        let Some(bus) = self.bus.as_ref().filter(|bus| bus.conf != *before) else { return };
        let conf = bus.conf.clone();
        // Without room it would know less after a restart, and hear it again.
        if cx.write(|disk| disk.cluster = Some(conf)).is_ok() {
            cx.sync();
        }
    }
}
