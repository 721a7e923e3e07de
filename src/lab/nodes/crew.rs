//! The processes, each with its node: started, stopped and killed as the simulator has it, and watched.

use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use crate::sim::id::NodeId;

use super::process::{Heard, Process, Program, Whose};

/// So many lines in a second are a flood.
pub(super) const FLOOD: u32 = 2000;

/// So much of what a program says beside is kept of a second.
const SAYS_MAX: u32 = 20;

/// A program that holds more memory than this is stopped, where the system tells how much it holds.
const MEMORY_MAX: u64 = 2 << 30;

/// A program that writes nothing for so long, though a client waits for its answer and nothing is out of order, hangs.
const SILENCE: Duration = Duration::from_secs(10);

/// How a node is, as far as its process goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Down,
    Paused,
    Up,
}

/// A node and its process.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) node: NodeId,
    process: Option<Process>,
    life: u32,
    /// How many of the lines that it is to read it was given in this life.
    given: u64,
    stopped: bool,
    /// The second in which lines are counted, and how many of each kind there were.
    second: u64,
    lines: u32,
    says: u32,
    /// When it wrote last, or was started.
    wrote: Duration,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Crew {
    program: Program,
    tell: SyncSender<Heard>,
    pub(super) seats: Vec<Seat>,
    /// The whole world stands still.
    frozen: bool,
}

impl Crew {
    /// A seat for each node, none taken.
    pub(super) fn new(program: Program, nodes: impl Iterator<Item = NodeId>, tell: SyncSender<Heard>) -> Crew {
        let seat =
            |node| Seat { node, process: None, life: 0, given: 0, stopped: false, second: 0, lines: 0, says: 0, wrote: Duration::ZERO };
        Crew { program, tell, seats: nodes.map(seat).collect(), frozen: false }
    }

    /// Brings a process in line with its node, and says whether it goes on that stood still. The error says why it cannot be, as the end of
    /// a sentence about it.
    pub(super) fn follow(&mut self, at: usize, state: State, now: Duration) -> Result<bool, String> {
        let seat = &mut self.seats[at];
        match (state, seat.process.is_some()) {
            (State::Down, true) => {
                // What it was given and has not read is lost with it.
                seat.process = None;
                seat.given = 0;
            }
            (State::Up | State::Paused, false) => {
                seat.life += 1;
                (seat.given, seat.stopped, seat.wrote) = (0, false, now);
                let whose = (at, seat.life);
                let started = Process::start(&self.program, whose, &self.tell);
                seat.process = Some(started.map_err(|why| format!("cannot be started: {}: {why}", self.program.bin.display()))?);
            }
            _ => {}
        }
        let stop = state == State::Paused || self.frozen;
        if seat.stopped != stop && seat.process.as_ref().is_some_and(|process| process.stop(stop)) {
            seat.stopped = stop;
            seat.wrote = now;
            return Ok(!stop);
        }
        Ok(false)
    }

    /// Lets the whole world stand still, or go on.
    pub(super) fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// How many lines a process was given.
    pub(super) fn given(&self, at: usize) -> u64 {
        self.seats[at].given
    }

    /// Gives a process lines. The error is the end of a sentence about it.
    pub(super) fn give<'l>(&mut self, at: usize, lines: impl Iterator<Item = &'l Arc<str>>) -> Result<(), String> {
        let seat = &mut self.seats[at];
        for line in lines {
            seat.given += 1;
            if seat.process.as_ref().is_some_and(|process| !process.give(line)) {
                return Err("does not read: thousands of lines wait for it, so it was killed".to_string());
            }
        }
        Ok(())
    }

    /// Whether this is the process that runs now.
    pub(super) fn is_current(&self, (at, life): Whose) -> bool {
        self.seats.get(at).is_some_and(|seat| seat.life == life && seat.process.is_some())
    }

    /// Counts a line. The error is the end of a sentence about whoever floods.
    pub(super) fn count(&mut self, at: usize, now: Duration) -> Result<(), String> {
        let seat = &mut self.seats[at];
        seat.in_second(now);
        seat.lines += 1;
        seat.wrote = now;
        if seat.lines > FLOOD {
            Err(format!("wrote more than {FLOOD} lines in a second, which is a flood, so it was killed"))
        } else {
            Ok(())
        }
    }

    /// Whether what it says beside is to be kept.
    pub(super) fn hears(&mut self, at: usize, now: Duration) -> bool {
        let seat = &mut self.seats[at];
        seat.in_second(now);
        seat.says += 1;
        seat.says <= SAYS_MAX
    }

    /// How a process ended whose output has ended, as the end of a sentence.
    pub(super) fn end_of(&mut self, at: usize) -> String {
        // A process closes its output a little before it has ended.
        const TRIES: usize = 20;
        let Some(process) = self.seats[at].process.as_mut() else { return "has ended by itself".to_string() };
        let ended = (0..TRIES).find_map(|_| {
            let ended = process.ended();
            if ended.is_none() {
                std::thread::park_timeout(Duration::from_millis(5));
            }
            ended
        });
        ended.map_or_else(|| "has closed its output, so it was killed".to_string(), in_words)
    }

    /// What is wrong with a process that runs: it holds too much, or it hangs. `waits`: since when a client waits for it with nothing out
    /// of order.
    pub(super) fn trouble(&mut self, at: usize, now: Duration, waits: Option<Duration>) -> Option<String> {
        let seat = &mut self.seats[at];
        let process = seat.process.as_mut()?;
        if process.memory().is_some_and(|held| held > MEMORY_MAX) {
            return Some("holds more than 2 GiB of memory, so it was killed".to_string());
        }
        let silent = now.saturating_sub(seat.wrote.max(waits?));
        (!seat.stopped && silent >= SILENCE).then(|| {
            format!(
                "has written nothing for {} s though clients wait and nothing is out of order: it hangs, so it was killed",
                SILENCE.as_secs()
            )
        })
    }

    /// Whether no process runs.
    pub(super) fn is_empty(&self) -> bool {
        self.seats.iter().all(|seat| seat.process.is_none())
    }

    /// Ends all.
    pub(super) fn dismiss(&mut self) {
        self.seats.iter_mut().for_each(|seat| seat.process = None);
    }
}

impl Seat {
    fn in_second(&mut self, now: Duration) {
        if self.second != now.as_secs() {
            (self.second, self.lines, self.says) = (now.as_secs(), 0, 0);
        }
    }
}

/// How a process ended by itself.
fn in_words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was ended by signal {signal}, and nobody here sent it");
    }
    match status.code() {
        Some(code) => format!("has ended by itself with exit status {code}"),
        None => "has ended by itself".to_string(),
    }
}
