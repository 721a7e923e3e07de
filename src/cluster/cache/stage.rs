//! The cache on the stage.

use crate::check::operation::{Op, Replicas};
use crate::check::verdict::Verdicts;
use crate::cluster::facts::FactDoc;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::{Fact, count, docs};
use crate::cluster::kit::register::{Answer, Register, Registers};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::{self, Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Scene};
use crate::command::{Call, Language};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::facts::TABLES;
use super::request::{Done, Request};
use super::settings::Settings;
use super::watch::{Watch, cache};
use super::{CACHE, Caching, DATABASE, Timer, asks, judge, moments, name, picture};

/// Every fact's documentation.
static FACTS: [FactDoc; count(TABLES)] = docs(TABLES);

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "cache",
    about: "Applications, a cache and a database: the patterns of filling and writing a cache, leases, TTLs, stampedes, and ten rules of eviction (Nishtala et al., NSDI 2013; RFC 5861; Belady 1966 to S3-FIFO, SOSP 2023).",
    nodes: (4, 9),
    clients: (2, 9),
    settings: Settings::DOCS,
    facts: &FACTS,
    series: &["hit_rate_100", "db_per_second", "db_waiting", "loads_now", "dirty", "entries", "differs", "stale_reads"],
    language: Language { calls: &asks::CALLS, verbs: &asks::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        ("c1 get price", "a miss: the database is asked, and the cache is filled"),
        ("pause app1", "between its read of the database and its fill: what it then fills is old"),
        ("c2 import price 13", "a write past the cache: what is cached stays as it is"),
        ("crash cache", "it starts empty; what was dirty is lost"),
        ("warm 100", "100 titles come in at once, and with a TTL they expire at once"),
        ("c1 play loop 200", "a trace, read by read: the policies make very different hits of it"),
        ("workload c1 200/s get keys hot", "a hot key: when it expires, see how many load it"),
        ("fire cache expiry", "the next entry expires before its time"),
    ],
    moments: moments::NAMES,
    healthy: "serving",
    pace: Span::ms(2),
    start: live::start::<Caching>,
};

impl Staged for Caching {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Request>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &asks::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = TABLES;

    fn fits(_: &Settings, servers: u16, _: u16) -> Result<(), (&'static str, String)> {
        if servers > 2 {
            return Ok(());
        }
        Err(("nodes", format!("a database, a cache and one application are 3 servers; `nodes` cannot be {servers}")))
    }

    /// A dirty entry is older than what applications write past the cache from then on, and would be written over it.
    fn may_become(sim: &Sim<Self>, settings: &Settings) -> Result<(), (&'static str, String)> {
        let dirty = cache(sim).map_or(0, |cache| cache.shelf.dirty().len());
        if dirty == 0 || settings.works() == sim.settings().works() {
            return Ok(());
        }
        let name = if settings.pattern == sim.settings().pattern { "caches" } else { "pattern" };
        let they_are = if dirty == 1 { "1 entry of the cache is".to_string() } else { format!("{dirty} entries of the cache are") };
        Err((
            name,
            format!("{they_are} not in the database yet, and would be written over what comes after; `flush` first, and let it arrive"),
        ))
    }

    fn asked(request: &Request) -> Call {
        asks::asked(request)
    }

    fn told(done: &Done) -> String {
        done.told()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        timer.name()
    }

    fn name(_: &Sim<Self>, id: NodeId) -> String {
        name(id)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, _: Time, out: &mut Scene) {
        picture::panels(live, out);
    }

    fn server_of(client: &Self) -> Option<NodeId> {
        if let Caching::Client(client) = client { client.app } else { None }
    }

    /// Writes need the database, and the cache where it writes.
    fn is_serving(live: &Live<Self>) -> bool {
        let sim = live.sim();
        let works = |id: NodeId| sim.node(id).is_up() && !sim.node(id).is_paused();
        let stored = works(DATABASE) && !sim.node(DATABASE).store().is_full();
        let written = works(CACHE) || !sim.settings().works().cache_writes();
        stored && written && sim.server_ids().any(|id| super::is_app(id) && works(id))
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}

impl Registers for Caching {
    fn op(request: &Request) -> Option<&Op> {
        request.op()
    }

    fn answer(done: &Done) -> Answer<'_> {
        Answer { ret: &done.ret, wrote: done.wrote, beside: &[] }
    }

    fn register(watch: &Watch) -> &Register {
        &watch.register
    }

    fn replicas(live: &Live<Self>) -> Replicas {
        judge::replicas(live)
    }
}
