//! Random small histories, and the obvious slow answers that the checkers are held against. Written from the definitions,
//! sharing no code with the checkers.

use proptest::prelude::*;

use super::operation::{Op, Operation, Outcome, Ret, Value};

/// Whether `a` returned before `b` was called. Histories made here have no two events at one time.
pub(crate) fn before(a: &Operation, b: &Operation) -> bool {
    matches!(a.outcome, Outcome::Ok(_)) && a.ret.is_some_and(|ret| ret < b.call)
}

/// Whether `a` came before `b` in their common session.
pub(crate) fn session_before(a: &Operation, b: &Operation) -> bool {
    a.session == b.session && before(a, b)
}

/// A plain map: what one copy would do. Returns whether the operation could have had its outcome.
pub(crate) fn step(state: &mut Vec<(String, Value)>, op: &Operation) -> bool {
    let key = op.op.key().to_string();
    let now = state.iter().find(|(k, _)| *k == key).map(|(_, v)| v.clone());
    let set = |state: &mut Vec<(String, Value)>, value: Value| {
        state.retain(|(k, _)| *k != key);
        state.push((key.clone(), value));
        true
    };
    match (&op.op, &op.outcome) {
        (Op::Read { .. }, Outcome::Ok(Ret::Value(seen))) => *seen == now,
        (Op::Read { .. }, _) => true,
        (Op::Write { value, .. }, _) => set(state, value.clone()),
        (Op::Append { value, .. }, _) => {
            let text = now.map_or(String::new(), |v| v.to_string()) + &value.to_string();
            set(state, Value::from(text.as_str()))
        }
        (Op::Cas { expected, .. }, Outcome::Ok(Ret::NotSwapped)) => *expected != now,
        (Op::Cas { expected, value, .. }, Outcome::Ok(_)) => *expected == now && set(state, value.clone()),
        (Op::Cas { expected, value, .. }, _) => *expected != now || set(state, value.clone()),
    }
}

/// Whether some order of the certain operations and any of the unknown ones keeps `first` and fits one copy.
pub(crate) fn some_order(ops: &[Operation], first: fn(&Operation, &Operation) -> bool) -> bool {
    let left: Vec<&Operation> = ops.iter().filter(|o| o.outcome != Outcome::Failed).collect();
    place(&left, &[], first)
}

fn place(left: &[&Operation], state: &[(String, Value)], first: fn(&Operation, &Operation) -> bool) -> bool {
    if left.iter().all(|o| o.outcome == Outcome::Unknown) {
        return true;
    }
    (0..left.len()).any(|n| {
        if left.iter().any(|other| first(other, left[n])) {
            return false;
        }
        let mut after = state.to_vec();
        let mut rest = left.to_vec();
        let op = rest.remove(n);
        step(&mut after, op) && place(&rest, &after, first)
    })
}

/// Replays an order on the model: every operation once, every certain one there, `first` kept.
pub(crate) fn replays(ops: &[Operation], order: &[u32], first: fn(&Operation, &Operation) -> bool) {
    let placed: Vec<&Operation> = order.iter().map(|id| ops.iter().find(|o| o.id == *id).unwrap()).collect();
    let mut state = Vec::new();
    for (n, op) in placed.iter().enumerate() {
        assert!(placed[n + 1..].iter().all(|later| !first(later, op) && later.id != op.id), "{order:?}");
        assert!(step(&mut state, op), "{} does not fit in {order:?}", op.id);
    }
    for op in ops.iter().filter(|o| matches!(o.outcome, Outcome::Ok(_))) {
        assert!(order.contains(&op.id), "{} is missing in {order:?}", op.id);
    }
}

/// What kind of operations a history has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mix {
    /// Reads, writes and compare-and-sets of few values: repeats are common.
    Register,
    /// The same over two keys with values that differ.
    Unique,
    /// Gets, puts and appends of letters.
    Texts,
    /// A register of few values, mostly compare-and-sets, half of them of unknown outcome.
    Crashes,
}

/// Random histories of up to `most` operations in up to three sessions, overlapping within sessions too.
pub(crate) fn histories(mix: Mix, most: usize) -> impl Strategy<Value = Vec<Operation>> {
    let one = (0u32..3, 0u8..10, 0u8..4, 0u8..4, 0u8..2, 0u8..12, 1u64..9);
    prop::collection::vec(one, 1..=most).prop_map(move |rows| {
        let mut ops = Vec::new();
        for (n, (session, what, a, b, key, how, length)) in rows.into_iter().enumerate() {
            let call = 3 * n as u64 * 2;
            let ret = call + length * length / 2 * 2 + 1 + 2 * n as u64 % 2;
            ops.push(operation(mix, n as u32, session, (what, a, b, key, how), (call, ret)));
        }
        distinct_times(&mut ops);
        ops
    })
}

/// Gives every call and return a time of its own, keeping their order.
fn distinct_times(ops: &mut [Operation]) {
    let mut events: Vec<(u64, usize, bool)> = Vec::new();
    for (n, op) in ops.iter().enumerate() {
        events.push((op.call, n, false));
        events.extend(op.ret.map(|ret| (ret, n, true)));
    }
    events.sort_unstable();
    for (time, (_, n, is_ret)) in events.into_iter().enumerate() {
        if is_ret {
            ops[n].ret = Some(time as u64);
        } else {
            ops[n].call = time as u64;
        }
    }
}

type Choices = (u8, u8, u8, u8, u8);

fn operation(mix: Mix, id: u32, session: u32, (what, a, b, key, how): Choices, (call, ret): (u64, u64)) -> Operation {
    let key: super::operation::Key = if matches!(mix, Mix::Register | Mix::Crashes) || key == 0 { "x".into() } else { "y".into() };
    let (op, ok) = match mix {
        Mix::Texts => text_op(key, what, a, b),
        Mix::Register => register_op(key, what, i64::from(a), i64::from(b) + 1),
        Mix::Unique => register_op(key, what, i64::from(a) * 2, 100 + i64::from(id)),
        Mix::Crashes => register_op(key, [0, 0, 0, 5, 5, 8, 8, 8, 8, 9][usize::from(what)], i64::from(a) % 3, i64::from(b) % 2 + 1),
    };
    let outcome = match how {
        0 => Outcome::Failed,
        1 | 2 => Outcome::Unknown,
        3..7 if matches!(mix, Mix::Crashes) && op.is_write() => Outcome::Unknown,
        _ => Outcome::Ok(ok),
    };
    let ret = (outcome != Outcome::Unknown).then_some(ret);
    Operation { id, session, op, call, ret, outcome }
}

fn text_op(key: super::operation::Key, what: u8, a: u8, b: u8) -> (Op, Ret) {
    let letters = ["", "a", "b", "ab", "ba", "c", "ac", "abc"];
    let seen = letters[usize::from(a + b)];
    let seen = (!seen.is_empty()).then(|| Value::from(seen));
    let value = Value::from(["a", "b", "c", "ab"][usize::from(a)]);
    match what {
        0..5 => (Op::Read { key }, Ret::Value(seen)),
        5..7 => (Op::Write { key, value }, Ret::Done),
        _ => (Op::Append { key, value }, Ret::Done),
    }
}

fn register_op(key: super::operation::Key, what: u8, seen: i64, new: i64) -> (Op, Ret) {
    // Unique values are 100 plus the id of their write; a read of 2, 4 or 6 looks at one of the first writes.
    let seen = if new >= 100 && seen > 0 { 99 + seen } else { seen };
    let old = (seen > 0).then_some(Value::Int(seen));
    let value = Value::Int(new);
    match what {
        0..5 => (Op::Read { key }, Ret::Value(old)),
        5..8 => (Op::Write { key, value }, Ret::Done),
        8 => (Op::Cas { key, expected: old, value }, Ret::Swapped),
        _ => (Op::Cas { key, expected: old, value }, Ret::NotSwapped),
    }
}

/// A session's name in tests.
pub(crate) fn name(session: u32) -> String {
    format!("c{}", session + 1)
}

mod orders {
    use super::super::linearizable::{Linearizable, linearizable};
    use super::super::sequential::{Sequential, sequential};
    use super::*;

    fn mixes() -> impl Strategy<Value = Vec<Operation>> {
        prop_oneof![histories(Mix::Register, 7), histories(Mix::Unique, 7), histories(Mix::Texts, 7), histories(Mix::Crashes, 8)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn linearizable_is_what_brute_force_says(ops in mixes()) {
            let brute = some_order(&ops, before);
            match linearizable(&ops, &name, 100_000) {
                Linearizable::Yes(order) => {
                    prop_assert!(brute);
                    replays(&ops, &order, before);
                }
                Linearizable::No(fault) => {
                    prop_assert!(!brute);
                    prop_assert!(fault.witness.contains(&fault.blocked), "{:?}", fault);
                    prop_assert!(!some_order(&reduced(&ops, &fault.witness), before), "the witness is no reason: {:?}", fault);
                    prefix_is_shortest(&ops, fault.blocked);
                }
                Linearizable::Unknown(_) => prop_assert!(false, "too little budget"),
            }
        }

        #[test]
        fn sequential_is_what_brute_force_says(ops in mixes()) {
            let brute = some_order(&ops, session_before);
            match sequential(&ops, &name, 1_000_000) {
                Sequential::Yes(order) => {
                    prop_assert!(brute);
                    replays(&ops, &order, session_before);
                }
                Sequential::No { witness, .. } => {
                    prop_assert!(!brute);
                    prop_assert!(!some_order(&reduced(&ops, &witness), session_before), "the witness is no reason: {:?}", witness);
                }
                Sequential::Unknown(_) => prop_assert!(false, "too little budget"),
            }
        }
    }

    /// The history in which only the witness is certain.
    fn reduced(ops: &[Operation], witness: &[u32]) -> Vec<Operation> {
        let weaker = |o: &Operation| {
            let sure = witness.contains(&o.id) || o.outcome == Outcome::Failed;
            if sure { o.clone() } else { Operation { outcome: Outcome::Unknown, ret: None, ..o.clone() } }
        };
        // A compare-and-set that was refused changes nothing, so it is dropped rather than weakened.
        let kept = |o: &&Operation| witness.contains(&o.id) || o.outcome != Outcome::Ok(Ret::NotSwapped);
        ops.iter().filter(kept).map(weaker).collect()
    }

    fn prefix_is_shortest(ops: &[Operation], blocked: u32) {
        let end = ops.iter().find(|o| o.id == blocked).unwrap().ret.unwrap();
        let until = |end: u64| -> Vec<Operation> {
            let cut = |o: &Operation| {
                if o.ret.is_some_and(|r| r <= end) { o.clone() } else { Operation { outcome: Outcome::Unknown, ret: None, ..o.clone() } }
            };
            let told = |o: &&Operation| {
                o.outcome != Outcome::Failed
                    && o.call < end
                    && (o.ret.is_some_and(|r| r <= end) || o.outcome != Outcome::Ok(Ret::NotSwapped))
            };
            ops.iter().filter(told).map(cut).collect()
        };
        assert!(!some_order(&until(end), before), "the part up to the blocked return has an order");
        assert!(some_order(&until(end - 1), before), "a shorter part has no order either");
    }
}
