//! The work queue on the stage.

use crate::check::queue::{Judged, at_least_once, at_most_once, effect_once, in_group_order, in_order};
use crate::check::verdict::{Guarantee, GuaranteeDoc, Verdict, Verdicts};
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::{self, Live, Seen, Staged};
use crate::cluster::model::{Model, PACE};
use crate::cluster::scene::{NodeView, Scene};
use crate::command::{Call, Language};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Time;
use crate::sim::trace::Trace;

use super::message::{Op, Ret};
use super::settings::Settings;
use super::watch::Watch;
use super::{BROKER, Timer, WorkQueue, asks, facts, moments, name, picture};

const AT_MOST_ONCE: Guarantee = Guarantee::new(&GuaranteeDoc { id: "at_most_once", about: "No message is done twice.", of_state: true });
const AT_LEAST_ONCE: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "at_least_once",
    about: "Every accepted message takes effect, or becomes a dead letter: none is lost.",
    of_state: true,
});
const EFFECT_ONCE: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "effect_once",
    about: "Every accepted message takes effect exactly once, or becomes a dead letter.",
    of_state: true,
});
const IN_ORDER: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "in_order", about: "Messages take effect in the order in which they were sent.", of_state: true });
const IN_GROUP_ORDER: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "in_group_order",
    about: "The messages of a group take effect in the order in which they were sent.",
    of_state: true,
});

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "work-queue",
    about: "Producers, a broker, competing workers, dead letters and a database for the results, after the Amazon SQS developer guide, RabbitMQ's documentation, and Hohpe and Woolf (2003).",
    nodes: (4, 9),
    clients: (1, 5),
    settings: Settings::DOCS,
    facts: &facts::FACTS,
    language: Language { calls: &asks::CALLS, verbs: &asks::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &[AT_MOST_ONCE, AT_LEAST_ONCE, EFFECT_ONCE, IN_ORDER, IN_GROUP_ORDER],
    pokes: &[
        ("c1 send o-17", "a message with a key of its own; sent again, it is the same message"),
        ("c1 send paid in anna", "a message of a group, within which order can be kept"),
        ("c1 send poison-1", "a message whose key begins with `poison` fails at every try"),
        ("crash worker1", "what it had comes back when its leases end, where it acknowledges after the work"),
        ("pause worker1", "past its lease, its message goes to another worker, and both do it"),
        ("fire broker lease", "the next lease ends before its time"),
        ("crash broker losing unsynced", "what was not synced is gone: see `durable`"),
        ("drop #12", "the loss of one delivery, acknowledgement or confirmation"),
    ],
    moments: moments::NAMES,
    series: &["ready", "unacked", "oldest_ms", "per_second"],
    healthy: "ready == 0 || busy_workers > 0",
    pace: PACE,
    start: live::start::<WorkQueue>,
};

impl live::Watch<WorkQueue> for Watch {
    fn follow(&mut self, seen: &Seen<'_, WorkQueue>) {
        for record in seen.records {
            self.record(record);
        }
        for entry in seen.trace {
            if let Trace::Note(who, note) = &entry.what {
                self.see(entry.event, *who, note);
            }
        }
        self.settle(seen.sim, seen.touched);
    }
}

impl Staged for WorkQueue {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &asks::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn fits(_settings: &Settings, servers: u16, _clients: u16) -> Result<(), (&'static str, String)> {
        if servers > 2 {
            return Ok(());
        }
        Err(("nodes", format!("a broker, a database and one worker are 3 servers; `nodes` cannot be {servers}")))
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn changed(ret: &Ret) -> bool {
        *ret != Ret::Known
    }

    fn told(ret: &Ret) -> String {
        ret.to_string()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        timer.name()
    }

    fn name(_sim: &Sim<Self>, id: NodeId) -> String {
        name(id)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        picture::panels(live, at, out);
    }

    fn server_of(client: &Self) -> Option<NodeId> {
        matches!(client, WorkQueue::Client).then_some(BROKER)
    }

    fn is_serving(live: &Live<Self>) -> bool {
        let broker = live.sim().node(BROKER);
        broker.is_up() && !broker.is_paused() && !broker.store().is_full()
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        let messages = live.watched().messages(live.sim());
        let worker = |index: u32| name(NodeId::server(index as u16));
        let judged = [
            (AT_MOST_ONCE, at_most_once(&messages, &worker)),
            (AT_LEAST_ONCE, at_least_once(&messages)),
            (EFFECT_ONCE, effect_once(&messages)),
            (IN_ORDER, in_order(&messages)),
            (IN_GROUP_ORDER, in_group_order(&messages)),
        ];
        let verdict = |(guarantee, Judged { holds, why, witness })| Verdict { guarantee, holds, why, witness };
        judged.into_iter().map(verdict).collect()
    }
}
