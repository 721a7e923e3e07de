//! What a leader does for producers, followers and consumers.

use std::sync::Arc;

use crate::cluster::kit::fsync::{durably, recorded};
use crate::sim::id::NodeId;

use super::Context;
use super::broker::{Broker, Office, log};
use super::lead::{Reader, Waiter};
use super::log::Log;
use super::message::{Fetch, Msg, Produce, Refusal, Standing, Stretch};
use super::note::Note;
use super::record::{Body, Origin, Part, Record};
use super::settings::{Acks, Truncation};

/// The most records that a follower gets at once.
const STRETCH: usize = 100;

/// What a leader makes of a batch.
enum Take {
    /// It is new.
    New,
    /// It stands in the log already, from this offset on.
    Known(u64),
}

impl Broker {
    /// A producer sends a batch.
    pub(super) fn on_produce(&mut self, from: NodeId, batch: &Produce, cx: &mut Context<'_>) {
        let (part, call, attempt, acks) = (batch.part, batch.call, batch.attempt, cx.settings().acks);
        let taken = self.take(batch, cx);
        let first = match taken {
            Ok(Take::Known(first)) => {
                cx.note(Note::Known { part, count: batch.items.len() });
                Ok(first)
            }
            Ok(Take::New) => self.append(part, bodies(batch), cx),
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = first
            && refusal != Refusal::NotLeader
        {
            cx.note(Note::Refused { part, why: refusal.text() });
        }
        if first == Err(Refusal::NotLeader) {
            cx.send(from, Msg::Meta(self.meta.clone()));
        }
        match (first, acks) {
            (_, Acks::None) => {}
            (Err(refusal), _) => cx.send(from, Msg::Produced { call, attempt, part, answer: Err(refusal) }),
            (Ok(offset), Acks::Leader) => durably(from, Msg::Produced { call, attempt, part, answer: Ok(offset) }, cx),
            (Ok(first), Acks::All) => {
                let upto = first + batch.items.len() as u64;
                self.wait(part, upto, Waiter::Producer { client: from, call, attempt, first });
            }
        }
        self.advance(part, cx);
    }

    /// Whether a batch may be appended.
    fn take(&mut self, batch: &Produce, cx: &Context<'_>) -> Result<Take, Refusal> {
        let lead = self.lead(batch.part).ok_or(Refusal::NotLeader)?;
        if cx.settings().acks == Acks::All && lead.isr.len() < lead.least(cx.settings()) {
            return Err(Refusal::NotEnough);
        }
        if cx.settings().compaction && batch.items.iter().any(|item| item.key.is_none()) {
            return Err(Refusal::NoKey);
        }
        let Some(first) = batch.first else { return Ok(Take::New) };
        let own = log(batch.part, cx).ok_or(Refusal::NotLeader)?;
        in_turn(own, first, batch.items.len() as u32)
    }

    /// Appends records to a log that it leads: the offset of the first.
    pub(super) fn append(&mut self, part: Part, bodies: Vec<Body>, cx: &mut Context<'_>) -> Result<u64, Refusal> {
        let epoch = self.lead(part).ok_or(Refusal::NotLeader)?.epoch;
        let (at, count) = (cx.clock(), bodies.len());
        let written = cx.write(|disk| {
            let log = disk.log(part);
            let first = log.end;
            for body in bodies {
                log.append(log.end, Arc::new(Record { epoch, at, body }));
            }
            first
        });
        let Ok(first) = written else {
            cx.note(Note::Full);
            return Err(Refusal::Full);
        };
        recorded(cx);
        cx.note(Note::Appended { part, first, count });
        Ok(first)
    }

    /// Somebody waits until everything below an offset is committed.
    pub(super) fn wait(&mut self, part: Part, upto: u64, waiter: Waiter) {
        if let Some(lead) = self.lead(part) {
            lead.waiters.push_back((upto, waiter));
        }
    }

    /// More may be committed, or there may be more to send: moves the high-water mark and serves all that wait.
    pub(super) fn advance(&mut self, part: Part, cx: &mut Context<'_>) {
        let own = Broker::own_end(part, cx);
        let Some(lead) = self.lead(part) else { return };
        let enough = !part.is_topic() || lead.isr.len() >= lead.least(cx.settings());
        let committed = lead.committed(part, own, cx.settings());
        let known = log(part, cx).map_or(0, |log| log.high_water);
        if let Some(committed) = committed.filter(|committed| *committed > known)
            && cx.write(|disk| disk.log(part).high_water = committed).is_err()
        {
            return;
        }
        let high_water = log(part, cx).map_or(0, |log| log.high_water);
        let done = self.lead(part).map(|lead| lead.done(high_water)).unwrap_or_default();
        let answer = if enough { Ok(()) } else { Err(Refusal::NotEnoughAfter) };
        for waiter in done {
            self.committed(part, &waiter, answer, cx);
        }
        self.feed(part, cx);
    }

    fn committed(&mut self, part: Part, waiter: &Waiter, answer: Result<(), Refusal>, cx: &mut Context<'_>) {
        match (waiter, answer) {
            (Waiter::Member { group, marks, member, generation, .. }, Ok(())) => {
                self.coordinator.written(*group, (*member, *generation), marks, cx);
            }
            (Waiter::Generation { group, generation }, Ok(())) => self.begun(*group, *generation, cx),
            _ => {}
        }
        Broker::answer(part, waiter, answer, cx);
    }

    /// Answers somebody who waited.
    pub(super) fn answer(part: Part, waiter: &Waiter, answer: Result<(), Refusal>, cx: &mut Context<'_>) {
        match waiter {
            Waiter::Producer { client, call, attempt, first } => {
                cx.send(*client, Msg::Produced { call: *call, attempt: *attempt, part, answer: answer.map(|()| *first) });
            }
            Waiter::Member { member, call, .. } => {
                // A place that may not count is committed again.
                if answer.is_ok() {
                    cx.send(*member, Msg::Committed { call: *call, standing: Standing::Fine });
                }
            }
            Waiter::Generation { .. } => {}
        }
    }

    /// A follower asks for more.
    pub(super) fn on_fetch(&mut self, from: NodeId, fetch: Fetch, cx: &mut Context<'_>) {
        let (part, now, trusts) = (fetch.part, cx.clock(), cx.settings().truncation == Truncation::HighWater);
        let Some(own) = log(part, cx) else { return };
        let (start, end, high_water, last) = (own.start, own.end, own.high_water, own.end_of(fetch.last_epoch));
        let Some(lead) = self.lead(part).filter(|lead| lead.epoch == fetch.epoch) else { return };
        let epoch = lead.epoch;
        if fetch.offset < start {
            return cx.send(from, Msg::Behind { part, epoch, offset: fetch.offset, start });
        }
        // Whoever has no record yet has none that is not common.
        let is_common = (last.0 == fetch.last_epoch && fetch.offset <= last.1) || (fetch.last_epoch == 0 && fetch.offset <= end);
        if !(is_common || trusts && fetch.offset <= end) {
            return cx.send(from, Msg::Diverged { part, epoch, asked: (fetch.offset, fetch.last_epoch), last });
        }
        lead.asked(from, fetch, end, now);
        if lead.may_join(from, high_water) {
            let isr: Vec<NodeId> = lead.isr.iter().copied().chain([from]).collect();
            self.wish(part, &isr, cx);
        }
        self.advance(part, cx);
    }

    /// A consumer asks for records.
    pub(super) fn on_read(
        &mut self,
        from: NodeId,
        (part, offset, most): (Part, Option<u64>, u32),
        after: Option<(u32, u64)>,
        cx: &mut Context<'_>,
    ) {
        let (start, high_water, end) = log(part, cx).map_or((0, 0, 0), |log| (log.start, log.high_water, log.end));
        let parts = |(epoch, next): (u32, u64)| log(part, cx).map(|log| log.end_of(epoch).1).filter(|common| *common < next);
        let parted = after.and_then(parts).zip(offset);
        let meta = self.meta.clone();
        let Some(lead) = self.lead(part) else { return cx.send(from, Msg::Meta(meta)) };
        if let Some((common, offset)) = parted {
            return cx.send(from, Msg::Parted { part, offset, to: common.max(start) });
        }
        match offset.filter(|offset| (start..=end).contains(offset)) {
            None => cx.send(from, Msg::OutOfRange { part, offset, start, high_water }),
            Some(offset) => {
                lead.readers.retain(|reader| reader.consumer != from);
                lead.readers.push(Reader { consumer: from, offset, most });
                self.feed(part, cx);
            }
        }
    }

    /// Sends what there is to those that wait for it.
    fn feed(&mut self, part: Part, cx: &mut Context<'_>) {
        let Some(Office::Leader(lead)) = self.offices.get_mut(&part) else { return };
        let Some(own) = cx.disk().logs.get(&part) else { return };
        let mut out = Vec::new();
        for (id, progress) in &mut lead.followers {
            let has_news = |fetch: &Fetch| fetch.offset < own.end || fetch.high_water < own.high_water.min(fetch.offset);
            if let Some(fetch) = progress.parked.take_if(|fetch| has_news(fetch)) {
                let stretch = stretch(part, own, fetch.offset, own.end, STRETCH);
                out.push((*id, Msg::Fetched { epoch: lead.epoch, stretch }));
            }
        }
        lead.readers.retain(|reader| {
            let more = reader.offset < own.high_water;
            if more {
                let stretch = stretch(part, own, reader.offset, own.high_water, reader.most as usize);
                out.push((reader.consumer, Msg::Records(stretch)));
            }
            !more
        });
        for (to, msg) in out {
            cx.send(to, msg);
        }
    }
}

/// The records from an offset on, below an end, at most so many.
fn stretch(part: Part, log: &Log, offset: u64, end: u64, most: usize) -> Stretch {
    let mut all = log.from(offset).take_while(|(at, _)| *at < end);
    let records: Vec<_> = all.by_ref().take(most).collect();
    // What was cleaned away after the last record is passed over.
    let next = all.next().map_or(end, |(at, _)| at);
    Stretch { part, offset, records, next, high_water: log.high_water }
}

/// Whether a batch of an idempotent producer is the next (KIP-98). One that the log knows nothing of begins anywhere (KIP-360): its
/// records were deleted, or never came here. A batch that is there already has the offset that it had, deleted since or not.
fn in_turn(log: &Log, first: Origin, count: u32) -> Result<Take, Refusal> {
    let Some(newest) = log.newest(first.producer) else { return Ok(Take::New) };
    let due = match newest.epoch {
        epoch if first.epoch < epoch => return Err(Refusal::Fenced),
        epoch if first.epoch == epoch => newest.sequence() + 1,
        _ => 0,
    };
    if first.sequence == due {
        return Ok(Take::New);
    }
    let known = Some(first.sequence).filter(|first| first + count <= due).and_then(|sequence| newest.offset_of(sequence));
    known.or_else(|| log.find(first)).map(Take::Known).ok_or(Refusal::OutOfOrder)
}

fn bodies(batch: &Produce) -> Vec<Body> {
    let origin = |n: usize| batch.first.map(|first| Origin { sequence: first.sequence + n as u32, ..first });
    let body = |(n, item): (usize, &super::message::Item)| Body::Sent {
        request: item.request,
        key: item.key.clone(),
        value: item.value.clone(),
        origin: origin(n),
    };
    batch.items.iter().enumerate().map(body).collect()
}
