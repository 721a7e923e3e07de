use super::{counts, trial};
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

fn calls(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    trial(&[&[("does", "calls")], settings].concat(), script)
}

#[test]
fn a_slow_call_holds_up_http_1_and_not_http_2() {
    let script = ["run 1s", "c1 get a taking 80ms", "c1 get b", "c1 get c", "run 2s"];
    let of = |settings: &[(&str, &str)]| {
        let trial = calls(settings, &script);
        (counts(&trial, ["call_ms_max", "held_up", "done"]), trial.holds("slow_alone"))
    };
    assert_eq!(of(&[("http", "1"), ("connections", "1")]), ([240, 2, 3], Holds::No));
    assert_eq!(of(&[("http", "1"), ("connections", "3")]), ([120, 0, 3], Holds::Yes));
    assert_eq!(of(&[("http", "2")]), ([120, 0, 3], Holds::Yes));
}

#[test]
fn equal_calls_take_as_many_rounds_as_there_are_for_each_connection() {
    for n in [6u64, 12, 100] {
        let burst = format!("c1 burst {n}");
        let of = |http| calls(&[("http", http), ("work", "const(0s)")], &["run 1s", &burst, "run 5s"]).count("call_ms_max");
        assert_eq!([of("1"), of("2")], [40 * n.div_ceil(6), 40], "{n}");
    }
}

#[test]
fn a_lost_segment_stalls_every_stream_of_its_connection() {
    let script = ["run 1s", "c1 burst 6", "run 25ms", "loss gateway -> c1 1", "run 16ms", "loss gateway -> c1 0", "c1 burst 6", "run 5s"];
    let of = |http| calls(&[("http", http)], &script);
    let (one, two) = (of("1"), of("2"));
    assert_eq!([one.count("stalls"), one.count("done"), two.count("done")], [0, 12, 12]);
    assert!(two.count("stalls") > 0 && two.count("stalled_streams") > 1);
    assert_eq!([one.holds("loss_alone"), two.holds("loss_alone")], [Holds::Yes, Holds::No]);
}

/// Stock is slow, and the caller waits for 200 ms.
const SLOW: [(&str, &str); 3] = [("http", "2"), ("deadline", "200ms"), ("stock-work", "const(400ms)")];

fn bought(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    calls(&[&SLOW, settings].concat(), script)
}

#[test]
fn a_deadline_stops_the_client_and_the_servers_only_if_they_are_told_and_look() {
    let script = ["run 1s", "c1 buy", "run 2s"];
    let of = |pass_on, checks| {
        let trial = bought(&[("pass-on", pass_on), ("checks", checks)], &script);
        assert_eq!(counts(&trial, ["deadline_exceeded", "done"]), [1, 0]);
        (trial.count("charges"), trial.holds("no_waste"), trial.fact("wasted_ms_of.stock") > 0.0)
    };
    assert_eq!(of("off", "off"), (1, Holds::No, true), "the charge is made for nobody");
    assert_eq!(of("remaining", "off"), (1, Holds::No, true), "told, and nobody looks");
    assert_eq!(of("remaining", "on"), (0, Holds::Yes, false));
    let waste = bought(&[("pass-on", "off"), ("checks", "off")], &script);
    let of = |name: &str| waste.count(&format!("wasted_ms_of.{name}"));
    assert!(of("gateway") > of("orders") && of("orders") > of("stock") && of("stock") > 200);
}

#[test]
fn a_cancellation_that_is_lost_leaves_them_at_work_unless_time_travels_with_the_call() {
    // Whoever is told how much time is left needs nobody to say that it is over.
    let script = ["run 1s", "c1 buy", "run 100ms", "cut c1 | gateway", "run 2s"];
    let of = |pass_on| bought(&[("pass-on", pass_on)], &script).holds("no_waste");
    assert_eq!(["off", "remaining"].map(of), [Holds::No, Holds::Yes]);
    // Whoever is given as much time as at the start stops as much later as the call was under way before.
    let behind = ["run 1s", "c1 buy", "run 100ms", "cut gateway | orders", "run 2s"];
    let of = |pass_on| bought(&[("pass-on", pass_on)], &behind).holds("no_waste");
    assert_eq!(["off", "anew", "remaining"].map(of), [Holds::No, Holds::No, Holds::Yes]);
}

#[test]
fn time_that_is_left_needs_no_clocks_that_agree() {
    let script = ["run 1s", "skew stock -3s", "skew gateway -3s", "skew orders -3s", "c1 buy", "run 100ms", "cut c1 | gateway", "run 2s"];
    let of = |pass_on| bought(&[("pass-on", pass_on)], &script).holds("no_waste");
    assert_eq!(["absolute", "remaining"].map(of), [Holds::No, Holds::Yes]);
    let early = ["run 1s", "skew gateway +3s", "c1 buy", "run 2s"];
    let of = |pass_on| counts(&calls(&[("http", "2"), ("deadline", "1s"), ("pass-on", pass_on)], &early), ["done", "deadline_exceeded"]);
    assert_eq!(["absolute", "remaining"].map(of)[1], [1, 0], "a clock that is ahead gives it up at once");
    assert_eq!(of("absolute")[0], 0);
}

#[test]
fn there_is_no_deadline_unless_one_is_set() {
    let script = ["run 1s", "c1 get a", "run 30ms", "crash gateway", "restart gateway", "run 60s"];
    let never = calls(&[("http", "2")], &script);
    assert_eq!((never.count("open"), never.holds("in_time")), (1, Holds::No), "everything was acknowledged, so nothing is sent again");
    let soon = calls(&[("http", "2"), ("deadline", "1s")], &script);
    assert_eq!((soon.count("open"), soon.holds("in_time")), (0, Holds::Yes));
}

#[test]
fn a_retry_charges_twice_unless_a_key_is_kept_with_the_effect() {
    let lost = ["run 1s", "cut gateway -> c1", "c1 buy", "run 300ms", "crash gateway", "heal", "restart gateway", "run 5s"];
    let and_stock = [
        "run 1s",
        "cut gateway -> c1",
        "c1 buy",
        "run 300ms",
        "crash gateway",
        "crash stock",
        "heal",
        "restart stock",
        "run 100ms",
        "restart gateway",
        "run 5s",
    ];
    let of = |key, script: &[&str]| {
        let trial = calls(&[("http", "2"), ("deadline", "5s"), ("tries", "5"), ("idempotency", key)], script);
        assert!(trial.count("retries") > 0);
        (trial.count("charged_twice"), trial.holds("effect_once"))
    };
    assert_eq!(["none", "memory", "disk"].map(|key| of(key, &lost)), [(1, Holds::No), (0, Holds::Yes), (0, Holds::Yes)]);
    assert_eq!(["memory", "disk"].map(|key| of(key, &and_stock)), [(1, Holds::No), (0, Holds::Yes)]);
}

#[test]
fn a_request_that_never_began_is_always_safe_to_send_again() {
    let script = ["run 1s", "c1 burst 3", "run 10ms", "go-away gateway", "c1 burst 3", "run 3s"];
    let of = |how| counts(&calls(&[("http", "2"), ("goaway", how)], &script), ["done", "failed"]);
    assert_eq!(of("by-last"), [6, 0], "those that were on their way go to another connection");
    let begun = ["run 1s", "c1 burst 3", "run 30ms", "go-away gateway", "run 3s"];
    let of = |how| counts(&calls(&[("http", "2"), ("goaway", how), ("work", "const(50ms)")], &begun), ["done", "failed"]);
    assert_eq!([of("by-last"), of("fails-all")], [[3, 0], [0, 3]]);
}

#[test]
fn an_answer_that_nobody_reads_stops_at_the_window_and_takes_the_connection_with_it() {
    let script = ["run 1s", "c1 get a sized 200000 unread", "run 1s", "c1 get b", "run 2s"];
    let of = |settings: &[(&str, &str)]| counts(&calls(&[&[("http", "2")], settings].concat(), &script), ["done", "window_waits"]);
    assert_eq!(of(&[]), [0, 1]);
    assert_eq!(of(&[("connection-window", "1000000")]), [1, 1], "only the stream stands");
    assert_eq!(of(&[("credit", "arrival")]), [2, 0], "nothing stops a writer whose reader never reads");
}

#[test]
fn what_comes_on_a_stream_that_was_given_up_counts_on_the_connection() {
    let script = ["run 1s", "c1 get a sized 100000", "run 1s", "set deadline 5s", "c1 get b sized 50000", "run 9s"];
    let of = |credit| {
        let settings = [("http", "2"), ("credit", credit), ("deadline", "70ms"), ("checks", "off")];
        counts(&calls(&settings, &script), ["done", "deadline_exceeded"])
    };
    assert_eq!([of("read"), of("forgets-cancelled")], [[1, 1], [0, 2]]);
}

#[test]
fn streams_carry_many_messages_for_one_head() {
    let of = |ask: &str| {
        let mut trial = calls(&[("http", "2")], &["run 1s"]);
        let said = trial.ask(ask, Span::s(5));
        assert!(said.starts_with("ok in"), "{said}");
        trial.count("overhead_bytes")
    };
    let (up, down, both) = (of("c1 upload 100"), of("c1 download 100"), of("c1 talk 100"));
    let hundred = calls(&[("http", "2")], &["run 1s", "c1 burst 100", "run 5s"]).count("overhead_bytes");
    assert!(hundred > 2 * up && up.abs_diff(down) < 100 && both > up, "{hundred} {up} {down} {both}");
}

#[test]
fn tls_costs_a_trip_at_the_start() {
    let took = |tls| calls(&[("tls", tls), ("preconnect", "off")], &["c1 get a", "run 2s"]).count("call_ms_last");
    assert_eq!([took("off"), took("on")], [100, 140]);
}

/// A list of `imbl` that is a tree loses and doubles entries when some are taken out of it after its front was.
#[test]
fn calls_that_wait_for_a_connection_are_sent_though_others_before_gave_up() {
    let settings = [("http", "1"), ("connections", "1"), ("work", "const(10ms)"), ("deadline", "10s")];
    let script = ["run 1s", "c1 burst 3", "set deadline 130ms", "c1 burst 3", "set deadline 10s", "c1 burst 9", "run 20s"];
    let trial = calls(&settings, &script);
    assert!(trial.answers().iter().any(|told| told.starts_with("9 of 9")), "{:?}", trial.answers());
}
