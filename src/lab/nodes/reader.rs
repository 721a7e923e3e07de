//! Lines from a pipe, each bounded: what is too long is told as such, what has begun and does not end can be seen while it waits.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::{Mutex, PoisonError};

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The longest line, in bytes.
    pub(super) line: usize,
    /// A line that has so many bytes and no end is given up, and with it everything that comes after it.
    pub(super) endless: usize,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A line, without its end.
    Line(String),
    /// A line that is longer than it may be: how it begins, and how many bytes it has.
    Long { start: String, bytes: usize },
    /// A line that is no text: what of it can be shown.
    NoText { start: String },
    /// A line without an end: how it begins, and how many bytes there are by now.
    Endless { start: String, bytes: usize },
}

/// So much of a line is shown of those that are not whole.
const SHOWN: usize = 480;

/// A line that has begun and not ended, for whoever looks at it meanwhile.
#[derive(Debug, Default)]
pub(super) struct Begun(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many lines have ended before it.
    ended: u64,
    bytes: usize,
    start: Vec<u8>,
}

impl Begun {
    /// The number of the line, how many bytes of it there are, and how it begins; `None` where no line has begun.
    pub(super) fn now(&self) -> Option<(u64, usize, String)> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.bytes > 0).then(|| (state.ended, state.bytes, shown(&state.start)))
    }

    fn goes_on(&self, bytes: &[u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.bytes += bytes.len();
        let room = SHOWN.saturating_sub(state.start.len());
        state.start.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn ends(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.ended += 1;
        state.bytes = 0;
        state.start.clear();
    }
}

/// The beginning of a line as text.
fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(&line[..line.len().min(SHOWN)]).trim_end_matches('\u{fffd}').to_string()
}

/// Reads lines until the end, or until nobody wants them, or until one does not end.
pub(super) fn read(from: impl Read, bounds: Bounds, begun: &Begun, mut tell: impl FnMut(Piece) -> bool) {
    let mut from = BufReader::new(from);
    let (mut line, mut bytes) = (Vec::new(), 0);
    loop {
        let Ok(waiting) = from.fill_buf() else { return };
        let (used, ends) = match waiting.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at, true),
            None => (waiting.len(), waiting.is_empty()),
        };
        bytes += used;
        let room = bounds.line.saturating_add(1).saturating_sub(line.len());
        line.extend_from_slice(&waiting[..used.min(room)]);
        let is_over = waiting.is_empty();
        if ends {
            begun.ends();
        } else {
            begun.goes_on(&waiting[..used]);
        }
        from.consume(used + usize::from(ends && !is_over));
        if bytes > bounds.endless {
            tell(Piece::Endless { start: shown(&line), bytes });
            return;
        }
        if ends {
            let wanted = piece(&line, bytes, bounds).is_none_or(&mut tell);
            if !wanted || is_over {
                return;
            }
            line.clear();
            bytes = 0;
        }
    }
}

/// What a line is that has ended; nothing where it is empty.
fn piece(line: &[u8], bytes: usize, bounds: Bounds) -> Option<Piece> {
    let end = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
    match std::str::from_utf8(&line[..end]) {
        _ if bytes > bounds.line => Some(Piece::Long { start: shown(line), bytes }),
        Ok("") => None,
        Ok(text) => Some(Piece::Line(text.to_string())),
        Err(_) => Some(Piece::NoText { start: shown(line) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &[u8], line: usize) -> Vec<Piece> {
        let mut all = Vec::new();
        read(text, Bounds { line, endless: 1000 }, &Begun::default(), |piece| {
            all.push(piece);
            true
        });
        all
    }

    fn line(text: &str) -> Piece {
        Piece::Line(text.to_string())
    }

    #[test]
    fn lines_are_cut_at_their_ends() {
        assert_eq!(pieces(b"a\r\n\n\nbcd\nlast", 4), [line("a"), line("bcd"), line("last")]);
        assert_eq!(pieces(b"abcd\nx", 4), [line("abcd"), line("x")]);
        assert_eq!(pieces(b"", 4), []);
    }

    #[test]
    fn what_is_no_line_is_told_with_how_it_begins() {
        assert_eq!(pieces(b"abcde\nx\n", 4), [Piece::Long { start: "abcde".to_string(), bytes: 5 }, line("x")]);
        let long = [vec![b'z'; 900], b"\nx\n".to_vec()].concat();
        assert_eq!(pieces(&long, 4), [Piece::Long { start: "zzzzz".to_string(), bytes: 900 }, line("x")]);
        assert_eq!(pieces(b"\xff\xfe\nx\n", 9), [Piece::NoText { start: String::new() }, line("x")]);
        let endless = pieces(&vec![b'z'; 100_000], 4);
        assert!(matches!(endless[..], [Piece::Endless { bytes: 1001.., .. }]), "{endless:?}");
    }

    #[test]
    fn a_line_that_has_begun_can_be_seen() {
        /// A line, half a line, and a look at what has begun before the end.
        struct Slow<'b>(Vec<&'static [u8]>, &'b Begun, Vec<Option<(u64, usize, String)>>);
        impl Read for &mut Slow<'_> {
            fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
                self.2.push(self.1.now());
                let Some(next) = self.0.pop() else { return Ok(0) };
                into[..next.len()].copy_from_slice(next);
                Ok(next.len())
            }
        }
        let begun = Begun::default();
        let mut slow = Slow(vec![b"lf\n", b"ha", b"whole\n"], &begun, Vec::new());
        read(&mut slow, Bounds { line: 9, endless: 99 }, &begun, |_| true);
        assert_eq!(slow.2, [None, None, Some((1, 2, "ha".to_string())), None]);
    }
}
