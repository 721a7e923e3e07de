//! What an operator can do by hand.

use crate::cluster::kit::ask::{Deed, named, verb, verbs};
use crate::cluster::kit::breaking::{Breakable, breaks, mends, offers, there};
use crate::command::{Call, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::protocol::Cx;
use crate::sim::time::Time;

use super::front::Front;
use super::pool::Part;
use super::roster::FRONT;
use super::server::Server;
use super::settings::SERVERS_MOST;
use super::{Settings, Traffic};

/// Every deed.
pub(super) static DEEDS: [Deed<Traffic>; 6] = [
    Deed {
        doc: verb("add-server", &["add-server"], "add-server", "start one server more; it gets its share when it is warm"),
        can: can_add,
        perform: add,
        offers: |_| vec![Vec::new()],
    },
    Deed {
        doc: verb("drain", &["drain SERVER"], "drain app2", "send a server nothing new, and take it out when it has finished"),
        can: can_remove,
        perform: |sim, call| {
            command(sim, |front, _| front.wants(-1));
            with_front(sim, call, Front::drain);
        },
        offers,
    },
    Deed {
        doc: verb("remove-server", &["remove-server SERVER"], "remove-server app2", "take a server out at once; what it has dies with it"),
        can: can_remove,
        perform: |sim, call| {
            command(sim, |front, _| front.wants(-1));
            with_front(sim, call, Front::remove);
        },
        offers,
    },
    Deed {
        doc: verb("deploy", &["deploy"], "deploy", "replace every server by one of a new version, as `deploy-how` says"),
        can: can_deploy,
        perform: |sim, _| {
            command(sim, Front::deploy);
            greet(sim);
        },
        offers: |_| vec![Vec::new()],
    },
    breaks("break app3"),
    mends("mend app3"),
];

impl Breakable for Traffic {
    const EXAMPLE: &'static str = "app1";

    fn can_break(sim: &Sim<Self>, id: NodeId) -> bool {
        sim.settings().is_app(id)
    }

    fn is_broken(settings: &Settings) -> bool {
        settings.errors >= 1.0
    }

    fn broken(settings: &Settings) -> Settings {
        settings.broken()
    }
}

/// Their words.
pub(super) static VERBS: [VerbDoc; 6] = verbs(&DEEDS);

fn standing(sim: &Sim<Traffic>) -> Result<&Front, String> {
    super::front(sim).ok_or_else(|| "the front is down; restart it first".into())
}

fn with_front(sim: &mut Sim<Traffic>, call: &Call, order: fn(&mut Front, NodeId, &mut Cx<'_, Traffic>)) {
    let Some(id) = named(sim, call) else { return };
    command(sim, |front, cx| order(front, id, cx));
}

fn command(sim: &mut Sim<Traffic>, order: impl FnOnce(&mut Front, &mut Cx<'_, Traffic>)) {
    sim.command(FRONT, |state, cx| {
        if let Traffic::Front(front) = state {
            order(front, cx);
        }
    });
}

fn can_deploy(sim: &Sim<Traffic>, _: &Call) -> Result<(), String> {
    let front = standing(sim)?;
    if front.deploy.is_some() { Err("a deploy is under way already".into()) } else { Ok(()) }
}

fn can_add(sim: &Sim<Traffic>, _: &Call) -> Result<(), String> {
    let there = standing(sim)?.pool.there().count();
    if there < SERVERS_MOST { Ok(()) } else { Err(format!("{SERVERS_MOST} servers are the most")) }
}

fn can_remove(sim: &Sim<Traffic>, call: &Call) -> Result<(), String> {
    let front = standing(sim)?;
    let id = there(sim, call)?;
    let at = front.pool.find(id).ok_or_else(|| format!("{} is no server here", sim.settings().name(id)))?;
    if front.pool.backends[at].part == Part::Drains && call.verb.name == "drain" {
        Err(format!("{} drains already", sim.settings().name(id)))
    } else {
        Ok(())
    }
}

fn add(sim: &mut Sim<Traffic>, _: &Call) {
    let zone = sim.network().map().zone(FRONT) as u8;
    sim.add_server(zone);
    command(sim, |front, _| front.wants(1));
    greet(sim);
}

/// Whoever boots with the cluster need not say so; whoever is ordered at that very moment has to.
fn greet(sim: &mut Sim<Traffic>) {
    if sim.now() != Time::ZERO {
        return;
    }
    let known = |id: &NodeId| super::front(sim).is_some_and(|front| front.pool.find(*id).is_some());
    let new: Vec<NodeId> = sim.server_ids().filter(|id| sim.settings().is_app(*id) && !known(id)).collect();
    for id in new {
        sim.command(id, |_, cx| Server::join(cx));
    }
}
