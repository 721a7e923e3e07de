//! What a run came to, for people and for programs.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::check::verdict::{Holds, Verdict};
use crate::cluster::condition::holds_word;
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::scene::Scene;
use crate::cluster::tell::{self, Names};
use crate::cluster::told::{Exchange, Outcome};
use crate::cluster::{Cluster, Happening, What};
use crate::harmless;
use crate::sim::time::Time;
use crate::timeline::Timeline;

/// Prints the narration, the facts and the verdicts.
pub fn print(timeline: &Timeline, out: &mut dyn Write) -> io::Result<()> {
    let cluster = timeline.cluster();
    let scenario = timeline.scenario();
    writeln!(out, "{}, seed {}", scenario.model, scenario.seed)?;
    narrate(timeline, out)?;
    writeln!(out, "\nAt {}, after {} events, fingerprint {:016x}", cluster.now(), cluster.events(), cluster.fingerprint())?;
    print_facts(cluster, out)?;
    print_verdicts(cluster, out)
}

/// One object: `time_ns`, `events`, `fingerprint` (16 hexadecimal digits), `facts` (null where there is no value), `samples` (from
/// how many a mean or a percentile is worked out, by fact), `verdicts` (true, false, or null where it is not known or nothing has
/// tested it), `untested` (the guarantees that nothing has tested), `why` and `witness` (a sentence, and the operations that break it, by guarantee), `settings`, `model`, `seed`.
pub fn to_json(timeline: &Timeline) -> Value {
    let cluster = timeline.cluster();
    let (verdicts, exchanges) = (cluster.verdicts(), cluster.exchanges());
    let facts = facts(cluster);
    let untested = verdicts.iter().filter(|v| v.holds == Holds::Untested);
    let said = verdicts.iter().filter(|v| !v.why.is_empty());
    let broken = verdicts.iter().filter(|v| !v.witness.is_empty());
    json!({
        "model": timeline.scenario().model,
        "seed": timeline.scenario().seed,
        "settings": object(cluster.settings().into_iter().map(|(name, value)| (name, value.into()))),
        "time_ns": cluster.now().0,
        "events": cluster.events(),
        "fingerprint": format!("{:016x}", cluster.fingerprint()),
        "facts": object(facts.iter().map(|(name, value)| (name, fact_json(value)))),
        "samples": object(facts.iter().filter_map(|(name, value)| Some((name, samples(value)?.into())))),
        "verdicts": object(verdicts.iter().map(|v| (v.guarantee.id(), holds_json(v.holds)))),
        "untested": untested.map(|v| v.guarantee.id()).collect::<Vec<_>>(),
        "why": object(said.map(|v| (v.guarantee.id(), v.why.as_str().into()))),
        "witness": object(broken.map(|v| (v.guarantee.id(), witness(v, &exchanges).into()))),
    })
}

/// Prints one or the other.
pub fn write(timeline: &Timeline, as_json: bool, out: &mut dyn Write) -> io::Result<()> {
    if as_json { writeln!(out, "{}", harmless::json_pretty(&to_json(timeline))) } else { print(timeline, out) }
}

fn object<'a>(entries: impl Iterator<Item = (&'a str, Value)>) -> Value {
    Value::Object(entries.map(|(name, value)| (name.to_string(), value)).collect::<Map<_, _>>())
}

fn fact_json(value: &FactValue) -> Value {
    match value {
        FactValue::Int(n) => (*n).into(),
        FactValue::Float(x) | FactValue::Sampled { value: x, .. } => (*x).into(),
        FactValue::Absent(_) => Value::Null,
        FactValue::Bool(b) => (*b).into(),
        FactValue::Text(text) => text.as_str().into(),
        FactValue::Named(values) => object(values.iter().map(|(node, x)| (node.as_str(), (*x).into()))),
    }
}

fn samples(value: &FactValue) -> Option<u64> {
    if let FactValue::Sampled { of, .. } = value { Some(*of) } else { None }
}

fn holds_json(holds: Holds) -> Value {
    match holds {
        Holds::Yes => true.into(),
        Holds::No => false.into(),
        Holds::Unknown | Holds::Untested => Value::Null,
    }
}

/// The operations that break a guarantee: `c1 read x: 7`.
fn witness(verdict: &Verdict, exchanges: &[Exchange]) -> Vec<String> {
    let of = |id: &u32| exchanges.get(*id as usize);
    verdict.witness.iter().filter_map(of).map(|exchange| format!("{}: {}", exchange.asked(), told(exchange))).collect()
}

fn told(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Outcome::Open => "no answer".to_string(),
        Outcome::Failed(_) => "failed".to_string(),
        outcome => outcome.short().to_string(),
    }
}

fn facts(cluster: &dyn Cluster) -> Facts {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    facts
}

fn print_facts(cluster: &dyn Cluster, out: &mut dyn Write) -> io::Result<()> {
    let facts = facts(cluster);
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    writeln!(out, "\nFacts")?;
    facts.iter().try_for_each(|(name, value)| writeln!(out, "  {name:width$}  {}", harmless::line(&value.to_string())))
}

fn print_verdicts(cluster: &dyn Cluster, out: &mut dyn Write) -> io::Result<()> {
    let (verdicts, exchanges) = (cluster.verdicts(), cluster.exchanges());
    let width = verdicts.iter().map(|v| v.guarantee.words().len()).max().unwrap_or(0);
    writeln!(out, "\nGuarantees")?;
    for verdict in verdicts {
        let line = format!("  {:width$}  {:8}  {}", verdict.guarantee.words(), holds_word(verdict.holds), verdict.why);
        writeln!(out, "{}", line.trim_end())?;
        witness(&verdict, &exchanges).iter().try_for_each(|operation| writeln!(out, "      {}", harmless::line(operation)))?;
    }
    Ok(())
}

/// A line for everything that happened, except for messages that arrived as they should, and lost heartbeats.
fn narrate(timeline: &Timeline, out: &mut dyn Write) -> io::Result<()> {
    let exchanges = timeline.cluster().exchanges();
    let names = names(timeline.cluster());
    for Happening { at, what, .. } in timeline.happenings(Time::ZERO) {
        if let Some(sentence) = sentence(&what, &names, &exchanges) {
            writeln!(out, "{:>10}  {}", at.to_string(), harmless::line(&sentence))?;
        }
    }
    Ok(())
}

/// What nodes are called at the end of the run.
fn names(cluster: &dyn Cluster) -> Names {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    Names::on(&scene)
}

fn sentence(what: &What, names: &Names, exchanges: &[Exchange]) -> Option<String> {
    match what {
        // What was typed, or could have been, stands as it is typed.
        What::Poked(poke) => Some(format!("> {poke}")),
        What::Called(index) => exchanges.get(*index).map(Exchange::asked),
        What::Returned(index, outcome) => exchanges.get(*index).map(|exchange| format!("{}: {outcome}", exchange.asked())),
        What::Lost { id, .. } => tell::sentence(what, names, |_| None).map(|told| format!("{id}: {}", told.text)),
        What::Arrived { .. } | What::Note { .. } => tell::sentence(what, names, |_| None).map(|told| told.text),
    }
}
