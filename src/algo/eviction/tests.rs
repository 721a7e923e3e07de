//! The published counts, and what holds of every rule.

use proptest::prelude::*;

use super::{Asked, Eviction, Rule, again};
use crate::algo::hash::scatter;
use crate::algo::zipf::Zipf;

const BELADY: [u32; 12] = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5];
const TEXTBOOK: [u32; 20] = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1];

/// How many requests of a trace hit; after each of them nothing may be out of order.
fn hits(rule: Rule, capacity: usize, trace: &[u32]) -> usize {
    let mut cache = Eviction::new(rule, capacity);
    let again = again(trace);
    let ask = |(at, key): (usize, &u32)| {
        let draw = (scatter(at as u64) >> 11) as f64 / (1_u64 << 53) as f64;
        let (next, full) = (cache.next(), cache.len() == capacity);
        let before = cache.clone();
        let hit = cache.ask(key, Asked { draw, again: again[at] });
        assert_eq!(hit, before.contains(key));
        assert!(cache.len() <= capacity && cache.contains(key), "{rule:?}");
        assert!(cache.len() + usize::from(full || hit) == before.len() + 1, "{rule:?}: one comes and one goes");
        assert_eq!(next.is_some(), full && rule != Rule::Random, "{rule:?} says who goes next");
        hit
    };
    trace.iter().enumerate().map(ask).filter(|hit| *hit).count()
}

/// How many hit, without a look at what is in order.
fn count(rule: Rule, slots: usize, trace: &[u32]) -> usize {
    let (mut cache, again) = (Eviction::new(rule, slots), again(trace));
    (0..trace.len()).filter(|at| cache.ask(&trace[*at], Asked { draw: 0.0, again: again[*at] })).count()
}

fn faults(rule: Rule, capacity: usize, trace: &[u32]) -> usize {
    trace.len() - hits(rule, capacity, trace)
}

/// Belady, Nelson and Shedler 1969: with 4 slots FIFO faults once more than with 3.
#[test]
fn beladys_trace_is_served_as_published() {
    for (rule, published) in [
        (Rule::Fifo, [12, 12, 9, 10, 5]),
        (Rule::Lru, [12, 12, 10, 8, 5]),
        (Rule::Belady, [12, 9, 7, 6, 5]),
        (Rule::Clock, [12, 12, 10, 8, 5]),
        (Rule::Sieve, [12, 12, 10, 8, 5]),
        (Rule::Lfu, [12, 12, 10, 8, 5]),
    ] {
        assert_eq!([1, 2, 3, 4, 5].map(|slots| faults(rule, slots, &BELADY)), published, "{rule:?}");
    }
}

/// Silberschatz, Galvin and Gagne, *Operating System Concepts*, the chapter on virtual memory.
#[test]
fn the_textbook_string_is_served_as_published() {
    for (rule, published) in [(Rule::Fifo, 15), (Rule::Lru, 12), (Rule::Belady, 9), (Rule::Clock, 11), (Rule::Lfu, 11), (Rule::Sieve, 11)] {
        assert_eq!(faults(rule, 3, &TEXTBOOK), published, "{rule:?}");
    }
    let all = [1, 2, 3, 4, 5, 6, 7];
    assert_eq!(all.map(|slots| faults(Rule::Fifo, slots, &TEXTBOOK)), [20, 15, 15, 10, 9, 6, 6]);
    assert_eq!(all.map(|slots| faults(Rule::Lru, slots, &TEXTBOOK)), [20, 17, 12, 8, 7, 6, 6]);
}

/// 200 keys, one after the other, 100 times: the counts of libCacheSim (commit aa0fc40).
#[test]
fn a_loop_hits_as_often_as_in_libcachesim() {
    let trace: Vec<u32> = (0..20_000).map(|at| at % 200).collect();
    for (rule, published) in [
        (Rule::Lru, [0, 0, 0, 19_800]),
        (Rule::Fifo, [0, 0, 0, 19_800]),
        (Rule::Clock, [0, 0, 0, 19_800]),
        (Rule::Sieve, [0, 0, 0, 19_800]),
        (Rule::Lfu, [0, 0, 0, 19_800]),
        (Rule::Arc, [0, 0, 0, 19_800]),
        (Rule::TwoQ, [0, 0, 19_259, 19_800]),
        (Rule::S3Fifo, [4455, 8910, 18_934, 19_800]),
        (Rule::Belady, [4900, 9900, 19_701, 19_800]),
    ] {
        assert_eq!([50, 100, 199, 200].map(|slots| count(rule, slots, &trace)), published, "{rule:?}");
    }
}

/// 10,000 requests of 1,000 keys by Zipf with slope 1, drawn by [`scatter`]: the counts of libCacheSim 0.3.5 on the same trace, each
/// rule with its defaults.
#[test]
fn a_trace_by_zipf_hits_as_often_as_in_libcachesim() {
    let zipf = Zipf::new(1.0, 1000);
    let trace: Vec<u32> = (0..10_000).map(|at| zipf.rank((scatter(at) >> 11) as f64 / (1_u64 << 53) as f64) as u32).collect();
    let mut hash = sha1_smol::Sha1::new();
    for key in &trace {
        hash.update(&key.to_le_bytes());
    }
    assert_eq!(hash.digest().to_string()[..16], *"e4ae367565d23e21", "it is the trace that libCacheSim was given");
    for (rule, counts) in [
        (Rule::Lru, [3052, 5751, 8440]),
        (Rule::Fifo, [2610, 5142, 8179]),
        (Rule::Clock, [3233, 5874, 8469]),
        (Rule::Sieve, [4411, 6432, 8528]),
        (Rule::Lfu, [4409, 6392, 8528]),
        (Rule::Arc, [4198, 6326, 8481]),
        (Rule::TwoQ, [4112, 6266, 8336]),
        (Rule::S3Fifo, [4451, 6450, 8528]),
        (Rule::Belady, [5301, 7441, 8990]),
    ] {
        assert_eq!([20, 100, 500].map(|slots| count(rule, slots, &trace)), counts, "{rule:?}");
    }
}

/// The ghosts of a rule hold no values, are no more than it may keep, and are none of its keys.
#[test]
fn ghosts_are_bounded_and_absent() {
    for rule in Rule::ALL {
        let mut cache = Eviction::new(*rule, 20);
        for at in 0..5000_u64 {
            let key = (scatter(at) % 60).min(scatter(at + 9) % 60) as u32;
            cache.ask(&key, Asked { draw: 0.3, again: None });
            let (ghosts, kept): (Vec<_>, Vec<_>) = cache.queues().into_iter().partition(|queue| queue.ghosts);
            let ghosts: Vec<u32> = ghosts.into_iter().flat_map(|queue| queue.keys).map(|(key, _)| key).collect();
            assert_eq!(kept.iter().map(|queue| queue.keys.len()).sum::<usize>(), cache.len(), "{rule:?}");
            assert!(ghosts.len() <= 20 && ghosts.iter().all(|ghost| !cache.contains(ghost)), "{rule:?}");
        }
    }
}

/// Only LRU and the optimum never lose a hit to more room: the others do, each on a short trace.
#[test]
fn others_can_hit_less_with_more_room() {
    for rule in [Rule::Fifo, Rule::Clock, Rule::Sieve, Rule::Lfu] {
        let loses = |seed: u64| {
            let trace: Vec<u32> = (0..24).map(|at| (scatter(seed * 64 + at) % 7) as u32).collect();
            (1..6).any(|slots| hits(rule, slots + 1, &trace) < hits(rule, slots, &trace))
        };
        assert!((0..6000).any(loses), "{rule:?}");
    }
}

/// A key that is gone comes in anew, without any memory of it but a ghost that was there before.
#[test]
fn what_is_removed_leaves_a_slot() {
    for rule in Rule::ALL {
        let mut cache = Eviction::new(*rule, 4);
        assert!((0..9_u32).all(|key| !cache.ask(&key, Asked::default())));
        let held: Vec<u32> = cache.keys().collect();
        assert_eq!(held.len(), 4, "{rule:?}");
        assert!(cache.remove(&held[1]) && !cache.remove(&held[1]) && !cache.contains(&held[1]));
        assert_eq!(cache.next(), None, "{rule:?}");
        assert_eq!(cache.admit(100, Asked::default()), None, "{rule:?}");
        assert_eq!((cache.len(), cache.admit(100, Asked::default())), (4, None), "{rule:?}");
    }
}

#[test]
fn who_goes_next_goes_for_a_new_key() {
    for rule in Rule::ALL.iter().filter(|rule| **rule != Rule::Random) {
        let mut cache = Eviction::new(*rule, 12);
        for at in 0..2000_u64 {
            if let Some((next, why)) = cache.next() {
                let mut after = cache.clone();
                assert_eq!(after.admit(10_000, Asked::default()), Some(next), "{rule:?}");
                assert!(!why.is_empty());
            }
            let key = (scatter(at) % 40).min(scatter(at + 7) % 40) as u32;
            cache.ask(&key, Asked { draw: 0.0, again: Some(at + scatter(at) % 50) });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_rule_beats_the_optimum(trace in proptest::collection::vec(0_u32..12, 1..120), slots in 1_usize..9) {
        let best = hits(Rule::Belady, slots, &trace);
        for rule in Rule::ALL {
            prop_assert!(hits(*rule, slots, &trace) <= best, "{:?}", rule);
        }
        for rule in [Rule::Lru, Rule::Belady] {
            prop_assert!(hits(rule, slots + 1, &trace) >= hits(rule, slots, &trace), "{:?} is a stack algorithm", rule);
        }
    }
}
