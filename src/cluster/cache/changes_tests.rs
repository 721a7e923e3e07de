//! What is set while it runs, what is late, and who does not know: an acknowledged write stays, and no copy stays old unguarded.

use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::bench::*;
use super::{CACHE, name};

const A_WHILE: Span = Span::ms(20);
const APP1: NodeId = NodeId::server(2);

fn refused(run: &mut Trial, poke: &str) -> String {
    run.tries(poke).expect_err(poke).0
}

/// What is dirty is older than what applications write past the cache from then on.
#[test]
fn a_pattern_does_not_change_over_dirty_entries() {
    let mut run = trial(&[("pattern", "write-back"), ("flush", "10s")], &["c1 put x 1"]);
    run.run(A_WHILE);
    for poke in ["set pattern cache-aside", "set pattern write-through", "set pattern write-around", "set caches local"] {
        let why = refused(&mut run, poke);
        assert!(why.contains("1 entry of the cache is not in the database yet") && why.contains("`flush` first"), "{poke}: {why}");
    }
    assert!(refused(&mut run, "set caches local").starts_with("`caches`"));
    run.act("set caches both");
    run.act("flush");
    run.run(A_WHILE);
    run.act("set pattern write-through");
    assert_eq!(run.ask("c1 put x 2", A_WHILE), "ok");
    run.all(&["crash cache", "restart cache"]);
    run.run(A_WHILE);
    assert!(run.is("lost_writes", 0.0));
    assert_eq!(run.ask("c2 get x", A_WHILE), "2, miss");
}

/// A write that was on its way to a write-back cache is one of the pattern that it finds.
#[test]
fn a_write_under_way_goes_by_the_pattern_that_it_finds() {
    for pattern in ["cache-aside", "write-through", "write-around"] {
        let mut run = trial(&[("pattern", "write-back"), ("flush", "10s")], &["c1 put x 1", &format!("set pattern {pattern}")]);
        run.run(A_WHILE);
        assert!(run.is("dirty", 0.0) && run.is("db_writes", 1.0), "{pattern}");
        assert_eq!(run.ask("c2 put x 2", A_WHILE), "ok");
        run.all(&["crash cache", "restart cache"]);
        run.run(A_WHILE);
        assert_eq!((run.ask("c1 get x", A_WHILE).as_str(), run.is("lost_writes", 0.0)), ("2, miss", true), "{pattern}");
    }
}

#[test]
fn a_look_that_is_late_does_not_bring_an_own_cache_what_its_application_replaced() {
    for guard in ["lease", "version"] {
        let settings = [("caches", "both"), ("guard", guard), ("cache-timeout", "10s"), ("tell-others", "on")];
        let mut run = trial(&settings, &["c2 get y"]);
        run.run(A_WHILE);
        run.act("c1 get y");
        let held = hold(&mut run, CACHE, "y=initial");
        assert_eq!(run.ask("c1 put y 1", A_WHILE), "ok");
        run.act(&format!("release {held}"));
        run.run(A_WHILE);
        assert_eq!(run.ask("c1 get y", A_WHILE), "1, miss", "{guard}");
        assert!(run.is("differs_at_apps", 0.0), "{guard}");
        assert_eq!(run.holds("read_your_writes"), Holds::Yes, "{guard}");
    }
}

/// Of two answers that overtake each other the older one stays out of an application's own cache.
#[test]
fn under_versions_an_own_cache_does_not_grow_older() {
    let settings = [("caches", "both"), ("guard", "version"), ("cache-timeout", "10s"), ("tell-others", "on")];
    let mut run = trial(&settings, &["c2 get y"]);
    run.run(A_WHILE);
    run.act("c1 get y");
    let held = hold(&mut run, CACHE, "y=initial");
    assert_eq!(run.ask("c2 put y 1", A_WHILE), "ok");
    assert_eq!(run.ask("c1 get y", A_WHILE), "1, miss");
    run.act(&format!("release {held}"));
    run.run(A_WHILE);
    assert_eq!(run.ask("c1 get y", A_WHILE), "1, hit");
}

/// Versions are forgotten with the process; what was read before its death may not fill the next.
#[test]
fn no_guard_forgets_at_a_restart_of_the_cache() {
    for guard in ["lease", "version"] {
        let mut run = trial(&[("guard", guard)], &["c1 get y"]);
        let held = hold(&mut run, APP1, "y=initial");
        assert_eq!(run.ask("c2 put y 1", A_WHILE), "ok");
        run.all(&["crash cache", "restart cache"]);
        run.run(A_WHILE);
        run.act(&format!("release {held}"));
        run.run(A_WHILE);
        assert!(run.is("fills_refused", 1.0) && run.is("late_fills", 0.0), "{guard}");
        assert_eq!(run.ask("c2 get y", A_WHILE), "1, miss", "{guard}");
    }
}

#[test]
fn an_update_of_before_a_restart_does_not_stay() {
    let settings = [("guard", "version"), ("on-write", "update"), ("cache-timeout", "1s")];
    let mut run = trial(&settings, &["latency app1 -> cache const(200ms)", "c1 put y 1"]);
    run.run(Span::ms(10));
    assert_eq!(run.ask("c2 put y 2", A_WHILE), "ok");
    run.all(&["crash cache", "restart cache"]);
    run.run(Span::ms(400));
    assert!(run.is("differs", 0.0));
    assert_eq!(run.ask("c2 get y", A_WHILE), "2, miss");
    // What was loaded in this life can be compared with.
    assert_eq!(run.ask("c2 put y 3", A_WHILE), "ok");
    assert_eq!(run.ask("c2 get y", A_WHILE), "3, hit");
}

/// Whoever does not know whether a write took effect leaves no copy of before it.
#[test]
fn a_write_without_an_answer_deletes_all_the_same() {
    for on_write in ["delete-after", "update"] {
        for caches in ["shared", "both", "local"] {
            let name = format!("{on_write}, {caches}");
            let mut run = trial(&[("on-write", on_write), ("caches", caches)], &["c2 get x"]);
            run.run(A_WHILE);
            run.act("pause db");
            assert_eq!(run.ask("c2 put x 1", Span::s(3)), "no answer from the database", "{name}");
            run.act("resume db");
            run.run(A_WHILE);
            assert!(run.is("differs", 0.0) && run.is("entries", 0.0), "{name}");
            assert_eq!(run.ask("c2 get x", A_WHILE), "1, miss", "{name}");
        }
    }
}

/// Between two times at which it is asked, nobody would tell it of a write.
#[test]
fn a_cache_that_is_taken_out_of_use_comes_back_empty() {
    for (with, without) in [("both", "shared"), ("both", "local")] {
        let mut run = trial(&[("caches", with), ("guard", "lease")], &["c1 get x"]);
        run.run(A_WHILE);
        run.act(&format!("set caches {without}"));
        assert_eq!(run.ask("c1 put x 1", A_WHILE), "ok");
        run.act(&format!("set caches {with}"));
        assert!(run.ask("c1 get x", A_WHILE).starts_with('1'), "{without}");
        assert!(run.is("differs", 0.0), "{without}");
    }
}

#[test]
fn an_entry_of_an_own_cache_goes_when_its_time_is_over() {
    let settings = [("caches", "local"), ("local-ttl", "1s")];
    let mut run = trial(&settings, &["c1 get x"]);
    run.run(Span::ms(100));
    assert_eq!(run.ask("c2 put x 2", A_WHILE), "ok");
    assert!(run.is("entries", 1.0));
    run.run(Span::s(1));
    assert!(run.is("entries", 0.0) && run.is("expired", 1.0) && run.is("differs", 0.0));
    assert_eq!(run.holds("convergent"), Holds::Yes);
    run.act("c1 get y");
    run.run(A_WHILE);
    run.act(&format!("fire {} expiry", name(APP1)));
    run.run(Span::ms(1));
    assert!(run.is("entries", 0.0) && run.is("expired", 2.0));
}

/// One that is paused hears of fewer slots when it runs again, and before anything else that reached it.
#[test]
fn a_paused_cache_may_be_given_fewer_slots() {
    let mut run = trial(&[], &["c1 get a", "c2 get b"]);
    run.run(A_WHILE);
    run.all(&["pause cache", "c1 get c", "c2 get d"]);
    run.run(Span::ms(1));
    run.act("set slots 1");
    run.run(Span::ms(10));
    run.act("resume cache");
    run.run(A_WHILE);
    assert!(run.is("entries", 1.0) && run.is("slots", 1.0));
}

#[test]
fn an_entry_of_before_the_start_is_called_initial_by_the_judges_too() {
    let mut run = trial(&[], &["c1 get book:7"]);
    run.run(A_WHILE);
    assert_eq!(run.ask("c1 import book:7 12", A_WHILE), "ok");
    assert_eq!(run.verdict("convergent").why, "db holds 12 at book:7, cache holds initial");
    assert_eq!(run.ask("c1 get book:7", A_WHILE), "initial, hit");
    assert!(run.verdict("read_your_writes").why.contains("c1 read initial after writing 12"), "{:?}", run.verdict("read_your_writes"));
}

/// `stale-for` is of the shared cache: a local one serves nothing after its time.
#[test]
fn only_what_serves_stale_may_be_so_much_older() {
    let age = |caches: &str| {
        let settings = [("caches", caches), ("local-ttl", "1s"), ("ttl", "1s"), ("stale-for", "1min"), ("db-time", "const(1ms)")];
        let mut run = trial(&settings, &["drift app1 -100000ppm", "c1 get x"]);
        run.run(A_WHILE);
        assert_eq!(run.ask("c2 put x 2", Span::ms(1050)), "ok");
        assert_eq!(run.ask("c1 get x", A_WHILE), "initial, hit");
        run
    };
    let mut local = age("local");
    assert_eq!(local.holds("bounded_staleness"), Holds::No);
    local.act("set local-ttl 1h");
    assert_eq!(local.holds("bounded_staleness"), Holds::No, "it was too old when it was read");
    assert_eq!(age("both").holds("bounded_staleness"), Holds::Yes);
}

/// A TTL is that of the time at which an entry came in.
#[test]
fn a_shorter_ttl_does_not_accuse_an_entry_of_before() {
    let mut run = trial(&[("pattern", "write-around"), ("ttl", "10s")], &["c1 get x"]);
    run.run(A_WHILE);
    assert_eq!(run.ask("c2 put x 1", Span::s(5)), "ok");
    run.act("set ttl 1s");
    assert_eq!(run.ask("c1 get x", A_WHILE), "initial, hit");
    assert_eq!(run.holds("bounded_staleness"), Holds::Yes);
    run.run(Span::s(6));
    run.act("drift cache -500000ppm");
    assert_eq!(run.ask("c1 get x", A_WHILE), "1, miss");
    assert_eq!(run.ask("c2 put x 2", Span::ms(1500)), "ok");
    assert_eq!(run.ask("c1 get x", A_WHILE), "1, hit");
    assert_eq!(run.holds("bounded_staleness"), Holds::No, "its clock is late");
}

#[test]
fn the_slots_are_shown_from_the_one_that_goes_next() {
    use crate::cluster::scene::{Body, Scene, Side};
    let mut run = trial(&[("slots", "500"), ("titles", "500")], &["warm 300"]);
    let mut scene = Scene::default();
    run.run(A_WHILE);
    run.cluster.scene(run.cluster.now(), &mut scene);
    let panel = scene.panels.iter().find(|panel| panel.title == "slots").expect("the slots");
    let Body::Tracks(tracks) = &panel.body else { panic!("{panel:?}") };
    let track = &tracks.tracks[0];
    assert_eq!((tracks.from, track.cells[0].text.as_str()), (Side::Start, "k0"));
    assert_eq!(track.cells.len() as u64 + track.more, 300);
}
