//! Numbers with four digits after the point: exact, ordered, and the same on every machine.

use std::fmt::{self, Display, Formatter};

/// How many parts one is divided into.
const PARTS: i64 = 10_000;
/// Digits after the point.
const DIGITS: usize = 4;

/// A number with at most four digits after the point, up to about 9 x 10^14 on either side of zero. What an operation cannot represent
/// is `None`; digits beyond the fourth are rounded, halves away from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(i64);

impl Number {
    /// So many ten thousandths.
    pub const fn ten_thousandths(parts: i64) -> Number {
        Number(parts)
    }

    /// A whole number.
    pub fn whole(n: i64) -> Option<Number> {
        n.checked_mul(PARTS).map(Number)
    }

    /// The whole number that it is; `None` where digits stand after the point.
    pub fn as_whole(self) -> Option<i64> {
        (self.0 % PARTS == 0).then_some(self.0 / PARTS)
    }

    /// Reads `12`, `0.5` or `12.75`: digits, and at most four after a point.
    pub fn read(text: &str) -> Option<Number> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(rest) || rest.len() > DIGITS {
            return None;
        }
        let after: i64 = format!("{rest:0<DIGITS$}").parse().ok()?;
        Number::whole(whole.parse().ok()?)?.plus(Number(after))
    }

    /// The sum.
    pub fn plus(self, other: Number) -> Option<Number> {
        self.0.checked_add(other.0).map(Number)
    }

    /// The difference.
    pub fn minus(self, other: Number) -> Option<Number> {
        self.0.checked_sub(other.0).map(Number)
    }

    /// The product.
    pub fn times(self, other: Number) -> Option<Number> {
        rounded(i128::from(self.0) * i128::from(other.0), i128::from(PARTS))
    }

    /// The quotient; `None` for a division by zero too.
    pub fn over(self, other: Number) -> Option<Number> {
        rounded(i128::from(self.0) * i128::from(PARTS), i128::from(other.0))
    }

    /// The number with the other sign.
    pub fn negative(self) -> Option<Number> {
        self.0.checked_neg().map(Number)
    }
}

/// `a / b`, rounded to the nearest, halves away from zero.
fn rounded(a: i128, b: i128) -> Option<Number> {
    if b == 0 {
        return None;
    }
    let half = (b.abs() / 2) * if (a < 0) == (b < 0) { 1 } else { -1 } * b.signum();
    i64::try_from((a + half) / b).ok().map(Number)
}

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts = self.0.unsigned_abs();
        let (whole, after) = (parts / PARTS as u64, parts % PARTS as u64);
        let sign = if self.0 < 0 { "-" } else { "" };
        let after = format!("{after:0DIGITS$}");
        match after.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            digits => write!(f, "{sign}{whole}.{digits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        match text.strip_prefix('-') {
            Some(rest) => Number::read(rest).and_then(Number::negative).expect("a number"),
            None => Number::read(text).expect("a number"),
        }
    }

    #[test]
    fn sums_and_products_are_exact_or_rounded_to_the_fourth_digit() {
        assert_eq!(n("0.1").plus(n("0.2")), Some(n("0.3")));
        assert_eq!(n("19.99").times(n("0.9")), Some(n("17.991")));
        assert_eq!([n("1").over(n("3")), n("2").over(n("3")), n("-2").over(n("3"))], [n("0.3333"), n("0.6667"), n("-0.6667")].map(Some));
        assert_eq!([n("-2").over(n("-3")), n("2").over(n("-3"))], [n("0.6667"), n("-0.6667")].map(Some));
        assert_eq!((n("1").over(n("0")), Number::whole(i64::MAX), n("900000000000000").times(n("2"))), (None, None, None));
        assert_eq!((n("7").as_whole(), n("7.5").as_whole()), (Some(7), None));
    }

    #[test]
    fn what_is_printed_reads_back() {
        for text in ["0", "7", "-7", "0.5", "-0.0001", "12.75", "100000.1"] {
            assert_eq!(n(text).to_string(), text);
        }
        for wrong in ["", ".5", "5.", "1.23456", "-1", "1e3", "1_000", "99999999999999999999"] {
            assert_eq!(Number::read(wrong), None, "{wrong}");
        }
    }
}
