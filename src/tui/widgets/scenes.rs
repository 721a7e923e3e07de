//! Scenes and runs made by hand, for the tests of the widgets.

use super::Operations;
use crate::check::operation::{Op, Value};
use crate::check::verdict::{Guarantee, Holds, Verdict};
use crate::cluster::kit::register;
use crate::cluster::scene::{
    ClientView, Fate, FlightKind, FlightView, Health, LinkView, Mark, NodeView, Queue, Row, Run, Scene, Shape, Sign, Spark, SparkKind,
    TimerView, Tone, WallView,
};
use crate::cluster::told::{Exchange, Outcome, Stamp};
use crate::cluster::{Happening, NoteMark, What};
use crate::command::{Direction, DiskFate, Place, Poke};
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::{Span, Time};

/// `n1` is 1.
pub(crate) fn n(number: u16) -> NodeId {
    NodeId::server(number - 1)
}

/// `c1` is 1.
pub(crate) fn c(number: u16) -> NodeId {
    NodeId::client(number - 1)
}

fn row(label: &str, value: &str, tone: Tone) -> Row {
    Row { label: label.into(), value: value.into(), tone }
}

fn timer(fraction: f64) -> TimerView {
    TimerView { name: "election", fraction, left: Span::ms(100) }
}

fn waiting(runs: &[(Sign, u32)]) -> Queue {
    Queue { waiting: runs.iter().map(|(sign, count)| Run::new(Mark::Message(*sign), *count)).collect(), ..Queue::default() }
}

fn node(number: u16, shape: Shape) -> NodeView {
    let word = match shape {
        Shape::Leader => "leader",
        Shape::Member => "follower",
        Shape::Candidate => "candidate",
    };
    let rows = vec![row("x", "7", Tone::Plain), row("log", "12", Tone::Plain)];
    let timers = if shape == Shape::Leader { Vec::new() } else { vec![timer(0.2 * f64::from(number % 5))] };
    NodeView { shape, word, epoch: Some(1), rows, timers, ..NodeView::new(n(number)) }
}

fn client(number: u16, asked: &str, told: &str, tone: Tone) -> ClientView {
    let waiting = usize::from(told.is_empty());
    let brief = brief(asked);
    ClientView { asked: asked.into(), brief, told: told.into(), tone, waiting, ..ClientView::new(c(number)) }
}

/// As a call says itself: `w7`, `r`.
fn brief(asked: &str) -> String {
    let letter: String = asked.chars().take(1).collect();
    let value = asked.rsplit(' ').next().filter(|_| asked.starts_with("write")).unwrap_or_default();
    format!("{letter}{value}")
}

/// Entries of a log.
pub(crate) const REPLICATION: FlightKind = FlightKind::new(Sign::Data, "replication");
/// Where a log is.
pub(crate) const ACK: FlightKind = FlightKind::new(Sign::Ack, "acknowledgement");
/// Who leads.
pub(crate) const VOTE: FlightKind = FlightKind::new(Sign::Vote, "election message");
/// A leader lives.
pub(crate) const HEARTBEAT: FlightKind = FlightKind::new(Sign::Heartbeat, "heartbeat");
/// One of every sign.
pub(crate) const KINDS: [FlightKind; 7] =
    [FlightKind::REQUEST, FlightKind::REPLY, REPLICATION, ACK, VOTE, HEARTBEAT, FlightKind::new(Sign::Gossip, "gossip")];

/// A message on its way.
pub(crate) fn flight(id: u64, ends: (NodeId, NodeId), progress: f64, kind: FlightKind, label: &str, fate: Fate) -> FlightView {
    let (sent, due) = (Time(2_000_000_000), Time(2_400_000_000));
    FlightView { id: MsgId(id), from: ends.0, to: ends.1, progress, kind, label: label.into(), fate, sent, due }
}

fn link(a: NodeId, b: NodeId) -> LinkView {
    LinkView { a, b, cut_ab: false, cut_ba: false, note: String::new() }
}

fn links(nodes: u16, clients: u16) -> Vec<LinkView> {
    let pairs = (1..=nodes).flat_map(|a| (a + 1..=nodes).map(move |b| link(n(a), n(b))));
    pairs.chain((1..=clients).map(|k| link(n(1 + (k - 1) % nodes), c(k)))).collect()
}

fn scene(nodes: Vec<NodeView>, clients: Vec<ClientView>) -> Scene {
    let links = links(nodes.len() as u16, clients.len() as u16);
    Scene { at: Time(2_310_000_000), nodes, clients, links, ..Scene::default() }
}

/// One leader, two followers, three clients, messages both ways.
pub(crate) fn normal() -> Scene {
    let clients =
        vec![client(1, "write x 7", "ok", Tone::Good), client(2, "read x", "", Tone::Plain), client(3, "read x", "6", Tone::Stale)];
    let mut scene = scene(vec![node(1, Shape::Leader), node(2, Shape::Member), node(3, Shape::Member)], clients);
    scene.flights = vec![
        flight(3, (n(1), n(2)), 0.6, REPLICATION, "append x=9", Fate::Arrives),
        flight(4, (n(1), n(3)), 0.4, REPLICATION, "append x=9", Fate::Arrives),
        flight(6, (n(3), n(1)), 0.4, ACK, "ack 11", Fate::Lost),
        flight(5, (c(2), n(2)), 0.4, FlightKind::REQUEST, "read x", Fate::Arrives),
        flight(8, (n(1), c(1)), 0.4, FlightKind::REPLY, "ok", Fate::Arrives),
    ];
    scene
}

/// Two leaders with a wall between them; one has just been elected.
pub(crate) fn split_brain() -> Scene {
    let mut nodes = vec![node(1, Shape::Leader), node(2, Shape::Leader), node(3, Shape::Member)];
    nodes[0].rows.extend([row("n2 at", "9", Tone::Stale), row("n3 at", "9", Tone::Stale)]);
    nodes[1].epoch = Some(2);
    nodes[1].changed = true;
    nodes[1].rows[0] = row("x", "9", Tone::Conflict);
    nodes[2].rows = vec![row("x", "7", Tone::Stale), row("log", "9", Tone::Plain), row("lag", "2", Tone::Stale)];
    let mut scene = scene(nodes, vec![client(1, "write x 7", "ok", Tone::Good), client(2, "read x", "", Tone::Plain)]);
    for link in &mut scene.links[0..2] {
        (link.cut_ab, link.cut_ba) = (true, true);
    }
    scene.walls = vec![WallView { left: vec![n(1)], right: vec![n(2), n(3)], one_way: false }];
    scene.flights = vec![
        flight(3, (n(1), n(2)), 0.7, HEARTBEAT, "heartbeat", Fate::Walled),
        flight(4, (n(2), n(3)), 0.5, REPLICATION, "append x=9", Fate::Arrives),
        flight(5, (c(2), n(2)), 0.4, FlightKind::REQUEST, "read x", Fate::Arrives),
    ];
    let lost = Spark { kind: SparkKind::Lost, age: Span::ZERO, from: n(1), to: n(3), progress: 0.6, label: "cut".into() };
    scene.sparks = vec![lost];
    scene
}

/// A leader that is down, a candidate, a slow and a paused server, a one-way cut, a noisy wire.
pub(crate) fn crash() -> Scene {
    let mut nodes = vec![node(1, Shape::Leader), node(2, Shape::Candidate), node(3, Shape::Member), node(4, Shape::Member)];
    nodes[0].health = Health::Down;
    nodes[2].health = Health::Slow(10.0);
    nodes[2].inbox = waiting(&[(Sign::Request, 1), (Sign::Heartbeat, 1), (Sign::Request, 1)]);
    nodes[3].health = Health::Paused;
    let mut scene = scene(nodes, vec![client(1, "write x 8", "timeout", Tone::Bad)]);
    scene.links[3].cut_ab = true;
    scene.links[5].note = "loss 20%".into();
    scene.walls = vec![WallView { left: vec![n(2)], right: vec![n(3)], one_way: true }];
    scene.flights =
        vec![flight(7, (n(2), n(4)), 0.5, VOTE, "vote for n2?", Fate::Held), flight(8, (n(3), n(2)), 0.5, VOTE, "vote yes", Fate::Arrives)];
    let refused = Spark { kind: SparkKind::Refused, age: Span::ZERO, from: n(4), to: n(4), progress: 0.0, label: String::new() };
    scene.sparks = vec![refused];
    scene
}

/// Five servers, four clients and more messages than there is room for words.
pub(crate) fn busy() -> Scene {
    let roles = [Shape::Leader, Shape::Member, Shape::Candidate, Shape::Member, Shape::Member];
    let mut nodes: Vec<NodeView> = (1..).zip(roles).map(|(i, role)| node(i, role)).collect();
    nodes[3].health = Health::Down;
    for node in &mut nodes {
        // The busiest has more than its border can show, and a heartbeat stands in line.
        let many = node.id.index() as u32 * node.id.index() as u32;
        node.inbox = waiting(&[(Sign::Request, many), (Sign::Heartbeat, many.min(1)), (Sign::Data, many * 2)]);
    }
    let told = [("ok", Tone::Good), ("", Tone::Plain), ("refused", Tone::Bad), ("timeout", Tone::Stale)];
    let clients = (1..).zip(told).map(|(i, (told, tone))| client(i, "write x 10", told, tone)).collect();
    let mut scene = scene(nodes, clients);
    for id in 0..28u64 {
        let ends = (n(1 + (id % 5) as u16), n(1 + ((id + 1 + id / 7) % 5) as u16));
        scene.flights.push(flight(id, ends, (id as f64 * 0.37).fract(), KINDS[id as usize % KINDS.len()], "append x=9", Fate::Arrives));
    }
    scene
}

/// Five servers and three clients in three zones.
pub(crate) fn zones() -> Scene {
    let mut nodes: Vec<NodeView> = (1..=5).map(|i| node(i, if i == 1 { Shape::Leader } else { Shape::Member })).collect();
    nodes.iter_mut().zip([0, 0, 1, 1, 2]).for_each(|(n, zone)| n.zone = Some(zone));
    let mut clients: Vec<ClientView> = (1..=3).map(|i| client(i, "read x", "7", Tone::Plain)).collect();
    clients.iter_mut().zip(0..).for_each(|(c, zone)| c.zone = Some(zone));
    let mut scene = scene(nodes, clients);
    scene.zones = vec!["eu".into(), "us".into(), "asia".into()];
    scene.flights = vec![
        flight(3, (n(1), n(2)), 0.7, REPLICATION, "append x=9", Fate::Arrives),
        flight(4, (n(1), n(5)), 0.5, REPLICATION, "append x=9", Fate::Arrives),
    ];
    scene
}

/// Every scene with its name.
pub(crate) fn all() -> Vec<(&'static str, Scene)> {
    let scenes = [normal(), split_brain(), crash(), busy(), zones()];
    ["normal", "split-brain", "crash", "busy", "zones"].into_iter().zip(scenes).collect()
}

fn at(ms: u64) -> Time {
    Time(ms * 1_000_000)
}

/// A write, a cut, a second leader and a stale read.
pub(crate) fn happenings() -> Vec<Happening> {
    let arrived = |id, from, to, sent, kind| What::Arrived { id: MsgId(id), from, to, sent: at(sent), kind };
    let note = |node, text: &str, mark| What::Note { node, text: text.into(), mark };
    let place = |i| Place::Node(n(i));
    let whats = [
        (200, What::Called(0)),
        (260, arrived(1, c(1), n(1), 200, FlightKind::REQUEST)),
        (420, arrived(2, n(1), n(2), 260, REPLICATION)),
        (440, note(n(2), "n2 applies x=7", NoteMark::Applies)),
        (500, arrived(3, n(1), n(3), 260, REPLICATION)),
        (560, arrived(4, n(2), n(1), 420, ACK)),
        (640, arrived(5, n(1), c(1), 560, FlightKind::REPLY)),
        (640, What::Returned(0, "ok".into())),
        (800, What::Poked(Poke::Cut(vec![place(1)], Direction::Both, vec![place(2), place(3)]))),
        (900, What::Lost { id: MsgId(6), from: n(1), to: n(2), sent: at(780), kind: HEARTBEAT, why: "cut" }),
        (900, What::Lost { id: MsgId(7), from: n(1), to: n(3), sent: at(780), kind: REPLICATION, why: "cut" }),
        (1200, note(n(2), "n2 heard nothing from n1 for 300 ms, so it asks for votes", NoteMark::Decides)),
        (1330, arrived(8, n(2), n(3), 1200, VOTE)),
        (1460, arrived(9, n(3), n(2), 1330, VOTE)),
        (1460, note(n(2), "n2 has two votes of three and leads epoch 2", NoteMark::Leads)),
        (1600, What::Called(1)),
        (1700, What::Poked(Poke::Crash(place(3), DiskFate::Kept))),
        (2100, What::Poked(Poke::Restart(place(3)))),
        (2200, What::Returned(1, "7".into())),
        (2250, What::Called(2)),
    ];
    (1..).zip(whats).map(|(event, (ms, what))| Happening { event, at: at(ms), what }).collect()
}

fn stamp(event: u64) -> Stamp {
    Stamp { event, at: Time::ZERO }
}

/// The operations of [`happenings`].
pub(crate) fn operations() -> Operations {
    let write = |value| register::asked(&Op::Write { key: "x".into(), value: Value::Int(value) });
    let asked = [
        (c(1), write(7), Some(stamp(4)), Outcome::Ok("ok".into())),
        (c(2), register::asked(&Op::Read { key: "x".into() }), Some(stamp(9)), Outcome::Ok("7".into())),
        (c(1), write(8), None, Outcome::Open),
    ];
    let exchange = |(id, (client, call, ended, outcome))| Exchange { id, client, call, called: stamp(1 + u64::from(id)), ended, outcome };
    let all: Vec<Exchange> = (0..).zip(asked).map(exchange).collect();
    all.into()
}

/// Two broken, one open, the rest kept.
pub(crate) fn verdicts() -> Vec<Verdict> {
    let verdict = |guarantee| {
        let (holds, why, witness) = match guarantee {
            Guarantee::LINEARIZABLE => (Holds::No, "c2 read 7 after c1 had written 9 and was told ok", vec![0, 1]),
            Guarantee::DURABLE => (Holds::No, "the write of 8 is gone", vec![2]),
            Guarantee::SEQUENTIAL => (Holds::Unknown, "the search was given up", vec![]),
            _ => (Holds::Yes, "", vec![]),
        };
        Verdict { guarantee, holds, why: why.into(), witness }
    };
    Guarantee::REGISTER.into_iter().map(verdict).collect()
}

/// Two clients that read as fast as they can, and a leader that drowns in it.
pub(crate) fn rush() -> (Vec<Happening>, Operations) {
    let read = |id: u32| Exchange {
        id,
        client: c(1 + u16::from(id.is_multiple_of(8))),
        call: register::asked(&Op::Read { key: "x".into() }),
        called: stamp(u64::from(id)),
        ended: Some(stamp(u64::from(id) + 3)),
        outcome: Outcome::Ok("7".into()),
    };
    let operations: Vec<Exchange> = (0..120).map(read).collect();
    let mut all: Vec<(u64, What)> = Vec::new();
    for id in 0..120u64 {
        let client = c(1 + u16::from(id.is_multiple_of(8)));
        let sent = id * 20;
        let arrived = |id, from, to, sent, kind| What::Arrived { id: MsgId(id), from, to, sent: at(sent), kind };
        all.push((sent, What::Called(id as usize)));
        all.push((sent + 30, arrived(id, client, n(1), sent, FlightKind::REQUEST)));
        all.push((sent + 60, arrived(id + 500, n(1), client, sent + 30, FlightKind::REPLY)));
        all.push((sent + 60, What::Returned(id as usize, "7".into())));
    }
    all.push((1500, What::Note { node: n(2), text: "n2 leads epoch 2".into(), mark: NoteMark::Leads }));
    all.sort_by_key(|(ms, _)| *ms);
    let happenings = (1..).zip(all).map(|(event, (ms, what))| Happening { at: at(ms), event, what });
    (happenings.collect(), operations.into())
}
