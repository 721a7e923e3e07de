//! Balancing: which of several servers gets the next request.
//!
//! Sources: smooth weighted round robin and least connections as in NGINX (`ngx_http_upstream_round_robin`, `least_conn`); two
//! choices after Mitzenmacher 2001 and Azar et al. 1994; rendezvous hashing after Thaler and Ravishankar 1998; least time as
//! response time times requests under way (peak EWMA of Finagle, without the peak).

mod rank;
#[cfg(test)]
mod tests;
mod turn;

use rand::Rng;

use turn::Turn;

pub use rank::{modulo, rendezvous};

/// A rule for picking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Each in turn. A server that comes or goes does not start the round anew.
    RoundRobin,
    /// In turn by weight, spread evenly: weights 5 1 1 give `a a b a c a a`.
    Weighted,
    /// Any, with the same probability.
    Random,
    /// The one with the fewest requests for its weight; of equals any.
    LeastConnections,
    /// Of so many drawn *with replacement* the one with the fewest requests for its weight; of equals the first drawn.
    Choices(u32),
    /// By the key, modulo the number of servers.
    Hash,
    /// By the key, the server whose own hash with it is greatest: only the keys of a server that goes move.
    Rendezvous,
    /// The one with the smallest product of mean response time and requests under way, for its weight; of equals any.
    LeastTime,
}

/// A server as the balancer knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// How much it can do beside the others; at least 1.
    pub weight: u32,
    /// How many requests it has, as far as the balancer knows.
    pub load: u32,
    /// The moving mean of its response times in nanoseconds; `None` before the first.
    pub time: Option<f64>,
    /// What smooth weighted round robin owes it.
    credit: i64,
}

impl Target {
    /// A server of which nothing is known yet.
    pub fn new(weight: u32) -> Target {
        Target { weight: weight.max(1), load: 0, time: None, credit: 0 }
    }

    /// Takes a response time into the moving mean: an eighth of what is new, as for round trips in RFC 6298.
    pub fn answered(&mut self, ns: u64) {
        let new = ns as f64;
        self.time = Some(self.time.map_or(new, |mean| mean + (new - mean) / 8.0));
    }
}

/// A balancer's view of the servers behind it. Servers are numbered from 0 in the order in which they were added and keep their
/// number.
#[derive(Clone, Debug, Default)]
pub struct Balancer {
    targets: Vec<Target>,
    /// The servers that may be picked, in the order of their numbers.
    usable: Vec<usize>,
    turn: Turn,
}

impl Balancer {
    /// Adds a server that may be picked from now on; its number is returned.
    pub fn add(&mut self, target: Target) -> usize {
        let number = self.targets.len();
        self.targets.push(target);
        self.usable.push(number);
        number
    }

    /// Lets a server be picked, or not. `false` when nothing changes.
    pub fn set_usable(&mut self, number: usize, usable: bool) -> bool {
        match self.usable.binary_search(&number) {
            Ok(at) if !usable => {
                self.usable.remove(at);
                true
            }
            Err(at) if usable && number < self.targets.len() => {
                self.usable.insert(at, number);
                true
            }
            _ => false,
        }
    }

    /// The servers that may be picked, in the order of their numbers.
    pub fn usable(&self) -> &[usize] {
        &self.usable
    }

    /// Whether a server may be picked.
    pub fn is_usable(&self, number: usize) -> bool {
        self.usable.binary_search(&number).is_ok()
    }

    /// Every server.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// A server, to be changed.
    pub fn target_mut(&mut self, number: usize) -> Option<&mut Target> {
        self.targets.get_mut(number)
    }

    /// Picks a server for a request with this key, among those that may be picked but `not` (tried before), where that leaves one.
    /// `None` when none may be picked. It costs a step for each server at most.
    pub fn pick(&mut self, policy: Policy, key: u64, not: Option<usize>, draws: &mut impl Rng) -> Option<usize> {
        let without = not.and_then(|not| self.usable.binary_search(&not).ok()).filter(|_| self.usable.len() > 1);
        let removed = without.map(|at| (at, self.usable.remove(at)));
        let picked = self.pick_any(policy, key, draws);
        if let Some((at, number)) = removed {
            self.usable.insert(at, number);
        }
        picked
    }

    fn pick_any(&mut self, policy: Policy, key: u64, draws: &mut impl Rng) -> Option<usize> {
        match policy {
            Policy::RoundRobin => self.turn.next(&self.usable),
            Policy::Weighted => turn::smooth(&mut self.targets, &self.usable),
            Policy::Random => rank::any(&self.usable, draws),
            Policy::LeastConnections => rank::least(&self.usable, |number| self.load_of(number), draws),
            Policy::Choices(choices) => rank::least_of(choices, &self.usable, |number| self.load_of(number), draws),
            Policy::Hash => rank::modulo(&self.usable, key),
            Policy::Rendezvous => rank::rendezvous(&self.usable, key),
            Policy::LeastTime => {
                let usual = self.least_known_time();
                rank::least(&self.usable, |number| self.wait_of(number, usual), draws)
            }
        }
    }

    fn load_of(&self, number: usize) -> f64 {
        let target = &self.targets[number];
        f64::from(target.load) / f64::from(target.weight)
    }

    /// What one more request would take there: of a server that has answered nothing yet as of the fastest.
    fn wait_of(&self, number: usize, usual: f64) -> f64 {
        let target = &self.targets[number];
        target.time.unwrap_or(usual) * f64::from(target.load + 1) / f64::from(target.weight)
    }

    fn least_known_time(&self) -> f64 {
        let known = self.usable.iter().filter_map(|number| self.targets[*number].time);
        known.fold(f64::INFINITY, f64::min).min(f64::MAX)
    }
}
