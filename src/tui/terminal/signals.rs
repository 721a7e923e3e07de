//! Signals of the operating system: what they ask for, and the promise that the program ends within a second of one that says so.

/// What the loop does about a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Meaning {
    /// End, as the signal would have it.
    End,
    /// Stop until continued.
    Stop,
    /// Continued by somebody: draw everything again.
    Continued,
    /// The terminal has another size.
    Resized,
}

#[cfg(unix)]
pub(in crate::tui) use unix::{HANG_UP, die, meaning};
#[cfg(unix)]
pub(super) use unix::{is_cooked, listen, stop};

#[cfg(not(unix))]
pub(in crate::tui) use elsewhere::{HANG_UP, die, meaning};
#[cfg(not(unix))]
pub(super) use elsewhere::{is_cooked, listen, stop};

/// Signals on Unix.
#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::sync::mpsc::{self, Sender};
    use std::thread;
    use std::time::Duration;

    use rustix::stdio;
    use rustix::termios::{self, LocalModes};
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::super::{Arrival, Input, cook, uncover};
    use super::Meaning;

    /// The signal that says that the terminal is gone.
    pub(in crate::tui) const HANG_UP: Option<i32> = Some(SIGHUP);

    /// How long the program may take to end by itself.
    const PATIENCE: Duration = Duration::from_millis(800);
    /// How long showing what was there before may take after that: a terminal that does not read any more blocks every write.
    const LAST: Duration = Duration::from_millis(100);

    /// What this signal asks for.
    pub(in crate::tui) fn meaning(signal: i32) -> Meaning {
        match signal {
            SIGTSTP => Meaning::Stop,
            SIGCONT => Meaning::Continued,
            SIGWINCH => Meaning::Resized,
            _ => Meaning::End,
        }
    }

    pub(in crate::tui::terminal) fn listen(to: &Sender<Arrival>) -> io::Result<()> {
        let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH])?;
        let to = to.clone();
        thread::spawn(move || {
            for signal in signals.forever() {
                let heard = to.send(Arrival::Input(Input::Signal(signal))).is_ok();
                if meaning(signal) == Meaning::End {
                    thread::spawn(move || insist(signal));
                } else if !heard {
                    return;
                }
            }
        });
        Ok(())
    }

    /// Ends the program when it has not ended by itself in time: it may be busy, or blocked by a terminal that does not read.
    fn insist(signal: i32) {
        wait(PATIENCE);
        cook();
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || {
            uncover();
            done.send(())
        });
        let _ = is_done.recv_timeout(LAST);
        let _ = die(signal);
    }

    fn wait(span: Duration) {
        let (_kept, never) = mpsc::channel::<()>();
        let _ = never.recv_timeout(span);
    }

    /// Stops the process as Ctrl-Z does, and returns when it is continued.
    pub(in crate::tui::terminal) fn stop() -> io::Result<()> {
        emulate_default_handler(SIGTSTP)
    }

    /// Whether the terminal gives lines and not keys; also when it does not say.
    pub(in crate::tui::terminal) fn is_cooked() -> bool {
        let gives_lines = |terminal: BorrowedFd<'_>| {
            let modes = termios::tcgetattr(terminal);
            modes.map_or(true, |modes| modes.local_modes.contains(LocalModes::ICANON))
        };
        // What crossterm sets: the standard input if it is a terminal, or else the terminal of the process.
        if termios::isatty(stdio::stdin()) {
            return gives_lines(stdio::stdin());
        }
        File::open("/dev/tty").map_or(true, |terminal| gives_lines(terminal.as_fd()))
    }

    /// Ends the process as the signal would have done, so that whoever waits for it sees why.
    pub(in crate::tui) fn die(signal: i32) -> io::Result<()> {
        emulate_default_handler(signal)
    }
}

/// Elsewhere there is only Ctrl-C, which arrives as a key.
#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    use std::sync::mpsc::Sender;

    use super::super::Arrival;
    use super::Meaning;

    pub(in crate::tui) const HANG_UP: Option<i32> = None;

    pub(in crate::tui) fn meaning(_signal: i32) -> Meaning {
        Meaning::End
    }

    #[expect(clippy::unnecessary_wraps, reason = "the same face as on Unix")]
    pub(in crate::tui::terminal) fn listen(_to: &Sender<Arrival>) -> io::Result<()> {
        Ok(())
    }

    pub(in crate::tui::terminal) fn stop() -> io::Result<()> {
        Ok(())
    }

    pub(in crate::tui::terminal) fn is_cooked() -> bool {
        true
    }

    pub(in crate::tui) fn die(_signal: i32) -> io::Result<()> {
        Ok(())
    }
}
