//! What the cluster does, pattern by pattern, and the counts of the published traces through it.

use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

use super::bench::*;

const A_WHILE: Span = Span::ms(20);
const PATTERNS: [&str; 5] = ["cache-aside", "read-through", "write-through", "write-back", "write-around"];

#[test]
fn a_miss_takes_five_milliseconds_and_a_hit_one() {
    let mut run = trial(&[], &["c1 get price"]);
    run.run(Span::us(4999));
    assert!(run.is("open", 1.0));
    run.run(Span::us(1));
    assert_eq!(crate::cluster::told::Outcome::Ok("initial, miss".into()), run.last().outcome);
    run.act("c2 get price");
    run.run(Span::ms(1));
    assert_eq!(crate::cluster::told::Outcome::Ok("initial, hit".into()), run.last().outcome);
    assert!(run.is("hits", 1.0) && run.is("misses", 1.0) && run.is("hit_rate", 0.5) && run.is("read_ms_max", 5.0));
}

/// One after the other, everybody sees every write, whatever the pattern; only a write around the cache leaves the old value in it.
#[test]
fn every_pattern_serves_one_after_the_other() {
    for pattern in PATTERNS {
        for on_write in ["delete-after", "delete-before", "update"] {
            let mut run = trial(&[("pattern", pattern), ("on-write", on_write)], &[]);
            let name = format!("{pattern}, {on_write}");
            assert_eq!(run.ask("c1 get price", A_WHILE), "initial, miss", "{name}");
            assert_eq!(run.ask("c2 put price 12", A_WHILE), "ok", "{name}");
            let got = run.ask("c1 get price", A_WHILE);
            assert_eq!(got.starts_with("12"), pattern != "write-around", "{name}: {got}");
            run.run(Span::s(3));
            let around = f64::from(u8::from(pattern == "write-around"));
            assert!(run.is("differs", around) && run.is("stale_reads", around), "{name}");
            assert!(run.is("dirty", 0.0) && run.is("lost_writes", 0.0) && run.is("db_writes", 1.0), "{name}");
            assert_eq!(run.holds("fresh") == Holds::No, pattern == "write-around", "{name}");
        }
    }
}

/// Nishtala et al. 2013, section 3.2.1: a reader that missed is late, and fills the cache with what was replaced meanwhile.
fn late_fill(guard: &str) -> Trial {
    let mut run = trial(&[("guard", guard)], &["c1 get price"]);
    run.run(Span::ms(2));
    run.act("pause app1");
    assert_eq!(run.ask("c2 put price 12", A_WHILE), "ok");
    run.act("resume app1");
    run.run(A_WHILE);
    run
}

#[test]
fn a_late_reader_fills_the_cache_for_good_unless_a_lease_or_a_version_stops_it() {
    for (guard, stale) in [("none", true), ("lease", false), ("version", false)] {
        let mut run = late_fill(guard);
        let got = run.ask("c2 get price", A_WHILE);
        assert_eq!(got, if stale { "initial, hit" } else { "12, miss" }, "{guard}");
        let wrong = f64::from(u8::from(stale));
        assert!(run.is("differs", wrong) && run.is("late_fills", wrong) && run.is("stale_reads", wrong), "{guard}");
        assert!(run.is("fills_refused", 1.0 - wrong), "{guard}");
        assert_eq!([run.holds("fresh"), run.holds("convergent")].contains(&Holds::No), stale, "{guard}");
    }
}

#[test]
fn a_ttl_ends_what_no_guard_prevented() {
    let mut run = late_fill("none");
    run.act("c1 invalidate price");
    run.run(A_WHILE);
    run.act("set ttl 30s");
    assert_eq!(run.ask("c1 get price", A_WHILE), "12, miss");
    run.act("c2 import price 13");
    run.run(Span::s(29));
    assert_eq!(run.ask("c1 get price", A_WHILE), "12, hit");
    run.run(Span::s(1));
    assert_eq!(run.ask("c1 get price", A_WHILE), "13, miss");
    assert!(run.fact("staleness_max_ms") > 28_000.0 && run.is("expired", 1.0));
    assert_eq!(run.holds("bounded_staleness"), Holds::Yes);
}

#[test]
fn a_write_back_cache_that_dies_loses_what_is_dirty_and_a_write_through_cache_loses_nothing() {
    for (pattern, lost) in [("write-back", 1.0), ("write-through", 0.0)] {
        let mut run = trial(&[("pattern", pattern)], &[]);
        assert_eq!(run.ask("c1 put price 12", A_WHILE), "ok");
        run.all(&["crash cache", "restart cache"]);
        run.run(A_WHILE);
        assert!(run.is("lost_writes", lost), "{pattern}");
        assert_eq!(run.holds("durable") == Holds::No, lost > 0.0, "{pattern}");
    }
}

/// Loads at once, the longest wait, hits after their end: 200 reads a second of one key whose load takes half a second.
#[test]
fn a_stampede_and_its_cures() {
    let of = |cure: &[(&str, &str)]| {
        let settings = [&[("db-time", "const(500ms)"), ("ttl", "5s")], cure].concat();
        let mut run = trial(&settings, &["warm 1", "workload c1 100/s get keys k0", "workload c2 100/s get keys k0"]);
        run.run(Span::s(7));
        (run.fact("loads_at_once"), run.fact("read_ms_max"), run.fact("stale_served"))
    };
    let (loads, longest, late) = of(&[]);
    assert!((80.0..120.0).contains(&loads) && (500.0..510.0).contains(&longest) && late < 1.0, "{loads} {longest}");
    let (loads, ..) = of(&[("single-flight", "node")]);
    assert!((loads - 2.0).abs() < 1e-9, "one in each application: {loads}");
    let (loads, longest, _) = of(&[("single-flight", "shared")]);
    assert!((loads - 1.0).abs() < 1e-9 && longest > 490.0, "{loads} {longest}");
    let (loads, longest, late) = of(&[("early-refresh", "1s")]);
    assert!((loads - 1.0).abs() < 1e-9 && longest < 2.0 && late < 1.0, "{loads} {longest}");
    let (loads, longest, late) = of(&[("stale-for", "2s")]);
    assert!((loads - 1.0).abs() < 1e-9 && longest < 2.0 && late > 50.0, "{loads} {longest}");
}

#[test]
fn what_came_in_at_once_expires_at_once_unless_it_jitters() {
    let most = |jitter| {
        let settings = [("slots", "1000"), ("ttl", "10s"), ("ttl-jitter", jitter)];
        let mut run = trial(&settings, &["warm 1000", "workload c1 500/s get keys uniform(1000)"]);
        run.run(Span::s(8));
        assert!(run.is("db_per_second_max", 0.0), "{jitter}");
        run.run(Span::ms(4500));
        run.fact("db_per_second_max")
    };
    let (at_once, spread) = (most("0"), most("0.2"));
    assert!(at_once > 300.0 && spread < at_once * 0.6, "{at_once} {spread}");
}

/// The published counts, by way of messages: the order and the number of the looks are those of the trace.
#[test]
fn beladys_trace_hits_as_published_through_the_cluster() {
    for (policy, faults) in [("fifo", [9, 10]), ("lru", [10, 8]), ("belady", [7, 6])] {
        for (slots, faults) in ["3", "4"].into_iter().zip(faults) {
            let mut run = trial(&[("policy", policy), ("slots", slots)], &[]);
            let told = run.ask("c1 play tape 12", Span::s(1));
            assert_eq!(told, format!("{} of 12 hit", 12 - faults), "{policy} {slots}");
            assert!(run.is("played_misses.c1", f64::from(faults)) && run.is("db_reads", f64::from(faults)));
            assert!(run.is(&format!("policy_hits.{policy}"), f64::from(12 - faults)), "{policy} {slots}");
        }
    }
}

/// A play in two parts goes on where it was, and the optimum of one play beats every rule.
#[test]
fn a_trace_goes_on_and_no_rule_beats_the_optimum() {
    let mut run = trial(&[("slots", "20"), ("titles", "200")], &[]);
    let told = run.ask("c1 play steady 1500", Span::s(60));
    assert!(told.contains("of 1500 hit"), "{told}");
    let best = run.fact("policy_hits.belady");
    for policy in ["lru", "fifo", "lfu", "random", "clock", "2q", "arc", "sieve", "s3-fifo"] {
        assert!(run.fact(&format!("policy_hits.{policy}")) <= best, "{policy}");
    }
    assert!(run.is("policy_hits.lru", run.fact("hits")), "its own shadow sees what it sees");
    run.all(&["c1 play loop 100", "c2 play scan 30"]);
    run.run(Span::s(5));
    run.act("c1 play loop 40");
    run.run(Span::s(5));
    assert!(run.is("scanned", 30.0) && run.is("played_misses.c1", 40.0));
}

#[test]
fn a_change_of_policy_keeps_what_is_held() {
    let mut run = trial(&[("slots", "4")], &["c1 play loop 4"]);
    run.run(Span::s(1));
    run.all(&["set policy sieve", "set slots 6"]);
    assert!(run.is("entries", 4.0));
    run.act("set slots 2");
    assert!(run.is("entries", 2.0) && run.is("evicted", 2.0));
}

/// Two applications with a cache each: the other's stays as it is, unless it is told.
#[test]
fn a_second_local_cache_is_not_told_of_a_write() {
    for (told, stale) in [("off", true), ("on", false)] {
        for caches in ["local", "both"] {
            let mut run = trial(&[("caches", caches), ("tell-others", told)], &["c1 get price", "c2 get price"]);
            run.run(A_WHILE);
            assert_eq!(run.ask("c1 put price 12", A_WHILE), "ok");
            let seen = run.ask("c2 get price", A_WHILE);
            assert_eq!(seen == "initial, hit", stale, "{caches}, told {told}: {seen}");
            assert!(run.ask("c1 get price", A_WHILE).starts_with("12"), "{caches}");
            assert!(run.is("differs_at_apps", f64::from(u8::from(stale))), "{caches}");
        }
    }
}

/// The database at 60 % of its limit behind a cache that hits nearly always; a restart of the cache is more than it can take.
#[test]
fn a_cold_start_is_more_than_the_database_can_take() {
    let settings = [("slots", "1000"), ("db-workers", "1"), ("db-time", "const(10ms)"), ("db-line", "50"), ("db-timeout", "400ms")];
    let mut run = trial(&settings, &["warm 1000", "workload c1 500/s get keys uniform(1000)", "workload c2 500/s get keys uniform(1000)"]);
    run.run(Span::s(2));
    assert!(run.is("db_share", 0.0) && run.fact("hit_rate_100") > 0.99);
    run.act("empty");
    run.run(Span::s(1));
    assert!(run.fact("db_share") > 5.0 && run.fact("db_refused") > 100.0, "{}", run.fact("db_share"));
}
