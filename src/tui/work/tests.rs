//! What is heard while something takes long, and how it shows.

use std::sync::mpsc::{self, Sender};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;
use crate::tui::Options;
use crate::tui::script::{styles, text};
use crate::tui::theme::Theme;

/// An application that works on something until it is told to go on, seen a second later.
fn working() -> (App, Sender<()>) {
    let mut app = App::new(&Options::default(), Theme::default()).unwrap();
    let (go_on, told) = mpsc::channel();
    app.begin("until \"leaders >= 9\"", move |_| {
        let _ = told.recv();
        Box::new(|app| app.say("done"))
    });
    app.advance(Moment::from_secs(1));
    (app, go_on)
}

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn drawn(app: &mut App, width: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, 24)).unwrap();
    terminal.draw(|frame| app.draw(frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let last = |lines: String| lines.lines().last().unwrap_or_default().to_string();
    format!("{}\n{}", last(text(buffer)), last(styles(buffer)))
}

#[test]
fn what_takes_long_is_marked_and_says_how_to_stop_it() {
    let (mut app, _go_on) = working();
    insta::assert_snapshot!([80, 120, 40].map(|width| drawn(&mut app, width)).join("\n\n"));
}

#[test]
fn what_takes_no_time_is_not_marked() {
    let (mut app, _go_on) = working();
    app.advance(SHORT / 2);
    assert!(app.long_work().is_none());
}

#[test]
fn keys_wait_for_the_end_in_their_order() {
    let (mut app, go_on) = working();
    for typed in ['a', 'b'] {
        assert_eq!(app.hold(key(KeyCode::Char(typed))), None);
    }
    assert_eq!(app.next_held(), None, "not before the end");
    go_on.send(()).unwrap();
    app.settle(Moment::from_secs(1), Duration::MAX).unwrap();
    assert_eq!([app.next_held(), app.next_held()], [Some(key(KeyCode::Char('a'))), Some(key(KeyCode::Char('b')))]);
    assert_eq!(app.next_held(), None);
}

#[test]
fn what_stops_it_is_heard_at_once_and_what_waited_is_forgotten() {
    for stop in [KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE), KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)] {
        let (mut app, _go_on) = working();
        app.hold(key(KeyCode::Char('q')));
        let heard = app.hold(Event::Key(stop));
        assert_eq!(heard, Some(Event::Key(stop)));
        app.on_key(Key::from(stop));
        assert!(app.take_effects().is_empty(), "the program is not left");
        assert_eq!((app.next_held(), app.work.is_none()), (None, true));
    }
}

#[test]
fn work_that_breaks_off_ends_the_loop() {
    let mut app = App::new(&Options::default(), Theme::default()).unwrap();
    app.begin("breaking off", |_| panic!("of the test"));
    assert!(app.settle(Moment::ZERO, Duration::MAX).is_err());
}

#[test]
fn stopping_pulls_the_brake_and_an_end_does_not() {
    let brake_of = |end: bool| {
        let (tell, told) = mpsc::channel();
        let mut work = Work::start("something", Moment::ZERO, move |brake: &Brake| {
            tell.send(brake.clone()).unwrap();
            Box::new(|_: &mut App| ()) as Finish
        })
        .unwrap();
        let brake = told.recv().unwrap();
        if end {
            assert!(matches!(work.wait(Duration::MAX), Outcome::Ended(_)));
        }
        drop(work);
        brake.is_pulled()
    };
    assert_eq!([brake_of(false), brake_of(true)], [true, false]);
}
