//! Standard output as the terminal that is drawn on.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Whether the terminal is gone: a write to it failed.
static GONE: AtomicBool = AtomicBool::new(false);

/// Writes to the terminal. Once that fails the terminal is gone, and there is nothing to say to anybody: what follows goes
/// nowhere, and the loop ends by what it hears. (Errors would end the program in the middle of ratatui, which then panics when it
/// cannot complain.)
pub(super) struct Out(Stdout);

impl Out {
    pub(super) fn new() -> Out {
        Out(io::stdout())
    }
}

/// Whether the terminal is gone.
pub(super) fn is_gone() -> bool {
    GONE.load(Ordering::SeqCst)
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(insist(|| self.0.write(bytes)).unwrap_or(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        insist(|| self.0.flush());
        Ok(())
    }
}

/// How long a terminal that is full is left alone before it is tried again.
const PAUSE: Duration = Duration::from_millis(1);

/// Tries until it is done; `None` when the terminal is gone. It is only full where another program left standard output so that it
/// does not block.
fn insist<T>(mut attempt: impl FnMut() -> io::Result<T>) -> Option<T> {
    while !is_gone() {
        match attempt() {
            Ok(done) => return Some(done),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::park_timeout(PAUSE),
            Err(_) => GONE.store(true, Ordering::SeqCst),
        }
    }
    None
}
