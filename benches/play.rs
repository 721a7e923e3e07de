//! What it takes to play on and on: memory and time per event of a busy cluster, through the timeline and through the screens.
//!
//! `cargo bench --bench play` plays two clients of 1,000 requests a second each for three minutes of virtual time.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

use std::time::{Duration, Instant};

use splitbrain::cluster::Scenario;
use splitbrain::command::{Command, Poke};
use splitbrain::sim::time::Span;
use splitbrain::timeline::Timeline;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys};
use splitbrain::tui::terminal::Input;
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

/// Virtual time of the whole, and of one line of the report.
const WHOLE: u64 = 180;
const LINE: u64 = 20;

fn main() -> anyhow::Result<()> {
    let only = std::env::args().nth(1).filter(|word| !word.starts_with('-'));
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("timeline") {
        through_the_timeline()?;
    }
    if wanted("screens") {
        through_the_screens()?;
    }
    Ok(())
}

/// The number of a signal that ends the loop.
const END: i32 = 15;

const LOADS: [&str; 2] = ["workload c1 1000/s read:write 1:1 keys uniform(20)", "workload c2 1000/s read:write 1:1 keys uniform(20)"];

fn poke(text: &str) -> anyhow::Result<Poke> {
    match splitbrain::cluster::replicated::MODEL.language.parse(text) {
        Ok(Command::Poke(poke)) => Ok(poke),
        other => anyhow::bail!("{other:?}"),
    }
}

fn through_the_timeline() -> anyhow::Result<()> {
    let scenario = Scenario { model: "replicated".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
    let mut run = Timeline::new(scenario).map_err(|bad| anyhow::anyhow!("{bad:?}"))?;
    for load in LOADS {
        run.poke(&poke(load)?)?;
    }
    println!("through the timeline");
    for line in 1..=WHOLE / LINE {
        let (from, start) = (run.events(), Instant::now());
        run.advance(Span::s(LINE));
        report(line * LINE, run.events(), run.events() - from, start.elapsed());
    }
    Ok(())
}

/// Plays at the highest speed, a second of real time at a time, as the loop does.
fn through_the_screens() -> anyhow::Result<()> {
    let options = Options { open: Some("replication-lag".into()), ..Options::default() };
    let mut app = App::new(&options, Theme::default())?;
    let typed = |line: &str| -> Vec<Cue> { line.split_inclusive(' ').flat_map(|word| keys(&word.replace(' ', " Space "))).collect() };
    let mut cues = keys("N N");
    for load in LOADS {
        cues.extend([keys(":"), typed(load), keys("Enter")].concat());
    }
    cues.extend(keys("+ + + Space"));
    // Play stops where the goal is reached, and goes on from there.
    cues.push(Cue::Pass(Duration::from_secs(10)));
    cues.extend(keys("Space"));
    let lines = 18;
    println!("through the screens, ten seconds of real time a line");
    let mut screen = Scripted::new(120, 36, cues);
    let mut before = 0;
    for line in 1..=lines {
        let start = Instant::now();
        screen.add([Cue::Pass(Duration::from_secs(10)), Cue::Input(Input::Signal(END))]);
        event_loop::run(&mut app, &mut screen)?;
        let events = app.events();
        report(line * 10, events, events - before, start.elapsed());
        before = events;
    }
    Ok(())
}

fn report(second: u64, events: u64, new: u64, took: Duration) {
    let each = took.as_nanos() / u128::from(new.max(1));
    println!("{second:>4} s  {events:>9} events  {each:>6} ns an event  {:>4} MB", resident() / 1_000_000);
}

/// The memory of this process, in bytes; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
