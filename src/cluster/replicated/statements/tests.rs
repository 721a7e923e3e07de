//! What the log carries of a statement, and what that makes of the copies.

use super::super::tests::{fact, float, int, run, run_seed, story, verdict};
use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::Cluster;
use crate::cluster::facts::FactValue;
use crate::cluster::told::Outcome;

const FORMATS: [&str; 4] = ["statement", "rewritten", "row", "write-ahead"];

fn base(format: &str) -> [(&str, &str); 4] {
    [("log-format", format), ("table-rows", "4"), ("failover", "manual"), ("replication", "async")]
}

/// How many rows differ in the end under each format.
fn differing(settings: &[(&str, &str)], commands: &[&str]) -> [i64; 4] {
    FORMATS.map(|format| {
        let cluster = run(&[&base(format)[..], settings].concat(), &[commands, &["run 200ms"]].concat());
        let convergent = verdict(&*cluster, Guarantee::CONVERGENT);
        let differing = int(&*cluster, "rows_differing");
        assert_eq!(convergent.0 == Holds::No, differing > 0, "{format}: {convergent:?}\n{}", story(&*cluster));
        differing
    })
}

/// The answers, in the order of the requests.
fn answers(cluster: &dyn Cluster) -> Vec<String> {
    let told = |outcome: &Outcome| match outcome {
        Outcome::Ok(told) => told.clone(),
        Outcome::Refused(why) => why.to_string(),
        other => format!("{other:?}"),
    };
    cluster.exchanges().iter().map(|exchange| told(&exchange.outcome)).collect()
}

#[test]
fn what_hangs_on_the_data_alone_does_the_same_everywhere() {
    let commands = [
        "c1 sql \"INSERT INTO books VALUES (9, 'new', 1, 1)\"",
        "run 30ms",
        "c1 sql \"UPDATE books SET price = price * 0.9\"",
        "run 30ms",
        "c1 sql \"UPDATE books SET stock = 0 ORDER BY price LIMIT 2\"",
        "run 30ms",
        "c1 sql \"DELETE FROM books WHERE stock > 3\"",
    ];
    assert_eq!(differing(&[], &commands), [0; 4]);
}

#[test]
fn a_function_differs_unless_its_value_is_sent() {
    for function in ["NOW()", "RAND()", "UUID()"] {
        let command = format!("c1 sql \"UPDATE books SET title = {function} WHERE id = 2\"");
        assert_eq!(differing(&[], &[&command]), [1, 0, 0, 0], "{function}");
    }
}

#[test]
fn without_an_order_each_server_takes_the_row_that_it_finds_first() {
    let command = ["c1 sql \"UPDATE books SET stock = 0 LIMIT 1\""];
    let [statement, rewritten, row, disk] = differing(&[], &command);
    assert!(statement > 0 && rewritten > 0 && (row, disk) == (0, 0), "{statement} {rewritten}");
    assert_eq!(differing(&[("row-order", "same")], &command), [0; 4]);
    assert_eq!(differing(&[], &["c1 sql \"UPDATE books SET stock = 0 ORDER BY id LIMIT 1\""]), [0; 4]);
}

/// c1 gets its key first and commits last. The log has them the other way round.
#[test]
fn keys_are_handed_out_in_one_order_and_logged_in_another() {
    let commands = [
        "c1 sql BEGIN",
        "run 30ms",
        "c1 sql \"INSERT INTO books (title) VALUES ('cook')\"",
        "run 30ms",
        "c2 sql \"INSERT INTO books (title) VALUES ('novel')\"",
        "run 30ms",
        "c1 sql COMMIT",
    ];
    assert_eq!(differing(&[], &commands), [2, 2, 0, 0]);
    let cluster = run(&base("statement"), &[&commands[..], &["run 200ms"]].concat());
    assert_eq!(answers(&*cluster), ["begun", "1 row, key 5, not committed", "1 row, key 6", "committed"]);
    let one_after_the_other = ["c1 sql BEGIN", "run 30ms", commands[2], "run 30ms", "c1 sql COMMIT", "run 30ms", commands[4]];
    assert_eq!(differing(&[], &one_after_the_other), [0; 4]);
}

/// What c1 did not see as it ran is there when it is run again.
#[test]
fn a_condition_meets_other_rows_when_it_is_run_in_the_order_of_the_log() {
    let commands = [
        "c1 sql BEGIN",
        "run 30ms",
        "c1 sql \"UPDATE books SET stock = 0 WHERE price < 100\"",
        "run 30ms",
        "c2 sql \"INSERT INTO books (title, price, stock) VALUES ('late', 9, 7)\"",
        "run 30ms",
        "c1 sql COMMIT",
    ];
    assert_eq!(differing(&[], &commands), [1, 1, 0, 0]);
}

#[test]
fn a_row_that_another_transaction_changes_is_locked() {
    let commands = [
        "c1 sql BEGIN",
        "run 30ms",
        "c1 sql \"UPDATE books SET stock = 1 WHERE id = 2\"",
        "run 30ms",
        "c2 sql \"UPDATE books SET stock = 2 WHERE id = 2\"",
        "run 30ms",
        "c2 sql \"SELECT stock FROM books WHERE id = 2\"",
        "c1 sql \"SELECT stock FROM books WHERE id = 2\"",
        "run 30ms",
        "c1 sql ROLLBACK",
        "run 30ms",
        "c1 sql COMMIT",
        "run 30ms",
        "c1 sql \"SELECT stock FROM books WHERE id = 2\"",
        "run 30ms",
    ];
    let cluster = run(&base("row"), &commands);
    let told = answers(&*cluster);
    assert!(told[2].contains("row 2 of books is locked by a transaction of c1"), "{told:?}");
    assert!(told[3] != "1" && told[4] == "1" && told[5] == "rolled back" && told[7] == told[3], "{told:?}");
    assert!(told[6].contains("no transaction of c1 is open here"), "{told:?}");
    assert_eq!((int(&*cluster, "transactions"), int(&*cluster, "committed"), int(&*cluster, "acked")), (0, 0, 0));
}

#[test]
fn a_mistake_is_refused_and_changes_nothing() {
    let cluster = run(&base("statement"), &["c1 sql \"DELETE FROM shelf\"", "run 50ms"]);
    assert!(answers(&*cluster)[0].contains("there is no table shelf"), "{:?}", answers(&*cluster));
    assert_eq!((int(&*cluster, "committed"), int(&*cluster, "refused")), (0, 1));
}

/// The tables are on the disk: a restart runs nothing again, after a loss of power either.
#[test]
fn a_restart_runs_nothing_again() {
    let commands = |fate: &'static str| {
        ["c1 sql \"UPDATE books SET title = UUID() WHERE id = 2\"", "run 100ms", fate, "run 50ms", "restart n2", "run 300ms"]
    };
    for fate in ["crash n2", "crash n2 losing unsynced"] {
        for format in FORMATS {
            let before = run(&base(format), &commands(fate)[..2]);
            let after = run(&base(format), &commands(fate));
            let differ = |cluster: &dyn Cluster| int(cluster, "rows_differing");
            assert_eq!(differ(&*before), differ(&*after), "{format}, {fate}");
            assert_eq!(book(&*before, "n2"), book(&*after, "n2"), "{format}, {fate}");
        }
    }
}

/// What a server has at a place, from the copies that the checkers see.
fn book(cluster: &dyn Cluster, name: &str) -> Vec<String> {
    let live = cluster.as_any().downcast_ref::<crate::cluster::live::Live<super::super::Replicated>>().expect("this model");
    let states = crate::cluster::kit::logged::replicas(live).states;
    let state = states.into_iter().find(|(server, _)| server == name).map(|(_, state)| state);
    state.unwrap_or_default().into_iter().map(|(key, value)| format!("{key}: {value}")).collect()
}

#[test]
fn a_new_leader_hands_out_a_key_that_was_given_and_lost() {
    let insert = "c1 sql \"INSERT INTO books (title) VALUES ('a')\"";
    let commands = [
        "cut n1 | n2 n3",
        insert,
        "run 100ms",
        "crash n1",
        "promote n2",
        "run 100ms",
        "c2 sql \"INSERT INTO books (title) VALUES ('b')\"",
        "run 600ms",
    ];
    let settings = [&base("row")[..], &[("request-timeout", "300ms")]].concat();
    let cluster = run(&settings, &commands);
    assert_eq!(int(&*cluster, "keys_twice"), 1, "{:?}\n{}", answers(&*cluster), story(&*cluster));
    let back = run(&settings, &[&commands[..], &["restart n1", "heal", "run 1s"]].concat());
    assert_eq!((int(&*back, "discarded"), int(&*back, "acked_lost"), int(&*back, "rows_differing")), (1, 1, 0), "{}", story(&*back));
    assert_eq!(verdict(&*back, Guarantee::DURABLE).0, Holds::No);
}

#[test]
fn a_text_stays_as_long_as_it_is_whatever_it_changes() {
    let bytes = |format: &str, rows: &str, last: &str| {
        let update = format!("c1 sql \"UPDATE books SET price = price + 1 WHERE id <= {last}\"");
        let settings = [("log-format", format), ("table-rows", rows)];
        int(&*run(&settings, &[&update, "run 100ms"]), "log_bytes")
    };
    let text = "UPDATE books SET price = price + 1 WHERE id <= 1".len() as i64;
    assert_eq!((bytes("statement", "100", "1"), bytes("statement", "100", "100")), (text, text + 2));
    let update = ["c1 sql \"UPDATE books SET stock = 0\"", "run 50ms", "c2 sql \"DELETE FROM books WHERE id = 1\"", "run 100ms"];
    let all = run(&base("statement"), &update);
    assert_eq!((int(&*all, "rows_changed"), int(&*all, "committed")), (5, 2));
    // Dune and three numbers, before and after: 2 (4 + 8 + 5 + 8 + 8).
    assert_eq!((bytes("row", "100", "1"), bytes("write-ahead", "100", "1")), (66, 30 + 29));
    assert!(bytes("row", "100", "100") > 90 * 66);
}

#[test]
fn a_statement_takes_as_long_on_a_follower_as_on_the_leader_and_its_rows_do_not() {
    let lag = |format: &str| {
        let settings = [("log-format", format), ("table-rows", "1000"), ("row-time", "100us"), ("request-timeout", "2s")];
        let cluster = run(&settings, &["c1 sql \"UPDATE books SET stock = 0 WHERE price = 8\"", "run 1s"]);
        assert_eq!((int(&*cluster, "acked"), int(&*cluster, "lag_entries_max")), (1, 0), "{format}\n{}", story(&*cluster));
        assert!(float(&*cluster, "write_ms_mean") > 100.0, "the leader looks at 1,000 rows");
        float(&*cluster, "apply_ms_mean")
    };
    let [statement, rewritten, row, disk] = FORMATS.map(lag);
    assert!(statement > 100.0 && rewritten > 100.0 && row < 40.0 && disk < row, "{statement} {row} {disk}");
}

#[test]
fn rows_without_a_key_are_searched_for() {
    let lag = |format: &str, key: &str| {
        let settings =
            [("log-format", format), ("table-rows", "100"), ("table-key", key), ("row-time", "100us"), ("request-timeout", "2s")];
        let cluster = run(&settings, &["c1 sql \"UPDATE books SET stock = 0\"", "run 2s"]);
        assert_eq!((int(&*cluster, "lag_entries_max"), int(&*cluster, "rows_differing")), (0, 0));
        float(&*cluster, "apply_ms_mean")
    };
    assert!(lag("row", "off") > 5.0 * lag("row", "on"), "{} {}", lag("row", "off"), lag("row", "on"));
    assert!(lag("write-ahead", "off") <= lag("write-ahead", "on") + 1.0);
}

/// A copy of a message runs nothing twice, not in an open transaction and not after it.
#[test]
fn a_copied_request_runs_once() {
    let commands = [
        "duplication all 1",
        "c1 sql BEGIN",
        "run 30ms",
        "c1 sql \"UPDATE books SET stock = stock + 1\"",
        "run 30ms",
        "c1 sql COMMIT",
        "run 100ms",
        "c1 sql \"UPDATE books SET stock = stock + 1\"",
        "run 100ms",
        "c1 sql \"SELECT stock FROM books WHERE id = 1\"",
        "run 100ms",
    ];
    let cluster = run(&base("row"), &commands);
    let plain = run(&base("row"), &commands[1..]);
    assert_eq!(answers(&*cluster).last(), answers(&*plain).last());
    assert_eq!((int(&*cluster, "committed"), int(&*plain, "committed")), (2, 2));
}

#[test]
fn a_promoted_follower_first_runs_what_it_has() {
    let settings = [&base("statement")[..], &[("apply", "const(300ms)")]].concat();
    let commands = [
        "c1 sql \"UPDATE books SET stock = 77 WHERE id = 1\"",
        "run 50ms",
        "crash n1",
        "promote n2",
        "run 50ms",
        "c1 sql \"SELECT stock FROM books WHERE id = 1\" to n2",
        "run 600ms",
        "c1 sql \"SELECT stock FROM books WHERE id = 1\" to n2",
        "run 100ms",
    ];
    let told = answers(&*run(&settings, &commands));
    assert!(told[1].contains("not ready") && told[2] == "77", "{told:?}");
}

#[test]
fn a_leader_that_waits_for_a_majority_numbers_what_it_has_not_applied() {
    let insert = "c1 sql \"INSERT INTO books (title) VALUES ('a')\"";
    let cluster = run(&[("replication", "majority"), ("log-format", "row")], &[insert, insert, "c2 write x 1", insert, "run 200ms"]);
    assert_eq!(answers(&*cluster), ["1 row, key 1", "1 row, key 2", "ok", "1 row, key 3"]);
    assert_eq!(fact(&*cluster, "rows"), FactValue::Named(vec![("books".into(), 3.0)]));
}

#[test]
fn a_workload_asks_only_what_does_the_same_everywhere() {
    for format in FORMATS {
        let settings = [("log-format", format), ("table-rows", "8")];
        for seed in 1..5 {
            let cluster = run_seed(&settings, &["workload c1 50/s sql", "run 2s", "workload c1 off", "run 300ms"], seed);
            assert!(int(&*cluster, "acked") > 50 && int(&*cluster, "rows_differing") == 0, "{format}, {seed}");
        }
    }
}
