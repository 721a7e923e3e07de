//! Where the learner is the network: a choice is followed by what it sets going, and by nothing else.

use super::Walk;
use super::part::Stage;
use crate::sim::time::Span;

/// As far the clock goes on by itself to the end of what a node is busy with.
const AT_ONCE: Span = Span::ms(20);

/// The most events that follow from one choice.
const FOLLOW_MAX: u64 = 1000;

impl Walk {
    /// Whether messages wait until they are chosen, on one cluster.
    pub fn holds_messages(&self) -> bool {
        !self.stage().is_two() && self.cluster().ahead().holds
    }

    /// Lets nodes go on with what they are busy with, and what is due at this very moment happen: what is chosen is seen to have its
    /// effect. A timer, or work that takes long, is left to be chosen. Says how many events that were: `step` as often does the same.
    pub fn follow(&mut self) -> u64 {
        let Stage::One(run) = self.stage() else { return 0 };
        let until = run.at() + AT_ONCE;
        let mut followed = 0;
        while followed < FOLLOW_MAX {
            let run = self.timeline();
            let goes_on = run.cluster().goes_on_at().is_some_and(|at| at <= until || at == run.at());
            if run.is_poke_next() || !goes_on || !self.step_on().moved {
                break;
            }
            followed += 1;
        }
        followed
    }
}
