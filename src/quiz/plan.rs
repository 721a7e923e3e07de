//! What to ask in one sitting: what is due first, then what is new in topics that were begun, no two of a topic in a row where that
//! can be.

use std::collections::{BTreeMap, VecDeque};

use super::bank::Bank;
use super::item::{Idea, Item};
use super::shuffle;
use crate::lesson::drill::Asks;
use crate::lesson::question::{About, QuestionKind};
use crate::progress::State;
use crate::review::Day;

/// How long a sitting is unless said otherwise, in seconds.
pub const SITTING: u32 = 600;

/// How many questions follow a lesson.
pub const AFTER_LESSON: usize = 3;

/// What a learner wants to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Only what belongs to this topic or has this tag, due or not.
    pub topic: Option<String>,
    /// So many, and not what fits into ten minutes.
    pub count: Option<usize>,
    /// Whatever is due or not, without moving the schedule.
    pub cram: bool,
    /// A lesson was just gone through: some questions of it, as different as possible.
    pub after_lesson: bool,
}

impl Wish {
    /// The questions that follow a lesson.
    pub fn after(lesson: &str) -> Wish {
        Wish { topic: Some(lesson.to_string()), count: Some(AFTER_LESSON), after_lesson: true, ..Wish::default() }
    }

    fn is_met_by(&self, item: &Item) -> bool {
        self.topic.as_deref().is_none_or(|word| item.is_about(word))
    }

    /// Whether everything that is met counts, due or not.
    fn takes_all(&self) -> bool {
        self.cram || self.topic.is_some()
    }
}

/// How many goals meet a wish that cannot be asked, because nothing is known of what the learner has reached.
pub fn goals_left_out(bank: &Bank, state: &State, wish: &Wish) -> usize {
    bank.items().iter().filter(|item| wish.is_met_by(item) && !bank.is_ready(item, state)).count()
}

/// How urgent an item is: the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// Due, since this day.
    Due(Day),
    /// New, in a topic that was begun.
    New,
    /// New, in another topic.
    Unbegun,
    /// Due on this day to come.
    Later(Day),
}

/// The names of what to ask, in order. Empty where nothing is to be asked that meets the wish.
pub fn plan(bank: &Bank, state: &State, today: Day, wish: &Wish, learner: u64) -> Vec<String> {
    let met: Vec<&Item> = bank.items().iter().filter(|item| wish.is_met_by(item) && bank.is_ready(item, state)).collect();
    let chosen = if wish.after_lesson { varied(bank, met, state, learner) } else { urgent(met, state, today, wish, learner) };
    interleaved(enough(bank, chosen, wish)).into_iter().map(|item| item.id.clone()).collect()
}

fn urgency(item: &Item, state: &State, today: Day) -> Urgency {
    let due = state.item(&item.id).and_then(|known| known.due_on(today, state.exam(today), &item.id));
    match due {
        Some(day) if day <= today => Urgency::Due(day),
        Some(day) => Urgency::Later(day),
        None if state.topic(&item.topic).is_some() || state.items().any(|(_, known)| known.topic == item.topic) => Urgency::New,
        None => Urgency::Unbegun,
    }
}

/// The most urgent first; what is as urgent in an order of this learner's. Without a wish for more only what is due or new.
fn urgent<'b>(items: Vec<&'b Item>, state: &State, today: Day, wish: &Wish, learner: u64) -> Vec<&'b Item> {
    let mut all: Vec<(Urgency, u64, &Item)> =
        items.into_iter().map(|item| (urgency(item, state, today), shuffle::seed_of(learner, &item.id), item)).collect();
    all.sort_by_key(|(urgency, draw, _)| (*urgency, *draw));
    let begun = all.iter().any(|(urgency, ..)| *urgency < Urgency::Unbegun);
    let now = |urgency: &Urgency| match urgency {
        _ if wish.takes_all() => true,
        Urgency::Due(_) | Urgency::New => true,
        // Who has begun nothing is asked anything.
        Urgency::Unbegun => !begun,
        Urgency::Later(_) => false,
    };
    all.into_iter().filter(|(urgency, ..)| now(urgency)).map(|(.., item)| item).collect()
}

/// Questions of one lesson, as different as possible: one where something is to be seen, one of another system, one in words of a
/// user, and then the kinds that are not there yet. What was asked least often comes first.
fn varied<'b>(bank: &Bank, items: Vec<&'b Item>, state: &State, learner: u64) -> Vec<&'b Item> {
    let mut left = items;
    left.sort_by_key(|item| (state.item(&item.id).map_or(0, |known| known.answers.len()), shuffle::seed_of(learner, &item.id)));
    let mut taken: Vec<&Item> = Vec::new();
    while !left.is_empty() {
        let seen: Vec<_> = taken.iter().map(|item| looks(bank, item)).collect();
        let fresh = |item: &&Item| !seen.contains(&looks(bank, item));
        let next = left.iter().position(fresh).unwrap_or(0);
        taken.push(left.remove(next));
    }
    taken
}

/// What makes questions look different.
fn looks(bank: &Bank, item: &Item) -> Option<(About, &'static str)> {
    if let Some(drill) = bank.drill(item) {
        return Some(match drill.cases.first().map(|case| &case.asks) {
            Some(Asks::Clinic(_)) => (About::Clinic, ""),
            Some(Asks::Diagnose) => (About::This, "diagnose"),
            _ => (About::This, "predict"),
        });
    }
    if let Idea::Goal(_) = item.idea {
        return Some((About::This, "goal"));
    }
    bank.first(item).map(|question| match question.kind {
        QuestionKind::Predict { .. } => (About::This, "predict"),
        _ => (question.about, if question.about == About::This { question.kind.word() } else { "" }),
    })
}

/// As many as are wanted, or as fit into a sitting; one at least.
fn enough<'b>(bank: &Bank, items: Vec<&'b Item>, wish: &Wish) -> Vec<&'b Item> {
    if let Some(count) = wish.count {
        return items.into_iter().take(count).collect();
    }
    let mut seconds = 0;
    let fits = |item: &&Item| {
        let before = seconds;
        seconds += bank.seconds(item);
        before == 0 || seconds <= SITTING
    };
    items.into_iter().take_while(fits).collect()
}

/// The same in another order: one topic after the other, each in its own order, so that no topic follows itself while there is
/// another with as many left.
fn interleaved(items: Vec<&Item>) -> Vec<&Item> {
    let mut topics: BTreeMap<&str, VecDeque<&Item>> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for item in items {
        if !topics.contains_key(item.topic.as_str()) {
            order.push(&item.topic);
        }
        topics.entry(&item.topic).or_default().push_back(item);
    }
    let (mut woven, mut last) = (Vec::new(), "");
    loop {
        let left = |topic: &&&str| topics.get(**topic).map_or(0, VecDeque::len);
        let others = order.iter().filter(|topic| **topic != last && left(topic) > 0);
        // The first of those with most left: the others would run out before it.
        let most = others.rev().max_by_key(left).or_else(|| order.iter().find(|topic| left(topic) > 0));
        let Some(topic) = most.copied() else { return woven };
        woven.extend(topics.get_mut(topic).and_then(VecDeque::pop_front));
        last = topic;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::catalogue;
    use crate::progress::{Answer, Event, Record};
    use crate::review::Stamp;

    const TODAY: Day = Day(20_000);

    fn bank() -> Bank {
        Bank::of(catalogue())
    }

    fn answered(state: &mut State, item: &Item, right: bool, days_ago: u32) {
        let answer = Answer { item: item.id.clone(), topic: item.topic.clone(), right, ..Answer::default() };
        state.fold(Record::new(Stamp(0), Event::Answered(answer)), TODAY.minus(days_ago));
    }

    fn topics(bank: &Bank, plan: &[String]) -> Vec<String> {
        plan.iter().map(|id| bank.item(id).unwrap().topic.clone()).collect()
    }

    #[test]
    fn what_is_due_comes_first_and_what_is_not_stays_away() {
        let bank = bank();
        let mut state = State::default();
        let of_lag: Vec<&Item> = bank.items().iter().filter(|item| item.topic == "replication-lag").collect();
        answered(&mut state, of_lag[0], false, 3);
        answered(&mut state, of_lag[1], true, 0);
        let plan = plan(&bank, &state, TODAY, &Wish::default(), 1);
        assert_eq!(plan[0], of_lag[0].id);
        assert!(!plan.contains(&of_lag[1].id), "it is known for some days");
        assert!(topics(&bank, &plan).iter().all(|topic| topic == "replication-lag"), "no other topic was begun");
    }

    #[test]
    fn a_newcomer_is_asked_of_several_topics_for_ten_minutes() {
        let bank = bank();
        let plan = plan(&bank, &State::default(), TODAY, &Wish::default(), 1);
        let seconds: u32 = plan.iter().map(|id| bank.seconds(bank.item(id).unwrap())).sum();
        assert!((SITTING - 90..=SITTING).contains(&seconds), "{seconds}");
        let topics = topics(&bank, &plan);
        assert!(topics.windows(2).all(|pair| pair[0] != pair[1]), "{topics:?}");
        assert_ne!(plan, super::plan(&bank, &State::default(), TODAY, &Wish::default(), 2), "each learner has an order");
    }

    #[test]
    fn a_topic_is_drilled_due_or_not() {
        let bank = bank();
        let mut state = State::default();
        let item = bank.items().iter().find(|item| item.topic == "cap-theorem").unwrap();
        answered(&mut state, item, true, 0);
        let wish = Wish { topic: Some("cap-theorem".into()), count: Some(99), ..Wish::default() };
        let plan = plan(&bank, &state, TODAY, &wish, 1);
        let asked = |item: &&Item| item.topic == "cap-theorem" && !matches!(item.idea, Idea::Goal(_));
        assert_eq!(plan.len(), bank.items().iter().filter(asked).count(), "no goal was reached");
        assert_eq!(
            goals_left_out(&bank, &state, &wish),
            bank.items().iter().filter(|item| item.topic == "cap-theorem").count() - plan.len()
        );
        assert_eq!(plan.last(), Some(&item.id), "what is known comes last");
        let nothing = Wish { topic: Some("no-such".into()), ..Wish::default() };
        assert!(super::plan(&bank, &state, TODAY, &nothing, 1).is_empty());
    }

    #[test]
    fn three_questions_follow_a_lesson_and_differ() {
        let bank = bank();
        for lesson in bank.lessons() {
            let plan = plan(&bank, &State::default(), TODAY, &Wish::after(&lesson.id), 1);
            assert_eq!(plan.len(), AFTER_LESSON);
            let looks: std::collections::BTreeSet<String> =
                plan.iter().map(|id| format!("{:?}", looks(&bank, bank.item(id).unwrap()))).collect();
            assert_eq!(looks.len(), AFTER_LESSON, "{plan:?}");
        }
    }
}
