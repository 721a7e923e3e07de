//! A script that breaks something, as a command line, as a replay, and as a claim of a lesson. All three give the same run.

use super::HuntArgs;
use super::engine::Hunt;
use super::field::Field;
use super::goal::Promise;
use super::shrink::Script;
use crate::check::verdict::Guarantee;
use crate::cluster::condition::Condition;
use crate::command::{Command, Drive};
use crate::lesson::perform::{Unwatched, perform};
use crate::lesson::schema::{Line, Script as Lines};
use crate::timeline::{Replay, Timeline};

/// A script in every form.
pub(super) struct Shown {
    /// The script.
    pub(super) script: Script,
    /// All its commands, the story before it included.
    pub(super) commands: Vec<String>,
    /// `splitbrain run ...`.
    pub(super) command_line: String,
    /// The run.
    pub(super) replay: Replay,
    /// TOML for a lesson.
    pub(super) lesson: String,
}

impl Shown {
    pub(super) fn of(hunt: &Hunt, args: &HuntArgs, script: Script) -> anyhow::Result<Shown> {
        let field = &hunt.field;
        let story = field.story.iter().map(|line| line.command.to_string());
        let commands: Vec<String> = story.chain(script.commands.iter().map(ToString::to_string)).collect();
        let timeline = play(field, &script).map_err(|why| anyhow::anyhow!(why))?;
        let holds = holds(&hunt.healthy, &script, &timeline);
        Ok(Shown {
            command_line: command_line(field, args, &script, &commands),
            lesson: lesson(field, args, &script, &commands, &holds),
            replay: timeline.replay(),
            commands,
            script,
        })
    }
}

/// The run on a timeline, as `splitbrain run` would have it.
fn play(field: &Field, script: &Script) -> Result<Timeline, String> {
    let mut timeline = field.open(script.seed)?;
    let line = |command: &Command| {
        let until = match command {
            Command::Drive(Drive::Until(text)) => Some(Condition::about(text, &field.scenario).map_err(|wrong| format!("{wrong:?}"))?),
            _ => None,
        };
        Ok(Line { command: command.clone(), until, at: 0..0 })
    };
    let lines = script.commands.iter().map(line).collect::<Result<Vec<Line>, String>>()?;
    match perform(&mut timeline, &Lines { lines }, &mut Unwatched) {
        // The run ends where the invariant is broken.
        Err(_) if script.promise == Promise::Invariants => Ok(timeline),
        Err(mistake) => Err(mistake.message),
        Ok(_) => Ok(timeline),
    }
}

/// A condition that holds at the end of the run because the promise is broken.
fn holds(healthy: &Condition, script: &Script, timeline: &Timeline) -> String {
    match script.promise {
        Promise::Invariants => "true".to_string(),
        Promise::Guarantee(guarantee) => format!("{} == \"no\"", Guarantee::id(guarantee)),
        Promise::Condition => match script.commands.last() {
            Some(Command::Drive(Drive::Until(condition))) => condition.clone(),
            _ => "true".to_string(),
        },
        Promise::Recovers => {
            if healthy.holds_in(timeline.cluster()) == Ok(true) {
                return "failed + unknown + open >= 1".to_string();
            }
            format!("!({})", healthy.text())
        }
    }
}

fn command_line(field: &Field, args: &HuntArgs, script: &Script, commands: &[String]) -> String {
    let mut words = vec!["splitbrain".to_string(), "run".to_string()];
    words.extend(args.model.iter().flat_map(|model| ["--model".to_string(), quoted(model)]));
    words.extend(args.what.as_deref().map(quoted));
    words.extend(args.lessons.iter().flat_map(|dir| ["--lessons".to_string(), quoted(&dir.display().to_string())]));
    words.extend(args.changes.set.iter().flat_map(|pair| ["--set".to_string(), quoted(pair)]));
    words.extend(args.changes.nodes.iter().flat_map(|n| ["--nodes".to_string(), n.to_string()]));
    words.extend(args.changes.clients.iter().flat_map(|n| ["--clients".to_string(), n.to_string()]));
    if field.replay.is_none() {
        words.extend(["--seed".to_string(), script.seed.to_string()]);
    }
    words.extend(commands.iter().flat_map(|command| ["--do".to_string(), quoted(command)]));
    words.join(" ")
}

/// As a shell reads it back.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,:".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text.to_string() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A claim, and for a model the cluster that it is about.
fn lesson(field: &Field, args: &HuntArgs, script: &Script, commands: &[String], holds: &str) -> String {
    let scenario = &field.scenario;
    let mut lines = Vec::new();
    let own = args.what.is_none() || field.replay.is_some();
    if own {
        lines.push("[cluster]".to_string());
        lines.push(format!("model = {}", text(&scenario.model)));
        lines.extend(scenario.nodes.map(|n| format!("nodes = {n}")));
        lines.extend(scenario.clients.map(|n| format!("clients = {n}")));
        lines.extend(zones(scenario));
        lines.push(format!("seed = {}", script.seed));
        lines.extend(settings(scenario.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
        lines.push(String::new());
    }
    lines.push("[[claim]]".to_string());
    lines.push(format!("says = {}", text(&format!("{}.", script.why.trim_end_matches('.')))));
    if !own {
        lines.push(format!("seed = {}", script.seed));
        lines.extend(args.changes.nodes.map(|n| format!("nodes = {n}")));
        lines.extend(args.changes.clients.map(|n| format!("clients = {n}")));
        lines.extend(settings(args.changes.set.iter().filter_map(|pair| pair.split_once('='))));
    }
    lines.push("do = [".to_string());
    lines.extend(commands.iter().map(|command| format!("  {},", text(command))));
    lines.push("]".to_string());
    lines.push(format!("holds = {}", text(holds)));
    lines.join("\n") + "\n"
}

fn zones(scenario: &crate::cluster::Scenario) -> Option<String> {
    let of = |(name, nodes): &(String, Vec<crate::sim::id::NodeId>)| {
        let nodes: Vec<String> = nodes.iter().map(|id| text(&id.to_string())).collect();
        format!("{} = [{}]", text(name), nodes.join(", "))
    };
    let zones: Vec<String> = scenario.zones.iter().map(of).collect();
    (!zones.is_empty()).then(|| format!("zones = {{ {} }}", zones.join(", ")))
}

fn settings<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name} = {}", text(value))).collect();
    (!pairs.is_empty()).then(|| format!("settings = {{ {} }}", pairs.join(", ")))
}

/// A text of TOML: literal where it can be, so that conditions and commands read as they are typed.
fn text(text: &str) -> String {
    if text.contains(['"', '\\']) && !text.contains('\'') && !text.contains(char::is_control) {
        return format!("'{text}'");
    }
    // JSON's escapes are TOML's too; only the last control character has none in JSON.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
