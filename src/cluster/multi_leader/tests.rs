use super::bench::{run, run_of};
use super::disk::looks::so_far;

#[test]
fn a_write_is_told_ok_before_anybody_else_hears_of_it() {
    let mut run = run("");
    run.does("c1 write title A; run 9ms");
    assert_eq!((run.told().as_str(), run.took(), run.copies("title").as_str()), ("ok", 9, "A - -"));
    assert!(run.holds("acked_alone.n1 == 1 && convergent == \"unknown\""));
    run.does("run 100ms; c3 read title; run 20ms");
    assert_eq!((run.told().as_str(), run.took(), run.copies("title").as_str()), ("A", 8, "A A A"));
    assert!(run.holds("acked_alone_sum == 0 && lag_max == 0 && convergent == \"yes\" && lag_ms_max == 0.0"));
}

#[test]
fn without_a_rule_copies_swap_and_stay_so() {
    let mut run = run_of(2, "policy=arrival");
    run.does("c1 write stock 9; c2 write stock 4; run 2s");
    assert_eq!((run.all_told(), run.copies("stock")), (vec!["ok".to_string(), "ok".to_string()], "4 9".to_string()));
    assert!(run.holds("conflicts == 1 && conflicting_writes == 2 && convergent == \"no\" && lag_max == 0 && divergent_keys == 1"));
    run.does("set policy lww; run 1s");
    assert_eq!(run.copies("stock"), "4 9", "a rule for later changes mends no old difference");
    run.does("c1 write stock 5; run 1s");
    assert_eq!(run.copies("stock"), "5 5");
}

#[test]
fn copies_apart_are_not_final_while_a_line_between_servers_loses_everything() {
    let mut run = run_of(2, "policy=arrival");
    run.does("c1 write stock 9; c2 write stock 4; run 2s; loss n1 -> n2 100%");
    assert!(run.holds("convergent == \"unknown\""), "as good as cut");
    run.does("loss n1 -> n2 99%");
    assert!(run.holds("convergent == \"no\""), "something comes through");
    run.does("loss n1 -> n2 0%; loss c1 -> n1 100%");
    assert!(run.holds("convergent == \"no\""), "clients carry no copies");
    run.does("loss all 100%");
    assert!(run.holds("convergent == \"unknown\""));
}

#[test]
fn a_later_write_is_no_conflict() {
    for policy in ["arrival", "lww", "siblings", "merge", "crdt"] {
        let mut run = run(&format!("policy={policy}"));
        run.does("c1 write title A; run 100ms; c2 write title B; run 200ms");
        assert_eq!((run.copies("title").as_str(), run.fact("conflicts")), ("B B B", 0), "{policy}");
        assert!(run.holds("acked_lost == 0 && convergent == \"yes\""), "{policy}");
    }
}

#[test]
fn two_at_once_under_each_rule() {
    for (settings, after, lost) in [
        ("policy=lww", "B B B", 1),
        ("policy=lww stamps=hybrid", "B B B", 1),
        ("policy=siblings", "A|B A|B A|B", 0),
        ("policy=merge merge=union", "{A,B} {A,B} {A,B}", 0),
        ("policy=merge merge=max", "B B B", 0),
        ("policy=crdt", "A|B A|B A|B", 0),
    ] {
        let mut run = run(settings);
        run.does("c1 write title A; c2 write title B; run 2s");
        assert_eq!((run.copies("title").as_str(), run.fact("acked_lost")), (after, lost), "{settings}");
        assert!(run.holds("conflicts == 1 && convergent == \"yes\""), "{settings}");
        run.does("c3 read title; run 20ms; c3 write title C; run 1s");
        assert_eq!(run.copies("title"), "C C C", "{settings}");
    }
}

#[test]
fn each_row_has_one_home_until_it_is_moved() {
    let mut run = run("policy=avoid home=n1");
    run.does("c2 write title A; c3 write title B; run 200ms");
    assert_eq!((run.copies("title").as_str(), run.fact("conflicts")), ("B B B", 0));
    run.does("c2 write title C; run 100ms");
    assert_eq!(run.took(), 81, "there and back");
    run.does("c2 write title D to n2; run 100ms");
    assert_eq!(run.told(), "refused: n1 is the home of title");
    run.does("rehome title n2; c2 write title E to n2; c1 write title F to n1; run 300ms");
    assert_eq!((run.copies("title").as_str(), run.fact("conflicts")), ("E E E", 1), "the old home took one more");
    run.does("c1 write title G; run 300ms; c1 write title H; run 100ms");
    assert_eq!((run.told().as_str(), run.took()), ("ok", 81), "c1 has been sent on once");
}

#[test]
fn a_home_that_is_read_too_is_one_register() {
    let mut run = run("policy=avoid home=n1 reads=home");
    run.does("c1 write x 1; run 200ms; c2 read x; c3 write x 2; run 45ms; c1 read x; c2 cas x 1 5; run 200ms; c3 read x; run 200ms");
    assert!(run.holds("linearizable == \"yes\""));
}

#[test]
fn a_clock_that_is_ahead_wins_over_a_later_write() {
    for (stamps, after, lost) in [("clock", "8 8 8", 1), ("hybrid", "9 9 9", 0)] {
        let mut run = run(&format!("policy=lww stamps={stamps}"));
        run.does("skew n1 +3s; c1 write x 8; run 100ms; c2 read x; run 20ms; c2 write x 9; run 300ms; c2 read x; run 20ms");
        assert_eq!((run.copies("x").as_str(), run.fact("acked_lost")), (after, lost), "{stamps}");
        let kept = stamps == "hybrid";
        assert!(run.holds(&format!("read_your_writes == \"{}\"", if kept { "yes" } else { "no" })), "{stamps}");
        assert!(run.holds(&format!("durable == \"{}\"", if kept { "untested" } else { "no" })), "{stamps}");
    }
}

#[test]
fn automatic_keys_meet_unless_they_are_kept_apart() {
    for (settings, keys) in [
        ("", ["7001", "7001"]),
        ("auto-increment-step=3", ["7003", "7001"]),
        ("auto-increment-step=3 auto-increment-offset=same", ["7003", "7003"]),
    ] {
        let mut run = run(&format!("auto-increment-start=7001 {settings}"));
        run.does("c1 insert orders book; c2 insert orders pen; run 300ms");
        assert_eq!(run.all_told(), keys, "{settings}");
        let twice = keys[0] == keys[1];
        assert_eq!(run.fact("duplicate_keys"), i64::from(twice), "{settings}");
        assert!(run.holds(&format!("unique == \"{}\" && convergent == \"yes\"", if twice { "no" } else { "yes" })), "{settings}");
    }
    let mut later = run("");
    later.does("c1 insert orders book; run 100ms; c2 insert orders pen; run 300ms");
    assert_eq!(later.all_told(), ["1", "2"], "who has heard of a key does not give it again");
}

#[test]
fn a_room_is_booked_twice_unless_it_has_a_home() {
    for (settings, told) in [("policy=lww", ["ok", "ok"]), ("policy=siblings", ["ok", "ok"]), ("policy=avoid home=n1", ["ok", "taken"])] {
        let mut run = run(settings);
        run.does("c1 book room5 anna; c2 book room5 bob; run 500ms");
        assert_eq!(run.all_told(), told, "{settings}");
        assert!(run.holds(&format!("unique == \"{}\"", if told[1] == "ok" { "no" } else { "yes" })), "{settings}");
        assert!(run.holds("convergent == \"yes\""), "{settings}");
    }
}

#[test]
fn the_last_copy_is_sold_twice() {
    for (settings, left) in [("policy=lww", "0 0 0"), ("policy=crdt", "-1 -1 -1")] {
        let mut run = run(settings);
        run.does("c1 write book 1; run 100ms; c1 buy book; c2 buy book; run 500ms");
        assert_eq!((run.copies("book").as_str(), run.fact("oversold")), (left, 1), "{settings}");
        run.does("c3 buy book; run 20ms");
        assert_eq!(run.told(), "sold out");
    }
    let mut home = run("policy=avoid home=n1");
    home.does("c1 write book 1; run 100ms; c1 buy book; c2 buy book; run 500ms");
    assert_eq!((home.all_told(), home.fact("oversold")), (vec!["ok".into(), "ok".into(), "sold out".into()], 0));
}

#[test]
fn an_answer_comes_before_its_question_where_one_stream_is_slow() {
    for (settings, early, causal) in
        [("", 1, "no"), ("dependencies=on", 0, "yes"), ("topology=star", 0, "yes"), ("topology=ring", 0, "yes")]
    {
        let mut run = run(settings);
        run.does("latency n1 -> n3 400ms; c1 comment q1 why; run 120ms; c2 comment a1 so on q1; run 80ms; c3 read a1; run 20ms");
        assert_eq!(run.fact("early_answers"), early, "{settings}");
        if early > 0 {
            assert_eq!((run.copies("q1").as_str(), run.copies("a1").as_str(), run.fact("unanswered")), ("why why -", "so so so", 1));
        }
        run.does("run 2s");
        assert!(run.holds(&format!("causal == \"{causal}\" && convergent == \"yes\" && unanswered == 0")), "{settings}");
    }
    let mut blind = run("");
    blind.does("c1 comment q1 why; c2 comment a1 so on q1; run 50ms");
    assert_eq!(blind.told(), "refused: there is no q1 to answer here");
}

#[test]
fn counters_and_sets_take_in_both() {
    let likes = "cut us | eu asia; workload c1 100/s add keys likes; workload c2 100/s add keys likes; run 1s; workload c1 off; workload c2 off; run 100ms; heal; run 2s";
    for (policy, both) in [("lww", false), ("crdt", true)] {
        let mut run = run(&format!("policy={policy}"));
        run.does(likes);
        let (acked, counted) = (run.fact("acked"), run.copies("likes"));
        let counted: i64 = counted.split(' ').next().unwrap().parse().unwrap();
        assert!(acked > 100);
        assert_eq!(counted == acked, both, "{policy}: {counted} of {acked}");
        assert_eq!((run.fact("acked_lost") > 0, run.holds("convergent == \"yes\"")), (!both, true), "{policy}");
    }
    let cart = "c1 include cart A; run 200ms; c1 include cart B; c2 exclude cart A; run 1s";
    for (settings, after) in [
        ("policy=merge merge=union", "{A,B} {A,B} {A,B}"),
        ("policy=crdt", "{B} {B} {B}"),
        ("policy=siblings", "{A,B}|{} {A,B}|{} {A,B}|{}"),
    ] {
        let mut run = run(settings);
        run.does(cart);
        assert_eq!(run.copies("cart"), after, "{settings}");
    }
}

#[test]
fn a_cut_hides_changes_and_loses_none() {
    for topology in ["all-to-all", "ring", "star"] {
        let mut run = run(&format!("topology={topology}"));
        run.does("cut us | eu asia; c1 write cart1 A; c2 write cart2 B; c3 write cart3 C; run 3s");
        assert_eq!((run.all_told(), run.fact("acked_alone_sum") > 0), (vec!["ok".to_string(); 3], true), "{topology}");
        run.does("heal; run 1s");
        for key in ["cart1", "cart2", "cart3"] {
            let value = ["A", "B", "C"][usize::from(key.as_bytes()[4] - b'1')];
            assert_eq!(run.copies(key), [value; 3].join(" "), "{topology}");
        }
        assert!(run.holds("conflicts == 0 && acked_lost == 0 && convergent == \"yes\" && acked_alone_sum == 0"), "{topology}");
    }
}

#[test]
fn what_was_not_sent_is_lost_with_the_disk() {
    for (settings, after, lost) in [("", "- A A", 0), ("ship-every=100ms", "- - -", 1)] {
        let mut run = run(settings);
        run.does("c1 write cart A; run 20ms; crash n1 wiping disk; run 200ms");
        assert_eq!((run.copies("cart").as_str(), run.fact("acked_lost")), (after, lost), "{settings}");
        assert!(run.holds("acked_alone_sum == 0"), "what is gone is at risk no more");
    }
    let mut kept = run("ship-every=100ms");
    kept.does("c1 write cart A; run 20ms; crash n1; run 200ms");
    assert!(kept.holds("acked_lost == 0 && acked_alone.n1 == 1 && durable == \"unknown\""));
    kept.does("restart n1; run 1s");
    assert_eq!(kept.copies("cart"), "A A A");
}

#[test]
fn changes_can_be_collected_before_they_are_sent() {
    let mut run = run("ship-every=100ms");
    run.does("c1 write x 1; run 30ms; c1 write y 2; run 60ms");
    assert!(run.holds("acked_alone.n1 == 2 && in_flight == 0"));
    run.does("run 15ms");
    assert!(run.holds("in_flight == 2"), "one message to each, with both");
    run.does("run 200ms");
    assert_eq!((run.copies("x").as_str(), run.copies("y").as_str()), ("1 1 1", "2 2 2"));
}

#[test]
fn users_are_sent_elsewhere_by_hand_or_by_themselves() {
    let mut by_hand = run("");
    by_hand.does("c1 write x 1; run 200ms; crash n1; c1 write x 2; run 600ms; move c1 n2; c1 write x 3; run 100ms");
    assert_eq!((by_hand.all_told(), by_hand.took()), (vec!["ok".into(), "timeout".into(), "ok".into()], 81));
    let mut alone = run("sticky=off");
    alone.does("crash n1; c1 write x 2; run 600ms; c1 write x 3; run 100ms");
    assert_eq!(alone.all_told(), ["timeout", "ok"]);
}

/// A user who goes to another centre may find it behind.
#[test]
fn who_moves_may_miss_the_own_write() {
    let mut run = run("");
    run.does("latency n1 -> n2 300ms; c1 write x 1; run 20ms; move c1 n2; c1 read x; run 100ms; c1 write x 2; run 100ms");
    assert!(run.holds("read_your_writes == \"no\" && monotonic_writes == \"no\" && writes_follow_reads == \"untested\""));
}

/// A ring that misses one stops behind it; all to all goes on.
#[test]
fn a_ring_stops_behind_the_gap() {
    for (topology, meanwhile) in [("all-to-all", "A - A"), ("ring", "A - -")] {
        let mut run = run(&format!("topology={topology}"));
        run.does("crash n2; c1 write x A; run 500ms");
        assert_eq!(run.copies("x"), meanwhile, "{topology}");
        run.does("restart n2; run 2s");
        assert_eq!(run.copies("x"), "A A A", "{topology}");
    }
}

/// 1 - exp(-2 x rate x way): two leaders that write one row, each a Poisson stream.
#[test]
fn conflicts_are_as_frequent_as_chance_says() {
    for (way, rate) in [(10.0, 2.0), (40.0, 2.0), (150.0, 2.0)] {
        let mut run = run_of(2, "policy=siblings replaces=stored request-timeout=5s");
        run.does(&format!(
            "latency n1 | n2 const({way}ms); workload c1 {rate}/s write keys x; workload c2 {rate}/s write keys x; run 300s"
        ));
        // What a leader takes travels after the disk has it.
        let law = 1.0 - libm::exp(-2.0 * rate * (way + 1.0) / 1000.0);
        let share = run.number("conflict_share");
        let sigma = libm::sqrt(law * (1.0 - law) / 1200.0);
        assert!((share - law).abs() < 5.0 * sigma, "{way} ms: {share}, not {law}");
    }
}

/// What an event costs does not grow with the log: for each, as few changes are looked at late in a run as early.
#[test]
fn an_event_looks_at_as_few_changes_late_as_early() {
    let mut run = run("");
    run.does("workload c1 100/s; workload c2 100/s; run 1s");
    let mut looked_at = |span: &str| {
        let (looks, events) = (so_far(), run.0.events());
        run.does(&format!("run {span}"));
        (so_far() - looks) as f64 / (run.0.events() - events) as f64
    };
    let early = looked_at("1s");
    looked_at("8s");
    let late = looked_at("1s");
    assert!(early > 0.1 && late < 1.5 * early, "{early} and then {late} changes for each event");
}
