//! What it takes to play on and on: memory and time per event of a busy cluster, through the timeline and through the screens.
//!
//! `cargo bench --bench play` plays two clients of 1,000 requests a second each for three minutes of virtual time, and then `traffic` at
//! 5,000 requests a second, a second of virtual time a second.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

mod resident;

use std::time::{Duration, Instant};

use resident::resident;
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
    if wanted("traffic") {
        traffic_through_the_screens()?;
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

/// The keys that type a command.
fn typed(line: &str) -> Vec<Cue> {
    let words = line.split_inclusive(' ').flat_map(|word| keys(&word.replace(' ', " Space ")));
    keys(":").into_iter().chain(words).chain(keys("Enter")).collect()
}

/// Plays at the highest speed, a second of real time at a time, as the loop does.
fn through_the_screens() -> anyhow::Result<()> {
    let options = Options { open: Some("replication-lag".into()), ..Options::default() };
    let mut app = App::new(&options, Theme::default())?;
    let mut cues = keys("N N");
    cues.extend(LOADS.iter().flat_map(|load| typed(load)));
    cues.extend(keys("+ + + Space"));
    // Play stops where the goal is reached, and goes on from there.
    cues.push(Cue::Pass(Duration::from_secs(10)));
    cues.extend(keys("Space"));
    println!("through the screens, ten seconds of real time a line");
    play(&mut app, cues, 18)
}

/// Ten servers that can do 8,000 requests a second: at most 15 % of a core and 64 MB.
fn traffic_through_the_screens() -> anyhow::Result<()> {
    let settings = vec![("workers".into(), "8".into())];
    let scenario = Scenario { nodes: Some(12), settings, ..Scenario::of("traffic") };
    let mut app = App::new(&Options { sandbox: Some(scenario), ..Options::default() }, Theme::default())?;
    let mut cues = typed("workload c1 5000/s");
    cues.extend(keys("+ + + Space"));
    println!("traffic through the screens, ten seconds of real time a line");
    play(&mut app, cues, 6)
}

/// Plays on, so many lines of the report.
fn play(app: &mut App, cues: Vec<Cue>, lines: u64) -> anyhow::Result<()> {
    let mut screen = Scripted::new(120, 36, cues);
    let mut before = 0;
    for line in 1..=lines {
        let (start, busy) = (Instant::now(), processor_time());
        screen.add([Cue::Pass(Duration::from_secs(10)), Cue::Input(Input::Signal(END))]);
        event_loop::run(app, &mut screen)?;
        let events = app.events();
        print!("{:>3.0} % of a core", processor_time().saturating_sub(busy).as_secs_f64() * 10.0);
        report(line * 10, events, events - before, start.elapsed());
        before = events;
    }
    Ok(())
}

/// What this process has used of processors; zero where the system does not tell.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // In hundredths of a second, the 14th and the 15th field.
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn report(second: u64, events: u64, new: u64, took: Duration) {
    let each = took.as_nanos() / u128::from(new.max(1));
    println!("{second:>4} s  {events:>9} events  {each:>6} ns an event  {:>4} MB", resident() / 1_000_000);
}
