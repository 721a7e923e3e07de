//! Published figures, and what each limiter promises whatever comes.

use proptest::prelude::*;

use super::*;

/// The most of these moments, which are in order, within any stretch of `window` ticks that holds its first moment and not its last.
fn most_in_any(times: &[u64], window: u64) -> usize {
    let within = |(n, start): (usize, &u64)| times[n..].iter().take_while(|time| **time - start < window).count();
    times.iter().enumerate().map(within).max().unwrap_or(0)
}

fn rules(meter: Meter, limit: u32, window: u64, burst: u32) -> Rules {
    Rules { meter, quota: Quota::new(limit, window), burst, estimate: Estimate::Below }
}

/// The moments at which one passes.
fn passed(rules: &Rules, times: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut state = None;
    let passes = |now: &u64| state.get_or_insert_with(|| State::new(*now, rules)).ask(*now, rules).is_pass();
    times.into_iter().filter(passes).collect()
}

const ALL: [Meter; 5] = [Meter::Fixed, Meter::Log, Meter::Counter, Meter::Bucket, Meter::Gcra];

#[test]
fn a_burst_on_each_side_of_an_edge() {
    let two_bursts = || std::iter::repeat_n(59, 200).chain(std::iter::repeat_n(60, 200));
    let all = ALL.map(|meter| passed(&rules(meter, 100, 60, 100), two_bursts()).len());
    // The bucket of 100 has gained 1.67 tokens in that second.
    assert_eq!(all, [200, 100, 100, 101, 101]);
}

#[test]
fn a_full_window_and_then_a_steady_load() {
    // In milliseconds: 100 at the very end of a minute, then one each 0.6 s.
    let steady = || std::iter::repeat_n(59_999, 100).chain((1..=200).map(|n| 60_000 + 600 * n));
    let worst = |meter| most_in_any(&passed(&rules(meter, 100, 60_000, 100), steady()), 60_000);
    assert_eq!(ALL.map(worst), [199, 100, 199, 199, 199]);
    // Whoever asks all the time gets the last one too, unless a whole one must fit.
    let saturated = || std::iter::repeat_n(59_999, 100).chain(60_000..180_000);
    let worst = |estimate| most_in_any(&passed(&Rules { estimate, ..rules(Meter::Counter, 100, 60_000, 1) }, saturated()), 60_000);
    assert_eq!([Estimate::Below, Estimate::Fits].map(worst), [200, 199]);
}

#[test]
fn the_worked_example_of_the_sliding_counter() {
    let quota = Quota::new(50, 60);
    let mut counter = Counter::with(42, 18, 60 + 15, quota);
    assert_eq!(counter.count(75, quota), 4950 * 60 / 100, "49.5");
    let mut strict = counter;
    assert!(counter.ask(75, quota, Estimate::Below).is_pass());
    assert!(!counter.ask(75, quota, Estimate::Below).is_pass(), "50.5");
    assert!(!strict.ask(75, quota, Estimate::Fits).is_pass(), "49.5 and one more are 50.5");
}

#[test]
fn the_worked_examples_of_the_cell_rate_algorithm() {
    let conform = |increment, tolerance, times: &[u64]| {
        let mut gcra = Gcra::default();
        let flow = Flow::spaced(increment, tolerance);
        times.iter().map(|now| u8::from(gcra.ask(*now, flow).is_pass())).collect::<Vec<u8>>()
    };
    assert_eq!(conform(10, 0, &[0, 10, 15, 20, 30, 35, 40]), [1, 1, 0, 1, 1, 0, 1]);
    assert_eq!(conform(10, 15, &[0, 0, 0, 0, 0, 10, 20, 30]), [1, 1, 0, 0, 0, 1, 1, 1]);
    let at_once = [0, 0, 0, 0, 0, 0, 0, 0, 50, 100, 150, 200, 250, 300, 350, 400];
    assert_eq!(conform(100, 400, &at_once), [1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1]);
    let tens = [0, 100, 110, 120, 130, 140, 150, 160, 170, 180, 1000, 1010];
    assert_eq!(conform(100, 500, &tens), [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1]);
    assert_eq!(conform(100, 500, &[0, 100, 130, 160, 190, 220, 250, 280, 310, 1000, 1030]), [1; 11]);
    let threes: Vec<u64> = [0, 300, 600, 800, 1000, 1200, 1400, 1600].iter().flat_map(|start| [*start, start + 10, start + 20]).collect();
    assert_eq!(conform(100, 500, &threes), [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0]);
}

#[test]
fn a_bucket_gives_its_size_and_what_flows_in() {
    let ten = rules(Meter::Bucket, 5, 1000, 10);
    assert_eq!(passed(&ten, std::iter::repeat_n(0, 100)).len(), 10);
    let saturated = std::iter::repeat_n(0, 100).chain(1..=10_000);
    assert_eq!(passed(&ten, saturated).len(), 60);
    let idle_then_busy = 3_600_000..3_660_000;
    assert_eq!(passed(&rules(Meter::Bucket, 15, 60_000, 15), idle_then_busy).len(), 29, "15 a minute");
}

#[test]
fn a_rate_that_is_no_whole_number_of_ticks_does_not_drift() {
    let flow = Flow::of(Quota::new(3, 1000), 1);
    // A meter that lets a request be late by a tick, and no more.
    let mut gcra = Gcra::default();
    let flow = Flow { tolerance: 3, ..flow };
    let times: Vec<u64> = (0..=1_000_000).filter(|now| gcra.ask(*now, flow).is_pass()).collect();
    assert_eq!((times.len() as u64, times[3000]), (flow.most_within(1_000_000), 999_999), "the 3,000th after the first is on time");
}

/// A queue under saturation: the ticks at which it lets somebody out.
fn exits(flow: Flow, until: u64) -> Vec<u64> {
    let (mut queue, mut out, mut now) = (Queue::default(), vec![0], 0);
    queue.ask(0, now, flow, 2);
    while now <= until {
        queue.ask(0, now, flow, 2);
        queue.ask(0, now, flow, 2);
        now += queue.wait(now, flow).expect("two wait");
        assert!(queue.let_out(now, flow).is_some());
        out.push(now);
    }
    out
}

#[test]
fn a_queue_lets_out_exactly_its_rate() {
    let out = exits(Flow::of(Quota::new(3, 1000), 1), 1_000_000);
    assert_eq!(out[..5], [0, 334, 667, 1000, 1334]);
    assert_eq!(out[3000], 1_000_000);
}

/// Gaps between requests, many of them none at all, and limits of all kinds.
fn any_load() -> impl Strategy<Value = (u32, u64, u32, Vec<u64>)> {
    let gap = prop_oneof![3 => Just(0), 3 => 0..5u64, 2 => 0..60u64, 1 => 0..400u64];
    (1..8u32, 1..120u64, 1..8u32, proptest::collection::vec(gap, 1..120)).prop_map(|(limit, window, burst, gaps)| {
        let mut now = 0;
        let times = gaps.into_iter().map(|gap| {
            now += gap;
            now
        });
        (limit, window, burst, times.collect())
    })
}

/// A meter with each way of counting.
fn any_rules(limit: u32, window: u64, burst: u32) -> impl Iterator<Item = Rules> {
    let each = move |meter| {
        [(false, Estimate::Below), (false, Estimate::Fits), (true, Estimate::Below), (true, Estimate::Fits)].map(
            move |(counts_refused, estimate)| Rules {
                estimate,
                quota: Quota { counts_refused, ..Quota::new(limit, window) },
                ..rules(meter, limit, window, burst)
            },
        )
    };
    ALL.into_iter().flat_map(each)
}

/// Every stretch between two that passed holds no more than the flow allows.
fn keeps_to(flow: Flow, times: &[u64]) -> bool {
    let pairs = times.iter().enumerate().flat_map(|(n, from)| times[n..].iter().enumerate().map(move |(more, to)| (more + 1, to - from)));
    pairs.into_iter().all(|(count, ticks)| count as u64 <= flow.most_within(ticks))
}

proptest! {
    #[test]
    fn each_keeps_its_bound((limit, window, burst, times) in any_load()) {
        let all = usize::try_from(limit).expect("small");
        for rules in any_rules(limit, window, burst) {
            let passed = passed(&rules, times.iter().copied());
            let worst = most_in_any(&passed, window);
            match rules.meter {
                Meter::Fixed => {
                    prop_assert!(worst <= 2 * all);
                    prop_assert!(passed.chunk_by(|a, b| a / window == b / window).all(|aligned| aligned.len() <= all));
                }
                Meter::Log => prop_assert!(worst <= all),
                Meter::Counter => prop_assert!(worst <= 2 * all - usize::from(rules.estimate == Estimate::Fits)),
                Meter::Bucket | Meter::Gcra => prop_assert!(keeps_to(rules.flow(), &passed), "{passed:?}"),
            }
        }
    }

    #[test]
    fn who_comes_back_when_told_passes_and_not_a_tick_before((limit, window, burst, times) in any_load()) {
        for rules in any_rules(limit, window, burst) {
            let mut state = State::new(times[0], &rules);
            for now in &times {
                let Answer::Refuse { after } = state.ask(*now, &rules) else { continue };
                prop_assert!(after > 0);
                let alone = |wait: u64| state.clone().ask(now + wait, &rules).is_pass();
                prop_assert!(alone(after) && alone(after + 1) && alone(after + window), "{rules:?} {after}");
                prop_assert!(!alone(after - 1) , "{rules:?} {after} is too long");
            }
        }
    }

    #[test]
    fn the_log_refuses_only_what_is_one_too_many((limit, window, _, times) in any_load()) {
        let rules = rules(Meter::Log, limit, window, 1);
        let (mut state, mut passed) = (State::new(0, &rules), Vec::new());
        for now in times {
            let last = passed.iter().filter(|time| *time + window > now).count();
            let passes = state.ask(now, &rules).is_pass();
            prop_assert_eq!(passes, last < limit as usize);
            passed.extend(passes.then_some(now));
            prop_assert!(state.numbers() <= limit as usize);
        }
    }

    #[test]
    fn the_cell_rate_algorithm_is_a_bucket((per_tick, increment, tolerance) in (1..9u64, 1..200u64, 0..900u64), (_, _, _, times) in any_load()) {
        let flow = Flow { per_tick, cost: u128::from(increment), tolerance: u128::from(tolerance) };
        let (mut gcra, mut bucket) = (Gcra::default(), Bucket::full(0, flow));
        for now in times {
            prop_assert_eq!(gcra.level(now, flow), bucket.level(now, flow));
            let due = gcra;
            let answer = gcra.ask(now, flow);
            prop_assert_eq!(answer, bucket.ask(now, flow));
            prop_assert!(gcra.ahead(now, flow) <= flow.cost + flow.tolerance);
            prop_assert!(answer.is_pass() || gcra == due);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_and_forth_makes_no_room((limit, window, burst, times) in any_load(), steps in proptest::collection::vec(0..500u64, 120)) {
        for rules in any_rules(limit, window, burst) {
            let (mut state, mut latest, mut passed) = (None, 0, Vec::new());
            for (now, back) in times.iter().zip(&steps) {
                let shown = now.saturating_sub(if back % 3 == 0 { *back } else { 0 });
                latest = latest.max(shown);
                let state = state.get_or_insert_with(|| State::new(shown, &rules));
                passed.extend(state.ask(shown, &rules).is_pass().then_some(latest));
            }
            // By the latest time that the clock ever showed, no more than if it had never been set back.
            let most = match rules.meter {
                Meter::Log => limit,
                Meter::Fixed | Meter::Counter => 2 * limit,
                Meter::Bucket | Meter::Gcra => rules.flow().most_within(window) as u32,
            };
            prop_assert!(most_in_any(&passed, window) <= most as usize, "{rules:?} {passed:?}");
        }
    }

    #[test]
    fn a_queue_spaces_what_it_lets_out((limit, window, places, times) in any_load(), naps in proptest::collection::vec(0..40u64, 120)) {
        let flow = Flow::of(Quota::new(limit, window), 1);
        let (mut queue, mut out, mut waits, mut late, mut now) = (Queue::default(), Vec::new(), Vec::new(), 0, 0);
        for (time, nap) in times.iter().zip(naps) {
            // Lets out what is due until then, now and then too late.
            while let Some(wait) = queue.wait(now, flow).filter(|wait| now + wait <= *time) {
                let nap = if nap % 4 == 0 { nap } else { 0 };
                // One that is late may lose a part of a tick beside.
                (now, late) = (now + wait + nap, late + nap + u64::from(nap > 0));
                let came: u64 = queue.let_out(now, flow).expect("it is due");
                out.push(now);
                waits.push(now - came);
            }
            now = now.max(*time);
            match queue.ask(now, now, flow, places) {
                Some(Answer::Pass) => out.push(now),
                Some(Answer::Refuse { after }) => {
                    prop_assert!(after > 0 && queue.len() == places as usize);
                    let mut later = queue.clone();
                    prop_assert!(later.let_out(now + after, flow).is_some());
                    let again = later.ask(0, now + after, flow, places);
                    prop_assert!(again.is_none_or(Answer::is_pass));
                }
                None => prop_assert!(queue.len() <= places as usize),
            }
        }
        let gap = window / u64::from(limit);
        prop_assert!(out.windows(2).all(|pair| pair[1] - pair[0] >= gap), "{out:?}");
        let most = (u64::from(places) * window).div_ceil(u64::from(limit));
        prop_assert!(waits.iter().all(|wait| *wait <= most + late), "{waits:?}");
    }
}
