//! How many events of each model are carried out in a second: two clients of 500 requests a second each, everything on the stage
//! remembered and every invariant looked at.
//!
//! `cargo bench --bench clusters`
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

use std::time::Instant;

use splitbrain::cluster::model::Model;
use splitbrain::cluster::registry::MODELS;
use splitbrain::cluster::{Cluster, Scenario};
use splitbrain::command::Command;
use splitbrain::sim::time::{Span, Time};

/// Virtual time of a run.
const LENGTH: Span = Span::s(20);
const ROUNDS: usize = 5;
/// As many events as the program remembers at least.
const REMEMBERED: u64 = 16_384;

fn main() -> anyhow::Result<()> {
    for model in MODELS {
        let mut rates = (0..ROUNDS).map(|_| rate(model)).collect::<anyhow::Result<Vec<f64>>>()?;
        rates.sort_by(f64::total_cmp);
        println!("{:12} {:9.0} events/s", model.name, rates[ROUNDS / 2]);
    }
    Ok(())
}

fn rate(model: &Model) -> anyhow::Result<f64> {
    let mut cluster = busy(model)?;
    let start = Instant::now();
    cluster.run_until(Time::ZERO + LENGTH, u64::MAX);
    Ok(cluster.events() as f64 / start.elapsed().as_secs_f64())
}

fn busy(model: &Model) -> anyhow::Result<Box<dyn Cluster>> {
    let mut cluster = (model.start)(&Scenario::of(model.name)).map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
    cluster.remember_only(REMEMBERED);
    for client in 1..=model.clients.0.min(2) {
        let Ok(Command::Poke(poke)) = model.language.parse(&format!("workload c{client} 500/s")) else { continue };
        cluster.apply(&poke)?;
    }
    Ok(cluster)
}
