//! The mistakes that systems with several leaders have been found to make, each tried by the schedule that shows it.

use super::bench::{Run, run, run_of};

/// All copies are the same, deleted rows too, and nothing is on its way.
fn is_equal(run: &Run) -> bool {
    run.holds("divergent_keys == 0 && lag_max == 0 && convergent != \"no\"")
}

/// Rules that put writes together are told as that, with what comes of it; rules that keep them, as keeping.
#[test]
fn a_merge_is_not_told_as_keeping_both() {
    let told = |settings: &str, script: &str| {
        let mut run = run(settings);
        run.does(script);
        run.notes().into_iter().filter(|line| line.contains("conflict")).collect::<Vec<_>>()
    };
    let writes = "c1 write price 10; c2 write price 40; run 300ms";
    let merged = told("policy=merge merge=average", writes);
    assert!(!merged.is_empty() && merged.iter().all(|line| line.contains("makes one value of") && line.ends_with(": 25.")), "{merged:#?}");
    let kept = told("policy=siblings", writes);
    assert!(!kept.is_empty() && kept.iter().all(|line| line.contains("keeps both: ")), "{kept:#?}");
    let three = told("policy=siblings", "c1 write price 10; c2 write price 40; c3 write price 50; run 500ms");
    assert!(three.iter().any(|line| line.contains("keeps all of them: ")), "{three:#?}");
}

/// What a leader has dropped at once and the others have not heard of is nowhere shown, and so not known to be kept.
#[test]
fn a_write_that_its_own_leader_dropped_is_not_called_durable() {
    let mut run = run_of(2, "policy=lww");
    run.does("skew n1 +3s; c1 write price 8; run 100ms; c2 read price; run 50ms; c2 write price 9; run 10ms");
    assert!(run.holds("acked == 2 && acked_lost == 0 && durable == \"unknown\""), "{:?}", run.told());
    run.does("run 200ms");
    assert!(run.holds("acked_lost == 1 && durable == \"no\""));
}

/// Ring, and a clock that is off: whoever passes a change on does not stamp it anew.
#[test]
fn a_change_keeps_its_stamp_on_the_way() {
    let mut run = run("topology=ring policy=lww");
    // n2 passes the write of n1 on to n3, an hour ahead.
    run.does("skew n2 +1h; c1 write x 1; run 200ms; c3 write x 2; run 500ms");
    assert_eq!(run.copies("x"), "2 2 2");
    assert!(is_equal(&run));
}

/// What was taken during a cut is as old as it is, and not as new as the moment at which it was sent.
#[test]
fn a_change_is_stamped_when_it_is_taken() {
    let mut run = run("policy=lww");
    run.does("cut n1 | n2 n3; c1 write x 1; run 1s; c2 write x 2; run 1s; heal; run 1s");
    assert_eq!(run.copies("x"), "2 2 2");
}

/// The same value of the same row, written twice, is two changes; the same change, delivered twice, is one.
#[test]
fn changes_are_told_apart_by_their_number() {
    let mut run = run("policy=crdt");
    run.does("duplication all 1; c1 add likes 1; run 50ms; c1 add likes 1; c2 add likes 1; run 1s");
    assert_eq!(run.copies("likes"), "3 3 3");
    let mut twice = super::bench::run("policy=arrival");
    twice.does("duplication all 1; c1 write x 5; run 200ms; c2 write x 6; run 200ms; c1 write x 5; run 500ms");
    assert_eq!(twice.copies("x"), "5 5 5");
}

/// A loss of power between the row and the position would skip a change for ever: they are one write.
#[test]
fn a_position_is_never_ahead_of_the_data() {
    for after in 40..50 {
        let mut run = run("disk=const(5ms)");
        run.does(&format!(
            "c1 write x 1; run {after}ms; crash n2 losing unsynced; crash n3 losing unsynced; run 20ms; restart n2; restart n3; run 2s"
        ));
        assert_eq!(run.copies("x"), "1 1 1", "{after} ms");
    }
}

/// Nobody is sent its own change, or takes one in twice: the run would end at the invariant.
#[test]
fn nothing_goes_round_in_circles() {
    for topology in ["all-to-all", "ring", "star"] {
        let mut run = run_of(4, &format!("topology={topology} policy=merge"));
        run.does("c1 include cart A; c2 include cart B; c3 include cart C; run 2s");
        assert_eq!(run.copies("cart"), ["{A,B,C}"; 4].join(" "), "{topology}");
        let sent = run.fact("messages");
        run.does("run 10s");
        assert_eq!(run.fact("messages"), sent, "{topology}: merges are no changes, so nobody answers them");
    }
}

/// Positions are by origin, so another topology goes on where the one before was.
#[test]
fn the_topology_can_be_changed_in_the_middle() {
    for (from, to) in [("ring", "all-to-all"), ("all-to-all", "ring"), ("star", "ring"), ("ring", "star"), ("star", "all-to-all")] {
        let mut run = run(&format!("topology={from} policy=siblings"));
        run.does("c1 write a 1; c2 write b 2; c3 write c 3; run 50ms; cut n1 | n2 n3; c1 write a 4; c2 write b 5; run 300ms");
        run.does(&format!("set topology {to}; c3 write c 6; run 300ms; heal; run 2s"));
        assert_eq!((run.copies("a"), run.copies("b"), run.copies("c")), ("4 4 4".into(), "5 5 5".into(), "6 6 6".into()), "{from} to {to}");
        assert!(is_equal(&run) && run.holds("acked_lost == 0"), "{from} to {to}");
    }
}

/// All to all, one stream slow: the delete comes before the row that it deletes.
#[test]
fn a_delete_may_come_before_what_it_deletes() {
    for policy in ["lww", "siblings", "merge", "crdt"] {
        let mut run = run(&format!("policy={policy}"));
        run.does("latency n1 -> n3 400ms; c1 write x 1; run 100ms; c2 delete x; run 100ms; c3 read x; run 10ms");
        assert_eq!(run.told(), "nil", "{policy}");
        run.does("run 1s; c3 read x; run 10ms");
        assert_eq!(run.told(), "nil", "{policy}: the insert came late");
        assert!(is_equal(&run), "{policy}");
    }
    let mut set = run("policy=crdt");
    set.does("latency n1 -> n3 400ms; c1 include cart A; run 100ms; c2 exclude cart A; run 1s");
    assert_eq!(set.copies("cart"), "{} {} {}");
}

/// However long a centre is away, it does not bring back what was deleted meanwhile.
#[test]
fn a_deleted_row_stays_deleted() {
    for policy in ["lww", "siblings", "crdt"] {
        let mut run = run(&format!("policy={policy}"));
        run.does("c1 write x 1; run 200ms; cut n3 | n1 n2; c1 delete x; run 10min; heal; run 2s; c3 read x; run 20ms");
        assert_eq!(run.told(), "nil", "{policy}");
        assert!(is_equal(&run), "{policy}");
    }
}

/// [2 0 0] and [1 1 0] have the same sum and the same greatest entry as others that they do not know of.
#[test]
fn versions_are_compared_entry_by_entry() {
    let mut run = run("policy=siblings");
    run.does("c1 write x 1; run 200ms; cut n1 | n2 n3; c1 write x 2; c1 write y 9; c1 write x 3; c2 write x 4; run 200ms; heal; run 1s");
    assert_eq!(run.copies("x"), "3|4 3|4 3|4", "many writes on one side are not newer than one on the other");
    assert!(run.holds("acked_lost == 0"));
}

/// A clock that is set back loses to what it wrote before, unless the stamps are above what the leader has seen, also after a crash.
#[test]
fn a_leader_does_not_lose_to_itself() {
    for (stamps, after) in [("clock", "1 1 1"), ("hybrid", "2 2 2")] {
        let mut run = run(&format!("policy=lww stamps={stamps}"));
        run.does("run 2s; c1 write x 1; run 200ms; crash n1; skew n1 -1s; restart n1; run 10ms; c1 write x 2; run 500ms");
        assert_eq!((run.told().as_str(), run.copies("x").as_str()), ("ok", after), "{stamps}");
    }
}

/// Two clients that have seen the same, by way of one leader: a single number for the leader would say that the second had seen the
/// first one's write.
#[test]
fn two_writes_from_one_context_through_one_leader_are_siblings() {
    let script = "c1 read x; c2 read x from n1; run 100ms; c1 write x 1; run 20ms; c2 write x 2 to n1; run 300ms";
    for (replaces, after) in [("seen", "1|2 1|2 1|2"), ("stored", "2 2 2")] {
        let mut run = run(&format!("policy=siblings replaces={replaces}"));
        run.does(script);
        assert_eq!((run.copies("x").as_str(), run.fact("acked_lost")), (after, 0), "{replaces}");
    }
}

/// Two stamps of one millisecond: without a rule each keeps its own, and they differ for ever.
#[test]
fn equal_stamps_need_a_winner() {
    for (ties, after) in [("leader", "2 2"), ("keep", "1 2")] {
        let mut run = run_of(2, &format!("policy=lww ties={ties}"));
        run.does("c1 write x 1; c2 write x 2; run 2s");
        assert_eq!(run.copies("x"), after, "{ties}");
        assert_eq!(run.holds("convergent == \"yes\""), ties == "leader");
    }
}

/// Mean and joining depend on the order in which changes come.
#[test]
fn a_function_that_depends_on_the_order_never_agrees() {
    for (merge, same) in [("average", false), ("join", false), ("max", true), ("union", true)] {
        let mut run = run(&format!("policy=merge merge={merge}"));
        run.does("c1 write x 10; c2 write x 20; c3 write x 40; run 2s");
        assert_eq!(run.holds("convergent == \"yes\""), same, "{merge}: {}", run.copies("x"));
    }
}

/// A leader that lost its disk gives numbers again, and the others have them already.
#[test]
fn a_leader_without_its_disk_reuses_its_numbers() {
    for (how, same) in [("", true), (" losing unsynced", true), (" wiping disk", false)] {
        let mut run = run("policy=siblings");
        run.does(&format!("c1 write x 1; run 500ms; crash n1{how}; run 50ms; restart n1; run 500ms; c1 write x 2; run 1s"));
        assert_eq!(run.holds("convergent == \"yes\" || convergent == \"untested\""), same, "{how}: {}", run.copies("x"));
    }
}

/// With a step of two, a third leader gets the keys of the first.
#[test]
fn a_third_leader_needs_a_greater_step() {
    let twice = |nodes: u16| {
        let mut run = run_of(nodes, "auto-increment-step=2");
        let all: Vec<String> = (1..=nodes).map(|client| format!("c{client} insert orders book")).collect();
        run.does(&format!("{}; run 500ms", all.join("; ")));
        run.fact("duplicate_keys")
    };
    assert_eq!((twice(2), twice(3)), (0, 1));
}

/// A home that was moved while the old one could not hear of it: the old one takes one more.
#[test]
fn a_home_that_moves_behind_a_cut_is_two_homes() {
    let mut run = run("policy=avoid home=n1");
    run.does("c1 write x 1; run 200ms; cut n1 c1 | n2 n3 c2 c3; rehome x n2; c1 write x 2; c2 write x 3 to n2; run 200ms; heal; run 1s");
    assert!(run.holds("conflicts == 1 && acked_lost == 1") && is_equal(&run));
}

/// A relay passes on in the order in which it took in, even where what it sent first is lost: its stream has an order of its own.
#[test]
fn a_relay_that_loses_a_change_does_not_bring_a_later_one_first() {
    for (topology, relay, behind) in [("star", "cut n1 -> n3; c2 write y 1", "2 2 -"), ("ring", "cut n1 -> n2; c3 write y 1", "2 - -")] {
        let mut run = run(&format!("topology={topology}"));
        run.does(&format!("{relay}; run 100ms; heal; c1 write x 2; run 60ms"));
        assert_eq!(run.copies("x"), behind, "{topology}: x waits for y");
        run.does("run 1s");
        assert!(run.holds("causal == \"yes\"") && is_equal(&run), "{topology}");
    }
}

/// A home whose clock is set back still writes one after the other.
#[test]
fn a_home_does_not_lose_to_itself() {
    let mut run = run("policy=avoid home=n1 reads=home");
    run.does("run 2s; c1 write x 1; run 100ms; skew n1 -1s; c1 write x 2; run 200ms; c3 read x; run 200ms");
    assert_eq!((run.told().as_str(), run.copies("x").as_str()), ("2", "2 2 2"));
    assert!(run.holds("linearizable == \"yes\""));
}

/// Who writes twice without looking takes the place of the own write, and of nothing that stood beside it; who looks, of all of it.
#[test]
fn what_stands_beside_a_blind_write_was_not_seen_by_its_writer() {
    for (looks, after) in [("", "1|3 1|3 1|3"), ("c2 read x from n1; run 100ms;", "3 3 3")] {
        let mut run = run("policy=siblings replaces=seen");
        run.does(&format!("c1 write x 1; run 300ms; c2 write x 2 to n1; run 300ms; {looks} c2 write x 3 to n1; run 500ms"));
        assert_eq!((run.copies("x").as_str(), run.fact("acked_lost")), (after, 0), "{looks}");
    }
}

/// What was put in counts from when it may have been, and not from when its answer is heard.
#[test]
fn a_sale_of_what_is_there_is_no_sale_too_many() {
    let mut run = run("policy=avoid home=n1");
    run.does("c2 add y 1; run 45ms; c1 buy y; run 20ms");
    assert_eq!((run.all_told(), run.fact("oversold")), (vec![String::new(), "ok".into()], 0));
    run.does("run 300ms; c3 add y 1; loss n1 -> c3 1; run 600ms; c1 buy y; run 20ms");
    assert_eq!((run.told().as_str(), run.fact("oversold")), ("ok", 0), "nobody knows what became of the addition");
}

/// A row is offered for a new home whatever it is called.
#[test]
fn every_row_can_be_given_another_home() {
    let mut run = run("policy=avoid home=n1");
    run.does("c1 write title A; c1 write stock 5; run 300ms");
    let offered = |run: &Run, text: &str| run.0.enabled().iter().any(|choice| choice.poke.to_string() == text);
    assert!(offered(&run, "rehome title n2") && offered(&run, "rehome stock n3") && !offered(&run, "rehome x n2"));
}
