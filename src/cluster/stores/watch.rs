//! What facts and judges remember: the tries of asks, and who read and wrote which versions.

use imbl::{OrdMap, Vector};

use crate::algo::mvcc::{Version, Why};
use crate::check::isolation::History;
use crate::cluster::live::Seen;
use crate::persistent::keep;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::Time;
use crate::sim::trace::Trace;

use super::message::{Failed, Tx};
use super::note::Note;
use super::shop::{RowId, SUM, Shop};
use super::unit::{Place, StepState, Unit, at, by_unit};
use super::{Stores, place, state};

/// So many tries are remembered.
const KEPT: usize = 150;

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
    pub units: OrdMap<Tx, Unit>,
    order: Vector<Tx>,
    /// The newest try.
    pub newest: Option<Tx>,
    /// Who read and wrote which versions.
    pub history: History<Place, Tx>,
    /// Counts commits and decisions: the time by which versions live.
    ticks: u64,
    /// When versions came to be.
    births: OrdMap<(Place, Version<Tx>), u64>,
    /// When a commit over several shards was decided.
    decided: OrdMap<Tx, u64>,
    /// How often asks took effect.
    effects: OrdMap<RequestId, usize>,
    /// Counts.
    pub counts: Counts,
    /// What the last audit said.
    pub audited: Option<i64>,
    /// The first broken promises.
    pub broken: Broken,
    /// Whether what the shop holds, or who is at work on it, changed at this event.
    is_news: bool,
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

    /// An event is over.
    pub(super) fn see(&mut self, seen: &Seen<'_, Stores>) {
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
            Note::Began { unit, request, shop, transaction } => {
                self.half_mut(*shop).begins(*unit, Unit::new(*request, *shop, *transaction, now));
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
        self.units.insert(tx, unit);
        self.order.push_back(tx);
        self.newest = Some(tx);
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.units.remove(&oldest);
            self.history.forget(oldest);
            self.decided.remove(&oldest);
            let births = self.births.keys().filter(|(_, version)| version.writer == Some(oldest)).cloned().collect::<Vec<_>>();
            for birth in births {
                self.births.remove(&birth);
            }
        }
    }

    fn sends(&mut self, tx: Tx, change: impl FnOnce(&mut Unit)) {
        self.counts.statements += 1;
        self.counts.trips += 1;
        if let Some(unit) = self.units.get_mut(&tx) {
            change(unit);
        }
    }

    fn client_notes(&mut self, tx: Tx, note: &Note, now: Time) {
        let Some(unit) = self.units.get_mut(&tx) else { return };
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
                if *good {
                    self.tell(tx);
                    self.audit(end);
                }
            }
            _ => {}
        }
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
            if let Some(unit) = self.units.get_mut(tx) {
                unit.heard(StepState::Failed, "nobody goes on".to_string());
                unit.ended = Some(("nobody goes on".into(), false));
            }
        }
        self.is_news |= !open.is_empty();
    }

    /// What a try has read belongs to the history once it counts.
    fn tell(&mut self, tx: Tx) {
        let Some(unit) = self.units.get_mut(&tx) else { return };
        unit.told = true;
        for read in unit.reads.iter().chain(&unit.locked) {
            self.history.read(tx, read.clone());
        }
        unit.locked = Vector::new();
    }
}

/// What servers say.
impl Half {
    fn server_notes(&mut self, server: NodeId, note: &Note) {
        self.is_news |= !matches!(note, Note::Ran { .. } | Note::Waits { .. });
        match note {
            Note::Ran { tx, reads, locked, wrote } => {
                let place = |reads: &Vec<_>| reads.iter().map(|read| at(server, read)).collect::<Vec<_>>();
                self.ran(server, *tx, (place(reads), place(locked)), wrote.len());
            }
            Note::Installed { tx, wrote, at } => self.installed(server, *tx, wrote, *at),
            Note::Dropped { tx, why, .. } => {
                self.count_abort(*why);
                self.units.get_mut(&tx.unit()).into_iter().for_each(|unit| unit.drops(server, *tx));
            }
            Note::Decided { tx, commit: true } => {
                self.ticks += 1;
                self.decided.insert(*tx, self.ticks);
            }
            Note::Waits { .. } => self.counts.waits += 1,
            Note::Recovered { at, promised, .. } => self.recovered(server, *at, promised),
            _ => {}
        }
    }

    fn count_abort(&mut self, why: Option<Failed>) {
        let Some(why) = why else { return };
        self.counts.aborts += 1;
        self.counts.changed += usize::from(matches!(why, Failed::Aborted(Why::Changed | Why::Conflict)));
        self.counts.deadlocks += usize::from(why == Failed::Aborted(Why::Deadlock));
        self.counts.no_order += usize::from(why == Failed::Aborted(Why::NoOrder));
    }

    fn ran(&mut self, server: NodeId, tx: Tx, (reads, locked): (Reads, Reads), wrote: usize) {
        for (place, version) in reads.iter().flat_map(|read| &read.seen) {
            if version.writer != Some(tx.unit()) && !self.history.is_installed(place, *version) {
                self.counts.dirty += 1;
                if self.broken.dirty.is_none() {
                    let writer = version.writer.map_or_else(String::new, |writer| writer.to_string());
                    self.broken.dirty = Some(format!("{} read {} of {writer}, which was not committed", tx.unit(), place.1));
                }
            }
        }
        let Some(unit) = self.units.get_mut(&tx.unit()) else { return };
        unit.wrote(server, tx, wrote);
        unit.reads.extend(reads.iter().cloned());
        if unit.told || !unit.transaction {
            unit.told = true;
            reads.into_iter().chain(locked).for_each(|read| self.history.read(tx.unit(), read));
        } else {
            unit.locked.extend(locked);
        }
    }

    fn installed(&mut self, server: NodeId, tx: Tx, wrote: &[(RowId, Version<Tx>)], at: u64) {
        if wrote.is_empty() {
            return;
        }
        self.ticks += 1;
        for (id, version) in wrote {
            let (place, version) = ((server, id.clone()), by_unit(*version));
            let birth = self.decided.get(&tx).copied().unwrap_or(self.ticks);
            self.births.insert((place.clone(), version), birth);
            self.history.install(place, version);
        }
        self.counts.commits += 1;
        let Some(unit) = self.units.get_mut(&tx.unit()) else { return };
        let is_first = unit.installed.is_empty();
        unit.installs(server, tx, wrote, at);
        let request = unit.request;
        if !unit.told {
            self.tell(tx.unit());
        }
        if is_first {
            let effects = self.effects.entry(request).or_default();
            *effects += 1;
            if *effects == 2 {
                self.counts.twice += 1;
                self.broken.twice.get_or_insert_with(|| format!("{} did again what an earlier try had done", tx.unit()));
            }
        }
    }

    fn recovered(&mut self, server: NodeId, at: u64, promised: &[Tx]) {
        let units: Vec<Tx> = self.units.keys().copied().collect();
        for tx in units {
            let Some(unit) = self.units.get_mut(&tx) else { continue };
            let lost = unit.recovers(server, at, promised);
            let was_told = unit.ended.as_ref().is_some_and(|(_, good)| *good);
            for (place, version) in &lost {
                if let Some(order) = self.history.orders.get_mut(place) {
                    keep(order, |known| *known != by_unit(*version));
                }
            }
            if !lost.is_empty() && was_told {
                self.counts.lost += 1;
                self.broken.lost.get_or_insert_with(|| format!("{tx} was told that it is done, and {} is lost", lost[0].0.1));
            }
        }
    }
}

type Reads = Vec<crate::check::isolation::Read<Place, Tx>>;

/// What the state must be.
impl Half {
    /// Whether a try can still change something.
    pub fn is_under_way(&self) -> bool {
        self.units.values().any(Unit::is_under_way)
    }

    /// Looks at the state after an event that may have changed it.
    fn look(&mut self, shop: Shop, sim: &Sim<Stores>) {
        let half: Vec<Tx> = self.units.iter().filter(|(_, unit)| unit.is_half_done()).map(|(tx, _)| *tx).collect();
        self.counts.half = self.counts.half.max(half.len());
        if let (None, Some(tx)) = (&self.broken.atomic, half.first()) {
            self.broken.atomic = Some(format!("{tx} has done a part of what it was to do, and nobody goes on"));
        }
        let (duty, oversold) = (state::on_duty(sim, shop), state::oversold(sim, shop));
        if duty == 0 && self.broken.duty.is_none() {
            self.broken.duty = Some("no clerk is on duty".to_string());
        }
        if self.is_under_way() {
            return;
        }
        if oversold > 0 && self.broken.stock.is_none() {
            self.broken.stock = Some(format!("{oversold} more are sold than there were"));
        }
        let sum = state::sum(sim, shop);
        if sum != SUM && self.broken.sum.is_none() {
            self.broken.sum = Some(format!("the sum of all balances is {sum}, and was {SUM}"));
        }
        let off = state::copies(sim, shop).off;
        if off > 0 && self.broken.copies.is_none() {
            self.broken.copies = Some(format!("{off} copies of a title differ from the item's"));
        }
    }

    /// A try that read from more than one moment: no moment is in the lives of all versions that it saw by plain reads.
    pub fn torn_read(&self) -> Option<Tx> {
        self.units.iter().find(|(_, unit)| unit.told && unit.reads.len() > 1 && self.is_torn(unit)).map(|(tx, _)| *tx)
    }

    fn is_torn(&self, unit: &Unit) -> bool {
        let (mut from, mut to) = (0, u64::MAX);
        let mut seen = |place: &Place, version: Option<Version<Tx>>| {
            let Some(order) = self.history.orders.get(place) else { return };
            let next = match version {
                None => order.front().copied(),
                Some(version) => order.iter().position(|known| *known == version).and_then(|at| order.get(at + 1).copied()),
            };
            let birth = |version: Version<Tx>| self.births.get(&(place.clone(), version)).copied();
            from = from.max(version.and_then(birth).unwrap_or(0));
            to = to.min(next.map_or(u64::MAX, |next| birth(next).unwrap_or(0)));
        };
        let is_own = |version: &Version<Tx>| unit.installed.iter().any(|(_, own, _)| by_unit(*own) == *version);
        for read in &unit.reads {
            read.seen.iter().filter(|(_, version)| !is_own(version)).for_each(|(place, version)| seen(place, Some(*version)));
            let unseen = self.history.orders.range::<_, Place>(read.reach.bounds());
            for (place, _) in unseen.filter(|(place, _)| read.seen.iter().all(|(known, _)| known != *place)) {
                seen(place, None);
            }
        }
        from >= to
    }
}
