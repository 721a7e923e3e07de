//! Corners of the protocol where it is easily other than Kafka's: each by the schedule that shows it.
//!
//! `anna` goes to `p1`, which `b2` leads and `b3` and `b1` follow; `bob` to `p0`, which `b1` leads.

use super::tests::{count, facts, flying, follow, holds, run, told};
use crate::check::verdict::Holds;
use crate::cluster::Cluster;
use crate::cluster::scene::Scene;

/// Runs on until a message is in the air that says this, and holds it, or a second copy of it.
fn catch(cluster: &mut dyn Cluster, words: &str, copy: bool) -> u64 {
    let says = |cluster: &dyn Cluster| {
        let mut scene = Scene::default();
        cluster.scene(cluster.now(), &mut scene);
        scene.flights.iter().any(|flight| flight.label.contains(words))
    };
    let seen = (0..20_000).any(|_| {
        follow(cluster, &["run 100us"]);
        says(cluster)
    });
    assert!(seen, "nothing says {words}");
    let caught = flying(cluster, words);
    if copy {
        follow(cluster, &[&format!("duplicate #{caught}")]);
    }
    follow(cluster, &[&format!("hold #{caught}")]);
    caught
}

/// `Partition.effectiveMinIsr`.
#[test]
fn more_than_there_are_need_not_be_in_sync() {
    for elr in ["off", "on"] {
        let cluster = run(&[("brokers", "1"), ("replicas", "3"), ("min-insync", "3"), ("elr", elr)], &["c1 send anna 1", "run 1s"]);
        assert_eq!(told(&*cluster), ["p1@0"], "elr {elr}");
    }
    let two = ["run 100ms", "crash b3", "run 3s", "c1 send anna 1", "run 3s"];
    assert_eq!(told(&*run(&[("min-insync", "3")], &two)), ["refused: not enough replicas in sync"]);
}

/// `Partition.maybeIncrementLeaderHW`, since Kafka 3.7: the ok of `acks=1` does not ask, what consumers see does.
#[test]
fn nothing_more_is_seen_while_too_few_are_in_sync() {
    for elr in ["off", "on"] {
        let settings = [("acks", "1"), ("min-insync", "2"), ("elr", elr)];
        let alone = ["run 1s", "crash b1", "crash b3", "run 3s", "c1 send anna 1", "run 5s"];
        let cluster = run(&settings, &alone);
        assert_eq!(told(&*cluster), ["p1@0"], "elr {elr}");
        let seen = ["in_sync.p1", "high_water.p1", "processed.billing"];
        assert_eq!(facts(&*cluster, seen), [1, 0, 0], "elr {elr}");
        let back = run(&settings, &[&alone[..], &["restart b3", "run 5s"]].concat());
        assert_eq!(facts(&*back, seen), [2, 1, 1], "elr {elr}");
    }
}

/// `LogValidator.validateKey`.
#[test]
fn a_compacted_log_takes_no_record_without_a_key() {
    let sends = ["c1 append plain", "c1 send anna 1", "run 1s"];
    let cluster = run(&[("compaction", "on")], &sends);
    assert_eq!(told(&*cluster), ["refused: a compacted log takes no record without a key", "p1@0"]);
    let at_once = run(&[("compaction", "on"), ("delivery-timeout", "10min")], &["c1 append plain", "run 1s"]);
    assert!(told(&*at_once)[0].starts_with("refused"), "it is not sent again: {:?}", told(&*at_once));
    assert_eq!(told(&*run(&[], &sends)), ["p0@0", "p1@0"]);
}

/// `UnifiedLog.deleteSegments`: the segment that is written now goes too, and offsets go on.
#[test]
fn all_of_a_log_grows_old() {
    let old = [("retention", "500ms"), ("clean-every", "200ms"), ("segment", "100")];
    let cluster = run(&old, &["c1 send anna 1", "c1 send anna 2", "run 3s", "c1 send anna 3", "run 100ms"]);
    assert_eq!((facts(&*cluster, ["start.p1", "end.p1", "records", "lost"]), told(&*cluster)[2].as_str()), ([2, 3, 1, 0], "p1@2"));
}

/// KIP-320: a consumer of a log that was cut off goes back to where that was, and passes over nothing that stands there now.
#[test]
fn who_read_what_is_gone_goes_back_to_where_the_log_parts() {
    let before = ["c1 send anna 1", "run 1s", "cut b2 | b1 b3", "c1 send anna 2", "c1 send anna 3", "run 3s"];
    let after = ["crash b2", "heal", "run 3s", "c2 send anna 4", "c2 send anna 5", "c2 send anna 6", "run 3s"];
    let cluster = run(&[("unclean", "on")], &[&before[..], &after].concat());
    assert_eq!(facts(&*cluster, ["unclean_elections", "vanished", "end.p1"]), [1, 2, 4]);
    assert_eq!(facts(&*cluster, ["processed.billing", "skipped.billing", "processed_again.billing"]), [6, 0, 0]);
    let nothing_new = run(&[("unclean", "on")], &[&before[..], &after[..3]].concat());
    assert_eq!(facts(&*nothing_new, ["processed.billing", "processed_again.billing"]), [3, 0], "it does not begin at the oldest");
}

/// KIP-966: those that left are eligible while nothing is committed without them, and not after the minimum is less.
#[test]
fn a_smaller_minimum_makes_nobody_eligible() {
    let settings = [("brokers", "2"), ("replicas", "2"), ("min-insync", "2"), ("elr", "on")];
    let away = ["run 500ms", "cut b2 | b1 controller", "run 3s"];
    let alone = ["set min-insync 1", "run 200ms", "c1 send bob 1 into p0", "run 500ms", "crash b1", "run 2s"];
    let back = ["heal", "run 3s", "restart b1", "run 4s"];
    let cluster = run(&settings, &[&away[..], &alone, &back].concat());
    assert_eq!((told(&*cluster), count(&*cluster, "lost")), (vec!["p0@0".to_string()], 0));
    let strict = run(&settings, &[&away[..], &alone[2..], &back].concat());
    assert_eq!((count(&*strict, "lost"), holds(&*strict, "acked_kept")), (0, Holds::Untested), "{:?}", told(&*strict));
}

/// A commit that was sent twice and comes late does not move the place of a group back.
#[test]
fn a_late_commit_moves_no_place_back() {
    let mut cluster = run(&[("billing", "1"), ("commit", "confirmed")], &["run 1s", "c1 send anna 1"]);
    let late = catch(&mut *cluster, "p1→1", true);
    follow(&mut *cluster, &["run 300ms", "c1 send anna 2", "run 1s"]);
    assert_eq!(count(&*cluster, "committed.billing p1"), 2);
    follow(&mut *cluster, &[&format!("release #{late}"), "run 300ms", "crash billing1", "restart billing1", "run 5s"]);
    assert_eq!(
        (facts(&*cluster, ["processed.billing", "processed_again.billing"]), holds(&*cluster, "at_most_once")),
        ([2, 0], Holds::Yes)
    );
}

/// A wish to join that comes after a later one of the same member begins nothing.
#[test]
fn a_late_join_begins_no_rebalance() {
    let mut cluster = run(&[("billing", "1")], &[]);
    let late = catch(&mut *cluster, "join billing", true);
    follow(&mut *cluster, &["run 2s", "set billing 2", "run 3s"]);
    let before = facts(&*cluster, ["rebalances.billing", "stale_commits"]);
    follow(&mut *cluster, &[&format!("release #{late}"), "run 300ms", "c1 send anna 1", "run 3s"]);
    assert_eq!(facts(&*cluster, ["rebalances.billing", "stale_commits"]), before);
}

/// One refusal that is heard twice does not make up for a try of which nothing was heard.
#[test]
fn a_refusal_that_comes_twice_refuses_one_try() {
    let mut cluster = run(&[("min-insync", "3")], &["run 500ms", "c1 send anna 1"]);
    catch(&mut *cluster, "1 anna for p1", false);
    follow(&mut *cluster, &["crash b3", "run 300ms"]);
    let copy = catch(&mut *cluster, "not enough replicas in sync", true);
    follow(&mut *cluster, &["run 2ms", &format!("release #{copy}"), "run 4s"]);
    assert!(told(&*cluster)[0].starts_with("unknown"), "{:?}", told(&*cluster));
}

/// `ProducerConfig.postProcessAndValidateIdempotenceConfigs`.
#[test]
fn records_are_numbered_only_where_all_are_waited_for() {
    let schedule = ["cut b2 -> c1", "c1 send anna 1", "run 550ms", "heal", "run 1s"];
    for (name, value, twice) in [("acks", "1", 1), ("acks", "all", 0), ("in-flight", "6", 1), ("in-flight", "5", 0)] {
        assert_eq!(count(&*run(&[(name, value)], &schedule), "duplicates"), twice, "{name} {value}");
    }
}
