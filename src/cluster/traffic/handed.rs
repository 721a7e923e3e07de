//! To whom the front hands requests: whether a visitor stays at one server, and whether the dead get anything.

use std::collections::BTreeMap;

use crate::check::operation::Key;
use crate::cluster::kit::recent::Rate;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::roster::FRONT;
use super::{Settings, Traffic, front};

/// Remembered of what the front hands out.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    /// Requests that went to another server than the last one of their visitor. Further tries of a request do not count: they go
    /// elsewhere on purpose.
    pub moved: u64,
    /// Requests that the front handed to servers.
    pub attempts: Rate,
    /// Those among them that had been tried before.
    pub retries: Rate,
    /// Requests that went to a server that had been dead for longer than checks take to notice.
    pub to_dead: u64,
    /// The number of the front's next call.
    next: u32,
    /// The last server of each visitor.
    last: OrdMap<Key, usize>,
    /// Servers that the front cannot reach, or that do not run, and since when.
    dead: BTreeMap<NodeId, Time>,
    /// Since when the front runs and checks as it does now.
    checks: Option<(Checks, Time)>,
}

/// How the front checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Checks {
    every: Option<Span>,
    timeout: Span,
    threshold: u32,
}

impl Checks {
    fn of(settings: &Settings) -> Checks {
        Checks { every: settings.check, timeout: settings.check_timeout, threshold: settings.check_threshold }
    }

    /// How long it takes at most until a dead server is noticed: it dies just after it answered, and misses so many checks, the last
    /// of which is waited for.
    fn notice(self) -> Option<Span> {
        let every = self.every?;
        Some(every.scaled(f64::from(self.threshold)) + self.timeout.min(every))
    }
}

impl Handed {
    pub(super) fn follow(&mut self, sim: &Sim<Traffic>, touched: Option<NodeId>) {
        let now = sim.now();
        match touched {
            Some(id) if id != FRONT => self.look(sim, id, now),
            Some(_) => self.of_front(sim, now),
            None => {
                self.dead.retain(|id, _| sim.has(*id));
                sim.server_ids().for_each(|id| self.look(sim, id, now));
                self.of_front(sim, now);
            }
        }
    }

    /// Whether a server runs and can be reached.
    fn look(&mut self, sim: &Sim<Traffic>, id: NodeId, now: Time) {
        if !sim.settings().is_app(id) || !sim.has(id) {
            return;
        }
        let (node, network) = (sim.node(id), sim.network());
        let lives = node.is_up() && !node.is_paused() && !network.is_cut(FRONT, id) && !network.is_cut(id, FRONT);
        if lives {
            self.dead.remove(&id);
        } else {
            self.dead.entry(id).or_insert(now);
        }
    }

    /// What the front has handed out since the last look.
    fn of_front(&mut self, sim: &Sim<Traffic>, now: Time) {
        let running = front(sim).filter(|_| !sim.node(FRONT).is_paused());
        let Some(front) = running else {
            let next = front(sim).map_or(0, |front| front.tries.next());
            (self.checks, self.next) = (None, next);
            return;
        };
        let checks = Checks::of(sim.settings());
        let since = self.checks.filter(|(known, _)| *known == checks).map_or(now, |(_, since)| since);
        self.checks = Some((checks, since));
        for one in front.tries.from(self.next) {
            let id = front.pool.backends[one.server].id;
            let dead = self.dead.get(&id).map(|dead| now.since((*dead).max(since)));
            self.to_dead += u64::from(dead.zip(checks.notice()).is_some_and(|(dead, notice)| dead > notice));
            self.attempts.add(now);
            if one.attempt > 1 {
                self.retries.add(now);
            } else {
                let before = self.last.insert(one.visitor.clone(), one.server);
                self.moved += u64::from(before.is_some_and(|before| before != one.server));
            }
        }
        self.next = front.tries.next();
    }
}
