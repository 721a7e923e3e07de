//! What members believe of each other, and what they say of it.
//!
//! Beliefs of one member are ordered, and a member only ever takes a greater one over. So the order in which news arrives, and how often,
//! makes no difference, and all who have heard the same believe the same (Das, Gupta and Motivala, SWIM, DSN 2002, section 4.2).

use crate::persistent::OrdMap;
use crate::sim::draw::Stream;
use crate::sim::id::NodeId;

use super::settings::Revive;

/// How a member stands in the eyes of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It lives.
    Alive,
    /// Somebody got no answer from it.
    Suspect,
    /// It was declared dead.
    Dead,
    /// It was dead, and is forgotten: nothing is known of it.
    Forgotten,
}

impl State {
    /// The word for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            State::Alive => "alive",
            State::Suspect => "suspect",
            State::Dead => "dead",
            State::Forgotten => "forgotten",
        }
    }
}

/// What is believed of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belief {
    /// How it stands.
    pub state: State,
    /// The incarnation of the member that this is about: only the member itself raises it.
    pub incarnation: u32,
}

impl Belief {
    /// What everybody believes at first.
    pub(super) const FIRST: Belief = Belief { state: State::Alive, incarnation: 0 };

    /// Whether it is greater than another of the same member.
    pub(super) fn beats(self, other: Belief, revive: Revive) -> bool {
        // Whoever is forgotten is like a stranger: it can come, and nobody can accuse it.
        if other.state == State::Forgotten || self.state == State::Forgotten {
            return self.state == State::Alive;
        }
        let rank = |belief: Belief| (revive == Revive::Never && belief.state == State::Dead, belief.incarnation, belief.state);
        rank(self) > rank(other)
    }

    /// Whether it was declared dead, be that remembered or not.
    pub(super) fn is_gone(self) -> bool {
        !self.is_there()
    }

    /// Whether one still has to do with such a member: it lives or may live.
    pub(super) fn is_there(self) -> bool {
        matches!(self.state, State::Alive | State::Suspect)
    }
}

/// What one member says of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// Of whom.
    pub about: NodeId,
    /// In which incarnation.
    pub incarnation: u32,
    /// What.
    pub claim: Claim,
}

/// What is said of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It lives.
    Alive,
    /// This one got no answer from it, by its own observation of this number.
    Suspect {
        /// Who observed it, whoever passes it on.
        by: NodeId,
        /// The number of the observation among those of this observer.
        number: u64,
    },
    /// It is dead; declared by this one.
    Dead {
        /// Who declared it.
        by: NodeId,
    },
    /// The sender knows nothing of it.
    Unknown,
}

impl Update {
    /// The belief of whoever accepts it.
    pub(super) fn belief(&self) -> Belief {
        let state = match self.claim {
            Claim::Alive => State::Alive,
            Claim::Suspect { .. } => State::Suspect,
            Claim::Dead { .. } => State::Dead,
            Claim::Unknown => State::Forgotten,
        };
        Belief { state, incarnation: self.incarnation }
    }

    /// In a few words: `n5 dead`.
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.about, self.belief().state.word())
    }
}

/// What one member believes of all others. Of whom it says nothing, the first belief counts, so that it is as large as what has happened
/// and not as the group.
#[derive(Clone, Debug)]
pub(super) struct View {
    me: NodeId,
    members: u16,
    known: OrdMap<NodeId, Belief>,
}

/// So many draws at most until somebody is found who is there; then whoever comes next is taken.
const DRAWS_MAX: usize = 32;

impl View {
    /// Of a member that begins, in a group of so many.
    pub(super) fn new(me: NodeId, members: u16) -> View {
        View { me, members, known: OrdMap::new() }
    }

    /// What it believes of one.
    pub(super) fn of(&self, id: NodeId) -> Belief {
        self.known.get(&id).copied().unwrap_or(Belief::FIRST)
    }

    /// Everything that it believes but the first.
    pub(super) fn known(&self) -> &OrdMap<NodeId, Belief> {
        &self.known
    }

    pub(super) fn set(&mut self, id: NodeId, belief: Belief) {
        self.known.insert(id, belief);
    }

    /// How many there are, itself included.
    pub(super) fn members(&self) -> u16 {
        self.members
    }

    /// All others.
    pub(super) fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        (0..self.members).map(NodeId::server).filter(move |id| *id != me)
    }

    /// The other at a place, of as many as there are others.
    pub(super) fn other(&self, place: u32) -> NodeId {
        let place = place as u16;
        NodeId::server(if usize::from(place) < self.me.index() { place } else { place + 1 })
    }

    /// How many others there are.
    pub(super) fn other_count(&self) -> u32 {
        u32::from(self.members.saturating_sub(1))
    }

    /// One other of those that fit, each equally likely; `None`: nobody fits.
    pub(super) fn draw(&self, draws: &mut Stream, fits: impl Fn(NodeId, Belief) -> bool) -> Option<NodeId> {
        let all = self.other_count();
        let fits = |id: &NodeId| fits(*id, self.of(*id));
        let lucky = (0..DRAWS_MAX.min(all as usize * DRAWS_MAX)).map(|_| self.other(draws.below(all.into()) as u32)).find(&fits);
        lucky.or_else(|| {
            let start = draws.below(all.into()) as u32;
            (0..all).map(|step| self.other((start + step) % all)).find(&fits)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::draw::{Concern, Draws};
    use proptest::prelude::*;

    fn belief() -> impl Strategy<Value = Belief> {
        let state = prop_oneof![Just(State::Alive), Just(State::Suspect), Just(State::Dead)];
        (state, 0u32..4).prop_map(|(state, incarnation)| Belief { state, incarnation })
    }

    fn taken(all: &[Belief], revive: Revive) -> Belief {
        all.iter().fold(Belief::FIRST, |now, next| if next.beats(now, revive) { *next } else { now })
    }

    proptest! {
        #[test]
        fn whoever_hears_the_same_believes_the_same(all in proptest::collection::vec(belief(), 0..12), never: bool, seed in 0u64..99) {
            let revive = if never { Revive::Never } else { Revive::Newer };
            let mut other = all.clone();
            other.extend(all.iter().take(3).copied());
            let mut draws = Draws::new(seed).at(Concern::Pick, 0);
            rand::seq::SliceRandom::shuffle(&mut other[..], &mut draws);
            let (one, two) = (taken(&all, revive), taken(&other, revive));
            if never && one.state == State::Dead {
                prop_assert_eq!(two.state, State::Dead, "a confirm beats every alive");
            } else {
                prop_assert_eq!(one, two);
            }
        }
    }

    #[test]
    fn the_order_is_that_of_swim() {
        let of = |state, incarnation| Belief { state, incarnation };
        let newer = |a: Belief, b: Belief| a.beats(b, Revive::Newer);
        assert!(newer(of(State::Suspect, 3), of(State::Alive, 3)) && !newer(of(State::Alive, 3), of(State::Suspect, 3)));
        assert!(newer(of(State::Alive, 4), of(State::Suspect, 3)) && newer(of(State::Alive, 4), of(State::Dead, 3)));
        assert!(!of(State::Alive, 4).beats(of(State::Dead, 3), Revive::Never));
        assert!(!newer(of(State::Alive, 0), of(State::Dead, 0)), "what was said before the death does not undo it");
        assert!(newer(of(State::Alive, 0), of(State::Forgotten, 2)) && !newer(of(State::Dead, 5), of(State::Forgotten, 2)));
    }

    #[test]
    fn draws_find_everybody_who_fits_equally_often() {
        let mut view = View::new(NodeId::server(2), 6);
        view.set(NodeId::server(4), Belief { state: State::Dead, incarnation: 0 });
        let mut counts = [0; 6];
        for number in 0..4000 {
            let mut draws = Draws::new(1).at(Concern::Pick, number);
            counts[view.draw(&mut draws, |_, belief| belief.is_there()).unwrap().index()] += 1;
        }
        assert_eq!((counts[2], counts[4]), (0, 0));
        assert!([0, 1, 3, 5].iter().all(|at| (900..1100).contains(&counts[*at])), "{counts:?}");
        assert_eq!(view.draw(&mut Draws::new(1).at(Concern::Pick, 0), |_, _| false), None);
        assert_eq!(View::new(NodeId::server(0), 1).draw(&mut Draws::new(1).at(Concern::Pick, 0), |_, _| true), None);
    }
}
