//! The mistakes that servers of this kind have been found to make, each by the schedule that shows it.

use super::tests::run;
use crate::check::verdict::Holds;
use crate::sim::time::Span;

#[test]
fn lengths_of_time_in_the_log_are_prolonged_by_a_restart() {
    let script = ["c1 SET x 1 PX 1000", "run 800ms", "crash n1", "restart n1", "run 10ms"];
    let left = |ttl| {
        let mut trial = run(&[("replicas", "0"), ("aof", "always"), ("ttl-logged", ttl)], &script);
        let told = trial.ask("c1 PTTL x", Span::ms(10));
        told.trim_start_matches("(integer) ").parse::<i64>().expect("a number")
    };
    assert!(left("absolute") < 200 && left("relative") > 900);
}

#[test]
fn a_replica_that_deletes_by_itself_has_another_number_than_its_master() {
    // Its clock is ahead: the key has expired for it, and not for its master.
    let script = ["run 2s", "c1 SET n 5 PX 3000", "run 100ms", "skew n2 +10s", "c1 GET n from n2", "run 20ms", "c1 INCR n", "run 20ms"];
    let told = |expiry| {
        let mut trial = run(&[("replica-expiry", expiry)], &script);
        // Back again, it shows what it has.
        trial.follow(&["skew n2 -10s", "run 10ms"]);
        [trial.ask("c1 GET n", Span::ms(10)), trial.ask("c1 GET n from n2", Span::ms(10))]
    };
    assert_eq!(told("waits"), ["\"6\"", "\"6\""]);
    assert_eq!(told("itself"), ["\"6\"", "\"1\""]);
}

#[test]
fn an_id_that_is_kept_joins_two_histories() {
    let script = ["run 2s", "cut c1 n1 | n2 sentinel c2", "run 3s", "c1 SET x 1", "c2 SET x 2", "run 100ms", "heal", "run 3s"];
    let told = |replid| {
        let mut trial = run(&[("replid", replid)], &script);
        [trial.ask("c2 GET x from n1", Span::ms(10)), trial.ask("c2 GET x from n2", Span::ms(10))]
    };
    assert_eq!(told("new"), ["\"2\"", "\"2\""]);
    assert_eq!(told("kept"), ["\"1\"", "\"2\""], "n1 is taken for one that only lags");
}

#[test]
fn a_log_that_is_written_anew_has_what_came_meanwhile() {
    let settings = [("replicas", "0"), ("aof", "always"), ("save", "none"), ("rewrite", "3"), ("element-time", "10ms")];
    for crash in ["crash n1", "crash n1 losing unsynced"] {
        let load = "workload c1 steady 50/s INCR keys n";
        let trial = run(&settings, &[load, "run 2s", "workload c1 off", "run 100ms", crash, "restart n1", "run 10ms"]);
        assert!(trial.count("rewrites") > 3 && trial.count("lost") == 0, "{crash}");
        let mut trial = trial;
        assert_eq!(trial.ask("c1 GET n", Span::ms(10)), "\"100\"", "nothing is done twice either");
    }
}

#[test]
fn a_master_without_files_that_is_back_at_once_empties_its_replicas() {
    let script = ["run 2s", "c1 SET x 1", "run 20ms", "crash n1", "restart n1", "run 3s"];
    let trial = run(&[("save", "none")], &script);
    assert_eq!((trial.text("master"), trial.count("keys"), trial.count("lost"), trial.count("promotions")), ("n1".into(), 0, 1, 0));
    assert_eq!(run(&[("save", "none"), ("aof", "always")], &script).count("lost"), 0);
}

#[test]
fn what_a_master_tells_between_the_cut_and_the_news_is_lost() {
    let script =
        ["run 2s", "cut c1 n1 | n2 sentinel", "workload c1 steady 100/s SET keys x", "run 2s", "workload c1 off", "heal", "run 2s"];
    let lost = |least| run(&[("min-replicas", least), ("max-lag", "1200ms")], &script).count("lost");
    let bounded = lost("1");
    assert!(lost("0") >= 190 && bounded < 130 && bounded > 0, "{bounded}: `min-replicas` bounds the loss by a time");
}

#[test]
fn keys_that_are_listed_make_sentinel_take_a_master_for_dead() {
    let script = ["c1 DEBUG POPULATE 10000000", "run 500ms", "c1 KEYS *", "run 3s"];
    let trial = run(&[("down-after", "300ms")], &script);
    assert!(trial.count("suspicions") == 1 && trial.text("master") == "n2", "400 ms of work look like a crash");
    assert_eq!(run(&[], &script).count("suspicions"), 0);
}

#[test]
fn a_lock_is_given_back_only_by_its_value() {
    let script = ["c1 SET lock a NX PX 100", "run 200ms", "c2 SET lock b NX PX 10000", "run 20ms"];
    let then = |gives_back: &str| {
        let mut trial = run(&[("replicas", "0")], &script);
        trial.follow(&[gives_back, "run 20ms", "c1 SET lock c NX PX 10000", "run 20ms"]);
        trial.holds("one_holder")
    };
    assert_eq!([then("c1 unlock lock a"), then("c1 DEL lock")], [Holds::Yes, Holds::No]);
}

#[test]
fn copies_of_an_answer_count_one_replica_once() {
    let mut trial = run(&[("replicas", "2")], &["run 2s", "cut n1 -> n3", "duplication n2 -> n1 1", "c1 SET x 1", "run 5ms"]);
    trial.ask("c1 WAIT 2 200", Span::ms(300));
    assert_eq!(trial.last().outcome.short(), "(integer) 1");
}

#[test]
fn a_stream_with_a_gap_is_asked_for_again() {
    let mut trial = run(&[], &["run 2s", "loss n1 -> n2 1", "c1 INCR n", "run 20ms", "loss n1 -> n2 0", "c1 INCR n", "run 50ms"]);
    assert_eq!((trial.count("behind_most"), trial.count("full_syncs")), (0, 1), "the next part shows the gap");
    trial.follow(&["loss n1 -> n2 1", "c1 INCR n", "run 20ms", "loss n1 -> n2 0", "run 2s"]);
    assert_eq!(trial.count("behind_most"), 0, "and where no part comes, the offset that the replica says");
    assert_eq!(trial.ask("c1 GET n from n2", Span::ms(10)), "\"3\"");
}

/// To follow takes no room on a disk: a master that another has taken the place of becomes its replica though it cannot write that down.
#[test]
fn who_cannot_write_is_no_master_any_more_when_another_is() {
    let script = ["run 2s", "pause n1", "full-disk n1", "run 3s", "resume n1", "run 2s", "c1 SET x 1", "run 100ms"];
    let trial = run(&[], &script);
    assert_eq!((trial.count("masters"), trial.count("lost"), trial.count("promotions")), (1, 0, 1));
}
