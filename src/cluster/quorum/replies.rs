//! The newest request on the stage, reply by reply.

use crate::check::operation::Key;
use crate::cluster::live::Live;
use crate::cluster::scene::{Answer, Entry, Health, Layout, Replies, ReplyLine, Scene, Shape, Tone};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Death;

use super::Quorum;
use super::cell::Cell;
use super::copies::covers;
use super::gather::{Asked, Gather, Reply, Stage};
use super::look::disk;
use super::message::word;
use super::watch::Acked;

/// The newest request that anybody collects answers for, or did last: by whom, and what came.
fn newest(sim: &Sim<Quorum>) -> Option<(NodeId, RequestId, &Gather)> {
    let nodes = sim.ids().filter_map(|id| Some((id, sim.node(id).state()?)));
    let all = nodes.flat_map(|(id, node)| {
        let last = node.coordinator.last.as_ref().map(|(request, gather)| (*request, gather));
        node.coordinator.iter().chain(last).map(move |(request, gather)| (id, request, gather))
    });
    all.max_by_key(|(_, request, gather)| (*request, gather.told))
}

/// Every server as a line, in the order of the preference list of the key that was asked about last.
pub(super) fn draw(live: &Live<Quorum>, at: Time, out: &mut Scene) {
    let sim = live.sim();
    let newest = newest(sim);
    let key = newest.map_or_else(|| Key::from("x"), |(_, _, gather)| gather.key().clone());
    let mut replies = Replies { headings: vec![key.to_string(), "version".to_string()], rule: rule(sim, newest), ..Replies::default() };
    if let Some((who, _, gather)) = newest {
        let since = |moment: Time| moment.since(gather.began);
        replies.asked = format!("{} {}", gather.client, words(gather));
        // Answers beyond the ones that were needed count for nothing: their lines say that they came late.
        let needed = gather.needed(sim.settings());
        (replies.have, replies.need) = (gather.answers(sim.settings()).min(needed) as u32, needed as u32);
        replies.now = since(sim.node(who).clock().local(at));
        replies.decided = gather.decided.map(|(node, moment)| (since(moment), format!("{node} decided")));
    }
    let order = sim.settings().preference(&key, sim.servers().into());
    replies.lines = order.into_iter().map(|id| line(live, &key, newest.map(|(who, _, gather)| (who, gather)), id)).collect();
    out.layout = Layout::Replies(replies);
}

/// What is asked, and in which stage.
fn words(gather: &Gather) -> String {
    let ask = match gather.ask.value() {
        Some(value) => format!("write {} {value}", gather.key()),
        None => gather.ask.label(),
    };
    match gather.stage {
        Stage::Version(_) => format!("{ask}: which version?"),
        Stage::WriteBack(_) => format!("{ask}: mends first"),
        Stage::Write(_) | Stage::Read => ask,
    }
}

fn rule(sim: &Sim<Quorum>, newest: Option<(NodeId, RequestId, &Gather)>) -> String {
    let settings = sim.settings();
    match newest {
        Some((_, _, gather)) if gather.stores() => format!("N {}  W {}", settings.n, settings.w),
        Some(_) => format!("N {}  R {}", settings.n, settings.r),
        None => format!("N {}  W {}  R {}", settings.n, settings.w, settings.r),
    }
}

fn line(live: &Live<Quorum>, key: &Key, newest: Option<(NodeId, &Gather)>, id: NodeId) -> ReplyLine {
    let sim = live.sim();
    let homes = sim.settings().homes(key, sim.servers().into());
    let asked = newest.and_then(|(who, gather)| gather.asked.iter().find(|asked| asked.node == id).map(|asked| (who, gather, asked)));
    let is_home = homes.contains(&id);
    let (health, out) = match sim.node(id) {
        node if !node.is_up() => (Health::Down, Some("down")),
        node if node.is_paused() => (Health::Paused, Some("paused")),
        _ => (Health::Up, None),
    };
    ReplyLine {
        node: id,
        name: id.to_string(),
        shape: if is_home { Shape::Member } else { Shape::Candidate },
        health,
        word: out.unwrap_or(if is_home { "replica" } else { "next" }),
        answer: asked.map_or(Answer::NotAsked, |(who, gather, asked)| answer(live, who, gather, asked)),
        entries: if is_home { entries(live, key, disk(sim, id).cells.get(key)) } else { kept(sim, key, id) },
        note: if asked.is_some() { String::new() } else { note(sim, key, id) },
    }
}

/// The value and the version of a copy: stale when an acknowledged write is missing from it, in conflict when it has siblings.
fn entries(live: &Live<Quorum>, key: &Key, copy: Option<&Cell>) -> Vec<Entry> {
    let tone = tone(live, key, copy);
    let Some(cell) = copy else { return vec![Entry::new("-", tone), Entry::new("", tone)] };
    vec![Entry::new(word(cell), tone), Entry::new(cell.version(), tone)]
}

pub(super) fn tone(live: &Live<Quorum>, key: &Key, copy: Option<&Cell>) -> Tone {
    let lacks = |acked: &Acked| !copy.is_some_and(|copy| covers(live, key, copy, acked));
    match live.watched().acked.get(key) {
        _ if copy.is_some_and(|copy| copy.live().count() > 1) => Tone::Conflict,
        Some(acked) if acked.iter().any(|acked| lacks(acked) && !(copy.is_none() && acked.cell.is_tombstone())) => Tone::Stale,
        _ => Tone::Plain,
    }
}

fn answer(live: &Live<Quorum>, who: NodeId, gather: &Gather, asked: &Asked) -> Answer {
    let sim = live.sim();
    match (asked.reply, asked.at) {
        (Reply::Yes, Some(at)) => came(live, gather, asked, at.since(gather.began)),
        (Reply::Full, _) => Answer::None("disk full"),
        _ if !sim.node(asked.node).is_up() => Answer::None("down"),
        _ if sim.network().is_cut(who, asked.node) || sim.network().is_cut(asked.node, who) => Answer::None("cut"),
        _ => missed(live, who, gather, asked.node).map_or(Answer::Waiting, Answer::None),
    }
}

/// Why the question or its answer died on the way.
fn missed(live: &Live<Quorum>, who: NodeId, gather: &Gather, node: NodeId) -> Option<&'static str> {
    let (sent, death) = live.watched().died(who, node)?;
    (live.sim().node(who).clock().local(sent) >= gather.began).then_some(match death {
        Death::Down => "was down",
        Death::Cut => "was cut",
        other => other.why(),
    })
}

fn came(live: &Live<Quorum>, gather: &Gather, asked: &Asked, after: Span) -> Answer {
    let before = gather.asked.iter().filter(|other| other.reply == Reply::Yes && (other.at, other.node) < (asked.at, asked.node));
    let brought = gather.found.iter().find(|(node, _)| *node == asked.node).map(|(_, copy)| copy.as_ref());
    let late = gather.decided.is_some_and(|(_, decided)| asked.at > Some(decided));
    Answer::Came {
        after,
        rank: before.count() as u32 + 1,
        late,
        brought: brought
            .map_or_else(String::new, |copy| copy.map_or_else(|| "nil".to_string(), |cell| format!("{} {}", word(cell), cell.version()))),
        tone: brought.map_or(Tone::Good, |copy| tone(live, gather.key(), copy)),
    }
}

/// What a server that is no replica of a key keeps of it: the value of a hint, and for whom.
fn kept(sim: &Sim<Quorum>, key: &Key, id: NodeId) -> Vec<Entry> {
    let hints = || disk(sim, id).hints.iter().filter(|((_, of), _)| of == key);
    let homes: Vec<String> = hints().map(|((home, _), _)| home.to_string()).collect();
    match hints().next() {
        Some((_, hint)) => vec![Entry::new(word(&hint.cell), Tone::Plain), Entry::new(format!("for {}", homes.join(" ")), Tone::Plain)],
        None => vec![Entry::new("-", Tone::Plain), Entry::new("", Tone::Plain)],
    }
}

/// The hints that a server keeps of a key, and for whom.
fn note(sim: &Sim<Quorum>, key: &Key, id: NodeId) -> String {
    let hints = disk(sim, id).hints.iter().filter(|((_, of), _)| of == key);
    let hints = hints.map(|((home, _), hint)| format!("hint for {home}: {} {}", word(&hint.cell), hint.cell.version()));
    hints.collect::<Vec<_>>().join(", ")
}
