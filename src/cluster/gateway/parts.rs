//! The parts of a request at the gateway: called, tried again, done without.

use crate::algo::breaker::Outcome;
use crate::check::operation::Key;
use crate::persistent::keep;

use super::job::{At, Piece};
use super::lane::{Phase, outcome};
use super::message::{Answer, Bad, Fail, Msg, Work};
use super::node::{Call, Due, Gateway, patience};
use super::note::Note;
use super::words::{Aggregation, Fallback, Path, PayKey, PayRetries, RetryWhat, Service};
use super::{Context, Timer};

impl Gateway {
    /// The request may be carried out: its parts are called, all at once or the first of them.
    pub(super) fn gather(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        job.gather(cx.settings().services(job.path));
        let first = if cx.settings().aggregation == Aggregation::Serial { 1 } else { job.pieces.len() };
        for place in 0..first {
            // One that failed at once may have set the next one going.
            if self.piece(number, place).is_some_and(|piece| piece.at == At::Idle) {
                self.attempt(number, place, cx);
            }
        }
    }

    fn piece(&self, number: u32, place: usize) -> Option<&Piece> {
        self.jobs.get(&number)?.pieces.get(place)
    }

    /// Whether a part is still waited for: at the same moment its request may have been given up.
    pub(super) fn is_under_way(&self, number: u32, place: usize) -> bool {
        self.piece(number, place).is_some_and(|piece| piece.at.is_under_way())
    }

    fn set(&mut self, number: u32, place: usize, at: At) {
        if let Some(piece) = self.jobs.get_mut(&number).and_then(|job| job.pieces.get_mut(place)) {
            piece.at = at;
        }
    }

    /// Calls the service of a part, if bulkhead and breaker let it.
    pub(super) fn attempt(&mut self, number: u32, place: usize, cx: &mut Context<'_>) {
        let Some(piece) = self.piece(number, place) else { return };
        let (service, is_first) = (piece.service, piece.attempt == 0);
        let lane = &mut self.lanes[service as usize];
        if is_first && !lane.has_room(cx.settings()) {
            return self.queue(number, place, service, cx);
        }
        let leave = lane.ask(cx.steady(), cx.settings());
        self.look(service, cx);
        match leave {
            Ok(permit) => self.call(Call { job: number, place, service, is_retry: !is_first, permit }, cx),
            Err(fail) => self.failed(number, place, fail, cx),
        }
    }

    /// The bulkhead is full: the part waits for its turn, with its worker, or does without.
    fn queue(&mut self, number: u32, place: usize, service: Service, cx: &mut Context<'_>) {
        let wait = cx.settings().bulkhead_wait;
        if wait.0 == 0 {
            return self.failed(number, place, Fail::Bulkhead, cx);
        }
        let due = self.calls.begin(Due::Room(number, place, service), wait, cx);
        self.lanes[service as usize].queued.push_back((number, place));
        self.set(number, place, At::Queues(due));
    }

    /// The next that waits for its turn at a service has it, if there is room.
    pub(super) fn admit(&mut self, service: Service, cx: &mut Context<'_>) -> bool {
        let lane = &mut self.lanes[service as usize];
        if !lane.has_room(cx.settings()) {
            return false;
        }
        let Some((number, place)) = lane.queued.pop_front() else { return false };
        if let Some(At::Queues(due)) = self.piece(number, place).map(|piece| piece.at) {
            self.calls.end(due);
            self.attempt(number, place, cx);
        }
        true
    }

    pub(super) fn leave_line(&mut self, number: u32, place: usize, service: Service) {
        keep(&mut self.lanes[service as usize].queued, |waiting| *waiting != (number, place));
    }

    fn call(&mut self, call: Call, cx: &mut Context<'_>) {
        let id = self.calls.begin(Due::Call(call), patience(cx), cx);
        let Some(job) = self.jobs.get_mut(&call.job) else { return };
        let Some(piece) = job.pieces.get_mut(call.place) else { return };
        piece.attempt += 1;
        piece.at = At::Calls(id);
        let lane = &mut self.lanes[call.service as usize];
        lane.began(call.is_retry);
        if let (Phase::HalfOpen, Some(span)) = (lane.told, cx.settings().breaker_trials_for) {
            cx.start_timer(span, Timer::Probe(call.service));
        }
        let work = job.ticket.payment().map_or(Work::Read, |payment| Work::Pay { key: key(&payment, id, cx), payment });
        let (attempt, came, token) = (piece.attempt, job.came, job.ticket.token);
        cx.note(Note::Called { service: call.service, attempt, came, user: job.ticket.user, token });
        cx.send(call.service.node(), Msg::Call { call: id, work: Box::new(work) });
    }

    /// A service answered. What comes late is for nobody.
    pub(super) fn on_did(&mut self, id: u32, answer: Answer, cx: &mut Context<'_>) {
        let Some(Due::Call(call)) = self.calls.get(id).cloned() else { return };
        self.calls.end(id);
        let result = match answer {
            Answer::Done { before } => Ok(before),
            Answer::Missing => Err(Fail::Missing),
            Answer::Error => Err(Fail::Error),
            Answer::Full => Err(Fail::Full),
        };
        self.came_back(call, result, cx);
        self.go_on(cx);
    }

    /// A call has ended, with an answer or without.
    pub(super) fn came_back(&mut self, call: Call, result: Result<bool, Fail>, cx: &mut Context<'_>) {
        let failed = result.err();
        self.ended(call, outcome(failed, cx.settings()), cx);
        cx.note(Note::Returned { service: call.service, failed });
        let Some(piece) = self.piece(call.job, call.place) else { return };
        match result {
            Ok(before) => {
                let at = if piece.defaults { At::Old } else { At::Got { before } };
                self.has_old[call.service as usize] = true;
                self.set(call.job, call.place, at);
                self.settle(call.job, cx);
            }
            Err(fail) => self.failed(call.job, call.place, fail, cx),
        }
    }

    fn ended(&mut self, call: Call, outcome: Outcome, cx: &mut Context<'_>) {
        let at = (cx.steady(), cx.settings());
        self.lanes[call.service as usize].ended(call.is_retry, call.permit, outcome, at);
        self.look(call.service, cx);
    }

    /// A part is not waited for any more.
    pub(super) fn give_up(&mut self, number: u32, place: usize, outcome: Outcome, cx: &mut Context<'_>) {
        let Some(piece) = self.piece(number, place) else { return };
        let (service, at) = (piece.service, piece.at);
        if at.is_over() {
            return;
        }
        // What is over at this very moment is in nobody's list any more, and is counted when its turn comes.
        let due = match at {
            At::Calls(due) | At::Rests(due) | At::Queues(due) => self.calls.end(due),
            _ => None,
        };
        match due {
            Some(Due::Call(call)) => {
                self.ended(call, outcome, cx);
                cx.note(Note::GivenUp { service, late: outcome == Outcome::Bad });
            }
            Some(Due::Rest(..)) => self.lanes[service as usize].resting -= 1,
            Some(Due::Room(..)) => self.leave_line(number, place, service),
            _ => {}
        }
        let fallback = self.without(service, Fail::Silent, cx);
        self.set(number, place, fallback);
    }

    /// What stands for a part that does not come.
    fn without(&self, service: Service, fail: Fail, cx: &Context<'_>) -> At {
        let is_old = cx.settings().fallback == Fallback::Stale && self.has_old[service as usize];
        if is_old { At::Old } else { At::Lost(fail) }
    }

    /// A part failed: it is tried again, done without, or the whole fails.
    pub(super) fn failed(&mut self, number: u32, place: usize, fail: Fail, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        let (path, told) = (job.path, job.told);
        job.unsure |= path == Path::Pay && fail.is_unsure();
        let Some(piece) = job.pieces.get_mut(place) else { return };
        let service = piece.service;
        if !fail.was_sent() {
            cx.note(Note::Kept { service, fail });
        }
        if told {
            piece.at = At::Lost(fail);
            return self.settle(number, cx);
        }
        piece.at = At::Idle;
        if self.may_try_again(number, place, fail, cx) {
            return self.try_again(number, place, cx);
        }
        match cx.settings().fallback {
            Fallback::Partial | Fallback::Stale if path == Path::Home => {
                let at = self.without(service, fail, cx);
                self.set(number, place, at);
                self.settle(number, cx);
            }
            Fallback::Call if path == Path::Home && self.ask_default(number, place) => self.attempt(number, place, cx),
            _ => self.fail(number, Bad::Of(service, fail), cx),
        }
    }

    /// From here on a default will do for a part; `false`: that was so before.
    fn ask_default(&mut self, number: u32, place: usize) -> bool {
        let piece = self.jobs.get_mut(&number).and_then(|job| job.pieces.get_mut(place));
        piece.is_some_and(|piece| !std::mem::replace(&mut piece.defaults, true))
    }

    /// Only what was called and failed is tried again: whom a breaker or a bulkhead keeps away is not to come back at once.
    fn may_try_again(&self, number: u32, place: usize, fail: Fail, cx: &mut Context<'_>) -> bool {
        let Some((job, piece)) = self.jobs.get(&number).and_then(|job| Some((job, job.pieces.get(place)?))) else { return false };
        let settings = cx.settings();
        let is_safe = job.path != Path::Pay || settings.pay_retries == PayRetries::Always || !fail.is_unsure();
        if !fail.was_sent() || fail == Fail::Missing || piece.attempt > settings.retries || !is_safe {
            return false;
        }
        let service = piece.service;
        let affords = self.lanes[service as usize].affords(settings);
        if !affords {
            cx.note(Note::OverBudget { service });
        }
        affords
    }

    fn try_again(&mut self, number: u32, place: usize, cx: &mut Context<'_>) {
        let whole = cx.settings().retry_what == RetryWhat::Whole;
        let (retries, places) = (cx.settings().retries, self.jobs.get(&number).map_or(0, |job| job.pieces.len()));
        for other in 0..places {
            let again = self.piece(number, other).is_some_and(|piece| piece.at.is_over() && piece.attempt <= retries);
            if other == place || (whole && again) {
                self.rest(number, other, cx);
            }
        }
    }

    fn rest(&mut self, number: u32, place: usize, cx: &mut Context<'_>) {
        let Some(piece) = self.piece(number, place) else { return };
        let (service, attempts) = (piece.service, piece.attempt);
        let retry = cx.settings().retry();
        let wait = retry.wait(attempts, &mut cx.rng());
        let due = self.calls.begin(Due::Rest(number, place, service), wait, cx);
        let lane = &mut self.lanes[service as usize];
        lane.resting += 1;
        let (retries, calls) = (lane.retrying + lane.resting, lane.active);
        self.set(number, place, At::Rests(due));
        cx.note(Note::Rests { service, attempts, wait, retries, calls });
    }

    /// A part is settled: the next one is called, or the request is answered.
    fn settle(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get(&number) else { return };
        if job.pieces.iter().all(|piece| piece.at.is_over()) {
            let end = job.answer();
            return self.finish(number, end, cx);
        }
        let is_waiting = job.pieces.iter().any(|piece| piece.at.is_under_way());
        let next = job.pieces.iter().position(|piece| piece.at == At::Idle);
        if let (false, Some(place)) = (is_waiting, next) {
            self.attempt(number, place, cx);
        }
    }
}

/// What a payment may be known again by.
fn key(payment: &Key, call: u32, cx: &Context<'_>) -> Key {
    match cx.settings().pay_key {
        PayKey::Payment => payment.clone(),
        PayKey::Attempt => format!("{payment} in call {call}").into(),
    }
}
