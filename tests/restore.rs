//! The terminal is as it was, whichever way the program ends: in a real pseudo-terminal, seen by a terminal emulator.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(unix)]

mod pty;

use std::io::Write;
use std::process::Command;
use std::time::Duration;

use portable_pty::PtySize;
use pty::Session;
use splitbrain::tui::clock::Clock;

#[test]
fn after_quitting() {
    let mut session = Session::splitbrain();
    session.input.write_all(b"Q").unwrap();
    assert!(session.end().success());
    session.assert_restored();
}

#[test]
fn after_ctrl_c() {
    let mut session = Session::splitbrain();
    session.input.write_all(b"\x03").unwrap();
    assert!(session.end().success());
    session.assert_restored();
}

#[test]
fn after_signals_that_end_it() {
    for (name, words) in [("TERM", "Terminated"), ("HUP", "Hangup"), ("INT", "Interrupt"), ("QUIT", "Quit")] {
        let mut session = Session::splitbrain();
        let clock = Clock::new();
        session.signal(name);
        let status = session.end();
        assert!(clock.now() < Duration::from_millis(1_200), "{name}: within a second, and the time to see it: {:?}", clock.now());
        assert!(!status.success());
        assert_eq!(status.signal(), Some(words), "it dies of the signal itself");
        session.assert_restored();
    }
}

#[test]
fn within_a_second_while_something_takes_minutes() {
    for name in ["TERM", "HUP", "INT"] {
        let mut session = Session::start(env!("CARGO_BIN_EXE_splitbrain"), &["sandbox-replicated"]);
        session.until_taken();
        session.until("Nothing is asked of you");
        session.input.write_all(b":workload c1 400/s\r").unwrap();
        session.until("workload c1 400/s");
        session.input.write_all(b":until \"acked_lost >= 1\"\r").unwrap();
        session.until("Esc stop");
        let clock = Clock::new();
        session.signal(name);
        assert!(session.child.wait().unwrap().signal().is_some());
        assert!(clock.now() < Duration::from_secs(1), "{name}: {:?}", clock.now());
        session.end();
        session.assert_restored();
    }
}

#[test]
fn while_stopped_and_taken_again_when_continued() {
    for stop in [None, Some("TSTP")] {
        let mut session = Session::splitbrain();
        match stop {
            None => session.input.write_all(b"\x1a").unwrap(),
            Some(name) => session.signal(name),
        }
        until_stopped(session.child.process_id().unwrap());
        session.until_that(|screen| !screen.alternate_screen() && !screen.hide_cursor());
        session.assert_restored();
        session.signal("CONT");
        session.until_taken();
        session.until("splitbrain");
        session.input.write_all(b"Q").unwrap();
        assert!(session.end().success());
        session.assert_restored();
    }
}

/// Waits until the system says that a process is stopped.
fn until_stopped(pid: u32) {
    let stopped = || {
        let out = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
        String::from_utf8_lossy(&out.stdout).starts_with('T')
    };
    let tries = (0..2000).find(|_| stopped());
    assert!(tries.is_some(), "it did not stop");
}

#[test]
fn another_size_is_drawn_at_once() {
    let mut session = Session::splitbrain();
    session.master.resize(PtySize { rows: 9, cols: 70, pixel_width: 0, pixel_height: 0 }).unwrap();
    session.until("needs 40x10");
    session.until("has 70x9");
    session.master.resize(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
    session.until("Topics");
}

#[test]
fn after_a_panic() {
    let this = std::env::current_exe().unwrap();
    let arguments = ["--exact", "panics_on_the_screen", "--ignored", "--nocapture"];
    let mut session = Session::start(this.to_str().unwrap(), &arguments);
    session.until_taken();
    session.until("about to panic");
    session.input.write_all(b"x").unwrap();
    assert!(!session.end().success());
    session.assert_restored();
    assert!(session.screen.screen().contents().contains("the panic of the test"), "its message is to be read");
}

/// Not a test: what [`after_a_panic`] runs in its terminal.
#[test]
#[ignore = "run by another test in a terminal of its own"]
fn panics_on_the_screen() {
    use splitbrain::tui::terminal::{Live, Screen};
    let mut screen = Live::open(Clock::new(), true).unwrap();
    screen.draw(&mut |frame| frame.render_widget("about to panic", frame.area())).unwrap();
    screen.wait(None).unwrap();
    panic!("the panic of the test");
}

#[test]
fn when_the_terminal_is_closed_it_dies_of_it_and_says_nothing() {
    for (number, keys) in ["", "?", "\r", "\r ", "\x1b[200~"].into_iter().enumerate() {
        let complaints = format!("{}/complaints-{number}", env!("CARGO_TARGET_TMPDIR"));
        let script = format!("exec \"$0\" 2> {complaints}");
        let mut session = Session::start("sh", &["-c", &script, env!("CARGO_BIN_EXE_splitbrain")]);
        session.until_taken();
        session.until("splitbrain");
        session.send(keys.as_bytes());
        session.for_a_while(Duration::from_millis(100));
        let mut child = session.hang_up();
        assert_eq!(child.wait().unwrap().signal(), Some("Hangup"), "{keys:?}");
        assert_eq!(std::fs::read_to_string(complaints).unwrap(), "");
    }
}

#[test]
fn when_the_terminal_is_closed_while_it_is_stopped_it_dies_of_it() {
    for stop in ["TSTP", "STOP"] {
        let mut session = Session::splitbrain();
        session.settle();
        session.signal(stop);
        until_stopped(session.child.process_id().unwrap());
        assert_eq!(session.hang_up().wait().unwrap().signal(), Some("Hangup"), "{stop}");
    }
}

#[test]
fn a_terminal_that_does_not_read_cannot_keep_it() {
    let mut session = Session::splitbrain();
    session.settle();
    session.stop_reading();
    // Enough frames to fill whatever lies between.
    session.send(&b"\x0c".repeat(1_000));
    let clock = Clock::new();
    session.signal("TERM");
    assert_eq!(session.child.wait().unwrap().signal(), Some("Terminated"));
    assert!(clock.now() < Duration::from_millis(1_200), "{:?}", clock.now());
}

/// As some programs leave it behind. (`dd` of GNU sets it and does not take it back.)
#[test]
#[cfg(target_os = "linux")]
fn a_terminal_that_does_not_block_is_used_as_any_other() {
    let script = "dd iflag=nonblock count=0 2> /dev/null; dd oflag=nonblock count=0 < /dev/null 2> /dev/null; exec \"$0\"";
    let mut session = Session::start("sh", &["-c", script, env!("CARGO_BIN_EXE_splitbrain")]);
    session.until_taken();
    session.until("Topics");
    let flags = std::fs::read_to_string(format!("/proc/{}/fdinfo/1", session.child.process_id().unwrap())).unwrap();
    let flags = flags.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim().to_string();
    assert_ne!(u32::from_str_radix(&flags, 8).unwrap() & 0o4000, 0, "it does not block: {flags}");
    for _ in 0..20 {
        session.send(b"\x0c");
    }
    session.send(b"?");
    session.until("All keys");
    session.send(b"\x03Q");
    assert!(session.end().success());
    session.assert_restored();
}

#[test]
fn the_screen_is_drawn_whole_again() {
    for what in ["Ctrl-L", "focus", "SIGCONT"] {
        let mut session = Session::splitbrain();
        session.settle();
        let before = session.contents();
        session.device().write_all(b"\x1b[5;10HSOMETHING ELSE").unwrap();
        session.until("SOMETHING ELSE");
        match what {
            "Ctrl-L" => session.send(b"\x0c"),
            "focus" => session.send(b"\x1b[I"),
            _ => session.signal("CONT"),
        }
        session.until_that(|screen| !screen.contents().contains("SOMETHING ELSE"));
        session.settle();
        assert_eq!(session.contents(), before, "{what}");
    }
}

#[test]
fn raw_mode_is_set_again_after_a_stop_that_nobody_hears_of() {
    let mut session = Session::splitbrain();
    session.settle();
    session.signal("STOP");
    until_stopped(session.child.process_id().unwrap());
    assert!(Command::new("stty").arg("sane").stdin(session.device()).status().unwrap().success());
    session.signal("CONT");
    session.settle();
    session.until_taken();
    session.send(b"Q");
    assert!(session.end().success());
}

#[test]
fn sizes_that_no_screen_has_are_drawn_within_reason() {
    let mut session = Session::splitbrain();
    for (cols, rows) in [(u16::MAX, u16::MAX), (1, 1), (0, 0), (u16::MAX, 1), (1, u16::MAX), (0, 7), (80, 24)] {
        session.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        session.settle();
    }
    session.until("Topics");
    let status = std::fs::read_to_string(format!("/proc/{}/status", session.child.process_id().unwrap()));
    if let Ok(status) = status {
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let most: u64 = most.split_whitespace().next().unwrap().parse().unwrap();
        assert!(most < 200_000, "{most} kB");
    }
    session.send(b"Q");
    assert!(session.end().success());
}

#[test]
fn without_a_keyboard_it_says_so() {
    let mut session = Session::start("sh", &["-c", "\"$0\" < /dev/null; echo status $?", env!("CARGO_BIN_EXE_splitbrain")]);
    session.until("status 2");
    assert!(session.contents().contains("needs a terminal to read keys from"), "{}", session.contents());
    session.end();
    session.assert_restored();
}

#[test]
fn without_a_terminal_it_says_so() {
    let out = Command::new(env!("CARGO_BIN_EXE_splitbrain")).output().unwrap();
    assert!(!out.status.success());
    let message = String::from_utf8_lossy(&out.stderr);
    assert!(message.contains("needs a terminal"), "{message}");
    assert!(out.stdout.is_empty());
}
