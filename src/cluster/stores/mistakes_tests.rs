//! The mistakes that stores of this kind have been found to make, each by the schedule that shows it.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;

/// Two shards; money goes from one to the other.
const TRANSFER: &str = "c1 transfer 30 from anna to bob";

fn two(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    let all: Vec<(&str, &str)> =
        [("shards", "2"), ("shop", "tables"), ("think", "0s")].into_iter().chain(settings.iter().copied()).collect();
    let mut trial = Trial::new(&MODEL, &all, &[]);
    trial.follow(script);
    trial
}

fn sum(trial: &Trial) -> i64 {
    trial.fact("sum.tables") as i64
}

/// Steps until a condition on the facts holds.
fn until(trial: &mut Trial, is_so: impl Fn(&Trial) -> bool) {
    for _ in 0..10_000 {
        if is_so(trial) {
            return;
        }
        assert!(trial.cluster.step().is_some(), "nothing happens any more");
    }
    panic!("it never came");
}

/// A transfer up to the moment at which the second shard has promised and the first has not decided.
fn in_doubt(settings: &[(&str, &str)]) -> Trial {
    let mut trial = two(settings, &[TRANSFER]);
    until(&mut trial, |trial| trial.count("in_doubt.tables") == 1);
    trial
}

#[test]
fn a_coordinator_that_is_down_blocks_who_has_promised() {
    let mut trial = in_doubt(&[]);
    trial.follow(&["crash tables1", "run 5s"]);
    assert_eq!((trial.count("in_doubt.tables"), trial.count("locked.tables"), sum(&trial)), (1, 1, 150));
    trial.follow(&["c2 transfer 1 from bob to anna", "run 3s"]);
    assert_eq!(trial.count("waits.tables"), 1, "whoever wants the row waits");
    trial.follow(&["restart tables1", "run 3s"]);
    assert_eq!((trial.count("in_doubt.tables"), trial.count("locked.tables"), sum(&trial)), (0, 0, 150));
    assert_eq!(trial.holds("atomic"), Holds::Yes);
}

#[test]
fn a_promise_is_kept_over_a_restart_with_its_locks() {
    let mut trial = in_doubt(&[]);
    trial.follow(&["crash tables1", "crash tables2", "restart tables2", "run 1s"]);
    assert_eq!((trial.count("in_doubt.tables"), trial.count("locked.tables")), (1, 1));
    let mut dropped = in_doubt(&[("restart-locks", "dropped")]);
    dropped.follow(&["crash tables1", "crash tables2", "restart tables2", "run 1s"]);
    assert_eq!((dropped.count("in_doubt.tables"), dropped.count("locked.tables")), (1, 0));
}

#[test]
fn who_gives_up_after_a_yes_tears_a_transfer_in_two() {
    let torn = |in_doubt_is| {
        let mut trial = in_doubt(&[("in-doubt", in_doubt_is)]);
        // The promise arrives, and the decision does not.
        trial.follow(&["cut tables1 -> tables2", "run 2s", "heal", "run 5s"]);
        (sum(&trial), trial.holds("atomic"))
    };
    assert_eq!([torn("wait"), torn("give-up")], [(150, Holds::Yes), (120, Holds::No)]);
}

#[test]
fn a_coordinator_forgets_only_when_all_know() {
    let settings = |forget| [("forget", forget), ("shards", "3"), ("customers", "3")];
    let run = |forget| {
        let mut trial = two(&settings(forget), &["c1 rename book to Emma"]);
        until(&mut trial, |trial| trial.count("in_doubt.tables") == 2);
        // One of the two hears the decision, the other does not until the coordinator has been restarted.
        trial.follow(&["cut tables1 -> tables3", "run 1s", "crash tables1", "restart tables1", "heal", "run 5s"]);
        (trial.count("copies_off.tables"), trial.holds("atomic"))
    };
    assert_eq!([run("told-all"), run("told-one")], [(0, Holds::Yes), (1, Holds::No)]);
}

#[test]
fn what_nobody_knows_was_aborted() {
    let run = |unknown| {
        let mut trial = in_doubt(&[("unknown", unknown)]);
        trial.follow(&["crash tables1", "restart tables1", "run 5s"]);
        (sum(&trial), trial.holds("atomic"))
    };
    assert_eq!(run("abort"), (150, Holds::Yes));
    assert_eq!(run("commit").0, 180, "bob is given what anna has kept");
}

#[test]
fn one_shard_after_the_other_is_torn_by_a_crash() {
    let run = |commit| {
        let mut trial = two(&[("commit", commit)], &[TRANSFER]);
        until(&mut trial, |trial| trial.count("commits.tables") == 1);
        trial.follow(&["kill c1", "run 10s"]);
        (sum(&trial), trial.holds("atomic"))
    };
    assert_eq!([run("two-phase"), run("one-by-one")], [(150, Holds::Yes), (120, Holds::No)]);
}

#[test]
fn a_snapshot_for_each_shard_is_none_of_all() {
    // The first shard is read before the commit, the second after it.
    let script = ["set think const(100ms)", "c2 audit", "run 4ms", "set think 0s", TRANSFER, "run 2s"];
    let read = |isolation| {
        let trial = two(&[("isolation", isolation)], &script);
        (trial.count("sum_read.tables"), trial.holds("sum_seen"), trial.holds("one_snapshot"), trial.holds("sum_kept"))
    };
    assert_eq!(read("snapshot"), (180, Holds::No, Holds::No, Holds::Untested), "nothing happened to the transfer");
    assert_eq!(read("locking").0, 150);
}

#[test]
fn a_loss_of_power_takes_whole_commits_from_the_end() {
    let lost = |fsync| {
        let settings = [("shop", "tables"), ("fsync", fsync)];
        let mut trial = Trial::new(&MODEL, &settings, &[]);
        trial.follow(&[
            "run 10ms",
            TRANSFER,
            "c2 order book for bob",
            "run 200ms",
            "crash tables losing unsynced",
            "restart tables",
            "run 3s",
        ]);
        (trial.count("lost.tables"), trial.holds("acked_kept"), trial.holds("atomic"), sum(&trial))
    };
    assert_eq!(lost("always"), (0, Holds::Yes, Holds::Untested, 150), "nothing was cut short");
    assert_eq!(lost("lazy"), (2, Holds::No, Holds::Yes, 150), "nothing is done in part");
}

#[test]
fn a_disk_that_is_full_in_the_middle_leaves_nothing() {
    let mut trial = Trial::new(&MODEL, &[("shop", "tables")], &[]);
    trial.follow(&[TRANSFER, "run 8ms", "full-disk tables", "run 1s", "crash tables", "free-disk tables", "restart tables", "run 1s"]);
    assert_eq!((sum(&trial), trial.count("locked.tables"), trial.holds("atomic")), (150, 0, Holds::Yes));
}

#[test]
fn a_timeout_is_no_abort() {
    // COMMIT arrives and its answer does not.
    let mut trial = Trial::new(&MODEL, &[("shop", "tables"), ("think", "0s")], &[]);
    trial.follow(&[TRANSFER, "run 4500us", "cut tables -> c1", "run 3s"]);
    assert_eq!(trial.answers(), ["no answer to COMMIT"]);
    assert_eq!(trial.count("commits.tables"), 1);
}

#[test]
fn nobody_waits_for_an_application_that_died() {
    let mut trial = Trial::new(&MODEL, &[("shop", "tables")], &[]);
    trial.follow(&[TRANSFER, "run 8ms", "kill c1", "run 100ms"]);
    assert_eq!((trial.count("open_transactions.tables"), trial.count("locked.tables")), (1, 1));
    trial.follow(&["run 4s"]);
    assert_eq!((trial.count("open_transactions.tables"), trial.count("locked.tables"), sum(&trial)), (0, 0, 150));
}

#[test]
fn one_row_hides_a_write_skew_and_two_show_it() {
    let settings = [("shop", "tables"), ("isolation", "snapshot"), ("update", "read-first")];
    let run = |script: &[&str]| {
        let mut trial = Trial::new(&MODEL, &settings, &[]);
        trial.follow(script);
        (trial.count("write_skews.tables"), trial.count("aborts_changed.tables"))
    };
    assert_eq!(run(&["c1 order book for anna", "c2 order book for bob", "run 2s"]), (0, 1), "the first updater wins");
    assert_eq!(run(&["c1 leave tom", "c2 leave uma", "run 2s"]), (1, 0));
}

#[test]
fn a_copy_that_was_not_reached_differs_for_ever() {
    let mut trial = Trial::new(&MODEL, &[("orders", "8"), ("shop", "documents")], &[]);
    trial.follow(&["c1 rename book to Emma", "run 60ms", "kill c1", "run 5s"]);
    assert!(trial.count("copies_off.documents") > 0);
    assert_eq!((trial.holds("copies_equal"), trial.holds("atomic")), (Holds::No, Holds::No));
}
