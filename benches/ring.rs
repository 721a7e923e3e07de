//! A hundred thousand keys on a hundred nodes with two hundred tokens each: how long it takes to place them, and to move them when a node
//! joins. Prints milliseconds.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use splitbrain::algo::hash;
use splitbrain::algo::partition::ring::{Ring, token};
use splitbrain::cluster::registry::model;
use splitbrain::cluster::{Cluster, Scenario};
use splitbrain::command::Command;
use splitbrain::sim::time::Span;

const KEYS: u32 = 100_000;
const NODES: u16 = 100;
const TOKENS: u32 = 200;
const ROUNDS: usize = 9;
/// The most that placing and moving may take together.
const AT_MOST_MS: f64 = 50.0;

fn ms(what: impl FnOnce()) -> f64 {
    let start = Instant::now();
    what();
    start.elapsed().as_secs_f64() * 1000.0
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn circle(nodes: u16) -> Ring {
    Ring::new((0..nodes).flat_map(|node| (0..TOKENS).map(move |number| token(1, node, number))))
}

/// Places every key, and then again with one node more: what has another owner moves.
fn pure() {
    let names: Vec<String> = (0..KEYS).map(|number| format!("k{number}")).collect();
    let (mut placing, mut moving) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut owners = Vec::new();
        placing.push(ms(|| {
            let ring = circle(NODES);
            owners = names.iter().map(|name| ring.owner(hash::place(name))).collect();
        }));
        moving.push(ms(|| {
            let ring = circle(NODES + 1);
            let moved = names.iter().zip(&mut owners).filter_map(|(name, owner)| {
                let now = ring.owner(hash::place(name));
                (std::mem::replace(owner, now) != now).then_some(())
            });
            black_box(moved.count());
        }));
    }
    let (placing, moving) = (median(placing), median(moving));
    println!(
        "ring, {KEYS} keys, {NODES} nodes, {TOKENS} tokens each: placed in {placing:.1} ms, moved in {moving:.1} ms (at most {AT_MOST_MS} together)"
    );
}

fn cluster(keys: u32) -> Option<Box<dyn Cluster>> {
    let settings = [("tokens", TOKENS.to_string()), ("keys", keys.to_string()), ("batch", "1000".to_string())];
    let settings = settings.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    let scenario = Scenario { nodes: Some(NODES), settings, ..Scenario::of("ring") };
    (model("ring")?.start)(&scenario).ok()
}

/// The running cluster: founded with its keys, and a node that joins and gets its share over the wire.
fn running() {
    let mut founded = None;
    let founding = ms(|| founded = cluster(KEYS));
    let (Some(mut cluster), Some(Ok(Command::Poke(add)))) = (founded, model("ring").map(|model| model.language.parse("add n101"))) else {
        return;
    };
    let changing = ms(|| drop(cluster.apply(&add)));
    let end = cluster.now() + Span::s(5);
    let moving = ms(|| drop(cluster.run_until(end, u64::MAX)));
    println!("the same as a cluster: founded in {founding:.0} ms, the map changed in {changing:.0} ms, keys handed over in {moving:.0} ms");
}

fn main() {
    pure();
    running();
}
