//! The coordinator of the groups: the broker that leads the partition of their marks. It knows the members, gives them their
//! partitions, and writes down how far they are.
//!
//! Kafka's classic protocol, but that the coordinator itself runs the assignor, as in KIP-848, and not the first member. The members are
//! not written down: under a new coordinator all join anew.

use std::collections::BTreeMap;

use crate::algo::assign::{self, Member as Reader};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::broker::{Broker, log};
use super::lead::Waiter;
use super::message::{Join, Msg, Standing};
use super::meta::Life;
use super::note::Note;
use super::record::{Body, Group, Part};
use super::settings::{Assignor, Settings};
use super::{Context, Timer};

/// How long the first member of a group waits for others (`group.initial.rebalance.delay.ms`, a tenth of it and less).
const FIRST_WAIT: Span = Span::ms(200);
/// How often the coordinator looks who is late.
const LOOK: Span = Span::ms(100);
/// The name of the only topic.
const TOPIC: &str = "orders";

/// A member: the consumer, and which life of it.
pub(super) type Id = (NodeId, Life);

/// What is known of a member.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// When it was heard of last.
    seen: Time,
    /// The partitions that it said it had when it joined.
    owned: Vec<Part>,
    /// Its newest try to join.
    round: u32,
    /// Whether it has joined the generation to come.
    joined: bool,
    /// Its newest commit: an older one that comes late would move its place back. (A connection keeps their order; here there is none.)
    call: u32,
    /// What it got in this generation.
    pub given: Vec<Part>,
}

/// What a group is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It has no members.
    #[default]
    Empty,
    /// It waits for its members to join, not before the first time and not after the second.
    Joining(Time, Time),
    /// Every member has its partitions, of so many.
    Stable(u32),
}

/// A group.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Its generation.
    pub generation: u32,
    /// Its members.
    pub members: BTreeMap<Id, Member>,
    /// What it is doing.
    pub phase: Phase,
    /// How far it is in each partition: the next offset to read.
    pub marks: BTreeMap<Part, u64>,
    /// The newest generation that is written down everywhere it must be: before that nobody is told of it, because another coordinator
    /// could give its number to others.
    confirmed: u32,
}

/// All groups.
#[derive(Clone, Debug, Default)]
pub struct Coordinator {
    /// Those that there ever was something to know of.
    pub groups: BTreeMap<Group, State>,
}

impl Coordinator {
    /// Reads from its log what there is to know.
    pub(super) fn load(cx: &mut Context<'_>) -> Coordinator {
        let mut groups: BTreeMap<Group, State> = BTreeMap::new();
        for (_, record) in log(Part::MARKS, cx).into_iter().flat_map(|log| log.from(log.start)) {
            match &record.body {
                Body::Mark { group, part, next } => _ = groups.entry(*group).or_default().marks.insert(*part, *next),
                Body::Generation { group, generation } => groups.entry(*group).or_default().generation = *generation,
                Body::Sent { .. } => {}
            }
        }
        cx.set_timer(LOOK, Timer::Group);
        Coordinator { groups }
    }

    /// Places are committed.
    pub(super) fn written(&mut self, group: Group, (member, generation): (NodeId, u32), marks: &[(Part, u64)], cx: &mut Context<'_>) {
        let state = self.groups.entry(group).or_default();
        for (part, next) in marks {
            state.marks.insert(*part, *next);
            cx.note(Note::Marked { group, part: *part, next: *next, member, generation });
        }
    }
}

impl State {
    /// Everybody has to join again.
    fn begin(&mut self, now: Time, timeout: Span) {
        let wait = if self.phase == Phase::Empty { FIRST_WAIT } else { Span::ZERO };
        self.phase = Phase::Joining(now + wait, now + timeout);
        self.members.values_mut().for_each(|member| member.joined = false);
    }

    /// Whether the next generation can begin.
    fn is_complete(&self, now: Time) -> bool {
        match self.phase {
            Phase::Joining(from, upto) => now >= upto || (now >= from && self.members.values().all(|member| member.joined)),
            _ => false,
        }
    }

    /// The next generation: who has joined gets partitions. How many of them have another owner than before.
    fn complete(&mut self, partitions: u32, assignor: Assignor) -> usize {
        self.members.retain(|_, member| member.joined);
        self.generation += 1;
        self.phase = if self.members.is_empty() { Phase::Empty } else { Phase::Stable(partitions) };
        let given = assigned(&self.members, partitions, assignor);
        let mut moved = 0;
        for (id, member) in &mut self.members {
            let new: Vec<Part> = given.get(id).cloned().unwrap_or_default();
            moved += new.iter().filter(|part| !member.given.contains(part)).count();
            member.given = new;
        }
        moved
    }

    fn joined(&self, id: Id) -> Option<Msg> {
        let member = self.members.get(&id).filter(|_| self.confirmed == self.generation)?;
        let parts = member.given.iter().map(|part| (*part, self.marks.get(part).copied())).collect();
        Some(Msg::Joined { round: member.round, generation: self.generation, parts })
    }
}

/// Who gets what.
fn assigned(members: &BTreeMap<Id, Member>, partitions: u32, assignor: Assignor) -> BTreeMap<Id, Vec<Part>> {
    let topics = BTreeMap::from([(TOPIC, partitions)]);
    let owned = |member: &Member| member.owned.iter().map(|part| (TOPIC, u32::from(part.0))).collect();
    let readers: Vec<Reader<'_, Id>> =
        members.iter().map(|(id, member)| Reader { id: *id, topics: vec![TOPIC], owned: owned(member) }).collect();
    let all = match assignor {
        Assignor::Range => assign::range(&readers, &topics),
        Assignor::RoundRobin => assign::round_robin(&readers, &topics),
        Assignor::Sticky => assign::sticky(&readers, &topics),
        Assignor::Cooperative => assign::cooperative(&readers, &topics),
    };
    let parts = |own: Vec<(&str, u32)>| own.into_iter().map(|(_, number)| Part(number as u16)).collect();
    all.into_iter().map(|(id, own)| (id, parts(own))).collect()
}

impl Broker {
    /// The group that it coordinates; tells whoever asks in vain who leads.
    fn coordinated(&mut self, group: Group, from: NodeId, cx: &mut Context<'_>) -> Option<&mut State> {
        if self.lead(Part::MARKS).is_none() {
            cx.send(from, Msg::Meta(self.meta.clone()));
            return None;
        }
        Some(self.coordinator.groups.entry(group).or_default())
    }

    /// A consumer wants to be, or to stay, a member.
    pub(super) fn on_join(&mut self, from: NodeId, join: Join, cx: &mut Context<'_>) {
        let (now, timeout) = (cx.steady(), cx.settings().rebalance_timeout);
        let (group, id) = (join.group, (from, join.life));
        let Some(state) = self.coordinated(group, from, cx) else { return };
        let is_stable = matches!(state.phase, Phase::Stable(_));
        if state.members.get(&id).is_some_and(|member| join.round < member.round) {
            // An older try that comes late.
            return;
        }
        if is_stable && state.members.get(&id).is_some_and(|member| member.round == join.round) {
            // The answer was lost.
            let again = state.joined(id);
            return again.into_iter().for_each(|msg| cx.send(from, msg));
        }
        if !matches!(state.phase, Phase::Joining(..)) {
            state.begin(now, timeout);
            cx.note(Note::Rebalancing { group });
        }
        let member = state.members.entry(id).or_default();
        (member.seen, member.owned, member.round, member.joined) = (now, join.owned, join.round, true);
        self.complete(group, cx);
    }

    /// Begins the next generation where that can be.
    fn complete(&mut self, group: Group, cx: &mut Context<'_>) {
        let (now, partitions, assignor) = (cx.steady(), self.meta.partitions(), cx.settings().assignor);
        let Some(state) = self.coordinator.groups.get(&group).filter(|state| state.is_complete(now)) else { return };
        let generation = state.generation + 1;
        // Where the disk is full it is tried again.
        let Ok(at) = self.append(Part::MARKS, vec![Body::Generation { group, generation }], cx) else { return };
        let Some(state) = self.coordinator.groups.get_mut(&group) else { return };
        let moved = state.complete(partitions, assignor);
        cx.note(Note::Balanced { group, generation, members: state.members.len(), moved });
        self.wait(Part::MARKS, at + 1, Waiter::Generation { group, generation });
        self.advance(Part::MARKS, cx);
    }

    /// A generation is written down: its members are told.
    pub(super) fn begun(&mut self, group: Group, generation: u32, cx: &mut Context<'_>) {
        let Some(state) = self.coordinator.groups.get_mut(&group).filter(|state| state.generation == generation) else { return };
        state.confirmed = generation;
        if matches!(state.phase, Phase::Stable(_)) {
            let answers = state.members.keys().filter_map(|id| Some((id.0, state.joined(*id)?)));
            answers.for_each(|(member, msg)| cx.send(member, msg));
        }
    }

    /// A member lives.
    pub(super) fn on_alive(&mut self, from: NodeId, (group, life, generation): (Group, Life, u32), cx: &mut Context<'_>) {
        let now = cx.steady();
        let Some(state) = self.coordinated(group, from, cx) else { return };
        let joins = matches!(state.phase, Phase::Joining(..));
        let standing = match state.members.get_mut(&(from, life)) {
            None => Standing::Unknown,
            Some(member) => {
                member.seen = now;
                if joins && !member.joined { Standing::Rebalance } else { Standing::Fine }
            }
        };
        cx.send(from, Msg::Standing { generation, standing });
    }

    /// A member commits places. They count while it is a member of this very generation.
    pub(super) fn on_commit(
        &mut self,
        id: Id,
        (group, generation, call): (Group, u32, u32),
        marks: Vec<(Part, u64)>,
        cx: &mut Context<'_>,
    ) {
        let member = id.0;
        let Some(state) = self.coordinated(group, member, cx) else { return };
        let is_current = state.generation == generation;
        let Some(known) = state.members.get_mut(&id).filter(|_| is_current) else {
            cx.note(Note::Stale { group, member });
            return cx.send(member, Msg::Committed { call, standing: Standing::Unknown });
        };
        if call < known.call {
            return;
        }
        known.call = call;
        let bodies = marks.iter().map(|(part, next)| Body::Mark { group, part: *part, next: *next }).collect();
        let count = marks.len() as u64;
        // Where the disk is full nobody answers, and the member tries again.
        if let Ok(first) = self.append(Part::MARKS, bodies, cx) {
            self.wait(Part::MARKS, first + count, Waiter::Member { member, call, group, generation, marks });
            self.advance(Part::MARKS, cx);
        }
    }

    /// An operator moves the place of a group.
    pub fn seek(&mut self, group: Group, marks: &[(Part, u64)], cx: &mut Context<'_>) {
        let bodies = marks.iter().map(|(part, next)| Body::Mark { group, part: *part, next: *next }).collect();
        if self.append(Part::MARKS, bodies, cx).is_ok() {
            let state = self.coordinator.groups.entry(group).or_default();
            for (part, next) in marks {
                state.marks.insert(*part, *next);
                cx.note(Note::Sought { group, part: *part, next: *next });
            }
            self.advance(Part::MARKS, cx);
        }
    }

    /// Time to look who is late.
    pub(super) fn on_group(&mut self, cx: &mut Context<'_>) {
        if self.lead(Part::MARKS).is_none() {
            return;
        }
        let (now, partitions) = (cx.steady(), self.meta.partitions());
        for group in Group::ALL {
            let Some(state) = self.coordinator.groups.get_mut(&group) else { continue };
            for member in expired(state, now, cx.settings()) {
                cx.note(Note::Expired { group, member });
            }
            if matches!(state.phase, Phase::Stable(of) if of != partitions) {
                state.begin(now, cx.settings().rebalance_timeout);
                cx.note(Note::Rebalancing { group });
            }
            self.complete(group, cx);
        }
        cx.set_timer(LOOK, Timer::Group);
    }
}

/// Members that were silent for too long are out; then the others share their partitions.
fn expired(state: &mut State, now: Time, settings: &Settings) -> Vec<NodeId> {
    let late = |member: &Member| member.seen + settings.session_timeout < now;
    let out: Vec<Id> = state.members.iter().filter(|(_, member)| late(member)).map(|(id, _)| *id).collect();
    for id in &out {
        state.members.remove(id);
    }
    if !out.is_empty() && matches!(state.phase, Phase::Stable(_)) {
        state.begin(now, settings.rebalance_timeout);
    }
    out.into_iter().map(|(member, _)| member).collect()
}
