//! The mistakes that protocols of this kind have been found to make, one by one.

use super::MODEL;
use super::tests::{CP, int, run, run_seed, scenario, story};
use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::scene::{Scene, Shape, Sign};
use crate::cluster::{Cluster, Stop, What};
use crate::command::Command;
use crate::sim::time::{Span, Time};

fn act(cluster: &mut dyn Cluster, commands: &[&str]) {
    for text in commands {
        match super::MODEL.language.parse(text) {
            Ok(Command::Poke(poke)) => cluster.apply(&poke).unwrap_or_else(|why| panic!("{text}: {why}\n{}", story(cluster))),
            Ok(Command::Drive(crate::command::Drive::Run(span))) => {
                let end = cluster.now() + span;
                assert_eq!(cluster.run_until(end, 1_000_000), Stop::Reached, "{text}\n{}", story(cluster));
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

/// The same, but what is not possible at the time is passed over.
fn try_to(cluster: &mut dyn Cluster, commands: &[&str]) {
    for text in commands {
        match super::MODEL.language.parse(text) {
            Ok(Command::Poke(poke)) => drop(cluster.apply(&poke)),
            _ => act(cluster, &[text]),
        }
    }
}

fn until(cluster: &mut dyn Cluster, done: impl Fn(&dyn Cluster) -> bool) {
    let end = cluster.now() + Span::s(10);
    while !done(cluster) {
        assert!(cluster.now() < end && cluster.step().is_some(), "it never happened\n{}", story(cluster));
    }
}

fn broken(cluster: &dyn Cluster) -> Vec<Guarantee> {
    cluster.verdicts().into_iter().filter(|v| v.holds == Holds::No).map(|v| v.guarantee).collect()
}

const STEADY: (&str, &str) = ("latency", "const(10ms)");

fn cp(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&CP[..], &[STEADY], more].concat()
}

/// Raft, section 5.3: only what is durable may be reported. A heartbeat that is answered while an entry is still being synced
/// must not vouch for that entry.
#[test]
fn an_answer_to_a_heartbeat_vouches_only_for_what_is_on_the_disk() {
    let mut cluster = run(&cp(&[]), &["cut n1 -> n3", "run 39.5ms", "c1 write x 8", "run 20.7ms", "crash n2 losing unsynced"]);
    act(&mut *cluster, &["run 30ms", "crash n1", "heal", "restart n2"]);
    until(&mut *cluster, |c| int(c, "leaders") == 1);
    act(&mut *cluster, &["restart n1", "run 1s", "c2 read x", "run 100ms"]);
    assert_eq!((int(&*cluster, "acked_lost"), broken(&*cluster)), (0, vec![]), "{}", story(&*cluster));
}

/// The same with slow disks and losses of power at every turn.
#[test]
fn losses_of_power_under_a_lease_lose_nothing_that_was_acknowledged() {
    for seed in 0..60 {
        let settings = [&CP[..], &[("disk", "uniform(1ms, 60ms)")]].concat();
        let mut cluster = run_seed(&settings, &["workload c1 40/s read:write 1:3 keys x", "workload c2 40/s read:write 1:3 keys x"], seed);
        for round in 0..6_u64 {
            let node = format!("n{}", (seed * 7 + round * 5) % 3 + 1);
            let pause = format!("run {}ms", 150 + (seed * 131 + round * 77) % 400);
            let again = format!("run {}ms", 20 + (seed * 37 + round * 53) % 500);
            act(&mut *cluster, &[&pause, &format!("crash {node} losing unsynced"), &again, &format!("restart {node}")]);
        }
        act(&mut *cluster, &["workload c1 off", "workload c2 off", "run 3s"]);
        assert_eq!((int(&*cluster, "acked_lost"), broken(&*cluster)), (0, vec![]), "seed {seed}\n{}", story(&*cluster));
        assert!(int(&*cluster, "acked") > 10, "seed {seed}");
    }
}

/// A candidate that gives its vote to a higher epoch leads the lower one no more.
#[test]
fn who_votes_for_a_higher_epoch_is_a_candidate_no_more() {
    let mut failovers = 0;
    for seed in 0..20 {
        let one_by_one = [
            "cut n1 | n2 n3",
            "cut n2 | n3",
            "run 1100ms",
            "heal",
            "run 1ms",
            "fire n2 detection",
            "run 25ms",
            "cut n2 -> n3",
            "run 15ms",
            "heal",
            "fire n3 detection",
            "run 25ms",
            "cut n3 -> n1",
            "run 15ms",
            "cut n3 -> n2",
            "run 60ms",
            "c1 write x 8 to n2",
            "run 80ms",
            "c2 read x from n2",
            "run 50ms",
            "heal",
            "run 2s",
            "c2 read x",
            "run 200ms",
        ];
        let mut cluster = run_seed(&cp(&[]), &[], seed);
        try_to(&mut *cluster, &one_by_one);
        assert_eq!((int(&*cluster, "acked_lost"), broken(&*cluster)), (0, vec![]), "{}", story(&*cluster));
        failovers += int(&*cluster, "failovers");
    }
    assert!(failovers > 0);
}

/// A promise that is told before it is synced is forgotten by a loss of power, and given again.
#[test]
fn no_candidate_asks_before_its_own_vote_is_on_the_disk() {
    let mut cluster = run(&cp(&[("disk", "const(40ms)")]), &["run 100ms", "cut n1 | n2 n3"]);
    let asks = |c: &dyn Cluster| {
        let mut scene = Scene::default();
        c.scene(c.now(), &mut scene);
        scene.flights.iter().any(|flight| flight.kind.sign == Sign::Vote)
    };
    until(&mut *cluster, |c| story(c).contains("asks for votes"));
    let asked = cluster.now();
    until(&mut *cluster, |c| asks(c));
    assert_eq!(cluster.now().since(asked), Span::ms(40), "{}", story(&*cluster));
}

/// Whoever has a majority leads: nobody waits for the answer of the dead.
#[test]
fn a_majority_is_enough_to_lead() {
    let mut alone = 0;
    for seed in 0..40 {
        let mut cluster = run_seed(&[("replication", "majority"), STEADY], &["run 100ms", "crash n1"], seed);
        until(&mut *cluster, |c| story(c).contains("asks for votes"));
        let asked = cluster.now();
        until(&mut *cluster, |c| int(c, "leaders") == 1);
        if story(&*cluster).contains("nobody becomes leader") {
            continue;
        }
        alone += 1;
        // Its own vote on the disk, there and back with the other's on its disk, its epoch on the disk; and one way to appoint it.
        let needed = cluster.now().since(asked);
        assert!(needed == Span::ms(23) || needed == Span::ms(34), "seed {seed}: {needed}\n{}", story(&*cluster));
    }
    assert!(alone > 20, "seldom did two ask at once: {alone}");
}

/// An epoch is given away once, even if the one who got it has not heard of it when the asker asks again.
#[test]
fn nobody_appoints_twice() {
    let behind = ["c1 write x 1", "run 100ms", "cut n1 -> n3", "c1 write x 2", "run 25ms", "crash n1", "fire n3 detection", "run 22ms"];
    let again = ["hold all", "fire n3 detection", "run 30ms", "release all", "run 30ms", "heal", "restart n1", "run 2s"];
    for seed in 0..20 {
        let cluster = run_seed(&[STEADY], &[&behind[..], &again].concat(), seed);
        let story = story(&*cluster);
        assert!(story.contains("n3 chooses n2 to lead epoch 2") && story.matches("n3 asks for votes").count() == 2, "{story}");
        assert_eq!(int(&*cluster, "leaders"), 1, "{story}");
    }
}

/// However a clock is set: a lease that is over by the leader's own clock is over, and so is its star.
#[test]
fn a_star_goes_out_with_its_lease() {
    for skew in ["-1ms", "-150ms", "+150ms", "+10s", "-10s"] {
        let mut cluster = run(&cp(&[]), &["run 500ms", "cut n1 | n2 n3", "run 50ms", &format!("skew n1 {skew}"), "run 12s"]);
        assert_eq!(int(&*cluster, "leaders"), 1, "skew {skew}\n{}", story(&*cluster));
        act(&mut *cluster, &["heal", "run 1s"]);
        assert_eq!(int(&*cluster, "leaders"), 1, "skew {skew}\n{}", story(&*cluster));
    }
    let cluster = run(&cp(&[]), &["run 500ms", "cut n1 | n2 n3", "run 10ms", "skew n1 +10s"]);
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    assert_eq!(int(&*cluster, "leaders"), 0, "its clock says that the lease is over");
    assert!(scene.nodes.iter().all(|node| node.shape != Shape::Leader));
}

/// A timer that goes off early makes nobody break a lease (Raft dissertation, 3.10 and 6.4).
#[test]
fn an_early_timer_breaks_no_lease() {
    for seed in 0..12 {
        let commands = ["run 100ms", "c1 write x 8", "run 100ms", "cut n1 -> n3", "run 470ms", "fire n2 detection", "run 24ms"];
        let mut cluster = run_seed(&cp(&[]), &commands, seed);
        act(
            &mut *cluster,
            &["cut n2 -> n1", "run 60ms", "c2 write x 9 to n2", "run 40ms", "c1 read x from n1", "run 1s", "heal", "run 1s"],
        );
        assert!(!broken(&*cluster).contains(&Guarantee::LINEARIZABLE), "seed {seed}\n{}", story(&*cluster));
    }
}

/// A copy of a request that comes late does not carry out what was refused for certain.
#[test]
fn what_failed_for_certain_does_not_happen_later() {
    let mut failed = 0;
    for seed in 0..60 {
        let settings = [&CP[..], &[("latency", "uniform(1ms, 120ms)"), ("request-timeout", "300ms")]].concat();
        let start = ["duplication all 0.8", "workload c1 30/s read:write 1:3 keys x", "workload c2 30/s read:write 1:3 keys x"];
        let mut cluster = run_seed(&settings, &start, seed);
        for round in 0..4_u64 {
            let node = (seed + round) % 3 + 1;
            let others = [1, 2, 3].iter().filter(|n| **n != node).map(|n| format!("n{n}")).collect::<Vec<_>>().join(" ");
            act(&mut *cluster, &["run 400ms", &format!("cut n{node} | {others}"), "run 700ms", "heal"]);
        }
        act(&mut *cluster, &["workload c1 off", "workload c2 off", "run 2s"]);
        assert_eq!(broken(&*cluster), [], "seed {seed}\n{}", story(&*cluster));
        failed += int(&*cluster, "failed");
    }
    assert!(failed > 100, "{failed}");
}

/// A process that is stopped says nothing, whatever its disk has finished.
#[test]
fn a_paused_process_answers_nobody() {
    for settings in [vec![], cp(&[])] {
        let settings = [&settings[..], &[STEADY, ("disk", "const(30ms)")]].concat();
        let mut cluster = run(&settings, &["run 103ms", "c1 write x 1", "run 15ms", "pause n1", "pause n2", "run 45ms"]);
        let paused = cluster.now();
        act(&mut *cluster, &["run 120ms", "set heartbeat 60ms", "skew n1 +1s", "run 120ms"]);
        let mut all = Vec::new();
        cluster.happenings(paused, &mut all);
        let spoke = |what: &What| match what {
            What::Arrived { from, sent, .. } | What::Lost { from, sent, .. } => {
                ["n1", "n2"].contains(&&*from.to_string()) && *sent > paused
            }
            What::Note { node, .. } => ["n1", "n2"].contains(&&*node.to_string()),
            _ => false,
        };
        assert!(!all.iter().any(|h| spoke(&h.what)), "{all:?}");
        act(&mut *cluster, &["skew n1 0s", "resume n1", "resume n2", "run 1s"]);
        assert!(int(&*cluster, "leaders") == 1, "{}", story(&*cluster));
    }
}

/// A timer that went off while its process stood still does not count once what waited says otherwise.
#[test]
fn who_was_paused_hears_its_leader_before_it_suspects_it() {
    for seed in 0..20 {
        let cluster = run_seed(&[STEADY], &["run 200ms", "pause n2", "run 800ms", "resume n2", "run 400ms"], seed);
        assert_eq!(int(&*cluster, "failovers"), 0, "{}", story(&*cluster));
    }
}

/// What a follower has not applied yet, it has not applied when it is promoted: that wait is the price of lag.
#[test]
fn a_promoted_follower_has_its_backlog_to_apply() {
    let slow = [("apply", "const(100ms)"), STEADY];
    let writes: Vec<String> = (1..=20).map(|n| format!("c1 write x {n}")).collect();
    let commands: Vec<&str> = writes.iter().map(String::as_str).chain(["run 100ms", "crash n1"]).collect();
    let mut cluster = run(&slow, &commands);
    until(&mut *cluster, |c| int(c, "leaders") == 1);
    act(&mut *cluster, &["run 30ms", "c1 read x", "run 200ms"]);
    assert_eq!((int(&*cluster, "reads_ok"), int(&*cluster, "refused")), (0, 1), "{}", story(&*cluster));
    act(&mut *cluster, &["run 2s", "c1 read x", "run 200ms"]);
    assert_eq!((int(&*cluster, "reads_ok"), int(&*cluster, "stale_reads")), (1, 0), "{}", story(&*cluster));
}

/// A cluster starts on prepared disks: a loss of power in its first millisecond takes nothing back.
#[test]
fn a_loss_of_power_at_the_start_undoes_no_beginning() {
    let slow = [("replication", "majority"), ("disk", "const(100ms)"), STEADY];
    let all = ["run 1ms", "crash n1 losing unsynced", "crash n2 losing unsynced", "crash n3 losing unsynced"];
    let mut cluster = run(&slow, &all);
    act(&mut *cluster, &["restart n1", "restart n2", "restart n3", "run 3s", "c1 write x 1", "run 1s"]);
    assert_eq!((int(&*cluster, "leaders"), int(&*cluster, "acked"), int(&*cluster, "epoch")), (1, 1, 2), "{}", story(&*cluster));
}

/// With `fsync lazy` the operating system writes back within a second, however busy the log is.
#[test]
fn a_busy_log_is_written_back_too() {
    let lazy = [("fsync", "lazy"), STEADY];
    let cluster = run(&lazy, &["workload c1 50/s read:write 0:1 keys x", "run 5s", "workload c1 off", "crash n1 losing unsynced"]);
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    assert_eq!(cluster.now(), Time::ZERO + Span::s(5));
    let mut restarted = cluster;
    act(&mut *restarted, &["run 2s", "c2 read x", "run 100ms"]);
    let kept = restarted.settings();
    assert!(kept.iter().any(|(name, value)| *name == "fsync" && value == "lazy"));
    let lost = int(&*restarted, "acked") - int(&*restarted, "acked_lost");
    assert!(lost > 150, "{lost} of {} writes are kept", int(&*restarted, "acked"));
}

/// Whatever message between two of three servers is lost, once: when all is well again, everything goes on (Raft, section 5.3: a leader tries until it succeeds).
#[test]
fn no_single_lost_message_blocks_a_cluster() {
    let designs = [
        vec![("replication", "majority")],
        vec![("replication", "majority"), ("fencing", "lease")],
        vec![("replication", "sync"), ("sync-followers", "any 1")],
        vec![("replication", "semi-sync"), ("fencing", "off")],
    ];
    for design in designs {
        let settings = [&design[..], &[STEADY]].concat();
        let begin = ["c1 write x 1", "run 50ms", "crash n1"];
        let mut whole = run(&settings, &begin);
        act(&mut *whole, &["run 700ms"]);
        let mut all = Vec::new();
        whole.happenings(Time::ZERO + Span::ms(50), &mut all);
        let between_servers = |what: &What| match what {
            What::Arrived { id, from, to, .. } => Some(*id).filter(|_| !from.is_client() && !to.is_client()),
            _ => None,
        };
        let legs: Vec<_> = all.iter().filter_map(|h| between_servers(&h.what)).collect();
        assert!(legs.len() > 8, "{legs:?}");
        for id in legs {
            let mut cluster = run(&settings, &begin);
            let drop = format!("drop {id}");
            let Ok(Command::Poke(poke)) = super::MODEL.language.parse(&drop) else { panic!("{drop}") };
            while cluster.apply(&poke).is_err() {
                assert!(cluster.now() < Time::ZERO + Span::s(2) && cluster.step().is_some(), "{drop}");
            }
            act(&mut *cluster, &["run 3s", "c1 write x 2", "run 400ms", "c2 read x", "run 200ms"]);
            let story = story(&*cluster);
            assert_eq!(
                (int(&*cluster, "leaders"), int(&*cluster, "divergent_keys"), int(&*cluster, "reads_ok")),
                (1, 0, 1),
                "{drop}\n{story}"
            );
            assert_eq!(int(&*cluster, "acked"), 2, "{drop}\n{story}");
        }
    }
}

const AP: [(&str, &str); 5] =
    [("fencing", "epochs"), ("election", "alone"), ("rejoin", "merge"), ("merge", "keep-both"), ("reads", "nearest")];
const BOTH_SIDES: [&str; 6] = ["cut n1 c1 | n2 n3 c2", "run 1500ms", "c1 write x 8", "c2 write x 9", "run 1s", "heal"];

/// What a rejoining server hands over is acknowledged data: no lost message and no crash on the way destroys it.
#[test]
fn what_is_to_be_merged_survives_every_single_loss() {
    let settings = [&AP[..], &[STEADY]].concat();
    let mut whole = run(&settings, &BOTH_SIDES);
    let healed = whole.now();
    act(&mut *whole, &["run 300ms"]);
    let mut all = Vec::new();
    whole.happenings(healed, &mut all);
    let data = |what: &What| match what {
        What::Arrived { id, kind, .. } if matches!(kind.sign, Sign::Data | Sign::Ack) => Some(*id),
        _ => None,
    };
    let legs: Vec<_> = all.iter().filter_map(|h| data(&h.what)).collect();
    assert!(legs.len() > 3, "{legs:?}");
    let kept = |cluster: &mut dyn Cluster, what: &str| {
        act(cluster, &["run 3s"]);
        let story = story(cluster);
        assert_eq!((int(cluster, "acked_lost"), int(cluster, "divergent_keys"), int(cluster, "acked")), (0, 0, 2), "{what}\n{story}");
    };
    for id in legs {
        let mut cluster = run(&settings, &BOTH_SIDES);
        let drop = format!("drop {id}");
        let Ok(Command::Poke(poke)) = super::MODEL.language.parse(&drop) else { panic!("{drop}") };
        while cluster.apply(&poke).is_err() {
            assert!(cluster.now().since(healed) < Span::s(1) && cluster.step().is_some(), "{drop}");
        }
        kept(&mut *cluster, &drop);
    }
    for moment in (5..120).step_by(5) {
        for node in ["n1", "n2", "n3"] {
            let mut cluster = run(&settings, &BOTH_SIDES);
            act(&mut *cluster, &[&format!("run {moment}ms"), &format!("crash {node}"), "run 1s", &format!("restart {node}")]);
            kept(&mut *cluster, &format!("crash {node} after {moment} ms"));
        }
    }
}

/// Who is stranded helps nobody to lead: a majority that counts on it is none.
#[test]
fn who_is_stranded_votes_for_nobody() {
    let settings = [("rejoin", "refuse"), ("replication", "async"), STEADY];
    let part = ["run 100ms", "cut n1 c1 | n2 n3 c2", "c1 write x 8", "run 1500ms", "c2 write x 9", "run 200ms", "heal", "run 500ms"];
    let mut cluster = run(&settings, &part);
    assert_eq!(int(&*cluster, "stranded"), 1, "{}", story(&*cluster));
    act(&mut *cluster, &["crash n2", "run 2s"]);
    assert_eq!(int(&*cluster, "leaders"), 0, "{}", story(&*cluster));
    act(&mut *cluster, &["restart n2", "run 2s"]);
    assert_eq!((int(&*cluster, "leaders"), int(&*cluster, "stranded")), (1, 1), "{}", story(&*cluster));
}

/// However fast or slow a leader's clock runs, its lease ends, and time goes on.
#[test]
fn a_lease_ends_by_every_clock() {
    for ppm in ["+50000ppm", "+333333ppm", "-333333ppm", "+1ppm", "-1ppm", "-900000ppm"] {
        let cluster = run(&cp(&[]), &[&format!("drift n1 {ppm}"), "run 100ms", "cut n1 | n2 n3", "run 4s"]);
        assert_eq!(int(&*cluster, "leaders"), 1, "{ppm}\n{}", story(&*cluster));
    }
}

/// A clock that is set back makes nobody wait for as long as it was set back.
#[test]
fn a_step_of_the_clock_costs_one_timeout() {
    for skews in [["skew n2 -10s", "skew n3 -10s"], ["skew n2 +10s", "skew n2 0s"], ["skew n1 +5s", "skew n3 -4s"]] {
        let cluster = run(&cp(&[]), &["run 11s", skews[0], skews[1], "crash n1", "run 3s"]);
        assert_eq!(int(&*cluster, "leaders"), 1, "{skews:?}\n{}", story(&*cluster));
    }
}

/// A client that waits for its position is not answered by a leader that never had it.
#[test]
fn a_position_binds_a_replaced_leader_too() {
    for seed in 0..20 {
        let settings = [("replication", "majority"), ("reads", "wait-for-position")];
        let asks = ["c1 write y 1", "run 100ms", "c1 read y", "c1 read y", "run 100ms", "c1 read y", "run 3s"];
        let cluster = run_seed(&settings, &[&["cut n1 | n2 n3", "run 600ms"][..], &asks].concat(), seed);
        assert_eq!(int(&*cluster, "stale_reads"), 0, "seed {seed}\n{}", story(&*cluster));
        assert_eq!(broken(&*cluster), [], "seed {seed}\n{}", story(&*cluster));
    }
}

/// A vote that comes late may make somebody the leader of an epoch that is over: it serves nobody and steps down.
#[test]
fn who_is_elected_too_late_serves_nobody() {
    let late = ["cut n1 | n2 n3", "run 100ms", "latency n3 -> n2 const(500ms)", "run 100ms", "heal", "run 500ms", "c2 write x 1"];
    let mut elected_late = 0;
    for seed in 0..20 {
        let mut cluster = run_seed(&CP, &late, seed);
        act(
            &mut *cluster,
            &["run 400ms", "c1 write x 2 to n2", "c2 read x from n2", "latency n3 -> n2 const(10ms)", "run 2s", "c1 read x", "run 300ms"],
        );
        assert_eq!((int(&*cluster, "acked_lost"), int(&*cluster, "leaders"), broken(&*cluster)), (0, 1, vec![]), "{}", story(&*cluster));
        elected_late += usize::from(story(&*cluster).contains("n2 is the leader of epoch 2"));
    }
    assert!(elected_late > 0);
}

/// A server that forgot what it promised leads an epoch again, and logs differ: that is what a wipe does, no fault of the program.
#[test]
fn a_wiped_disk_ends_no_run() {
    for seed in 0..10 {
        for settings in [&AP[..], &CP[..], &[("fsync", "lazy")]] {
            let mut cluster = run_seed(settings, &["crash n1 wiping disk", "restart n1", "run 400ms", "c1 write x 1", "run 400ms"], seed);
            act(&mut *cluster, &["crash n2 wiping disk", "crash n3 losing unsynced", "restart n2", "restart n3", "c2 write x 2", "run 3s"]);
        }
    }
}

/// Every design starts, and no invariant is broken by the pokes that a newcomer tries first.
#[test]
fn the_designs_stand_a_rough_newcomer() {
    let pokes = [
        "run 300ms",
        "pause n1",
        "run 600ms",
        "resume n1",
        "run 300ms",
        "crash n2",
        "cut n1 | n3",
        "run 900ms",
        "heal",
        "restart n2",
        "skew n3 +2s",
        "run 900ms",
        "crash n1 wiping disk",
        "run 600ms",
        "restart n1",
        "set replication sync",
        "run 900ms",
        "set fencing lease",
        "run 900ms",
        "promote n3",
        "run 900ms",
        "set failover manual",
        "crash n3 losing unsynced",
        "run 900ms",
    ];
    for replication in ["async", "semi-sync", "sync", "majority"] {
        for fencing in ["off", "epochs", "lease"] {
            for rejoin in ["discard", "merge", "refuse"] {
                for election in ["majority", "alone"] {
                    let settings =
                        [("replication", replication), ("fencing", fencing), ("rejoin", rejoin), ("election", election), ("fsync", "lazy")];
                    for settings in [&settings[..4], &settings[..]] {
                        let mut cluster = (MODEL.start)(&scenario(settings, 3)).unwrap();
                        act(&mut *cluster, &["workload c1 30/s read:write 1:1 keys uniform(3)", "workload c2 30/s read:write 1:1 keys x"]);
                        let possible = |text: &&str| *text != "promote n3";
                        act(&mut *cluster, &pokes.iter().copied().filter(possible).collect::<Vec<_>>());
                    }
                }
            }
        }
    }
}
