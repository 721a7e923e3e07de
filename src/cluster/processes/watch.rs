//! What the judges and the facts remember beside the history.

use std::sync::Arc;

use crate::cluster::live::{self, Seen};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::Kind;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::Time;
use crate::sim::trace::Trace;

use super::Processes;
use super::heard;
use super::note::Note;

/// What is remembered.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// How the first program went that nobody stopped by a poke, in a sentence.
    pub(super) gone: Option<Arc<str>>,
    /// The first line that made no sense, in a sentence.
    pub(super) odd: Option<Arc<str>>,
    /// How many made no sense.
    pub(super) odd_lines: usize,
    /// How many programs have answered `init`, each time that one was started.
    pub ready: usize,
    /// Changes that are asked for and not answered.
    changing: OrdSet<RequestId>,
    /// Since when nothing is being changed and nothing is out of order.
    quiet_since: Time,
    /// Whether something was out of order after the event before.
    troubled: bool,
    /// Of each program, since when clients have asked it and heard nothing, in good order.
    silent: OrdMap<NodeId, Time>,
    /// Questions that were asked when it had been quiet for long enough.
    pub(super) last: OrdSet<RequestId>,
}

impl live::Watch<Processes> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Processes>) {
        let now = seen.sim.now();
        for entry in seen.trace {
            if let Trace::Note(who, note) = &entry.what {
                self.note(*who, note);
            }
        }
        let troubled = is_troubled(seen.sim);
        if troubled || self.troubled {
            self.quiet_since = now;
        }
        self.troubled = troubled;
        if troubled {
            self.silent.clear();
        }
        self.listen(seen);
        for record in seen.records {
            match &record.kind {
                Kind::Invoke(op) if op.changes() => {
                    self.changing.insert(record.request);
                    self.quiet_since = now;
                }
                Kind::Invoke(_) => {
                    let is_quiet = !troubled && self.changing.is_empty();
                    if is_quiet && now.since(self.quiet_since) >= seen.sim.settings().settle {
                        self.last.insert(record.request);
                    }
                }
                _ if self.changing.remove(&record.request).is_some() => self.quiet_since = now,
                _ => {}
            }
        }
    }
}

impl Watch {
    /// Who was asked by a client, and who has answered one.
    fn listen(&mut self, seen: &Seen<'_, Processes>) {
        for entry in seen.trace {
            let Trace::Arrived(leg) = &entry.what else { continue };
            if leg.to.is_client() {
                self.silent.remove(&leg.from);
            } else if leg.from.is_client() && !self.troubled {
                self.silent.entry(leg.to).or_insert(entry.at);
            }
        }
    }

    /// Whether a program went that nobody stopped by a poke.
    pub fn has_gone(&self) -> bool {
        self.gone.is_some()
    }

    /// Since when a program was asked by clients and has answered none, with nothing out of order meanwhile.
    pub fn unanswered(&self, node: NodeId) -> Option<Time> {
        self.silent.get(&node).copied()
    }

    fn note(&mut self, who: NodeId, note: &Note) {
        match note {
            Note::Ready => self.ready += 1,
            Note::Says(_) => {}
            Note::Gone(_) => _ = self.gone.get_or_insert_with(|| note.sentence(&who.to_string()).into()),
            Note::Odd(..) | Note::Senseless(_) => {
                self.odd_lines += 1;
                self.odd.get_or_insert_with(|| note.sentence(&who.to_string()).into());
            }
        }
    }
}

/// Whether something is out of order by somebody's doing: a cut, a loss, a server that is down or stands still, a message that is held.
fn is_troubled(sim: &Sim<Processes>) -> bool {
    let network = sim.network();
    let loses = network.default_policy().loss > 0.0 || network.exceptions().any(|(_, _, policy)| policy.loss > 0.0);
    let stands = |id: NodeId| !sim.node(id).is_up() || sim.node(id).is_paused();
    !network.walls().is_empty() || loses || sim.holds_all() || sim.server_ids().any(stands)
}

/// The servers that run programs.
pub(super) fn programs(sim: &Sim<Processes>) -> impl Iterator<Item = NodeId> {
    sim.server_ids().filter(|id| heard::service(sim, *id).is_none())
}
