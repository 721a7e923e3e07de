//! The group on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::Ask;
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::{Declared as _, Speeds};
use crate::cluster::live::{self, Live, Seen, Staged};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Scene};
use crate::command::Call;
use crate::sim::dist::Dist;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Trace;

use super::message::{Op, Ret};
use super::model::MODEL;
use super::settings::Settings;
use super::watch::Watch;
use super::{Gossip, Timer, asks, facts, picture};

impl live::Watch<Gossip> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Gossip>) {
        for entry in seen.trace {
            if let Trace::Note(who, note) = &entry.what {
                self.see((entry.at, *who), note, seen.sim);
            }
        }
        if seen.touched.is_none() {
            self.look_around(seen.sim);
        }
    }
}

impl Staged for Gossip {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn fits(settings: &Settings, servers: u16, _clients: u16) -> Result<(), (&'static str, String)> {
        settings.fits(servers)
    }

    fn speeds(settings: &Settings) -> Speeds {
        Speeds { disk: DISK, ..settings.speeds() }
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn changed(ret: &Ret) -> bool {
        *ret == Ret::Started
    }

    fn told(ret: &Ret) -> String {
        ret.to_string()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        timer.name()
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        picture::panels(live, at, out);
    }

    fn is_serving(live: &Live<Self>) -> bool {
        live.sim().server_ids().any(|id| live.sim().node(id).is_up() && !live.sim().node(id).is_paused())
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        live.watched().judge(live.sim())
    }
}

/// How long it takes to write an incarnation down.
const DISK: Dist = Dist::Const(Span::ms(1));
