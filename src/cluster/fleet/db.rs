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
    /// While it learns what it missed: who has answered, and whether that one has all that it promised. `None`: it serves.
    catching: Option<BTreeMap<NodeId, bool>>,
    /// What was saved and not copied yet.
    pub fresh: Vec<(CartId, Line)>,
}

/// How long a database that lost its disk waits before it asks again, where nothing says how often servers look for each other.
const PATIENT: Span = Span::s(10);

fn others(cx: &Cx<'_, Fleet>) -> Vec<NodeId> {
    let me = cx.id();
    cx.settings().inventory().of(Tier::Db).filter(|id| *id != me).collect()
}

impl Db {
    pub(super) fn boot(cx: &mut Cx<'_, Fleet>) -> Db {
        let mut db = Db::default();
        if cx.is_first_boot() && cx.clock() == Time::ZERO {
            stock(cx);
        } else {
            db.catching = Some(BTreeMap::new());
            if !others(cx).is_empty() {
                cx.note(Note::Behind);
            }
            db.ask_others(cx);
        }
        Db::rots_later(cx);
        db
    }

    /// Whether it answers questions: it has what it should have.
    pub fn serves(&self) -> bool {
        self.catching.is_none()
    }

    /// Asks whoever has not said yet.
    fn ask_others(&mut self, cx: &mut Cx<'_, Fleet>) {
        let Some(heard) = &self.catching else { return };
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
        let learnt = cx.write(|disk| disk.join(&carts));
        let Some(heard) = self.catching.as_mut().filter(|_| learnt.is_ok()) else { return };
        heard.insert(from, whole);
        // Rows are taken when it is ready: half a shelf would look like a whole one after a crash.
        let lost = cx.disk().rows.is_empty();
        if lost && self.has_heard_enough(cx) && !rows.is_empty() {
            _ = cx.write(|disk| disk.rows = rows);
        }
        cx.sync();
        self.look_whether_ready(cx);
    }

    /// Of a disk that was lost, so many others must have said what they have that none of its promises is forgotten.
    fn has_heard_enough(&self, cx: &Cx<'_, Fleet>) -> bool {
        let Some(heard) = &self.catching else { return true };
        let others = others(cx).len();
        let whole = heard.values().filter(|whole| **whole).count();
        whole >= cx.settings().readers().min(others) || heard.len() >= others
    }

    fn look_whether_ready(&mut self, cx: &mut Cx<'_, Fleet>) {
        let all = self.catching.as_ref().is_some_and(|heard| heard.len() >= others(cx).len());
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
            self.catching = None;
            cx.cancel_timer(Timer::Missing);
            if !others(cx).is_empty() {
                cx.note(Note::Ready);
            }
        }
    }

    /// With checksums, a row that is not as it was written is not given out.
    pub(super) fn on_row(&self, from: NodeId, call: u32, row: u32, cx: &mut Cx<'_, Fleet>) {
        let Some(found) = cx.disk().rows.get(row as usize).copied().filter(|_| self.serves()) else { return };
        let is_damaged = cx.settings().checksums && !found.is_whole();
        if is_damaged {
            cx.note(Note::Damaged { row });
        }
        cx.send(from, Msg::Price { call, price: (!is_damaged).then_some(found.price) });
    }

    pub(super) fn on_mend(row: u32, price: u32, cx: &mut Cx<'_, Fleet>) {
        let is_damaged = cx.disk().rows.get(row as usize).is_some_and(|found| !found.is_whole());
        if is_damaged && cx.write(|disk| _ = disk.rows.set(row as usize, Row::of(price))).is_ok() {
            cx.note(Note::Mended { row });
            cx.sync();
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
        if self.serves() {
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
        Db::restock(cx);
        self.look_whether_ready(cx);
    }

    /// The shop has more products, or fewer.
    fn restock(cx: &mut Cx<'_, Fleet>) {
        let (rows, wanted) = (cx.disk().rows.len(), cx.settings().rows);
        if rows > 0 && rows != wanted as usize {
            stock(cx);
        }
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
