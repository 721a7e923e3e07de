//! The mistakes that limiters of this kind have been found to make, each by the schedule that shows it.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;

fn one(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, 3, settings, script)
}

fn three(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, 5, settings, script)
}

#[test]
fn a_crash_fills_a_bucket_that_is_in_memory_only() {
    let script = ["c1 burst 20", "run 100ms", "crash limiter1", "restart limiter1", "c1 burst 20", "run 100ms"];
    let passed = |kept| one(&[("algorithm", "token-bucket"), ("kept", kept)], &script).count("passed");
    assert_eq!(["memory", "lazy", "synced"].map(passed), [20, 11, 11], "a tenth of a second makes one token");
    let power = ["c1 burst 20", "run 100ms", "crash limiter1 losing unsynced", "restart limiter1", "c1 burst 20", "run 100ms"];
    let passed = |kept| one(&[("algorithm", "token-bucket"), ("kept", kept)], &power).count("passed");
    assert_eq!(["lazy", "synced"].map(passed), [20, 11]);
}

#[test]
fn two_that_read_before_either_writes_both_pass() {
    let script = ["c1 burst 9", "run 500ms", "c1 burst 3", "run 100ms"];
    let passed = |step| three(&[("counters", "shared"), ("step", step), ("algorithm", "sliding-log")], &script);
    assert_eq!(passed("atomic").count("worst_window"), 10);
    assert_eq!(passed("atomic").holds("limit"), Holds::Yes);
    let apart = passed("two-steps");
    assert!(apart.count("worst_window") > 10);
    assert_eq!(apart.holds("limit"), Holds::No);
    // One at a time, both are the same.
    let alone = ["c1 burst 30 over 900ms", "run 900ms"];
    let passed = |step| three(&[("counters", "shared"), ("step", step), ("algorithm", "sliding-log")], &alone).count("passed");
    assert_eq!(passed("atomic"), passed("two-steps"));
}

#[test]
fn a_count_whose_answer_is_lost_is_counted_twice() {
    let script = ["cut store -> limiter1", "c1 ask", "run 70ms", "heal", "c1 burst 10", "run 200ms"];
    let trial = one(&[("counters", "shared"), ("store-retries", "3")], &script);
    // It was counted at once, and again 50 ms later, before the wire was healed: eight places are left for ten.
    assert_eq!(trial.count("counted_twice"), 1);
    assert_eq!((trial.count("passed"), trial.count("refused")), (8, 3));
    assert_eq!(trial.holds("fair"), Holds::No);
}

#[test]
fn a_queue_that_was_paused_lets_its_backlog_out_one_by_one() {
    let script = ["c1 burst 11", "run 50ms", "pause limiter1", "run 1s", "resume limiter1", "run 2s"];
    let trial = one(&[("algorithm", "leaky-queue"), ("burst", "10")], &script);
    assert_eq!(trial.count("passed"), 11);
    assert_eq!(["spaced", "limit", "rate"].map(|id| trial.holds(id)), [Holds::Yes; 3]);
}

#[test]
fn a_timer_that_is_early_lets_nobody_out() {
    let script = ["c1 burst 5", "run 30ms", "fire limiter1 release", "run 20ms", "fire limiter1 release", "run 1s"];
    let trial = one(&[("algorithm", "leaky-queue")], &script);
    assert_eq!((trial.count("passed"), trial.holds("spaced")), (5, Holds::Yes));
}

#[test]
fn who_keeps_asking_is_let_in_unless_refusals_count() {
    let script = ["workload c1 steady 20/s ask keys anna", "run 10s"];
    let passed = |count| one(&[("algorithm", "sliding-log"), ("count-refused", count)], &script).count("passed");
    assert_eq!([passed("off"), passed("on")], [100, 10]);
}

#[test]
fn two_users_behind_one_address_share_its_limit() {
    let script = ["workload c1 steady 9/s ask keys anna", "workload c2 steady 4/s ask keys cleo", "c1 burst 8 after 3s as bob", "run 5s"];
    let by = |by| one(&[("by", by), ("algorithm", "sliding-log")], &script);
    assert_eq!(by("user").holds("fair"), Holds::Yes);
    let address = by("address");
    assert_eq!(address.holds("fair"), Holds::No);
    assert!(address.count("refused_innocent") > 0);
    assert_eq!(address.holds("limit"), Holds::Yes, "the address keeps to it");
}

#[test]
fn a_wall_clock_ends_a_window_when_it_is_set() {
    let script = ["c1 burst 10", "run 100ms", "skew limiter1 +1s", "c1 burst 10", "run 100ms"];
    let worst = |clock, algorithm| one(&[("clock", clock), ("algorithm", algorithm)], &script).count("worst_window");
    for algorithm in ["fixed-window", "sliding-log"] {
        assert_eq!([worst("wall", algorithm), worst("monotonic", algorithm)], [20, 10], "{algorithm}");
    }
    assert_eq!([worst("wall", "token-bucket"), worst("monotonic", "token-bucket")], [20, 11]);
}

#[test]
fn latency_after_the_limiter_makes_a_burst_at_the_service() {
    let script = ["pause service", "c1 burst 10", "run 1s", "c1 burst 10", "run 100ms", "resume service", "run 100ms"];
    let trial = one(&[("algorithm", "sliding-log")], &script);
    assert_eq!([trial.count("worst_window"), trial.count("worst_at_service")], [10, 20]);
    assert_eq!([trial.holds("limit"), trial.holds("at_service")], [Holds::Yes, Holds::No]);
}

#[test]
fn a_full_disk_is_a_store_that_cannot_count() {
    let script = ["full-disk store", "c1 burst 5", "run 100ms", "free-disk store", "c1 burst 20", "run 100ms"];
    let passed = |down| {
        let trial = three(&[("counters", "shared"), ("kept", "synced"), ("store-down", down)], &script);
        (trial.count("passed"), trial.count("refused"))
    };
    assert_eq!([passed("closed"), passed("open")], [(10, 15), (15, 10)]);
}
