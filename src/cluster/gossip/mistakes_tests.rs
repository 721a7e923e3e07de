//! The classic mistakes of a failure detector, each with the schedule that shows it.

use crate::algo::phi::Gaps;

use super::belief::State;
use super::bench::*;
use super::message::Body;

/// Nobody looks by itself, and nothing is exchanged: what a member hears is what the test says.
const QUIET: &[&str] = &["detector none", "sync none", "latency const(10ms)", "handling 0s", "phase together"];
/// Pings at exact times.
const EXACT: &[&str] = &["latency const(10ms)", "handling 0s", "phase together", "sync none", "suspicion 3s"];

fn quiet_with(more: &[&'static str]) -> Vec<&'static str> {
    QUIET.iter().chain(more).copied().collect()
}

/// The schedule: an answer is held until the next ping is out.
#[test]
fn a_late_answer_to_the_last_ping_does_not_clear_this_one() {
    let mut live = group(8, &[EXACT, &["probes 0"]].concat());
    act(&mut live, &["run 1.005s"]);
    let probe = state(&live, 1).swim.probe.expect("a ping");
    for number in [probe.number - 1, probe.number + 1] {
        say(&mut live, (2, 1), &[], Body::Ack(number));
        assert_eq!(state(&live, 1).swim.probe.expect("a ping").answered, None);
    }
    say(&mut live, (2, 1), &[], Body::Ack(probe.number));
    assert_eq!(state(&live, 1).swim.probe.expect("a ping").answered, Some(probe.number));
}

/// A ping through another is four messages: where they do not fit into the rest of the period, the answer comes too late.
#[test]
fn an_answer_through_another_needs_four_messages_within_the_period() {
    for (latency, suspected) in [("latency const(150ms)", false), ("latency const(210ms)", true)] {
        let mut live = group(4, &[&[latency], &EXACT[1..], &["ping-timeout 350ms", "suspicion 1h"]].concat());
        act(&mut live, &["cut n1 | n2", "run 9s"]);
        assert_eq!(count(&live, "suspicions") > 0, suspected, "{latency}");
    }
}

#[test]
fn hearing_an_accusation_again_does_not_start_its_time_anew() {
    let mut live = group(4, &quiet_with(&["suspicion 3s"]));
    observes(&mut live, 2, 4);
    for _ in 0..35 {
        say(&mut live, (2, 1), &[suspect(4, 0, 2, 1)], Body::Heartbeat);
        act(&mut live, &["run 100ms"]);
    }
    assert_eq!(believed(&live, 1, 4).state, State::Dead);
}

#[test]
fn one_source_is_one_witness_however_often_it_is_heard() {
    let mut live = group(5, &quiet_with(&["witnesses 2", "suspicion 0s", "window 2s"]));
    for (from, number) in [(2, 1), (3, 1), (4, 1), (2, 2), (3, 2)] {
        say(&mut live, (from, 1), &[suspect(5, 0, 2, number)], Body::Heartbeat);
    }
    assert_eq!((believed(&live, 1, 5).state, state(&live, 1).accused[&n(5)].count()), (State::Suspect, 1));
    // An observation that has become too old does not become new by being heard again.
    act(&mut live, &["run 2s"]);
    say(&mut live, (4, 1), &[suspect(5, 0, 2, 2), suspect(5, 0, 3, 9)], Body::Heartbeat);
    assert_eq!(believed(&live, 1, 5).state, State::Suspect);
    say(&mut live, (4, 1), &[suspect(5, 0, 2, 3)], Body::Heartbeat);
    assert_eq!(believed(&live, 1, 5).state, State::Dead);
}

#[test]
fn an_old_sign_of_life_does_not_clear_a_suspicion() {
    let mut live = group(5, &quiet_with(&["suspicion 1h"]));
    say(&mut live, (2, 1), &[suspect(5, 0, 2, 1)], Body::Heartbeat);
    say(&mut live, (3, 1), &[alive(5, 0)], Body::Heartbeat);
    assert_eq!(believed(&live, 1, 5).state, State::Suspect);
    say(&mut live, (3, 1), &[alive(5, 1)], Body::Heartbeat);
    assert_eq!(believed(&live, 1, 5).state, State::Alive);
}

#[test]
fn an_objection_is_above_the_accusation_and_not_only_above_the_own_number() {
    let mut live = group(5, QUIET);
    // It had objected seven times in an earlier life, and has forgotten that.
    say(&mut live, (2, 5), &[suspect(5, 7, 2, 1)], Body::Heartbeat);
    assert_eq!(state(&live, 5).incarnation, 8);
    say(&mut live, (2, 5), &[suspect(5, 7, 3, 1), dead(5, 6)], Body::Heartbeat);
    assert_eq!(state(&live, 5).incarnation, 8, "what is answered already needs no other answer");
}

#[test]
fn a_member_that_comes_back_with_nothing_is_not_dead_for_ever() {
    for how in ["crash n5", "crash n5 wiping disk"] {
        let mut live = group(8, &["sync 5s"]);
        act(&mut live, &["run 3s", how, "run 40s"]);
        assert_eq!(count(&live, "held_dead.n5"), 7, "{how}");
        act(&mut live, &["restart n5", "run 20s"]);
        assert_eq!((count(&live, "held_dead.n5"), count(&live, "mistaken")), (0, 0), "{how}");
        assert!(state(&live, 5).incarnation > 0);
    }
}

#[test]
fn what_was_said_before_a_death_does_not_undo_it() {
    let mut live = group(5, QUIET);
    say(&mut live, (2, 1), &[dead(5, 3)], Body::Heartbeat);
    for incarnation in 0..=3 {
        say(&mut live, (3, 1), &[alive(5, incarnation)], Body::Heartbeat);
        assert_eq!(believed(&live, 1, 5).state, State::Dead);
    }
    // Nor does the list of one who has not heard of it.
    say(&mut live, (3, 1), &[], Body::Synced([].into()));
    assert_eq!(believed(&live, 1, 5).state, State::Dead);
}

#[test]
fn the_time_to_object_is_not_shortened_by_a_clock_that_is_set() {
    let mut live = group(5, &quiet_with(&["suspicion 3s", "window 1min"]));
    observes(&mut live, 2, 5);
    say(&mut live, (2, 1), &[suspect(5, 0, 2, 1)], Body::Heartbeat);
    act(&mut live, &["skew n1 +1h", "run 2.9s"]);
    assert_eq!(believed(&live, 1, 5).state, State::Suspect);
    act(&mut live, &["skew n1 -1h", "run 200ms"]);
    assert_eq!(believed(&live, 1, 5).state, State::Dead);
    let mut swim = group(5, &EXACT[..4]);
    act(&mut swim, &["run 10s", "skew n1 +1h", "skew n2 -9s", "run 10s"]);
    assert_eq!(count(&swim, "suspicions"), 0, "pings go by timers alone");
}

#[test]
fn a_pause_of_its_own_teaches_a_listener_nothing() {
    let mut live = group(4, &["detector phi", "latency const(10ms)", "phase together", "suspicion 1h"]);
    act(&mut live, &["run 20s", "pause n1", "run 9s", "resume n1", "run 20s"]);
    for other in 2..=4 {
        let (mean, sd) = state(&live, 1).ears.gaps(n(other)).and_then(Gaps::spread).expect("gaps");
        assert!((mean - 1000.0).abs() < 20.0 && sd < 100.0, "n{other}: {mean} {sd}");
    }
}

#[test]
fn a_dead_or_own_number_costs_no_period() {
    for order in ["order random", "order round-robin"] {
        let mut live = group(8, &[EXACT, &[order, "suspicion 0s"]].concat());
        act(&mut live, &["run 500ms", "crash n3", "crash n4", "crash n5", "crash n6", "crash n7", "crash n8", "run 60s"]);
        assert_eq!(count(&live, "held_dead.n8"), 2, "{order}");
        let before = count(&live, "probes");
        act(&mut live, &["run 20s"]);
        assert_eq!(count(&live, "probes") - before, 40, "{order}: two members, one ping a period each");
    }
}

/// The piggyback list: however many have died, each death gets around.
#[test]
fn a_busy_group_loses_no_death() {
    let mut live = group(40, &["piggyback 2", "sync none", "suspicion 1s", "handling 0s"]);
    let crashes: Vec<String> = (11..=30).map(|number| format!("crash n{number}")).collect();
    act(&mut live, &crashes.iter().map(String::as_str).collect::<Vec<_>>());
    act(&mut live, &["run 90s"]);
    for number in 11..=30 {
        assert_eq!(count(&live, &format!("held_dead.n{number}")), 20, "n{number}");
    }
    assert_eq!(count(&live, "mistaken"), 0);
}

/// Numbers that begin again at 0: an answer that was on its way when the member died is taken for one to a ping of its next life.
#[test]
fn an_answer_to_a_ping_of_an_earlier_life_is_none_to_one_of_this() {
    let mut live = group(8, &[EXACT, &["probes 0"]].concat());
    act(&mut live, &["run 3.005s", "crash n1", "restart n1", "run 1.003s"]);
    assert!(state(&live, 1).swim.probe.is_some(), "a ping");
    for number in 0..20 {
        say(&mut live, (2, 1), &[], Body::Ack(number));
        assert_eq!(state(&live, 1).swim.probe.expect("a ping").answered, None, "{number}");
    }
}

/// The same with observations: those of the new life would be taken for old ones, and the member would be no witness for a while.
#[test]
fn a_witness_that_starts_again_is_a_witness() {
    let mut live = group(5, &quiet_with(&["witnesses 2", "suspicion 0s", "window 2s"]));
    act(&mut live, &["run 1s"]);
    (0..3).for_each(|_| observes(&mut live, 2, 5));
    say(&mut live, (2, 1), &[suspect(5, 0, 2, 3)], Body::Heartbeat);
    act(&mut live, &["crash n2", "restart n2", "run 2.5s"]);
    observes(&mut live, 2, 5);
    let number = state(&live, 2).observations;
    say(&mut live, (2, 1), &[suspect(5, 0, 2, number), suspect(5, 0, 3, 1)], Body::Heartbeat);
    assert_eq!(believed(&live, 1, 5).state, State::Dead, "observation {number}");
}
