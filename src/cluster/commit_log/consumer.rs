//! A consumer: joins its group, reads the partitions that it is given, works on the records, and commits how far it is.

mod member;
mod work;

use std::collections::{BTreeMap, VecDeque};

use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::log::Shared as Record;
use super::message::{Msg, Stretch};
use super::meta::{Life, Shared};
use super::note::Note;
use super::record::{Group, Part};
use super::settings::Reset;
use super::{Context, Timer, any_broker};

/// How often a node asks whether somebody else leads (`metadata.max.age.ms`, much shorter).
pub(super) const REFRESH: Span = Span::s(1);

/// A record that it has, to work on.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its partition.
    pub part: Part,
    /// Its offset.
    pub offset: u64,
    /// The offset to read after it.
    pub next: u64,
    /// What it says.
    pub record: Record,
}

/// Where it is in a partition.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The next offset to ask for; `None`: it has to ask where the log begins and ends.
    pub next: Option<u64>,
    /// The epoch of the last record that it read, and the offset after that.
    after: Option<(u32, u64)>,
    /// Whether it has asked, and when.
    asked: Option<Time>,
}

/// A generation, the partitions in it, and the place of each where there is one.
type Given = (u32, Vec<(Part, Option<u64>)>);

/// What it owes its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// Nothing.
    Nothing,
    /// To join again.
    Join,
    /// To join as one that has nothing: it was told that it is no member.
    Anew,
}

/// A commit that is not confirmed.
#[derive(Clone, Debug)]
struct Unconfirmed {
    call: u32,
    marks: BTreeMap<Part, u64>,
}

/// A consumer's process.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// Its group.
    pub group: Group,
    /// Its life.
    pub life: Life,
    /// What it knows of who leads.
    pub meta: Shared,
    /// The generation that it is in; 0: none yet.
    pub generation: u32,
    /// The partitions that it reads.
    pub parts: BTreeMap<Part, Place>,
    /// What it was given last, which it may have given up since.
    had: Vec<Part>,
    /// What it has read and not begun.
    pub queue: VecDeque<Job>,
    /// What it has taken to work on, and not begun.
    pub batch: VecDeque<Job>,
    /// What it works on.
    pub hands: Vec<Option<Job>>,
    /// What it commits when the batch is done.
    marks: BTreeMap<Part, u64>,
    /// Whether the batch waits for the confirmation of its commit.
    holds: bool,
    /// Whether it waits to be given partitions.
    pub joins: bool,
    /// What it has to do as soon as it can.
    due: Due,
    /// What it was given while it was at work.
    given: Option<Given>,
    round: u32,
    calls: u32,
    unconfirmed: Option<Unconfirmed>,
}

impl Consumer {
    /// Boots with nothing, and asks who leads.
    pub fn boot(group: Group, cx: &mut Context<'_>) -> Consumer {
        let life = cx.rng().bits();
        let mut consumer = Consumer {
            group,
            life,
            meta: Shared::default(),
            generation: 0,
            parts: BTreeMap::new(),
            had: Vec::new(),
            queue: VecDeque::new(),
            batch: VecDeque::new(),
            hands: Vec::new(),
            marks: BTreeMap::new(),
            holds: false,
            joins: false,
            due: Due::Anew,
            given: None,
            round: 0,
            calls: 0,
            unconfirmed: None,
        };
        consumer.on_refresh(cx);
        consumer.on_heartbeat(cx);
        let wait = cx.settings().fetch_wait;
        cx.set_timer(wait, Timer::Read);
        consumer
    }

    /// Asks whether somebody else leads.
    pub(super) fn on_refresh(&mut self, cx: &mut Context<'_>) {
        if let Some(broker) = any_broker(cx) {
            cx.send(broker, Msg::Which { version: self.meta.version });
        }
        cx.set_timer(REFRESH, Timer::Refresh);
    }

    /// Somebody tells who leads.
    pub fn learn(&mut self, meta: Shared, cx: &mut Context<'_>) {
        if meta.version <= self.meta.version {
            return;
        }
        self.meta = meta;
        self.parts.values_mut().for_each(|place| place.asked = None);
        self.go_on(cx);
    }

    fn coordinator(&self) -> Option<NodeId> {
        self.meta.leader(Part::MARKS)
    }

    fn tell_coordinator(&self, msg: Msg, cx: &mut Context<'_>) {
        if let Some(coordinator) = self.coordinator() {
            cx.send(coordinator, msg);
        }
    }

    /// Whether it is at work, or waits for leave to begin.
    pub fn is_busy(&self) -> bool {
        !self.batch.is_empty() || self.hands.iter().any(Option::is_some)
    }

    /// Whether it has a record, to be worked on.
    pub fn has(&self, request: RequestId) -> bool {
        let at_work = self.hands.iter().flatten();
        at_work.chain(&self.batch).chain(&self.queue).any(|job| job.record.request() == Some(request))
    }

    /// Does whatever is next: a poll of its client library.
    fn go_on(&mut self, cx: &mut Context<'_>) {
        if !self.is_busy() {
            self.take_given(cx);
            if self.due != Due::Nothing && self.unconfirmed.is_none() {
                self.join(cx);
            }
            self.take(cx);
        }
        self.read(cx);
    }

    fn owe(&mut self, due: Due) {
        self.due = self.due.max(due);
    }

    /// Asks for more records of every partition of which it has none waiting.
    fn read(&mut self, cx: &mut Context<'_>) {
        let (now, most) = (cx.steady(), cx.settings().poll);
        let queue = &self.queue;
        let mut out = Vec::new();
        for (part, place) in &mut self.parts {
            let has_some = queue.iter().any(|job| job.part == *part);
            if place.asked.is_none()
                && !has_some
                && let Some(leader) = self.meta.leader(*part)
            {
                place.asked = Some(now);
                out.push((leader, Msg::Read { part: *part, offset: place.next, most, after: place.after }));
            }
        }
        for (leader, msg) in out {
            cx.send(leader, msg);
        }
    }

    /// Asks again where nothing came.
    pub(super) fn on_read(&mut self, cx: &mut Context<'_>) {
        let (now, wait) = (cx.steady(), cx.settings().fetch_wait);
        for place in self.parts.values_mut() {
            place.asked = place.asked.filter(|asked| *asked + wait > now);
        }
        self.read(cx);
        cx.set_timer(wait, Timer::Read);
    }

    /// Records came.
    pub(super) fn on_records(&mut self, stretch: &Stretch, cx: &mut Context<'_>) {
        let part = stretch.part;
        let Some(place) = self.parts.get_mut(&part).filter(|place| place.next == Some(stretch.offset)) else { return };
        (place.next, place.asked) = (Some(stretch.next), None);
        place.after = stretch.records.last().map(|(offset, record)| (record.epoch, offset + 1)).or(place.after);
        let afters = stretch.records.iter().skip(1).map(|(offset, _)| *offset).chain([stretch.next]);
        let jobs =
            stretch.records.iter().zip(afters).map(|((offset, record), next)| Job { part, offset: *offset, next, record: record.clone() });
        self.queue.extend(jobs);
        let records = stretch.records.iter().filter_map(|(offset, record)| Some((*offset, record.request()?))).collect();
        cx.note(Note::Read { group: self.group, part, records });
        self.go_on(cx);
    }

    /// Its place is gone, or it had none.
    pub(super) fn on_out_of_range(&mut self, (part, offset): (Part, Option<u64>), (start, end): (u64, u64), cx: &mut Context<'_>) {
        let to = if cx.settings().reset == Reset::Earliest { start } else { end };
        let Some(place) = self.parts.get_mut(&part).filter(|place| place.next == offset) else { return };
        (place.next, place.after, place.asked) = (Some(to), None, None);
        cx.note(Note::Reset { group: self.group, part, to });
        self.go_on(cx);
    }

    /// The log is another from an offset on, which it has passed: goes on from there, as Kafka's consumers do where there is a rule for
    /// places that are gone (`SubscriptionState.maybeCompleteValidation`).
    pub(super) fn on_parted(&mut self, (part, offset): (Part, u64), to: u64, cx: &mut Context<'_>) {
        let Some(place) = self.parts.get_mut(&part).filter(|place| place.next == Some(offset)) else { return };
        (place.next, place.after, place.asked) = (Some(to), None, None);
        cx.note(Note::Parted { group: self.group, part, to });
        self.go_on(cx);
    }

    /// An operator says where to go on.
    pub fn seek(&mut self, marks: &[(Part, u64)], cx: &mut Context<'_>) {
        for (part, next) in marks {
            if let Some(place) = self.parts.get_mut(part) {
                (place.next, place.after, place.asked) = (Some(*next), None, None);
                self.queue.retain(|job| job.part != *part);
                self.marks.remove(part);
                if let Some(unconfirmed) = &mut self.unconfirmed {
                    unconfirmed.marks.remove(part);
                }
            }
        }
        self.go_on(cx);
    }
}
