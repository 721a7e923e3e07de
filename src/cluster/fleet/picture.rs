//! The cluster on the stage: tiers from left to right, the way that requests take, and when everything was up.

use crate::cluster::kit::settings::Takes;
use crate::cluster::live::Labelled as _;
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, FlowView, Knob, Layout, Mark, NodeView, Panel, Queue, Row, Scene, Station, Stops, StripLine, Strips, Tone,
};
use crate::sim::id::NodeId;
use crate::sim::protocol::Wire as _;
use crate::sim::time::Time;

use super::inventory::Tier;
use super::judge::{allowed, minutes};
use super::message::Msg;
use super::reach::works;
use super::settings::{Address, Carts};
use super::uptime::Uptime;
use super::{Fleet, Settings, operator};

/// With more requests a second than this, ways are drawn as flows; with fewer, every message by itself.
const SINGLE_MAX: f64 = 20.0;

/// A server: what it is for, whether it works or is a spare, what it holds.
pub(super) fn server(live: &Live<Fleet>, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    let tier = sim.settings().inventory().tier(id);
    view.word = match tier {
        Some(Tier::Front) => "front",
        Some(Tier::App) | None => "application",
        Some(Tier::Db) => "database",
    };
    view.rows.push(Row::new("", duty(live, id), duty_tone(live, id)));
    view.rows.extend(distrust(live, id));
    match tier {
        Some(Tier::App) => of_app(live, id, view),
        Some(Tier::Db) => of_db(live, id, view),
        Some(Tier::Front) | None => {}
    }
    if let Some(rack) = sim.network().map().names.get(sim.network().map().zone(id)) {
        view.rows.push(Row::new("rack", rack.clone(), Tone::Quiet));
    }
}

/// What a server does now, in a word or two.
fn duty(live: &Live<Fleet>, id: NodeId) -> &'static str {
    let sim = live.sim();
    let on_path = live.watched().path.is_some_and(|path| path.contains(&id));
    match (sim.node(id).state(), sim.repair(id)) {
        (None, Some(true)) => "in repair",
        (None, Some(false)) => "waits for a crew",
        (None, None) if sim.is_out_with_its_zone(id) => "rack is dark",
        (Some(Fleet::Db(db)), _) if !db.serves() => "learns what it missed",
        (Some(_), _) if on_path => "serves",
        // It could, and the way of requests ends before it, or behind it.
        _ if live.watched().path.is_none() => "waits",
        _ => "spare",
    }
}

fn duty_tone(live: &Live<Fleet>, id: NodeId) -> Tone {
    match duty(live, id) {
        "serves" => Tone::Good,
        "spare" | "waits" => Tone::Quiet,
        _ => Tone::Bad,
    }
}

/// Who believes that a server is dead, where it is not, or does not know yet that it is.
fn distrust(live: &Live<Fleet>, id: NodeId) -> Option<Row> {
    let sim = live.sim();
    let believers = sim.server_ids().filter_map(|by| match sim.node(by).state()? {
        Fleet::Front(front) => Some((by, &front.health)),
        Fleet::App(app) => Some((by, &app.health)),
        Fleet::Users(_) | Fleet::Db(_) => None,
    });
    let name = |id: NodeId| sim.settings().inventory().name(id);
    let mut out = believers.filter(|(_, health)| health.out().any(|dead| dead == id)).map(|(by, _)| name(by));
    out.next().filter(|_| works(sim, id)).map(|by| Row::new("dead to", by, Tone::Stale))
}

fn of_app(live: &Live<Fleet>, id: NodeId, view: &mut NodeView) {
    view.station = Some(workers(live, id));
    if let (Carts::Memory, Some(Fleet::App(app))) = (live.sim().settings().carts, live.sim().node(id).state()) {
        view.rows.push(in_carts(app.memory.values().map(crate::persistent::OrdMap::len).sum()));
    }
}

fn of_db(live: &Live<Fleet>, id: NodeId, view: &mut NodeView) {
    let (sim, disk) = (live.sim(), live.sim().node(id).store().current());
    if sim.settings().carts != Carts::Memory {
        view.rows.push(in_carts(disk.carts.values().map(crate::persistent::OrdMap::len).sum()));
    }
    let uncopied = matches!(sim.node(id).state(), Some(Fleet::Db(db)) if !db.fresh.is_empty());
    if uncopied && sim.settings().db > 1 {
        view.rows.push(Row::new("", "not copied yet", Tone::Stale));
    }
    let old = live.watched().stale(sim, id);
    if old > 0 {
        view.rows.push(Row::new("old price", format!("{old} of {} rows", disk.rows.len()), Tone::Stale));
    }
    let rotten = disk.damaged();
    if rotten > 0 {
        view.rows.push(Row::new("rotten", format!("{rotten} of {} rows", disk.rows.len()), Tone::Bad));
    }
}

fn in_carts(lines: usize) -> Row {
    Row::new("in carts", lines.to_string(), Tone::Plain)
}

fn workers(live: &Live<Fleet>, id: NodeId) -> Station {
    let (sim, settings) = (live.sim(), live.sim().settings());
    let (station, counted) = (sim.line(id), sim.queueing(id));
    let mut queue = Queue { limit: settings.shed.then_some(settings.queue), ..Queue::default() };
    for held in station.waiting() {
        queue.push(Mark::Message(Msg::on_stage(held.msg.kind()).sign), Tone::Plain);
    }
    queue.oldest = station.waiting().next().map(|held| sim.now().since(held.since));
    Station { workers: counted.workers, busy: counted.serving, load: None, queue }
}

/// Everything beside servers, clients and single messages.
pub(super) fn stage(live: &Live<Fleet>, at: Time, out: &mut Scene) {
    let settings = live.sim().settings();
    let there = |tier: Tier| settings.inventory().of(tier).filter(|id| live.sim().has(*id)).collect::<Vec<_>>();
    let tiers = Tier::ALL.map(there);
    users(live, at, out);
    out.links.retain(|link| link.cut_ab || link.cut_ba || !link.note.is_empty() || is_way(settings, link.a, link.b));
    ways(live, at, out);
    out.layout = Layout::Tiers(tiers.into());
    out.panels.push(Panel::new("up and down", Body::Strips(strips(live, at))));
    knobs(settings, out);
}

/// Whether requests go between these two.
fn is_way(settings: &Settings, a: NodeId, b: NodeId) -> bool {
    let place = |id: NodeId| if id.is_client() { Some(0) } else { settings.inventory().tier(id).map(|tier| tier as usize + 1) };
    place(a).zip(place(b)).is_some_and(|(a, b)| a.abs_diff(b) == 1)
}

/// What users got so far, and where they ask.
fn users(live: &Live<Fleet>, at: Time, out: &mut Scene) {
    let seen = live.watched();
    let one = out.clients.len() == 1;
    for client in &mut out.clients {
        client.server = operator::asks(live.sim(), client.id);
        if !one || seen.offered.total() == 0 {
            continue;
        }
        let offered = seen.offered.per_second(at);
        if offered >= 1.0 {
            client.rows.push(Row::new("", format!("{offered:.0}/s"), Tone::Plain));
        }
        client.rows.push(Row::new("", counted(seen.ended.answered), Tone::Good));
        if seen.ended.unanswered() > 0 {
            client.rows.push(Row::new("", counted(seen.ended.unanswered()), Tone::Bad));
        }
        if seen.ended.wrong.count > 0 {
            client.rows.push(Row::new("wrong", counted(seen.ended.wrong.count), Tone::Conflict));
        }
    }
}

/// A number with its thousands apart.
fn counted(n: u64) -> String {
    let digits = n.to_string();
    let (mut text, length) = (String::new(), digits.len());
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (length - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The way that requests take, as flows; the ways to spares are open and idle.
fn ways(live: &Live<Fleet>, at: Time, out: &mut Scene) {
    let seen = live.watched();
    let rate = seen.offered.per_second(at);
    if rate <= SINGLE_MAX {
        return;
    }
    let good = seen.good.per_second(at);
    let errors = if rate > 0.0 { (1.0 - good / rate).clamp(0.0, 1.0) } else { 0.0 };
    let flow = |from: NodeId, to: NodeId, rate: f64, errors: f64| FlowView { from, to, rate, errors, sample: None, note: String::new() };
    for client in &out.clients {
        if let Some(front) = client.server {
            out.flows.push(flow(client.id, front, rate / out.clients.len() as f64, errors));
        }
    }
    if let Some([front, app, db]) = seen.path {
        out.flows.extend([flow(front, app, rate, 0.0), flow(app, db, good, 0.0)]);
    }
    out.flights.clear();
}

/// Every server and the whole service over the time so far.
fn strips(live: &Live<Fleet>, at: Time) -> Strips {
    let all = live.sim().settings().inventory();
    let mut lines: Vec<StripLine> = all
        .all()
        .filter(|id| live.sim().has(*id))
        .map(|id| {
            let server = live.watched().server(id);
            let down = server.down(at);
            let times = if server.outages == 1 { "once".to_string() } else { format!("{} times", server.outages) };
            let note = if server.outages > 0 { format!("down {times}, {}", minutes(down)) } else { String::new() };
            line(all.name(id), &server, at, note)
        })
        .collect();
    let service = &live.watched().service;
    lines.push(line("service".into(), service, at, nines(service, at)));
    Strips { lines, note: left(live, at) }
}

fn line(name: String, seen: &Uptime, at: Time, note: String) -> StripLine {
    let share = seen.share(at).map_or_else(String::new, percent);
    let tone = if seen.is_up() { Tone::Plain } else { Tone::Bad };
    StripLine { name, stretches: seen.stretches.iter().copied().collect(), note: Row::new(share, note, tone) }
}

/// A share in percent, never rounded up to all: 99.996 is not 100.
fn percent(share: f64) -> String {
    let decimals: i32 = if share > 0.9999 { 4 } else { 2 };
    let scale = libm::pow(10.0, f64::from(decimals));
    format!("{:.*} %", decimals as usize, libm::floor(share * 100.0 * scale + 1e-9) / scale)
}

fn nines(service: &Uptime, at: Time) -> String {
    match service.share(at) {
        // Nought has no sign.
        Some(share) if share < 1.0 => format!("{:.1} nines", libm::log10(1.0 - share).abs()),
        _ => String::new(),
    }
}

/// What is left of what the target allows.
fn left(live: &Live<Fleet>, at: Time) -> String {
    let (down, allowed) = (live.watched().service.down(at), allowed(live));
    let target = format!("{} % allows {}", live.sim().settings().target * 100.0, minutes(allowed));
    if down > allowed {
        format!("{target}: {} too much", minutes(down - allowed))
    } else {
        format!("{target}: {} left", minutes(allowed - down))
    }
}

fn knobs(settings: &Settings, out: &mut Scene) {
    let tiers = [("front", settings.front), ("app", settings.app), ("db", settings.db)];
    out.knobs.extend(tiers.map(|(name, count)| Knob::setting(name, count.to_string(), Stops::numbers(1..=5))));
    out.knobs.push(Knob::setting("carts", Carts::write(&settings.carts), Stops::words(Carts::WORDS)));
    if settings.front > 1 {
        out.knobs.push(Knob::setting("address", Address::write(&settings.address), Stops::words(Address::WORDS)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_almost_all_is_not_all() {
        assert_eq!([0.5, 0.999, 0.99996, 0.999_999_9].map(percent), ["50.00 %", "99.90 %", "99.9960 %", "99.9999 %"]);
        assert_eq!([0, 999, 1000, 1_234_567].map(counted), ["0", "999", "1,000", "1,234,567"]);
    }
}
