//! How an exchange looks: servers in a row, what their connections carry, and who said what when.

use std::collections::BTreeSet;

use crate::algo::graphql::Scalar;
use crate::cluster::kit::settings::{Declared as _, Takes};
use crate::cluster::live::Labelled as _;
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Cell, Entry, Knob, Ladder, Layout, NodeView, Panel, Row, Rung, Scene, Stops, Table, TableRow, Tone, Track, Tracks, Work,
};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::facts::{clients, listener};
use super::judge;
use super::listener::Line;
use super::message::{Msg, What};
use super::note::Loaded;
use super::server::Doing;
use super::settings::{Api, Does, Http, Idempotency, Loader, PassOn, Resume, Settings, Style};
use super::tcp::{Conn, Pipe};
use super::watch::{Going, Working};
use super::{Exchange, name};

type One = Live<Exchange>;

/// The most connections of the panel, and frames of each.
const PIPES: usize = 6;
const FRAMES: usize = 10;
/// The most objects of a place of an answer that are followed, and of those that are named.
const OBJECTS: usize = 1_000;
const NAMED: usize = 4;
/// The most rows of the ladder.
const RUNGS: usize = 6;

/// The word and rows of a server.
pub(super) fn draw(live: &One, id: NodeId, view: &mut NodeView) {
    view.word = "server";
    match live.sim().node(id).state() {
        Some(Exchange::Server(server)) => {
            view.rows.push(count("connections", server.pipes.all.len(), Tone::Plain));
            match &server.doing {
                Doing::Chat(room) => {
                    view.rows.push(count("stored", live.watched().chat.stored.len(), Tone::Plain));
                    view.rows.push(count("lines", room.lines.len(), Tone::Plain));
                }
                Doing::Page(kitchen) => {
                    view.rows.push(count("at work", kitchen.jobs.len(), Tone::Plain));
                    view.rows.push(count("queries", live.watched().counts.queries as usize, Tone::Plain));
                }
                Doing::Calls(handlers) => {
                    view.rows.push(count("at work", handlers.jobs.len(), Tone::Plain));
                    if id.index() + 1 == usize::from(live.sim().servers()) {
                        let works = &live.watched().works;
                        let tone = if works.charged_twice > 0 { Tone::Bad } else { Tone::Plain };
                        view.rows.push(count("charges", works.charges, tone));
                    }
                    let wasted = live.watched().works.wasted_by(live.sim().now()).get(&id).copied().unwrap_or_default();
                    view.rows.extend((wasted > Span::ZERO).then(|| Row::new("wasted", format!("{}ms", wasted.as_ms() as u64), Tone::Bad)));
                }
            }
        }
        Some(Exchange::Db(_)) => view.word = "database",
        _ => {}
    }
}

fn count(label: &str, count: usize, tone: Tone) -> Row {
    Row::new(label, count.to_string(), tone)
}

/// The servers from left to right, the connections, and the ladder.
pub(super) fn panels(live: &One, _: Time, out: &mut Scene) {
    let sim = live.sim();
    out.layout = Layout::Tiers(sim.server_ids().map(|id| vec![id]).collect());
    if sim.settings().does != Does::Page {
        out.panels.push(Panel::new("pipes", Body::Tracks(pipes(sim))));
    }
    out.panels.push(Panel::new("ladder", Body::Ladder(ladder(live))));
    match &live.watched().page {
        Some(page) => out.panels.push(Panel::new("answer", Body::Table(answer(page)))),
        None if sim.settings().does == Does::Page => out.panels.push(Panel::new("answer", Body::Table(no_answer()))),
        None => {}
    }
    if sim.settings().does == Does::Chat {
        out.panels.push(Panel::new("clients", Body::Table(table(live))));
    }
    out.moot.extend(judge::moot(sim.settings().does));
    knobs(sim.settings(), out);
}

fn knobs(settings: &Settings, out: &mut Scene) {
    let words = |name, words: &[&str]| Knob::setting(name, settings.get(name), Stops::words(words));
    let range = |name, stops: &[&str]| Knob::setting(name, settings.get(name), Stops::range(stops));
    match settings.does {
        Does::Chat => out.knobs.extend([
            words("style", Style::WORDS),
            words("resume", Resume::WORDS),
            range("ping", &["none", "1s", "2s", "5s", "10s"]),
            range("poll-every", &["1s", "2s", "5s", "10s", "30s"]),
        ]),
        Does::Page => out.knobs.extend([
            words("api", Api::WORDS),
            words("loader", Loader::WORDS),
            range("depth-limit", &["none", "3", "4", "5", "6", "8"]),
            range("cost-limit", &["none", "100", "1000", "10000"]),
        ]),
        Does::Calls => {
            out.knobs.push(words("http", Http::WORDS));
            // HTTP/2 has one connection, whatever the setting says.
            out.knobs.extend((settings.http == Http::One).then(|| range("connections", &["1", "2", "3", "6"])));
            out.knobs.extend([
                range("deadline", &["none", "50ms", "100ms", "200ms", "500ms", "1s", "2s", "5s", "10s"]),
                words("pass-on", PassOn::WORDS),
                words("idempotency", Idempotency::WORDS),
            ]);
        }
    }
}

/// Connections that carry something, one direction a row.
fn pipes(sim: &Sim<Exchange>) -> Tracks {
    let flying: BTreeSet<(NodeId, Conn, u32)> = sim
        .flights()
        .filter_map(|flight| match &flight.msg {
            Msg::Segment(segment) => match &segment.what {
                What::Data(number, _) => Some((flight.leg.from, segment.conn, *number)),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let all = sim.ids().flat_map(|id| of(sim, id).into_iter().map(move |(conn, pipe)| (id, conn, pipe)));
    let carrying = all.filter(|(_, _, pipe)| pipe.is_waiting()).take(PIPES);
    let tracks = carrying.map(|(id, conn, pipe)| track(sim, id, conn, pipe, &flying)).collect();
    let legend = ["✕ lost, to be sent again", "~ there, held for one before it"].map(String::from).to_vec();
    Tracks { tracks, legend, ..Tracks::default() }
}

/// The connections of a node.
fn of(sim: &Sim<Exchange>, id: NodeId) -> Vec<(Conn, &Pipe)> {
    let pipes = match sim.node(id).state() {
        Some(Exchange::Client(client)) => &client.pipes,
        Some(Exchange::Server(server)) => &server.pipes,
        _ => return Vec::new(),
    };
    pipes.all.iter().map(|(conn, pipe)| (*conn, pipe)).collect()
}

fn track(sim: &Sim<Exchange>, id: NodeId, conn: Conn, pipe: &Pipe, flying: &BTreeSet<(NodeId, Conn, u32)>) -> Track {
    let does = sim.settings().does;
    let there = of(sim, pipe.peer).into_iter().find(|(known, _)| *known == conn).map(|(_, pipe)| pipe);
    let cell = |(number, frame): (u32, &super::frame::Frame)| {
        let is_held = there.is_some_and(|there| there.held.contains_key(&number));
        let is_read = there.is_some_and(|there| number < there.next());
        let (sign, tone) = match (is_held, is_read, flying.contains(&(id, conn, number))) {
            (true, ..) => ("~", Tone::Stale),
            (_, true, _) => ("", Tone::Quiet),
            (_, _, true) => ("", Tone::Plain),
            _ => ("✕", Tone::Bad),
        };
        Cell { group: frame.says.stream().map(|stream| (stream / 2 % 4) as u8), ..Cell::new(format!("{sign}{}", frame.label()), tone) }
    };
    let cells = pipe.numbered().take(FRAMES).map(cell).collect();
    let more = pipe.out.len().saturating_sub(FRAMES);
    let note = if more > 0 { format!("and {more} more") } else { String::new() };
    Track {
        node: (!id.is_client()).then_some(id),
        name: format!("{} to {}", name(id, does), name(pipe.peer, does)),
        cells,
        note,
        ..Track::default()
    }
}

/// What went over the wires of late: clients are one lane.
fn ladder(live: &One) -> Ladder {
    let (sim, watch) = (live.sim(), live.watched());
    let does = sim.settings().does;
    let servers: Vec<NodeId> = sim.server_ids().collect();
    let lane = |id: NodeId| if id.is_client() { 0 } else { 1 + servers.iter().position(|server| *server == id).unwrap_or(0) };
    let lanes = std::iter::once("clients".to_string()).chain(servers.iter().map(|id| name(*id, does))).collect();
    let mut shown: Vec<&Going> = watch.rungs.iter().skip(watch.rungs.len().saturating_sub(RUNGS)).collect();
    shown.sort_by_key(|going| (going.sent, going.at));
    let rung = |going: &&Going| {
        let lanes = std::iter::once(if live.meter().open() > 0 { Work::Waits } else { Work::Idle })
            .chain(servers.iter().map(|id| doing(&going.doing, *id)));
        let tone = if going.lost { Tone::Bad } else { Tone::Plain };
        let word = Msg::on_stage(going.kind).word;
        let label = if going.lost { format!("{word} ✕") } else { word.to_string() };
        let note = if going.lost { "lost".to_string() } else { format!("{} later", going.at.since(going.sent).told()) };
        Rung { at: Span(going.sent.0), work: lanes.collect(), sent: Some((lane(going.from), lane(going.to), label, tone)), note }
    };
    // One that waits for the next does not work: the times of several are no sum.
    let wasted = watch.works.wasted_by(sim.now());
    let of = |(id, span): (&NodeId, &Span)| (span.as_ms() >= 1.0).then(|| format!("{} {} ms", name(*id, does), span.as_ms() as u64));
    let held: Vec<String> = wasted.iter().filter_map(of).collect();
    let note = if held.is_empty() { String::new() } else { format!("held for nobody: {}", held.join(", ")) };
    Ladder { lanes, rungs: shown.iter().map(rung).collect(), note }
}

/// Before the first page has come.
fn no_answer() -> Table {
    let row = TableRow { entries: vec![Entry::new("no page has come yet", Tone::Quiet)], ..TableRow::default() };
    Table { headings: Vec::new(), rows: vec![row], more: 0 }
}

/// The page that came last: each place of the query with the objects there, and what is known of them.
fn answer(page: &Loaded) -> Table {
    let plan = &page.page.plan;
    let failing = page.failing.as_deref();
    let mut objects: Vec<Vec<u32>> = vec![vec![1]];
    let mut depths = vec![0];
    let mut rows = Vec::new();
    for (number, node) in plan.nodes.iter().enumerate().skip(1) {
        let fails = node.field.is_some_and(|field| Some(field.name) == failing);
        let all = objects[node.parent].iter().flat_map(|from| plan.follow(number, *from)).take(OBJECTS);
        let there: Vec<u32> = if fails { Vec::new() } else { all.collect() };
        let depth: usize = depths[node.parent] + 1;
        let names: Vec<String> = there.iter().take(NAMED).map(u32::to_string).collect();
        let more = if there.len() > NAMED { format!(" and {} more", there.len() - NAMED) } else { String::new() };
        let what = if fails { "null".to_string() } else { format!("{} {}{more}", node.to.name(), names.join(", ")) };
        let value = |(key, scalar): &(String, Scalar)| if Some(scalar.name) == failing { format!("{key} null") } else { key.clone() };
        let fields: Vec<String> = node.scalars.iter().map(value).collect();
        let tone = if there.is_empty() || fields.iter().any(|field| field.ends_with(" null")) { Tone::Bad } else { Tone::Plain };
        let entries = vec![
            Entry::new(format!("{}{}", "  ".repeat(depth - 1), node.key), Tone::Plain),
            Entry::new(what, if there.is_empty() { Tone::Bad } else { Tone::Plain }),
            Entry::new(if there.is_empty() { String::new() } else { fields.join(", ") }, tone),
        ];
        rows.push(TableRow { entries, ..TableRow::default() });
        objects.push(there);
        depths.push(depth);
    }
    Table { headings: ["answer", "objects", "with"].map(String::from).into(), rows, more: 0 }
}

fn doing(all: &[Working], id: NodeId) -> Work {
    match all.iter().find(|working| working.node == id) {
        None => Work::Idle,
        Some(working) if working.wanted => Work::Works,
        Some(_) => Work::ForNobody,
    }
}

/// Each client of a chat.
fn table(live: &One) -> Table {
    let sim = live.sim();
    let row = |id: NodeId| {
        let chat = &live.watched().chat;
        let seat = chat.seats.get(&id);
        let (shown, missed) = seat.map_or((0, 0), |seat| (seat.shown, seat.missed.len()));
        let state = match listener(sim, id).map(|listener| &listener.line) {
            Some(Line::Up(_)) => "up",
            Some(Line::Opening(..)) => "opening",
            Some(Line::Off) => "none",
            None => "down",
        };
        let entries = vec![
            Entry::new(id.to_string(), Tone::Plain),
            Entry::new(state, Tone::Plain),
            Entry::new(shown.to_string(), Tone::Plain),
            Entry::new(chat.unseen(id).to_string(), Tone::Plain),
            Entry::new(missed.to_string(), if missed > 0 { Tone::Bad } else { Tone::Plain }),
        ];
        TableRow { entries, ..TableRow::default() }
    };
    let rows = clients(sim).take(8).map(row).collect();
    Table { headings: ["client", "line", "shown", "to come", "missed"].map(String::from).into(), rows, more: 0 }
}
