//! Large histories of reads and writes whose values are written once each, judged by zones, held against a second method that shares
//! nothing with them: the operations of a value stand together in any order, so an order exists exactly when the values can be put in
//! a row in which each comes after every value that had an operation end before one of its own began.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::brute::{before, name, replays};
use super::linearizable::{Linearizable, linearizable};
use super::operation::{Op, Operation, Outcome, Ret, Value};

/// One operation as it is drawn: whether it writes, how its outcome is told, how long before and after its moment it is open.
type Row = (bool, u8, u64, u64);

/// Right histories: one copy takes the operations in a row, each at its moment, and each is open for a while around it.
fn history(rows: &[Row]) -> Vec<Operation> {
    let mut held = None;
    let mut ops = Vec::new();
    for (id, &(writes, told, early, late)) in rows.iter().enumerate() {
        // Calls are at even times and returns at odd ones: none of these has the time of one of those.
        let moment = 1_000 + 6 * id as u64;
        let value = Value::Int(id as i64);
        let op = if writes { Op::Write { key: "x".into(), value: value.clone() } } else { Op::Read { key: "x".into() } };
        let (happened, outcome) = match (writes, told) {
            (true, 0) => (true, Outcome::Unknown),
            (true, 1) | (false, 0) => (false, Outcome::Unknown),
            (true, 2) => (false, Outcome::Failed),
            (true, _) => (true, Outcome::Ok(Ret::Done)),
            (false, _) => (false, Outcome::Ok(Ret::Value(held.clone()))),
        };
        if happened {
            held = Some(value);
        }
        let ret = (outcome != Outcome::Unknown).then_some(moment + 6 * late + 1);
        ops.push(Operation { id: id as u32, session: id as u32, op, call: moment - 6 * early, ret, outcome });
    }
    ops
}

/// Some reads see what another operation wrote or saw.
fn disturb(mut ops: Vec<Operation>, swaps: &[(prop::sample::Index, prop::sample::Index)]) -> Vec<Operation> {
    for (read, other) in swaps {
        let seen = match &other.get(&ops).op {
            Op::Write { value, .. } => Some(value.clone()),
            _ => None,
        };
        let read = read.index(ops.len());
        if matches!(ops[read].outcome, Outcome::Ok(Ret::Value(_))) {
            ops[read].outcome = Outcome::Ok(Ret::Value(seen));
        }
    }
    ops
}

/// The operations of one value that were told or seen; its write first if there is one.
type Group<'a> = Vec<&'a Operation>;

/// The groups by value, or nothing if a read saw what was never written, or not yet.
fn groups(ops: &[Operation]) -> Option<Vec<(bool, Group<'_>)>> {
    let mut by_value: BTreeMap<Option<Value>, Group> = BTreeMap::new();
    let reads = ops.iter().filter_map(|op| match &op.outcome {
        Outcome::Ok(Ret::Value(seen)) => Some((seen.clone(), op)),
        _ => None,
    });
    for (seen, op) in reads {
        by_value.entry(seen).or_default().push(op);
    }
    for op in ops.iter().filter(|op| op.outcome != Outcome::Failed) {
        let Op::Write { value, .. } = &op.op else { continue };
        let value = Some(value.clone());
        if op.outcome == Outcome::Unknown && !by_value.contains_key(&value) {
            continue;
        }
        let group = by_value.entry(value).or_default();
        if group.iter().any(|read| before(read, op)) {
            return None;
        }
        group.insert(0, op);
    }
    let written = |(value, group): &(Option<Value>, Group)| value.is_none() || group[0].op.is_write();
    let all: Vec<(Option<Value>, Group)> = by_value.into_iter().collect();
    all.iter().all(written).then(|| all.into_iter().map(|(value, group)| (value.is_none(), group)).collect())
}

/// Whether the values can be put in a row: takes one that waits for no other, as long as there is one.
fn has_order(ops: &[Operation]) -> bool {
    let Some(groups) = groups(ops) else { return false };
    // What was there at the start was written before everything.
    let after = |a: &(bool, Group), b: &(bool, Group)| a.0 || a.1.iter().any(|a| b.1.iter().any(|b| before(a, b)));
    let count = groups.len();
    let waits: Vec<Vec<usize>> = (0..count).map(|b| (0..count).filter(|a| *a != b && after(&groups[*a], &groups[b])).collect()).collect();
    let mut placed = vec![false; count];
    while let Some(next) = (0..count).find(|n| !placed[*n] && waits[*n].iter().all(|w| placed[*w])) {
        placed[next] = true;
    }
    placed.into_iter().all(|is| is)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn large_histories_are_judged_as_rows_of_values(
        rows in (1u64..60).prop_flat_map(|long| prop::collection::vec((any::<bool>(), 0u8..16, 0..long, 0..long), 30..260)),
        swaps in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..4),
    ) {
        let right = history(&rows);
        prop_assert!(has_order(&right), "the second method refuses what one copy did");
        let ops = disturb(right, &swaps);
        let expected = has_order(&ops);
        // So few steps that no search could decide.
        match linearizable(&ops, &name, 1) {
            Linearizable::Yes(order) => {
                prop_assert!(expected);
                replays(&ops, &order, before);
            }
            Linearizable::No(fault) => {
                prop_assert!(!expected);
                prop_assert!(fault.witness.contains(&fault.blocked));
                let witness: Vec<Operation> = ops.iter().filter(|o| fault.witness.contains(&o.id)).cloned().collect();
                prop_assert!(!has_order(&witness), "the witness is no reason: {fault:?}");
            }
            Linearizable::Unknown(_) => prop_assert!(false, "zones decide without a search"),
        }
    }
}

/// The draws above meet both verdicts often: a property that only ever sees one of them proves little.
#[test]
fn both_verdicts_are_met() {
    let rows: Vec<Row> = (0..200u64).map(|n| (n % 3 == 0, (n % 7) as u8 + 1, n % 5, n * 7 % 11)).collect();
    let right = history(&rows);
    assert!(has_order(&right));
    let stale = right.iter().rposition(|op| matches!(op.outcome, Outcome::Ok(Ret::Value(_)))).unwrap();
    let mut wrong = right.clone();
    wrong[stale].outcome = Outcome::Ok(Ret::Value(None));
    assert!(!has_order(&wrong));
    assert!(matches!(linearizable(&wrong, &name, 1), Linearizable::No(_)));
}
