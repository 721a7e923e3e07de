//! How a gateway looks: the way of a request from left to right, and below it whom each worker waits for.

use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Labelled as _;
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Entry, FlowView, Knob, Layout, Mark, NodeView, Panel, Queue, Row, Scene, Station, Stops, Table, TableRow, Tone,
};
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::lane::{Lane, Phase};
use super::message::Msg;
use super::node::Gateway;
use super::settings::Settings;
use super::watch::Asked;
use super::words::{Aggregation, Auth, Service};
use super::{AUTH, DB, Shop, gateways, is_gateway, name};

type One = Live<Shop>;

/// With more requests a second than this, ways are drawn as flows; with fewer, every message by itself.
const SINGLE_MAX: f64 = 20.0;
/// What stands for a worker that waits for nobody in particular: its request has just come, or its token is checked.
const NOBODY: char = '·';

/// The word and rows of a server.
pub(super) fn draw(live: &One, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    match sim.node(id).state() {
        _ if id == AUTH => view.word = "tokens",
        _ if id == DB => {
            view.word = "database";
            view.rows.extend(errors_row(live, id));
            view.station = Some(station(live, id));
        }
        Some(Shop::Gateway(gateway)) => of_gateway(live, id, gateway, view),
        _ if is_gateway(id) => view.word = "gateway",
        _ => of_service(live, id, view),
    }
}

fn of_gateway(live: &One, id: NodeId, gateway: &Gateway, view: &mut NodeView) {
    view.word = "gateway";
    let (busy, workers) = (gateway.slots.len(), live.sim().settings().workers);
    let mut queue = Queue { limit: Some(live.sim().settings().queue), ..Queue::default() };
    gateway.line.iter().for_each(|_| queue.push(Mark::Message(Msg::on_stage(0).sign), Tone::Plain));
    let oldest = gateway.line.front().and_then(|number| gateway.jobs.get(number));
    queue.oldest = oldest.map(|job| live.sim().node(id).clock().steady(live.sim().now()).since(job.came));
    view.station = Some(Station { workers, busy: busy as u32, load: None, queue });
    let lost = gateway.jobs.values().filter(|job| job.told).count();
    view.rows.extend((lost > 0).then(|| Row::new("for nobody", lost.to_string(), Tone::Bad)));
    let retries: u32 = gateway.lanes.iter().map(|lane| lane.retrying + lane.resting).sum();
    view.rows.extend((retries > 0).then(|| Row::new("retries", retries.to_string(), Tone::Stale)));
}

/// The loudest first: where there is room for one row, it is the breaker, or a payment that was made twice.
fn of_service(live: &One, id: NodeId, view: &mut NodeView) {
    view.word = "service";
    let Some(service) = Service::at(id) else { return };
    let (sim, disk) = (live.sim(), live.sim().node(id).store().current());
    let counts = sim.queueing(id);
    view.rows.extend(breaker_row(live, service));
    view.rows.extend((disk.twice.0 > 0).then(|| Row::new("twice", disk.twice.0.to_string(), Tone::Bad)));
    view.rows.extend(errors_row(live, id));
    view.rows.push(Row::new("at work", (counts.serving + counts.kept).to_string(), Tone::Plain));
    view.rows.extend((counts.waiting > 0).then(|| Row::new("in line", counts.waiting.to_string(), Tone::Stale)));
    view.rows.extend((disk.payments > 0).then(|| Row::new("paid", disk.payments.to_string(), Tone::Plain)));
}

/// Somebody broke it.
fn errors_row(live: &One, id: NodeId) -> Option<Row> {
    (live.sim().settings_of(id).errors >= 1.0).then(|| Row::new("answers", "errors", Tone::Bad))
}

/// The breaker before a service, as a shape and a word.
fn breaker_row(live: &One, service: Service) -> Option<Row> {
    if !live.sim().settings().breaker {
        return None;
    }
    let (id, gateway) = gateways(live.sim()).next()?;
    let (says, tone) = breaker(live, id, &gateway.lanes[service as usize]);
    Some(Row::new("breaker", says, tone))
}

fn breaker(live: &One, id: NodeId, lane: &Lane) -> (String, Tone) {
    let now = live.sim().node(id).clock().steady(live.sim().now());
    match lane.told {
        Phase::Closed => ("┤ ├ closed".into(), Tone::Plain),
        Phase::Open => (format!("┤╱├ open {}", left(lane, now, live.sim().settings())), Tone::Bad),
        Phase::HalfOpen => {
            let trials = lane.breaker.trials_out();
            (format!("┤╎├ half-open, {trials} of {} tries", live.sim().settings().breaker_trials), Tone::Stale)
        }
    }
}

/// How long a breaker is open yet, in seconds.
fn left(lane: &Lane, now: Time, settings: &Settings) -> String {
    match lane.breaker.seen(now.0, &settings.rules()) {
        crate::algo::breaker::State::Open { until } => format!("{:.0} s", libm::ceil(Time(until).since(now).as_secs())),
        _ => String::new(),
    }
}

fn station(live: &One, id: NodeId) -> Station {
    let (held, counts) = (live.sim().line(id), live.sim().queueing(id));
    let mut queue = Queue { limit: Some(held.station().queue), ..Queue::default() };
    held.waiting().for_each(|_| queue.push(Mark::Message(Msg::on_stage(2).sign), Tone::Plain));
    Station { workers: counts.workers, busy: counts.serving + counts.kept, load: None, queue }
}

/// The tiers, whom workers wait for, and how each service does.
pub(super) fn panels(live: &One, at: Time, out: &mut Scene) {
    let settings = live.sim().settings();
    let doors: Vec<NodeId> = live.sim().server_ids().filter(|id| is_gateway(*id)).collect();
    let mut behind: Vec<NodeId> = Vec::new();
    behind.extend((settings.auth == Auth::Introspection).then_some(AUTH));
    behind.extend(settings.database.then_some(DB));
    let tiers = [doors, Service::ALL.map(Service::node).to_vec(), behind];
    out.layout = Layout::Tiers(tiers.into_iter().filter(|tier| !tier.is_empty()).collect());
    users(live, at, out);
    if live.watched().served.offered.per_second(at) > SINGLE_MAX {
        flows(live, at, out);
        out.flights.clear();
    }
    let strips = gateways(live.sim()).map(|(id, gateway)| slots(live, id, gateway)).collect();
    out.panels.push(Panel::new("workers", Body::Queues(strips)));
    out.panels.push(Panel::new("services", Body::Table(table(live, at))));
    knobs(settings, out);
}

/// What users get.
fn users(live: &One, at: Time, out: &mut Scene) {
    for client in &mut out.clients {
        let asked = asked(live, client.id);
        let [offered, good, bad] = [asked.offered, asked.good, asked.bad].map(|rate| rate.per_second(at));
        if offered > 0.0 {
            client.rows.push(Row::new("", rate(good), Tone::Good));
            client.rows.extend((bad > 0.0).then(|| Row::new("", rate(bad), Tone::Bad)));
        }
    }
}

fn asked(live: &One, client: NodeId) -> Asked {
    live.watched().clients.get(&client).copied().unwrap_or_default()
}

fn rate(per_second: f64) -> String {
    format!("{per_second:.0}/s")
}

/// Requests in their direction only, and what stops them.
fn flows(live: &One, at: Time, out: &mut Scene) {
    let (watch, doors) = (live.watched(), gateways(live.sim()).count().max(1) as f64);
    for (id, gateway) in gateways(live.sim()) {
        for client in &out.clients {
            let asked = asked(live, client.id);
            out.flows.push(flow(client.id, id, asked.offered.per_second(at) / doors, asked.bad.per_second(at) / doors));
        }
        for service in Service::ALL {
            let calls = &watch.services[service as usize];
            let lane = &gateway.lanes[service as usize];
            let note = if live.sim().settings().breaker { sign(live, id, lane) } else { String::new() };
            let way = flow(id, service.node(), calls.made.per_second(at) / doors, calls.failed.per_second(at) / doors);
            out.flows.push(FlowView { note, ..way });
        }
    }
}

/// A breaker on the way: its shape, and the word where it is not as always.
fn sign(live: &One, id: NodeId, lane: &Lane) -> String {
    match lane.told {
        Phase::Closed => "┤ ├".into(),
        Phase::Open => breaker(live, id, lane).0,
        Phase::HalfOpen => "┤╎├ half-open".into(),
    }
}

fn flow(from: NodeId, to: NodeId, rate: f64, bad: f64) -> FlowView {
    let errors = if rate > 0.0 { (bad / rate).min(1.0) } else { 0.0 };
    FlowView { from, to, rate, errors, sample: None, note: String::new() }
}

/// One sign for each worker that has a request: the letter of the service that it waits for.
fn slots(live: &One, id: NodeId, gateway: &Gateway) -> Queue {
    let workers = live.sim().settings().workers;
    let mut queue = Queue { name: name(id), limit: Some(workers), ..Queue::default() };
    for job in gateway.slots.values().filter_map(|number| gateway.jobs.get(number)) {
        let letter = job.waits_for().map_or(NOBODY, Service::letter);
        queue.push(Mark::Letter(letter), if job.told { Tone::Bad } else { Tone::Plain });
    }
    let held = |service: &Service| gateway.lanes[*service as usize].holding();
    let by_many = |service: &Service| format!("{} {} for {}", service.letter(), held(service), service.name());
    let mut waited: Vec<Service> = Service::ALL.into_iter().filter(|service| held(service) > 0).collect();
    waited.sort_by_key(|service| std::cmp::Reverse(held(service)));
    queue.note = waited.iter().map(by_many).collect::<Vec<_>>().join(", ");
    queue
}

/// The services side by side.
fn table(live: &One, at: Time) -> Table {
    let breakers = live.sim().settings().breaker;
    let mut headings = vec!["service", "calls", "failed", "waited for"];
    headings.extend(breakers.then_some("breaker"));
    let rows = Service::ALL.into_iter().map(|service| row(live, service, at, breakers)).collect();
    Table { headings: headings.into_iter().map(String::from).collect(), rows, more: 0 }
}

fn row(live: &One, service: Service, at: Time, breakers: bool) -> TableRow {
    let calls = &live.watched().services[service as usize];
    let held: u32 = gateways(live.sim()).map(|(_, gateway)| gateway.lanes[service as usize].holding()).sum();
    let failed = calls.failed.per_second(at);
    let workers = live.sim().settings().workers;
    let mut entries = vec![
        Entry::new(format!("{} {}", service.letter(), service.name()), Tone::Plain),
        Entry::new(rate(calls.made.per_second(at)), Tone::Plain),
        Entry::new(rate(failed), if failed > 0.0 { Tone::Bad } else { Tone::Plain }),
        Entry::new(held.to_string(), if held >= workers { Tone::Bad } else { Tone::Plain }),
    ];
    if breakers {
        let first = gateways(live.sim()).next();
        let (says, tone) = first.map_or_else(Default::default, |(id, gateway)| breaker(live, id, &gateway.lanes[service as usize]));
        entries.push(Entry::new(says, tone));
    }
    TableRow { entries, bar: Some(f64::from(held)), marked: false, node: Some(service.node()) }
}

/// What bounds a call.
fn knobs(settings: &Settings, out: &mut Scene) {
    let knob = |name, stops| Knob::setting(name, settings.get(name), stops);
    out.knobs.extend([
        knob("try-timeout", Stops::range(&["none", "100ms", "200ms", "500ms", "1s", "2s", "5s"])),
        knob("bulkhead", Stops::range(&["none", "5", "10", "20", "30", "40"])),
        knob("breaker", Stops::words(&["on", "off"])),
        knob("retries", Stops::numbers(0..=5)),
        knob("aggregation", Stops::words(Aggregation::WORDS)),
    ]);
}
