//! Simpler commands in the place of others: what a reader understands sooner.

use std::collections::BTreeMap;

use crate::check::operation::Value;
use crate::command::{Arg, Call, Command, Direction, DiskFate, Drive, Language, Link, Place, Poke};
use crate::sim::dist::Dist;
use crate::sim::time::Span;

/// Commands that say less than this one, the simplest first.
pub(super) fn than(command: &Command, language: Language) -> Vec<Command> {
    match command {
        Command::Drive(Drive::Run(span)) => rounder(*span).into_iter().map(|span| Command::Drive(Drive::Run(span))).collect(),
        Command::Drive(_) => Vec::new(),
        Command::Poke(poke) => poke_than(poke, language).into_iter().map(Command::Poke).collect(),
    }
}

/// Rounder spans near this one: seconds, tenths, ... of milliseconds.
fn rounder(span: Span) -> Vec<Span> {
    let units = [1_000, 500, 100, 50, 10, 5, 1].map(|ms| Span::ms(ms).0).into_iter().chain([Span::us(100).0]);
    let near = |unit: u64| [span.0 / unit * unit, span.0.div_ceil(unit) * unit];
    let mut all: Vec<Span> = units.flat_map(near).filter(|ns| *ns > 0).map(Span).collect();
    let cost = |ns: u64| (1..20).take_while(|zeros| ns.is_multiple_of(10_u64.pow(*zeros))).count();
    // Only what is rounder: it ends in more zeros.
    all.retain(|other| other.0 != span.0 && cost(other.0) > cost(span.0) && other.0 <= span.0.saturating_mul(2));
    all
}

fn poke_than(poke: &Poke, language: Language) -> Vec<Poke> {
    match poke {
        Poke::Crash(place, DiskFate::Wiped) => {
            vec![Poke::Crash(place.clone(), DiskFate::Kept), Poke::Crash(place.clone(), DiskFate::LosesUnsynced)]
        }
        Poke::Crash(place, DiskFate::LosesUnsynced) => vec![Poke::Crash(place.clone(), DiskFate::Kept)],
        Poke::Heal(..) => vec![Poke::HealAll],
        Poke::Cut(left, way, right) => cuts(left, *way, right),
        Poke::Slow(place, factor) if (factor - 10.0).abs() > 1e-9 && *factor > 1.0 => vec![Poke::Slow(place.clone(), 10.0)],
        Poke::Loss(link, p) => probabilities(*p).into_iter().map(|p| Poke::Loss(link.clone(), p)).collect(),
        Poke::Duplication(link, p) => probabilities(*p).into_iter().map(|p| Poke::Duplication(link.clone(), p)).collect(),
        Poke::Reordering(link, p) => probabilities(*p).into_iter().map(|p| Poke::Reordering(link.clone(), p)).collect(),
        Poke::Latency(link, dist) => latencies(link, dist),
        Poke::Skew(place, ns) => {
            let sign = ns.signum();
            rounder(Span(ns.unsigned_abs())).into_iter().map(|span| Poke::Skew(place.clone(), sign * span.0 as i64)).collect()
        }
        Poke::Ask { client, call, server } => {
            let (client, server) = (*client, *server);
            let plainer = plainer(call, language).map(|call| Poke::Ask { client, call, server });
            let unnamed = server.map(|_| Poke::Ask { client, call: call.clone(), server: None });
            plainer.into_iter().chain(unnamed).collect()
        }
        _ => Vec::new(),
    }
}

/// The first call of the model that changes something, in the place of a later one that changes something too.
fn plainer(call: &Call, language: Language) -> Option<Call> {
    let first = language.calls.iter().find(|doc| doc.changes)?;
    let later = language.call(call.verb.name)?.changes && call.verb != &first.verb;
    let (key, value) = (call.get("KEY")?.key()?, call.get("VALUE")?.value()?);
    later.then(|| first.filled(0, &key, value, None))
}

/// A smaller wall: one node less on one of its sides.
fn cuts(left: &[Place], way: Direction, right: &[Place]) -> Vec<Poke> {
    let without = |side: &[Place]| {
        let shorter = |i| side.iter().enumerate().filter(|(j, _)| i != *j).map(|(_, place)| place.clone()).collect::<Vec<_>>();
        (0..side.len()).filter(|_| side.len() > 1).map(shorter).collect::<Vec<_>>()
    };
    let fewer_left = without(left).into_iter().map(|left| Poke::Cut(left, way, right.to_vec()));
    fewer_left.chain(without(right).into_iter().map(|right| Poke::Cut(left.to_vec(), way, right))).collect()
}

fn probabilities(p: f64) -> Vec<f64> {
    if p > 0.0 && p < 1.0 { vec![1.0] } else { Vec::new() }
}

fn latencies(link: &Link, dist: &Dist) -> Vec<Poke> {
    let spans = match dist {
        Dist::Const(span) => rounder(*span),
        _ => dist.mean().map(|mean| [vec![mean], rounder(mean)].concat()).unwrap_or_default(),
    };
    spans.into_iter().map(|span| Poke::Latency(link.clone(), Dist::Const(span))).collect()
}

/// The values that are written, numbered from 1 in the order of their first use.
pub(super) fn numbered(commands: &[Command]) -> Vec<Command> {
    let mut names: BTreeMap<i64, i64> = BTreeMap::new();
    let mut renumber = |value: &mut Value| {
        if let Value::Int(n) = value {
            let next = names.len() as i64 + 1;
            *n = *names.entry(*n).or_insert(next);
        }
    };
    let mut renamed = commands.to_vec();
    for command in &mut renamed {
        let Command::Poke(Poke::Ask { call, .. }) = command else { continue };
        for (slot, arg) in call.filled_mut() {
            if let ("VALUE" | "EXPECTED", Arg::Value(value)) = (slot, arg) {
                renumber(value);
            }
        }
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::kit::register;

    const LANGUAGE: Language = Language { calls: &register::CALLS, verbs: &[] };

    fn simplest(text: &str) -> Option<String> {
        let command = LANGUAGE.parse(text).expect("a command");
        than(&command, LANGUAGE).first().map(ToString::to_string)
    }

    #[test]
    fn a_simpler_command_says_less() {
        for (text, simpler) in [
            ("run 1234567ns", "run 1ms"),
            ("run 3.7s", "run 3s"),
            ("crash n1 losing unsynced", "crash n1"),
            ("heal n1 | n2", "heal"),
            ("cut n1 c1 | n2", "cut c1 | n2"),
            ("loss n1 -> n2 0.2", "loss n1 -> n2 1"),
            ("latency n1 -> n2 uniform(5ms, 10ms)", "latency n1 -> n2 const(7.5ms)"),
            ("c1 cas x 1 2 to n2", "c1 write x 2 to n2"),
            ("skew n1 -1234ms", "skew n1 -1s"),
        ] {
            assert_eq!(simplest(text).as_deref(), Some(simpler), "{text}");
        }
        for simple in ["crash n1", "run 1s", "heal", "c1 write x 1", "cut n1 | n2", "loss n1 -> n2 1", "slow n1 10x", "slow n1 1x"] {
            assert_eq!(simplest(simple), None, "{simple}");
        }
    }

    #[test]
    fn values_are_numbered_in_order() {
        let commands: Vec<Command> =
            ["c1 write x 17", "c2 cas x 17 30", "c1 write y 4"].map(|t| LANGUAGE.parse(t).expect("right")).to_vec();
        let texts: Vec<String> = numbered(&commands).iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["c1 write x 1", "c2 cas x 1 2", "c1 write y 3"]);
    }
}
