//! What must be so of the state, and of what the asks have seen of one another.

use std::sync::Arc;

use crate::algo::mvcc::Version;
use crate::check::isolation::{Phenomenon, cycle, phenomena};
use crate::persistent::OrdSet;
use crate::sim::kernel::Sim;

use super::message::Tx;
use super::shop::{SUM, Shop};
use super::unit::{Place, Unit, by_unit};
use super::watch::{Broken, Half};
use super::{Stores, state};

/// What the state must be.
impl Half {
    /// Whether a try can still change something.
    pub fn is_under_way(&self) -> bool {
        self.units.values().any(|unit| unit.is_under_way())
    }

    /// Looks at the state after an event that may have changed it.
    pub(super) fn look(&mut self, shop: Shop, sim: &Sim<Stores>) {
        self.look_at_claims(shop, sim);
        self.look_at_parts(shop, sim);
        if state::on_duty(sim, shop) == 0 && self.broken.duty.is_none() {
            self.broken.duty = Some("no clerk is on duty".to_string());
        }
        if !self.is_under_way() {
            self.look_at_rest(shop, sim);
        }
    }

    /// Whether those who were told that it was done before were told the truth.
    fn look_at_claims(&mut self, shop: Shop, sim: &Sim<Stores>) {
        for tx in std::mem::take(&mut self.claims) {
            let Some(request) = self.units.get(&tx).map(|unit| unit.request) else { continue };
            let others = || self.units.iter().filter(|(other, unit)| **other != tx && unit.request == request);
            let is_open = |(other, unit): (&Tx, &Arc<Unit>)| unit.is_under_way() || state::is_awaited(sim, shop, Some(*other));
            if let Some((doer, _)) = others().find(|(_, unit)| unit.is_done()).map(|(doer, unit)| (*doer, unit)) {
                self.units.get_mut(&doer).into_iter().for_each(|unit| Arc::make_mut(unit).vouched = true);
            } else if others().any(is_open) {
                self.is_news = true;
                self.claims.push_back(tx);
            } else if others().next().is_some() {
                self.lose(tx, "what it had begun before");
            }
        }
    }

    /// Asks that are done in part, with nobody to go on.
    fn look_at_parts(&mut self, shop: Shop, sim: &Sim<Stores>) {
        let parts: Vec<Tx> = self.units.iter().filter(|(_, unit)| unit.is_half_done()).map(|(tx, _)| *tx).collect();
        let is_at_work = |tx: &Tx| self.units.get(tx).is_some_and(|unit| unit.pending_at().any(|server| state::is_running(sim, server)));
        let (late, half): (Vec<Tx>, Vec<Tx>) = parts.into_iter().partition(|tx| is_at_work(tx) || state::is_awaited(sim, shop, Some(*tx)));
        // What is still on its way, or about to count, may yet do the rest.
        self.is_news |= !late.is_empty();
        self.counts.half = self.counts.half.max(half.len());
        if let (None, Some(tx)) = (&self.broken.atomic, half.first()) {
            self.broken.atomic = Some(format!("{tx} has done a part of what it was to do, and nobody goes on"));
        }
    }

    /// What must be so whenever nothing is under way.
    fn look_at_rest(&mut self, shop: Shop, sim: &Sim<Stores>) {
        let (oversold, sum, off) = (state::oversold(sim, shop), state::sum(sim, shop), state::copies(sim, shop).off);
        let Broken { stock, sum: unequal, copies, .. } = &self.broken;
        let is_wrong = (oversold > 0 && stock.is_none()) || (sum != SUM && unequal.is_none()) || (off > 0 && copies.is_none());
        if !is_wrong {
            return;
        }
        if state::is_awaited(sim, shop, None) {
            self.is_news = true;
            return;
        }
        if oversold > 0 {
            self.broken.stock.get_or_insert_with(|| format!("{oversold} more are sold than there were"));
        }
        if sum != SUM {
            self.broken.sum.get_or_insert_with(|| format!("the sum of all balances is {sum}, and was {SUM}"));
        }
        if off > 0 {
            self.broken.copies.get_or_insert_with(|| format!("{off} copies of a title differ from the item's"));
        }
    }
}

/// What the asks have read and written of one another.
impl Half {
    /// The kinds of anomalies so far, those of tries that are forgotten included.
    pub fn anomalies(&self) -> OrdSet<Phenomenon> {
        let mut anomalies = self.anomalies.clone();
        anomalies.extend(phenomena(&self.history).into_iter().map(|found| found.what));
        anomalies
    }

    /// Keeps what is found now: what it is found by will be forgotten, or lost.
    pub(super) fn remember_anomalies(&mut self) {
        self.anomalies = self.anomalies();
        self.broken.overwritten = self.overwritten();
        self.broken.order = self.no_order();
        self.broken.torn = self.torn();
    }

    /// A change that was overwritten by who had not seen it.
    pub fn overwritten(&self) -> Option<String> {
        let find = || {
            let found = phenomena(&self.history).into_iter().find(|found| found.what == Phenomenon::LostUpdate)?;
            Some(format!("{} overwrote what {} had written, and had not seen it", found.units[0], found.units[1]))
        };
        self.broken.overwritten.clone().or_else(find)
    }

    /// What no order of the asks explains: a cycle (Adya 1999, G0, G1c, G2), or a read of what was never committed (G1a, G1b).
    pub fn no_order(&self) -> Option<String> {
        let around = || {
            let units: Vec<String> = cycle(&self.history)?.iter().map(ToString::to_string).collect();
            let first = units.first().cloned().unwrap_or_default();
            Some(format!("each of these comes before the next: {}, {first}", units.join(", ")))
        };
        let never_was = || {
            phenomena(&self.history).into_iter().find_map(|found| {
                let became = match found.what {
                    Phenomenon::AbortedRead => "was undone",
                    Phenomenon::IntermediateRead => "was changed again before it was committed",
                    _ => return None,
                };
                Some(format!("{} read what {} had changed, and that {became}", found.units[0], found.units[1]))
            })
        };
        self.broken.order.clone().or_else(around).or_else(never_was)
    }

    /// Who has seen rows as they were at different moments.
    pub fn torn(&self) -> Option<String> {
        let find = || self.torn_read().map(|tx| format!("{tx} saw rows as they were at different moments, or never"));
        self.broken.torn.clone().or_else(find)
    }

    /// A try that read from more than one moment: no moment is in the lives of all versions that it saw by plain reads.
    fn torn_read(&self) -> Option<Tx> {
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
        let never_was =
            |version: &Version<Tx>| version.writer.and_then(|writer| self.history.units.get(&writer)).is_some_and(|unit| unit.aborted);
        if unit.reads.iter().flat_map(|read| &read.seen).any(|(_, version)| never_was(version)) {
            return true;
        }
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
