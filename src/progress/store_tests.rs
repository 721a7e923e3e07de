//! The store: what is written is there again, whatever happens meanwhile.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use tempfile::TempDir;

use super::{Answer, Event, Place, Store, Wall};
use crate::review::Calendar;

fn folder() -> (TempDir, Place) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().join("data"));
    (folder, place)
}

fn wall() -> Wall {
    Wall::by_hand(Arc::new(AtomicI64::new(1_790_000_000_000)), Calendar::of(TimeZone::UTC))
}

fn open(place: &Place) -> Store {
    Store::open(place, wall())
}

fn finished(lesson: &str) -> Event {
    Event::Finished { lesson: lesson.into() }
}

fn answered(item: &str) -> Event {
    Event::Answered(Answer { item: item.into(), topic: "t".into(), right: true, ..Answer::default() })
}

fn lessons(store: &Store) -> Vec<String> {
    store.state().topics().map(|(id, _)| id.to_string()).collect()
}

#[test]
fn what_happened_is_there_the_next_time() {
    let (_folder, place) = folder();
    let mut store = open(&place);
    assert!(!place.log().exists(), "nothing is written before anything happens");
    store.record_all([finished("a"), finished("b")]);
    store.record(answered("q"));
    let again = open(&place);
    assert_eq!((lessons(&again), again.state().events()), (vec!["a".to_string(), "b".to_string()], 3));
    assert_eq!(again.state().item("q"), store.state().item("q"));
    assert_eq!(again.trouble(), None);
}

#[test]
fn two_terminals_write_at_once_and_see_each_other() {
    let (_folder, place) = folder();
    let (mut one, mut two) = (open(&place), open(&place));
    for round in 0..10 {
        one.record(answered(&format!("one-{round}")));
        two.record(answered(&format!("two-{round}")));
    }
    assert_eq!(two.state().items().count(), 20);
    assert!(one.catch_up());
    assert_eq!(one.state().items().count(), 20);
    assert_eq!(open(&place).state().events(), 20);
}

#[test]
fn a_torn_last_line_is_put_aside_and_reported() {
    let (_folder, place) = folder();
    open(&place).record(finished("a"));
    let whole = fs::read(place.log()).unwrap();
    let torn = br#"{"v":1,"at":5,"event":{"fini"#;
    fs::write(place.log(), [&whole[..], torn].concat()).unwrap();
    let mut store = open(&place);
    assert!(store.findings().torn && store.trouble().is_none());
    assert_eq!(lessons(&store), ["a"]);
    store.record(finished("b"));
    assert!(fs::read_to_string(place.log()).unwrap().starts_with(std::str::from_utf8(&whole).unwrap()));
    let aside = store.findings().aside.expect("it says where");
    assert_eq!(fs::read(aside).unwrap(), [&torn[..], b"\n"].concat());
    let again = open(&place);
    assert_eq!((lessons(&again).len(), again.findings().torn, again.findings().broken), (2, false, vec![]));
}

#[test]
fn a_last_line_that_lacks_only_its_end_counts() {
    let (_folder, place) = folder();
    open(&place).record(finished("a"));
    let text = fs::read_to_string(place.log()).unwrap();
    fs::write(place.log(), text.trim_end()).unwrap();
    let mut store = open(&place);
    store.record(finished("b"));
    assert_eq!((lessons(&store), store.findings().aside), (vec!["a".to_string(), "b".to_string()], None));
    assert_eq!(lessons(&open(&place)), ["a", "b"]);
}

/// Everything that is no log stays as it is, and what happens meanwhile waits.
fn is_left_alone(place: &Place, why: &str) {
    let before = fs::read(place.log()).ok();
    let mut store = open(place);
    assert!(store.trouble().is_some_and(|trouble| trouble.contains(why)), "{:?}", store.trouble());
    store.record(finished("a"));
    assert_eq!(lessons(&store), ["a"], "the session goes on");
    assert!(store.trouble().unwrap().starts_with("progress is not saved, 1 event waits: "), "{:?}", store.trouble());
    assert_eq!(fs::read(place.log()).ok(), before);
}

#[test]
fn what_is_no_log_is_never_written_to() {
    let (_folder, place) = folder();
    fs::create_dir_all(place.log()).unwrap();
    is_left_alone(&place, "cannot be read: this is no regular file");
    fs::remove_dir(place.log()).unwrap();
    for other in [&b"dear diary\n"[..], b"\0\0\0\0", b"{\"v\"=1}\n"] {
        fs::write(place.log(), other).unwrap();
        is_left_alone(&place, "is no log of progress");
    }
}

#[test]
fn what_could_not_be_written_is_written_later() {
    let (folder, place) = folder();
    let in_the_way = folder.path().join("data");
    fs::write(&in_the_way, "a file where the folder should be").unwrap();
    let mut store = open(&place);
    store.record(finished("a"));
    store.record(finished("b"));
    assert_eq!((store.waiting(), store.write()), (2, false));
    fs::remove_file(&in_the_way).unwrap();
    store.record(finished("c"));
    assert_eq!((store.trouble(), store.waiting()), (None, 0));
    assert_eq!(lessons(&open(&place)), ["a", "b", "c"]);
    assert_eq!(store.state().events(), 3);
}

#[test]
fn lines_of_later_versions_and_broken_ones_stay_where_they_are() {
    let (_folder, place) = folder();
    open(&place).record(finished("a"));
    let mut text = fs::read_to_string(place.log()).unwrap();
    text.push_str("{\"v\":2,\"at\":1,\"event\":{\"danced\":{}}}\nnoise\n");
    fs::write(place.log(), &text).unwrap();
    let mut store = open(&place);
    store.record(finished("b"));
    assert_eq!((store.findings().later, store.findings().broken), (1, vec![3]));
    assert!(fs::read_to_string(place.log()).unwrap().starts_with(&text));
}

#[test]
fn another_log_in_its_place_is_read_anew() {
    let (_folder, place) = folder();
    let mut store = open(&place);
    store.record(finished("old"));
    let other = Store::open(&Place::in_folder(place.log().with_extension("other")), wall());
    drop(other);
    let mut fresh = fs::read_to_string(place.log()).unwrap().replace("old", "new");
    fresh.push_str(&fresh.replace("new", "newer"));
    put(&place.log(), &fresh);
    store.record(finished("last"));
    assert_eq!(lessons(&store), ["last", "new", "newer"]);
    assert_eq!(lessons(&open(&place)), ["last", "new", "newer"]);
}

/// Puts another file there, as a merge does.
fn put(path: &Path, text: &str) {
    let fresh = path.with_extension("fresh");
    fs::write(&fresh, text).unwrap();
    fs::rename(fresh, path).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a killed program leaves of its last line: what was written before is there, and what comes after it.
    #[test]
    fn a_log_cut_anywhere_keeps_every_whole_line(cut in 0usize..1000, more in 1usize..4) {
        let (_folder, place) = folder();
        let mut store = open(&place);
        (0..5).for_each(|n| store.record(answered(&format!("before-{n}"))));
        let text = fs::read(place.log()).unwrap();
        let cut = cut % (text.len() + 1);
        fs::write(place.log(), &text[..cut]).unwrap();
        let mut store = open(&place);
        (0..more).for_each(|n| store.record(answered(&format!("after-{n}"))));
        prop_assert_eq!(store.trouble(), None);
        let whole = text[..cut].split(|byte| *byte == b'\n').count() - 1;
        let ends_whole = text.get(cut) == Some(&b'\n');
        let again = open(&place);
        prop_assert_eq!(again.state().items().count(), whole + usize::from(ends_whole) + more);
        prop_assert_eq!(again.findings().broken, Vec::<usize>::new());
    }
}

/// How long a log of many years takes. It is printed, not judged: machines differ. `cargo test --release --lib -- --ignored
/// --nocapture a_hundred_thousand` shows it.
#[test]
#[ignore = "it measures"]
fn a_hundred_thousand_events_load() {
    let (_folder, place) = folder();
    let events = (0..100_000).map(|n| answered(&format!("topic-{}/question-{}", n % 60, n % 900)));
    open(&place).record_all(events);
    let clock = crate::tui::clock::Clock::new();
    let store = open(&place);
    println!("{} events in {:?}", store.state().events(), clock.now());
    assert_eq!(store.state().events(), 100_000);
}
