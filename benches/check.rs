//! What it costs to judge a history. Prints medians of one process.
//!
//! Small: 84 operations of five clients on a register, 13 of them of unknown outcome, as the etcd logs of Jepsen have it. Large: 50,000
//! operations of ten clients, correct.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use splitbrain::check::linearizable::{Linearizable, linearizable};
use splitbrain::check::operation::{Key, Op, Operation, Outcome, Ret, Value};
use splitbrain::check::{BUDGET, check_all};
use splitbrain::sim::draw::{Concern, Draws};

/// A correct register under load: every operation takes effect at one moment between its call and its return.
struct Load {
    operations: usize,
    unknown: usize,
    clients: u32,
    /// Values below this are written; 0 for a new one each time.
    values: i64,
    seed: u64,
}

fn draw(load: &Load, n: u64, k: u32, below: u64) -> u64 {
    Draws::new(load.seed).at(Concern::Pick, n * 8 + u64::from(k)).below(below)
}

fn history(load: &Load) -> Vec<Operation> {
    let key: Key = "x".into();
    let mut open: Vec<Option<usize>> = vec![None; load.clients as usize];
    let mut sessions: Vec<u32> = (0..load.clients).collect();
    let (mut ops, mut done) = (Vec::new(), Vec::new());
    let (mut value, mut time, mut lost) = (None, 0, 0);
    let mut draw_number = 0;
    while done.iter().filter(|d| **d == 2).count() < load.operations {
        draw_number += 1;
        time += 1;
        let client = draw(load, draw_number, 0, u64::from(load.clients)) as usize;
        match open[client] {
            None if ops.len() < load.operations => {
                open[client] = Some(ops.len());
                ops.push(call(load, draw_number, sessions[client], time, &key, ops.len()));
                done.push(0);
            }
            Some(op) if done[op] == 0 => {
                ops[op].outcome = Outcome::Ok(effect(&ops[op].op, &mut value));
                done[op] = 1;
            }
            Some(op) => {
                open[client] = None;
                done[op] = 2;
                let spread = op * load.unknown / load.operations > lost || load.unknown - lost >= load.operations - op;
                if spread && ops[op].op.is_write() {
                    lost += 1;
                    ops[op].outcome = Outcome::Unknown;
                    sessions[client] += load.clients;
                } else {
                    ops[op].ret = Some(time);
                }
            }
            None => {}
        }
    }
    ops
}

fn call(load: &Load, n: u64, session: u32, call: u64, key: &Key, id: usize) -> Operation {
    let value = |k: u32| if load.values == 0 { id as i64 } else { draw(load, n, k, load.values as u64) as i64 };
    let key = key.clone();
    let op = match draw(load, n, 1, 3) {
        0 => Op::Read { key },
        1 => Op::Write { key, value: Value::Int(value(2)) },
        _ if load.values == 0 => Op::Read { key },
        _ => Op::Cas { key, expected: Some(Value::Int(value(2))), value: Value::Int(value(3)) },
    };
    Operation { id: id as u32, session, op, call, ret: None, outcome: Outcome::Unknown }
}

fn effect(op: &Op, now: &mut Option<Value>) -> Ret {
    match op {
        Op::Read { .. } => Ret::Value(now.clone()),
        Op::Cas { expected, .. } if expected != now => Ret::NotSwapped,
        Op::Cas { value, .. } => {
            *now = Some(value.clone());
            Ret::Swapped
        }
        Op::Write { value, .. } | Op::Append { value, .. } => {
            *now = Some(value.clone());
            Ret::Done
        }
    }
}

fn name(session: u32) -> String {
    format!("c{}", session + 1)
}

/// The median time of `judge` over histories, in microseconds.
fn median_us(histories: &[Vec<Operation>], rounds: usize, judge: impl Fn(&[Operation])) -> f64 {
    let mut times: Vec<f64> = histories
        .iter()
        .map(|ops| {
            let start = Instant::now();
            for _ in 0..rounds {
                judge(black_box(ops));
            }
            start.elapsed().as_secs_f64() * 1e6 / rounds as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The history with one read of a value that is no longer there.
fn broken(mut ops: Vec<Operation>) -> Vec<Operation> {
    let last = ops.iter().map(|o| o.ret.unwrap_or(o.call)).max().unwrap_or(0);
    let (id, key) = (ops.len() as u32, Key::from("x"));
    ops.push(Operation {
        id,
        session: 0,
        op: Op::Read { key },
        call: last + 1,
        ret: Some(last + 2),
        outcome: Outcome::Ok(Ret::Value(None)),
    });
    ops
}

fn linear(ops: &[Operation]) {
    black_box(linearizable(ops, &name, BUDGET));
}

fn all(ops: &[Operation]) {
    black_box(check_all(ops, None, &name, BUDGET));
}

fn main() {
    let small: Vec<_> = (0..101).map(|seed| history(&Load { operations: 84, unknown: 13, clients: 5, values: 5, seed })).collect();
    let unknown = small[0].iter().filter(|o| o.outcome == Outcome::Unknown).count();
    assert!(small.iter().all(|ops| matches!(linearizable(ops, &name, BUDGET), Linearizable::Yes(_))));
    println!(
        "register, 84 operations, {unknown} of unknown outcome, linearizable: {:.1} µs (median, at most 10)",
        median_us(&small, 200, linear)
    );
    let bad: Vec<_> = small.iter().cloned().map(broken).collect();
    println!(
        "  the same with a read of a value long gone: {:.1} µs, every guarantee: {:.1} µs",
        median_us(&bad, 3, linear),
        median_us(&bad, 1, all)
    );
    for values in [0, 5] {
        let large: Vec<_> = (0..3).map(|seed| history(&Load { operations: 50_000, unknown: 0, clients: 10, values, seed })).collect();
        assert!(large.iter().all(|ops| matches!(linearizable(ops, &name, BUDGET), Linearizable::Yes(_))));
        let rate = |judge: fn(&[Operation])| 50_000.0 / median_us(&large, 5, judge);
        let which = if values == 0 { "each value once" } else { "five values" };
        println!("register, 50,000 operations, ten clients, {which}: {:.2} M operations/s linearizable (at least 0.5)", rate(linear));
        let large: Vec<_> = large.into_iter().map(broken).collect();
        println!("  the same with a read of a value long gone: every guarantee in {:.0} ms", median_us(&large, 1, all) / 1e3);
    }
}
