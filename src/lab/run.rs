//! `splitbrain run`: the same timeline as on the screen, without a screen.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use super::hunt::Field;
use super::{models, replay, report};
use crate::cluster::condition::Condition;
use crate::cluster::registry::model;
use crate::cluster::vocabulary::vocabulary;
use crate::cluster::{Scenario, Stop};
use crate::command::{Command, Drive, Language, Place, Poke, Vocabulary, caret};
use crate::files::{self, Kind};
use crate::lesson::catalogue::Catalogue;
use crate::lesson::perform::{Unwatched, perform};
use crate::lesson::schema::{Lesson, Line, Script};
use crate::lesson::{folder, outline, story};
use crate::near::did_you_mean;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};
use crate::timeline::{Brake, Replay, Timeline};

/// What a command line says of a cluster instead of its model or lesson.
#[derive(Args, Clone, Debug, Default)]
pub struct Changes {
    /// Another value for a setting
    #[arg(long, value_name = "K=V")]
    pub set: Vec<String>,
    /// How many servers
    #[arg(long, value_name = "N")]
    pub nodes: Option<u16>,
    /// How many clients
    #[arg(long, value_name = "N")]
    pub clients: Option<u16>,
    /// The seed of every random draw; of many runs that of the first, and each counts it up
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// What a command line runs: the cluster of a lesson, a model or a replay, and what is done to it.
#[derive(Args, Clone, Debug, Default)]
#[command(group = clap::ArgGroup::new("run").required(true))]
pub struct Course {
    /// A lesson's id, a lesson file, or a replay file
    #[arg(value_name = "LESSON|FILE", group = "run")]
    pub what: Option<String>,
    /// A model with its default settings (`splitbrain models` lists them)
    #[arg(long, value_name = "M", group = "run")]
    pub model: Option<String>,
    /// What differs from the lesson or the model.
    #[command(flatten)]
    pub changes: Changes,
    /// A command, such as "crash n1", "run 2s" or "until 'leaders >= 2'"; several are done in order
    #[arg(long = "do", value_name = "COMMAND")]
    pub commands: Vec<String>,
    /// Run on to this virtual time after the commands, such as 10s
    #[arg(long, value_name = "T")]
    pub until: Option<Span>,
    /// Add the lessons of a folder
    #[arg(long, value_name = "DIR", display_order = LAST)]
    pub lessons: Option<PathBuf>,
}

/// Where an option stands in a help that has others before it.
const LAST: usize = 100;

/// Runs a lesson's cluster, a model or a replay, and prints what happened
#[derive(Args, Clone, Debug, Default)]
pub struct RunArgs {
    /// What is run.
    #[command(flatten)]
    pub course: Course,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Write the run as a replay, which `splitbrain replay --check` runs again and compares
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Replace the replay if it is there
    #[arg(long, requires = "save")]
    pub force: bool,
}

/// Runs and prints. Everything that is wrong with the input is in the error, all at once.
pub fn run(args: &RunArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut timeline = timeline(&args.course)?;
    finish(&mut timeline, args.course.until)?;
    if let Some(path) = &args.save {
        files::put(path, timeline.replay().to_string().as_bytes(), args.force).with_context(|| format!("--save {}", path.display()))?;
    }
    report::write(&timeline, args.json, out)?;
    Ok(())
}

/// The start of a run, for a hunt: at the end of the lesson's story where `story` says so, and of the commands.
pub(super) fn field(args: &Course, story: bool) -> anyhow::Result<Field> {
    let origin = origin(args)?;
    let first = if args.commands.is_empty() {
        Vec::new()
    } else {
        lines(&args.commands, names(&origin.start()?).as_ref()).map_err(|mistakes| anyhow!(mistakes))?
    };
    let (scenario, start, story, replay) = match origin {
        Origin::Scenario(scenario) => (scenario, Vec::new(), Vec::new(), None),
        Origin::Replay(replay) => (replay.scenario.clone(), Vec::new(), Vec::new(), Some(*replay)),
        Origin::Lesson(lesson, scenario) => {
            let told = if story { story::lines(&lesson) } else { Vec::new() };
            (scenario, lesson.start.lines.clone(), told, None)
        }
    };
    let model = models::known(&scenario.model)?;
    let story = [story, first].concat();
    Ok(Field { model, scenario, start, story, replay })
}

/// The cluster of a model with these changes, which starts.
pub(super) fn scenario(model: &str, changes: &Changes) -> anyhow::Result<Scenario> {
    let scenario = changes.made_to(default_scenario(model)?)?;
    Ok(Origin::Scenario(scenario).start()?.scenario().clone())
}

/// The run, and what to call it: the title of its lesson, or the name of its model. A lesson to which nothing is done tells its story.
pub fn told(args: &Course) -> anyhow::Result<(Timeline, String)> {
    let origin = origin(args)?;
    let name = match &origin {
        Origin::Lesson(lesson, _) => lesson.title.clone(),
        Origin::Scenario(scenario) => scenario.model.clone(),
        Origin::Replay(replay) => replay.scenario.model.clone(),
    };
    let mut run = match &origin {
        Origin::Lesson(lesson, _) if args.commands.is_empty() && args.until.is_none() => {
            let mut run = origin.start()?;
            run.set_brake(&Brake::bounded());
            story::lines(lesson).into_iter().try_fold(run, |run, line| carry_out(run, &origin, line))?
        }
        _ => timeline(args)?,
    };
    finish(&mut run, args.until)?;
    Ok((run, name))
}

/// The timeline after every command.
fn timeline(args: &Course) -> anyhow::Result<Timeline> {
    let started = origin(args).and_then(|origin| Ok((origin.start()?, origin)));
    let names = started.as_ref().ok().and_then(|(timeline, _)| names(timeline));
    let commands = match (&started, args.model.as_deref().and_then(model)) {
        (Ok(_), _) => lines(&args.commands, names.as_ref()),
        (Err(_), Some(model)) => read_all(&args.commands, |text| read(text, &model.language)),
        (Err(_), None) => read_all(&args.commands, |text| read(text, &Language::default())),
    };
    match (started, commands) {
        (Ok((mut timeline, origin)), Ok(lines)) => {
            timeline.set_brake(&Brake::bounded());
            lines.into_iter().try_fold(timeline, |timeline, line| carry_out(timeline, &origin, line))
        }
        (Err(error), Ok(_)) => Err(error),
        (Ok(_), Err(mistakes)) => bail!(mistakes),
        (Err(error), Err(mistakes)) => bail!("{error:#}\n{mistakes}"),
    }
}

/// What names commands and conditions can use.
pub(super) struct Names {
    commands: Vocabulary,
    language: &'static Language,
    scenario: Scenario,
}

pub(super) fn names(timeline: &Timeline) -> Option<Names> {
    let model = model(&timeline.scenario().model)?;
    Some(Names { commands: vocabulary(timeline.cluster(), model), language: &model.language, scenario: timeline.scenario().clone() })
}

/// Reads every command; the error shows each that is wrong. After a deed of the operator there may be servers that are not there yet.
pub(super) fn lines(texts: &[String], names: Option<&Names>) -> Result<Vec<Line>, String> {
    let mut grown = false;
    read_all(texts, |text| {
        let line = line(text, names, grown)?;
        grown |= matches!(line.command, Command::Poke(Poke::Operate(_)));
        Ok(line)
    })
}

fn read_all(texts: &[String], mut read: impl FnMut(&str) -> Result<Line, String>) -> Result<Vec<Line>, String> {
    let (mut lines, mut mistakes) = (Vec::new(), Vec::new());
    for text in texts {
        match read(text) {
            Ok(line) => lines.push(line),
            Err(mistake) => mistakes.push(format!("--do:\n{mistake}")),
        }
    }
    if mistakes.is_empty() { Ok(lines) } else { Err(mistakes.join("\n")) }
}

/// Reads one command, with its condition if it has one.
fn line(text: &str, names: Option<&Names>, grown: bool) -> Result<Line, String> {
    let Some(names) = names else { return read(text, &Language::default()) };
    let command = if grown { names.language.parse(text) } else { names.commands.parse(text) };
    let command = command.map_err(|bad| bad.render(text))?;
    let until = match &command {
        Command::Drive(Drive::Until(condition)) => Some(condition_of(condition, names)?),
        _ => None,
    };
    Ok(Line { command, until, at: 0..text.len() })
}

/// Reads one command by its words alone.
fn read(text: &str, language: &Language) -> Result<Line, String> {
    let command = language.parse(text).map_err(|bad| bad.render(text))?;
    Ok(Line { command, until: None, at: 0..text.len() })
}

fn condition_of(text: &str, names: &Names) -> Result<Condition, String> {
    Condition::about(text, &names.scenario).map_err(|errors| {
        let shown = errors.iter().map(|bad| caret(text, bad.offset, bad.length, &bad.message));
        shown.collect::<Vec<_>>().join("\n")
    })
}

pub(super) fn carry_out(mut timeline: Timeline, origin: &Origin, line: Line) -> anyhow::Result<Timeline> {
    if let Command::Drive(Drive::Seed(seed)) = line.command {
        let mut anew = origin.with_seed(seed)?.start()?;
        anew.set_brake(timeline.brake());
        return Ok(anew);
    }
    let command = line.command.clone();
    match perform(&mut timeline, &Script { lines: vec![line] }, &mut Unwatched) {
        Ok(_) => Ok(timeline),
        Err(_) if fires_nothing(&timeline, origin, &command)? => {
            // Where nobody reads it, the run goes on all the same.
            let _ = writeln!(io::stderr(), "--do: {command}: this timer does not run now; nothing is fired, and the run goes on");
            Ok(timeline)
        }
        Err(mistake) => Err(anyhow!("--do: {command}\n{}", mistake.message)),
    }
}

/// Whether a timer is to be fired that servers of this cluster set, and that this one has not set now. A script that was written for
/// another run goes on then: to fire what does not run is no deed.
fn fires_nothing(timeline: &Timeline, origin: &Origin, command: &Command) -> anyhow::Result<bool> {
    let Command::Poke(Poke::Fire(Place::Node(node), timer)) = command else { return Ok(false) };
    let runs_at = |timeline: &Timeline, of: Option<NodeId>| {
        let all = names(timeline).map(|names| names.commands.timers).unwrap_or_default();
        all.iter().any(|(id, timers)| of.is_none_or(|of| of == *id) && timers.contains(timer))
    };
    Ok(!runs_at(timeline, Some(*node)) && (runs_at(timeline, None) || runs_at(&origin.start()?, None)))
}

/// Runs on to the time asked for.
pub(super) fn finish(timeline: &mut Timeline, until: Option<Span>) -> anyhow::Result<()> {
    let Some(Span(ns)) = until else { return Ok(()) };
    if Time(ns) < timeline.at() {
        bail!("--until {}: after the commands the clock is at {} already", Span(ns), timeline.at());
    }
    loop {
        match timeline.run_to(Time(ns)) {
            Stop::Reached => return Ok(()),
            Stop::Budget => {}
            Stop::Limit(why) => bail!("the run stops at {}: {why}", timeline.at()),
        }
    }
}

/// What a run starts from.
#[derive(Clone)]
pub(super) enum Origin {
    Scenario(Scenario),
    Lesson(Arc<Lesson>, Scenario),
    Replay(Box<Replay>),
}

impl Origin {
    fn lesson(lesson: Lesson) -> Origin {
        let scenario = lesson.scenario.clone();
        Origin::Lesson(Arc::new(lesson), scenario)
    }

    pub(super) fn start(&self) -> anyhow::Result<Timeline> {
        match self {
            Origin::Scenario(scenario) => Timeline::new(scenario.clone()).map_err(|bad| {
                let messages = bad.iter().map(|b| b.message.clone());
                anyhow!(messages.collect::<Vec<_>>().join("\n"))
            }),
            Origin::Lesson(lesson, scenario) => {
                story::fresh(lesson, scenario, &Brake::bounded()).map_err(|mistake| anyhow!(mistake.message))
            }
            Origin::Replay(replay) => Ok(Timeline::from_replay(replay)?),
        }
    }

    /// The same with another seed.
    pub(super) fn with_seed(&self, seed: u64) -> anyhow::Result<Origin> {
        self.scenario().map_or_else(|| bail!("a replay has its own seed"), |own| Ok(self.of(Scenario { seed, ..own.clone() })))
    }

    /// The same with these changes.
    pub(super) fn changed(&self, changes: &Changes) -> anyhow::Result<Origin> {
        match self.scenario() {
            Some(own) => Ok(self.of(changes.made_to(own.clone())?)),
            None if changes.are_any() => bail!("a replay has its own settings, nodes, clients and seed"),
            None => Ok(self.clone()),
        }
    }

    /// What it starts; `None`: a replay, in which that cannot be changed.
    pub(super) fn scenario(&self) -> Option<&Scenario> {
        match self {
            Origin::Scenario(scenario) | Origin::Lesson(_, scenario) => Some(scenario),
            Origin::Replay(_) => None,
        }
    }

    /// The same with another scenario.
    fn of(&self, scenario: Scenario) -> Origin {
        match self {
            Origin::Lesson(lesson, _) => Origin::Lesson(lesson.clone(), scenario),
            _ => Origin::Scenario(scenario),
        }
    }
}

fn origin(args: &Course) -> anyhow::Result<Origin> {
    unchanged(args.model.as_deref(), args.what.as_deref(), args.lessons.as_deref())?.changed(&args.changes)
}

/// A model, a lesson, or what a file holds, as it is.
pub(super) fn unchanged(model: Option<&str>, what: Option<&str>, lessons: Option<&Path>) -> anyhow::Result<Origin> {
    match (model, what) {
        (Some(model), _) => Ok(Origin::Scenario(default_scenario(model)?)),
        (None, Some(what)) => named(what, lessons),
        (None, None) => bail!("name a lesson, a file or a model"),
    }
}

fn default_scenario(name: &str) -> anyhow::Result<Scenario> {
    models::known(name).map(|model| Scenario::of(model.name))
}

impl Changes {
    fn are_any(&self) -> bool {
        !self.set.is_empty() || self.nodes.is_some() || self.clients.is_some() || self.seed.is_some()
    }

    /// The scenario with what is said here instead. Values are judged by the model.
    fn made_to(&self, mut scenario: Scenario) -> anyhow::Result<Scenario> {
        for pair in &self.set {
            let (name, value) = pair.split_once('=').with_context(|| format!("--set {pair}: write NAME=VALUE"))?;
            scenario.settings.retain(|(known, _)| known != name);
            scenario.settings.push((name.to_string(), value.to_string()));
        }
        scenario.nodes = self.nodes.or(scenario.nodes);
        scenario.clients = self.clients.or(scenario.clients);
        scenario.seed = self.seed.unwrap_or(scenario.seed);
        Ok(scenario)
    }
}

/// A file if there is one of this name, or else a lesson.
fn named(what: &str, lessons: Option<&Path>) -> anyhow::Result<Origin> {
    let mut catalogue = crate::lesson::catalogue().clone();
    if let Some(dir) = lessons {
        catalogue.add_folder(dir).with_context(|| format!("--lessons {}", dir.display()))?;
    }
    let path = Path::new(what);
    if !path.exists() || catalogue.has(what) && !path.is_file() {
        return by_id(what, &catalogue).map(Origin::lesson);
    }
    let text = files::read_text(path, Kind::Replay).with_context(|| what.to_string())?;
    if replay::is_replay(&text) {
        return Ok(Origin::Replay(Box::new(replay::parse(what, &text)?)));
    }
    let source = folder::read(path).with_context(|| what.to_string())?;
    if outline::is_deck(&source) {
        bail!("{what} is a deck: `splitbrain present {what}` shows it");
    }
    catalogue.add_beside(path).with_context(|| what.to_string())?;
    catalogue.load(&source).map(Origin::lesson).map_err(|mistakes| anyhow!("{mistakes}"))
}

fn by_id(id: &str, catalogue: &Catalogue) -> anyhow::Result<Lesson> {
    match catalogue.open(id) {
        Some(lesson) => lesson.map(Arc::unwrap_or_clone).map_err(|mistakes| anyhow!("{mistakes}")),
        None => bail!("`{id}` is no file and no lesson{}", did_you_mean(id, catalogue.lessons())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::arbitrary::{is_flood, poke};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn any_pokes_are_done_or_refused(pokes in proptest::collection::vec((poke(), 0u64..60), 1..20), seed in 0u64..1000) {
            let origin = Origin::Scenario(Scenario { seed, ..default_scenario("replicated").expect("it is registered") });
            let mut timeline = origin.start().expect("the defaults are right");
            for (poke, ms) in pokes.into_iter().filter(|(poke, _)| !is_flood(poke, 1000.0)) {
                if let Err(refused) = timeline.poke(&poke) {
                    prop_assert!(!refused.to_string().is_empty(), "{}", poke);
                }
                timeline.advance(Span::ms(ms));
            }
            for json in [false, true] {
                report::write(&timeline, json, &mut Vec::new()).expect("a vector takes everything");
            }
            let replay = timeline.replay().to_string();
            let again = Timeline::from_replay(&Replay::parse(&replay).expect("it reads back"));
            prop_assert_eq!(again.map(|t| t.cluster().fingerprint()), Ok(timeline.cluster().fingerprint()));
        }
    }
}
