//! What a step wants to be seen: its charts over the timeline, and its panels before the others.

use crate::cluster::Cluster;
use crate::cluster::scene::{Body, Panel, Scene, Series, Unit};
use crate::lesson::question::Fact;
use crate::lesson::schema::{CHART, View};
use crate::sim::time::Time;

/// The end of the name of a fact in milliseconds.
const MS: &str = "_ms";

/// Adds the charts of a step to a scene and puts its panels first, in the order of the step.
pub(super) fn arrange(scene: &mut Scene, cluster: &dyn Cluster, view: &View) {
    let charts: Vec<Series> = view.chart.iter().enumerate().filter_map(|(i, fact)| chart(cluster, scene.at, fact, i == 0)).collect();
    if !charts.is_empty() {
        scene.panels.push(Panel::new(CHART, Body::Series(charts)));
    }
    let place = |panel: &Panel| view.panels.iter().position(|title| *title == panel.title).unwrap_or(view.panels.len());
    scene.panels.sort_by_key(place);
}

/// A fact over the time of a run; `None` where its model keeps no series of it.
fn chart(cluster: &dyn Cluster, now: Time, fact: &Fact, loud: bool) -> Option<Series> {
    // The worst of a time counts, of anything else what it was first.
    let (name, unit) = fact.name.strip_suffix(MS).map_or((fact.name.as_str(), Unit::Count), |name| (name, Unit::Ms));
    let mut points: Vec<(Time, f64)> = Vec::new();
    for piece in cluster.series()?.pieces(&fact.name, fact.node.as_deref(), now) {
        points.extend(piece.first.map(|first| (piece.from, if unit == Unit::Ms { piece.most } else { first })));
    }
    points.extend(fact.value(cluster).map(|value| (now, value)));
    points.sort_by_key(|(at, _)| *at);
    let name = [Some(name.replace('_', " ")), fact.node.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(Series { name, unit, points, limit: None, loud })
}
