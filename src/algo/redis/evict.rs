//! Eviction: which keys go when memory is short. Sampled, as in Redis: of a few keys drawn at random the one goes that was idle longest
//! (documentation "Key eviction", "Approximated LRU algorithm"), without the pool of good candidates that Redis keeps from one time to
//! the next since version 3.0.

use super::args::Text;
use super::keyspace::Keyspace;

/// Which keys may go, and which of them goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// None: commands that need memory are refused.
    NoEviction,
    /// Of all, the one that was not used for longest.
    AllKeysLru,
    /// Of those that expire, the one that was not used for longest.
    VolatileLru,
    /// Any.
    AllKeysRandom,
    /// Any of those that expire.
    VolatileRandom,
    /// Of those that expire, the one that expires first.
    VolatileTtl,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Policy; 6] =
        [Policy::NoEviction, Policy::AllKeysLru, Policy::VolatileLru, Policy::AllKeysRandom, Policy::VolatileRandom, Policy::VolatileTtl];

    /// Its name, as in `maxmemory-policy`.
    pub const fn word(self) -> &'static str {
        match self {
            Policy::NoEviction => "noeviction",
            Policy::AllKeysLru => "allkeys-lru",
            Policy::VolatileLru => "volatile-lru",
            Policy::AllKeysRandom => "allkeys-random",
            Policy::VolatileRandom => "volatile-random",
            Policy::VolatileTtl => "volatile-ttl",
        }
    }

    fn is_volatile(self) -> bool {
        matches!(self, Policy::VolatileLru | Policy::VolatileRandom | Policy::VolatileTtl)
    }

    fn samples(self, samples: usize) -> usize {
        match self {
            Policy::NoEviction => 0,
            Policy::AllKeysRandom | Policy::VolatileRandom => 1,
            Policy::AllKeysLru | Policy::VolatileLru | Policy::VolatileTtl => samples,
        }
    }
}

/// A key that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Victim {
    /// Its name.
    pub key: Text,
    /// When it was last used, in milliseconds.
    pub used: u64,
    /// Of how many other keys.
    pub others: usize,
    /// How many of these were used later.
    pub newer: usize,
}

/// The key that goes next; `None`: none may go.
fn victim(keys: &Keyspace, policy: Policy, samples: usize, mut draw: impl FnMut() -> f64) -> Option<Victim> {
    let drawn = (0..policy.samples(samples)).filter_map(|_| keys.pick(policy.is_volatile(), draw()));
    let first = drawn.min_by_key(|(_, entry)| if policy == Policy::VolatileTtl { entry.expires.unwrap_or(u64::MAX) } else { entry.used });
    let (key, entry) = first?;
    let newer = keys.iter().filter(|(_, other)| other.used > entry.used).count();
    Some(Victim { key: key.clone(), used: entry.used, others: keys.stored().saturating_sub(1), newer })
}

/// Takes keys out until so many bytes are enough. `Err`: they are not, and nothing more may go; what went is gone.
pub fn make_room(
    keys: &mut Keyspace,
    (policy, samples): (Policy, usize),
    most: u64,
    mut draw: impl FnMut() -> f64,
) -> Result<Vec<Victim>, Vec<Victim>> {
    let mut gone = Vec::new();
    while keys.bytes() > most {
        let Some(next) = victim(keys, policy, samples, &mut draw) else { return Err(gone) };
        keys.remove(&next.key);
        gone.push(next);
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::redis::entry::Entry;
    use crate::algo::redis::value::Value;
    use crate::sim::draw::{Concern, Draws};

    fn full(count: u64) -> Keyspace {
        let mut keys = Keyspace::default();
        (0..count).for_each(|n| keys.put(&format!("k{n}").into(), Entry::new(Value::String("v".into()), n)));
        keys
    }

    /// Of K numbers drawn evenly from 0 to 1 the greatest is K/(K+1) on average.
    #[test]
    fn the_victim_of_k_samples_is_idler_than_k_of_k_and_1() {
        let (keys, mut stream) = (full(1000), Draws::new(7).at(Concern::Protocol, 1));
        for samples in [1, 3, 5, 10] {
            let runs = 40_000;
            let idle = |_| {
                let gone = victim(&keys, Policy::AllKeysLru, samples, || stream.unit()).expect("there are keys");
                1.0 - (gone.used as f64 + 0.5) / 1000.0
            };
            let mean = (0..runs).map(idle).sum::<f64>() / f64::from(runs);
            let expected = samples as f64 / (samples as f64 + 1.0);
            assert!((mean - expected).abs() < 0.01 * expected, "{samples}: {mean}, not {expected}");
        }
    }

    #[test]
    fn only_what_may_go_goes() {
        let mut keys = full(10);
        let soon = |at| Entry { expires: Some(at), ..Entry::new(Value::String("v".into()), 0) };
        keys.put(&"late".into(), soon(2000));
        keys.put(&"soon".into(), soon(1000));
        let room = keys.bytes() - 1;
        assert_eq!(make_room(&mut keys.clone(), (Policy::NoEviction, 5), room, || 0.5), Err(Vec::new()));
        let mut draws = [0.0, 0.9, 0.1, 0.6, 0.4].into_iter().cycle();
        let gone = make_room(&mut keys, (Policy::VolatileTtl, 5), room, || draws.next().unwrap_or_default());
        assert_eq!(gone.map(|gone| gone.into_iter().map(|victim| victim.key.to_string()).collect::<Vec<_>>()), Ok(vec!["soon".into()]));
        assert!(make_room(&mut keys, (Policy::VolatileLru, 5), 0, || 0.5).is_err_and(|gone| gone.len() == 1), "the others do not expire");
        assert!(keys.is_sound());
    }
}
