//! Arbitrary commands, for property tests of every room. Boxed, because unoptimized builds put whole value trees on the stack.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{Arg, Call, Command, Direction, DiskFate, Drive, Keys, Language, Link, Place, Poke, Workload};
use crate::check::operation::{Key, Op, Value};
use crate::cluster::kit::register::asked;
use crate::cluster::replicated;
use crate::sim::arbitrary::{arrivals, dist};
use crate::sim::arrivals::Arrivals;
use crate::sim::bounds::LONGEST;
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::Span;

/// The language of these commands: that of a model with calls and a verb of its own.
pub(crate) const LANGUAGE: Language = replicated::MODEL.language;

/// Any command of the language.
pub(crate) fn command() -> BoxedStrategy<Command> {
    prop_oneof![6 => poke().prop_map(Command::Poke), 1 => drive().prop_map(Command::Drive)].boxed()
}

/// Anything done to the clock.
pub(crate) fn drive() -> BoxedStrategy<Drive> {
    prop_oneof![
        (1u64..=1_000_000).prop_map(Drive::Step),
        span().prop_map(Drive::Run),
        "\\PC{1,20}".prop_map(Drive::Until),
        any::<u64>().prop_map(Drive::Seed),
    ]
    .boxed()
}

/// Anything done to the cluster.
pub(crate) fn poke() -> BoxedStrategy<Poke> {
    prop_oneof![on_node(), on_wire(), on_message(), by_client()].boxed()
}

fn on_node() -> BoxedStrategy<Poke> {
    let fate = prop_oneof![Just(DiskFate::Kept), Just(DiskFate::LosesUnsynced), Just(DiskFate::Wiped)];
    prop_oneof![
        (place(), fate).prop_map(|(p, f)| Poke::Crash(p, f)),
        place().prop_map(Poke::Restart),
        place().prop_map(Poke::Pause),
        place().prop_map(Poke::Resume),
        (place(), 0.001..1e6).prop_map(|(p, x)| Poke::Slow(p, x)),
        (place(), -(LONGEST.0 as i64)..=LONGEST.0 as i64).prop_map(|(p, ns)| Poke::Skew(p, ns)),
        (place(), -900_000..=900_000).prop_map(|(p, ppm)| Poke::Drift(p, ppm)),
        (place(), any::<String>()).prop_map(|(p, timer)| Poke::Fire(p, timer)),
        place().prop_map(Poke::FullDisk),
        place().prop_map(Poke::FreeDisk),
        server().prop_map(|n| Poke::Operate(Call::new(&LANGUAGE.verbs[0].verb, vec![Arg::Place(Place::Node(n))]))),
        (any::<String>(), any::<String>()).prop_map(|(name, value)| Poke::Set(name, value)),
    ]
    .boxed()
}

fn on_wire() -> BoxedStrategy<Poke> {
    prop_oneof![
        (places(), direction(), places()).prop_map(|(a, way, b)| Poke::Cut(a, way, b)),
        (places(), direction(), places()).prop_map(|(a, way, b)| Poke::Heal(a, way, b)),
        Just(Poke::HealAll),
        (link(), dist()).prop_map(|(l, d)| Poke::Latency(l, d)),
        (link(), 0.0..=1.0).prop_map(|(l, p)| Poke::Loss(l, p)),
        (link(), 0.0..=1.0).prop_map(|(l, p)| Poke::Duplication(l, p)),
        (link(), 0.0..=1.0).prop_map(|(l, p)| Poke::Reordering(l, p)),
        (link(), option::of(1..=u64::MAX)).prop_map(|(l, rate)| Poke::Bandwidth(l, rate)),
        (link(), (1..2_000_000u64)).prop_map(|(l, kb)| Poke::Bandwidth(l, Some(kb * 1000))),
    ]
    .boxed()
}

fn on_message() -> BoxedStrategy<Poke> {
    let id = || prop_oneof![0..40u64, any::<u64>()].prop_map(MsgId);
    prop_oneof![
        id().prop_map(Poke::Drop),
        id().prop_map(Poke::Hold),
        id().prop_map(Poke::Release),
        id().prop_map(Poke::Duplicate),
        id().prop_map(Poke::Deliver),
        (id(), any::<u32>()).prop_map(|(id, us)| Poke::Delay(id, Span::us(us.into()))),
        Just(Poke::HoldAll),
        Just(Poke::ReleaseAll),
        Just(Poke::ReleaseInOrder),
    ]
    .boxed()
}

fn by_client() -> BoxedStrategy<Poke> {
    prop_oneof![
        (client(), op(), option::of(server())).prop_map(|(client, op, server)| Poke::Ask { client, call: asked(&op), server }),
        (client(), option::of(workload())).prop_map(|(c, w)| Poke::Workload(c, w)),
    ]
    .boxed()
}

/// Any operation of a client.
pub(crate) fn op() -> BoxedStrategy<Op> {
    prop_oneof![
        key().prop_map(|key| Op::Read { key }),
        (key(), value()).prop_map(|(key, value)| Op::Write { key, value }),
        (key(), value()).prop_map(|(key, value)| Op::Append { key, value }),
        (key(), option::of(value()), value()).prop_map(|(key, expected, value)| Op::Cas { key, expected, value }),
    ]
    .boxed()
}

/// Whether it lets come so many requests, more than `most` a second or at once, that a test takes long.
pub(crate) fn is_flood(poke: &Poke, most: f64) -> bool {
    let Poke::Workload(_, Some(workload)) = poke else { return false };
    let greatest = match &workload.arrivals {
        Arrivals::Poisson(rate) | Arrivals::Steady(rate) => *rate,
        Arrivals::Bursts { size, every } => f64::from(*size).max(f64::from(*size) / every.as_secs()),
        Arrivals::Ramp { from, to, .. } => from.max(*to),
        Arrivals::Wave { high, .. } => *high,
        Arrivals::Closed { users, .. } => f64::from(*users) * 20.0,
        Arrivals::Trace(times) => times.len() as f64,
    };
    greatest > most
}

fn workload() -> BoxedStrategy<Workload> {
    let keys = prop_oneof![
        key().prop_map(Keys::One),
        (1..=1_000u32).prop_map(Keys::Uniform),
        (0.0..=10.0, prop_oneof![Just(100), 1..=1_000u32]).prop_map(|(s, n)| Keys::Zipf(s, n)),
    ];
    let weights = vec(any::<u32>(), 0..3).prop_filter("not all zero", |all| all.is_empty() || all.iter().any(|weight| *weight > 0));
    let mix = weights.prop_map(|weights| LANGUAGE.calls.iter().map(|call| &call.verb).zip(weights).collect());
    (arrivals(), mix, option::of(keys)).prop_map(|(arrivals, mix, keys)| Workload { arrivals, mix, keys }).boxed()
}

fn value() -> BoxedStrategy<Value> {
    let text = prop_oneof![any::<String>(), "-?[0-9]{1,3}", "nil|to|from|a->b|\\||\""];
    prop_oneof![any::<i64>().prop_map(Value::Int), text.prop_map(|t: String| Value::Text(t.into()))].boxed()
}

fn key() -> BoxedStrategy<Key> {
    prop_oneof!["[a-z]", "[-_.:a-zé0-9]{1,8}", "to|from|nil|off", any::<String>()].prop_map(|t: String| t.into()).boxed()
}

fn span() -> BoxedStrategy<Span> {
    prop_oneof![any::<u64>(), (0..10_000u64).prop_map(|ms| ms * 1_000_000)].prop_map(Span).boxed()
}

fn server() -> BoxedStrategy<NodeId> {
    index().prop_map(NodeId::server).boxed()
}

fn client() -> BoxedStrategy<NodeId> {
    index().prop_map(NodeId::client).boxed()
}

/// Often one that a small cluster has.
fn index() -> BoxedStrategy<u16> {
    prop_oneof![4 => 0..3u16, 1 => 0..300u16].boxed()
}

fn place() -> BoxedStrategy<Place> {
    prop_oneof![server().prop_map(Place::Node), client().prop_map(Place::Node), "eu|us-1|asia|losing|cut".prop_map(Place::Named),].boxed()
}

fn places() -> BoxedStrategy<Vec<Place>> {
    vec(place(), 1..4).boxed()
}

fn direction() -> BoxedStrategy<Direction> {
    prop_oneof![Just(Direction::Both), Just(Direction::OneWay)].boxed()
}

fn link() -> BoxedStrategy<Link> {
    prop_oneof![Just(Link::All), (place(), direction(), place()).prop_map(|(a, way, b)| Link::Between(a, way, b))].boxed()
}
