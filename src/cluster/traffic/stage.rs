//! The cluster on the stage: its words.

use crate::check::operation::Key;
use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::cluster::kit::ask::{Ask, Deed, call, calls};
use crate::cluster::kit::breaking;
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::{Live, Staged, start};
use crate::cluster::model::{Model, PACE};
use crate::cluster::scene::{NodeView, Scene};
use crate::command::{Arg, Call, CallDoc, Language};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::message::{Timer, Visit};
use super::roster::{FRONT, OTHERS, Role, Settled};
use super::watch::Watch;
use super::{Settings, Traffic, facts, invariants, moments, operator, picture};

/// Users, a front, servers with queues, a database.
pub static MODEL: Model = Model {
    name: "traffic",
    about: "Users, a front that balances, servers with queues and a database behind: load and response times (Kleinrock 1975; Mitzenmacher 2001).",
    nodes: (6, 128),
    clients: (1, 9),
    settings: Settings::DOCS,
    facts: facts::FACTS,
    series: &[
        "p99_ms",
        "p50_ms",
        "mean_ms",
        "goodput_per_s",
        "failed_per_s",
        "offered_per_s",
        "queue_max",
        "busy_max",
        "servers_usable",
        "retry_share",
        "link_busy",
        "db_busy_max",
        "lag_ms_max",
        "cost",
    ],
    language: Language { calls: &CALLS, verbs: &operator::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &[KEPT],
    pokes: &[
        ("workload c1 300/s", "users ask for 300 pages a second"),
        ("c1 view anna", "one user asks for one page, to be followed on its way"),
        ("slow app3 2x", "app3 takes twice as long for everything"),
        ("set balancing two-choices", "the front draws two servers and takes the one with fewer requests"),
        ("set weights 2 2 1 2", "what `weighted` goes by"),
        ("drain app2", "app2 gets nothing new and is taken out when it has finished"),
        ("set link 125MB/s", "pages go to the users over 1 Gbit/s"),
        ("set sessions local", "each server keeps the sessions of its visitors in its memory"),
        ("set contention 0.05", "servers hold each other up"),
        ("set database on", "servers ask the database for every page"),
        ("workload c1 300/s view:order 9:1 keys uniform(500)", "one of ten requests of 500 visitors changes something"),
        ("deploy", "every server is replaced by one of a new version"),
    ],
    moments: moments::NAMES,
    healthy: "servers_usable == servers",
    pace: PACE,
    start: start::<Traffic>,
};

/// No request dies with a server that is taken out.
const KEPT: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "none_dropped",
    about: "No request dies with a server that is taken out by hand or by the autoscaler.",
    of_state: true,
});

/// What clients ask.
static ASKS: [Ask<Visit>; 2] = [
    Ask {
        doc: CallDoc {
            key: Some('v'),
            changes: false,
            ..call("view", &["CLIENT view KEY"], "c1 view anna", "let one of the users look at a page, as this visitor")
        },
        read: |call| Ok(Visit { visitor: visitor(call)?, order: false }),
        drawn: Some(|visitor: Key, _| Visit { visitor, order: false }),
    },
    Ask {
        doc: CallDoc {
            key: Some('o'),
            weight: 0,
            ..call("order", &["CLIENT order KEY"], "c1 order anna", "let one of the users order something, as this visitor: a write")
        },
        read: |call| Ok(Visit { visitor: visitor(call)?, order: true }),
        drawn: Some(|visitor: Key, _| Visit { visitor, order: true }),
    },
];

/// Their words.
static CALLS: [CallDoc; 2] = calls(&ASKS);

fn visitor(call: &Call) -> Result<Key, String> {
    call.get("KEY").and_then(Arg::key).ok_or_else(|| format!("`{call}` names no visitor"))
}

impl Staged for Traffic {
    type Watch = Watch;
    type Invariants = invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Visit>] = &ASKS;
    const DEEDS: &'static [Deed<Self>] = &operator::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn fits(settings: &Settings, servers: u16, _: u16) -> Result<(), (&'static str, String)> {
        if (1..Span::ms(1).0).contains(&settings.news.0) {
            return Err(("news", "0s, which is always, or 1ms and more".to_string()));
        }
        if settings.servers_least > settings.servers_most {
            return Err(("servers-least", format!("at most `servers-most`, which is {}", settings.servers_most)));
        }
        let least = OTHERS as u16 + 1;
        let message = || format!("a front, a database and a server are the least: `nodes` is at least {least}");
        if servers >= least { Ok(()) } else { Err(("nodes", message())) }
    }

    /// Servers beside those that serve pages come and go with the settings; a server that is broken stays so.
    fn furnish(sim: &mut Sim<Self>) {
        let map = sim.network().map();
        let mut zones: Vec<u8> = (0..sim.clients()).map(|client| map.zone(NodeId::client(client)) as u8).collect();
        zones.sort_unstable();
        zones.dedup();
        let front = map.zone(FRONT) as u8;
        let mut settings = sim.settings().clone();
        let settled = settings.settle(&zones, sim.servers());
        if settled != Settled::default() {
            sim.change_settings(settings);
        }
        for role in settled.bought {
            sim.add_server(if let Role::Edge { zone } = role { zone } else { front });
        }
        settled.sold.into_iter().for_each(|id| sim.remove(id));
        breaking::keep(sim);
    }

    fn asked(visit: &Visit) -> Call {
        Call::new(&CALLS[usize::from(visit.order)].verb, vec![(&visit.visitor).into()])
    }

    fn told((): &()) -> String {
        "ok".into()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Check => Some("check"),
            Timer::Scale => Some("autoscaler"),
            Timer::Warm => Some("warm-up"),
            Timer::Drain => Some("drain"),
            Timer::Again => Some("retry"),
            Timer::Tries | Timer::Missed | Timer::News | Timer::Join | Timer::Missing => None,
        }
    }

    fn name(sim: &Sim<Self>, id: NodeId) -> String {
        sim.settings().name(id)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::server(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        picture::stage(live, at, out);
    }

    fn is_serving(live: &Live<Self>) -> bool {
        super::front(live.sim()).is_some_and(|front| !front.pool.balancer.usable().is_empty())
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        let (dropped, taken_out) = live.watched().taken_out();
        let (holds, why) = match (dropped, taken_out) {
            (0, 0) => (Holds::Untested, "No server was taken out yet.".to_string()),
            (0, _) => (Holds::Yes, String::new()),
            _ => (Holds::No, format!("{dropped} requests died with a server that was taken out.")),
        };
        vec![Verdict { guarantee: KEPT, holds, why, witness: Vec::new() }]
    }
}
