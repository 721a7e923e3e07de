//! Whom a server believes to live: it checks those that it sends requests to, and counts what they miss.

use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;

use super::Fleet;
use super::inventory::Tier;
use super::message::{Msg, Note, Timer};
use super::settings::{Address, Settings};

/// What one server believes of others. It is lost with the process: whoever starts believes that all live.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// The number of the last check.
    round: u32,
    /// Counts changes of what is believed.
    pub version: u32,
    /// Tier by tier, in the order of their names.
    watched: Vec<Watched>,
}

/// One server that is checked.
#[derive(Clone, Copy, Debug)]
struct Watched {
    id: NodeId,
    /// Checks missed in a row.
    missed: u32,
    /// The last check that it answered.
    answered: u32,
    lives: bool,
}

impl Watched {
    fn new(id: NodeId) -> Watched {
        Watched { id, missed: 0, answered: 0, lives: true }
    }
}

/// Whom this server checks: those of the next tier, and with a shared address the fronts before it.
fn targets(me: NodeId, settings: &Settings) -> Vec<NodeId> {
    let all = settings.inventory();
    match all.tier(me) {
        Some(Tier::Front) => {
            let before = all.of(Tier::Front).take_while(|id| *id != me && settings.address == Address::Shared);
            before.chain(all.of(Tier::App)).collect()
        }
        Some(Tier::App) => all.of(Tier::Db).collect(),
        Some(Tier::Db) | None => Vec::new(),
    }
}

impl Health {
    pub(super) fn boot(cx: &mut Cx<'_, Fleet>) -> Health {
        let mut health = Health::default();
        health.follow_settings(cx);
        health
    }

    /// Servers come and go, and checks may be turned on or off. Without checks all are believed to live.
    pub(super) fn follow_settings(&mut self, cx: &mut Cx<'_, Fleet>) {
        let check = cx.settings().check;
        let known = std::mem::take(&mut self.watched);
        let of = |id: NodeId| known.iter().find(|one| one.id == id && check.is_some()).copied().unwrap_or(Watched::new(id));
        self.watched = targets(cx.id(), cx.settings()).into_iter().map(of).collect();
        self.version += 1;
        match check {
            Some(every) if !self.watched.is_empty() => cx.start_timer(every, Timer::Check),
            _ => [Timer::Check, Timer::Missed].into_iter().for_each(|timer| cx.cancel_timer(timer)),
        }
    }

    /// Checks everybody, and again after the interval.
    pub(super) fn on_check(&mut self, cx: &mut Cx<'_, Fleet>) {
        let (Some(every), timeout) = (cx.settings().check, cx.settings().check_timeout) else { return };
        self.round += 1;
        for one in &self.watched {
            cx.send(one.id, Msg::Check { round: self.round });
        }
        cx.set_timer(every, Timer::Check);
        cx.set_timer(timeout.min(every), Timer::Missed);
    }

    /// A server answered a check: one answer is enough to be trusted again.
    pub(super) fn on_alive(&mut self, from: NodeId, round: u32, cx: &mut Cx<'_, Fleet>) {
        let Some(one) = self.watched.iter_mut().find(|one| one.id == from && round == self.round) else { return };
        (one.answered, one.missed) = (round, 0);
        if !std::mem::replace(&mut one.lives, true) {
            self.version += 1;
            cx.note(Note::Back { server: from });
        }
    }

    /// Counts who did not answer the last check; who missed as many in a row as the threshold says is out.
    pub(super) fn on_missed(&mut self, cx: &mut Cx<'_, Fleet>) {
        let (round, threshold) = (self.round, cx.settings().check_threshold);
        for one in self.watched.iter_mut().filter(|one| one.answered != round) {
            one.missed += 1;
            if one.lives && one.missed >= threshold {
                one.lives = false;
                self.version += 1;
                cx.note(Note::Out { server: one.id, missed: one.missed });
            }
        }
    }

    /// Who is believed to live, of those that `is_it` is true of.
    pub fn living(&self, is_it: impl Fn(NodeId) -> bool) -> impl Iterator<Item = NodeId> {
        self.watched.iter().filter(move |one| one.lives && is_it(one.id)).map(|one| one.id)
    }

    /// Who has missed a check and is believed to live yet.
    pub fn doubted(&self) -> impl Iterator<Item = NodeId> {
        self.watched.iter().filter(|one| one.lives && one.missed > 0).map(|one| one.id)
    }

    /// Who is believed to be dead.
    pub fn out(&self) -> impl Iterator<Item = NodeId> {
        self.watched.iter().filter(|one| !one.lives).map(|one| one.id)
    }
}
