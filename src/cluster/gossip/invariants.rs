//! What a group promises whatever is done to it, looked at after every event. What members believed before the event is kept beside them
//! and compared: nothing here rests on what they say of themselves.

use crate::check::operation::Key;
use crate::cluster::live::Upheld;
use crate::command::Poke;
use crate::persistent::{Change, OrdMap};
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Entry, Trace};

use super::Gossip;
use super::belief::{Belief, State};
use super::member::{Member, member};
use super::message::{Op, Ret, names};
use super::note::Note;
use super::rumour::{Known, Rumour};

type Held = Result<(), String>;

/// What is remembered to compare with.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    members: OrdMap<NodeId, Before>,
    /// The greatest incarnation that each member has had, in all its lives.
    incarnations: OrdMap<NodeId, u32>,
    /// Who observed of whom that it does not answer.
    observed: OrdMap<(NodeId, NodeId), u64>,
    /// Since when a member suspects another.
    suspects: OrdMap<(NodeId, NodeId), Time>,
    /// What each rumour says.
    rumours: OrdMap<u32, (Key, NodeId)>,
    /// Timers are not what the settings say: one was fired, a clock runs at another speed, or a setting was changed.
    is_loose: bool,
}

/// A member before the event.
#[derive(Clone, Debug, Default)]
struct Before {
    view: OrdMap<NodeId, Belief>,
    rumours: OrdMap<u32, Known>,
    /// How often it has pinged, and when it did last.
    probes: (u64, Time),
}

impl Upheld<Gossip> for Invariants {
    fn begin(&mut self, _sim: &Sim<Gossip>) {}

    fn poked(&mut self, poke: &Poke, _sim: &Sim<Gossip>) {
        self.is_loose |= matches!(poke, Poke::Set(..) | Poke::Fire(..) | Poke::Drift(..));
    }

    fn recorded(&mut self, _record: &Record<Op, Ret>, _sim: &Sim<Gossip>) -> Held {
        Ok(())
    }

    fn traced(&mut self, entry: &Entry<Note>, sim: &Sim<Gossip>) -> Held {
        let Trace::Note(who, note) = &entry.what else { return Ok(()) };
        match note {
            Note::Observes { about, number, first, .. } => {
                self.observed.insert((*who, *about), *number);
                if *first {
                    self.suspects.insert((*who, *about), entry.at);
                }
            }
            Note::Believes { about, is, .. } if is.state == State::Suspect => drop(self.suspects.insert((*who, *about), entry.at)),
            Note::Declares { about, witnesses, .. } => {
                self.witnesses_are_distinct(*who, *about, witnesses, sim)?;
                self.suspected_before_dead(*who, *about, entry.at, sim.settings().suspicion)?;
            }
            Note::Refutes { incarnation, answers, .. } if incarnation <= answers => {
                return Err(format!("an objection is above what it answers: {who} objects to {answers} with {incarnation}"));
            }
            _ => {}
        }
        Ok(())
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Gossip>) -> Held {
        match touched {
            Some(id) if id.is_client() => Ok(()),
            Some(id) => self.look_at(id, sim),
            None => sim.server_ids().try_for_each(|id| self.look_at(id, sim)),
        }
    }
}

impl Invariants {
    fn look_at(&mut self, id: NodeId, sim: &Sim<Gossip>) -> Held {
        let Some(member) = member(sim, id) else {
            self.members.remove(&id);
            return Ok(());
        };
        let highest = self.incarnations.entry(id).or_insert(0);
        *highest = member.incarnation.max(*highest);
        let mut before = self.members.remove(&id).unwrap_or_default();
        let held = self.compare(&before, member, sim);
        before.probes = if member.swim.probes > before.probes.0 { (member.swim.probes, sim.now()) } else { before.probes };
        before.view.clone_from(member.view.known());
        before.rumours.clone_from(member.rumours.known());
        self.members.insert(id, before);
        held
    }

    fn compare(&mut self, before: &Before, member: &Member, sim: &Sim<Gossip>) -> Held {
        if !before.view.ptr_eq(member.view.known()) {
            self.views_only_grow(&before.view, member, sim)?;
        }
        if !before.rumours.ptr_eq(member.rumours.known()) {
            self.rumours_stay(&before.rumours, member)?;
        }
        answers_match(member)?;
        self.load_is_bounded(before, member, sim)
    }

    /// Beliefs only grow, nobody raises the incarnation of another, and nobody holds itself for dead.
    fn views_only_grow(&self, before: &OrdMap<NodeId, Belief>, member: &Member, sim: &Sim<Gossip>) -> Held {
        for change in before.diff(member.view.known()) {
            let (about, was, is) = match change {
                Change::Add(about, is) => (*about, Belief::FIRST, *is),
                Change::Update { old, new } => (*new.0, *old.1, *new.1),
                Change::Remove(about, _) => return Err(format!("beliefs only grow: {} has none of {about} any more", member.me)),
            };
            self.view_grew(member.me, about, (was, is), sim)?;
        }
        Ok(())
    }

    fn view_grew(&self, who: NodeId, about: NodeId, (was, is): (Belief, Belief), sim: &Sim<Gossip>) -> Held {
        if who == about {
            return Err(format!("nobody holds itself for dead: {who} believes of itself that it is {}", is.state.word()));
        }
        let forgets = was.state == State::Dead && is == Belief { state: State::Forgotten, ..was };
        if !forgets && !is.beats(was, sim.settings().revive) && was != is {
            let told = |belief: Belief| format!("{} in {}", belief.state.word(), belief.incarnation);
            return Err(format!("beliefs only grow: {who} took {about} for {} and takes it for {}", told(was), told(is)));
        }
        let highest = self.incarnations.get(&about).copied().unwrap_or(0);
        if is.incarnation > highest {
            return Err(format!(
                "only the owner raises an incarnation: {who} has heard of {} of {about}, which has had {highest}",
                is.incarnation
            ));
        }
        Ok(())
    }

    /// Whoever has heard a rumour knows it as long as it lives, and a rumour says what it said.
    fn rumours_stay(&mut self, before: &OrdMap<u32, Known>, member: &Member) -> Held {
        for change in before.diff(member.rumours.known()) {
            let known = match change {
                Change::Add(_, known) | Change::Update { new: (_, known), .. } => known,
                Change::Remove(number, _) => return Err(format!("whoever heard a rumour knows it: {} has lost {number}", member.me)),
            };
            let Rumour { number, word, origin } = &known.rumour;
            let said = self.rumours.entry(*number).or_insert_with(|| (word.clone(), *origin));
            if (&said.0, &said.1) != (word, origin) {
                return Err(format!(
                    "rumours never change: {} heard `{word}` of {origin}, which was `{}` of {}",
                    member.me, said.0, said.1
                ));
            }
        }
        Ok(())
    }

    fn witnesses_are_distinct(&self, who: NodeId, about: NodeId, witnesses: &[NodeId], sim: &Sim<Gossip>) -> Held {
        let is_sorted = witnesses.windows(2).all(|pair| pair[0] < pair[1]);
        let own = witnesses.iter().all(|by| self.observed.contains_key(&(*by, about)));
        let enough = witnesses.len() >= sim.settings().witnesses as usize;
        if is_sorted && own && enough {
            return Ok(());
        }
        Err(format!("witnesses are different and have seen it themselves: {who} declares {about} dead on the word of {}", names(witnesses)))
    }

    fn suspected_before_dead(&mut self, who: NodeId, about: NodeId, at: Time, time: Span) -> Held {
        let since = self.suspects.remove(&(who, about));
        if self.is_loose || since.is_some_and(|since| at.since(since) >= time) {
            return Ok(());
        }
        Err(format!("whoever is declared dead had its time: {who} declares {about} dead and suspects it since {since:?}"))
    }

    /// In a period a member pings one other, and asks no more than it may.
    fn load_is_bounded(&self, before: &Before, member: &Member, sim: &Sim<Gossip>) -> Held {
        let (count, last) = before.probes;
        let more = member.swim.probes.saturating_sub(count);
        let is_early = count > 0 && more > 0 && sim.now().since(last) < sim.settings().period;
        let asked = member.swim.probe.map_or(0, |probe| probe.asked);
        if self.is_loose || (more <= 1 && !is_early && asked <= sim.settings().probes) {
            return Ok(());
        }
        Err(format!("a period has one ping: {} pinged {more} times and asked {asked} others", member.me))
    }
}

/// An answer counts for the ping of its number.
fn answers_match(member: &Member) -> Held {
    match member.swim.probe {
        Some(probe) if probe.answered.is_some_and(|number| number != probe.number) => {
            Err(format!("an answer is that to its ping: {} takes {:?} for the answer to {}", member.me, probe.answered, probe.number))
        }
        _ => Ok(()),
    }
}
