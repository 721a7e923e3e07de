//! Logs as tracks of cells, with terms, commit and applied marks, votes and election timers; and a server as a box.

use crate::check::operation::Op;
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Boundary, Cell, Cursor, Edge, Entry as Column, Gauge, Knob, Layout, NodeView, Panel, Row, Scene, Shape, Stops, Tone, Track,
    Tracks,
};
use crate::harmless::line;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Time;

use super::Consensus;
use super::log::{Disk, Entry};
use super::look::{disk, ids, lead, leaders, server};
use super::server::{Role, Timer};

/// The look of a server and what it is, in a word.
fn look(sim: &Sim<Consensus>, id: NodeId) -> (Shape, &'static str) {
    match server(sim, id).map(|server| &server.role) {
        Some(Role::Leader(lead)) if lead.is_handing_over() => (Shape::Leader, "hands over"),
        Some(Role::Leader(_)) => (Shape::Leader, "leader"),
        Some(Role::Candidate(poll)) if poll.ballot.pre => (Shape::Candidate, "asks first"),
        Some(Role::Candidate(_)) => (Shape::Candidate, "candidate"),
        Some(Role::Follower) | None => (Shape::Member, "follower"),
    }
}

/// A server as a box: its registers, and how far its log is.
pub(super) fn draw(live: &Live<Consensus>, id: NodeId, view: &mut NodeView) {
    let (sim, own) = (live.sim(), disk(live.sim(), id));
    view.epoch = Some(own.term);
    (view.shape, view.word) = look(sim, id);
    if let Some(server) = server(sim, id) {
        view.rows.extend(server.machine.data.iter().map(|(key, cell)| {
            let newer = live.watched().register.newest(key).is_some_and(|acked| acked.request != cell.request);
            Row::new(key.to_string(), cell.value.to_string(), if newer { Tone::Stale } else { Tone::Plain })
        }));
        view.rows.push(Row::new("committed", format!("{} of {}", server.commit.min(own.last()), own.last()), Tone::Plain));
        if server.applied < server.commit {
            view.rows.push(Row::new("applied", server.applied.to_string(), Tone::Stale));
        }
    }
    let vote = own.voted_for.map_or_else(|| "nobody".to_string(), |to| to.to_string());
    view.rows.push(Row::new("vote", vote, Tone::Quiet));
}

/// The logs, one below the other.
pub(super) fn tracks(live: &Live<Consensus>, at: Time, out: &mut Scene) {
    let sim = live.sim();
    let newest = leaders(sim).last().copied();
    let longest = ids(sim).map(|id| disk(sim, id).last()).max().unwrap_or(0);
    let first = 1 + longest.saturating_sub(CELLS_MAX).next_multiple_of(CELLS_STEP);
    let tracks = ids(sim).map(|id| track(sim, id, newest, first, at)).collect();
    let headings = vec!["stands in".to_string(), "vote".to_string()];
    let legend = ["┃ committed, as it knows", "▴ applied", "a cell: term, command (-: none)"].map(str::to_string).to_vec();
    out.layout = Layout::Tracks(Tracks { numbered: true, headings, tracks, legend, ..Tracks::default() });
}

/// More cells than this, and there are more than any screen shows: the oldest are left out, so many at once.
const CELLS_MAX: u64 = 1024;
const CELLS_STEP: u64 = CELLS_MAX / 2;

/// The log of a server from the entry `first` on.
fn track(sim: &Sim<Consensus>, id: NodeId, newest: Option<NodeId>, first: u64, at: Time) -> Track {
    let own = disk(sim, id);
    let theirs = newest.filter(|leader| *leader != id).map(|leader| disk(sim, leader));
    let commit = server(sim, id).map_or(0, |server| server.commit.min(own.last()));
    let mut edges = vec![Edge { before: own.last() + 1, kind: Boundary::Open }];
    edges.push(Edge { before: commit + 1, kind: Boundary::Limit });
    let applied = server(sim, id).map(|server| server.applied).filter(|applied| *applied < commit);
    Track {
        node: Some(id),
        name: id.to_string(),
        shape: Some(look(sim, id).0),
        word: format!("term {}", own.term),
        first,
        cells: cells(own, theirs, first),
        edges,
        cursors: applied.map(|at| Cursor { at, name: String::new() }).into_iter().collect(),
        entries: vec![timer(sim, id, at), vote(own)],
        note: note(sim, id, newest),
        ..Track::default()
    }
}

/// The entries from `first` on, beside what the newest leader has there.
fn cells(own: &Disk, theirs: Option<&Disk>, first: u64) -> Vec<Cell> {
    let before = first as usize - 1;
    let mut theirs = theirs.into_iter().flat_map(|theirs| theirs.log.iter_from(before));
    own.log.iter_from(before).map(|entry| cell(&entry, theirs.next().is_some_and(|theirs| theirs != entry))).collect()
}

/// Its term, then its command; in conflict where it differs from what the newest leader has there.
fn cell(entry: &Entry, differs: bool) -> Cell {
    let tone = if differs { Tone::Conflict } else { Tone::Plain };
    Cell { group: Some((entry.term % 256) as u8), ..Cell::new(format!("{} {}", entry.term, brief(entry)), tone) }
}

/// A command in as few letters as say it.
fn brief(entry: &Entry) -> String {
    let text = match entry.request().map(|(_, op)| op) {
        None => "-".to_string(),
        Some(Op::Read { key }) => format!("{key}?"),
        Some(Op::Write { key, value }) => format!("{key}={value}"),
        Some(Op::Cas { key, value, .. }) => format!("{key}→{value}"),
        Some(Op::Append { key, value }) => format!("{key}+{value}"),
    };
    line(&text).into_owned()
}

fn vote(own: &Disk) -> Column {
    own.voted_for.map_or_else(|| Column::new("-", Tone::Quiet), |to| Column::new(to.to_string(), Tone::Plain))
}

/// How far the election timer is.
fn timer(sim: &Sim<Consensus>, id: NodeId, at: Time) -> Column {
    let Some(running) = sim.node(id).timers().iter().find(|running| running.timer == Timer::Election) else {
        return Column::new("", Tone::Quiet);
    };
    let left = running.due.since(at);
    let is_near = left.0 < running.due.since(running.set).0 / 8;
    Column::new(format!("{} ms", left.0 / 1_000_000), if is_near { Tone::Stale } else { Tone::Quiet })
}

fn note(sim: &Sim<Consensus>, id: NodeId, newest: Option<NodeId>) -> String {
    let node = sim.node(id);
    match server(sim, id).map(|server| &server.role) {
        None => "down".to_string(),
        Some(_) if node.is_paused() => "paused".to_string(),
        Some(Role::Leader(_)) if newest != Some(id) => "thinks it leads".to_string(),
        Some(Role::Leader(lead)) => lead.successor.map_or_else(|| "leads".to_string(), |to| format!("hands over to {to}")),
        Some(Role::Candidate(poll)) if poll.ballot.pre => "asks first".to_string(),
        Some(Role::Candidate(_)) => "candidate".to_string(),
        Some(Role::Follower) => String::new(),
    }
}

/// Votes of those who stand, and the copies of the newest entry that is not committed.
pub(super) fn panels(live: &Live<Consensus>, out: &mut Scene) {
    let sim = live.sim();
    let all = u32::from(sim.servers());
    let needed = sim.settings().commit.copies(all as usize) as u32;
    let mut gauges: Vec<Gauge> = ids(sim).filter_map(|id| votes(sim, id, all / 2 + 1)).collect();
    gauges.extend(leaders(sim).into_iter().filter_map(|leader| copies(sim, leader, needed)));
    if !gauges.is_empty() {
        out.panels.push(Panel::new("votes and copies", Body::Gauges(gauges)));
    }
}

fn votes(sim: &Sim<Consensus>, id: NodeId, of: u32) -> Option<Gauge> {
    let Role::Candidate(poll) = &server(sim, id)?.role else { return None };
    let names: Vec<String> = poll.granted.iter().map(NodeId::to_string).collect();
    let what = if poll.ballot.pre { "would win" } else { "votes" };
    let note = format!("{} for term {}", names.join(" "), poll.ballot.term);
    Some(Gauge::Counted { name: format!("{id} {what}"), have: (poll.granted.len() as u32).min(of), of, note })
}

fn copies(sim: &Sim<Consensus>, leader: NodeId, of: u32) -> Option<Gauge> {
    let (own, state) = (disk(sim, leader), server(sim, leader)?);
    let index = state.commit + 1;
    let entry = own.get(index)?;
    let durable = sim.node(leader).store().durable();
    let copies = lead(sim, leader)?.peers.iter().filter(|peer| peer.matched >= index).count() as u32;
    let own_copy = u32::from(durable.get(index).as_ref() == Some(&entry));
    let note = format!("entry {index}: {} {}", entry.term, entry.label());
    Some(Gauge::Counted { name: format!("{leader} copies"), have: (copies + own_copy).min(of), of, note })
}

/// The settings worth turning.
pub(super) fn knobs(live: &Live<Consensus>, out: &mut Scene) {
    use crate::cluster::kit::settings::{Declared as _, Takes as _};
    let settings = live.sim().settings();
    let words = super::settings::Reads::WORDS;
    out.knobs.push(Knob::setting("reads", settings.get("reads"), Stops::words(words)));
    out.knobs.push(Knob::setting("pre-vote", settings.get("pre-vote"), Stops::words(&["on", "off"])));
}
