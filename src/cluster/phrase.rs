//! Facts with their values in a few words: `2 leaders`, `1 acked lost`, `unavailable 812.0 ms`, `epoch 2`. The words are those of the name
//! of the fact.

use super::facts::{FactValue, figure};

/// Words at the end of a name after which it says what kind of number it is, so that the number stands behind.
const STATISTICS: [&str; 14] = ["max", "min", "mean", "sum", "last", "most", "all", "total", "peak", "p50", "p95", "p99", "p999", "known"];

/// Words that say in which state the counted things are, beside those that end like a participle.
const STATES: [&str; 18] = [
    "open", "dead", "ready", "busy", "done", "late", "partial", "twice", "again", "unknown", "wrong", "stale", "doubles", "lost", "up",
    "ok", "unseen", "old",
];

/// Words that are no plural, whatever they end with.
const SINGULAR: [&str; 4] = ["misses", "in_sync", "isolation", "acks"];

/// The longest text that is a value in few words, in characters.
const TEXT_MAX: usize = 16;

/// A fact in words; `None` where its value cannot be said in a few.
pub fn phrase(name: &str, value: &FactValue) -> Option<String> {
    match value {
        FactValue::Int(n) => Some(counted(name, *n)),
        FactValue::Float(x) | FactValue::Sampled { value: x, .. } => Some(measured(name, *x)),
        FactValue::Bool(true) => Some(spaced(name)),
        FactValue::Bool(false) => Some(format!("not {}", spaced(name))),
        FactValue::Text(text) if text.is_empty() => Some(format!("no {}", spaced(name))),
        FactValue::Text(text) if text.chars().count() <= TEXT_MAX => Some(format!("{} {text}", spaced(name))),
        FactValue::Text(_) | FactValue::Named(_) | FactValue::Absent(_) => None,
    }
}

/// One of the numbers of a fact that has several by their names: `lag entries n2 3`.
pub fn phrase_of(name: &str, of: &str, x: f64) -> String {
    let label = format!("{name}_{of}");
    if whole(x) && unit(name).is_empty() {
        format!("{} {x:.0}", spaced(&label))
    } else {
        labelled(&format!("{} {of}", plain(name)), name, x)
    }
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

fn whole(x: f64) -> bool {
    x.fract() == 0.0 && x.abs() < 1e15
}

/// `2 leaders`, `1 leader`, `3 acked`, `epoch 2`.
fn counted(name: &str, n: i64) -> String {
    let words: Vec<&str> = name.split('_').collect();
    let last = words.last().copied().unwrap_or_default();
    if STATISTICS.contains(&last) || !unit(name).is_empty() {
        return labelled(&plain(name), name, n as f64);
    }
    if let Some(at) = words.iter().position(|word| is_plural(word)).filter(|_| !SINGULAR.contains(&name)) {
        let one = |(i, word): (usize, &&str)| if i == at && n == 1 { singular(word) } else { (*word).to_string() };
        let words: Vec<String> = words.iter().enumerate().map(one).collect();
        return format!("{n} {}", words.join(" "));
    }
    let is_state = |word: &str| STATES.contains(&word) || word.ends_with("ed") || word.ends_with("ing") || word.ends_with("en");
    if words.iter().any(|word| is_state(word)) { format!("{n} {}", words.join(" ")) } else { format!("{} {n}", words.join(" ")) }
}

fn is_plural(word: &str) -> bool {
    word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is")
}

/// `leaders`: `leader`; `entries`: `entry`; `statuses` and the like are none of our facts.
fn singular(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').unwrap_or(word).to_string(),
    }
}

fn measured(name: &str, x: f64) -> String {
    labelled(&plain(name), name, x)
}

fn labelled(label: &str, name: &str, x: f64) -> String {
    let number = if whole(x) { format!("{x:.0}") } else { figure(x) };
    format!("{label} {number}{}", unit(name))
}

/// The unit at the end of a name, or before its last word: `unavailable_ms`, `write_ms_p99`.
fn unit(name: &str) -> &'static str {
    let words: Vec<&str> = name.split('_').collect();
    match words[..] {
        [.., "per", "s"] => "/s",
        [.., "percent"] => " %",
        _ if words.len() > 1 && words.contains(&"ms") => " ms",
        _ => "",
    }
}

/// The words of a name without its unit.
fn plain(name: &str) -> String {
    let words: Vec<&str> = name.split('_').collect();
    let kept: Vec<&str> = match words[..] {
        [.., "per", "s"] => words[..words.len() - 2].to_vec(),
        [.., "percent"] => words[..words.len() - 1].to_vec(),
        _ if words.len() > 1 => words.iter().copied().filter(|word| *word != "ms").collect(),
        _ => words,
    };
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::facts::FactKind;
    use crate::cluster::registry::MODELS;

    #[test]
    fn facts_are_said_in_their_own_words() {
        let said = |name, value| phrase(name, &value).unwrap_or_default();
        let int = |name, n| said(name, FactValue::Int(n));
        assert_eq!([int("leaders", 2), int("leaders", 1), int("leaders", 0)], ["2 leaders", "1 leader", "0 leaders"]);
        assert_eq!([int("acked_lost", 8), int("nodes_up", 1), int("stale_reads", 1)], ["8 acked lost", "1 node up", "1 stale read"]);
        assert_eq!([int("epoch", 2), int("lag_entries_max", 3), int("open", 2)], ["epoch 2", "lag entries max 3", "2 open"]);
        assert_eq!([int("map_entries", 1), int("lost", 1), int("in_sync_min", 1)], ["1 map entry", "1 lost", "in sync min 1"]);
        assert_eq!(said("unavailable_ms", FactValue::Float(812.0)), "unavailable 812 ms");
        assert_eq!(said("write_ms_p99", FactValue::Sampled { value: 35.25, of: 100 }), "write p99 35.2 ms");
        assert_eq!(said("goodput_per_s", FactValue::Float(280.0)), "goodput 280/s");
        assert_eq!(said("serving", FactValue::Bool(false)), "not serving");
        assert_eq!(said("leader", FactValue::Text("n1 n2".into())), "leader n1 n2");
        assert_eq!(said("leader", FactValue::Text(String::new())), "no leader");
        assert_eq!(phrase("unavailable_ms", &FactValue::Absent("nobody leads".into())), None);
        assert_eq!(phrase_of("lag_entries", "n2", 3.0), "lag entries n2 3");
        assert_eq!(phrase_of("lag_ms", "n2", 31.5), "lag n2 31.5 ms");
    }

    #[test]
    fn every_whole_number_of_every_model_is_said_with_its_number() {
        for model in MODELS {
            for doc in model.facts.iter().filter(|doc| doc.kind == FactKind::Int) {
                for n in [0, 1, 2, 417] {
                    let said = phrase(doc.name, &FactValue::Int(n)).unwrap_or_default();
                    assert!(said.split([' ', '/']).any(|word| word == n.to_string()) && !said.contains('_'), "{}: {said}", doc.name);
                }
            }
        }
    }
}
