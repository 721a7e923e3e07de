//! Other runs do the same at the same times, and go other ways only where chance has a part.

use super::Timeline;
use crate::cluster::condition::Condition;
use crate::cluster::{Cluster, Scenario, replicated};
use crate::command::{Command, Poke};
use crate::sim::time::{Span, Time};

fn poke(text: &str) -> Poke {
    match replicated::MODEL.language.parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("{text}: {other:?}"),
    }
}

fn scenario(settings: &[(&str, &str)]) -> Scenario {
    let settings = settings.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    Scenario { settings, seed: 7, ..Scenario::of("replicated") }
}

/// A write that takes 16 ms on average, and its leader crashes after 25 ms: whether it is acknowledged is chance.
fn close() -> Timeline {
    let mut run = Timeline::new(scenario(&[("latency", "exp(8ms)")])).unwrap();
    run.advance(Span::s(1));
    run.poke(&poke("c1 write x 1 to n1")).unwrap();
    run.advance(Span::ms(25));
    run.poke(&poke("crash n1 wiping disk")).unwrap();
    run.advance(Span::s(2));
    run
}

fn acked(cluster: &dyn Cluster) -> bool {
    Condition::compile("acked >= 1", replicated::MODEL.facts, &[]).unwrap().holds_in(cluster).unwrap()
}

#[test]
fn another_seed_does_the_same_at_the_same_times() {
    let run = close();
    let same = run.with_seed(7).unwrap();
    assert_eq!(same.cluster().fingerprint(), run.cluster().fingerprint(), "the own seed gives the run itself");
    let other = run.with_seed(8).unwrap();
    assert_ne!(other.cluster().fingerprint(), run.cluster().fingerprint());
    let pokes = |run: &Timeline| run.pokes().into_iter().map(|poke| (poke.at, poke.poke)).collect::<Vec<_>>();
    assert_eq!((pokes(&other), other.at()), (pokes(&run), run.at()));
}

#[test]
fn what_was_rewound_is_not_done() {
    let mut run = close();
    run.seek(Time::ZERO + Span::ms(1010));
    assert_eq!((run.with_seed(9).unwrap().pokes().len(), run.with_seed(9).unwrap().at()), (1, run.at()));
}

#[test]
fn a_poke_that_is_refused_elsewhere_is_left_out() {
    let mut run = Timeline::new(scenario(&[("latency", "exp(8ms)")])).unwrap();
    run.advance(Span::ms(60));
    let mut scene = crate::cluster::scene::Scene::default();
    run.cluster().scene(run.at(), &mut scene);
    let flight = scene.flights.first().expect("a heartbeat is on its way").id;
    run.poke(&poke(&format!("drop {flight}"))).unwrap();
    run.poke(&poke("crash n1")).unwrap();
    let done: Vec<usize> = (0..20).map(|seed| run.with_seed(seed).unwrap().pokes().len()).collect();
    assert!(done.contains(&1) && done.iter().all(|pokes| (1..=2).contains(pokes)), "{done:?}");
}

#[test]
fn a_tail_with_other_draws_goes_other_ways_and_does_its_pokes() {
    let run = close();
    let share = |from: Span| {
        let tail = run.tail_from(Time::ZERO + from).unwrap();
        (0..40).filter(|seed| acked(tail.end_with(*seed).unwrap().as_ref())).count()
    };
    let (early, late) = (share(Span::ms(900)), share(Span::ms(2000)));
    assert!(0 < early && early < 40, "before it is written all is open: {early}");
    assert!(late == 0 || late == 40, "a second after the crash all is settled: {late}");
    let tail = run.tail_from(run.at()).unwrap();
    assert_eq!(tail.end_with(1).unwrap().fingerprint(), run.cluster().fingerprint(), "nothing is left to go another way");
}

#[test]
fn a_tail_is_watched_event_by_event() {
    let run = close();
    let down = Condition::about("nodes_up == 2", run.scenario()).unwrap();
    let never = Condition::about("nodes_up == 0", run.scenario()).unwrap();
    let tail = run.tail_from(Time::ZERO).unwrap();
    for seed in 0..3 {
        assert_eq!(tail.comes_to(seed, &mut |cluster| down.holds_in(cluster)), Ok(true));
        assert_eq!(tail.comes_to(seed, &mut |cluster| never.holds_in(cluster)), Ok(false));
    }
    let whole = tail.end_with(5).unwrap();
    let mut last = 0;
    let _ = tail.comes_to(5, &mut |cluster| {
        last = cluster.fingerprint();
        Ok(false)
    });
    assert_eq!(last, whole.fingerprint(), "both ways of playing are one");
}
