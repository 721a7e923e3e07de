//! Settings that change in the middle, servers that forget, and what a promise is held against.

use super::{counts, trial};
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;

fn calls(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    trial(&[&[("does", "calls")], settings].concat(), script)
}

/// A connection keeps the windows that it began with.
#[test]
fn a_window_that_is_set_stops_no_connection() {
    let connection = ["run 100ms", "set connection-window 1000000", "c1 get a sized 100000", "run 300ms", "c1 get b", "run 3s"];
    let stream = ["run 100ms", "c1 get a sized 200000", "run 30ms", "set stream-window 1000000", "run 3s", "c1 get b", "run 1s"];
    for script in [&connection[..], &stream[..]] {
        let trial = calls(&[("http", "2")], script);
        assert_eq!((counts(&trial, ["done", "open"]), trial.holds("in_time")), ([2, 0], Holds::Yes), "{script:?}");
    }
}

/// gRFC A6: a further try begins with the first message.
#[test]
fn a_stream_is_tried_again_from_its_start() {
    let script = ["run 1s", "c1 upload 50", "run 500ms", "crash gateway", "restart gateway", "run 20s"];
    let trial = calls(&[("tries", "3"), ("http", "2"), ("message-every", "20ms")], &script);
    assert_eq!(counts(&trial, ["done", "retries"]), [1, 1]);
    let all = 50 * 1005;
    assert!(trial.count("payload_bytes") > all + all / 4, "what the first server had is sent again: {}", trial.count("payload_bytes"));
    let whole = ["run 2s", "c1 upload 5", "run 100ms", "crash gateway", "restart gateway", "run 30s"];
    let short = calls(&[("tries", "3"), ("http", "2"), ("message-every", "1ms"), ("latency", "const(200ms)")], &whole);
    assert_eq!(counts(&short, ["done", "open"]), [1, 0]);
}

/// And where an answer has begun there is no further try.
#[test]
fn a_call_whose_answer_has_begun_is_not_tried_again() {
    let script = ["run 1s", "c1 download 50", "run 500ms", "crash gateway", "restart gateway", "run 20s"];
    let trial = calls(&[("tries", "3"), ("http", "2"), ("message-every", "20ms")], &script);
    assert_eq!(counts(&trial, ["done", "retries", "failed"]), [0, 0, 1]);
}

#[test]
fn messages_move_with_the_setting_that_says_where_they_are_kept() {
    let said = ["run 1s", "c2 say a", "run 1s", "c2 say a2", "run 1s"];
    for (from, to) in [("disk", "memory"), ("memory", "disk")] {
        let set = format!("set kept {to}");
        let after = [&set, "c2 say b", "run 1s", "c2 say c", "run 1s"];
        let trial = trial(&[("kept", from)], &[&said[..], &after[..]].concat());
        assert_eq!(counts(&trial, ["stored", "shown.c1", "missed_all", "unseen"]), [4, 4, 0, 0], "{from} to {to}");
    }
    let kept = ["set kept disk", "run 1s", "crash server", "restart server", "run 60s", "c2 say b", "run 5s"];
    let settings = [("kept", "memory"), ("resume", "received"), ("ping", "1s")];
    let restarted = trial(&settings, &[&said[..], &kept[..]].concat());
    assert_eq!(counts(&restarted, ["stored", "shown.c1", "missed_all"]), [3, 3, 0]);
}

/// A server that forgot numbers anew: who has a later number is not told, and misses it.
#[test]
fn what_a_server_stores_under_an_old_number_is_missed() {
    let script = [
        "run 1s",
        "c2 say a",
        "run 1s",
        "c2 say b",
        "run 1s",
        "crash server",
        "restart server",
        "run 10s",
        "c2 say d",
        "run 1s",
        "c2 say e",
        "run 2s",
    ];
    let trial = trial(&[("kept", "memory"), ("dedup", "on"), ("resume", "received"), ("ping", "1s")], &script);
    assert_eq!((counts(&trial, ["shown.c1", "missed.c1", "unseen"]), trial.holds("complete")), ([2, 2, 0], Holds::No));
}

/// A promise that was broken stays so.
#[test]
fn a_call_that_took_too_long_is_not_forgotten() {
    let trial = calls(&[], &["c1 get a taking 15s", "run 20s"]);
    assert_eq!((trial.count("open"), trial.holds("in_time")), (0, Holds::No));
    let deadline = calls(&[("deadline", "20s")], &["c1 get a taking 15s", "run 18s"]);
    assert_eq!((deadline.count("done"), deadline.holds("in_time")), (1, Holds::Yes), "its deadline allows that");
}

#[test]
fn a_place_that_is_asked_twice_is_not_batched() {
    let query = "{ customer { name orders(first: 2) { total book { title reviews(first: 1) { stars } } } } }";
    let settings = [("does", "page"), ("api", "graphql"), ("failing", "reviews"), ("query", query)];
    let trial = trial(&settings, &["c1 load", "run 5s"]);
    assert_eq!((trial.count("db_queries"), trial.holds("batched")), (4, Holds::No));
}

#[test]
fn a_promise_about_calls_is_untested_where_nothing_could_break_it() {
    let alone = calls(&[], &["c1 get a", "run 1s"]);
    assert_eq!(alone.holds("slow_alone"), Holds::Untested);
    let lossy = trial(&[], &["run 1s", "loss all 0.3", "c2 say a", "run 4s"]);
    assert_eq!(lossy.holds("loss_alone"), Holds::Untested);
}

/// RFC 9111, section 4.4.
#[test]
fn who_renames_asks_anew() {
    let script = ["c1 load", "run 2s", "c1 rename", "run 1s", "c1 load", "run 2s"];
    let trial = trial(&[("does", "page"), ("http-cache", "on")], &script);
    assert_eq!(trial.count("requests_last"), 1, "the customer; the rest is kept");
}
