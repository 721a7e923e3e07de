//! One process of the program: its lines in, its lines out, what it says beside, and its end. Every queue is bounded.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use super::group::{self, Group};
use super::guard;

/// The longest line that is read of a program, in bytes.
pub(super) const LINE_MAX: usize = 48 << 10;

/// The longest line of what it says beside.
const SAYS_MAX: usize = 512;

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

/// Which process: the seat of its node, and the number of its life.
pub(super) type Whose = (usize, u32);

/// What is heard of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It wrote a line.
    Line(Whose, String),
    /// It wrote a line that is too long, or no text: what is wrong.
    NoLine(Whose, &'static str),
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
        // From here on it is killed whatever fails.
        let process = Process { child, group, input };
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else { return Err(io::Error::other("it has no pipes")) };
        spawn("input", move || write(stdin, &lines))?;
        let to = tell.clone();
        spawn("output", move || {
            read(stdout, LINE_MAX, |line| {
                to.send(line.map_or_else(|wrong| Heard::NoLine(whose, wrong), |line| Heard::Line(whose, line))).is_ok()
            });
            let _ = to.send(Heard::Closed(whose));
        })?;
        let to = tell.clone();
        spawn("errors", move || read(stderr, SAYS_MAX, |line| line.map_or(true, |line| to.send(Heard::Says(whose, line)).is_ok())))?;
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

/// Reads lines of at most so many bytes until the end, or until nobody wants them. What is longer is passed over.
fn read(from: impl Read, most: usize, mut tell: impl FnMut(Result<String, &'static str>) -> bool) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        let got = (&mut from).take(most as u64 + 1).read_until(b'\n', &mut line);
        if !matches!(got, Ok(1..)) {
            return;
        }
        let heard = if line.last() == Some(&b'\n') || line.len() <= most {
            while line.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
                line.pop();
            }
            std::str::from_utf8(&line).map(str::to_string).map_err(|_| "that is no UTF-8 text")
        } else {
            pass_over(&mut from);
            Err("that is longer than 48 KiB")
        };
        if heard.as_deref() != Ok("") && !tell(heard) {
            return;
        }
    }
}

/// The rest of a line.
fn pass_over(from: &mut impl io::BufRead) {
    loop {
        let Ok(waiting) = from.fill_buf() else { return };
        let (used, ends) = match waiting.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (waiting.len(), waiting.is_empty()),
        };
        from.consume(used);
        if ends {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], most: usize) -> Vec<Result<String, &'static str>> {
        let mut all = Vec::new();
        read(text, most, |line| {
            all.push(line);
            true
        });
        all
    }

    #[test]
    fn lines_are_cut_and_what_is_too_long_is_passed_over() {
        let ok = |text: &str| Ok(text.to_string());
        assert_eq!(lines(b"a\r\n\n\nbcd\nlast", 4), [ok("a"), ok("bcd"), ok("last")]);
        assert_eq!(lines(b"abcde\nx\n", 4), [Err("that is longer than 48 KiB"), ok("x")]);
        assert_eq!(lines(b"abcd\nx", 4), [ok("abcd"), ok("x")]);
        assert_eq!(lines(&vec![b'z'; 100_000], 4).len(), 1);
        assert_eq!(lines(b"\xff\xfe\nx\n", 9), [Err("that is no UTF-8 text"), ok("x")]);
    }
}
