//! Who makes pages: a site, or a backend of the shop.

use std::net::IpAddr;
use std::sync::Arc;

use imbl::Vector;

use crate::algo::http::{Framing, body_of_request};
use crate::algo::limit::{Answer, Estimate, Meter, Quota, Rules, State};
use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::message::{Method, Msg, Request, Response, Sealed, Step};
use super::note::Note;
use super::places::{EDGE, REVERSE, is_app};
use super::settings::{Down, Posts};
use super::sight::Sight;
use super::{Context, Timer};

/// The most requests that wait at a backend.
const QUEUE: usize = 1000;
/// So many orders to stop are remembered.
const ORDERS: usize = 16;

/// What survives a restart.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Which release it runs, from 0.
    pub release: u32,
    /// How often each page was written.
    pub editions: OrdMap<Key, u32>,
    /// Orders to stop that it followed.
    orders: Vector<u32>,
}

/// Its process.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    next: u32,
    /// What it works on.
    pub jobs: OrdMap<u32, Job>,
    /// What waits for a worker.
    pub waiting: Vector<Job>,
    limits: OrdMap<IpAddr, State>,
    /// How many answers it has made.
    pub(super) made: u32,
    /// Whether it starts, and takes nothing yet.
    pub starts: bool,
    /// The order by which it starts.
    order: Option<u32>,
}

/// A request that it has.
#[derive(Clone, Debug)]
pub struct Job {
    back: (NodeId, u32),
    tls: Option<Key>,
    peer: IpAddr,
    request: Arc<Request>,
}

impl Origin {
    pub(super) fn boot(cx: &mut Context<'_>) -> Origin {
        if is_app(cx.id()) && !cx.is_first_boot() {
            cx.send(REVERSE, Msg::Up { order: None });
        }
        // Numbers of answers of an earlier life are not used again.
        let made = if cx.is_first_boot() { 0 } else { (cx.rng().bits() >> 33) as u32 };
        Origin { made, ..Origin::default() }
    }

    /// Whether it takes connections of this node.
    fn is_open_to(&self, from: NodeId, cx: &Context<'_>) -> bool {
        let may_come = !is_app(cx.id()) || [REVERSE, EDGE].contains(&from) || cx.settings().backends == Down::Open;
        may_come && !self.starts
    }

    pub(super) fn on_open(&self, from: NodeId, (call, left): (u32, usize), peer: IpAddr, step: &Step, cx: &mut Context<'_>) {
        if !self.is_open_to(from, cx) {
            return cx.send(from, Msg::Reset { call });
        }
        if *step != Step::Tcp {
            cx.note(Note::Saw { from, sight: Sight::of_step(step, peer, 60), request: None, plain: false });
        }
        super::hop::opened((from, call), left, None, cx);
    }

    pub(super) fn on_request(
        &mut self,
        (from, call): (NodeId, u32),
        peer: IpAddr,
        sealed: Sealed<Request>,
        bytes: u64,
        cx: &mut Context<'_>,
    ) {
        if !self.is_open_to(from, cx) {
            return cx.send(from, Msg::Reset { call });
        }
        let request = Arc::clone(&sealed.inner);
        let sight = Sight::of(&sealed, peer, bytes, true);
        cx.note(Note::Saw { from, sight, request: Some(Arc::clone(&request)), plain: sealed.tls.is_none() });
        let job = Job { back: (from, call), tls: sealed.tls, peer, request };
        if let Some(said) = self.refuses(&job, cx) {
            return answer(&job, said, cx);
        }
        self.waiting.push_back(job);
        self.go_on(cx);
    }

    /// Starts what waits, as far as there are workers.
    fn go_on(&mut self, cx: &mut Context<'_>) {
        let workers = cx.settings().workers.filter(|_| is_app(cx.id())).map_or(usize::MAX, |workers| workers as usize);
        while self.jobs.len() < workers
            && let Some(job) = self.waiting.pop_front()
        {
            self.start(job, cx);
        }
    }

    /// There may be more workers.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        self.go_on(cx);
    }

    fn refuses(&mut self, job: &Job, cx: &mut Context<'_>) -> Option<Response> {
        if body_of_request(&job.request.fields) == Framing::Bad {
            return Some(Response::said(400, "two lengths of one body"));
        }
        if self.waiting.len() >= QUEUE {
            return Some(Response::said(503, "the backend is full"));
        }
        let limit = cx.settings().address_limit.filter(|_| !is_app(cx.id()))?;
        let rules = a_minute(limit);
        let now = cx.steady().0;
        let state = self.limits.entry(job.peer).or_insert_with(|| State::new(now, &rules));
        let is_too_many = state.ask(now, &rules) != Answer::Pass;
        is_too_many.then(|| Response::said(429, format!("too many from {}", job.peer)))
    }

    fn start(&mut self, job: Job, cx: &mut Context<'_>) {
        let changes = job.request.method == Method::Post && cx.settings().posts == Posts::Accepted;
        if changes && !super::page::carry_out(&job.request, cx) {
            return answer(&job, Response::said(507, "its disk is full"), cx);
        }
        let slow = is_app(cx.id()) && !cx.settings().buffering;
        let transfer = if slow { cx.settings().transfer(cx.settings().page_bytes.into()) } else { Span::ZERO };
        let takes = cx.settings().work.clone().sample(&mut cx.rng()) + transfer;
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.jobs.insert(number, job);
        cx.work(takes, Timer::Work(number));
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match timer {
            Timer::Work(number) => {
                if let Some(job) = self.jobs.remove(&number) {
                    self.finish(&job, cx);
                }
            }
            Timer::Started => self.has_started(cx),
            Timer::Due | Timer::Give(_) | Timer::Look => {}
        }
    }

    fn finish(&mut self, job: &Job, cx: &mut Context<'_>) {
        let made = self.made;
        self.made = self.made.wrapping_add(1);
        let response = super::page::made(&job.request, job.peer, made, cx);
        answer(job, response, cx);
        self.go_on(cx);
    }

    /// It is replaced: what it has dies, and after a while the next release is there.
    pub(super) fn on_stop(&mut self, order: u32, cx: &mut Context<'_>) {
        if cx.disk().orders.contains(&order) {
            // It was replaced by this order already, and its word of that was lost.
            if !self.starts {
                cx.send(REVERSE, Msg::Up { order: Some(order) });
            }
            return;
        }
        if self.starts && self.order == Some(order) {
            return;
        }
        self.order = Some(order);
        cx.note(Note::Stops { with: self.jobs.len() + self.waiting.len() });
        let dying = std::mem::take(&mut self.jobs).into_iter().map(|(_, job)| job).chain(std::mem::take(&mut self.waiting));
        dying.for_each(|job| cx.send(job.back.0, Msg::Reset { call: job.back.1 }));
        self.starts = true;
        cx.set_timer(cx.settings().start_time, Timer::Started);
    }

    fn has_started(&mut self, cx: &mut Context<'_>) {
        self.starts = false;
        let order = self.order.take();
        // Only now the order is done: what dies before is told again.
        _ = cx.write(|disk| {
            disk.release += 1;
            disk.orders.extend(order);
            if disk.orders.len() > ORDERS {
                disk.orders.pop_front();
            }
        });
        cx.sync();
        cx.note(Note::Starts { release: cx.disk().release + 1 });
        cx.send(REVERSE, Msg::Up { order });
    }
}

fn answer(job: &Job, response: Response, cx: &mut Context<'_>) {
    let sealed = Sealed::of(job.tls.clone(), Arc::new(response));
    cx.send(job.back.0, Msg::Response { call: job.back.1, sealed });
}

/// So many in each minute by the clock.
fn a_minute(limit: u32) -> Rules {
    Rules { meter: Meter::Fixed, quota: Quota::new(limit, Span::s(60).0), burst: limit, estimate: Estimate::Below }
}
