//! The kernel against a bare hold loop, in one process, interleaved; and what a snapshot costs. Prints ratios.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

mod storm;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Instant;

use splitbrain::sim::dist::Dist;
use splitbrain::sim::draw::{Concern, Draws};
use splitbrain::sim::time::Span;

use storm::storm;

const DELIVERIES: usize = 1_000_000;
const ROUNDS: usize = 9;
/// A cluster on a timeline remembers so many events at least, and forgets what is older at every multiple of it.
const REMEMBERED: usize = 16_384;

/// Deliveries in a second. `all`: the trace is kept from the start on, and the memory for it is part of the time.
fn kernel_rate(in_flight: usize, all: bool) -> f64 {
    let mut sim = storm(in_flight);
    let start = Instant::now();
    for number in 0..DELIVERIES {
        black_box(sim.step());
        if !all && number % REMEMBERED == 0 {
            sim.forget_trace(number.saturating_sub(REMEMBERED) as u64);
        }
    }
    DELIVERIES as f64 / start.elapsed().as_secs_f64()
}

/// The reference: pop, add a pre-drawn latency, push. A latency of its own for each: a short list that repeats would be learnt by
/// the branch predictor.
fn hold_rate(in_flight: usize) -> f64 {
    let draws = Draws::new(7);
    let latencies: Vec<u64> = (0..DELIVERIES as u64).map(|i| Dist::Exp(Span::ms(1)).sample(&mut draws.at(Concern::Latency, i)).0).collect();
    let mut heap: BinaryHeap<Reverse<(u64, u64, [u64; 2])>> =
        (0..in_flight).map(|i| Reverse((latencies[i], i as u64, [i as u64, 0]))).collect();
    let start = Instant::now();
    for (sequence, latency) in latencies.iter().enumerate() {
        let Some(Reverse((time, _, event))) = heap.pop() else {
            return 0.0;
        };
        heap.push(Reverse((time + latency, (sequence + in_flight) as u64, black_box(event))));
    }
    DELIVERIES as f64 / start.elapsed().as_secs_f64()
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn compare(in_flight: usize) {
    let (mut kernel, mut whole, mut hold) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        kernel.push(kernel_rate(in_flight, false));
        whole.push(kernel_rate(in_flight, true));
        hold.push(hold_rate(in_flight));
    }
    let (kernel, whole, hold) = (median(kernel), median(whole), median(hold));
    println!(
        "storm, {in_flight:>5} in flight: kernel {:.1} M/s, hold loop {:.1} M/s, ratio {:.2} (at least 0.65), with the whole trace {:.2}",
        kernel / 1e6,
        hold / 1e6,
        kernel / hold,
        whole / hold
    );
}

fn clone_cost() {
    let mut sim = storm(20);
    for _ in 0..100_000 {
        sim.step();
    }
    let mut costs = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..10_000 {
            black_box(sim.clone());
        }
        costs.push(start.elapsed().as_secs_f64() / 10_000.0 * 1e6);
    }
    println!("clone of the five-node simulator, 20 in flight: {:.2} us (at most 1)", median(costs));
}

fn main() {
    compare(20);
    compare(1000);
    clone_cost();
}
