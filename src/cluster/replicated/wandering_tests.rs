//! What the facts and verdicts say on random runs, against what they are worked out to be.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::tests::{int, scenario, verdict};
use super::{Replicated, availability, facts};
use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::Cluster;
use crate::cluster::kit::logged;
use crate::cluster::live::Live;
use crate::command::Command;
use crate::sim::time::Span;

/// What clients ask in random runs.
const ASKS: [&str; 15] = [
    "c1 write x 1",
    "c2 write x 2",
    "c1 write x 5",
    "c2 write x 6",
    "c2 write x 1",
    "c1 append x a",
    "c2 cas x 1 3",
    "c1 cas x 2 4",
    "c2 cas y 7 8",
    "c1 write y 7",
    "c1 read x",
    "c2 read x",
    "c1 read y from n2",
    "c2 read x from n3",
    "c1 read x from n1",
];

/// What is done to the servers in random runs.
const POKES: [&str; 14] = [
    "cut n1 c1 | n2 n3 c2",
    "cut n2 -> n1",
    "heal",
    "crash n1",
    "crash n2 losing unsynced",
    "crash n3 wiping disk",
    "restart n1",
    "restart n2",
    "restart n3",
    "pause n2",
    "resume n2",
    "full-disk n1",
    "free-disk n1",
    "promote n3",
];

/// What changes how copies travel in random runs.
const SHIPPING: [&str; 2] = ["set shipping blind", "set shipping log"];

/// The settings of random runs: what is acknowledged, fenced and merged, and after the first seven how copies travel.
const SETTINGS: [(&str, &[&str]); 10] = [
    ("replication", &["async", "semi-sync", "sync", "majority"]),
    ("fencing", &["off", "epochs", "lease"]),
    ("election", &["majority", "alone"]),
    ("rejoin", &["discard", "merge", "refuse"]),
    ("merge", &["last-write-wins", "keep-both"]),
    ("reads", &["leader", "any", "nearest"]),
    ("apply", &["const(0s)", "exp(20ms)"]),
    ("shipping", &["log", "log", "log", "blind"]),
    ("ship-every", &["0s", "0s", "0s", "80ms"]),
    ("degrade", &["never", "async"]),
];

/// Runs at random, and looks at the run after every event.
fn wander(picks: &[(&str, u64)], settings: &[usize], seed: u64, mut look: impl FnMut(&Live<Replicated>)) -> Box<dyn Cluster> {
    let settings: Vec<(&str, &str)> =
        SETTINGS.iter().zip(settings).map(|((name, words), pick)| (*name, words[pick % words.len()])).collect();
    let mut cluster = (super::MODEL.start)(&scenario(&settings, seed)).unwrap();
    for (poke, ms) in picks {
        if let Ok(Command::Poke(poke)) = super::MODEL.language.parse(poke) {
            let _: Result<(), _> = cluster.apply(&poke);
        }
        let end = cluster.now() + Span::ms(*ms);
        while cluster.next_at().is_some_and(|next| next <= end) {
            cluster.step();
            look(cluster.as_any().downcast_ref().unwrap());
        }
        cluster.run_until(end, u64::MAX);
        look(cluster.as_any().downcast_ref().unwrap());
    }
    cluster
}

/// Pokes, each with the time that passes after it.
type Walk = Vec<(&'static str, u64)>;

/// Asks and pokes of every kind, and times in which both sides of a cut go on. Copies travel as a log, at once.
fn walks() -> impl Strategy<Value = (Walk, Vec<usize>, u64)> {
    walks_of(POKES.to_vec(), 7)
}

/// The same, with copies that travel in every way.
fn walks_with_shipping() -> impl Strategy<Value = (Walk, Vec<usize>, u64)> {
    walks_of([&POKES[..], &SHIPPING].concat(), SETTINGS.len())
}

fn walks_of(pokes: Vec<&'static str>, settings: usize) -> impl Strategy<Value = (Walk, Vec<usize>, u64)> {
    let ask = || (proptest::sample::select(&ASKS[..]), 0..60u64);
    let poke = (proptest::sample::select(pokes), prop_oneof![0..30u64, 200..1500u64]);
    let apart = (700..1500u64, proptest::collection::vec(ask(), 1..8), 200..1500u64)
        .prop_map(|(first, asks, last)| [&[("cut n1 c1 | n2 n3 c2", first)], &asks[..], &[("heal", last)]].concat());
    let part = prop_oneof![3 => ask().prop_map(|one| vec![one]), 3 => poke.prop_map(|one| vec![one]), 1 => apart];
    let walk = proptest::collection::vec(part, 1..25).prop_map(|parts| parts.concat());
    (walk, proptest::collection::vec(0..12usize, settings), any::<u64>())
}

/// What is kept up to date from event to event, worked out from nothing.
fn worked_out(live: &Live<Replicated>, overruled: &BTreeSet<u32>) -> (BTreeSet<u32>, Vec<usize>, usize) {
    let (sim, tally) = (live.sim(), &live.watched().register);
    let holds = |id, request: &u32| facts::disk(sim, id).log.iter().any(|entry| entry.request().is_some_and(|r| r.0 == *request));
    let carried: BTreeSet<u32> = sim
        .flights()
        .map(|f| &f.msg)
        .chain(facts::ids(sim).flat_map(|id| sim.node(id).inbox()))
        .flat_map(super::Msg::carried)
        .chain(facts::ids(sim).flat_map(|id| facts::disk(sim, id).offers.iter()).flat_map(|offer| offer.writes.iter().map(|w| w.request)))
        .map(|r| r.0)
        .collect();
    let nowhere = |request: &u32| !carried.contains(request) && !facts::ids(sim).any(|id| holds(id, request));
    let lost = tally.acked.keys().filter(|request| overruled.contains(request) || nowhere(request)).collect();
    let missing = facts::ids(sim).map(|id| tally.acked.keys().filter(|request| !holds(id, request)).count()).collect();
    (lost, missing, logged::divergent(sim).len())
}

/// Where what is kept up to date is not what it would be; `None`: nowhere.
fn first_slip(picks: &[(&str, u64)], settings: &[usize], draws: u64) -> Option<String> {
    let mut overruled = BTreeSet::new();
    let (mut seen, mut wrong) = (0, None);
    let _ = wander(picks, settings, draws, |live| {
        for entry in live.sim().trace().from(seen) {
            if let crate::sim::trace::Trace::Note(_, super::Note::Merges { overruled: requests, .. }) = &entry.what {
                overruled.extend(requests.iter().map(|r| r.0));
            }
        }
        seen = live.sim().trace().len();
        let watch = live.watched();
        let kept = (
            watch.ledger.lost(live.sim()).into_iter().collect(),
            facts::ids(live.sim()).map(|id| watch.ledger.missing(id, &watch.register)).collect(),
            watch.ledger.divergent(),
        );
        if wrong.is_none() && (kept != worked_out(live, &overruled) || watch.serving != availability::can_acknowledge(live.sim())) {
            wrong = Some(format!("{}: {kept:?} {:?} {}", live.now(), worked_out(live, &overruled), watch.serving));
        }
    });
    wrong
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn what_is_kept_up_to_date_is_what_it_would_be((picks, settings, seed) in prop_oneof![walks(), walks_with_shipping()]) {
        let wrong = first_slip(&picks, &settings, seed);
        prop_assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    }

    /// A stale read is a fault of the history, whatever values repeat and whatever is done to the cluster.
    #[test]
    fn a_stale_read_is_not_linearizable((picks, settings, seed) in prop_oneof![walks(), walks_with_shipping()]) {
        let cluster = wander(&picks, &settings, seed, |_| {});
        if int(&*cluster, "stale_reads") > 0 {
            prop_assert_ne!(verdict(&*cluster, Guarantee::LINEARIZABLE).0, Holds::Yes);
            prop_assert_ne!(verdict(&*cluster, Guarantee::LINEARIZABLE).0, Holds::Untested);
        }
        if int(&*cluster, "acked_lost") > 0 {
            prop_assert_eq!(verdict(&*cluster, Guarantee::DURABLE).0, Holds::No);
        }
    }
}

#[test]
fn the_random_runs_do_see_losses_and_stale_reads() {
    let mut counts = [0, 0, 0];
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..60 {
        let (picks, settings, seed) = walks().new_tree(&mut runner).unwrap().current();
        let cluster = wander(&picks, &settings, seed, |_| {});
        for (count, name) in counts.iter_mut().zip(["stale_reads", "acked_lost", "unswapped"]) {
            *count += usize::from(int(&*cluster, name) > 0);
        }
    }
    assert!(counts.iter().all(|count| *count > 3), "{counts:?}");
}

/// Entries that were sent without places stand in one place of two logs that differ before it.
#[test]
fn what_came_blindly_is_not_taken_for_the_same_log() {
    let picks = [
        ("c1 write x 5", 10),
        ("cut n1 c1 | n2 n3 c2", 700),
        ("c2 write x 2", 0),
        ("heal", 200),
        ("set shipping log", 0),
        ("c2 write x 2", 20),
        ("c2 write x 6", 40),
    ];
    assert_eq!(first_slip(&picks, &[4, 0, 8, 0, 0, 0, 0, 3, 0, 0], 3_523_037_130_353_403_093), None);
}
