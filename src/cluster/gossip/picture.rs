//! How a group looks: boxes for a few members, cells for many, and for whoever is suspected, who says what of it.

use crate::algo::phi::{Gaps, phi};
use crate::cluster::JUST;
use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Entry, Grid, Heard, Knob, Layout, Level, NodeView, Panel, Row, Scene, Shape, Stops, Table, TableRow, Tone,
};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::Gossip;
use super::belief::{Belief, State};
use super::facts::accusers;
use super::member::{Member, member};
use super::message::names;
use super::settings::{Detector, Settings, Spreading};

/// Up to so many members have a box each.
const BOXES_MAX: u16 = 9;
/// Up to so many have a row each in the table of who says what.
const ROWS_MAX: usize = 12;
/// The weight of the word of a member that has heard of another, and nothing bad.
const HEARD: u8 = OTHERS + 2;
/// That of the first who neither accuses it nor is it.
const OTHERS: u8 = 2;

/// The look and rows of a member.
pub(super) fn draw(live: &Live<Gossip>, id: NodeId, view: &mut NodeView) {
    view.word = "member";
    let watch = live.watched();
    if watch.suspecters.contains_key(&id) {
        view.shape = Shape::Candidate;
    }
    if live.sim().servers() > BOXES_MAX {
        return;
    }
    if let Some(holders) = watch.holders.get(&id) {
        view.rows.push(Row::new("dead for", format!("{holders}/{}", watch.running), Tone::Bad));
    }
    let Some(member) = member(live.sim(), id) else { return };
    if let Some((number, spread)) = watch.newest() {
        let knows = member.rumours.known().get(&number);
        let (says, tone) = match knows {
            Some(rumour) if rumour.is_hot => ("tells it", Tone::Good),
            Some(_) => ("knows it", Tone::Good),
            None => ("not yet", Tone::Quiet),
        };
        view.rows.push(Row::new(spread.word.to_string(), says, tone));
    }
    for (state, tone) in [(State::Dead, Tone::Bad), (State::Suspect, Tone::Stale)] {
        let these: Vec<NodeId> = member.view.known().iter().filter(|(_, belief)| belief.state == state).map(|(id, _)| *id).collect();
        if !these.is_empty() {
            view.rows.push(Row::new(state.word(), names(&these), tone));
        }
    }
    if member.incarnation > 0 {
        view.rows.push(Row::new("incarnation", member.incarnation.to_string(), Tone::Quiet));
    }
}

/// The field of many members, who says what of whom, and what is worth turning.
pub(super) fn panels(live: &Live<Gossip>, at: Time, out: &mut Scene) {
    if live.sim().servers() > BOXES_MAX {
        out.layout = Layout::Grid(grid(live, at));
    }
    if let Some(about) = live.watched().subject {
        out.panels.push(Panel::new(format!("{about}: who says what"), Body::Table(who_says_what(live, about, at))));
    }
    knobs(live.sim().settings(), out);
}

fn grid(live: &Live<Gossip>, at: Time) -> Grid {
    let (watch, sim) = (live.watched(), live.sim());
    let newest = watch.newest();
    let level = newest.map(|(_, spread)| {
        let (know, all) = (spread.informed, watch.running.max(1));
        let share = f64::from(know) / f64::from(all);
        let says = format!("{know} of {all}  {:.0} %  round {}", share * 100.0, spread.rounds(sim.settings().round));
        Level { name: format!("{} heard", spread.word), share, says, tone: Tone::Plain }
    });
    let number = newest.map(|(number, _)| number);
    let members = sim.server_ids().map(|node| crate::cluster::scene::Member { node, state: state_of(live, node, number, at) }).collect();
    Grid { members, row: 0, level, words: ["just now", "before", "not yet", "suspect", "down or held for dead"], notes: notes(live) }
}

/// How a member is to the eye: the worst that is said of it, and else whether it knows the newest rumour.
fn state_of(live: &Live<Gossip>, id: NodeId, rumour: Option<u32>, at: Time) -> Heard {
    let (watch, sim) = (live.watched(), live.sim());
    if watch.holders.contains_key(&id) || !sim.node(id).is_up() {
        return Heard::Dead;
    }
    if watch.suspecters.contains_key(&id) {
        return Heard::Suspect;
    }
    let known = rumour.and_then(|number| member(sim, id)?.rumours.known().get(&number));
    let at = sim.node(id).clock().local(at);
    match known {
        None => Heard::Not,
        // The front of the rumour is what was heard within a round.
        Some(known) if at.since(known.at.min(at)) <= sim.settings().round.max(JUST) => Heard::Just,
        Some(_) => Heard::Had,
    }
}

/// A line on whom something bad was said of last.
fn notes(live: &Live<Gossip>) -> Vec<String> {
    let watch = live.watched();
    let Some(about) = watch.subject else { return Vec::new() };
    let by: Vec<NodeId> = accusers(live, about).collect();
    let count = |counts: &crate::persistent::OrdMap<NodeId, u32>| counts.get(&about).copied().unwrap_or(0);
    let seen = if by.is_empty() { String::new() } else { format!("no answer to {} · ", names(&by)) };
    vec![format!("{about}: {seen}{} suspect it, {} hold it for dead", count(&watch.suspecters), count(&watch.holders))]
}

/// One row for each member: what it believes of another, and what it has seen itself.
fn who_says_what(live: &Live<Gossip>, about: NodeId, at: Time) -> Table {
    let sim = live.sim();
    let listens = sim.settings().listens();
    let rows = worth_a_row(sim, about).into_iter().filter_map(|id| {
        let own = member(sim, id)?;
        let mut entries = if id == about { of_itself(own) } else { of_another(live, own, about) };
        if listens {
            entries.push(Entry::new(silence(sim, own, about, at), Tone::Quiet));
        }
        Some(TableRow { entries, bar: None, marked: own.accuses(about), node: Some(id) })
    });
    let rows = rows.collect();
    let mut headings = vec!["member".to_string(), format!("says {about} is"), "seen by".to_string()];
    if listens {
        headings.push(if sim.settings().detector == Detector::Phi { "silence, phi" } else { "silence" }.to_string());
    }
    Table { headings, rows, more: 0 }
}

/// Who says something of a member: in a small group everybody, in a large one those who have most to say. First who accuses it by its own
/// observation, then itself, who holds it for dead, who suspects it, and who has heard of it.
fn worth_a_row(sim: &Sim<Gossip>, about: NodeId) -> Vec<NodeId> {
    let weight = |id: NodeId| {
        let own = member(sim, id)?;
        let belief = own.view.of(about);
        Some(match belief.state {
            _ if own.accuses(about) => 0,
            _ if id == about => 1,
            State::Dead | State::Forgotten => OTHERS,
            State::Suspect => OTHERS + 1,
            State::Alive if belief != Belief::FIRST => HEARD,
            State::Alive => HEARD + 1,
        })
    };
    let few = usize::from(sim.servers()) <= ROWS_MAX;
    let all = sim.server_ids().filter_map(|id| Some((weight(id)?, id))).filter(|(weight, _)| few || *weight <= HEARD);
    let mut all: Vec<(u8, NodeId)> = all.collect();
    // Of a few, the others keep their places whatever they believe.
    all.sort_unstable_by_key(|(weight, id)| (if few { (*weight).min(OTHERS) } else { *weight }, *id));
    all.into_iter().take(ROWS_MAX).map(|(_, id)| id).collect()
}

fn of_itself(own: &Member) -> Vec<Entry> {
    let says = format!("alive, incarnation {}", own.incarnation);
    vec![Entry::new(own.me.to_string(), Tone::Plain), Entry::new(says, Tone::Good), Entry::default()]
}

fn of_another(live: &Live<Gossip>, own: &Member, about: NodeId) -> Vec<Entry> {
    let belief = own.view.of(about);
    let tone = match belief.state {
        State::Alive => Tone::Good,
        State::Suspect => Tone::Stale,
        State::Dead => Tone::Bad,
        State::Forgotten => Tone::Quiet,
    };
    let says = match belief.incarnation {
        0 => belief.state.word().to_string(),
        incarnation => format!("{}, incarnation {incarnation}", belief.state.word()),
    };
    // Whoever declared it dead did so on the word of these.
    let declared = || live.watched().witnesses.get(&(own.me, about)).filter(|_| belief.state == State::Dead).cloned();
    let accusers = own.accused.get(&about).map(|accused| accused.witnesses().collect());
    let witnesses: Vec<NodeId> = accusers.or_else(declared).unwrap_or_default();
    vec![
        Entry::new(own.me.to_string(), Tone::Plain),
        Entry::new(says, tone),
        Entry::new(names(&witnesses), if own.accuses(about) { Tone::Bad } else { Tone::Quiet }),
    ]
}

/// For how long a member has heard nothing of another, and how unlikely that is.
fn silence(sim: &Sim<Gossip>, own: &Member, about: NodeId, at: Time) -> String {
    let clock = sim.node(own.me).clock().local(at);
    let Some(silent) = own.ears.silence(about, clock) else { return String::new() };
    let spread = own.ears.gaps(about).and_then(Gaps::spread).filter(|_| sim.settings().detector == Detector::Phi);
    let least = sim.settings().phi_deviation.as_ms();
    let phi = spread.map(|(mean, sd)| format!(", {:.1}", phi(silent.as_ms(), mean, sd.max(least)).min(99.9)));
    format!("{}{}", seconds(silent), phi.unwrap_or_default())
}

fn seconds(span: Span) -> String {
    format!("{:.1} s", span.as_secs())
}

/// What decides who is taken for dead, and how fast rumours are.
fn knobs(settings: &Settings, out: &mut Scene) {
    let knob = |name, stops| Knob::setting(name, settings.get(name), stops);
    out.knobs.extend([
        knob("witnesses", Stops::numbers(1..=3)),
        knob("suspicion", Stops::range(&["0s", "1s", "2s", "3s", "5s", "10s", "20s"])),
        knob("detector", Stops::words(Detector::WORDS)),
        knob("spreading", Stops::words(Spreading::WORDS)),
    ]);
}
