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

    /// Reads `1.5`, `1e3`, `0x10`, `inf`, `-inf`. A number too great or too small for a score is none.
    pub fn read(text: &str) -> Option<Score> {
        let score = Score::read_bound(text).filter(|_| !text.is_empty() && !text.starts_with(char::is_whitespace))?;
        let is_named = text.to_ascii_lowercase().contains("inf");
        let vanished = score.0 == 0.0 && has_mantissa(text);
        (!vanished && (score.0.is_finite() || is_named)).then_some(score)
    }

    /// Reads a bound of a range, as `strtod` does: nothing is 0, and spaces before it do not count.
    pub(super) fn read_bound(text: &str) -> Option<Score> {
        let text = text.trim_start();
        if text.is_empty() {
            return Score::new(0.0);
        }
        let (sign, digits) = text.strip_prefix('-').map_or((1.0, text.strip_prefix('+').unwrap_or(text)), |rest| (-1.0, rest));
        let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).filter(|hex| !hex.is_empty());
        if let Some(hex) = hex {
            return u64::from_str_radix(hex, 16).ok().filter(|_| !hex.starts_with('+')).and_then(|number| Score::new(sign * number as f64));
        }
        let is_plain = digits.starts_with(|c: char| c.is_ascii_digit() || ".iI".contains(c));
        digits.parse::<f64>().ok().filter(|_| is_plain).and_then(|number| Score::new(sign * number))
    }
}

/// Whether the digits before the exponent are more than zeros.
fn has_mantissa(text: &str) -> bool {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    mantissa.contains(|c| ('1'..='9').contains(&c))
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
