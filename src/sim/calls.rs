//! A request from its call to its end: attempts, patience, and what comes after it.

use super::draw::Concern;
use super::history::Cause;
use super::id::{NodeId, RequestId};
use super::kernel::{Event, Sim};
use super::node::Work;
use super::protocol::{Protocol, Reply};
use super::requests::{Open, unanswered};
use super::time::Span;

impl<P: Protocol> Sim<P> {
    /// A client calls an operation. `false`: it has too many open requests already, and this one is not made.
    /// `stream`: the load that makes it, or 0.
    pub(super) fn ask(&mut self, client: NodeId, op: P::Op, server: Option<NodeId>, stream: u32) -> bool {
        let Some(request) = self.requests.begin(client, op.clone(), server, stream, self.wires.events, self.wires.now) else {
            return false;
        };
        self.wires.fold(request.0.into());
        if let Some(budget) = P::retry(self.settings_of(client), &op).budget {
            self.requests.earn(client, budget);
        }
        self.wait_for_answer(request, client, &op);
        self.with_state(client, |state, cx| state.on_request(request, op, server, cx));
        true
    }

    /// A client waits only so long, by its own clock.
    fn wait_for_answer(&mut self, request: RequestId, client: NodeId, op: &P::Op) {
        let Some(patience) = P::patience(self.settings_of(client), op) else { return };
        let after = self.node(client).clock.real(patience);
        self.call_back(request, after);
    }

    /// Looks at a request again after some time.
    fn call_back(&mut self, request: RequestId, after: Span) {
        let slot = self.wires.queue.push(self.wires.now + after, Event::Request(request));
        if let Some(open) = self.requests.open.get_mut(&request) {
            open.next = Some(slot);
        }
    }

    /// The time of an attempt is over, or that of the rest before the next.
    pub(super) fn on_call_back(&mut self, request: RequestId) {
        let Some(open) = self.requests.open.get_mut(&request) else { return };
        open.next = None;
        let client = open.client;
        self.touched = Some(client);
        let life = self.node(client).life;
        self.wires.fold_event(2, client, life.into());
        self.accept_turn(client, Work::Request(request));
    }

    /// Gives up an attempt, or begins the next.
    pub(super) fn go_on_with(&mut self, request: RequestId) {
        match self.requests.open.get_mut(&request) {
            Some(open) if open.resting => self.try_again(request),
            Some(_) => self.give_up(request),
            None => {}
        }
    }

    /// Nobody answered in time. The client hears of it after the attempt has ended, and the request too where it was the last.
    fn give_up(&mut self, request: RequestId) {
        let Some(open) = self.requests.open.get(&request).cloned() else { return };
        let reply = unanswered::<P>(&open.op, Cause::NoAnswer);
        self.reply(request, reply);
        self.with_state(open.client, |state, cx| state.on_give_up(request, &open, cx));
    }

    fn try_again(&mut self, request: RequestId) {
        let Some(open) = self.requests.open.get_mut(&request) else { return };
        (open.attempt, open.sends, open.resting) = (open.attempt + 1, 0, false);
        self.requests.retries += 1;
        let Open { client, op, named, .. } = open.clone();
        self.wait_for_answer(request, client, &op);
        self.with_state(client, |state, cx| state.on_request(request, op, named, cx));
    }

    /// A client is told how an attempt ended; the request ends with it unless it is tried again.
    pub(super) fn reply(&mut self, request: RequestId, reply: Reply<P::Ret>) {
        let Some(open) = self.requests.open.get_mut(&request) else { return };
        if open.resting && !matches!(reply, Reply::Ok(_)) {
            // The answer to an attempt that was given up before: the next is on its way already.
            return;
        }
        if let Some(slot) = open.next.take() {
            self.wires.queue.take(slot);
        }
        if !self.rests_after(request, &reply) {
            self.end_request(request, reply);
        }
    }

    fn end_request(&mut self, request: RequestId, reply: Reply<P::Ret>) {
        if let Some(open) = self.requests.end(request, reply, self.wires.events, self.wires.now) {
            self.wires.noteworthy = true;
            self.wires.fold(request.0.into());
            self.think_after(open.client, open.stream);
        }
    }

    /// Lets a client rest before its next attempt, where it has one.
    fn rests_after(&mut self, request: RequestId, reply: &Reply<P::Ret>) -> bool {
        let Some(open) = self.requests.open.get(&request) else { return false };
        let (retry, client, attempt) = (P::retry(self.settings_of(open.client), &open.op), open.client, open.attempt);
        let is_final = match reply {
            Reply::Ok(_) => true,
            Reply::Refused(_) => !retry.refusals,
            Reply::Failed(_) | Reply::Unknown(_) => false,
        };
        if is_final || attempt >= retry.attempts || (retry.budget.is_some() && !self.requests.spend(client)) {
            return false;
        }
        if let Some(open) = self.requests.open.get_mut(&request) {
            open.resting = true;
            open.unsure |= matches!(reply, Reply::Unknown(_));
        }
        let number = (u64::from(request.0) << 8) | u64::from(attempt);
        let wait = retry.wait(attempt, &mut self.wires.draws.at(Concern::Retry, number));
        self.call_back(request, self.node(client).clock.real(wait));
        true
    }

    /// A client died: what it waited for will never be known to it.
    pub(super) fn end_requests_of(&mut self, client: NodeId) {
        for request in self.requests.of(client) {
            let Some(open) = self.requests.open.get_mut(&request) else { continue };
            let reply = unanswered::<P>(&open.op, Cause::ClientDied);
            if let Some(slot) = open.next.take() {
                self.wires.queue.take(slot);
            }
            self.end_request(request, reply);
        }
    }

    /// Lets a client call an operation. `false` when it has too many open requests.
    pub fn request(&mut self, client: NodeId, op: P::Op, server: Option<NodeId>) -> bool {
        self.ask(client, op, server, 0)
    }

    /// Requests of a client that have not ended.
    pub fn open_requests(&self, client: NodeId) -> usize {
        self.requests.open_of(client)
    }

    /// A request that has not ended.
    pub fn open(&self, request: RequestId) -> Option<&Open<P::Op>> {
        self.requests.open.get(&request)
    }

    /// Requests that were never made because their client had too many open ones.
    pub fn shed(&self) -> u64 {
        self.requests.shed
    }

    /// Attempts beyond the first of their requests.
    pub fn retries(&self) -> u64 {
        self.requests.retries
    }
}
