//! The proxies on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::{self, Live, Staged};
use crate::cluster::model::{Model, PACE};
use crate::cluster::scene::{NodeView, Scene};
use crate::command::{Call, Language};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Time;

use super::message::{Op, Ret};
use super::places::{FIRST_APP, name};
use super::settings::Settings;
use super::watch::Watch;
use super::{Proxied, Timer, asks, facts, judge, moments, picture};

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "proxy",
    about: "An office with its forward proxy, sites, and a shop behind a reverse proxy: who sees whom, what a shared cache may keep, who believes which header (RFC 9110, RFC 9111, RFC 7239; NGINX and Squid documentation).",
    nodes: (FIRST_APP as u16 + 2, FIRST_APP as u16 + 6),
    clients: (4, 8),
    settings: Settings::DOCS,
    facts: &facts::FACTS,
    language: Language { calls: &asks::CALLS, verbs: &asks::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        ("c1 get http://news/", "see under each hop what it sees; ask again as c2, and the forward proxy has it"),
        ("c1 get https://bank/account", "by a tunnel: the forward proxy sees a host and a number of bytes"),
        (
            "c4 get http://shop/admin with x-forwarded-for 10.0.0.1",
            "the last client is outside; whom does the backend take it for? See `trust`",
        ),
        ("set cart-control max-age=60", "the shop forgets `private`: c1 and then c2 `get http://shop/cart`"),
        ("set blocked video", "then ask for it by its address, or `direct`; see `filter-by` and `firewall`"),
        ("deploy app1", "under load, with `deploy drain` and with `deploy kill`"),
        ("crash forward", "the office is cut off, or goes past it: see `proxy-down`"),
        ("cut forward | news", "what is kept and fresh is given; what is stale: see `serve-stale`"),
    ],
    moments: moments::NAMES,
    series: &["answers_per_s", "hits_per_s", "bytes_saved", "busy", "waiting"],
    healthy: "serving",
    pace: PACE,
    start: live::start::<Proxied>,
};

impl Staged for Proxied {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &asks::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn fits(settings: &Settings, servers: u16, _: u16) -> Result<(), (&'static str, String)> {
        if usize::from(servers) > FIRST_APP {
            return settings.fits();
        }
        Err(("nodes", format!("three proxies, three sites and one backend are 7 servers; `nodes` cannot be {servers}")))
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn told(ret: &Ret) -> String {
        ret.to_string()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Look => Some("look"),
            Timer::Started => Some("start"),
            // In the box of a hop there is room for what it sees, and for little else.
            Timer::Due | Timer::Work(_) | Timer::Give(_) => None,
        }
    }

    fn name(_: &Sim<Self>, id: NodeId) -> String {
        name(id)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        picture::panels(live, at, out);
    }

    fn is_serving(live: &Live<Self>) -> bool {
        moments::is_serving(live.sim())
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
