//! The cluster is brought in line with its settings: at the start it is founded; later servers come and go.

use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::look::{broker, disk};
use super::meta::{Life, Shared};
use super::roster::CONTROLLER;
use super::{CommitLog, Context};

/// Servers come and go as the settings have it, and a new cluster is founded.
pub(super) fn furnish(sim: &mut Sim<CommitLog>) {
    let mut settings = sim.settings().clone();
    let settled = settings.settle();
    if settled.come > 0 || !settled.gone.is_empty() {
        sim.change_settings(settings);
        let zone = sim.network().map().zone(CONTROLLER) as u8;
        for _ in 0..settled.come {
            sim.add_server(zone);
        }
        settled.gone.into_iter().for_each(|id| sim.remove(id));
    }
    if disk(sim, CONTROLLER).meta.version == 0 {
        found(sim);
    }
}

/// Everybody knows at the start who leads, as in a cluster that has run for a while.
fn found(sim: &mut Sim<CommitLog>) {
    let brokers: Vec<NodeId> = sim.settings().roster().brokers().collect();
    let lives: Vec<(NodeId, Life)> = brokers.iter().filter_map(|id| Some((*id, broker(sim, *id)?.life))).collect();
    let mut meta = None;
    sim.command(CONTROLLER, |state, cx| {
        if let CommitLog::Controller(controller) = state {
            meta = controller.found(&lives, cx);
        }
    });
    let Some(meta) = meta else { return };
    // Brokers first: they have to lead before anybody asks them.
    let others = sim.ids().filter(|id| !brokers.contains(id)).collect::<Vec<_>>();
    for id in brokers.iter().copied().chain(others) {
        sim.command(id, |state, cx| learn(state, meta.clone(), cx));
    }
}

fn learn(state: &mut CommitLog, meta: Shared, cx: &mut Context<'_>) {
    match state {
        CommitLog::Controller(_) => {}
        CommitLog::Broker(broker) => broker.learn(meta, cx),
        CommitLog::Consumer(consumer) => consumer.learn(meta, cx),
        CommitLog::Producer(producer) => producer.learn(meta, cx),
    }
}
