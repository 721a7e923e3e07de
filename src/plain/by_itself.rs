//! When the program speaks in lines without being asked to.

use std::io::{self, IsTerminal as _};

/// Whether it does here: on a terminal that knows nothing but text, or where lines come in and no terminal shows what goes out. Where
/// nothing can come in, such as from `/dev/null`, there is nobody to speak to.
pub fn by_itself() -> bool {
    let listens = io::stdin().is_terminal() || brings_lines();
    let is_dumb = std::env::var("TERM").is_ok_and(|term| term.split('-').next() == Some("dumb"));
    listens && (is_dumb || !io::stdout().is_terminal())
}

/// Whether standard input is a pipe, a socket or a file.
#[cfg(unix)]
fn brings_lines() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::FileTypeExt as _;
    let file = io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from);
    let kind = file.and_then(|file| file.metadata()).map(|found| found.file_type());
    kind.is_ok_and(|kind| kind.is_fifo() || kind.is_socket() || kind.is_file())
}

/// Whether standard input is something that can be read.
#[cfg(not(unix))]
const fn brings_lines() -> bool {
    true
}
