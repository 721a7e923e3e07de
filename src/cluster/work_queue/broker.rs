//! The broker: takes messages in, hands them to workers that have room, and gives those back whose lease ended.
//!
//! Workers ask for what they have room for. A worker that dies changes nothing before its leases end (Amazon SQS; RabbitMQ would see its
//! connection close). What the broker holds is one [`Queue`], changed in memory and, where it is durable, on the disk in the same step.

use std::collections::VecDeque;

use crate::check::operation::Key;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::message::{Job, Msg, Note, Op, Ret};
use super::queue::{Back, Message, Number, Queue, Receipt, State};
use super::settings::{Acknowledge, Durable, Move, Settings};
use super::{Context, Timer};

/// After so many polls that did not come, a worker is no longer counted on.
const POLLS_MISSED: f64 = 2.0;
/// How often what was written is synced, where that is left to the operating system.
const FLUSH: Span = Span::s(1);

/// The broker's process.
#[derive(Clone, Debug)]
pub struct Broker {
    /// What it holds.
    pub queue: Queue,
    /// Who has room, longest waiting first.
    consumers: VecDeque<Consumer>,
    /// On their way to the dead letters: out of the queue and not yet there.
    moving: Vec<Message>,
    /// When the next lease or delay ends, as the timer has it.
    alarm: Option<Time>,
}

#[derive(Clone, Debug)]
struct Consumer {
    id: NodeId,
    room: u32,
    /// When it last said so.
    at: Time,
    /// What was handed to it, and when.
    handed: Vec<(Receipt, Time)>,
}

impl Broker {
    /// Boots from the disk, or empty where the queue is only in memory.
    pub fn boot(cx: &mut Context<'_>) -> Broker {
        let kept = if is_on_disk(cx.settings()) { cx.disk().queue.clone() } else { Queue::default() };
        let queue = kept.after(cx.clock());
        let mut broker = Broker { queue, consumers: VecDeque::new(), moving: Vec::new(), alarm: None };
        broker.on_clock(cx);
        cx.set_timer(FLUSH, Timer::Flush);
        broker
    }

    /// Changes the queue, in memory and on the disk, in one step. `None`: the disk is full, and nothing has changed.
    fn change<T>(&mut self, cx: &mut Context<'_>, change: impl FnOnce(&mut Queue, &Settings) -> T) -> Option<T> {
        let before = is_on_disk(cx.settings()).then(|| self.queue.clone());
        let done = change(&mut self.queue, cx.settings());
        if let Some(before) = before
            && cx.write(|disk| disk.queue = self.queue.clone()).is_err()
        {
            self.queue = before;
            cx.note(Note::Full);
            return None;
        }
        self.wake(cx);
        Some(done)
    }

    /// Sets the timer to the next end of a lease or a delay.
    fn wake(&mut self, cx: &mut Context<'_>) {
        let next = self.queue.next_end();
        if next == self.alarm {
            return;
        }
        self.alarm = next;
        let now = cx.clock();
        match next {
            // What is over already could not be written down: the disk is full, and may have room later.
            Some(end) => cx.set_timer(if end > now { end.since(now) } else { cx.settings().poll }, Timer::Lease),
            None => cx.cancel_timer(Timer::Lease),
        }
    }

    /// Sends what must not be said before it is on the disk, as the settings have it.
    fn say(to: NodeId, msg: Msg, cx: &mut Context<'_>) {
        if cx.settings().durable == Durable::Synced { cx.send_after_sync(to, msg) } else { cx.send(to, msg) }
    }

    pub(super) fn on_ask(&mut self, client: NodeId, request: RequestId, op: Op, cx: &mut Context<'_>) {
        let Some(key) = op.key(request) else {
            let (ready, in_flight) = (self.queue.size() - self.queue.in_flight(), self.queue.in_flight());
            let answer = Ok(Ret::Counted { ready, in_flight, dead: self.queue.dead.len() });
            return cx.send(client, Msg::Told { request, answer });
        };
        let answer = self.take_in(request, key, op, cx);
        if answer.is_err() {
            cx.send(client, Msg::Told { request, answer });
        } else if cx.settings().confirms {
            Broker::say(client, Msg::Told { request, answer }, cx);
        }
        self.hand_out(cx);
    }

    fn take_in(&mut self, request: RequestId, key: Key, op: Op, cx: &mut Context<'_>) -> Result<Ret, &'static str> {
        let Op::Send { group, urgent, .. } = op else { return Err("nothing was sent") };
        let (now, delay) = (cx.clock(), cx.settings().delay);
        if cx.settings().dedup.is_some() && self.queue.knows(&key, now) {
            cx.note(Note::Double { key });
            return Ok(Ret::Known);
        }
        if cx.settings().limit.is_some_and(|limit| self.queue.size() >= limit as usize) {
            return Err("the queue is full");
        }
        let state = if delay == Span::ZERO { State::Ready } else { State::Delayed(now + delay) };
        let message = Message { key: key.clone(), group: group.clone(), urgent, since: now, attempts: 0, state };
        self.change(cx, |queue, settings| queue.push(message, settings.dedup, settings)).ok_or("the broker's disk is full")?;
        cx.note(Note::Accepted { request, key, group });
        Ok(Ret::Accepted)
    }

    /// A worker has room. What was handed to it and is not yet there takes some of it.
    pub(super) fn on_poll(&mut self, worker: NodeId, room: u32, newest: Receipt, cx: &mut Context<'_>) {
        let (now, wait) = (cx.clock(), cx.settings().poll);
        let at = self.consumers.iter().position(|consumer| consumer.id == worker);
        let mut consumer = match at.and_then(|at| self.consumers.remove(at)) {
            Some(known) => known,
            None => Consumer { id: worker, room: 0, at: now, handed: Vec::new() },
        };
        consumer.handed.retain(|(receipt, at)| *receipt > newest && *at + wait > now);
        consumer.room = room.saturating_sub(consumer.handed.len() as u32);
        consumer.at = now;
        // Who had room before keeps its place in the line.
        self.consumers.insert(at.unwrap_or(self.consumers.len()), consumer);
        self.hand_out(cx);
    }

    /// Hands out what is ready to whom has room, in turn.
    fn hand_out(&mut self, cx: &mut Context<'_>) {
        let (now, most) = (cx.clock(), cx.settings().poll.scaled(POLLS_MISSED));
        self.consumers.retain(|consumer| consumer.at + most > now);
        while let Some(at) = self.consumers.iter().position(|consumer| consumer.room > 0)
            && self.queue.has_open()
        {
            let Some(worker) = self.consumers.get(at).map(|consumer| consumer.id) else { return };
            let Some(receipt) = self.hand_to(worker, cx) else { return };
            let Some(mut consumer) = self.consumers.remove(at) else { return };
            consumer.room -= 1;
            consumer.handed.push((receipt, now));
            self.consumers.push_back(consumer);
        }
    }

    fn hand_to(&mut self, worker: NodeId, cx: &mut Context<'_>) -> Option<Receipt> {
        let (leased, pick) = (cx.settings().acknowledge != Acknowledge::None, cx.rng().unit());
        let until = leased.then(|| cx.clock() + cx.settings().visibility);
        let (receipt, message) = self.change(cx, |queue, settings| queue.take(worker, until, pick, settings))??;
        let job = Job { receipt, key: message.key, group: message.group, attempt: message.attempts };
        cx.note(Note::Handed { job: job.clone(), worker });
        if !leased {
            cx.note(Note::Settled { key: job.key.clone() });
        }
        Broker::say(worker, Msg::Deliver(job), cx);
        Some(receipt)
    }

    pub(super) fn on_ack(&mut self, worker: NodeId, receipt: Receipt, wait: bool, cx: &mut Context<'_>) {
        let known = self.queue.held(receipt).is_some();
        let settled = if known { self.change(cx, |queue, settings| queue.settle(receipt, settings)).flatten() } else { None };
        match &settled {
            Some(message) => {
                cx.note(Note::Settled { key: message.key.clone() });
                sync_if_asked(cx);
            }
            None if !known => cx.note(Note::Outdated { worker }),
            None => {}
        }
        if wait {
            Broker::say(worker, Msg::Acked { receipt, ok: settled.is_some() }, cx);
        }
        self.hand_out(cx);
    }

    pub(super) fn on_refuse(&mut self, worker: NodeId, receipt: Receipt, cx: &mut Context<'_>) {
        let Some(number) = self.queue.held(receipt) else { return cx.note(Note::Outdated { worker }) };
        if let Some(message) = self.queue.get(number) {
            cx.note(Note::Returned { key: message.key.clone(), worker });
        }
        self.give_back(number, cx);
        self.hand_out(cx);
    }

    pub(super) fn on_renew(&mut self, worker: NodeId, receipt: Receipt, cx: &mut Context<'_>) {
        if self.queue.held(receipt).is_none() {
            return cx.note(Note::Outdated { worker });
        }
        // From now on: a renewal that comes late, or twice, adds no more than its own length.
        let until = cx.clock() + cx.settings().visibility;
        self.change(cx, |queue, settings| queue.extend(receipt, until, settings));
    }

    /// The timer says that the next lease or delay is over, perhaps before its time.
    pub(super) fn on_lease(&mut self, cx: &mut Context<'_>) {
        let early = self.queue.next_end().unwrap_or_default();
        self.end_leases(early.max(cx.clock()), cx);
    }

    /// The clock was set, or the broker boots: leases end by its clock.
    pub(super) fn on_clock(&mut self, cx: &mut Context<'_>) {
        self.end_leases(cx.clock(), cx);
    }

    fn end_leases(&mut self, now: Time, cx: &mut Context<'_>) {
        self.alarm = None;
        for number in self.queue.over(now) {
            self.let_go(number, cx);
        }
        self.wake(cx);
        self.hand_out(cx);
    }

    fn let_go(&mut self, number: Number, cx: &mut Context<'_>) {
        let Some(message) = self.queue.get(number) else { return };
        match message.state {
            State::Leased(lease) => {
                let (key, worker) = (message.key.clone(), lease.worker);
                cx.note(Note::Expired { key, worker });
                self.give_back(number, cx);
            }
            _ => drop(self.change(cx, |queue, settings| queue.show(number, settings))),
        }
    }

    /// A message is nobody's any more; after its last hand-out it becomes a dead letter.
    fn give_back(&mut self, number: Number, cx: &mut Context<'_>) {
        let now = cx.clock();
        let in_two = is_on_disk(cx.settings()) && cx.settings().dead_letters == Move::TwoSteps;
        let back = self.change(cx, |queue, settings| {
            let back = queue.give_back(number, now, settings);
            if let Some(Back::Spent(message)) = back.as_ref().filter(|_| !in_two) {
                queue.bury(message.clone());
            }
            back
        });
        sync_if_asked(cx);
        let Some(Back::Spent(message)) = back.flatten() else { return };
        cx.note(Note::Spent { key: message.key.clone() });
        if in_two {
            self.moving.push(message);
            cx.sync();
        } else {
            cx.note(parked(&message));
        }
    }

    /// What was taken out of the queue is out for good: now it is put where it goes.
    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        for message in std::mem::take(&mut self.moving) {
            let there = self.change(cx, |queue, _| queue.bury(message.clone()));
            if there.is_some() {
                cx.note(parked(&message));
                cx.sync();
            }
        }
    }

    pub(super) fn on_flush(cx: &mut Context<'_>) {
        cx.sync();
        cx.set_timer(FLUSH, Timer::Flush);
    }

    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        self.change(cx, Queue::sort);
        self.hand_out(cx);
    }

    /// The messages that are on their way to the dead letters, by their keys.
    pub fn moved(&self) -> impl Iterator<Item = &Key> {
        self.moving.iter().map(|message| &message.key)
    }

    /// An operator sends the dead letters back.
    pub fn redrive(&mut self, cx: &mut Context<'_>) {
        let now = cx.clock();
        if let Some(back) = self.change(cx, |queue, settings| queue.redrive(now, settings)) {
            cx.note(Note::Redriven { count: back.len() });
        }
        self.hand_out(cx);
    }

    /// An operator throws away what nobody has.
    pub fn purge(&mut self, cx: &mut Context<'_>) {
        if let Some(gone) = self.change(cx, Queue::purge) {
            cx.note(Note::Purged { keys: gone.into_iter().map(|message| message.key).collect() });
        }
    }
}

fn is_on_disk(settings: &Settings) -> bool {
    settings.durable != Durable::Off
}

/// What comes back after a loss of power is done again: that is allowed, and made rare.
fn sync_if_asked(cx: &mut Context<'_>) {
    if cx.settings().durable == Durable::Synced {
        cx.sync();
    }
}

fn parked(message: &Message) -> Note {
    Note::Parked { key: message.key.clone(), attempts: message.attempts }
}
