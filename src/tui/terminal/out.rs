//! Standard output as the terminal that is drawn on.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

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
        match if is_gone() { Ok(bytes.len()) } else { self.0.write(bytes) } {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                GONE.store(true, Ordering::SeqCst);
                Ok(bytes.len())
            }
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if !is_gone() && self.0.flush().is_err() {
            GONE.store(true, Ordering::SeqCst);
        }
        Ok(())
    }
}
