//! One process of the program: its lines in, its lines out, what it says beside, and its end. Every queue is bounded.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use super::group::{self, Group};
use super::guard;
use super::reader::{self, Begun, Bounds, Piece};

/// What is read of a program's output: longer lines are refused, and one that never ends is a flood.
const OUTPUT: Bounds = Bounds { line: 48 << 10, endless: 1 << 20 };

/// The same of what it says beside: of a longer line the beginning is told.
const BESIDE: Bounds = Bounds { line: 512, endless: usize::MAX };

/// So many lines may wait to be read by it.
const WAITING_MAX: usize = 8192;

/// What of our own environment a program gets: where to find an interpreter, a home, and how to speak.
const PASSED: [&str; 6] = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT"];

/// What is run.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) bin: PathBuf,
    pub(super) args: Vec<OsString>,
}

impl Program {
    /// Why it cannot be started, as the end of a sentence, with what would be right.
    pub(super) fn cannot(&self, why: &io::Error) -> String {
        let bin = self.bin.display();
        let remedy = self.remedy(why).map_or_else(String::new, |remedy| format!("; {remedy}"));
        format!("cannot be started: {bin}: {why}{remedy}")
    }

    fn remedy(&self, why: &io::Error) -> Option<String> {
        /// `ENOEXEC`: the system knows no way to run it.
        const NO_PROGRAM: i32 = 8;
        let bin = self.bin.display();
        let first = self.first_line();
        match why.kind() {
            _ if why.raw_os_error() == Some(NO_PROGRAM) => Some(format!(
                "a script begins with a line that names what runs it, such as `#!/usr/bin/env python3`; or name that: \
                 `--bin /usr/bin/python3 ... -- {bin}`"
            )),
            io::ErrorKind::PermissionDenied => Some(format!("it may not be run; `chmod +x {bin}` allows it")),
            io::ErrorKind::NotFound if first.ends_with('\r') => Some(
                "its first line ends as lines do on Windows, with a carriage return, which is read as part of a name; take it out"
                    .to_string(),
            ),
            io::ErrorKind::NotFound if first.starts_with("#!") => {
                Some(format!("its first line names what is to run it, and that is not there: {}", crate::harmless::line(&first)))
            }
            _ => None,
        }
    }

    /// The first line of the program, where it is a script, without its end.
    fn first_line(&self) -> String {
        const LONGEST: usize = 120;
        let mut start = [0; LONGEST];
        let read = std::fs::File::open(&self.bin).and_then(|mut file| io::Read::read(&mut file, &mut start)).unwrap_or(0);
        let line = start[..read].split(|byte| *byte == b'\n').next().unwrap_or_default();
        if line.starts_with(b"#!") { String::from_utf8_lossy(line).into_owned() } else { String::new() }
    }
}

/// Which process: the seat of its node, and the number of its life.
pub(super) type Whose = (usize, u32);

/// What is heard of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It wrote a line.
    Line(Whose, String),
    /// It wrote a line that is too long, or no text: what is wrong, as the end of a sentence about the line.
    NoLine(Whose, String),
    /// It writes a line without an end: so many bytes by now. Nothing more is read of it.
    Endless(Whose, usize),
    /// It said something beside.
    Says(Whose, String),
    /// It will write nothing more.
    Closed(Whose),
}

/// A process that runs. When this is dropped, it is killed and waited for.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    group: Group,
    input: SyncSender<Arc<str>>,
    begun: Arc<Begun>,
}

impl Process {
    /// Starts it; `tell` is told what is heard of it.
    pub(super) fn start(program: &Program, whose: Whose, tell: &SyncSender<Heard>) -> io::Result<Process> {
        let mut command = Command::new(&program.bin);
        command.args(&program.args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).env_clear();
        command.envs(PASSED.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))));
        group::set(&mut command);
        let mut child = command.spawn()?;
        let group = Group::of(&child);
        guard::enter(group);
        let (input, lines) = sync_channel(WAITING_MAX);
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let begun = Arc::new(Begun::default());
        // From here on it is killed whatever fails.
        let process = Process { child, group, input, begun: Arc::clone(&begun) };
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else { return Err(io::Error::other("it has no pipes")) };
        spawn("input", move || write(stdin, &lines))?;
        let to = tell.clone();
        spawn("output", move || {
            reader::read(stdout, OUTPUT, &begun, |piece| to.send(written(whose, piece)).is_ok());
            let _ = to.send(Heard::Closed(whose));
        })?;
        let to = tell.clone();
        spawn("errors", move || {
            let own = Begun::default();
            reader::read(stderr, BESIDE, &own, |piece| said(piece).is_none_or(|text| to.send(Heard::Says(whose, text)).is_ok()));
        })?;
        Ok(process)
    }

    /// Gives it a line to read. `false`: too many wait already, so it does not read.
    pub(super) fn give(&self, line: &Arc<str>) -> bool {
        // Whoever has closed its input reads nothing more; that it has ended is heard elsewhere.
        !matches!(self.input.try_send(Arc::clone(line)), Err(TrySendError::Full(_)))
    }

    /// Stops it where it is, or lets it go on.
    pub(super) fn stop(&self, stop: bool) -> bool {
        self.group.stop(stop)
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// The line that it has begun and not ended, if there is one.
    pub(super) fn begun(&self) -> &Begun {
        &self.begun
    }

    /// How much memory it holds, where that is known.
    pub(super) fn memory(&self) -> Option<u64> {
        self.group.memory()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
        let _ = self.child.kill();
        let _ = self.child.wait();
        guard::leave(self.group);
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.into()).spawn(work).map(|_| ())
}

/// Writes lines until nobody gives or reads any more.
fn write(mut stdin: ChildStdin, lines: &Receiver<Arc<str>>) {
    while let Ok(line) = lines.recv() {
        let mut whole = line.as_bytes().to_vec();
        whole.push(b'\n');
        if stdin.write_all(&whole).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

/// What was read of its output.
fn written(whose: Whose, piece: Piece) -> Heard {
    match piece {
        Piece::Line(line) => Heard::Line(whose, line),
        Piece::Long { start, bytes } => {
            let limit = OUTPUT.line;
            Heard::NoLine(whose, format!("of {bytes} bytes, which is too long to be read: {limit} bytes (48 KiB) are the most: {start}"))
        }
        Piece::NoText { start } => Heard::NoLine(whose, format!("that is no UTF-8 text: {start}")),
        Piece::Endless { bytes, .. } => Heard::Endless(whose, bytes),
    }
}

/// What was read of what it says beside. `None`: there is nothing to be told.
fn said(piece: Piece) -> Option<String> {
    match piece {
        Piece::Line(line) => Some(line),
        Piece::Long { start, bytes } => Some(format!("({bytes} bytes) {start}")),
        Piece::NoText { start } => Some(start),
        Piece::Endless { .. } => None,
    }
}
