//! How a Redis looks: clients, the master with its line of commands, its replicas and Sentinel; below what waits, what would be left, and
//! who holds locks.

use crate::algo::redis::Policy;
use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Check, Checklist, Gauge, Knob, Layout, Level, Mark, NodeView, Panel, Queue, Row, Run, Scene, Shape, Sign, Stops, Tone,
};
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::Redis;
use super::bus::Bus;
use super::disk::Guarded;
use super::facts::{appointed, behind, leaders, master, ranges, sentinel, server, servers};
use super::message::{Msg, command_label};
use super::node::{Job, Node};
use super::settings::{Aof, Failover, Part, Settings};
use super::slots::written;

type One = Live<Redis>;

/// The most rows of a server that are keys.
const KEYS: usize = 6;
/// The most letters of a value.
const VALUE: usize = 16;

/// The word and rows of a server.
pub(super) fn draw(live: &One, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    match sim.settings().part(id) {
        Part::Sentinel => {
            view.word = "stands for the Sentinels";
            if let Some(sentinel) = sentinel(sim) {
                view.epoch = Some(sentinel.epoch);
                view.rows.push(Row::new("master", sentinel.master.to_string(), if sentinel.suspects { Tone::Stale } else { Tone::Plain }));
                view.rows.extend(sentinel.chosen.map(|(chosen, _)| Row::new("makes master", chosen.to_string(), Tone::Stale)));
                view.shape = if sentinel.suspects { Shape::Candidate } else { Shape::Member };
            }
        }
        Part::Resource => {
            view.word = "what a lock guards";
            let kept = sim.node(id).store().current().guarded.clone();
            for (what, Guarded { highest: (highest, _), saved: (number, client) }) in &kept {
                let is_old = number < highest;
                let tone = if is_old { Tone::Bad } else { Tone::Plain };
                view.rows.push(Row::new(&**what, format!("saved by {client}: {number}"), tone));
                view.rows.extend(is_old.then(|| Row::new("highest", highest.to_string(), tone)));
            }
        }
        Part::Redis => match server(sim, id) {
            Some(node) => draw_server(live, id, node, view),
            None => view.word = if appointed(sim) == id { "master" } else { "replica" },
        },
    }
}

fn draw_server(live: &One, id: NodeId, node: &Node, view: &mut NodeView) {
    let sim = live.sim();
    let leads = if sim.settings().is_cluster() { leaders(sim).iter().any(|(leader, _)| *leader == id) } else { appointed(sim) == id };
    let (is_master, is_old) = (node.is_master(), node.is_master() && !leads);
    view.word = match () {
        () if is_old => "old master",
        () if is_master => "master",
        () => "replica",
    };
    view.shape = if is_master { Shape::Leader } else { Shape::Member };
    if let Some(bus) = &node.bus {
        view.epoch = Some(bus.conf.epoch(node.follows.unwrap_or(id)));
        view.rows.extend(of_cluster(id, node, bus));
    }
    view.rows.push(working(node));
    if !is_master && !node.linked {
        view.rows.push(Row::new("link", "down", Tone::Stale));
    }
    view.rows.push(Row::new("keys", node.server.keys.len().to_string(), Tone::Plain));
    if let Some(most) = sim.settings().maxmemory {
        let bytes = node.server.keys.bytes();
        let tone = if bytes > u64::from(most) { Tone::Bad } else { Tone::Plain };
        view.rows.push(Row::new("memory", format!("{bytes} of {most}"), tone));
    }
    let lag = behind(sim).find(|(replica, _)| *replica == id).map_or(0, |(_, bytes)| bytes);
    let place = if lag > 0 { format!("{}, {lag} behind", node.offset) } else { node.offset.to_string() };
    view.rows.push(Row::new("offset", place, if lag > 0 { Tone::Stale } else { Tone::Plain }));
    view.rows.extend(keys(node, sim.now(), sim, id));
}

/// What a server of a cluster has, whom it follows, and whether it serves.
fn of_cluster(id: NodeId, node: &Node, bus: &Bus) -> Vec<Row> {
    let slots = written(&bus.conf.slots.of(id));
    let mut rows = vec![match node.follows {
        Some(whom) => Row::new("follows", whom.to_string(), Tone::Plain),
        None if slots.is_empty() => Row::new("slots", "none", Tone::Stale),
        None => Row::new("slots", slots, Tone::Plain),
    }];
    rows.extend(bus.conf.migrating.iter().map(|(slot, to)| Row::new("leaves", format!("{slot} to {to}"), Tone::Stale)));
    rows.extend(bus.conf.importing.iter().map(|(slot, from)| Row::new("arrives", format!("{slot} of {from}"), Tone::Stale)));
    if !bus.is_ok {
        rows.push(Row::new("answers", "CLUSTERDOWN", Tone::Bad));
    }
    if !bus.failed.is_empty() || !bus.doubts.is_empty() {
        let word = |id: &NodeId| if bus.failed.contains_key(id) { format!("{id} FAIL") } else { format!("{id} PFAIL") };
        let all: std::collections::BTreeSet<NodeId> = bus.failed.keys().chain(bus.doubts.iter()).copied().collect();
        rows.push(Row::new("hears not", all.iter().map(word).collect::<Vec<_>>().join(", "), Tone::Stale));
    }
    if let Some(election) = &bus.election {
        let says = if election.epoch.is_some() { format!("{} so far", election.votes.len()) } else { "soon asks for them".to_string() };
        rows.push(Row::new("votes", says, Tone::Stale));
    }
    rows
}

/// What its one thread does, and how many wait.
fn working(node: &Node) -> Row {
    let waits = node.pending.len();
    let waiting = if waits > 0 { format!(", {waits} wait") } else { String::new() };
    let tone = if waits > 0 { Tone::Stale } else { Tone::Plain };
    match &node.turn {
        None => Row::new("thread", "idle", Tone::Quiet),
        Some(turn) if turn.awaits.is_some() => Row::new("thread", format!("waits for the sync{waiting}"), tone),
        Some(turn) => {
            let what = turn.slowest.as_ref().map_or("works".to_string(), |(argv, _)| command_label(argv));
            Row::new("thread", format!("{what}{waiting}"), tone)
        }
    }
}

/// The first keys with their values and what is left of their time.
fn keys(node: &Node, now: Time, sim: &crate::sim::kernel::Sim<Redis>, id: NodeId) -> Vec<Row> {
    let wall = super::facts::wall(sim, id, now);
    let row = |(key, entry): (&crate::algo::redis::Text, &crate::algo::redis::Entry)| {
        let mut value: String = entry.value.brief().chars().take(VALUE).collect();
        let over = entry.is_over(wall);
        if let Some(end) = entry.expires {
            let left = if over { "expired".to_string() } else { format!("{} ms left", end - wall) };
            value = format!("{value}, {left}");
        }
        Row::new(&**key, value, if over { Tone::Quiet } else { Tone::Plain })
    };
    node.server.keys.iter().take(KEYS).map(row).collect()
}

/// Tiers, panels and knobs.
pub(super) fn panels(live: &One, at: Time, out: &mut Scene) {
    let (sim, settings) = (live.sim(), live.sim().settings());
    let first: Vec<NodeId> =
        if settings.is_cluster() { (0..settings.shards()).map(NodeId::server).collect() } else { vec![appointed(sim)] };
    let others = (0..settings.redises()).map(NodeId::server).filter(|id| !first.contains(id));
    // Sentinel stands between: it looks at both sides.
    let beside: Vec<NodeId> = others.chain(settings.sentinel()).chain(settings.guarded()).collect();
    out.layout = Layout::Tiers(if beside.is_empty() { vec![first] } else { vec![first, beside] });
    if settings.is_cluster() {
        out.panels.push(Panel::new("slots", Body::Checklist(slots(sim))));
    }
    out.panels.push(Panel::new(
        "queue",
        Body::Queues(servers(sim).filter(|(_, node)| node.is_master()).map(|(id, node)| queue(id, node, at, sim)).collect()),
    ));
    out.panels.push(Panel::new("kept", Body::Gauges(kept(live))));
    out.panels.push(Panel::new("locks", Body::Checklist(locks(live, at))));
    knobs(settings, out);
}

/// Who has which slots, and how many keys are in each range.
fn slots(sim: &crate::sim::kernel::Sim<Redis>) -> Checklist {
    let all = ranges(sim);
    let mut checks: Vec<Check> = Vec::new();
    for (start, end, id) in &all {
        let Some(node) = server(sim, *id) else { continue };
        let range = *start..=*end;
        let keys = node.server.keys.iter().filter(|(key, _)| range.contains(&crate::algo::redis::slot(key))).count();
        let serves = node.bus.as_ref().is_some_and(|bus| bus.is_ok);
        let value = if serves { format!("{keys} keys") } else { "CLUSTERDOWN".to_string() };
        let tone = if serves { Tone::Good } else { Tone::Bad };
        checks.push(Check { tone, text: format!("{id} has {}", written(&[(*start, *end)])), value });
    }
    let held: u32 = all.iter().map(|(start, end, _)| u32::from(end - start) + 1).sum();
    let free = u32::from(crate::algo::redis::SLOTS) - held;
    if free > 0 {
        checks.push(Check { tone: Tone::Bad, text: format!("nobody who is up has {free} slots"), value: String::new() });
    }
    Checklist { checks }
}

/// What has arrived: who is worked on, and who waits.
fn queue(id: NodeId, node: &Node, at: Time, sim: &crate::sim::kernel::Sim<Redis>) -> Queue {
    let mut queue = Queue { name: id.to_string(), ..Queue::default() };
    if let Some(turn) = &node.turn {
        queue.at_work.push(Run::new(Mark::Message(Sign::Request), turn.commands.max(1) as u32));
        let worked = sim.node(id).clock().steady(at).since(turn.began);
        if let Some((argv, takes)) = turn.slowest.as_ref().filter(|_| turn.awaits.is_none()) {
            queue.note = format!("{}: {:.1} of {:.1} ms", command_label(argv), worked.as_ms(), takes.as_ms());
        } else if turn.awaits.is_some() {
            queue.note = "waits for the sync of its log".to_string();
        }
    }
    for job in &node.pending {
        let sign = match job {
            Job::Message(_, Msg::Do { .. }) => Sign::Request,
            Job::Message(_, Msg::Ping) => Sign::Heartbeat,
            Job::Message(_, Msg::Stream { .. } | Msg::Full { .. } | Msg::Sync { .. }) => Sign::Data,
            _ => Sign::Ack,
        };
        queue.push(Mark::Message(sign), Tone::Plain);
    }
    queue
}

/// Of all writes that are done: how many are in memory, in the files, on the disk, and at each replica.
fn kept(live: &One) -> Vec<Gauge> {
    let (sim, lost) = (live.sim(), live.watched().lost.len());
    if sim.settings().is_cluster() {
        return kept_of_cluster(live);
    }
    let Some((id, node)) = master(sim) else { return Vec::new() };
    let all = node.done.len() + lost;
    let gauge = |name: &str, have: usize| {
        let share = if all == 0 { 1.0 } else { have as f64 / all as f64 };
        let tone = if have < all { Tone::Bad } else { Tone::Good };
        Gauge::Filled(Level { name: name.to_string(), share, says: format!("{have} of {all}"), tone })
    };
    let store = sim.node(id).store();
    let in_files = |disk: &super::disk::Disk| disk.done(sim.settings()).map_or(0, crate::sim::request_set::RequestSet::len);
    let mut gauges = vec![
        gauge("in memory", node.done.len()),
        gauge("after a crash", in_files(store.current())),
        gauge("after power loss", in_files(store.durable())),
    ];
    let replicas = servers(sim).filter(|(_, node)| !node.is_master());
    gauges.extend(replicas.map(|(replica, node)| gauge(&format!("if {replica} leads"), node.done.len())));
    gauges
}

/// Of all writes that were acknowledged in a cluster: how many have whoever has their slots now.
fn kept_of_cluster(live: &One) -> Vec<Gauge> {
    let (acked, lost) = (live.watched().acked.len(), live.watched().lost.len());
    let have = acked - lost.min(acked);
    let share = if acked == 0 { 1.0 } else { have as f64 / acked as f64 };
    let tone = if lost > 0 { Tone::Bad } else { Tone::Good };
    vec![Gauge::Filled(Level { name: "acknowledged, and there".to_string(), share, says: format!("{have} of {acked}"), tone })]
}

/// Who holds which lock, and for how long.
fn locks(live: &One, at: Time) -> Checklist {
    let all: Vec<_> = live.watched().locks.now(at).collect();
    let check = |(key, held): &(&crate::algo::redis::Text, &super::locks::Held)| {
        let alone = all.iter().filter(|(other, _)| other == key).count() < 2;
        let left = held.until.map_or("until it gives it back".to_string(), |until| format!("for {:.0} ms", until.since(at).as_ms()));
        Check { tone: if alone { Tone::Good } else { Tone::Bad }, text: format!("{} holds {key}", held.client), value: left }
    };
    let nobody = Check { tone: Tone::Quiet, text: "no lock is held".to_string(), value: String::new() };
    let checks = if all.is_empty() { vec![nobody] } else { all.iter().map(check).collect() };
    Checklist { checks }
}

/// What decides what is left, and what goes.
fn knobs(settings: &Settings, out: &mut Scene) {
    let knob = |name, stops| Knob::setting(name, settings.get(name), stops);
    out.knobs.push(knob("aof", Stops::words(Aof::WORDS)));
    if settings.replicas > 0 {
        out.knobs.push(knob("failover", Stops::words(Failover::WORDS)));
    }
    out.knobs.push(knob("policy", Stops::words(Policy::WORDS)));
}
