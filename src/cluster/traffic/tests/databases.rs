//! Replicas, shards and a cache behind the servers.

use super::super::MODEL;
use super::*;
use crate::cluster::kit::trial::Trial;

/// One worker of a database does a thousand queries a second here; servers are no limit.
fn shop(mix: &str, rate: u32, more: &[(&str, &str)]) -> Trial {
    let settings = [
        ("database", "on"),
        ("db-service", "exp(1ms)"),
        ("db-workers", "1"),
        ("service", "const(0s)"),
        ("check", "none"),
        ("db-queue", "50"),
    ];
    let load = format!("workload c1 {rate}/s view:order {mix} keys uniform(1000)");
    let mut shop = Trial::new(&MODEL, &[&settings, more].concat(), &[&load]);
    shop.run(Span::s(5));
    shop
}

/// Every copy does every write and its part of the reads: with a share f of writes, n copies do 1 / (f + (1 - f) / n) times as much.
#[test]
fn replicas_multiply_reads_and_no_writes() {
    for (mix, f, replicas, n) in [("95:5", 0.05, "2", 3.0), ("50:50", 0.5, "2", 3.0), ("50:50", 0.5, "8", 9.0)] {
        let most = 1000.0 / (f + (1.0 - f) / n);
        let busy = shop(mix, (0.7 * most) as u32, &[("replicas", replicas)]);
        for db in ["db", "db-r1"] {
            let found = busy.fact(&format!("db_busy.{db}"));
            assert!((found - 0.7).abs() < 0.08, "{mix} with {replicas}: {db} is {found} busy");
        }
    }
}

#[test]
fn shards_multiply_both_unless_a_view_asks_all_of_them() {
    let busy = |scatter| {
        let shop = shop("50:50", 2000, &[("shards", "4"), ("scatter", scatter)]);
        (1..=4).map(|n| shop.fact(&format!("db_busy.db{}", if n == 1 { String::new() } else { n.to_string() }))).sum::<f64>() / 4.0
    };
    let (own, all) = (busy("0"), busy("1"));
    // Of 500 a shard half are reads, and a read of all is four.
    assert!((own - 0.5).abs() < 0.06 && all > 0.95, "{own} {all}");
}

#[test]
fn a_cache_takes_reads_and_no_writes_and_starts_cold() {
    let mut cached = shop("95:5", 1500, &[("cache", "0.9"), ("cache-service", "const(100us)")]);
    cached.run(Span::s(5));
    let reads = cached.fact("reads_per_s.db");
    let hits = cached.fact("cache_hit_share");
    // A write throws out what its visitor had there, which is then missed once.
    assert!((0.8..0.9).contains(&hits) && (reads - 1425.0 * (1.0 - hits)).abs() < 40.0, "{reads} {hits}");
    assert!((cached.fact("writes_per_s.db") - 75.0).abs() < 30.0);
    assert!(cached.fact("goodput_per_s") > 1400.0);
    cached.all(&["crash cache", "restart cache"]);
    cached.run(Span::ms(500));
    assert!(cached.fact("reads_per_s.db") > 2.0 * reads, "all reads go to the database: {}", cached.fact("reads_per_s.db"));
}

#[test]
fn a_replica_is_behind_when_it_has_more_to_repeat_than_it_can() {
    let calm = shop("50:50", 400, &[("replicas", "1")]);
    assert!(calm.fact("lag_ms_max") < 50.0);
    let mut slow = shop("0:100", 500, &[("replicas", "1")]);
    slow.act("slow db-r1 3x");
    slow.run(Span::s(6));
    let lag = slow.fact("lag_ms.db-r1");
    // 500 a second come, and it repeats 333.
    assert!((1500.0..2600.0).contains(&lag), "{lag}");
    slow.act("workload c1 off");
    slow.run(Span::s(6));
    assert!(slow.is("lag_ms_max", 0.0), "{}", slow.fact("lag_ms_max"));
}

#[test]
fn a_visitor_who_reads_a_replica_that_is_behind_is_told_something_old() {
    let stale = |reads| {
        let mut shop = shop("50:50", 400, &[("replicas", "1"), ("reads", reads)]);
        shop.act("latency db -> db-r1 const(2s)");
        shop.run(Span::s(8));
        shop.fact("stale_reads")
    };
    assert!(stale("replicas") > 30.0 && stale("leader").abs() < 0.5, "{} {}", stale("replicas"), stale("leader"));
}

#[test]
fn a_replica_that_missed_writes_is_given_all_of_them() {
    let mut shop = shop("0:100", 200, &[("replicas", "1")]);
    for does in ["cut db | db-r1", "heal all"] {
        shop.act(does);
        shop.run(Span::s(3));
    }
    shop.act("workload c1 off");
    shop.run(Span::s(3));
    assert!(shop.is("lag_ms_max", 0.0));
    for does in ["crash db-r1", "workload c1 200/s order keys uniform(1000)", "restart db-r1", "workload c1 off"] {
        shop.act(does);
        shop.run(Span::s(2));
    }
    assert!(shop.is("lag_ms_max", 0.0));
    shop.act("set replicas 2");
    shop.run(Span::s(3));
    assert_eq!(shop.ask("c1 view k1", Span::s(1)), "ok");
    assert!(shop.is("lag_ms.db-r2", 0.0) && shop.is("stale_reads", 0.0));
}

/// Dean and Barroso 2013: of n parts, each of which is slow once in a hundred times, one is in 1 - 0.99^n of all pages.
#[test]
fn a_page_of_many_queries_waits_for_the_slowest() {
    let settings =
        [("db-service", "mix(0.99 const(1ms), 0.01 const(100ms))"), ("db-workers", "1000"), ("queries", "50"), ("balancing", "random")];
    let slow = shop("1:0", 80, &[&settings[..], &[("try-timeout", "5s"), ("timeout", "5s")]].concat());
    // 39.5 % of the pages are slow, so that the median is fast and the third quarter is not.
    assert!(slow.fact("p50_ms") < 5.0 && slow.fact("p95_ms") > 100.0);
    assert!((slow.fact("response_ms_mean") / (2.0 + 100.0 * 0.395) - 1.0).abs() < 0.35, "{}", slow.fact("response_ms_mean"));
}

#[test]
fn an_order_that_nobody_answers_may_have_been_carried_out() {
    let mut shop = shop("1:0", 1, &[("timeout", "300ms"), ("try-timeout", "200ms")]);
    shop.all(&[
        "workload c1 off",
        "latency lb | app1 const(1s)",
        "latency lb | app2 const(1s)",
        "latency lb | app3 const(1s)",
        "latency lb | app4 const(1s)",
    ]);
    let told = shop.ask("c1 order anna", Span::s(3));
    assert!(told.contains("did not answer in time"), "{told}");
    assert_eq!(shop.last().outcome.short(), "unknown");
    assert_eq!(shop.ask("c1 view anna", Span::s(3)), "the server did not answer in time");
    assert_ne!(shop.last().outcome.short(), "unknown");
}

/// A leader that has lost its disk numbers its writes from 1 again: its replica takes them for what they are, not for those it has.
#[test]
fn a_replica_follows_a_leader_that_has_lost_its_disk() {
    let order = |draws: &mut Stream, _| Visit { visitor: format!("v{}", draws.below(5)).into(), order: true };
    let rows = |run: &Bench, copy: usize| run.sim.node(run.sim.settings().roster().copies(0)[copy]).store().current().clone();
    let mut run = bench(2, &[("database", "on"), ("replicas", "1")]);
    run.sim.set_load(USERS, Some(Load { arrivals: Arrivals::Poisson(50.0), pick: Arc::new(order) }));
    let run = run.run(Span::s(10)).poke(|sim| sim.crash(DATABASE, Crash::WipeDisk)).poke(|sim| sim.restart(DATABASE));
    let run = run.run(Span::s(2)).stop();
    let (leader, replica) = (rows(&run, 0), rows(&run, 1));
    assert!((50..200).contains(&leader.number), "{leader:?}");
    assert_eq!(format!("{leader:?}"), format!("{replica:?}"));
}

/// Who has lost everything has nothing to answer with until it has been given the rows of its leader.
#[test]
fn a_replica_without_its_disk_answers_nothing_before_it_has_its_copy() {
    let settings = [("replicas", "1"), ("reads", "replicas"), ("timeout", "500ms"), ("try-timeout", "200ms")];
    let mut shop = shop("0:100", 100, &settings);
    shop.all(&["workload c1 off", "cut db | db-r1", "crash db-r1 wiping disk", "restart db-r1"]);
    assert_ne!(shop.ask("c1 view k1", Span::s(2)), "ok");
    shop.act("heal all");
    shop.run(Span::s(2));
    assert_eq!(shop.ask("c1 view k1", Span::s(2)), "ok");
    assert!(shop.is("stale_reads", 0.0));
}
