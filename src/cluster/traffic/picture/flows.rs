//! Requests as flows between tiers, in their direction only.

use std::collections::BTreeSet;

use crate::cluster::live::Labelled as _;
use crate::cluster::live::Live;
use crate::cluster::scene::{FlowView, LinkView, Sample, Scene};
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::super::Traffic;
use super::super::facts::apps;
use super::super::followed::{Followed, Place};
use super::super::roster::{FRONT, Role};
use super::super::tiers::databases;

/// The tiers from the users on, those without servers left out.
pub(super) fn tiers(live: &Live<Traffic>) -> Vec<Vec<NodeId>> {
    let settings = live.sim().settings();
    let roster = settings.roster();
    let mut behind: Vec<NodeId> = roster.store().into_iter().chain(roster.cache()).collect();
    behind.extend(databases(live));
    let all = [roster.edges().to_vec(), roster.link().into_iter().collect(), vec![FRONT], apps(live).collect(), behind];
    all.into_iter().filter(|tier| !tier.is_empty()).collect()
}

/// Whether requests go between these two: their tiers are neighbours.
pub(super) fn is_way(tiers: &[Vec<NodeId>], a: NodeId, b: NodeId) -> bool {
    let place = |id: NodeId| if id.is_client() { Some(0) } else { tiers.iter().position(|tier| tier.contains(&id)).map(|at| at + 1) };
    place(a).zip(place(b)).is_some_and(|(a, b)| a.abs_diff(b) == 1)
}

/// Every way from users to their door and from tier to tier, however many servers there are: what nobody uses now is open all the same.
pub(super) fn open_ways(tiers: &[Vec<NodeId>], out: &mut Scene) {
    let known: BTreeSet<(NodeId, NodeId)> = out.links.iter().map(|link| (link.a.min(link.b), link.a.max(link.b))).collect();
    let doors = out.clients.iter().filter_map(|client| Some((client.server?, client.id)));
    let between = tiers.windows(2).flat_map(|pair| pair[0].iter().flat_map(|a| pair[1].iter().map(move |b| (*a, *b))));
    let open = |(a, b): (NodeId, NodeId)| LinkView { a, b, cut_ab: false, cut_ba: false, note: String::new() };
    let new: Vec<LinkView> = doors.chain(between).filter(|(a, b)| !known.contains(&(*a.min(b), *a.max(b)))).map(open).collect();
    out.links.extend(new);
}

/// Where the requests of a client go first.
pub(super) fn door(live: &Live<Traffic>, client: NodeId) -> NodeId {
    let (roster, map) = (live.sim().settings().roster(), live.sim().network().map());
    let here = |id: &&NodeId| map.zone(**id) == map.zone(client);
    roster.edges().iter().find(here).copied().or(roster.link()).unwrap_or(FRONT)
}

/// One way.
fn flow(from: NodeId, to: NodeId, rate: f64, bad: f64) -> FlowView {
    let errors = if rate > 0.0 { (bad / rate).min(1.0) } else { 0.0 };
    FlowView { from, to, rate, errors, sample: None, note: String::new() }
}

/// Puts the request that is followed into its flow, forth or back.
pub(super) fn sample(live: &Live<Traffic>, followed: &Followed, out: &mut Scene) {
    let Place::Wire { msg, from, to } = followed.place else { return };
    let Some(flight) = live.sim().flights().find(|flight| flight.leg.id == msg) else { return };
    let progress = flight.progress(out.at);
    for flow in &mut out.flows {
        let along = match (flow.from, flow.to) {
            way if way == (from, to) => progress,
            way if way == (to, from) => 1.0 - progress,
            _ => continue,
        };
        flow.sample = Some(Sample { id: msg, progress: along, label: flight.msg.label() });
    }
}

/// All of them.
pub(super) fn flows(live: &Live<Traffic>, at: Time, out: &mut Scene) {
    let seen = live.watched();
    for client in &out.clients {
        out.flows.push(flow(client.id, door(live, client.id), seen.served.offered.per_second(at), seen.served.bad.per_second(at)));
    }
    before(live, at, out);
    behind(live, at, out);
}

/// From caches near users to the front, and to the servers.
fn before(live: &Live<Traffic>, at: Time, out: &mut Scene) {
    let (seen, roster) = (live.watched(), live.sim().settings().roster());
    let beyond = roster.link().unwrap_or(FRONT);
    let mut missed = if roster.edges().is_empty() { seen.served.offered.per_second(at) } else { 0.0 };
    for edge in roster.edges() {
        let rate = seen.tiers.of(*edge).misses.per_second(at);
        missed += rate;
        out.flows.push(flow(*edge, beyond, rate, 0.0));
    }
    out.flows.extend(roster.link().map(|link| flow(link, FRONT, missed, 0.0)));
    for id in apps(live) {
        let server = seen.server(id);
        out.flows.push(flow(FRONT, id, server.given.per_second(at), server.failed.per_second(at)));
    }
}

/// From the servers to what is behind them: each has its share of the questions.
fn behind(live: &Live<Traffic>, at: Time, out: &mut Scene) {
    let (seen, settings) = (live.watched(), live.sim().settings());
    let served = |id: NodeId| seen.server(id).served.per_second(at);
    let all: f64 = apps(live).map(served).sum();
    let roster = settings.roster();
    for to in roster.store().into_iter().chain(roster.cache()).chain(databases(live)) {
        let tier = seen.tiers.of(to);
        let asked = match roster.role(to) {
            Role::Store => all,
            Role::Db { copy: 0, .. } => tier.reads.per_second(at) + tier.writes.per_second(at),
            _ => tier.reads.per_second(at),
        };
        for from in apps(live) {
            let share = if all > 0.0 { served(from) / all } else { 0.0 };
            out.flows.push(flow(from, to, asked * share, 0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cluster::Scenario;
    use crate::cluster::kit::trial::Trial;
    use crate::cluster::scene::{Layout, Scene};
    use crate::cluster::traffic::MODEL;

    /// At rest too, and with many servers, every server of a tier has its way to the next tier, and the users have theirs.
    #[test]
    fn ways_are_there_before_anything_uses_them() {
        for nodes in [4, 8, 12] {
            let run = Trial::started(&MODEL, &Scenario { nodes: Some(nodes), ..Scenario::of("traffic") });
            let mut scene = Scene::default();
            run.cluster.scene(run.cluster.now(), &mut scene);
            let Layout::Tiers(tiers) = &scene.layout else { panic!("tiers") };
            let has = |a, b| scene.links.iter().any(|link| (link.a, link.b) == (a, b) || (link.b, link.a) == (a, b));
            for pair in tiers.windows(2) {
                assert!(pair[0].iter().all(|a| pair[1].iter().all(|b| has(*a, *b))), "{nodes}: {tiers:?}");
            }
            assert!(scene.clients.iter().all(|client| client.server.is_some_and(|door| has(door, client.id))), "{nodes}");
            assert!(tiers.iter().map(Vec::len).sum::<usize>() >= usize::from(nodes) - 1, "{tiers:?}");
        }
    }
}
