//! The facts of a group.

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, float, int};
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::Gossip;
use super::member::{Member, member};
use super::watch::{Counts, Death, Spread, running, runs};

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<Gossip>]] = &[BELIEFS, DEATHS, RUMOURS, &WIRES];

static WIRES: [Fact<Gossip>; 5] = facts::wires();

/// Of more members than this, only those have a number of whom something is said.
const NAMED_MAX: u16 = 64;

/// Who believes what of whom.
static BELIEFS: &[Fact<Gossip>] = &[
    facts::nodes_up(),
    int("mistaken", "Members that run, and that another member that runs holds for dead, or did until it forgot it.", |live| {
        let held = live.watched().holders.keys().filter(|id| runs(live.sim(), **id));
        FactValue::int(held.count())
    }),
    int("suspected", "Members that another one suspects now.", |live| FactValue::int(live.watched().suspecters.len())),
    fact(
        "held_dead",
        FactKind::Named(Keys::Nodes),
        "For each member: how many that run hold it for dead, or did until they forgot it.",
        |live| named(live, |id| live.watched().holders.get(&id).copied().unwrap_or(0).into()),
    ),
    fact("suspecters", FactKind::Named(Keys::Nodes), "For each member: how many that run suspect it.", |live| {
        named(live, |id| live.watched().suspecters.get(&id).copied().unwrap_or(0).into())
    }),
    fact(
        "witnesses",
        FactKind::Named(Keys::Nodes),
        "For each member: how many others have observed by themselves that it does not answer, and have no sign of life of it since.",
        |live| named(live, |id| accusers(live, id).count() as f64),
    ),
    fact("accusations", FactKind::Named(Keys::Nodes), "For each member: how often it has observed that another does not answer.", |live| {
        named(live, |id| live.watched().accusations.get(&id).copied().unwrap_or(0) as f64)
    }),
    fact("accused_by", FactKind::Text, "Who accuses whom now, by its own observation: `n2: n5, n7; n3: n5`.", accused_by),
    fact("incarnation", FactKind::Named(Keys::Nodes), "For each member that runs: its incarnation.", |live| {
        let of = |(id, member): (NodeId, &Member)| (id.to_string(), f64::from(member.incarnation));
        FactValue::Named(running(live.sim()).filter(|(_, own)| live.sim().servers() <= NAMED_MAX || own.incarnation > 0).map(of).collect())
    }),
];

/// Deaths, and what was taken for one.
static DEATHS: &[Fact<Gossip>] = &[
    int("false_positives", "How often a member was declared dead that ran.", |live| count(live, |counts| counts.false_positives)),
    int("declared", "How often a member was declared dead.", |live| count(live, |counts| counts.declared)),
    int("suspicions", "How often a member began to suspect another by its own observation.", |live| count(live, |counts| counts.suspected)),
    int("refuted", "How often a member objected to what was said of it.", |live| count(live, |counts| counts.refuted)),
    int(
        "ghosts",
        "How often a member that was down came back to life in the eyes of another that had taken it for dead, without having run since.",
        |live| count(live, |counts| counts.ghosts),
    ),
    float("first_detection_ms", "Of the member that crashed last: how long until another one observed that it does not answer.", |live| {
        after(live, |death| death.first.map(|(_, at)| at))
    }),
    float(
        "second_detection_ms",
        "Of the member that crashed last: how long until a second one observed that it does not answer.",
        |live| after(live, |death| death.second),
    ),
    float("declared_ms", "Of the member that crashed last: how long until it was declared dead.", |live| {
        after(live, |death| death.declared)
    }),
    float("last_detection_ms", "Of the member that crashed last: how long until every member that ran held it for dead.", |live| {
        after(live, |death| death.everywhere)
    }),
    int("probes", "Under `swim`: periods that are over, in which a member pinged another.", |live| {
        sum(live, |member| member.swim.probes - u64::from(member.swim.probe.is_some()))
    }),
    int(
        "probes_unanswered",
        "Periods under `swim` that are over, in which a member pinged another and no answer came, neither to it nor through others.",
        |live| sum(live, |member| member.swim.unanswered),
    ),
    float("messages_per_member", "Messages for each member and period, over the whole run so far.", |live| {
        let sim = live.sim();
        let periods = sim.now().0 / sim.settings().period.0.max(1);
        match periods * u64::from(sim.servers()) {
            0 => FactValue::Absent("no period is over".into()),
            all => FactValue::Float(sim.sent().messages as f64 / all as f64),
        }
    }),
];

/// How far the rumour is that was started last.
static RUMOURS: &[Fact<Gossip>] = &[
    int("rumours", "Rumours that were started.", |live| FactValue::int(live.watched().rumours.len())),
    int("informed", "Members that run and know the rumour that was started last; 0 before the first.", |live| {
        FactValue::int(live.watched().newest().map_or(0, |(_, spread)| spread.informed as usize))
    }),
    int("uninformed", "Members that run and do not know it.", |live| FactValue::int(uninformed(live) as usize)),
    float("informed_percent", "Of 100 members that run, how many know it.", |live| share(live, |know, all| 100.0 * know / all)),
    float("residue", "The share of the members that run that do not know it, 0 to 1.", |live| share(live, |know, all| 1.0 - know / all)),
    int("hot", "Members that run and tell it.", |live| {
        FactValue::int(live.watched().newest().map_or(0, |(_, spread)| spread.hot as usize))
    }),
    float("rounds", "Rounds from its start until a member heard it last for the first time.", |live| {
        of_newest(live, |_, spread| FactValue::Float(spread.rounds(live.sim().settings().round) as f64))
    }),
    float("told_per_member", "How often it was told, to those who knew it too, for each member that runs: Demers's m.", |live| {
        of_newest(live, |number, _| {
            let told = running(live.sim()).filter_map(|(_, member)| member.rumours.known().get(&number)).map(|known| u64::from(known.told));
            FactValue::Float(told.sum::<u64>() as f64 / f64::from(live.watched().running.max(1)))
        })
    }),
];

/// A number for each member, or for those where it is not 0 of very many.
fn named(live: &Live<Gossip>, number: impl Fn(NodeId) -> f64) -> FactValue {
    let few = live.sim().servers() <= NAMED_MAX;
    let all = live.sim().server_ids().map(|id| (id.to_string(), number(id)));
    FactValue::Named(all.filter(|(_, number)| few || *number > 0.0).collect())
}

/// The members that run and accuse another by their own observation.
pub(super) fn accusers(live: &Live<Gossip>, about: NodeId) -> impl Iterator<Item = NodeId> {
    running(live.sim()).filter(move |(_, member)| member.accuses(about)).map(|(id, _)| id)
}

fn accused_by(live: &Live<Gossip>) -> FactValue {
    let told = running(live.sim()).filter_map(|(id, member)| {
        let accused: Vec<String> = member.accused.keys().filter(|about| member.accuses(**about)).map(ToString::to_string).collect();
        (!accused.is_empty()).then(|| format!("{id}: {}", accused.join(", ")))
    });
    let told: Vec<String> = told.collect();
    FactValue::Text(if told.is_empty() { "nobody accuses anybody".to_string() } else { told.join("; ") })
}

fn count(live: &Live<Gossip>, of: impl Fn(&Counts) -> u64) -> FactValue {
    FactValue::int(of(&live.watched().counts) as usize)
}

fn sum(live: &Live<Gossip>, of: impl Fn(&Member) -> u64) -> FactValue {
    let members = live.sim().server_ids().filter_map(|id| member(live.sim(), id));
    FactValue::int(members.map(of).sum::<u64>() as usize)
}

/// How long after the newest crash something was.
fn after(live: &Live<Gossip>, of: impl Fn(&Death) -> Option<Time>) -> FactValue {
    match live.watched().newest_death() {
        None => FactValue::Absent("no member is down".into()),
        Some(death) => of(death).map_or_else(|| FactValue::Absent("not yet".into()), |at| FactValue::Float(at.since(death.at).as_ms())),
    }
}

fn of_newest(live: &Live<Gossip>, of: impl Fn(u32, &Spread) -> FactValue) -> FactValue {
    let none = || FactValue::Absent("no rumour was started".into());
    live.watched().newest().map_or_else(none, |(number, spread)| of(number, spread))
}

fn uninformed(live: &Live<Gossip>) -> u32 {
    live.watched().newest().map_or(0, |(_, spread)| live.watched().running.saturating_sub(spread.informed))
}

fn share(live: &Live<Gossip>, of: impl Fn(f64, f64) -> f64) -> FactValue {
    of_newest(live, |_, spread| FactValue::Float(of(spread.informed.into(), live.watched().running.max(1).into())))
}
