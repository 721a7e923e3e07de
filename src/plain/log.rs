//! What happened, a line each, in the sentences of the cluster's teller.

use crate::cluster::scene::Scene;
use crate::cluster::tell::{self, Entry, Names, Rank};
use crate::cluster::told::Newest;
use crate::cluster::{Cluster, Happening};
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
    let said = match walk.stage() {
        Stage::One(run) => of_one(run.cluster(), before.events[0], before.at),
        Stage::Two(pair) => {
            let a = of_one(pair.a().cluster(), before.events[0], before.at);
            let b = of_one(pair.b().cluster(), before.events[1], before.at);
            merged(a, b, names)
        }
    };
    said.into_iter().map(|(at, text)| at.map_or(text.clone(), |at| format!("{at}: {text}"))).collect()
}

/// A line, and when; `None` for one that says what is left out.
type Said = (Option<Time>, String);

fn of_one(cluster: &dyn Cluster, events: u64, from: Time) -> Vec<Said> {
    let mut happened = Vec::new();
    cluster.latest(from, FAR, &mut happened);
    happened.retain(|one| one.event > events);
    let (known, names) = known(cluster);
    let mut entries = tell::entries(&happened, |index| known.get(index));
    entries.reverse();
    let kept = kept(&entries);
    let mut said: Vec<Said> = Vec::new();
    let mut left_out = 0;
    for (entry, keep) in entries.iter().zip(kept) {
        if !keep {
            left_out += entry.count();
            continue;
        }
        said.extend(omitted(std::mem::take(&mut left_out)));
        let text = match &entry.many {
            Some((like, count)) => Some(like.more(*count, &names)),
            None => tell::sentence(&entry.happening.what, &names, |index| known.get(index)).map(|told| told.text),
        };
        said.extend(text.map(|text| (Some(entry.happening.at), text)));
    }
    said.extend(omitted(left_out));
    said
}

fn omitted(count: usize) -> Option<Said> {
    (count > 0).then(|| (None, format!("{count} more things of the usual kind happened here.")))
}

/// Which entries are said: the loud before the usual, the newest before the old.
fn kept(entries: &[Entry<'_>]) -> Vec<bool> {
    let mut kept = vec![entries.len() <= MOST; entries.len()];
    if entries.len() > MOST {
        let newest = |loud: bool| (0..entries.len()).rev().filter(move |i| (entries[*i].rank > Rank::Usual) == loud);
        newest(true).take(MOST * 2 / 3).chain(newest(false)).take(MOST).for_each(|i| kept[i] = true);
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
    let mut all: Vec<Said> = Vec::new();
    for (at, text) in a {
        let same = b.iter().position(|other| *other == (at, text.clone()));
        let who = if same.is_some() { "both" } else { first };
        if let Some(same) = same {
            b.remove(same);
        }
        all.push((at, format!("{who}: {text}")));
    }
    all.extend(b.into_iter().map(|(at, text)| (at, format!("{second}: {text}"))));
    let mut last = Time::ZERO;
    // What has no time of its own stays behind what it follows.
    let mut timed: Vec<(Time, Said)> = all
        .into_iter()
        .map(|said| {
            last = said.0.unwrap_or(last);
            (last, said)
        })
        .collect();
    timed.sort_by_key(|(at, _)| *at);
    timed.into_iter().map(|(_, said)| said).collect()
}

/// The first difference of two designs, in two lines.
pub(super) fn difference(walk: &Walk, found: &Divergence, names: [&str; 2]) -> Vec<String> {
    let Stage::Two(pair) = walk.stage() else { return Vec::new() };
    let one = |(name, cluster, what): (&str, &dyn Cluster, &Option<Happening>)| {
        let (known, called) = known(cluster);
        let text = what.as_ref().and_then(|what| tell::sentence(&what.what, &called, |index| known.get(index)));
        format!("{name}: {}", text.map_or_else(|| "nothing of the kind.".to_string(), |told| told.text))
    };
    let sides = [(names[0], pair.a().cluster(), &found.a), (names[1], pair.b().cluster(), &found.b)];
    std::iter::once(format!("The first difference, at {}:", found.at)).chain(sides.map(one)).collect()
}
