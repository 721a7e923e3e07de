//! Prints commands exactly as [`super::parse`] reads them.

use std::fmt::{self, Display, Formatter};

use super::language::tail;
use super::tokens::{is_bare, is_key, quote};
use super::{Arg, Call, Command, Direction, DiskFate, Drive, Keys, Link, Place, Poke, Workload};
use crate::check::operation::Value;
use crate::harmless;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

/// Units of bandwidth from large to small, in bytes per second.
pub(super) const BANDWIDTH_UNITS: [(&str, u64); 4] = [("GB/s", 1_000_000_000), ("MB/s", 1_000_000), ("kB/s", 1_000), ("B/s", 1)];
/// The number of keys that `zipf(0.99)` means.
pub(super) const ZIPF_KEYS: u32 = 100;
/// Bare words that mean something where a value stands; as values they need quotes.
pub(super) const RESERVED: [&str; 3] = ["nil", "to", "from"];

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Command::Poke(poke) => poke.fmt(f),
            Command::Drive(drive) => drive.fmt(f),
        }
    }
}

impl Display for Drive {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Drive::Step(1) => f.write_str("step"),
            Drive::Step(count) => write!(f, "step {count}"),
            Drive::Run(span) => write!(f, "run {span}"),
            Drive::Until(condition) => write!(f, "until {}", quote(condition)),
            Drive::Seed(seed) => write!(f, "seed {seed}"),
        }
    }
}

impl Display for Poke {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Poke::Crash(place, fate) => write!(f, "crash {place}{fate}"),
            Poke::Restart(place) => write!(f, "restart {place}"),
            Poke::Pause(place) => write!(f, "pause {place}"),
            Poke::Resume(place) => write!(f, "resume {place}"),
            Poke::Cut(left, way, right) => write!(f, "cut {} {way} {}", Places(left), Places(right)),
            Poke::HealAll => f.write_str("heal"),
            Poke::Heal(left, way, right) => write!(f, "heal {} {way} {}", Places(left), Places(right)),
            Poke::Slow(place, factor) => write!(f, "slow {place} {factor}x"),
            Poke::Latency(link, dist) => write!(f, "latency {link} {dist}"),
            Poke::Loss(link, p) => write!(f, "loss {link} {p}"),
            Poke::Duplication(link, p) => write!(f, "duplication {link} {p}"),
            Poke::Reordering(link, p) => write!(f, "reordering {link} {p}"),
            Poke::Bandwidth(link, rate) => write!(f, "bandwidth {link} {}", Bandwidth(*rate)),
            Poke::Drop(message) => write!(f, "drop {message}"),
            Poke::Hold(message) => write!(f, "hold {message}"),
            Poke::Release(message) => write!(f, "release {message}"),
            Poke::Duplicate(message) => write!(f, "duplicate {message}"),
            Poke::Deliver(message) => write!(f, "deliver {message}"),
            Poke::Delay(message, by) => write!(f, "delay {message} {by}"),
            Poke::HoldAll => f.write_str("hold all"),
            Poke::ReleaseAll => f.write_str("release all"),
            Poke::ReleaseInOrder => f.write_str("release all in order"),
            Poke::Skew(place, ns) => write!(f, "skew {place} {}{}", sign(*ns), Span(ns.unsigned_abs())),
            Poke::Drift(place, ppm) => write!(f, "drift {place} {ppm:+}ppm"),
            Poke::Fire(place, timer) => write!(f, "fire {place} {}", word(timer)),
            Poke::FullDisk(place) => write!(f, "full-disk {place}"),
            Poke::FreeDisk(place) => write!(f, "free-disk {place}"),
            Poke::Operate(call) => call.fmt(f),
            Poke::Set(name, value) => write!(f, "set {} {}", word(name), setting(value)),
            Poke::Ask { client, call, server } => ask(f, *client, call, *server),
            Poke::Workload(client, None) => write!(f, "workload {client} off"),
            Poke::Workload(client, Some(workload)) => write!(f, "workload {client} {workload}"),
        }
    }
}

fn ask(f: &mut Formatter<'_>, client: NodeId, call: &Call, server: Option<NodeId>) -> fmt::Result {
    write!(f, "{client} {call}")?;
    let Some(server) = server else { return Ok(()) };
    let word = call.verb.forms.iter().find_map(|form| tail(form)).unwrap_or("to");
    write!(f, " {word} {server}")
}

/// What fills a slot, as it is read there.
pub(super) fn arg(f: &mut Formatter<'_>, slot: &str, arg: &Arg) -> fmt::Result {
    match arg {
        Arg::Nil => f.write_str("nil"),
        Arg::Value(Value::Text(text)) if slot == "KEY" => f.write_str(&key(text)),
        Arg::Value(given) => f.write_str(&value(given)),
        Arg::Place(place) => place.fmt(f),
        Arg::Span(span) => span.fmt(f),
    }
}

impl Display for Workload {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.arrivals.fmt(f)?;
        if !self.mix.is_empty() {
            let names: Vec<&str> = self.mix.iter().map(|(verb, _)| verb.name).collect();
            let weights: Vec<String> = self.mix.iter().map(|(_, weight)| weight.to_string()).collect();
            write!(f, " {} {}", names.join(":"), weights.join(":"))?;
        }
        self.keys.as_ref().map_or(Ok(()), |keys| write!(f, " keys {keys}"))
    }
}

impl Display for Keys {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Keys::One(name) => f.write_str(&key(name)),
            Keys::Uniform(count) => write!(f, "uniform({count})"),
            Keys::Zipf(exponent, ZIPF_KEYS) => write!(f, "zipf({exponent})"),
            Keys::Zipf(exponent, count) => write!(f, "zipf({exponent}, {count})"),
        }
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Place::Node(node) => node.fmt(f),
            Place::Named(zone) => f.write_str(zone),
        }
    }
}

impl Display for Direction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Both => "|",
            Direction::OneWay => "->",
        })
    }
}

impl Display for Link {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Link::All => f.write_str("all"),
            Link::Between(from, way, to) => write!(f, "{from} {way} {to}"),
        }
    }
}

impl Display for DiskFate {
    /// What follows the place in `crash n1 losing unsynced`, with the space before it.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DiskFate::Kept => "",
            DiskFate::LosesUnsynced => " losing unsynced",
            DiskFate::Wiped => " wiping disk",
        })
    }
}

/// Several places, with spaces between.
struct Places<'a>(&'a [Place]);

impl Display for Places<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, place) in self.0.iter().enumerate() {
            let space = if i > 0 { " " } else { "" };
            write!(f, "{space}{place}")?;
        }
        Ok(())
    }
}

/// Bytes per second in the largest unit that is exact; `None` is `unlimited`.
#[derive(Clone, Copy, Debug)]
pub struct Bandwidth(pub Option<u64>);

impl Display for Bandwidth {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(rate) = self.0 else { return f.write_str("unlimited") };
        let exact = BANDWIDTH_UNITS.iter().find(|(_, unit)| rate.is_multiple_of(*unit));
        let (name, unit) = exact.copied().unwrap_or(("B/s", 1));
        write!(f, "{}{name}", rate / unit)
    }
}

fn sign(ns: i64) -> char {
    if ns < 0 { '-' } else { '+' }
}

fn word(text: &str) -> String {
    if is_bare(text) { text.to_string() } else { quote(text) }
}

fn key(text: &str) -> String {
    if is_key(text) { text.to_string() } else { quote(text) }
}

/// A value of a setting goes on to the end of the line, so it may hold spaces and arrows without quotes.
fn setting(text: &str) -> String {
    let special = |c: char| c.is_control() || "\";\\#".contains(c);
    let bare = !text.is_empty() && text.trim() == text && !text.contains(special) && harmless::line(text) == text;
    if bare { text.to_string() } else { quote(text) }
}

/// A text that would read as a number or as a word of the language is quoted.
fn value(value: &Value) -> String {
    match value {
        Value::Int(n) => n.to_string(),
        Value::Text(text) if Value::from(&**text) != *value || RESERVED.contains(&&**text) => quote(text),
        Value::Text(text) => word(text),
    }
}
