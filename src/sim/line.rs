//! The line and the workers of one node, and what is counted there.

use std::collections::{BTreeMap, VecDeque};

use super::id::{MsgId, NodeId};
use super::node::Work;
use super::protocol::{Protocol, Wire as _};
use super::queue::Slot;
use super::station::{Discipline, Queueing, Station};
use super::time::{Span, Time};

/// Something that waits for a worker.
#[derive(Clone)]
pub(super) struct Waiting<P: Protocol> {
    pub(super) since: Time,
    pub(super) priority: u8,
    /// How long it takes at normal speed; `None`: the handling time of the cluster when its turn comes.
    pub(super) size: Option<Span>,
    pub(super) work: Work<P>,
}

/// Something that a worker is busy with.
#[derive(Clone)]
pub(super) struct Job<P: Protocol> {
    pub(super) work: Work<P>,
    pub(super) began: Time,
    pub(super) due: Time,
    /// Where its end waits in the queue.
    pub(super) slot: Slot,
}

/// A message at a station.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a, M> {
    /// Its number.
    pub id: MsgId,
    /// Who sent it.
    pub from: NodeId,
    /// What it says.
    pub msg: &'a M,
    /// Since when it waits, or is handled.
    pub since: Time,
    /// When it will have been handled, as things are; `None` while it waits.
    pub due: Option<Time>,
}

/// The line of a node: what waits for a worker, and what workers are busy with.
#[derive(Clone)]
pub struct Line<P: Protocol> {
    station: Station,
    waiting: VecDeque<Waiting<P>>,
    /// By worker.
    serving: Vec<Option<Job<P>>>,
    /// No worker below this one is free.
    first_free: usize,
    /// Workers that are busy.
    busy: u32,
    /// What was counted until `counted`.
    counts: Queueing,
    /// How long those that left the line had waited, by the kind of the message.
    waited: BTreeMap<u8, u128>,
    counted: Time,
}

impl<P: Protocol> Default for Line<P> {
    fn default() -> Self {
        Line {
            station: Station::default(),
            waiting: VecDeque::new(),
            serving: Vec::new(),
            first_free: 0,
            busy: 0,
            counts: Queueing::default(),
            waited: BTreeMap::new(),
            counted: Time::ZERO,
        }
    }
}

impl<P: Protocol> Line<P> {
    /// The station as its protocol wants it.
    pub fn station(&self) -> Station {
        self.station
    }

    /// The messages that wait, the longest first.
    pub fn waiting(&self) -> impl Iterator<Item = Held<'_, P::Msg>> {
        self.waiting.iter().filter_map(|waiting| held(&waiting.work, waiting.since, None))
    }

    /// What each worker is busy with; `None` for one that is free or busy with something else than a message.
    pub fn workers(&self) -> impl Iterator<Item = Option<Held<'_, P::Msg>>> {
        let free = (self.station.workers as usize).saturating_sub(self.serving.len());
        let jobs = self.serving.iter().map(|job| job.as_ref().and_then(|job| held(&job.work, job.began, Some(job.due))));
        jobs.chain(std::iter::repeat_with(|| None).take(free))
    }

    /// What waits or is being handled, messages or not.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.busy as usize
    }

    /// The messages that are being handled or wait, in this order.
    pub(super) fn messages(&self) -> impl Iterator<Item = &P::Msg> {
        self.serving.iter().flatten().map(|job| &job.work).chain(self.waiting.iter().map(|waiting| &waiting.work)).filter_map(Work::message)
    }

    /// What was counted, up to `now`.
    pub fn queueing(&self, now: Time) -> Queueing {
        let mut counts = self.counts;
        let passed = now.since(self.counted).0;
        let taken = self.taken().min(self.station.workers);
        counts.busy = counts.busy + Span(passed.saturating_mul(u64::from(taken)));
        counts.line_area += u128::from(passed) * u128::from(counts.waiting);
        counts.workers = self.station.workers;
        counts
    }

    /// How long the messages of a kind that left the line had waited, all together, in nanoseconds.
    pub fn waited(&self, kind: u8) -> u128 {
        self.waited.get(&kind).copied().unwrap_or_default()
    }

    pub(super) fn set_station(&mut self, station: Station) {
        self.station = station.bounded();
    }

    #[inline]
    fn taken(&self) -> u32 {
        self.busy + self.counts.kept
    }

    /// Whether a worker is free.
    #[inline]
    pub fn has_free_worker(&self) -> bool {
        self.taken() < self.station.workers
    }

    /// Whether something that is no message has its turn at once: workers that are kept do nothing, so they hold it up not.
    #[inline]
    pub(super) fn has_turn(&self) -> bool {
        self.busy < self.station.workers
    }

    /// How many messages came so far.
    pub(super) fn arrived(&self) -> u64 {
        self.counts.arrived
    }

    /// Whether one more message may wait.
    pub(super) fn has_room(&self) -> bool {
        self.counts.waiting < self.station.queue
    }

    /// A message came and was handled in no time.
    #[inline]
    pub(super) fn pass(&mut self) {
        self.counts.arrived += 1;
        self.counts.done += 1;
    }

    /// A message came and found neither a worker nor room.
    pub(super) fn reject(&mut self) {
        self.counts.arrived += 1;
        self.counts.rejected += 1;
    }

    /// A message came.
    pub(super) fn arrive(&mut self) {
        self.counts.arrived += 1;
    }

    /// Something joins the line: behind what has its priority, where there are priorities.
    pub(super) fn join(&mut self, now: Time, priority: u8, size: Option<Span>, work: Work<P>) {
        self.count(now);
        if work.message().is_some() {
            self.counts.waiting += 1;
            self.counts.most_waiting = self.counts.most_waiting.max(self.counts.waiting);
        }
        let at = match self.station.discipline {
            Discipline::Priority => self.waiting.partition_point(|waiting| waiting.priority >= priority),
            Discipline::FirstCome | Discipline::LastCome => self.waiting.len(),
        };
        self.waiting.insert(at, Waiting { since: now, priority, size, work });
    }

    /// Who is next leaves the line, where a worker is free for it.
    pub(super) fn next(&mut self, now: Time) -> Option<Waiting<P>> {
        let next = match self.station.discipline {
            _ if !self.has_free_worker() => self.next_turn(),
            Discipline::LastCome => self.waiting.pop_back(),
            Discipline::FirstCome | Discipline::Priority => self.waiting.pop_front(),
        }?;
        self.count(now);
        self.left(&next, now);
        Some(next)
    }

    /// The first that is no message, where it has its turn.
    fn next_turn(&mut self) -> Option<Waiting<P>> {
        if !self.has_turn() || self.waiting.len() == self.counts.waiting as usize {
            return None;
        }
        let at = self.waiting.iter().position(|waiting| waiting.work.message().is_none())?;
        self.waiting.remove(at)
    }

    fn left(&mut self, who: &Waiting<P>, now: Time) {
        if let Some(msg) = who.work.message() {
            let waited = u128::from(now.since(who.since).0);
            self.counts.waiting -= 1;
            self.counts.waited += waited;
            if waited > 0 {
                *self.waited.entry(msg.kind()).or_default() += waited;
            }
        }
    }

    /// A worker begins: the one of [`Line::free_worker`].
    pub(super) fn begin(&mut self, worker: u32, job: Job<P>) {
        self.count(job.began);
        self.busy += 1;
        self.counts.serving += u32::from(job.work.message().is_some());
        self.serving[worker as usize] = Some(job);
    }

    /// The number of the first worker that is free.
    pub(super) fn free_worker(&mut self) -> u32 {
        let busy = self.serving[self.first_free..].iter().take_while(|job| job.is_some()).count();
        self.first_free += busy;
        if self.first_free == self.serving.len() {
            self.serving.push(None);
        }
        self.first_free as u32
    }

    /// A worker is done.
    pub(super) fn end(&mut self, worker: u32, now: Time) -> Option<Work<P>> {
        let job = self.serving.get_mut(worker as usize)?.take()?;
        self.count(now);
        self.busy -= 1;
        self.first_free = self.first_free.min(worker as usize);
        if job.work.message().is_some() {
            self.counts.serving -= 1;
            self.counts.done += 1;
        }
        Some(job.work)
    }

    /// A worker stays taken.
    pub(super) fn keep(&mut self, now: Time) {
        if self.has_free_worker() {
            self.count(now);
            self.counts.kept += 1;
        }
    }

    /// A worker that was kept is free again.
    pub(super) fn free(&mut self, now: Time) {
        self.count(now);
        self.counts.kept = self.counts.kept.saturating_sub(1);
    }

    /// What workers are busy with, to be moved in time.
    pub(super) fn jobs_mut(&mut self) -> impl Iterator<Item = &mut Job<P>> {
        self.serving.iter_mut().flatten()
    }

    /// The node died: everything is lost. What workers were busy with is handed back.
    pub(super) fn clear(&mut self, now: Time) -> Vec<Job<P>> {
        self.count(now);
        while let Some(waiting) = self.waiting.pop_front() {
            self.counts.lost += u64::from(waiting.work.message().is_some());
            self.left(&waiting, now);
        }
        self.counts.lost += u64::from(self.counts.serving);
        (self.busy, self.first_free) = (0, 0);
        (self.counts.serving, self.counts.kept) = (0, 0);
        self.serving.drain(..).flatten().collect()
    }

    /// Brings the areas up to date before a number changes.
    fn count(&mut self, now: Time) {
        self.counts = self.queueing(now);
        self.counted = now;
    }
}

fn held<P: Protocol>(work: &Work<P>, since: Time, due: Option<Time>) -> Option<Held<'_, P::Msg>> {
    match work {
        Work::Message(id, from, msg) => Some(Held { id: *id, from: *from, msg, since, due }),
        _ => None,
    }
}
