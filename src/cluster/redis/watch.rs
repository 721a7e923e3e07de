//! What facts and judges remember: whose writes were acknowledged, and which of them the master does not have.

use imbl::{OrdMap, OrdSet};

use crate::algo::redis::Argv;
use crate::cluster::kit::recent::Rate;
use crate::cluster::live::{self, Seen, Spread};
use crate::sim::history::Kind;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Trace;

use super::Redis;
use super::facts::{master, server};
use super::locks::Locks;
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
    pub stale_saves: usize,
    pub too_old: usize,
    /// The idle times of keys that were evicted, in milliseconds.
    pub idle_ms: u64,
}

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Counts over the run so far.
    pub counts: Counts,
    /// Requests that changed something and whose clients were told so.
    pub acked: OrdSet<RequestId>,
    /// Of these, those that the master does not have; as it was when a master was last up.
    pub lost: OrdSet<RequestId>,
    /// The most that were ever lost at once.
    pub most_lost: usize,
    /// Which master, and which life of it, `lost` was worked out for.
    looked_at: Option<(NodeId, u64)>,
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
    /// Numbers that `count` told, by key: how many, and the greatest.
    pub counted: OrdMap<crate::algo::redis::Text, (u64, i64)>,
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
                    self.locks.called(client, op);
                    self.open.insert(request, (now, op.clone()));
                }
                Kind::Ok(ret) => self.ok(client, request, ret, now, seen.sim),
                _ => _ = self.open.remove(&request),
            }
        }
        for entry in seen.trace {
            if let Trace::Note(_, note) = &entry.what {
                self.note(note, entry.at);
            }
        }
        self.look_again(seen.sim);
        if let Some(node) = seen.touched.and_then(|id| server(seen.sim, id)) {
            self.bytes_most = self.bytes_most.max(node.server.keys.bytes());
            self.work(node);
        }
    }
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
            let has = master(sim).is_none_or(|(_, node)| node.done.contains(&request));
            if !has {
                self.lost.insert(request);
                self.most_lost = self.most_lost.max(self.lost.len());
            }
            self.locks.told(client, &op, request, (called, now));
        }
        if let crate::algo::redis::Reply::Int(number) = &ret.reply {
            self.last_integer = Some(*number);
        }
        if let (Op::Count(key), crate::algo::redis::Reply::Int(number)) = (&op, &ret.reply) {
            let counted = self.counted.entry(key.clone()).or_default();
            *counted = (counted.0 + 1, counted.1.max(*number));
        }
    }

    /// Another master, or one that lost what it had: whose writes it has is worked out anew.
    fn look_again(&mut self, sim: &Sim<Redis>) {
        let Some((id, node)) = master(sim) else { return };
        if self.looked_at == Some((id, node.life)) {
            return;
        }
        self.looked_at = Some((id, node.life));
        self.lost = self.acked.iter().filter(|request| !node.done.contains(*request)).copied().collect();
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
            Note::Evicted { idle, .. } => {
                counts.idle_ms += idle;
                &mut counts.evicted
            }
            Note::Expired { .. } => &mut counts.expired,
            Note::Synced => &mut counts.fsyncs,
            Note::PutOff => &mut counts.put_off,
            Note::Saved { .. } => &mut counts.snapshots,
            Note::Rewritten => &mut counts.rewrites,
            Note::SendsAll { .. } => &mut counts.full_syncs,
            Note::Continues { .. } => &mut counts.partial_syncs,
            Note::Appoints { .. } => &mut counts.failovers,
            Note::Leads => &mut counts.promotions,
            Note::Suspects { .. } => &mut counts.suspicions,
            Note::Heard => &mut counts.heard,
            Note::TooOld { .. } => &mut counts.too_old,
            Note::Guarded { what, number, client, stale } => {
                if *stale {
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

    /// How many counts by two commands were lost: those told, less the greatest number that was told.
    pub fn lost_updates(&self) -> u64 {
        self.counted.values().map(|(count, greatest)| count.saturating_sub(u64::try_from(*greatest).unwrap_or(0))).sum()
    }
}
