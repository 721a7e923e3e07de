//! What must hold after every event, whatever is done to the cluster.

use std::collections::BTreeSet;

use crate::cluster::live::Upheld;
use crate::command::Poke;
use crate::persistent::OrdSet;
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Entry, Fault, Trace};

use super::Fleet;
use super::message::{Note, Op, Ret};

/// Remembered to look at each event by itself.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    begun: u64,
    ended: u64,
    /// Every addition that anybody asked for.
    asked: OrdSet<(NodeId, RequestId)>,
    /// Servers that failed in this event.
    failed: BTreeSet<NodeId>,
    /// An account of its own of when each server ran: whether it does, since when, and how long it did before.
    ran: Vec<(bool, Time, Span)>,
}

impl Upheld<Fleet> for Invariants {
    fn begin(&mut self, sim: &Sim<Fleet>) {
        self.ran = vec![(true, sim.now(), Span::ZERO); usize::from(sim.servers())];
    }

    fn poked(&mut self, _: &Poke, _: &Sim<Fleet>) {}

    fn recorded(&mut self, record: &Record<Op, Ret>, _: &Sim<Fleet>) -> Result<(), String> {
        match &record.kind {
            Kind::Invoke(op) => {
                self.begun += 1;
                if matches!(op, Op::Add { .. } | Op::Garbled) {
                    self.asked.insert((record.client, record.request));
                }
                return Ok(());
            }
            Kind::Ok(Ret::Bill(_, lines)) => {
                let strange = lines.iter().find(|line| !self.asked.contains(&(record.client, line.request)));
                if let Some(line) = strange {
                    return Err(format!(
                        "a cart holds what its user asked for: {} is billed for request {}",
                        record.client, line.request.0
                    ));
                }
                let twice = lines.windows(2).any(|two| two[0].request >= two[1].request);
                if twice {
                    return Err("a request is in a cart once: a bill has it twice".into());
                }
            }
            _ => {}
        }
        self.ended += 1;
        if self.ended <= self.begun { Ok(()) } else { Err("every request ends once at its user".into()) }
    }

    fn traced(&mut self, entry: &Entry<Note>, _: &Sim<Fleet>) -> Result<(), String> {
        if let Trace::Fault(id, Fault::Failed) = entry.what {
            self.failed.insert(id);
        }
        Ok(())
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Fleet>) -> Result<(), String> {
        let open: usize = sim.ids().filter(|id| id.is_client()).map(|id| sim.open_requests(id)).sum();
        if open as u64 != self.begun - self.ended {
            return Err(format!("requests are open or have ended: {} are neither", self.begun - self.ended));
        }
        let failed = std::mem::take(&mut self.failed);
        one_zone(&failed, sim)?;
        let mut turned = touched.is_none();
        for id in sim.server_ids().filter(|id| touched.is_none_or(|touched| touched == *id)) {
            turned |= self.account(id, sim)?;
        }
        if turned { repairs(sim) } else { Ok(()) }
    }
}

impl Invariants {
    /// The time that a server ran and the time that it was down are all the time there was. Whether it went down or came up in this event.
    fn account(&mut self, id: NodeId, sim: &Sim<Fleet>) -> Result<bool, String> {
        let (now, runs) = (sim.now(), sim.node(id).is_up());
        if self.ran.len() <= id.index() {
            self.ran.resize(id.index() + 1, (false, Time::ZERO, Span::ZERO));
            self.ran[id.index()] = (runs, now, Span(now.0));
        }
        let (ran, since, before) = self.ran[id.index()];
        if ran == runs {
            return Ok(false);
        }
        let up = before + if ran { now.since(since) } else { Span::ZERO };
        self.ran[id.index()] = (runs, now, up);
        let down = sim.node(id).uptime().down_until(now);
        if up + down == Span(now.0) {
            return Ok(true);
        }
        Err(format!("a server runs or is down: {id} ran for {up} and was down for {down} of {}", Span(now.0)))
    }
}

/// What fails in one event is one server, or everything in one rack.
fn one_zone(failed: &BTreeSet<NodeId>, sim: &Sim<Fleet>) -> Result<(), String> {
    let map = sim.network().map();
    let Some(first) = failed.first().filter(|_| failed.len() > 1) else { return Ok(()) };
    let zone = map.zone(*first);
    let wrong = sim.server_ids().find(|id| if map.zone(*id) == zone { sim.node(*id).is_up() } else { failed.contains(id) });
    wrong.map_or(Ok(()), |id| Err(format!("a rack fails as one: {id} did not do as {first} did")))
}

/// Each server is one of: it runs, it waits for a crew, it is in repair, it is down with its rack; and no crew is at two of them.
fn repairs(sim: &Sim<Fleet>) -> Result<(), String> {
    let (mut at_work, mut waiting) = (0, 0);
    for id in sim.server_ids() {
        let (runs, repair, out) = (sim.node(id).is_up(), sim.repair(id), sim.is_out_with_its_zone(id));
        at_work += u32::from(repair == Some(true));
        waiting += u32::from(repair == Some(false));
        if usize::from(runs) + usize::from(repair.is_some()) + usize::from(out) != 1 {
            return Err(format!("a server runs, waits, is in repair, or is down with its rack: {id} is not one of these"));
        }
    }
    match sim.settings().crews {
        Some(crews) if waiting > 0 && at_work < crews => Err(format!("no crew is idle while a server waits: {at_work} of {crews} work")),
        None if waiting > 0 => Err("every server has a crew of its own: one waits".into()),
        _ => Ok(()),
    }
}
