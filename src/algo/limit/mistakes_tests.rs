//! The mistakes that limiters have been found to make: each schedule lets exactly what it should pass the limiter of this room, and
//! something else a limiter with the mistake.

use super::*;

const HOUR: u64 = 3_600_000;

/// How many of these pass.
fn passes(times: impl IntoIterator<Item = u64>, mut ask: impl FnMut(u64) -> bool) -> usize {
    times.into_iter().filter(|now| ask(*now)).count()
}

/// One of this room, with nothing in it yet.
fn right(meter: Meter, limit: u32, window: u64) -> impl FnMut(u64) -> bool {
    let rules = Rules { meter, quota: Quota::new(limit, window), burst: limit, estimate: Estimate::Below };
    let mut state = None;
    move |now| state.get_or_insert_with(|| State::new(now, &rules)).ask(now, &rules).is_pass()
}

/// A bucket in whole tokens, which starts with so many and refills by `refill(elapsed)`.
fn whole_tokens(limit: i64, start: i64, refill: impl Fn(i64) -> i64) -> impl FnMut(u64) -> bool {
    let (mut tokens, mut at) = (start, None);
    move |now| {
        let now = now as i64;
        tokens = (tokens + refill(now - at.replace(now).unwrap_or(now))).min(limit);
        let passes = tokens > 0;
        tokens -= i64::from(passes);
        passes
    }
}

#[test]
fn a_refill_is_not_rounded_at_each_call() {
    // Ten tokens a second; a call each half token, a thousand times.
    let calls = || (0..1000).map(|n| n * 50);
    assert_eq!(passes(calls(), right(Meter::Bucket, 10, 1000)), 10 + 499);
    assert_eq!(passes(calls(), right(Meter::Gcra, 10, 1000)), 10 + 499);
    assert_eq!(passes(calls(), whole_tokens(10, 10, |elapsed| elapsed / 100)), 10, "rounded down, it never refills");
}

#[test]
fn a_clock_that_goes_back_an_hour_and_returns_makes_no_token() {
    let calls = || [0; 30].into_iter().chain([HOUR; 30]).chain([0; 30]).chain([HOUR + 1; 30]);
    assert_eq!(passes(calls(), right(Meter::Bucket, 10, 1000)), 20);
    assert_eq!(passes(calls(), right(Meter::Gcra, 10, 1000)), 20);
    assert_eq!(passes(calls(), right(Meter::Log, 10, 1000)), 20);
    assert_eq!(passes(calls(), right(Meter::Fixed, 10, 1000)), 20);
    assert_eq!(passes(calls(), right(Meter::Counter, 10, 1000)), 20);
    assert_eq!(passes(calls(), whole_tokens(10, 10, |elapsed| elapsed.max(0) / 100)), 30, "the hour is counted twice");
    assert_eq!(passes(calls(), whole_tokens(10, 10, |elapsed| (elapsed / 100).abs())), 40, "back is no way forward");
}

#[test]
fn no_entry_of_a_future_hour_stays_for_ever() {
    let calls = || [HOUR; 10].into_iter().chain([0]).chain([HOUR + 1000; 10]);
    for meter in [Meter::Fixed, Meter::Log, Meter::Bucket, Meter::Gcra] {
        assert_eq!(passes(calls(), right(meter, 10, 1000)), 20, "{meter:?}");
    }
}

#[test]
fn a_window_does_not_hold_both_its_ends() {
    let calls = || [0; 10].into_iter().chain([1000; 10]);
    for meter in [Meter::Log, Meter::Fixed, Meter::Bucket, Meter::Gcra] {
        assert_eq!(passes(calls(), right(meter, 10, 1000)), 20, "{meter:?}");
    }
    let mut times: Vec<u64> = Vec::new();
    let closed = |now| {
        times.retain(|time| time + 1000 >= now);
        let passes = times.len() < 10;
        times.extend(passes.then_some(now));
        passes
    };
    assert_eq!(passes(calls(), closed), 10, "closed at both ends, it holds what passed a window ago");
}

#[test]
fn an_older_window_does_not_count() {
    let calls = || [0; 10].into_iter().chain([2000; 10]);
    assert_eq!(passes(calls(), right(Meter::Counter, 10, 1000)), 20);
    let (mut window, mut before, mut current) = (0, 0, 0);
    let never_ages = |now| {
        if now / 1000 != window {
            (window, before, current) = (now / 1000, current, 0);
        }
        let passes = before + current < 10;
        current += u32::from(passes);
        passes
    };
    assert_eq!(passes(calls(), never_ages), 10, "the window before the last still counts");
}

#[test]
fn a_refused_request_does_not_count() {
    // Twice as many as may pass, for a minute.
    let calls = || (0..1200).map(|n| n * 50);
    assert_eq!(passes(calls(), right(Meter::Log, 10, 1000)), 600);
    assert!((590..=610).contains(&passes(calls(), right(Meter::Counter, 10, 1000))));
    let quota = Quota { counts_refused: true, ..Quota::new(10, 1000) };
    let (mut log, mut counter) = (Log::default(), Counter::default());
    assert_eq!(passes(calls(), |now| log.ask(now, quota).is_pass()), 10, "who keeps asking never passes again");
    assert!(passes(calls(), |now| counter.ask(now, quota, Estimate::Below).is_pass()) < 60);
}

#[test]
fn a_new_key_starts_with_a_full_bucket() {
    assert_eq!(passes([HOUR; 20], right(Meter::Bucket, 10, 1000)), 10);
    assert_eq!(passes([HOUR; 20], right(Meter::Gcra, 10, 1000)), 10);
    assert_eq!(passes([HOUR; 20], whole_tokens(10, 0, |elapsed| elapsed / 100)), 0, "empty, it refuses the first caller");
}

#[test]
fn a_queue_that_was_held_up_lets_one_out_at_a_time() {
    let flow = Flow::of(Quota::new(10, 1000), 1);
    let mut queue = Queue::default();
    let mut planned = Vec::new();
    for n in 0..11u64 {
        queue.ask(n, 0, flow, 10);
        planned.push(n * 100);
    }
    // It sleeps for ten times as long as a request takes.
    let out = (1000..1100).filter(|now| queue.let_out(*now, flow).is_some()).count();
    assert_eq!(out, 1);
    assert_eq!(planned.iter().filter(|exit| (1..=1000).contains(*exit)).count(), 10, "planned as they came, all leave at once");
}
