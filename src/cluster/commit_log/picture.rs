//! How the commit log looks: partitions as rows of cells with the high-water mark and the places of groups, and below them the groups.

use crate::algo::murmur::murmur2;
use crate::cluster::JUST;
use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Boundary, Cell, Cursor, Edge, Entry, Knob, Layout, NodeView, Panel, Row, Scene, Shape, Stops, Table, TableRow, Tone, Track,
    Tracks,
};
use crate::harmless::line;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::CommitLog;
use super::consumer::Consumer;
use super::facts::lags;
use super::log::{Log, place};
use super::look::{broker, consumer, consumers, group, lead, leader, log, meta, seats, topic};
use super::meta::Seats;
use super::record::{Body as Says, Group, Part};
use super::roster::Role;
use super::settings::{Acks, Assignor, Commit};
use super::watch::Mirror;

/// The most cells of a track.
const CELLS: u64 = 24;
/// A track scrolls by so many at once.
const STEP: u64 = 12;
/// As long as no track has more cells, a cell has room for what its record says.
const ROOMY: u64 = 4;

/// The word and rows of a server.
pub(super) fn draw(live: &Live<CommitLog>, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    match sim.settings().roster().role(id) {
        Some(Role::Broker(_)) => draw_broker(sim, id, view),
        Some(Role::Consumer(..)) => draw_consumer(sim, id, view),
        Some(Role::Controller) | None => {
            view.word = "controller";
            view.rows.push(Row::new("brokers", meta(sim).alive.len().to_string(), Tone::Plain));
        }
    }
}

fn draw_broker(sim: &Sim<CommitLog>, id: NodeId, view: &mut NodeView) {
    view.word = "broker";
    for part in topic(sim) {
        let Some(own) = log(sim, id, part) else { continue };
        let seats = seats(sim, part);
        let is_official = seats.is_some_and(|seats| seats.leader == Some(id));
        let (word, tone) = match (lead(sim, id, part), is_official) {
            (Some(_), true) => ("leads", Tone::Good),
            (Some(_), false) => ("thinks it leads", Tone::Conflict),
            (None, _) if seats.is_some_and(|seats| seats.isr.contains(&id)) => ("in sync", Tone::Plain),
            (None, _) => ("behind", Tone::Stale),
        };
        if word == "leads" {
            view.shape = Shape::Leader;
        }
        view.rows.push(Row::new(part.to_string(), format!("{} ┃{} {word}", own.end, own.high_water), tone));
    }
    let coordinates = broker(sim, id).is_some_and(|_| lead(sim, id, Part::MARKS).is_some());
    view.rows.extend(coordinates.then(|| Row::new("groups", "coordinates", Tone::Quiet)));
}

fn draw_consumer(sim: &Sim<CommitLog>, id: NodeId, view: &mut NodeView) {
    view.word = "consumer";
    let Some(consumer) = consumer(sim, id) else { return };
    view.epoch = (consumer.generation > 0).then_some(u64::from(consumer.generation));
    view.rows.push(Row::new("reads", parts_of(consumer), Tone::Plain));
    let at: Vec<String> = consumer.hands.iter().flatten().map(|job| format!("{}@{}", job.part, job.offset)).collect();
    view.rows.push(Row::new("does", if at.is_empty() { "-".to_string() } else { at.join(" ") }, Tone::Plain));
    let waits = consumer.batch.len() + consumer.queue.len();
    view.rows.extend((waits > 0).then(|| Row::new("has", format!("{waits} more"), Tone::Quiet)));
}

/// The partitions that a consumer reads, or why it reads none.
fn parts_of(consumer: &Consumer) -> String {
    match consumer.parts.keys().map(Part::to_string).collect::<Vec<_>>() {
        none if none.is_empty() && consumer.joins => "waits".to_string(),
        none if none.is_empty() => "nothing".to_string(),
        parts => parts.join(" "),
    }
}

/// The tracks, the groups below them, and what can be turned.
pub(super) fn stage(live: &Live<CommitLog>, out: &mut Scene) {
    let sim = live.sim();
    let all: Vec<(Part, &Seats)> = topic(sim).into_iter().filter_map(|part| Some((part, seats(sim, part)?))).collect();
    let is_roomy = all.iter().filter_map(|(part, seats)| shown(sim, *part, seats)).all(|log| log.end - log.start <= ROOMY);
    let tracks = all.into_iter().map(|(part, seats)| track(live, part, seats, is_roomy)).collect();
    let legend = ["a cell: its key", "┃ committed", "▴B next for billing", "▴A next for audit", "┊ the end"].map(str::to_string).to_vec();
    let headings = ["in sync", "ends", "lag"].map(str::to_string).to_vec();
    out.layout = Layout::Tracks(Tracks { headings, tracks, legend, ..Tracks::default() });
    out.panels.push(Panel::new("groups", Body::Table(groups(live))));
    let settings = sim.settings();
    out.knobs.push(Knob::setting("acks", settings.get("acks"), Stops::words(Acks::WORDS)));
    out.knobs.push(Knob::setting("min-insync", settings.get("min-insync"), Stops::numbers(1..=3)));
    out.knobs.push(Knob::setting("billing", settings.get("billing"), Stops::numbers(0..=6)));
    out.knobs.push(Knob::setting("assignor", settings.get("assignor"), Stops::words(Assignor::WORDS)));
    out.knobs.push(Knob::setting("commit", settings.get("commit"), Stops::words(Commit::WORDS)));
}

/// The log to show: that of the leader, or of whoever led last.
fn shown<'s>(sim: &'s Sim<CommitLog>, part: Part, seats: &Seats) -> Option<&'s Log> {
    log(sim, seats.leader.unwrap_or(seats.last_leader), part)
}

fn track(live: &Live<CommitLog>, part: Part, seats: &Seats, is_roomy: bool) -> Track {
    let sim = live.sim();
    let empty = Log::default();
    let own = shown(sim, part, seats).unwrap_or(&empty);
    let first = own.start.max(own.end.saturating_sub(CELLS).next_multiple_of(STEP).min(own.end));
    let in_office = leader(sim, part).is_some();
    let word = seats.leader.map_or_else(|| "no leader".to_string(), |id| sim.settings().name(id));
    let mut edges = vec![Edge { before: own.high_water.max(first), kind: Boundary::Limit }];
    edges.push(Edge { before: own.end, kind: Boundary::Open });
    Track {
        node: Some(seats.leader.unwrap_or(seats.last_leader)),
        name: part.to_string(),
        shape: Some(if in_office { Shape::Leader } else { Shape::Candidate }),
        word,
        first,
        cells: (first..own.end).map(|offset| cell(live, own, offset, is_roomy)).collect(),
        edges,
        cursors: cursors(live, part, first),
        entries: vec![in_sync(sim, seats), ends(sim, part, seats), lag(live, part)],
        note: note(own, seats, first),
        ..Track::default()
    }
}

fn cell(live: &Live<CommitLog>, own: &Log, offset: u64, is_roomy: bool) -> Cell {
    let Some(record) = own.get(offset) else { return Cell::new("", Tone::Quiet) };
    let is_double = |mirror: &Mirror| mirror.duplicates.contains(&offset) && mirror.places.get(place(offset)) == record.request();
    let tone = match offset < own.high_water {
        _ if live.watched().parts.values().any(is_double) => Tone::Conflict,
        true => Tone::Plain,
        false => Tone::Quiet,
    };
    let group = record.key().map(|key| (murmur2(key.as_bytes()) % 256) as u8);
    let text = line(&says(&record.body, is_roomy)).into_owned();
    Cell { group, changed: record.at + JUST > live.sim().now(), ..Cell::new(text, tone) }
}

/// A record in as few letters as say it: its key, and where there is room what it says.
fn says(body: &Says, is_roomy: bool) -> String {
    match body {
        Says::Sent { key: Some(key), value: None, .. } => format!("{key}†"),
        Says::Sent { key: Some(key), value: Some(value), .. } if is_roomy => format!("{key} {value}"),
        Says::Sent { key: Some(key), .. } => key.to_string(),
        Says::Sent { key: None, value, .. } => value.as_ref().map(ToString::to_string).unwrap_or_default(),
        Says::Mark { .. } | Says::Generation { .. } => String::new(),
    }
}

/// Where the groups go on.
fn cursors(live: &Live<CommitLog>, part: Part, first: u64) -> Vec<Cursor> {
    let mark = |of: &Group| live.watched().groups.get(of).and_then(|tally| tally.marks.get(&part)).copied();
    let has = |of: &Group| live.sim().settings().roster().consumers(*of).next().is_some();
    let shown = Group::ALL.into_iter().filter(|of| has(of) || mark(of).is_some());
    shown.map(|of| Cursor { at: mark(&of).unwrap_or(0).max(first), name: of.letter().to_string() }).collect()
}

fn in_sync(sim: &Sim<CommitLog>, seats: &Seats) -> Entry {
    let names: Vec<String> = seats.isr.iter().map(|id| sim.settings().name(*id)).collect();
    let all = seats.isr.len() == seats.replicas.len();
    Entry::new(if names.is_empty() { "none".to_string() } else { names.join(" ") }, if all { Tone::Plain } else { Tone::Stale })
}

fn ends(sim: &Sim<CommitLog>, part: Part, seats: &Seats) -> Entry {
    let longest = shown(sim, part, seats).map_or(0, |log| log.end);
    let end = |id: &NodeId| log(sim, *id, part).map_or(0, |log| log.end);
    let sign = |id: &NodeId| {
        if !sim.node(*id).is_up() {
            "✕"
        } else if end(id) < longest {
            "~"
        } else {
            ""
        }
    };
    let all: Vec<String> = seats.replicas.iter().map(|id| format!("{} {}{}", sim.settings().name(*id), end(id), sign(id))).collect();
    Entry::new(all.join("  "), Tone::Quiet)
}

fn lag(live: &Live<CommitLog>, part: Part) -> Entry {
    let has = |of: &Group| live.sim().settings().roster().consumers(*of).next().is_some();
    let of = |group: Group| {
        let lag = lags(live, group).into_iter().find(|(of, _)| *of == part).map_or(0.0, |(_, lag)| lag);
        format!("{} {lag}", group.letter())
    };
    Entry::new(Group::ALL.into_iter().filter(has).map(of).collect::<Vec<_>>().join(" "), Tone::Plain)
}

fn note(own: &Log, seats: &Seats, first: u64) -> String {
    let mut words = Vec::new();
    if own.start > 0 {
        words.push(format!("{} gone", own.start));
    } else if first > 0 {
        words.push(format!("from {first}"));
    }
    if !seats.elr.is_empty() {
        words.push(format!("{} more may lead", seats.elr.len()));
    }
    words.join(", ")
}

/// Both groups: generation, lag, and who reads what.
fn groups(live: &Live<CommitLog>) -> Table {
    let sim = live.sim();
    let has = |of: &Group| sim.settings().roster().consumers(*of).next().is_some() || group(sim, *of).is_some();
    let row = |of: Group| {
        let lag: f64 = lags(live, of).into_iter().map(|(_, lag)| lag).sum();
        let readers: Vec<String> =
            consumers(sim, of).map(|(id, consumer)| format!("{}: {}", sim.settings().name(id), parts_of(consumer))).collect();
        let generation = group(sim, of).map_or_else(|| "no generation".to_string(), |state| format!("generation {}", state.generation));
        let plain = |text: String| Entry::new(text, Tone::Plain);
        let entries =
            vec![plain(format!("{} {of}", of.letter())), plain(generation), plain(format!("lag {lag}")), plain(readers.join("  "))];
        TableRow { entries, ..TableRow::default() }
    };
    // Words instead of headings: every row that is saved here is one for a partition.
    Table { headings: Vec::new(), rows: Group::ALL.into_iter().filter(has).map(row).collect(), more: 0 }
}
