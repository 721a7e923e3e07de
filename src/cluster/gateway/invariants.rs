//! What gateways promise whatever is done to them, looked at after every event.

use crate::cluster::kit::terms::Terms;
use crate::cluster::live::Upheld;
use crate::command::Poke;
use crate::sim::history::{Kind, Record};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::{Entry, Trace};

use super::lane::Lane;
use super::message::{Op, Ret};
use super::node::Gateway;
use super::note::Note;
use super::words::{Fallback, Service};
use super::{Shop, gateways, is_gateway, name};

/// What excuses from a promise.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
enum Happened {
    /// A setting was changed: what began under another is held against no limit of this.
    Changed,
}

impl From<Happened> for u8 {
    fn from(what: Happened) -> u8 {
        what as u8
    }
}

/// What is remembered to compare with.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    terms: Terms<Happened>,
    begun: u64,
    ended: u64,
}

impl Upheld<Shop> for Invariants {
    fn begin(&mut self, _: &Sim<Shop>) {}

    fn poked(&mut self, poke: &Poke, _: &Sim<Shop>) {
        self.terms.note(Happened::Changed, matches!(poke, Poke::Set(..)));
    }

    fn recorded(&mut self, record: &Record<Op, Ret>, _: &Sim<Shop>) -> Result<(), String> {
        match record.kind {
            Kind::Invoke(_) => self.begun += 1,
            _ => self.ended += 1,
        }
        if self.ended <= self.begun { Ok(()) } else { Err("every request ends once at its user".into()) }
    }

    fn traced(&mut self, entry: &Entry<Note>, sim: &Sim<Shop>) -> Result<(), String> {
        let Trace::Note(who, Note::Called { service, attempt, came, .. }) = &entry.what else { return Ok(()) };
        if !self.terms.free_of(&[Happened::Changed]) {
            return Ok(());
        }
        let settings = sim.settings();
        let most = 1 + settings.retries + u32::from(settings.fallback == Fallback::Call);
        if *attempt > most {
            return Err(format!("a call is tried {most} times at most: {} was called {attempt} times for one request", service.name()));
        }
        let waited = sim.node(*who).clock().steady(entry.at).since(*came);
        if settings.timeout.is_some_and(|timeout| waited > timeout) {
            return Err(format!("nothing is called for a request whose time is over: {} was, after {waited}", service.name()));
        }
        Ok(())
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Shop>) -> Result<(), String> {
        if touched.is_some_and(|id| !is_gateway(id)) {
            return Ok(());
        }
        let strict = self.terms.free_of(&[Happened::Changed]);
        gateways(sim).try_for_each(|(id, gateway)| holds(gateway, sim, strict).map_err(|what| format!("{what} at {}", name(id))))
    }
}

fn holds(gateway: &Gateway, sim: &Sim<Shop>, strict: bool) -> Result<(), String> {
    let (busy, waiting, all) = (gateway.slots.len(), gateway.line.len(), gateway.jobs.len());
    if busy + waiting != all {
        return Err(format!("every request has a worker or waits for one: {busy} have, {waiting} wait, there are {all}"));
    }
    let workers = sim.settings().workers as usize;
    if strict && busy > workers {
        return Err(format!("no more workers are busy than there are: {busy} of {workers}"));
    }
    if strict && waiting > 0 && busy < workers {
        return Err(format!("nobody waits while a worker is free: {waiting} wait, {busy} of {workers} are busy"));
    }
    Service::ALL.into_iter().try_for_each(|service| lane(&gateway.lanes[service as usize], all, service, sim, strict))
}

fn lane(lane: &Lane, all: usize, service: Service, sim: &Sim<Shop>, strict: bool) -> Result<(), String> {
    let (settings, service) = (sim.settings(), service.name());
    if lane.retrying > lane.active || lane.holding() as usize > all {
        return Err(format!("who waits for a service has a request: {} wait for {service}, there are {all}", lane.holding()));
    }
    let within = settings.bulkhead.is_none_or(|most| lane.active + lane.resting <= most);
    if strict && !within {
        return Err(format!("a bulkhead keeps to its size: {} workers wait for {service}", lane.active + lane.resting));
    }
    if settings.breaker && strict && lane.breaker.trials_out() > settings.breaker_trials {
        return Err(format!("a breaker makes no more trials than it may: {} of {service} are under way", lane.breaker.trials_out()));
    }
    Ok(())
}
