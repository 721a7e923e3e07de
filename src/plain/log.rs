//! What happened, a line each, in the sentences of the cluster's teller.

use crate::cluster::processes::asks::is_handed;
use crate::cluster::scene::Scene;
use crate::cluster::tell::{self, Names, Rank};
use crate::cluster::told::Newest;
use crate::cluster::{Cluster, Happening, What};
use crate::command::Poke;
use crate::lesson::walk::{Stage, Walk};
use crate::sim::time::Time;
use crate::timeline::pair::Divergence;

/// The most lines that one move says: nobody listens to more.
const MOST: usize = 30;

/// The most things that are looked at for them.
const FAR: usize = 4096;

/// A moment of a run: after which event, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    events: [u64; 2],
    at: Time,
}

impl Moment {
    /// Where a walk is.
    pub(super) fn of(walk: &Walk) -> Moment {
        match walk.stage() {
            Stage::One(run) => Moment { events: [run.events(); 2], at: run.at() },
            Stage::Two(pair) => Moment { events: [pair.a().events(), pair.b().events()], at: pair.at() },
        }
    }

    /// Before anything happened.
    pub(super) const START: Moment = Moment { events: [0; 2], at: Time::ZERO };
}

/// What happened since a moment, a line each; of two designs with their names.
pub(super) fn since(walk: &Walk, before: Moment, names: [&str; 2]) -> Vec<String> {
    let (said, left_out) = match walk.stage() {
        Stage::One(run) => of_one(run.cluster(), before.events[0], before.at),
        Stage::Two(pair) => {
            let (a, more) = of_one(pair.a().cluster(), before.events[0], before.at);
            let (b, other) = of_one(pair.b().cluster(), before.events[1], before.at);
            (merged(a, b, names), more + other)
        }
    };
    told(&said, left_out)
}

/// What happened on one cluster after an event, from a time on, a line each.
pub(crate) fn happened(cluster: &dyn Cluster, after: u64, from: Time) -> Vec<String> {
    let (said, left_out) = of_one(cluster, after, from);
    told(&said, left_out)
}

fn told(said: &[Said], left_out: usize) -> Vec<String> {
    let left_out = (left_out > 0).then(|| format!("Of what happened, {left_out} usual things are left out here."));
    left_out.into_iter().chain(said.iter().map(Said::line)).collect()
}

/// One thing that is said.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    at: Time,
    text: String,
    rank: Rank,
    /// Whether it stands for many that came up to then.
    many: bool,
    /// How often the same was said, and when last.
    times: usize,
    last: Time,
}

impl Said {
    fn line(&self) -> String {
        let by = if self.many { "by " } else { "" };
        let again = if self.times > 1 { format!(" ({} times, the last at {})", self.times, self.last) } else { String::new() };
        format!("{by}{}: {}{again}", self.at, self.text)
    }
}

/// What one cluster has to say, and how many things are left out.
fn of_one(cluster: &dyn Cluster, events: u64, from: Time) -> (Vec<Said>, usize) {
    let mut happened = Vec::new();
    cluster.latest(from, FAR, &mut happened);
    let cut = happened.len() == FAR && happened[0].event > events;
    happened.retain(|one| one.event > events && !goes_without_saying(&one.what));
    let (known, names) = known(cluster);
    let entries = tell::entries(&happened, cut, |index| known.get(index));
    let mut said: Vec<(Said, usize)> = Vec::new();
    // The newest comes first. What stands for many follows the newest of them, and still does once everything is turned around.
    for entry in &entries {
        let text = match (&entry.many, &entry.happening.what) {
            (Some(many), _) => Some(many.sentence(&names)),
            (None, What::Poked(poke)) => Some(format!("done: {poke}")),
            (None, what) => tell::sentence(what, &names, |index| known.get(index)).map(|told| told.text),
        };
        let Some(text) = text else { continue };
        let at = entry.happening.at;
        match said.iter_mut().find(|(known, _)| known.text == text && entry.rank > Rank::Usual) {
            Some((known, _)) => (known.at, known.times) = (at, known.times + 1),
            None => said.push((Said { at, text, rank: entry.rank, many: entry.many.is_some(), times: 1, last: at }, entry.count())),
        }
    }
    said.reverse();
    for at in 1..said.len() {
        if said[at - 1].0.many && !said[at].0.many {
            said.swap(at - 1, at);
        }
    }
    said.sort_by_key(|(one, _)| one.at);
    let keep = kept(&said);
    let left_out = said.iter().zip(&keep).filter(|(_, keep)| !**keep).map(|((_, count), _)| count).sum();
    (said.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|((one, _), _)| one).collect(), left_out)
}

/// What another line says at the same moment: a client that is made to ask, asks; and every line that a program writes, which is a message.
fn goes_without_saying(what: &What) -> bool {
    matches!(what, What::Poked(Poke::Ask { .. })) || matches!(what, What::Poked(poke) if is_handed(poke))
}

/// Which of them are said: the loud before the usual, the newest before the old.
fn kept(said: &[(Said, usize)]) -> Vec<bool> {
    let mut kept = vec![said.len() <= MOST; said.len()];
    if said.len() > MOST {
        let newest = |loud: bool| (0..said.len()).rev().filter(move |at| (said[*at].0.rank > Rank::Usual) == loud);
        newest(true).take(MOST * 2 / 3).chain(newest(false)).take(MOST).for_each(|at| kept[at] = true);
    }
    kept
}

/// The newest exchanges of a cluster, and what its nodes are called.
pub(super) fn known(cluster: &dyn Cluster) -> (Newest, Names) {
    let (first, list) = cluster.recent(FAR);
    (Newest { first, list: list.into() }, Names::on(&scene(cluster)))
}

/// The picture of now.
pub(super) fn scene(cluster: &dyn Cluster) -> Scene {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    scene
}

/// What happened on both is said once.
fn merged(a: Vec<Said>, mut b: Vec<Said>, [first, second]: [&str; 2]) -> Vec<Said> {
    let named = |who: &str, one: Said| Said { text: format!("{who}: {}", one.text), ..one };
    let mut all: Vec<Said> = Vec::new();
    for one in a {
        let same = b.iter().position(|other| *other == one);
        let who = if same.is_some() { "both" } else { first };
        if let Some(same) = same {
            b.remove(same);
        }
        all.push(named(who, one));
    }
    all.extend(b.into_iter().map(|one| named(second, one)));
    all.sort_by_key(|one| one.at);
    all
}

/// The first difference of two designs, in three lines.
pub(super) fn difference(walk: &Walk, found: &Divergence, names: [&str; 2]) -> Vec<String> {
    let Stage::Two(pair) = walk.stage() else { return Vec::new() };
    let missing = match pair.told_the_same() {
        Some(later) => format!("the same, {} later.", later.since(found.at).told()),
        None => "nothing of the kind.".to_string(),
    };
    both(walk, &format!("The first difference in an answer or a leader, at {}:", found.at), found, names, &missing)
}

/// The first request to which the clients of two designs were told different things, where they were told the same at other times before.
pub(super) fn told_apart(walk: &Walk, names: [&str; 2]) -> Vec<String> {
    let Stage::Two(pair) = walk.stage() else { return Vec::new() };
    let Some(told) = pair.told_apart() else { return Vec::new() };
    both(walk, &format!("Until then they differ in when, not in what. Told apart at {}:", told.at), told, names, "nothing.")
}

fn both(walk: &Walk, heading: &str, found: &Divergence, names: [&str; 2], missing: &str) -> Vec<String> {
    let Stage::Two(pair) = walk.stage() else { return Vec::new() };
    let one = |(name, cluster, what): (&str, &dyn Cluster, &Option<Happening>)| {
        let (known, called) = known(cluster);
        let text = what.as_ref().and_then(|what| tell::sentence(&what.what, &called, |index| known.get(index)));
        // The side that came later says when.
        let later = what.as_ref().map(|what| what.at).filter(|at| *at > found.at).map_or_else(String::new, |at| format!(", at {at}"));
        format!("{name}{later}: {}", text.map_or_else(|| missing.to_string(), |told| told.text))
    };
    let sides = [(names[0], pair.a().cluster(), &found.a), (names[1], pair.b().cluster(), &found.b)];
    std::iter::once(heading.to_string()).chain(sides.map(one)).collect()
}
