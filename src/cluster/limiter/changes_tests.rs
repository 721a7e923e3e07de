//! What is set while it runs, while a limiter is down or paused; and what must be on the disk before anything passes.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::cluster::scene::Scene;
use crate::sim::time::Span;

fn one(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, 3, settings, script)
}

fn two(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, 4, settings, script)
}

/// Counts on the disk are those of the settings by which they were made.
#[test]
fn who_was_down_when_the_settings_changed_starts_anew() {
    for (algorithm, set) in [
        ("fixed-window", "set window 10s"),
        ("fixed-window", "set algorithm sliding-log"),
        ("sliding-log", "set limit 5"),
        ("sliding-counter", "set algorithm gcra"),
        ("gcra", "set algorithm token-bucket"),
        ("leaky-queue", "set limit 2"),
    ] {
        for kept in ["lazy", "synced"] {
            let script = [
                "run 100s",
                "c1 burst 10 as x",
                "run 1500ms",
                "crash limiter1",
                set,
                "restart limiter1",
                "run 10ms",
                "c1 ask as x",
                "run 1s",
            ];
            let trial = one(&[("kept", kept), ("algorithm", algorithm)], &script);
            assert_eq!((trial.count("passed"), trial.count("refused")), (11, 0), "{algorithm}, {set}, {kept}");
        }
    }
}

/// Of another key too nothing old comes back, once something was written by the new settings.
#[test]
fn old_counts_do_not_come_back_with_new_ones() {
    let script = ["c1 burst 10 as x", "run 10ms", "crash limiter1", "set limit 9", "restart limiter1", "c1 ask as y", "run 10ms"];
    let mut trial = one(&[("kept", "synced"), ("window", "1h")], &script);
    trial.follow(&["crash limiter1", "restart limiter1", "c1 burst 20 as x", "run 100ms"]);
    assert_eq!(trial.count("passed"), 10 + 1 + 9);
}

#[test]
fn who_is_paused_counts_by_the_settings_of_when_it_runs_again() {
    for (algorithm, set, passed) in
        [("sliding-log", "set limit 5", 5), ("fixed-window", "set algorithm sliding-log", 10), ("leaky-queue", "set burst 2", 3)]
    {
        let script = ["c1 burst 10 as x", "run 10ms", "pause limiter1", "c1 burst 10 as x", "run 10ms", set, "run 10ms", "resume limiter1"];
        let mut trial = one(&[("algorithm", algorithm), ("window", "30s")], &script);
        trial.run(Span::ms(10));
        let before = if algorithm == "leaky-queue" { 1 } else { 10 };
        assert!(trial.count("passed") <= before + passed, "{algorithm}: {}", trial.count("passed"));
        trial.run(Span::s(100));
        assert_eq!(trial.count("passed"), before + passed, "{algorithm}");
    }
}

/// A count that was read by other settings is not written by those of now.
#[test]
fn two_steps_with_a_change_between_them_begin_anew() {
    let settings = [("counters", "shared"), ("step", "two-steps"), ("algorithm", "fixed-window"), ("store-timeout", "1s")];
    for after in ["1500us", "2500us", "3500us", "4500us"] {
        let script = [
            "c1 burst 3 as x",
            &format!("run {after}"),
            "set algorithm sliding-log",
            "run 100ms",
            "c1 burst 20 over 200ms as x",
            "run 300ms",
        ];
        let trial = one(&settings, &script);
        assert_eq!(trial.count("open"), 0, "{after}");
        assert_eq!(trial.count("memory_per_key"), 10, "a log, {after}");
    }
}

#[test]
fn another_watch_looks_at_windows_from_then_on() {
    let settings = [("watch", "10s"), ("limit", "100")];
    let mut trial = one(&settings, &["workload c1 steady 5/s ask keys anna", "run 20s"]);
    assert_eq!(trial.count("worst_window"), 50);
    trial.act("set watch 1s");
    assert_eq!(trial.count("worst_window"), 0);
    trial.run(Span::s(5));
    for fact in ["worst_window", "worst_at_service", "worst_user", "worst_address", "worst_all"] {
        assert_eq!(trial.count(fact), 5, "{fact}");
    }
    assert!(trial.fact("worst_to_ms") - trial.fact("worst_from_ms") < 1000.0);
}

#[test]
fn the_level_is_that_of_the_key_that_was_counted_last() {
    for counters in ["local", "shared"] {
        let mut trial = two(&[("counters", counters)], &["c1 burst 3 as x", "run 10ms"]);
        trial.follow(&["c1 ask as y", "run 10ms"]);
        assert_eq!(trial.count("level"), 1, "{counters}");
    }
}

/// What was counted before goes to the disk too.
#[test]
fn counts_are_kept_from_when_they_are_to_be() {
    for (algorithm, more) in [("sliding-log", 0), ("leaky-queue", 1)] {
        for kept in ["lazy", "synced"] {
            let script = [
                "c1 burst 10 as x",
                "run 100ms",
                &format!("set kept {kept}"),
                "run 1500ms",
                "crash limiter1 losing unsynced",
                "restart limiter1",
            ];
            let mut trial = one(&[("window", "100s"), ("algorithm", algorithm), ("burst", "1")], &script);
            let passed = trial.count("passed");
            trial.follow(&["c1 burst 10 as x", "run 11s"]);
            assert_eq!(trial.count("passed"), passed + more, "{algorithm}, {kept}");
        }
    }
}

#[test]
fn what_was_counted_in_two_steps_is_on_the_disk_before_it_passes() {
    let passed = |step| {
        let settings = [
            ("counters", "shared"),
            ("step", step),
            ("kept", "synced"),
            ("disk", "const(200ms)"),
            ("algorithm", "sliding-log"),
            ("limit", "2"),
            ("store-timeout", "1s"),
        ];
        let script = [
            "c1 burst 2 over 20ms as x",
            "run 50ms",
            "crash store losing unsynced",
            "restart store",
            "run 10ms",
            "c1 burst 2 over 100ms as x",
            "run 900ms",
        ];
        one(&settings, &script).count("passed")
    };
    assert_eq!([passed("atomic"), passed("two-steps")], [2, 2]);
}

#[test]
fn a_store_that_cannot_write_lets_nothing_pass_in_two_steps_either() {
    let settings = [("counters", "shared"), ("step", "two-steps"), ("kept", "synced")];
    let trial = one(&settings, &["full-disk store", "c1 burst 30 as x", "run 900ms"]);
    assert_eq!((trial.count("passed"), trial.count("fail_closed")), (0, 30));
    assert_eq!(trial.holds("limit"), Holds::Untested);
    // What was refused by its count stays so, though its refusal counts and cannot be written.
    let refusals = [&settings[..], &[("count-refused", "on"), ("store-down", "open"), ("limit", "1"), ("window", "10s")]].concat();
    let script = ["c1 ask as x", "run 100ms", "full-disk store", "c1 ask as x", "run 900ms"];
    let trial = one(&refusals, &script);
    assert_eq!((trial.count("passed"), trial.count("refused"), trial.count("fail_open")), (1, 1, 0));
}

/// The names of the timers that run at the limiter.
fn timers(trial: &Trial) -> Vec<String> {
    let mut scene = Scene::default();
    trial.cluster.scene(trial.cluster.now(), &mut scene);
    let limiter = scene.nodes.iter().find(|node| node.name == "limiter1").expect("the limiter");
    limiter.timers.iter().map(|timer| timer.name.to_string()).collect()
}

/// Without windows there is no edge to wait for; the clock can be played on all the same.
#[test]
fn only_windows_have_edges() {
    let mut trial = one(&[], &[]);
    for (algorithm, has) in [
        ("token-bucket", false),
        ("sliding-counter", true),
        ("sliding-log", false),
        ("fixed-window", true),
        ("gcra", false),
        ("leaky-queue", false),
    ] {
        trial.act(&format!("set algorithm {algorithm}"));
        assert_eq!(timers(&trial).contains(&"edge".to_string()), has, "{algorithm}");
        assert_eq!(trial.cluster.next_at(), Some(crate::sim::time::Time(Span::s(1).0)), "{algorithm}");
    }
}
