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

/// A program that writes nothing for so long, though clients ask it and no fault is on it, hangs. Time in which a fault is on it does not
/// count.
pub(super) const SILENCE: Duration = Duration::from_secs(10);

/// A line that has begun and does not end for so long never will.
const HALF: Duration = Duration::from_secs(5);

/// How long a program that has closed its output may take to end, before it is killed and its exit status is nobody's.
const ENDS: Duration = Duration::from_secs(1);

/// How a node is, as far as its process goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Down,
    Paused,
    Up,
}

/// What a node owes whoever asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owes {
    /// Nobody waits for it.
    Nothing,
    /// Clients ask it, and a fault is on it.
    Excused,
    /// Clients ask it.
    Answers,
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
    /// For how long it was silent that should not have been.
    silent: Duration,
    /// The line that it has begun and not ended, by its number, and for how long that is known.
    half: Option<(u64, Duration)>,
    /// Since when its output is closed.
    closed: Option<Duration>,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Crew {
    program: Program,
    tell: SyncSender<Heard>,
    pub(super) seats: Vec<Seat>,
    /// The whole world stands still.
    frozen: bool,
    /// How long a line may stay without its end.
    half: Duration,
}

impl Crew {
    /// A seat for each node, none taken. `startup`: how long a program has to answer `init`.
    pub(super) fn new(program: Program, nodes: impl Iterator<Item = NodeId>, startup: Duration, tell: SyncSender<Heard>) -> Crew {
        // What is wrong with half an answer to `init` is told before the time for it is over.
        let half = HALF.min(startup / 4);
        Crew { program, tell, seats: nodes.map(Seat::of).collect(), frozen: false, half }
    }

    /// Brings a process in line with its node, and says whether it goes on that stood still. The error says why it cannot be, as the end of
    /// a sentence about it.
    pub(super) fn follow(&mut self, at: usize, state: State) -> Result<bool, String> {
        let seat = &mut self.seats[at];
        match (state, seat.process.is_some()) {
            (State::Down, true) => {
                // What it was given and has not read is lost with it.
                seat.process = None;
                seat.given = 0;
            }
            (State::Up | State::Paused, false) => {
                seat.life += 1;
                *seat = Seat { life: seat.life, ..Seat::of(seat.node) };
                let whose = (at, seat.life);
                let started = Process::start(&self.program, whose, &self.tell);
                seat.process = Some(started.map_err(|why| self.program.cannot(&why))?);
            }
            _ => {}
        }
        let stop = state == State::Paused || self.frozen;
        if seat.stopped != stop && seat.process.as_ref().is_some_and(|process| process.stop(stop)) {
            seat.stopped = stop;
            (seat.silent, seat.half) = (Duration::ZERO, None);
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
        seat.silent = Duration::ZERO;
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

    /// The output of a process is closed. A process closes it a little before it has ended.
    pub(super) fn closes(&mut self, at: usize, now: Duration) {
        self.seats[at].closed = Some(now);
    }

    /// Whether a process has closed its output and is still there.
    pub(super) fn is_closing(&self) -> bool {
        self.seats.iter().any(|seat| seat.closed.is_some() && seat.process.is_some())
    }

    /// How a process ended whose output is closed, as the end of a sentence; nothing while that is not known.
    pub(super) fn end_of(&mut self, at: usize, now: Duration) -> Option<String> {
        let seat = &mut self.seats[at];
        let closed = seat.closed?;
        let ended = seat.process.as_mut()?.ended().map(in_words);
        let over = now.saturating_sub(closed) >= ENDS;
        ended.or_else(|| over.then(|| "has closed its output, so it was killed".to_string()))
    }

    /// What is wrong with a process that runs: it holds too much, it does not end a line, or it hangs. `passed`: since this was asked last.
    pub(super) fn trouble(&mut self, at: usize, (now, passed): (Duration, Duration), owes: Owes) -> Option<String> {
        let half = self.half;
        let seat = &mut self.seats[at];
        let process = seat.process.as_mut()?;
        if process.memory().is_some_and(|held| held > MEMORY_MAX) {
            return Some("holds more than 2 GiB of memory, so it was killed".to_string());
        }
        // Its output may be held open by something that it has started.
        if seat.closed.is_none() && process.ended().is_some() {
            seat.closed = Some(now);
        }
        if seat.stopped {
            return None;
        }
        let begun = process.begun().now();
        seat.half = begun.as_ref().map(|(line, ..)| match seat.half {
            Some((known, since)) if known == *line => (known, since + passed),
            _ => (*line, Duration::ZERO),
        });
        match owes {
            Owes::Nothing => seat.silent = Duration::ZERO,
            Owes::Excused => {}
            Owes::Answers => seat.silent += passed,
        }
        match (begun, seat.half) {
            (Some((_, bytes, start)), Some((_, since))) if since >= half => Some(format!(
                "has written {bytes} bytes and no end of the line for {} s, so it was killed; every message ends with a newline, and is \
                 flushed. It began: {start}",
                half.as_secs_f64()
            )),
            _ if seat.silent >= SILENCE => Some(format!(
                "has written nothing for {} s though clients asked it and no fault was on it: it hangs, so it was killed",
                SILENCE.as_secs()
            )),
            _ => None,
        }
    }

    /// Whether a process is silent that should not be.
    pub(super) fn is_suspected(&self) -> bool {
        self.seats.iter().any(|seat| seat.process.is_some() && seat.silent > Duration::ZERO)
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
    /// Of a node, with nobody on it.
    fn of(node: NodeId) -> Seat {
        Seat {
            node,
            process: None,
            life: 0,
            given: 0,
            stopped: false,
            second: 0,
            lines: 0,
            says: 0,
            silent: Duration::ZERO,
            half: None,
            closed: None,
        }
    }

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
