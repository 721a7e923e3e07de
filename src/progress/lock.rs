//! One at a time: a file beside the log that whoever reads or writes the log holds locked meanwhile.
//!
//! It is not the log itself, because a merge puts another file in the place of the log.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How often to try, and how long to wait between two tries: others hold the lock for one write.
const TRIES: u32 = 400;
const PAUSE: Duration = Duration::from_millis(5);

/// Held until it is dropped; the system lets go of it too when the process dies.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, for which others may have to be waited for. An error of the kind `WouldBlock` says that it took too long.
    pub(super) fn take(path: &Path) -> io::Result<Lock> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => thread::park_timeout(PAUSE),
            }
        }
        Err(io::Error::new(io::ErrorKind::WouldBlock, "another program holds it and does not let go"))
    }
}
