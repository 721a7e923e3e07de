//! Everything that can be asked.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::card::Card;
use super::drill;
use super::goal;
use super::item::{self, Idea, Item};
use super::shuffle;
use crate::lesson::drill::Drill;
use crate::lesson::question::Question;
use crate::lesson::{Catalogue, Lesson};
use crate::progress::State;
use crate::progress::item::Item as Known;
use crate::timeline::Brake;

/// The most threads that read lessons at once.
const THREADS_MAX: usize = 8;

/// As much as the main thread of a program usually has: a lesson builds the clusters that it speaks of.
const STACK: usize = 8 << 20;

/// Everything that some lessons ask. A clone shares them.
#[derive(Clone, Debug, Default)]
pub struct Bank {
    lessons: Vec<Arc<Lesson>>,
    items: Vec<Item>,
}

impl Bank {
    /// What the lessons of a catalogue ask, in the order of the topics. A lesson that cannot be read asks nothing: opening it says why.
    pub fn of(catalogue: &Catalogue) -> Bank {
        Bank::read(catalogue, &AtomicUsize::new(0), &Brake::default())
    }

    /// The same, by as many threads as run at once. `read` counts the lessons that were gone through; once the brake is pulled the
    /// rest is left out.
    pub fn read(catalogue: &Catalogue, read: &AtomicUsize, brake: &Brake) -> Bank {
        let (ids, next) = (catalogue.lessons().collect::<Vec<_>>(), AtomicUsize::new(0));
        let some = || {
            let mut found = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(id) = ids.get(at).filter(|_| !brake.is_pulled()) else { return found };
                found.extend(catalogue.open(id).and_then(Result::ok).map(|lesson| (at, lesson)));
                read.fetch_add(1, Ordering::Relaxed);
            }
        };
        let more = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX) - 1;
        let mut lessons = thread::scope(|scope| {
            // Where no thread is to be had, the others read the more.
            let beside = (0..more).filter_map(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, some).ok());
            let beside: Vec<_> = beside.collect();
            let mut lessons = some();
            for thread in beside {
                lessons.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            lessons
        });
        lessons.sort_by_key(|(at, _)| *at);
        Bank::new(lessons.into_iter().map(|(_, lesson)| lesson))
    }

    /// What these lessons ask.
    pub fn new(lessons: impl IntoIterator<Item = Arc<Lesson>>) -> Bank {
        let lessons: Vec<Arc<Lesson>> = lessons.into_iter().collect();
        let items = lessons.iter().flat_map(|lesson| item::items(lesson)).collect();
        Bank { lessons, items }
    }

    /// Every item, in the order of the topics.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item of this name.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The lesson of this id.
    pub fn lesson(&self, id: &str) -> Option<&Arc<Lesson>> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }

    /// The lessons.
    pub fn lessons(&self) -> impl Iterator<Item = &Arc<Lesson>> {
        self.lessons.iter()
    }

    /// Every topic, tag and name that items are found by.
    pub fn words(&self) -> impl Iterator<Item = &str> + Clone {
        self.items.iter().flat_map(|item| item.tags.iter().chain([&item.topic, &item.id])).map(String::as_str)
    }

    /// The first form of an item.
    pub fn first(&self, asked: &Item) -> Option<&Question> {
        let Idea::Questions(forms) = &asked.idea else { return None };
        self.lesson(&asked.topic)?.questions.get(*forms.first()?)
    }

    /// The drill of an item.
    pub fn drill(&self, asked: &Item) -> Option<&Drill> {
        let Idea::Drill(index) = &asked.idea else { return None };
        self.lesson(&asked.topic)?.drills.get(*index)
    }

    /// Whether an item can be asked of a learner: a goal only once it was reached in its lesson.
    pub fn is_ready(&self, asked: &Item, state: &State) -> bool {
        let Idea::Goal(step) = &asked.idea else { return true };
        let step = self.lesson(&asked.topic).and_then(|lesson| lesson.steps.get(*step));
        step.is_some_and(|step| goal::was_reached(state, &asked.topic, &step.id))
    }

    /// About how long an item takes, in seconds.
    pub fn seconds(&self, asked: &Item) -> u32 {
        self.first(asked).map(item::seconds).or_else(|| self.drill(asked).map(item::drill_seconds)).unwrap_or(item::GOAL)
    }

    /// An item as it is asked next: in another form than last time, where there is one. A drill is drawn anew: its runs are under
    /// this brake, and `asked` says how often it was drawn in this sitting. `None` where there is no such item; the error says why a
    /// drill makes nothing.
    pub fn card(&self, id: &str, (learner, asked): (u64, usize), state: &State, brake: &Brake) -> Option<Result<Card, String>> {
        let item = self.item(id)?;
        let lesson = self.lesson(&item.topic)?;
        let known = state.item(id);
        match &item.idea {
            Idea::Questions(forms) => self::asked(item, lesson, forms, known, learner).map(Ok),
            Idea::Drill(index) => {
                let turn = known.map_or(0, |known| known.answers.len());
                let draw = shuffle::seed_of(learner, &format!("{id} {turn} {asked}"));
                Some(drill::card(id, lesson, lesson.drills.get(*index)?, learner, draw, brake))
            }
            Idea::Goal(step) => goal::card(id, lesson, *step, learner).map(Ok),
        }
    }
}

/// A question in the form that comes next.
fn asked(item: &Item, lesson: &Arc<Lesson>, forms: &[usize], known: Option<&Known>, learner: u64) -> Option<Card> {
    let names: Vec<String> = forms.iter().map(|form| item::form(&lesson.questions[*form])).collect();
    let turn = known.map_or(0, |known| known.answers.len());
    let form = next_form(&names, &shuffle::order(learner, &item.id, names.len()), turn, known.and_then(Known::last_form))?;
    Some(Card::new(&item.id, names[form].clone(), lesson.questions[forms[form]].clone(), lesson, learner))
}

/// The form to ask in: one after the other in the order of this learner, but not the one of last time where there is another.
fn next_form(names: &[String], order: &[usize], turn: usize, last: Option<&str>) -> Option<usize> {
    let in_turn = |turn: usize| order.get(turn % order.len().max(1)).copied();
    let form = in_turn(turn)?;
    if names.len() > 1 && last == Some(names[form].as_str()) { in_turn(turn + 1) } else { Some(form) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::catalogue;
    use crate::quiz::testing;

    #[test]
    fn every_item_of_every_lesson_can_be_asked() {
        let bank = Bank::of(catalogue());
        assert!(bank.items().len() > 30);
        for item in bank.items() {
            let card = bank.card(&item.id, (1, 0), &State::default(), &Brake::default()).unwrap_or_else(|| panic!("{item}"));
            let card = card.unwrap_or_else(|why| panic!("{item}: {why}"));
            assert!(!card.question.text.is_empty() && bank.seconds(item) > 20);
            let mut shown = card.shown.clone();
            shown.sort_unstable();
            assert!(shown.into_iter().eq(0..card.shown.len()));
        }
        assert!(bank.card("no/such", (1, 0), &State::default(), &Brake::default()).is_none());
    }

    #[test]
    fn a_review_asks_in_another_form() {
        let names = ["a", "b", "c"].map(String::from);
        let mut last: Option<String> = None;
        for turn in 0..20 {
            let form = next_form(&names, &[2, 0, 1], turn, last.as_deref()).unwrap();
            assert_ne!(last.as_deref(), Some(names[form].as_str()));
            last = Some(names[form].clone());
        }
        assert_eq!(next_form(&names[..1], &[0], 5, Some("a")), Some(0));
        assert_eq!(next_form(&[], &[], 0, None), None);
    }

    #[test]
    fn options_stay_where_this_learner_saw_them() {
        let first = testing::card("failover-limits", "q-timeout");
        let again = testing::card("failover-limits", "q-timeout");
        assert_eq!(first.shown, again.shown);
    }
}
