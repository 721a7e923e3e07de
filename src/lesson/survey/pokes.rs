//! The pokes that are worth trying at a goal: whatever the program offers there, and whatever the author thought of.

use crate::cluster::registry;
use crate::cluster::scene::Scene;
use crate::command::{Command, Direction, Place, Poke};
use crate::lesson::goal::Miss;
use crate::lesson::schema::{Script, Try};
use crate::sim::id::NodeId;
use crate::timeline::Timeline;

/// Every poke that can be done at the opening of a step, once.
pub(super) fn worth_trying(opening: &Timeline, goal: &Try) -> Vec<Poke> {
    let cluster = opening.cluster();
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    let clients: Vec<NodeId> = scene.clients.iter().map(|client| client.id).collect();
    let mut all: Vec<Poke> = scripts(goal).flat_map(pokes_of).flat_map(|poke| by_each(poke, &clients)).collect();
    all.extend(cluster.enabled().into_iter().filter(|choice| choice.refused.is_none()).map(|choice| choice.poke));
    all.extend(zone_cuts(&scene.zones));
    all.extend(words(opening));
    let mut kept: Vec<Poke> = Vec::new();
    for poke in all {
        // What only repeats what is so already is no other way.
        if !kept.contains(&poke) && opening.cluster().fork().apply(&poke).is_ok() {
            kept.push(poke);
        }
    }
    kept
}

/// The pokes of the author's scripts and hints, once, each by every client that may do it.
pub(super) fn of_author(goal: &Try, here: &Timeline) -> Vec<Poke> {
    let cluster = here.cluster();
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    let clients: Vec<NodeId> = scene.clients.iter().map(|client| client.id).collect();
    let mut kept: Vec<Poke> = Vec::new();
    let all = scripts(goal).flat_map(pokes_of).cloned().chain(of_hints(goal, here));
    for poke in all.flat_map(|poke| by_each(&poke, &clients)) {
        if !kept.contains(&poke) {
            kept.push(poke);
        }
    }
    kept
}

/// What stands in the hints as something to type or to choose.
fn of_hints(goal: &Try, here: &Timeline) -> Vec<Poke> {
    let Some(model) = registry::model(&here.scenario().model) else { return Vec::new() };
    let quoted = goal.hints.iter().flatten().flat_map(|hint| hint.split(['`', '{', '}']));
    let read = |text: &str| match model.language.parse(text.trim()) {
        Ok(Command::Poke(poke)) => Some(poke),
        _ => None,
    };
    quoted.filter_map(read).collect()
}

/// Every stop of every knob on the stage, but those where they stand.
pub(super) fn stops(opening: &Timeline) -> Vec<Poke> {
    let Some(model) = registry::model(&opening.scenario().model) else { return Vec::new() };
    let cluster = opening.cluster();
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    let knobs = scene.knobs.iter().filter(|knob| knob.refused.is_none());
    let turned = knobs.flat_map(|knob| knob.stops.all().iter().filter(|stop| **stop != knob.value).map(|stop| knob.typed(stop)));
    let read = |text: String| match model.language.parse(&text) {
        Ok(Command::Poke(poke)) => Some(poke),
        _ => None,
    };
    turned.filter_map(read).filter(|poke| cluster.fork().apply(poke).is_ok()).collect()
}

/// Every script of a goal.
pub(super) fn scripts(goal: &Try) -> impl Iterator<Item = &Script> {
    let misses = goal.misses.iter().map(|miss: &Miss| &miss.script);
    [&goal.start, &goal.solution].into_iter().chain(&goal.ways).chain(misses)
}

/// The pokes of a script.
pub(super) fn pokes_of(script: &Script) -> impl Iterator<Item = &Poke> {
    script.lines.iter().filter_map(|line| if let Command::Poke(poke) = &line.command { Some(poke) } else { None })
}

/// What a client asks, asked by each client; anything else as it is.
fn by_each(poke: &Poke, clients: &[NodeId]) -> Vec<Poke> {
    match poke {
        Poke::Ask { .. } => clients.iter().map(|client| asked_by(poke, *client)).collect(),
        other => vec![other.clone()],
    }
}

fn asked_by(poke: &Poke, by: NodeId) -> Poke {
    let mut poke = poke.clone();
    if let Poke::Ask { client, .. } = &mut poke {
        *client = by;
    }
    poke
}

/// Every zone against the rest.
fn zone_cuts(zones: &[String]) -> Vec<Poke> {
    let place = |zone: &String| Place::Named(zone.clone());
    let alone = if zones.len() == 2 { 1 } else { zones.len() };
    let others = |i: usize| zones.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, zone)| place(zone)).collect();
    (0..alone).filter(|_| zones.len() > 1).map(|i| Poke::Cut(vec![place(&zones[i])], Direction::Both, others(i))).collect()
}

/// Every word of every setting that can be changed now, but the one that it has.
fn words(opening: &Timeline) -> Vec<Poke> {
    let Some(model) = registry::model(&opening.scenario().model) else { return Vec::new() };
    let now = opening.cluster().settings();
    let has = |name: &str, word: &str| now.iter().any(|(n, value)| *n == name && value == word);
    let live = model.settings.iter().filter(|doc| doc.live);
    let all = live.flat_map(|doc| doc.words.iter().map(move |word| (doc.name, *word)));
    all.filter(|(name, word)| !has(name, word)).map(|(name, word)| Poke::Set(name.to_string(), word.to_string())).collect()
}
