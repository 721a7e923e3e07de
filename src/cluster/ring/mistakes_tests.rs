//! Classic mistakes of whoever builds this, each tried: what would happen with it must not happen here.

use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

use super::bench::*;

const SECOND: Span = Span::s(1);
/// Nearly everything moves at every change, one key a message.
const SLOW: [(&str, &str); 3] = [("scheme", "mod-n"), ("batch", "1"), ("latency", "const(10ms)")];

fn all_there(run: &mut Trial) {
    assert_eq!(run.ask("c2 scan k", SECOND), "40 keys");
    assert_eq!(run.holds("complete"), Holds::Yes);
    assert_ne!(run.holds("single_owner"), Holds::No);
}

/// Copies are counted by servers, not by tokens.
#[test]
fn copies_on_the_next_tokens_may_be_on_one_server() {
    let fewest = |by| trial(&[("replicas", "2"), ("replicas-by", by), ("tokens", "16")], &[]).fact("copies_min");
    assert_eq!([fewest("token"), fewest("node")].map(|n| n as u32), [1, 2]);
}

/// Keys are copied from who has them, and a node that is gone for a while has them when it is back.
#[test]
fn a_node_that_dies_while_it_hands_over_goes_on_when_it_is_back() {
    for who in ["n2", "n5"] {
        let mut run = trial(&SLOW, &[if who == "n2" { "remove n2" } else { "add n5" }]);
        run.run(Span::ms(25));
        run.act(&format!("crash {who} losing unsynced"));
        run.run(SECOND);
        assert!(run.fact("unsettled") > 0.0, "{who}");
        run.act(&format!("restart {who}"));
        settle(&mut run);
        all_there(&mut run);
    }
}

/// A deleted key is a row too: its copy must not bring the value back.
#[test]
fn what_is_deleted_while_it_moves_stays_deleted() {
    for moving in ["fenced", "copy-then-flip"] {
        let settings = [SLOW[0], SLOW[1], SLOW[2], ("moving", moving)];
        let mut run = trial(&settings, &["add n5"]);
        run.run(Span::ms(100));
        for number in 0..40 {
            run.act(&format!("c1 delete k{number}"));
        }
        settle(&mut run);
        let left = run.ask("c2 scan k", SECOND);
        assert_eq!(left == "0 keys", moving == "fenced", "{moving}: {left}");
    }
}

/// The switch counts once the node that has the keys has heard of it.
#[test]
fn a_node_that_has_not_heard_of_the_map_keeps_its_keys_and_nobody_else_has_them() {
    let mut run = trial(&SLOW, &["cut n2 n3 n4 -> n1", "add n5"]);
    run.act("cut n5 -> n1");
    run.act("refresh c2");
    run.run(SECOND);
    assert!(run.is("stale_maps.c2", 0.0) && run.is("stale_maps.c1", 1.0));
    for number in 0..10 {
        run.act(&format!("c1 get k{number}"));
        run.act(&format!("c2 put k{number} 7"));
        run.run(Span::ms(100));
    }
    assert!(run.is("double_owned", 0.0));
    run.act("heal");
    settle(&mut run);
    assert!(run.is("acked_lost", 0.0) && run.is("missed_reads", 0.0));
    assert_ne!(run.holds("linearizable"), Holds::No);
    all_there(&mut run);
}

/// A second change does not start from the map before the first.
#[test]
fn changes_may_follow_each_other_before_the_first_is_over() {
    let mut run = trial(&SLOW, &["add n5", "add n6", "remove n1", "set scheme ring", "set replicas 2", "grow 2", "remove n3"]);
    run.all(&["c1 put k3 7", "c2 put k4 8"]);
    settle(&mut run);
    assert!(run.is("version", 8.0) && run.is("members", 6.0) && run.is("acked_lost", 0.0));
    assert!(run.is("keys.n2", run.fact("keys.n2")) && run.is("copies_min", 2.0));
    all_there(&mut run);
}

/// Two nodes that go by two maps must not send a request to and fro for ever.
#[test]
fn requests_that_are_sent_on_come_to_an_end() {
    for misrouted in ["redirect", "forward", "refuse"] {
        let settings = [SLOW[0], SLOW[1], SLOW[2], ("misrouted", misrouted)];
        let mut run = trial(&settings, &["cut n1 n2 | n3 n4", "add n5"]);
        run.act("cut n5 | n1 n2");
        for number in 0..40 {
            run.act(&format!("c{} get k{number}", number % 2 + 1));
        }
        run.run(Span::s(2));
        assert!(run.is("open", 0.0) && run.fact("messages") < 5000.0, "{misrouted}: {} messages", run.fact("messages"));
        run.act("heal");
        settle(&mut run);
        run.act("refresh c2");
        run.run(SECOND);
        all_there(&mut run);
    }
}

/// Whoever reads a counter in parts reads all of them, those before it was cut into parts too.
#[test]
fn a_salted_counter_is_the_sum_of_its_parts() {
    let mut run = trial(&[], &[]);
    (0..10).for_each(|_| run.act("c1 hit page"));
    run.run(SECOND);
    run.act("salt page 8");
    settle(&mut run);
    for client in ["c1", "c2"] {
        run.act(&format!("refresh {client}"));
        run.run(SECOND);
    }
    (0..30).for_each(|_| run.act("c2 hit page"));
    run.run(SECOND);
    assert_eq!(run.ask("c1 hits page", SECOND), "40");
    assert!(run.is("hits_lost", 0.0) && run.fact("cost") > 1.0);
    run.act("add n5");
    settle(&mut run);
    assert_eq!(run.ask("c1 hits page", SECOND), "40", "the parts move too");
}

/// A node that does not answer is not one that has nothing.
#[test]
fn a_query_without_an_answer_of_all_fails() {
    let scan = |partial| {
        let mut run = trial(&[("partial", partial), ("tokens", "32")], &["crash n2"]);
        (run.ask("c1 scan k", SECOND), run.holds("complete"))
    };
    assert_eq!(scan("off"), ("no answer in time".to_string(), Holds::Untested));
    let (found, complete) = scan("on");
    assert!(found != "40 keys" && complete == Holds::No, "{found}");
}

/// The key at which a range is cut is in one of the halves.
#[test]
fn the_key_of_a_cut_is_in_one_half() {
    let mut run = trial(&[("scheme", "range")], &["split k20", "move k20 onto n4"]);
    settle(&mut run);
    assert!(run.tries("split k20").is_err() && run.tries("move k20 onto n4").is_err());
    assert_eq!(run.ask("c1 get k20", SECOND), "anna");
    assert!(run.is("misrouted", 1.0), "its map was old");
    assert_eq!(run.ask("c1 scan k2 k21", SECOND), "2 keys");
    all_there(&mut run);
}

/// What is written to the old owner between copy and switch.
#[test]
fn a_move_that_does_not_follow_loses_what_was_written() {
    let lost = |moving| {
        let settings = [SLOW[0], SLOW[1], SLOW[2], ("moving", moving)];
        let mut run = trial(&settings, &["add n5"]);
        run.run(Span::ms(20));
        (0..40).for_each(|number| run.act(&format!("c1 put k{number} new")));
        settle(&mut run);
        (run.fact("acked_lost") as u32, run.holds("durable"))
    };
    let (kept, durable) = lost("fenced");
    assert!(kept == 0 && durable != Holds::No);
    let (lost, durable) = lost("copy-then-flip");
    assert!(lost > 0 && durable == Holds::No, "{lost}");
}

/// Read at the new owner before the data is there.
#[test]
fn a_move_that_switches_first_is_read_from_an_empty_node() {
    let missed = |moving| {
        let settings = [SLOW[0], SLOW[1], SLOW[2], ("moving", moving)];
        let mut run = trial(&settings, &["add n5"]);
        run.run(Span::ms(30));
        (0..40).for_each(|number| run.act(&format!("c1 get k{number}")));
        settle(&mut run);
        run.run(SECOND);
        (run.fact("missed_reads") as u32, run.holds("linearizable"))
    };
    let (none, linearizable) = missed("fenced");
    assert!(none == 0 && linearizable != Holds::No);
    let (missed, linearizable) = missed("flip-then-copy");
    assert!(missed > 0 && linearizable == Holds::No, "{missed}");
}

/// A disk that is lost is filled from the other copies before its node serves anything.
#[test]
fn a_lost_disk_is_filled_from_the_copies() {
    for replicas in ["1", "2"] {
        let mut run = trial(&[("replicas", replicas)], &[]);
        (0..40).for_each(|number| run.act(&format!("c1 put k{number} new")));
        run.run(SECOND);
        run.all(&["crash n2 wiping disk", "restart n2"]);
        settle(&mut run);
        run.run(SECOND);
        let lost = run.fact("acked_lost") as u32;
        assert_eq!(lost > 0, replicas == "1", "{replicas}: {lost}");
        if replicas == "2" {
            all_there(&mut run);
            assert_eq!(run.holds("convergent"), Holds::Yes);
        }
    }
}

/// A node that is taken for dead: with copies nothing is lost; without, its keys are gone until it is back.
#[test]
fn the_keys_of_a_dead_node_are_where_their_copies_are() {
    for replicas in ["1", "2"] {
        let mut run = trial(&[("replicas", replicas), ("tokens", "32")], &["crash n2", "fail-over n2"]);
        settle_but(&mut run, 1.0);
        run.act("refresh c2");
        run.run(SECOND);
        let found = run.ask("c2 scan k", SECOND);
        assert_eq!(found == "40 keys", replicas == "2", "{replicas}: {found}");
        assert!(run.is("takers", 3.0), "{}", run.fact("takers"));
        run.act("restart n2");
        settle(&mut run);
        assert_eq!(run.ask("c2 scan k", SECOND), "40 keys", "{replicas}");
    }
}

/// With one token each, the next node takes all that a dead one had.
#[test]
fn a_node_with_one_token_has_one_heir() {
    let mut run = trial(&[("tokens", "1"), ("keys", "400")], &["fail-over n2"]);
    assert!(run.is("takers", 1.0) && run.is("moved_old", 0.0));
    settle(&mut run);
}

/// The same name has the same places.
#[test]
fn a_node_that_comes_back_gets_exactly_its_old_keys() {
    let mut run = trial(&[("keys", "200")], &[]);
    let before = run.fact("keys.n3");
    run.act("remove n3");
    settle(&mut run);
    assert!(run.is("members", 3.0) && run.is("moved_keys", before));
    run.act("add n3");
    settle(&mut run);
    assert!(run.is("keys.n3", before) && run.is("moved_keys", before) && run.is("moved_old", 0.0));
}

fn settle_but(run: &mut Trial, left: f64) {
    for _ in 0..200 {
        run.run(Span::ms(100));
        if run.fact("unsettled") <= left {
            return;
        }
    }
    panic!("{} unsettled", run.fact("unsettled"));
}

/// Under ranges the part of a dead node goes to the first live one that has a copy; where nobody has, to the live one with the fewest keys.
#[test]
fn the_range_of_a_dead_node_goes_to_a_holder_of_a_copy() {
    let heir = |replicas: &str, does: &[&str], dead: &str| {
        let mut run = trial(&[("scheme", "range"), ("replicas", replicas)], does);
        let before: Vec<f64> = (1..=4).map(|n| run.fact(&format!("keys.n{n}"))).collect();
        run.act(&format!("fail-over {dead}"));
        let took = (1..=4).filter(|n| format!("n{n}") != dead && run.fact(&format!("keys.n{n}")) > before[n - 1]);
        took.map(|n| format!("n{n}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(heir("2", &["crash n3"], "n3"), "n4", "the next");
    assert_eq!(heir("2", &["crash n4"], "n4"), "n1", "around the end");
    assert_eq!(heir("3", &["crash n3", "crash n4"], "n3"), "n1", "the next is dead too");
    assert_ne!(heir("2", &["crash n3", "crash n4"], "n3"), "n4", "no copy that lives: whoever is up");
    assert_ne!(heir("1", &["crash n3"], "n3"), "", "there are no copies");
}
