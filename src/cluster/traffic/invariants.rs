//! What must hold after every event, whatever is done to the cluster.

use crate::cluster::live::Upheld;
use crate::command::Poke;
use crate::sim::history::{Kind, Record};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::Entry;

use super::message::{Note, View};
use super::pool::Part;
use super::settings::{AllUnhealthy, FRONT, name};
use super::{Front, Traffic, front};

/// Remembered to look at each event by itself.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    begun: u64,
    ended: u64,
    /// How many retries the front had under way.
    retrying: u32,
}

impl Upheld<Traffic> for Invariants {
    fn begin(&mut self, _: &Sim<Traffic>) {}

    fn poked(&mut self, _: &Poke, sim: &Sim<Traffic>) {
        self.retrying = front(sim).map_or(0, |front| front.retrying);
    }

    fn recorded(&mut self, record: &Record<View, ()>, _: &Sim<Traffic>) -> Result<(), String> {
        match record.kind {
            Kind::Invoke(_) => self.begun += 1,
            _ => self.ended += 1,
        }
        if self.ended <= self.begun { Ok(()) } else { Err("every request ends once at its user".into()) }
    }

    fn traced(&mut self, _: &Entry<Note>, _: &Sim<Traffic>) -> Result<(), String> {
        Ok(())
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Traffic>) -> Result<(), String> {
        let open = self.begun - self.ended;
        let known: usize = sim.ids().filter(|id| id.is_client()).map(|id| sim.open_requests(id)).sum();
        if open != known as u64 {
            return Err(format!("requests are open or have ended: {open} were not seen to end, {known} are open"));
        }
        match touched {
            Some(FRONT) => self.of_front(sim),
            Some(id) if !id.is_client() => station(sim, id),
            Some(_) => Ok(()),
            None => self.of_front(sim).and_then(|()| sim.ids().filter(|id| !id.is_client()).try_for_each(|id| station(sim, id))),
        }
    }
}

impl Invariants {
    fn of_front(&mut self, sim: &Sim<Traffic>) -> Result<(), String> {
        let Some(front) = front(sim) else {
            self.retrying = 0;
            return Ok(());
        };
        budget(front, self.retrying, sim)?;
        self.retrying = front.retrying;
        counts(front)?;
        usable(front, sim)
    }
}

/// A retry begins only within the budget.
fn budget(front: &Front, before: u32, sim: &Sim<Traffic>) -> Result<(), String> {
    let most = sim.settings().budget().map_or(u32::MAX, |budget| budget.most(front.tries.len()));
    if front.retrying <= before || front.retrying <= most {
        return Ok(());
    }
    Err(format!("retries stay within their budget: the front has {} under way, {most} are the most", front.retrying))
}

/// What the front counts at its servers is what it waits for.
fn counts(front: &Front) -> Result<(), String> {
    let open: u32 = front.pool.backends.iter().map(|backend| backend.open).sum();
    if open == front.tries.len() {
        return Ok(());
    }
    Err(format!("what is under way is counted at one server: {open} at servers, {} in all", front.tries.len()))
}

/// Nothing new goes to who is out, starts, or drains.
fn usable(front: &Front, sim: &Sim<Traffic>) -> Result<(), String> {
    let blind = sim.settings().all_unhealthy == AllUnhealthy::RouteToAll;
    let pool = &front.pool;
    let wrong = pool.balancer.usable().iter().map(|at| &pool.backends[*at]).find(|b| b.part != Part::Serves || !(b.healthy || blind));
    wrong.map_or(Ok(()), |backend| Err(format!("a server that may not be used gets nothing: {} may be picked", name(backend.id))))
}

/// Everything that came is somewhere; no worker idles while something waits; nobody waits beyond the limit.
fn station(sim: &Sim<Traffic>, id: NodeId) -> Result<(), String> {
    let (line, name) = (sim.queueing(id), name(id));
    let places = u64::from(line.waiting + line.serving) + line.done + line.rejected + line.lost;
    if line.arrived != places {
        return Err(format!(
            "what came waits, is worked on, done, refused or lost: {} came to {name}, {places} are somewhere",
            line.arrived
        ));
    }
    let idle = line.waiting > 0 && line.serving + line.kept < line.workers;
    if idle && sim.node(id).is_up() && !sim.node(id).is_paused() {
        return Err(format!("no worker is idle while something waits: {} wait at {name}", line.waiting));
    }
    Ok(())
}
