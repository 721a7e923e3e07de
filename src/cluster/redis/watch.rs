//! What facts and judges remember: whose writes were acknowledged, and which of them the master does not have.

use crate::algo::redis::{Argv, keys_of};
use crate::cluster::kit::recent::Rate;
use crate::cluster::live::{self, Seen, Spread};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::Kind;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::request_set::RequestSet;
use crate::sim::table::Table;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Trace;

use super::Redis;
use super::facts::{master, ranges, server};
use super::locks::{Asked, Locks};
use super::message::{Op, Ret};
use super::note::Note;

/// Counts that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub evicted: usize,
    pub expired: usize,
    pub fsyncs: usize,
    pub put_off: usize,
    pub snapshots: usize,
    pub rewrites: usize,
    pub full_syncs: usize,
    pub partial_syncs: usize,
    pub failovers: usize,
    pub promotions: usize,
    pub suspicions: usize,
    pub heard: usize,
    pub guarded: usize,
    pub slots_moved: usize,
    pub keys_moved: usize,
    pub moved: usize,
    pub asked: usize,
    pub votes: usize,
    pub refused_down: usize,
    pub crossslot: usize,
    pub tryagain: usize,
    pub unfollowed: usize,
    pub stale_saves: usize,
    pub too_old: usize,
    /// The idle times of keys that were evicted, in milliseconds.
    pub idle_ms: u64,
    /// Of a million other keys, how many were used later than those that were evicted: the sum.
    pub ranks: usize,
}

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Counts over the run so far.
    pub counts: Counts,
    /// Requests that changed something and whose clients were told so.
    pub acked: RequestSet,
    /// Of these, those that the master does not have; as it was when a master was last up.
    pub lost: RequestSet,
    /// The most that were ever lost at once.
    pub most_lost: usize,
    /// Which master, and which life of it, `lost` was worked out for; in a cluster with the first and the last slot of each range.
    looked_at: Vec<(u16, u16, NodeId, u64)>,
    /// In a cluster: who has which slots.
    pub ranges: Vec<(u16, u16, NodeId)>,
    /// In a cluster: the slot of each request that was acknowledged.
    slots: Table<u16>,
    /// Whether another led, or a leader began anew, after a write was acknowledged.
    pub was_risky: bool,
    /// What a lock guards: the greatest number of each thing, and who came with it first.
    guarded: OrdMap<crate::algo::redis::Text, (i64, NodeId)>,
    /// How often somebody came with a number that another had come with, or with a lower one.
    pub late: usize,
    /// Requests that are open.
    open: OrdMap<RequestId, (Time, Op)>,
    /// Who holds which lock.
    pub locks: Locks,
    /// How long commands took, from the call to the answer.
    pub took: Spread,
    /// The longest of them.
    pub longest_wait: Span,
    /// The longest work on one command, and which it was.
    pub slowest: Option<(Argv, Span)>,
    /// Answers of late.
    pub answers: Rate,
    /// Numbers that `count` told of each key, since something else changed it.
    counted: OrdMap<crate::algo::redis::Text, OrdSet<i64>>,
    /// How many counts were lost.
    pub lost_updates: usize,
    /// The last whole number that a client was answered.
    pub last_integer: Option<i64>,
    /// The first stale write to what a lock guards.
    pub unfenced: Option<String>,
    /// The most bytes that the keys of any server took.
    pub bytes_most: u64,
}

impl live::Watch<Redis> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Redis>) {
        for record in seen.records {
            let (request, client, now) = (record.request, record.client, record.time);
            match &record.kind {
                Kind::Invoke(op) => {
                    self.locks.called(client, request, op, now);
                    self.open.insert(request, (now, op.clone()));
                }
                Kind::Ok(ret) => self.ok(client, request, ret, now, seen.sim),
                Kind::Refused(cause) => {
                    self.refused(&cause.to_string());
                    if let Some((_, op)) = self.open.remove(&request) {
                        self.locks.refused(client, request, &op);
                    }
                }
                Kind::Failed(_) | Kind::Unknown(_) => {
                    self.open.remove(&request);
                    self.locks.unknown(client, request);
                }
            }
        }
        for entry in seen.trace {
            if let Trace::Note(_, note) = &entry.what {
                self.note(note, entry.at);
            }
        }
        // Who leads changes with an event at a server.
        if seen.touched.is_none_or(|id| !id.is_client()) {
            self.look_again(seen.sim);
        }
        if let Some(node) = seen.touched.and_then(|id| server(seen.sim, id)) {
            self.bytes_most = self.bytes_most.max(node.server.keys.bytes());
            self.work(node);
        }
    }
}

/// Who has which slots, and where slots are on their way to: a write that came by ASK is there already.
fn holders(ranges: &[(u16, u16, NodeId)], sim: &Sim<Redis>) -> Vec<(u16, u16, NodeId)> {
    let mut all = ranges.to_vec();
    let owners: OrdSet<NodeId> = all.iter().map(|(.., id)| *id).collect();
    let buses = owners.iter().filter_map(|id| server(sim, *id)?.bus.as_ref());
    all.extend(buses.flat_map(|bus| bus.conf.migrating.iter().map(|(slot, to)| (*slot, *slot, *to))));
    all
}

impl Watch {
    fn ok(&mut self, client: NodeId, request: RequestId, ret: &Ret, now: Time, sim: &Sim<Redis>) {
        let Some((called, op)) = self.open.remove(&request) else { return };
        let took = now.since(called);
        self.took.add(took);
        self.longest_wait = self.longest_wait.max(took);
        self.answers.add(now);
        if ret.changed {
            self.acked.insert(request);
            if let Some(slot) = ret.slot {
                self.slots.insert(request.0, slot);
            }
            let leads = if sim.settings().is_cluster() { holders(&ranges(sim), sim) } else { Vec::new() };
            if !self.is_kept(request, &leads, sim) {
                self.lost.insert(request);
                self.most_lost = self.most_lost.max(self.lost.len());
            }
        }
        self.locks.told(Asked { client, request, called, now }, &op, &ret.reply);
        if let crate::algo::redis::Reply::Int(number) = &ret.reply {
            self.last_integer = Some(*number);
        }
        self.count(&op, ret);
    }

    /// A number that two are told by `count` is one count for two.
    fn count(&mut self, op: &Op, ret: &Ret) {
        match (op, &ret.reply) {
            (Op::Count(key), crate::algo::redis::Reply::Int(number)) => {
                let is_new = self.counted.entry(key.clone()).or_default().insert(*number);
                self.lost_updates += usize::from(!is_new);
            }
            (Op::Command(argv), _) if ret.changed => keys_of(argv).for_each(|key| _ = self.counted.remove(key)),
            _ => {}
        }
    }

    /// A command was refused.
    fn refused(&mut self, cause: &str) {
        let counts = &mut self.counts;
        let count = match cause.split(' ').next() {
            Some("CLUSTERDOWN") => &mut counts.refused_down,
            Some("CROSSSLOT") => &mut counts.crossslot,
            Some("TRYAGAIN") => &mut counts.tryagain,
            Some("MOVED" | "ASK") => &mut counts.unfollowed,
            _ => return,
        };
        *count += 1;
    }

    /// Whether whoever leads now has a write; while nobody does, it is as it was. `leads`: in a cluster who has which slots.
    fn is_kept(&self, request: RequestId, leads: &[(u16, u16, NodeId)], sim: &Sim<Redis>) -> bool {
        let nodes: Vec<&super::node::Node> = if sim.settings().is_cluster() {
            let slot = self.slots.get(request.0);
            let of_slot = |(start, end, _): &&(u16, u16, NodeId)| slot.is_some_and(|slot| (*start..=*end).contains(&slot));
            leads.iter().filter(of_slot).filter_map(|(.., id)| server(sim, *id)).collect()
        } else {
            master(sim).map(|(_, node)| node).into_iter().collect()
        };
        if nodes.is_empty() { !self.lost.contains(request) } else { nodes.iter().any(|node| node.done.contains(request)) }
    }

    /// Another master, or one that lost what it had: whose writes it has is worked out anew.
    fn look_again(&mut self, sim: &Sim<Redis>) {
        if sim.settings().is_cluster() {
            self.ranges = ranges(sim);
        }
        let with_life = |(start, end, id): &(u16, u16, NodeId)| Some((*start, *end, *id, server(sim, *id)?.life));
        let all = if sim.settings().is_cluster() { holders(&self.ranges, sim) } else { Vec::new() };
        let leads: Vec<_> = if sim.settings().is_cluster() {
            all.iter().filter_map(with_life).collect()
        } else {
            master(sim).map(|(id, node)| (0, 0, id, node.life)).into_iter().collect()
        };
        if leads.is_empty() || self.looked_at == leads {
            return;
        }
        // Whoever leads now is another, or has lost what it had: that could have taken a write, or a lock.
        self.was_risky |= !self.looked_at.is_empty() && !self.acked.is_empty();
        self.looked_at = leads;
        self.lost = self.acked.iter().filter(|request| !self.is_kept(*request, &all, sim)).collect();
        self.most_lost = self.most_lost.max(self.lost.len());
    }

    fn work(&mut self, node: &super::node::Node) {
        let Some((argv, takes)) = node.turn.as_ref().and_then(|turn| turn.slowest.as_ref()) else { return };
        if self.slowest.as_ref().is_none_or(|(_, known)| takes > known) {
            self.slowest = Some((argv.clone(), *takes));
        }
    }

    fn note(&mut self, note: &Note, at: Time) {
        let counts = &mut self.counts;
        let count = match note {
            Note::Evicted { idle, rank, .. } => {
                counts.idle_ms += idle;
                counts.ranks += rank;
                &mut counts.evicted
            }
            Note::Expired { .. } => &mut counts.expired,
            Note::Synced => &mut counts.fsyncs,
            Note::PutOff => &mut counts.put_off,
            Note::Saved { .. } => &mut counts.snapshots,
            Note::Rewritten => &mut counts.rewrites,
            Note::SendsAll { .. } => &mut counts.full_syncs,
            Note::Continues { .. } => &mut counts.partial_syncs,
            Note::Appoints { .. } | Note::Wins { .. } => &mut counts.failovers,
            Note::Leads => &mut counts.promotions,
            Note::Suspects { .. } | Note::Fails { .. } => &mut counts.suspicions,
            Note::Heard => &mut counts.heard,
            Note::SlotArrives { .. } => &mut counts.slots_moved,
            Note::TakesKey { .. } => &mut counts.keys_moved,
            Note::Redirected { asks: false, .. } => &mut counts.moved,
            Note::Redirected { asks: true, .. } => &mut counts.asked,
            Note::Votes { .. } => &mut counts.votes,
            Note::TooOld { .. } => {
                self.late += 1;
                &mut counts.too_old
            }
            Note::Guarded { what, number, client, .. } => {
                let before = self.guarded.get(what).copied();
                let is_stale = before.is_some_and(|(highest, whose)| *number < highest || (*number == highest && whose != *client));
                if before.is_none_or(|(highest, _)| *number > highest) {
                    self.guarded.insert(what.clone(), (*number, *client));
                }
                self.late += usize::from(before.is_some_and(|(highest, whose)| *number < highest || whose != *client));
                if is_stale {
                    counts.stale_saves += 1;
                    let text = format!(
                        "At {:.3} s {client} wrote `{what}` with the number {number}, though somebody had come with that or more.",
                        at.as_secs()
                    );
                    self.unfenced.get_or_insert(text);
                }
                &mut counts.guarded
            }
            _ => return,
        };
        *count += 1;
    }
}
