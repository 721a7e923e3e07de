//! What RFC 9113, 6455 and 9111 and gRPC ask of what goes over the wire.

use super::{counts, trial};
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;

fn calls(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    trial(&[&[("does", "calls"), ("http", "2")], settings].concat(), script)
}

/// RFC 9113, section 6.9.2: a change of the window of streams holds for those that there are; that of a connection only grows.
#[test]
fn windows_that_are_set_hold_for_what_is_under_way() {
    let script = ["run 1s", "c1 get a sized 200000", "run 50ms", "set stream-window 10", "run 200ms", "set stream-window 1000000"];
    let trial = calls(&[], &[&script[..], &["run 2s"]].concat());
    assert_eq!(counts(&trial, ["done", "window_waits"]), [1, 0]);
    let narrow = calls(&[("stream-window", "10")], &["run 1s", "c1 get a sized 400", "run 10s"]);
    let wide = calls(&[], &["run 1s", "c1 get a sized 400", "run 10s"]);
    assert!(narrow.count("call_ms_last") > 20 * wide.count("call_ms_last"), "ten bytes a trip");
    let connection = ["run 1s", "c1 get a sized 200000", "run 50ms", "set connection-window 1000000", "run 1s"];
    let [slow, fast] = [&connection[..3], &connection[..]].map(|script| calls(&[], &[script, &["run 5s"]].concat()).count("call_ms_last"));
    assert!(fast <= slow, "{fast} {slow}");
}

/// RFC 9113, section 5.1: what came on a stream that is given up counts on the connection no more.
#[test]
fn an_unread_answer_that_is_given_up_gives_the_window_back() {
    let script = ["run 1s", "c1 get a sized 200000 unread", "run 3s", "c1 get b sized 60000", "run 3s"];
    let of = |credit| counts(&calls(&[("credit", credit), ("deadline", "2s")], &script), ["done", "deadline_exceeded"]);
    assert_eq!([of("read"), of("forgets-cancelled")], [[1, 1], [0, 2]]);
    // An answer that is there whole, and that nobody reads, is not told as one.
    let small = calls(&[("deadline", "2s")], &["run 1s", "c1 get a sized 60000 unread", "run 1s"]);
    assert_eq!(counts(&small, ["done", "open"]), [0, 1]);
}

/// RFC 9113, sections 4.2 and 6.9.1: the body of a request is flow-controlled too.
#[test]
fn the_body_of_a_request_waits_for_windows() {
    let stored_by = |settings: &[(&str, &str)]| {
        let all = [&[("style", "polling"), ("http", "2"), ("message", "100000")], settings].concat();
        let mut trial = trial(&all, &["run 1s", "c2 say a", "run 45ms"]);
        let at_once = trial.count("stored");
        trial.follow(&["run 3s"]);
        (at_once, trial.count("stored"))
    };
    assert_eq!(stored_by(&[]), (0, 1), "over the window");
    assert_eq!(stored_by(&[("stream-window", "200000"), ("connection-window", "200000")]), (1, 1));
}

/// PROTOCOL-HTTP2.md: an answer ends with trailers. RFC 9113, section 3.4: both sides send and acknowledge settings.
#[test]
fn heads_of_connections_and_answers_are_all_there() {
    let quiet = calls(&[], &["run 1s"]);
    // Three lines: two of clients, two between servers. Preface 24, SETTINGS 15 and 15, an acknowledgement of 9 each way.
    assert_eq!(quiet.count("overhead_bytes"), 4 * (24 + 15 + 15 + 9 + 9));
    let one = calls(&[], &["run 1s", "c1 get a", "run 1s"]).count("overhead_bytes");
    let two = calls(&[], &["run 1s", "c1 get a", "run 1s", "c1 get b", "run 1s"]).count("overhead_bytes");
    // The second time: a frame head and an index for each header; 9 and 1 for the trailers.
    let (first, second) = (one - quiet.count("overhead_bytes"), two - one);
    assert!(second < first / 4 && second > 4 * 9, "{first} {second}");
}

/// RFC 6455, section 7.1: who closes a WebSocket says so first.
#[test]
fn a_server_that_goes_away_closes_websockets_with_a_frame() {
    let settings = [("style", "websocket"), ("resume", "shown")];
    let trial = trial(&settings, &["run 1s", "go-away server", "run 500ms"]);
    // Close of 2 + 2 bytes from the server, of 6 + 2 from each client.
    assert_eq!(counts(&trial, ["frame_bytes", "lines_lost", "dead_lines"]), [2 * (4 + 8), 2, 0]);
}

/// RFC 9111, section 4: a page from a cache may be older than what was changed by somebody else.
#[test]
fn a_page_out_of_a_cache_is_as_old_as_it_is() {
    let script = ["run 1s", "c1 load", "run 2s", "c2 rename", "run 1s", "c1 load", "run 2s"];
    let of = |settings: &[(&str, &str)], script: &[&str]| {
        let trial = trial(&[&[("does", "page"), ("http-cache", "on")], settings].concat(), script);
        (trial.count("stale_objects"), trial.holds("fresh"))
    };
    let persisted = [("api", "graphql"), ("persisted", "on")];
    assert_eq!([of(&[], &script), of(&persisted, &script)], [(1, Holds::No), (1, Holds::No)]);
    assert_eq!(of(&[("http-cache", "off")], &script), (0, Holds::Yes));
    assert_eq!(of(&[], &script[..3]), (0, Holds::Untested), "nothing has changed");
    // Who renames asks anew.
    let own = ["run 1s", "c1 load", "run 2s", "c1 rename", "run 1s", "c1 load", "run 2s"];
    assert_eq!(of(&[], &own), (0, Holds::Yes));
}

/// A server that lost its messages numbers anew: a client that goes by numbers leaves out what it has never seen.
#[test]
fn a_message_that_is_left_out_by_its_number_is_missed() {
    let script = ["run 1s", "c2 say a", "run 1s", "c2 say b", "run 1s", "crash server", "restart server", "run 10s", "c2 say d", "run 2s"];
    let trial = trial(&[("kept", "memory"), ("dedup", "on"), ("ping", "1s")], &script);
    assert_eq!((counts(&trial, ["shown.c1", "missed.c1", "unseen"]), trial.holds("complete")), ([2, 1, 0], Holds::No));
}

/// Messages of a stream wait as well while their call waits for a connection.
#[test]
fn a_stream_that_waits_for_a_connection_loses_nothing() {
    let script = ["run 1s", "c1 get a taking 500ms", "c1 upload 20", "run 5s"];
    let trial = trial(&[("does", "calls"), ("http", "1"), ("connections", "1")], &script);
    assert_eq!(counts(&trial, ["done", "open"]), [2, 0]);
}

/// gRFC A6: what a server has refused is sent again once of itself; after that it counts as a try.
#[test]
fn a_server_that_refuses_twice_is_unavailable() {
    let script = ["run 1s", "c1 get a", "run 10ms", "go-away gateway", "run 75ms", "go-away gateway", "run 3s"];
    let of = |tries| counts(&calls(&[("tries", tries), ("work", "const(0s)")], &script), ["done", "failed"]);
    let (once, more) = (of("1"), of("2"));
    assert_eq!((once[0] + once[1], more), (1, [1, 0]), "{once:?}");
}

/// What is asked by default is what the run is about.
#[test]
fn a_hunt_asks_only_what_a_run_takes() {
    let fits = |does: &str| {
        let settings = [("does", does.to_string())];
        super::super::asks::CALLS.iter().filter(|call| call.fits(&settings)).map(|call| call.verb.name).collect::<Vec<_>>()
    };
    assert_eq!(fits("chat"), ["say", "typing", "reload"]);
    assert_eq!(fits("page"), ["load", "rename", "reload"]);
    assert_eq!(fits("calls"), ["get", "burst", "buy", "upload", "download", "talk", "reload"]);
}

/// RFC 6298: the wait follows the round trips that were measured; what is sent again is not measured (Karn and Partridge).
#[test]
fn a_long_way_is_learned_and_nothing_is_sent_again_for_it() {
    let again = |says: usize| {
        let mut script = vec!["run 5s"];
        script.extend(["c2 say a", "run 4s"].repeat(says));
        trial(&[("latency", "const(400ms)"), ("rto", "200ms")], &script).count("again_bytes")
    };
    assert!(again(1) > 0, "the first wait is shorter than the way");
    assert_eq!(again(2), again(6), "then it is known");
}

/// The labels of what is in the air, looked at every so often until the end of a span.
fn seen_after(trial: &mut Trial, command: &str) -> Vec<String> {
    let mut all = Vec::new();
    trial.follow(&[command]);
    for _ in 0..100 {
        let mut scene = crate::cluster::scene::Scene::default();
        trial.cluster.scene(trial.cluster.now(), &mut scene);
        all.extend(scene.flights.iter().map(|flight| flight.label.clone()));
        trial.follow(&["run 2ms"]);
    }
    all
}

/// RFC 9113, section 6.8; RFC 9112, section 9.6; RFC 6455, section 7.4.1; HTML Standard, section 9.2: a server that is reloaded tells all
/// that are connected, each in its words, and what it had begun is ended.
#[test]
fn a_server_that_is_reloaded_tells_who_is_connected() {
    let says = |settings: &[(&str, &str)], script: &[&str], words: &str| {
        let mut trial = trial(settings, script);
        let all = seen_after(&mut trial, "deploy server");
        assert!(all.iter().any(|label| label.starts_with(words)), "{settings:?}: {all:?}");
        trial.follow(&["run 30s"]);
        trial
    };
    let chat = ["run 1s", "c2 say a", "run 1s"];
    for (style, words) in [("websocket", "close 1001"), ("sse", "fin"), ("long-polling", "fin")] {
        let mut trial = says(&[("style", style), ("resume", "shown")], &chat, words);
        trial.follow(&["c2 say b", "run 10s"]);
        assert_eq!(counts(&trial, ["stored", "shown.c1", "missed.c1"]), [2, 2, 0], "{style}");
    }
    let page = says(&[("does", "page")], &["run 1s", "c1 load", "run 30ms"], "fin");
    assert_eq!(counts(&page, ["pages"]), [1]);
}

#[test]
fn calls_that_were_begun_end_when_a_server_is_reloaded() {
    for (http, words) in [("1", "fin"), ("2", "goaway")] {
        let mut trial = calls(&[("http", http), ("deadline", "none")], &["run 1s", "c1 get a taking 500ms", "run 100ms"]);
        let all = seen_after(&mut trial, "deploy gateway");
        let told = all.iter().any(|label| label.starts_with(words));
        assert!(told || http == "1", "{all:?}");
        trial.follow(&["c1 get b", "run 3s"]);
        assert_eq!(counts(&trial, ["done", "open"]), [2, 0], "HTTP/{http}");
    }
}
