//! The gateway: it gives each request a worker, checks its token, has its parts called, and answers within its time.

use imbl::Vector;

use crate::algo::breaker::{Outcome, Permit};
use crate::cluster::kit::tries::Tries;
use crate::persistent::keep;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::bounds::LONGEST;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::job::{At, Job, Piece};
use super::lane::{Lane, Phase};
use super::message::{Bad, End, Fail, Msg, Ticket, Token};
use super::note::Note;
use super::words::{Auth, Fallback, Frees, Path, Service};
use super::{AUTH, Context, Timer};

/// Its process. All of it is lost with the process.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Requests, by a number of its own.
    pub jobs: OrdMap<u32, Job>,
    next: u32,
    /// Those that wait for a worker, the oldest first.
    pub line: Vector<u32>,
    /// Which worker has which request.
    pub slots: OrdMap<u32, u32>,
    /// What is waited for.
    pub(super) calls: Tries<Due>,
    /// The ways to the services.
    pub lanes: [Lane; Service::ALL.len()],
    /// Until when tokens are believed that were found good.
    verdicts: OrdMap<(NodeId, u32), Time>,
    /// Parts of homes that came well before: of whom, unless they are for everybody, and from which service.
    pub(super) old: OrdSet<(Option<NodeId>, Service)>,
}

/// What is waited for. The first number is that of a request.
#[derive(Clone, Debug)]
pub(super) enum Due {
    /// Its time is over.
    Deadline(u32),
    /// `auth` says whether its token is good.
    Verdict(u32),
    /// A service answers.
    Call(Call),
    /// A part has rested.
    Rest(u32, usize, Service),
    /// A part waits for its turn.
    Room(u32, usize, Service),
}

/// A call under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) job: u32,
    pub(super) place: usize,
    pub(super) service: Service,
    pub(super) is_retry: bool,
    pub(super) permit: Option<Permit>,
}

impl Gateway {
    /// Boots with nothing. Numbers of an earlier life are not used again: services may still answer to them.
    pub fn boot(cx: &mut Context<'_>) -> Gateway {
        Gateway {
            jobs: OrdMap::new(),
            next: 0,
            line: Vector::new(),
            slots: OrdMap::new(),
            calls: Tries::anew(cx),
            lanes: Default::default(),
            verdicts: OrdMap::new(),
            old: OrdSet::new(),
        }
    }

    pub(super) fn on_ask(&mut self, ticket: Ticket, cx: &mut Context<'_>) {
        let Some(path) = ticket.what.path() else { return };
        let settings = cx.settings();
        let is_full = self.slots.len() >= settings.workers as usize && self.line.len() >= settings.queue as usize;
        let (timeout, mut job) = (settings.timeout, Job::new(ticket, path, cx.steady()));
        if is_full {
            return tell(&job, job.badly(Bad::Full), cx);
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        job.deadline = timeout.map(|span| self.calls.begin(Due::Deadline(number), span, cx));
        self.jobs.insert(number, job);
        self.line.push_back(number);
        self.go_on(cx);
    }

    /// Whatever has waited and need not any more.
    pub(super) fn go_on(&mut self, cx: &mut Context<'_>) {
        loop {
            let admitted = Service::ALL.into_iter().any(|service| self.admit(service, cx));
            if self.slots.len() < cx.settings().workers as usize
                && let Some(number) = self.line.pop_front()
            {
                self.start(number, cx);
            } else if !admitted {
                return;
            }
        }
    }

    /// A worker takes a request.
    fn start(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        let slot = (0..).zip(self.slots.keys()).find(|(free, taken)| *free != **taken).map_or(self.slots.len() as u32, |(free, _)| free);
        self.slots.insert(slot, number);
        job.slot = Some(slot);
        let (path, token) = (job.path, job.ticket.token);
        if !cx.settings().routes.contains(&path) {
            return self.fail(number, Bad::NoRoute, cx);
        }
        match self.verdict(token, cx) {
            Some(true) => self.gather(number, cx),
            Some(false) => self.fail(number, Bad::NoToken, cx),
            None => self.check(number, token, cx),
        }
    }

    /// Whether a token is good; `None`: `auth` has to be asked.
    fn verdict(&self, token: Option<Token>, cx: &mut Context<'_>) -> Option<bool> {
        let Some(token) = token else { return Some(cx.settings().auth == Auth::None) };
        match cx.settings().auth {
            Auth::None => Some(true),
            Auth::Signature => Some(token.lasts(cx.clock())),
            Auth::Introspection => {
                let believed = self.verdicts.get(&(token.owner, token.number)).is_some_and(|until| cx.steady() < *until);
                if believed {
                    cx.note(Note::Believes { user: token.owner });
                }
                believed.then_some(true)
            }
        }
    }

    fn check(&mut self, number: u32, token: Option<Token>, cx: &mut Context<'_>) {
        let (Some(token), patience) = (token, patience(cx)) else { return };
        let call = self.calls.begin(Due::Verdict(number), patience, cx);
        if let Some(job) = self.jobs.get_mut(&number) {
            job.checking = Some(call);
        }
        cx.note(Note::Checks { user: token.owner });
        cx.send(AUTH, Msg::Check { call, token });
    }

    /// `auth` has looked at a token.
    pub(super) fn on_checked(&mut self, call: u32, good: bool, cx: &mut Context<'_>) {
        let Some(Due::Verdict(number)) = self.calls.get(call).cloned() else { return };
        self.calls.end(call);
        let Some(job) = self.jobs.get_mut(&number) else { return };
        job.checking = None;
        if let (Some(token), Some(span), true) = (job.ticket.token, cx.settings().auth_cache, good) {
            self.verdicts.insert((token.owner, token.number), cx.steady() + span);
        }
        if good {
            self.gather(number, cx);
        } else {
            self.fail(number, Bad::NoToken, cx);
        }
        self.go_on(cx);
    }

    /// The time of something is over.
    pub(super) fn on_overdue(&mut self, cx: &mut Context<'_>) {
        for due in self.calls.overdue(cx) {
            match due {
                Due::Deadline(number) => self.late(number, cx),
                Due::Verdict(number) => self.fail(number, Bad::NoAuth, cx),
                Due::Call(call) => self.came_back(call, Err(Fail::Silent), cx),
                Due::Rest(number, place, service) => {
                    self.lanes[service as usize].resting -= 1;
                    if self.is_under_way(number, place) {
                        self.attempt(number, place, cx);
                    }
                }
                Due::Room(number, place, service) => {
                    self.leave_line(number, place, service);
                    if self.is_under_way(number, place) {
                        self.failed(number, place, Fail::Bulkhead, cx);
                    }
                }
            }
        }
        self.go_on(cx);
    }

    /// The time of a request is over. What it has may be enough; what it has not is given up.
    fn late(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        job.deadline = None;
        let is_called = job.pieces.iter().any(|piece| matches!(piece.at, At::Calls(_)));
        job.unsure |= is_called && job.path == Path::Pay;
        if cx.settings().frees == Frees::User && is_called {
            return self.leave_behind(number, cx);
        }
        let fallback = cx.settings().fallback;
        let takes_less = job.path == Path::Home && matches!(fallback, Fallback::Partial | Fallback::Stale) && !job.pieces.is_empty();
        for place in 0..job.pieces.len() {
            self.give_up(number, place, Outcome::Bad, cx);
        }
        match self.jobs.get(&number).map(Job::answer) {
            Some(End::Well(ret)) if takes_less => self.finish(number, End::Well(ret), cx),
            _ => self.fail(number, Bad::Late, cx),
        }
    }

    /// The user is answered, and the worker waits on for what it has called.
    fn leave_behind(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        tell(job, job.badly(Bad::Late), cx);
        job.told = true;
        let waits = |(place, piece): (usize, &Piece)| (!matches!(piece.at, At::Calls(_))).then_some(place);
        let waiting: Vec<usize> = job.pieces.iter().enumerate().filter_map(waits).collect();
        for place in waiting {
            self.give_up(number, place, Outcome::Void, cx);
        }
    }

    pub(super) fn fail(&mut self, number: u32, bad: Bad, cx: &mut Context<'_>) {
        if let Some(end) = self.jobs.get(&number).map(|job| job.badly(bad)) {
            self.finish(number, end, cx);
        }
    }

    /// A request has ended: its user is told, its worker is free, and nothing that it waits for is waited for.
    pub(super) fn finish(&mut self, number: u32, end: End, cx: &mut Context<'_>) {
        let places = self.jobs.get(&number).map_or(0, |job| job.pieces.len());
        for place in 0..places {
            self.give_up(number, place, Outcome::Void, cx);
        }
        let Some(job) = self.jobs.remove(&number) else { return };
        for waited in [job.deadline, job.checking].into_iter().flatten() {
            self.calls.end(waited);
        }
        match job.slot {
            Some(slot) => drop(self.slots.remove(&slot)),
            None => keep(&mut self.line, |other| *other != number),
        }
        if !job.told {
            tell(&job, end, cx);
        }
    }

    /// The breaker of a service may have turned: that is told, and its next turn waited for.
    pub(super) fn look(&mut self, service: Service, cx: &mut Context<'_>) {
        let (now, settings) = (cx.steady(), cx.settings());
        let Some((phase, lasts)) = self.lanes[service as usize].turned(now, settings) else { return };
        match lasts {
            Some(span) => cx.set_timer(span, Timer::Probe(service)),
            None => cx.cancel_timer(Timer::Probe(service)),
        }
        cx.note(Note::Turned { service, phase });
    }

    /// The time of a breaker is over, or somebody says so.
    pub(super) fn on_probe(&mut self, service: Service, cx: &mut Context<'_>) {
        let now = cx.steady().0;
        let lane = &mut self.lanes[service as usize];
        lane.breaker.state(now, &cx.settings().rules());
        if lane.told == Phase::Open {
            lane.breaker.probe(now);
        }
        self.look(service, cx);
    }

    /// An operator turns a breaker.
    pub(super) fn turn_breaker(&mut self, service: Service, open: bool, cx: &mut Context<'_>) {
        let breaker = &mut self.lanes[service as usize].breaker;
        if open {
            breaker.trip(cx.steady().0, &cx.settings().rules());
        } else {
            breaker.reset();
        }
        self.look(service, cx);
    }

    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        for service in Service::ALL {
            if !cx.settings().breaker {
                self.lanes[service as usize].breaker.reset();
            }
            self.look(service, cx);
        }
        self.go_on(cx);
    }
}

/// How long the gateway waits for one answer.
pub(super) fn patience(cx: &Context<'_>) -> Span {
    cx.settings().try_timeout.unwrap_or(LONGEST)
}

fn tell(job: &Job, end: End, cx: &mut Context<'_>) {
    let Ticket { user, request, attempt, .. } = job.ticket;
    let took = cx.steady().since(job.came);
    cx.note(Note::Answered { path: job.path, took, token: job.ticket.token, end: end.clone() });
    cx.send(user, Msg::Told { request, attempt, end: Box::new(end) });
}
