//! What some settings take beside the usual: rates of bytes, factors.

use std::marker::PhantomData;
use std::sync::Arc;

use super::settings::{Takes, Text};
use crate::cluster::model::SettingKind;

/// Bytes a second, such as `125MB/s`.
pub enum ByteRate {}
/// How many times as much, from 1 to 10.
pub enum Factor {}

/// One or more of the words that `T` takes, each once.
pub struct Several<T>(PhantomData<T>);

/// Units from large to small, in bytes a second.
const UNITS: [(&str, u64); 4] = [("GB/s", 1_000_000_000), ("MB/s", 1_000_000), ("kB/s", 1_000), ("B/s", 1)];
/// The fastest that anything is set to: 1 TB/s.
const FASTEST: f64 = 1e12;
/// The greatest factor.
const FACTOR_MOST: f64 = 10.0;

impl Takes for ByteRate {
    type Value = u64;
    const TAKES: &'static str = "bytes a second up to 1000GB/s, such as 125MB/s or 500kB/s";

    fn read(text: &str) -> Result<u64, String> {
        let unit = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)));
        let rate = unit.and_then(|(number, unit)| Some(plain(number)? * unit as f64));
        let whole = rate.filter(|rate| (1.0..=FASTEST).contains(rate) && rate.fract() == 0.0);
        whole.map(|rate| rate as u64).ok_or_else(String::new)
    }

    fn write(value: &u64) -> String {
        let fits = |unit: &&(&str, u64)| value.is_multiple_of(unit.1);
        let (name, unit) = UNITS.iter().find(fits).unwrap_or(&UNITS[UNITS.len() - 1]);
        format!("{}{name}", value / unit)
    }
}

impl Takes for Factor {
    type Value = f64;
    const TAKES: &'static str = "a number from 1 to 10, such as 2.5";
    const KIND: SettingKind = SettingKind::Number;

    fn read(text: &str) -> Result<f64, String> {
        plain(text).filter(|factor| (1.0..=FACTOR_MOST).contains(factor)).ok_or_else(String::new)
    }

    fn write(value: &f64) -> String {
        value.to_string()
    }
}

impl<T: Takes> Several<T> {
    const TEXT: &'static Text = &Text::EMPTY.and("one or more, with spaces between, of ").and(T::TAKES);
}

impl<T: Takes<Value: PartialEq>> Takes for Several<T> {
    type Value = Arc<[T::Value]>;
    const TAKES: &'static str = Self::TEXT.as_str();
    const WORDS: &'static [&'static str] = T::WORDS;
    const KIND: SettingKind = SettingKind::Text;

    fn read(text: &str) -> Result<Arc<[T::Value]>, String> {
        let mut all: Vec<T::Value> = Vec::new();
        for word in text.split_whitespace() {
            let one = T::read(word)?;
            if all.contains(&one) {
                return Err(format!("`{word}` stands there twice"));
            }
            all.push(one);
        }
        if all.is_empty() { Err(String::new()) } else { Ok(all.into()) }
    }

    fn write(value: &Arc<[T::Value]>) -> String {
        value.iter().map(T::write).collect::<Vec<_>>().join(" ")
    }
}

/// A number of digits and a point, and of nothing else.
fn plain(text: &str) -> Option<f64> {
    let is_plain = text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::super::settings::Switch;
    use super::*;

    #[test]
    fn rates_read_back_and_nonsense_is_refused() {
        for (text, bytes, printed) in [("125MB/s", 125_000_000, "125MB/s"), ("1.5MB/s", 1_500_000, "1500kB/s"), ("7B/s", 7, "7B/s")] {
            assert_eq!(ByteRate::read(text), Ok(bytes));
            assert_eq!(ByteRate::write(&bytes), printed);
        }
        for wrong in ["", "125", "0B/s", "0.5B/s", "-1MB/s", "1e3MB/s", "1001GB/s", "nanMB/s", "1.MB"] {
            assert!(ByteRate::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn several_words_stand_once_each() {
        let read = |text: &str| Several::<Switch>::read(text);
        assert_eq!(read("off on").as_deref(), Ok(&[false, true][..]));
        assert_eq!(Several::<Switch>::write(&Arc::from([true, false])), "on off");
        assert!(read("on on").is_err_and(|why| why.contains("twice")));
        assert!(["", " ", "on off maybe"].into_iter().all(|wrong| read(wrong).is_err()));
        assert_eq!(Several::<Switch>::TAKES, "one or more, with spaces between, of on or off");
    }

    #[test]
    fn factors_are_from_1_to_10() {
        assert_eq!(["1", "2.5", "10"].map(Factor::read), [Ok(1.0), Ok(2.5), Ok(10.0)]);
        assert!(["0.9", "10.1", "inf", "+2", "2e0", ""].into_iter().all(|wrong| Factor::read(wrong).is_err()));
    }
}
