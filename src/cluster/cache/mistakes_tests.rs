//! Classic mistakes of whoever builds this, each tried: what would happen with it must not happen here.

use crate::check::verdict::Holds;
use crate::sim::time::Span;

use super::bench::*;
use super::{CACHE, DATABASE};

const A_WHILE: Span = Span::ms(20);

/// Only a hit makes an entry young in the order of eviction; neither a miss nor a look at the picture does.
#[test]
fn looking_changes_nothing() {
    let mut run = trial(&[("slots", "2")], &["c1 get a"]);
    run.run(A_WHILE);
    run.act("c1 get b");
    run.run(A_WHILE);
    let (before, next) = (run.cluster.fingerprint(), run.text("next_out"));
    let mut scene = crate::cluster::scene::Scene::default();
    run.cluster.scene(run.cluster.now(), &mut scene);
    assert_eq!((run.cluster.fingerprint(), run.text("next_out").as_str(), next.as_str()), (before, "a", "a"));
    run.act("c1 get c");
    run.run(Span::ms(2));
    assert_eq!(run.text("next_out"), "a", "a miss alone moves nothing");
    run.run(A_WHILE);
    assert_eq!(run.text("next_out"), "b");
}

#[test]
fn overwriting_a_key_of_a_full_cache_evicts_nobody() {
    for pattern in ["write-through", "write-back"] {
        let mut run = trial(&[("pattern", pattern), ("slots", "2")], &["c1 put a 1", "c2 put b 1"]);
        run.run(A_WHILE);
        run.all(&["c1 put a 2", "c2 put b 2"]);
        run.run(A_WHILE);
        assert!(run.is("entries", 2.0) && run.is("evicted", 0.0), "{pattern}");
    }
}

/// A TTL counts from the fill: not from the request before it, and not from the last read.
#[test]
fn a_ttl_begins_with_the_fill_and_not_again_with_a_read() {
    let reads = |counts| {
        let mut run = trial(&[("ttl", "1s"), ("ttl-counts", counts)], &["c1 get price"]);
        run.run(Span::ms(500));
        let told: Vec<String> = (0..5).map(|_| run.ask("c1 get price", Span::ms(700))).collect();
        told.iter().filter(|told| told.contains("miss")).count()
    };
    assert_eq!([reads("fill"), reads("use")], [2, 0]);
    let mut run = trial(&[("ttl", "1s"), ("db-time", "const(900ms)")], &["c1 get price"]);
    run.run(Span::ms(1500));
    assert_eq!(run.ask("c1 get price", A_WHILE), "initial, hit");
}

/// What has expired takes no slot from what has not.
#[test]
fn the_expired_go_before_the_living() {
    let mut run = trial(&[("ttl", "1s"), ("slots", "2")], &["c1 get a"]);
    run.run(Span::ms(900));
    run.act("c1 get b");
    run.run(Span::ms(200));
    run.act("c1 get c");
    run.run(A_WHILE);
    assert!(run.is("evicted", 0.0) && run.is("expired", 1.0) && run.is("entries", 2.0));
}

/// A read after a write must not wait for a load that began before it.
#[test]
fn nobody_joins_a_load_across_a_delete() {
    for (pattern, flight) in [("read-through", "node"), ("cache-aside", "shared"), ("cache-aside", "node")] {
        let settings = [("pattern", pattern), ("single-flight", flight), ("guard", "lease"), ("db-time", "const(10ms)")];
        let mut run = trial(&settings, &["c1 get price"]);
        let held = hold(&mut run, DATABASE, "initial");
        assert_eq!(run.ask("c1 put price 12", Span::ms(30)), "ok", "{pattern} {flight}");
        assert_eq!(run.ask("c1 get price", Span::ms(50)), "12, miss", "{pattern} {flight}");
        run.act(&format!("release {held}"));
        run.run(A_WHILE);
        assert_eq!(run.ask("c2 get price", A_WHILE), "12, hit", "{pattern} {flight}");
        assert!(run.is("stale_reads", 0.0), "{pattern} {flight}");
    }
}

/// Whoever loads for all may die: the next one loads when its turn is over.
#[test]
fn the_death_of_the_first_loader_does_not_stop_the_others() {
    let settings = [("single-flight", "shared"), ("db-time", "const(100ms)"), ("db-timeout", "500ms"), ("cache-timeout", "200ms")];
    let mut run = trial(&settings, &["c1 get price"]);
    run.run(Span::ms(10));
    run.act("crash app1");
    let told = run.ask("c2 get price", Span::s(1));
    assert_eq!(told, "initial, miss");
    assert!(run.is("loads_now", 0.0) && run.is("loads", 2.0));
}

/// A flush that comes late is older than what the database has by then.
#[test]
fn a_held_flush_does_not_bring_the_old_value_back() {
    let settings = [("pattern", "write-back"), ("flush", "100ms"), ("db-timeout", "200ms")];
    let mut run = trial(&settings, &["c1 put price 1"]);
    let held = hold(&mut run, CACHE, "price=1");
    assert_eq!(run.ask("c1 put price 2", Span::ms(600)), "ok");
    assert!(run.is("dirty", 0.0));
    run.act(&format!("release {held}"));
    run.run(A_WHILE);
    run.act("c1 invalidate price");
    run.run(A_WHILE);
    assert_eq!(run.ask("c1 get price", A_WHILE), "2, miss");
}

/// With every slot dirty the next write waits for the database, and nothing dirty goes.
#[test]
fn a_dirty_entry_is_not_evicted() {
    let mut run = trial(&[("pattern", "write-back"), ("slots", "3"), ("flush", "10s")], &[]);
    for write in 0..5 {
        assert_eq!(run.ask(&format!("c1 put k{write} {write}"), A_WHILE), "ok");
    }
    run.act("crash cache");
    run.run(A_WHILE);
    assert!(run.fact("lost_writes") >= 1.0 && run.fact("lost_writes") <= 3.0);
    let mut kept = trial(&[("pattern", "write-back"), ("slots", "3"), ("flush", "10s")], &[]);
    for write in 0..5 {
        kept.act(&format!("c1 put k{write} {write}"));
        kept.run(A_WHILE);
    }
    kept.act("flush");
    kept.run(A_WHILE);
    assert!(kept.is("dirty", 0.0) && kept.is("lost_writes", 0.0));
}

/// A cache that starts anew must order its writes after those of its life before.
#[test]
fn a_new_life_of_the_cache_writes_after_the_old_one() {
    let mut run = trial(&[("pattern", "write-through")], &["c1 put price 1"]);
    run.run(A_WHILE);
    run.all(&["c1 put price 2"]);
    run.run(A_WHILE);
    run.all(&["crash cache", "restart cache"]);
    run.run(A_WHILE);
    assert_eq!(run.ask("c1 put price 3", A_WHILE), "ok");
    assert_eq!(run.ask("c2 get price", A_WHILE), "3, hit");
    run.act("empty");
    assert_eq!(run.ask("c2 get price", A_WHILE), "3, miss");
}

/// Two writers reach database and cache in opposite order: wrong for good, unless versions are compared.
#[test]
fn two_updates_cross_on_their_way_to_the_cache() {
    for (guard, stale) in [("none", true), ("version", false)] {
        let mut run = trial(&[("on-write", "update"), ("guard", guard)], &["latency app1 -> cache const(50ms)", "c1 put price 1"]);
        run.run(Span::ms(10));
        run.act("c2 put price 2");
        run.run(Span::ms(200));
        assert!(run.is("differs", f64::from(u8::from(stale))), "{guard}");
        assert_eq!(run.holds("convergent"), if stale { Holds::No } else { Holds::Yes }, "{guard}");
    }
}

/// The application dies between its two steps: only the database's log still knows of the delete.
#[test]
fn the_log_deletes_what_a_dead_application_cannot() {
    for (deletes, stale) in [("app", true), ("both", false), ("log", false)] {
        let mut run = trial(&[("deletes", deletes)], &["c2 get price"]);
        run.run(A_WHILE);
        run.act("c1 put price 12");
        run.run(Span::us(1400));
        run.act("crash app1");
        run.run(Span::s(1));
        assert!(run.is("differs", f64::from(u8::from(stale))), "{deletes}");
    }
}
