//! The mini-clusters and their common face: all that timeline, lessons, lab and screens know of them.
//!
//! To add a cluster, make a folder beside [`replicated`], write a `mod` line here and a line in [`registry`]; nothing else names it:
//!
//! 1. The protocol, a pure state machine of servers and clients ([`crate::sim::protocol::Protocol`]), tested on the simulator alone.
//!    What needs no simulator (a hash ring, a balancing policy) lives in [`crate::algo`].
//! 2. Its settings, declared once with `settings!` and `words!` ([`kit::settings`]), what others have too by its name in
//!    [`kit::settings::shared`], and all of them in a few words ([`live::Captioned`]).
//! 3. What clients ask and operators do: tables of [`kit::ask::Ask`] and [`kit::ask::Deed`]. The command language, completion, help,
//!    palette, footer, replays and hunts are made from their forms. A store of keys takes those of [`kit::register`].
//! 4. What the facts remember ([`live::Watch`]) and the facts ([`kit::facts`]), each with its sentence; those worth a chart are named in
//!    [`model::Model::series`].
//! 5. What it can be held to: guarantees ([`crate::check::verdict::Guarantee`]) and their judges in [`crate::check`]; what must hold
//!    after every event ([`live::Upheld`]).
//! 6. The picture: rows of each server, a layout, panels, knobs ([`scene`]); its messages ([`live::Labelled`]) and notes ([`live::Worded`])
//!    in words; the moments at which a fault may do the most harm ([`live::Moments`]).
//! 7. [`live::Staged`], which names all of these, and the [`model::Model`] of the registry.
//!
//! The laws of a sound model are then tested for it, and so is every lesson that runs on it; its table of promises goes beside the
//! others of the hunt.

pub mod ahead;
#[cfg(test)]
mod ahead_tests;
pub mod budget;
pub mod cache;
pub mod commit_log;
pub mod condition;
pub mod consensus;
pub mod exchange;
pub mod facts;
pub mod fleet;
pub mod gateway;
pub mod gossip;
pub mod kit;
#[cfg(test)]
mod laws_tests;
pub mod limiter;
pub mod live;
pub mod model;
pub mod moment;
pub mod multi_leader;
pub mod phrase;
pub mod processes;
pub mod proxy;
pub mod quorum;
pub mod redis;
pub mod registry;
pub mod replicated;
pub mod ring;
pub mod scene;
pub mod series;
pub mod stores;
pub mod tell;
pub mod told;
pub mod traffic;
pub mod vocabulary;
pub mod words;
pub mod work_queue;

use std::any::Any;

use crate::check::verdict::Verdicts;
use crate::command::Poke;
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::{Span, Time};

use ahead::Ahead;
use facts::Facts;
use moment::Moment;
use scene::{FlightKind, Scene};
use series::Series;
use told::{Exchange, Stamp, Told};

/// A live cluster on the simulator. [`Cluster::fork`] is the snapshot: a fork equals its origin and goes on alone.
///
/// It may be run on another thread than the one that shows it.
pub trait Cluster: Send + Sync {
    /// The virtual time reached.
    fn now(&self) -> Time;

    /// The time of the next event; `None` when nothing will ever happen again.
    fn next_at(&self) -> Option<Time>;

    /// Carries out the next event. `None` when there is none.
    fn step(&mut self) -> Option<Fired>;

    /// Carries out every event up to and including time `t`, at most `budget` of them, then sets the clock to `t` unless stopped before.
    fn run_until(&mut self, t: Time, budget: u64) -> Stop;

    /// Carries out so many events, or fewer where nothing is left to happen. The clock stays at the last.
    fn run_events(&mut self, events: u64) {
        for _ in 0..events {
            if self.step().is_none() {
                return;
            }
        }
    }

    /// Does something to the cluster now. It counts as one event. A refusal changes nothing.
    fn apply(&mut self, poke: &Poke) -> Result<(), Refused>;

    /// What can be done now, each with all its parameters, and why not where it cannot.
    fn enabled(&self) -> Vec<Choice>;

    /// What can happen next, where messages wait until they are chosen (`hold all`); else nothing.
    fn ahead(&self) -> Ahead {
        Ahead::default()
    }

    /// The time of the next event, where it is due at this very moment or is the end of what a node is busy with; `None` where time has to
    /// pass until something else comes.
    fn goes_on_at(&self) -> Option<Time> {
        None
    }

    /// Fills in the picture at `at`, which is [`Cluster::now`] or later but before the next event.
    fn scene(&self, at: Time, out: &mut Scene);

    /// Fills in the facts of now.
    fn facts(&self, out: &mut Facts);

    /// What the facts that are worth it were over virtual time; `None` where there are none.
    fn series(&self) -> Option<&Series> {
        None
    }

    /// What the history so far satisfies. Costs a search: ask only when [`Cluster::history_len`] changed.
    fn verdicts(&self) -> Verdicts;

    /// What clients asked and were told so far, in the order of the calls; the id of each is its index.
    fn exchanges(&self) -> Vec<Exchange>;

    /// The newest of [`Cluster::exchanges`], at most so many, and the index of the first of them.
    fn recent(&self, most: usize) -> (usize, Vec<Exchange>) {
        let mut all = self.exchanges();
        let first = all.len().saturating_sub(most);
        (first, all.split_off(first))
    }

    /// How many lines the history has.
    fn history_len(&self) -> usize;

    /// What the lines of the history from number `line` on tell, in order: with them, what was known of the exchanges before is brought
    /// up to date. None where there is no history.
    fn told_since(&self, line: usize) -> Vec<Told> {
        let _ = line;
        Vec::new()
    }

    /// Appends what happened from `from` on (inclusive), in order: messages that arrived or died, faults, operations, notes.
    fn happenings(&self, from: Time, out: &mut Vec<Happening>);

    /// The newest of [`Cluster::happenings`], at most so many.
    fn latest(&self, from: Time, most: usize, out: &mut Vec<Happening>) {
        let start = out.len();
        self.happenings(from, out);
        let spare = (out.len() - start).saturating_sub(most);
        out.drain(start..start + spare);
    }

    /// Fills in what the protocol is in the middle of now.
    fn moments(&self, out: &mut Vec<Moment>);

    /// How long after the last fault, with everybody up, until the cluster must be in order again.
    fn patience(&self) -> Span;

    /// The servers that a client may sensibly ask by name, instead of leaving it to its routing, from the newest to the oldest: those
    /// that believe that they lead.
    fn open_to(&self) -> Vec<NodeId>;

    /// The current value of every setting, in the order of the documentation.
    fn settings(&self) -> Vec<(&'static str, String)>;

    /// From here on everything is drawn by another seed; what was drawn before, such as when a message on its way arrives, stays.
    fn reseed(&mut self, seed: u64);

    /// A snapshot that goes on by itself.
    fn fork(&self) -> Box<dyn Cluster>;

    /// A snapshot to go on from, which remembers as little as it can of what happened before.
    fn checkpoint(&self) -> Box<dyn Cluster> {
        self.fork()
    }

    /// From here on it remembers what happened during so many of the newest events, and may forget what is older. It never changes a run.
    fn remember_only(&mut self, events: u64) {
        let _ = events;
    }

    /// From here on it keeps the past of these facts alone, for [`Cluster::series`]. It never changes a run.
    fn sample_only(&mut self, facts: &[&'static str]) {
        let _ = facts;
    }

    /// The newest moment of which, and of all before it, it may have forgotten what happened; `None`: it remembers everything.
    fn forgotten(&self) -> Option<Stamp> {
        None
    }

    /// A number folded at every event: equal runs have equal fingerprints.
    fn fingerprint(&self) -> u64;

    /// How many events happened, pokes included.
    fn events(&self) -> u64;

    /// Roughly how much memory the run so far holds, in bytes. Equal runs hold as much on every machine.
    fn bytes(&self) -> u64;

    /// Roughly how much of that a fork copies and does not share, in bytes.
    fn copied_bytes(&self) -> u64;

    /// Roughly the bytes that a checkpoint of it will hold alone when the run has gone on.
    fn kept_bytes(&self) -> u64 {
        self.copied_bytes()
    }

    /// For tests that know which cluster it is.
    fn as_any(&self) -> &dyn Any;
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The number of the event, from 1.
    pub event: u64,
    /// When.
    pub at: Time,
    /// Whether a learner would want to stop here: a role changed, an operation ended, something was lost.
    pub noteworthy: bool,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The time was reached.
    Reached,
    /// The number of events allowed was used up first.
    Budget,
    /// A limit of the simulator was hit: which, in words. The run cannot go on.
    Limit(String),
}

/// Why a poke is not possible, in a learner's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Something that can, or cannot, be done now.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The whole poke.
    pub poke: Poke,
    /// Why not; `None` when it can be done.
    pub refused: Option<String>,
}

/// One thing that happened, for narration and the space-time diagram.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// The event during which it happened.
    pub event: u64,
    /// When.
    pub at: Time,
    /// What.
    pub what: What,
}

/// The kinds of things that happen.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A message arrived.
    Arrived {
        /// Which message.
        id: MsgId,
        /// Sender.
        from: NodeId,
        /// Receiver.
        to: NodeId,
        /// When it was sent.
        sent: Time,
        /// What it was for.
        kind: FlightKind,
    },
    /// A message died.
    Lost {
        /// Which message.
        id: MsgId,
        /// Sender.
        from: NodeId,
        /// The receiver it never reached.
        to: NodeId,
        /// When it was sent.
        sent: Time,
        /// What it was for.
        kind: FlightKind,
        /// Why, in a word or two: `lost`, `cut`, `n1 is down`.
        why: &'static str,
    },
    /// Somebody poked the cluster.
    Poked(Poke),
    /// A client asked something; the index into [`Cluster::exchanges`].
    Called(usize),
    /// An exchange ended, with its outcome in short: `ok`, `7`, `refused`, `timeout`.
    Returned(usize, String),
    /// A node did something worth a sentence.
    Note {
        /// Who.
        node: NodeId,
        /// One sentence: what and why.
        text: String,
        /// The word for the timeline lane, and how it looks.
        mark: NoteMark,
    },
}

/// How a note shows on a node's lane of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteMark {
    /// It became leader.
    Leads,
    /// It stopped leading or became a follower.
    Follows,
    /// It suspects, asks for votes, decides.
    Decides,
    /// It took in data.
    Applies,
    /// It threw data away.
    Discards,
    /// It refused something.
    Refuses,
    /// Anything else, too small for a mark.
    Small,
}

/// Where a scenario starts: what a lesson's `[cluster]` section or `--model` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The name of the model: `replicated`.
    pub model: String,
    /// How many servers; `None` is the model's own number.
    pub nodes: Option<u16>,
    /// How many clients; `None` is the model's own number.
    pub clients: Option<u16>,
    /// The zones of the servers and clients by name: `[("eu", ["n1", "c1"])]`; empty: one place.
    pub zones: Vec<(String, Vec<NodeId>)>,
    /// Settings that differ from the defaults, by name.
    pub settings: Vec<(String, String)>,
    /// The seed of every random draw.
    pub seed: u64,
}

impl Scenario {
    /// A model with everything as it is by itself, and the first seed.
    pub fn of(model: &str) -> Scenario {
        Scenario { model: model.to_string(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 1 }
    }
}

/// Something wrong with a scenario: which part, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadScenario {
    /// The setting or field (`replication`, `nodes`, `model`), for pointing at it.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Why a message died that was thrown away as a copy of one that had arrived.
pub const COPY: &str = crate::sim::trace::Death::Repeated.why();

/// How long after it happened something still counts as just changed, in virtual time.
pub const JUST: Span = Span::ms(30);
