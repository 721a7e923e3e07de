//! An exam: everything is asked once more before it, spread over the last days.

use super::day::Day;

/// Over at most how many days before the exam the last questions are spread.
const SPREAD: u32 = 7;

/// The day of an exam.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exam(pub Day);

impl Exam {
    /// The day on which to ask for something that was last answered on `last` and would be due on `due`: that day, or, where the
    /// exam comes first, one of the last days before it, at most [`SPREAD`] and in the second half of the time that is left.
    /// `share` says which of these days, so that not everything falls on one: any number, the same for the same thing.
    pub fn fit(self, last: Day, due: Day, share: u64) -> Day {
        let left = self.0.since(last);
        if due < self.0 || left < 2 {
            return due;
        }
        let days = (left / 2).clamp(1, SPREAD);
        self.0.minus(1 + (share % u64::from(days)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_due_before_the_exam_stays_where_it_is() {
        assert_eq!(Exam(Day(100)).fit(Day(90), Day(95), 3), Day(95));
    }

    #[test]
    fn there_is_nothing_to_fit_once_the_exam_is_over_or_there() {
        assert_eq!(Exam(Day(100)).fit(Day(100), Day(120), 3), Day(120));
        assert_eq!(Exam(Day(100)).fit(Day(99), Day(120), 3), Day(120));
    }

    proptest! {
        #[test]
        fn everything_else_comes_after_its_last_answer_and_before_the_exam(left in 2u32..1000, more in 0u32..1000, share in any::<u64>()) {
            let (last, exam) = (Day(500), Day(500).plus(left));
            let day = Exam(exam).fit(last, exam.plus(more), share);
            prop_assert!(day > last && day < exam && exam.since(day) <= SPREAD, "{day:?}");
        }

        #[test]
        fn a_lot_of_things_do_not_fall_on_one_day(shares in prop::collection::vec(any::<u64>(), 100..200)) {
            let days: std::collections::BTreeSet<Day> = shares.iter().map(|share| Exam(Day(100)).fit(Day(0), Day(200), *share)).collect();
            prop_assert_eq!(days.len(), SPREAD as usize);
        }
    }
}
