//! What is remembered of one thing, and when to ask for it again: FSRS-6, with the parameters that fit most people.
//!
//! *Stability* is the number of days after which nine of ten such memories still answer; *difficulty* goes from 1 to 10.

use super::day::Day;
use super::fsrs::State;
use super::grade::Grade;

/// The share of things that are to be remembered when they are asked again.
pub const RETENTION: f32 = 0.9;

/// How often something has to be forgotten to be called slippery.
const SLIPPERY_LAPSES: u16 = 4;

/// A memory that lasts this many days is firm, however often it slipped before.
const FIRM: f32 = 21.0;

/// What is remembered of one thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// After how many days nine of ten such memories still answer.
    pub stability: f32,
    /// How hard it is to make this memory last, from 1 to 10.
    pub difficulty: f32,
    /// The day of the last answer.
    pub last: Day,
    /// The day on which to ask again.
    pub due: Day,
    /// How often it was forgotten: a wrong answer after a right one.
    pub lapses: u16,
    /// Whether the last answer was right.
    pub known: bool,
}

impl Memory {
    /// Whether this is forgotten again and again: to ask once more helps less than to look at it anew.
    pub fn is_slippery(&self) -> bool {
        self.lapses >= SLIPPERY_LAPSES && self.stability < FIRM
    }

    /// On which day to ask again, as it is seen today. An answer that lies in days to come was given under a wrong clock: it is asked
    /// today. One day ahead is what a flight to the west does.
    pub fn due_on(&self, today: Day) -> Day {
        if self.last > today.plus(1) { today } else { self.due }
    }
}

impl Memory {
    /// What is remembered after one more answer; `before`: what was remembered until then, nothing for the first.
    pub fn after(before: Option<Memory>, grade: Grade, on: Day) -> Memory {
        let state = before.map_or_else(|| State::first(grade), |memory| memory.state().after(grade, on.since(memory.last)));
        let forgot = grade == Grade::Again && before.is_some_and(|memory| memory.known);
        Memory {
            stability: state.stability,
            difficulty: state.difficulty,
            last: on,
            due: on.plus(interval(state)),
            lapses: before.map_or(0, |memory| memory.lapses).saturating_add(forgot.into()),
            known: grade != Grade::Again,
        }
    }

    /// The chance that it is remembered on a day, from 0 to 1.
    pub fn recall(&self, on: Day) -> f32 {
        self.state().recall(on.since(self.last) as f32)
    }

    fn state(&self) -> State {
        State { stability: self.stability, difficulty: self.difficulty }
    }
}

/// After how many whole days to ask again, at least one.
fn interval(state: State) -> u32 {
    state.days_until(RETENTION).round().max(1.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::fsrs::{FSRS, FSRSItem, FSRSReview, MemoryState};
    use proptest::prelude::*;

    /// Answers, each with its grade and the days since the one before.
    fn after(answers: &[(Grade, u32)]) -> Memory {
        let mut day = Day(20_000);
        let mut memory = None;
        for (grade, days) in answers {
            day = day.plus(*days);
            memory = Some(Memory::after(memory, *grade, day));
        }
        memory.unwrap()
    }

    fn is(memory: &Memory, stability: f32, difficulty: f32) {
        assert!((memory.stability - stability).abs() < 1e-4 && (memory.difficulty - difficulty).abs() < 1e-4, "{memory:?}");
    }

    /// The values of the documentation of `fsrs::FSRS::next_states` and of the tests of the reference implementations
    /// (py-fsrs and fsrs-rs, `test_memory_state`: again, then five times good after 0, 1, 3, 8 and 21 days).
    #[test]
    fn memories_are_those_of_the_published_reference() {
        is(&after(&[(Grade::Again, 0)]), 0.212, 6.4133);
        is(&after(&[(Grade::Hard, 0)]), 1.2931, 5.112_171);
        is(&after(&[(Grade::Good, 0)]), 2.3065, 2.118_104);
        is(&after(&[(Grade::Easy, 0)]), 8.2956, 1.0);
        let good = |days| (Grade::Good, days);
        is(&after(&[(Grade::Again, 0), good(0), good(1), good(3), good(8), good(21)]), 53.626_91, 6.357_487);
    }

    /// At a retention of 0.9 the interval is the stability, to the nearest day.
    #[test]
    fn it_is_asked_again_when_nine_of_ten_would_know() {
        let memory = after(&[(Grade::Easy, 0)]);
        assert_eq!(memory.due.since(memory.last), 8);
        assert!((memory.recall(memory.last.plus(8)) - RETENTION).abs() < 0.005);
        let forgotten = after(&[(Grade::Again, 0)]);
        assert_eq!(forgotten.due.since(forgotten.last), 1);
    }

    #[test]
    fn what_slips_again_and_again_is_slippery_until_it_is_firm() {
        let mut answers = vec![(Grade::Good, 0)];
        for _ in 0..SLIPPERY_LAPSES {
            assert!(!after(&answers).is_slippery());
            answers.extend([(Grade::Again, 3), (Grade::Good, 1)]);
        }
        assert!(after(&answers).is_slippery());
        let wrong_from_the_first = vec![(Grade::Again, 1); 9];
        assert!(!after(&wrong_from_the_first).is_slippery(), "what was never known cannot slip");
        let mut days = 3;
        while after(&answers).is_slippery() {
            answers.push((Grade::Easy, days));
            days *= 2;
            assert!(answers.len() < 30, "it never gets firm");
        }
    }

    #[test]
    fn an_answer_of_days_to_come_is_asked_today() {
        let memory = after(&[(Grade::Easy, 0)]);
        assert_eq!(memory.due_on(memory.last.minus(1)), memory.due);
        assert_eq!(memory.due_on(memory.last.minus(2)), memory.last.minus(2));
    }

    proptest! {
        #[test]
        fn any_history_gives_a_memory_that_can_be_asked_for(answers in prop::collection::vec((0usize..4, -400i32..4000), 1..40)) {
            let (mut day, mut memory) = (Day(20_000), None);
            for (grade, days) in answers {
                day = Day(day.0 + days);
                let next = Memory::after(memory, Grade::ALL[grade], day);
                prop_assert!(next.stability.is_finite() && next.stability > 0.0 && (1.0..=10.0).contains(&next.difficulty));
                prop_assert!(next.due > next.last);
                prop_assert!((0.0..=1.0).contains(&next.recall(day.minus(10))));
                memory = Some(next);
            }
        }

        /// Step by step, it is what the reference makes of the whole history, but for the last digits.
        #[test]
        fn memories_are_those_of_the_reference(answers in prop::collection::vec((0usize..4, 0u32..400), 1..20), days in 0u32..2000) {
            let reviews = answers.iter().map(|(grade, days)| FSRSReview { rating: Grade::ALL[*grade] as u32, delta_t: *days });
            let reference = FSRS::default();
            let whole = reference.memory_state(FSRSItem { reviews: reviews.collect() }, None).unwrap();
            let answers: Vec<_> = answers.iter().map(|(grade, days)| (Grade::ALL[*grade], *days)).collect();
            let memory = after(&answers);
            let near = |own: f32, theirs: f32| (own - theirs).abs() <= 1e-4 * theirs.abs();
            prop_assert!(near(memory.stability, whole.stability) && near(memory.difficulty, whole.difficulty), "{memory:?} and {whole:?}");
            let state = MemoryState { stability: memory.stability, difficulty: memory.difficulty };
            let recall = ::fsrs::current_retrievability(state, days as f32, ::fsrs::FSRS6_DEFAULT_DECAY);
            prop_assert!(near(memory.recall(memory.last.plus(days)), recall));
            let interval = reference.next_interval(Some(memory.stability), RETENTION, 0);
            prop_assert!(near(memory.state().days_until(RETENTION), interval));
        }
    }
}
