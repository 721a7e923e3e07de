//! A service: works on calls, asks the next service, and stops when nobody wants the answer, if it looks.

use imbl::Vector;

use crate::algo::wire::grpc::PREFIX;
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::desk::{Desk, To};
use super::frame::{Code, Kind, Left, Told, Want, Work};
use super::http::{Heard, Http};
use super::note::Note;
use super::settings::{Idempotency, PassOn};
use super::tcp::Pipes;
use super::{Context, Timer};

/// The bytes of a question to the next service, and of an answer.
const SMALL: u64 = 20;

/// Its state.
#[derive(Clone, Debug, Default)]
pub struct Handlers {
    /// What is worked on.
    pub jobs: OrdMap<u32, Job>,
    next: u32,
    /// The job that each request to the next service is for.
    requests: OrdMap<u32, u32>,
    waits: Tries<Wait>,
    /// Effects that it remembers in memory.
    known: Vector<(NodeId, u32)>,
    /// The same of its program before this one, for what that has begun with.
    known_before: Vector<(NodeId, u32)>,
}

/// A call that is worked on.
#[derive(Clone, Debug)]
pub struct Job {
    to: To,
    work: Work,
    /// Until when the answer is wanted, as far as this server was told, by its steady clock.
    until: Option<Time>,
    /// The request to the next service.
    asked: Option<u32>,
    /// Messages of a stream that came, or are yet to be written.
    messages: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wait {
    Deadline(u32),
    Write(u32),
}

/// What a service works with.
pub(super) struct Tools<'a> {
    pub(super) pipes: &'a mut Pipes,
    pub(super) desk: &'a mut Desk,
    /// The next service, where there is one.
    pub(super) http: Option<&'a mut Http>,
}

impl Handlers {
    /// Its program is closed and opened again: what was in memory only is with what the old one ends.
    pub(super) fn forget(&mut self) {
        self.known_before = std::mem::take(&mut self.known);
    }

    pub(super) fn on_asked(&mut self, to: To, work: Work, end: bool, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let left = match work.left {
            Some(Left::Span(left)) => Some(left),
            Some(Left::Until(until)) => Some(until.since(cx.clock())),
            None => None,
        };
        cx.note(Note::Works { job: number, click: work.click });
        let until = left.map(|left| cx.steady() + left);
        let messages = if work.kind.streams_down() && !work.kind.streams_up() { work.count } else { 0 };
        let (kind, takes) = (work.kind, takes(&work, cx));
        self.jobs.insert(number, Job { to, work, until, asked: None, messages });
        if let (true, Some(left)) = (cx.settings().checks, left) {
            self.waits.begin(Wait::Deadline(number), left, cx);
        }
        match kind {
            Kind::Get | Kind::Buy if takes > Span::ZERO => cx.work(takes, Timer::Work(number)),
            Kind::Get | Kind::Buy => self.on_worked(number, tools, cx),
            Kind::Download => {
                tools.desk.head(to, Told::Done, false, tools.pipes, cx);
                self.write(number, tools, cx);
            }
            Kind::Talk => tools.desk.head(to, Told::Done, end, tools.pipes, cx),
            Kind::Upload => {}
        }
    }

    /// The work on a call is done here.
    pub(super) fn on_worked(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get(&number).cloned() else { return };
        if cx.settings().checks && job.until.is_some_and(|until| until <= cx.steady()) {
            return self.stop(number, tools, cx);
        }
        match (&mut tools.http, job.work.kind) {
            (Some(http), Kind::Buy) => {
                let work = passed_on(&job, cx);
                cx.note(Note::Passes { click: work.click });
                let asked = http.ask(Want::Call(work), PREFIX + SMALL, tools.pipes, cx);
                self.requests.insert(asked, number);
                if let Some(job) = self.jobs.get_mut(&number) {
                    job.asked = Some(asked);
                }
            }
            (None, Kind::Buy) => self.charge(number, &job.work, tools, cx),
            _ => self.answer(number, Told::Done, PREFIX + u64::from(job.work.size), tools, cx),
        }
    }

    /// The effect of a call, unless it is known to have been made.
    fn charge(&mut self, number: u32, work: &Work, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let click = work.click;
        let is_known = match (work.key, cx.settings().idempotency) {
            (Some(key), Idempotency::Memory) => self.memory(number, tools).contains(&key),
            (Some(key), Idempotency::Disk) => cx.disk().charged.contains(&key),
            _ => false,
        };
        if !is_known {
            // The effect itself is always kept; what is asked is whether its key is kept with it.
            let written = cx.write(|disk| {
                disk.effects.push_back(click);
                disk.charged.extend(work.key);
            });
            if written.is_err() {
                return self.answer(number, Told::Not(Code::Unavailable), 0, tools, cx);
            }
            self.memory(number, tools).extend(work.key);
            cx.note(Note::Charged { click });
            cx.sync();
        }
        // Both are on the disk before anybody is told.
        self.waiting_for_disk(number, tools, cx);
    }

    /// What the program that has a job keeps in memory.
    fn memory(&mut self, number: u32, tools: &Tools<'_>) -> &mut Vector<(NodeId, u32)> {
        let is_of_before = self.jobs.get(&number).is_some_and(|job| tools.desk.is_of_before(job.to.conn));
        if is_of_before { &mut self.known_before } else { &mut self.known }
    }

    fn waiting_for_disk(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        if cx.durable().effects.len() == cx.disk().effects.len() {
            return self.answer(number, Told::Done, PREFIX + SMALL, tools, cx);
        }
        if let Some(job) = self.jobs.get_mut(&number) {
            job.messages = 1;
        }
    }

    pub(super) fn on_synced(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        if cx.durable().effects.len() < cx.disk().effects.len() {
            return;
        }
        let done = |(_, job): &(&u32, &Job)| job.work.kind == Kind::Buy && job.messages > 0;
        for number in self.jobs.iter().filter(done).map(|(number, _)| *number).collect::<Vec<_>>() {
            self.answer(number, Told::Done, PREFIX + SMALL, tools, cx);
        }
    }

    /// A message of a stream came.
    pub(super) fn on_piece(&mut self, to: To, (bytes, end): (u32, bool), tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(number) = self.job_at(to) else { return };
        let Some(job) = self.jobs.get_mut(&number) else { return };
        job.messages += 1;
        match job.work.kind {
            Kind::Talk => {
                tools.desk.body(to, (bytes, end), tools.pipes, cx);
                if end {
                    self.rest(number, false, cx);
                }
            }
            _ if end => self.answer(number, Told::Done, PREFIX + SMALL, tools, cx),
            _ => {}
        }
    }

    /// Writes the next message of a stream.
    fn write(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get_mut(&number).filter(|job| job.messages > 0) else { return };
        job.messages -= 1;
        let (to, end, bytes) = (job.to, job.messages == 0, PREFIX as u32 + job.work.size);
        tools.desk.body(to, (bytes, end), tools.pipes, cx);
        let every = cx.settings().message_every;
        match end {
            true => self.rest(number, false, cx),
            false if every > Span::ZERO => _ = self.waits.begin(Wait::Write(number), every, cx),
            false => self.write(number, tools, cx),
        }
    }

    pub(super) fn on_due(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        for wait in self.waits.overdue(cx) {
            match wait {
                Wait::Deadline(number) => self.stop(number, tools, cx),
                Wait::Write(number) => self.write(number, tools, cx),
            }
        }
    }

    /// Its time is over: it stops, and so does what it asked for.
    fn stop(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get(&number).cloned() else { return };
        self.let_go(number, &job, tools, cx);
        self.rest(number, true, cx);
        tools.desk.answer(job.to, Told::Not(Code::DeadlineExceeded), 0, tools.pipes, cx);
    }

    fn let_go(&mut self, number: u32, job: &Job, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        cx.cancel_timer(Timer::Work(number));
        if let (Some(asked), Some(http)) = (job.asked, &mut tools.http) {
            self.requests.remove(&asked);
            http.cancel(asked, tools.pipes, cx);
        }
    }

    /// Nobody wants an answer any more: it was cancelled, or its connection is gone.
    pub(super) fn on_cancels(&mut self, to: To, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(number) = self.job_at(to).filter(|_| cx.settings().checks) else { return };
        let Some(job) = self.jobs.get(&number).cloned() else { return };
        self.let_go(number, &job, tools, cx);
        self.rest(number, true, cx);
    }

    fn job_at(&self, to: To) -> Option<u32> {
        self.jobs.iter().find(|(_, job)| job.to == to).map(|(number, _)| *number)
    }

    /// Something about a request to the next service.
    pub(super) fn on_heard(&mut self, heard: Heard, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let (call, told) = match heard {
            Heard::Head(_) | Heard::Piece(_) => return,
            Heard::Done(call, told, _) => (call, told),
            Heard::Untouched(call) | Heard::Broken(call) => (call, Told::Not(Code::Unavailable)),
        };
        if let Some(number) = self.requests.remove(&call) {
            let body = if matches!(told, Told::Not(_)) { 0 } else { PREFIX + SMALL };
            self.answer(number, told, body, tools, cx);
        }
    }

    fn answer(&mut self, number: u32, told: Told, body: u64, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get(&number) else { return };
        tools.desk.answer(job.to, told, body, tools.pipes, cx);
        self.rest(number, false, cx);
    }

    fn rest(&mut self, number: u32, stopped: bool, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.remove(&number) else { return };
        self.waits.drop_if(|wait| matches!(wait, Wait::Deadline(n) | Wait::Write(n) if *n == number));
        cx.note(Note::Rests { job: number, click: job.work.click, stopped });
    }
}

fn takes(work: &Work, cx: &mut Context<'_>) -> Span {
    if let Some(takes) = work.takes {
        return takes;
    }
    let settings = cx.settings();
    let dist = match (work.kind, cx.id().index()) {
        (Kind::Buy, 0) => &settings.gateway_work,
        (Kind::Buy, 1) => &settings.orders_work,
        (Kind::Buy, _) => &settings.stock_work,
        _ => &settings.work,
    };
    dist.clone().sample(&mut cx.rng())
}

/// What the next service is asked.
fn passed_on(job: &Job, cx: &Context<'_>) -> Work {
    let left = match cx.settings().pass_on {
        PassOn::Off => None,
        PassOn::Anew => cx.settings().deadline.map(Left::Span),
        PassOn::Remaining => job.until.map(|until| Left::Span(until.since(cx.steady()))),
        PassOn::Absolute => job.work.left,
    };
    Work { left, ..job.work.clone() }
}
