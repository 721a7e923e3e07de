//! The terminal is as it was, whichever way the program ends: in a real pseudo-terminal, seen by a terminal emulator.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_types, reason = "how long a real program takes to end can only be told by a real clock")]
#![cfg(unix)]

use std::io::{Read, Write};
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// No step takes anywhere near as long; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

fn parser() -> vt100::Parser {
    let cells = |n: u16| std::num::NonZero::new(n).unwrap();
    vt100::Parser::new(cells(24), cells(80), 0)
}

/// A program in a terminal.
struct Session {
    master: Box<dyn MasterPty>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    screen: vt100::Parser,
    modes: String,
}

impl Session {
    fn start(program: &str, arguments: &[&str]) -> Session {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let modes = modes(&*pair.master);
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 || sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let input = pair.master.take_writer().unwrap();
        Session { master: pair.master, child, output, input, screen: parser(), modes }
    }

    fn splitbrain() -> Session {
        let mut session = Session::start(env!("CARGO_BIN_EXE_splitbrain"), &[]);
        session.until_taken();
        session.until("splitbrain");
        session
    }

    fn take_in(&mut self) -> bool {
        match self.output.recv_timeout(PATIENCE) {
            Ok(bytes) => {
                self.screen.process(&bytes);
                true
            }
            Err(RecvTimeoutError::Timeout) => panic!("nothing more came:\n{}", self.screen.screen().contents()),
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Reads until this is on the screen.
    fn until(&mut self, text: &str) {
        self.until_that(|screen| screen.contents().contains(text));
    }

    fn until_that(&mut self, holds: impl Fn(&vt100::Screen) -> bool) {
        while !holds(self.screen.screen()) {
            assert!(self.take_in(), "the program ended early:\n{}", self.screen.screen().contents());
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Waits for the end and reads what is left.
    fn end(&mut self) -> ExitStatus {
        let status = self.child.wait().unwrap();
        // The slave side is closed by now, so reading ends once everything has come.
        while self.output.recv_timeout(Duration::from_millis(200)).map(|bytes| self.screen.process(&bytes)).is_ok() {}
        status
    }

    /// Reads until the terminal is the program's.
    fn until_taken(&mut self) {
        self.until_that(|screen| {
            let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
            mouse && screen.alternate_screen() && screen.bracketed_paste() && screen.hide_cursor()
        });
        assert_ne!(modes(&*self.master), self.modes, "raw mode is on");
    }

    fn assert_restored(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is still there");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(modes(&*self.master), self.modes, "raw mode is still on");
    }
}

/// Echo, line mode, signals by key: everything that raw mode changes.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

#[test]
fn after_quitting() {
    let mut session = Session::splitbrain();
    session.input.write_all(b"q").unwrap();
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
    for (name, words) in [("TERM", "Terminated"), ("HUP", "Hangup"), ("INT", "Interrupt")] {
        let mut session = Session::splitbrain();
        session.signal(name);
        let status = session.end();
        assert!(!status.success());
        assert_eq!(status.signal(), Some(words), "it dies of the signal itself");
        session.assert_restored();
    }
}

#[test]
fn within_a_second_while_something_takes_minutes() {
    for name in ["TERM", "HUP", "INT"] {
        let mut session = Session::start(env!("CARGO_BIN_EXE_splitbrain"), &["replication-lag"]);
        session.until_taken();
        session.until("step 1 of");
        session.input.write_all(b"C").unwrap();
        session.until("A: ");
        session.input.write_all(b"PP:until \"acked_lost >= 1\"\r").unwrap();
        session.until("Esc stop");
        let asked = Instant::now();
        session.signal(name);
        assert!(session.child.wait().unwrap().signal().is_some());
        assert!(asked.elapsed() < Duration::from_secs(1), "{name}: {:?}", asked.elapsed());
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
        session.input.write_all(b"q").unwrap();
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
    use splitbrain::tui::clock::Clock;
    use splitbrain::tui::terminal::{Live, Screen};
    let mut screen = Live::open(Clock::new(), true).unwrap();
    screen.draw(&mut |frame| frame.render_widget("about to panic", frame.area())).unwrap();
    screen.wait(None).unwrap();
    panic!("the panic of the test");
}

#[test]
fn without_a_terminal_it_says_so() {
    let out = Command::new(env!("CARGO_BIN_EXE_splitbrain")).output().unwrap();
    assert!(!out.status.success());
    let message = String::from_utf8_lossy(&out.stderr);
    assert!(message.contains("needs a terminal"), "{message}");
    assert!(out.stdout.is_empty());
}
