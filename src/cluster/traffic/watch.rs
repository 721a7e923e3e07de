//! What the facts remember of the past: rates and response times of the last second, how busy servers were, how requests ended.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::cluster::kit::recent::{Rate, WINDOW};
use crate::cluster::kit::served::Served;
use crate::cluster::live::Seen;
use crate::sim::history::{Cause, Kind, Record};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Death, Entry, Leg, Trace};

use super::cost::Bill;
use super::followed::Follows;
use super::handed::Handed;
use super::laps::Laps;
use super::message::{ANSWER, ERROR, HEADER, How, Visit, WORK};
use super::note::Note;
use super::pool::{Backend, Part};
use super::roster::FRONT;
use super::tiers::Tiers;
use super::written::Written;
use super::{Traffic, front};

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// What users asked and got.
    pub served: Served,
    /// How often each bad end came, in the order of [`How::BAD`], and last no answer at all.
    pub causes: [u64; CAUSES],
    /// Who was handed what.
    pub handed: Handed,
    /// What went on at caches and databases.
    pub tiers: Tiers,
    /// When leaders made what not every copy knows.
    pub written: Written,
    /// What everything cost.
    pub bill: Bill,
    /// One request on its way.
    pub follows: Follows,
    servers: Vec<Server>,
    /// Response times of each server, from the front on.
    laps: Vec<Laps>,
    /// How long the workers of each server had been busy, at moments of the last second.
    marks: VecDeque<(Time, Arc<[u64]>)>,
    /// Servers that fell while they drained.
    fallen: BTreeSet<NodeId>,
    /// Requests that died with servers that were taken out, and how many of these there were.
    taken_out: (u64, u64),
    /// Server times nanoseconds up to `paid`.
    cost: u128,
    paid: (Time, u32),
}

const CAUSES: usize = How::BAD.len() + 1;
/// How far apart the marks are.
const MARK: Span = Span(WINDOW.0 / 10);

/// One server, as far as messages tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Server {
    /// Requests that reached it.
    pub given: Rate,
    /// Requests that found no place in its line.
    pub refused: u64,
    /// Pages that came back from it.
    pub served: Rate,
    /// Errors that came back from it.
    pub failed: Rate,
    /// Bytes that went between it and the front.
    pub bytes: Rate,
}

impl crate::cluster::live::Watch<Traffic> for Watch {
    fn kept_bytes(&self) -> u64 {
        self.served.response.kept_bytes() + self.laps.iter().map(Laps::kept_bytes).sum::<u64>()
    }

    fn follow(&mut self, seen: &Seen<'_, Traffic>) {
        let now = seen.sim.now();
        self.served.response.pass(now);
        for record in seen.records {
            self.record(record, seen.sim);
        }
        self.follows.follow(seen.trace, seen.touched, seen.sim);
        for entry in seen.trace {
            self.trace(entry, now);
            if let Trace::Arrived(leg) = &entry.what {
                self.carried(leg, seen.sim);
                self.tiers.carried(leg, seen.sim);
            }
        }
        if self.marks.back().is_none_or(|(at, _)| now.since(*at) >= MARK) {
            self.mark(seen.sim, now);
        }
        if seen.touched.is_none_or(|id| id == FRONT) {
            self.pay(seen.sim, now);
        }
        self.handed.follow(seen.sim, seen.touched);
        if seen.sim.settings().database {
            self.written.follow(seen.sim, seen.touched);
        }
        if seen.touched.is_none() {
            self.look_for_falls(seen.sim);
            self.bill.go_on(seen.sim);
        }
    }
}

impl Watch {
    fn record(&mut self, record: &Record<Visit, ()>, sim: &Sim<Traffic>) {
        let Record { request, time, .. } = *record;
        self.served.record(record);
        match &record.kind {
            Kind::Invoke(_) => self.follows.begin(request, time),
            Kind::Ok(()) => self.follows.end(request, sim),
            Kind::Refused(cause) | Kind::Failed(cause) | Kind::Unknown(cause) => {
                self.follows.end(request, sim);
                self.causes[number_of(cause)] += 1;
            }
        }
    }

    fn trace(&mut self, entry: &Entry<Note>, now: Time) {
        match &entry.what {
            Trace::Arrived(leg) if leg.kind == WORK => self.server_mut(leg.to).given.add(now),
            Trace::Lost(leg, Death::InboxFull) if leg.kind == WORK => {
                let server = self.server_mut(leg.to);
                server.given.add(now);
                server.refused += 1;
            }
            Trace::Arrived(leg) if leg.to == FRONT && leg.kind == ANSWER => self.server_mut(leg.from).served.add(now),
            Trace::Arrived(leg) if leg.to == FRONT && leg.kind == ERROR => self.server_mut(leg.from).failed.add(now),
            Trace::Note(_, Note::TakenOut { server, died, late }) => {
                // What was late at a server that fell while it drained died with it.
                let died = died + if self.fallen.contains(server) { *late } else { 0 };
                self.taken_out = (self.taken_out.0 + u64::from(died), self.taken_out.1 + 1);
            }
            Trace::Note(_, Note::Lost { server, late }) => {
                self.taken_out.0 += u64::from(!late || self.fallen.contains(server));
            }
            _ => {}
        }
    }

    /// Notes whoever is down and drains: nothing but a poke or a failure makes a server fall, and either may touch anybody.
    fn look_for_falls(&mut self, sim: &Sim<Traffic>) {
        let Some(front) = front(sim) else { return };
        let falls = |backend: &&Backend| backend.part == Part::Drains && !sim.node(backend.id).is_up();
        self.fallen.extend(front.pool.there().filter(falls).map(|backend| backend.id));
    }

    /// Bytes went between the front and a server; of what dies on its way, nobody knows how much did.
    fn carried(&mut self, leg: &Leg, sim: &Sim<Traffic>) {
        let server = if leg.from == FRONT { leg.to } else { leg.from };
        if (leg.to != FRONT && leg.from != FRONT) || !sim.settings().is_app(server) {
            return;
        }
        let page = if leg.kind == ANSWER { u64::from(sim.settings().wire_page()) } else { 0 };
        self.server_mut(server).bytes.add_many(sim.now(), HEADER + page);
        if leg.kind == ANSWER {
            self.answered(server, sim);
        }
    }

    /// A page came from a server: if the front still waited for it, it knows how long it took.
    fn answered(&mut self, id: NodeId, sim: &Sim<Traffic>) {
        let Some(front) = front(sim) else { return };
        let Some(backend) = front.pool.find(id).map(|at| &front.pool.backends[at]) else { return };
        if self.laps.len() <= id.index() {
            self.laps.resize_with(id.index() + 1, Laps::default);
        }
        self.laps[id.index()].add(backend.answers, backend.took, sim.now());
    }

    /// The response times of a server in the last second, from the front on.
    pub fn laps_of(&self, id: NodeId) -> Option<&Laps> {
        self.laps.get(id.index())
    }

    fn server_mut(&mut self, id: NodeId) -> &mut Server {
        if self.servers.len() <= id.index() {
            self.servers.resize(id.index() + 1, Server::default());
        }
        &mut self.servers[id.index()]
    }

    /// A count of all servers that there have been.
    pub fn in_all(&self, count: fn(&Server) -> u64) -> u64 {
        self.servers.iter().map(count).sum()
    }

    /// What messages tell of a server.
    pub fn server(&self, id: NodeId) -> Server {
        self.servers.get(id.index()).copied().unwrap_or_default()
    }

    fn mark(&mut self, sim: &Sim<Traffic>, now: Time) {
        let busy = (0..sim.servers()).map(|server| sim.queueing(NodeId::server(server)).busy.0).collect();
        self.marks.push_back((now, busy));
        self.laps.iter_mut().for_each(|laps| laps.pass(now));
        while self.marks.get(1).is_some_and(|(at, _)| now.since(*at) >= WINDOW) {
            self.marks.pop_front();
        }
    }

    /// The share of the last second, or of the time so far, that the workers of a server were busy.
    pub fn busy(&self, sim: &Sim<Traffic>, id: NodeId) -> f64 {
        let now = sim.now();
        let Some((since, marked)) = self.marks.front() else { return 0.0 };
        let workers = sim.queueing(id).workers.max(1);
        let spent = sim.queueing(id).busy.0.saturating_sub(marked.get(id.index()).copied().unwrap_or(0));
        let all = now.since(*since).0.saturating_mul(u64::from(workers));
        if all == 0 { 0.0 } else { (spent as f64 / all as f64).min(1.0) }
    }

    /// Counts what servers cost up to now.
    fn pay(&mut self, sim: &Sim<Traffic>, now: Time) {
        let (paid, servers) = self.paid;
        self.cost += u128::from(now.since(paid).0) * u128::from(servers);
        let there = front(sim).map_or(servers, |front| front.pool.there().count() as u32);
        self.paid = (now, there);
        if there != servers {
            self.bill.go_on(sim);
        }
    }

    /// Seconds that all servers together were there.
    pub fn server_seconds(&self, now: Time) -> f64 {
        let (paid, servers) = self.paid;
        (self.cost + u128::from(now.since(paid).0) * u128::from(servers)) as f64 / 1e9
    }

    /// How many requests died with servers that were taken out, and how many servers were.
    pub fn taken_out(&self) -> (u64, u64) {
        self.taken_out
    }
}

/// The place of a bad end in [`Watch::causes`].
fn number_of(cause: &Cause) -> usize {
    How::BAD.iter().position(|(_, says)| matches!(cause, Cause::Said(said) if said == says)).unwrap_or(CAUSES - 1)
}
