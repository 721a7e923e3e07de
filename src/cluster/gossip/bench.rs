//! A group under commands, and members that are told things by hand, for tests.

use crate::cluster::facts::Facts;
use crate::cluster::live::{self, Live};
use crate::cluster::{Cluster, Scenario, Stop};
use crate::command::{Command, Drive};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::belief::{Belief, Claim, Update};
use super::member::{Member, member};
use super::message::{Body, Talk};
use super::note::How;
use super::{Context, Gossip, MODEL};

/// A group of so many members under these settings: `["witnesses 2"]`.
pub(super) fn group(members: u16, settings: &[&str]) -> Live<Gossip> {
    seeded(members, settings, 7)
}

pub(super) fn seeded(members: u16, settings: &[&str], seed: u64) -> Live<Gossip> {
    let pair = |text: &&str| text.split_once(' ').map(|(name, value)| (name.to_string(), value.to_string())).expect("a name and a value");
    let scenario =
        Scenario { nodes: Some(members), clients: Some(2), settings: settings.iter().map(pair).collect(), seed, ..Scenario::of("gossip") };
    let started = live::start::<Gossip>(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    started.as_any().downcast_ref::<Live<Gossip>>().expect("it is a group").clone()
}

/// The number of a member, from 1.
pub(super) fn n(number: u16) -> NodeId {
    NodeId::server(number - 1)
}

/// Carries out commands.
pub(super) fn act(live: &mut Live<Gossip>, commands: &[&str]) {
    for text in commands {
        match MODEL.language.parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}")) {
            Command::Poke(poke) => live.apply(&poke).unwrap_or_else(|why| panic!("{text}: {why}")),
            Command::Drive(Drive::Run(span)) => {
                let end = live.now() + span;
                assert_eq!(live.run_until(end, 5_000_000), Stop::Reached, "{text}");
            }
            other @ Command::Drive(_) => panic!("{other:?}"),
        }
    }
}

/// A fact that is a number; `name.n5` is that of a member.
pub(super) fn fact(live: &Live<Gossip>, name: &str) -> f64 {
    let (name, of) = name.split_once('.').map_or((name, None), |(name, of)| (name, Some(of)));
    let mut facts = Facts::default();
    live.facts(&mut facts);
    let value = facts.get(name).unwrap_or_else(|| panic!("no fact {name}"));
    value.number(of).unwrap_or_else(|| panic!("{name} is {value}"))
}

/// The same as a whole number.
pub(super) fn count(live: &Live<Gossip>, name: &str) -> u64 {
    fact(live, name) as u64
}

/// Runs until a fact is at least so much, and says how long that took in milliseconds; `None`: it never is, within a time.
pub(super) fn until(live: &mut Live<Gossip>, name: &str, least: f64, within: Span) -> Option<f64> {
    let began = live.now();
    while fact(live, name) < least {
        if live.next_at().is_none_or(|next| next > began + within) {
            return None;
        }
        live.step();
    }
    Some(live.now().since(began).as_ms())
}

pub(super) fn believed(live: &Live<Gossip>, who: u16, about: u16) -> Belief {
    state(live, who).view.of(n(about))
}

pub(super) fn state(live: &Live<Gossip>, who: u16) -> &Member {
    member(live.sim(), n(who)).unwrap_or_else(|| panic!("n{who} is down"))
}

/// Does something with a member by hand.
pub(super) fn with(live: &mut Live<Gossip>, who: u16, deed: impl FnOnce(&mut Member, &mut Context<'_>)) {
    live.sim.act(1);
    live.sim.command(n(who), |state, cx| {
        if let Gossip::Member(member) = state {
            deed(member, cx);
        }
    });
}

/// A member says this to another, by hand.
pub(super) fn say(live: &mut Live<Gossip>, (from, to): (u16, u16), news: &[Update], body: Body) {
    let incarnation = state(live, from).incarnation;
    let talk = Talk { incarnation, news: news.to_vec(), body };
    with(live, to, |member, cx| member.on_talk(n(from), talk, cx));
}

/// A member finds out by itself that another does not answer.
pub(super) fn observes(live: &mut Live<Gossip>, who: u16, about: u16) {
    with(live, who, |member, cx| member.observe(n(about), How::NoAnswer(0), cx));
}

/// That a member does not answer, as another has observed.
pub(super) fn suspect(about: u16, incarnation: u32, by: u16, number: u64) -> Update {
    Update { about: n(about), incarnation, claim: Claim::Suspect { by: n(by), number } }
}

pub(super) fn dead(about: u16, incarnation: u32) -> Update {
    Update { about: n(about), incarnation, claim: Claim::Dead { by: n(1) } }
}

pub(super) fn alive(about: u16, incarnation: u32) -> Update {
    Update { about: n(about), incarnation, claim: Claim::Alive }
}
