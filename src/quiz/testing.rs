//! Cards of the lessons in the program, for tests.

use std::collections::BTreeSet;

use super::bank::Bank;
use super::card::Card;
use super::item;
use crate::lesson::catalogue;

/// A question of a lesson in its first form, as learner 1 is asked it.
pub(crate) fn card(lesson: &str, question: &str) -> Card {
    let bank = bank(&[lesson]);
    let lesson = bank.lesson(lesson).unwrap();
    let question = lesson.questions.iter().find(|q| q.id == question).unwrap();
    Card::new(&item::id(&lesson.id, &question.id), item::form(question), question.clone(), lesson, 1)
}

/// What these lessons ask.
pub(crate) fn bank(lessons: &[&str]) -> Bank {
    Bank::new(lessons.iter().map(|id| catalogue().open(id).unwrap().unwrap()))
}

/// A set of indices.
pub(crate) fn set<const N: usize>(of: [usize; N]) -> BTreeSet<usize> {
    of.into_iter().collect()
}
