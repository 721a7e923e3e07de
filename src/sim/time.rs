//! Virtual time: integer nanoseconds, never a wall clock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

/// A moment of virtual time, in nanoseconds since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

/// A length of virtual time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl Time {
    /// The start of every run.
    pub const ZERO: Time = Time(0);
    /// Later than anything that happens.
    pub const END: Time = Time(u64::MAX);

    /// How long ago `earlier` was; zero when it is in the future.
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// Seconds as a float, for display and statistics only.
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// Whole microseconds.
    pub const fn us(n: u64) -> Span {
        Span(n * 1_000)
    }

    /// Whole milliseconds.
    pub const fn ms(n: u64) -> Span {
        Span(n * 1_000_000)
    }

    /// Whole seconds.
    pub const fn s(n: u64) -> Span {
        Span(n * 1_000_000_000)
    }

    /// Milliseconds as a float, for display and statistics only.
    pub fn as_ms(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// As one says it, rounded, in milliseconds or seconds: `0.5 ms`, `207.4 ms`, `1.1 s`; from a minute on to the second: `2 min 5 s`.
    pub fn told(self) -> String {
        const TENTH: u64 = 100_000;
        let (value, decimals, unit) = match self.0 {
            ..1_000_000 => (self.as_ms(), 3, "ms"),
            ns if ns < 1_000_000_000 - TENTH / 2 => (self.as_ms(), 1, "ms"),
            ns if ns < 60_000_000_000 - 5_000_000 => (self.as_secs(), 2, "s"),
            ns => {
                let seconds = (ns + 500_000_000) / 1_000_000_000;
                let (minutes, seconds) = (seconds / 60, seconds % 60);
                return if seconds == 0 { format!("{minutes} min") } else { format!("{minutes} min {seconds} s") };
            }
        };
        let text = format!("{value:.decimals$}");
        format!("{} {unit}", text.trim_end_matches('0').trim_end_matches('.'))
    }

    /// Seconds as a float, for display and statistics only.
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// From a float of nanoseconds; negative and NaN become zero, too large saturates.
    pub fn from_ns_f64(ns: f64) -> Span {
        Span(ns as u64)
    }

    /// Up to whole milliseconds, as somebody is told who has to wait; what is shorter than one stays as it is.
    pub fn up_to_ms(self) -> Span {
        const MS: u64 = 1_000_000;
        if self.0 < MS { self } else { Span(self.0.div_ceil(MS).saturating_mul(MS)) }
    }

    /// `self` times a factor, saturating.
    pub fn scaled(self, factor: f64) -> Span {
        Span::from_ns_f64(self.0 as f64 * factor)
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

/// Why a text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no length of time; write a number and a unit: 300ms, 1.5s, 20us, 2min, 1h, 30d (213503d is the most)")]
pub struct BadSpan(pub String);

/// Units from large to small, with their nanoseconds. `min`, `h` and `d` are read, and printed when they are exact.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];
/// How many of them are printed only when they are exact.
const ONLY_EXACT: usize = 3;

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Span, BadSpan> {
        let bad = || BadSpan(text.to_string());
        let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
        let (number, unit) = text.split_at(split);
        let (_, unit_ns) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(bad)?;
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let part_is_bad = part.len() > 12 || (number.contains('.') && part.is_empty());
        if whole.is_empty() || part_is_bad || part.contains('.') {
            return Err(bad());
        }
        let whole: u128 = whole.parse().map_err(|_| bad())?;
        let scale = 10u128.pow(part.len() as u32);
        let part: u128 = if part.is_empty() { 0 } else { part.parse().map_err(|_| bad())? };
        let unit_ns = u128::from(*unit_ns);
        let ns = whole.checked_mul(unit_ns).and_then(|ns| ns.checked_add(part * unit_ns / scale)).ok_or_else(bad)?;
        u64::try_from(ns).map(Span).map_err(|_| bad())
    }
}

impl fmt::Display for Span {
    /// Exact: what is printed reads back as the same number of nanoseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ns = self.0;
        if ns == 0 {
            return f.write_str("0s");
        }
        for (name, unit) in &UNITS[..ONLY_EXACT] {
            if ns.is_multiple_of(*unit) {
                return write!(f, "{}{name}", ns / unit);
            }
        }
        let (name, unit) = UNITS[ONLY_EXACT..].iter().find(|(_, unit)| ns >= *unit).copied().unwrap_or(UNITS[UNITS.len() - 1]);
        let part = ns % unit;
        if part == 0 {
            return write!(f, "{}{name}", ns / unit);
        }
        let width = unit.ilog10() as usize;
        let digits = format!("{part:0width$}");
        write!(f, "{}.{}{name}", ns / unit, digits.trim_end_matches('0'))
    }
}

impl fmt::Display for Time {
    /// With milliseconds, as the screens show it: `2.310 s`, `12:38:16.642`, `6d 00:00:05.000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clock(3))
    }
}

impl Time {
    /// As a clock shows it, cut to this many decimals of a second (at most 9): seconds within the first hour, then hours, minutes
    /// and seconds, with the days before them.
    pub fn clock(self, decimals: usize) -> String {
        let [day, hour, min, s, ..] = UNITS.map(|(_, ns)| ns);
        let part = match decimals.min(9) {
            0 => String::new(),
            decimals => format!(".{}", &format!("{:09}", self.0 % s)[..decimals]),
        };
        if self.0 < hour {
            return format!("{}{part} s", self.0 / s);
        }
        let days = if self.0 < day { String::new() } else { format!("{}d ", self.0 / day) };
        format!("{days}{:02}:{:02}:{:02}{part}", self.0 % day / hour, self.0 % hour / min, self.0 % min / s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_span_is_told_in_few_digits() {
        for (ns, told) in [
            (0, "0 ms"),
            (20_000, "0.02 ms"),
            (500_000, "0.5 ms"),
            (207_377_600, "207.4 ms"),
            (190_000_000, "190 ms"),
            (999_960_000, "1 s"),
            (1_099_469_200, "1.1 s"),
            (59_999_000_000, "1 min"),
            (125_300_000_000, "2 min 5 s"),
        ] {
            assert_eq!(Span(ns).told(), told);
        }
    }

    proptest! {
        #[test]
        fn a_printed_span_reads_back(ns in prop_oneof![any::<u64>(), 0u64..10_000_000_000]) {
            prop_assert_eq!(Span(ns).to_string().parse(), Ok(Span(ns)));
        }
    }

    #[test]
    fn spans_read_as_people_write_them() {
        for (text, span) in [
            ("300ms", Span::ms(300)),
            ("1.05ms", Span::us(1050)),
            ("2min", Span::s(120)),
            ("30d", Span::s(30 * 86_400)),
            ("0s", Span::ZERO),
        ] {
            assert_eq!((text.parse(), span.to_string()), (Ok(span), text.to_string()));
        }
        for text in ["", "ms", "3", "3 ms", "-1s", "1.s", "1..2s", "99999999999h", "1e3s", "340282366920938463463374607431768211.999us"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_month_is_read_in_days() {
        let at = |span: &str| Time::ZERO + span.parse::<Span>().unwrap();
        assert_eq!(at("2310ms").to_string(), "2.310 s");
        assert_eq!(at("3599.9999s").to_string(), "3599.999 s");
        assert_eq!(at("1h").to_string(), "01:00:00.000");
        assert_eq!(at("563896.642s").to_string(), "6d 12:38:16.642");
        assert_eq!((at("30d").clock(0), at("90061.25s").clock(1)), ("30d 00:00:00".to_string(), "1d 01:01:01.2".to_string()));
    }
}
