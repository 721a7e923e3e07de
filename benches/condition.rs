//! What a condition costs that is looked at after every event: alone, and while a busy cluster runs.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use splitbrain::cluster::Scenario;
use splitbrain::cluster::condition::Condition;
use splitbrain::command::{Command, Poke};
use splitbrain::sim::time::Span;
use splitbrain::timeline::Timeline;

/// Never true in this run, so that every event is looked at.
const CONDITIONS: [&str; 6] = [
    "leaders >= 3",
    "leaders >= 3 && acked_lost == 0",
    "acked >= 0 && failed + unknown > 1000000",
    "lag_entries.n2 > 1000000 || leaders == 0",
    "lag_entries.exists(n, lag_entries[n] > 1000000)",
    "max_over(lag_ms_max, 10s) > 1000000",
];
const PIECES: u64 = 3;
const PIECE: Span = Span::s(10);
const LOOKS: u32 = 100_000;

fn poke(text: &str) -> anyhow::Result<Poke> {
    match splitbrain::cluster::replicated::MODEL.language.parse(text) {
        Ok(Command::Poke(poke)) => Ok(poke),
        other => anyhow::bail!("{other:?}"),
    }
}

fn started() -> anyhow::Result<Timeline> {
    let scenario = Scenario { model: "replicated".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
    let mut run = Timeline::new(scenario).map_err(|bad| anyhow::anyhow!("{bad:?}"))?;
    for client in ["c1", "c2"] {
        run.poke(&poke(&format!("workload {client} 200/s read:write 1:1 keys uniform(20)"))?)?;
    }
    Ok(run)
}

/// Nanoseconds per event of each piece of a run.
fn per_event(mut play: impl FnMut(&mut Timeline) -> Result<bool, String>) -> anyhow::Result<Vec<f64>> {
    let mut run = started()?;
    let mut piece = || {
        let (from, start) = (run.events(), Instant::now());
        play(&mut run).map_err(anyhow::Error::msg)?;
        Ok(start.elapsed().as_nanos() as f64 / (run.events() - from) as f64)
    };
    (0..PIECES).map(|_| piece()).collect()
}

fn main() -> anyhow::Result<()> {
    let bare = per_event(|run| run.until_with(PIECE, |_| Ok(false)))?;
    println!("each event of a run at 400 requests/s, in {PIECES} pieces of {PIECE}: {bare:.0?} ns");
    for text in CONDITIONS {
        let about = Condition::about(text, started()?.scenario()).map_err(|bad| anyhow::anyhow!("{bad:?}"))?;
        let with = per_event(|run| run.until(&about, PIECE))?;
        let more: Vec<f64> = with.iter().zip(&bare).map(|(with, bare)| with - bare).collect();
        let mut run = started()?;
        run.advance(PIECE);
        let (cluster, facts) = (run.cluster(), about.look(run.cluster()));
        let each = |start: Instant| start.elapsed().as_nanos() as f64 / f64::from(LOOKS);
        let start = Instant::now();
        (0..LOOKS).for_each(|_| drop(black_box(about.holds(&facts))));
        let holds = each(start);
        let start = Instant::now();
        (0..LOOKS).for_each(|_| drop(black_box(about.look(cluster))));
        println!("{text}: {more:.0?} ns more; the look {:.0} ns, holds {holds:.0} ns", each(start));
    }
    Ok(())
}
