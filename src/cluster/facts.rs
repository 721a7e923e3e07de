//! Facts: named, typed, documented numbers about a run. Goals, claims, conditions and questions speak about nothing else.

use std::sync::Arc;

use super::series::Over;

/// The documentation of one fact, as `splitbrain models` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactDoc {
    /// The name in conditions: `acked_lost`.
    pub name: &'static str,
    /// Its type.
    pub kind: FactKind,
    /// One sentence: what is counted, over what, in which unit.
    pub about: &'static str,
}

/// The type of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// A whole number.
    Int,
    /// A number; the unit is at the end of the name (`_ms`).
    Float,
    /// True or false.
    Bool,
    /// A text.
    Text,
    /// Numbers by their names, as in `lag.n2` or `lag["orders-2"]`.
    Named(Keys),
}

/// The names that a fact has numbers by: what a condition can check before anything runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Nodes: `n2`. There is a number for each of some nodes.
    Nodes,
    /// These and no others: `p50`, `p99`.
    These(&'static [&'static str]),
    /// Any text.
    Any,
}

/// The value of one fact.
#[derive(Clone, Debug, PartialEq)]
pub enum FactValue {
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A text.
    Text(String),
    /// A number worked out from this many samples.
    Sampled {
        /// The number.
        value: f64,
        /// From how many.
        of: u64,
    },
    /// Numbers by their names, each name once, in order.
    Named(Vec<(String, f64)>),
    /// There is no value; why, in a few words. A condition that hangs on it is false.
    Absent(String),
}

impl FactValue {
    /// A whole number.
    pub fn int(n: usize) -> FactValue {
        FactValue::Int(i64::try_from(n).unwrap_or(i64::MAX))
    }

    /// Whether it says that there is nothing: 0, false, an empty text, no value.
    pub fn is_nothing(&self) -> bool {
        match self {
            FactValue::Int(n) => *n == 0,
            FactValue::Float(x) | FactValue::Sampled { value: x, .. } => *x == 0.0,
            FactValue::Bool(is) => !is,
            FactValue::Text(text) => text.is_empty(),
            FactValue::Named(values) => values.iter().all(|(_, x)| *x == 0.0),
            FactValue::Absent(_) => true,
        }
    }

    /// The number, or the one by this name; `None` where it is none or is not there.
    pub fn number(&self, name: Option<&str>) -> Option<f64> {
        match (self, name) {
            (FactValue::Int(n), None) => Some(*n as f64),
            (FactValue::Float(x) | FactValue::Sampled { value: x, .. }, None) => Some(*x),
            (FactValue::Named(values), Some(name)) => values.iter().find(|(known, _)| known == name).map(|(_, x)| *x),
            _ => None,
        }
    }
}

/// The facts of one moment, in the order of the documentation: all of them, or those that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    values: Vec<(&'static str, FactValue)>,
    /// When set: no other facts are asked for.
    only: Option<Arc<[&'static str]>>,
    /// What functions over time give; `None` where there is nothing to go by.
    overs: Vec<(Over, Option<f64>)>,
    /// The settings that somebody asks for, as they are written.
    settings: Vec<(&'static str, String)>,
}

impl Facts {
    /// For these facts alone.
    pub fn only(names: impl Into<Arc<[&'static str]>>) -> Facts {
        Facts { only: Some(names.into()), ..Facts::default() }
    }

    /// Works out a fact if somebody asks for it.
    pub fn fill(&mut self, name: &'static str, value: impl FnOnce() -> FactValue) {
        if self.only.as_ref().is_none_or(|names| names.contains(&name)) {
            self.put(name, value());
        }
    }

    /// Whether there is nothing more to fill in for whoever asks.
    pub fn is_full(&self) -> bool {
        self.only.as_ref().is_some_and(|names| names.len() == self.values.len())
    }

    /// Forgets all values and keeps the memory.
    pub fn clear(&mut self) {
        self.values.clear();
        self.overs.clear();
        self.settings.clear();
    }

    /// Adds what a function over time gives.
    pub fn put_over(&mut self, over: Over, value: Option<f64>) {
        self.overs.push((over, value));
    }

    /// Adds a setting as it is now.
    pub fn put_setting(&mut self, name: &'static str, value: String) {
        self.settings.push((name, value));
    }

    /// A setting as it is now; `None` where nobody asked for it.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// What a function over time gives; `None` where it was not asked, or where there is nothing to go by.
    pub fn over(&self, over: &Over) -> Option<f64> {
        self.overs.iter().find(|(known, _)| known == over).and_then(|(_, value)| *value)
    }

    /// Adds one; each name once.
    pub fn put(&mut self, name: &'static str, value: FactValue) {
        debug_assert!(self.get(name).is_none(), "fact {name} twice");
        self.values.push((name, value));
    }

    /// Adds a whole number.
    pub fn int(&mut self, name: &'static str, value: usize) {
        self.put(name, FactValue::int(value));
    }

    /// The value of one, by name.
    pub fn get(&self, name: &str) -> Option<&FactValue> {
        self.values.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// All of them, in the order of the documentation.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &FactValue)> {
        self.values.iter().map(|(n, v)| (*n, v))
    }
}

/// A number in words: to one decimal, and a share between 0 and 1 to as many as tell it from both, so that neither 0.9993 nor 0.0004
/// reads as something that it is not.
pub fn figure(x: f64) -> String {
    let share = x.abs();
    let apart = share.min(1.0 - share);
    let decimals = if apart > 0.0 { (-libm::floor(libm::log10(apart) + 1e-9)).clamp(1.0, 9.0) } else { 1.0 };
    format!("{x:.*}", decimals as usize)
}

/// A text with every number in it as a [`figure`]: `lag_ms.n2 = 731.2`.
pub fn rounded(text: &str) -> String {
    let word = |word: &str| match word.trim_end_matches(',').parse::<f64>() {
        Ok(x) if word.contains('.') => format!("{}{}", figure(x), if word.ends_with(',') { "," } else { "" }),
        _ => word.to_string(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Facts as they are now, beside words that say what is asked for: of one its value alone, of several each with its name, and with the units
/// that the names end in. `leaders = 1` is `1`; `acked_lost = 0, lag_ms.n2 = 7.5` is `acked lost 0, lag n2 7.5 ms`.
pub fn in_words(now: &str) -> String {
    let parts: Vec<(&str, &str)> = now.split(", ").filter_map(|part| part.split_once(" = ")).collect();
    let all = now.split(", ").count();
    let word = |(name, value): &(&str, &str)| {
        let (name, unit) = unit_of(name);
        let value = if value.starts_with(|c: char| c.is_ascii_digit()) { format!("{value}{unit}") } else { (*value).to_string() };
        if all == 1 { value } else { format!("{name} {value}") }
    };
    if parts.len() == all { parts.iter().map(word).collect::<Vec<_>>().join(", ") } else { now.to_string() }
}

/// A name of a fact as words, and the unit that it ends in.
fn unit_of(name: &str) -> (String, &'static str) {
    let plain = name.strip_prefix("setting.").unwrap_or(name);
    let (stem, key) = plain.split_once('.').unwrap_or((plain, ""));
    let units = [("_per_s", " per s"), ("_ms", " ms"), ("_pct", " %")];
    let (stem, unit) = units.iter().find_map(|(end, unit)| Some((stem.strip_suffix(end)?, *unit))).unwrap_or((stem, ""));
    let words = stem.replace('_', " ");
    (if key.is_empty() { words } else { format!("{words} {key}") }, unit)
}

impl std::fmt::Display for FactValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FactValue::Int(n) => write!(f, "{n}"),
            FactValue::Float(x) => f.write_str(&figure(*x)),
            FactValue::Sampled { value, of } => write!(f, "{} (of {of})", figure(*value)),
            FactValue::Absent(why) => write!(f, "none: {why}"),
            FactValue::Bool(b) => write!(f, "{b}"),
            FactValue::Text(t) => f.write_str(t),
            FactValue::Named(values) => {
                for (i, (node, x)) in values.iter().enumerate() {
                    write!(f, "{}{node} {x}", if i > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_so_now_is_told_in_words() {
        for (now, words) in [
            ("leaders = 1", "1"),
            ("unavailable_ms = 31.5", "31.5 ms"),
            ("acked_lost = 0, lag_ms.n2 = 7.5", "acked lost 0, lag n2 7.5 ms"),
            ("durable = untested, leaders = 2", "durable untested, leaders 2"),
            ("setting.try-timeout = 500ms, lag_ms = none", "try-timeout 500ms, lag none"),
            ("leader = n1, n2", "leader = n1, n2"),
            ("", ""),
        ] {
            assert_eq!(in_words(now), words);
        }
    }

    #[test]
    fn numbers_in_a_text_are_rounded() {
        assert_eq!(
            rounded("lag_ms.n2 = 731.236005, lag_entries = 3, n1 0.25, 0.99932, 0.00041"),
            "lag_ms.n2 = 731.2, lag_entries = 3, n1 0.2, 0.9993, 0.0004"
        );
    }
}
