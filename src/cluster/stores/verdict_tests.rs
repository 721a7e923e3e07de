//! Verdicts that must not tick before they are tested, heal, miss a loss, or break where all was done; and sentences that must be so.

use super::MODEL;
use crate::check::verdict::{Holds, Verdict};
use crate::cluster::kit::trial::Trial;
use crate::cluster::{Cluster, What};
use crate::sim::time::Time;

fn follow(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    let mut trial = Trial::new(&MODEL, settings, &[]);
    trial.follow(script);
    trial
}

/// The guarantees of which something is so.
fn of(trial: &Trial, holds: Holds) -> Vec<&'static str> {
    let verdicts = trial.cluster.verdicts();
    verdicts.into_iter().filter(|verdict: &Verdict| verdict.holds == holds).map(|verdict| verdict.guarantee.id()).collect()
}

/// Whether a sentence of the narration has this in it.
fn says(cluster: &dyn Cluster, part: &str) -> bool {
    let mut happened = Vec::new();
    cluster.happenings(Time::ZERO, &mut happened);
    happened.iter().any(|one| matches!(&one.what, What::Note { text, .. } if text.contains(part)))
}

const TRANSFER: &str = "c1 transfer 30 from anna to bob";
const TABLES: (&str, &str) = ("shop", "tables");
const DOCUMENTS: (&str, &str) = ("shop", "documents");

#[test]
fn nothing_is_kept_before_anything_could_have_broken_it() {
    for script in
        [&["c1 count book", "run 0us"][..], &["c1 transfer 10 from zed to bob", "run 1s"], &[TRANSFER, "run 1s", "c2 audit", "run 1s"]]
    {
        assert_eq!(of(&follow(&[], script), Holds::Yes), Vec::<&str>::new(), "{script:?}");
    }
    // Each by what could break it.
    for (id, settings, script) in [
        ("atomic", &[TABLES][..], &[TRANSFER, "run 8ms", "kill c1", "run 5s"][..]),
        ("sum_kept", &[TABLES], &[TRANSFER, "c2 transfer 10 from anna to bob", "run 1s"]),
        ("sum_seen", &[TABLES], &[TRANSFER, "run 8ms", "c2 audit", "run 1s"]),
        ("no_dirty_reads", &[TABLES], &[TRANSFER, "run 8ms", "c2 audit", "run 1s"]),
        ("one_snapshot", &[TABLES, ("isolation", "snapshot")], &["c2 audit slowly", TRANSFER, "run 1s"]),
        ("no_lost_updates", &[TABLES], &[TRANSFER, "c2 transfer 10 from anna to bob", "run 1s"]),
        ("serializable", &[TABLES, ("isolation", "serializable")], &["c1 leave tom", "c2 leave uma", "run 1s"]),
        ("someone_on_duty", &[TABLES], &["c1 leave tom", "run 1s"]),
        ("stock_kept", &[TABLES, ("stock", "1")], &["c1 order book for anna", "run 1s", "c2 order book for bob", "run 1s"]),
        ("copies_equal", &[DOCUMENTS], &["c1 rename book to Emma", "run 1s"]),
        ("acked_kept", &[TABLES], &[TRANSFER, "run 1s", "crash tables", "restart tables", "run 1s"]),
        (
            "once",
            &[TABLES, ("retry", "always"), ("request-key", "on"), ("statement-timeout", "100ms")],
            &[TRANSFER, "run 13ms", "cut tables -> c1", "run 50ms", "heal", "run 3s"],
        ),
    ] {
        assert_eq!(follow(settings, script).holds(id), Holds::Yes, "{id}");
    }
}

#[test]
fn what_is_broken_stays_broken_however_much_comes_after_it() {
    let script = ["c1 order book for anna", "c2 order book for anna", "run 2s"];
    let mut trial = follow(&[TABLES, ("update", "read-first")], &script);
    let broken = |trial: &Trial| {
        let facts = ["lost_updates.tables", "anomalies.tables"].map(|name| trial.count(name));
        (of(trial, Holds::No), facts)
    };
    let before = broken(&trial);
    assert!(before.0.contains(&"no_lost_updates") && before.0.contains(&"serializable"));
    trial.follow(&["workload c2 closed 10 think 1ms count keys book", "run 5s"]);
    assert_eq!(broken(&trial), before);
}

#[test]
fn a_loss_is_seen_however_long_ago_the_answer_was() {
    let script = [
        "c1 rename book to Emma",
        "run 50ms",
        "workload c2 closed 8 think exp(1ms) count keys book",
        "run 600ms",
        "crash tables losing unsynced",
        "restart tables",
        "run 100ms",
    ];
    let trial = follow(&[TABLES, ("fsync", "lazy")], &script);
    assert_eq!((trial.holds("acked_kept"), trial.count("lost.tables")), (Holds::No, 1));
}

#[test]
fn a_promise_that_is_thrown_away_after_the_answer_is_a_loss() {
    let gives_up = follow(
        &[TABLES, ("shards", "2"), ("in-doubt", "give-up")],
        &[TRANSFER, "run 28500us", "cut tables1 | tables2", "run 3s", "heal", "run 3s"],
    );
    assert_eq!((gives_up.answers(), gives_up.holds("acked_kept")), (vec!["moved".to_string()], Holds::No));
    let script = ["c1 rename book to Emma", "run 40500us", "cut tables1 -> tables3", "run 1s", "heal", "run 3s"];
    let forgets = follow(&[TABLES, ("shards", "3"), ("forget", "told-one")], &script);
    assert_eq!((forgets.answers(), forgets.holds("acked_kept")), (vec!["renamed in 3 places".to_string()], Holds::No));
    assert!(says(forgets.cluster.as_ref(), "tables3 undoes what c1.1 has changed, aborted: the coordinator says so"));
    assert!(says(gives_up.cluster.as_ref(), "tables2 undoes what c1.1 has changed, aborted: no decision was heard"));
}

#[test]
fn who_is_told_done_before_was_told_the_truth_or_it_is_a_loss() {
    let settings = |transactions| [DOCUMENTS, ("retry", "always"), ("request-key", "on"), ("document-transactions", transactions)];
    let never = follow(&settings("off"), &[TRANSFER, "cut documents -> c1", "run 2030ms", "heal", "run 5s"]);
    assert_eq!(
        (never.answers(), never.holds("acked_kept"), never.count("sum.documents")),
        (vec!["done before".to_string()], Holds::No, 150)
    );
    // The answer to COMMIT is lost: the first try has done it all.
    let truly = follow(&settings("on"), &[TRANSFER, "run 37ms", "cut documents -> c1", "run 2s", "heal", "run 5s"]);
    assert_eq!((truly.answers(), truly.holds("acked_kept")), (vec!["done before".to_string()], Holds::Untested));
}

#[test]
fn what_is_still_on_the_wire_is_not_yet_half_done() {
    let mut late = follow(&[DOCUMENTS, ("statement-timeout", "50ms")], &[TRANSFER, "latency c1 -> documents const(100ms)", "run 90ms"]);
    assert_eq!((late.answers().len(), of(&late, Holds::No)), (1, vec![]));
    late.follow(&["run 3s"]);
    assert_eq!((late.count("sum.documents"), of(&late, Holds::No)), (150, vec![]));
    // Where it does not arrive, it is half done.
    let mut lost = follow(&[DOCUMENTS, ("statement-timeout", "50ms")], &[TRANSFER, "latency c1 -> documents const(100ms)", "run 70ms"]);
    lost.follow(&["crash documents", "run 3s"]);
    assert_eq!((lost.count("sum.documents"), of(&lost, Holds::No)), (120, vec!["atomic", "sum_kept"]));
}

#[test]
fn a_try_that_is_under_way_is_not_forgotten() {
    let script = [
        TRANSFER,
        "run 6ms",
        "latency c1 | documents const(500ms)",
        "workload c2 closed 5 think exp(1ms) count keys book",
        "run 900ms",
        "workload c2 off",
        "run 3s",
    ];
    let trial = follow(&[DOCUMENTS], &script);
    assert_eq!((trial.answers()[0].as_str(), of(&trial, Holds::No)), ("moved", vec![]));
}

#[test]
fn who_read_what_was_rolled_back_fits_no_order() {
    let script = [TRANSFER, "run 2ms", "c2 audit slowly", "run 3ms", "kill c1", "run 4s"];
    let trial = follow(&[TABLES, ("isolation", "read-uncommitted")], &script);
    assert_eq!((trial.count("sum_read.tables"), trial.count("anomalies.tables")), (120, 1));
    assert_eq!((trial.holds("serializable"), trial.holds("one_snapshot")), (Holds::No, Holds::No));
}

#[test]
fn a_statement_that_comes_after_its_rollback_begins_nothing() {
    let mut trial = follow(&[TABLES], &[TRANSFER, "run 500us", "hold #1", "run 4s", "release #1", "run 10ms"]);
    assert_eq!((trial.count("open_transactions.tables"), trial.count("locked.tables")), (0, 0));
    trial.follow(&["c2 transfer 10 from anna to bob", "run 1s"]);
    assert_eq!(trial.answers()[1], "moved");
}

#[test]
fn half_of_an_ask_in_two_shops_is_no_success() {
    let settings = [("stock", "1"), ("isolation", "snapshot"), ("update", "read-first")];
    let trial = follow(&settings, &["c1 order book for anna", "c2 order book for bob", "run 2s"]);
    let last = trial.last();
    assert!(!last.outcome.is_ok());
    assert_eq!(trial.answers()[1], "only documents: ordered bob-5 · tables: aborted: another transaction changed it first");
}

#[test]
fn the_narration_says_what_is_so() {
    let skew = follow(&[TABLES, ("isolation", "locking")], &["c1 leave tom", "c2 leave uma", "run 2s"]);
    assert!(says(skew.cluster.as_ref(), "which has locked a row that it needs"));
    let script = [TRANSFER, "run 28ms", "crash tables1", "crash tables2", "restart tables2", "run 1s"];
    let dropped = follow(&[TABLES, ("shards", "2"), ("restart-locks", "dropped")], &script);
    assert!(says(dropped.cluster.as_ref(), "hears no decision, and has dropped its locks"));
    let idle = follow(&[TABLES], &[TRANSFER, "run 6ms", "kill c1", "run 4s"]);
    assert!(says(idle.cluster.as_ref(), "undoes what c1.1 has changed, aborted: no statement came for too long"));
    let wiped = follow(&[TABLES], &["crash tables wiping disk", "restart tables", "run 1s"]);
    assert!(says(wiped.cluster.as_ref(), "tables is up again with an empty disk, and is set up as at the start"));
    let late = follow(&[TABLES, ("request-timeout", "26ms")], &[TRANSFER, "run 1s"]);
    assert!(!says(late.cluster.as_ref(), "rolls back"), "COMMIT was sent");
}

#[test]
fn the_rows_that_the_asks_are_about_come_first() {
    let rows = |settings: &[(&str, &str)], ask: &str| {
        let trial = follow(settings, &[ask, "run 1s"]);
        let mut scene = crate::cluster::scene::Scene::default();
        trial.cluster.scene(trial.cluster.now(), &mut scene);
        scene.nodes.last().expect("documents").rows.iter().map(|row| format!("{} {}", row.label, row.value)).collect::<Vec<_>>()
    };
    assert_eq!(
        rows(&[], "c1 rename book to Emma")[..4],
        ["item book Emma 12", "item mug Mug 8", "item pen Pen 2", "order anna-1 Emma Pen"]
    );
    assert_eq!(rows(&[], TRANSFER)[..3], ["anna has 70", "bob has 80", "book left 10"]);
    assert_eq!(rows(&[("balances", "together")], TRANSFER)[..2], ["balances anna 70, bob 80", "book left 10"]);
}
