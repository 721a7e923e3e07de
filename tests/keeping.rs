//! What is done on the screen is in the log, and is there the next time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use jiff::tz::TimeZone;
use splitbrain::progress::{Place, Store, Wall};
use splitbrain::review::Calendar;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

fn wall() -> Wall {
    Wall::by_hand(Arc::new(AtomicI64::new(1_790_000_000_000)), Calendar::of(TimeZone::UTC))
}

/// Plays keys in a lesson, for the learner of a place.
fn play(place: &Place, cues: impl IntoIterator<Item = Cue>) {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons");
    let options = Options { lessons: Some(lessons.into()), open: Some("two-leaders".into()), ..Options::default() };
    let mut app = App::with(&options, Theme::default(), Store::open(place, wall())).unwrap();
    event_loop::run(&mut app, &mut Scripted::new(80, 24, cues)).unwrap();
}

fn pass(ms: u64) -> Cue {
    Cue::Pass(Duration::from_millis(ms))
}

#[test]
fn steps_predictions_and_goals_are_written_down_as_they_happen() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().into());
    let mut cues = Vec::new();
    // The first step stops at a mark on its way.
    for key in ["Enter", "Enter", "Enter", "1", "Enter"] {
        cues.extend(keys(key));
        cues.push(pass(20_000));
    }
    play(&place, cues);
    let store = Store::open(&place, wall());
    let topic = store.state().topic("two-leaders").expect("it was begun");
    assert_eq!((topic.here.as_deref(), topic.done(), topic.finished), (Some("both-ok"), 2, false));
    assert!(topic.steps["hello"].done && topic.steps["both-ok"].predicted.is_some());
}
