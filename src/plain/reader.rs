//! Lines of input, each of a bounded length.

use std::io::{self, BufRead};

/// The longest line that is read, in bytes.
pub(crate) const LINE_MAX: usize = 4096;

/// One line of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Its text, without its end.
    Text(String),
    /// It was longer than [`LINE_MAX`], and is passed over.
    TooLong,
    /// Nothing comes any more.
    End,
}

/// The next line. Bytes that are no UTF-8 become U+FFFD.
pub(crate) fn next(input: &mut dyn BufRead) -> io::Result<Line> {
    let (mut line, mut long, mut any) = (Vec::new(), false, false);
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            break;
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        long |= line.len() + part.len() > LINE_MAX;
        if !long {
            line.extend_from_slice(part);
        }
        let used = end.map_or(buffer.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            break;
        }
    }
    Ok(match (any, long) {
        (false, _) => Line::End,
        (_, true) => Line::TooLong,
        _ => Line::Text(String::from_utf8_lossy(&line).trim().to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_one_by_one() {
        let long = "x".repeat(LINE_MAX + 1);
        let text = format!("one\r\n{long}\n\n\u{ff}two");
        let mut input = std::io::BufReader::with_capacity(7, text.as_bytes());
        let lines: Vec<Line> = std::iter::from_fn(|| next(&mut input).ok().filter(|line| *line != Line::End)).collect();
        let said = |text: &str| Line::Text(text.to_string());
        assert_eq!(lines, [said("one"), Line::TooLong, said(""), said("\u{ff}two")]);
    }
}
