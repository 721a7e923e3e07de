//! What must hold after every event, whatever is done to the cluster.

use std::collections::BTreeMap;

use crate::cluster::live::Upheld;
use crate::command::Poke;
use crate::sim::history::{Kind, Record};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::Entry;

use super::database::Rows;
use super::message::Visit;
use super::note::Note;
use super::pool::Part;
use super::roster::{FRONT, Role};
use super::{Front, Traffic, front};

/// Remembered to look at each event by itself.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    begun: u64,
    ended: u64,
    /// How many retries the front had under way.
    retrying: u32,
    /// How many waited and were worked on at each server, so that only what is new is held against its limits.
    lines: Vec<(u32, u32)>,
    /// The last write that the leader of each shard ever made.
    writes: BTreeMap<(u8, u32), u32>,
}

impl Upheld<Traffic> for Invariants {
    fn begin(&mut self, _: &Sim<Traffic>) {}

    fn poked(&mut self, _: &Poke, sim: &Sim<Traffic>) {
        self.retrying = front(sim).map_or(0, |front| front.retrying);
    }

    fn recorded(&mut self, record: &Record<Visit, ()>, _: &Sim<Traffic>) -> Result<(), String> {
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
            Some(id) if !id.is_client() => self.server(sim, id),
            Some(id) => users(sim, id),
            None => {
                self.of_front(sim)?;
                sim.ids().try_for_each(|id| if id.is_client() { users(sim, id) } else { self.server(sim, id) })
            }
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

    fn server(&mut self, sim: &Sim<Traffic>, id: NodeId) -> Result<(), String> {
        self.copies(sim, id)?;
        self.station(sim, id)
    }

    /// No replica knows of a write that its leader has not made, not even where the leader's disk was lost since.
    fn copies(&mut self, sim: &Sim<Traffic>, id: NodeId) -> Result<(), String> {
        let Some(Traffic::Database(database)) = sim.node(id).state() else { return Ok(()) };
        let Role::Db { shard, copy } = sim.settings().roster().role(id) else { return Ok(()) };
        if copy == 0 {
            let Rows { number, history, .. } = *sim.node(id).store().current();
            let made = self.writes.entry((shard, history)).or_insert(0);
            *made = number.max(*made);
            return Ok(());
        }
        let (history, known) = database.known();
        let made = self.writes.get(&(shard, history)).copied().unwrap_or_default();
        if known > made {
            let who = sim.settings().name(id);
            return Err(format!("a replica knows no write that its leader did not make: {who} knows {known}, of {made}"));
        }
        Ok(())
    }

    fn station(&mut self, sim: &Sim<Traffic>, id: NodeId) -> Result<(), String> {
        if self.lines.len() <= id.index() {
            self.lines.resize(id.index() + 1, (0, 0));
        }
        let (line, limit) = (sim.queueing(id), sim.line(id).station().queue);
        let (waited, served) = std::mem::replace(&mut self.lines[id.index()], (line.waiting, line.serving));
        if line.waiting > limit.max(waited) && !sim.node(id).is_paused() {
            return Err(format!("no more than {limit} wait: {} wait at {}", line.waiting, sim.settings().name(id)));
        }
        if line.serving > line.workers.max(served) {
            return Err(format!("{} workers serve no more: {} are served at {}", line.workers, line.serving, sim.settings().name(id)));
        }
        station(sim, id)
    }
}

/// Whoever neither thinks nor waits for an answer is lost to a closed load (Schroeder, Wierman and Harchol-Balter 2006).
fn users(sim: &Sim<Traffic>, id: NodeId) -> Result<(), String> {
    let Some((load, _)) = sim.load(id) else { return Ok(()) };
    let (users, thinking, open) = (load.arrivals.users() as usize, sim.thinking(id), sim.open_requests(id));
    if users == 0 || (thinking <= users && thinking + open >= users) {
        return Ok(());
    }
    Err(format!("each of {users} users thinks or waits for an answer: {thinking} think, {open} requests are open"))
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
    let pool = &front.pool;
    let blind = pool.is_blind(sim.settings());
    let wrong = pool.balancer.usable().iter().map(|at| &pool.backends[*at]).find(|b| b.part != Part::Serves || !(b.healthy || blind));
    wrong.map_or(Ok(()), |backend| {
        Err(format!("a server that may not be used gets nothing: {} may be picked", sim.settings().name(backend.id)))
    })
}

/// Everything that came is somewhere; no worker idles while something waits; nobody waits beyond the limit.
fn station(sim: &Sim<Traffic>, id: NodeId) -> Result<(), String> {
    let (line, name) = (sim.queueing(id), sim.settings().name(id));
    let places = u64::from(line.waiting + line.serving) + line.done + line.rejected + line.lost;
    if line.arrived != places {
        return Err(format!(
            "what came waits, is worked on, done, refused or lost: {} came to {name}, {places} are somewhere",
            line.arrived
        ));
    }
    let idle = line.waiting > 0 && sim.line(id).has_free_worker();
    if idle && sim.node(id).is_up() && !sim.node(id).is_paused() {
        return Err(format!("no worker is idle while something waits: {} wait at {name}", line.waiting));
    }
    Ok(())
}
