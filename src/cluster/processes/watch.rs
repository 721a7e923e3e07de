//! What the judges and the facts remember beside the history.

use std::sync::Arc;

use crate::cluster::live::{self, Seen};
use crate::persistent::OrdSet;
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
    /// The programs that clients have asked and that have answered none since, in this life of theirs.
    asked: OrdSet<NodeId>,
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
    /// Who was asked by a client, and who has answered one. What a program was asked dies with it, and with nothing else.
    fn listen(&mut self, seen: &Seen<'_, Processes>) {
        for entry in seen.trace {
            match &entry.what {
                Trace::Arrived(leg) if leg.to.is_client() => _ = self.asked.remove(&leg.from),
                Trace::Arrived(leg) if leg.from.is_client() => _ = self.asked.insert(leg.to),
                _ => {}
            }
        }
        let down: Vec<NodeId> = self.asked.iter().copied().filter(|id| !seen.sim.node(*id).is_up()).collect();
        for id in down {
            self.asked.remove(&id);
        }
    }

    /// Whether a program went that nobody stopped by a poke.
    pub fn has_gone(&self) -> bool {
        self.gone.is_some()
    }

    /// Whether a program was asked by clients and has answered none since.
    pub fn is_asked(&self, node: NodeId) -> bool {
        self.asked.contains(&node)
    }

    fn note(&mut self, who: NodeId, note: &Note) {
        match note {
            Note::Ready => self.ready += 1,
            Note::Says(_) => {}
            Note::Gone(_) => _ = self.gone.get_or_insert_with(|| note.sentence(&who.to_string()).into()),
            Note::Odd(..) | Note::Unread(_) | Note::Senseless(_) => {
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

/// Whether somebody's doing keeps a program from answering: it is down or stands still, a cut parts it from anybody, messages are held, or a
/// service is down. That another program is down, and that messages are late or lost, is no excuse for writing nothing at all.
pub fn is_excused(sim: &Sim<Processes>, node: NodeId) -> bool {
    let stands = |id: NodeId| !sim.node(id).is_up() || sim.node(id).is_paused();
    let network = sim.network();
    let parted = || sim.ids().any(|other| other != node && (network.is_cut(node, other) || network.is_cut(other, node)));
    let service = || sim.server_ids().any(|id| heard::service(sim, id).is_some() && stands(id));
    stands(node) || sim.holds_all() || (!network.walls().is_empty() && parted()) || service()
}

/// The servers that run programs.
pub(super) fn programs(sim: &Sim<Processes>) -> impl Iterator<Item = NodeId> {
    sim.server_ids().filter(|id| heard::service(sim, *id).is_none())
}
