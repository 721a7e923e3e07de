//! The one command language: keys, the palette, lesson files, `--do`, replays and the random fault generator all speak it.
//!
//! A [`Command`] is either a [`Poke`], which acts on the cluster and is recorded, or a [`Drive`], which moves the clock.

#[cfg(test)]
pub(crate) mod arbitrary;
mod arguments;
mod complete;
mod error;
mod language;
mod numbers;
mod parse;
mod print;
#[cfg(test)]
mod tests;
mod tokens;
pub mod verbs;
mod vocabulary;

pub use arguments::is_zone;
pub use complete::{Completion, complete};
pub use error::{CommandError, caret};
pub use language::{Arg, Call, CallDoc, Language, VerbDoc};
pub use print::Bandwidth;
pub use vocabulary::{SettingName, Vocabulary};

use crate::check::operation::Key;
use crate::sim::arrivals::Arrivals;
use crate::sim::dist::Dist;
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::Span;
use verbs::Verb;

/// One line of the command language.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Something done to the cluster.
    Poke(Poke),
    /// Something done to the clock.
    Drive(Drive),
}

/// Moves the clock; is not part of a replay.
#[derive(Clone, Debug, PartialEq)]
pub enum Drive {
    /// `step` or `step 5`: that many events.
    Step(u64),
    /// `run 2s`: this much virtual time.
    Run(Span),
    /// `until "leaders >= 2"`: until a condition over facts holds.
    Until(String),
    /// `seed 7`: start again with another seed.
    Seed(u64),
}

/// Acts on the cluster at the present moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Poke {
    /// `crash n1`, `crash n1 losing unsynced`, `crash n1 wiping disk`.
    Crash(Place, DiskFate),
    /// `restart n1`.
    Restart(Place),
    /// `pause n1`: its process stops; messages wait.
    Pause(Place),
    /// `resume n1`.
    Resume(Place),
    /// `cut n1 n2 | n3`: nothing passes between the two sides; `cut n1 -> n3`: nothing passes one way.
    Cut(Vec<Place>, Direction, Vec<Place>),
    /// `heal`: every cut.
    HealAll,
    /// `heal n1 -> n3` or `heal n1 | n3`.
    Heal(Vec<Place>, Direction, Vec<Place>),
    /// `slow n2 10x`: everything it does takes ten times as long; `1x` is normal.
    Slow(Place, f64),
    /// `latency n1 -> n2 exp(20ms)`, or `latency n1 | n2 ...` for both ways.
    Latency(Link, Dist),
    /// `loss n1 -> n2 0.2`: a probability in 0..=1.
    Loss(Link, f64),
    /// `duplication n1 -> n2 0.1`: a probability in 0..=1.
    Duplication(Link, f64),
    /// `reordering n1 -> n2 0.1`: the probability that a message lets later ones overtake it.
    Reordering(Link, f64),
    /// `bandwidth n1 -> n2 1MB/s`: bytes per second; `None` is `unlimited`.
    Bandwidth(Link, Option<u64>),
    /// `drop #12`: it dies on the wire.
    Drop(MsgId),
    /// `hold #12`: it stops where it is.
    Hold(MsgId),
    /// `release #12`: a held message goes on.
    Release(MsgId),
    /// `duplicate #12`.
    Duplicate(MsgId),
    /// `deliver #12`: it arrives now.
    Deliver(MsgId),
    /// `delay #12 200ms`: it comes so much later; one that is held goes on, and comes so much later than now.
    Delay(MsgId, Span),
    /// `hold all`: every message in flight, and every later one when it is sent.
    HoldAll,
    /// `release all`.
    ReleaseAll,
    /// `release all in order`: what a wire keeps in order arrives in order, however long each message was held.
    ReleaseInOrder,
    /// `skew n2 +3s`, `skew n2 -20ms`: its clock is set off by this much, in nanoseconds.
    Skew(Place, i64),
    /// `drift n2 +200ppm`: its clock runs fast or slow, in parts per million.
    Drift(Place, i32),
    /// `fire n2 election`: this timer of it goes off now.
    Fire(Place, String),
    /// `full-disk n1`: writes to its disk fail.
    FullDisk(Place),
    /// `free-disk n1`.
    FreeDisk(Place),
    /// What an operator of this model can do, such as `promote n2`.
    Operate(Call),
    /// `set replication async`: change a setting while it runs.
    Set(String, String),
    /// What a client of this model can ask, such as `c1 write x 1` or `c1 read x from n2`; `to n2` or `from n2` picks the server.
    Ask {
        /// The client.
        client: NodeId,
        /// What it asks.
        call: Call,
        /// The server it asks, instead of the one its routing would pick.
        server: Option<NodeId>,
    },
    /// `workload c1 10/s read:write 9:1 keys zipf(0.99)`, `workload c1 closed 20 think exp(1s)`; `workload c1 off` is `None`.
    Workload(NodeId, Option<Workload>),
}

/// A node, or what the cluster knows by this name: every node of a zone (`eu`), or a node by the name that its model gives it (`lb`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// `n1` or `c1`.
    Node(NodeId),
    /// A name: lower-case letters, digits and `-`, not spelled like a node's number.
    Named(String),
}

/// Both ways (`|`) or one way (`->`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `a | b`.
    Both,
    /// `a -> b`.
    OneWay,
}

/// The wires a setting applies to.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    /// `all`: the default for every wire.
    All,
    /// `a -> b` or `a | b`.
    Between(Place, Direction, Place),
}

/// What a crash does to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFate {
    /// The process dies, the machine lives: everything written survives.
    Kept,
    /// Power is lost: what was not synced is gone.
    LosesUnsynced,
    /// The disk is gone.
    Wiped,
}

/// A stream of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// When they come.
    pub arrivals: Arrivals,
    /// What is asked, and how often relative to each other; not all zero. Empty: what the model asks by itself.
    pub mix: Vec<(&'static Verb, u32)>,
    /// Which keys; `None`: the one that the model takes by itself.
    pub keys: Option<Keys>,
}

/// Which keys a workload touches.
#[derive(Clone, Debug, PartialEq)]
pub enum Keys {
    /// `keys x`: only this key.
    One(Key),
    /// `keys uniform(20)`: `k0` .. `k19`, equally likely.
    Uniform(u32),
    /// `keys zipf(0.99)` or `keys zipf(0.99, 100)`: `k0` most often; exponent and number of keys (100 unless said).
    Zipf(f64, u32),
}
