//! Scores of sorted sets: floating-point numbers in their total order, read and printed as Redis does.

use std::cmp::Ordering;
use std::fmt;

/// A score; never NaN.
#[derive(Clone, Copy, Debug)]
pub struct Score(f64);

impl Score {
    /// A score; `None` for NaN. There is one zero.
    pub fn new(number: f64) -> Option<Score> {
        (!number.is_nan()).then_some(Score(number + 0.0))
    }

    /// The number.
    pub fn number(self) -> f64 {
        self.0
    }

    /// Reads `1.5`, `1e3`, `inf`, `-inf`.
    pub fn read(text: &str) -> Option<Score> {
        let is_plain = text.starts_with(|c: char| c.is_ascii_digit() || "+-.iI".contains(c));
        text.parse().ok().filter(|_| is_plain).and_then(Score::new)
    }
}

impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// From here on whole numbers are printed with an exponent.
const LARGE: f64 = 1e17;

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Score(number) = self;
        let size = number.abs();
        match () {
            () if number.is_infinite() => f.write_str(if *number > 0.0 { "inf" } else { "-inf" }),
            () if size != 0.0 && !(1e-5..LARGE).contains(&size) => {
                let text = format!("{number:e}");
                f.write_str(&if text.contains("e-") { text } else { text.replace('e', "e+") })
            }
            () => write!(f, "{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_printed_as_redis_does() {
        let all = [
            ("3", "3"),
            ("1.5", "1.5"),
            ("-0", "0"),
            ("1e3", "1000"),
            ("inf", "inf"),
            ("-inf", "-inf"),
            ("3.0e21", "3e+21"),
            ("0.1", "0.1"),
        ];
        for (read, printed) in all {
            assert_eq!(Score::read(read).map(|score| score.to_string()).as_deref(), Some(printed), "{read}");
        }
        for wrong in ["", "nan", "a", "1 ", " 1", "NaN"] {
            assert_eq!(Score::read(wrong), None, "{wrong}");
        }
    }
}
