//! What is promised of a group, and what is not, with the schedules that show both. Those that a hunt can draw are in its table too.

use proptest::prelude::*;

use crate::check::verdict::Holds;
use crate::cluster::Cluster;
use crate::sim::time::Span;

use super::belief::State;
use super::bench::*;

const SWIM: &[&str] = &["handling 0s"];
const HEARTBEAT: &[&str] = &["detector heartbeat", "silence 3500ms", "suspicion 0s"];
const PHI: &[&str] = &["detector phi", "suspicion 0s"];

fn with_more(design: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    design.iter().chain(more).copied().collect()
}

fn judged(live: &crate::cluster::live::Live<super::Gossip>, id: &str) -> Holds {
    let verdict = live.verdicts().into_iter().find(|verdict| verdict.guarantee.id() == id).unwrap_or_else(|| panic!("no {id}"));
    verdict.holds
}

/// Whether nobody who ran was declared dead in a run.
fn is_accurate(design: &[&'static str], commands: &[&str]) -> bool {
    let mut live = group(5, design);
    act(&mut live, &["run 10s"]);
    act(&mut live, commands);
    act(&mut live, &["run 30s"]);
    count(&live, "false_positives") == 0
}

/// One thing that is done to a group and is over before long.
fn trouble() -> impl Strategy<Value = Vec<String>> {
    let node = || 1u16..=7;
    let over = |now: String, later: String| vec![now, "run 4s".to_string(), later];
    prop_oneof![
        node().prop_map(move |id| over(format!("pause n{id}"), format!("resume n{id}"))),
        (node(), node()).prop_filter("two", |(a, b)| a != b).prop_map(move |(a, b)| over(format!("cut n{a} | n{b}"), "heal".into())),
        (node(), node()).prop_filter("two", |(a, b)| a != b).prop_map(move |(a, b)| over(format!("cut n{a} -> n{b}"), "heal".into())),
        Just(over("loss all 40%".into(), "loss all 0".into())),
        Just(over("duplication all 40%".into(), "duplication all 0".into())),
        node().prop_map(|id| vec![format!("skew n{id} +1h"), format!("drift n{id} +200000ppm")]),
        node().prop_map(move |id| over(format!("crash n{id}"), format!("restart n{id}"))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Completeness, whatever happens to the others and is over: van Renesse 1998; SWIM, section 3.
    #[test]
    fn whoever_crashes_is_at_last_dead_everywhere(all in proptest::collection::vec(trouble(), 0..4), design in 0..4usize, seed in 0u64..500) {
        let designs = [SWIM, HEARTBEAT, PHI, &["witnesses 2", "window 40s"]];
        let mut live = seeded(8, designs[design], seed);
        act(&mut live, &["run 2s", "crash n8"]);
        for command in all.iter().flatten() {
            act(&mut live, &[command]);
        }
        let patience = live.patience();
        act(&mut live, &[&format!("run {patience}"), "run 1s"]);
        prop_assert_eq!(judged(&live, "complete"), Holds::Yes, "{:?}", live.verdicts());
    }

    /// Whatever is done, once it is over everybody who lives is alive in every view (memberlist; serf).
    #[test]
    fn the_living_come_back_whatever_was_done(all in proptest::collection::vec(trouble(), 1..5), design in 0..3usize, seed in 0u64..500) {
        let designs = [SWIM, HEARTBEAT, PHI];
        let mut live = seeded(7, designs[design], seed);
        for command in all.iter().flatten() {
            act(&mut live, &[command]);
        }
        let patience = live.patience();
        act(&mut live, &[&format!("run {patience}")]);
        prop_assert_eq!(count(&live, "mistaken"), 0);
    }
}

/// SWIM, section 4.3: everybody is pinged by each other within two passes; drawn at random, somebody waits longer.
#[test]
fn a_pass_pings_everybody_and_chance_does_not() {
    let longest = |order: &'static str| {
        let design = with_more(SWIM, &["probes 0", "suspicion 1h", "window 1h", "sync none", order]);
        let periods = |seed| {
            let mut live = seeded(6, &design, seed);
            act(&mut live, &["run 3s", "crash n6"]);
            // Each of the five others has to find out by itself.
            let took = until(&mut live, "witnesses.n6", 5.0, Span::s(1000)).expect("all of them");
            (took / 1000.0) as u64
        };
        (0..12).map(periods).max().unwrap_or(0)
    };
    // A ping is out for one period, and one may just have begun.
    assert!(longest("order round-robin") <= 2 * 6 - 1 + 1);
    assert!(longest("order random") > 2 * 6 - 1 + 1);
}

#[test]
fn one_witness_is_wrong_where_its_own_ears_fail() {
    assert!(is_accurate(HEARTBEAT, &[]));
    for commands in [&["cut n5 -> n2"][..], &["pause n5", "run 6s", "resume n5"], &["skew n2 +1min"], &["pause n2", "run 6s", "resume n2"]]
    {
        assert!(!is_accurate(HEARTBEAT, commands), "{commands:?}");
        assert!(!is_accurate(PHI, commands), "phi: {commands:?}");
    }
}

#[test]
fn two_witnesses_overrule_one_bad_wire_and_one_sick_observer_and_no_more() {
    let two = with_more(HEARTBEAT, &["witnesses 2"]);
    for commands in [&["cut n5 | n2"][..], &["skew n2 +1min"]] {
        assert!(is_accurate(&two, commands), "{commands:?}");
    }
    // After a pause it may accuse anybody, and nobody joins in. That it was silent itself is another matter.
    let mut live = group(5, &two);
    act(&mut live, &["run 10s", "pause n2", "run 6s", "resume n2"]);
    assert_eq!(until(&mut live, "held_dead.n5", 1.0, Span::s(30)), None);
    for commands in [&["cut n5 -> n2", "cut n5 -> n3"][..], &["pause n5", "run 6s", "resume n5"]] {
        assert!(!is_accurate(&two, commands), "{commands:?}");
    }
}

/// The window: two observations that lie too far apart are not two witnesses of one death.
#[test]
fn witnesses_must_agree_within_the_window() {
    let one_after_the_other = ["cut n5 -> n2", "run 5s", "heal", "run 4s", "cut n5 -> n3", "run 5s", "heal"];
    for (window, accurate) in [("window 3s", true), ("window 20s", false)] {
        // Nobody objects, so that the window alone decides.
        let design = with_more(HEARTBEAT, &["witnesses 2", "refute off", window]);
        assert_eq!(is_accurate(&design, &one_after_the_other), accurate, "{window}");
    }
}

/// SWIM, section 3.1: another way around one bad wire.
#[test]
fn asking_others_gets_around_one_cut_and_not_around_all() {
    let asking = with_more(SWIM, &["suspicion 0s", "probes 1"]);
    assert!(is_accurate(&asking, &["cut n2 | n5"]));
    assert!(!is_accurate(&with_more(SWIM, &["suspicion 0s", "probes 0"]), &["cut n2 | n5"]));
    assert!(!is_accurate(&asking, &["cut n5 | n1 n2 n3", "run 20s"]));
    assert!(!is_accurate(&asking, &["pause n5", "run 6s", "resume n5"]));
}

/// SWIM, section 4.2: who can object in time is not buried.
#[test]
fn a_pause_shorter_than_the_time_to_object_is_forgiven() {
    let design = with_more(SWIM, &["suspicion 8s"]);
    assert!(is_accurate(&design, &["pause n5", "run 4s", "resume n5"]));
    assert!(!is_accurate(&design, &["pause n5", "run 25s", "resume n5"]));
    // Its objection does not come through.
    assert!(!is_accurate(&design, &["cut n5 -> n1 n2 n3 n4", "run 25s"]));
    assert!(!is_accurate(&with_more(SWIM, &["suspicion 8s", "refute off"]), &["pause n5", "run 4s", "resume n5"]));
}

/// SWIM, section 4.2, as it is in the paper: a confirm beats every alive.
#[test]
fn in_the_paper_nobody_comes_back_from_the_dead() {
    let back = |design: &[&'static str]| {
        let mut live = group(6, design);
        act(&mut live, &["run 2s", "pause n5", "run 30s", "resume n5", "run 60s"]);
        count(&live, "mistaken") == 0
    };
    assert!(back(SWIM));
    assert!(!back(&["revive never"]));
    assert!(!back(&["refute off"]));
}

/// memberlist and serf: two halves that have buried each other.
#[test]
fn halves_come_together_again_only_if_somebody_talks_to_the_dead() {
    let merged = |design: &[&'static str]| {
        let mut live = group(6, design);
        act(&mut live, &["run 2s", "cut n1 n2 n3 | n4 n5 n6", "run 60s"]);
        let across = (1..=3).flat_map(|left| (4..=6).flat_map(move |right| [(left, right), (right, left)]));
        assert!(across.into_iter().all(|(who, about)| !believed(&live, who, about).is_there()));
        act(&mut live, &["heal", "run 120s"]);
        count(&live, "mistaken") == 0
    };
    assert!(merged(SWIM));
    assert!(!merged(&["talk-to-dead off"]));
    assert!(!merged(&["sync none"]));
    assert!(!merged(&["forget 20s", "talk-to-dead off"]));
}

#[test]
fn an_incarnation_that_starts_again_at_zero_needs_somebody_to_tell_it() {
    let back = |design: &[&'static str]| {
        let mut live = group(6, &with_more(&["sync none", "talk-to-dead off", "period 500ms"], design));
        act(&mut live, &["run 2s", "pause n5", "run 20s", "resume n5", "run 1s", "crash n5", "run 30s", "restart n5", "run 60s"]);
        count(&live, "mistaken") == 0
    };
    assert!(!back(&[]));
    assert!(!back(&["remember on"]), "nobody listens to it");
    assert!(back(&["remember on", "talk-to-dead on"]));
    assert!(back(&["talk-to-dead on", "sync 5s"]));
}

/// van Renesse, Minsky and Hayden 1998: who forgets the dead too early hears of them again as of the living.
#[test]
fn a_list_that_forgets_too_early_sees_ghosts() {
    let ghosts = |forget: &'static str| {
        let mut live = group(6, &with_more(SWIM, &["suspicion 1s", "sync 4s", forget]));
        act(&mut live, &["run 2s", "cut n1 | n2 n3 n4 n5 n6", "pause n1", "crash n6", "run 40s", "resume n1", "heal", "run 3s"]);
        act(&mut live, &["run 60s"]);
        (count(&live, "ghosts"), count(&live, "held_dead.n6"))
    };
    assert_eq!(ghosts("forget none").0, 0);
    assert!(ghosts("forget 6s").0 > 0);
}

#[test]
fn gaps_that_are_all_equal_need_a_least_deviation() {
    let accurate = |least: &'static str| {
        let design = with_more(PHI, &["latency const(10ms)", "handling 0s", "phase together", least]);
        is_accurate(&design, &["latency all const(30ms)"])
    };
    assert!(accurate("phi-deviation 100ms"));
    assert!(!accurate("phi-deviation 0s"));
}

/// Demers 1987, sections 1.3 and 1.4.
#[test]
fn what_is_told_for_ever_reaches_all_and_what_is_not_may_stop_short() {
    let judged_after = |design: &[&'static str], commands: &[&str]| {
        let mut live = group(30, &with_more(&["detector none", "sync none", "handling 0s"], design));
        act(&mut live, commands);
        (judged(&live, "reaches_all"), count(&live, "uninformed"))
    };
    let faults = ["c1 rumour x", "loss all 50%", "run 4s", "pause n7", "cut n1 n2 n3 | n4 n5 n6", "run 9s", "resume n7", "heal", "run 20s"];
    assert_eq!(judged_after(&["spreading push-pull"], &faults), (Holds::Yes, 0));
    assert_eq!(judged_after(&["spreading push-pull"], &["c1 rumour x", "run 20ms", "crash n1", "run 20s"]).0, Holds::No);
    let (holds, missed) = judged_after(&["stop 1"], &["c1 rumour x", "run 60s"]);
    assert!(holds == Holds::No && missed > 0, "{missed} of 30 have not heard it");
    assert_eq!(judged_after(&["stop 1"], &["c1 rumour x", "run 1s"]).0, Holds::Unknown);
}

/// Nobody elects or decides anything: after a cut each side believes what it sees.
#[test]
fn a_cut_between_racks_beats_any_number_of_witnesses_on_one_side() {
    let mut live = group(6, &with_more(HEARTBEAT, &["witnesses 2"]));
    act(&mut live, &["run 5s", "cut n1 n2 n3 | n4 n5 n6", "run 20s"]);
    for (who, about) in [(1, 4), (2, 6), (4, 1), (6, 3)] {
        assert_eq!(believed(&live, who, about).state, State::Dead, "n{who} of n{about}");
    }
    assert_eq!(count(&live, "mistaken"), 6);
}

/// What a member said in a life of which others hear only when it is over again: late, and no ghost.
#[test]
fn news_of_a_life_that_was_is_no_ghost() {
    let mut live = group(5, &["remember on", "period 300ms", "ping-timeout 90ms", "suspicion 300ms", "sync 1s", "phase together"]);
    act(&mut live, &["run 2s", "crash n5", "run 10s", "restart n5", "hold all", "run 500ms", "crash n5", "release all", "run 40ms"]);
    assert!((1..=4).any(|who| believed(&live, who, 5).is_there()), "somebody has heard of it");
    assert_eq!(count(&live, "ghosts"), 0);
}
