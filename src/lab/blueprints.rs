//! `splitbrain blueprints`: the systems that are ready-made.

use std::io::Write;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::models::print_text;
use crate::lesson::sandbox::blueprint::{self, Blueprint};
use crate::near::did_you_mean;

/// Lists the systems that are ready-made, each with the three pokes worth trying first
#[derive(Args, Clone, Debug)]
pub struct BlueprintsArgs {
    /// Only this one, with the commands of its pokes
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The blueprint of this name, or an error that says which there are.
pub fn known(name: &str) -> anyhow::Result<&'static Blueprint> {
    let Some(ready) = blueprint::by_id(name) else {
        let names: Vec<&str> = blueprint::all().iter().map(|ready| ready.id.as_str()).collect();
        bail!("there is no blueprint `{name}`{} (known: {})", did_you_mean(name, names.iter().copied()), names.join(", "));
    };
    Ok(ready)
}

/// Prints. The error is a blueprint that there is not.
pub fn run(args: &BlueprintsArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let one = args.name.as_deref().map(known).transpose()?;
    let all: Vec<&Blueprint> = one.map_or_else(|| blueprint::all().iter().collect(), |one| vec![one]);
    if args.json {
        writeln!(out, "{}", crate::harmless::json_pretty(&json!({ "blueprints": all.into_iter().map(to_json).collect::<Vec<_>>() })))?;
        return Ok(());
    }
    for ready in &all {
        print(ready, one.is_some(), out)?;
    }
    if one.is_none() {
        writeln!(out, "`splitbrain open --blueprint NAME` opens one; `splitbrain blueprints NAME` shows its commands.")?;
    }
    Ok(())
}

/// How far the text below a name stands in.
const INDENT: usize = 4;

fn print(ready: &Blueprint, whole: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}: {} ({})", ready.id, ready.title, ready.model)?;
    print_text(&ready.about, INDENT, out)?;
    for (number, poke) in ready.pokes.iter().enumerate() {
        writeln!(out, "{:INDENT$}{} {}", "", number + 1, poke.name)?;
        if whole {
            print_text(&poke.watch, INDENT + 2, out)?;
            for command in &poke.commands {
                writeln!(out, "{:width$}{command}", "", width = INDENT + 4)?;
            }
            print_text(&format!("Then `{}` holds. {}", poke.see, poke.so), INDENT + 2, out)?;
        }
    }
    writeln!(out)?;
    Ok(())
}

fn to_json(ready: &Blueprint) -> serde_json::Value {
    let pokes = ready.pokes.iter();
    let pokes = pokes.map(|poke| json!({ "name": poke.name, "watch": poke.watch, "do": poke.commands, "see": poke.see, "so": poke.so }));
    json!({
        "name": ready.id,
        "title": ready.title,
        "about": ready.about,
        "model": ready.model,
        "sources": ready.sources,
        "pokes": pokes.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(name: Option<&str>, json: bool) -> String {
        let mut page = Vec::new();
        run(&BlueprintsArgs { name: name.map(str::to_string), json }, &mut page).expect("it can be written");
        String::from_utf8(page).expect("text")
    }

    #[test]
    fn all_are_listed_and_one_is_shown_with_its_commands() {
        let page = printed(None, false);
        for ready in blueprint::all() {
            assert!(page.contains(&format!("{}: {}", ready.id, ready.title)), "{page}");
        }
        assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
        let redis = printed(Some("redis"), false);
        assert!(redis.contains("        cut n1 -> n2\n") && redis.contains("lost == 1"), "{redis}");
        let json: serde_json::Value = serde_json::from_str(&printed(None, true)).expect("JSON");
        assert_eq!(json["blueprints"].as_array().map(Vec::len), Some(blueprint::all().len()));
    }

    #[test]
    fn a_name_that_is_not_there_is_answered_with_those_that_are() {
        let wrong = known("redes").expect_err("there is none").to_string();
        assert!(wrong.contains("did you mean `redis`?") && wrong.contains("kafka"), "{wrong}");
    }
}
