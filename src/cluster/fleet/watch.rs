//! What the facts remember of the past: when the service and each server were up, how requests ended, what became of carts.

use crate::check::operation::Key;
use crate::cluster::kit::recent::Rate;
use crate::cluster::live::Seen;
use crate::cluster::scene::State;
use crate::persistent::OrdMap;
use crate::sim::history::{Cause, Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::Time;
use crate::sim::trace::{Entry, Trace};

use super::app::GARBAGE;
use super::message::{CartId, How, Line, Note, Op, Ret};
use super::reach::{self, Path};
use super::shelf::price_of;
use super::uptime::Uptime;
use super::{App, Fleet, Front};

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// When pages were to be had.
    pub service: Uptime,
    /// When each server ran, by its number.
    servers: Vec<Uptime>,
    /// The way of a request that is made now.
    pub path: Option<Path>,
    /// What that hangs on, by node.
    signs: OrdMap<NodeId, Sign>,
    /// Proper requests that were made.
    pub offered: Rate,
    /// Proper requests that were answered.
    pub good: Rate,
    /// How requests ended.
    pub ended: Ended,
    /// What is acknowledged and not bought yet, and the event of the acknowledgement.
    kept: OrdMap<(CartId, RequestId), u64>,
    open: OrdMap<RequestId, Called>,
    /// Server times nanoseconds up to a time, and how many servers there have been since.
    cost: (u128, Time, u32),
    /// How often a row rotted.
    pub rotted: u64,
    /// The prices that the shop set while it ran, by row, in their order.
    prices: OrdMap<u32, Vec<(Time, u32)>>,
}

/// What the ways of requests hang on in one node: whether it works, and what it believes of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Idle,
    Works,
    Believes(u32),
    Asks(NodeId),
}

fn sign(sim: &Sim<Fleet>, id: NodeId) -> Sign {
    match sim.node(id).state().filter(|_| reach::works(sim, id)) {
        None => Sign::Idle,
        Some(Fleet::Users(users)) => Sign::Asks(users.front),
        Some(Fleet::Front(Front { health, .. }) | Fleet::App(App { health, .. })) => Sign::Believes(health.version),
        Some(Fleet::Db(_)) => Sign::Works,
    }
}

/// A request that has not ended.
#[derive(Clone, Debug)]
struct Called {
    op: Op,
    event: u64,
    at: Time,
}

/// The most requests that are named as witnesses.
const WITNESSES: usize = 20;
/// One place for each bad end, and one for no answer.
pub(super) const CAUSES: usize = How::ALL.len() + 1;

/// How requests ended.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// Proper requests that were answered.
    pub answered: u64,
    /// Proper requests that were not, in the order of [`How::ALL`], and last those that nobody answered.
    pub failed: [u64; CAUSES],
    /// Requests of intruders that ended, and how many were served.
    pub intruders: (u64, u64),
    /// Garbled requests that ended, and how many were accepted.
    pub garbled: (u64, u64),
    /// Additions that were acknowledged.
    pub added: u64,
    /// Answers that were wrong.
    pub wrong: Cases,
    /// Bills on which something was missing that had been acknowledged before.
    pub short: Cases,
    /// Intruders who were served.
    pub served: Cases,
}

/// How often something happened, and some of the requests to which it did.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    /// How often.
    pub count: u64,
    /// The first of them.
    pub witnesses: Vec<u32>,
}

impl Cases {
    fn add(&mut self, request: RequestId) {
        self.count += 1;
        if self.witnesses.len() < WITNESSES {
            self.witnesses.push(request.0);
        }
    }
}

impl Ended {
    /// Proper requests that were not answered.
    pub fn unanswered(&self) -> u64 {
        self.failed.iter().sum()
    }
}

impl crate::cluster::live::Watch<Fleet> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Fleet>) {
        let now = seen.sim.now();
        for entry in seen.trace {
            self.note(entry);
        }
        let wrong = self.ended.wrong.count;
        for record in seen.records {
            self.record(record);
        }
        match seen.touched {
            Some(id) if id.is_client() => {}
            Some(id) => self.look(seen.sim, id, now),
            None => {
                seen.sim.server_ids().for_each(|id| self.look(seen.sim, id, now));
                self.pay(seen.sim, now);
            }
        }
        if self.has_other_ways(seen.sim, seen.touched) {
            self.path = reach::path(seen.sim);
        }
        self.serve(now, self.ended.wrong.count > wrong);
    }
}

impl Watch {
    /// Whether requests may go other ways after an event: a deed by hand may change anything, and an event at one node what hangs on it.
    fn has_other_ways(&mut self, sim: &Sim<Fleet>, touched: Option<NodeId>) -> bool {
        let Some(id) = touched else {
            self.signs.clear();
            return true;
        };
        let now = sign(sim, id);
        self.signs.insert(id, now) != Some(now)
    }

    fn note(&mut self, entry: &Entry<Note>) {
        match &entry.what {
            Trace::Note(_, Note::Rotted { .. }) => self.rotted += 1,
            Trace::Note(_, Note::Priced { row, price }) => self.prices.entry(*row).or_default().push((entry.at, *price)),
            _ => {}
        }
    }

    /// How the service is after an event.
    fn serve(&mut self, now: Time, is_wrong: bool) {
        let is_up = self.path.is_some();
        self.service.turn(now, is_up);
        if is_wrong {
            self.service.show(now, State::Wrong);
        }
        self.service.show(now, if is_up { State::Up } else { State::Down });
    }

    /// Whether the shop has set a price while it ran.
    pub fn is_repriced(&self) -> bool {
        !self.prices.is_empty()
    }

    /// How many rows of a server have another price than the shop set last, and a sum that says nothing of it.
    pub fn stale(&self, sim: &Sim<Fleet>, id: NodeId) -> usize {
        let rows = &sim.node(id).store().current().rows;
        let last = |(row, set): (&u32, &Vec<(Time, u32)>)| Some((*rows.get(*row as usize)?, set.last()?.1));
        self.prices.iter().filter_map(last).filter(|(row, price)| row.is_whole() && row.price != *price).count()
    }

    /// Whether a price was that of its row at some time since this.
    fn was_right(&self, row: u32, price: u32, since: Time) -> bool {
        let Some(set) = self.prices.get(&row) else { return price == price_of(row) };
        let before = set.partition_point(|(at, _)| *at < since);
        let first = before.checked_sub(1).map_or_else(|| price_of(row), |last| set[last].1);
        price == first || set[before..].iter().any(|(_, later)| *later == price)
    }

    /// How a server is after an event.
    fn look(&mut self, sim: &Sim<Fleet>, id: NodeId, now: Time) {
        if self.servers.len() <= id.index() {
            self.servers.resize(id.index() + 1, Uptime::default());
        }
        let node = sim.node(id);
        let runs = node.is_up() && !node.is_paused();
        let is_wrong = self.rotted > 0 && node.store().current().damaged() > 0 || self.stale(sim, id) > 0;
        let server = &mut self.servers[id.index()];
        let state = match () {
            () if !runs => State::Down,
            () if is_wrong => State::Wrong,
            () if node.slowness() > 1.0 => State::Slow,
            () => State::Up,
        };
        server.turn(now, runs);
        server.show(now, state);
    }

    /// When a server ran.
    pub fn server(&self, id: NodeId) -> Uptime {
        self.servers.get(id.index()).cloned().unwrap_or_default()
    }

    fn pay(&mut self, sim: &Sim<Fleet>, now: Time) {
        let (cost, since, servers) = self.cost;
        self.cost = (cost + u128::from(now.since(since).0) * u128::from(servers), now, sim.server_ids().count() as u32);
    }

    /// Hours that all servers together were there.
    pub fn server_hours(&self, now: Time) -> f64 {
        let (cost, since, servers) = self.cost;
        (cost + u128::from(now.since(since).0) * u128::from(servers)) as f64 / 3.6e12
    }

    fn record(&mut self, record: &Record<Op, Ret>) {
        let Record { request, event, time, client, .. } = *record;
        if let Kind::Invoke(op) = &record.kind {
            if op.is_proper() {
                self.offered.add(time);
            }
            self.open.insert(request, Called { op: op.clone(), event, at: time });
            return;
        }
        let Some(called) = self.open.remove(&request) else { return };
        let is_ok = matches!(record.kind, Kind::Ok(_));
        match called.op {
            Op::Intrude => {
                self.ended.intruders.0 += 1;
                if is_ok {
                    self.ended.intruders.1 += 1;
                    self.ended.served.add(request);
                }
            }
            Op::Garbled => self.ended.garbled = (self.ended.garbled.0 + 1, self.ended.garbled.1 + u64::from(is_ok)),
            Op::Poison => {}
            Op::View { .. } | Op::Add { .. } | Op::Checkout if is_ok => {
                self.ended.answered += 1;
                self.good.add(time);
            }
            Op::View { .. } | Op::Add { .. } | Op::Checkout => self.ended.failed[number_of(&record.kind)] += 1,
        }
        if let Kind::Ok(ret) = &record.kind {
            self.answered((client, request), ret, event, (called.event, called.at));
        }
    }

    fn answered(&mut self, (user, request): (NodeId, RequestId), ret: &Ret, now: u64, (called, at): (u64, Time)) {
        match ret {
            Ret::Page { row, price, .. } if !self.was_right(*row, *price, at) => self.ended.wrong.add(request),
            Ret::Page { .. } => {}
            Ret::Added(number) => {
                self.ended.added += 1;
                self.kept.insert((CartId { user, number: *number }, request), now);
            }
            Ret::Bill(number, lines) => self.billed(request, CartId { user, number: *number }, lines, called),
        }
    }

    /// What was acknowledged before somebody asked for the bill is on it.
    fn billed(&mut self, request: RequestId, cart: CartId, lines: &[Line], called: u64) {
        let all: Vec<(RequestId, u64)> = self.of_cart(cart).map(|((_, line), acked)| (*line, *acked)).collect();
        let misses = |(line, acked): &(RequestId, u64)| *acked < called && !lines.iter().any(|on_it| on_it.request == *line);
        if all.iter().any(misses) {
            self.ended.short.add(request);
        }
        if lines.iter().any(|line| &*line.item == GARBAGE) {
            self.ended.wrong.add(request);
        }
        // What was acknowledged while the bill was made out, and is not on it, is in the cart as before.
        for (line, _) in all.into_iter().filter(|(line, acked)| *acked < called || lines.iter().any(|on_it| on_it.request == *line)) {
            self.kept.remove(&(cart, line));
        }
    }

    fn of_cart(&self, cart: CartId) -> impl Iterator<Item = (&(CartId, RequestId), &u64)> {
        self.kept.range((cart, RequestId(0))..=(cart, RequestId(u32::MAX)))
    }

    /// Additions that are acknowledged and not bought yet.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// Of these, those that no server has any more, and those that only servers have which do not run.
    pub fn lost_and_missing(&self, sim: &Sim<Fleet>) -> (Vec<RequestId>, Vec<RequestId>) {
        let (mut lost, mut missing) = (Vec::new(), Vec::new());
        for (cart, line) in self.kept.keys() {
            let holders = || sim.server_ids().filter(|id| holds(sim, *id, *cart, *line));
            if holders().next().is_none() {
                lost.push(*line);
            } else if !holders().any(|id| sim.node(id).is_up()) {
                missing.push(*line);
            }
        }
        (lost, missing)
    }
}

/// Whether a server has a line of a cart, on its disk or in its memory.
fn holds(sim: &Sim<Fleet>, id: NodeId, cart: CartId, line: RequestId) -> bool {
    let node = sim.node(id);
    let has = |carts: &OrdMap<CartId, OrdMap<RequestId, Key>>| carts.get(&cart).is_some_and(|lines| lines.contains_key(&line));
    has(&node.store().current().carts) || matches!(node.state(), Some(Fleet::App(app)) if has(&app.memory))
}

/// The place of a bad end in [`Ended::failed`].
fn number_of(kind: &Kind<Op, Ret>) -> usize {
    let (Kind::Refused(cause) | Kind::Failed(cause) | Kind::Unknown(cause)) = kind else { return CAUSES - 1 };
    How::ALL.iter().position(|(_, says)| matches!(cause, Cause::Said(said) if said == says)).unwrap_or(CAUSES - 1)
}
