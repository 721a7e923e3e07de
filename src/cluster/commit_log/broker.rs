//! A broker: keeps replicas, leads some partitions and follows in others as the controller says, and tells the controller that it lives.

use std::sync::Arc;

use crate::cluster::kit::fsync::{counts, recorded};
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::coordinator::Coordinator;
use super::lead::Lead;
use super::log::Log;
use super::message::{Msg, Refusal};
use super::meta::{Life, Seats, Shared};
use super::note::Note;
use super::record::Part;
use super::{CONTROLLER, Context, Timer};

/// A broker tells that it lives so many times within its session.
const BEATS: f64 = 4.5;
/// A leader looks for laggards so many times within the time that they have.
const LOOKS: f64 = 2.0;

/// What a broker does for a partition.
#[derive(Clone, Debug)]
pub enum Office {
    /// It leads.
    Leader(Lead),
    /// It follows somebody in an epoch.
    Follower {
        /// Whom.
        leader: NodeId,
        /// In which epoch.
        epoch: u32,
    },
}

/// A broker's process.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Its life.
    pub life: Life,
    /// What it knows of who leads.
    pub meta: Shared,
    /// What it does for each of its partitions. None: nobody leads, as far as it knows.
    pub offices: OrdMap<Part, Office>,
    /// The groups, while it leads the partition of their marks.
    pub coordinator: Coordinator,
    /// What its timers were set to: how long a follower may lag, how often it cleans, how long it waits for an answer to a fetch.
    intervals: [Span; 3],
}

impl Broker {
    /// Boots with its logs, and without an office.
    pub fn boot(cx: &mut Context<'_>) -> Broker {
        let life = cx.rng().bits();
        let mut broker =
            Broker { life, meta: Shared::default(), offices: OrdMap::new(), coordinator: Coordinator::default(), intervals: intervals(cx) };
        broker.on_beat(cx);
        broker.on_look(cx);
        let every = cx.settings().clean_every;
        cx.set_timer(every, Timer::Clean);
        broker
    }

    /// A setting was changed: what is done now and then is done by the new length from now on.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        self.on_synced(cx);
        self.on_beat(cx);
        let before = std::mem::replace(&mut self.intervals, intervals(cx));
        let [lag, cleans, waits] = [0, 1, 2].map(|at| before[at] != self.intervals[at]);
        if lag {
            self.on_look(cx);
        }
        if cleans {
            Broker::on_clean(cx);
        }
        if waits {
            for part in self.offices.keys().copied().collect::<Vec<_>>() {
                self.fetch(part, cx);
            }
        }
    }

    /// Says that it lives.
    pub(super) fn on_beat(&mut self, cx: &mut Context<'_>) {
        cx.send(CONTROLLER, Msg::Beat { life: self.life, version: self.meta.version });
        // An office that the disk had no room for may be taken now.
        self.settle(cx);
        let every = cx.settings().broker_session.scaled(1.0 / BEATS).max(Span::ms(1));
        cx.set_timer(every, Timer::Beat);
    }

    /// The controller tells who leads. What it decided of an earlier life is not for this one, whose log may be shorter.
    pub fn learn(&mut self, meta: Shared, cx: &mut Context<'_>) {
        let is_of_this_life = meta.known.get(&cx.id()).is_none_or(|life| *life == self.life);
        if is_of_this_life && meta.version >= self.meta.version {
            self.meta = meta;
            self.settle(cx);
        }
    }

    /// Takes and leaves offices, as the controller has it.
    fn settle(&mut self, cx: &mut Context<'_>) {
        let meta = self.meta.clone();
        let own = cx.id();
        for (part, seats) in meta.parts.iter().filter(|(_, seats)| seats.replicas.contains(&own)) {
            self.settle_one(*part, seats, cx);
        }
    }

    fn settle_one(&mut self, part: Part, seats: &Arc<Seats>, cx: &mut Context<'_>) {
        match (self.offices.get_mut(&part), seats.leader) {
            (Some(Office::Leader(lead)), Some(leader)) if leader == cx.id() && lead.epoch == seats.epoch => {
                lead.learn(seats);
                self.advance(part, cx);
            }
            (_, Some(leader)) if leader == cx.id() => self.take_office(part, seats, cx),
            (Some(Office::Follower { epoch, .. }), Some(_)) if *epoch == seats.epoch => {}
            (_, Some(leader)) => {
                self.step_down(part, cx);
                self.follow(part, leader, seats.epoch, cx);
            }
            (Some(_), None) => self.step_down(part, cx),
            (None, None) => {}
        }
    }

    fn take_office(&mut self, part: Part, seats: &Seats, cx: &mut Context<'_>) {
        self.step_down(part, cx);
        let begun = cx.write(|disk| {
            let log = disk.log(part);
            log.begin_epoch(seats.epoch);
            log.end
        });
        let Ok(since) = begun else { return cx.note(Note::Full) };
        recorded(cx);
        let lead = Lead::new(cx.id(), seats, since, cx.clock());
        self.offices.insert(part, Office::Leader(lead));
        cx.note(Note::TookOffice { part, epoch: seats.epoch });
        if !part.is_topic() {
            self.coordinator = Coordinator::load(cx);
        }
        self.advance(part, cx);
    }

    /// Leaves an office. Those that wait for it are told that nobody knows.
    fn step_down(&mut self, part: Part, cx: &mut Context<'_>) {
        let Some(Office::Leader(mut lead)) = self.offices.remove(&part) else { return };
        for waiter in lead.done(u64::MAX) {
            Broker::answer(part, &waiter, Err(Refusal::SteppedDown), cx);
        }
        if !part.is_topic() {
            self.coordinator = Coordinator::default();
        }
    }

    /// What it keeps of a partition that it leads.
    pub(super) fn lead(&mut self, part: Part) -> Option<&mut Lead> {
        match self.offices.get_mut(&part) {
            Some(Office::Leader(lead)) => Some(lead),
            _ => None,
        }
    }

    /// Where its own log ends, as far as it counts: what is not synced does not where everything must be.
    pub(super) fn own_end(part: Part, cx: &Context<'_>) -> u64 {
        counts(cx).logs.get(&part).map_or(0, |log| log.end)
    }

    /// Everything was synced that was written: more may be committed.
    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        let led: Vec<Part> = self.led().collect();
        for part in led {
            self.advance(part, cx);
        }
    }

    fn led(&self) -> impl Iterator<Item = Part> {
        self.offices.iter().filter(|(_, office)| matches!(office, Office::Leader(_))).map(|(part, _)| *part)
    }

    /// Time to look whether followers are still in sync.
    pub(super) fn on_look(&mut self, cx: &mut Context<'_>) {
        for part in self.led().collect::<Vec<_>>() {
            self.look_at(part, cx);
        }
        let every = cx.settings().replica_lag.scaled(1.0 / LOOKS).max(Span::ms(1));
        cx.set_timer(every, Timer::Look);
    }

    fn look_at(&mut self, part: Part, cx: &mut Context<'_>) {
        let (end, now) = (log(part, cx).map_or(0, |log| log.end), cx.clock());
        let Some(lead) = self.lead(part) else { return };
        if let Some(wish) = lead.wish.clone() {
            // Nobody has answered.
            return self.wish(part, &wish, cx);
        }
        let late = lead.laggards(end, now, cx.settings());
        if !late.is_empty() {
            let rest: Vec<NodeId> = lead.isr.iter().filter(|id| !late.contains(id)).copied().collect();
            self.wish(part, &rest, cx);
            self.advance(part, cx);
        }
    }

    /// Asks the controller for another in-sync set.
    pub(super) fn wish(&mut self, part: Part, isr: &[NodeId], cx: &mut Context<'_>) {
        let own = self.life;
        let Some(lead) = self.lead(part) else { return };
        lead.wish = Some(isr.to_vec());
        let mut lives = lead.with_lives(isr);
        lives.iter_mut().filter(|(id, _)| *id == cx.id()).for_each(|(_, life)| *life = Some(own));
        let (epoch, version) = (lead.epoch, lead.version);
        cx.send(CONTROLLER, Msg::Alter { part, epoch, version, isr: lives });
    }

    /// Time for retention and the cleaner, which each replica carries out for itself.
    pub(super) fn on_clean(cx: &mut Context<'_>) {
        let parts: Vec<Part> = cx.disk().logs.keys().copied().collect();
        for part in parts {
            clean(part, cx);
        }
        let every = cx.settings().clean_every;
        cx.set_timer(every, Timer::Clean);
    }
}

fn intervals(cx: &Context<'_>) -> [Span; 3] {
    let settings = cx.settings();
    [settings.replica_lag, settings.clean_every, settings.fetch_wait]
}

/// The replica of a partition on its disk.
pub(super) fn log<'a>(part: Part, cx: &'a Context<'_>) -> Option<&'a Log> {
    cx.disk().logs.get(&part)
}

fn clean(part: Part, cx: &mut Context<'_>) {
    let (now, settings) = (cx.clock(), cx.settings());
    let keep = settings.retention.filter(|_| part.is_topic());
    let compacts = settings.compaction || !part.is_topic();
    let (segment, stays) = (u64::from(settings.segment), settings.delete_retention);
    if keep.is_none() && !compacts {
        return;
    }
    let before = log(part, cx).map_or(0, |log| log.start);
    let done = cx.write(|disk| {
        let log = disk.log(part);
        let deleted = keep.and_then(|keep| log.retain(now, keep, segment));
        (deleted, if compacts { log.compact(now, stays, segment) } else { 0 })
    });
    let Ok((deleted, compacted)) = done else { return };
    if let Some(to) = deleted {
        cx.note(Note::Deleted { part, from: before, to });
    }
    if compacted > 0 {
        cx.note(Note::Compacted { part, gone: compacted });
    }
    if deleted.is_some() || compacted > 0 {
        recorded(cx);
    }
}
