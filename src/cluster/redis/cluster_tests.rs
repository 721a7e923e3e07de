//! The cluster mode: slots, redirections, slots that move, failover by votes, and what is lost.

use super::tests::run;
use crate::algo::redis::real_tests::{Real, ask as ask_real};
use crate::algo::redis::{Reply, words};
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

const CLUSTER: (&str, &str) = ("mode", "cluster");
const NO_REPLICAS: (&str, &str) = ("replicas", "0");
const SHOWS: (&str, &str) = ("redirects", "off");
const TICK: Span = Span::ms(20);

fn cluster(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    let all: Vec<(&str, &str)> = std::iter::once(CLUSTER).chain(settings.iter().copied()).collect();
    run(&all, script)
}

#[test]
fn each_key_has_its_server() {
    let mut trial = cluster(&[SHOWS], &["run 1s"]);
    let told = [
        ("c1 SET foo 1", "OK"),
        ("c1 GET foo from n1", "MOVED 12182 n3:6379"),
        ("c1 GET foo from n6", "MOVED 12182 n3:6379"),
        ("c1 MSET foo 1 bar 2", "CROSSSLOT Keys in request don't hash to the same slot"),
        ("c1 MSET \"{a}1\" x {a}2 y", "OK"),
        ("c1 CLUSTER KEYSLOT foo", "(integer) 12182"),
        ("c1 READONLY to n6", "OK"),
        ("c1 GET foo from n6", "\"1\""),
        ("c1 SET foo 2 to n6", "MOVED 12182 n3:6379"),
        ("c1 CLUSTER MYID from n2", "\"n2\""),
    ];
    for (line, answer) in told {
        assert_eq!(trial.ask(line, TICK), answer, "{line}");
    }
    assert_eq!((trial.count("slots_served"), trial.count("masters"), trial.count("shards")), (16_384, 3, 3));
}

#[test]
fn clients_follow_and_remember() {
    let mut trial = cluster(&[], &["run 1s", "c1 SET foo 1", "run 10ms", "move foo onto n1", "run 3s"]);
    assert_eq!((trial.count("slots_moved"), trial.count("keys_moved")), (1, 1));
    assert_eq!(trial.ask("c1 GET foo", TICK), "\"1\"");
    assert_eq!(trial.count("moved"), 1);
    assert_eq!((trial.ask("c1 GET foo", TICK), trial.count("moved")), ("\"1\"".to_string(), 1), "it goes there at once");
}

#[test]
fn a_slot_moves_while_clients_write() {
    let load = "workload c1 steady 200/s INCR keys foo";
    let settings = [("replicas", "1"), ("aof", "always"), ("save", "none")];
    let mut trial = cluster(&settings, &["run 1s", "c2 MSET \"{foo}1\" a {foo}2 b {foo}3 c", load, "run 1s", "move foo onto n1", "run 3s"]);
    assert_eq!((trial.count("slots_moved"), trial.count("keys_moved"), trial.count("slots_moving")), (1, 4, 0));
    trial.follow(&["workload c1 off", "run 1s"]);
    assert!(trial.count("asked") + trial.count("moved") > 0);
    let told = trial.ask("c1 GET foo", TICK);
    assert_eq!(told, format!("\"{}\"", trial.count("acked") - 1), "each count is there once");
    assert_eq!(trial.count("lost"), 0);
}

#[test]
fn keys_of_a_slot_that_moves_are_here_and_there() {
    let settings = [NO_REPLICAS, SHOWS, ("move-every", "1h")];
    let mut trial = cluster(&settings, &["run 1s", "c1 MSET \"{foo}1\" a {foo}2 b", "run 10ms", "move foo onto n1"]);
    assert_eq!(trial.ask("c1 GET \"{foo}1\" from n3", TICK), "\"a\"");
    assert_eq!(trial.ask("c1 GET \"{foo}9\" from n3", TICK), "ASK 12182 n1:6379");
    assert_eq!(trial.ask("c1 MGET \"{foo}1\" {foo}9 from n3", TICK), "TRYAGAIN Multiple keys request during rehashing of slot");
    assert_eq!(trial.ask("c1 GET \"{foo}9\" from n1", TICK), "MOVED 12182 n3:6379");
    assert_eq!((trial.ask("c1 ASKING to n1", TICK), trial.ask("c1 GET \"{foo}9\" from n1", TICK)), ("OK".to_string(), "(nil)".to_string()));
    assert_eq!(trial.ask("c1 MIGRATE n1 6379 {foo}1 0 100 to n3", TICK), "OK");
    assert_eq!(trial.ask("c1 GET \"{foo}1\" from n3", TICK), "ASK 12182 n1:6379");
}

#[test]
fn a_majority_of_the_primaries_makes_a_replica_one() {
    let mut trial = cluster(&[], &["run 1s", "c1 SET foo 1", "run 50ms", "crash n3", "run 4s"]);
    assert_eq!((trial.count("slots_served"), trial.count("votes"), trial.count("promotions")), (16_384, 2, 1));
    assert_eq!(trial.ask("c2 GET foo", Span::s(3)), "no answer in time");
    assert_eq!((trial.ask("c2 GET foo", TICK), trial.count("lost")), ("\"1\"".to_string(), 0), "c2 has asked where to go");
    trial.follow(&["restart n3", "run 3s"]);
    assert_eq!((trial.count("masters"), trial.count("behind_most")), (3, 0), "n3 follows n6");
    assert_eq!(trial.holds("acked_kept"), Holds::Yes);
}

#[test]
fn an_acknowledged_write_that_the_replica_has_not_got_is_lost() {
    let script = ["run 1s", "cut n3 -> n6", "c1 SET foo 1", "run 20ms", "crash n3", "heal", "run 4s"];
    let mut trial = cluster(&[("aof", "always")], &script);
    assert_eq!((trial.count("acked"), trial.count("lost"), trial.holds("acked_kept")), (1, 1, Holds::No));
    assert_eq!(trial.ask("c2 GET foo from n6", TICK), "(nil)");
}

/// A primary in the minority takes writes until it doubts the others, and throws them away afterwards.
#[test]
fn a_minority_takes_writes_for_a_node_timeout() {
    let cut = "cut c1 n3 | n1 n2 n4 n5 n6 c2";
    let load = "workload c1 steady 100/s SET keys foo";
    let trial =
        |script: &[&str]| cluster(&[("aof", "always"), ("request-timeout", "200ms")], &[&["run 1s", load, "run 200ms"], script].concat());
    let mut cut_off = trial(&[cut, "run 3s"]);
    let told = cut_off.count("acked");
    assert!((60..=160).contains(&told), "{told}: for a second, and no longer");
    assert!(cut_off.count("refused_down") > 50, "then CLUSTERDOWN");
    cut_off.follow(&["workload c1 off", "heal", "run 5s"]);
    let lost = cut_off.count("lost");
    assert!((60..=140).contains(&lost) && cut_off.count("masters") == 3, "{lost}");
}

#[test]
fn without_full_coverage_the_others_go_on() {
    let with = |full| {
        let mut trial = cluster(&[NO_REPLICAS, ("full-coverage", full)], &["run 1s", "crash n1", "run 3s"]);
        trial.ask("c1 SET foo 1", TICK)
    };
    assert_eq!(with("on"), "CLUSTERDOWN The cluster is down");
    assert_eq!(with("off"), "OK");
}

#[test]
fn without_a_majority_nobody_is_voted_for() {
    let trial = cluster(&[], &["run 1s", "crash n1", "crash n2", "run 20s"]);
    assert_eq!((trial.count("promotions"), trial.count("slots_served"), trial.count("cluster_down")), (0, 0, 4));
}

/// The place of a slot that is on its way is kept by the server that gives it away, and by nobody else: its successor knows nothing of it
/// (as in Redis up to 7.2). What has left is where it went; the operator begins again.
#[test]
fn a_slot_whose_source_dies_on_the_way_is_moved_again() {
    let settings = [("replicas", "1"), ("aof", "always"), ("save", "none"), ("move-every", "300ms")];
    let keys = "c2 MSET \"{foo}1\" a {foo}2 b {foo}3 c {foo}4 d";
    let mut trial = cluster(&settings, &["run 1s", keys, "run 50ms", "move foo onto n1", "run 700ms", "crash n3", "run 4s"]);
    assert_eq!((trial.count("promotions"), trial.count("keys_moved"), trial.count("slots_moved")), (1, 2, 0));
    assert_eq!(trial.ask("c1 GET \"{foo}1\" from n6", TICK), "(nil)", "the successor asks nobody");
    trial.follow(&["move foo onto n1", "run 3s", "restart n3", "run 3s"]);
    assert_eq!((trial.count("slots_moved"), trial.count("slots_moving"), trial.count("lost")), (1, 0, 0));
    for (key, value) in [("{foo}1", "a"), ("{foo}2", "b"), ("{foo}3", "c"), ("{foo}4", "d")] {
        assert_eq!(trial.ask(&format!("c1 GET \"{key}\" from n1"), TICK), format!("\"{value}\""), "{key}");
    }
}

/// One of the three servers of a real cluster.
fn real_cluster() -> Option<Vec<Real>> {
    let servers: Vec<Real> = (0..3).map(|_| Real::of_cluster()).collect::<Option<_>>()?;
    let bounds = ["0 5460", "5461 10922", "10923 16383"];
    for (server, range) in servers.iter().zip(bounds) {
        assert_eq!(server.says(&format!("CLUSTER ADDSLOTSRANGE {range}")), Reply::OK);
        assert_eq!(servers[0].says(&format!("CLUSTER MEET 127.0.0.1 {} {}", server.port, server.bus)), Reply::OK);
    }
    let is_ok = |server: &Real| server.says("CLUSTER INFO").to_string().contains("cluster_state:ok");
    for _ in 0..500 {
        if servers.iter().all(is_ok) {
            return Some(servers);
        }
        #[expect(clippy::disallowed_methods, reason = "real servers take their time")]
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("the real cluster did not come up");
}

/// At which server, the line, and the word before the server's name in ours. `#2` is the id of the second, `@2` its address.
const LINES: &[(usize, &str, &str)] = &[
    (1, "CLUSTER KEYSLOT foo", "from"),
    (1, "CLUSTER KEYSLOT foo{{bar}}zap", "from"),
    (1, "CLUSTER KEYSLOT foo{}{bar}", "from"),
    (1, "GET bar", "from"),
    (1, "GET foo", "from"),
    (2, "GET foo", "from"),
    (2, "SET bar 1", "to"),
    (3, "INCR hello", "to"),
    (1, "MSET foo 1 bar 2", "to"),
    (1, "MGET \"{a}1\" {a}2", "from"),
    (3, "MSET \"{a}1\" 1 {a}2 2", "to"),
    (3, "MGET \"{a}1\" {a}2 {b}1", "from"),
    (1, "WATCH hello foo", "to"),
    (1, "SET hello x", "to"),
    (1, "CLUSTER FOO", "from"),
    (1, "CLUSTER KEYSLOT", "from"),
    (1, "CLUSTER COUNTKEYSINSLOT 866", "from"),
    (1, "CLUSTER COUNTKEYSINSLOT x", "from"),
    (1, "CLUSTER COUNTKEYSINSLOT 99999", "from"),
    (1, "CLUSTER GETKEYSINSLOT 866 10", "from"),
    (1, "CLUSTER GETKEYSINSLOT 866 x", "from"),
    (1, "CLUSTER GETKEYSINSLOT 866 -1", "from"),
    (1, "CLUSTER GETKEYSINSLOT 99999 1", "from"),
    (1, "CLUSTER SETSLOT 5", "from"),
    (1, "CLUSTER SETSLOT 5 foo", "from"),
    (1, "CLUSTER SETSLOT x stable", "from"),
    (1, "CLUSTER SETSLOT 99999 stable", "from"),
    (1, "CLUSTER SETSLOT 5 stable", "from"),
    (1, "CLUSTER SETSLOT 5 migrating nosuch", "from"),
    (1, "CLUSTER SETSLOT 12182 migrating nosuch", "from"),
    (1, "CLUSTER SETSLOT 5 importing nosuch", "from"),
    (1, "CLUSTER SETSLOT 5 node nosuch", "from"),
    (1, "CLUSTER SETSLOT 866 NODE #2", "from"),
    (1, "CLUSTER FAILOVER", "from"),
    (1, "CLUSTER FAILOVER x", "from"),
    (1, "CLUSTER ADDSLOTS 5", "from"),
    (1, "CLUSTER ADDSLOTS x", "from"),
    (1, "READONLY", "to"),
    (1, "READWRITE", "to"),
    (1, "MULTI", "to"),
    (1, "SET foo 1", "to"),
    (1, "EXEC", "to"),
    (1, "MULTI", "to"),
    (1, "SET b 1", "to"),
    (1, "SET f 1", "to"),
    (1, "EXEC", "to"),
    (1, "EXEC", "to"),
    (1, "GET b", "from"),
    (1, "MULTI", "to"),
    (1, "SET hello y", "to"),
    (1, "GET hello", "from"),
    (1, "EXEC", "to"),
    (2, "CLUSTER SETSLOT 866 IMPORTING #1", "from"),
    (1, "CLUSTER SETSLOT 866 MIGRATING #2", "from"),
    (1, "GET hello", "from"),
    (1, "GET \"{hello}2\"", "from"),
    (1, "SET \"{hello}2\" x", "to"),
    (1, "MGET hello {hello}2", "from"),
    (1, "MGET \"{hello}2\" {hello}3", "from"),
    (1, "DEL hello {hello}2", "to"),
    (2, "GET hello", "from"),
    (2, "ASKING", "to"),
    (2, "GET hello", "from"),
    (2, "GET hello", "from"),
    (2, "ASKING", "to"),
    (2, "MGET hello {hello}2", "from"),
    (2, "ASKING", "to"),
    (2, "SET \"{hello}a\" 1", "to"),
    (2, "GET \"{hello}a\"", "from"),
    (2, "ASKING", "to"),
    (2, "GET foo", "from"),
    (3, "GET hello", "from"),
    (1, "MIGRATE @2 nokey 0 1000", "to"),
    (1, "MIGRATE @2 {hello}none 0 1000", "to"),
    (1, "MIGRATE @2 hello 0 1000", "to"),
    (1, "GET hello", "from"),
    (2, "ASKING", "to"),
    (2, "GET hello", "from"),
    (2, "CLUSTER SETSLOT 866 NODE #2", "from"),
    (1, "CLUSTER SETSLOT 866 NODE #2", "from"),
    (1, "GET hello", "from"),
    (2, "GET hello", "from"),
    (1, "CLUSTER COUNTKEYSINSLOT 866", "from"),
    (2, "CLUSTER COUNTKEYSINSLOT 866", "from"),
];

/// A replica that was cut off for longer than ten node timeouts and ten seconds has too little to lead with; one that was cut off for
/// less has not, and with a factor of 0 none has.
#[test]
fn what_is_too_old_does_not_lead() {
    let leads = |factor: &str, cut: &str| {
        let script = ["run 1s", "cut n3 -> n6", "c1 SET foo 1", cut, "crash n3", "run 100ms", "heal", "run 10s"];
        cluster(&[("replica-validity", factor)], &script).count("promotions")
    };
    assert_eq!([leads("10", "run 18s"), leads("10", "run 25s"), leads("0", "run 25s"), leads("20", "run 25s")], [1, 0, 1, 1]);
    // One that starts again has heard nothing of its primary at all.
    let script = ["run 1s", "crash n6", "crash n3", "run 100ms", "restart n6", "run 10s"];
    assert_eq!(cluster(&[], &script).count("promotions"), 0);
}

/// The same lines at three real servers and at ours: the same answers, redirections with the same slots to the same servers.
#[test]
fn a_real_cluster_answers_the_same() {
    let Some(real) = real_cluster() else {
        eprintln!("skipped: no redis-server is installed");
        return;
    };
    let ids: Vec<String> = real.iter().map(|server| server.says("CLUSTER MYID").to_string().trim_matches('"').to_string()).collect();
    let mut streams: Vec<_> = real.iter().map(Real::open).collect();
    let mut ours = cluster(&[NO_REPLICAS, SHOWS], &["run 1s"]);
    let mut wrong = Vec::new();
    for (at, line, way) in LINES {
        let (mut typed, mut here) = ((*line).to_string(), (*line).to_string());
        for (n, server) in real.iter().enumerate() {
            typed = typed.replace(&format!("@{}", n + 1), &format!("127.0.0.1 {}", server.port)).replace(&format!("#{}", n + 1), &ids[n]);
            here =
                here.replace(&format!("@{}", n + 1), &format!("n{} 6379", n + 1)).replace(&format!("#{}", n + 1), &format!("n{}", n + 1));
        }
        let mut told = ask_real(&mut streams[at - 1], &words(&typed).expect("a line")).to_string();
        for (n, server) in real.iter().enumerate() {
            told = told.replace(&format!("127.0.0.1:{}", server.port), &format!("n{}:6379", n + 1));
        }
        let told = told.trim_start_matches("(error) ").to_string();
        let mine = ours.ask(&format!("c1 {here} {way} n{at}"), TICK);
        if told != mine {
            wrong.push(format!("{line} at n{at}: {told}, not {mine}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
