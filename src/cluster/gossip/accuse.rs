//! From an observation to a declaration: who accuses whom, how many witnesses there are, and the time in which one can object.

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::belief::{Belief, Claim, State, Update};
use super::member::Member;
use super::note::{How, Note};
use super::{Context, Timer};

/// What is held against a member.
#[derive(Clone, Debug, Default)]
pub(super) struct Accused {
    /// Who has observed by itself that it does not answer, each once.
    witnesses: OrdMap<NodeId, Witness>,
    /// Whether it has had its time to object.
    is_ripe: bool,
}

/// The newest observation of one witness.
#[derive(Clone, Copy, Debug)]
struct Witness {
    /// Its number. What is not newer has been heard before.
    number: u64,
    /// Whether it still counts: it is not too old, nor taken back.
    counts: bool,
}

impl Accused {
    /// The witnesses whose observations count.
    pub(super) fn witnesses(&self) -> impl Iterator<Item = NodeId> {
        self.witnesses.iter().filter(|(_, witness)| witness.counts).map(|(by, _)| *by)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.witnesses().count()
    }

    /// Their accusations.
    pub(super) fn claims(&self) -> impl Iterator<Item = Claim> {
        let counting = self.witnesses.iter().filter(|(_, witness)| witness.counts);
        counting.map(|(by, witness)| Claim::Suspect { by: *by, number: witness.number })
    }

    /// Takes in an observation. `false`: it has been heard before.
    fn hear(&mut self, by: NodeId, number: u64) -> bool {
        let is_new = self.witnesses.get(&by).is_none_or(|known| known.number < number);
        if is_new {
            self.witnesses.insert(by, Witness { number, counts: true });
        }
        is_new
    }

    /// The observation of one does not count any more. `false`: it did not count before.
    fn discount(&mut self, by: NodeId) -> bool {
        self.witnesses.get_mut(&by).is_some_and(|witness| std::mem::replace(&mut witness.counts, false))
    }
}

impl Member {
    /// By this member's own observation, another does not answer.
    pub(super) fn observe(&mut self, about: NodeId, how: How, cx: &mut Context<'_>) {
        let was = self.view.of(about);
        if !was.is_there() {
            return;
        }
        self.observations += 1;
        let (number, first) = (self.observations, was.state == State::Alive);
        let again = self.accused.get(&about).is_some_and(|accused| accused.witnesses.contains_key(&self.me));
        cx.note(Note::Observes { about, number, first, again, how });
        if first {
            self.view.set(about, Belief { state: State::Suspect, ..was });
            self.accuse(about, cx);
        }
        let claim = Claim::Suspect { by: self.me, number };
        self.hear_witness(Update { about, incarnation: was.incarnation, claim }, (self.me, number), cx);
    }

    /// A member is suspected from here on, in an incarnation: its time to object begins.
    pub(super) fn accuse(&mut self, about: NodeId, cx: &mut Context<'_>) {
        self.drop_case(about, cx);
        let time = cx.settings().suspicion;
        self.accused.insert(about, Accused { is_ripe: time == Span::ZERO, ..Accused::default() });
        if time > Span::ZERO {
            cx.set_timer(time, Timer::Suspicion(about));
        }
    }

    /// Another observation of a member that is suspected already. What was heard before changes nothing, however often it comes: neither
    /// the witnesses, nor how long each counts, nor the time to object.
    pub(super) fn hear_witness(&mut self, update: Update, (by, number): (NodeId, u64), cx: &mut Context<'_>) {
        let Some(accused) = self.accused.get_mut(&update.about) else { return };
        if !accused.hear(by, number) {
            return;
        }
        self.news.add(update);
        cx.set_timer(cx.settings().window, Timer::Window(update.about, by));
        self.judge(update.about, cx);
    }

    /// The time to object is over.
    pub(super) fn on_suspicion(&mut self, about: NodeId, cx: &mut Context<'_>) {
        if let Some(accused) = self.accused.get_mut(&about) {
            accused.is_ripe = true;
            self.judge(about, cx);
        }
    }

    /// An observation has become too old.
    pub(super) fn on_window(&mut self, about: NodeId, by: NodeId) {
        if let Some(accused) = self.accused.get_mut(&about) {
            accused.discount(by);
            self.news.drop_accusation(about, by);
        }
    }

    /// This member has a sign of life of another: its own observation does not count any more.
    pub(super) fn withdraw(&mut self, about: NodeId, cx: &mut Context<'_>) {
        let me = self.me;
        if let Some(accused) = self.accused.get_mut(&about)
            && accused.discount(me)
        {
            self.news.drop_accusation(about, me);
            cx.cancel_timer(Timer::Window(about, me));
        }
    }

    /// Whether this member accuses another by its own observation.
    pub(super) fn accuses(&self, about: NodeId) -> bool {
        self.accused.get(&about).is_some_and(|accused| accused.witnesses().any(|by| by == self.me))
    }

    /// Declares a member dead, where it had its time and there are enough witnesses.
    fn judge(&mut self, about: NodeId, cx: &mut Context<'_>) {
        let Some(accused) = self.accused.get(&about) else { return };
        if !accused.is_ripe || accused.count() < cx.settings().witnesses as usize {
            return;
        }
        let witnesses: Vec<NodeId> = accused.witnesses().collect();
        let incarnation = self.view.of(about).incarnation;
        cx.note(Note::Declares { about, incarnation, witnesses });
        self.view.set(about, Belief { state: State::Dead, incarnation });
        self.news.add(Update { about, incarnation, claim: Claim::Dead { by: self.me } });
        self.close(about, cx);
    }

    /// Other rules hold: whoever is suspected is judged by them.
    pub(super) fn reconsider(&mut self, cx: &mut Context<'_>) {
        let all: Vec<NodeId> = self.accused.keys().copied().collect();
        for about in all {
            self.judge(about, cx);
        }
    }

    /// Nothing is held against a member any more.
    pub(super) fn drop_case(&mut self, about: NodeId, cx: &mut Context<'_>) {
        let Some(accused) = self.accused.remove(&about) else { return };
        cx.cancel_timer(Timer::Suspicion(about));
        accused.witnesses().for_each(|by| cx.cancel_timer(Timer::Window(about, by)));
    }
}
