//! Numbers of EDN, Clojure and JSON, each with one spelling.

use super::datum::Datum;

/// The number that an atom is, if it is one: `-3`, `7N`, `1.5`, `2e3`, `1.50M`, `2/3`.
pub(super) fn number(atom: &str) -> Option<Datum> {
    if !atom.ends_with(|c: char| c.is_ascii_digit() || matches!(c, 'N' | 'M' | '.')) {
        return None;
    }
    let unsigned = atom.strip_prefix(['-', '+']).unwrap_or(atom);
    let sign = if atom.starts_with('-') { "-" } else { "" };
    match unsigned.strip_suffix('M') {
        Some(decimal) => Some(Datum::Number(exact(sign, Parts::of(decimal)?)?)),
        None if unsigned.contains('/') => ratio(sign, unsigned),
        None => match whole(unsigned.strip_suffix('N').unwrap_or(unsigned)) {
            Some(digits) => Some(integer(sign, digits)),
            None => Parts::of(unsigned).and_then(|_| float(atom.parse().ok()?)),
        },
    }
}

/// A floating-point number in its shortest spelling. Zero has no sign here.
fn float(number: f64) -> Option<Datum> {
    let number = if number == 0.0 { 0.0 } else { number };
    let spelled = match number {
        f64::INFINITY => "##Inf".into(),
        f64::NEG_INFINITY => "##-Inf".into(),
        number => format!("{number:?}"),
    };
    (!number.is_nan()).then_some(Datum::Number(spelled))
}

/// Digits without zeros in front; a zero in front of others is no number in EDN.
fn whole(digits: &str) -> Option<&str> {
    let plain = all_digits(digits) && (digits.len() == 1 || !digits.starts_with('0'));
    plain.then_some(digits)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn integer(sign: &str, digits: &str) -> Datum {
    let spelled = format!("{sign}{digits}");
    spelled.parse().map_or(Datum::Number(spelled), Datum::Int)
}

/// A decimal number taken apart.
struct Parts<'a> {
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl Parts<'_> {
    /// `1.25e3` without its sign.
    fn of(unsigned: &str) -> Option<Parts<'_>> {
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (unsigned, 0),
        };
        let (whole_part, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        whole(whole_part)?;
        (fraction.is_empty() || all_digits(fraction)).then_some(Parts { whole: whole_part, fraction, exponent })
    }
}

/// A number of exact decimals: its digits without zeros at either end, and the power of ten behind them.
fn exact(sign: &str, Parts { whole, fraction, exponent }: Parts) -> Option<String> {
    let digits = format!("{whole}{fraction}");
    let trimmed = digits.trim_end_matches('0');
    let exponent = exponent.checked_sub(fraction.len() as i64)?.checked_add((digits.len() - trimmed.len()) as i64)?;
    Some(match trimmed.trim_start_matches('0') {
        "" => "0M".into(),
        digits if exponent == 0 => format!("{sign}{digits}M"),
        digits => format!("{sign}{digits}e{exponent}M"),
    })
}

/// A ratio in its lowest terms, or the whole number that it is. Parts too large to work with stay as they are.
fn ratio(sign: &str, unsigned: &str) -> Option<Datum> {
    let (above, below) = unsigned.split_once('/').filter(|(a, b)| all_digits(a) && all_digits(b))?;
    let (Ok(a), Ok(b)) = (above.parse::<u128>(), below.parse::<u128>()) else {
        return Some(Datum::Number(format!("{sign}{above}/{below}")));
    };
    let divisor = Some(common(a, b)).filter(|d| *d > 0 && b > 0)?;
    Some(match b / divisor {
        1 => integer(if a == 0 { "" } else { sign }, &(a / divisor).to_string()),
        b => Datum::Number(format!("{sign}{}/{b}", a / divisor)),
    })
}

/// The greatest common divisor.
fn common(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { common(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(atom: &str) -> Option<String> {
        number(atom).map(|datum| datum.to_string())
    }

    #[test]
    fn equal_numbers_have_one_spelling() {
        for (one, atoms) in [
            ("1", &["1", "+1", "1N", "2/2"][..]),
            ("0", &["0", "-0", "0N", "-0/5"]),
            ("1.0", &["1.0", "1.00", "1.", "1e0", "10E-1", "+1.0"]),
            ("0.0", &["0.0", "-0.0", "0e9"]),
            ("-1.5", &["-1.5", "-15e-1"]),
            ("1e21", &["1e21", "1.0E+21"]),
            ("##Inf", &["1e400"]),
            ("15e-1M", &["1.5M", "1.50M", "0.15e1M"]),
            ("1e2M", &["100M", "1e2M", "100.0M"]),
            ("0M", &["0M", "-0.00M"]),
            ("-2/3", &["-2/3", "-4/6"]),
            ("123456789012345678901234567890", &["123456789012345678901234567890", "123456789012345678901234567890N"]),
            ("-9223372036854775808", &["-9223372036854775808"]),
        ] {
            for atom in atoms {
                assert_eq!(spelled(atom).as_deref(), Some(one), "{atom}");
            }
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for atom in ["", "-", "N", "M", ".5", "007", "0x1F", "1/0", "1/", "1.5N", "e5", "1e", "--1", "NaN", "inf", "infinity", "1_000", "."]
        {
            assert_eq!(spelled(atom), None, "{atom}");
        }
    }
}
