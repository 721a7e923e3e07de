//! What the facts and the judges remember: what became of each record, by the request that sent it.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::operation::Key;
use crate::cluster::live;
use crate::cluster::live::Seen;
use crate::packs;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::request_set::RequestSet;
use crate::sim::table::Table;
use crate::sim::time::Time;

use super::CommitLog;
use super::groups::Tally;
use super::log::{Log, place};
use super::look::{leader, log, topic};
use super::message::{Op, Ret};
use super::note::Note;
use super::record::{Group, Part};

/// A record as it was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// By whom.
    pub client: NodeId,
    /// Its key.
    pub key: Option<Key>,
}

packs!(struct Sent { client, key });

/// What was seen in the log of a partition that counts: its leader's.
#[derive(Clone, Debug, Default)]
pub struct Mirror {
    /// The leader's epoch.
    epoch: u32,
    /// Up to where it was looked at.
    end: u64,
    /// Where each request stands first.
    pub seen: Table<u64>,
    /// The request at each offset.
    pub places: Table<RequestId>,
    /// The newest request of each client.
    newest: OrdMap<NodeId, RequestId>,
    /// Records that stand there a second time.
    pub duplicates: OrdSet<u64>,
    /// Records that stand behind a later one of their sender: each with that one.
    pub reordered: OrdMap<RequestId, RequestId>,
    /// Those that were acknowledged.
    acked: RequestSet,
    /// Those that a consumer has read.
    read: RequestSet,
}

/// Counts that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records whose clients were told that they are written.
    pub acked: usize,
    /// Elections, and those of replicas that were not in sync.
    pub elections: usize,
    /// The same of replicas that were not in sync.
    pub unclean: usize,
    /// How often an in-sync set became smaller.
    pub shrinks: usize,
    /// How often one became greater.
    pub expands: usize,
    /// Offsets that followers cut off.
    pub truncated: u64,
    /// Offsets that leaders deleted because they were old.
    pub deleted: u64,
    /// Records that leaders' cleaners took out.
    pub compacted: u64,
    /// Batches that a leader had already.
    pub known: usize,
    /// Batches that a leader refused.
    pub refusals: usize,
    /// Places that a coordinator refused.
    pub stale: usize,
}

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Every record that was sent.
    pub sent: Table<Sent>,
    /// By partition.
    pub parts: BTreeMap<Part, Mirror>,
    /// By group.
    pub groups: BTreeMap<Group, Tally>,
    /// Acknowledged records that are not in the log that counts.
    pub lost: OrdSet<RequestId>,
    /// Records that a consumer has read and that are not in the log that counts.
    pub vanished: OrdSet<RequestId>,
    /// Counts.
    pub counts: Counts,
    /// Acknowledged, and not looked for yet.
    fresh: OrdSet<(Part, RequestId)>,
    /// Sent without waiting, and not seen in a log yet.
    loose: OrdSet<RequestId>,
}

impl Mirror {
    /// The requests at these offsets.
    pub(super) fn within(&self, offsets: Range<u64>) -> impl Iterator<Item = RequestId> {
        let end = place(offsets.end);
        self.places.from(place(offsets.start)).take_while(move |(at, _)| *at < end).map(|(_, request)| request)
    }

    fn take(&mut self, offset: u64, request: RequestId, client: NodeId) {
        self.places.insert(place(offset), request);
        if self.seen.contains(request.0) {
            self.duplicates.insert(offset);
            return;
        }
        self.seen.insert(request.0, offset);
        match self.newest.get(&client) {
            Some(newest) if *newest > request => _ = self.reordered.insert(request, *newest),
            _ => _ = self.newest.insert(client, request),
        }
    }

    /// Looks at what the log has beyond what was seen; under a new leader at all of it, with what was deleted before.
    fn follow(&mut self, epoch: u32, log: &Log, sent: &Table<Sent>) {
        let mut new: Vec<(u64, RequestId)> = Vec::new();
        if epoch != self.epoch {
            let gone = log.start.max(log.cleaned);
            let before = std::mem::take(&mut self.places);
            let of_before = before.iter().map(|(offset, request)| (u64::from(offset), request));
            new.extend(of_before.filter(|(offset, _)| *offset < gone && log.get(*offset).is_none()));
            let (acked, read) = (std::mem::take(&mut self.acked), std::mem::take(&mut self.read));
            *self = Mirror { epoch, acked, read, ..Mirror::default() };
        }
        new.extend(log.from(self.end).filter_map(|(offset, record)| Some((offset, record.request()?))));
        new.sort_unstable();
        for (offset, request) in new {
            self.take_of(offset, request, sent);
        }
        self.end = log.end;
    }

    fn take_of(&mut self, offset: u64, request: RequestId, sent: &Table<Sent>) {
        if let Some(sent) = sent.get(request.0) {
            self.take(offset, request, sent.client);
        }
    }
}

impl Watch {
    /// A client asked, or was told.
    pub fn record(&mut self, record: &Record<Op, Ret>) {
        match &record.kind {
            Kind::Invoke(op) => _ = self.sent.insert(record.request.0, Sent { client: record.client, key: op.key.clone() }),
            Kind::Ok(Ret::At { part, .. }) => {
                self.counts.acked += 1;
                self.fresh.insert((*part, record.request));
            }
            Kind::Ok(Ret::Sent) => {
                self.counts.acked += 1;
                self.loose.insert(record.request);
            }
            Kind::Refused(_) | Kind::Failed(_) | Kind::Unknown(_) => {}
        }
    }

    /// A node noted something.
    pub fn see(&mut self, (who, at): (NodeId, Time), note: &Note, sim: &Sim<CommitLog>) {
        let counts = &mut self.counts;
        match note {
            Note::Elected { part, clean, .. } if part.is_topic() => {
                counts.elections += 1;
                counts.unclean += usize::from(!clean);
            }
            Note::InSync { part, grew, .. } if part.is_topic() => {
                counts.expands += usize::from(*grew);
                counts.shrinks += usize::from(!grew);
            }
            Note::Truncated { part, gone, .. } if part.is_topic() => counts.truncated += gone,
            Note::Known { .. } => counts.known += 1,
            Note::Refused { .. } => counts.refusals += 1,
            Note::Stale { .. } => counts.stale += 1,
            Note::Deleted { part, from, to } if leads(sim, who, *part) => {
                counts.deleted += to - from;
                let mirror = self.parts.entry(*part).or_default();
                self.groups.values_mut().for_each(|tally| tally.deleted(*part, (*from, *to), mirror));
            }
            Note::Compacted { part, gone } if part.is_topic() && leads(sim, who, *part) => counts.compacted += *gone as u64,
            Note::Read { part, records, .. } => {
                let mirror = self.parts.entry(*part).or_default();
                mirror.read.extend(records.iter().map(|(_, request)| *request));
            }
            _ => {}
        }
        if let Some(group) = note.group() {
            self.groups.entry(group).or_default().see(at, note, (&self.parts, &self.sent));
        }
    }

    /// An event is over, which may have changed this node, or any: where is what was promised to be kept?
    pub fn settle(&mut self, sim: &Sim<CommitLog>, touched: Option<NodeId>) {
        for part in topic(sim) {
            let Some((id, lead)) = leader(sim, part) else { continue };
            let mirror = self.parts.entry(part).or_default();
            let is_new = mirror.epoch != lead.epoch;
            if !is_new && touched.is_some_and(|touched| touched != id) {
                continue;
            }
            let Some(log) = log(sim, id, part) else { continue };
            mirror.follow(lead.epoch, log, &self.sent);
            if is_new {
                let Mirror { seen, acked, read, .. } = &*mirror;
                recount(&mut self.lost, acked, seen);
                recount(&mut self.vanished, read, seen);
            }
        }
        self.place_fresh(sim);
        self.place_loose(sim);
        for (group, tally) in &mut self.groups {
            tally.settle(sim, *group, |request| self.parts.values().any(|mirror| mirror.acked.contains(request)));
        }
    }

    /// What was acknowledged now: is it in the log that counts?
    fn place_fresh(&mut self, sim: &Sim<CommitLog>) {
        for (part, request) in self.fresh.clone() {
            if leader(sim, part).is_none() {
                continue;
            }
            self.fresh.remove(&(part, request));
            let mirror = self.parts.entry(part).or_default();
            mirror.acked.insert(request);
            if !mirror.seen.contains(request.0) {
                self.lost.insert(request);
            }
        }
    }

    /// What was sent without waiting: is it in a log, on its way, or lost?
    fn place_loose(&mut self, sim: &Sim<CommitLog>) {
        for request in self.loose.clone() {
            if let Some(mirror) = self.parts.values_mut().find(|mirror| mirror.seen.contains(request.0)) {
                mirror.acked.insert(request);
            } else if is_on_its_way(sim, request) {
                continue;
            } else {
                self.lost.insert(request);
            }
            self.loose.remove(&request);
        }
    }
}

/// Of these records, those that the log does not have.
fn recount(missing: &mut OrdSet<RequestId>, of: &RequestSet, seen: &Table<u64>) {
    for request in of.iter() {
        if seen.contains(request.0) {
            missing.remove(&request);
        } else {
            missing.insert(request);
        }
    }
}

fn leads(sim: &Sim<CommitLog>, id: NodeId, part: Part) -> bool {
    leader(sim, part).is_some_and(|(leader, _)| leader == id)
}

fn is_on_its_way(sim: &Sim<CommitLog>, request: RequestId) -> bool {
    let waits = |id: NodeId| sim.node(id).inbox().any(|msg| msg.carries(request));
    sim.flights().any(|flight| flight.msg.carries(request)) || sim.settings().roster().brokers().any(waits)
}

impl live::Watch<CommitLog> for Watch {
    fn follow(&mut self, seen: &Seen<'_, CommitLog>) {
        for record in seen.records {
            self.record(record);
        }
        let mut has_news = false;
        for entry in seen.trace {
            if let crate::sim::trace::Trace::Note(who, note) = &entry.what {
                self.see((*who, entry.at), note, seen.sim);
                has_news = true;
            }
        }
        // What nobody notes changes no log and no group.
        let quiet = seen.touched.is_some() && !has_news && self.fresh.is_empty() && self.loose.is_empty();
        if !quiet || self.groups.values().any(Tally::is_open) {
            self.settle(seen.sim, seen.touched);
        }
    }
}
