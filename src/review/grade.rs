//! How well something was known: the four grades of FSRS, and what an answer is graded by.

use serde::{Deserialize, Serialize};

/// How sure a learner says to be, before the answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// It is a guess.
    Guess,
    /// "I think so".
    Think,
    /// "I am sure".
    Sure,
}

impl Confidence {
    /// All, the least sure first.
    pub const ALL: [Confidence; 3] = [Confidence::Guess, Confidence::Think, Confidence::Sure];

    /// The word on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Confidence::Guess => "guess",
            Confidence::Think => "think so",
            Confidence::Sure => "sure",
        }
    }
}

/// How an answer turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it was right.
    pub right: bool,
    /// Whether the last hint, or a part of the answer, was shown before.
    pub helped: bool,
    /// How sure the learner was, where that was said.
    pub confidence: Option<Confidence>,
    /// Whether something was done in the best way that is known, without help.
    pub best: bool,
}

/// How well something was known. The numbers are those of FSRS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Not known.
    Again = 1,
    /// Known with help, or by luck.
    Hard = 2,
    /// Known.
    Good = 3,
    /// Known at once, and for sure.
    Easy = 4,
}

impl Grade {
    /// All, the worst first.
    pub const ALL: [Grade; 4] = [Grade::Again, Grade::Hard, Grade::Good, Grade::Easy];

    /// The word on the screen and in the log.
    pub const fn word(self) -> &'static str {
        match self {
            Grade::Again => "again",
            Grade::Hard => "hard",
            Grade::Good => "good",
            Grade::Easy => "easy",
        }
    }
}

impl From<Outcome> for Grade {
    /// Wrong is again; right with help or by a guess is hard; right is good; right, sure and without help is easy, and so is what was
    /// done in the best way that is known.
    fn from(outcome: Outcome) -> Grade {
        match outcome {
            Outcome { right: false, .. } => Grade::Again,
            Outcome { helped: true, .. } | Outcome { confidence: Some(Confidence::Guess), .. } => Grade::Hard,
            Outcome { confidence: Some(Confidence::Sure), .. } | Outcome { best: true, .. } => Grade::Easy,
            Outcome { confidence: Some(Confidence::Think) | None, .. } => Grade::Good,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_graded_by_how_it_came_about() {
        let graded = |right, helped, confidence, best| Grade::from(Outcome { right, helped, confidence, best });
        let grade = |right, helped, confidence| graded(right, helped, confidence, false);
        for helped in [false, true] {
            for confidence in [None, Some(Confidence::Guess), Some(Confidence::Think), Some(Confidence::Sure)] {
                assert_eq!(grade(false, helped, confidence), Grade::Again);
            }
        }
        assert_eq!(grade(true, true, Some(Confidence::Sure)), Grade::Hard);
        assert_eq!(grade(true, false, Some(Confidence::Guess)), Grade::Hard);
        assert_eq!(grade(true, false, None), Grade::Good);
        assert_eq!(grade(true, false, Some(Confidence::Think)), Grade::Good);
        assert_eq!(grade(true, false, Some(Confidence::Sure)), Grade::Easy);
        assert_eq!((graded(true, false, None, true), graded(false, false, None, true)), (Grade::Easy, Grade::Again));
    }
}
