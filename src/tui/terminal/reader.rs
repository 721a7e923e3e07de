//! The thread that blocks on the keyboard.

use std::io;
use std::sync::mpsc::Sender;
use std::thread;

use super::{Arrival, Input, hung_up};

/// Reads what the terminal sends and passes it on, until it can be read no more.
///
/// On Unix the bytes are passed on as they are: crossterm's reader takes the answers of a terminal for keys, and turns in a circle
/// when the terminal is gone.
pub(super) fn listen(to: Sender<Arrival>) {
    thread::spawn(move || {
        let mut source = source();
        loop {
            let arrival = source().unwrap_or_else(|error| Arrival::Input(lost(&error)));
            let over = matches!(arrival, Arrival::Input(Input::Lost(_) | Input::Signal(_)));
            if to.send(arrival).is_err() || over {
                return;
            }
        }
    });
}

/// The end of the input and an error of the device mean that the terminal is gone.
fn lost(error: &io::Error) -> Input {
    /// `EIO`, on every Unix.
    const GONE: i32 = 5;
    let gone = error.kind() == io::ErrorKind::UnexpectedEof || error.raw_os_error() == Some(GONE);
    if gone { hung_up(error) } else { Input::Lost(error.to_string()) }
}

#[cfg(unix)]
fn source() -> impl FnMut() -> io::Result<Arrival> {
    use std::fs::File;
    use std::io::Read;

    let mut input: Box<dyn Read + Send> = Box::new(io::stdin());
    let mut bytes = [0; 4096];
    move || loop {
        match input.read(&mut bytes) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => return Ok(Arrival::Bytes(bytes[..count].to_vec())),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Another program left standard input so that it does not block. That belongs to whoever shares it, so it is not
            // changed: the same terminal is opened anew.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => input = Box::new(File::open("/dev/tty")?),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(not(unix))]
fn source() -> impl FnMut() -> io::Result<Arrival> {
    || ratatui::crossterm::event::read().map(|event| Arrival::Input(Input::Event(event)))
}
