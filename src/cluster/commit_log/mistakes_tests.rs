//! The mistakes that logs of this kind have been found to make, each by the schedule that shows it, beside the design that does not
//! make it.
//!
//! `anna` goes to `p1`, which `b2` leads and `b3` and `b1` follow; `bob` to `p0`, which `b1` leads.

use super::tests::{count, facts, flying, follow, holds, run, told};
use crate::check::verdict::Holds;
use crate::cluster::scene::Scene;

/// What a fact is after a schedule, under each of these settings.
fn after(name: &str, settings: &[(&str, &str)], schedule: &[&str]) -> i64 {
    count(&*run(settings, schedule), name)
}

#[test]
fn who_waits_for_the_leader_alone_may_lose_what_it_was_told() {
    let schedule = ["cut b2 | b1 b3", "c1 send anna paid", "run 100ms", "crash b2", "heal", "run 3s", "restart b2", "run 3s"];
    assert_eq!(after("lost", &[("acks", "1")], &schedule), 1);
    assert_eq!(after("lost", &[("acks", "all")], &schedule), 0);
    let restarted = ["cut b2 | b1 b3", "c1 send anna paid", "run 100ms", "crash b2", "heal", "restart b2", "run 3s"];
    assert_eq!(after("truncated", &[("acks", "1")], &restarted), 1, "it is out of the set before it can say what it has");
}

#[test]
fn a_leader_that_is_cut_off_acknowledges_what_will_be_cut_off() {
    let schedule = ["cut b2 | b1 b3 controller", "run 300ms", "c1 send anna paid", "run 4s", "heal", "run 3s"];
    assert_eq!(facts(&*run(&[("acks", "1")], &schedule), ["lost", "truncated"]), [1, 1]);
    let all = run(&[("acks", "all"), ("delivery-timeout", "5s")], &schedule);
    assert_eq!((count(&*all, "lost"), told(&*all)), (0, vec!["p1@0".to_string()]));
}

#[test]
fn a_set_of_one_is_no_copy() {
    let schedule =
        ["cut b2 | b1 b3", "c1 send anna 1", "run 3s", "c1 send anna 2", "run 3s", "crash b2 wiping disk", "heal", "restart b2", "run 3s"];
    let one = run(&[("min-insync", "1")], &schedule);
    assert_eq!((count(&*one, "lost"), holds(&*one, "acked_kept")), (2, Holds::No));
    let two = run(&[("min-insync", "2")], &schedule);
    assert_eq!(count(&*two, "lost"), 0);
    // The first was appended and not acknowledged; its next try was refused.
    assert_eq!(told(&*two), ["unknown: not enough replicas in sync", "refused: not enough replicas in sync"]);
}

#[test]
fn an_outsider_that_leads_takes_records_away() {
    let schedule =
        ["cut b2 | b1 b3", "c1 send anna 1", "run 3s", "c1 send anna 2", "run 1s", "crash b2", "heal", "run 3s", "restart b2", "run 3s"];
    let unclean = run(&[("unclean", "on")], &schedule);
    assert_eq!(facts(&*unclean, ["lost", "vanished", "unclean_elections"]), [2, 2, 1]);
    let clean = run(&[("unclean", "off")], &schedule);
    assert_eq!(facts(&*clean, ["lost", "vanished", "unclean_elections", "leaders"]), [0, 0, 0, 3]);
}

/// KIP-966: what was refused does not help what was acknowledged before.
#[test]
fn the_last_replica_standing_may_have_forgotten() {
    let schedule = [
        "c1 send anna 1",
        "run 10ms",
        "cut b2 | b1 b3",
        "c1 send anna 2",
        "run 600ms",
        "crash b2 losing unsynced",
        "heal",
        "run 2s",
        "restart b2",
        "run 4s",
    ];
    let settings = |elr| [("min-insync", "2"), ("replica-lag", "200ms"), ("elr", elr)];
    assert_eq!(after("lost", &settings("off"), &schedule), 1);
    assert_eq!(after("lost", &settings("on"), &schedule), 0);
}

#[test]
fn a_smaller_set_counts_when_it_is_confirmed() {
    let schedule = ["cut b2 | b3 controller", "c1 send anna 1", "run 4s", "heal", "run 3s"];
    let settings = |change| [("isr-change", change), ("replica-lag", "200ms"), ("delivery-timeout", "5s")];
    assert_eq!(after("lost", &settings("at-once"), &schedule), 1);
    assert_eq!(after("lost", &settings("confirmed"), &schedule), 0);
}

/// KIP-101, the first scenario.
#[test]
fn a_follower_cuts_off_by_epochs() {
    let schedule = ["c1 send bob 1", "run 3500us", "crash b2", "restart b2", "run 2500us", "crash b1", "run 3s", "restart b1", "run 3s"];
    let settings = |truncation| [("brokers", "2"), ("replicas", "2"), ("rejoin", "unnoticed"), ("truncation", truncation)];
    assert_eq!(after("lost", &settings("high-water"), &schedule), 1);
    assert_eq!(after("lost", &settings("epoch"), &schedule), 0);
}

/// KIP-903: it comes back with less before anybody has noticed.
#[test]
fn who_restarts_fast_is_not_in_sync() {
    let schedule =
        ["c1 send bob 1", "run 10ms", "crash b2 losing unsynced", "restart b2", "run 2500us", "crash b1", "run 3s", "restart b1", "run 3s"];
    let settings = |rejoin| [("brokers", "2"), ("replicas", "2"), ("rejoin", rejoin)];
    assert_eq!(after("lost", &settings("unnoticed"), &schedule), 1);
    assert_eq!(after("lost", &settings("fenced"), &schedule), 0);
}

/// A follower that asks and has no room for the answer never has everything.
#[test]
fn lag_is_since_it_last_had_everything() {
    let schedule = ["full-disk b3", "c1 send anna 1", "run 4s"];
    assert_eq!(after("in_sync_min", &[("lag-by", "fetched")], &schedule), 3);
    assert_eq!(after("in_sync_min", &[("lag-by", "caught-up")], &schedule), 2);
}

#[test]
fn a_lost_answer_makes_a_double_unless_records_are_numbered() {
    let schedule = ["cut b2 -> c1", "c1 send anna 1", "run 550ms", "heal", "run 1s"];
    assert_eq!(after("duplicates", &[("idempotent", "off")], &schedule), 1);
    assert_eq!(facts(&*run(&[], &schedule), ["duplicates", "known"]), [0, 1]);
    let renewed = ["cut b2 -> c1", "c1 send anna 1", "run 100ms", "heal", "renew c1", "run 1s"];
    assert_eq!(after("duplicates", &[], &renewed), 1, "its numbers are those of another");
}

#[test]
fn a_batch_that_is_sent_again_comes_after_the_next() {
    let schedule = ["cut c1 -> b2", "c1 send anna 1", "run 100ms", "heal", "c1 send anna 2", "run 2s"];
    assert_eq!(facts(&*run(&[("idempotent", "off")], &schedule), ["reordered", "duplicates"]), [1, 0]);
    assert_eq!(after("reordered", &[("idempotent", "off"), ("in-flight", "1")], &schedule), 0);
    assert_eq!(after("reordered", &[], &schedule), 0);
}

#[test]
fn what_is_committed_first_is_skipped_and_what_is_committed_last_is_done_again() {
    let sends =
        ["run 1s", "c1 send anna 1", "c1 send anna 2", "c1 send anna 3", "run 120ms", "crash billing1", "restart billing1", "run 5s"];
    let names = ["skipped.billing", "processed_again.billing"];
    let with = |commit| run(&[("commit", commit), ("billing", "1"), ("work", "const(50ms)"), ("linger", "5ms")], &sends);
    assert_eq!(facts(&*with("after"), names), [0, 2]);
    assert_eq!(facts(&*with("before"), names), [1, 0]);
    assert_eq!(facts(&*with("confirmed"), names), [1, 0]);
}

#[test]
fn a_place_is_that_of_the_next_record() {
    let schedule = ["c1 send anna 1", "c1 send anna 2", "run 2s", "crash billing1", "restart billing1", "run 5s"];
    for (commit, again) in [("after", 0), ("last", 1)] {
        assert_eq!(after("processed_again.billing", &[("commit", commit), ("billing", "1")], &schedule), again, "{commit}");
    }
}

#[test]
fn a_member_that_was_taken_for_dead_commits_nothing() {
    let slept = ["run 1s", "c1 send anna 1", "run 10ms", "pause billing1", "run 4s", "resume billing1", "run 3s"];
    let zombie = run(&[("work", "const(500ms)")], &slept);
    assert_eq!(facts(&*zombie, ["stale_commits", "processed_again.billing", "skipped.billing"]), [1, 1, 0]);
}

#[test]
fn only_what_moves_stops_where_members_keep_what_they_have() {
    let names = ["stopped.billing", "moved.billing"];
    let grown = |assignor| run(&[("partitions", "6"), ("assignor", assignor)], &["run 2s", "set billing 3", "run 3s"]);
    assert_eq!(facts(&*grown("range"), names)[0], 6);
    assert_eq!(facts(&*grown("sticky"), names), [6, 2]);
    assert_eq!(facts(&*grown("cooperative"), names), [2, 2]);
}

#[test]
fn a_key_moves_when_partitions_are_added() {
    let mut schedule = vec!["run 1s"];
    schedule.extend(["c1 send anna 1"; 8]);
    schedule.extend(["set partitions 4", "run 2s", "c1 send anna 2", "run 5s"]);
    let settings = [("work", "const(1s)"), ("billing", "4"), ("session-timeout", "30s"), ("rebalance-timeout", "1s")];
    let cluster = run(&settings, &schedule);
    assert_eq!(told(&*cluster)[7..], ["p1@7", "p3@0"]);
    assert_eq!((count(&*cluster, "key_swaps.billing") > 0, holds(&*cluster, "key_order")), (true, Holds::No));
    let threads = ["run 1s", "c1 send anna 1", "c1 send anna 2", "c1 send anna 3", "c1 send anna 4", "run 3s"];
    let work = ("work", "uniform(10ms, 400ms)");
    assert!(after("key_swaps.billing", &[("threads", "4"), work, ("linger", "5ms")], &threads) > 0);
    assert_eq!(after("key_swaps.billing", &[("threads", "1"), work, ("linger", "5ms")], &threads), 0);
}

#[test]
fn retention_does_not_ask_who_has_read() {
    let mut schedule = vec!["run 1s", "crash billing1"];
    schedule.extend(["c1 send anna 1"; 12]);
    schedule.extend(["run 4s", "restart billing1", "run 5s"]);
    let cluster = run(&[("billing", "1"), ("retention", "1s")], &schedule);
    assert_eq!(facts(&*cluster, ["deleted_unread.billing", "skipped.billing", "processed.billing", "start.p1"]), [12, 12, 0, 12]);
    assert_eq!((holds(&*cluster, "at_least_once"), count(&*cluster, "lost")), (Holds::No, 0));
    assert_eq!(after("deleted_unread.billing", &[("billing", "1"), ("retention", "1min")], &schedule), 0);
}

#[test]
fn the_newest_of_each_key_stays() {
    let sends = ["c1 send anna 1", "c1 send anna 2", "c1 send dora 1", "c1 delete dora", "c1 send anna 3", "c1 send carl 1"];
    let schedule = [&sends[..], &["run 1500ms", "set audit 1", "run 1s"]].concat();
    let compacted = run(&[("compaction", "on"), ("delete-retention", "1min")], &schedule);
    assert_eq!(facts(&*compacted, ["records", "end.p1", "compacted", "processed.audit"]), [3, 6, 3, 3]);
    let later = run(&[("compaction", "on"), ("delete-retention", "1s")], &[&sends[..], &["run 5s"]].concat());
    assert_eq!(facts(&*later, ["records", "lost"]), [2, 0], "the tombstone is gone too");
}

/// Kafka's `UnifiedLog.truncateTo`: a leader that has written nothing in its epoch takes its beginning out when it follows.
#[test]
fn who_led_and_wrote_nothing_follows_and_comes_into_the_set_again() {
    let crash = ["run 1s", "crash b1", "run 3s", "restart b1", "run 5s", "c1 send x 1 into p0", "run 5s"];
    let handed_on = ["c1 send x 1 into p0", "run 1s", "elect p0 b2", "run 1s", "elect p0 b3", "run 1s", "c1 send x 2 into p0", "run 5s"];
    for schedule in [&crash[..], &handed_on] {
        let cluster = run(&[], schedule);
        assert_eq!(count(&*cluster, "in_sync_min"), 3);
        assert!(count(&*cluster, "messages") < 3000, "{}", count(&*cluster, "messages"));
    }
}

/// A wish for a larger set that the controller refuses is over: the partition goes on with those that there are.
#[test]
fn a_refused_wish_holds_nobody_up() {
    let schedule =
        ["c1 send x 1 into p0", "run 1s", "cut b2 | controller", "run 5s", "crash b2", "run 1s", "c1 send x 2 into p0", "run 5s"];
    let cluster = run(&[], &schedule);
    assert_eq!((facts(&*cluster, ["acked", "uncommitted"]), told(&*cluster).len()), ([2, 0], 2));
}

/// What a leader answered when a log ended elsewhere cuts nothing off it.
#[test]
fn an_old_answer_cuts_nothing_off() {
    let mut cluster = run(&[], &["c1 send x 1 into p0", "run 1s", "cut b1 | b2 b3 controller", "c1 send x 2 into p0", "run 4s", "heal"]);
    let until = (0..200).find(|_| {
        follow(&mut *cluster, &["run 100us"]);
        let mut scene = Scene::default();
        cluster.scene(cluster.now(), &mut scene);
        scene.flights.iter().any(|flight| flight.label.contains("ends at"))
    });
    assert!(until.is_some(), "b1 has what nobody else has");
    let old = flying(&*cluster, "ends at");
    follow(&mut *cluster, &[&format!("duplicate #{old}"), &format!("hold #{old}"), "run 1s"]);
    follow(&mut *cluster, &["c1 send x 5 into p0", "c1 send x 6 into p0", "run 1s"]);
    let cut = count(&*cluster, "truncated");
    follow(&mut *cluster, &[&format!("release #{old}"), "run 1s"]);
    assert_eq!((count(&*cluster, "truncated"), count(&*cluster, "in_sync_min")), (cut, 3));
}

/// KIP-429: who is at work when a generation comes keeps what it has, and commits in the next.
#[test]
fn a_rebalance_that_only_moves_some_throws_nobody_out() {
    let schedule = ["run 2s", "workload c1 40/s send keys uniform(100)", "run 3s", "set billing 3", "run 8s"];
    for assignor in ["cooperative", "sticky", "range"] {
        let cluster = run(&[("partitions", "6"), ("assignor", assignor), ("work", "const(200ms)")], &schedule);
        assert_eq!(facts(&*cluster, ["stale_commits", "processed_again.billing"]), [0, 0], "{assignor}");
    }
}

#[test]
fn numbers_of_records_that_were_cleaned_away_are_no_gap() {
    let schedule = [
        "c1 send y 1 into p0",
        "c1 send x 2 into p0",
        "c2 send x 3 into p0",
        "c2 send a 4 into p0",
        "c2 send b 5 into p0",
        "run 3s",
        "c1 send x 7 into p0",
        "run 1s",
    ];
    assert_eq!(after("acked", &[("compaction", "on")], &schedule), 6);
}

/// KIP-360: a leader that was rebuilt knows no producer, and takes what comes. What it has already it knows by its place, deleted or not.
#[test]
fn a_leader_that_knows_no_producer_takes_its_next_record() {
    let rebuilt = [
        "c1 send x 1 into p0",
        "run 2s",
        "c2 send x 2 into p0",
        "crash b2 wiping disk",
        "restart b2",
        "run 3s",
        "set retention none",
        "elect p0 b2",
        "run 100ms",
        "c1 send x 3 into p0",
        "run 3s",
    ];
    let settings = [("retention", "500ms"), ("segment", "1"), ("clean-every", "100ms")];
    assert_eq!(facts(&*run(&settings, &rebuilt), ["refusals", "acked"]), [0, 3]);
    let twice = ["run 1s", "cut b1 -> c1", "c1 send x 1 into p0", "run 700ms", "heal", "c2 send y 1 into p0", "run 2s"];
    let slow = [("request-timeout", "1s"), ("delivery-timeout", "10s")];
    let cluster = run(&[&settings[..], &slow].concat(), &twice);
    assert_eq!(told(&*cluster)[0], "p0@0");
}

/// KIP-360: a leader that lost a record which was acknowledged refuses the one after it. Its producer, who knows that this leader leads and
/// that nothing else is under way, begins anew with the next epoch, and its record is taken.
#[test]
fn a_producer_numbers_anew_where_the_leader_lost_what_was_acknowledged() {
    let lost = [
        "run 2s",
        "c1 send x 1 into p0",
        "run 1s",
        "crash b2",
        "crash b3",
        "run 4s",
        "c1 send x 2 into p0",
        "run 1s",
        "crash b1",
        "run 4s",
        "restart b2",
        "run 2s",
        "elect-unclean p0 b2",
        "run 2s",
        // Of two brokers the producer hears soon enough who leads.
        "restart b3",
        "run 3s",
        "c1 send x 3 into p0",
        "run 3s",
    ];
    let log = run(&[("min-insync", "1")], &lost);
    assert_eq!(told(&*log), ["p0@0", "p0@1", "p0@1"]);
    assert_eq!(facts(&*log, ["refusals", "lost", "acked"]), [1, 1, 3]);
    let next = after("acked", &[("min-insync", "1")], &[&lost[..], &["c1 send x 4 into p0", "run 1s"]].concat());
    assert_eq!(next, 4, "the numbers go on from there");
}

#[test]
fn a_shorter_session_is_kept_from_the_moment_it_is_set() {
    let sessions = ["set broker-session 1min", "run 20s", "set broker-session 900ms", "run 3s"];
    assert_eq!(after("leaders", &[], &sessions), 3);
    let members =
        ["set heartbeat 1min", "set session-timeout 3min", "run 20s", "set heartbeat 300ms", "set session-timeout 1500ms", "run 10s"];
    assert_eq!(after("members.billing", &[], &members), 2);
    let cleans = ["c1 send x 1 into p0", "c1 send x 2 into p0", "run 3s", "set clean-every 1s", "run 5s"];
    assert!(after("deleted", &[("clean-every", "1h"), ("segment", "1"), ("retention", "1s")], &cleans) > 0);
}

/// How long somebody was silent is no question to a clock that can be set.
#[test]
fn a_clock_that_is_set_expels_nobody_and_hides_nobody() {
    assert_eq!(after("members.billing", &[], &["run 1s", "skew b3 +10s", "run 3s"]), 2);
    assert_eq!(after("leaders", &[], &["run 1s", "skew controller -1h", "crash b1", "run 10s"]), 3);
}

#[test]
fn what_the_controller_has_not_synced_it_tells_nobody() {
    let schedule =
        ["c1 send x 1 into p0", "run 3s", "crash b1", "run 1490ms", "crash controller losing unsynced", "restart controller", "run 5s"];
    for wait in [1100, 1200, 1300, 1400, 1500] {
        let wait = format!("run {wait}ms");
        let schedule: Vec<&str> = schedule.iter().map(|does| if *does == "run 1490ms" { wait.as_str() } else { does }).collect();
        assert_eq!(after("lost", &[("disk", "const(300ms)")], &schedule), 0, "{wait}");
    }
}

/// To lead no more takes no room on a disk: a leader that another has taken the place of does so though its disk is full.
#[test]
fn who_cannot_write_leads_no_more_when_another_does() {
    let away = ["pause b2", "full-disk b2", "run 4s", "resume b2", "run 1s", "c1 send anna paid", "run 3s"];
    let log = run(&[], &away);
    assert_eq!(facts(&*log, ["leaders", "lost", "vanished", "unclean_elections"]), [3, 0, 0, 0]);
    assert_eq!(told(&*log), ["p1@0"]);
}

/// A controller that cannot write a decision down has not decided: whoever it would have made leader does not lead.
#[test]
fn a_controller_without_room_decides_nothing() {
    let mut log = run(&[], &["full-disk controller", "crash b2", "run 4s"]);
    assert_eq!((count(&*log, "elections"), count(&*log, "leaders")), (0, 2));
    follow(&mut *log, &["free-disk controller", "run 4s", "c1 send anna paid", "run 1s"]);
    assert_eq!((count(&*log, "leaders"), told(&*log)), (3, vec!["p1@0".to_string()]));
}
