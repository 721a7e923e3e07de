//! A producer: collects records into batches, sends them to the leaders of their partitions, and sends again what nobody answered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::algo::murmur::partition_of;
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::time::Time;

use super::consumer::REFRESH;
use super::message::{Item, Msg, Op, Produce, Refusal, Ret};
use super::meta::Shared;
use super::note::Note;
use super::record::{Origin, Part};
use super::settings::Acks;
use super::{Context, Timer, any_broker};

/// A record that waits, and until when.
#[derive(Clone, Debug)]
struct Pending {
    item: Item,
    since: Time,
    deadline: Time,
    /// Whether its client still waits.
    open: bool,
}

/// A batch on its way.
#[derive(Clone, Debug)]
struct Batch {
    call: u32,
    first: Option<Origin>,
    items: Vec<Pending>,
    /// Whether an answer is waited for; else the time to send it again.
    flies: bool,
    due: Time,
    /// How often it was sent, and which of these times it was surely not appended.
    sent: u32,
    refused: BTreeSet<u32>,
    /// Whether all before it was acknowledged when it was last sent.
    in_turn: bool,
    why: Option<Refusal>,
}

/// What goes to one partition.
#[derive(Clone, Debug, Default)]
struct Lane {
    waiting: VecDeque<Pending>,
    flying: VecDeque<Batch>,
    epoch: u16,
    next: u32,
    /// The number after the greatest that was acknowledged in this epoch.
    acked: u32,
    /// Whether a numbered batch was given up, so that no later one can follow it.
    has_gap: bool,
}

/// A producer's process.
#[derive(Clone, Debug, Default)]
pub struct Producer {
    /// How often it was restarted.
    session: u32,
    /// What it knows of who leads.
    pub meta: Shared,
    lanes: BTreeMap<Part, Lane>,
    calls: u32,
    turn: u32,
}

impl Batch {
    /// How a record of it ends for which there is no more time.
    fn end(&self) -> Reply<Ret> {
        let cause = self.why.map_or(Cause::NoAnswer, |why| Cause::Said(why.text().into()));
        if self.sent as usize == self.refused.len() { Reply::Refused(cause) } else { Reply::Unknown(cause) }
    }
}

impl Lane {
    /// The leader lacks what it had acknowledged before, or what was given up: what is under way is numbered anew in the next epoch
    /// (KIP-360).
    fn renumber(&mut self, due: Time) {
        (self.epoch, self.next, self.acked, self.has_gap) = (self.epoch.wrapping_add(1), 0, 0, false);
        for batch in &mut self.flying {
            if let Some(first) = &mut batch.first {
                (first.epoch, first.sequence) = (self.epoch, self.next);
                self.next += batch.items.len() as u32;
                (batch.flies, batch.due) = (false, due);
            }
        }
    }
}

impl Producer {
    /// Boots, and asks now and then who leads.
    pub fn boot(cx: &mut Context<'_>) -> Producer {
        let mut producer = Producer::default();
        producer.on_refresh(cx);
        producer
    }

    pub(super) fn on_refresh(&mut self, cx: &mut Context<'_>) {
        self.refresh(cx);
        cx.set_timer(REFRESH, Timer::Refresh);
    }

    fn refresh(&self, cx: &mut Context<'_>) {
        if let Some(broker) = any_broker(cx) {
            cx.send(broker, Msg::Which { version: self.meta.version });
        }
    }

    /// Its id in this session.
    fn id(&self, own: NodeId) -> u32 {
        ((own.index() as u32) << 16) | (self.session & 0xffff)
    }

    /// Somebody tells who leads.
    pub fn learn(&mut self, meta: Shared, cx: &mut Context<'_>) {
        if meta.version > self.meta.version {
            self.meta = meta;
            self.pump(cx);
        }
    }

    /// Its program sends a record.
    pub(super) fn on_request(&mut self, request: RequestId, op: Op, cx: &mut Context<'_>) {
        let partitions = self.meta.partitions();
        let part = match (op.part, &op.key) {
            (Some(part), _) => part,
            (None, Some(key)) => Part(partition_of(key.as_bytes(), partitions) as u16),
            (None, None) => {
                self.turn += 1;
                Part((self.turn.wrapping_sub(1) % partitions.max(1)) as u16)
            }
        };
        if !self.meta.parts.contains_key(&part) {
            let why = if partitions == 0 { "it does not know who leads yet".to_string() } else { format!("there is no {part}") };
            return cx.reply(request, Reply::Refused(Cause::Said(why.into())));
        }
        let (now, patience) = (cx.steady(), cx.settings().delivery_timeout);
        let item = Item { request, key: op.key, value: op.value };
        let pending = Pending { item, since: now, deadline: now + patience, open: true };
        self.lanes.entry(part).or_default().waiting.push_back(pending);
        self.pump(cx);
    }

    /// Does everything that is due, and sets the timer for what is next.
    pub(super) fn pump(&mut self, cx: &mut Context<'_>) {
        let parts: Vec<Part> = self.lanes.keys().copied().collect();
        for part in parts {
            self.expire(part, cx);
            self.resend(part, cx);
            self.send_new(part, cx);
        }
        let (now, linger) = (cx.steady(), cx.settings().linger);
        match self.lanes.values().filter_map(|lane| next_due(lane, linger, cx.settings().in_flight as usize)).min() {
            Some(due) => cx.set_timer(due.since(now.min(due)), Timer::Send),
            None => cx.cancel_timer(Timer::Send),
        }
    }

    /// Gives up records whose time is over.
    fn expire(&mut self, part: Part, cx: &mut Context<'_>) {
        let now = cx.steady();
        let Some(lane) = self.lanes.get_mut(&part) else { return };
        while lane.waiting.front().is_some_and(|pending| pending.deadline <= now)
            && let Some(over) = lane.waiting.pop_front()
        {
            cx.reply(over.item.request, Reply::Refused(Cause::Said("it was not sent in time".into())));
        }
        for batch in &mut lane.flying {
            let end = batch.end();
            for pending in batch.items.iter_mut().filter(|pending| pending.open && pending.deadline <= now) {
                pending.open = false;
                cx.reply(pending.item.request, end.clone());
            }
        }
        let over = |batch: &Batch| !batch.items.iter().any(|pending| pending.open);
        lane.has_gap |= lane.flying.iter().any(|batch| over(batch) && batch.first.is_some());
        lane.flying.retain(|batch| !over(batch));
    }

    /// Sends again what was not answered, or refused, and has rested.
    fn resend(&mut self, part: Part, cx: &mut Context<'_>) {
        let (now, rest) = (cx.steady(), cx.settings().resend);
        let Some(lane) = self.lanes.get_mut(&part) else { return };
        let mut due = Vec::new();
        let mut is_silent = false;
        for batch in lane.flying.iter_mut().filter(|batch| batch.due <= now) {
            match (batch.flies, rest) {
                (true, None) => batch.items.iter_mut().for_each(|pending| pending.deadline = now),
                (true, Some(rest)) => (batch.flies, batch.due) = (false, now + rest),
                (false, _) => due.push(batch.call),
            }
            is_silent |= batch.flies || rest.is_some();
        }
        if is_silent {
            self.refresh(cx);
        }
        if rest.is_none() {
            self.expire(part, cx);
        }
        for call in due {
            self.send(part, call, cx);
        }
    }

    /// Makes new batches of what waits, as many as may be on the way.
    fn send_new(&mut self, part: Part, cx: &mut Context<'_>) {
        let own = self.id(cx.id());
        let (now, settings) = (cx.steady(), cx.settings());
        let (linger, most, in_flight) = (settings.linger, settings.batch as usize, settings.in_flight as usize);
        let numbered = settings.numbers();
        loop {
            let Some(lane) = self.lanes.get_mut(&part) else { return };
            if lane.has_gap && lane.flying.is_empty() {
                (lane.epoch, lane.next, lane.acked, lane.has_gap) = (lane.epoch.wrapping_add(1), 0, 0, false);
            }
            let full = lane.waiting.len() >= most;
            let waited = lane.waiting.front().is_some_and(|first| first.since + linger <= now);
            if lane.has_gap || lane.flying.len() >= in_flight || !(full || waited) {
                return;
            }
            let count = lane.waiting.len().min(most);
            let items: Vec<Pending> = lane.waiting.drain(..count).collect();
            let first = numbered.then_some(Origin { producer: own, epoch: lane.epoch, sequence: lane.next });
            lane.next += if first.is_some() { count as u32 } else { 0 };
            self.calls += 1;
            let call = self.calls;
            let (refused, why) = (BTreeSet::new(), None);
            lane.flying.push_back(Batch { call, first, items, flies: false, due: now, sent: 0, refused, in_turn: false, why });
            self.send(part, call, cx);
        }
    }

    /// Sends a batch, where it knows who leads.
    fn send(&mut self, part: Part, call: u32, cx: &mut Context<'_>) {
        let now = cx.steady();
        let (rest, patience, acks) = (cx.settings().resend, cx.settings().request_timeout, cx.settings().acks);
        let leader = self.meta.leader(part);
        let Some(lane) = self.lanes.get_mut(&part) else { return };
        let acked = lane.acked;
        let Some(batch) = lane.flying.iter_mut().find(|batch| batch.call == call) else { return };
        let Some(leader) = leader else {
            (batch.due, batch.why) = (now + rest.unwrap_or(patience), Some(Refusal::NotLeader));
            return self.refresh(cx);
        };
        batch.sent += 1;
        batch.in_turn = batch.first.is_some_and(|first| first.sequence == acked);
        (batch.flies, batch.due) = (true, now + patience);
        let items: Vec<Item> = batch.items.iter().map(|pending| pending.item.clone()).collect();
        let open: Vec<RequestId> = batch.items.iter().filter(|pending| pending.open).map(|pending| pending.item.request).collect();
        let msg = Msg::Produce(Produce { call, attempt: batch.sent, part, first: batch.first, items });
        match open.first() {
            Some(first) => cx.ask(*first, leader, msg),
            None => cx.send(leader, msg),
        }
        if acks == Acks::None {
            lane.flying.retain(|batch| batch.call != call);
            for request in open {
                cx.reply(request, Reply::Ok(Ret::Sent));
            }
        }
    }

    /// A leader answers.
    pub(super) fn on_produced(&mut self, (call, attempt): (u32, u32), part: Part, answer: Result<u64, Refusal>, cx: &mut Context<'_>) {
        let (now, rest) = (cx.steady(), cx.settings().resend);
        let Some(lane) = self.lanes.get_mut(&part) else { return };
        let Some(at) = lane.flying.iter().position(|batch| batch.call == call) else { return };
        let Some(batch) = lane.flying.get_mut(at) else { return };
        match answer {
            Ok(first) => {
                for (offset, pending) in (first..).zip(&batch.items).filter(|(_, pending)| pending.open) {
                    cx.reply(pending.item.request, Reply::Ok(Ret::At { part, offset }));
                }
                let number = batch.first.filter(|first| first.epoch == lane.epoch);
                lane.acked = number.map_or(lane.acked, |first| lane.acked.max(first.sequence + batch.items.len() as u32));
                lane.flying.remove(at);
            }
            Err(refusal) => {
                _ = refusal.is_definite() && batch.refused.insert(attempt);
                // What leaves its fate open says more than what came after it.
                batch.why = batch.why.filter(|why| !why.is_definite()).or(Some(refusal));
                (batch.flies, batch.due) = (false, now + rest.unwrap_or_default());
                let is_newest = attempt == batch.sent;
                if rest.is_none() || is_newest && refusal.is_final() {
                    batch.items.iter_mut().for_each(|pending| pending.deadline = now);
                }
                // It is the next that the leader should take, and no try of any batch is under way that could still be appended under its
                // old number.
                let in_turn = batch.in_turn && batch.first.is_some_and(|first| first.sequence == lane.acked);
                let all_refused = lane.flying.iter().all(|batch| batch.refused.len() == batch.sent as usize);
                if is_newest && in_turn && all_refused && refusal == Refusal::OutOfOrder {
                    lane.renumber(now + rest.unwrap_or_default());
                }
            }
        }
        self.pump(cx);
    }

    /// The program is started again: its id is another, and what it was not told of it sends again. Nobody knows that it is the same.
    pub fn renew(&mut self, cx: &mut Context<'_>) {
        self.session += 1;
        cx.note(Note::Renewed { producer: self.id(cx.id()) });
        let now = cx.steady();
        for lane in self.lanes.values_mut() {
            let before = std::mem::take(lane);
            let flying = before.flying.into_iter().flat_map(|batch| batch.items).filter(|pending| pending.open);
            lane.waiting = flying.chain(before.waiting).map(|pending| Pending { since: now, ..pending }).collect();
        }
        self.pump(cx);
    }
}

/// When there is something to do next for a partition.
fn next_due(lane: &Lane, linger: crate::sim::time::Span, in_flight: usize) -> Option<Time> {
    let batches = lane.flying.iter().map(|batch| batch.due);
    let deadlines = lane.flying.iter().flat_map(|batch| &batch.items).chain(&lane.waiting).filter(|p| p.open).map(|p| p.deadline);
    let lingers = lane.waiting.front().filter(|_| !lane.has_gap && lane.flying.len() < in_flight).map(|first| first.since + linger);
    batches.chain(deadlines).chain(lingers).min()
}
