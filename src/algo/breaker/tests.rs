//! The rules of Hystrix and resilience4j, and the mistakes that breakers have been found to make.

use proptest::prelude::*;

use super::*;

/// A call that is made now and ends at once; whether it was made.
fn call(breaker: &mut Breaker, outcome: Outcome, now: u64, rules: &Rules) -> bool {
    let permit = breaker.ask(now, rules);
    if let Some(permit) = permit {
        breaker.ended(permit, outcome, now, rules);
    }
    permit.is_some()
}

/// The numbers of the calls at which it opens.
fn opens_at(outcomes: impl IntoIterator<Item = (u64, Outcome)>, rules: &Rules) -> Option<usize> {
    let mut breaker = Breaker::new();
    outcomes.into_iter().position(|(now, outcome)| {
        call(&mut breaker, outcome, now, rules);
        breaker.state(now, rules) != State::Closed
    })
}

/// One that has just opened, at tick 0.
fn opened(rules: &Rules) -> Breaker {
    let mut breaker = Breaker::new();
    while breaker.state(0, rules) == State::Closed {
        call(&mut breaker, Outcome::Bad, 0, rules);
    }
    breaker
}

const EACH: [Rules; 2] = [Rules::HYSTRIX, Rules::RESILIENCE4J];

#[test]
fn hystrix_opens_at_half_of_twenty_in_ten_seconds() {
    let rules = Rules::HYSTRIX;
    let half = |n: usize| if n.is_multiple_of(2) { Outcome::Good } else { Outcome::Bad };
    assert_eq!(opens_at((0..40).map(|n| (n as u64, half(n))), &rules), Some(19), "the twentieth is the tenth that failed");
    assert_eq!(opens_at(std::iter::repeat_n((0, Outcome::Bad), 19), &rules), None, "19 are too few");
    let slow = (0..100).map(|n| (n * 600, Outcome::Bad));
    assert_eq!(opens_at(slow, &rules), None, "never twenty in ten seconds");
}

#[test]
fn hystrix_makes_one_trial_after_five_seconds() {
    let rules = Rules::HYSTRIX;
    let mut breaker = opened(&rules);
    assert_eq!(breaker.ask(4_999, &rules), None);
    let trial = breaker.ask(5_000, &rules).expect("one trial");
    assert_eq!(breaker.ask(5_000, &rules), None, "and no other");
    let mut again = breaker.clone();
    breaker.ended(trial, Outcome::Good, 5_100, &rules);
    assert_eq!(breaker.state(5_100, &rules), State::Closed);
    again.ended(trial, Outcome::Bad, 5_100, &rules);
    assert_eq!(again.state(5_100, &rules), State::Open { until: 10_100 });
}

#[test]
fn resilience4j_decides_by_its_ten_trials() {
    let rules = Rules::RESILIENCE4J;
    let after = |good: usize| {
        let mut breaker = opened(&rules);
        let outcomes = (0..10).map(|n| if n < good { Outcome::Good } else { Outcome::Bad });
        assert!(outcomes.into_iter().all(|outcome| call(&mut breaker, outcome, 60_000, &rules)));
        breaker.state(60_000, &rules)
    };
    assert_eq!(after(6), State::Closed);
    assert_eq!(after(5), State::Open { until: 120_000 }, "half of them failed");
}

#[test]
fn it_waits_for_its_trials_without_limit_unless_it_has_one() {
    let mut breaker = opened(&Rules::RESILIENCE4J);
    assert!(breaker.ask(60_000, &Rules::RESILIENCE4J).is_some());
    assert_eq!(breaker.state(u64::MAX / 2, &Rules::RESILIENCE4J), State::HalfOpen { since: 60_000 });
    let limited = Rules { trials_for: Some(1_000), ..Rules::RESILIENCE4J };
    assert_eq!(breaker.state(61_000, &limited), State::Open { until: 121_000 });
    assert_eq!(breaker.state(500_000, &limited), State::HalfOpen { since: 500_000 }, "it waits for no trial that nobody makes");
    assert_eq!(breaker.state(600_000, &limited), State::HalfOpen { since: 500_000 });
    assert!(breaker.ask(700_000, &limited).is_some());
    assert_eq!(breaker.state(700_999, &limited), State::HalfOpen { since: 700_000 });
    assert_eq!(breaker.state(701_000, &limited), State::Open { until: 761_000 });
}

/// With three trials two have ended, and then one is enough: nobody would be let through to end a third.
#[test]
fn trials_that_have_ended_decide_where_fewer_are_asked_for() {
    let three = Rules { trials: 3, ..Rules::HYSTRIX };
    let after = |outcomes: [Outcome; 2], trials| {
        let mut breaker = opened(&three);
        assert!(outcomes.into_iter().all(|outcome| call(&mut breaker, outcome, 5_000, &three)));
        assert_eq!(breaker.state(5_000, &three), State::HalfOpen { since: 5_000 });
        breaker.state(6_000, &Rules { trials, ..three })
    };
    for trials in [1, 2] {
        assert_eq!(after([Outcome::Good; 2], trials), State::Closed, "{trials}");
        assert_eq!(after([Outcome::Good, Outcome::Bad], trials), State::Open { until: 11_000 }, "{trials}");
    }
    assert_eq!(after([Outcome::Good; 2], 10), State::HalfOpen { since: 5_000 });
}

/// Whom nobody calls for a while is not stuck when a trial begins at last.
#[test]
fn it_is_stuck_when_a_trial_takes_long_and_not_when_few_come() {
    let three = Rules { trials: 3, ..Rules::HYSTRIX };
    let mut breaker = opened(&three);
    assert!(call(&mut breaker, Outcome::Good, 5_000, &three));
    assert!(breaker.ask(60_000, &three).is_some(), "the second of three");
    assert_eq!([60_000, 65_000, 65_001].map(|now| breaker.is_stuck(now, &three)), [false, false, true]);
}

#[test]
fn a_permit_comes_back_however_a_trial_ends() {
    for rules in EACH {
        let mut breaker = opened(&rules);
        let start = rules.open_for;
        // Callers that give up, more often than there are permits.
        for _ in 0..50 {
            assert!(call(&mut breaker, Outcome::Void, start, &rules));
        }
        assert_eq!(breaker.trials_out(), 0);
        for _ in 0..rules.trials {
            assert!(call(&mut breaker, Outcome::Good, start, &rules));
        }
        assert_eq!(breaker.state(start, &rules), State::Closed);
    }
}

#[test]
fn what_began_before_the_opening_neither_closes_nor_opens() {
    let rules = Rules::HYSTRIX;
    let mut breaker = Breaker::new();
    let early = breaker.ask(0, &rules).expect("it is closed");
    while call(&mut breaker, Outcome::Bad, 0, &rules) {}
    let mut open = breaker.clone();
    open.ended(early, Outcome::Good, 100, &rules);
    assert_eq!(open.state(100, &rules), State::Open { until: 5_000 }, "a late success closes nothing");
    // In half-open it is no trial either.
    let trial = breaker.ask(5_000, &rules).expect("a trial");
    breaker.ended(early, Outcome::Good, 5_001, &rules);
    assert_eq!(breaker.state(5_001, &rules), State::HalfOpen { since: 5_000 });
    breaker.ended(trial, Outcome::Good, 5_002, &rules);
    breaker.ended(trial, Outcome::Bad, 5_003, &rules);
    assert_eq!((breaker.state(5_003, &rules), breaker.counts(5_003, &rules)), (State::Closed, (0, 0)), "said twice, it counts once");
}

#[test]
fn one_of_one_does_not_open_it() {
    for rules in EACH {
        assert_eq!(opens_at([(0, Outcome::Bad)], &rules), None);
        assert_eq!(opens_at([(0, Outcome::Bad)], &Rules { least: 1, ..rules }), Some(0), "unless one is enough");
    }
}

#[test]
fn a_window_ages() {
    let rules = Rules { least: 5, ..Rules::HYSTRIX };
    let hour_apart = [0, 0, 0, 0, 3_600_000].map(|now| (now, Outcome::Bad));
    assert_eq!(opens_at(hour_apart, &rules), None);
    assert_eq!(opens_at([(0, Outcome::Bad); 5], &rules), Some(4));
    let by_calls = Rules { window: Window::Calls(5), least: 5, percent: 100, ..rules };
    let mixed = [Outcome::Bad, Outcome::Bad, Outcome::Bad, Outcome::Bad, Outcome::Good, Outcome::Bad, Outcome::Bad];
    assert_eq!(opens_at(mixed.map(|outcome| (0, outcome)), &by_calls), None, "never five of the last five");
}

#[test]
fn what_callers_do_wrong_does_not_count() {
    for rules in EACH {
        assert_eq!(opens_at(std::iter::repeat_n((0, Outcome::Void), 500), &rules), None);
    }
}

#[test]
fn an_operator_opens_closes_and_does_not_wait() {
    let rules = Rules::HYSTRIX;
    let mut breaker = Breaker::new();
    breaker.probe(0);
    assert_eq!(breaker.seen(0, &rules), State::Closed, "a closed one has nothing to try");
    breaker.trip(1_000, &rules);
    assert_eq!((breaker.seen(5_999, &rules), breaker.ask(5_999, &rules)), (State::Open { until: 6_000 }, None));
    assert_eq!(breaker.seen(6_000, &rules), State::HalfOpen { since: 6_000 });
    breaker.probe(2_000);
    assert_eq!(breaker.state(2_000, &rules), State::HalfOpen { since: 2_000 }, "earlier than by itself");
    let trial = breaker.ask(2_000, &rules).expect("a trial");
    assert!(!breaker.is_stuck(7_000, &rules) && breaker.is_stuck(7_001, &rules), "its trial takes long");
    breaker.reset();
    breaker.ended(trial, Outcome::Bad, 7_002, &rules);
    assert_eq!((breaker.seen(7_002, &rules), breaker.counts(7_002, &rules)), (State::Closed, (0, 0)), "what began before says nothing");
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let window =
        prop_oneof![(1..12u32).prop_map(Window::Calls), (10..200u64, 1..8u32).prop_map(|(ticks, slices)| Window::Time { ticks, slices })];
    let times = (1..200u64, proptest::option::of(1..200u64));
    (window, 1..8u32, 1..=100u32, times, 1..5u32).prop_map(|(window, least, percent, (open_for, trials_for), trials)| Rules {
        window,
        least,
        percent,
        open_for,
        trials,
        trials_for,
    })
}

/// What a caller does: waits, begins a call, or ends the oldest or the newest of those it has begun.
fn any_steps() -> impl Strategy<Value = Vec<(u64, u8, u8)>> {
    proptest::collection::vec((0..40u64, 0..4u8, 0..3u8), 1..200)
}

proptest! {
    #[test]
    fn open_makes_no_call_and_half_open_no_more_than_its_trials(rules in any_rules(), steps in any_steps()) {
        let (mut breaker, mut now, mut begun) = (Breaker::new(), 0, Vec::new());
        for (gap, what, how) in steps {
            now += gap;
            let before = breaker.state(now, &rules);
            if what < 2 {
                let permit = breaker.ask(now, &rules);
                let is_open = matches!(before, State::Open { .. });
                prop_assert!(permit.is_none() || !is_open);
                prop_assert!(permit.is_some() || before != State::Closed);
                begun.extend(permit);
            } else if !begun.is_empty() {
                let permit = if what == 2 { begun.remove(0) } else { begun.pop().expect("one") };
                breaker.ended(permit, [Outcome::Good, Outcome::Bad, Outcome::Void][usize::from(how)], now, &rules);
                let closes = breaker.state(now, &rules) == State::Closed && before != State::Closed;
                let is_trial = matches!(before, State::HalfOpen { .. });
                prop_assert!(!closes || is_trial, "only trials close it");
            }
            prop_assert!(breaker.trials_out() <= rules.trials);
        }
    }

    #[test]
    fn a_service_that_is_well_closes_it_as_soon_as_calls_come(rules in any_rules(), steps in any_steps()) {
        let (mut breaker, mut now) = (Breaker::new(), 0);
        for (gap, what, how) in steps {
            now += gap;
            if what > 0 {
                call(&mut breaker, [Outcome::Good, Outcome::Bad, Outcome::Void][usize::from(how)], now, &rules);
            }
        }
        // All trials have ended: after the open time, so many good ones close it.
        now += rules.open_for;
        for _ in 0..rules.trials {
            call(&mut breaker, Outcome::Good, now, &rules);
        }
        let is_closed = breaker.state(now, &rules) == State::Closed;
        // Bad trials of before may still open it once more.
        now += rules.open_for;
        for _ in 0..rules.trials {
            call(&mut breaker, Outcome::Good, now, &rules);
        }
        prop_assert!(is_closed || breaker.state(now, &rules) == State::Closed);
    }
}
