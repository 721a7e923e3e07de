//! A question put to a class, round by round. No web in it, and no names: a voter is whatever can be told apart.

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

/// What a class is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question.
    pub text: String,
    /// What can be answered; an answer is named by its place, from 0.
    pub options: Vec<String>,
}

/// One opening of the vote. No two rounds of a [`Poll`] are equal, whatever was asked in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Round(u32);

impl Round {
    /// The number by which a page names it.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl From<u32> for Round {
    fn from(number: u32) -> Round {
        Round(number)
    }
}

/// How far a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is asked.
    Idle,
    /// It is asked, and no round was opened yet.
    Asked,
    /// Votes are taken, and can be changed. `nth` is 1 for the first round of this question.
    Open {
        /// The round that takes them.
        round: Round,
        /// Which round of this question it is, from 1.
        nth: usize,
    },
    /// The round is over, and nothing is taken.
    Closed {
        /// Which round of this question it was, from 1.
        nth: usize,
    },
}

/// Why a vote is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// No round is open.
    #[error("the vote is closed")]
    Closed,
    /// It was meant for another round than the one that is open.
    #[error("that vote was for a round that is over")]
    Past,
    /// The question has no such answer.
    #[error("there is no such answer")]
    NoSuchOption,
}

/// A question and the ballots of its rounds: one for each voter and round, changeable while the round is open.
#[derive(Clone, Debug)]
pub struct Poll<V> {
    question: Option<Arc<Question>>,
    rounds: Vec<BTreeMap<V, usize>>,
    /// The place among them of the one that is open or was last.
    at: usize,
    open: bool,
    /// How many rounds other questions had.
    earlier: u32,
}

impl<V> Default for Poll<V> {
    fn default() -> Poll<V> {
        Poll { question: None, rounds: Vec::new(), at: 0, open: false, earlier: 0 }
    }
}

impl<V: Ord> Poll<V> {
    /// Puts a question. The one before and its ballots are forgotten.
    pub fn ask(&mut self, question: Question) {
        self.withdraw();
        self.question = Some(Arc::new(question));
    }

    /// Asks nothing any more. The question and its ballots are forgotten.
    pub fn withdraw(&mut self) {
        self.earlier = self.earlier.saturating_add(u32::try_from(self.rounds.len()).unwrap_or(u32::MAX));
        self.question = None;
        self.rounds.clear();
        (self.at, self.open) = (0, false);
    }

    /// Opens the next round, with no ballots in it. Nothing happens where none is asked or a round is open.
    pub fn open(&mut self) {
        if !self.open {
            self.open_round(self.rounds.len() + 1);
        }
    }

    /// Opens the round of this question with this number, from 1, in place of one that is open. One that was open before goes on with the
    /// ballots that it has, and those before it that never were have none. Nothing happens where none is asked.
    pub fn open_round(&mut self, nth: usize) {
        if self.question.is_some() && nth > 0 {
            self.rounds.resize_with(self.rounds.len().max(nth), BTreeMap::new);
            (self.at, self.open) = (nth - 1, true);
        }
    }

    /// Closes the round: its ballots stay as they are.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// How far the question is.
    pub fn stage(&self) -> Stage {
        let nth = self.at + 1;
        match (&self.question, self.rounds.is_empty(), self.open) {
            (None, ..) => Stage::Idle,
            (Some(_), true, _) => Stage::Asked,
            (Some(_), false, true) => Stage::Open { round: self.round(), nth },
            (Some(_), false, false) => Stage::Closed { nth },
        }
    }

    /// The name of the round that is open or was last.
    fn round(&self) -> Round {
        Round(self.earlier.saturating_add(u32::try_from(self.at + 1).unwrap_or(u32::MAX)))
    }

    /// What is asked.
    pub fn question(&self) -> Option<&Arc<Question>> {
        self.question.as_ref()
    }

    /// Takes the vote of `voter` for the answer at place `option`, in place of one that it gave before in this round.
    pub fn cast(&mut self, voter: V, round: Round, option: usize) -> Result<(), Refused> {
        let now = self.round();
        let (Some(question), Some(ballots), true) = (&self.question, self.rounds.get_mut(self.at), self.open) else {
            return Err(Refused::Closed);
        };
        if round != now {
            return Err(Refused::Past);
        }
        if option >= question.options.len() {
            return Err(Refused::NoSuchOption);
        }
        ballots.insert(voter, option);
        Ok(())
    }

    /// What `voter` answered in the round that is open or was last.
    pub fn vote_of(&self, voter: &V) -> Option<usize> {
        self.rounds.get(self.at)?.get(voter).copied()
    }

    /// For each round of this question, how many chose each answer.
    pub fn counts(&self) -> Vec<Vec<u32>> {
        let options = self.question.as_ref().map_or(0, |question| question.options.len());
        let count = |ballots: &BTreeMap<V, usize>| {
            let mut counts = vec![0; options];
            for &option in ballots.values() {
                counts[option] += 1;
            }
            counts
        };
        self.rounds.iter().map(count).collect()
    }

    /// How many have voted in the round that is open or was last.
    pub fn voted(&self) -> usize {
        self.rounds.get(self.at).map_or(0, BTreeMap::len)
    }

    /// Who has voted in the round that is open or was last.
    pub fn voters(&self) -> impl Iterator<Item = &V> {
        self.rounds.get(self.at).into_iter().flat_map(BTreeMap::keys)
    }
}

#[cfg(test)]
#[path = "poll_tests.rs"]
mod tests;
