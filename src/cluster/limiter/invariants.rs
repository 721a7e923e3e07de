//! What limiters promise whatever is done to them, looked at after every event.

use crate::algo::limit::{Rules, State};
use crate::cluster::live::Upheld;
use crate::command::Poke;
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Span;
use crate::sim::trace::{Entry, Trace};

use super::facts::{clock, rules_of};
use super::message::{Op, Ret};
use super::node::Limiter;
use super::note::Note;
use super::settings::Clock;
use super::table::Table;
use super::{FIRST, RateLimiter, STORE};

/// What is remembered to compare with.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    /// Whether a wall clock was set: a limiter cannot know what it missed.
    is_lost_in_time: bool,
}

impl Upheld<RateLimiter> for Invariants {
    fn begin(&mut self, _: &Sim<RateLimiter>) {}

    fn poked(&mut self, poke: &Poke, sim: &Sim<RateLimiter>) {
        let wall = sim.settings().clock == Clock::Wall;
        self.is_lost_in_time |= match poke {
            Poke::Skew(..) => wall,
            // Another setting may have other clocks, set long ago.
            Poke::Set(..) => true,
            _ => false,
        };
    }

    fn recorded(&mut self, _: &Record<Op, Ret>, _: &Sim<RateLimiter>) -> Result<(), String> {
        Ok(())
    }

    fn traced(&mut self, entry: &Entry<Note>, _: &Sim<RateLimiter>) -> Result<(), String> {
        match &entry.what {
            Trace::Note(who, Note::Refused { after: Span::ZERO, .. }) => {
                Err(format!("a refusal says when to come back: {who} says at once"))
            }
            _ => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<RateLimiter>) -> Result<(), String> {
        let nodes = sim.server_ids().filter(|id| touched.is_none_or(|node| node == *id));
        nodes.into_iter().try_for_each(|id| self.holds_at(id, sim))
    }
}

impl Invariants {
    fn holds_at(&self, id: NodeId, sim: &Sim<RateLimiter>) -> Result<(), String> {
        let table = match sim.node(id).state() {
            Some(RateLimiter::Limiter(limiter)) => {
                adds_up(id, limiter)?;
                &limiter.table
            }
            Some(RateLimiter::Store(store)) if id == STORE => &store.table,
            _ => return Ok(()),
        };
        if table.counts_by(sim.settings_of(id)) { self.last_is_sound(id, table, sim) } else { Ok(()) }
    }

    /// The key that was counted last is within its bounds: more can have changed only with the settings.
    fn last_is_sound(&self, id: NodeId, table: &Table, sim: &Sim<RateLimiter>) -> Result<(), String> {
        let Some(key) = &table.last else { return Ok(()) };
        let rules = rules_of(sim, id);
        let queue = table.queues.get(key).filter(|queue| queue.len() > rules.burst as usize);
        if let Some(queue) = queue {
            return Err(format!("a queue holds what it has places for: {id} has {} of {key}, not {}", queue.len(), rules.burst));
        }
        match table.states.get(key) {
            Some(state) => self.state_is_sound(state, clock(sim, id, sim.now()), &rules).map_err(|what| format!("{what}: {key} at {id}")),
            None => Ok(()),
        }
    }

    fn state_is_sound(&self, state: &State, now: u64, rules: &Rules) -> Result<(), &'static str> {
        let level = state.level(now, rules);
        match state {
            State::Bucket(_) if level.held < 0.0 || level.held > level.size => Err("a bucket holds no more than its size"),
            State::Log(log) if log.len() > rules.quota.limit as usize => Err("a log holds no more than the limit"),
            State::Fixed(_) if level.held > level.size && !rules.quota.counts_refused => Err("a window counts no more than the limit"),
            State::Gcra(gcra) if !self.is_lost_in_time => {
                let flow = rules.flow();
                let is_near = gcra.ahead(now, flow) <= flow.tolerance + flow.cost;
                if is_near { Ok(()) } else { Err("the next arrival is at most tau + T ahead") }
            }
            _ => Ok(()),
        }
    }
}

/// Every request that came is passed, refused, or held.
fn adds_up(id: NodeId, limiter: &Limiter) -> Result<(), String> {
    let (counts, held) = (limiter.counts, limiter.held());
    if counts.seen == counts.passed + counts.refused + held {
        return Ok(());
    }
    let number = id.index() + 1 - FIRST;
    Err(format!("every request is somewhere: limiter{number} saw {}, and has {counts:?} and holds {held}", counts.seen))
}
