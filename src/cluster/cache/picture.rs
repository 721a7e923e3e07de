//! How the cluster looks: users, applications, cache and database from left to right; below them the slots in the order in which they go,
//! and what each policy makes of the same reads.

use crate::algo::eviction::{Queue, Rule};
use crate::check::operation::Key;
use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Cell, Entry, Gauge, Knob, Layout, Level, NodeView, Panel, Row, Scene, Side, Stops, Table, TableRow, Tone, Track, Tracks,
};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::request::Row as Stored;
use super::settings::{Pattern, Settings};
use super::shelf::Shelf;
use super::watch::{Count, cache, shelves};
use super::{CACHE, Caching, DATABASE, is_app, judge, name};

/// The most cells of a track: more than the widest screen has room for.
const CELLS: usize = 100;
/// The most rows of a node that are entries.
const ROWS: usize = 8;

/// The word and rows of a server.
pub(super) fn draw(live: &Live<Caching>, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    match sim.node(id).state() {
        Some(Caching::Database(_)) => {
            view.word = "database";
            view.rows.extend(database(live));
        }
        Some(Caching::Cache(cache)) => {
            view.word = if sim.settings().has_shared() { "cache" } else { "not used" };
            view.rows.extend(shared(live, &cache.shelf));
        }
        Some(Caching::App(app)) => {
            view.word = "application";
            let loads: u32 = app.loading.values().sum();
            view.rows.extend((loads > 0).then(|| Row::new("loads", loads.to_string(), if loads > 1 { Tone::Stale } else { Tone::Plain })));
            if sim.settings().has_local() {
                view.rows.extend(slots(sim, &app.shelf).take(ROWS));
            }
        }
        _ => {
            view.word = if id == DATABASE {
                "database"
            } else if id == CACHE {
                "cache"
            } else {
                "application"
            }
        }
    }
}

fn database(live: &Live<Caching>) -> Vec<Row> {
    let sim = live.sim();
    let station = sim.queueing(DATABASE);
    let queries = &live.watched().queries;
    let over = sim.settings().limit().is_some_and(|limit| queries.per_second(sim.now()) > limit);
    let mut rows = vec![Row::new("asked", queries.label(sim.now()), if over { Tone::Bad } else { Tone::Plain })];
    let more = [("works on", station.serving, Tone::Plain), ("waiting", station.waiting, Tone::Stale)];
    rows.extend(more.into_iter().filter(|(_, n, _)| *n > 0).map(|(label, n, tone)| Row::new(label, n.to_string(), tone)));
    let newest = sim.node(DATABASE).store().durable().rows.iter().take(ROWS);
    rows.extend(newest.map(|(key, row)| Row::new(&**key, row.label(), Tone::Plain)));
    rows
}

fn shared(live: &Live<Caching>, shelf: &Shelf) -> Vec<Row> {
    let (hits, answered) = (live.watched().count(Count::Hits), live.watched().count(Count::Answered));
    let slots_used = format!("{}/{}", shelf.entries.len(), shelf.eviction.capacity());
    let mut rows = vec![Row::new("slots", slots_used, Tone::Plain)];
    rows.extend((answered > 0).then(|| Row::new("hits", format!("{hits}/{answered}"), Tone::Plain)));
    let dirty = shelf.dirty().len();
    rows.extend((dirty > 0).then(|| Row::new("dirty", dirty.to_string(), Tone::Stale)));
    rows.extend(slots(live.sim(), shelf).take(ROWS));
    rows
}

/// The entries with their values, the next to go first.
fn slots<'a>(sim: &'a Sim<Caching>, shelf: &'a Shelf) -> impl Iterator<Item = Row> + 'a {
    shelf.eviction.keys().filter_map(move |key| {
        let entry = shelf.entries.get(&key)?;
        Some(Row::new(&*key, entry.row.label(), tone(sim, shelf, &key, &entry.row)))
    })
}

/// Dirty, or other than the database has, or as it should be.
fn tone(sim: &Sim<Caching>, shelf: &Shelf, key: &Key, held: &Stored) -> Tone {
    let truth = judge::row(sim, key);
    match () {
        () if shelf.dirty().contains(key) => Tone::Stale,
        () if truth.value == held.value => Tone::Plain,
        () if judge::is_moving(sim, key) => Tone::Stale,
        () => Tone::Bad,
    }
}

/// The tiers, the slots, the policies, and the settings worth turning.
pub(super) fn panels(live: &Live<Caching>, out: &mut Scene) {
    let sim = live.sim();
    let apps: Vec<NodeId> = sim.server_ids().filter(|id| is_app(*id)).collect();
    let mut tiers = vec![apps];
    if sim.settings().has_shared() {
        tiers.push(vec![CACHE]);
    }
    tiers.push(vec![DATABASE]);
    out.layout = Layout::Tiers(tiers);
    out.panels.push(Panel::new("slots", Body::Tracks(tracks(live))));
    out.panels.push(Panel::new("policies", Body::Table(policies(live))));
    out.panels.push(Panel::new("hits", Body::Gauges(gauges(live))));
    knobs(sim.settings(), out);
}

/// The slots of every cache, each part of it in the order in which its keys would go; and who goes next and why.
fn tracks(live: &Live<Caching>) -> Tracks {
    let sim = live.sim();
    let mut tracks = Vec::new();
    let mut legend = Vec::new();
    for (id, shelf) in shelves(sim) {
        let next = shelf.eviction.next();
        let gone = next.as_ref().map(|(key, _)| key.clone());
        tracks.extend(shelf.eviction.queues().iter().map(|queue| track(sim, (id, shelf), queue, gone.as_ref())));
        legend.extend(next.map(|(key, why)| format!("{} gives up {key} next: {why}", name(id))));
    }
    if legend.is_empty() {
        legend.push("the next to go stands at the left".into());
    }
    Tracks { tracks, legend, from: Side::Start, ..Tracks::default() }
}

/// One part of a cache.
fn track(sim: &Sim<Caching>, (id, shelf): (NodeId, &Shelf), queue: &Queue<Key>, next: Option<&Key>) -> Track {
    let asked = shelf.last_look.as_ref().map(|(key, _)| key);
    let cell = |(key, count): &(Key, u64)| {
        let text = if *count > 0 { format!("{key}·{count}") } else { key.to_string() };
        let text = if next == Some(key) && !queue.ghosts { format!("{text}▸") } else { text };
        let tone = match shelf.entries.get(key) {
            _ if queue.ghosts => Tone::Quiet,
            Some(entry) => tone(sim, shelf, key, &entry.row),
            None => Tone::Quiet,
        };
        let changed = !queue.ghosts && asked == Some(key) && sim.touched() == Some(id);
        Cell { changed, ..Cell::new(text, tone) }
    };
    Track {
        node: Some(id),
        name: if queue.name.is_empty() { name(id) } else { queue.name.to_string() },
        word: queue.keys.len().to_string(),
        cells: queue.keys.iter().take(CELLS).map(cell).collect(),
        more: queue.keys.len().saturating_sub(CELLS) as u64,
        ..Track::default()
    }
}

/// What each policy makes of the same looks.
fn policies(live: &Live<Caching>) -> Table {
    let (shadows, own) = (&live.watched().shadows, live.sim().settings().policy);
    let row = |rule: &Rule| {
        let hits = shadows.hits(*rule);
        let rate = hits as f64 / shadows.asked.max(1) as f64;
        TableRow {
            entries: vec![
                Entry::new(rule.word(), Tone::Plain),
                Entry::new(hits.to_string(), Tone::Plain),
                Entry::new(format!("{:.1} %", rate * 100.0), Tone::Plain),
            ],
            bar: Some(rate),
            marked: *rule == own,
            node: None,
        }
    };
    let headings = vec!["policy".to_string(), format!("of {}", shadows.asked), "hit rate".to_string()];
    Table { headings, rows: Rule::ALL.iter().map(row).collect(), more: 0 }
}

fn gauges(live: &Live<Caching>) -> Vec<Gauge> {
    let (of, hits) = live.watched().last();
    let share = hits as f64 / of.max(1) as f64;
    let last = Level { name: "last reads".into(), share, says: format!("{hits} of {of} hit"), tone: Tone::Plain };
    let settings = live.sim().settings();
    let rate = live.watched().queries.per_second(live.sim().now());
    let base = settings.limit().map(|limit| Level {
        name: "database".into(),
        share: (rate / limit).min(1.0),
        says: format!("{rate:.0}/s of {limit:.0}/s"),
        tone: if rate > limit { Tone::Bad } else { Tone::Plain },
    });
    let slots = cache(live.sim()).map(|cache| &cache.shelf).map(|shelf| Level {
        name: "slots".into(),
        share: shelf.entries.len() as f64 / shelf.eviction.capacity() as f64,
        says: format!("{} of {}", shelf.entries.len(), shelf.eviction.capacity()),
        tone: Tone::Plain,
    });
    std::iter::once(last).chain(base).chain(slots).map(Gauge::Filled).collect()
}

/// The settings worth turning.
fn knobs(settings: &Settings, out: &mut Scene) {
    let knob = |name, stops| Knob::setting(name, settings.get(name), stops);
    out.knobs.extend([
        knob("pattern", Stops::words(Pattern::WORDS)),
        knob("policy", Stops::words(Rule::WORDS)),
        knob("slots", Stops::range(&["1", "2", "3", "4", "5", "6", "7", "8", "16", "50", "100", "200", "500", "1000"])),
        knob("ttl", Stops::range(&["none", "1s", "5s", "30s", "60s"])),
    ]);
}
