//! What a long run holds of memory: every byte, counted by the allocator. Alone in its process, so that nobody else's bytes count.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::alloc::System;

use splitbrain::cluster::Scenario;
use splitbrain::cluster::registry::{MODELS, model};
use splitbrain::command::Command;
use splitbrain::timeline::Timeline;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The events of the shorter run; the longer has four times as many.
const EVENTS: u64 = 25_000;
/// What a cluster may grow by for each line of its history: what is written down of the line, of logs and of counts.
const A_LINE: usize = 96;
/// What a run may hold with all its checkpoints.
const WHOLE: usize = 32 << 20;

/// The settings under which a model keeps up with its clients: what waits in a queue is not yet past, and stands as it is.
fn settings(name: &str) -> Vec<(String, String)> {
    let set: &[(&str, &str)] = match name {
        "work-queue" => &[("latency", "const(10us)"), ("disk", "const(10us)"), ("work", "const(1us)"), ("poll", "1ms"), ("prefetch", "10")],
        _ => &[],
    };
    set.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// The bytes that are allocated now.
fn held() -> usize {
    let stats = COUNTED.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// What a run came to.
struct Long {
    /// What it holds with its checkpoints.
    whole: usize,
    /// What its cluster holds alone.
    cluster: usize,
    lines: usize,
}

/// What its clients ask, where that is not everything that they can: a table to which rows are added grows.
fn asks(name: &str) -> &'static str {
    if name == "multi-leader" { " read:write 1:1 keys uniform(20)" } else { "" }
}

/// A run under two clients with a thousand requests a second each.
fn run(name: &str, events: u64) -> Long {
    let before = held();
    let model = model(name).unwrap();
    let mut run = Timeline::new(Scenario { clients: Some(2), settings: settings(name), ..Scenario::of(name) }).unwrap();
    for client in ["c1", "c2"] {
        let Ok(Command::Poke(load)) = model.language.parse(&format!("workload {client} 1000/s{}", asks(name))) else { panic!("{name}") };
        run.poke(&load).unwrap();
    }
    run.seek_event(events);
    assert_eq!(run.events(), events, "{name}");
    let whole = held() - before;
    let alone = run.cluster().fork();
    drop(run);
    Long { whole, cluster: held() - before, lines: alone.history_len() }
}

/// `cargo test --test memory`; with names of models after `--`, those. A filter that is meant for other tests names no model.
fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let all = MODELS.iter().map(|model| model.name);
    for name in all.filter(|name| asked.is_empty() || asked.iter().any(|asked| asked == name)) {
        let (short, long) = (run(name, EVENTS), run(name, 4 * EVENTS));
        let a_line = long.cluster.saturating_sub(short.cluster) / (long.lines - short.lines);
        println!(
            "{name}: {} and {} lines, whole {} and {} kB, cluster {} and {} kB, {a_line} bytes a line",
            short.lines,
            long.lines,
            short.whole / 1024,
            long.whole / 1024,
            short.cluster / 1024,
            long.cluster / 1024,
        );
        assert!(short.lines > 1000 && long.lines > 3 * short.lines, "{name} has too few lines to tell");
        assert!(a_line <= A_LINE, "{name}: {a_line} bytes a line");
        assert!(long.whole <= WHOLE, "{name} holds {} bytes", long.whole);
    }
}
