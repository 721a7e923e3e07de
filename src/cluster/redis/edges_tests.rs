//! What happens between two lives, two masters, two settings: where a promise is easily given by mistake.

use super::tests::run;
use crate::algo::redis::real_tests::{Real, ask as ask_real};
use crate::algo::redis::words;
use crate::check::verdict::Holds;
use crate::sim::time::Span;

const ALONE: (&str, &str) = ("replicas", "0");
const TICK: Span = Span::ms(10);

#[test]
fn a_stream_of_another_history_is_not_taken() {
    let script = [
        "c1 SET x 1",
        "run 1s",
        "crash n2",
        "crash n1 losing unsynced",
        "restart n1",
        "c1 SET y 2",
        "run 300ms",
        "restart n2",
        "cut n1 -> n2",
        "run 5ms",
        "heal",
        "c1 SET z 3",
        "run 3s",
    ];
    let mut trial = run(&[("failover", "manual"), ("save", "none"), ("aof", "no")], &script);
    assert_eq!(trial.ask("c1 MGET x y z from n2", TICK), trial.ask("c1 MGET x y z from n1", TICK));
}

#[test]
fn everything_that_comes_late_is_not_taken() {
    let script = ["run 7ms", "duplicate #2", "hold #3", "run 50ms", "c1 SET x 1", "run 50ms", "c1 WAIT 1 500", "run 50ms"];
    let mut trial = run(&[("aof", "always"), ("latency", "const(5ms)")], &script);
    trial.follow(&["release #3", "run 5s", "crash n1", "run 3s"]);
    assert_eq!((trial.ask("c1 GET x", Span::ms(50)), trial.count("lost")), ("\"1\"".to_string(), 0));
}

#[test]
fn a_log_of_an_earlier_time_is_not_continued() {
    let script = [
        "c1 SET x old",
        "run 50ms",
        "crash n1",
        "set aof off",
        "restart n1",
        "run 50ms",
        "c1 SET y new",
        "run 50ms",
        "set aof always",
        "run 50ms",
        "c1 SET z 3",
        "run 50ms",
        "crash n1 losing unsynced",
        "restart n1",
        "run 50ms",
    ];
    let mut trial = run(&[ALONE, ("aof", "always"), ("save", "none")], &script);
    assert_eq!(trial.ask("c1 MGET x y z", TICK), "1) (nil) 2) \"new\" 3) \"3\"");
}

#[test]
fn a_replica_that_is_gone_counts_for_nothing() {
    let mut trial = run(&[], &["c1 SET x 1", "run 50ms", "c1 WAIT 1 0", "run 50ms", "crash n2 wiping disk", "run 20s"]);
    assert_eq!(trial.ask("c1 WAIT 1 100", Span::ms(200)), "(integer) 0");
    let mut few = run(&[("min-replicas", "1")], &["run 50ms", "crash n2", "run 20s"]);
    assert_eq!(few.ask("c1 SET q 1", TICK), "NOREPLICAS Not enough good replicas to write.");
}

#[test]
fn a_transaction_is_refused_where_its_commands_are() {
    let begin = ["run 50ms", "c1 MULTI", "run 5ms", "c1 SET z 1", "run 5ms"];
    let exec = |settings: &[(&str, &str)], script: &[&str]| run(settings, &[&begin, script].concat()).ask("c1 EXEC", TICK);
    let aborted = |why: &str| format!("EXECABORT Transaction discarded because of: {why}");
    assert_eq!(
        exec(&[], &["crash n2", "set min-replicas 1", "set max-lag 1s", "run 3s"]),
        aborted("NOREPLICAS Not enough good replicas to write.")
    );
    assert_eq!(
        exec(&[ALONE], &["c2 DEBUG POPULATE 1000", "run 5ms", "set maxmemory 1000", "run 5ms"]),
        aborted("OOM command not allowed when used memory > 'maxmemory'.")
    );
    let failed = exec(&[ALONE, ("save", "100ms")], &["c2 SET a 1", "full-disk n1", "run 300ms"]);
    assert!(failed.starts_with(&aborted("MISCONF Redis is configured")), "{failed}");
}

#[test]
fn a_transaction_waits_for_nothing() {
    let mut trial = run(&[], &["run 2s", "c1 SET x 1", "run 50ms", "c1 MULTI", "run 5ms"]);
    assert_eq!(trial.ask("c1 WAIT 5 0", TICK), "QUEUED");
    assert_eq!(trial.ask("c1 BGSAVE", TICK), "QUEUED");
    assert!(trial.ask("c1 EXEC", TICK).ends_with("2) Background saving scheduled"));
}

#[test]
fn settings_count_from_when_they_are_set() {
    assert_eq!(run(&[ALONE], &["c1 SET x 1", "run 10ms", "set save 100ms", "run 2s"]).count("snapshots"), 1);
    assert_eq!(run(&[ALONE, ("save", "1s")], &["c1 SET x 1", "run 900ms", "set save 1h", "run 3s"]).count("snapshots"), 0);
    let blind = ["set ping-every 1h", "run 1s", "set ping-every 100ms", "run 1s", "crash n1", "run 5s"];
    assert_eq!(run(&[], &blind).count("promotions"), 1);
    let os = ["c1 SET x 1", "run 50ms", "set os-flush 1ms", "run 1s"];
    assert_eq!(run(&[ALONE, ("aof", "no"), ("save", "none")], &os).count("unsynced"), 0);
    let second = ["c1 SET x 1", "run 50ms", "set aof everysec", "run 3s"];
    assert_eq!(run(&[ALONE, ("aof", "no"), ("save", "none")], &second).count("unsynced"), 0);
    let expiry = ["set active-expiry off", "c1 SET x 1 PX 500", "run 2s", "set active-expiry on", "run 1s"];
    assert_eq!(run(&[ALONE], &expiry).count("dead_keys"), 0);
}

#[test]
fn expired_keys_are_looked_for_after_a_restart_too() {
    let trial = run(&[ALONE, ("aof", "always")], &["c1 SET x 1 PX 500", "run 50ms", "crash n1", "restart n1", "run 5s"]);
    assert_eq!((trial.count("dead_keys"), trial.count("keys")), (0, 0));
}

#[test]
fn a_snapshot_that_failed_is_tried_again_soon() {
    let script = ["c1 SET a 1", "full-disk n1", "run 61s", "free-disk n1", "run 6s"];
    assert_eq!(run(&[ALONE], &script).ask("c1 SET b 1", TICK), "OK");
}

/// A lock is held for as long as its owner last asked for, and until it was given back for good.
#[test]
fn locks_are_held_as_long_as_their_owners_may_believe() {
    let judged = |script: &[&str]| {
        let spaced: Vec<&str> = script.iter().flat_map(|line| [*line, "run 10ms"]).collect();
        run(&[ALONE], &spaced).holds("one_holder")
    };
    let take = "c2 SET lock b NX PX 10000";
    assert_eq!(judged(&["c1 SET lock a NX PXAT 1000", "run 1s", take]), Holds::Untested, "it was over");
    assert_eq!(judged(&["c1 SET lock a NX PX 10000", "c1 PEXPIRE lock 1", "run 50ms", take]), Holds::Untested);
    assert_eq!(judged(&["c1 SET lock a NX PX 10000", "c1 GETDEL lock", take]), Holds::Untested);
    assert_eq!(judged(&["c1 SET lock a NX PX 10000", "c1 FLUSHALL", take]), Holds::Untested);
    assert_eq!(judged(&["c1 SET lock a NX PX 1000", "c1 PEXPIRE lock 10000", "run 2s", "c2 DEL lock", take]), Holds::No);
    assert_eq!(judged(&["c1 SET lock a NX PX 1000", "c1 SET lock a XX PX 10000", "run 2s", "c2 DEL lock", take]), Holds::No);
    assert_eq!(judged(&["c1 MULTI", "c1 SET lock a NX PX 10000", "c1 EXEC", "c2 DEL lock", take]), Holds::No);
    assert_eq!(judged(&["c1 SET lock a NX PX 10000", "c1 MULTI", "c1 DEL lock", "c1 DISCARD", "c2 DEL lock", take]), Holds::No);
    assert_eq!(judged(&["c1 SET lock a NX GET PX 10000", "c2 DEL lock", take]), Holds::No);
    assert_eq!(judged(&["c1 SET lock a NX PX 10000", take]), Holds::Yes, "somebody asked, and did not get it");
}

#[test]
fn who_is_given_its_lock_anew_holds_it_once() {
    let script = [
        "run 10ms",
        "cut n1 -> n2",
        "c1 SET lock a NX PX 10000",
        "run 10ms",
        "crash n1",
        "run 3s",
        "c1 SET lock a NX PX 10000",
        "run 10ms",
    ];
    assert_eq!(run(&[], &script).count("holders_most"), 1);
}

#[test]
fn what_is_guarded_is_judged_by_what_was_told() {
    let with = ("resource", "on");
    let wiped = ["c1 save doc 33", "run 10ms", "crash resource wiping disk", "restart resource", "c2 save doc 5", "run 50ms"];
    assert_eq!(run(&[ALONE, with], &wiped).holds("fenced"), Holds::No);
    let own = ["c1 save doc 33", "run 10ms", "c2 save doc 5", "run 10ms", "c1 save doc 33", "run 10ms"];
    assert_eq!(run(&[ALONE, with, ("fencing", "off")], &own).count("stale_saves"), 1);
    assert_eq!(run(&[ALONE, with], &["c1 save doc 33", "run 10ms"]).holds("fenced"), Holds::Untested);
}

#[test]
fn nothing_is_kept_before_anything_could_be_lost() {
    let mut trial = run(&[ALONE, ("aof", "always")], &["c1 SET x 1", "run 10ms"]);
    assert_eq!(trial.holds("acked_kept"), Holds::Untested);
    trial.follow(&["crash n1", "restart n1", "run 10ms"]);
    assert_eq!(trial.holds("acked_kept"), Holds::Yes);
}

#[test]
fn a_count_is_lost_where_two_are_told_the_same_number() {
    let both = ["c1 SET v 100", "run 50ms", "c1 count v", "c2 count v", "run 50ms"];
    assert_eq!(run(&[ALONE], &both).count("lost_updates"), 1);
    let anew = ["c1 count v", "run 50ms", "c1 count v", "run 50ms", "c1 DEL v", "run 50ms", "c1 count v", "run 50ms"];
    assert_eq!(run(&[ALONE], &anew).count("lost_updates"), 0);
}

/// What is asked of the process and not of its keys, at a real server too. DEBUG is allowed there for whoever is on the same machine.
#[test]
fn a_real_process_answers_the_same() {
    let Some(real) = Real::start(&["--enable-debug-command", "local"]) else {
        eprintln!("skipped: no redis-server is installed");
        return;
    };
    let lines = ["WAIT 0 0", "WAIT 1 5", "SAVE", "BGSAVE", "DEBUG POPULATE 3", "DBSIZE", "MULTI", "SAVE", "EXEC"];
    let mut stream = real.open();
    let mut ours = run(&[ALONE], &["run 10ms"]);
    let mut wrong = Vec::new();
    for line in lines {
        let told = ask_real(&mut stream, &words(line).expect("a line")).to_string();
        let (told, mine) = (told.trim_start_matches("(error) ").to_string(), ours.ask(&format!("c1 {line}"), Span::ms(50)));
        if told != mine {
            wrong.push(format!("{line}: {told}, not {mine}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// A failover that a loss of power makes Sentinel forget is one that nobody has heard of.
#[test]
fn nobody_hears_of_a_master_before_that_is_written_down() {
    let appointed = || {
        let mut trial = run(&[("disk", "const(2s)")], &["run 2s", "crash n1"]);
        while trial.text("master") != "n2" {
            assert!(trial.count("masters") <= 1 && trial.cluster.now().0 < Span::s(10).0, "nobody is made master");
            trial.run(TICK);
        }
        trial.follow(&["c1 GET x", "run 100ms"]);
        trial
    };
    let mut forgotten = appointed();
    assert_eq!(forgotten.count("open"), 1, "c1 knows of no new master yet");
    forgotten.follow(&["crash sentinel losing unsynced", "restart sentinel", "run 1ms"]);
    assert_eq!(forgotten.text("master"), "n1");
    let mut kept = appointed();
    kept.follow(&["run 3s", "crash sentinel losing unsynced", "restart sentinel", "run 1ms"]);
    assert_eq!(kept.text("master"), "n2");
    assert_eq!(kept.ask("c2 GET x", Span::ms(50)), "(nil)");
}
