//! `splitbrain new-lesson`: a small lesson that passes `check`, to start writing from.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use super::models;
use crate::cluster::model::Model;
use crate::lesson::catalogue;
use crate::lesson::format;
use crate::lesson::prove::prove;
use crate::lesson::source::Source;

/// Writes a small lesson that passes `check`, to start from
#[derive(Args, Clone, Debug)]
pub struct NewLessonArgs {
    /// The name of the lesson: lower-case letters, digits and -
    #[arg(value_name = "ID", required_unless_present = "schema")]
    pub id: Option<String>,
    /// The kind of cluster (`splitbrain models` lists them)
    #[arg(long, value_name = "M", required_unless_present = "schema")]
    pub model: Option<String>,
    /// Where to write it, in place of ID.toml
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print the JSON Schema of lessons, by which editors complete and check
    #[arg(long, conflicts_with_all = ["id", "model", "out"])]
    pub schema: bool,
}

/// Writes the lesson, and says where it is.
pub fn run(args: &NewLessonArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    if args.schema {
        writeln!(out, "{}", serde_json::to_string_pretty(&format::schema())?)?;
        return Ok(());
    }
    let (id, model) = args.id.as_deref().zip(args.model.as_deref()).context("name the lesson and its --model")?;
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        bail!("`{id}` is no id: only lower-case letters, digits and -");
    }
    let text = skeleton(id, models::known(model)?);
    let path = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{id}.toml")));
    let source = Source::new(&path.to_string_lossy(), &text);
    catalogue().load(&source).and_then(|lesson| prove(&lesson)).map_err(|mistakes| anyhow!("{mistakes}"))?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).with_context(|| path.display().to_string())?;
    file.write_all(text.as_bytes())?;
    writeln!(out, "{} is written. `splitbrain check {0}` checks it, and `splitbrain {0}` shows it.", path.display())?;
    Ok(())
}

/// A lesson about any model: it tells, asks, and lets a server be crashed.
fn skeleton(id: &str, model: &Model) -> String {
    let (chapter, servers) = (catalogue().topics.chapters.first().map_or("", |c| c.id.as_str()), model.nodes.0);
    let healthy = model.healthy.replace('"', "'");
    let mut text = format!(
        r#"# lessons/FORMAT.md describes every key. Write your own words in place of these.
id = "{id}"
title = "A short name"
question = "What can the learner answer afterwards?"
chapter = "{chapter}"
sources = ["A book or a paper, and its chapter"]
pace = "50ms"
answer = """
The answer, in a few sentences. What it says is confirmed by the claims below.
"""

[cluster]
model = "{name}"
seed = 1

[script]
while = ["run 500ms"]

[[step]]
kind = "say"
id = "stage"
text = "Say in one line what is on the stage: {{{{nodes}}}} servers. {{{{key play}}}} lets time pass."
do = ["script while"]

[[step]]
kind = "predict"
id = "half-a-second"
text = "Nothing fails for half a second. How is it then?"
options = [
  {{ text = "something is broken", why = "Say which setting or fault would do that." }},
  {{ text = "all is well", why = "Say why.", right = true, see = "{healthy}" }},
]
then = ["script while"]
"#,
        name = model.name,
    );
    if model.facts.iter().any(|fact| fact.name == "nodes_up") {
        let _ = write!(text, "{}", goal(servers));
    }
    let _ = write!(
        text,
        r#"
[[step]]
kind = "say"
id = "sum-up"
text = "Sum up in the words of the answer."

[[claim]]
says = "Without a fault all is well."
do = ["script while"]
holds = "{healthy}"
seeds = 5
"#
    );
    text
}

fn goal(servers: u16) -> String {
    format!(
        r#"
[[step]]
kind = "try"
id = "first-goal"
text = "Stop a server."
goal = [{{ that = "nodes_up < {servers}", say = "one of the {{{{nodes}}}} servers does not run" }}]
hints = ["Where to look.", "Which principle.", "What to do: {{{{crash n1}}}}."]
solution = ["crash n1"]
misses = [{{ do = ["run 500ms"] }}]
because = [{{ when = "nodes_up < {servers}", text = "A crashed server does nothing, and a paused one neither." }}]
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::registry::MODELS;
    use crate::lab::check::proved;

    #[test]
    fn the_first_lesson_about_every_model_is_right() {
        for model in MODELS {
            let source = Source::new("new.toml", &skeleton("new", model));
            let lesson = catalogue().load(&source).unwrap_or_else(|mistakes| panic!("{}: {mistakes}", model.name));
            proved(&lesson, crate::lesson::survey::Effort::QUICK).unwrap_or_else(|mistakes| panic!("{}: {mistakes}", model.name));
        }
    }
}
