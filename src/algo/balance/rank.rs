//! Rules that draw, compare or hash.

use rand::Rng;
use rand::seq::IndexedRandom;

use crate::algo::hash::scatter;

/// Any of them.
pub(super) fn any(usable: &[usize], draws: &mut impl Rng) -> Option<usize> {
    usable.choose(draws).copied()
}

/// The one with the least cost; of equals any, each with the same probability (the k-th equal replaces the one before with 1/k).
pub(super) fn least(usable: &[usize], cost: impl Fn(usize) -> f64, draws: &mut impl Rng) -> Option<usize> {
    let (mut best, mut equals) = ((*usable.first()?, f64::INFINITY), 0);
    for number in usable {
        let cost = cost(*number);
        equals = if cost < best.1 { 1 } else { equals + u64::from(cost <= best.1) };
        let is_better = cost < best.1 || (cost <= best.1 && below(equals, draws) == 0);
        if is_better {
            best = (*number, cost);
        }
    }
    Some(best.0)
}

/// The one with the least cost of so many draws with replacement; of equals the first drawn.
pub(super) fn least_of(choices: u32, usable: &[usize], cost: impl Fn(usize) -> f64, draws: &mut impl Rng) -> Option<usize> {
    let mut best = any(usable, draws)?;
    for _ in 1..choices {
        let other = any(usable, draws)?;
        if cost(other) < cost(best) {
            best = other;
        }
    }
    Some(best)
}

/// The key modulo the number of servers.
pub fn modulo(usable: &[usize], key: u64) -> Option<usize> {
    let servers = usable.len() as u64;
    (servers > 0).then(|| usable[(scatter(key) % servers) as usize])
}

/// The server whose hash with the key is greatest.
pub fn rendezvous(usable: &[usize], key: u64) -> Option<usize> {
    usable.iter().copied().max_by_key(|number| scatter(key ^ scatter(*number as u64 + 1)))
}

/// Uniform in 0..n (Lemire's multiplication).
fn below(n: u64, draws: &mut impl Rng) -> u64 {
    ((u128::from(draws.next_u64()) * u128::from(n)) >> 64) as u64
}
