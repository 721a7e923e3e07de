use super::{counts, trial};
use crate::check::verdict::Holds;
use crate::cluster::Scenario;
use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

/// Six messages, spread, and time for all of them to arrive.
const SIX: &[&str] = &[
    "run 1300ms",
    "c2 say a",
    "run 3s",
    "c2 say b",
    "run 1s",
    "c2 say c",
    "run 4s",
    "c2 say d",
    "run 2s",
    "c2 say e",
    "run 700ms",
    "c2 say f",
    "run 40s",
];
/// So many clients.
fn crowd(clients: u16, settings: &[(&str, &str)]) -> Trial {
    let settings = settings.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    Trial::started(&super::super::MODEL, &Scenario { clients: Some(clients), settings, ..Scenario::of("exchange") })
}

/// Three messages while the line of c1 is down.
const CUT: &[&str] = &["run 1s", "cut c1 | server", "c2 say a", "c2 say b", "c2 say c", "run 10s", "heal", "run 60s"];

#[test]
fn each_style_brings_what_was_said_and_costs_its_own() {
    let of = |style| {
        let trial = trial(&[("style", style), ("resume", "shown")], SIX);
        assert_eq!(counts(&trial, ["stored", "shown.c1", "missed_all", "doubled"]), [6, 6, 0, 0], "{style}");
        (trial.count("delay_ms_max"), trial.count("overhead_bytes_of.c1"))
    };
    let [polling, long, sse, socket] = ["polling", "long-polling", "sse", "websocket"].map(of);
    assert!(polling.0 > 2_000 && [long.0, sse.0, socket.0] == [20; 3], "{polling:?} {long:?} {sse:?} {socket:?}");
    assert!(polling.1 > long.1 && long.1 > 2 * sse.1 && sse.1 > socket.1, "{polling:?} {long:?} {sse:?} {socket:?}");
}

#[test]
fn a_frame_costs_what_its_size_says() {
    // RFC 6455, section 5.2: the frame of the writer is masked, that of the server is not.
    for (bytes, heads) in [("125", 6 + 2), ("126", 8 + 4), ("65535", 8 + 4), ("65536", 14 + 10)] {
        let trial = trial(&[("message", bytes)], &["run 1s", "c2 say a", "run 1s"]);
        assert_eq!(counts(&trial, ["frame_bytes", "shown.c1"]), [heads, 1], "{bytes}");
    }
}

#[test]
fn what_is_said_while_a_line_is_down_is_missed_unless_it_is_resumed() {
    let of = |style, resume| {
        let trial = trial(&[("style", style), ("resume", resume), ("ping", "2s"), ("dedup", "on")], CUT);
        (trial.count("shown.c1"), trial.count("missed.c1"), trial.holds("complete"))
    };
    for style in ["sse", "websocket"] {
        assert_eq!(of(style, "none"), (0, 3, Holds::No), "{style}");
        assert_eq!(of(style, "shown"), (3, 0, Holds::Yes), "{style}");
    }
    assert_eq!(of("polling", "none"), (1, 2, Holds::No), "only the newest");
    assert_eq!([of("polling", "shown"), of("long-polling", "shown")], [(3, 0, Holds::Yes); 2]);
}

#[test]
fn who_asks_for_the_last_ten_sees_some_twice() {
    let script = [&["run 1s", "c2 say z", "run 1s"], CUT].concat();
    let doubled = |dedup| trial(&[("resume", "last-10"), ("ping", "2s"), ("dedup", dedup)], &script).count("doubled");
    assert_eq!([doubled("off"), doubled("on")], [1, 0]);
}

#[test]
fn a_dead_line_is_noticed_by_who_asks_for_a_sign_of_life() {
    let script = ["run 1s", "cut c1 | server", "run 60s"];
    let of = |ping| trial(&[("ping", ping)], &script);
    let (never, soon) = (of("none"), of("2s"));
    assert_eq!(counts(&never, ["lines_up", "lines_lost"]), [2, 0], "nothing was sent, so nothing failed");
    assert_eq!(soon.count("lines_lost"), 1);
    assert!((2_000..=4_100).contains(&soon.count("noticed_ms")), "{}", soon.fact("noticed_ms"));
}

/// Who waits for a sign of life waits from the first ping that nothing came after, however many follow it.
#[test]
fn pings_that_follow_soon_put_the_end_of_the_wait_off_no_further() {
    let of = |ping: u32, pong: u32, script: &[&str]| {
        let [every, patience] = [ping, pong].map(|ms| format!("{ms}ms"));
        trial(&[("ping", &every), ("pong-timeout", &patience)], script)
    };
    let dead = ["run 1s", "cut c1 | server", "run 60s"];
    for (ping, pong) in [(50, 1_000), (300, 1_000), (999, 1_000), (1_000, 1_000), (1_001, 1_000), (3_000, 1_000), (500, 5_000), (1, 100)] {
        let noticed = of(ping, pong, &dead);
        assert_eq!(counts(&noticed, ["lines_lost", "lines_lost_of.c1", "lines_up"]), [1, 1, 1], "{ping} {pong}");
        // Since the last pong: at most to the next ping, and from there the wait.
        let (least, most) = (u64::from(pong), u64::from(ping + pong));
        assert!((least..=most).contains(&noticed.count("noticed_ms")), "{ping} {pong}: {}", noticed.fact("noticed_ms"));
        let lives = of(ping, pong, &["run 30s"]);
        assert_eq!(counts(&lives, ["lines_lost", "handshakes"]), [0, 2], "{ping} {pong}");
    }
}

#[test]
fn a_late_pong_is_one_if_it_comes_within_the_wait() {
    let of = |latency: &str, ping: &str| {
        let settings = [("latency", latency), ("ping", ping), ("pong-timeout", "1s")];
        trial(&settings, &["run 30s"]).count("lines_lost")
    };
    for ping in ["100ms", "1s", "3s"] {
        assert_eq!(of("const(450ms)", ping), 0, "there and back in 900 ms: {ping}");
    }
    assert!(of("const(550ms)", "3s") > 0, "in 1100 ms");
    assert_eq!(of("const(550ms)", "100ms"), 0, "what answers the pings before is a sign of life too");
}

#[test]
fn lost_and_doubled_pongs_are_made_up_for_by_the_connection_while_the_wait_lasts() {
    let of = |hole: &str| {
        let script = ["run 1s", "loss server -> c1 1", hole, "loss server -> c1 0", "run 20s"];
        trial(&[("ping", "250ms"), ("pong-timeout", "3s")], &script).count("lines_lost")
    };
    assert_eq!(of("run 1s"), 0);
    assert!(of("run 4s") > 0);
    let doubled = ["duplication all 1", "run 2s", "cut c1 | server", "run 20s"];
    let doubled = trial(&[("ping", "250ms"), ("pong-timeout", "1s")], &doubled);
    assert_eq!(counts(&doubled, ["lines_lost_of.c1", "lines_lost_of.c2"]), [1, 0]);
    assert!((1_000..=1_250).contains(&doubled.count("noticed_ms")), "{}", doubled.fact("noticed_ms"));
}

/// What was asked on a line that is gone is nothing that the next one has to answer.
#[test]
fn a_new_line_waits_for_its_own_pongs() {
    // The ping is under way when the line ends: by a reset, by a close, and by another way of hearing.
    let ends: [&[&str]; 3] =
        [&["crash server", "restart server"], &["go-away server"], &["set style sse", "run 10ms", "set style websocket"]];
    for end in ends {
        let settings = [("ping", "200ms"), ("pong-timeout", "2s"), ("reconnect", "300ms")];
        let mut trial = trial(&settings, &["run 1s", "cut c1 | server", "run 1500ms", "heal"]);
        trial.follow(end);
        trial.follow(&["run 5s"]);
        let lost = trial.count("lines_lost");
        assert!(lost <= 2, "{end:?}: {lost}");
        trial.follow(&["run 30s"]);
        assert_eq!(counts(&trial, ["lines_lost", "lines_up", "dead_lines"]), [lost, 2, 0], "{end:?}");
    }
}

#[test]
fn a_wait_that_is_set_shorter_ends_sooner_and_another_setting_puts_none_off() {
    let settings = [("ping", "1s"), ("pong-timeout", "20s")];
    let script = ["run 1s", "cut c1 | server", "run 4s"];
    let mut shorter = trial(&settings, &script);
    shorter.follow(&["set pong-timeout 2s", "run 1ms"]);
    assert_eq!(shorter.count("lines_lost"), 1);
    let mut other = trial(&settings, &script);
    for _ in 0..20 {
        other.follow(&["set message 300", "run 500ms", "set message 200", "run 500ms"]);
    }
    assert_eq!(other.count("lines_lost"), 1, "{}", other.fact("noticed_ms"));
    let mut ended = trial(&settings, &script);
    ended.follow(&["set ping none", "run 60s"]);
    assert_eq!(ended.count("lines_lost"), 0);
}

#[test]
fn a_server_that_was_started_again_knows_no_line() {
    let mut trial = trial(&[("resume", "shown")], &["run 1s", "crash server", "restart server", "run 1s"]);
    assert_eq!(counts(&trial, ["lines_up", "dead_lines"]), [2, 2]);
    // Who sends is told; the other hears nothing.
    trial.follow(&["c2 say a", "run 5s"]);
    assert_eq!(counts(&trial, ["lines_up", "dead_lines", "handed", "handed_lost"]), [2, 1, 1, 1]);
    assert_eq!(trial.holds("sent_kept"), Holds::No);
}

#[test]
fn send_returns_before_anything_arrives_unless_the_server_says_so() {
    let mut plain = trial(&[], &["run 1s"]);
    assert_eq!(plain.ask("c2 say a", Span::ms(1)), "handed over");
    let mut acked = trial(&[("acks", "on")], &["run 1s"]);
    assert_eq!(acked.ask("c2 say a", Span::ms(10)), "open");
    acked.follow(&["run 100ms"]);
    assert_eq!(acked.last().outcome, crate::cluster::told::Outcome::Ok("stored as 1".into()));
    let mut posted = trial(&[("style", "sse")], &["run 1s"]);
    assert_eq!(posted.ask("c2 say a", Span::ms(100)), "stored as 1");
}

#[test]
fn what_was_not_acknowledged_is_sent_again_and_stored_twice_unless_it_is_known() {
    let script = ["run 1s", "cut server -> c2", "c2 say a", "run 5s", "heal", "run 20s"];
    let of = |dedup| counts(&trial(&[("acks", "on"), ("ping", "2s"), ("dedup", dedup)], &script), ["stored", "stored_twice", "doubled"]);
    assert_eq!([of("off"), of("on")], [[1, 1, 1], [1, 0, 0]]);
}

#[test]
fn a_place_that_is_kept_too_early_loses_what_was_not_shown() {
    let script = ["run 1s", "c2 say a", "run 10ms", "c2 say b", "run 100ms", "c1 reload", "run 5s"];
    let of = |resume| {
        let trial = trial(&[("resume", resume), ("dedup", "on"), ("show", "500ms")], &script);
        counts(&trial, ["shown.c1", "missed.c1", "doubled"])
    };
    assert_eq!([of("received"), of("shown")], [[0, 2, 0], [2, 0, 0]]);
}

#[test]
fn history_and_memory_end_somewhere() {
    let of = |settings: &[(&str, &str)], script: &[&str]| {
        let base = [("resume", "shown"), ("ping", "2s"), ("dedup", "on")];
        trial(&[&base[..], settings].concat(), script).count("missed.c1")
    };
    let apart = ["run 1s", "cut c1 | server", "c2 say a", "run 100ms", "c2 say b", "run 100ms", "c2 say c", "run 10s", "heal", "run 60s"];
    assert_eq!(of(&[("history", "2")], &apart), 1, "two of three are kept");
    let crash = ["run 1s", "cut c1 | server", "c2 say a", "run 100ms", "crash server", "restart server", "heal", "run 60s"];
    assert_eq!([of(&[("kept", "memory")], &crash), of(&[("kept", "disk")], &crash)], [1, 0]);
}

#[test]
fn all_come_back_at_once_unless_a_random_wait_spreads_them() {
    let peak = |jitter: &str| {
        let mut trial = crowd(60, &[("jitter", jitter), ("reconnect", "30s"), ("preconnect", "off")]);
        trial.follow(&["run 1s", "go-away server", "run 40s"]);
        assert_eq!(counts(&trial, ["handshakes", "lines_up"]), [120, 60]);
        trial.count("reconnects_peak")
    };
    assert_eq!(peak("off"), 60);
    assert!(peak("on") <= 6, "{}", peak("on"));
}

#[test]
fn a_lost_segment_makes_what_comes_after_it_wait() {
    let mut trial = trial(&[("latency", "const(50ms)")], &["run 1s", "loss server -> c1 1", "c2 say a", "run 60ms", "loss server -> c1 0"]);
    trial.follow(&["c2 say b", "run 150ms"]);
    assert_eq!(counts(&trial, ["shown.c1", "held_frames"]), [0, 1], "b is there and waits for a");
    trial.follow(&["run 500ms"]);
    assert_eq!(counts(&trial, ["shown.c1", "tcp_again"]), [2, 1]);
    assert_eq!(trial.holds("ordered"), Holds::Yes);
}

#[test]
fn a_program_that_is_closed_closes_its_connections() {
    let trial = trial(&[], &["run 1s", "c1 reload", "run 5s"]);
    let mut scene = crate::cluster::scene::Scene::default();
    trial.cluster.scene(trial.cluster.now(), &mut scene);
    let row = scene.nodes[0].rows.iter().find(|row| row.label == "connections").expect("a row");
    let clients = scene.clients.len();
    assert_eq!(row.value, clients.to_string(), "the server knows that the old one is gone");
}
