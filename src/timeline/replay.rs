//! A run as text: what was started, what was done at which event, and fingerprints to tell whether it happened again.
//!
//! ```text
//! splitbrain-replay 2
//! model replicated
//! set replication async
//! seed 7
//! poke 41 300ms cut n1 | n2 n3
//! check 1024 5f0c2b9d6a1e4478
//! end 1730 2.31s 09ab6c5d4e3f2211
//! ```
//!
//! One item a line, or several separated by `; `; a line that starts with `#` is a comment. Times are virtual and exact.

use std::fmt;

use super::Timeline;
use super::tree::PokeAt;
use crate::cluster::Scenario;
use crate::command::Poke;
use crate::sim::time::{Span, Time};

/// The version that is written. Earlier ones are read too; runs of version 1 may go another way where a server was paused or slowed while
/// it was busy, or where a client had more than a thousand requests open.
pub const REPLAY_VERSION: u64 = 2;

/// A fingerprint is kept every so many events; in runs of more than a million events, less often.
pub const CHECK_EVERY: u64 = 1024;

/// Everything needed to run again what was run, and to tell whether it went the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The version of the form, which is that of the kernel too: 1 to [`REPLAY_VERSION`].
    pub version: u64,
    /// What was started.
    pub scenario: Scenario,
    /// What was done, in the order of the events.
    pub pokes: Vec<PokeAt>,
    /// The fingerprints on the way, in the order of the events.
    pub checks: Vec<Check>,
    /// Where the run was left.
    pub end: End,
}

/// The fingerprint after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The number of the event.
    pub event: u64,
    /// [`crate::cluster::Cluster::fingerprint`] after it.
    pub fingerprint: u64,
}

/// The last moment of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// How many events happened.
    pub event: u64,
    /// The clock: at or after the last event.
    pub at: Time,
    /// The fingerprint after the last event.
    pub fingerprint: u64,
}

impl Timeline {
    /// The path being played, up to the furthest moment seen on it.
    pub fn replay(&self) -> Replay {
        let seen = self.tree.seen();
        let mut whole = self.fork();
        whole.seek_event(seen.events);
        let checks = whole.checkpoints.fingerprints(CHECK_EVERY, seen.events.saturating_sub(1));
        Replay {
            version: REPLAY_VERSION,
            scenario: self.scenario.clone(),
            pokes: self.pokes(),
            checks: checks.into_iter().map(|(event, fingerprint)| Check { event, fingerprint }).collect(),
            end: End { event: seen.events, at: seen.at, fingerprint: seen.fingerprint },
        }
    }
}

impl Replay {
    /// The items of the text form, in order; none holds a line break.
    fn items(&self) -> Vec<String> {
        let mut items = vec![format!("splitbrain-replay {}", self.version)];
        items.extend(scenario_items(&self.scenario));
        let pokes = self.pokes.iter().map(|p| (p.event, 0, format!("poke {} {} {}", p.event, Span(p.at.0), p.poke)));
        let checks = self.checks.iter().map(|c| (c.event, 1, format!("check {} {:016x}", c.event, c.fingerprint)));
        let mut run: Vec<(u64, u8, String)> = pokes.chain(checks).collect();
        run.sort_by_key(|(event, kind, _)| (*event, *kind));
        items.extend(run.into_iter().map(|(_, _, text)| text));
        items.push(format!("end {} {} {:016x}", self.end.event, Span(self.end.at.0), self.end.fingerprint));
        items
    }

    /// The same text in one line, its items separated by `; `.
    pub fn one_line(&self) -> String {
        self.items().join("; ")
    }

    /// A command line that runs it, to be pasted into a shell: `splitbrain replay '...'`.
    pub fn command_line(&self) -> String {
        format!("splitbrain replay '{}'", self.one_line().replace('\'', r"'\''"))
    }
}

fn scenario_items(scenario: &Scenario) -> Vec<String> {
    let mut items = vec![format!("model {}", scenario.model)];
    items.extend(scenario.nodes.map(|n| format!("nodes {n}")));
    items.extend(scenario.clients.map(|n| format!("clients {n}")));
    for (zone, nodes) in &scenario.zones {
        let nodes = nodes.iter().map(ToString::to_string);
        items.push(["zone".to_string(), zone.clone()].into_iter().chain(nodes).collect::<Vec<_>>().join(" "));
    }
    items.extend(scenario.settings.iter().map(|(name, value)| Poke::Set(name.clone(), value.clone()).to_string()));
    items.push(format!("seed {}", scenario.seed));
    items
}

impl fmt::Display for Replay {
    /// The text form, one item a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items().iter().try_for_each(|item| writeln!(f, "{item}"))
    }
}
