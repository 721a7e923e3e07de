//! Redis on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::{self, Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Scene};
use crate::command::{Call, Language};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::message::{Op, Ret};
use super::settings::Settings;
use super::watch::Watch;
use super::{Redis, Timer, asks, facts, judge, moments, operator, picture};

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "redis",
    about: "A Redis with its commands, one thread, snapshot and append-only file, asynchronous replicas and Sentinel, the lock of SET NX PX, and Redis Cluster with its slots, after the Redis 7.2 documentation and Kleppmann (2016).",
    nodes: (3, 8),
    clients: (2, 8),
    settings: Settings::DOCS,
    facts: &facts::FACTS,
    language: Language { calls: &asks::CALLS, verbs: &operator::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        ("c1 DEBUG POPULATE 1000000", "a million keys; then `c1 KEYS *`, and `c2 GET x` a moment later waits for it"),
        ("crash n1 losing unsynced", "power is lost: what is left is as `aof` and `save` say"),
        ("cut n1 -> n2", "the replica gets no stream; crash n1 then, and what n1 told is lost"),
        ("promote n2", "the replica is master, whatever it has"),
        ("c1 WAIT 1 100", "how many replicas have what c1 wrote"),
        ("latency n1 | n2 const(50ms)", "the replica lags by so much"),
        ("skew n1 +20s", "keys expire by the clock on the wall: locks too"),
        ("workload c1 50/s count keys visits", "with the same at c2: GET, then SET loses counts; INCR does not"),
    ],
    moments: moments::NAMES,
    series: &["answers_per_s", "queue", "lost", "unsynced", "behind_most", "memory", "slots_served"],
    healthy: "masters == shards",
    pace: Span::ms(5),
    start: live::start::<Redis>,
};

impl Staged for Redis {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &operator::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn fits(settings: &Settings, _: u16, _: u16) -> Result<(), (&'static str, String)> {
        settings.fits()
    }

    fn lay_out(settings: &mut Settings) -> Option<u16> {
        Some(settings.servers())
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn changed(ret: &Ret) -> bool {
        ret.changed
    }

    fn told(ret: &Ret) -> String {
        ret.reply.to_string()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Fsync => Some("fsync"),
            Timer::Save => Some("save"),
            Timer::Expire => Some("expire"),
            Timer::Cron => Some("ack"),
            Timer::Look => Some("look"),
            Timer::Beat => Some("beat"),
            Timer::Moves => Some("move"),
            Timer::Os => Some("write-back"),
            Timer::Turn | Timer::PutOff | Timer::Saved | Timer::Rewritten | Timer::Overdue | Timer::MoveOver | Timer::KeepAlive => None,
        }
    }

    fn name(sim: &Sim<Self>, id: NodeId) -> String {
        super::name(sim.settings(), id)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        picture::panels(live, at, out);
    }

    fn server_of(client: &Self) -> Option<NodeId> {
        if let Redis::Client(client) = client { Some(client.master) } else { None }
    }

    fn is_serving(live: &Live<Self>) -> bool {
        let sim = live.sim();
        if sim.settings().is_cluster() {
            facts::served(live) == usize::from(crate::algo::redis::SLOTS)
        } else {
            facts::master(sim).is_some_and(|(id, _)| moments::is_working(sim, id))
        }
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
