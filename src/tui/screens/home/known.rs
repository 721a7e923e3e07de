//! What the home screen says of the learner: what to do today, and a mark for every topic. It is made anew when something was learnt
//! or another day begins, not for every frame.

use crate::lesson::Catalogue;
use crate::progress::state::{Mastery, State};
use crate::progress::today::{Today, place};
use crate::review::Day;

use super::Topic;

/// What is known of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// How well it is known.
    pub(super) mastery: Mastery,
    /// How many questions of it are due.
    pub(super) due: usize,
    /// How far its lesson was walked, in a few words.
    pub(super) place: String,
}

/// What is known of the learner.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// From which state it was made.
    made: Option<(usize, Day)>,
    /// What can be done at once, in order.
    pub(super) today: Vec<Today>,
    /// A mark for every topic.
    pub(super) marks: Vec<Mark>,
}

impl Known {
    /// Whether something was learnt, or another day began, since it was made.
    pub(super) fn is_old(&self, state: &State, today: Day) -> bool {
        self.made != Some((state.events(), today))
    }

    /// What is known now.
    pub(super) fn new(topics: &[Topic], catalogue: &Catalogue, state: &State, today: Day) -> Known {
        let mark = |topic: &Topic| Mark {
            mastery: state.mastery(&topic.id, today),
            due: state.due_of(&topic.id, today),
            place: state.topic(&topic.id).map_or_else(String::new, |walked| place(catalogue, &topic.id, walked)),
        };
        let marks: Vec<Mark> = topics.iter().map(mark).collect();
        Known { made: Some((state.events(), today)), today: Today::of(catalogue, state, today), marks }
    }
}
