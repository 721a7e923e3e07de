//! FSRS-6: how a memory changes with each answer, and how likely it is there after some days.
//!
//! Source: open-spaced-repetition, "The Algorithm", section FSRS-6, with its published parameters, which fit most people. The tests hold
//! it against the reference implementation, the crate `fsrs`; that one also trains and simulates, and brings linear algebra and a pool of
//! threads into the program for it.

use libm::{expf, logf, powf};

use super::Grade;

/// The parameters, named by their numbers in the source.
const W: [f32; 21] = [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729,
    0.5425, 0.0912, 0.0658, 0.1542,
];
/// The bounds of stability, in days.
const STABILITY: (f32, f32) = (0.001, 36_500.0);
/// The bounds of difficulty.
const DIFFICULTY: (f32, f32) = (1.0, 10.0);

/// What is remembered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    /// After how many days nine of ten such memories still answer.
    pub(super) stability: f32,
    /// How hard it is to make this memory last, from 1 to 10.
    pub(super) difficulty: f32,
}

impl State {
    /// After the first answer.
    pub(super) fn first(grade: Grade) -> State {
        let stability = W[grade as usize - 1];
        State { stability, difficulty: within(DIFFICULTY, first_difficulty(grade)) }
    }

    /// After one more answer, so many days after the last.
    pub(super) fn after(self, grade: Grade, days: u32) -> State {
        let recall = self.recall(days as f32);
        let stability = match (days, grade) {
            (0, _) => self.on_the_same_day(grade),
            (_, Grade::Again) => self.forgotten(recall),
            _ => self.recalled(grade, recall),
        };
        State { stability: within(STABILITY, stability), difficulty: self.next_difficulty(grade) }
    }

    /// The chance that it is there after so many days, from 0 to 1.
    pub(super) fn recall(self, days: f32) -> f32 {
        powf(days / self.stability * factor() + 1.0, -W[20])
    }

    /// After how many days the chance that it is there has sunk to this share, from 0 to 1.
    pub(super) fn days_until(self, share: f32) -> f32 {
        self.stability / factor() * (powf(share, -1.0 / W[20]) - 1.0)
    }

    fn on_the_same_day(self, grade: Grade) -> f32 {
        let growth = expf(W[17] * (towards_good(grade) + W[18])) * powf(self.stability, -W[19]);
        self.stability * if grade == Grade::Again { growth } else { growth.max(1.0) }
    }

    fn recalled(self, grade: Grade, recall: f32) -> f32 {
        let factor = match grade {
            Grade::Hard => W[15],
            Grade::Easy => W[16],
            Grade::Good | Grade::Again => 1.0,
        };
        let surprise = expf((1.0 - recall) * W[10]) - 1.0;
        self.stability * (expf(W[8]) * (11.0 - self.difficulty) * powf(self.stability, -W[9]) * surprise * factor + 1.0)
    }

    fn forgotten(self, recall: f32) -> f32 {
        let left = W[11] * powf(self.difficulty, -W[12]) * (powf(self.stability + 1.0, W[13]) - 1.0) * expf((1.0 - recall) * W[14]);
        left.min(self.stability / expf(W[17] * W[18]))
    }

    fn next_difficulty(self, grade: Grade) -> f32 {
        let step = -W[6] * towards_good(grade);
        let damped = self.difficulty + (10.0 - self.difficulty) * step / 9.0;
        within(DIFFICULTY, W[7] * (first_difficulty(Grade::Easy) - damped) + damped)
    }
}

/// How much better than `good` an answer is.
fn towards_good(grade: Grade) -> f32 {
    grade as u8 as f32 - 3.0
}

/// Not within its bounds.
fn first_difficulty(grade: Grade) -> f32 {
    W[4] - expf(W[5] * (grade as u8 as f32 - 1.0)) + 1.0
}

/// What makes the chance nine in ten when as many days have passed as the stability has.
fn factor() -> f32 {
    expf(logf(0.9) / -W[20]) - 1.0
}

fn within((least, most): (f32, f32), value: f32) -> f32 {
    value.clamp(least, most)
}
