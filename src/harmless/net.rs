//! The last net under everything that is written to a terminal or a pipe.

use std::io::{self, Write};

use super::page;

/// The longest line that is kept until its end is there, in bytes; a longer one goes on in pieces.
const LINE_MAX: usize = 64 * 1024;

/// Passes text on with everything hidden shown; see [`page`]. Bytes that are no UTF-8 become U+FFFD.
#[derive(Debug)]
pub struct Net<W: Write> {
    to: W,
    /// The line so far.
    line: Vec<u8>,
}

impl<W: Write> Net<W> {
    /// A net over this.
    pub fn new(to: W) -> Net<W> {
        Net { to, line: Vec::new() }
    }

    fn pass(&mut self, length: usize) -> io::Result<()> {
        let rest = self.line.split_off(length);
        let whole = std::mem::replace(&mut self.line, rest);
        self.to.write_all(page(&String::from_utf8_lossy(&whole)).as_bytes())
    }

    /// Up to where the line so far is whole characters.
    fn whole(&self) -> usize {
        let start = self.line.iter().rposition(|byte| byte & 0b1100_0000 != 0b1000_0000).unwrap_or(0);
        if std::str::from_utf8(&self.line[start..]).is_ok() { self.line.len() } else { start.max(1) }
    }
}

impl<W: Write> Write for Net<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if let Some(end) = self.line.iter().rposition(|byte| *byte == b'\n') {
            self.pass(end + 1)?;
        }
        if self.line.len() > LINE_MAX {
            self.pass(self.whole())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass(self.line.len())?;
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn passed(parts: &[&[u8]]) -> String {
        let mut net = Net::new(Vec::new());
        for part in parts {
            net.write_all(part).unwrap();
        }
        net.flush().unwrap();
        String::from_utf8(net.to).unwrap()
    }

    #[test]
    fn nothing_hidden_gets_through() {
        assert_eq!(passed(&[b"a\x1b[2", b"J\nb\xff", "\u{202e}".as_bytes()]), "a\\u{1b}[2J\nb\u{fffd}\\u{202e}");
        let long = "é".repeat(LINE_MAX);
        assert_eq!(passed(&[b"x", long.as_bytes()]), format!("x{long}"));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_a_text_is_cut(text in any::<String>(), cut in 0usize..40) {
            let bytes = text.as_bytes();
            let cut = cut.min(bytes.len());
            prop_assert_eq!(passed(&[&bytes[..cut], &bytes[cut..]]), passed(&[bytes]));
        }
    }
}
