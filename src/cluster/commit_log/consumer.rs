//! A consumer: joins its group, reads the partitions that it is given, works on the records, and commits how far it is.

use std::collections::{BTreeMap, VecDeque};

use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::log::Shared as Record;
use super::message::{Join, Msg, Standing, Stretch};
use super::meta::{Life, Shared};
use super::note::Note;
use super::record::{Group, Part};
use super::settings::{Assignor, Commit, Reset};
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

    /// Joins its group. It gives up first what it has, unless only what moves is given up.
    fn join(&mut self, cx: &mut Context<'_>) {
        if self.coordinator().is_none() {
            return;
        }
        if self.due == Due::Anew || cx.settings().assignor != Assignor::Cooperative {
            let parts = self.parts.keys().copied().collect();
            self.give_up(parts, cx);
        }
        if self.due == Due::Anew {
            self.had.clear();
        }
        self.due = Due::Nothing;
        self.joins = true;
        self.round += 1;
        self.ask_to_join(cx);
    }

    fn ask_to_join(&self, cx: &mut Context<'_>) {
        let owned = self.had.clone();
        self.tell_coordinator(Msg::Join(Join { group: self.group, life: self.life, round: self.round, owned }), cx);
        let again = cx.settings().request_timeout;
        cx.set_timer(again, Timer::Retry);
    }

    fn give_up(&mut self, parts: Vec<Part>, cx: &mut Context<'_>) {
        if parts.is_empty() {
            return;
        }
        for part in &parts {
            self.parts.remove(part);
        }
        self.queue.retain(|job| !parts.contains(&job.part));
        cx.note(Note::GaveUp { group: self.group, parts });
    }

    /// No answer to the wish to join.
    pub(super) fn on_retry(&mut self, cx: &mut Context<'_>) {
        if self.joins && self.given.is_none() {
            self.ask_to_join(cx);
        }
    }

    /// It is given partitions.
    pub(super) fn on_joined(&mut self, round: u32, generation: u32, parts: Vec<(Part, Option<u64>)>, cx: &mut Context<'_>) {
        if self.joins && round == self.round {
            self.given = Some((generation, parts));
            self.go_on(cx);
        }
    }

    /// Takes what it was given, and gives up what it has and was not given.
    fn take_given(&mut self, cx: &mut Context<'_>) {
        let Some((generation, given)) = self.given.take() else { return };
        self.joins = false;
        self.generation = generation;
        self.send_commit(cx);
        self.had = given.iter().map(|(part, _)| *part).collect();
        let lost: Vec<Part> = self.parts.keys().filter(|own| given.iter().all(|(part, _)| part != *own)).copied().collect();
        // What it gave up only now can be another's in the next round.
        if !lost.is_empty() {
            self.owe(Due::Join);
        }
        self.give_up(lost, cx);
        for (part, mark) in &given {
            self.parts.entry(*part).or_insert(Place { next: *mark, asked: None });
        }
        cx.note(Note::Got { group: self.group, parts: given.into_iter().map(|(part, _)| part).collect(), generation });
    }

    /// Time to tell its coordinator that it lives.
    pub(super) fn on_heartbeat(&mut self, cx: &mut Context<'_>) {
        if self.generation > 0 || self.joins {
            self.tell_coordinator(Msg::Alive { group: self.group, life: self.life, generation: self.generation }, cx);
        }
        let every = cx.settings().heartbeat;
        cx.set_timer(every, Timer::Heartbeat);
    }

    /// What the coordinator says to that.
    pub(super) fn on_standing(&mut self, generation: u32, standing: Standing, cx: &mut Context<'_>) {
        if self.joins || generation != self.generation {
            if standing == Standing::Unknown && self.joins && self.given.is_none() {
                // The coordinator is another, and has not heard of the wish to join.
                self.ask_to_join(cx);
            }
            return;
        }
        match standing {
            Standing::Fine => {}
            Standing::Rebalance => self.owe(Due::Join),
            Standing::Unknown => self.owe(Due::Anew),
        }
        self.go_on(cx);
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
                out.push((leader, Msg::Read { part: *part, offset: place.next, most }));
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
        (place.next, place.asked) = (Some(to), None);
        cx.note(Note::Reset { group: self.group, part, to });
        self.go_on(cx);
    }

    /// An operator says where to go on.
    pub fn seek(&mut self, marks: &[(Part, u64)], cx: &mut Context<'_>) {
        for (part, next) in marks {
            if let Some(place) = self.parts.get_mut(part) {
                (place.next, place.asked) = (Some(*next), None);
                self.queue.retain(|job| job.part != *part);
                self.marks.remove(part);
                if let Some(unconfirmed) = &mut self.unconfirmed {
                    unconfirmed.marks.remove(part);
                }
            }
        }
        self.go_on(cx);
    }

    /// Takes as many records as it may, and begins.
    fn take(&mut self, cx: &mut Context<'_>) {
        if self.queue.is_empty() || self.due != Due::Nothing {
            return;
        }
        let most = (cx.settings().poll as usize).min(self.queue.len());
        self.batch = self.queue.drain(..most).collect();
        self.marks = self.batch.iter().map(|job| (job.part, job.next)).collect();
        match cx.settings().commit {
            Commit::Before => self.commit(cx),
            Commit::Confirmed => {
                self.commit(cx);
                self.holds = true;
                return;
            }
            Commit::After | Commit::Last => {}
        }
        self.work(cx);
    }

    /// Begins as many records as it works on at once.
    fn work(&mut self, cx: &mut Context<'_>) {
        let threads = cx.settings().threads as usize;
        if self.hands.len() < threads {
            self.hands.resize(threads, None);
        }
        for slot in 0..threads {
            if self.hands[slot].is_none()
                && let Some(job) = self.batch.pop_front()
            {
                self.hands[slot] = Some(job);
                let work = cx.settings().work.clone();
                let takes = work.sample(&mut cx.rng());
                cx.work(takes, Timer::Work(slot as u8));
            }
        }
    }

    /// The work on a record is done.
    pub(super) fn on_work(&mut self, slot: u8, cx: &mut Context<'_>) {
        let Some(job) = self.hands.get_mut(usize::from(slot)).and_then(Option::take) else { return };
        if let Some(request) = job.record.request() {
            let key = job.record.key().cloned();
            cx.note(Note::Processed { group: self.group, part: job.part, offset: job.offset, request, key });
        }
        self.work(cx);
        if !self.is_busy() {
            if matches!(cx.settings().commit, Commit::After | Commit::Last) {
                self.commit(cx);
            }
            self.go_on(cx);
        }
    }

    /// Commits where the batch ends.
    fn commit(&mut self, cx: &mut Context<'_>) {
        let back = u64::from(cx.settings().commit == Commit::Last);
        let marks = std::mem::take(&mut self.marks);
        let mut all = self.unconfirmed.take().map(|before| before.marks).unwrap_or_default();
        all.extend(marks.into_iter().map(|(part, next)| (part, next - back.min(next))));
        if all.is_empty() {
            return;
        }
        self.calls += 1;
        self.unconfirmed = Some(Unconfirmed { call: self.calls, marks: all });
        self.send_commit(cx);
    }

    fn send_commit(&self, cx: &mut Context<'_>) {
        // A member that waits for its partitions commits in the generation that it gets (KIP-429).
        let Some(Unconfirmed { call, marks }) = self.unconfirmed.as_ref().filter(|_| !self.joins) else { return };
        let marks = marks.iter().map(|(part, next)| (*part, *next)).collect();
        let msg = Msg::Commit { group: self.group, life: self.life, generation: self.generation, call: *call, marks };
        self.tell_coordinator(msg, cx);
        let again = cx.settings().request_timeout;
        cx.set_timer(again, Timer::Commit);
    }

    /// Nobody has confirmed the commit: once more, but not when others wait for what it has.
    pub(super) fn on_no_confirmation(&mut self, cx: &mut Context<'_>) {
        if self.due == Due::Nothing {
            return self.send_commit(cx);
        }
        self.unconfirmed = None;
        self.let_go(cx);
    }

    /// The coordinator has the places, or does not take them.
    pub(super) fn on_committed(&mut self, call: u32, standing: Standing, cx: &mut Context<'_>) {
        if self.unconfirmed.as_ref().is_none_or(|unconfirmed| unconfirmed.call != call) {
            return;
        }
        self.unconfirmed = None;
        if standing == Standing::Fine {
            if std::mem::take(&mut self.holds) {
                self.work(cx);
            }
            return self.go_on(cx);
        }
        self.owe(Due::Anew);
        self.let_go(cx);
    }

    /// What waited for a confirmation is not begun: it is another's.
    fn let_go(&mut self, cx: &mut Context<'_>) {
        if std::mem::take(&mut self.holds) {
            self.batch.clear();
        }
        self.go_on(cx);
    }
}
