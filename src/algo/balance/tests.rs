use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::*;

fn balancer(weights: &[u32]) -> Balancer {
    let mut balancer = Balancer::default();
    for weight in weights {
        balancer.add(Target::new(*weight));
    }
    balancer
}

fn picks(balancer: &mut Balancer, policy: Policy, n: usize) -> Vec<usize> {
    let mut draws = Pcg64::seed_from_u64(1);
    (0..n as u64).filter_map(|key| balancer.pick(policy, key, None, &mut draws)).collect()
}

#[test]
fn smooth_weighted_round_robin_is_that_of_nginx() {
    // Weights 5 1 1 give a a b a c a a, and then the same again.
    let mut balancer = balancer(&[5, 1, 1]);
    assert_eq!(picks(&mut balancer, Policy::Weighted, 7), [0, 0, 1, 0, 2, 0, 0]);
    assert_eq!(picks(&mut balancer, Policy::Weighted, 7), [0, 0, 1, 0, 2, 0, 0]);
}

#[test]
fn a_round_goes_on_where_it_was_though_a_server_flaps() {
    let mut balancer = balancer(&[1, 1, 1]);
    let mut counts = [0u32; 3];
    for round in 0..300 {
        for number in picks(&mut balancer, Policy::RoundRobin, 1) {
            counts[number] += 1;
        }
        if round % 10 == 9 {
            balancer.set_usable(2, !balancer.is_usable(2));
        }
    }
    assert!(counts[0].abs_diff(counts[1]) <= 1, "{counts:?}");
}

#[test]
fn what_was_tried_is_avoided_where_there_is_another() {
    let mut draws = Pcg64::seed_from_u64(2);
    for policy in every_policy() {
        let mut two = balancer(&[1, 1]);
        for key in 0..20 {
            assert_eq!(two.pick(policy, key, Some(1), &mut draws), Some(0), "{policy:?}");
        }
        assert_eq!(two.usable(), [0, 1]);
        let mut one = balancer(&[1]);
        assert_eq!(one.pick(policy, 7, Some(0), &mut draws), Some(0), "{policy:?}");
    }
}

#[test]
fn one_server_in_four_that_goes_moves_its_own_keys_under_rendezvous_and_most_under_modulo() {
    let (keys, moved_by) = (20_000, |policy| {
        let mut balancer = balancer(&[1; 4]);
        let before = picks(&mut balancer, policy, 20_000);
        balancer.set_usable(3, false);
        let after = picks(&mut balancer, policy, 20_000);
        let moved: Vec<bool> = before.iter().zip(&after).map(|(before, after)| before != after).collect();
        let others = before.iter().zip(&moved).filter(|(before, moved)| **before != 3 && **moved).count();
        (moved.into_iter().filter(|moved| *moved).count() as f64, others)
    });
    // Three of four servers stay: modulo moves n/(n+1) = 3/4 of all keys, rendezvous the quarter that has lost its server.
    let ((modulo, _), (rendezvous, others)) = (moved_by(Policy::Hash), moved_by(Policy::Rendezvous));
    assert!((modulo / f64::from(keys) - 0.75).abs() < 0.02, "{modulo}");
    assert!((rendezvous / f64::from(keys) - 0.25).abs() < 0.02, "{rendezvous}");
    assert_eq!(others, 0);
}

#[test]
fn a_server_that_answers_fast_and_has_little_is_the_least_in_time() {
    let mut balancer = balancer(&[1, 1, 1]);
    for (number, ms) in [(0, 40), (1, 10), (2, 30)] {
        balancer.targets[number].answered(ms * 1_000_000);
    }
    assert_eq!(picks(&mut balancer, Policy::LeastTime, 1), [1]);
    balancer.targets[1].load = 3; // 4 x 10 ms is as long as one of 40 ms, and longer than one of 30 ms.
    assert_eq!(picks(&mut balancer, Policy::LeastTime, 1), [2]);
    let new = balancer.add(Target::new(1));
    assert_eq!(picks(&mut balancer, Policy::LeastTime, 1), [new], "of which nothing is known is taken for as fast as the fastest");
}

/// Balls in bins: `n` balls, as many bins. Law balls-bins-max, which has Azar et al. 1994 and Mitzenmacher 2001.
#[test]
fn the_fullest_bin_of_a_thousand() {
    let runs = 200;
    for (choices, published) in [(1, 5.5), (2, 3.0), (3, 2.375)] {
        let mut draws = Pcg64::seed_from_u64(u64::from(choices));
        let fullest = |_| {
            let mut bins = balancer(&[1; 1000]);
            for key in 0..1000 {
                let bin = bins.pick(Policy::Choices(choices), key, None, &mut draws).unwrap();
                bins.targets[bin].load += 1;
            }
            bins.targets.iter().map(|bin| bin.load).max().unwrap()
        };
        let mean = (0..runs).map(fullest).map(f64::from).sum::<f64>() / f64::from(runs);
        assert!((mean - published).abs() < 0.12, "{choices} choices: {mean}, published {published}");
    }
}

/// Mean response time in service times of `n` servers at this load, service exponential, by uniformization: every step is an
/// arrival or an end of service somewhere (of an idle server: nothing), and Little's law turns the mean number there into a time.
fn mean_response(policy: Policy, n: usize, load: f64, steps: u32, seed: u64) -> f64 {
    let mut draws = Pcg64::seed_from_u64(seed);
    let (mut servers, mut there, mut sum) = (balancer(&vec![1; n]), 0u64, 0u64);
    let arrives = (load / (1.0 + load) * u64::MAX as f64) as u64;
    for step in 0..steps {
        if draws.next_u64() <= arrives {
            let picked = servers.pick(policy, draws.next_u64(), None, &mut draws).unwrap();
            servers.targets[picked].load += 1;
            there += 1;
        } else {
            let done = (draws.next_u64() % n as u64) as usize;
            there -= u64::from(servers.targets[done].load > 0);
            servers.targets[done].load = servers.targets[done].load.saturating_sub(1);
        }
        sum += if step < steps / 10 { 0 } else { there };
    }
    sum as f64 / f64::from(steps - steps / 10) / (n as f64 * load)
}

/// Laws lb-policies-n10 (`GI/M/1` and a simulation) and supermarket-limit (Mitzenmacher 2001: infinitely many servers).
#[test]
fn policies_have_their_published_response_times() {
    let cases = [
        (Policy::Random, 10, 0.7, 3.333),
        (Policy::RoundRobin, 10, 0.7, 2.0198),
        (Policy::Weighted, 10, 0.7, 2.0198),
        (Policy::Choices(2), 10, 0.7, 1.735),
        (Policy::LeastConnections, 10, 0.7, 1.161),
        (Policy::Choices(2), 100, 0.8, 1.9474),
        (Policy::Choices(3), 100, 0.8, 1.5809),
    ];
    for (policy, n, load, published) in cases {
        let measured = mean_response(policy, n, load, 400_000, 7);
        assert!((measured / published - 1.0).abs() < 0.05, "{policy:?}, {n} servers at {load}: {measured}, published {published}");
    }
}

fn every_policy() -> [Policy; 8] {
    [
        Policy::RoundRobin,
        Policy::Weighted,
        Policy::Random,
        Policy::LeastConnections,
        Policy::Choices(2),
        Policy::Hash,
        Policy::Rendezvous,
        Policy::LeastTime,
    ]
}

proptest! {
    #[test]
    fn only_what_may_be_picked_is_picked(
        weights in proptest::collection::vec(1u32..9, 1..12),
        changes in proptest::collection::vec((0usize..12, any::<bool>(), 0u32..50), 0..40),
        seed in any::<u64>(),
    ) {
        let mut draws = Pcg64::seed_from_u64(seed);
        let mut balancer = balancer(&weights);
        for (number, usable, load) in changes {
            let before = balancer.is_usable(number);
            let changed = balancer.set_usable(number, usable);
            prop_assert_eq!(changed, number < weights.len() && before != usable);
            if let Some(target) = balancer.target_mut(number) {
                target.load = load;
                target.answered(u64::from(load));
            }
            for policy in every_policy() {
                match balancer.pick(policy, seed, None, &mut draws) {
                    Some(picked) => prop_assert!(balancer.is_usable(picked)),
                    None => prop_assert!(balancer.usable().is_empty()),
                }
            }
        }
    }

    #[test]
    fn in_turn_shares_are_equal_or_by_weight(weights in proptest::collection::vec(1u32..9, 1..8), rounds in 1usize..20) {
        let mut balancer = balancer(&weights);
        let total: u32 = weights.iter().sum();
        let share = |picked: &[usize], number: usize| picked.iter().filter(|pick| **pick == number).count();
        let by_weight = picks(&mut balancer, Policy::Weighted, total as usize * rounds);
        let in_turn = picks(&mut balancer, Policy::RoundRobin, weights.len() * rounds + 1);
        for (number, weight) in weights.iter().enumerate() {
            prop_assert_eq!(share(&by_weight, number), *weight as usize * rounds);
            prop_assert!(share(&in_turn, number).abs_diff(rounds) <= 1);
        }
    }
}
