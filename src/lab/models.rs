//! `splitbrain models`: what the clusters and the command language know, from the tables that they run on.

use std::io::{self, Write};

use anyhow::bail;
use clap::Args;
use serde_json::{Value, json};

use super::hunt;
use crate::cluster::condition::table::{PHRASES, Phrase};
use crate::cluster::facts::{FactKind, Keys};
use crate::cluster::model::Model;
use crate::cluster::registry::{MODELS, model};
use crate::command::verbs::{Group, SLOTS, VERBS, Verb};
use crate::near::did_you_mean;

/// Prints what the clusters know: settings, facts, and the command language
#[derive(Args, Clone, Debug)]
pub struct ModelsArgs {
    /// Only this model
    #[arg(value_name = "MODEL")]
    pub model: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Prints. The error is a model that there is not.
pub fn run(args: &ModelsArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let models = match &args.model {
        Some(name) => vec![known(name)?],
        None => MODELS.to_vec(),
    };
    if args.json {
        writeln!(out, "{}", crate::harmless::json_pretty(&to_json(&models)))?;
    } else {
        print(&models, out)?;
    }
    Ok(())
}

/// The model of this name, or an error that says which there are.
pub fn known(name: &str) -> anyhow::Result<&'static Model> {
    let Some(model) = model(name) else {
        let names: Vec<&str> = MODELS.iter().map(|m| m.name).collect();
        let hint = did_you_mean(name, names.iter().copied());
        bail!("there is no model `{name}`{hint} (known: {})", names.join(", "));
    };
    Ok(model)
}

/// The width of the page, in characters.
const WIDTH: usize = 100;
/// The column at which the meaning of a command starts.
const COMMAND_WIDTH: usize = 44;
/// The column at which the meaning of a part of a condition starts.
const PHRASE_WIDTH: usize = 28;
/// The column at which the meaning of a word in capitals starts.
const SLOT_WIDTH: usize = 24;

/// Prints these models, the guarantees and the command language.
pub fn print(models: &[&Model], out: &mut dyn Write) -> io::Result<()> {
    models.iter().try_for_each(|model| print_model(model, out))?;
    for (title, phrases) in PHRASES {
        writeln!(out, "Conditions: {title}")?;
        phrases.iter().try_for_each(|phrase| print_entry(phrase.form, phrase.about, PHRASE_WIDTH, out))?;
        writeln!(out)?;
    }
    writeln!(out, "Commands that every cluster knows")?;
    for group in [Group::Nodes, Group::Network, Group::Messages, Group::Clients, Group::Clock] {
        writeln!(out, "\nCommands: {}", group.title().to_lowercase())?;
        print_verbs(VERBS.iter().filter(|verb| verb.group == group), out)?;
    }
    writeln!(out, "\nIn commands")?;
    SLOTS.iter().try_for_each(|(names, about)| print_entry(names, about, SLOT_WIDTH, out))
}

fn print_verbs<'v>(verbs: impl Iterator<Item = &'v Verb>, out: &mut dyn Write) -> io::Result<()> {
    for verb in verbs {
        let (first, others) = verb.forms.split_first().unwrap_or((&verb.name, &[]));
        print_entry(first, verb.about, COMMAND_WIDTH, out)?;
        others.iter().try_for_each(|form| writeln!(out, "  {form}"))?;
    }
    Ok(())
}

fn print_model(model: &Model, out: &mut dyn Write) -> io::Result<()> {
    let ((nodes, nodes_max), (clients, clients_max)) = (model.nodes, model.clients);
    writeln!(out, "{}", model.name)?;
    print_text(model.about, 2, out)?;
    writeln!(out, "  {nodes} servers (at most {nodes_max}), {clients} clients (at most {clients_max})")?;
    writeln!(out, "\nSettings of {}: those with * can change while it runs", model.name)?;
    for setting in model.settings {
        let live = if setting.live { "*" } else { " " };
        writeln!(out, "{live} {} = {}", setting.name, setting.default)?;
        print_text(&format!("{} Takes {}.", setting.about, setting.takes.trim_end_matches('.')), 6, out)?;
    }
    writeln!(out, "\nFacts of {}", model.name)?;
    for fact in model.facts {
        let series = if model.series.contains(&fact.name) { ", with a series" } else { "" };
        writeln!(out, "  {} ({}{series})", fact.name, kind_words(fact.kind))?;
        print_text(fact.about, 6, out)?;
    }
    writeln!(
        out,
        "\nGuarantees of {}: in conditions \"yes\", \"no\", \"unknown\", or \"untested\" while nothing could have broken them",
        model.name
    )?;
    for guarantee in model.guarantees {
        writeln!(out, "  {}", guarantee.id())?;
        print_text(guarantee.about(), 6, out)?;
        if let Some(limit) = guarantee.limit() {
            print_text(limit, 6, out)?;
        }
    }
    print_hunt(model, out)?;
    writeln!(out, "\nWhat clients of {} ask", model.name)?;
    print_verbs(model.language.calls.iter().map(|call| &call.verb), out)?;
    if !model.language.verbs.is_empty() {
        writeln!(out, "\nWhat an operator of {} does", model.name)?;
        print_verbs(model.language.verbs.iter().map(|own| &own.verb), out)?;
    }
    if !model.pokes.is_empty() {
        writeln!(out, "\nCommands with a meaning of their own in {}", model.name)?;
    }
    model.pokes.iter().try_for_each(|(example, about)| print_entry(example, about, COMMAND_WIDTH, out))?;
    writeln!(out)
}

/// What a hunt can look for, and the moments at which it strikes.
fn print_hunt(model: &Model, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nWhat `splitbrain hunt --break` looks for in {}: a guarantee, any condition, or", model.name)?;
    let of_hunts = hunt::promises(model).into_iter().filter(|(id, _)| model.guarantees.iter().all(|guarantee| guarantee.id() != *id));
    of_hunts.into_iter().try_for_each(|(id, about)| {
        writeln!(out, "  {id}")?;
        print_text(&about, 6, out)
    })?;
    if !model.moments.is_empty() {
        writeln!(out, "\nMoments at which hunts of {} place faults", model.name)?;
    }
    model.moments.iter().try_for_each(|(name, _)| writeln!(out, "  {name}"))
}

/// A name, and its meaning from column `indent` on: in the same line where there is room.
fn print_entry(name: &str, about: &str, indent: usize, out: &mut dyn Write) -> io::Result<()> {
    if name.chars().count() + 4 > indent {
        writeln!(out, "  {name}")?;
        return print_text(about, indent, out);
    }
    let mut lines = wrapped(about, WIDTH - indent).into_iter();
    let name_width = indent - 2;
    writeln!(out, "  {name:name_width$}{}", lines.next().unwrap_or_default())?;
    lines.try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
}

pub(super) fn print_text(text: &str, indent: usize, out: &mut dyn Write) -> io::Result<()> {
    wrapped(text, WIDTH - indent).iter().try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
}

/// Lines of at most `width` characters, longer only where one word is.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => line.extend([" ", word]),
            _ => lines.push(word.to_string()),
        }
    }
    lines
}

const fn kind_words(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Int => "whole number",
        FactKind::Float => "number",
        FactKind::Bool => "true or false",
        FactKind::Text => "text",
        FactKind::Named(Keys::Nodes) => "number for each node",
        FactKind::Named(_) => "number for each name",
    }
}

/// `models`, `conditions` and `verbs`, each in the order of the program.
pub fn to_json(models: &[&Model]) -> Value {
    json!({
        "models": models.iter().map(|model| model_json(model)).collect::<Vec<_>>(),
        "conditions": PHRASES.iter().flat_map(|(_, phrases)| *phrases).map(phrase_json).collect::<Vec<_>>(),
        "verbs": VERBS.iter().map(verb_json).collect::<Vec<_>>(),
    })
}

fn model_json(model: &Model) -> Value {
    let settings = model
        .settings
        .iter()
        .map(|s| json!({ "name": s.name, "default": s.default, "takes": s.takes, "words": s.words, "live": s.live, "about": s.about }));
    let facts = model.facts.iter().map(|f| json!({ "name": f.name, "kind": kind_id(f.kind), "about": f.about }));
    let pokes = model.pokes.iter().map(|(example, about)| json!({ "example": example, "about": about }));
    json!({
        "name": model.name,
        "about": model.about,
        "nodes": { "default": model.nodes.0, "max": model.nodes.1 },
        "clients": { "default": model.clients.0, "max": model.clients.1 },
        "settings": settings.collect::<Vec<_>>(),
        "facts": facts.collect::<Vec<_>>(),
        "series": model.series,
        "guarantees": model.guarantees.iter().map(|g| json!({ "id": g.id(), "about": g.about() })).collect::<Vec<_>>(),
        "promises": hunt::promises(model).iter().map(|(id, about)| json!({ "id": id, "about": about })).collect::<Vec<_>>(),
        "moments": model.moments.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "calls": model.language.calls.iter().map(|call| verb_json(&call.verb)).collect::<Vec<_>>(),
        "operator": model.language.verbs.iter().map(|own| verb_json(&own.verb)).collect::<Vec<_>>(),
        "pokes": pokes.collect::<Vec<_>>(),
    })
}

const fn kind_id(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Int => "int",
        FactKind::Float => "float",
        FactKind::Bool => "bool",
        FactKind::Text => "text",
        FactKind::Named(_) => "named",
    }
}

fn phrase_json(phrase: &Phrase) -> Value {
    json!({ "form": phrase.form, "example": phrase.example, "about": phrase.about })
}

fn verb_json(verb: &Verb) -> Value {
    json!({ "name": verb.name, "group": verb.group.title(), "forms": verb.forms, "example": verb.example, "about": verb.about })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::facts::FactDoc;
    use crate::cluster::model::{PACE, SettingDoc, SettingKind};

    static TOY: Model = Model {
        name: "toy",
        about: "A model for this test, with an explanation that is long enough to be wrapped at the edge of the page, twice if need be.",
        nodes: (3, 9),
        clients: (2, 4),
        settings: &[
            SettingDoc {
                name: "replication",
                default: "async",
                takes: "async or sync",
                words: &["async", "sync"],
                kind: SettingKind::Word,
                live: true,
                about: "When a write counts.",
            },
            SettingDoc {
                name: "fencing",
                default: "false",
                takes: "true or false",
                words: &["true", "false"],
                kind: SettingKind::Word,
                live: false,
                about: "Guards.",
            },
        ],
        facts: &[
            FactDoc { name: "leaders", kind: FactKind::Int, about: "Nodes that lead." },
            FactDoc { name: "lag_entries", kind: FactKind::Named(Keys::Nodes), about: "Entries behind." },
        ],
        series: &["leaders"],
        language: crate::command::Language { calls: &crate::cluster::kit::register::CALLS, verbs: &[] },
        messages: &[],
        guarantees: &[crate::check::verdict::Guarantee::LINEARIZABLE, crate::check::verdict::Guarantee::DURABLE],
        pokes: &[("promote n2", "make it the leader")],
        moments: &[],
        healthy: "leaders == 1",
        pace: PACE,
        start: |_| Err(Vec::new()),
    };

    #[test]
    fn everything_that_is_known_is_printed() {
        let mut page = Vec::new();
        print(&[&TOY], &mut page).expect("a vector takes everything");
        insta::assert_snapshot!(String::from_utf8_lossy(&page));
    }

    #[test]
    fn json_holds_the_same() {
        let value = to_json(&[&TOY]);
        let model = &value["models"][0];
        assert_eq!(model["settings"][0]["words"][1], "sync");
        assert_eq!(model["facts"][1]["kind"], "named");
        assert_eq!(value["verbs"].as_array().map(Vec::len), Some(VERBS.len()));
        assert_eq!(model["guarantees"][0]["id"], "linearizable");
        assert_eq!(model["calls"][1]["name"], "read");
    }
}
