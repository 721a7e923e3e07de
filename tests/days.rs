//! Days pass, clocks are set back, somebody flies around the world: what is due is seen through the real loop on the day on which it is.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use splitbrain::progress::state::EXAM;
use splitbrain::progress::{Event, Place, Store, Wall};
use splitbrain::quiz::Wish;
use splitbrain::review::Calendar;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Scripted, cues, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

/// A learner with a folder, a clock and a time zone.
struct Learner {
    folder: tempfile::TempDir,
    clock: Arc<AtomicI64>,
    hours: i8,
}

impl Learner {
    /// One whose local time is so many hours before UTC, at this moment.
    fn at(moment: &str, hours: i8) -> Learner {
        let learner = Learner { folder: tempfile::tempdir().unwrap(), clock: Arc::default(), hours };
        learner.when(moment);
        learner
    }

    /// It is this moment now.
    fn when(&self, moment: &str) {
        self.clock.store(moment.parse::<Timestamp>().unwrap().as_millisecond(), Ordering::Relaxed);
    }

    fn store(&self) -> Store {
        let calendar = Calendar::of(TimeZone::fixed(Offset::constant(self.hours)));
        Store::open(&Place::in_folder(Path::new(self.folder.path()).into()), Wall::by_hand(Arc::clone(&self.clock), calendar))
    }

    /// The screens that are kept while this is played.
    fn plays(&self, options: &Options, script: &str) -> Vec<String> {
        let mut app = App::with(options, Theme::default(), self.store()).unwrap();
        let mut screen = Scripted::new(100, 30, cues(script));
        event_loop::run(&mut app, &mut screen).unwrap();
        screen.kept.iter().map(text).collect()
    }

    /// The line of the home screen that says how much is due.
    fn due(&self) -> Option<String> {
        let home = self.plays(&Options { draw: Some(1), ..Options::default() }, "keep").remove(0);
        home.lines().find(|line| line.contains(" Due  ")).map(str::to_string)
    }

    /// Answers this question, sure of the answer at this digit, and gives it a grade.
    fn answers(&self, question: &str, digit: char, grade: char, cram: bool) -> String {
        let wish = Wish { topic: Some(question.to_string()), cram, ..Wish::default() };
        let options = Options { quiz: Some(wish), draw: Some(1), ..Options::default() };
        self.plays(&options, &format!("{digit} s {grade} keep")).remove(0)
    }
}

const QUESTION: &str = "failover-limits/q-timeout";

#[test]
fn a_day_begins_at_four_in_the_morning_where_the_learner_is() {
    // A late evening in Berlin, in winter: one hour before UTC.
    let learner = Learner::at("2026-11-26T22:30:00Z", 1);
    let told = learner.answers(QUESTION, '1', 'a', false);
    assert!(told.contains("graded: again"), "{told}");
    for (moment, due) in [("2026-11-26T23:30:00Z", false), ("2026-11-27T02:59:59Z", false), ("2026-11-27T03:00:00Z", true)] {
        learner.when(moment);
        assert_eq!(learner.due().is_some(), due, "{moment}");
    }
}

#[test]
fn a_screen_that_is_open_when_the_day_begins_says_so() {
    let learner = Learner::at("2026-11-26T22:30:00Z", 1);
    learner.answers(QUESTION, '1', 'a', false);
    learner.when("2026-11-27T02:59:59Z");
    let mut app = App::with(&Options { draw: Some(1), ..Options::default() }, Theme::default(), learner.store()).unwrap();
    let (clock, mut looked) = (Arc::clone(&learner.clock), 0);
    let screen = Scripted::new(100, 30, []);
    let mut screen = screen.driven(move |_| {
        looked += 1;
        match looked {
            1 => cues("keep"),
            2 => {
                clock.fetch_add(2_000, Ordering::Relaxed);
                cues("Down keep")
            }
            _ => cues("Ctrl-c"),
        }
    });
    event_loop::run(&mut app, &mut screen).unwrap();
    let [before, after] = [0, 1].map(|kept| text(&screen.kept[kept]));
    assert!(!before.contains("1 question,") && after.contains("1 question,"), "{before}\n{after}");
}

#[test]
fn a_clock_that_is_set_back_loses_nothing_and_asks() {
    let learner = Learner::at("2026-11-26T12:00:00Z", 0);
    learner.answers(QUESTION, '1', 'e', false);
    assert_eq!(learner.due(), None, "it is known for days");
    learner.when("2026-11-20T12:00:00Z");
    assert!(learner.due().is_some_and(|line| line.contains("1 question")), "an answer of days to come is asked today");
    let results = learner.plays(&Options::default(), "r keep").remove(0);
    assert!(!results.contains(" -"), "nothing is negative\n{results}");
    learner.answers(QUESTION, '1', 'g', false);
    let store = learner.store();
    let known = store.state().item(QUESTION).unwrap();
    assert_eq!((known.answers.len(), store.trouble()), (2, None));
    assert!(known.due_on(store.today(), None, QUESTION).unwrap() > store.today());
}

#[test]
fn who_flies_around_the_world_is_asked_when_it_is_due() {
    let mut learner = Learner::at("2026-11-26T12:00:00Z", 12);
    learner.answers(QUESTION, '1', 'a', false);
    // In Auckland it is midnight, in the west of the Pacific noon of the day before.
    learner.hours = -11;
    assert_eq!(learner.due(), None, "that it is a day earlier does not make it due");
    learner.when("2026-11-26T13:00:00Z");
    learner.answers("failover-limits/q-redis", '1', 'g', false);
    learner.when("2026-11-28T16:00:00Z");
    assert!(learner.due().is_some());
    let store = learner.store();
    assert!(store.state().items().all(|(name, item)| item.due_on(store.today(), None, name).is_some()));
}

#[test]
fn cramming_leaves_the_schedule_as_it_is() {
    let learner = Learner::at("2026-11-26T12:00:00Z", 0);
    learner.answers(QUESTION, '1', 'e', false);
    let due =
        |learner: &Learner| learner.store().state().item(QUESTION).and_then(|item| item.due_on(learner.store().today(), None, QUESTION));
    let before = due(&learner);
    let told = learner.answers(QUESTION, '1', 'a', true);
    assert!(told.contains("cram: the schedule stays as it is"), "{told}");
    assert_eq!((due(&learner), learner.store().state().item(QUESTION).unwrap().answers.len()), (before, 2));
}

#[test]
fn everything_is_asked_once_more_before_an_exam() {
    let learner = Learner::at("2026-11-26T12:00:00Z", 0);
    learner.answers(QUESTION, '1', 'e', false);
    learner.store().record(Event::Setting { name: EXAM.to_string(), value: "2026-11-30".to_string() });
    let days = ["27", "28", "29"].map(|day| {
        learner.when(&format!("2026-11-{day}T12:00:00Z"));
        learner.due().is_some()
    });
    assert!(!days[0] && days[2], "not at once, and not after it: {days:?}");
    let results = learner.plays(&Options::default(), "r keep").remove(0);
    assert!(results.contains("2026-11-30"), "{results}");
}
