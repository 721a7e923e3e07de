//! Names in `show`: each is that of a node or a row which is there at some moment of the step.

use std::collections::BTreeSet;

use crate::cluster::Cluster;
use crate::cluster::scene::{Body, Gauge, Layout, Scene};
use crate::lesson::perform::{Watch, perform};
use crate::lesson::schema::{Script, Step, StepKind};
use crate::near::did_you_mean;
use crate::timeline::Timeline;

use super::Proof;

impl Proof<'_> {
    /// Every name stands for something at one of these moments, or else while one of the step's scripts runs from the opening.
    pub(super) fn shown_names(&mut self, step: &Step, moments: &[&dyn Cluster], opening: Option<&Timeline>) {
        let wanted = || step.view.show.iter().zip(&step.view.show_at);
        if wanted().next().is_none() {
            return;
        }
        let mut seen = Seen::default();
        for cluster in moments {
            seen.at(*cluster);
        }
        for script in scripts(step).into_iter().filter(|_| opening.is_some()) {
            if wanted().all(|(name, _)| seen.names.contains(name)) {
                return;
            }
            // Whether the script can be carried out is judged elsewhere.
            _ = opening.map(|opening| perform(&mut opening.fork(), script, &mut seen));
        }
        for (name, at) in wanted().filter(|(name, _)| !seen.names.contains(*name)) {
            let near = did_you_mean(name, seen.names.iter().map(String::as_str));
            self.mistake(at, format!("no node and no row is called `{name}` at any moment of this step{near}"));
        }
    }
}

/// What a step does to its cluster, in all ways that it knows.
fn scripts(step: &Step) -> Vec<&Script> {
    match &step.kind {
        StepKind::Try(goal) => {
            let misses = goal.misses.iter().map(|miss| &miss.script);
            std::iter::once(&goal.solution).chain(&goal.ways).chain(misses).collect()
        }
        StepKind::Say { script, .. } | StepKind::Predict { then: script, .. } => vec![script],
        StepKind::Compare(_) | StepKind::Measure(_) => Vec::new(),
    }
}

/// All names that were seen so far.
#[derive(Default)]
struct Seen {
    names: BTreeSet<String>,
    looks: u64,
}

/// What a look at a whole picture costs, in events.
const LOOK: u64 = 4;

impl Seen {
    fn at(&mut self, cluster: &dyn Cluster) {
        let mut scene = Scene::default();
        cluster.scene(cluster.now(), &mut scene);
        self.names.extend(names(&scene));
        self.looks += 1;
    }
}

impl Watch for Seen {
    fn look(&mut self, cluster: &dyn Cluster) -> Result<(), String> {
        self.at(cluster);
        Ok(())
    }

    fn work(&self) -> u64 {
        self.looks * LOOK
    }
}

/// The names of all nodes, of their rows, and of the rows of all panels.
fn names(scene: &Scene) -> Vec<String> {
    let nodes = scene.nodes.iter().flat_map(|node| [node.id.to_string(), node.name.clone()]);
    let clients = scene.clients.iter().flat_map(|client| [client.id.to_string(), client.name.clone()]);
    let rows = scene.nodes.iter().flat_map(|node| &node.rows).chain(scene.clients.iter().flat_map(|client| &client.rows));
    let figure = match &scene.layout {
        Layout::Tracks(tracks) => tracks.tracks.iter().map(|track| track.name.clone()).collect(),
        _ => Vec::new(),
    };
    let panels = scene.panels.iter().flat_map(|panel| in_panel(&panel.body));
    nodes.chain(clients).chain(rows.map(|row| row.label.clone())).chain(figure).chain(panels).collect()
}

fn in_panel(body: &Body) -> Vec<String> {
    let gauge = |gauge: &Gauge| match gauge {
        Gauge::Filled(level) => level.name.clone(),
        Gauge::Counted { name, .. } | Gauge::Parts { name, .. } => name.clone(),
    };
    match body {
        Body::Queues(all) => all.iter().map(|queue| queue.name.clone()).collect(),
        Body::Buckets(all) => all.iter().map(|bucket| bucket.name.clone()).collect(),
        Body::Gauges(all) => all.iter().map(gauge).collect(),
        Body::Table(table) => table.rows.iter().filter_map(|row| row.entries.first()).map(|entry| entry.text.clone()).collect(),
        Body::Tracks(tracks) => tracks.tracks.iter().map(|track| track.name.clone()).collect(),
        Body::Checklist(list) => list.checks.iter().map(|check| check.text.clone()).collect(),
        Body::Replies(_) | Body::Ladder(_) | Body::Series(_) | Body::Histogram(_) | Body::Ring(_) | Body::Grid(_) | Body::Strips(_) => {
            Vec::new()
        }
    }
}
