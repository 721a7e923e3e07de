//! How the work queue looks: the way of a message from left to right, and below it who has which message.

use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{Body, Cell, Knob, Layout, NodeView, Panel, Row, Scene, Side, Stops, Tone, Track, Tracks};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::message::Job;
use super::queue::{Lease, Message, Queue, State};
use super::settings::{Acknowledge, Settings};
use super::worker::{Phase, Worker, is_worker};
use super::{BROKER, DATABASE, WorkQueue, name, watch};

/// The most cells of a track; how many more there are is said beside them.
const CELLS: usize = 12;

/// The word and rows of a server.
pub(super) fn draw(live: &Live<WorkQueue>, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    match sim.node(id).state() {
        _ if id == BROKER => {
            view.word = "broker";
            view.rows.extend(watch::queue(sim).into_iter().flat_map(counts));
        }
        _ if id == DATABASE => {
            view.word = "database";
            view.rows.extend(effects(live));
        }
        Some(WorkQueue::Worker(worker)) => {
            view.word = "worker";
            view.rows.extend(holds(worker, watch::queue(sim)));
        }
        _ => view.word = "worker",
    }
}

fn counts(queue: &Queue) -> Vec<Row> {
    let row = |label: &str, count: usize, tone| Row::new(label, count.to_string(), tone);
    let mut rows = vec![row("ready", queue.ready(), Tone::Plain), row("in flight", queue.in_flight(), Tone::Plain)];
    rows.extend((queue.delayed() > 0).then(|| row("delayed", queue.delayed(), Tone::Quiet)));
    rows.extend((!queue.dead.is_empty()).then(|| row("dead", queue.dead.len(), Tone::Bad)));
    rows
}

fn effects(live: &Live<WorkQueue>) -> Vec<Row> {
    let (counts, lost) = (&live.watched().counts, live.watched().lost.len());
    let mut rows = vec![Row::new("results", counts.effects.to_string(), Tone::Plain)];
    rows.extend((counts.effect_twice > 0).then(|| Row::new("twice", counts.effect_twice.to_string(), Tone::Bad)));
    rows.extend((lost > 0).then(|| Row::new("lost", lost.to_string(), Tone::Bad)));
    rows
}

/// What a worker is at, and what waits for it.
fn holds(worker: &Worker, queue: Option<&Queue>) -> Vec<Row> {
    if worker.is_down {
        return vec![Row::new("starts again", "", Tone::Bad)];
    }
    let word = |n: usize| match (n, worker.phase) {
        (0, Phase::Working) => "does",
        (0, Phase::Writing) => "writes",
        (0, Phase::Asking) => "asks for",
        _ => "has",
    };
    worker.held.iter().enumerate().map(|(n, job)| Row::new(word(n), job.key.to_string(), tone(job, queue))).collect()
}

/// A message whose lease is over, or another's, is old.
fn tone(job: &Job, queue: Option<&Queue>) -> Tone {
    let gone = queue.is_none_or(|queue| queue.copies(&job.key).live == 0);
    let own = queue.is_some_and(|queue| queue.held(job.receipt).is_some());
    match (own, gone) {
        (true, _) => Tone::Plain,
        // The queue has forgotten it: nobody else will get it.
        (false, true) => Tone::Quiet,
        (false, false) => Tone::Conflict,
    }
}

/// The tiers, and who has which message.
pub(super) fn panels(live: &Live<WorkQueue>, at: Time, out: &mut Scene) {
    let sim = live.sim();
    let workers: Vec<NodeId> = (0..sim.servers()).map(NodeId::server).filter(|id| is_worker(*id)).collect();
    out.layout = Layout::Tiers(vec![vec![BROKER], workers.clone(), vec![DATABASE]]);
    let clock = sim.node(BROKER).clock().local(at);
    let queue = watch::queue(sim);
    let mut tracks = Vec::new();
    if let Some(queue) = queue {
        tracks.push(waiting("ready", queue.ready(), queue, clock, |state| *state == State::Ready));
        let delayed = || waiting("delayed", queue.delayed(), queue, clock, |state| matches!(state, State::Delayed(_)));
        tracks.extend((queue.delayed() > 0).then(delayed));
    }
    tracks.extend(workers.into_iter().map(|id| in_hand(live, id, queue, clock)));
    if let Some(queue) = queue.filter(|queue| !queue.dead.is_empty()) {
        tracks.push(track("dead", queue.dead.len(), queue.dead.values(), Tone::Bad));
    }
    let lost = live.watched().lost_keys().map(|key| Cell::new(key.to_string(), Tone::Bad));
    let lost: Vec<Cell> = lost.take(CELLS).collect();
    tracks.extend((!lost.is_empty()).then(|| Track { name: "lost".into(), cells: lost, ..Track::default() }));
    let legend = vec!["r: receipt".to_string(), "s: what is left of the lease, then others get the message".to_string()];
    out.panels.push(Panel::new("queue", Body::Tracks(Tracks { tracks, legend, from: Side::Start, ..Tracks::default() })));
    knobs(sim.settings(), out);
}

/// What decides how often a message is done: when it is forgotten, for how long it is hidden, how many wait at a worker.
fn knobs(settings: &Settings, out: &mut Scene) {
    let knob = |name, stops| Knob::setting(name, settings.get(name), stops);
    out.knobs.extend([
        knob("acknowledge", Stops::words(Acknowledge::WORDS)),
        knob("visibility", Stops::range(&["500ms", "1s", "2s", "5s", "10s", "30s", "1min"])),
        knob("prefetch", Stops::numbers(1..=10)),
    ]);
}

/// A row of messages, of which there may be more than are shown.
fn track<'a>(name: &str, count: usize, messages: impl Iterator<Item = &'a Message>, tone: Tone) -> Track {
    let cells: Vec<Cell> = messages.take(CELLS).map(|message| Cell::new(message.key.to_string(), tone)).collect();
    let more = count.saturating_sub(cells.len()) as u64;
    Track { node: Some(BROKER), name: name.to_string(), cells, more, ..Track::default() }
}

/// The messages of the queue that stand so, oldest first.
fn waiting(name: &str, count: usize, queue: &Queue, clock: Time, stands: fn(&State) -> bool) -> Track {
    let these = || queue.live().map(|(_, message)| message).filter(|message| stands(&message.state));
    let mut track = track(name, count, these(), Tone::Plain);
    if let Some(oldest) = these().next() {
        track.word = format!("oldest {}", seconds(clock.since(oldest.since.min(clock))));
    }
    track
}

/// What a worker has, or has as far as the queue knows; with the receipt and the lease of the first.
fn in_hand(live: &Live<WorkQueue>, id: NodeId, queue: Option<&Queue>, clock: Time) -> Track {
    let held = match live.sim().node(id).state() {
        Some(WorkQueue::Worker(worker)) => worker.held.iter().collect(),
        _ => Vec::new(),
    };
    let leased: Vec<(Lease, &Message)> = queue.into_iter().flat_map(Queue::leases).filter(|(lease, _)| lease.worker == id).collect();
    let hidden = leased.iter().filter(|(lease, _)| !held.iter().any(|job| job.receipt == lease.receipt));
    let mut track = Track { node: Some(id), name: name(id), ..Track::default() };
    track.cells = held.iter().map(|job| Cell::new(job.key.to_string(), tone(job, queue))).collect();
    track.cells.extend(hidden.map(|(_, message)| Cell::new(message.key.to_string(), Tone::Stale)).take(CELLS));
    let first = held.first().map(|job| job.receipt).or(leased.first().map(|(lease, _)| lease.receipt));
    if let Some(receipt) = first {
        let left = match leased.iter().find(|(lease, _)| lease.receipt == receipt) {
            Some((lease, _)) => seconds(lease.until.since(clock.min(lease.until))),
            None if track.cells[0].tone == Tone::Conflict => "over".to_string(),
            None => "no lease".to_string(),
        };
        track.word = format!("r{receipt} {left}");
    }
    track
}

fn seconds(span: Span) -> String {
    format!("{:.1} s", span.as_secs())
}
