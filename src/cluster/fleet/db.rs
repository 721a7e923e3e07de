//! The database: rows with checksums, and carts. One that starts asks the others what it missed before it serves.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::Vector;

use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;
use crate::sim::time::{Span, Time};

use super::Fleet;
use super::inventory::Tier;
use super::message::{CartId, Line, Msg, Note, Timer};
use super::settings::Carts;
use super::shelf::{Disk, Row};

/// A database.
#[derive(Clone, Debug, Default)]
pub struct Db {
    /// While it learns what it missed.
    catching: Option<Catching>,
    /// What was saved and not copied yet.
    pub fresh: Vec<(CartId, Line)>,
    /// The terms by which it knows that nothing is missing.
    terms: Terms,
    /// Whom it asked last, of the others, for what it missed.
    asked: usize,
}

/// What a database that learns what it missed has heard.
#[derive(Clone, Debug, Default)]
struct Catching {
    /// Who has answered, and whether that one has all that it promised.
    heard: BTreeMap<NodeId, bool>,
    /// The newest rows of all of them, for who lost its own.
    rows: Vector<Row>,
    /// Whether it serves meanwhile, all but carts.
    serves: bool,
}

/// On how many of which databases a cart is. Where that is changed, what was written before may be on too few of them, or be looked for
/// on too few, until they have told each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Terms {
    databases: Vec<NodeId>,
    readers: usize,
    are_sync: bool,
}

impl Terms {
    fn of(cx: &Cx<'_, Fleet>) -> Terms {
        let settings = cx.settings();
        let databases = settings.inventory().of(Tier::Db).collect();
        Terms { databases, readers: settings.readers(), are_sync: settings.carts == Carts::Sync }
    }
}

/// How long a database that lost its disk waits before it asks again, where nothing says how often servers look for each other.
const PATIENT: Span = Span::s(10);

fn others(cx: &Cx<'_, Fleet>) -> Vec<NodeId> {
    let me = cx.id();
    // Those that the settings have named just now may not have begun yet.
    let there: Vec<NodeId> = cx.servers().collect();
    cx.settings().inventory().of(Tier::Db).filter(|id| *id != me && there.contains(id)).collect()
}

impl Db {
    pub(super) fn boot(cx: &mut Cx<'_, Fleet>) -> Db {
        let mut db = Db { terms: Terms::of(cx), ..Db::default() };
        if cx.is_first_boot() && cx.clock() == Time::ZERO {
            stock(cx);
        } else {
            restock(cx);
            db.catching = Some(Catching::default());
            if !others(cx).is_empty() {
                cx.note(Note::Behind);
            }
            db.ask_others(cx);
        }
        Db::rots_later(cx);
        compares_later(cx);
        db
    }

    /// Whether it answers questions: it has what it should have.
    pub fn serves(&self) -> bool {
        self.catching.as_ref().is_none_or(|catching| catching.serves)
    }

    /// Asks whoever has not said yet.
    fn ask_others(&mut self, cx: &mut Cx<'_, Fleet>) {
        let Some(Catching { heard, .. }) = &self.catching else { return };
        for other in others(cx).into_iter().filter(|id| !heard.contains_key(id)) {
            cx.send(other, Msg::Want);
        }
        let lost = cx.disk().rows.is_empty();
        let (soon, later) = (cx.settings().db_timeout, cx.settings().check.unwrap_or(PATIENT));
        cx.set_timer(if lost { soon.max(later) } else { soon }, Timer::Missing);
        self.look_whether_ready(cx);
    }

    /// Nobody, or not everybody, said in time. Who lost nothing serves with what there is; who lost its disk asks again.
    pub(super) fn on_missing(&mut self, cx: &mut Cx<'_, Fleet>) {
        if self.catching.is_some() && !cx.disk().rows.is_empty() {
            self.ready(cx);
        } else {
            self.ask_others(cx);
        }
    }

    /// Whoever has rows has all that it promised: one that lost them takes new ones last.
    pub(super) fn on_want(from: NodeId, cx: &mut Cx<'_, Fleet>) {
        let (rows, carts) = (cx.disk().rows.clone(), cx.disk().carts.clone());
        let whole = !rows.is_empty();
        cx.send(from, Msg::Here { rows, carts, whole });
    }

    /// Another says what it has.
    pub(super) fn on_here(&mut self, from: NodeId, (rows, carts): (Vector<Row>, super::shelf::Carts), whole: bool, cx: &mut Cx<'_, Fleet>) {
        let learnt = learn(&rows, &carts, cx);
        let sums = cx.settings().checksums;
        let Some(catching) = self.catching.as_mut().filter(|_| learnt) else { return };
        catching.heard.insert(from, whole);
        catching.gather(rows, sums);
        self.take_rows(cx);
        self.look_whether_ready(cx);
    }

    /// Rows that were lost are taken when it is ready: half a shelf would look like a whole one after a crash.
    fn take_rows(&mut self, cx: &mut Cx<'_, Fleet>) {
        let Some(Catching { rows, .. }) = self.catching.as_ref().filter(|catching| !catching.rows.is_empty()) else { return };
        if cx.disk().rows.is_empty() && self.has_heard_enough(cx) && cx.write(|disk| disk.rows = rows.clone()).is_ok() {
            cx.sync();
            restock(cx);
        }
    }

    /// Of a disk that was lost, so many others must have said what they have that none of its promises is forgotten.
    fn has_heard_enough(&self, cx: &Cx<'_, Fleet>) -> bool {
        let Some(Catching { heard, .. }) = &self.catching else { return true };
        let others = others(cx).len();
        let whole = heard.values().filter(|whole| **whole).count();
        whole >= cx.settings().readers().min(others) || heard.len() >= others
    }

    fn look_whether_ready(&mut self, cx: &mut Cx<'_, Fleet>) {
        let all = self.catching.as_ref().is_some_and(|catching| catching.heard.len() >= others(cx).len());
        let lost = cx.disk().rows.is_empty();
        if lost && all && stock(cx) {
            cx.note(Note::Backup);
        }
        if all || lost && self.has_heard_enough(cx) && !cx.disk().rows.is_empty() {
            self.ready(cx);
        }
    }

    fn ready(&mut self, cx: &mut Cx<'_, Fleet>) {
        if !cx.disk().rows.is_empty() {
            let started = !self.serves();
            self.catching = None;
            cx.cancel_timer(Timer::Missing);
            if started && !others(cx).is_empty() {
                cx.note(Note::Ready);
            }
        }
    }

    /// With checksums, a row that is not as it was written is not given out.
    pub(super) fn on_row(&self, from: NodeId, call: u32, row: u32, cx: &mut Cx<'_, Fleet>) {
        if cx.disk().rows.len() <= row as usize {
            // Its disk was full when the shop got more products.
            restock(cx);
        }
        let Some(found) = cx.disk().rows.get(row as usize).copied().filter(|_| self.serves()) else { return };
        let is_damaged = cx.settings().checksums && !found.is_whole();
        if is_damaged {
            cx.note(Note::Damaged { row });
        }
        cx.send(from, Msg::Price { call, found: (!is_damaged).then_some(found) });
    }

    pub(super) fn on_mend(row: u32, good: Row, cx: &mut Cx<'_, Fleet>) {
        let is_damaged = cx.disk().rows.get(row as usize).is_some_and(|found| !found.is_whole());
        if is_damaged && put(row, good, cx) {
            cx.note(Note::Mended { row });
        }
    }

    /// The shop sets a price here, and the others are told, once: who misses it has a price that was right when it was written.
    pub(super) fn reprice(row: u32, price: u32, cx: &mut Cx<'_, Fleet>) {
        let Some(set) = cx.disk().rows.get(row as usize).map(|row| row.with_price(price)) else { return };
        if put(row, set, cx) {
            cx.note(Note::Priced { row, price });
            for other in others(cx) {
                cx.send_after_sync(other, Msg::Set { row, set });
            }
        }
    }

    pub(super) fn on_set(row: u32, set: Row, cx: &mut Cx<'_, Fleet>) {
        if cx.disk().rows.get(row as usize).is_some_and(|mine| set.is_newer_than(*mine)) {
            put(row, set, cx);
        }
    }

    /// A line counts as kept when it would survive a loss of power.
    pub(super) fn on_save(&mut self, from: NodeId, call: u32, (cart, line): (CartId, Line), cx: &mut Cx<'_, Fleet>) {
        let kept = cx.write(|disk| disk.add(cart, line.clone())).is_ok();
        if !kept {
            return cx.send(from, Msg::Saved { call, kept });
        }
        cx.send_after_sync(from, Msg::Saved { call, kept });
        if cx.settings().carts == Carts::Async {
            self.fresh.push((cart, line));
            cx.start_timer(cx.settings().copy_delay, Timer::Copy);
        }
    }

    /// What was saved goes to the others, once: who misses it learns it when it starts again.
    pub(super) fn on_copy_due(&mut self, cx: &mut Cx<'_, Fleet>) {
        let lines: Arc<[_]> = std::mem::take(&mut self.fresh).into();
        for other in others(cx) {
            cx.send(other, Msg::Copy { lines: lines.clone() });
        }
    }

    pub(super) fn on_copy(lines: &[(CartId, Line)], cx: &mut Cx<'_, Fleet>) {
        let written = cx.write(|disk| lines.iter().for_each(|(cart, line)| disk.add(*cart, line.clone())));
        if written.is_ok() {
            cx.sync();
        }
    }

    pub(super) fn on_read(&self, from: NodeId, call: u32, cart: CartId, cx: &mut Cx<'_, Fleet>) {
        if self.catching.is_none() {
            let lines = cx.disk().carts.get(&cart).cloned().unwrap_or_default();
            cx.send(from, Msg::Lines { call, lines });
        }
    }

    /// Sets the time when the next row rots.
    fn rots_later(cx: &mut Cx<'_, Fleet>) {
        match cx.settings().rot.clone() {
            Some(rot) => {
                let after = rot.sample(&mut cx.rng()).max(crate::sim::failures::LEAST);
                cx.start_timer(after, Timer::Rot);
            }
            None => cx.cancel_timer(Timer::Rot),
        }
    }

    pub(super) fn on_rot(cx: &mut Cx<'_, Fleet>) {
        rot(None, cx);
        Db::rots_later(cx);
    }

    pub(super) fn on_settings(&mut self, cx: &mut Cx<'_, Fleet>) {
        Db::rots_later(cx);
        compares_later(cx);
        restock(cx);
        self.follow_terms(cx);
        self.look_whether_ready(cx);
    }

    /// Carts are on other databases from now on, or on more or fewer: it asks the others for what it has not, and tells nobody before that
    /// what is in a cart.
    fn follow_terms(&mut self, cx: &mut Cx<'_, Fleet>) {
        let now = Terms::of(cx);
        let is_news = now != self.terms;
        self.terms = now;
        if is_news && self.terms.are_sync && self.catching.is_none() {
            self.catching = Some(Catching { serves: true, ..Catching::default() });
            self.ask_others(cx);
        }
    }

    /// It asks the next of the others for what it missed.
    pub(super) fn on_compare(&mut self, cx: &mut Cx<'_, Fleet>) {
        let others = others(cx);
        self.asked += 1;
        if let Some(other) = others.get(self.asked % others.len().max(1)) {
            cx.send(*other, Msg::Want);
        }
        compares_later(cx);
    }
}

impl Catching {
    /// Keeps the newest rows that anybody told of.
    fn gather(&mut self, rows: Vector<Row>, sums: bool) {
        if self.rows.is_empty() {
            self.rows = rows;
        } else {
            let mut all = Disk { rows: std::mem::take(&mut self.rows), ..Disk::default() };
            all.renew(&rows, sums);
            self.rows = all.rows;
        }
    }
}

/// Takes in what another has. `false`: the disk is full.
fn learn(rows: &Vector<Row>, carts: &super::shelf::Carts, cx: &mut Cx<'_, Fleet>) -> bool {
    let (mut disk, sums) = (cx.disk().clone(), cx.settings().checksums);
    let is_news = disk.renew(rows, sums) | !disk.has_all(carts);
    if !is_news {
        return true;
    }
    disk.join(carts);
    let is_learnt = cx.write(|old| *old = disk).is_ok();
    cx.sync();
    is_learnt
}

/// Writes a row. `false`: the disk is full.
fn put(row: u32, good: Row, cx: &mut Cx<'_, Fleet>) -> bool {
    let is_written = cx.write(|disk| _ = disk.rows.set(row as usize, good)).is_ok();
    if is_written {
        cx.sync();
    }
    is_written
}

/// Sets the time when it asks another for what it missed.
fn compares_later(cx: &mut Cx<'_, Fleet>) {
    match cx.settings().compare {
        Some(every) => cx.start_timer(every, Timer::Compare),
        None => cx.cancel_timer(Timer::Compare),
    }
}

/// The shop has more products than are here, or fewer.
fn restock(cx: &mut Cx<'_, Fleet>) {
    let (rows, wanted) = (cx.disk().rows.len(), cx.settings().rows);
    if rows > 0 && rows != wanted as usize && cx.write(|disk| disk.resize(wanted)).is_ok() {
        cx.sync();
    }
}

/// A bit of a row becomes another: of this one, or of any.
pub(super) fn rot(row: Option<u32>, cx: &mut Cx<'_, Fleet>) {
    let mut draws = cx.rng();
    let rotten = cx.write(|disk| disk.rot(row, &mut draws));
    if let Ok(Some(row)) = rotten {
        cx.sync();
        cx.note(Note::Rotted { row });
    }
}

/// Writes every price as the shop set it. `false`: the disk is full.
fn stock(cx: &mut Cx<'_, Fleet>) -> bool {
    let rows = Disk::stocked(cx.settings().rows);
    let written = cx.write(|disk| disk.rows = rows).is_ok();
    cx.sync();
    written
}
