//! What the events of a learner add up to.

use proptest::prelude::*;

use super::event::{Answer, Event, Record};
use super::state::{Mastery, State, Tally};
use crate::review::{Confidence, Day, Grade, Stamp};

/// Folds events, each on its day.
fn state(events: &[(i32, Event)]) -> State {
    let mut state = State::default();
    for (day, event) in events {
        state.fold(Record::new(Stamp(i64::from(*day)), event.clone()), Day(*day));
    }
    state
}

fn answer(item: &str, right: bool) -> Answer {
    Answer { item: item.into(), topic: "lag".into(), right, ..Answer::default() }
}

fn right(item: &str) -> Event {
    Event::Answered(answer(item, true))
}

fn wrong(item: &str) -> Event {
    Event::Answered(answer(item, false))
}

fn seen(lesson: &str, step: &str) -> Event {
    Event::StepSeen { lesson: lesson.into(), step: step.into() }
}

fn done(lesson: &str, step: &str) -> Event {
    Event::StepDone { lesson: lesson.into(), step: step.into() }
}

fn finished(lesson: &str) -> Event {
    Event::Finished { lesson: lesson.into() }
}

#[test]
fn the_last_lesson_that_was_not_finished_goes_on_where_it_was() {
    let mut events = vec![(1, seen("lag", "one")), (1, done("lag", "one")), (2, seen("lag", "two")), (3, seen("cap", "one"))];
    let here = |events: &[(i32, Event)]| state(events).unfinished().map(|(id, topic)| (id.to_string(), topic.here.clone().unwrap()));
    assert_eq!(here(&events), Some(("cap".to_string(), "one".to_string())));
    events.push((4, finished("cap")));
    assert_eq!(here(&events), Some(("lag".to_string(), "two".to_string())));
    assert_eq!(state(&events).topic("lag").unwrap().done(), 1);
}

#[test]
fn the_first_prediction_and_the_best_way_to_the_goal_count() {
    let predicted = |option: &str, right| Event::Predicted { lesson: "lag".into(), step: "p".into(), option: option.into(), right };
    let reached = |pokes, helped| Event::Reached { lesson: "lag".into(), step: "g".into(), pokes, helped, shown: false };
    let state = state(&[
        (1, predicted("a", false)),
        (1, predicted("b", true)),
        (1, reached(4, false)),
        (1, reached(2, true)),
        (1, reached(3, false)),
    ]);
    let topic = state.topic("lag").unwrap();
    assert_eq!(topic.steps["p"].predicted, Some(("a".to_string(), false)));
    assert_eq!(topic.steps["g"].reached.map(|reached| (reached.pokes, reached.helped)), Some((2, true)));
    assert!(topic.steps["g"].done);
}

#[test]
fn what_is_due_comes_back_the_longest_due_first() {
    let state = state(&[(10, right("known")), (10, wrong("missed")), (11, wrong("missed-later"))]);
    assert_eq!(state.due(Day(10)), Vec::<&str>::new());
    assert_eq!(state.due(Day(11)), ["missed"]);
    assert_eq!(state.due(Day(12)), ["missed", "known", "missed-later"]);
    assert_eq!(state.due_of("lag", Day(12)), 3);
    assert_eq!(state.due_of("cap", Day(12)), 0);
    assert_eq!(state.forecast::<4>(Day(10)), [0, 1, 2, 0]);
    assert_eq!(state.forecast::<4>(Day(30)), [3, 0, 0, 0], "what is overdue is for today");
}

#[test]
fn cram_moves_nothing() {
    let crammed = Event::Answered(Answer { cram: true, ..answer("q", false) });
    let state = state(&[(10, right("q")), (11, crammed.clone()), (12, crammed)]);
    let plain = self::state(&[(10, right("q"))]);
    let item = state.item("q").unwrap();
    assert_eq!((item.memory, item.answers.len()), (plain.item("q").unwrap().memory, 3));
}

#[test]
fn the_learner_overrides_and_takes_back() {
    let regraded = Event::Regraded { item: "q".into(), grade: Grade::Easy };
    let undone = Event::Undone { item: "q".into() };
    let sure = Event::Answered(Answer { confidence: Some(Confidence::Sure), ..answer("q", true) });
    let memory = |events: &[(i32, Event)]| state(events).item("q").and_then(|item| item.memory);
    assert_eq!(memory(&[(10, right("q")), (10, regraded.clone())]), memory(&[(10, sure)]));
    assert_eq!(memory(&[(10, right("q")), (14, wrong("q")), (14, undone.clone())]), memory(&[(10, right("q"))]));
    assert_eq!(memory(&[(10, right("q")), (10, undone.clone())]), None);
    assert_eq!(memory(&[(10, undone), (10, regraded)]), None, "there is nothing to take back");
}

#[test]
fn confidence_is_compared_with_being_right() {
    let said = |item: &str, right, confidence| Event::Answered(Answer { confidence: Some(confidence), ..answer(item, right) });
    let mut events = vec![
        (1, said("a", true, Confidence::Sure)),
        (1, said("b", false, Confidence::Sure)),
        (1, said("c", false, Confidence::Guess)),
        (1, right("d")),
    ];
    let tallies = |events: &[(i32, Event)]| state(events).calibration().map(|(_, tally)| (tally.right, tally.asked));
    assert_eq!(tallies(&events), [(0, 1), (0, 0), (1, 2)]);
    assert!(state(&events).item("b").unwrap().sure_and_wrong());
    events.push((1, Event::Undone { item: "b".into() }));
    assert_eq!(tallies(&events), [(0, 1), (0, 0), (1, 1)]);
    events.push((1, Event::Reset { topic: Some("lag".into()) }));
    assert_eq!(state(&events).calibration().map(|(_, tally)| tally), [Tally::default(); 3]);
}

#[test]
fn a_topic_is_known_when_it_was_gone_through_and_all_that_was_asked_stays() {
    let mut events = vec![(10, seen("lag", "one"))];
    let mastery = |events: &[(i32, Event)], day| state(events).mastery("lag", Day(day));
    assert_eq!(state(&[]).mastery("lag", Day(10)), Mastery::New);
    assert_eq!(mastery(&events, 10), Mastery::Learning);
    events.push((10, finished("lag")));
    assert_eq!(mastery(&events, 10), Mastery::Learning, "nothing was asked yet");
    events.push((10, right("q")));
    assert_eq!(mastery(&events, 10), Mastery::Known);
    assert_eq!(mastery(&events, 30), Mastery::Learning, "it is due");
    events.push((10, wrong("other")));
    assert_eq!(mastery(&events, 10), Mastery::Learning);
}

#[test]
fn an_exam_brings_everything_before_it() {
    let exam = |value: &str| Event::Setting { name: super::state::EXAM.into(), value: value.into() };
    let easy = Event::Answered(Answer { confidence: Some(Confidence::Sure), ..answer("q", true) });
    let mut events = vec![(10, easy), (10, exam(&Day(14).to_string()))];
    let due = |events: &[(i32, Event)]| (10..30).find(|day| !state(events).due(Day(*day)).is_empty());
    assert!(due(&events).is_some_and(|day| (11..14).contains(&day)), "{:?}", due(&events));
    assert_eq!(state(&events).exam(Day(14)), None, "it is over");
    events.push((10, exam("")));
    assert_eq!(due(&events), Some(18));
}

#[test]
fn days_count_the_topics_that_were_worked_on() {
    let state = state(&[(10, done("cap", "a")), (10, right("q")), (10, done("cap", "b")), (12, seen("cap", "c")), (13, right("q"))]);
    assert_eq!([9, 10, 12, 13].map(|day| state.activity(Day(day))), [0, 2, 0, 1]);
    assert_eq!(state.active_days(Day(0), Day(12)), 1);
    assert_eq!(state.active_days(Day(12), Day(0)), 0);
}

#[test]
fn forms_of_one_thing_are_told_apart() {
    let asked = |form: &str| Event::Answered(Answer { form: form.into(), ..answer("q", true) });
    let mut events = vec![(1, asked("a")), (2, asked("b")), (3, asked("a"))];
    let state_now = state(&events);
    let item = state_now.item("q").unwrap();
    assert_eq!((item.last_form(), item.asked_as("a"), item.asked_as("b"), item.asked_as("c")), (Some("a"), 2, 1, 0));
    events.push((3, Event::Undone { item: "q".into() }));
    assert_eq!(state(&events).item("q").unwrap().last_form(), Some("b"));
}

#[test]
fn a_reset_forgets_the_topic_and_nothing_else() {
    let other = Event::Answered(Answer { topic: "cap".into(), ..answer("c", true) });
    let mut events = vec![(1, right("q")), (1, seen("lag", "one")), (1, other), (1, seen("cap", "one"))];
    events.push((2, Event::Reset { topic: Some("lag".into()) }));
    let one = state(&events);
    assert_eq!((one.topic("lag"), one.item("q"), one.items().count(), one.topics().count()), (None, None, 1, 1));
    events.push((3, Event::Reset { topic: None }));
    let none = state(&events);
    assert_eq!((none.items().count(), none.topics().count(), none.activity(Day(1))), (0, 0, 0));
}

proptest! {
    /// To take back an answer is as if it had not been given.
    #[test]
    fn an_answer_taken_back_was_never_given(answers in prop::collection::vec((0usize..3, any::<bool>(), 0i32..20), 0..20), last in 0usize..3) {
        let names = ["a", "b", "c"];
        let mut events: Vec<(i32, Event)> =
            answers.iter().map(|(name, right, day)| (*day, Event::Answered(answer(names[*name], *right)))).collect();
        let before = state(&events);
        events.push((21, wrong(names[last])));
        events.push((21, Event::Undone { item: names[last].into() }));
        let after = state(&events);
        let memories = |state: &State| state.items().map(|(name, item)| (name.to_string(), item.memory, item.answers.clone())).collect::<Vec<_>>();
        prop_assert_eq!(memories(&before), memories(&after));
    }

    /// A clock that jumps never makes the answers of a learner get lost.
    #[test]
    fn whatever_the_clock_says_everything_is_asked_again_one_day(days in prop::collection::vec(-500i32..500, 1..10)) {
        let events: Vec<_> = days.iter().map(|day| (*day, right("q"))).collect();
        let state = state(&events);
        prop_assert!((0..100_000).step_by(100).any(|day| !state.due(Day(500 + day)).is_empty()));
    }
}
