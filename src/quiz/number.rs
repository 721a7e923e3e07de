//! Numbers as learners type them: `180,000`, `0,5`, `2.5 s`, `120 ms`.

use crate::lesson::question::Number;

/// Why a text is no answer to a question for a number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoNumber {
    /// Nothing was typed.
    #[error("type a number")]
    Nothing,
    /// It is no number.
    #[error("`{0}` is no number; type one such as 12, 0.5 or 1,200")]
    NotOne(String),
    /// It counts something else.
    #[error("the answer counts {wanted}, not {typed}")]
    Unit {
        /// What is asked for.
        wanted: String,
        /// What was typed.
        typed: String,
    },
}

/// Units of time and how many nanoseconds each is.
const TIMES: [(&[&str], f64); 7] = [
    (&["ns", "nanosecond", "nanoseconds"], 1.0),
    (&["us", "µs", "microsecond", "microseconds"], 1e3),
    (&["ms", "millisecond", "milliseconds"], 1e6),
    (&["s", "sec", "second", "seconds"], 1e9),
    (&["min", "minute", "minutes"], 60e9),
    (&["h", "hour", "hours"], 3600e9),
    (&["d", "day", "days"], 86_400e9),
];

/// Reads an answer to a question for a number. A unit may follow, or be left out; another unit of time is converted.
pub fn read(text: &str, asked: &Number) -> Result<f64, NoNumber> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NoNumber::Nothing);
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.,_'".contains(c))).unwrap_or(text.len());
    let (digits, unit) = (&text[..end], text[end..].trim());
    let number = plain(digits).ok_or_else(|| NoNumber::NotOne(text.to_string()))?;
    factor(unit, asked.unit.as_deref()).map(|factor| number * factor)
}

/// What to multiply by so that the unit becomes the one that is asked for.
fn factor(typed: &str, wanted: Option<&str>) -> Result<f64, NoNumber> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b) || format!("{a}s").eq_ignore_ascii_case(b);
    let time = |unit: &str| TIMES.iter().find(|(names, _)| names.contains(&unit)).map(|(_, ns)| *ns);
    match wanted {
        _ if typed.is_empty() => Ok(1.0),
        Some(wanted) if same(typed, wanted) => Ok(1.0),
        _ => match (time(typed), wanted.and_then(time)) {
            (Some(typed), Some(wanted)) => Ok(typed / wanted),
            _ => Err(NoNumber::Unit { wanted: wanted.unwrap_or("things").to_string(), typed: typed.to_string() }),
        },
    }
}

/// Reads digits: a comma or an apostrophe before each group of three is for the eye, another single comma is a decimal one.
fn plain(text: &str) -> Option<f64> {
    let grouped = |by: char| {
        let mut groups = text.trim_start_matches(['+', '-']).split(by);
        let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && first != "0");
        let digits = |group: &str| group.split('.').next().is_some_and(|whole| whole.len() == 3);
        first && groups.all(digits) && text.contains(by)
    };
    let plain = match () {
        () if grouped(',') => text.replace(',', ""),
        () if grouped('\'') => text.replace('\'', ""),
        () if text.matches(',').count() == 1 && !text.contains('.') => text.replace(',', "."),
        () => text.replace('_', ""),
    };
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(unit: Option<&str>) -> Number {
        Number { answer: 1.0, unit: unit.map(str::to_string), tolerance: 0.0, fact: None, why: String::new(), wrong: Vec::new() }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, number) in [
            ("12", 12.0),
            (" 0.5 ", 0.5),
            ("0,5", 0.5),
            ("1,200", 1200.0),
            ("180,000.5", 180_000.5),
            ("1'000", 1000.0),
            ("-3", -3.0),
            ("1_000", 1000.0),
            ("0,125", 0.125),
        ] {
            assert_eq!(read(text, &asked(None)), Ok(number), "{text}");
        }
        for text in ["many", "1,2,3", "--1", "1.2.3", "NaN", "inf"] {
            assert_eq!(read(text, &asked(None)), Err(NoNumber::NotOne(text.to_string())));
        }
        assert_eq!(read("  ", &asked(None)), Err(NoNumber::Nothing));
    }

    #[test]
    fn a_unit_may_be_typed_and_times_are_converted() {
        assert_eq!(read("3 writes", &asked(Some("writes"))), Ok(3.0));
        assert_eq!(read("1 write", &asked(Some("writes"))), Ok(1.0));
        assert_eq!(read("2 min", &asked(Some("s"))), Ok(120.0));
        assert_eq!(read("120ms", &asked(Some("seconds"))), Ok(0.12));
        assert_eq!(read("95 %", &asked(Some("%"))), Ok(95.0));
        let error = read("3 reads", &asked(Some("writes"))).unwrap_err();
        assert_eq!(error.to_string(), "the answer counts writes, not reads");
    }
}
