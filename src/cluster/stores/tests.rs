//! The two shops under commands, as learners and lessons use them.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::cluster::scene::{Body, Scene};
use crate::sim::time::Span;

fn shops(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    let mut trial = Trial::new(&MODEL, settings, &[]);
    trial.follow(script);
    trial
}

/// A fact of both shops.
fn both(trial: &Trial, name: &str) -> [i64; 2] {
    ["tables", "documents"].map(|shop| trial.fact(&format!("{name}.{shop}")) as i64)
}

/// What was told to the last ask.
fn told(settings: &[(&str, &str)], script: &[&str], ask: &str) -> String {
    shops(settings, script).ask(ask, Span::s(15))
}

const TRANSFER: &str = "c1 transfer 30 from anna to bob";

#[test]
fn every_ask_is_carried_out_in_both_shops() {
    let mut trial = shops(&[], &[]);
    for (ask, answer) in [
        (TRANSFER, "moved"),
        ("c1 transfer 71 from anna to bob", "anna has less than 71"),
        ("c1 transfer 1 from anna to zoe", "there is no customer zoe; there are anna, bob"),
        ("c1 transfer 1 from bob to bob", "bob cannot give to bob"),
        ("c1 order book for anna", "ordered anna-4"),
        ("c1 order cow for anna", "there is no item cow; there are book, pen, mug"),
        ("c1 page anna-1", "anna: Dune 12, Pen 2"),
        ("c1 page anna-9", "there is no order anna-9"),
        ("c1 count book", "4 sold"),
        ("c1 audit", "sum 150"),
        ("c1 audit slowly", "sum 150"),
        ("c1 rename book to Emma", "tables: renamed in 1 place · documents: renamed in 5 places"),
        ("c1 page anna-4", "anna: Emma 12"),
        ("c1 leave tom", "left"),
        ("c1 leave tom", "tom is not on duty"),
        ("c1 leave uma", "nobody else is on duty"),
        ("c1 leave max", "there is no clerk max; there are tom, uma"),
        ("c1 migrate", "3 changed"),
        ("c1 migrate", "0 changed"),
        ("c1 order pen for bob", "ordered bob-5"),
        ("c1 page bob-5", "bob: Pen 2"),
    ] {
        assert_eq!(trial.ask(ask, Span::s(1)), answer, "{ask}");
    }
    assert_eq!(
        [both(&trial, "sum"), both(&trial, "sold"), both(&trial, "on_duty"), both(&trial, "left_in_stock")],
        [[150; 2], [2; 2], [1; 2], [28; 2]]
    );
    assert_eq!(
        [both(&trial, "copies_off"), both(&trial, "prices_off"), both(&trial, "old_shapes"), both(&trial, "half_done")],
        [[0; 2]; 4]
    );
    let of = |holds: Holds| {
        let verdicts = trial.cluster.verdicts();
        verdicts.into_iter().filter(|verdict| verdict.holds == holds).map(|verdict| verdict.guarantee.id()).collect::<Vec<_>>()
    };
    assert_eq!(of(Holds::No), Vec::<&str>::new());
    assert_eq!(of(Holds::Yes), ["someone_on_duty", "copies_equal"], "nothing has tested the others: one ask after the other");
}

#[test]
fn an_order_page_is_a_join_or_one_document() {
    for lines in ["1", "5", "20"] {
        let trial = shops(&[("lines", lines)], &["c1 page anna-1", "run 1s"]);
        let n: i64 = lines.parse().expect("a number");
        assert_eq!(both(&trial, "last_reads"), [2 + 2 * n, 1], "{lines}");
        assert_eq!(both(&trial, "last_statements"), [1, 1]);
    }
    let referenced = shops(&[("lines", "3"), ("documents", "referenced")], &["c1 page anna-1", "run 1s"]);
    assert_eq!(both(&referenced, "last_reads"), [8, 5], "the order, the customer, three items");
    assert_eq!(both(&referenced, "last_statements"), [1, 3]);
    assert_eq!(referenced.answers(), ["anna: Dune 12, Pen 2, Mug 8"]);
}

#[test]
fn an_index_finds_what_was_sold() {
    let counted = |index| {
        let trial = shops(&[("orders", "1000"), ("lines", "2"), ("index", index)], &["c1 count book", "run 1s"]);
        (both(&trial, "last_reads"), trial.answers().concat())
    };
    assert_eq!(counted("on"), ([1000, 1000], "1000 sold".to_string()));
    assert_eq!(counted("off"), ([2000, 1000], "1000 sold".to_string()));
}

#[test]
fn a_new_title_has_one_place_or_many() {
    let trial = shops(&[("orders", "6")], &["c1 rename book to Emma", "run 1s"]);
    assert_eq!(both(&trial, "last_changed"), [1, 7]);
    assert_eq!(both(&trial, "copies"), [3, 15]);
    let referenced = shops(&[("orders", "6"), ("documents", "referenced")], &["c1 rename book to Emma", "run 1s"]);
    assert_eq!(both(&referenced, "last_changed"), [1, 1]);
    let sharded = shops(&[("orders", "6"), ("shards", "3"), ("customers", "3")], &["c1 rename book to Emma", "run 1s"]);
    assert_eq!(both(&sharded, "last_changed"), [3, 7], "the rows of items are on every shard");
}

#[test]
fn a_crash_between_the_halves_is_undone_where_there_is_a_transaction() {
    for crash in ["kill c1", "crash tables", "crash documents"] {
        let script = [TRANSFER, "run 8ms", crash, "run 5s", "restart tables", "restart documents", "run 5s"];
        let script: Vec<&str> = script.into_iter().filter(|text| !text.starts_with("restart") || text.ends_with(&crash[6..])).collect();
        let half = shops(&[], &script);
        let documents = if crash == "crash tables" { 150 } else { 120 };
        assert_eq!(both(&half, "sum"), [150, documents], "{crash}");
        assert_eq!(half.holds("atomic"), if documents == 150 { Holds::Yes } else { Holds::No }, "{crash}");
        assert_eq!(half.holds("sum_kept"), half.holds("atomic"));
        let neither = shops(&[("table-transactions", "off")], &script);
        assert_eq!(both(&neither, "sum"), [if crash == "crash documents" { 150 } else { 120 }, documents], "{crash}: it is not the word");
        let with = shops(&[("document-transactions", "on")], &script);
        assert_eq!((both(&with, "sum"), with.holds("atomic")), ([150, 150], Holds::Yes), "{crash}");
        let together = shops(&[("balances", "together")], &script);
        // One document is never changed in part: where only its server crashes there is nothing to undo.
        let tested = if crash == "crash documents" { Holds::Untested } else { Holds::Yes };
        assert_eq!((both(&together, "sum"), together.holds("atomic")), ([150, 150], tested), "{crash}");
    }
}

#[test]
fn a_reader_in_the_middle_sees_what_is_committed() {
    let seen = |settings: &[(&str, &str)]| {
        let trial = shops(settings, &[TRANSFER, "run 8ms", "c2 audit", "run 1s"]);
        (both(&trial, "sum_read"), trial.holds("no_dirty_reads"), trial.holds("sum_seen"))
    };
    assert_eq!(seen(&[("shop", "both")]), ([150, 120], Holds::Yes, Holds::No));
    assert_eq!(seen(&[("document-transactions", "on")]), ([150, 150], Holds::Yes, Holds::Yes));
    assert_eq!(seen(&[("isolation", "read-uncommitted"), ("document-transactions", "on")]), ([120, 150], Holds::No, Holds::No));
}

#[test]
fn a_sum_read_statement_by_statement_needs_a_snapshot() {
    let seen = |isolation| {
        // Bob's balance is read after the transfer, anna's before it.
        let script = ["c2 audit slowly", "run 4ms", TRANSFER, "run 30ms", "run 1s"];
        let trial = shops(&[("isolation", isolation), ("think", "const(20ms)"), ("shop", "tables")], &script);
        (trial.count("sum_read.tables"), trial.holds("one_snapshot"))
    };
    let slow = |isolation| {
        let script = ["set think const(100ms)", "c2 audit slowly", "run 4ms", "set think 0s", TRANSFER, "run 1s"];
        let trial = shops(&[("isolation", isolation), ("shop", "tables")], &script);
        (trial.count("sum_read.tables"), trial.holds("one_snapshot"))
    };
    assert_eq!(seen("read-committed").0, 150, "the transfer is slower than the audit");
    assert_eq!(slow("read-committed"), (180, Holds::No));
    for isolation in ["repeatable-read", "snapshot", "serializable", "locking"] {
        assert_eq!(slow(isolation), (150, Holds::Yes), "{isolation}");
    }
}

/// Two buyers at the same moment, one left.
const BUYERS: &[&str] = &["c1 order book for anna", "c2 order book for bob", "run 3s"];

#[test]
fn the_last_copy_is_sold_twice_by_who_reads_first() {
    let sold = |settings: &[(&str, &str)]| {
        let all: Vec<(&str, &str)> = [("stock", "1"), ("shop", "tables")].into_iter().chain(settings.iter().copied()).collect();
        let trial = shops(&all, BUYERS);
        (trial.count("sold.tables"), trial.holds("stock_kept"), trial.holds("no_lost_updates"))
    };
    assert_eq!(sold(&[("isolation", "read-committed")]), (1, Holds::Yes, Holds::Yes), "guarded");
    for (isolation, sells) in [("read-committed", 2), ("repeatable-read", 2), ("snapshot", 1), ("serializable", 1), ("locking", 1)] {
        let kept = if sells == 1 { Holds::Yes } else { Holds::No };
        assert_eq!(sold(&[("isolation", isolation), ("update", "read-first")]), (sells, kept, kept), "{isolation}");
    }
    let documents = |settings: &[(&str, &str)]| {
        let all: Vec<(&str, &str)> = [("stock", "1"), ("shop", "documents")].into_iter().chain(settings.iter().copied()).collect();
        shops(&all, BUYERS).count("sold.documents")
    };
    assert_eq!([documents(&[]), documents(&[("update", "read-first")])], [1, 2]);
    assert_eq!(documents(&[("update", "read-first"), ("document-transactions", "on")]), 1);
}

#[test]
fn two_clerks_leave_at_once_where_snapshots_do_not_see_each_other() {
    let left = |isolation| {
        let trial = shops(&[("isolation", isolation), ("shop", "tables")], &["c1 leave tom", "c2 leave uma", "run 3s"]);
        (trial.count("on_duty.tables"), trial.holds("someone_on_duty"), trial.holds("serializable"))
    };
    for (isolation, stays) in [("read-committed", 0), ("repeatable-read", 0), ("snapshot", 0), ("serializable", 1), ("locking", 1)] {
        let kept = if stays == 1 { Holds::Yes } else { Holds::No };
        assert_eq!(left(isolation), (stays, kept, kept), "{isolation}");
    }
}

#[test]
fn whoever_was_aborted_can_try_again() {
    let settings = [("isolation", "serializable"), ("update", "read-first"), ("shop", "tables")];
    let script = ["c1 transfer 5 from anna to bob", "c2 transfer 7 from bob to anna", "run 3s"];
    let once = shops(&settings, &script);
    assert!(once.count("aborts.tables") > 0);
    let all: Vec<(&str, &str)> = settings.iter().copied().chain([("retry", "aborted"), ("tries", "10")]).collect();
    let again = shops(&all, &script);
    assert!(again.answers().iter().all(|answer| answer == "moved"));
    assert_eq!(again.holds("serializable"), Holds::Yes);
}

#[test]
fn locks_that_cross_are_a_deadlock_and_one_of_them_goes_on() {
    let script = ["c1 transfer 5 from anna to bob", "c2 transfer 7 from bob to anna", "run 3s"];
    let trial = shops(&[("shop", "tables")], &script);
    assert_eq!((trial.count("deadlocks.tables"), trial.count("commits.tables")), (1, 1));
    // Over two shards neither server sees it: the lock times out.
    let apart = shops(&[("shop", "tables"), ("shards", "2")], &script);
    assert_eq!(apart.count("deadlocks.tables"), 0);
    assert!(apart.answers().iter().any(|answer| answer == "aborted: waited too long"));
}

#[test]
fn shards_are_touched_as_the_rows_stand() {
    let shards = |ask: &str| {
        let trial = shops(&[("shards", "4"), ("customers", "4"), ("orders", "8")], &[ask, "run 3s"]);
        both(&trial, "last_shards")
    };
    assert_eq!(shards("c1 page anna-1"), [1, 1]);
    assert_eq!(shards("c1 count book"), [4, 4]);
    assert_eq!(shards("c1 transfer 1 from anna to bob"), [2, 2]);
    assert_eq!(shards("c1 audit"), [4, 4]);
}

#[test]
fn a_retry_without_a_key_moves_the_money_twice_and_the_sum_stays_right() {
    // The answer to the last statement, or to COMMIT, is lost once.
    let run = |key, transactions| {
        let settings = [
            ("retry", "always"),
            ("request-key", key),
            ("shop", "documents"),
            ("statement-timeout", "100ms"),
            ("document-transactions", transactions),
        ];
        let script = [TRANSFER, "run 13ms", "cut documents -> c1", "run 50ms", "heal", "run 3s"];
        let trial = shops(&settings, &script);
        (trial.count("twice.documents"), trial.holds("once"), trial.fact("sum.documents") as i64)
    };
    assert_eq!(run("on", "on"), (0, Holds::Yes, 150));
    assert_eq!(run("off", "off"), (1, Holds::No, 150));
}

#[test]
fn a_migration_carries_both_schemas_for_a_while() {
    let script = ["c1 migrate", "run 8ms", "kill c1", "run 4s"];
    let half = shops(&[], &script);
    assert_eq!(both(&half, "old_shapes"), [3, 2]);
    let pages = |readers| {
        let mut trial = shops(&[("readers", readers), ("documents", "referenced")], &script);
        trial.ask("c2 page anna-1", Span::s(1))
    };
    assert_eq!(pages("both"), "anna: Dune 12, Pen 2");
    assert_eq!(
        pages("new"),
        "tables: book has shape 1, which the application cannot read · documents: pen has shape 1, which the application cannot read"
    );
    assert!(pages("old").contains("documents: book has shape 2"));
    let again = |migration| {
        let script = ["c1 migrate", "run 8ms", "kill c1", "run 4s", "c2 migrate", "run 1s"];
        let trial = shops(&[("migration", migration)], &script);
        both(&trial, "prices_off")
    };
    assert_eq!(again("checked"), [0, 0]);
    assert_eq!(again("blind"), [0, 1], "the price that was changed before is a hundred times too high");
}

#[test]
fn a_client_hears_what_it_may_rely_on() {
    assert_eq!(told(&[("shop", "tables")], &["crash tables"], TRANSFER), "no answer: nothing was committed");
    assert_eq!(told(&[("shop", "documents")], &["crash documents"], TRANSFER), "no answer");
    assert_eq!(told(&[("shop", "tables")], &["full-disk tables"], TRANSFER), "aborted: disk full");
}

#[test]
fn the_panels_stand_side_by_side() {
    let trial = shops(&[], &[TRANSFER, "run 8ms"]);
    let mut scene = Scene::default();
    trial.cluster.scene(trial.cluster.now(), &mut scene);
    let titles: Vec<&str> = scene.panels.iter().map(|panel| panel.title.as_str()).collect();
    assert_eq!(titles, ["tables", "documents", "locks"]);
    let Body::Checklist(list) = &scene.panels[0].body else { panic!("statements") };
    let texts: Vec<&str> = list.checks.iter().map(|check| check.text.as_str()).collect();
    assert_eq!(texts, ["BEGIN", "UPDATE accounts SET balance = balance - 30 WHERE id = 'anna' AND balance >= 30", "sum of all balances"]);
    let Body::Table(locks) = &scene.panels[2].body else { panic!("locks") };
    assert_eq!(locks.rows[0].entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["c1.1", "tables", "anna", "open"]);
}
