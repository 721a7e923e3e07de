//! The cluster under commands, as learners and lessons use it.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::What;
use crate::cluster::kit::trial::Trial;
use crate::cluster::scene::{Body, Scene};
use crate::cluster::told::Exchange;
use crate::sim::time::Span;

pub(super) fn run(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    let mut trial = Trial::new(&MODEL, settings, &[]);
    trial.follow(script);
    trial
}

const ALONE: (&str, &str) = ("replicas", "0");
const POWER: &str = "crash n1 losing unsynced";

#[test]
fn clients_speak_the_commands_of_redis() {
    let mut trial = run(&[ALONE], &[]);
    let told = [
        ("c1 SET x 7", "OK"),
        ("c1 get x", "\"7\""),
        ("c1 SET lock a NX PX 10000", "OK"),
        ("c2 SET lock b NX PX 10000", "(nil)"),
        ("c2 unlock lock b", "(integer) 0"),
        ("c1 unlock lock a", "(integer) 1"),
        ("c1 RPUSH jobs a b", "(integer) 2"),
        ("c1 INCR jobs", "WRONGTYPE Operation against a key holding the wrong kind of value"),
        ("c1 SET x 1 BOGUS", "ERR syntax error"),
        ("c1 KEYS *", "1) \"jobs\" 2) \"x\""),
        ("c1 CLUSTER KEYSLOT foo{{bar}}zap", "ERR This instance has cluster support disabled"),
        ("c1 MULTI", "OK"),
        ("c1 INCR n", "QUEUED"),
        ("c2 GET n", "(nil)"),
        ("c1 EXEC", "1) (integer) 1"),
        ("c1 count n", "(integer) 2"),
        ("c2 SUBSCRIBE news", "1) \"subscribe\" 2) \"news\" 3) (integer) 1"),
        ("c1 PUBLISH news \"good morning\"", "(integer) 1"),
        ("c1 SAVE", "OK"),
        ("c1 save doc 33", "there is nothing to save to: start with `resource` on"),
    ];
    for (ask, answer) in told {
        assert_eq!(trial.ask(ask, Span::ms(20)), answer, "{ask}");
    }
    assert_eq!((trial.count("heard"), trial.count("snapshots"), trial.count("open")), (1, 1, 0));
    let asked: Vec<String> = trial.cluster.exchanges().iter().map(Exchange::asked).collect();
    let typed: Vec<String> = told.iter().map(|(ask, _)| ask.replace("c1 get", "c1 GET")).collect();
    assert_eq!(asked, typed, "what was asked is told as it was typed");
}

#[test]
fn a_slow_command_holds_up_everybody() {
    let script = ["c1 DEBUG POPULATE 1000000", "run 10ms", "c1 KEYS *", "run 1ms", "c2 GET x", "run 1ms"];
    let mut trial = run(&[ALONE], &script);
    assert_eq!((trial.count("queue"), trial.count("open")), (1, 2));
    let mut scene = Scene::default();
    trial.cluster.scene(trial.cluster.now(), &mut scene);
    let Body::Queues(queues) = &scene.panels[0].body else { panic!("the first panel is the queue") };
    assert!(queues[0].len() == 1 && queues[0].note.starts_with("KEYS *"), "{:?}", queues[0]);
    trial.run(Span::ms(60));
    assert_eq!((trial.count("longest_command_ms"), trial.text("slowest_command")), (40, "KEYS *".to_string()));
    let last = trial.last();
    let waited = last.ended.expect("it was answered").at.since(last.called.at);
    assert!(waited > Span::ms(38) && waited < Span::ms(41), "{waited}");
    // SCAN looks at as many keys as it is told to.
    let quick = run(&[ALONE], &["c1 DEBUG POPULATE 1000000", "run 10ms", "c1 SCAN 0 COUNT 1000", "run 1ms", "c2 GET x", "run 5ms"]);
    assert!(quick.fact("longest_command_ms") < 0.1);
}

/// What is lost of 2,000 writes at 200 a second: by a crash of the process, and by a loss of power.
#[test]
fn what_is_left_is_as_the_settings_say() {
    let lost = |aof: &str, save: &str, crash: &str| {
        let load = "workload c1 steady 200/s SET keys uniform(50)";
        let trial =
            run(&[ALONE, ("aof", aof), ("save", save)], &[load, "run 10s", "workload c1 off", "run 9ms", crash, "restart n1", "run 10ms"]);
        assert_eq!(trial.count("acked"), 2000);
        assert_eq!(trial.holds("acked_kept"), if trial.count("lost") == 0 { Holds::Yes } else { Holds::No });
        trial.count("lost")
    };
    assert_eq!(["no", "everysec", "always"].map(|aof| lost(aof, "none", "crash n1")), [0, 0, 0], "the system has it");
    assert_eq!(lost("off", "none", "crash n1"), 2000);
    assert_eq!(lost("always", "none", POWER), 0);
    assert_eq!(lost("no", "none", POWER), 2000);
    let second = lost("everysec", "none", POWER);
    assert!((1..=201).contains(&second), "{second}");
    let snapshot = lost("off", "3s", "crash n1");
    assert!((190..=210).contains(&snapshot), "since the snapshot at 9 s: {snapshot}");
}

#[test]
fn one_sync_serves_all_commands_of_a_turn() {
    let mut trial = run(&[ALONE, ("aof", "always"), ("save", "none"), ("disk", "const(10ms)")], &["c1 SET a 1", "run 2ms"]);
    (0..20).for_each(|n| trial.act(&format!("c1 SET k{n} 1")));
    trial.run(Span::ms(30));
    assert_eq!((trial.count("acked"), trial.count("fsyncs")), (21, 2));
}

/// While a sync is under way beside the work, everysec puts the write itself off, after the answer (aof.c).
#[test]
fn a_slow_disk_makes_everysec_lose_by_a_mere_crash() {
    let load = "workload c1 steady 100/s SET keys x";
    let settings = [ALONE, ("aof", "everysec"), ("save", "none"), ("disk", "const(4s)")];
    let trial = run(&settings, &[load, "run 2s", "workload c1 off", "run 5ms", "crash n1", "restart n1", "run 10ms"]);
    assert!(trial.count("put_off") > 50 && (50..=201).contains(&trial.count("lost")), "{}", trial.count("lost"));
    // No longer than two seconds: then it is written, and waits for nobody.
    let later = run(&settings, &[load, "run 1500ms", "workload c1 off", "run 2100ms", "crash n1", "restart n1", "run 10ms"]);
    assert_eq!(later.count("lost"), 0);
}

#[test]
fn under_always_a_write_is_lost_by_a_failover_and_not_by_a_restart() {
    let begin = ["run 2s", "cut n1 -> n2", "c1 SET x 1", "run 20ms", "crash n1", "heal"];
    let after = |script: &[&str]| {
        let mut trial = run(&[("aof", "always")], &begin);
        trial.follow(script);
        trial
    };
    let mut failed_over = after(&["run 3s"]);
    assert_eq!((failed_over.text("master"), failed_over.count("lost")), ("n2".to_string(), 1));
    assert_eq!(failed_over.holds("acked_kept"), Holds::No);
    failed_over.follow(&["restart n1", "run 2s"]);
    assert_eq!((failed_over.count("masters"), failed_over.count("lost"), failed_over.count("full_syncs")), (1, 1, 2), "n1 throws it away");
    assert_eq!(failed_over.ask("c1 GET x", Span::ms(10)), "(nil)");
    let restarted = after(&["restart n1", "run 3s"]);
    assert_eq!((restarted.text("master"), restarted.count("lost")), ("n1".to_string(), 0));
    assert_eq!(after(&["promote n2", "run 1s"]).count("lost"), 1, "by hand it is the same");
}

#[test]
fn a_cut_off_master_takes_writes_until_it_is_told() {
    let mut trial = run(&[], &["run 2s", "cut c1 n1 | n2 sentinel c2", "run 3s", "c1 SET x old", "c2 SET x new", "run 100ms"]);
    assert_eq!((trial.count("masters"), trial.count("acked"), trial.count("lost")), (2, 2, 1));
    trial.follow(&["heal", "run 3s"]);
    assert_eq!((trial.count("masters"), trial.count("lost")), (1, 1));
    assert_eq!(trial.ask("c1 GET x", Span::ms(10)), "\"new\"", "its connection was closed, and it asked who is master");
    assert_eq!(trial.ask("c1 SET x 1 to n1", Span::ms(10)), "READONLY You can't write against a read only replica.");
}

#[test]
fn wait_says_how_many_replicas_have_it() {
    let mut trial = run(&[("replicas", "2")], &["run 2s", "c1 SET x 1", "run 5ms"]);
    assert_eq!(trial.ask("c1 WAIT 2 1000", Span::ms(10)), "(integer) 2");
    trial.follow(&["cut n1 -> n3", "c1 SET x 2", "run 5ms"]);
    assert_eq!(trial.ask("c1 WAIT 2 100", Span::ms(50)), "open");
    trial.run(Span::ms(100));
    assert_eq!(trial.cluster.exchanges().pop().map(|last| last.outcome.short().to_string()).as_deref(), Some("(integer) 1"));
    assert_eq!(trial.ask("c2 WAIT 2 0", Span::ms(10)), "(integer) 2", "c2 wrote nothing");
}

/// The number is of replicas that had it: a failover can choose another, where not all had.
#[test]
fn wait_one_of_two_is_lost_by_a_failover_to_the_third() {
    let script = ["run 2s", "cut n1 | n3", "c1 SET x 1", "run 5ms", "c1 WAIT 1 1000", "run 10ms", "cut n1 n2 | n3 sentinel", "run 3s"];
    let trial = run(&[("replicas", "2"), ("aof", "always")], &script);
    assert_eq!((trial.text("master"), trial.count("lost")), ("n3".to_string(), 1));
    // Where all had it, the new master has it, whichever that is.
    let script = ["run 2s", "c1 SET x 1", "run 5ms", "c1 WAIT 2 1000", "run 10ms", "cut n1 n2 | n3 sentinel", "run 3s"];
    let trial = run(&[("replicas", "2"), ("aof", "always")], &script);
    assert_eq!((trial.text("master"), trial.count("lost")), ("n3".to_string(), 0));
}

#[test]
fn a_lock_has_two_holders_after_a_failover() {
    let script = [
        "run 2s",
        "cut n1 -> n2",
        "c1 SET lock a NX PX 10000",
        "run 50ms",
        "crash n1",
        "heal",
        "run 3s",
        "c2 SET lock b NX PX 10000",
        "run 20ms",
    ];
    let trial = run(&[("aof", "always")], &script);
    assert_eq!((trial.count("holders"), trial.count("double_held")), (2, 1));
    assert_eq!(trial.holds("one_holder"), Holds::No);
    let one = run(
        &[ALONE, ("aof", "always")],
        &["c1 SET lock a NX PX 10000", "run 50ms", "crash n1", "restart n1", "run 1s", "c2 SET lock b NX PX 10000", "run 20ms"],
    );
    assert_eq!((one.count("holders"), one.holds("one_holder")), (1, Holds::Yes));
}

#[test]
fn numbers_keep_late_writers_out_as_long_as_they_are_not_lost() {
    let late = ["c1 INCR fence", "run 10ms", "c2 INCR fence", "run 10ms", "c2 save doc 2", "run 10ms", "c1 save doc 1", "run 20ms"];
    let with = |fencing| run(&[ALONE, ("resource", "on"), ("fencing", fencing)], &late);
    assert_eq!((with("on").count("too_old"), with("on").holds("fenced")), (1, Holds::Yes));
    assert_eq!((with("off").count("stale_saves"), with("off").holds("fenced")), (1, Holds::No));
    // A failover before the number is copied gives it out a second time.
    let twice = ["run 2s", "cut n1 -> n2", "c1 INCR fence", "run 20ms", "crash n1", "heal", "run 3s", "c2 INCR fence", "run 20ms"];
    let mut trial = run(&[("resource", "on")], &twice);
    assert_eq!(trial.count("last_integer"), 1, "c2 has the number of c1");
    trial.follow(&["c2 save doc 1", "run 20ms", "c1 save doc 1", "run 20ms"]);
    assert_eq!((trial.count("stale_saves"), trial.holds("fenced")), (1, Holds::No));
}

#[test]
fn two_that_read_and_then_store_lose_counts() {
    let both =
        |ask: &str| [format!("workload c1 50/s {ask} keys visits"), format!("workload c2 50/s {ask} keys visits"), "run 2s".to_string()];
    let of = |ask: &str| run(&[ALONE], &both(ask).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(of("count").count("lost_updates") > 0);
    let mut counted = of("INCR");
    let all = counted.count("acked");
    counted.follow(&["workload c1 off", "workload c2 off", "run 10ms", "c1 GET visits", "run 10ms"]);
    assert!(counted.last().outcome.short().trim_matches('"').parse::<u64>().is_ok_and(|told| told >= all));
}

#[test]
fn memory_stays_below_its_limit_or_writes_are_refused() {
    let load = "workload c1 steady 200/s SET keys uniform(200)";
    let with = |policy| {
        run(&[("replicas", "1"), ("maxmemory", "5000"), ("policy", policy)], &["c1 SET kept 1", load, "run 3s", "workload c1 off"])
    };
    let evicts = with("allkeys-lru");
    assert!(evicts.count("evicted") > 50 && evicts.count("memory") <= 5200 && evicts.count("behind_most") < 100);
    let refuses = with("noeviction");
    assert_eq!(refuses.count("evicted"), 0);
    let mut refuses = refuses;
    assert_eq!(refuses.ask("c2 SET new x", Span::ms(10)), "OOM command not allowed when used memory > 'maxmemory'.");
    assert_eq!(refuses.ask("c2 DEL kept", Span::ms(10)), "(integer) 1");
    assert!(with("volatile-ttl").count("evicted") == 0, "nothing expires");
}

#[test]
fn what_has_expired_is_not_told_and_may_take_memory() {
    let script = ["c1 SET a 1 PX 100", "c1 SET b 1 PX 100", "run 300ms"];
    let mut lazy = run(&[ALONE, ("active-expiry", "off")], &script);
    assert_eq!((lazy.count("dead_keys"), lazy.count("keys")), (2, 2));
    assert_eq!(lazy.ask("c1 GET a", Span::ms(10)), "(nil)");
    assert_eq!((lazy.count("dead_keys"), lazy.count("expired")), (1, 1));
    assert_eq!(run(&[ALONE], &script).count("dead_keys"), 0);
    // A lock goes when the clock on the wall is set forward.
    let skewed = run(&[ALONE], &["c1 SET lock a NX PX 10000", "run 20ms", "skew n1 +20s", "c2 SET lock b NX PX 10000", "run 20ms"]);
    assert_eq!(skewed.holds("one_holder"), Holds::No);
}

#[test]
fn a_full_disk_stops_a_server_that_promised_to_keep() {
    let script = ["full-disk n1", "c1 SET x 1", "run 100ms"];
    assert_eq!(run(&[ALONE, ("aof", "always")], &script).count("nodes_up"), 0);
    let mut misconf = run(&[ALONE, ("aof", "everysec")], &script);
    assert_eq!(misconf.ask("c1 SET x 2", Span::ms(10)), "MISCONF Errors writing to the AOF file: No space left on device");
    misconf.follow(&["free-disk n1", "run 2s"]);
    assert_eq!(misconf.ask("c1 SET x 2", Span::ms(10)), "OK");
}

#[test]
fn a_replica_that_was_away_goes_on_where_it_was_as_far_as_the_backlog_goes() {
    let away = |backlog| {
        let script =
            ["run 2s", "c1 SET a 1", "run 10ms", "cut n1 | n2", "c1 SET b 1", "c1 SET c 1", "c1 SET d 1", "run 1s", "heal", "run 3s"];
        let trial = run(&[("backlog", backlog)], &script);
        assert_eq!(trial.count("behind_most"), 0);
        trial.count("full_syncs")
    };
    assert_eq!([away("1000"), away("2")], [1, 2]);
}

#[test]
fn a_master_with_too_few_good_replicas_refuses_writes() {
    let script = ["run 2s", "cut n1 | n2", "run 2s"];
    let mut trial = run(&[("min-replicas", "1"), ("max-lag", "1500ms"), ("failover", "manual")], &script);
    assert_eq!(trial.ask("c1 SET x 1", Span::ms(10)), "NOREPLICAS Not enough good replicas to write.");
    assert_eq!(trial.count("promotions"), 0, "by hand only");
}

#[test]
fn a_message_reaches_those_who_listen_at_a_replica() {
    let heard = |settings: &[(&str, &str)], script: &[&str]| run(settings, script).count("heard");
    assert_eq!(heard(&[], &["run 1s", "c2 SUBSCRIBE news to n2", "run 50ms", "c1 PUBLISH news hello", "run 100ms"]), 1);
    let inside = [
        "run 1s",
        "c2 SUBSCRIBE news to n2",
        "run 50ms",
        "c1 MULTI",
        "run 9ms",
        "c1 PUBLISH news hello",
        "run 9ms",
        "c1 EXEC",
        "run 100ms",
    ];
    assert_eq!(heard(&[], &inside), 1, "in a transaction");
    let at_replica = ["run 1s", "c2 SUBSCRIBE news to n1", "run 50ms", "c1 PUBLISH news hello to n2", "run 100ms"];
    assert_eq!(heard(&[], &at_replica), 0, "what is said at a replica is heard there alone");
    let cluster = ["run 1s", "c2 SUBSCRIBE news to n6", "run 50ms", "c1 PUBLISH news hello to n2", "run 100ms"];
    assert_eq!(heard(&[("mode", "cluster")], &cluster), 1, "any server of a cluster tells all others");
}

#[test]
fn a_message_is_in_no_file_and_is_not_missed_at_a_restart() {
    let script = [
        "run 1s",
        "c1 SET a 1",
        "run 50ms",
        "c1 PUBLISH news hello",
        "run 50ms",
        "c1 SET b 2",
        "run 2s",
        "crash n1",
        "restart n1",
        "run 3s",
    ];
    let mut trial = run(&[("aof", "always"), ("failover", "manual")], &script);
    assert_eq!((trial.count("behind_most"), trial.count("lost")), (0, 0));
    assert_eq!(trial.ask("c1 MGET a b", Span::ms(50)), "1) \"1\" 2) \"2\"");
}

#[test]
fn who_waits_for_replicas_for_ever_is_told_when_the_master_is_gone() {
    let waits = ["run 1s", "cut n1 -> n2", "c1 SET a 1", "run 20ms", "c1 WAIT 1 0", "run 10s"];
    let mut trial = run(&[("failover", "manual")], &waits);
    let ends = |trial: &Trial| trial.answers().pop().unwrap_or_default();
    assert_eq!(ends(&trial), "open", "a master that lives keeps it waiting");
    trial.follow(&["crash n1", "run 5s"]);
    assert!(ends(&trial).contains("the connection is closed"), "{}", ends(&trial));
    let mut back = run(&[("failover", "manual")], &waits);
    back.follow(&["crash n1", "restart n1", "run 5s"]);
    assert!(ends(&back).contains("the connection is closed"), "its new life knows nothing of it: {}", ends(&back));
}

#[test]
fn a_replica_that_often_says_where_it_is_is_not_sent_the_same_again() {
    let load = "workload c1 steady 50/s SET keys a";
    let settings = |every: &'static str| [("ack-every", every), ("latency", "const(40ms)"), ("zone-latency", "const(40ms)")];
    let streams = |every| {
        let trial = run(&settings(every), &["run 1s", load, "run 2s"]);
        let mut happened = Vec::new();
        trial.cluster.happenings(crate::sim::time::Time::ZERO, &mut happened);
        happened.iter().filter(|h| matches!(&h.what, What::Arrived { kind, .. } if kind.word == "stream")).count()
    };
    let (often, seldom) = (streams("10ms"), streams("1s"));
    assert!(seldom > 80 && often == seldom, "{often} and {seldom}");
}
