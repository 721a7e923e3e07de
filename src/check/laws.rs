//! Published cases, implications between guarantees, and the sentences.

use proptest::prelude::*;

use super::brute::{Mix, histories, name};
use super::ground::Ground;
use super::operation::{Op, Operation, Outcome, Replicas, Ret, Value};
use super::sequential::{Sequential, sequential};
use super::sessions::{Judged, explained, sessions};
use super::tested::{is_answer, is_tested};
use super::verdict::{Guarantee, Holds, Verdict};
use super::{BUDGET, Limits, check_all, check_all_within};

/// `c1 w x 1 0 5` in short: session, what, key, values, call and return; `?` for a return is unknown, `!` failed.
fn ops(text: &str) -> Vec<Operation> {
    text.split(';').enumerate().map(|(id, line)| op(id as u32, &line.split_whitespace().collect::<Vec<_>>())).collect()
}

fn op(id: u32, words: &[&str]) -> Operation {
    let value = |text: &str| (text != "nil").then(|| Value::from(text));
    let some = |text: &str| Value::from(text);
    let key = words[2].into();
    let (op, ret) = match words[1] {
        "r" => (Op::Read { key }, Ret::Value(value(words[3]))),
        "w" => (Op::Write { key, value: some(words[3]) }, Ret::Done),
        "a" => (Op::Append { key, value: some(words[3]) }, Ret::Done),
        what => {
            let (old, new) = words[3].split_once('-').unwrap();
            let ret = if what == "cas" { Ret::Swapped } else { Ret::NotSwapped };
            (Op::Cas { key, expected: value(old), value: some(new) }, ret)
        }
    };
    let outcome = match words[5] {
        "?" => Outcome::Unknown,
        "!" => Outcome::Failed,
        _ => Outcome::Ok(ret),
    };
    let session = words[0][1..].parse::<u32>().unwrap() - 1;
    Operation { id, session, op, call: words[4].parse().unwrap(), ret: words[5].parse().ok(), outcome }
}

fn judged(text: &str) -> Vec<Verdict> {
    check_all(&ops(text), None, &name, BUDGET)
}

/// One letter for each guarantee of a history: yes, no, unknown, untested.
fn letters(text: &str) -> String {
    let verdicts = if text.is_empty() { check_all(&[], None, &name, BUDGET) } else { judged(text) };
    verdicts
        .iter()
        .map(|v| match v.holds {
            Holds::Yes => 'y',
            Holds::No => 'n',
            Holds::Unknown => '?',
            Holds::Untested => '-',
        })
        .collect()
}

fn why(text: &str, guarantee: Guarantee) -> (String, Vec<u32>) {
    judged(text).into_iter().find(|v| v.guarantee == guarantee).map(|v| (v.why, v.witness)).unwrap()
}

/// Kleppmann, Designing Data-Intensive Applications, figure "a nonlinearizable execution, despite using a quorum": the writer is
/// still at it when A reads the new value and then B the old one. The register starts as 0 there and as nil here.
#[test]
fn quorum_reads_are_not_linearizable() {
    let apart = "c1 w x 1 0 9; c2 r x 1 1 2; c3 r x nil 3 4";
    assert_eq!(&letters(apart)[..2], "n-", "no client saw anything twice");
    assert_eq!(why(apart, Guarantee::LINEARIZABLE), ("c3 read nothing after c2 had read 1".into(), vec![1, 2]));
    assert_eq!(&letters("c1 w x 1 0 9; c2 r x 1 1 3; c3 r x nil 2 4")[..2], "--", "the reads overlap");
}

/// MIT 6.824, 2017, quiz 2, as porcupine's tests have it.
#[test]
fn the_register_quiz() {
    assert_eq!(&letters("c1 w x 100 0 100; c2 r x 100 25 75; c3 r x nil 30 60")[..1], "-", "everything overlaps");
    assert_eq!(&letters("c1 w x 200 0 100; c2 r x 200 10 30; c3 r x nil 40 90")[..1], "n");
}

/// Each guarantee of Terry et al. broken alone.
#[test]
fn each_session_guarantee_has_its_own_fault() {
    let own = "c1 w x 7 0 1; c1 w x 9 2 3; c1 r x 7 4 5";
    assert_eq!(&letters(own)[..6], "nnn---");
    assert_eq!(why(own, Guarantee::READ_YOUR_WRITES), ("c1 read 7 after writing 9 itself".into(), vec![0, 1, 2]));

    let reads = "c1 w x 7 0 1; c1 w x 9 2 3; c2 r x 9 4 5; c2 r x 7 6 7";
    assert_eq!(&letters(reads)[..6], "nn-n--");
    assert_eq!(why(reads, Guarantee::MONOTONIC_READS), ("c2 read 7 after it had read 9".into(), vec![0, 1, 2, 3]));

    let writes = "c1 w x 7 0 1; c1 w y 9 2 3; c2 r y 9 4 5; c2 r x nil 6 7";
    assert_eq!(&letters(writes)[..6], "nn--n-");
    let sentence = "c2 read x = nothing without x = 7, though it had seen y = 9, which c1 wrote after x = 7";
    assert_eq!(why(writes, Guarantee::MONOTONIC_WRITES), (sentence.into(), vec![0, 1, 2, 3]));

    let follow = "c1 w x 7 0 1; c2 r x 7 2 3; c2 w y 9 4 5; c3 r y 9 6 7; c3 r x nil 8 9";
    assert_eq!(&letters(follow)[..6], "nn---n");
    let sentence = "c3 read x = nothing without x = 7, though it had seen y = 9, which c2 wrote after reading x = 7";
    assert_eq!(why(follow, Guarantee::WRITES_FOLLOW_READS), (sentence.into(), vec![0, 1, 2, 3, 4]));
}

/// Sequentially consistent and not linearizable (Attiya & Welch's classic): no session saw anything wrong.
#[test]
fn another_order_than_the_clock_is_no_fault_of_a_session() {
    assert_eq!(&letters("c1 w x 7 0 1; c2 w x 9 2 3; c3 r x 9 4 5; c3 r x 7 6 7; c4 r x 9 4 5; c4 r x 7 6 7")[..6], "ny-y--");
    assert_eq!(&letters("c1 w x 7 0 1; c2 w x 9 2 3; c3 r x 9 4 5; c3 r x 7 6 7; c4 r x 7 4 5; c4 r x 9 6 7")[..6], "nn-y--");
}

#[test]
fn sentences_are_in_a_learners_words() {
    let linear = |text: &str| why(text, Guarantee::LINEARIZABLE);
    assert_eq!(linear("c1 w x 7 0 1; c1 w x 9 2 3; c2 r x 7 4 5"), ("c2 read 7 after 9 had been acknowledged".into(), vec![0, 1, 2]));
    assert_eq!(linear("c1 w x 7 0 1; c2 r x nil 4 5"), ("c2 read nothing after 7 had been acknowledged".into(), vec![0, 1]));
    assert_eq!(linear("c1 w x 7 0 1; c2 r x 8 4 5"), ("c2 read 8, which nobody had written".into(), vec![1]));
    assert_eq!(linear("c1 w x 7 0 !; c2 r x 7 4 5"), ("c2 read 7, though that write had failed".into(), vec![1]));
    assert_eq!(linear("c2 r x 7 4 5; c1 w x 7 6 7"), ("c2 read 7, which nobody had written yet".into(), vec![0]));
    assert_eq!(linear("c1 w x 7 0 1; c2 cas x 8-9 4 5; c1 w x 8 6 7").0, "c2 changed 8 to 9, which nobody had written yet");
    assert_eq!(linear("c1 w x 7 0 1; c2 keep x 7-9 4 5").0, "c2 was told that it is not 7 after 7 had been acknowledged");
    assert_eq!(
        linear("c1 a x a 0 1; c2 r y nil 2 3; c2 r x nil 4 5").0,
        "c2 read x = nothing after the append of x + a had been acknowledged"
    );
    let split = "c1 w x 1 0 9; c2 w x 2 0 9; c3 r x 1 10 11; c3 r x 2 12 13; c4 r x 2 10 11; c4 r x 1 12 13";
    let sentence = "c3 read 1, then read 2; c4 read 2, then read 1: no single order fits";
    assert_eq!(why(split, Guarantee::SEQUENTIAL), (sentence.into(), vec![2, 4, 3, 5]), "in the order of their calls");
}

#[test]
fn unknown_writes_happen_late_or_never() {
    assert_eq!(&letters("c1 w x 7 0 ?; c2 r x nil 1 2; c2 r x 7 3 4")[..6], "------");
    assert_eq!(&letters("c1 w x 7 0 ?; c2 r x nil 1 2")[..6], "------");
    assert_eq!(&letters("c1 w x 7 0 ?; c2 r x 7 1 2; c2 r x nil 3 4")[..6], "nn-n--");
}

#[test]
fn the_empty_text_is_nothing() {
    assert_eq!(&letters("c1 r x nil 0 1; c1 a x a 2 3; c1 r x a 4 5; c1 a x b 6 7; c1 r x ab 8 9")[..6], "yyyy--");
    let mut empty = ops("c1 r x nil 0 1");
    empty[0].outcome = Outcome::Ok(Ret::Value(Some(Value::Text("".into()))));
    assert_eq!(check_all(&empty, None, &name, BUDGET)[0].holds, Holds::Untested);
}

#[test]
fn durability_is_what_survives() {
    let history = "c1 w x 7 0 1; c1 w x 9 2 3";
    let judge = |replicas: Option<&Replicas>, text: &str| check_all(&ops(text), replicas, &name, BUDGET)[6].clone();
    assert_eq!(judge(None, history).why, "nobody read x after its last write");
    let lost = Replicas { lost: vec![1], ..Replicas::default() };
    let verdict = judge(Some(&lost), history);
    assert_eq!((verdict.holds, verdict.why.as_str(), verdict.witness), (Holds::No, "9, acknowledged to c1, is gone", vec![1]));
    assert_eq!(judge(Some(&Replicas::default()), history).holds, Holds::Untested, "nothing can have lost it");
    assert_eq!(judge(Some(&Replicas { risked: true, ..Replicas::default() }), history).holds, Holds::Yes);
    let astray = Replicas { astray: vec![(1, "is only on n1, which is down".into())], risked: true, ..Replicas::default() };
    let verdict = judge(Some(&astray), history);
    assert_eq!((verdict.holds, verdict.why.as_str()), (Holds::Unknown, "9, acknowledged to c1, is only on n1, which is down"));
    assert_eq!(judge(None, "c1 w x 7 0 1; c1 w x 9 2 3; c2 r x 9 4 5").holds, Holds::Yes);
    let verdict = judge(None, "c1 w x 7 0 1; c1 w x 9 2 3; c2 r x 7 4 5");
    let why = "c2 read 7 at the end, although 9 had been acknowledged: lost, or the read was stale";
    assert_eq!((verdict.holds, verdict.why.as_str(), verdict.witness), (Holds::Unknown, why, vec![1, 2]));
    assert_eq!(judge(None, "c1 a x a 0 1; c1 a x b 2 3; c2 r x b 4 5").witness, vec![0, 2]);
    assert_eq!(judge(None, "c1 r x nil 4 5").why, "no write was acknowledged");
    assert_eq!(judge(None, "c1 a x a 0 1; c1 w x b 2 3; c2 r x b 4 5").holds, Holds::Yes);
}

#[test]
fn convergence_is_agreement_in_quiet() {
    let states =
        |x: i64| vec![("n1".to_string(), vec![("x".into(), Value::Int(7))]), ("n2".to_string(), vec![("x".into(), Value::Int(x))])];
    let judge = |replicas: &Replicas| check_all(&[], Some(replicas), &name, BUDGET)[7].clone();
    let cut = || Some("a cut is open".to_string());
    let found = |x: i64, unsettled: Option<String>| {
        let verdict = judge(&Replicas { states: states(x), unsettled, ..Replicas::default() });
        (verdict.holds, verdict.why)
    };
    assert_eq!(found(9, None), (Holds::No, "n1 holds 7 at x, n2 holds 9".into()));
    assert_eq!(found(9, cut()), (Holds::Unknown, "a cut is open: n1 holds 7 at x, n2 holds 9".into()));
    assert_eq!(found(7, cut()), (Holds::Unknown, "the copies are equal, but a cut is open".into()));
    assert_eq!(found(7, None), (Holds::Yes, String::new()));
    let one = Replicas { states: states(7)[..1].to_vec(), ..Replicas::default() };
    let empty = Replicas { states: vec![("n1".into(), Vec::new()), ("n2".into(), Vec::new())], ..Replicas::default() };
    assert_eq!([judge(&one).holds, judge(&empty).holds, judge(&Replicas::default()).holds], [Holds::Untested; 3]);
    assert_eq!(&letters("c1 w x 7 0 1; c2 r x 7 2 3; c3 r x 7 4 5")[7..], "y");
    assert_eq!(&letters("c1 w x 7 0 1; c2 r x 7 2 3; c3 r x nil 4 5")[7..], "?");
    assert_eq!(&letters("c1 w x 7 0 ?; c2 r x 7 2 3; c3 r x nil 4 5; c2 r x 7 6 7; c3 r x nil 8 9")[6..], "-?");
    assert_eq!(&letters("c1 w x 7 0 ?; c2 r x 7 2 3; c3 r x 7 4 5")[6..], "-y");
    assert_eq!(&letters("c2 r x nil 2 3; c3 r x nil 4 5")[6..], "--");
}

#[test]
fn verdicts_come_in_the_order_of_the_screen() {
    let verdicts = check_all(&[], None, &name, BUDGET);
    assert_eq!(verdicts.iter().map(|v| v.guarantee).collect::<Vec<_>>(), Guarantee::REGISTER);
}

/// What the history cannot have broken is neither kept nor broken.
#[test]
fn what_nothing_tested_is_not_kept() {
    let tested = |text: &str| letters(text)[..6].to_string();
    assert_eq!(tested("c1 w x 7 0 1"), "------", "nobody looked");
    assert_eq!(tested("c1 w x 7 0 3; c2 r x 7 1 2"), "------", "nil would have been right, too");
    assert_eq!(tested("c1 w x 7 0 1; c2 r x 7 2 3"), "y-----");
    assert_eq!(tested("c1 w x 7 0 1; c2 r y nil 2 3"), "------", "another key");
    assert_eq!(tested("c1 w x 7 0 ?; c2 r x 7 1 2; c3 r x 7 3 4"), "y-----", "c2 knew");
    assert_eq!(tested("c1 cas x nil-1 0 5; c2 cas x 1-2 1 6"), "y-----", "both could not have begun with nil");
    assert_eq!(tested("c1 w x 7 0 1; c1 r x 7 2 3"), "yyy---");
    assert_eq!(tested("c1 w x 7 0 1; c2 r x 7 2 3; c2 r x 7 4 5"), "yy-y--");
    assert_eq!(tested("c1 w x 1 0 1; c2 w y 1 2 5; c1 r y nil 3 4; c2 r x 1 6 7"), "yy----", "both may not read nothing");
    assert_eq!(tested("c1 w x 7 0 1; c1 w y 9 2 3; c2 r y 9 4 5; c2 r x 7 6 7"), "yy--y-");
    assert_eq!(tested("c1 w x 7 0 1; c2 r x 7 2 3; c2 w y 9 4 5; c3 r y 9 6 7; c3 r x 7 8 9"), "yy---y");
    assert_eq!(letters(""), "--------");
}

/// A session whose reads are not monotonic is not judged for the last two, which are then not kept but left open.
#[test]
fn what_was_not_judged_is_not_kept() {
    let back = "c1 w x 7 0 1; c1 w x 9 2 3; c2 r x 9 4 5; c2 r x 7 6 7";
    assert_eq!(&letters(back)[..6], "nn-n--");
    assert_eq!(why(back, Guarantee::MONOTONIC_WRITES).0, "not judged, because reads are not monotonic");
}

fn mixes() -> impl Strategy<Value = Vec<Operation>> {
    prop_oneof![histories(Mix::Register, 12), histories(Mix::Unique, 12), histories(Mix::Texts, 10)]
}

/// So many steps are far too few for most searches.
const FEW: Limits = Limits { budget: 40, initial: None };

#[test]
fn what_nobody_wrote_breaks_without_a_search() {
    // Writes of unknown outcome and of few values: too much for a search of so few steps.
    let write = |id: u32| Operation {
        id,
        session: id,
        op: Op::Write { key: "x".into(), value: Value::Int(i64::from(id % 3)) },
        call: u64::from(id),
        ret: None,
        outcome: Outcome::Unknown,
    };
    let read = |id: u32, value: i64| Operation {
        id,
        session: id,
        op: Op::Read { key: "x".into() },
        call: u64::from(id),
        ret: Some(u64::from(id)),
        outcome: Outcome::Ok(Ret::Value(Some(Value::Int(value)))),
    };
    let mut ops: Vec<Operation> = (0..200).map(write).collect();
    ops.extend([read(200, 1), read(201, 2), read(202, 77), read(203, 1)]);
    let verdicts = check_all_within(&ops, &name, &FEW);
    let found: Vec<(Holds, &[u32])> = verdicts[..2].iter().map(|v| (v.holds, v.witness.as_slice())).collect();
    assert_eq!(found, [(Holds::No, &[202][..]), (Holds::No, &[202][..])], "{verdicts:?}");
    ops.push(Operation { id: 204, op: Op::Write { key: "x".into(), value: Value::Int(77) }, ..write(204) });
    let verdicts = check_all_within(&ops, &name, &FEW);
    assert_eq!((verdicts[0].holds, verdicts[0].witness.as_slice()), (Holds::No, &[202][..]), "written later: {verdicts:?}");
    assert_ne!(verdicts[1].holds, Holds::No, "without a clock it may have been written before: {verdicts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// The map of consistency models (Jepsen, Elle): linearizable, sequential, then the session guarantees. `check_all` builds
    /// on it, so it is asked of the checkers one by one.
    #[test]
    fn stronger_guarantees_imply_weaker_ones(ops in mixes()) {
        if let Sequential::Yes(_) = sequential(&ops, &name, BUDGET) {
            for judged in sessions(&ops, &name, BUDGET) {
                prop_assert!(!matches!(judged, Judged::Broken { .. }), "{:?}", judged);
            }
        } else {
            let linear = super::linearizable::linearizable(&ops, &name, BUDGET);
            prop_assert!(matches!(linear, super::linearizable::Linearizable::No(_)), "{:?}", linear);
        }
        let verdicts = check_all(&ops, None, &name, BUDGET);
        let held: Vec<bool> = verdicts.iter().take(6).map(|v| matches!(v.holds, Holds::Yes | Holds::Untested)).collect();
        prop_assert!(!held[0] || held[1]);
        prop_assert!(!held[1] || held.iter().skip(2).all(|h| *h));
    }

    /// What is called untested cannot have been broken by other answers: every history that is broken, and in which each answer is
    /// one that some write can have made by then, counts as a test.
    #[test]
    fn no_weaker_guarantee_is_broken_where_a_stronger_is_undecided(ops in mixes(), budget in 1u64..200) {
        let verdicts = check_all_within(&ops, &name, &Limits { budget, initial: None });
        let open = |v: &Verdict| v.holds == Holds::Unknown;
        prop_assert!(!(open(&verdicts[0]) && verdicts[1].holds == Holds::No), "{verdicts:?}");
        prop_assert!(!(open(&verdicts[1]) && verdicts[2..6].iter().any(|v| v.holds == Holds::No)), "{verdicts:?}");
    }

    #[test]
    fn only_what_is_tested_can_break(ops in mixes()) {
        let ops: Vec<Operation> = ops.into_iter().filter(|o| matches!(o.op, Op::Read { .. } | Op::Write { .. })).collect();
        let ground = Ground::new(&ops);
        let founded = explained(&ground) == ground.items.iter().filter(|i| is_answer(i)).count();
        for verdict in check_all(&ops, None, &name, BUDGET).into_iter().take(6).filter(|v| v.holds == Holds::No) {
            prop_assert!(!founded || is_tested(verdict.guarantee, &ground, &[]), "{:?}", verdict);
        }
    }

    /// A verdict that something is wrong names operations of the history and says why.
    #[test]
    fn every_no_has_a_witness_and_a_reason(ops in mixes()) {
        for verdict in check_all(&ops, None, &name, BUDGET) {
            let known = verdict.witness.iter().all(|id| ops.iter().any(|o| o.id == *id));
            prop_assert!(known);
            prop_assert!(verdict.holds != Holds::No || (!verdict.witness.is_empty() && !verdict.why.is_empty()), "{:?}", verdict);
            prop_assert!(verdict.holds != Holds::Yes || verdict.witness.is_empty(), "{:?}", verdict);
        }
    }
}
