//! Numbers with units, as single words of a command. Errors say what would be right; the caller says where.

use super::Keys;
use super::print::{BANDWIDTH_UNITS, ZIPF_KEYS};
use super::tokens::Token;
use crate::sim::bounds::LONGEST;
use crate::sim::id::MsgId;
use crate::sim::time::{BadSpan, Span};

/// What a reader gives: the number, or what would be right.
type Read<T> = Result<T, String>;

/// The slowest and the fastest node: `slow n1 0.001x` to `slow n1 1000000x`.
const FACTOR: std::ops::RangeInclusive<f64> = 0.001..=1e6;
/// Most keys of a workload.
const KEYS_MAX: u32 = 1_000;
/// Most events of one `step`.
const STEPS_MAX: u64 = 1_000_000;
/// Most parts per million that a clock can drift: it then runs at nearly double speed, or at a tenth of it, as slow as the kernel goes.
const PPM_MAX: i32 = 900_000;

pub(super) fn span(token: &Token) -> Read<Span> {
    token.text.parse().map_err(|bad: BadSpan| bad.to_string())
}

pub(super) fn seed(token: &Token) -> Read<u64> {
    whole(&token.text, 0..=u64::MAX).ok_or_else(|| no(token, &format!("whole number from 0 to {}", u64::MAX)))
}

pub(super) fn count(token: &Token) -> Read<u64> {
    whole(&token.text, 1..=STEPS_MAX).ok_or_else(|| no(token, &format!("number of events from 1 to {STEPS_MAX}")))
}

/// How many of something.
pub(super) fn many(token: &Token) -> Read<u64> {
    whole(&token.text, 1..=STEPS_MAX).ok_or_else(|| no(token, &format!("whole number from 1 to {STEPS_MAX}")))
}

/// A direction, from the top.
pub(super) fn degrees(token: &Token) -> Read<u64> {
    whole(&token.text, 0..=359).ok_or_else(|| no(token, "whole number of degrees from 0 to 359"))
}

pub(super) fn message(token: &Token) -> Read<MsgId> {
    let digits = token.text.strip_prefix('#').filter(|_| !token.quoted);
    let number = digits.and_then(|d| whole(d, 0..=u64::MAX));
    number.map(MsgId).ok_or_else(|| no(token, "message; messages are #1, #2, ..."))
}

pub(super) fn factor(token: &Token) -> Read<f64> {
    let number = token.text.strip_suffix('x').and_then(float);
    number.filter(|x| FACTOR.contains(x)).ok_or_else(|| no(token, "factor from 0.001x to 1000000x"))
}

pub(super) fn probability(token: &Token) -> Read<f64> {
    let number = match token.text.strip_suffix('%') {
        Some(percent) => float(percent).map(|x| x / 100.0),
        None => float(&token.text),
    };
    number.filter(|x| (0.0..=1.0).contains(x)).ok_or_else(|| no(token, "probability from 0 to 1, or 0% to 100%"))
}

/// Nanoseconds, with a sign.
pub(super) fn offset(token: &Token) -> Read<i64> {
    let (negative, text) = signed(&token.text);
    let span: Option<Span> = text.parse().ok();
    let ns = span.map(|s| if negative { -i128::from(s.0) } else { i128::from(s.0) });
    let most = i128::from(LONGEST.0);
    let ns = ns.filter(|ns| (-most..=most).contains(ns)).and_then(|ns| i64::try_from(ns).ok());
    ns.ok_or_else(|| no(token, &format!("offset such as +3s or -20ms, up to {LONGEST}")))
}

pub(super) fn ppm(token: &Token) -> Read<i32> {
    let number = token.text.strip_suffix("ppm").map(signed);
    let ppm = number.and_then(|(negative, digits)| {
        let ppm = whole(digits, 0..=PPM_MAX as u64)? as i32;
        Some(if negative { -ppm } else { ppm })
    });
    ppm.ok_or_else(|| no(token, &format!("drift from -{PPM_MAX}ppm to +{PPM_MAX}ppm")))
}

/// Bytes per second; `None` is `unlimited`.
pub(super) fn bandwidth(token: &Token) -> Read<Option<u64>> {
    if token.is("unlimited") {
        return Ok(None);
    }
    let unit = BANDWIDTH_UNITS.iter().find_map(|(name, unit)| Some((token.text.strip_suffix(name)?, *unit)));
    let rate = unit.and_then(|(number, unit)| decimal(number, unit)).filter(|rate| *rate > 0);
    rate.map(Some).ok_or_else(|| no(token, "bandwidth such as 1MB/s, 500kB/s or unlimited"))
}

/// `9:1`: so many, not all zero.
pub(super) fn weights(token: &Token, count: usize) -> Read<Vec<u32>> {
    let all: Option<Vec<u32>> = token.text.split(':').map(small).collect();
    let right = |weights: &Vec<u32>| weights.len() == count && weights.iter().any(|weight| *weight > 0);
    let example = ["9", "1"].into_iter().cycle().take(count.max(1)).collect::<Vec<_>>().join(":");
    all.filter(right).ok_or_else(|| no(token, &format!("list of {count} weights such as {example}, not all 0")))
}

/// `uniform(20)`, `zipf(0.99)` or `zipf(0.99, 50)`.
pub(super) fn keys(text: &str) -> Read<Keys> {
    let bad = || format!("`{text}` names no keys; right is a key, uniform(20), zipf(0.99) or zipf(0.99, 50), with up to {KEYS_MAX} keys");
    let (name, arguments) = text.strip_suffix(')').and_then(|t| t.split_once('(')).ok_or_else(bad)?;
    let keys = match (name, arguments.split_once(',')) {
        ("uniform", None) => key_count(arguments).map(Keys::Uniform),
        ("zipf", None) => exponent(arguments).map(|s| Keys::Zipf(s, ZIPF_KEYS)),
        ("zipf", Some((s, count))) => exponent(s).zip(key_count(count.trim())).map(|(s, n)| Keys::Zipf(s, n)),
        _ => None,
    };
    keys.ok_or_else(bad)
}

fn exponent(text: &str) -> Option<f64> {
    float(text).filter(|s| (0.0..=10.0).contains(s))
}

fn key_count(text: &str) -> Option<u32> {
    small(text).filter(|count| (1..=KEYS_MAX).contains(count))
}

fn small(text: &str) -> Option<u32> {
    whole(text, 0..=u64::from(u32::MAX)).map(|n| n as u32)
}

fn whole(text: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| digits && range.contains(n))
}

/// A finite number that starts with a digit or a point: no sign, no `inf`, no `nan`.
fn float(text: &str) -> Option<f64> {
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    text.parse::<f64>().ok().filter(|x| starts && x.is_finite())
}

/// A decimal number of units, when that is a whole number: `1.5` of 1000 is 1500.
fn decimal(text: &str, unit: u64) -> Option<u64> {
    let (whole_part, part) = text.split_once('.').unwrap_or((text, "0"));
    let scale = 10u128.checked_pow(u32::try_from(part.len()).ok()?)?;
    let part = u128::from(whole(part, 0..=u64::MAX)?) * u128::from(unit);
    let total = u128::from(whole(whole_part, 0..=u64::MAX)?) * u128::from(unit) + part / scale;
    u64::try_from(total).ok().filter(|_| part.is_multiple_of(scale))
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn no(token: &Token, what: &str) -> String {
    format!("`{}` is no {what}", token.text)
}
