//! The rules against published vectors, and what each promises about moves and shares.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::maglev::{Permutation, populate};
use super::ranges::Ranges;
use super::ring::{Ring, Token, find_plainly, token};
use super::table::{Rule, Spot, Table, flows};
use super::*;

/// The vectors that implementations share, such as lithammer's in Go.
#[test]
fn jump_hash_gives_the_published_buckets() {
    let vectors: [(u64, u32, u32); 11] = [
        (1, 1, 0),
        (42, 57, 43),
        (0xDEAD_10CC, 1, 0),
        (0xDEAD_10CC, 666, 361),
        (256, 1024, 520),
        (4, 2, 1),
        (7, 2, 0),
        (1, 128, 55),
        (129, 128, 120),
        (128, 100_000_000, 38_172_097),
        (u64::MAX, 128, 92),
    ];
    for (key, buckets, bucket) in vectors {
        assert_eq!(jump::jump(key, buckets), bucket, "{key} of {buckets}");
    }
    assert_eq!(jump::jump(7, 0), 0);
}

/// Maglev, NSDI 2016, tables 1 and 2.
#[test]
fn maglev_fills_the_table_of_the_paper() {
    let all = [(3, 4), (0, 2), (3, 1)].map(|(offset, skip)| Permutation { offset, skip });
    let row = |permutation: Permutation| (0..7).map(|number| permutation.at(number, 7)).collect::<Vec<_>>();
    assert_eq!(all.map(row), [[3, 0, 4, 1, 5, 2, 6], [0, 2, 4, 6, 1, 3, 5], [3, 4, 5, 6, 0, 1, 2]]);
    assert_eq!(populate(&all, 7), [1, 0, 1, 0, 2, 2, 0]);
    assert_eq!(populate(&[all[0], all[2]], 7), [0, 0, 0, 0, 1, 1, 1], "without the second, the third is the second");
    assert_eq!(populate(&[], 7), [0_u16; 0]);
}

fn places(count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(|i| together(99, i))
}

/// The rules that go by the place of a key, for these nodes.
fn rules(nodes: &[u16], tokens: u32) -> Vec<Rule> {
    let circle = Ring::new(nodes.iter().flat_map(|node| (0..tokens).map(|number| token(5, *node, number))));
    vec![Rule::ModN, Rule::Ring(circle), Rule::Rendezvous, Rule::Jump, Rule::Maglev(maglev::Maglev::new(nodes, 509))]
}

fn tables(nodes: &[u16], tokens: u32) -> Vec<Table> {
    rules(nodes, tokens).into_iter().map(|rule| Table::new(nodes.to_vec(), rule)).collect()
}

fn spot(place: u64) -> Spot<'static> {
    Spot { text: "", place }
}

/// The share of places that change their owner, and of those between nodes that are there before and after.
fn moved(before: &Table, after: &Table, count: u64) -> (f64, f64) {
    let (mut all, mut between) = (0_u64, 0_u64);
    for place in places(count) {
        let (from, to) = (before.owner(spot(place)), after.owner(spot(place)));
        let stay = after.nodes().contains(&from) && before.nodes().contains(&to);
        all += u64::from(from != to);
        between += u64::from(from != to && stay);
        if from != to {
            assert!(flows(before, after).contains(&(from, to)), "{from} to {to}");
        }
    }
    (all as f64 / count as f64, between as f64 / count as f64)
}

/// Karger 1997; Thaler and Ravishankar 1998; Lamping and Veach 2014; Maglev 2016, section 5.3: a node more.
#[test]
fn one_node_more_takes_its_share_and_nothing_else_moves_but_under_mod_n() {
    let (nodes, more): (Vec<u16>, Vec<u16>) = ((0..9).collect(), (0..10).collect());
    for (before, after) in tables(&nodes, 300).iter().zip(&tables(&more, 300)) {
        let (all, between) = moved(before, after, 3000);
        match before.rule() {
            Rule::ModN => assert!((all - 0.9).abs() < 0.02, "{all}"),
            Rule::Maglev(_) => assert!((0.08..0.16).contains(&all) && between < 0.05, "{all} {between}"),
            rule => assert!((all - 0.1).abs() < 0.03 && between == 0.0, "{rule:?}: {all} {between}"),
        }
    }
}

#[test]
fn a_node_in_the_middle_can_leave_a_ring_but_not_jump_hash() {
    let (nodes, fewer) = (vec![0, 1, 2, 3, 4], vec![0, 2, 3, 4]);
    for (before, after) in tables(&nodes, 300).iter().zip(&tables(&fewer, 300)) {
        let (all, between) = moved(before, after, 3000);
        match before.rule() {
            Rule::ModN | Rule::Jump => assert!(between > 0.2, "{all} {between}"),
            Rule::Maglev(_) => assert!(between < 0.08, "{all} {between}"),
            rule => assert!(between == 0.0 && all < 0.25, "{rule:?}: {all} {between}"),
        }
    }
}

/// Maglev, section 3.4: shares differ by one entry at most.
#[test]
fn maglev_is_even_to_one_entry() {
    let table = maglev::Maglev::new(&[2, 3, 5, 7, 11, 13, 17], maglev::ENTRIES);
    let mut counts: BTreeMap<u16, u32> = BTreeMap::new();
    table.entries().iter().for_each(|node| *counts.entry(*node).or_default() += 1);
    let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
    assert!(counts.len() == 7 && most - least <= 1, "{counts:?}");
}

#[test]
fn a_ring_goes_around() {
    let ring = Ring::new([Token { at: 100, node: 1 }, Token { at: 200, node: 2 }, Token { at: 200, node: 0 }]);
    let owner = |place: u64| ring.owner(place).unwrap();
    assert_eq!([0, 100, 101, 200, 201, u64::MAX].map(owner), [1, 1, 0, 0, 1, 1], "the first token clockwise, that place included");
    assert!(ring.walk(150).eq([0, 2, 1]));
    assert_eq!(Ring::new([]).owner(7), None);
    let shares = ring.shares();
    assert!((shares.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-9, "{shares:?}");
    assert_eq!(Ring::new([Token { at: 9, node: 4 }]).shares(), [(4, 1.0)]);
}

#[test]
fn ranges_cut_and_give() {
    let keys: Vec<Arc<str>> = (0..8).map(|i| Arc::from(format!("k{i}"))).collect();
    let mut ranges = Ranges::even(&keys, &[3, 5]);
    assert_eq!(["", "a", "k3", "k4", "z"].map(|key| ranges.owner(key)), [3, 3, 3, 5, 5]);
    assert!(ranges.split("k6") && !ranges.split("k6") && ranges.cover());
    assert!(ranges.give("k7", 3) && !ranges.give("k7", 3));
    assert_eq!(["k5", "k6"].map(|key| ranges.owner(key)), [5, 3]);
    let between = |from, upto| ranges.between(from, upto).iter().map(|range| range.node).collect::<Vec<_>>();
    assert_eq!((between("k1", Some("k4")), between("k1", Some("k5")), between("k5", None)), (vec![3], vec![3, 5], vec![5, 3]));
    assert!(Ranges::even(&[], &[1, 2]).cover());
}

/// Mirrokni et al. 2018: none above the bound, and with enough room nothing goes on.
#[test]
fn bounded_loads_keep_their_bound() {
    let ring = Ring::new((0..10).map(|node| token(1, node, 0)));
    for percent in [101, 125, 200, 1000] {
        let most = bounded::capacity(1000, 10, percent);
        let given = bounded::assign(places(1000).map(|place| ring.walk(place)), 10, most);
        let mut held = [0; 10];
        for node in &given {
            held[usize::from(node.expect("there is room"))] += 1;
        }
        assert!(held.iter().all(|held| *held <= most), "{percent}: {held:?}");
    }
    assert_eq!((bounded::capacity(10, 3, 125), bounded::capacity(0, 3, 125)), (5, 1));
    assert_eq!(bounded::assign([[0_u16], [0]], 1, 1), [Some(0), None]);
}

#[test]
fn parts_of_a_hot_key_lie_evenly() {
    let mut counts = [0; 4];
    (0..16).for_each(|part| counts[usize::from(salt::turned(&[3_u16, 1, 0, 2], part, 1)[0])] += 1);
    assert_eq!(counts, [4; 4]);
    assert_eq!(salt::turned(&[3_u16, 1, 0, 2], 6, 2), [0, 2]);
    assert!((salt::hottest(0.4, 1, 4) - 0.55).abs() < 1e-12 && (salt::hottest(0.4, 16, 4) - 0.25).abs() < 1e-12);
}

proptest! {
    #[test]
    fn the_short_search_finds_what_the_plain_one_does(raw in proptest::collection::vec((any::<u64>(), 0u16..9), 1..60), place in any::<u64>()) {
        let ring = Ring::new(raw.into_iter().map(|(at, node)| Token { at, node }));
        for place in ring.tokens().iter().flat_map(|token| [token.at, token.at.wrapping_add(1), token.at.wrapping_sub(1)]).chain([place]) {
            prop_assert_eq!(ring.find(place), Some(find_plainly(ring.tokens(), place)));
        }
    }

    /// Whoever owns a key, and whoever keeps its copies, does not depend on the order in which nodes came.
    #[test]
    fn the_order_of_coming_changes_nothing(mut nodes in proptest::collection::btree_set(0u16..50, 1..9), place in any::<u64>(), copies in 1usize..5) {
        let sorted: Vec<u16> = nodes.iter().copied().collect();
        let mut turned = sorted.clone();
        turned.rotate_left(sorted.len() / 2);
        for (one, rule) in tables(&sorted, 4).iter().zip(rules(&sorted, 4)) {
            prop_assert_eq!(one.homes(spot(place), copies), Table::new(turned.clone(), rule).homes(spot(place), copies));
        }
        nodes.clear();
    }

    /// Copies are on different nodes, the owner first; under tokens they need not be.
    #[test]
    fn copies_are_on_different_nodes(count in 1u16..9, place in any::<u64>(), copies in 1usize..9) {
        let nodes: Vec<u16> = (0..count).collect();
        for table in tables(&nodes, 3) {
            let homes = table.homes(spot(place), copies);
            let mut sorted = homes.clone();
            sorted.sort_unstable();
            sorted.dedup();
            prop_assert_eq!(sorted.len(), copies.min(nodes.len()));
            prop_assert_eq!(homes[0], table.owner(spot(place)));
        }
    }

    /// `flows` names every pair between which any key moves.
    #[test]
    fn flows_name_whoever_hands_over(a in proptest::collection::btree_set(0u16..12, 1..7), b in proptest::collection::btree_set(0u16..12, 1..7)) {
        let [a, b] = [a, b].map(|set| set.into_iter().collect::<Vec<_>>());
        for (before, after) in tables(&a, 4).iter().zip(&tables(&b, 4)) {
            let known = flows(before, after);
            for place in places(200) {
                let (from, to) = (before.owner(spot(place)), after.owner(spot(place)));
                prop_assert!(from == to || known.contains(&(from, to)), "{:?}: {} to {}", before.rule(), from, to);
            }
        }
    }
}
