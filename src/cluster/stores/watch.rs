//! What facts and judges remember: the tries of asks, and who read and wrote which versions.

use std::sync::Arc;

use imbl::Vector;

use crate::algo::mvcc::Version;
use crate::check::isolation::{History, Phenomenon};
use crate::cluster::live::{self, Seen};
use crate::persistent::keep;
use crate::persistent::{Few, OrdMap, OrdSet};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::Time;
use crate::sim::trace::Trace;

use super::message::{Op, Tx};
use super::note::Note;
use super::script::DONE_BEFORE;
use super::shop::{SUM, Shop, Table};
use super::tested::Tested;
use super::unit::{Place, StepState, Unit};
use super::{Stores, place, state};

/// So many tries that are over are remembered at least.
const KEPT: usize = 150;
/// After so many more, the oldest are forgotten.
const MORE: usize = 50;

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Each shop by itself.
    pub tables: Half,
    /// The other.
    pub documents: Half,
    begun: bool,
}

/// What is remembered of one shop.
#[derive(Clone, Debug, Default)]
pub struct Half {
    /// The tries, the newest last in order of their beginning.
    pub units: OrdMap<Tx, Arc<Unit>>,
    order: Vector<Tx>,
    /// With so many tries the oldest are forgotten.
    full_at: usize,
    /// What the asks so far are about.
    pub concerned: OrdSet<Table>,
    /// The newest try.
    pub newest: Option<Tx>,
    /// Who read and wrote which versions.
    pub history: History<Place, Tx>,
    /// Counts commits and decisions: the time by which versions live.
    pub(super) ticks: u64,
    /// When versions came to be.
    pub(super) births: OrdMap<(Place, Version<Tx>), u64>,
    /// When a commit over several shards was decided.
    pub(super) decided: OrdMap<Tx, u64>,
    /// How often asks took effect.
    pub(super) effects: crate::sim::table::Table<u32>,
    /// Of forgotten tries whose users were told that they are done: what they wrote, and the entry of the log that has it.
    pub(super) settled: OrdMap<Tx, Arc<[(Place, u64)]>>,
    /// Tries that were told that an earlier one had done it, where that is not known yet.
    pub(super) claims: Vector<Tx>,
    /// The kinds of anomalies that were found so far.
    pub(super) anomalies: OrdSet<Phenomenon>,
    /// What has happened that could have broken a promise.
    pub tested: Tested,
    /// Counts.
    pub counts: Counts,
    /// What the last audit said.
    pub audited: Option<i64>,
    /// The first broken promises.
    pub broken: Broken,
    /// Whether what the shop holds, or who is at work on it, changed at this event.
    pub(super) is_news: bool,
}

/// Counts that only grow.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Statements that were sent.
    pub statements: usize,
    /// Times that the application waited for a server.
    pub trips: usize,
    /// Rows or documents that were looked at.
    pub looked: usize,
    /// Transactions that were committed and had changed something.
    pub commits: usize,
    /// Transactions, or statements by themselves, that were aborted by a server.
    pub aborts: usize,
    /// Of these: somebody else had changed the row.
    pub changed: usize,
    /// Of these: a deadlock.
    pub deadlocks: usize,
    /// Of these: no serial order.
    pub no_order: usize,
    /// Statements that had to wait.
    pub waits: usize,
    /// Reads of what was not committed.
    pub dirty: usize,
    /// Asks that are done in part, and will stay so.
    pub half: usize,
    /// Asks that took effect more than once.
    pub twice: usize,
    /// Acknowledged asks whose effect was lost.
    pub lost: usize,
    /// Audits.
    pub audits: usize,
}

/// The first that broke each promise, in a sentence.
#[derive(Clone, Debug, Default)]
pub struct Broken {
    /// An ask that is done in part.
    pub atomic: Option<String>,
    /// The sum, with nothing under way.
    pub sum: Option<String>,
    /// An audit that saw another sum.
    pub seen: Option<String>,
    /// A read of what was not committed.
    pub dirty: Option<String>,
    /// Nobody on duty.
    pub duty: Option<String>,
    /// More sold than there was.
    pub stock: Option<String>,
    /// Copies that differ, with nothing under way.
    pub copies: Option<String>,
    /// An acknowledged effect that is lost.
    pub lost: Option<String>,
    /// An effect that came twice.
    pub twice: Option<String>,
    /// A read of more than one moment.
    pub torn: Option<String>,
    /// A change that was overwritten unseen.
    pub overwritten: Option<String>,
    /// What no order explains.
    pub order: Option<String>,
}

impl live::Watch<Stores> for Watch {
    const WAYS: u64 = 320 << 10;

    fn follow(&mut self, seen: &Seen<'_, Stores>) {
        if !self.begun {
            self.begin(seen.sim);
        }
        for entry in seen.trace {
            if let Trace::Note(who, note) = &entry.what {
                self.note(*who, note, entry.at, seen.sim);
            }
        }
        for shop in Shop::ALL {
            let half = self.half_mut(shop);
            half.end_with(seen.ended);
            if std::mem::take(&mut half.is_news) {
                half.look(shop, seen.sim);
            }
        }
    }
}

impl Watch {
    /// What is remembered of a shop.
    pub fn half(&self, shop: Shop) -> &Half {
        match shop {
            Shop::Tables => &self.tables,
            Shop::Documents => &self.documents,
        }
    }

    fn half_mut(&mut self, shop: Shop) -> &mut Half {
        match shop {
            Shop::Tables => &mut self.tables,
            Shop::Documents => &mut self.documents,
        }
    }

    fn begin(&mut self, sim: &Sim<Stores>) {
        self.begun = true;
        for id in sim.server_ids() {
            let (shop, _) = place(id, sim.settings());
            let Some(Stores::Server(server)) = sim.node(id).state() else { continue };
            let history = &mut self.half_mut(shop).history;
            server.rows.committed().for_each(|(row, _)| history.install((id, row.clone()), Version::START));
        }
    }

    fn note(&mut self, who: NodeId, note: &Note, now: Time, sim: &Sim<Stores>) {
        match note {
            Note::Began { unit, request, op, shop, transaction } => {
                let half = self.half_mut(*shop);
                half.begins(*unit, Unit::new(*request, op.clone(), *shop, *transaction, now));
                half.make_room(*shop, sim);
            }
            Note::Again { unit } => {
                let tries = Shop::ALL.into_iter().filter(|shop| self.half(*shop).units.contains_key(unit));
                tries.collect::<Vec<_>>().into_iter().for_each(|shop| self.half_mut(shop).tested.once = true);
            }
            Note::Sends { unit, server, statement, last } => {
                let (shop, _) = place(*server, sim.settings());
                self.half_mut(shop).sends(*unit, |unit| unit.sends(*server, statement.text(shop), *last));
            }
            Note::Heard { unit, .. } | Note::Frames { unit, .. } | Note::Ended { unit, .. } => {
                let shops = Shop::ALL.into_iter().filter(|shop| self.half(*shop).units.contains_key(unit));
                if let Some(shop) = shops.into_iter().next() {
                    self.half_mut(shop).client_notes(*unit, note, now);
                }
            }
            _ if who.is_client() => {}
            _ => {
                let (shop, _) = place(who, sim.settings());
                self.half_mut(shop).server_notes(who, note);
            }
        }
    }
}

/// What the application says.
impl Half {
    fn begins(&mut self, tx: Tx, unit: Unit) {
        self.concerned.extend(unit.op.tables().iter().copied());
        self.units.insert(tx, Arc::new(unit));
        self.order.push_back(tx);
        self.newest = Some(tx);
    }

    /// Forgets the oldest tries that are over, once they are many. What they have broken is remembered.
    fn make_room(&mut self, shop: Shop, sim: &Sim<Stores>) {
        if self.order.len() < self.full_at.max(KEPT + MORE) {
            return;
        }
        self.remember_anomalies();
        let is_over = |tx: &Tx| !self.units.get(tx).is_some_and(|unit| unit.is_under_way()) && !state::is_awaited(sim, shop, Some(*tx));
        let over: OrdSet<Tx> = self.order.iter().copied().filter(is_over).take(self.order.len() - KEPT).collect();
        over.iter().for_each(|tx| self.forget(*tx));
        keep(&mut self.order, |tx| !over.contains(tx));
        self.full_at = self.order.len() + MORE;
    }

    fn forget(&mut self, tx: Tx) {
        if let Some(unit) = self.units.remove(&tx)
            && unit.is_promised()
            && !unit.is_lost
            && !unit.installed.is_empty()
        {
            self.settled.insert(tx, unit.installed.iter().map(|(place, _, entry)| (place.clone(), *entry)).collect());
        }
        self.history.forget(tx);
        self.decided.remove(&tx);
        let births: Vec<_> = self.births.keys().filter(|(_, version)| version.writer == Some(tx)).cloned().collect();
        for birth in births {
            self.births.remove(&birth);
        }
    }

    fn sends(&mut self, tx: Tx, change: impl FnOnce(&mut Unit)) {
        self.counts.statements += 1;
        self.counts.trips += 1;
        if let Some(unit) = self.units.get_mut(&tx).map(Arc::make_mut) {
            change(unit);
        }
    }

    fn client_notes(&mut self, tx: Tx, note: &Note, now: Time) {
        let Some(unit) = self.units.get_mut(&tx).map(Arc::make_mut) else { return };
        match note {
            Note::Heard { rows, looked, changed, .. } => {
                unit.looked += *looked as usize;
                unit.changed += *changed as usize;
                self.counts.looked += *looked as usize;
                let value = if *changed > 0 { format!("{changed} changed") } else { format!("{rows} of {looked}") };
                unit.heard(StepState::Done, value);
            }
            Note::Frames { commit, .. } => {
                self.counts.trips += usize::from(*commit);
                unit.frames(*commit);
            }
            Note::Ended { end, good, .. } => {
                unit.heard(if *good { StepState::Done } else { StepState::Failed }, if *good { String::new() } else { end.to_string() });
                self.is_news = true;
                unit.ended = Some((end.clone(), *good));
                unit.took = Some(now.since(unit.began));
                self.ends(tx, end, *good);
            }
            _ => {}
        }
    }

    /// The application is through with a try.
    fn ends(&mut self, tx: Tx, end: &str, good: bool) {
        self.test_end(tx, good);
        let Some((op, dropped)) = self.units.get(&tx).filter(|_| good).map(|unit| (unit.op.clone(), unit.dropped)) else { return };
        if matches!(op, Op::Audit { .. }) {
            self.audit(end);
        }
        if op.changes() && end == DONE_BEFORE {
            self.claims.push_back(tx);
        }
        if dropped > 0 {
            self.lose(tx, "a part of it");
        }
        self.tell(tx);
    }

    fn audit(&mut self, end: &str) {
        let Some(sum) = end.strip_prefix("sum ").and_then(|sum| sum.parse().ok()) else { return };
        self.audited = Some(sum);
        self.counts.audits += 1;
        if sum != SUM && self.broken.seen.is_none() {
            self.broken.seen = Some(format!("an audit saw a sum of {sum}; it is {SUM}"));
        }
    }

    /// Asks that have ended without the application, because it died or nobody waits.
    fn end_with(&mut self, requests: &[RequestId]) {
        if requests.is_empty() {
            return;
        }
        let is_open = |unit: &Unit| unit.ended.is_none() && requests.contains(&unit.request);
        let open: Vec<Tx> = self.units.iter().filter(|(_, unit)| is_open(unit)).map(|(tx, _)| *tx).collect();
        for tx in &open {
            if let Some(unit) = self.units.get_mut(tx).map(Arc::make_mut) {
                unit.heard(StepState::Failed, "nobody goes on".to_string());
                unit.ended = Some(("nobody goes on".into(), false));
            }
            self.test_end(*tx, false);
        }
        self.is_news |= !open.is_empty();
    }

    /// What a try has read belongs to the history once it counts.
    pub(super) fn tell(&mut self, tx: Tx) {
        let Some(unit) = self.units.get_mut(&tx).map(Arc::make_mut) else { return };
        unit.told = true;
        for read in unit.reads.iter().chain(&unit.locked) {
            self.history.read(tx, read.clone());
        }
        unit.locked = Few::new();
    }
}
