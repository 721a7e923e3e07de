//! Faults for a run that nobody watches: one after another, drawn by the seed, each healed before the next.

use std::time::Duration;

use crate::command::{Command, Poke};
use crate::sim::draw::{Concern, Draws, Stream};
use crate::sim::id::NodeId;

use crate::cluster::processes::MODEL;

/// A kind of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Fault {
    /// A process is killed, and started again.
    Kill,
    /// A process stands still for a while.
    Pause,
    /// The nodes fall into two parts that do not hear each other.
    Cut,
    /// One message of five is lost.
    Drop,
    /// Messages take long, each another time.
    Delay,
}

/// What is done at which time, and what heals it.
pub(super) struct Planned {
    pub(super) at: Duration,
    pub(super) pokes: Vec<Poke>,
}

/// From the start of one fault to the start of the next.
const EVERY: Duration = Duration::from_secs(3);

/// How long one lasts.
const LASTS: Duration = Duration::from_millis(1500);

/// Faults for a run of this length, of these kinds in turn from a first that is drawn; none begins where it could not be healed in time.
pub(super) fn plan(kinds: &[Fault], nodes: u16, latency: &str, seed: u64, length: Duration) -> Vec<Planned> {
    let mut draws = Draws::new(seed).at(Concern::Protocol, u64::MAX);
    let mut planned = Vec::new();
    let (every, lasts) = if length < EVERY * 2 { (length / 2, length / 4) } else { (EVERY, LASTS) };
    let first = draws.below(kinds.len().max(1) as u64) as usize;
    let mut at = every / 3;
    for kind in kinds.iter().cycle().skip(first) {
        if at + lasts > length {
            break;
        }
        let (begin, end) = commands(*kind, nodes, latency, &mut draws);
        planned.push(Planned { at, pokes: vec![poke(&begin)].into_iter().flatten().collect() });
        planned.push(Planned { at: at + lasts, pokes: vec![poke(&end)].into_iter().flatten().collect() });
        at += every;
    }
    planned
}

fn commands(kind: Fault, nodes: u16, latency: &str, draws: &mut Stream) -> (String, String) {
    let one = NodeId::server(draws.below(u64::from(nodes)) as u16);
    match kind {
        Fault::Kill => (format!("crash {one}"), format!("restart {one}")),
        Fault::Pause => (format!("pause {one}"), format!("resume {one}")),
        Fault::Cut if nodes > 1 => (cut(nodes, draws), "heal".to_string()),
        Fault::Cut => (format!("cut {one} | c1"), "heal".to_string()),
        Fault::Drop => ("loss all 0.2".to_string(), "loss all 0".to_string()),
        Fault::Delay => ("latency all exp(300ms)".to_string(), format!("latency all {latency}")),
    }
}

/// A cut into two parts, none of them empty.
fn cut(nodes: u16, draws: &mut Stream) -> String {
    let all: Vec<NodeId> = (0..nodes).map(NodeId::server).collect();
    let (first, last) = (draws.below(all.len() as u64) as usize, all.len());
    let count = 1 + draws.below(last as u64 / 2) as usize;
    let turned: Vec<String> = (0..last).map(|i| all[(first + i) % last].to_string()).collect();
    format!("cut {} | {}", turned[..count].join(" "), turned[count..].join(" "))
}

/// A command of the model as a poke.
pub(super) fn poke(command: &str) -> Option<Poke> {
    match MODEL.language.parse(command) {
        Ok(Command::Poke(poke)) => Some(poke),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_a_command_and_is_healed_in_time() {
        use Fault::{Cut, Delay, Drop, Kill, Pause};
        for nodes in [1, 2, 3, 5, 25] {
            for seed in 0..20 {
                let length = Duration::from_secs(20);
                let plan = plan(&[Kill, Pause, Cut, Drop, Delay], nodes, "const(10ms)", seed, length);
                assert!(plan.len() >= 10 && plan.iter().all(|planned| planned.pokes.len() == 1 && planned.at <= length), "{nodes} {seed}");
            }
        }
        assert!(!plan(&[Kill], 3, "const(0s)", 1, Duration::from_secs(2)).is_empty(), "a short run has its fault too");
        assert!(plan(&[], 3, "const(0s)", 1, Duration::from_secs(20)).is_empty());
    }
}
