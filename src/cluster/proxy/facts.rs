//! The facts of proxies.

use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, float, int, mean};
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Proxied;
use super::hop::Proxy;
use super::moments::{is_serving, pool_part};
use super::origin::Origin;
use super::places::{FORWARD, REVERSE, is_app, is_origin, is_proxy, name};
use super::pool::{Part, apps};
use super::watch::{Counts, SITES, Watch};

type One = Live<Proxied>;

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<Proxied>]] = &[ANSWERS, SEEN, RULES, CACHES, SHOP, &WIRES];

static WIRES: [Fact<Proxied>; 5] = facts::wires();

/// Where answers came from.
static ANSWERS: &[Fact<Proxied>] = &[
    int("asked", "Requests that clients sent so far, those that went past a proxy that did not answer included.", |live| {
        count(live, |c| c.asked)
    }),
    int("answered", "Answers that clients got so far, whatever they said.", |live| count(live, |c| c.answered)),
    int("hits", "Answers to clients that a cache gave.", |live| count(live, |c| c.from_caches)),
    int("from_origins", "Answers to clients that a site or backend made, or said anew that they are good.", |live| {
        count(live, |c| c.from_origins)
    }),
    int("from_proxies", "Answers to clients that a proxy made: blocked, loops, failures of the next hop.", |live| {
        count(live, |c| c.from_proxies)
    }),
    int("unanswered", "Requests that got no answer so far.", |live| count(live, |c| c.unanswered)),
    float("hit_percent", "Of 100 answers of caches and origins, how many a cache gave; what a proxy says itself does not count.", |live| {
        let Counts { from_caches, from_origins, .. } = live.watched().counts;
        match from_caches + from_origins {
            0 => FactValue::Absent("nobody was shown anything".into()),
            of => FactValue::Sampled { value: 100.0 * from_caches as f64 / of as f64, of: of as u64 },
        }
    }),
    int("bytes_to_clients", "Bytes of bodies that clients got.", |live| bytes(live.watched().counts.bytes_to_clients)),
    int("bytes_from_origins", "Bytes of bodies that sites and backends sent.", |live| bytes(live.watched().counts.bytes_from_origins)),
    int(
        "bytes_saved",
        "How many more the clients got than the sites sent: what caches saved. Less than 0 while answers are on their way, and where compression makes them shorter.",
        |live| {
            let Counts { bytes_to_clients, bytes_from_origins, .. } = live.watched().counts;
            FactValue::Int(bytes_to_clients as i64 - bytes_from_origins as i64)
        },
    ),
    float("answer_ms_last", "How long the last answer took, in milliseconds.", |live| {
        live.watched().took.1.map_or_else(|| FactValue::Absent("nobody was answered".into()), |took| FactValue::Float(took.as_ms()))
    }),
    float("answer_ms_mean", "How long answers took on average, in milliseconds.", |live| mean(&live.watched().took.0)),
    float("answers_per_s", "Answers in the last second.", |live| FactValue::Float(live.watched().answering.per_second(live.sim().now()))),
    float("hits_per_s", "Answers of caches in the last second.", |live| {
        FactValue::Float(live.watched().hitting.per_second(live.sim().now()))
    }),
];

/// Who saw what.
static SEEN: &[Fact<Proxied>] = &[
    fact("peer_at_forward", FactKind::Text, "The address that last reached the forward proxy.", |live| peer(live, &[FORWARD])),
    fact("peer_at_reverse", FactKind::Text, "The address that last reached the reverse proxy.", |live| peer(live, &[REVERSE])),
    fact("peer_at_site", FactKind::Text, "The address that last reached a site.", |live| peer(live, &SITES)),
    fact("peer_at_app", FactKind::Text, "The address that last reached a backend.", |live| {
        let all: Vec<NodeId> = apps(live.sim().servers()).collect();
        peer(live, &all)
    }),
    fact("believed", FactKind::Text, "The address that a backend last took for the client's.", |live| {
        live.watched().believed.map_or_else(|| FactValue::Absent("no backend was asked".into()), |ip| FactValue::Text(ip.to_string()))
    }),
    int("addresses_believed", "How many different addresses backends took for a client's so far.", |live| {
        FactValue::int(live.watched().all_believed.len())
    }),
    fact(
        "addresses_at",
        FactKind::Named(Keys::Any),
        "For each site and backend: how many different addresses reached it. So `addresses_at.news`.",
        |live| {
            let peers = &live.watched().peers;
            let count = |id: NodeId| (name(id), peers.get(&id).map_or(0, crate::persistent::OrdSet::len) as f64);
            FactValue::Named(live.sim().server_ids().filter(|id| is_origin(*id)).map(count).collect())
        },
    ),
    fact(
        "readers",
        FactKind::Text,
        "Who could read the newest request, beside its client, in the order of its way: `forward news`.",
        |live| {
            let names = |(_, readers): &(_, imbl::Vector<NodeId>)| readers.iter().map(|id| name(*id)).collect::<Vec<_>>().join(" ");
            live.watched()
                .newest
                .as_ref()
                .map_or_else(|| FactValue::Absent("nobody has asked".into()), |newest| FactValue::Text(names(newest)))
        },
    ),
    fact("reads_at", FactKind::Named(Keys::Any), "For each server: how many requests it could read. So `reads_at.forward`.", |live| {
        hops(live, |(reads, _)| reads)
    }),
    fact("sealed_at", FactKind::Named(Keys::Any), "For each server: how many requests it only passed on, and could not read.", |live| {
        hops(live, |(_, sealed)| sealed)
    }),
    int("wrong_addresses", "Requests of which a backend took another address for the client's.", |live| count(live, |c| c.wrong_addresses)),
    int(
        "forged",
        "Requests of which a backend took another address for the client's, as it believed what somebody had written into the header.",
        |live| count(live, |c| c.forged),
    ),
    int("intruders", "Times that somebody outside the office was shown the admin page.", |live| count(live, |c| c.intruders)),
    int("overheard", "Requests by TLS that somebody who listens on the wire could read on their way.", |live| count(live, |c| c.overheard)),
];

/// What rules stopped, and did not.
static RULES: &[Fact<Proxied>] = &[
    int("blocked", "Requests that the forward proxy refused because of the blocked site.", |live| count(live, |c| c.blocked)),
    int("reached", "Requests of the office that reached the blocked site all the same.", |live| count(live, |c| c.reached)),
    int("went_past", "Requests that went past a forward proxy that did not answer.", |live| count(live, |c| c.went_past)),
    int("loops", "Requests that a proxy found itself in, in Via.", |live| count(live, |c| c.loops)),
    int("leaks", "Pages about somebody, and sessions of somebody, that somebody else was given.", |live| count(live, |c| c.leaks)),
    int("unreadable", "Answers in a language or a form that their client had not asked for.", |live| count(live, |c| c.unreadable)),
];

/// What caches hold and did.
static CACHES: &[Fact<Proxied>] = &[
    fact("kept_at", FactKind::Named(Keys::Any), "For each proxy: how many answers it keeps. So `kept_at.forward`.", |live| {
        let kept = |id: NodeId| (name(id), proxy(live.sim(), id).map_or(0, |proxy| proxy.shelf.len()) as f64);
        FactValue::Named(live.sim().server_ids().filter(|id| is_proxy(*id)).map(kept).collect())
    }),
    int("kept", "How often a cache took an answer in, so far.", |live| count(live, |c| c.kept)),
    int("not_kept", "How often a cache could have taken an answer in, and the rules forbade it.", |live| count(live, |c| c.not_kept)),
    int("checked", "How often a cache asked whether what it keeps is good, and was told that it is.", |live| count(live, |c| c.checked)),
    int("stale_given", "How often a cache gave what is stale because nobody answered.", |live| count(live, |c| c.stale)),
    int("thrown_away", "How often an unsafe request threw away what a cache kept.", |live| count(live, |c| c.thrown_away)),
];

/// The shop and its backends.
static SHOP: &[Fact<Proxied>] = &[
    int("errors", "Requests to the shop that ended with 502, 503 or 504, or with nothing.", |live| count(live, |c| c.errors)),
    int("retried", "Requests that the reverse proxy sent to a second backend.", |live| count(live, |c| c.retried)),
    int("effects", "POSTs that were carried out so far.", |live| count(live, |c| c.effects)),
    int("doubled", "POSTs that were carried out though they had been before.", |live| count(live, |c| c.doubled)),
    fact("requests_at", FactKind::Named(Keys::Any), "For each backend: how many requests reached it. So `requests_at.app1`.", |live| {
        let hops = &live.watched().hops;
        FactValue::Named(
            apps(live.sim().servers()).map(|id| (name(id), hops.get(&id).map_or(0, |(reads, sealed)| reads + sealed) as f64)).collect(),
        )
    }),
    fact("release_at", FactKind::Named(Keys::Any), "For each backend: the release that it runs. So `release_at.app1`.", |live| {
        let release = |id: NodeId| (name(id), f64::from(live.sim().node(id).store().current().release + 1));
        FactValue::Named(apps(live.sim().servers()).filter(|id| live.sim().has(*id)).map(release).collect())
    }),
    int("backends_serving", "Backends that the reverse proxy sends requests to.", |live| {
        FactValue::int(apps(live.sim().servers()).filter(|id| pool_part(live.sim(), *id) == Some(Part::Serves)).count())
    }),
    int("busy", "Requests that backends work on, or hold a worker for.", |live| {
        FactValue::int(origins(live.sim()).map(|origin| origin.jobs.len()).sum())
    }),
    int("waiting", "Requests that wait for a worker of a backend.", |live| {
        FactValue::int(origins(live.sim()).map(|origin| origin.waiting.len()).sum())
    }),
    fact("serving", FactKind::Bool, "Whether the reverse proxy and a backend behind it work.", |live| {
        FactValue::Bool(is_serving(live.sim()))
    }),
    int("open", "Requests of clients that have not ended.", |live| FactValue::int(live.meter().open())),
    facts::nodes_up(),
];

fn count(live: &One, of: impl Fn(&Counts) -> usize) -> FactValue {
    FactValue::int(of(&live.watched().counts))
}

fn bytes(bytes: u64) -> FactValue {
    FactValue::Int(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// The address that last reached one of these: the latest of those of which anything is known.
fn peer(live: &One, at: &[NodeId]) -> FactValue {
    let watch: &Watch = live.watched();
    let newest = at.iter().filter_map(|id| watch.sights.get(id)).max_by_key(|last| last.at);
    newest.map_or_else(|| FactValue::Absent("nobody was there".into()), |last| FactValue::Text(last.sight.peer.to_string()))
}

fn hops(live: &One, of: impl Fn((usize, usize)) -> usize) -> FactValue {
    let hops = &live.watched().hops;
    FactValue::Named(live.sim().server_ids().map(|id| (name(id), of(hops.get(&id).copied().unwrap_or_default()) as f64)).collect())
}

/// A proxy that runs.
pub(super) fn proxy(sim: &Sim<Proxied>, id: NodeId) -> Option<&Proxy> {
    match sim.node(id).state() {
        Some(Proxied::Proxy(proxy)) => Some(proxy),
        _ => None,
    }
}

/// The backends that run.
fn origins(sim: &Sim<Proxied>) -> impl Iterator<Item = &Origin> {
    sim.server_ids().filter(|id| is_app(*id)).filter_map(|id| match sim.node(id).state() {
        Some(Proxied::Origin(origin)) => Some(&**origin),
        _ => None,
    })
}

/// The documentation of every fact.
pub(super) static FACTS: [FactDoc; facts::count(TABLES)] = facts::docs(TABLES);
