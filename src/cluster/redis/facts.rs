//! The facts of a Redis.

use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, float, int, mean, percentile};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::{Live, Percentile};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::Redis;
use super::message::command_label;
use super::node::Node;
use super::sentinel::Sentinel;
use super::slots::{Claim, settled};
use super::watch::{Counts, Watch};

type One = Live<Redis>;

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<Redis>]] = &[KEPT, DATA, THREAD, FILES, REPLICAS, LOCKS, CLUSTER, &WIRES];

static WIRES: [Fact<Redis>; 5] = facts::wires();

/// What became of acknowledged writes.
static KEPT: &[Fact<Redis>] = &[
    int("acked", "Requests that changed something, and whose clients were told so.", |live| FactValue::int(live.watched().acked.len())),
    int("lost", "Acknowledged writes that the master does not have; while no master is up, as it was before.", |live| {
        FactValue::int(live.watched().lost.len())
    }),
    int("lost_most", "The most acknowledged writes that were ever lost at once.", |live| FactValue::int(live.watched().most_lost)),
    int("unwritten", "Writes that the master has and its files have not: a crash of the process takes them.", |live| at_risk(live, false)),
    int("unsynced", "Writes that the master has and its disk has not for sure: a loss of power takes them.", |live| at_risk(live, true)),
    int(
        "lost_updates",
        "Times that `count`, which reads and then stores, told a number that it had told before: so many counts were lost.",
        |live| FactValue::int(live.watched().lost_updates),
    ),
    int("last_integer", "The last whole number that a client was answered.", |live| {
        live.watched().last_integer.map_or_else(|| FactValue::Absent("nobody was answered one".into()), FactValue::Int)
    }),
    int("open", "Asks of clients that have not ended.", |live| FactValue::int(live.meter().open())),
];

/// What the master has in memory.
static DATA: &[Fact<Redis>] = &[
    int("keys", "Keys of the master, those that have expired and are not deleted yet included.", |live| {
        of(live, |node| node.server.keys.len())
    }),
    int("memory", "About how many bytes they take.", |live| of(live, |node| node.server.keys.bytes())),
    int("memory_most", "The most bytes that the keys of any server ever took.", |live| FactValue::int(live.watched().bytes_most as usize)),
    int("dead_keys", "Keys of the master that have expired and still take memory. Nobody is told of them.", |live| {
        let sim = live.sim();
        sum(live, |(id, node)| node.server.keys.dead(wall(sim, id, sim.now())))
    }),
    int("hits", "Keys that were asked for and there, at the master since it started.", |live| of(live, |node| node.counts.hits)),
    int("misses", "Keys that were asked for and not there, at the master since it started.", |live| of(live, |node| node.counts.misses)),
    int("expired", "Keys that the master has found to have expired since it started.", |live| of(live, |node| node.counts.expired)),
    int("evicted", "Keys that went because memory was short.", |live| count(live, |c| c.evicted)),
    float("evicted_idle_ms", "How long those had been idle on average, in milliseconds.", |live| {
        let Counts { evicted, idle_ms, .. } = live.watched().counts;
        match evicted {
            0 => FactValue::Absent("no key was evicted".into()),
            of => FactValue::Sampled { value: idle_ms as f64 / of as f64, of: of as u64 },
        }
    }),
    float(
        "evicted_rank",
        "Which share of the other keys had been used later than the key that went, on average: 1.0 is the idlest.",
        |live| {
            let Counts { evicted, ranks, .. } = live.watched().counts;
            match evicted {
                0 => FactValue::Absent("no key was evicted".into()),
                of => FactValue::Sampled { value: ranks as f64 / (of as f64 * 1e6), of: of as u64 },
            }
        },
    ),
];

/// The one thread.
static THREAD: &[Fact<Redis>] = &[
    int("queue", "What has arrived at the master and waits for its turn.", |live| sum(live, |(_, node)| node.pending.len())),
    float("longest_command_ms", "The longest work on one command so far, in milliseconds; no waiting in it.", |live| {
        FactValue::Float(live.watched().slowest.as_ref().map_or(0.0, |(_, takes)| takes.as_ms()))
    }),
    fact("slowest_command", FactKind::Text, "Which command that was.", |live| match &live.watched().slowest {
        Some((argv, _)) => FactValue::Text(command_label(argv)),
        None => FactValue::Absent("there was none yet".into()),
    }),
    float("longest_wait_ms", "The longest time from a call to its answer so far, in milliseconds.", |live| {
        FactValue::Float(live.watched().longest_wait.as_ms())
    }),
    float("call_ms_mean", "The mean time from a call to its answer, in milliseconds.", |live| mean(&live.watched().took)),
    float("call_ms_p99", "99 of 100 calls were answered within so many milliseconds.", |live| {
        percentile(&live.watched().took, Percentile::P99)
    }),
    float("answers_per_s", "Answers in the last second.", |live| FactValue::Float(live.watched().answers.per_second(live.sim().now()))),
    int("heard", "What clients heard on channels.", |live| count(live, |c| c.heard)),
];

/// Snapshot and log.
static FILES: &[Fact<Redis>] = &[
    int("fsyncs", "Syncs of the append-only file that are done.", |live| count(live, |c| c.fsyncs)),
    int("put_off", "Writes of the append-only file that were put off, because a sync was under way.", |live| count(live, |c| c.put_off)),
    int("snapshots", "Snapshots that were written.", |live| count(live, |c| c.snapshots)),
    int("rewrites", "Times that an append-only file was written anew.", |live| count(live, |c| c.rewrites)),
    int("log_commands", "Commands in the append-only file of the master since it was last written anew.", |live| {
        let tail = |id| live.sim().node(id).store().current().log.as_ref().map_or(0, |log| log.tail.len());
        sum(live, |(id, _)| tail(id))
    }),
    fact("aof", FactKind::Text, "The setting of this name.", |live| FactValue::Text(live.sim().settings().get("aof"))),
];

/// Replication and failover.
static REPLICAS: &[Fact<Redis>] = &[
    fact("master", FactKind::Text, "Who is master: as Sentinel has it, or the only server.", |live| {
        FactValue::Text(appointed(live.sim()).to_string())
    }),
    int("masters", "Servers that are up and believe that they are master.", |live| {
        FactValue::int(servers(live.sim()).filter(|(_, node)| node.is_master()).count())
    }),
    int("offset", "How far the stream of the master is, in bytes.", |live| of(live, |node| node.offset)),
    fact("behind", FactKind::Named(Keys::Nodes), "For each replica that is up: how many bytes of the master's stream it lacks.", |live| {
        FactValue::Named(behind(live.sim()).map(|(id, bytes)| (id.to_string(), bytes as f64)).collect())
    }),
    int("behind_most", "The most that a replica which is up lacks, in bytes.", |live| {
        FactValue::int(behind(live.sim()).map(|(_, bytes)| bytes as usize).max().unwrap_or(0))
    }),
    int("failovers", "Times that somebody was made master.", |live| count(live, |c| c.failovers)),
    int("promotions", "Times that a replica became master.", |live| count(live, |c| c.promotions)),
    int("suspicions", "Times that Sentinel took a master for dead.", |live| count(live, |c| c.suspicions)),
    int("full_syncs", "Times that a replica was sent everything.", |live| count(live, |c| c.full_syncs)),
    int("partial_syncs", "Times that a replica went on from where it was.", |live| count(live, |c| c.partial_syncs)),
    facts::nodes_up(),
];

/// Locks and what they guard.
static LOCKS: &[Fact<Redis>] = &[
    int("holders", "How many clients hold the same lock now, by what they were told.", |live| {
        FactValue::int(live.watched().locks.holders(live.sim().now()))
    }),
    int("holders_most", "The most clients that ever held the same lock at once.", |live| FactValue::int(live.watched().locks.most)),
    int("locks_given", "Times that a lock was given.", |live| FactValue::int(live.watched().locks.given)),
    int("double_held", "Times that a lock was given while another client held it.", |live| FactValue::int(live.watched().locks.doubled)),
    int("saved", "Writes to what a lock guards.", |live| count(live, |c| c.guarded)),
    int("stale_saves", "Writes to what a lock guards after one with a greater number, or by another client with the same.", |live| {
        count(live, |c| c.stale_saves)
    }),
    int("too_old", "Writes that it refused, because their number was too old.", |live| count(live, |c| c.too_old)),
];

/// Redis Cluster.
static CLUSTER: &[Fact<Redis>] = &[
    int("shards", "How many masters there are to be: one, or three in cluster mode.", |live| {
        FactValue::int(usize::from(live.sim().settings().shards()))
    }),
    int("slots_served", "Cluster mode: of the 16,384 slots, those whose server is up and serves.", |live| {
        if live.sim().settings().is_cluster() { FactValue::int(served(live)) } else { FactValue::Absent("there is no cluster".into()) }
    }),
    int("cluster_down", "Cluster mode: servers that are up and answer CLUSTERDOWN.", |live| {
        let is_down = |node: &Node| node.bus.as_ref().is_some_and(|bus| !bus.is_ok);
        FactValue::int(servers(live.sim()).filter(|(_, node)| is_down(node)).count())
    }),
    int("slots_moving", "Cluster mode: slots that are on their way to another server.", |live| {
        let moving = |node: &Node| node.bus.as_ref().map_or(0, |bus| bus.conf.migrating.len());
        FactValue::int(servers(live.sim()).map(|(_, node)| moving(node)).sum())
    }),
    int("slots_moved", "Cluster mode: slots that were moved while clients worked.", |live| count(live, |c| c.slots_moved)),
    int("keys_moved", "Cluster mode: keys that were moved to another server.", |live| count(live, |c| c.keys_moved)),
    int("moved", "Cluster mode: times that a client was told MOVED, and followed.", |live| count(live, |c| c.moved)),
    int("asked", "Cluster mode: times that a client was told ASK, and followed.", |live| count(live, |c| c.asked)),
    int("votes", "Cluster mode: votes of primaries for a replica.", |live| count(live, |c| c.votes)),
    int("refused_down", "Cluster mode: commands that were answered with CLUSTERDOWN.", |live| count(live, |c| c.refused_down)),
    int("refused_crossslot", "Cluster mode: commands that were answered with CROSSSLOT.", |live| count(live, |c| c.crossslot)),
    int("refused_tryagain", "Cluster mode: commands that were answered with TRYAGAIN.", |live| count(live, |c| c.tryagain)),
    int("refused_moved", "Cluster mode: commands that ended with MOVED or ASK, because nobody followed.", |live| {
        count(live, |c| c.unfollowed)
    }),
];

fn nobody() -> FactValue {
    FactValue::Absent("no master is up".into())
}

fn count(live: &One, of: impl Fn(&Counts) -> usize) -> FactValue {
    let watch: &Watch = live.watched();
    FactValue::int(of(&watch.counts))
}

fn of(live: &One, number: impl Fn(&Node) -> u64) -> FactValue {
    sum(live, |(_, node)| number(node) as usize)
}

/// Over all that lead.
fn sum(live: &One, number: impl Fn((NodeId, &Node)) -> usize) -> FactValue {
    let all = leaders(live.sim());
    if all.is_empty() { nobody() } else { FactValue::int(all.into_iter().map(number).sum()) }
}

/// Writes that the master has, less those that it would have after a crash, or after a loss of power.
fn at_risk(live: &One, power: bool) -> FactValue {
    let sim = live.sim();
    sum(live, |(id, node)| {
        let store = sim.node(id).store();
        let disk = if power { store.durable() } else { store.current() };
        node.done.len().saturating_sub(disk.done(sim.settings()).map_or(0, crate::sim::request_set::RequestSet::len))
    })
}

/// A server that is up.
pub(super) fn server(sim: &Sim<Redis>, id: NodeId) -> Option<&Node> {
    match sim.node(id).state() {
        Some(Redis::Server(node)) => Some(node),
        _ => None,
    }
}

/// The servers that are up.
pub(super) fn servers(sim: &Sim<Redis>) -> impl Iterator<Item = (NodeId, &Node)> {
    (0..sim.settings().redises()).map(NodeId::server).filter_map(|id| Some((id, server(sim, id)?)))
}

/// Sentinel, where it is up.
pub(super) fn sentinel(sim: &Sim<Redis>) -> Option<&Sentinel> {
    match sim.node(sim.settings().sentinel()?).state() {
        Some(Redis::Sentinel(sentinel)) => Some(sentinel),
        _ => None,
    }
}

/// Who is master, whether it is up or not: as Sentinel has it, or has written it down.
pub(super) fn appointed(sim: &Sim<Redis>) -> NodeId {
    let written = sim.settings().sentinel().and_then(|id| sim.node(id).store().current().master);
    let known = sentinel(sim).map(|sentinel| sentinel.master).or(written.map(|(master, _)| master));
    known.unwrap_or(NodeId::server(0))
}

/// The master, where it is up and believes it. In a cluster there are several: see [`leaders`].
pub(super) fn master(sim: &Sim<Redis>) -> Option<(NodeId, &Node)> {
    let id = appointed(sim);
    server(sim, id).filter(|node| node.is_master()).map(|node| (id, node))
}

/// Who has which slots: of two that claim one, the one with the greater epoch. Servers that are down have none.
pub(super) fn ranges(sim: &Sim<Redis>) -> Vec<(u16, u16, NodeId)> {
    let masters = servers(sim).filter(|(_, node)| node.is_master());
    let buses = masters.filter_map(|(id, node)| Some((id, node.bus.as_ref()?)));
    let claims = buses.flat_map(|(id, bus)| {
        let epoch = bus.conf.epoch(id);
        let own = bus.conf.slots.ranges().filter(move |(.., whose)| *whose == id);
        own.map(move |(start, end, owner)| Claim { epoch, owner, range: (start, end) })
    });
    settled(claims.collect())
}

/// Who has a slot, where that one is up.
pub(super) fn owner(sim: &Sim<Redis>, slot: u16) -> Option<NodeId> {
    ranges(sim).into_iter().find(|(start, end, _)| (*start..=*end).contains(&slot)).map(|(.., id)| id)
}

/// Those that lead: the master, or in a cluster each primary with slots; where they are up.
pub(super) fn leaders(sim: &Sim<Redis>) -> Vec<(NodeId, &Node)> {
    if !sim.settings().is_cluster() {
        return master(sim).into_iter().collect();
    }
    let owners: std::collections::BTreeSet<NodeId> = ranges(sim).into_iter().map(|(.., id)| id).collect();
    owners.into_iter().filter_map(|id| Some((id, server(sim, id)?))).collect()
}

/// How many slots have a server that is up and says that it serves.
pub(super) fn served(live: &Live<Redis>) -> usize {
    let sim = live.sim();
    let serves = |id: NodeId| server(sim, id).and_then(|node| node.bus.as_ref()).is_some_and(|bus| bus.is_ok) && !sim.node(id).is_paused();
    let ranges = live.watched().ranges.iter().filter(|(.., id)| serves(*id));
    ranges.map(|(start, end, _)| usize::from(end - start) + 1).sum()
}

/// What each replica lacks of the stream of its master.
pub(super) fn behind(sim: &Sim<Redis>) -> impl Iterator<Item = (NodeId, u64)> {
    let first = master(sim).map_or(0, |(_, node)| node.offset);
    let of = move |node: &Node| match node.follows.filter(|_| sim.settings().is_cluster()) {
        Some(whom) => server(sim, whom).map_or(0, |node| node.offset),
        None => first,
    };
    servers(sim).filter(|(_, node)| !node.is_master()).map(move |(id, node)| (id, of(node).saturating_sub(node.offset)))
}

/// The clock on the wall of a node, in milliseconds.
pub(super) fn wall(sim: &Sim<Redis>, id: NodeId, at: Time) -> u64 {
    sim.node(id).clock().local(at).0 / Span::ms(1).0
}

/// The documentation of every fact.
pub(super) static FACTS: [FactDoc; facts::count(TABLES)] = facts::docs(TABLES);
