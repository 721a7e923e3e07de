//! A program in a pseudo-terminal, seen by a terminal emulator.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use splitbrain::tui::clock::Clock;

/// No step takes anywhere near as long; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

fn parser() -> vt100::Parser {
    let cells = |n: u16| std::num::NonZero::new(n).unwrap();
    vt100::Parser::new(cells(24), cells(80), 0)
}

/// A program in a terminal.
pub(crate) struct Session {
    pub(crate) master: Box<dyn MasterPty>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    pub(crate) input: Box<dyn Write + Send>,
    pub(crate) screen: vt100::Parser,
    modes: String,
    reader: Option<JoinHandle<()>>,
    /// The reader is to end.
    deaf: Arc<AtomicBool>,
    /// Everything that came.
    pub(crate) raw: Vec<u8>,
    /// What the program keeps, unless a variable says otherwise.
    _data: tempfile::TempDir,
}

impl Session {
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Session {
        Session::start_in(program, arguments, &[])
    }

    /// The same with variables of the environment; nothing is known of the locale and the background but what they say.
    pub(crate) fn start_in(program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Session {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let modes = modes(&*pair.master);
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        for unknown in ["LC_ALL", "LC_CTYPE", "COLORFGBG", "NO_COLOR", "COLORTERM"] {
            command.env_remove(unknown);
        }
        command.env("LANG", "C.UTF-8");
        let data = tempfile::tempdir().unwrap();
        command.env("SPLITBRAIN_DATA", data.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = mpsc::channel();
        let deaf = Arc::new(AtomicBool::new(false));
        let is_deaf = deaf.clone();
        let thread = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 || is_deaf.load(Ordering::SeqCst) || sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let input = pair.master.take_writer().unwrap();
        Session {
            master: pair.master,
            child,
            output,
            input,
            screen: parser(),
            modes,
            reader: Some(thread),
            deaf,
            raw: Vec::new(),
            _data: data,
        }
    }

    /// The program with its first screen, in a terminal that answers nothing.
    pub(crate) fn splitbrain() -> Session {
        Session::splitbrain_in(&[], &[])
    }

    /// The same with arguments and variables of the environment.
    pub(crate) fn splitbrain_in(arguments: &[&str], variables: &[(&str, &str)]) -> Session {
        let mut session = Session::start_in(env!("CARGO_BIN_EXE_splitbrain"), arguments, variables);
        session.until_taken();
        session.until("splitbrain");
        session
    }

    /// Types, or answers.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.input.write_all(bytes).unwrap();
        self.input.flush().unwrap();
    }

    /// Reads for so long.
    pub(crate) fn for_a_while(&mut self, span: Duration) {
        let clock = Clock::new();
        while let Ok(bytes) = self.output.recv_timeout(span.saturating_sub(clock.now())) {
            self.see(&bytes);
        }
    }

    /// Reads until nothing has come for a while.
    pub(crate) fn settle(&mut self) {
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(300)) {
            self.see(&bytes);
        }
    }

    fn see(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.raw.extend(bytes);
    }

    /// Reads until these bytes came.
    pub(crate) fn until_sent(&mut self, bytes: &[u8]) {
        while !self.raw.windows(bytes.len()).any(|window| window == bytes) {
            assert!(self.take_in(), "the program ended early:\n{}", self.contents());
        }
    }

    /// The device of the terminal, for other programs that use it.
    pub(crate) fn device(&self) -> std::fs::File {
        let path = self.master.tty_name().unwrap();
        std::fs::File::options().read(true).write(true).open(path).unwrap()
    }

    /// What is on the screen.
    pub(crate) fn contents(&self) -> String {
        self.screen.screen().contents()
    }

    fn take_in(&mut self) -> bool {
        match self.output.recv_timeout(PATIENCE) {
            Ok(bytes) => {
                self.see(&bytes);
                true
            }
            Err(RecvTimeoutError::Timeout) => panic!("nothing more came:\n{}", self.screen.screen().contents()),
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Reads until this is on the screen.
    pub(crate) fn until(&mut self, text: &str) {
        self.until_that(|screen| screen.contents().contains(text));
    }

    pub(crate) fn until_that(&mut self, holds: impl Fn(&vt100::Screen) -> bool) {
        while !holds(self.screen.screen()) {
            assert!(self.take_in(), "the program ended early:\n{}", self.screen.screen().contents());
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Closes the terminal.
    pub(crate) fn hang_up(mut self) -> Box<dyn Child + Send + Sync> {
        self.stop_reading();
        let Session { master, child, input, .. } = self;
        drop((master, input));
        child
    }

    /// Reads no more of what the program writes.
    pub(crate) fn stop_reading(&mut self) {
        self.deaf.store(true, Ordering::SeqCst);
        // The reader reads once more before it lets go of the terminal.
        self.device().write_all(b" ").unwrap();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }

    /// Waits for the end and reads what is left.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let status = self.child.wait().unwrap();
        // The slave side is closed by now, so reading ends once everything has come.
        while self.output.recv_timeout(Duration::from_millis(200)).map(|bytes| self.see(&bytes)).is_ok() {}
        status
    }

    /// Reads until the terminal is the program's.
    pub(crate) fn until_taken(&mut self) {
        self.until_that(|screen| {
            let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
            mouse && screen.alternate_screen() && screen.bracketed_paste() && screen.hide_cursor()
        });
        assert_ne!(modes(&*self.master), self.modes, "raw mode is on");
    }

    pub(crate) fn assert_restored(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is still there");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(modes(&*self.master), self.modes, "raw mode is still on");
    }
}

/// Echo, line mode, signals by key: everything that raw mode changes.
pub(crate) fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}
