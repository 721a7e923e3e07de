//! Numbers with their units, as short as they can be read.

use crate::sim::time::Span;

/// A whole number with its thousands apart: `12,400`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Any number: whole from 10 on, with one decimal below where it has one.
pub fn number(x: f64) -> String {
    if !x.is_finite() {
        return "?".to_string();
    }
    let (sign, size) = (if x < 0.0 { "-" } else { "" }, x.abs());
    let tenths = (size * 10.0).round();
    if size >= 10.0 || tenths % 10.0 == 0.0 { format!("{sign}{}", count(size.round() as u64)) } else { format!("{sign}{size:.1}") }
}

/// So many a second: `840/s`.
pub fn rate(per_second: f64) -> String {
    format!("{}/s", number(per_second))
}

/// A share as a percentage: `70 %`, `9.5 %`.
pub fn share(part: f64) -> String {
    format!("{} %", number(part * 100.0))
}

/// A length of time in the unit that it is thought of in: `27 ms`, `1.2 s`, `13 min`, `5 h`, `3 days`.
pub fn span(span: Span) -> String {
    let ms = span.as_ms();
    match ms {
        _ if ms < 1.0 => format!("{ms:.1} ms"),
        _ if ms < 999.5 => format!("{ms:.0} ms"),
        _ if ms < 59_950.0 => format!("{} s", number(ms / 1000.0)),
        _ if ms < 3_570_000.0 => format!("{} min", number(ms / 60_000.0)),
        _ if ms < 171_000_000.0 => format!("{} h", number(ms / 3_600_000.0)),
        _ => format!("{} days", number(ms / 86_400_000.0)),
    }
}

/// The next number of the sequence 1, 2, 5, 10, 20, ... that is not below: the steps of every scale.
pub fn step(x: f64) -> f64 {
    if !(x.is_finite() && x > 0.0) {
        return 1.0;
    }
    let ten = libm::pow(10.0, libm::floor(libm::log10(x)));
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|k| k * ten).find(|&step| step >= x * (1.0 - 1e-9)).unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_units() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.0, 0.95, 3.0, 9.51, 12.4, -2.5, f64::NAN].map(number), ["0", "1", "3", "9.5", "12", "-2.5", "?"]);
        assert_eq!((rate(840.2), share(0.095), share(0.7)), ("840/s".into(), "9.5 %".into(), "70 %".into()));
        let spans = [Span(40_000), Span::ms(27), Span::ms(1200), Span::s(780), Span::s(18_000), Span::s(259_200)];
        assert_eq!(spans.map(span), ["0.0 ms", "27 ms", "1.2 s", "13 min", "5 h", "3 days"]);
    }

    #[test]
    fn scales_grow_by_1_2_5() {
        let all = [0.3, 1.0, 1.1, 20.0, 21.0, 254.0, 501.0, 0.0, -1.0, f64::NAN];
        assert_eq!(all.map(|x| number(step(x))), ["0.5", "1", "2", "20", "50", "500", "1,000", "1", "1", "1"]);
    }
}
