//! How a limiter looks: the way of a request from left to right, and below it the bucket or the window itself.

use crate::algo::limit::Level;
use crate::check::operation::Key;
use crate::cluster::kit::judged::moment;
use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{Body, Bucket, Entry, Fullest, Knob, Layout, NodeView, Panel, Pass, Row, Scene, Stops, Table, TableRow, Tone};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::facts::{clock, counters, rules_of};
use super::message::Ticket;
use super::node::{address, key_of};
use super::settings::{Algorithm, Counters, Settings};
use super::table;
use super::watch::{SHOWN, Watch};
use super::{FIRST, RateLimiter, SERVICE, STORE, name};

type One = Live<RateLimiter>;

/// The most rows of users in the table.
const USERS: usize = 6;

/// The word and rows of a server.
pub(super) fn draw(live: &One, id: NodeId, view: &mut NodeView) {
    let (sim, watch) = (live.sim(), live.watched());
    match sim.node(id).state() {
        state if id == SERVICE => {
            view.word = "service";
            let busy = if let Some(RateLimiter::Service(service)) = state { service.busy() } else { 0 };
            view.rows.push(count("at work", busy, Tone::Plain));
            view.rows.extend((watch.counts.overloaded > 0).then(|| count("no room", watch.counts.overloaded, Tone::Bad)));
        }
        _ if id == STORE => view.word = "store",
        Some(RateLimiter::Limiter(limiter)) => {
            view.word = "limiter";
            view.rows.push(count("passed", limiter.counts.passed as usize, Tone::Good));
            let refused = limiter.counts.refused as usize;
            view.rows.push(count("refused", refused, if refused > 0 { Tone::Bad } else { Tone::Plain }));
            view.rows.extend((limiter.queued() > 0).then(|| count("waiting", limiter.queued(), Tone::Plain)));
        }
        _ => view.word = "limiter",
    }
}

fn count(label: &str, count: usize, tone: Tone) -> Row {
    Row::new(label, count.to_string(), tone)
}

/// The tiers, the buckets, and who was let through.
pub(super) fn panels(live: &One, at: Time, out: &mut Scene) {
    let (sim, settings) = (live.sim(), live.sim().settings());
    let all: Vec<NodeId> = sim.server_ids().filter(|id| id.index() >= FIRST).collect();
    let behind = if settings.counters == Counters::Shared { vec![SERVICE, STORE] } else { vec![SERVICE] };
    out.layout = Layout::Tiers(vec![all, behind]);
    out.panels.push(Panel::new("limiter", Body::Buckets(buckets(live, at))));
    out.panels.push(Panel::new("callers", Body::Table(callers(live))));
    knobs(settings, out);
}

/// What decides how much passes: how it is measured, how much, and who counts.
fn knobs(settings: &Settings, out: &mut Scene) {
    let knob = |name, stops| Knob::setting(name, settings.get(name), stops);
    out.knobs.extend([
        knob("algorithm", Stops::words(Algorithm::WORDS)),
        knob("limit", Stops::range(&["1", "2", "5", "10", "20", "50", "100", "200", "500", "1000"])),
        knob("counters", Stops::words(Counters::WORDS)),
    ]);
}

/// One for each key that is shown and each node that counts it.
fn buckets(live: &One, at: Time) -> Vec<Bucket> {
    let nodes = counters(live.sim());
    // Several nodes that count the same take the room of several keys.
    let keys = keys(live).into_iter().take(SHOWN.div_ceil(nodes.len().max(1)));
    keys.flat_map(|key| nodes.iter().map(|(id, table)| bucket(live, (*id, table), &key, at)).collect::<Vec<_>>()).collect()
}

/// The keys that asked first; before anybody asks, those that the clients would ask for.
fn keys(live: &One) -> Vec<Key> {
    let (sim, shown) = (live.sim(), &live.watched().shown);
    if !shown.is_empty() {
        return shown.iter().cloned().collect();
    }
    let first = |client| {
        let caller = NodeId::client(client);
        key_of(&Ticket { caller, call: 0, user: address(caller) }, sim.settings().by)
    };
    let mut keys: Vec<Key> = (0..sim.clients()).map(first).collect();
    keys.dedup();
    keys
}

fn bucket(live: &One, (id, table): (NodeId, &table::Table), key: &Key, at: Time) -> Bucket {
    let (sim, settings) = (live.sim(), live.sim().settings());
    let (rules, now) = (rules_of(sim, id), clock(sim, id, at));
    let level = match table.states.get(key) {
        _ if settings.queues() => Level { held: table.queue(key).len() as f64, size: f64::from(rules.burst), counts_up: true },
        Some(state) => state.level(now, &rules),
        None => crate::algo::limit::State::new(now, &rules).level(now, &rules),
    };
    let several = counters(sim).len() > 1;
    Bucket {
        name: if several { format!("{key} at {}", name(id)) } else { key.to_string() },
        // A token counts when it is whole, a request as soon as a part of it counts.
        held: if level.counts_up { libm::ceil(level.held) } else { libm::floor(level.held) } as u32,
        size: level.size as u32,
        counts_up: level.counts_up,
        next: next(settings, level, now),
        note: note(live, key, level),
        passes: passes(live, id, key, at),
        window: trail(settings),
        worst: fullest(live, key, at),
    }
}

/// How far the marks look back: as far as a stretch that ends now and the window before it.
fn trail(settings: &Settings) -> Span {
    settings.watched().scaled(2.0)
}

/// The witness, where windows of the limit are watched and one was too full.
fn fullest(live: &One, key: &Key, at: Time) -> Option<Fullest> {
    let settings = live.sim().settings();
    let worst = live.watched().by_key.get(key)?.watched;
    let is_over = settings.watched() == settings.window && worst.count > settings.limit as usize;
    let says = format!("{} in {}, limit {}", worst.count, settings.window, settings.limit);
    is_over.then(|| Fullest { first: at.since(worst.from), last: at.since(worst.to), says })
}

/// The way to the next token, or to the next window.
fn next(settings: &Settings, level: Level, now: u64) -> Option<(f64, Span)> {
    match settings.algorithm {
        _ if settings.has_windows() => {
            let elapsed = now % settings.window.0;
            Some((elapsed as f64 / settings.window.0 as f64, Span(settings.window.0 - elapsed)))
        }
        Algorithm::TokenBucket | Algorithm::Gcra if level.held < level.size => {
            let share = level.held - libm::floor(level.held);
            let token = settings.window.scaled(1.0 / f64::from(settings.limit));
            Some((share, token.scaled(1.0 - share)))
        }
        _ => None,
    }
}

/// The fullest window of the key, and what the estimate is where there is one.
fn note(live: &One, key: &Key, level: Level) -> String {
    let settings = live.sim().settings();
    let estimate = match settings.algorithm {
        Algorithm::SlidingCounter => format!("estimate {:.1}, ", level.held),
        Algorithm::LeakyQueue => "waiting, ".to_string(),
        _ => String::new(),
    };
    let Some(worst) = live.watched().by_key.get(key).map(|stream| stream.watched) else { return estimate };
    format!("{estimate}worst {} from {}", worst.count, moment(worst.from))
}

/// What came to this counter for this key.
fn passes(live: &One, id: NodeId, key: &Key, at: Time) -> Vec<Pass> {
    let window = trail(live.sim().settings());
    let marks = live.watched().marks.iter().filter(|mark| mark.key == *key && (id == STORE || mark.limiter == id));
    let recent = marks.filter(|mark| at.since(mark.at) <= window);
    recent.map(|mark| Pass { ago: at.since(mark.at), passed: mark.passed }).collect()
}

/// Each user by itself.
fn callers(live: &One) -> Table {
    let watch: &Watch = live.watched();
    let row = |(user, (passed, refused)): (&Key, &(usize, usize))| {
        let worst = watch.by_user.get(user).map_or(0, |stream| stream.watched.count);
        let is_over = worst > live.sim().settings().limit as usize;
        let innocent = watch.innocent.contains(user);
        let entries = vec![
            Entry::new(user.to_string(), Tone::Plain),
            Entry::new(passed.to_string(), Tone::Plain),
            Entry::new(refused.to_string(), if innocent { Tone::Conflict } else { Tone::Plain }),
            Entry::new(worst.to_string(), if is_over { Tone::Bad } else { Tone::Plain }),
        ];
        TableRow { entries, bar: Some(*passed as f64), ..TableRow::default() }
    };
    let rows = watch.users.iter().take(USERS).map(row).collect();
    Table { headings: ["user", "passed", "refused", "worst"].map(String::from).into(), rows, more: 0 }
}
