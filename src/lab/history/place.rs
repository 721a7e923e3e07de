//! Where something stands in a text, for people.

use std::fmt;

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The places of some bytes, which must rise: the text is walked through once.
pub(super) fn places(text: &str, bytes: impl IntoIterator<Item = usize>) -> Vec<Place> {
    let mut here = Place { line: 1, column: 1 };
    let mut at = 0;
    let mut places = Vec::new();
    for byte in bytes {
        let byte = byte.min(text.len()).max(at);
        for c in text[at..byte].chars() {
            here = if c == '\n' { Place { line: here.line + 1, column: 1 } } else { Place { column: here.column + 1, ..here } };
        }
        at = byte;
        places.push(here);
    }
    places
}
