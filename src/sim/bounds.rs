//! Bounds of what people may ask for, so that no number makes a run endless.

use std::fmt;

use super::time::{BadSpan, Span};

/// A range of lengths of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spans {
    /// The shortest.
    pub least: Span,
    /// The longest.
    pub most: Span,
}

/// The longest that anything in a cluster is set to take: a timer, a message, a sync, the life of a server. Ten years.
pub const LONGEST: Span = Span::s(3650 * 24 * 3600);

/// What something may take: from nothing to [`LONGEST`].
pub const DURATIONS: Spans = Spans { least: Span::ZERO, most: LONGEST };

/// What a timer may be set to: from a millisecond, so that the events of a second can be counted, to [`LONGEST`].
pub const TIMERS: Spans = Spans { least: Span::ms(1), most: LONGEST };

impl Spans {
    /// Whether it is in the range.
    pub fn holds(&self, span: Span) -> bool {
        (self.least..=self.most).contains(&span)
    }

    /// Reads one of them. The error says the range.
    pub fn read(&self, text: &str) -> Result<Span, String> {
        let span: Span = text.parse().map_err(|bad: BadSpan| bad.to_string())?;
        if self.holds(span) { Ok(span) } else { Err(format!("`{text}` is out of range: it is {self}")) }
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.least == Span::ZERO {
            return write!(f, "a length of time up to {}", self.most);
        }
        write!(f, "a length of time from {} to {}", self.least, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_range_is_refused_with_the_range() {
        assert_eq!(TIMERS.read("1ms"), Ok(Span::ms(1)));
        assert_eq!(TIMERS.read("3650d"), Ok(LONGEST));
        assert_eq!(DURATIONS.read("0s"), Ok(Span::ZERO));
        for text in ["0s", "1ns", "999us", "3650.1d", "5124095h"] {
            assert_eq!(TIMERS.read(text), Err(format!("`{text}` is out of range: it is a length of time from 1ms to 3650d")));
        }
        assert!(TIMERS.read("99999999999999999999s").is_err_and(|why| why.contains("213503d")));
    }
}
