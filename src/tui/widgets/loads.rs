//! Hand-made scenes of clusters with layouts, panels, flows and knobs, for tests.

use super::panels::fixtures;
use super::scenes::{REPLICATION, c, flight, n};
use crate::cluster::scene::*;
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::{Span, Time};

fn at(ms: u64) -> Time {
    Time::ZERO + Span::ms(ms)
}

fn server(number: u16, name: &str, word: &'static str) -> NodeView {
    NodeView { name: name.into(), word, ..NodeView::new(n(number)) }
}

fn app(number: u16, name: &str, waiting: u32, load: f64) -> NodeView {
    let requests = Run::new(Mark::Message(Sign::Request), waiting);
    let queue = Queue { waiting: vec![requests], limit: Some(40), ..Queue::default() };
    let station = Station { workers: 8, busy: (load * 8.0) as u32, load: Some(load), queue };
    NodeView { station: Some(station), ..server(number, name, "8 workers") }
}

fn flow(from: NodeId, to: NodeId, rate: f64) -> FlowView {
    FlowView { from, to, rate, errors: 0.0, sample: None, note: String::new() }
}

/// Three servers behind a balancer; the third is slow and full.
pub(crate) fn traffic() -> Scene {
    let mut lb = server(1, "lb", "balancer");
    lb.rows = vec![Row::new("by", "round robin", Tone::Plain)];
    let mut db = app(5, "db1", 1, 0.76);
    db.word = "database";
    db.rows = vec![Row::new("served", "760/s", Tone::Plain)];
    let mut app3 = app(4, "app3", 40, 1.0);
    app3.health = Health::Slow(2.0);
    if let Some(station) = &mut app3.station {
        station.queue.refused = 80.0;
    }
    let users = ClientView {
        name: "users".into(),
        rows: vec![Row::new("", "840/s", Tone::Plain), Row::new("", "760/s", Tone::Good), Row::new("", "80/s  9.5 %", Tone::Bad)],
        ..ClientView::new(c(1))
    };
    let full =
        FlowView { errors: 0.29, sample: Some(Sample { id: MsgId(540), progress: 0.6, label: "view".into() }), ..flow(n(1), n(4), 280.0) };
    Scene {
        at: at(6200),
        caption: "round robin · 840/s offered".into(),
        layout: Layout::Tiers(vec![vec![n(1)], vec![n(2), n(3), n(4)], vec![n(5)]]),
        nodes: vec![lb, app(2, "app1", 1, 0.7), app(3, "app2", 2, 0.7), app3, db],
        clients: vec![users],
        flows: vec![
            flow(c(1), n(1), 840.0),
            flow(n(1), n(2), 280.0),
            flow(n(1), n(3), 280.0),
            full,
            flow(n(2), n(5), 280.0),
            flow(n(3), n(5), 280.0),
            flow(n(4), n(5), 200.0),
        ],
        panels: vec![
            Panel::new("response time", fixtures::series()),
            Panel::new("servers", fixtures::table()),
            Panel::new("one request", fixtures::gauges()),
        ],
        knobs: vec![
            Knob::setting("load", "800/s", Stops::range(&["200/s", "400/s", "600/s", "800/s", "1000/s", "2000/s"])),
            Knob::setting("servers", "3", Stops::numbers(1..=9)),
            Knob::setting("balancing", "round-robin", Stops::words(&["round-robin", "random", "two-choices"])),
        ],
        ..Scene::default()
    }
}

/// Producers, a broker, consumers; one message is worked on twice.
pub(crate) fn work_queue() -> Scene {
    let mut broker = server(1, "broker", "broker");
    broker.rows = vec![Row::new("ready", "7", Tone::Plain), Row::new("in flight", "2", Tone::Plain), Row::new("dead", "1", Tone::Bad)];
    let mut worker1 = server(2, "worker1", "consumer");
    worker1.rows = vec![Row::new("holds", "m3", Tone::Plain), Row::new("left", "2.4 s", Tone::Plain)];
    let mut worker2 = server(3, "worker2", "consumer");
    worker2.health = Health::Slow(10.0);
    worker2.rows = vec![Row::new("holds", "m4", Tone::Stale)];
    let producer =
        |number, asked: &str| ClientView { asked: asked.into(), told: "ok".into(), tone: Tone::Good, ..ClientView::new(c(number)) };
    let link = |a, b| LinkView { a, b, cut_ab: false, cut_ba: false, note: String::new() };
    Scene {
        at: at(3100),
        caption: "acknowledged after the work · visible again after 5 s".into(),
        layout: Layout::Tiers(vec![vec![n(1)], vec![n(2), n(3)]]),
        nodes: vec![broker, worker1, worker2],
        clients: vec![producer(1, "send m8"), producer(2, "send m7")],
        links: vec![link(n(1), n(2)), link(n(1), n(3)), link(n(1), c(1)), link(n(1), c(2))],
        flights: vec![
            flight(31, (n(1), n(3)), 0.5, REPLICATION, "m5, attempt 1", Fate::Arrives),
            flight(32, (c(1), n(1)), 0.4, FlightKind::REQUEST, "send m8", Fate::Arrives),
        ],
        panels: vec![
            Panel::new("queue", fixtures::broker_queues()),
            Panel::new("who holds which message", Body::Tracks(fixtures::holders())),
        ],
        knobs: vec![Knob::setting("visible", "5s", Stops::range(&["1s", "2s", "5s", "10s"]))],
        ..Scene::default()
    }
}

/// Five replicas; the third answer decided.
pub(crate) fn quorum() -> Scene {
    let replica = |number: u16, value: &str, version: &str, tone| {
        let rows = vec![Row::new("x", value, tone), Row::new("version", version, tone)];
        NodeView { rows, ..server(number, &format!("n{number}"), "replica") }
    };
    let mut nodes: Vec<NodeView> =
        (1..=5).map(|i| if i == 2 || i == 5 { replica(i, "7", "v7", Tone::Stale) } else { replica(i, "9", "v8", Tone::Plain) }).collect();
    nodes[4].health = Health::Down;
    let clients = vec![
        ClientView { asked: "write x 9".into(), told: "ok".into(), tone: Tone::Good, ..ClientView::new(c(1)) },
        ClientView { asked: "read x".into(), waiting: 1, ..ClientView::new(c(2)) },
    ];
    Scene {
        at: at(230),
        caption: "N 5 · W 3 · R 2".into(),
        layout: Layout::Replies(fixtures::replies(30)),
        nodes,
        clients,
        walls: vec![WallView { left: vec![n(5)], right: vec![n(1), n(2)], one_way: false }],
        panels: vec![Panel::new("how old reads were", fixtures::histogram())],
        knobs: fixtures::knobs(),
        ..Scene::default()
    }
}

/// So many servers on the stage, with a message between neighbours.
pub(crate) fn many(servers: u16) -> Scene {
    let flights = (1..servers).map(|i| flight(i.into(), (n(i), n(i + 1)), 0.5, REPLICATION, "append", Fate::Arrives));
    Scene { flights: flights.collect(), nodes: (1..=servers).map(|i| NodeView::new(n(i))).collect(), ..Scene::default() }
}

/// Every scene with its name.
pub(crate) fn all() -> Vec<(&'static str, Scene)> {
    let laid = |layout| Scene { layout, ..quorum() };
    vec![
        ("traffic", traffic()),
        ("work-queue", work_queue()),
        ("quorum", quorum()),
        ("columns", laid(Layout::Columns)),
        ("logs", laid(Layout::Tracks(fixtures::logs()))),
        ("ring", laid(Layout::Ring(fixtures::ring()))),
        ("grid", laid(Layout::Grid(fixtures::grid(1000)))),
        ("ladder", laid(Layout::Ladder(fixtures::ladder()))),
        ("many", many(200)),
    ]
}
