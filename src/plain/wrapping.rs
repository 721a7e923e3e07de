//! Lines that are broken at words as they are written.

use std::io::{self, Write};

use super::page::wrapped;

/// Breaks whole lines at words. What is flushed before its line ends, such as a prompt, is written as it is; so are lines that are set in,
/// whose columns mean something.
#[derive(Debug)]
pub struct Wrapping<W: Write> {
    out: W,
    width: Option<usize>,
    line: Vec<u8>,
}

impl<W: Write> Wrapping<W> {
    /// Lines of at most so many characters; `None`: as they are.
    pub fn new(out: W, width: Option<usize>) -> Wrapping<W> {
        Wrapping { out, width, line: Vec::new() }
    }

    fn put(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let text = str::from_utf8(&line).ok().and_then(|text| text.strip_suffix('\n')).filter(|text| !text.starts_with(' '));
        match (self.width, text) {
            (Some(width), Some(text)) => wrapped(text, width).iter().try_for_each(|part| writeln!(self.out, "{part}")),
            _ => self.out.write_all(&line),
        }
    }
}

impl<W: Write> Write for Wrapping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.put()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            self.put()?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: Option<usize>, parts: &[&str]) -> String {
        let mut out = Vec::new();
        let mut wrapping = Wrapping::new(&mut out, width);
        for part in parts {
            wrapping.write_all(part.as_bytes()).unwrap();
        }
        wrapping.flush().unwrap();
        drop(wrapping);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_are_broken_at_words_and_nowhere_else() {
        assert_eq!(written(Some(12), &["a command, ", "such as this\nshort\n\n> "]), "a command,\nsuch as this\nshort\n\n> ");
        assert_eq!(written(Some(8), &["  crash n99 is in a column\n"]), "  crash n99 is in a column\n");
        assert_eq!(written(None, &["a command, such as this\n"]), "a command, such as this\n");
        assert_eq!(written(Some(4), &["überlänge ist ein wort\n"]), "überlänge\nist\nein\nwort\n");
    }
}
