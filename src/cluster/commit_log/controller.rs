//! The controller: knows which brokers live, elects leaders, and confirms in-sync sets.
//!
//! In Kafka it is a quorum that agrees by Raft (KIP-500); here it is one server that stands for it, with a disk that is synced before
//! anything is said.

use std::sync::Arc;

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::message::Msg;
use super::meta::{Life, Meta, Rules, Seats, Shared};
use super::note::Note;
use super::record::Part;
use super::settings::{Rejoin, Settings};
use super::{Context, Timer};

/// Sessions are looked at so many times within their length.
const LOOKS: f64 = 4.0;

/// The controller's process.
#[derive(Clone, Debug, Default)]
pub struct Controller {
    /// When each broker was heard of last.
    heard: OrdMap<NodeId, Time>,
}

/// A leader's wish for another in-sync set.
pub(super) struct Wish {
    pub(super) part: Part,
    pub(super) epoch: u32,
    pub(super) version: u32,
    pub(super) isr: Vec<(NodeId, Option<Life>)>,
}

impl Controller {
    /// Boots: every broker that was alive has a whole session to say so again.
    pub fn boot(cx: &mut Context<'_>) -> Controller {
        let now = cx.steady();
        let heard = cx.disk().meta.alive.keys().map(|id| (*id, now)).collect();
        set_timer(cx);
        Controller { heard }
    }

    /// Changes what it knows, on the disk and then with everybody. `None`: the disk is full, and nothing has changed.
    fn change(cx: &mut Context<'_>, change: impl FnOnce(&mut Meta, Rules, &mut Vec<Note>)) -> Option<Shared> {
        let mut meta = Meta::clone(&cx.disk().meta);
        let mut notes = Vec::new();
        change(&mut meta, rules(cx.settings()), &mut notes);
        if meta == *cx.disk().meta {
            return Some(cx.disk().meta.clone());
        }
        meta.version += 1;
        let meta = Arc::new(meta);
        if cx.write(|disk| disk.meta = meta.clone()).is_err() {
            cx.note(Note::Full);
            return None;
        }
        for note in notes {
            cx.note(note);
        }
        for broker in meta.alive.keys() {
            cx.send_after_sync(*broker, Msg::Meta(meta.clone()));
        }
        Some(meta)
    }

    /// The cluster is founded with these brokers.
    pub fn found(&mut self, brokers: &[(NodeId, Life)], cx: &mut Context<'_>) -> Option<Shared> {
        let now = cx.steady();
        self.heard.extend(brokers.iter().map(|(id, _)| (*id, now)));
        Controller::change(cx, |meta, _, _| {
            meta.alive.extend(brokers.iter().copied());
            meta.known.extend(brokers.iter().copied());
        });
        Controller::grow(cx)
    }

    /// Partitions that are asked for and not there yet get their seats.
    fn grow(cx: &mut Context<'_>) -> Option<Shared> {
        let (wanted, replicas) = (cx.settings().partitions as u16, cx.settings().replicas as usize);
        let all: Vec<NodeId> = cx.settings().roster().brokers().collect();
        Controller::change(cx, |meta, rules, notes| {
            let topic = (0..wanted).map(|n| (Part(n), usize::from(n)));
            for (part, first) in topic.chain([(Part::MARKS, all.len().saturating_sub(1))]) {
                if !meta.parts.contains_key(&part)
                    && let Some(seats) = Seats::new(seats_from(&all, first, replicas), &meta.alive)
                {
                    meta.parts.insert(part, Arc::new(seats));
                }
            }
            revise_all(meta, rules);
            elect_all(meta, rules, notes);
        })
    }

    /// A broker says that it lives.
    pub(super) fn on_beat(&mut self, from: NodeId, life: Life, version: u64, cx: &mut Context<'_>) {
        self.heard.insert(from, cx.steady());
        let unnoticed = cx.settings().rejoin == Rejoin::Unnoticed;
        let meta = Controller::change(cx, |meta, rules, notes| {
            let (known, alive) = (meta.known.insert(from, life), meta.alive.insert(from, life));
            if alive == Some(life) {
                return;
            }
            notes.push(Note::Registered { broker: from });
            if known != Some(life) && !(unnoticed && alive.is_some()) {
                leave(meta, from, (rules, rules.elr), notes);
            }
            elect_all(meta, rules, notes);
        });
        if let Some(meta) = meta.filter(|meta| meta.version > version) {
            cx.send_after_sync(from, Msg::Meta(meta));
        }
    }

    /// Time to look who is silent.
    pub(super) fn on_session(&mut self, cx: &mut Context<'_>) {
        let (now, session) = (cx.steady(), cx.settings().broker_session);
        let silent = |id: &NodeId| self.heard.get(id).is_none_or(|at| *at + session <= now);
        let over: Vec<NodeId> = cx.disk().meta.alive.keys().filter(|id| silent(id)).copied().collect();
        Controller::change(cx, |meta, rules, notes| {
            for broker in over {
                meta.alive.remove(&broker);
                notes.push(Note::Fenced { broker });
                leave(meta, broker, (rules, false), notes);
            }
        });
        Controller::grow(cx);
        set_timer(cx);
    }

    /// A leader wishes another in-sync set. It counts when nothing has changed since the leader looked, and all in it live.
    pub(super) fn on_alter(from: NodeId, wish: &Wish, cx: &mut Context<'_>) {
        let unnoticed = cx.settings().rejoin == Rejoin::Unnoticed;
        let before = cx.disk().meta.version;
        let meta = Controller::change(cx, |meta, rules, notes| {
            let Some(seats) = meta.parts.get(&wish.part) else { return };
            let is_newest = (seats.leader, seats.epoch, seats.version) == (Some(from), wish.epoch, wish.version);
            let lives = |(id, life): &(NodeId, Option<Life>)| {
                meta.alive.get(id).is_some_and(|alive| unnoticed || life.is_none_or(|life| life == *alive))
            };
            if !is_newest {
                return;
            }
            let mut seats = Seats::clone(seats);
            if !wish.isr.iter().all(lives) {
                // The same set in a new version: this wish is over, whatever comes of its copies.
                seats.version += 1;
                meta.parts.insert(wish.part, Arc::new(seats));
                return;
            }
            let isr: Vec<NodeId> = wish.isr.iter().map(|(id, _)| *id).collect();
            notes.push(Note::InSync { part: wish.part, isr: isr.clone(), grew: isr.len() > seats.isr.len() });
            seats.set_isr(isr, rules);
            meta.parts.insert(wish.part, Arc::new(seats));
        });
        // Whoever was refused learns why.
        if let Some(meta) = meta.filter(|meta| meta.version == before) {
            cx.send_after_sync(from, Msg::Meta(meta));
        }
    }

    /// An operator makes somebody leader.
    pub fn appoint(part: Part, leader: NodeId, cx: &mut Context<'_>) {
        Controller::change(cx, |meta, _, notes| {
            let Some(mut seats) = meta.parts.get(&part).map(|seats| Seats::clone(seats)) else { return };
            let clean = seats.isr.contains(&leader) || seats.elr.contains(&leader);
            seats.seat(leader);
            notes.push(Note::Elected { part, leader, epoch: seats.epoch, clean });
            meta.parts.insert(part, Arc::new(seats));
        });
    }

    /// A setting was changed.
    pub(super) fn on_settings(cx: &mut Context<'_>) {
        Controller::grow(cx);
        set_timer(cx);
    }
}

fn set_timer(cx: &mut Context<'_>) {
    let every = cx.settings().broker_session.scaled(1.0 / LOOKS).max(Span::ms(1));
    cx.set_timer(every, Timer::Session);
}

fn rules(settings: &Settings) -> Rules {
    Rules { elr: settings.elr, unclean: settings.unclean, min_insync: settings.min_insync as usize }
}

/// The replicas of a partition: brokers from this place on, round the circle.
fn seats_from(brokers: &[NodeId], first: usize, replicas: usize) -> Vec<NodeId> {
    (0..replicas.min(brokers.len())).map(|n| brokers[(first + n) % brokers.len()]).collect()
}

/// A broker is out of every in-sync set; `lost`: its disk may have less than before.
fn leave(meta: &mut Meta, broker: NodeId, (rules, lost): (Rules, bool), notes: &mut Vec<Note>) {
    for (part, seats) in meta.parts.clone() {
        let mut changed = Seats::clone(&seats);
        changed.fence(broker, rules);
        if lost {
            changed.distrust(broker);
        }
        if changed.isr != seats.isr {
            notes.push(Note::InSync { part, isr: changed.isr.clone(), grew: false });
        }
        if changed != *seats {
            meta.parts.insert(part, Arc::new(changed));
        }
    }
}

/// Holds all partitions to the rules of now.
fn revise_all(meta: &mut Meta, rules: Rules) {
    for (part, seats) in meta.parts.clone() {
        let mut changed = Seats::clone(&seats);
        changed.revise(rules);
        if changed != *seats {
            meta.parts.insert(part, Arc::new(changed));
        }
    }
}

/// Elects leaders of all partitions that have none and can have one.
fn elect_all(meta: &mut Meta, rules: Rules, notes: &mut Vec<Note>) {
    for (part, seats) in meta.parts.clone() {
        let mut changed = Seats::clone(&seats);
        if let Some(election) = changed.elect(&meta.alive, rules) {
            notes.push(Note::Elected { part, leader: election.leader, epoch: changed.epoch, clean: election.clean });
        }
        if changed != *seats {
            meta.parts.insert(part, Arc::new(changed));
        }
    }
}
